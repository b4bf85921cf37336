from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from inspector.recording.rows import COLOURS
from inspector.trace import clock
from inspector.trace.filter import parse
from inspector.ui import icons, theme
from inspector.ui.models import cells
from inspector.ui.panels.exchange_delegate import stripe
from tests.support.fake_recording import exchange
from tests.support.tables import ROW, Table


def test_follows_the_newest_while_it_stands_at_the_tail(table: Table) -> None:
    assert table.bottom == 200
    table.add(500)
    assert table.bottom == 700
    assert table.view.following


@pytest.mark.parametrize("height", range(393, 393 + ROW, 6))
def test_at_the_tail_no_row_is_cut_under_the_header(table: Table, height: int) -> None:
    table.view.resize(1000, height)
    QTest.qWait(1)
    bar = table.view.verticalScrollBar()
    assert bar.value() % ROW == 0
    assert table.bottom == 200
    table.view.pick(200)
    QTest.keyClick(table.view, Qt.Key.Key_Home)
    assert not table.view.following
    QTest.keyClick(table.view, Qt.Key.Key_End)
    assert bar.value() % ROW == 0
    assert table.view.following
    table.view.updateGeometries()
    assert bar.value() == bar.maximum()


def test_the_row_of_the_keyboard_is_marked_once_somebody_went_to_one(table: Table) -> None:
    def accent() -> bool:
        image = table.view.viewport().grab().toImage()
        color = theme.current().accent.rgb()
        return any(image.pixel(0, y) == color for y in range(image.height()))

    table.view.activateWindow()
    table.view.setFocus(Qt.FocusReason.OtherFocusReason)
    table.qtbot.waitUntil(table.view.hasFocus)
    table.view.setCurrentIndex(QModelIndex())
    table.view.selectionModel().setCurrentIndex(table.model.index(199, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
    assert not accent()
    table.view.pick(199)
    assert accent()
    table.view.clearSelection()
    table.view.clearFocus()
    table.view.setFocus(Qt.FocusReason.TabFocusReason)
    assert accent()


def test_traffic_moves_nothing_where_it_does_not_stand_at_the_tail(table: Table) -> None:
    table.view.verticalScrollBar().setValue(50 * ROW + 7)
    assert not table.view.following
    table.add(500)
    assert table.view.verticalScrollBar().value() == 50 * ROW + 7
    assert table.top == 51
    table.view.verticalScrollBar().setValue(table.view.verticalScrollBar().maximum())
    assert table.view.following
    table.add(5)
    assert table.bottom == 705


def test_dropped_rows_above_move_nothing_in_view(table: Table) -> None:
    table.view.verticalScrollBar().setValue(100 * ROW + 3)
    table.view.pick(105)
    table.reader.drop(60)
    table.add(60)
    assert table.top == 101
    assert table.view.verticalScrollBar().value() % ROW == 3
    assert table.selected == 105


def test_newest_first_keeps_what_is_in_view(table: Table) -> None:
    table.replaced(lambda: table.view.sortByColumn(cells.NUMBER, Qt.SortOrder.DescendingOrder))
    table.view.verticalScrollBar().setValue(40 * ROW)
    top = table.top
    table.add(30)
    assert table.top == top
    table.view.follow()
    table.add(3)
    assert table.top == 233


def test_who_sorts_sees_what_comes_first(table: Table) -> None:
    table.view.pick(100)
    table.view.verticalScrollBar().setValue(90 * ROW)
    table.replaced(lambda: table.view.sortByColumn(cells.TOTAL, Qt.SortOrder.AscendingOrder))
    assert table.view.verticalScrollBar().value() == 0
    assert table.selected == 100
    table.view.verticalScrollBar().setValue(90 * ROW)
    table.replaced(table.model.ask)
    assert table.view.verticalScrollBar().value() == 90 * ROW


def test_traffic_does_not_move_the_selection(table: Table) -> None:
    table.view.pick(195)
    assert table.picked == [195]
    table.add(1000)
    assert table.selected == 195
    assert table.picked == [195]


def test_the_picked_exchange_stays_picked_through_filters_and_orders(table: Table) -> None:
    table.view.pick(42)
    table.replaced(lambda: table.model.filter(parse("path=/7 or path=/42")))
    assert table.selected == 42
    table.replaced(lambda: table.view.sortByColumn(cells.TOTAL, Qt.SortOrder.DescendingOrder))
    assert table.selected == 42
    table.replaced(lambda: table.model.filter(parse("path=/7")))
    assert table.selected is None
    assert table.view.current == 42
    table.replaced(lambda: table.model.filter(None))
    assert table.selected == 42
    assert table.picked == [42]


def test_dropping_the_picked_exchange_picks_no_other(table: Table) -> None:
    table.view.pick(3)
    table.reader.drop(5)
    table.look()
    assert table.selected is None
    assert table.picked == [3]
    assert not table.view.currentIndex().isValid()


def test_keys(table: Table) -> None:
    table.view.pick(100)
    for key, exchange_id in ((Qt.Key.Key_Up, 99), (Qt.Key.Key_Down, 100), (Qt.Key.Key_End, 200), (Qt.Key.Key_Home, 1)):
        QTest.keyClick(table.view, key)
        assert table.selected == exchange_id


def test_the_focus_picks_nothing(table: Table) -> None:
    table.view.clearFocus()
    table.view.setFocus()
    assert table.selected is None
    assert table.picked == []


def test_a_recording_from_a_file_is_shown_from_its_beginning(qtbot: Any) -> None:
    table = Table(200, qtbot, follow=False)
    assert table.top == 1
    table.close()


def test_only_rows_in_view_are_painted_and_read(table: Table) -> None:
    table.reader.asked.clear()
    table.view.viewport().repaint()
    assert table.reader.asked.count("rows") <= 2


def test_rows_are_as_high_as_the_look_says(table: Table) -> None:
    assert 24 <= table.view.rowHeight(0) <= 26
    assert not table.view.showGrid()
    assert not table.view.alternatingRowColors()


@pytest.mark.parametrize("selected", [False, True])
def test_what_is_third_becomes_second_on_a_selected_row(table: Table, selected: bool) -> None:
    image = QImage(68, ROW, QImage.Format.Format_RGB32)
    image.fill(theme.DARK.panel)
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, 68, ROW)
    option.state = QStyle.StateFlag.State_Selected if selected else QStyle.StateFlag.State_None
    pens = []

    class Painter(QPainter):
        def setPen(self, pen: Any) -> None:
            pens.append(pen)
            super().setPen(pen)

    painter = Painter(image)
    table.view.itemDelegate().paint(painter, option, table.model.index(0, cells.NUMBER))
    painter.end()
    assert pens == [theme.DARK.second if selected else theme.DARK.third]
    assert (image.pixelColor(60, 1) == theme.DARK.selection) is selected


def test_an_empty_table_teaches(table: Table) -> None:
    from PySide6.QtWidgets import QLabel

    lesson = QLabel("nothing yet")
    table.view.set_teaching(lesson)
    assert not lesson.isVisible()
    table.reader.drop(200)
    table.look()
    assert lesson.isVisible()
    table.reader.put(exchange(201))
    table.look()
    assert not lesson.isVisible()


def test_names(table: Table) -> None:
    assert table.view.objectName() == "exchangeTable"
    assert table.view.accessibleName()
    assert table.model.index(0, cells.PATH, QModelIndex()).data() == "/1"


@pytest.mark.parametrize(("messages", "drawn"), [(2, []), (3, ["exception"])])
def test_only_a_lifespan_that_failed_has_the_icon(
    table: Table, monkeypatch: pytest.MonkeyPatch, messages: int, drawn: list[str]
) -> None:
    row = exchange(1, "", status=None, kind="lifespan", outcome="app raised", exception="E", message_count=messages)
    table.reader.put(row)
    table.look()
    icons_drawn: list[str] = []
    monkeypatch.setattr(icons, "draw", lambda _painter, name, *_: icons_drawn.append(name))
    assert painted(table, cells.STATUS, 70) == ["" if messages == 2 else "—"]
    assert icons_drawn == drawn


def test_what_has_no_room_ends_in_an_ellipsis(table: Table) -> None:
    table.reader.put(exchange(1, "/orders/of/today", method="VERSION-CONTROL"))
    table.look()
    for column in (cells.METHOD, cells.PATH):
        assert painted(table, column, 70)[0].endswith("…")
        assert not painted(table, column, 400)[0].endswith("…")


def test_rows_in_flight_are_alive(table: Table, qtbot: Any) -> None:
    """Size and messages grow with the traffic, and the time runs on without any."""
    now = clock.now()
    table.reader.put(
        exchange(200, "/events", t0_ns=now, total=None, response_bytes=1_200_000),
        exchange(201, "/ws", t0_ns=now, kind="websocket", status=101, total=None, message_count=48),
    )
    table.look()
    shown = lambda row, column: table.model.index(row, column).data()  # noqa: E731
    assert [shown(199, cells.SIZE), shown(199, cells.APP)] == ["1.2 MB …", "streaming"]
    assert shown(200, cells.SIZE) == "48 msg"
    table.reader.put(replace(table.reader.rows_[200], response_bytes=2_400_000))
    table.reader.put(replace(table.reader.rows_[201], message_count=49))
    table.look()
    assert [shown(199, cells.SIZE), shown(200, cells.SIZE)] == ["2.4 MB …", "49 msg"]
    first = table.view.now_ns
    qtbot.waitUntil(lambda: table.view.now_ns > first)


@pytest.mark.parametrize(("text", "texts"), [("/a", ["slow", "/a"]), ("/a" * 100, ["slow", "…"])])
def test_a_note_stands_behind_the_path_and_leaves_it_half_of_the_room(
    table: Table, text: str, texts: list[str]
) -> None:
    table.reader.put(exchange(1, text, note="slow"))
    table.look()
    note, path = painted(table, cells.PATH, 400)
    assert note == texts[0]
    assert path.endswith(texts[1])


@pytest.mark.parametrize("pinned", [False, True])
def test_a_pin_is_drawn_and_told(table: Table, monkeypatch: pytest.MonkeyPatch, pinned: bool) -> None:
    table.reader.put(exchange(1, "/a", pinned=pinned))
    table.look()
    drawn: list[str] = []
    monkeypatch.setattr(icons, "draw", lambda _painter, name, *_: drawn.append(name))
    painted(table, cells.PATH, 400)
    assert drawn == ["pin"] * pinned
    told = table.model.index(0, cells.NUMBER).data(Qt.ItemDataRole.AccessibleTextRole)
    assert told == ("1, pinned" if pinned else "1")


def test_a_colour_is_a_stripe_and_a_word(table: Table) -> None:
    for colour in COLOURS:
        table.reader.put(exchange(1, "/a", colour=colour, note="x"))
        table.replaced(table.view.ask_again)
        image = QImage(68, ROW, QImage.Format.Format_RGB32)
        image.fill(theme.DARK.panel)
        option = QStyleOptionViewItem()
        option.rect = QRect(0, 0, 68, ROW)
        painter = QPainter(image)
        table.view.itemDelegate().paint(painter, option, table.model.index(0, cells.NUMBER))
        painter.end()
        assert image.pixelColor(4, 12) == stripe(theme.DARK, colour) != theme.DARK.third
        index = table.model.index(0, cells.NUMBER)
        assert index.data(Qt.ItemDataRole.AccessibleTextRole) == f"1, {colour}, note: x"
        assert colour in index.data(Qt.ItemDataRole.ToolTipRole)


@pytest.mark.parametrize("zoomed", [False, True])
@pytest.mark.parametrize("back", [1, 7])
def test_a_smaller_table_or_a_zoom_leaves_the_picked_row_in_sight(table: Table, back: int, zoomed: bool) -> None:
    table.view.verticalScrollBar().setValue(50 * ROW)
    last = table.view.visible_rows()[1] - back
    table.view.pick(last + 1)
    if zoomed:
        theme.zoom_to(200)
    else:
        table.view.resize(1000, 150)
    rect = table.view.visualRect(table.view.currentIndex())
    assert table.selected == last + 1
    assert 0 <= rect.top() < rect.bottom() <= table.view.viewport().height()
    assert not table.view.following


def test_a_row_that_was_out_of_sight_stays_there(table: Table) -> None:
    table.view.pick(195)
    table.view.verticalScrollBar().setValue(50 * ROW)
    table.view.resize(1000, 150)
    assert table.view.verticalScrollBar().value() == 50 * ROW


def test_with_the_tail_out_of_sight_because_of_the_picked_row_it_follows_no_longer(table: Table) -> None:
    table.view.pick(200)
    table.add(5)
    assert table.view.following
    table.view.resize(1000, 4 * ROW)
    assert not table.view.following
    assert table.view.visible_rows()[0] <= 199 <= table.view.visible_rows()[1]


def test_following_keeps_the_tail_whatever_the_size(table: Table) -> None:
    for height in (150, 300, 120):
        table.view.resize(1000, height)
        assert table.view.following
        assert table.bottom == 200


def test_new_rows_that_a_larger_table_shows_are_new_no_longer(table: Table) -> None:
    table.view.resize(1000, 200)
    table.view.verticalScrollBar().setValue(table.view.verticalScrollBar().maximum() - ROW)
    table.add(10)
    assert "10 new" in table.view.newest.text()
    table.view.resize(1000, 200 + 4 * ROW)
    assert 200 < (table.bottom or 0) < 210
    assert f" {210 - (table.bottom or 0)} new" in table.view.newest.text()


def painted(table: Table, column: int, width: int) -> list[str]:
    """The texts that are painted into a cell of the first row, `width` pixels wide."""
    image = QImage(width, ROW, QImage.Format.Format_RGB32)
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, width, ROW)
    texts: list[str] = []

    class Painter(QPainter):
        def drawText(self, *arguments: Any) -> None:
            texts.append(arguments[-1])

    painter = Painter(image)
    table.view.itemDelegate().paint(painter, option, table.model.index(0, column))
    painter.end()
    return texts
