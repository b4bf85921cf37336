"""How things are looked at."""

from __future__ import annotations

from collections.abc import Callable

from inspector.commands.command import Command
from inspector.commands.desk import Desk, Facts, Theme


def _theme(choice: Theme) -> tuple[Callable[[Desk], object], Callable[[Facts], bool]]:
    return lambda desk: desk.theme(choice), lambda facts: facts.theme == choice


_system, _light, _dark = _theme("system"), _theme("light"), _theme("dark")

COMMANDS: tuple[Command, ...] = (
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
)
