"""What apps wrote, as a recording has it: lines of an exchange, or of a run and none of its exchanges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inspector.recording.rows import LogRow
from inspector.recording.schema import read_int, read_text
from inspector.recording.stored_runs import Select, log_bounds

_COLUMNS = "id, run, exchange, t_ns, source, level, logger, text, file, line"
_READS: tuple[Callable[[object], Any], ...] = (read_int,) * 4 + (read_text,) * 5 + (read_int,)
FOREVER = (1 << 63) - 1
"""Nanoseconds: later than any line."""


def lines(
    select: Select, exchange: int | None, after: int, count: int, newest: bool, until_ns: int = FOREVER
) -> list[LogRow]:
    """As `Reader.logs`."""
    which, parameters = ("", ()) if exchange is None else ("exchange = ? AND", (exchange,))
    found = select(
        f"SELECT {_COLUMNS} FROM log WHERE {which} id > ? AND t_ns <= ?"  # noqa: S608 - no values
        f" ORDER BY id {'DESC' if newest else 'ASC'} LIMIT ?",
        (*parameters, after, until_ns, count),
    )
    return _rows(reversed(found) if newest else found)


def count(select: Select, exchange: int, until_ns: int) -> int:
    """As `Reader.log_count`."""
    (found,) = select("SELECT count(*) FROM log WHERE exchange = ? AND t_ns <= ?", (exchange, until_ns))[0]
    return read_int(found)


def of_run(select: Select, run: int, after: int, count: int) -> list[LogRow]:
    """As `Reader.run_log`."""
    first, stop = log_bounds(select, run)
    found = select(
        f"SELECT {_COLUMNS} FROM log WHERE exchange = 0 AND id > ? AND id >= ? AND id < ?"  # noqa: S608 - no values
        " ORDER BY id DESC LIMIT ?",
        (after, first, stop, count),
    )
    return _rows(reversed(found))


def _rows(found: Any) -> list[LogRow]:
    return [LogRow(*(read(value) for read, value in zip(_READS, row, strict=True))) for row in found]
