"""The way to the newest: offered when rows came that have not been in view, gone when they have."""

from __future__ import annotations

from PySide6.QtCore import Qt

from inspector.ui.models import cells
from tests.support.tables import ROW, Table


def test_it_counts_what_came_and_goes_there(table: Table) -> None:
    newest = table.view.newest
    table.add(5)
    assert not newest.isVisible()
    table.view.verticalScrollBar().setValue(50 * ROW)
    assert not newest.isVisible()
    table.add(48)
    assert newest.isVisible()
    assert newest.text() == "↓  48 new"
    assert newest.accessibleName() == "48 new exchanges: go to the newest"
    assert newest.geometry().bottom() < table.view.viewport().height()
    table.view.setFocus()
    newest.click()
    assert table.view.hasFocus()
    assert table.bottom == 253
    assert table.view.following
    assert not newest.isVisible()


def test_what_has_been_in_view_is_not_new(table: Table) -> None:
    bar = table.view.verticalScrollBar()
    bar.setValue(50 * ROW)
    table.add(100)
    bar.setValue(bar.maximum() - 61 * ROW)
    assert table.view.newest.text() == "↓  60 new"
    bar.setValue(50 * ROW)
    assert table.view.newest.text() == "↓  60 new"


def test_newest_first_it_points_up(table: Table) -> None:
    table.replaced(lambda: table.view.sortByColumn(cells.NUMBER, Qt.SortOrder.DescendingOrder))
    table.view.verticalScrollBar().setValue(50 * ROW)
    table.add(3)
    assert table.view.newest.text() == "↑  3 new"
    assert table.view.newest.y() < 20


def test_another_order_has_no_newest_end(table: Table) -> None:
    table.view.verticalScrollBar().setValue(50 * ROW)
    table.add(3)
    table.replaced(lambda: table.view.sortByColumn(cells.PATH, Qt.SortOrder.AscendingOrder))
    assert not table.view.newest.isVisible()


def test_a_notice_shows_what_was_done(table: Table) -> None:
    table.view.notice.say("Copied 3 exchanges as <b>TSV")
    assert table.view.notice.isVisible()
    assert table.view.notice.textFormat() == Qt.TextFormat.PlainText
    assert table.view.notice.geometry().bottom() < table.view.viewport().height()
