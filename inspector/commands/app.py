"""The app that is served: its life and its address."""

from __future__ import annotations

from inspector.commands.command import Command
from inspector.commands.copying import is_unix

COMMANDS: tuple[Command, ...] = (
    Command(
        id="session.start",
        title="Start",
        menu="App",
        tooltip="Load the app and serve it",
        shortcuts=("F4",),
        handler=lambda desk: desk.start(),
        enabled=lambda facts: facts.phase == "stopped",
        needs="an app that is stopped",
        icon="start",
    ),
    Command(
        id="session.stop",
        title="Stop",
        menu="App",
        tooltip="Let running exchanges end, shut the app down and stop serving; once more: skip a held shutdown",
        shortcuts=("Shift+F4",),
        handler=lambda desk: desk.stop(),
        enabled=lambda facts: facts.running or (facts.phase == "stopping" and facts.holds > 0),
        needs="an app that runs",
        icon="stop",
    ),
    Command(
        id="session.restart",
        title="Restart",
        menu="App",
        tooltip="Load the app afresh; clients wait meanwhile, none is refused",
        shortcuts=("Ctrl+R",),
        handler=lambda desk: desk.restart(),
        enabled=lambda facts: facts.running or facts.phase == "stopped",
        needs="an app",
        icon="restart",
    ),
    Command(
        id="runs.show",
        title="Runs",
        menu="App",
        tooltip="Show every life of the engine: what changed, how each ended, what it wrote; and back to the messages",
        shortcuts=("Ctrl+Shift+R",),
        handler=lambda desk: desk.runs(),
        enabled=lambda facts: facts.recording,
        checked=lambda facts: facts.runs,
        icon="runs",
        ends_group=True,
    ),
    Command(
        id="address.copy",
        title="Copy address",
        menu="App",
        tooltip="Copy the URL the app is served at",
        shortcuts=("Ctrl+Shift+A",),
        handler=lambda desk: desk.copy(desk.address()),
        enabled=lambda facts: bool(facts.url),
        needs="an app that runs",
        icon="copy",
    ),
    Command(
        id="address.open",
        title="Open in browser",
        menu="App",
        tooltip="Open the app in your browser",
        shortcuts=("Ctrl+B",),
        handler=lambda desk: desk.browse(desk.address()),
        enabled=lambda facts: bool(facts.url) and not is_unix(facts.url),
        needs="an app that runs, on a port",
        icon="external",
    ),
)
