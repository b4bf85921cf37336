"""About the program itself."""

from __future__ import annotations

from inspector.commands.command import Command

COMMANDS: tuple[Command, ...] = (
    Command(
        id="inspector.about",
        title="About Inspector",
        menu="Help",
        tooltip="Version and licence",
        shortcuts=("F1",),
        handler=lambda desk: desk.about(),
    ),
)
