"""Stepping through the past of an exchange; forward it goes with the keys of `commands.stepping`."""

from __future__ import annotations

from inspector.commands.command import Command

_NEEDS = "a selected exchange that is not held"

COMMANDS: tuple[Command, ...] = (
    Command(
        id="past.first",
        title="Step through the past",
        menu="Step",
        tooltip="Show the selected exchange as of its first message; Step goes on, message by message",
        shortcuts=("Ctrl+F12",),
        handler=lambda desk: desk.past("first"),
        enabled=lambda facts: facts.walkable,
        needs=_NEEDS,
    ),
    Command(
        id="past.back",
        title="Step back",
        menu="Step",
        tooltip="Show the exchange as of the message before; from the present, as of the last one",
        shortcuts=("F12", "Alt+Left"),
        handler=lambda desk: desk.past("back"),
        enabled=lambda facts: facts.walkable,
        needs=_NEEDS,
    ),
    Command(
        id="past.leave",
        title="Leave the past",
        menu="Step",
        tooltip="Show the exchange as it is now",
        shortcuts=("Shift+F12",),
        handler=lambda desk: desk.past("leave"),
        enabled=lambda facts: facts.past,
        needs="an exchange that is shown as of a message",
    ),
)
