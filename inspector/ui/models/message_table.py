"""The messages of one exchange as rows: only their count and a few pages are in memory.

An exchange may have a million messages. Rows are read a page at a time when they are painted, and the pages that were
not looked at longest are forgotten. The last row may say what the app waits for; it is no message.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from inspector.recording.rows import ExchangeRow, MessageRow, WaitRow
from inspector.trace import clock
from inspector.ui import words
from inspector.ui.models import message_words

if TYPE_CHECKING:
    from inspector.recording.reader import Reader

TIME, DIRECTION, TYPE, SIZE, WORDS = range(5)
ROW = Qt.ItemDataRole.UserRole
"""The `MessageRow`, or the `WaitRow` of the last line."""
PAGE = 256
PAGES = 32

_HEADINGS = ("time", "direction", "message", "size", "in short")
_WAITS = {"receive": "waiting: receive", "send": "waiting: send"}
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class MessageTable(QAbstractTableModel):
    """Columns: time since the start, direction, type, size, a few words."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.exchange: ExchangeRow | None = None
        self.wait: WaitRow | None = None
        self._reader: Reader | None = None
        self._count = 0
        self._pages: OrderedDict[int, list[MessageRow]] = OrderedDict()

    @property
    def count(self) -> int:
        """Messages; one less than the rows while the app waits."""
        return self._count

    def show(self, reader: Reader | None, exchange: ExchangeRow | None) -> None:
        """The messages of `exchange` from now on."""
        self.beginResetModel()
        self._reader, self.exchange = reader, exchange
        self._pages.clear()
        self._count = exchange.message_count if exchange else 0
        self.wait = self._waiting()
        self.endResetModel()

    def refresh(self, exchange: ExchangeRow) -> None:
        """Append what came since, and tell what changed. `exchange` is the same exchange, read again."""
        if exchange == self.exchange and not (self.wait or exchange.live):
            return
        self.exchange = exchange
        wait, more = self._waiting(), max(exchange.message_count - self._count, 0)
        if self.wait and (wait is None or more):
            self.beginRemoveRows(_ROOT, self._count, self._count)
            self.wait = None
            self.endRemoveRows()
        known = self._count
        if more:
            self.beginInsertRows(_ROOT, known, known + more - 1)
            self._count += more
            self._pages.pop(known // PAGE, None)
            self.endInsertRows()
        if wait and not self.wait:
            self.beginInsertRows(_ROOT, self._count, self._count)
            self.wait = wait
            self.endInsertRows()
        elif wait:
            self.wait = wait
        if known:  # the wire has taken a message since, or its body grew
            last = (known - 1) // PAGE
            for page in [page for page in self._pages if page >= last - 1]:
                del self._pages[page]
            self.dataChanged.emit(self.index(max(known - PAGE, 0), 0), self.index(known - 1, WORDS))
        self.tick()

    def tick(self) -> None:
        """The waiting line counts on."""
        if self.wait:
            self.dataChanged.emit(self.index(self._count, TYPE), self.index(self._count, WORDS))

    def _waiting(self) -> WaitRow | None:
        if self._reader is None or self.exchange is None or not self.exchange.live:
            return None
        waits = self._reader.waits(self.exchange.id)
        return waits[0] if waits else None

    def message(self, seq: int) -> MessageRow | None:
        """Message `seq`, from its page."""
        if self._reader is None or self.exchange is None or not 0 <= seq < self._count:
            return None
        page = self._pages.get(seq // PAGE)
        if page is None:
            page = self._pages[seq // PAGE] = self._reader.messages(self.exchange.id, seq // PAGE * PAGE, PAGE)
            while len(self._pages) > PAGES:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(seq // PAGE)
        at = seq % PAGE
        return page[at] if at < len(page) else None

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self._count + (self.wait is not None)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return _HEADINGS[section] if orientation == Qt.Orientation.Horizontal else section

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or index.row() >= self._count:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.wait if index.row() == self._count else self.message(index.row())
        if role == ROW:
            return row
        if row is None or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._tooltip(row) if role == Qt.ItemDataRole.ToolTipRole and isinstance(row, MessageRow) else None
        if isinstance(row, WaitRow):
            return self._wait_text(row, index.column())
        match index.column():
            case 0:
                return words.milliseconds(row.t_ns - self.zero_ns)
            case 1:
                return row.direction
            case 2:
                return message_words.title(row)
            case 3:
                return words.size(row.size) if row.body_key else ""
        return str(message_words.describe(row))

    @property
    def zero_ns(self) -> int:
        return self.exchange.t0_ns if self.exchange else 0

    def _wait_text(self, wait: WaitRow, column: int) -> str:
        if column == TIME:
            return words.milliseconds(wait.since_ns - self.zero_ns)
        if column == TYPE:
            return _WAITS.get(wait.point, "waiting")
        if column != WORDS:
            return ""
        since = clock.now() - wait.since_ns
        return f"{words.duration(since)} for the client" if since >= 0 else "for the client"

    def _tooltip(self, row: MessageRow) -> str:
        lines = [f"{message_words.title(row)}, {words.milliseconds(row.t_ns - self.zero_ns)} ms after the start"]
        if row.asked_ns:
            lines.append(f"asked for {words.duration(max(row.t_ns - row.asked_ns, 0))} before")
        if row.wire_ns:
            told = "first byte from the client" if row.direction == "receive" else "handed to the socket"
            lines.append(f"{told} at {words.milliseconds(row.wire_ns - self.zero_ns)} ms")
        if row.truncated:
            lines.append(f"{words.size(row.size)}, of which {words.size(row.stored)} are recorded (the body cap)")
        return "\n".join(lines)
