"""What went over the wire for an exchange: every piece in order of time, and the bytes of the chosen one below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QMenu,
    QSplitter,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from inspector.recording.content import ContentType
from inspector.recording.rows import ExchangeRow, WireRow
from inspector.ui import icons, shortcuts, theme, words
from inspector.ui.find.marks import write
from inspector.ui.models import http2_words
from inspector.ui.models.wire_table import DIRECTION, MESSAGE, PIECE, SIZE, TIME, WHAT, WireTable
from inspector.ui.panels.body import BodyView, Taste
from inspector.ui.panels.message_delegate import row_height
from inspector.ui.panels.parts import Elided, Strip, WholeRows, bare_rows, pop_up
from inspector.ui.renderer import Renderer
from inspector.ui.rendering import Body

if TYPE_CHECKING:
    from inspector.recording.past import Pages

_LEFT, _RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
_ENOUGH = 230
"""Pixels that the words must have before the message has a place beside them."""
_COUNTED = 1 << 20
"""Bytes of a piece up to which it is looked how many are on record."""


class _PieceDelegate(QStyledItemDelegate):
    """With `drawText`, as the table of messages."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        palette, column = theme.current(), index.column()
        rect: QRect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, palette.selection)
        row: WireRow | None = index.data(PIECE)
        if row is None:
            return
        color = palette.second if row.kind == "cut" else palette.direction("send" if row.sent else "receive")
        if column == DIRECTION:
            if row.kind != "cut":
                size = theme.px(icons.SIZE)
                name = "arrow-right" if row.sent else "arrow-left"
                icons.draw(painter, name, rect.x() + 1, rect.y() + (rect.height() - size) / 2, color, size)
            return
        right = column in (TIME, SIZE)
        painter.setFont(theme.fixed_font() if column in (TIME, MESSAGE) else theme.interface_font())
        painter.setPen(palette.text if column == WHAT and row.kind != "cut" else palette.second)
        air = theme.edge() if column == MESSAGE else theme.px(10 if right else 6)
        write(painter, option, rect.adjusted(0, 0, -air, 0), index.data() or "", _RIGHT if right else _LEFT)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(theme.px(60), row_height())


