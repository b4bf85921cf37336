"""The messages of one exchange as rows: only their count and a few pages are in memory.

An exchange may have a million messages. Rows are read a page at a time when they are painted, and the pages that were
not looked at longest are forgotten. The last row may say what the app waits for; it is no message.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from inspector.recording.rows import ExchangeRow, MessageRow, WaitRow
from inspector.session.stepping import SteppingState
from inspector.trace import clock
from inspector.trace.stepping import RECEIVES, SENDS, Held
from inspector.ui import words
from inspector.ui.models import held_words, message_words

if TYPE_CHECKING:
    from inspector.recording.reader import Reader

TIME, SINCE, DIRECTION, TYPE, SIZE, WORDS, WIRE = range(7)
ROW = Qt.ItemDataRole.UserRole
"""The `MessageRow`; of the last line the `WaitRow`, or the `Held`."""
PAGE = 256
PAGES = 32

_HEADINGS = ("time", "since the one before", "direction", "message", "size", "in short", "wire")
_LOOKED_BACK = 4
"""Messages among which the end of the request is looked for."""
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class MessageTable(QAbstractTableModel):
    """Columns: time since the start and since the message before, direction, type, size, a few words, the wire's time.

    Milliseconds since the exchange began, by the clock of the app; `WIRE` by that of the wire.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.exchange: ExchangeRow | None = None
        self.wait: WaitRow | Held | None = None
        """The last line: what is held, or what the app waits for."""
        self.past: int | None = None
        """The message as of which the exchange is shown; the later ones have not happened then."""
        self._held: Held | None = None
        self._stepping: SteppingState | None = None
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
        self.past = None
        self._count = exchange.message_count if exchange else 0
        self.wait = self._waiting()
        self.endResetModel()

    def show_past(self, seq: int | None) -> None:
        """As of message `seq`; None: as it is now."""
        turned = (seq is None) != (self.past is None)
        self.past = seq
        if turned and self.exchange is not None:
            self._take()
        if self._count:
            self.dataChanged.emit(self.index(0, TIME), self.index(self._count - 1, WIRE))

    def later(self, row: MessageRow) -> bool:
        """It comes after the moment that is shown."""
        return self.past is not None and row.seq > self.past

    def refresh(self, exchange: ExchangeRow) -> None:
        """Append what came since, and tell what changed. `exchange` is the same exchange, read again."""
        if exchange == self.exchange and not (self.wait or exchange.live):
            return
        self.exchange = exchange
        self._take()

    def show_hold(self, held: Held | None, stepping: SteppingState | None) -> None:
        """What is held of this exchange at this moment, told in its last line."""
        self._held, self._stepping = held, stepping
        if self.exchange is not None:
            self._take()

    def _take(self) -> None:
        exchange = self.exchange
        assert exchange is not None
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
            self.dataChanged.emit(self.index(max(known - PAGE, 0), 0), self.index(known - 1, WIRE))
        self.tick()

    def tick(self) -> None:
        """The waiting line counts on."""
        if self.wait:
            self.dataChanged.emit(self.index(self._count, TYPE), self.index(self._count, WORDS))

    def _waiting(self) -> WaitRow | Held | None:
        if self.past is not None:
            return None
        if self._held is not None and self.exchange is not None and self._held.exchange == self.exchange.id:
            return self._held if self._held.seq >= self.exchange.message_count else None
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
        if isinstance(row, Held):
            return self._held_text(row, index.column())
        if isinstance(row, WaitRow):
            return self._wait_text(row, index.column())
        text = self.text(row, index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == TYPE and self.later(row):
            return f"{text}, later"
        return text

    def text(self, row: MessageRow, column: int) -> str:
        """What stands in a column of a message."""
        match column:
            case 0:
                return words.milliseconds(row.t_ns - self.zero_ns)
            case 1:
                before = self.message(row.seq - 1)
                return f"+{words.milliseconds(max(row.t_ns - before.t_ns, 0))}" if before is not None else ""
            case 2:
                return row.direction
            case 3:
                return message_words.title(row)
            case 4:
                return words.size(row.size) if row.body_key else ""
            case 5:
                return str(message_words.describe(row))
        return f"wire {words.milliseconds(row.wire_ns - self.zero_ns)}" if row.wire_ns else ""

    @property
    def zero_ns(self) -> int:
        return self.exchange.t0_ns if self.exchange else 0

    def _wait_text(self, wait: WaitRow, column: int) -> str:
        match column:
            case 0:
                return words.milliseconds(wait.since_ns - self.zero_ns)
            case 3:
                wsgi = self.exchange is not None and self.exchange.interface == "wsgi"
                return f"waiting: {'read' if wsgi and wait.point == 'receive' else wait.point}"
            case 5:
                since = max(clock.now() - wait.since_ns, 0)
                return f"{self._waited_for(wait)} {words.duration(since)}"
        return ""

    def _held_text(self, held: Held, column: int) -> str:
        match column:
            case 0:
                return words.milliseconds(held.t_ns - self.zero_ns)
            case 2:
                return "send" if held.point in SENDS else "receive" if held.point in RECEIVES else held.point
            case 3:
                return held_words.title(held)
            case 4:
                return words.size(held.size) if held.body_key else ""
            case 5:
                return held_words.told(held, self._stepping)
        return ""

    def _waited_for(self, wait: WaitRow) -> str:
        if wait.point == "send":
            return "the client has read nothing for"
        if self.exchange is not None and self.exchange.kind == "lifespan":
            return "until the server stops, for"
        if self._request_is_here():
            return "until the client leaves, for"
        return "the client has sent nothing for"

    def _request_is_here(self) -> bool:
        """The app has got the last message of an HTTP request's body."""
        if self.exchange is None or self.exchange.kind != "http" or self.exchange.interface == "wsgi":
            return False
        last = (self.message(seq) for seq in range(max(self._count - _LOOKED_BACK, 0), self._count))
        return any(row is not None and row.type == "http.request" and not row.more_body for row in last)

    def _tooltip(self, row: MessageRow) -> str:
        before = self.message(row.seq - 1)
        live = self.exchange is not None and self.exchange.live
        return message_words.sentences(row, self.zero_ns, before.t_ns if before is not None else None, live)
