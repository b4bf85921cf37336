"""What is opened and saved: apps, recordings, the demo."""

from __future__ import annotations

from inspector.commands.command import Command

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
        needs="a recording",
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
        needs="an app, not a recording from a file",
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
)