class WireView(QTableView):
    """The table. Where it is narrow, the message and then the size give way to the words."""

    def __init__(self, model: WireTable) -> None:
        super().__init__()
        self.setObjectName("wireTable")
        self.setAccessibleName("Wire of the selected exchange")
        self.setModel(model)
        self.setItemDelegate(_PieceDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        bare_rows(self, WHAT)
        self._model = model
        theme.measured(self.measure)

    def measure(self) -> None:
        """Every width anew, for the figures that there are."""
        self.horizontalHeader().setMinimumSectionSize(theme.px(10))
        self.verticalHeader().setMinimumSectionSize(row_height())
        self.verticalHeader().setDefaultSectionSize(row_height())
        fixed, plain = QFontMetrics(theme.fixed_font()), QFontMetrics(theme.interface_font())
        last = self._model.text(self._model.rows[-1], TIME) if self._model.rows else ""
        self._widths = {
            TIME: fixed.horizontalAdvance(max(last, "1,000.00", key=len)) + theme.edge() // 2 + theme.px(10),
            DIRECTION: theme.px(24),
            SIZE: plain.horizontalAdvance("999.9 KB") + theme.px(12),
            MESSAGE: fixed.horizontalAdvance("http.response.start") + theme.edge() + theme.px(8),
        }
        self._give_way()
        self.viewport().update()
        self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        """What is chosen, at another zoom or height."""
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def _give_way(self) -> None:
        room = self.viewport().width() - self._widths[TIME] - self._widths[DIRECTION]
        for column in (SIZE, MESSAGE):
            hidden = room - self._widths[column] < theme.px(_ENOUGH)
            room -= 0 if hidden else self._widths[column]
            if hidden != self.isColumnHidden(column):
                self.setColumnHidden(column, hidden)
        for column, width in self._widths.items():
            if not self.isColumnHidden(column) and self.columnWidth(column) != width:
                self.setColumnWidth(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_way()
        self._keep_in_sight()


class WirePanel(QWidget):
    """Pieces above, bytes below."""

    message_wanted = Signal(int)
    """The `seq` of the message that the piece carried which the user chose."""

    def __init__(self, renderer: Renderer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reader: Pages | None = None
        self._chosen: WireRow | None = None
        self._steady = False
        """The selection is moved by us, and not told."""
        self.model = WireTable(self)
        self.table = WireView(self.model)
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._menu)
        shortcuts.local(self.table, QKeySequence.StandardKey.Copy, self.copy)
        self._told = Elided(role="second")
        self._told.setObjectName("wireFacts")
        strip = Strip()
        strip.layout_.addWidget(self._told, 1)
        self.body = BodyView(renderer, Taste())
        self.body.setObjectName("wireBytes")
        self.body.setAccessibleName("Bytes of the chosen piece")
        self._split = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        self._split.setHandleWidth(1)
        self._split.addWidget(WholeRows(self.table, row_height))
        self._moment = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._moment.setObjectName("wireMoment")
        self._moment.setProperty("role", "second")
        self._moment.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._below = QWidget()
        self._column = QVBoxLayout(self._below)
        self._column.setSpacing(0)
        self._column.addWidget(self._moment)
        self._column.addWidget(self.body, 1)
        self._split.addWidget(self._below)
        self._split.setStretchFactor(0, 1)
        self._split.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(strip)
        layout.addWidget(self._split, 1)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.table.setMinimumHeight(2 * row_height())
        self._column.setContentsMargins(0, 0, 0, 0)
        self._moment.setContentsMargins(theme.edge(), theme.px(6), theme.edge(), 0)

    def show_wire(self, reader: Pages, row: ExchangeRow) -> None:
        """The wire of another exchange."""
        self._reader, self._chosen = reader, None
        self.model.show(reader, row)
        self.table.measure()
        self.table.scrollToTop()
        self._show_piece(None)
        self._tell(row)

    def refresh(self, reader: Pages, row: ExchangeRow) -> None:
        """The same exchange, later. What is chosen stays so, and the scroll bar where it is."""
        self._reader = reader
        chosen = self._chosen
        self._steady = True
        self.model.refresh(reader, row)
        at = self.model.like(chosen) if chosen is not None else -1
        if chosen is not None and at >= 0 and self.table.currentIndex().row() != at:
            self._select(at, scroll=False)
        self._steady = False
        self._tell(row)

    def show_message(self, seq: int) -> None:
        """Choose the first piece that carried message `seq`, unless one of it is chosen."""
        at = self.model.first_of(seq)
        if at >= 0 and (self._chosen is None or self._chosen.seq != seq):
            self._steady = True
            self._select(at)
            self._steady = False
            self._show_piece(self.model.rows[at])

    def _select(self, at: int, *, scroll: bool = True) -> None:
        self.table.setAutoScroll(scroll)
        self.table.setCurrentIndex(self.model.index(at, WHAT))
        self.table.setAutoScroll(True)

    def _choose(self, current: QModelIndex) -> None:
        if self._steady or not current.isValid():
            return
        row = self.model.rows[current.row()]
        self._show_piece(row)
        if row.seq is not None:
            self.message_wanted.emit(row.seq)

    def _show_piece(self, row: WireRow | None) -> None:
        self._chosen = row
        told = row is not None and bool(row.windows)
        self._moment.setVisible(told)
        if row is not None and told:
            self._moment.setText(http2_words.moment(row.windows, http2_words.stream_of(row.before)))
        reader = self._reader
        if row is None or reader is None:
            self.body.show_body(Body(0, 0, ContentType(), _none), "Select a piece to see its bytes")
            return
        stored = row.size - sum(part.size for part in row.parts if part.seq < 0)
        if row.size <= _COUNTED:
            stored = len(reader.wire_bytes(row))

        def read(offset: int, size: int) -> bytes:
            return reader.wire_bytes(row, offset, size)

        self.body.show_body(Body(row.size, stored, ContentType(), read), "Nothing of it is on record")

    def _tell(self, row: ExchangeRow) -> None:
        rows = [one for one in self.model.rows if one.kind != "cut"]
        sent = sum(one.size for one in rows if one.sent)
        facts = [
            words.counted(len(rows), "piece"),
            f"{words.size(sum(one.size for one in rows) - sent)} in",
            f"{words.size(sent)} out",
        ]
        if self._reader is not None and self._reader.transport(row.id).get("tls"):
            facts.append("inside TLS: these bytes were encrypted on the network")
        self._told.set_text(" · ".join(facts))

    def copy(self) -> None:
        """The selected pieces as lines; all of them where none is selected."""
        chosen = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        rows = [self.model.rows[at] for at in chosen] or self.model.rows
        QApplication.clipboard().setText("\n".join(self.model.line(row) for row in rows))

    def menu(self) -> QMenu:
        """What can be copied."""
        menu = QMenu(self)
        menu.addAction("Copy as text", self.copy)
        menu.addAction("Copy bytes as hex", self.copy_hex)
        return menu

    def copy_hex(self) -> None:
        """The bytes of the chosen piece, up to a megabyte."""
        if self._reader is not None and self._chosen is not None:
            QApplication.clipboard().setText(self._reader.wire_bytes(self._chosen, 0, _COUNTED).hex(" "))

    def _menu(self, at: QPoint) -> None:
        pop_up(self.menu(), self.table, at)


def _none(_offset: int, _size: int) -> bytes:
    return b""
