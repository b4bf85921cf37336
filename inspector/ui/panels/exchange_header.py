"""The header of the exchange table: which columns are shown, in what order, how wide, and which one sorts.

The layout is `places`, in the words of `models.columns`; sections of Qt are made to follow it. Path takes what is left,
and so does the waterfall until somebody drags it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QPainter
from PySide6.QtWidgets import QFrame, QHeaderView, QMenu, QWidget

from inspector.ui import icons, theme, words
from inspector.ui.models import cells, columns
from inspector.ui.models.cells import COLUMNS, NAMES

AIR = 8
"""Pixels left and right of a cell's text, as in the drawings."""
_HEIGHT = 27
_PATH, _LEAST_PATH = 140, 100
"""Pixels that are left to the path while the waterfall has any to give, and at the least."""
_WATERFALL = (60, 110, 640)
"""Pixels of the waterfall: at the least (where there is no room for them it is left out), beside a path that has room,
and at the most; it takes a quarter."""
_SQUEEZED = ("interface", "size", "app", "total")
"""Columns that have a little air to give where the table is narrow, as long as nobody has dragged them."""
_SQUEEZE = 0.93
_V_CENTER = Qt.AlignmentFlag.AlignVCenter


def edges(section: int, first: bool) -> tuple[int, int]:
    """Free pixels left and right in the cells of a column; `first`: it stands at the edge of the table."""
    left = 24 if section == cells.WATERFALL else AIR
    return (theme.edge() if first else theme.px(left)), theme.px(AIR)


