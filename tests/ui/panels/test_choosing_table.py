"""Several exchanges selected: the rules that hold for one hold for all of them."""

from __future__ import annotations

import time
from array import array
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from inspector.trace.filter import parse
from inspector.ui.models import cells
from inspector.ui.panels.choosing_table import KEPT
from tests.support.fake_recording import exchange
from tests.support.tables import Table

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PLAIN = Qt.KeyboardModifier.NoModifier


def click(table: Table, exchange_id: int, modifier: Qt.KeyboardModifier = PLAIN) -> None:
    row = table.model.position(exchange_id)
    y = table.view.rowViewportPosition(row) + 5
    QTest.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, modifier, QPoint(200, y))


def choose(table: Table, *ids: int) -> None:
    table.view.verticalScrollBar().setValue((ids[0] - 2) * 25)
    click(table, ids[0])
    for one in ids[1:]:
        click(table, one, CTRL)
    assert table.chosen == sorted(ids)
    table.picked.clear()


def test_the_panels_follow_the_row_that_was_gone_to_last(table: Table) -> None:
    table.view.verticalScrollBar().setValue(50 * 25)
    click(table, 55)
    click(table, 58, SHIFT)
    click(table, 60, CTRL)
    assert table.chosen == [55, 56, 57, 58, 60]
    assert table.picked == [55, 58, 60]
    click(table, 60, CTRL)
    assert table.chosen == [55, 56, 57, 58]
    click(table, 56)
    assert table.chosen == [56]
    click(table, 56, CTRL)
    assert table.chosen == []
    assert table.view.current is None
    assert list(table.view.chosen(10)) == []


def test_keys_extend(table: Table) -> None:
    table.view.pick(100)
    QTest.keyClick(table.view, Qt.Key.Key_Down, SHIFT)
    QTest.keyClick(table.view, Qt.Key.Key_Down, SHIFT)
    assert table.chosen == [100, 101, 102]
    assert table.view.current == 102
    table.view.pick(198)
    QTest.keyClick(table.view, Qt.Key.Key_End, SHIFT)
    assert table.chosen == [198, 199, 200]
    table.view.pick(3)
    QTest.keyClick(table.view, Qt.Key.Key_Home, SHIFT)
    assert table.chosen == [1, 2, 3]
    assert table.view.current == 1


@pytest.mark.parametrize("newest_first", [False, True])
def test_traffic_and_retention_move_nothing_of_it(table: Table, newest_first: bool) -> None:
    if newest_first:
        table.replaced(lambda: table.view.sortByColumn(cells.NUMBER, Qt.SortOrder.DescendingOrder))
        table.view.pick(104)
        for one in (100, 102):
            index = table.model.index(table.model.position(one), 0)
            table.view.selectionModel().setCurrentIndex(
                index, table.view.selectionModel().SelectionFlag.Select | table.view.selectionModel().SelectionFlag.Rows
            )
        table.picked.clear()
    else:
        choose(table, 100, 104, 102)
    table.add(500)
    assert sorted(table.chosen) == [100, 102, 104]
    table.reader.drop(101)
    table.look()
    assert sorted(table.chosen) == [102, 104]
    assert table.view.current == 102
    assert table.picked == []


def test_filters_and_orders_keep_it(table: Table) -> None:
    choose(table, 40, 42, 44)
    table.replaced(lambda: table.model.filter(parse("path=/7 or path=/42")))
    assert table.chosen == [42]
    table.replaced(lambda: table.view.sortByColumn(cells.PATH, Qt.SortOrder.DescendingOrder))
    table.replaced(lambda: table.model.filter(None))
    assert sorted(table.chosen) == [40, 42, 44]
    assert table.view.current == 44
    assert table.picked == []
    assert table.view.currentIndex().row() == table.model.position(44)


def test_dropping_the_current_one_keeps_the_others(table: Table) -> None:
    choose(table, 8, 9, 3)
    table.reader.drop(5)
    table.look()
    assert table.chosen == [8, 9]
    assert not table.view.currentIndex().isValid()
    assert table.picked == []
    assert list(table.view.chosen(10)) == [8, 9]


def test_moved_columns_do_not_matter(table: Table) -> None:
    table.view.header.moveSection(3, 0)
    choose(table, 8, 9, 11)
    click(table, 9, CTRL)
    assert table.chosen == [8, 11]
    assert table.view.chosen_count == 2
    assert table.view._ranges() == [(7, 7), (10, 10)]


def test_no_more_than_asked_for(table: Table) -> None:
    table.view.selectAll()
    assert table.view.chosen_count == 200
    assert list(table.view.chosen(5)) == [1, 2, 3, 4, 5]
    table.replaced(lambda: table.view.sortByColumn(cells.NUMBER, Qt.SortOrder.DescendingOrder))
    assert list(table.view.chosen(3)) == [200, 199, 198]


def test_a_large_selection_ends_with_another_order_and_says_so(table: Table) -> None:
    table.add(KEPT)
    table.view.pick(1500)
    table.view.selectAll()
    table.replaced(lambda: table.view.sortByColumn(cells.PATH, Qt.SortOrder.AscendingOrder))
    assert table.chosen == []
    assert "Selection let go" in table.view.notice.text()
    assert table.view.current == 1500
    assert table.view.currentIndex().row() == table.model.position(1500)


def test_while_it_lasts_traffic_does_not_end_it(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspector.ui.models.exchange_table._AGAIN_NS", 0)
    monkeypatch.setattr("inspector.ui.panels.choosing_table.KEPT", 100)
    table.replaced(lambda: table.view.sortByColumn(cells.PATH, Qt.SortOrder.AscendingOrder))
    table.qtbot.waitUntil(lambda: not table.model._pending)  # a look may have asked once more
    table.view.selectAll()
    table.add(3)
    assert not table.model._pending
    assert table.view.chosen_count == 200
    with table.qtbot.waitSignal(table.model.replaced):
        table.view.pick(7)
        table.look()
    assert table.model.rowCount() == 203


def test_a_million_rows_are_selected_at_once(table: Table) -> None:
    model = table.model
    model.beginResetModel()
    model._ids = array("q", range(1, 1_000_001))
    model.endResetModel()
    table.view.pick(500_000)
    began = time.thread_time()
    table.view.selectAll()
    table.view.viewport().repaint()
    assert len(table.view.chosen(10_000)) == 10_000
    assert table.view.chosen_count == 1_000_000
    model._newest = 1_000_000
    table.reader.put(exchange(1_000_001))
    totals = replace(table.reader.totals(), exchanges=1_000_001)
    table.reader.totals = lambda: totals  # type: ignore[method-assign]
    table.look()
    assert table.view.chosen_count == 1_000_000
    assert model.rowCount() == 1_000_001
    assert time.thread_time() - began < 1.0
