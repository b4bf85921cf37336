"""Which columns the exchange table shows, in what order and how wide: as the settings keep it, one readable word each.

    number 68, method 74, path, status 72, ..., waterfall

A width is in pixels of the drawings (100 % zoom); a column without one takes what is left.
"""

from __future__ import annotations

from inspector.ui.models.cells import COLUMNS, NAMES

Place = tuple[str, int]
"""Name and width; 0: of itself."""

FIRST_DAY: tuple[Place, ...] = tuple((column.name, column.width) for column in COLUMNS if column.shown)
ALWAYS = ("number", "path")
"""Without these nobody could tell what a row is."""
NARROWEST, WIDEST = 40, 2_000


def written(places: list[Place]) -> list[str]:
    """For the settings."""
    return [f"{name} {width}" if width else name for name, width in places]


def read(value: object) -> list[Place]:
    """From the settings; what is no column is left out, and where none is left it is as on the first day."""
    entries = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    found: dict[str, int] = {}
    for entry in entries:
        name, _, width = str(entry).strip().partition(" ")
        if name in NAMES and name not in found:
            found[name] = _width(name, width)
    if not found:
        return list(FIRST_DAY)
    for name in ALWAYS:
        if name not in found:
            found = {name: COLUMNS[NAMES.index(name)].width} | found
    return list(found.items())


def _width(name: str, text: str) -> int:
    first = COLUMNS[NAMES.index(name)].width
    if name == "path" or not (text.isascii() and text.isdigit() and len(text) < 6):
        return first
    return min(max(int(text), NARROWEST), WIDEST)


def written_order(name: str, descending: bool) -> str:
    """How the rows are sorted, for the settings; `name` empty: in the order of start."""
    return f"{name} descending" if name and descending else name


def read_order(value: object) -> tuple[str, bool]:
    """From the settings: a column's name, or empty, and whether descending."""
    name, _, way = value.partition(" ") if isinstance(value, str) else ("", "", "")
    return (name, way == "descending") if name in NAMES else ("", False)
