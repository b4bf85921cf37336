"""The messages of the selected exchange, in their order, live."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QMenu,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from inspector.recording.rows import ExchangeRow
from inspector.session.stepping import SteppingState
from inspector.trace.stepping import Held
from inspector.ui import shortcuts, theme, words
from inspector.ui.models import held_words
from inspector.ui.models.held_text import UTF_8
from inspector.ui.models.message_copy import Form, copied
from inspector.ui.models.message_table import DIRECTION, SINCE, SIZE, TIME, TYPE, WIRE, WORDS, Index, MessageTable
from inspector.ui.panels import exchange_parts
from inspector.ui.panels.hold_editor import HoldEditor
from inspector.ui.panels.message_delegate import MessageDelegate, row_height
from inspector.ui.panels.parts import Elided, Strip, bare_rows, empty, pop_up, set_empty_text, strip_height

if TYPE_CHECKING:
    from inspector.recording.reader import Reader

_TICK_MS = 200
_NOT_YET = "No message yet: the app has not been called"
_LONGEST = {"http": "http.response.start", "websocket": "websocket.disconnect", "lifespan": "lifespan.startup.complete"}
"""The longest type that is common in an exchange of a kind; of WSGI the waiting line."""
_EDITOR, _LEAST_EDITOR = 210, 176
"""Pixels of height that the editor of a held message would like, and must have."""
_UNBOUND = (1 << 24) - 1
_LEAST, _ENOUGH, _PLENTY = 90, 170, 260
"""Pixels that the words must have before the time, the time since the message before, the wire's clock take place."""


