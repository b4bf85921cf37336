"""Runs as a recording has them, and what belongs to one of them alone: its log, its lifespan.

Ids of logs and exchanges grow from run to run, so those of one run lie together: where they begin is found by
bisection, and no table is read through.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from inspector.recording.rows import RunRow
from inspector.recording.schema import read_int, read_text
from inspector.trace import values

RUNS = 1_000
"""Runs that are given at most: the newest."""
_STATES = 20_000
_NEAR = 50
"""The lifespan is among the first exchanges of its run."""

Select = Callable[[str, Sequence[object]], list[tuple[Any, ...]]]


def runs(select: Select, since: int = 0) -> list[RunRow]:
    """Lives of engines from run `since` on, oldest first."""
    rows = select(
        "SELECT id, started_ns, t0_ns, ended_ns, pid, python, executable, app, end_text FROM run WHERE id >= ?"
        " ORDER BY id DESC LIMIT ?",
        (since, RUNS),
    )
    if not rows:
        return []
    states: dict[int, list[tuple[int, str, dict[str, Any]]]] = {}
    for run, t_ns, state, detail in reversed(
        select(
            "SELECT run, t_ns, state, detail FROM state WHERE run >= ? ORDER BY id DESC LIMIT ?",
            (rows[-1][0], _STATES),
        )
    ):
        states.setdefault(run, []).append((read_int(t_ns), read_text(state), _mapping(detail)))
    return [_row(row, states.get(row[0], [])) for row in reversed(rows)]


def _row(row: tuple[Any, ...], states: list[tuple[int, str, dict[str, Any]]]) -> RunRow:
    return RunRow(
        row[0],
        read_int(row[1]),
        read_int(row[2]),
        row[3] if type(row[3]) is int else None,
        read_int(row[4]),
        read_text(row[5]),
        read_text(row[6]),
        read_text(row[7]),
        read_text(row[8]),
        states,
    )


def _mapping(detail: object) -> dict[str, Any]:
    try:
        found = values.decode(detail) if type(detail) is bytes else None
    except values.MalformedValue:
        found = None
    return found if isinstance(found, dict) else {}


def log_bounds(select: Select, run: int) -> tuple[int, int]:
    """The first id of a line of `run`'s log, and the first one after it."""
    return _first(select, "log", run), _first(select, "log", run + 1)


def lifespan(select: Select, run: int) -> int | None:
    """The id of the lifespan exchange of `run`; None where it has none, or none any more."""
    found = select(
        "SELECT id, run, kind FROM exchange WHERE id >= ? ORDER BY id LIMIT ?", (_first(select, "exchange", run), _NEAR)
    )
    return next((id_ for id_, of, kind in found if of == run and kind == "lifespan"), None)


def _first(select: Select, table: str, run: int) -> int:
    """The lowest id from which on the rows of `table` are of `run` or a later one."""
    (highest,) = select(f"SELECT max(id) FROM {table}", ())[0]  # noqa: S608 - names of our own
    low, high = 0, read_int(highest) + 1
    while low < high:
        middle = (low + high) // 2
        there = select(f"SELECT id, run FROM {table} WHERE id >= ? ORDER BY id LIMIT 1", (middle,))  # noqa: S608
        if there and read_int(there[0][1]) < run:
            low = there[0][0] + 1
        else:
            high = middle
    return low
