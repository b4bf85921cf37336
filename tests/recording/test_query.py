from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.recording.query import compile as compile_filter
from inspector.recording.query import fields_of, register
from inspector.recording.rows import ExchangeRow
from inspector.trace.filter import FIELDS, Node, matches, parse
from inspector.trace.filter.grammar import MAX_DEPTH, MAX_TERMS
from tests.trace.filter.strategies import ALPHABET, nodes

COLUMNS = [field.name for field in dataclasses.fields(ExchangeRow)]
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "str": st.text(ALPHABET, max_size=5),
    "int": st.one_of(st.integers(0, 3), st.integers(0, 2**63 - 1), st.sampled_from([200, 10**6, 10**9])),
    "bool": st.booleans(),
    "int | None": st.one_of(st.none(), st.integers(0, 3), st.sampled_from([200, 404, 500, 503, 10**9])),
}
rows = st.builds(ExchangeRow, **{field.name: VALUES[str(field.type)] for field in dataclasses.fields(ExchangeRow)})


@pytest.fixture(scope="module")
def database() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE exchange ({', '.join(COLUMNS)})")
    register(connection)
    yield connection
    connection.close()


def fill(database: sqlite3.Connection, filled: list[ExchangeRow]) -> None:
    database.execute("DELETE FROM exchange")
    database.executemany(
        f"INSERT INTO exchange VALUES ({', '.join('?' * len(COLUMNS))})",
        [[getattr(row, column) for column in COLUMNS] for row in filled],
    )


def selected(database: sqlite3.Connection, node: Node | None) -> list[int]:
    where, parameters = compile_filter(node)
    found = database.execute(f"SELECT rowid FROM exchange WHERE {where} AND rowid > 0 ORDER BY rowid", parameters)
    return [number - 1 for (number,) in found]


@given(st.lists(rows, min_size=1, max_size=6), st.lists(nodes, min_size=1, max_size=6))
def test_sql_and_predicate_agree(database: sqlite3.Connection, some: list[ExchangeRow], filters: list[Node]) -> None:
    fill(database, some)
    for node in filters:
        assert selected(database, node) == [number for number, row in enumerate(some) if matches(node, fields_of(row))]


ROW = ExchangeRow(
    id=1, run=1, kind="http", interface="asgi3", http_version="1.1", method="GET", path="/search", query="q=Lamp",
    host="shop", scheme="http", status=200, client="127.0.0.1:5", connection=1, started_ns=1, t0_ns=1, head_ns=1,
    call_ns=1, response_ns=2, response_end_ns=3, end_ns=4, duration_ns=3, app_ns=1, client_ns=0, blocked_ns=0,
    after_ns=0, held_ns=0, request_bytes=0, response_bytes=10, message_count=3, outcome="done", outcome_text="",
    exception="", log_count=0, pinned=False,
)  # fmt: skip
LIVE = dataclasses.replace(ROW, id=2, status=None, end_ns=None, duration_ns=None, outcome="", path="/a\0b", pinned=True)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", [1, 2]),
        ("status:200", [1]),
        ("not status:200", [2]),
        ("not (status:>0 and path:s)", [2]),
        ("is:live", [2]),
        ("is:pinned or has:log", [2]),
        ("outcome~.", [1]),
        ("path:b", [2]),
        ("path~b", [2]),
        ("search?q=lamp", [1]),
        ("200", [1]),
        ("size:10B and method=GET", [1, 2]),
    ],
)
def test_rows_found(database: sqlite3.Connection, text: str, ids: list[int]) -> None:
    fill(database, [ROW, LIVE])
    assert [number + 1 for number in selected(database, parse(text))] == ids


def test_every_field_has_its_value_and_its_sql() -> None:
    assert set(fields_of(ROW)) == {name for name in FIELDS if not name.endswith(".")}


def test_the_deepest_and_the_longest_filter_are_within_sqlite(database: sqlite3.Connection) -> None:
    fill(database, [ROW])
    texts = [
        "a or b and (" * MAX_DEPTH + "404" + ")" * MAX_DEPTH,
        "a or 200 and not (" * (MAX_DEPTH // 2) + "path:é or c" + ")" * (MAX_DEPTH // 2),
        "a " * MAX_TERMS,
        "7 or " * (MAX_TERMS - 1) + "200",
        "a or " * 200 + "not (" * (MAX_DEPTH // 2) + "a or " * 199 + "a" + ")" * (MAX_DEPTH // 2),
    ]
    for text in texts:
        node = parse(text)
        assert node is not None
        assert selected(database, node) == ([0] if matches(node, fields_of(ROW)) else [])


def test_python_is_asked_last(database: sqlite3.Connection) -> None:
    """A regex costs many times a comparison, so it sees only the rows that the rest of the filter leaves."""
    fill(database, [ROW, LIVE])
    seen: list[str] = []
    database.create_function("regexp", 2, lambda _pattern, text: seen.append(text) or False)
    try:
        assert selected(database, parse("path~x (host~y or kind:http) status:200")) == []
    finally:
        register(database)
    assert seen == ["/search"]
