"""JSON as a tree: lazy, whatever its size and depth; paths and values for the clipboard."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from inspector.recording.json_text import MAX_NESTING, parse
from inspector.ui.models.json_tree import AT_ONCE, JsonTreeModel

MODE = QAbstractItemModelTester.FailureReportingMode.Fatal


def model(text: str, **how: Any) -> JsonTreeModel:
    made = JsonTreeModel()
    made.show(parse(text, **how))
    if made.rowCount() < AT_ONCE:  # else the tester itself fetches more
        QAbstractItemModelTester(made, MODE, made)
    return made


def at(made: JsonTreeModel, *rows: int) -> QModelIndex:
    index = QModelIndex()
    for row in rows:
        index = made.index(row, 0, index)
    return index


def texts(made: JsonTreeModel, parent: QModelIndex | None = None) -> list[tuple[str, str]]:
    above = parent or QModelIndex()
    return [(made.index(row, 0, above).data(), made.index(row, 1, above).data()) for row in range(made.rowCount(above))]


def test_keys_and_values() -> None:
    made = model('{"items": [{"na me": "La\\u006dp\\n"}, 1.50], "none": null, "e": {}, "deep": {"a": true}}')
    assert texts(made) == [("items", "[ 2 items ]"), ("none", "null"), ("e", "{}"), ("deep", "{ 1 key }")]
    assert texts(made, at(made, 0)) == [("0", "{ 1 key }"), ("1", "1.50")]
    name = at(made, 0, 0, 0)
    assert made.path(name) == '$.items[0]["na me"]'
    assert made.value(name) == "Lamp\n"
    assert made.value(at(made, 3)) == '{"a": true}'
    assert made.path(at(made, 0, 1)) == "$.items[1]"
    assert made.parent(name) == at(made, 0, 0)


@pytest.mark.parametrize(("text", "line"), [("3", ("value", "3")), ("[]", ("value", "[]")), ('""', ("value", '""'))])
def test_a_value_alone(text: str, line: tuple[str, str]) -> None:
    made = model(text)
    assert texts(made) == [line]
    assert made.path(at(made, 0)) == "$"


def test_lines_of_json() -> None:
    made = model('{"a": 1}\n[2]', several=True)
    assert texts(made) == [("0", "{ 1 key }"), ("1", "[ 1 item ]")]
    assert made.path(at(made, 1, 0)) == "$[1][0]"


def test_many_items_come_some_at_a_time() -> None:
    made = model("[" + "1," * 100_000 + "1]")
    assert made.rowCount() == AT_ONCE
    assert made.canFetchMore(QModelIndex())
    made.fetchMore(QModelIndex())
    assert made.rowCount() == 2 * AT_ONCE
    assert made.index(AT_ONCE, 0).data() == "500"
    QAbstractItemModelTester(made, MODE, made)
    assert made.rowCount() > 2 * AT_ONCE


def test_very_deep_values_end_in_words() -> None:
    made = model("[" * 100_000 + "]" * 100_000)
    index = QModelIndex()
    depth = 0
    while made.hasChildren(index):
        index = made.index(0, 0, index)
        depth += 1
    assert depth == MAX_NESTING
    assert made.index(0, 1, index.parent()).data().startswith("nested deeper, 199,600 characters: [[[[")
    assert made.path(index) == "$" + "[0]" * MAX_NESTING


def test_nothing(qtbot: QtBot) -> None:
    made = JsonTreeModel()
    QAbstractItemModelTester(made, MODE, made)
    made.show(None)
    assert made.rowCount() == 0
    assert not made.hasChildren()


def test_a_value_far_away_is_reached() -> None:
    """With what is before it: so many lines come at once, in one insertion."""
    made = JsonTreeModel()
    tester = QAbstractItemModelTester(made, MODE, made)
    tester.setUseFetchMore(False)  # by itself, amidst an insertion
    made.show(parse('{"a": [' + "[1]," * 1_500 + '["there"]], "b": {}}'))
    inserted: list[tuple[int, int]] = []
    made.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
    there = next(node for node in range(len(made.values)) if made.values.raw(node) == '"there"')
    index = made.reach(there)
    assert made.path(index) == "$.a[1500][0]"
    assert (index.row(), index.parent().row(), made.node(index)) == (0, 1_500, there)
    assert inserted == [(AT_ONCE, 1_500)]
    assert made.reach(there) == index
    assert len(inserted) == 1
    assert not made.reach(0).isValid()  # its items are the top lines
