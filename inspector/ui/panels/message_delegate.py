"""Paints the lines of the table of messages."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from inspector.recording.rows import MessageRow
from inspector.trace.stepping import Held
from inspector.ui import icons, theme, words
from inspector.ui.find.marks import write
from inspector.ui.models import message_words
from inspector.ui.models.message_table import DIRECTION, ROW, SINCE, SIZE, TIME, TYPE, WIRE, WORDS, MessageTable

_ROW_HEIGHT = 26
_LEFT, _RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
_ICONS = {"call": "arrow-left", "receive": "arrow-left", "send": "arrow-right", "raise": "exception"}


def row_height() -> int:
    """Pixels of a line."""
    return theme.px(_ROW_HEIGHT)


class MessageDelegate(QStyledItemDelegate):
    """With `drawText`: the stock delegate is too slow under traffic."""

    def __init__(self, table: QTableView, model: MessageTable) -> None:
        super().__init__(table)
        self._table = table
        self._model = model

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        palette = theme.current()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        rect: QRect = option.rect
        if selected:
            painter.fillRect(rect, palette.selection)
        row = index.data(ROW)
        if row is None:
            return
        if isinstance(row, Held):
            self._held(painter, option, index)
        else:
            self._message(painter, option, index, row, selected)
        at = self._table.currentIndex()
        if self._table.hasFocus() and at.row() == index.row() and rect.left() <= 0:
            painter.fillRect(rect.left(), rect.top(), theme.px(2), rect.height(), palette.accent)

    def _message(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
        row: object,
        selected: bool,
    ) -> None:
        palette = theme.current()
        rect: QRect = option.rect
        color = palette.direction(row.direction) if isinstance(row, MessageRow) else palette.second
        later = isinstance(row, MessageRow) and self._model.later(row)
        if later:
            color = palette.third
        column = index.column()
        if column == DIRECTION:
            if self._table.isColumnHidden(TIME):  # it stands at the panel's edge then
                rect = rect.adjusted(theme.edge(), 0, 0, 0)
            name = _ICONS.get(row.direction, "") if isinstance(row, MessageRow) else "wait"
            if isinstance(row, MessageRow) and row.dropped:
                name, color = "drop", color if later else palette.held
            self._direction(painter, rect, name, color)
        elif column == WORDS and isinstance(row, MessageRow):
            loud = row.direction == "raise" and not later
            self._words(painter, option, row, palette.text if loud else color if later else palette.second, later)
        else:
            right = column in (TIME, SINCE, SIZE, WIRE)
            painter.setFont(theme.interface_font() if column in (SIZE, WORDS) else theme.fixed_font())
            quieter = (column in (SINCE, WIRE) or later) and not selected
            painter.setPen(color if column == TYPE else palette.third if quieter else palette.second)
            air = theme.edge() if column == WIRE else theme.px(10 if right else 6)
            rect = rect.adjusted(0, 0, -air, 0)
            text = index.data() or ""
            if column == TYPE and isinstance(row, MessageRow) and row.dropped:
                painter.setFont(theme.struck(painter.font()))
            if column == TYPE and self._table.isColumnHidden(SIZE):  # all of them, for they stand below one another
                text = shortened(text)
            write(painter, option, rect, text, _RIGHT if right else _LEFT)

    def _held(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The held message: washed in amber, with a sign and in words."""
        palette, column = theme.current(), index.column()
        rect: QRect = option.rect
        painter.fillRect(rect, palette.held_wash)
        if column == DIRECTION:
            self._direction(painter, rect, "pause", palette.held)
            return
        text, right = index.data() or "", column in (TIME, SINCE, SIZE, WIRE)
        painter.setFont(theme.interface_font() if column in (SIZE, WORDS) else theme.fixed_font())
        painter.setPen(palette.held if column == TYPE else palette.text)
        rect = rect.adjusted(0, 0, -theme.px(10 if right else 6), 0)
        if column == TYPE and painter.fontMetrics().horizontalAdvance(text) > rect.width():
            text = shortened(text)
        write(painter, option, rect, text, _RIGHT if right else _LEFT)

    def _direction(self, painter: QPainter, rect: QRect, name: str, color: QColor) -> None:
        size = theme.px(icons.SIZE)
        if name:
            icons.draw(painter, name, rect.x() + 1, rect.y() + (rect.height() - size) / 2, color, size)
        else:
            dot = theme.px(3)
            painter.fillRect(QRectF(rect.x() + 1 + (size - dot) / 2, rect.center().y() - dot / 2 + 1, dot, dot), color)

    def _words(
        self, painter: QPainter, option: QStyleOptionViewItem, row: MessageRow, color: QColor, later: bool
    ) -> None:
        told = message_words.describe(row)
        rect: QRect = option.rect.adjusted(0, 0, -theme.edge(), 0)
        if told.done:
            painter.setFont(theme.weighted(theme.interface_font()))
            painter.setPen(color if later else theme.current().held)
            write(painter, option, rect, told.done)
            rect.adjust(painter.fontMetrics().horizontalAdvance(told.done) + theme.px(10), 0, 0, 0)
        note = told.note
        if row.body_key and self._table.isColumnHidden(SIZE):
            note = " · ".join(filter(None, (words.size(row.size), note)))
        painter.setPen(color)
        if note:
            painter.setFont(theme.interface_font())
            write(painter, option, rect, note)
            rect.setLeft(rect.left() + painter.fontMetrics().horizontalAdvance(note) + theme.px(14))
        if told.quote and rect.width() > theme.px(30):
            painter.setFont(theme.fixed_font())
            if row.body_key == "text" and not later:
                painter.setPen(theme.current().text)
            write(painter, option, rect, told.quote)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(theme.px(60), row_height())


def shortened(type_: str) -> str:
    """`http.response.start` as `…response.start`: what the exchange is, its title says."""
    return f"…{type_.partition('.')[2]}" if "." in type_ else type_
