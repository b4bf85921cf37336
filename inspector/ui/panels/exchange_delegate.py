"""How the cells of the exchange table are painted: by `drawText`, in a fifth of the stock delegate's time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from inspector.recording.rows import ExchangeRow
from inspector.ui import icons, theme
from inspector.ui.models import cells
from inspector.ui.models.cells import COLUMNS
from inspector.ui.panels import waterfall
from inspector.ui.panels.exchange_header import edges
from inspector.ui.theme import Palette

if TYPE_CHECKING:
    from inspector.ui.panels.exchange_table import ExchangeTable

_CUT = 400
"""Characters that are measured and painted at the most."""
_V_CENTER = Qt.AlignmentFlag.AlignVCenter
_LEFT, _RIGHT = Qt.AlignmentFlag.AlignLeft | _V_CENTER, Qt.AlignmentFlag.AlignRight | _V_CENTER
_LINE = Qt.TextFlag.TextSingleLine
_WIRE = frozenset((cells.PATH, cells.QUERY, cells.HOST, cells.CLIENT))
"""Columns of what came over the wire."""
Index = QModelIndex | QPersistentModelIndex


def stripe(palette: Palette, colour: str) -> QColor:
    """The colour that stands for one of `recording.rows.COLOURS`."""
    token = {"red": "status_5xx", "yellow": "status_4xx", "green": "status_2xx", "blue": "accent", "violet": "send"}
    found: QColor = getattr(palette, token.get(colour, "third"))
    return found


class ExchangeDelegate(QStyledItemDelegate):
    """Paints what `ExchangeTable` shows. What can be known before a paint is known before it."""

    def __init__(self, parent: ExchangeTable) -> None:
        super().__init__(parent)
        self._table = parent
        theme.measured(self._measure)

    def _measure(self) -> None:
        self._plain, self._fixed = theme.interface_font(), theme.fixed_font()
        self._heavy = theme.weighted(self._plain)
        self._aside = QFont(self._plain)
        self._aside.setItalic(True)
        fonts = (self._plain, self._fixed, self._heavy, self._aside)
        self._metrics = {font.key(): QFontMetrics(font) for font in fonts}
        self._edges = {(at, first): edges(at, first) for at in range(len(COLUMNS)) for first in (False, True)}
        self._bar, self._gap, self._icon = theme.px(3), theme.px(10), theme.px(13)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette, table = theme.current(), self._table
        rect: QRect = option.rect
        section, position = index.column(), index.row()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        first = section == table.header.first
        if selected:
            painter.fillRect(rect, palette.selection)
        row = table.rows.row(position) if table.rows is not None else None
        if first:
            self._paint_edge(painter, rect, position == table.current_row, row.colour if row is not None else "")
        if row is None:
            return
        if section == cells.WATERFALL:
            waterfall.paint(painter, rect, row, table.scale, palette, table.now_ns, table.holds.get(row.id))
            return
        left, right = self._edges[section, first]
        inner = rect.adjusted(left, 0, -right, 0)
        held = table.holds.get(row.id)
        text = cells.text(row, section, table.now_ns, held)
        if held is not None and section == cells.STATUS:
            self._paint_held(painter, inner, text, palette)
            return
        font, color = self._look(section, row, palette)
        if selected and color is palette.third:
            color = palette.second
        if section == cells.PATH and (row.pinned or row.note):
            inner = self._paint_marks(painter, inner, text, row, palette)
        width = self._draw(painter, inner, text, font, color, right=COLUMNS[section].right)
        if section == cells.STATUS and row.exception and not cells.unsupported(row):
            x = inner.left() + width + theme.px(5)
            icons.draw(painter, "exception", x, rect.center().y() - self._icon // 2, palette.status_5xx, self._icon)

    def _draw(
        self, painter: QPainter, inner: QRect, text: str, font: QFont, color: QColor, *, right: bool = False
    ) -> int:
        """Returns how wide the text has become."""
        metrics, text = self._metrics[font.key()], text[:_CUT]
        width = metrics.horizontalAdvance(text)
        if width > inner.width():
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
            width = inner.width()
        painter.setFont(font)
        painter.setPen(color)
        painter.drawText(inner, (_RIGHT if right else _LEFT) | _LINE, text)
        return width

    def _paint_edge(self, painter: QPainter, rect: QRect, current: bool, colour: str) -> None:
        """At the left edge: a hair of accent where the keyboard is, and the stripe of the row's colour."""
        palette, bar = theme.current(), self._bar
        if colour:
            painter.fillRect(rect.left() + bar, rect.top() + 2, bar, rect.height() - 4, stripe(palette, colour))
        if current and self._table.shows_focus():
            painter.fillRect(rect.left(), rect.top(), theme.px(2), rect.height(), palette.accent)

    def _paint_held(self, painter: QPainter, inner: QRect, text: str, palette: Palette) -> None:
        """The pill in the place of the status."""
        font = theme.small(self._heavy)
        metrics, air = QFontMetrics(font), theme.px(7)
        high = metrics.height() + theme.px(2)
        pill = QRect(inner.left() - theme.px(1), 0, metrics.horizontalAdvance(text) + 2 * air, high)
        pill.moveTop(inner.top() + (inner.height() - high) // 2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.held_wash)
        painter.drawRoundedRect(pill, high / 2, high / 2)
        painter.setFont(font)
        painter.setPen(palette.held)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter | _LINE, text)
        painter.restore()

    def _paint_marks(self, painter: QPainter, inner: QRect, text: str, row: ExchangeRow, palette: Palette) -> QRect:
        """A pin at the right end, a note behind the path; what is left to the path."""
        if row.pinned:
            x, y = inner.right() - self._icon, inner.center().y() - self._icon // 2
            icons.draw(painter, "pin", x, y, palette.second, self._icon)
            inner = inner.adjusted(0, 0, -self._icon - self._gap // 2, 0)
        if not row.note:
            return inner
        note = cells.seen(row.note)[:_CUT]
        room = inner.width() - self._gap
        path = self._metrics[self._fixed.key()].horizontalAdvance(text[:_CUT])
        wanted = self._metrics[self._aside.key()].horizontalAdvance(note)
        path = min(path, max(room - wanted, room // 2))
        self._draw(painter, inner.adjusted(path + self._gap, 0, 0, 0), note, self._aside, palette.second)
        return QRect(inner.left(), inner.top(), path + 1, inner.height())

    def _look(self, section: int, row: ExchangeRow, palette: Palette) -> tuple[QFont, QColor]:
        if section == cells.PATH:
            return self._fixed, palette.second if row.kind == "lifespan" else palette.text
        if section == cells.METHOD:
            return self._heavy, palette.method(cells.method(row))
        if section == cells.STATUS:
            return self._heavy, palette.status(row.status)
        if section == cells.NUMBER:
            return self._plain, palette.third
        if section == cells.TOTAL and row.outcome == "lost":
            return self._plain, palette.status_5xx
        return (self._fixed if section in _WIRE else self._plain), palette.second

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(theme.px(COLUMNS[index.column()].width or 200), theme.row_height())
