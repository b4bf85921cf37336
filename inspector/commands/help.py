"""About the program itself."""

from __future__ import annotations

from inspector.commands.command import Command

COMMANDS: tuple[Command, ...] = (
    Command(
        id="palette.open",
        title="Commands…",
        menu="Help",
        tooltip="Find a command by its name, and do it",
        shortcuts=("Ctrl+K",),
        handler=lambda desk: desk.palette(),
        icon="menu",
    ),
    Command(
        id="shortcuts.open",
        title="Shortcuts…",
        menu="Help",
        tooltip="Every shortcut there is, each to be changed",
        shortcuts=("Ctrl+Shift+K",),
        handler=lambda desk: desk.shortcuts(),
        icon="keyboard",
        ends_group=True,
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
