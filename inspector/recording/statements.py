"""The writer's SQL, and values as SQLite can take them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from inspector.recording import schema
from inspector.recording.rows import ExchangeRow

_ASKED = ("id", "run", "kind", "interface", "http_version", "method", "path", "query", "host", "scheme", "client")
_FIXED = frozenset((*_ASKED, "connection", "head_ns", "log_count", "pinned", "note", "colour"))
"""Columns of an exchange that the fold never changes, or that are the writer's own."""
_CHANGING = tuple(name for name in schema.EXCHANGE_COLUMNS if name not in _FIXED)
all_columns: Callable[[ExchangeRow], tuple[Any, ...]] = attrgetter(*schema.EXCHANGE_COLUMNS)
changing_columns: Callable[[ExchangeRow], tuple[Any, ...]] = attrgetter(*_CHANGING, "id")
LOG_COUNT = schema.EXCHANGE_COLUMNS.index("log_count")


def _insert(table: str, columns: int) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})"  # noqa: S608 - names of our own


INSERT_EXCHANGE = _insert("exchange", len(schema.EXCHANGE_COLUMNS) + 2)
UPDATE_EXCHANGE = f"UPDATE exchange SET {', '.join(f'{name} = ?' for name in _CHANGING)} WHERE id = ?"  # noqa: S608
INSERT_MESSAGE = _insert("message", 15)
INSERT_PART = _insert("part", 7)
INSERT_ORIGINAL = _insert("original", 7)
INSERT_WIRE = (
    "INSERT OR IGNORE INTO wire SELECT column1, column2 FROM (VALUES (?, ?))"
    " WHERE EXISTS (SELECT 1 FROM exchange WHERE id = column1 >> 32)"
)
"""What comes of an exchange that was dropped is of no use."""
INSERT_STATE = _insert("state", 5)
INSERT_LOG = _insert("log", 10)
INSERT_FAILURE = _insert("failure", 8)


def plain(row: Sequence[Any]) -> list[Any]:
    """`row` as SQLite can take it: text as `schema.text`, numbers within 64 bits."""
    return [
        schema.text(value)
        if isinstance(value, str)
        else max(-(1 << 63), min(value, (1 << 63) - 1))
        if isinstance(value, int)
        else value
        for value in row
    ]