class MessageView(QTableView):
    """The table. Where it is narrow, columns give way to the words: the wire's clock first, then the time since the
    message before, then the size, which stands before the words then, while the types lose their first word; at last
    the time."""

    def __init__(self, model: MessageTable) -> None:
        super().__init__()
        self.setObjectName("messageTable")
        self.setAccessibleName("Messages of the selected exchange")
        self.setModel(model)
        self.setItemDelegate(MessageDelegate(self, model))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        bare_rows(self, WORDS)
        self._model = model
        theme.measured(self.measure)

    def measure(self) -> None:
        """Every width anew, for the figures and the types that there are."""
        self.horizontalHeader().setMinimumSectionSize(theme.px(10))
        self.verticalHeader().setMinimumSectionSize(row_height())
        self.verticalHeader().setDefaultSectionSize(row_height())
        fixed, plain = QFontMetrics(theme.fixed_font()), QFontMetrics(theme.interface_font())
        last = str(self._model.index(self._model.rowCount() - 1, TIME).data() or "")
        time = fixed.horizontalAdvance(max(last, "1,000.00", key=len))
        exchange = self._model.exchange
        wsgi = exchange is not None and exchange.interface == "wsgi"
        longest = "waiting: receive" if wsgi else _LONGEST.get(exchange.kind if exchange else "http", "")
        self._short = fixed.horizontalAdvance("waiting: receive") + theme.px(8)
        self._widths = {
            TIME: time + theme.edge() // 2 + theme.px(10),
            SINCE: fixed.horizontalAdvance("+") + time + theme.px(12),
            DIRECTION: theme.px(24),
            TYPE: fixed.horizontalAdvance(longest) + theme.px(14),
            SIZE: plain.horizontalAdvance("999.9 KB") + theme.px(12),
            WIRE: fixed.horizontalAdvance("wire ") + time + theme.edge(),
        }
        self._give_way()
        self.viewport().update()

    def _give_way(self) -> None:
        widths = dict(self._widths)
        room = self.viewport().width() - sum(widths[column] for column in (TIME, DIRECTION, TYPE))
        hidden = {SIZE: room - widths[SIZE] < theme.px(_ENOUGH)}
        if hidden[SIZE]:
            widths[TYPE] = min(widths[TYPE], self._short)
        room = self.viewport().width() - sum(widths[column] for column in (TIME, DIRECTION, TYPE))
        hidden[TIME] = hidden[SIZE] and room < theme.px(_LEAST)
        widths[DIRECTION] += theme.edge() if hidden[TIME] else 0
        room -= 0 if hidden[SIZE] else widths[SIZE]
        hidden[SINCE] = hidden[SIZE] or room - widths[SINCE] < theme.px(_ENOUGH)
        room -= 0 if hidden[SINCE] else widths[SINCE]
        hidden[WIRE] = hidden[SINCE] or room - widths[WIRE] < theme.px(_PLENTY)
        for column, width in widths.items():
            if hidden.get(column, False) != self.isColumnHidden(column):
                self.setColumnHidden(column, hidden[column])
            if not self.isColumnHidden(column) and self.columnWidth(column) != width:
                self.setColumnWidth(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_way()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()  # the mark stands at the row's edge, not in the cell

    def chosen(self) -> list[range]:
        """The seqs of the selected messages, in order: a million are selected as easily as one."""
        selection = self.selectionModel().selection()
        ranges = [selection.at(number) for number in range(selection.count())]
        ends = {(each.top(), min(each.bottom() + 1, self._model.count)) for each in ranges}
        return [range(first, end) for first, end in sorted(ends) if first < end]


class MessagesPanel(QWidget):
    """Header line and table. The newest is followed only while the last row is in sight."""

    message_selected = Signal(int)
    """The `seq` of the message that the user chose."""

    hold_shown = Signal()
    """The editor of a held message came into sight."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.dressed(self)
        self._reader: Reader | None = None
        self._steady = False
        """The selection is moved by us, and not told."""
        self._fitted = (0, 0)
        """Exchange and length of a figure that the columns are measured for."""
        self.model = MessageTable(self)
        self._title = Elided(role="second")
        self._count = QLabel()
        self._count.setProperty("role", "second")
        self.table = MessageView(self.model)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.table.selectionModel().selectionChanged.connect(self._tell)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._menu)
        shortcuts.local(self.table, QKeySequence.StandardKey.Copy, self.copy)
        self._pages = QStackedWidget()
        self._pages.addWidget(empty("Select an exchange to see its messages"))
        self._none = empty("")
        self._pages.addWidget(self._none)
        self._pages.addWidget(self.table)

        self.editor = HoldEditor()
        self._room = QWidget()
        self._air = QVBoxLayout(self._room)
        self._air.addWidget(self.editor)
        self._room.hide()

        header = Strip("Messages")
        header.layout_.addWidget(self._title, 1)
        header.layout_.addWidget(self._count)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(header)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._room, 2)
        theme.measured(self._measure)

        self._ticker = QTimer(self, interval=_TICK_MS)
        self._ticker.timeout.connect(self._tick)

    def _measure(self) -> None:
        self._air.setContentsMargins(theme.edge(), theme.px(8), theme.edge(), theme.edge())
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Below a few messages the editor stands at once; of many it leaves some in sight. Where there is hardly room
        for the editor, it has all of it."""
        held, height = not self._room.isHidden(), row_height()
        most = self.height() - theme.px(_EDITOR) - strip_height()
        rows = min(max(self.model.rowCount(), 1) * height + 2, max(most, 2 * height))
        self._pages.setVisible(not held or self.height() - theme.px(_LEAST_EDITOR) - strip_height() >= 2 * height)
        self._pages.setMaximumHeight(rows if held else _UNBOUND)
        self._pages.setMinimumHeight(min(rows, 2 * height) if held else 0)

    def wanted_height(self) -> int:
        """Pixels that the held message would like to have; 0 where none is shown."""
        if self._room.isHidden():
            return 0
        edges = self._air.contentsMargins()
        return strip_height() + edges.top() + edges.bottom() + self.editor.wanted_height()

    @property
    def exchange(self) -> ExchangeRow | None:
        return self.model.exchange

    def show_hold(self, held: Held | None, stepping: SteppingState, charset: str = UTF_8) -> None:
        """What is held of the exchange at this moment; None leaves an editor that still has something to say."""
        bar = self.table.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        self.model.show_hold(held, stepping)
        if held is not None or not self.editor.over:
            self.editor.show_hold(held, stepping, charset)
        before = self._room.isHidden()
        self._room.setVisible(self.editor.isVisibleTo(self._room))
        self._make_room()
        if before and not self._room.isHidden():
            self.hold_shown.emit()
        if at_end and held is not None:
            QTimer.singleShot(0, self.table.scrollToBottom)
        self._tell()

    def tick_hold(self) -> None:
        """The hold lasts."""
        if isinstance(self.model.wait, Held):
            self._tell()

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
        before = self.model.rowCount()
        self.model.refresh(row)
        if at_end and self.model.rowCount() > before:
            self.table.scrollToBottom()
        self._fit()
        self._tell()

    def select(self, seq: int) -> None:
        """Make `seq` the current message, in sight."""
        self.table.setCurrentIndex(self.model.index(seq, WORDS))

    def show_past(self, seq: int | None) -> None:
        """As of message `seq`, which becomes the current one without being told; None: as it is now."""
        self.model.show_past(seq)
        if seq is not None and seq != self.table.currentIndex().row():
            self._steady = True
            self.select(seq)
            self._steady = False
        self._tell()

    def copy(self, form: Form = "text") -> None:
        """The selected messages; all of the exchange where none is selected."""
        if self._reader is None or self.exchange is None:
            return
        ranges = self.table.chosen() or [range(self.model.count)]
        text, count = copied(self.model, self._reader, chain.from_iterable(ranges), form)
        QApplication.clipboard().setText(text)
        wanted = sum(map(len, ranges))
        if wanted > count:
            self._count.setText(f"copied: the first {count:,} of {words.counted(wanted, 'message')}")

    def menu(self) -> QMenu:
        """The forms of copy."""
        menu = QMenu(self)
        menu.addAction("Copy as text", lambda: self.copy("text"))
        menu.addAction("Copy as TSV", lambda: self.copy("tsv"))
        menu.addAction("Copy as JSON", lambda: self.copy("json"))
        return menu

    def _menu(self, at: QPoint) -> None:
        pop_up(self.menu(), self.table, at)

    def _chosen(self, current: QModelIndex) -> None:
        if current.isValid() and current.row() < self.model.count and not self._steady:
            self.message_selected.emit(current.row())

    def _tick(self) -> None:
        if self.isVisible():
            self.model.tick()

    def _fit(self) -> None:
        """The columns as wide as their longest figure."""
        figure = self.exchange, len(str(self.model.index(self.model.rowCount() - 1, TIME).data() or ""))
        told = (figure[0].id if figure[0] else 0, figure[1])
        if told != self._fitted:
            self._fitted = told
            self.table.measure()

    def _tell(self) -> None:
        row = self.exchange
        self._title.set_text(heading(row) if row else "")
        held = self.model.wait if isinstance(self.model.wait, Held) else None
        count = self.model.count + (held is not None)
        past = self.model.past
        told = f" · as of {past + 1:,}" if past is not None else ""
        told = f" · held {held_words.waited(held)}" if held is not None else told
        own = exchange_parts.own_answer(row) if row else ""
        if row and own and past is None:
            told += f" · Inspector answered {row.status}"
        self._count.setText(words.counted(count, "message") + told if row else "")
        self._count.setToolTip(own)
        never = f"No message: {own}" if own else "No message: the app was not called"
        set_empty_text(self._none, _NOT_YET if row is None or row.live else never)
        self._pages.setCurrentIndex(0 if row is None else 1 if self.model.rowCount() == 0 else 2)
        waits = self.model.wait is not None and held is None
        if waits and not self._ticker.isActive():
            self._ticker.start()
        elif not waits:
            self._ticker.stop()


def heading(row: ExchangeRow) -> str:
    """An exchange in a line: `POST /api/checkout`, `WS /ws/chat`, `lifespan`."""
    if row.kind == "lifespan":
        return "lifespan"
    return f"{'WS' if row.kind == 'websocket' else row.method} {row.path}"
