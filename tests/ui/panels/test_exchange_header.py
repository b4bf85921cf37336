"""Columns: chosen, ordered, sized, sorted; reset; in step with the zoom."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from inspector.ui import theme
from inspector.ui.models import cells
from inspector.ui.models.cells import NAMES
from inspector.ui.models.columns import FIRST_DAY
from inspector.ui.panels.exchange_header import edges
from tests.support.fake_recording import exchange
from tests.support.tables import Table


def shown(table: Table) -> list[str]:
    header = table.view.header
    sections = [header.logicalIndex(at) for at in range(header.count())]
    return [NAMES[section] for section in sections if not header.isSectionHidden(section)]


def entries(menu: QMenu) -> dict[str, Any]:
    return {action.objectName(): action for action in menu.actions()}


def test_the_first_day(table: Table) -> None:
    assert shown(table) == [name for name, _ in FIRST_DAY]
    assert table.view.columnWidth(cells.STATUS) == 72


def test_columns_are_chosen_in_its_menu(table: Table) -> None:
    header = table.view.header
    menu = header.menu()
    chosen = entries(menu)
    assert chosen["column.status"].isChecked()
    assert not chosen["column.host"].isChecked()
    assert not chosen["column.path"].isEnabled()
    assert not chosen["column.number"].isEnabled()
    chosen["column.host"].trigger()
    chosen["column.interface"].trigger()
    assert shown(table) == ["number", "method", "path", "host", "status", "size", "app", "total", "waterfall"]
    menu.close()
    table.view.header.reset_places()
    assert shown(table) == [name for name, _ in FIRST_DAY]


def test_a_right_click_and_the_keyboard_open_it(table: Table) -> None:
    header = table.view.header
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(5, 5), header.mapToGlobal(QPoint(5, 5)))
    QApplication.sendEvent(header.viewport(), event)
    opened = QApplication.activePopupWidget()
    assert isinstance(opened, QMenu)
    assert opened.objectName() == "columnsMenu"
    opened.close()
    header.choose()
    assert isinstance(QApplication.activePopupWidget(), QMenu)
    QApplication.activePopupWidget().close()


def test_columns_are_moved_and_sized_and_told(table: Table) -> None:
    header = table.view.header
    told: list[bool] = []
    header.laid_out.connect(lambda: told.append(True))
    header.moveSection(header.visualIndex(cells.STATUS), 0)
    assert shown(table)[:3] == ["status", "number", "method"]
    assert header.first == cells.STATUS
    header.resizeSection(cells.APP, 120)
    assert len(told) == 2
    columns, order = table.view.arrangement()
    assert columns == [
        "status 72", "number 68", "method 74", "path", "interface 78", "size 82", "app 120", "total 92", "waterfall",
    ]  # fmt: skip
    assert order == ""
    table.view.header.reset_places()
    table.view.arrange(columns, "total descending")
    assert table.view.arrangement() == (columns, "total descending")
    assert shown(table)[0] == "status"
    assert table.view.columnWidth(cells.APP) == 120


def test_another_recording_has_the_same_columns_and_order(table: Table) -> None:
    table.view.header.show_column("run", on=True)
    table.replaced(lambda: table.view.sortByColumn(cells.TOTAL, Qt.SortOrder.DescendingOrder))
    before = table.view.arrangement()
    assert "run" in shown(table)
    assert "total descending" in before
    table.view.show_rows(None, follow=False)
    with table.qtbot.waitSignal(table.model.replaced):
        table.view.show_rows(table.model, follow=False)
    assert table.view.arrangement() == before
    assert "run" in shown(table)
    assert table.view.header.sortIndicatorSection() == cells.TOTAL
    assert not table.model.in_order


def test_the_menu_sorts(table: Table) -> None:
    sorting = next(action.menu() for action in table.view.header.menu().actions() if action.menu())
    by_size = next(action for action in sorting.actions() if action.text() == "size")
    table.replaced(by_size.trigger)
    assert table.view.arrangement()[1] == "size"
    menu = table.view.header.menu()
    sorting = next(action.menu() for action in menu.actions() if action.menu())
    assert [action.text() for action in sorting.actions() if action.isChecked()] == ["size"]
    table.replaced(next(action for action in sorting.actions() if action.text() == "size").trigger)
    assert table.view.arrangement()[1] == "size descending"
    table.replaced(sorting.actions()[0].trigger)
    assert table.view.arrangement()[1] == ""
    menu.close()


def widths(table: Table) -> int:
    return sum(table.view.columnWidth(NAMES.index(name)) for name in shown(table))


@pytest.mark.parametrize(
    ("width", "zoom"), [(1440, 100), (1000, 100), (700, 100), (600, 100), (2560, 200), (1440, 200), (1000, 75)]
)
def test_path_and_waterfall_share_what_is_left(table: Table, width: int, zoom: int) -> None:
    theme.zoom_to(zoom)
    table.view.resize(width, 400)
    QTest.qWait(1)
    room = table.view.viewport().width()
    assert table.view.columnWidth(cells.PATH) >= theme.px(100)
    drawn = not table.view.header.left_out
    assert drawn == (room >= theme.px(68 + 74 + 140 + 72 + 72 + 76 + 79 + 85 + 60))
    assert (table.view.columnWidth(cells.WATERFALL) >= theme.px(60)) is drawn
    assert table.view.columnWidth(cells.STATUS) == theme.px(72)
    squeezed = 72 + 76 + 79 + 85
    assert widths(table) == max(room, 68 + 74 + 72 + squeezed + 100)
    assert table.view.horizontalScrollBar().maximum() == widths(table) - room


def test_a_waterfall_without_room_is_left_out_and_comes_back(table: Table) -> None:
    table.view.resize(640, 400)
    QTest.qWait(1)
    assert "waterfall" in table.view.arrangement()[0]
    menu = table.view.header.menu()
    assert "waterfall (no room now)" in [action.text() for action in menu.actions()]
    menu.close()
    table.view.resize(1000, 400)
    QTest.qWait(1)
    assert table.view.columnWidth(cells.WATERFALL) >= 60
    table.view.header.show_column("waterfall", False)
    assert table.view.columnWidth(cells.WATERFALL) == 0


def test_a_larger_zoom_is_no_drag(table: Table) -> None:
    before = table.view.arrangement()
    theme.zoom_to(200)
    assert table.view.arrangement() == before
    theme.zoom_to(100)
    assert table.view.columnWidth(cells.NUMBER) == 68


@pytest.mark.parametrize("zoom", [75, 100, 200])
def test_the_largest_number_is_shown_whole(table: Table, zoom: int) -> None:
    theme.zoom_to(zoom)
    table.reader.put(exchange(123_456_789, "/late"))
    table.look()
    room = table.view.columnWidth(cells.NUMBER) - sum(edges(cells.NUMBER, True))
    assert room >= QFontMetrics(theme.interface_font()).horizontalAdvance("123,456,789")


def test_a_width_that_was_dragged_follows_the_zoom(table: Table) -> None:
    table.view.header.resizeSection(cells.APP, 100)
    theme.zoom_to(200)
    assert table.view.columnWidth(cells.APP) == 200
    table.view.header.resizeSection(cells.APP, 300)
    assert "app 150" in table.view.arrangement()[0]
    assert table.view.rowHeight(0) == 50
    theme.zoom_to(100)
    assert table.view.columnWidth(cells.APP) == 150


def test_the_zoom_keeps_what_is_in_view(table: Table) -> None:
    table.view.verticalScrollBar().setValue(50 * 25)
    theme.zoom_to(200)
    assert table.model.id_at(table.view.visible_rows()[0]) == 51
    assert not table.view.following
    theme.zoom_to(100)
    assert table.top == 51
    table.view.follow()
    theme.zoom_to(150)
    assert table.bottom == 200
