"""The filter in SQL, over the table `exchange`, whose columns are the fields of `ExchangeRow`.

`compile` says what `trace.filter.matches` says of the same row's `fields_of`. A comparison with NULL is NULL, which
WHERE takes for false and `IS NOT TRUE` turns into true: so what is not known yet is false, and `not` of it true.
Texts are compared by SQLite itself where it can (`instr`, and `lower`, which knows A to Z), else by the functions of
the predicate.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable

from inspector.recording.rows import ExchangeRow
from inspector.trace.filter import Node
from inspector.trace.filter.predicate import contains, searches
from inspector.trace.filter.tree import And, Compares, Contains, Equals, Flag, Matches, Not, Or, Within, Word

# Fields that are a column as it stands; the column is also the row's attribute.
_COLUMNS = {
    **{
        name: name
        for name in ("method", "status", "path", "query", "host", "kind", "interface", "client", "scheme", "exception")
    },
    "note": "note",
    "colour": "colour",
    "id": "id",
    "run": "run",
    "http": "http_version",
    "duration": "duration_ns",
    "app": "app_ns",
    "size": "response_bytes",
    "request.size": "request_bytes",
}
# Fields that are made of one: in SQL, and from a row.
_MADE: dict[str, tuple[str, Callable[[ExchangeRow], object]]] = {
    "outcome": ("nullif(outcome, '')", lambda row: row.outcome or None),
    "has:exception": ("exception <> ''", lambda row: bool(row.exception)),
    "has:log": ("log_count > 0", lambda row: row.log_count > 0),
    "is:pinned": ("pinned", lambda row: row.pinned),
    "is:live": ("end_ns IS NULL", lambda row: row.live),
}
SQL = _COLUMNS | {name: sql for name, (sql, _) in _MADE.items()}
"""Every field as an SQL expression."""

_TARGET = "CASE query WHEN '' THEN path ELSE path || '?' || query END"
"""Where a plain word is looked for, as in the predicate."""
_DIGITS = re.compile("[0-9]+")
"""Words that a status may hold."""


def fields_of(row: ExchangeRow) -> dict[str, object]:
    """The row as the mapping that `trace.filter.matches` reads."""
    found = {name: getattr(row, column) for name, column in _COLUMNS.items()}
    for name, (_, made) in _MADE.items():
        found[name] = made(row)
    return found


def register(connection: sqlite3.Connection) -> None:
    """Gives `connection` the functions that compiled filters call."""
    connection.create_function("regexp", 2, _regexp, deterministic=True)
    connection.create_function("contains", 2, _contains, deterministic=True)


def _regexp(pattern: str, text: object) -> bool | None:
    return None if text is None else searches(pattern, str(text))


def _contains(needle: str, text: object) -> bool | None:
    return None if text is None else contains(needle, str(text))


def compile(node: Node | None) -> tuple[str, list[object]]:  # noqa: A001 - as re.compile
    """`node` as an expression for WHERE, in parentheses, and its parameters; None passes every row."""
    if node is None:
        return "(TRUE)", []
    parameters: list[object] = []
    return f"({_sql(node, parameters)})", parameters


def _sql(node: Node, parameters: list[object]) -> str:
    match node:
        case And(terms):
            told = ((term, _sql(term, parameters)) for term in _cheapest_first(terms))
            return " AND ".join(f"({sql})" if isinstance(term, Or) else sql for term, sql in told)
        case Or(terms):
            return " OR ".join(_sql(term, parameters) for term in _cheapest_first(terms))
        case Not(term):
            return f"({_sql(term, parameters)}) IS NOT TRUE"
        case Word(text):
            places = (_TARGET, "host", "method", "status") if _DIGITS.fullmatch(text) else (_TARGET, "host", "method")
            return f"({' OR '.join(_contained(text, place, parameters) for place in places)})"
        case Contains(field, text):
            return _contained(text, SQL[field], parameters)
        case Equals(field, value):
            parameters.append(value)
            return f"{SQL[field]} = ?"
        case Matches(field, pattern):
            parameters.append(pattern)
            return f"regexp(?, {SQL[field]})"
        case Compares(field, sign, number):
            parameters.append(number)
            return f"{SQL[field]} {sign} ?"
        case Within(field, low, high):
            parameters += (low, high)
            return f"{SQL[field]} BETWEEN ? AND ?"
        case Flag(field):
            return SQL[field]


def _contained(needle: str, text: str, parameters: list[object]) -> str:
    """`instr` and `lower` see a whole text, where LIKE would end at a NUL."""
    if not needle.isascii():
        parameters.append(needle)
        return f"contains(?, {text})"
    lower, upper = needle.lower(), needle.upper()
    parameters.append(lower)
    return f"instr({text}, ?)" if lower == upper else f"instr(lower({text}), ?)"


def _cheapest_first(terms: Iterable[Node]) -> list[Node]:
    """SQLite takes terms as they stand, and a Python function costs it many comparisons."""
    return sorted(terms, key=_cost)


def _cost(node: Node) -> int:
    match node:
        case Matches():
            return 3
        case Word(text) | Contains(_, text):
            return 1 if text.isascii() else 2
        case Not(term):
            return _cost(term)
        case And(terms) | Or(terms):
            return max(_cost(term) for term in terms)
        case _:
            return 0
