"""The messages of the selected exchange, in their order, live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from inspector.recording.rows import ExchangeRow, MessageRow
from inspector.ui import icons, theme, words
from inspector.ui.models import message_table, message_words
from inspector.ui.models.message_table import DIRECTION, ROW, SIZE, TIME, TYPE, WORDS, MessageTable
from inspector.ui.panels.parts import Elided, Strip, empty

if TYPE_CHECKING:
    from inspector.recording.reader import Reader

ROW_HEIGHT = 26
_TICK_MS = 200
_ICONS = {"call": "arrow-left", "receive": "arrow-left", "send": "arrow-right", "raise": "exception"}


class MessageDelegate(QStyledItemDelegate):
    """Paints a message with `drawText`: the stock delegate is too slow under traffic."""

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
        quiet = palette.second
        color = palette.direction(row.direction) if isinstance(row, MessageRow) else quiet
        match index.column():
            case message_table.DIRECTION:
                name = _ICONS.get(row.direction, "") if isinstance(row, MessageRow) else "wait"
                if name:
                    icons.draw(painter, name, rect.x() + 1, rect.y() + (rect.height() - icons.SIZE) / 2, color)
                else:
                    painter.fillRect(QRectF(rect.x() + 7.5, rect.center().y() - 0.5, 3, 3), color)
            case message_table.WORDS if isinstance(row, MessageRow):
                self._words(painter, rect, row, quiet if row.direction != "raise" else palette.text)
            case column:
                fixed = column in (TIME, TYPE)
                painter.setFont(theme.fixed_font() if fixed else theme.interface_font())
                painter.setPen(color if column == TYPE else quiet)
                right = column in (TIME, SIZE)
                _text(painter, rect.adjusted(0, 0, -10 if right else -6, 0), index.data() or "", right)

    def _words(self, painter: QPainter, rect: QRect, row: MessageRow, color: QColor) -> None:
        told = message_words.describe(row)
        rect = rect.adjusted(0, 0, -theme.edge(), 0)
        painter.setPen(color)
        if told.note:
            painter.setFont(theme.interface_font())
            _text(painter, rect, told.note)
            rect.setLeft(rect.left() + painter.fontMetrics().horizontalAdvance(told.note) + 14)
        if told.quote and rect.width() > 30:
            painter.setFont(theme.fixed_font())
            if row.body_key == "text":
                painter.setPen(theme.current().text)
            _text(painter, rect, told.quote)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(60, ROW_HEIGHT)


def _text(painter: QPainter, rect: QRect, text: str, right: bool = False) -> None:
    if rect.width() <= 0:
        return
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(QRectF(rect), side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)


class MessagesPanel(QWidget):
    """Header line and table. The newest is followed only while the last row is in sight."""

    message_selected = Signal(int)
    """The `seq` of the message that the user chose."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reader: Reader | None = None
        self.model = MessageTable(self)
        self._title = Elided(role="second")
        self._count = QLabel()
        self._count.setProperty("role", "second")
        self.table = self._table()
        self._pages = QStackedWidget()
        self._pages.addWidget(empty("Select an exchange to see its messages"))
        self._pages.addWidget(empty("No message yet: the app has not been called"))
        self._pages.addWidget(self.table)

        header = Strip("Messages")
        header.layout_.addWidget(self._title, 1)
        header.layout_.addWidget(self._count)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(header)
        layout.addWidget(self._pages, 1)

        self._ticker = QTimer(self, interval=_TICK_MS)
        self._ticker.timeout.connect(self._tick)
        theme.observer.changed.connect(self.table.viewport().update)

    def _table(self) -> QTableView:
        table = QTableView()
        table.setObjectName("messageTable")
        table.setAccessibleName("Messages of the selected exchange")
        table.setModel(self.model)
        table.setItemDelegate(MessageDelegate(table))
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.horizontalHeader().hide()
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        table.horizontalHeader().setMinimumSectionSize(10)
        # Not setStretchLastSection: that one never goes below the width it had at first.
        table.horizontalHeader().setSectionResizeMode(WORDS, QHeaderView.ResizeMode.Stretch)
        figures = QFontMetrics(theme.fixed_font())
        table.setColumnWidth(DIRECTION, 24)
        table.setColumnWidth(TYPE, figures.horizontalAdvance("http.response.start ") + 6)
        table.setColumnWidth(SIZE, QFontMetrics(theme.interface_font()).horizontalAdvance("1,023.9 KB") + 12)
        table.selectionModel().currentRowChanged.connect(self._chosen)
        QShortcut(QKeySequence.StandardKey.Copy, table, self.copy, context=Qt.ShortcutContext.WidgetShortcut)
        return table

    @property
    def exchange(self) -> ExchangeRow | None:
        return self.model.exchange

    def show_exchange(self, reader: Reader | None, exchange_id: int | None) -> None:
        """The messages of the exchange `exchange_id`; None: of none."""
        self._reader = reader
        row = reader.rows([exchange_id])[0] if reader is not None and exchange_id is not None else None
        self.model.show(reader, row)
        self.table.scrollToTop()
        self._fit()
        self._tell()

    def refresh(self) -> None:
        """Show what came since. Moves neither selection nor scroll, except to follow the newest at the end."""
        if self._reader is None or self.exchange is None:
            return
        row = self._reader.rows([self.exchange.id])[0]
        if row is None:  # dropped by the retention cap: what is shown stays as long as it is looked at
            return
        bar = self.table.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        grown = row.message_count > self.model.count
        self.model.refresh(row)
        if at_end and grown:
            self.table.scrollToBottom()
        self._fit()
        self._tell()

    def select(self, seq: int) -> None:
        """Make `seq` the current message, in sight."""
        self.table.setCurrentIndex(self.model.index(seq, WORDS))

    def copy(self) -> None:
        """The selected rows as lines of text, columns apart by tabs."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())[:10_000]
        columns = range(self.model.columnCount())
        lines = ["\t".join(str(self.model.index(row, column).data() or "") for column in columns) for row in rows]
        QApplication.clipboard().setText("\n".join(lines))

    def _chosen(self, current: QModelIndex) -> None:
        if current.isValid() and current.row() < self.model.count:
            self.message_selected.emit(current.row())

    def _tick(self) -> None:
        if self.isVisible():
            self.model.tick()

    def _fit(self) -> None:
        """The time column as wide as its longest figure."""
        last = self.model.index(self.model.rowCount() - 1, TIME).data() or ""
        width = (
            QFontMetrics(theme.fixed_font()).horizontalAdvance(max(last, "1,000.00", key=len)) + theme.edge() // 2 + 10
        )
        if self.table.columnWidth(TIME) != width:
            self.table.setColumnWidth(TIME, width)

    def _tell(self) -> None:
        row = self.exchange
        self._title.set_text(heading(row) if row else "")
        self._count.setText(words.counted(self.model.count, "message") if row else "")
        self._pages.setCurrentIndex(0 if row is None else 1 if self.model.rowCount() == 0 else 2)
        if self.model.wait and not self._ticker.isActive():
            self._ticker.start()
        elif not self.model.wait:
            self._ticker.stop()


def heading(row: ExchangeRow) -> str:
    """An exchange in a line: `POST /api/checkout`, `WS /ws/chat`, `lifespan`."""
    if row.kind == "lifespan":
        return "lifespan"
    return f"{'WS' if row.kind == 'websocket' else row.method} {row.path}"