class Header(QHeaderView):
    """Titles above their columns, at the side their figures stand; a chevron at the one that sorts."""

    laid_out = Signal()
    """The user has changed the layout, or which column sorts."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName("exchangeTableHeader")
        self.setAccessibleName("Columns of the exchange table")
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setFirstSectionMovable(True)
        self.setHighlightSections(False)
        self.setSortIndicatorShown(True)
        self.setSortIndicatorClearable(True)
        self.places = list(columns.FIRST_DAY)
        self.first = cells.NUMBER
        """The section at the left edge."""
        self.left_out = False
        """The waterfall, because there is no room for it now."""
        self.cap = QFrame()
        """Goes on with the hairline over the table's scroll bar."""
        self.cap.setProperty("surface", "bar")
        self._working = False
        self._room = 0
        self._largest = 0
        self.sectionMoved.connect(self._moved)
        self.sectionResized.connect(self._resized)
        theme.measured(self._measure)

    # The layout

    def lay_out(self, places: list[columns.Place]) -> None:
        """Shows these columns, and no others, as soon as there is a model."""
        self.places = list(places)
        shown = [NAMES.index(name) for name, _ in self.places]
        self.first = shown[0]
        if self.count() != len(COLUMNS):
            return
        self._working = True
        for section in range(len(COLUMNS)):
            self.setSectionHidden(section, section not in shown)
            fixed = section == cells.PATH
            self.setSectionResizeMode(
                section, QHeaderView.ResizeMode.Fixed if fixed else QHeaderView.ResizeMode.Interactive
            )
        for at, section in enumerate(shown):
            self.moveSection(self.visualIndex(section), at)
        self._working = False
        self.fit(self._room)
        self.viewport().update()

    def reset_places(self) -> None:
        """As on the first day."""
        self.lay_out(list(columns.FIRST_DAY))
        self.laid_out.emit()

    def show_column(self, name: str, on: bool) -> None:
        """One column more, before the first one that comes after it on the first day, or one less."""
        places = [place for place in self.places if place[0] != name]
        if on:
            after = NAMES[NAMES.index(name) + 1 :]
            at = next((at for at, place in enumerate(places) if place[0] in after), len(places))
            places.insert(at, (name, COLUMNS[NAMES.index(name)].width))
        self.lay_out(places)
        self.laid_out.emit()

    def fit(self, room: int) -> None:
        """Gives every section its width, where `room` pixels are to be shared."""
        self._room = room
        if self.count() != len(COLUMNS) or not room:
            return
        widths = {name: theme.px(width) for name, width in self.places if width}
        widths["number"] = max(widths["number"], self._figures())
        drawn = any(name == "waterfall" for name, _ in self.places) and "waterfall" not in widths
        least, narrow, most = map(theme.px, _WATERFALL)
        squeezed = dict(widths)
        self._squeeze(squeezed, 0)
        self.left_out = drawn and sum(squeezed.values()) + theme.px(_PATH) + least > room
        drawn = drawn and not self.left_out
        self._squeeze(widths, room - (theme.px(_PATH) + least if drawn else theme.px(_LEAST_PATH)))
        left = room - sum(widths.values())
        if drawn:
            wanted = min(max(room // 4, narrow), most)
            widths["waterfall"] = max(min(wanted, left - theme.px(_PATH)), least)
            left -= widths["waterfall"]
        widths["path"] = max(left, theme.px(_LEAST_PATH))
        self._working = True
        self.setSectionHidden(cells.WATERFALL, self.left_out or all(name != "waterfall" for name, _ in self.places))
        for name, width in widths.items():
            self.resizeSection(NAMES.index(name), width)
        self._working = False

    def show_numbers(self, largest: int) -> None:
        """The column of numbers is never too narrow for `largest`."""
        if len(str(largest)) != len(str(self._largest)):
            self._largest = largest
            self.fit(self._room)

    def _figures(self) -> int:
        """Pixels that the largest number takes."""
        widest = words.count(10 ** len(str(self._largest)) - 1)
        air = sum(edges(cells.NUMBER, self.first == cells.NUMBER))
        return QFontMetrics(theme.interface_font()).horizontalAdvance(widest) + air + 2

    def _squeeze(self, widths: dict[str, int], room: int) -> None:
        """Takes air out of `widths`, where they are to be within `room`."""
        given = [name for name in _SQUEEZED if (name, COLUMNS[NAMES.index(name)].width) in self.places]
        there = sum(widths[name] for name in given)
        lacking = sum(widths.values()) - room
        if lacking > 0 and there:
            share = max(1 - lacking / there, _SQUEEZE)
            widths |= {name: int(widths[name] * share) for name in given}

    def _measure(self) -> None:
        self.setFixedHeight(theme.px(_HEIGHT))
        self.cap.setFixedHeight(theme.px(_HEIGHT))
        self._working = True  # a section that is made wider by a larger zoom was not dragged by anybody
        self.setMinimumSectionSize(theme.px(columns.NARROWEST))
        self._working = False
        self.fit(self._room)

    def _moved(self, _section: int, _from: int, _to: int) -> None:
        if not self._working:
            widths = dict(self.places)
            order = (NAMES[self.logicalIndex(at)] for at in range(self.count()))
            self.places = [(name, widths[name]) for name in order if name in widths]
            self.first = NAMES.index(self.places[0][0])
            self.laid_out.emit()

    def _resized(self, section: int, _old: int, new: int) -> None:
        if not self._working and section != cells.PATH and new:
            width = min(max(round(new * 100 / theme.zoom()), columns.NARROWEST), columns.WIDEST)
            self.places = [(name, width if name == NAMES[section] else known) for name, known in self.places]
            self.fit(self._room)
            self.laid_out.emit()

    # Its menu

    def menu(self) -> QMenu:
        """Which columns, and which one sorts; it deletes itself when it is closed."""
        menu = QMenu(self)
        menu.setObjectName("columnsMenu")
        shown = {name for name, _ in self.places}
        for column in COLUMNS:
            title = column.title if column.name != "number" else "# (order of start)"
            squeezed = column.name == "waterfall" and self.left_out
            action = menu.addAction(f"{title} (no room now)" if squeezed else title)
            action.setObjectName(f"column.{column.name}")
            action.setToolTip(column.tooltip)
            action.setCheckable(True)
            action.setChecked(column.name in shown)
            action.setEnabled(column.name not in columns.ALWAYS)
            action.toggled.connect(partial(self.show_column, column.name))
        menu.addSeparator()
        order = menu.addMenu("Sort by")
        order.setObjectName("sortMenu")
        by, descending = self.sortIndicatorSection(), self.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
        self._choice(order, "Order of start, newest last", by < 0, partial(self.setSortIndicator, -1, _UP))
        self._choice(
            order, "Order of start, newest first", by == 0 and descending, partial(self.setSortIndicator, 0, _DOWN)
        )
        for section, column in enumerate(COLUMNS):
            if column.order != "id":
                way = _DOWN if by == section and not descending else _UP
                self._choice(order, column.title, by == section, partial(self.setSortIndicator, section, way))
        menu.addSeparator()
        menu.addAction("Reset columns", self.reset_places).setObjectName("columns.reset.entry")
        menu.setToolTipsVisible(True)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _choice(self, menu: QMenu, title: str, chosen: bool, handler: Callable[[], None]) -> None:
        action = menu.addAction(title)
        action.setCheckable(True)
        action.setChecked(chosen)
        action.triggered.connect(handler)

    def choose(self) -> None:
        """Opens the menu without a mouse."""
        self.menu().popup(self.mapToGlobal(QPoint(theme.edge(), self.height())))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    # Painting

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        palette, column = theme.current(), COLUMNS[section]
        painter.fillRect(rect, palette.panel)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, palette.hairline)
        sorts = self.sortIndicatorSection() == section
        painter.setFont(theme.small(theme.interface_font()))
        painter.setPen(palette.text if sorts else palette.second)
        left, right = edges(section, section == self.first)
        inner = rect.adjusted(left, 0, -right, -1)
        side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
        title = painter.fontMetrics().elidedText(column.title, Qt.TextElideMode.ElideRight, inner.width())
        if section == cells.WATERFALL and title != column.title:
            title = ""  # a first letter says less than the bars do
        painter.drawText(inner, side | _V_CENTER, title)
        if sorts:
            name = "chevron-up" if self.sortIndicatorOrder() == _UP else "chevron-down"
            size, width = theme.px(11), painter.fontMetrics().horizontalAdvance(title)
            x = inner.right() - width - size - theme.px(3) if column.right else inner.left() + width + theme.px(3)
            icons.draw(painter, name, x, rect.center().y() - size // 2, palette.second, size)


_UP, _DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
