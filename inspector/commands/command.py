"""A command as a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inspector.commands.desk import Desk, Facts


def always(facts: Facts) -> bool:  # noqa: ARG001 - one signature for all
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One action of the user."""

    id: str
    """noun.verb, stable."""
    title: str
    menu: str
    tooltip: str
    """What it does, in a sentence without its full stop."""
    shortcuts: tuple[str, ...]
    """In Qt's portable text, the first one is shown; `Ctrl` is Command on a Mac."""
    handler: Callable[[Desk], object]
    enabled: Callable[[Facts], bool] = always
    needs: str = ""
    """What has to be there before it can be done, as in "a recording"; said where it cannot be done now."""
    checked: Callable[[Facts], bool] | None = None
    """For a command that is a choice: whether it is the one in force."""
    icon: str = ""
    """Name of a file in resources/icons."""
    submenu: str = ""
    """Title of the menu inside `menu` in which it stands."""
    ends_group: bool = False
    """A line follows in the menu."""
