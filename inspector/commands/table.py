"""All commands there are. The order is the order of the menus.

F5 and F7 to F10 are kept for stepping, which comes with its issue.
"""

from __future__ import annotations

from inspector.commands import app, exchanges, files, help, view  # noqa: A004 - the menu's name
from inspector.commands.command import Command

COMMANDS: tuple[Command, ...] = (
    *files.COMMANDS,
    *app.COMMANDS,
    *exchanges.COMMANDS,
    *view.COMMANDS,
    *help.COMMANDS,
)
