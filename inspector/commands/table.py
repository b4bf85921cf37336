"""All commands there are. The order is the order of the menus.

F5 to F10 and Ctrl+K are kept for stepping and the palette, which come with their issues.
"""

from __future__ import annotations

from collections.abc import Callable

from inspector.commands import copying
from inspector.commands.command import Command
from inspector.commands.desk import Desk, Facts, Theme


def _copy_curl(desk: Desk) -> None:
    if row := desk.selected():
        desk.copy(copying.curl(row, *desk.request(row)))


def _copy(text: Callable[..., str]) -> Callable[[Desk], None]:
    def handler(desk: Desk) -> None:
        if row := desk.selected():
            desk.copy(text(row))

    return handler


def _theme(choice: Theme) -> tuple[Callable[[Desk], object], Callable[[Facts], bool]]:
    return lambda desk: desk.theme(choice), lambda facts: facts.theme == choice


_system, _light, _dark = _theme("system"), _theme("light"), _theme("dark")

COMMANDS: tuple[Command, ...] = (
    Command(
        id="app.open",
        title="Open an app…",
        menu="File",
        tooltip="Load and serve an app: module:attr, or a file",
        shortcuts=("Ctrl+O",),
        handler=lambda desk: desk.open_app(),
        icon="app",
    ),
    Command(
        id="recording.open",
        title="Open a recording…",
        menu="File",
        tooltip="Show a recording that was saved before",
        shortcuts=("Ctrl+Shift+O",),
        handler=lambda desk: desk.open_recording(),
        icon="open",
    ),
    Command(
        id="demo.open",
        title="Open the demo",
        menu="File",
        tooltip="Serve a small shop, with its own traffic",
        shortcuts=("Ctrl+Shift+D",),
        handler=lambda desk: desk.demo(),
        icon="demo",
        ends_group=True,
    ),
    Command(
        id="recording.save",
        title="Save recording as…",
        menu="File",
        tooltip="Write everything recorded so far into one file",
        shortcuts=("Ctrl+Shift+S",),
        handler=lambda desk: desk.save_recording(),
        enabled=lambda facts: facts.recording,
        icon="save",
    ),
    Command(
        id="recording.clear",
        title="Clear",
        menu="File",
        tooltip="Drop every recorded exchange that is over",
        shortcuts=("Ctrl+Shift+L",),
        handler=lambda desk: desk.clear(),
        enabled=lambda facts: facts.recording and bool(facts.phase),
        icon="clear",
        ends_group=True,
    ),
    Command(
        id="inspector.quit",
        title="Quit",
        menu="File",
        tooltip="Stop the app and leave",
        shortcuts=("Ctrl+Q",),
        handler=lambda desk: desk.quit(),
    ),
    Command(
        id="session.start",
        title="Start",
        menu="App",
        tooltip="Load the app and serve it",
        shortcuts=("F4",),
        handler=lambda desk: desk.start(),
        enabled=lambda facts: facts.phase == "stopped",
        icon="start",
    ),
    Command(
        id="session.stop",
        title="Stop",
        menu="App",
        tooltip="Let running exchanges end, shut the app down and stop serving",
        shortcuts=("Shift+F4",),
        handler=lambda desk: desk.stop(),
        enabled=lambda facts: facts.running,
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
        icon="restart",
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
        icon="copy",
    ),
    Command(
        id="address.open",
        title="Open in browser",
        menu="App",
        tooltip="Open the app in your browser",
        shortcuts=("Ctrl+B",),
        handler=lambda desk: desk.browse(desk.address()),
        enabled=lambda facts: bool(facts.url),
        icon="external",
    ),
    Command(
        id="exchange.copy_path",
        title="Copy path",
        menu="Exchange",
        tooltip="Copy the path and query of the selected exchange",
        shortcuts=("Ctrl+Shift+P",),
        handler=_copy(copying.target),
        enabled=lambda facts: facts.selected,
        icon="copy",
    ),
    Command(
        id="exchange.copy_url",
        title="Copy URL",
        menu="Exchange",
        tooltip="Copy the whole URL of the selected exchange",
        shortcuts=("Ctrl+Shift+U",),
        handler=_copy(copying.url),
        enabled=lambda facts: facts.selected,
        icon="link",
    ),
    Command(
        id="exchange.copy_curl",
        title="Copy as cURL",
        menu="Exchange",
        tooltip="Copy a curl command that makes the same request, with its headers and the body as far as it was read",
        shortcuts=("Ctrl+Shift+C",),
        handler=_copy_curl,
        enabled=lambda facts: facts.selected,
        icon="terminal",
    ),
    Command(
        id="filter.focus",
        title="Filter…",
        menu="View",
        tooltip="Type a filter for the exchanges",
        shortcuts=("Ctrl+F", "Ctrl+L"),
        handler=lambda desk: desk.focus_filter(),
        enabled=lambda facts: facts.recording,
        icon="filter",
    ),
    Command(
        id="filter.clear",
        title="Clear filter",
        menu="View",
        tooltip="Show every exchange again",
        shortcuts=("Ctrl+Shift+F",),
        handler=lambda desk: desk.clear_filter(),
        enabled=lambda facts: facts.filtered,
    ),
    Command(
        id="view.follow",
        title="Follow the newest",
        menu="View",
        tooltip="Go to the newest exchange and stay there as more arrive; scrolling away ends it",
        shortcuts=("Ctrl+J",),
        handler=lambda desk: desk.follow(),
        enabled=lambda facts: facts.recording,
        checked=lambda facts: facts.following,
        ends_group=True,
    ),
    Command(
        id="theme.system",
        title="Colours of the system",
        menu="View",
        tooltip="Light or dark, as the system is",
        shortcuts=("Ctrl+Alt+1",),
        handler=_system[0],
        checked=_system[1],
    ),
    Command(
        id="theme.light",
        title="Light",
        menu="View",
        tooltip="Dark text on light surfaces",
        shortcuts=("Ctrl+Alt+2",),
        handler=_light[0],
        checked=_light[1],
    ),
    Command(
        id="theme.dark",
        title="Dark",
        menu="View",
        tooltip="Light text on dark surfaces",
        shortcuts=("Ctrl+Alt+3",),
        handler=_dark[0],
        checked=_dark[1],
    ),
    Command(
        id="inspector.about",
        title="About Inspector",
        menu="Help",
        tooltip="Version and licence",
        shortcuts=("F1",),
        handler=lambda desk: desk.about(),
    ),
)
