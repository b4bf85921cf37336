"""All commands there are. The order is the order of the menus."""

from __future__ import annotations

from inspector.commands import app, exchanges, files, help, past, stepping, view  # noqa: A004 - the menu's name
from inspector.commands.command import Command

COMMANDS: tuple[Command, ...] = (
    *files.COMMANDS,
    *app.COMMANDS,
    *exchanges.COMMANDS,
    *stepping.COMMANDS,
    *past.COMMANDS,
    *view.COMMANDS,
    *help.COMMANDS,
)
