"""The model of the exchange table: row ids in memory, rows fetched in pages when they are looked at.

SQLite filters and sorts; this model only translates. Ids stand in the order of the query; in order of `#` they stand
ascending whichever way the table shows them, so that new exchanges are always appended and old ones fall off the front.
What the recording did meanwhile is taken over by `refresh`, at most 30 times a second and in one batch.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Collection, Iterable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from inspector.errors import InspectorError
from inspector.recording.query import fields_of
from inspector.recording.reader import Reader
from inspector.recording.rows import ExchangeRow, RunRow, Totals
from inspector.trace import clock
from inspector.trace.filter import Node, matches
from inspector.trace.filter.tree import Flag
from inspector.trace.stepping import Held
from inspector.ui.models import cells
from inspector.ui.models.cells import COLUMNS
from inspector.ui.models.queries import Queries

PAGE = 64
"""Rows fetched at once; a screen shows about half as many."""
_PAGES = 64
_FAR = 4096
"""More missing rows than this are not looked for: everything is asked afresh."""
_AGAIN_NS = 300_000_000
"""An order other than that of start is asked for again at most this often while the traffic goes on."""

_LIVE = Flag("is:live")

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class ExchangeTableModel(QAbstractTableModel):
    """Rows are exchanges, columns are `cells.COLUMNS`. Selection, scrolling and focus are none of its business."""

    replaced = Signal()
    """The rows are others now: a new filter or order, or the answer of a fresh query."""
    failed = Signal(object)
    """An `InspectorError`: the recording cannot be read."""

    def __init__(self, reader: Reader, queries: Queries, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self._queries = queries
        self._ids: array[int] = array("q")
        self._pages: OrderedDict[int, list[ExchangeRow | None]] = OrderedDict()
        self._node: Node | None = None
        self._order, self._descending = "id", False
        self._totals = Totals(0, 0, 0, 0, 0, 0)
        self._runs: dict[int, RunRow | None] = {}
        self.steady = False
        """An order other than that of start is not asked for again: what came meanwhile is not shown."""
        self.holds: dict[int, Held] = {}
        """What is held at this moment, by exchange."""
        self._dropped = 0
        self._newest = 0
        self._open: array[int] = array("q")
        self._pending = self._asked_ns = 0
        queries.answered.connect(self._take_answer)
        queries.failed.connect(self._take_failure)

    # What Qt asks

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = COLUMNS[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        row = self.row(index.row())
        if row is None:
            return None
        if role == Qt.ItemDataRole.ToolTipRole:
            return cells.as_plain(cells.tip(row, index.column(), clock.now(), self.holds.get(row.id))) or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return cells.aloud(row, index.column(), clock.now(), self.holds.get(row.id))
        return cells.text(row, index.column(), clock.now(), self.holds.get(row.id))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        column = COLUMNS[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.title
            case Qt.ItemDataRole.ToolTipRole:
                return column.tooltip
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Column -1 is the order of start."""
        self._order = COLUMNS[column].order if column >= 0 else "id"
        self._descending = order == Qt.SortOrder.DescendingOrder
        self.ask()

    # What the window asks

    @property
    def totals(self) -> Totals:
        """Of the recording, at the last refresh."""
        return self._totals

    @property
    def in_order(self) -> bool:
        """The rows stand in order of start, either way."""
        return self._order == "id"

    @property
    def newest_first(self) -> bool:
        return self.in_order and self._descending

    @property
    def filtered(self) -> bool:
        return self._node is not None

    def id_at(self, position: int) -> int | None:
        return self._ids[self._slot(position)] if 0 <= position < len(self._ids) else None

    def ids_of(self, first: int, last: int) -> array[int]:
        """The ids of the rows `first` to `last`."""
        slots = sorted((self._slot(first), self._slot(last)))
        found = self._ids[slots[0] : slots[1] + 1]
        if self.newest_first:
            found.reverse()
        return found

    def newer(self, exchange: int) -> int:
        """How many rows began after the exchange, in order of start."""
        return len(self._ids) - bisect_right(self._ids, exchange) if self.in_order else 0

    def run(self, number: int) -> RunRow | None:
        """What is known of a run; asked when a row of it comes into view, and not again."""
        if number not in self._runs:
            try:
                self._runs = {run.id: run for run in self._reader.runs()}
            except InspectorError as error:
                self.failed.emit(error)
            self._runs.setdefault(number, None)
        return self._runs[number]

    def position(self, exchange: int) -> int:
        """The row of an exchange; -1 where it is not shown."""
        if not self.in_order:
            return self._ids.index(exchange) if exchange in self._ids else -1
        slot = bisect_left(self._ids, exchange)
        return self._slot(slot) if slot < len(self._ids) and self._ids[slot] == exchange else -1

    def positions(self, exchanges: Collection[int]) -> list[int]:
        """The rows of those that are shown. In an order other than that of start every id is looked at once."""
        if self.in_order or not exchanges:
            return [at for exchange in exchanges if (at := self.position(exchange)) >= 0]
        wanted = frozenset(exchanges)
        return [at for at, exchange in enumerate(self._ids) if exchange in wanted]

    def nearest(self, exchange: int) -> int:
        """The row of an exchange, or of the one that stands where it would stand."""
        if not self.in_order:
            return max(self.position(exchange), 0)
        return min(max(self._slot(bisect_left(self._ids, exchange)), 0), max(len(self._ids) - 1, 0))

    def row(self, position: int) -> ExchangeRow | None:
        """The exchange at a position, fetched with its neighbours; None where it has been dropped meanwhile."""
        if not 0 <= position < len(self._ids):
            return None
        number, place = divmod(self._slot(position), PAGE)
        page = self._pages.get(number)
        if page is None:
            page = self._pages[number] = self._read(self._ids[number * PAGE : (number + 1) * PAGE])
            if len(self._pages) > _PAGES:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(number)
        return page[place] if place < len(page) else None

    def _read(self, ids: array[int]) -> list[ExchangeRow | None]:
        """For those who paint: they get empty rows where nothing can be read, and the window is told."""
        try:
            return self._reader.rows(ids)
        except InspectorError as error:
            self.failed.emit(error)
            return [None] * len(ids)

    def filter(self, node: Node | None) -> None:
        """Shows what matches; the rows come with `replaced`, and until then the old ones stay."""
        self._node = node
        self.ask()

    def ask(self) -> None:
        """Asks for all ids afresh. What begins or ends while the answer is made is caught up with afterwards."""
        self._newest = max(self._newest, *self._reader.ids(None, after=self._newest)[-1:], 0)
        self._open = self._reader.ids(_LIVE)
        self._pending = self._queries.ask(self._node, self._order, self._descending and not self.in_order)
        self._asked_ns = clock.now()

    def ask_again(self) -> None:
        """After marks were set: reads every row afresh, and asks whether the filter still passes it."""
        self._pages.clear()
        self.ask()

    def refresh(self, first: int, last: int) -> None:
        """Takes over what the recording did since; rows `first` to `last` are on screen. Raises as the reader does."""
        self._totals = self._reader.totals()
        self._forget_pages(first, last)
        if not self._pending:
            if not self.in_order:
                if not self.steady and clock.now() - self._asked_ns > _AGAIN_NS:
                    self.ask()
            else:
                self._take_new()
                self._drop_gone()
        if first <= last < len(self._ids):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(COLUMNS) - 1))

    # How it keeps up

    def _slot(self, position: int) -> int:
        """Where the id of a row stands; its own inverse."""
        return len(self._ids) - 1 - position if self.newest_first else position

    def _forget_pages(self, first: int, last: int) -> None:
        """What can have changed is fetched again when it is looked at: rows in flight, and those on screen."""
        slots = sorted((self._slot(first), self._slot(last)))
        on_screen = range(slots[0] // PAGE, slots[1] // PAGE + 1)
        for number, page in list(self._pages.items()):
            if number in on_screen or any(row is None or row.end_ns is None for row in page):
                del self._pages[number]

    def _take_new(self) -> None:
        """Appends what began since; with a filter, asks also whether those that were in flight match by now."""
        new = self._reader.ids(None, after=self._newest)
        if new:
            self._newest = new[-1]
        if self._node is None:
            self._append(new)
            return
        watched = self._open + new
        if not watched:
            return
        rows = [row for row in self._reader.rows(watched) if row is not None]
        self._open = array("q", (row.id for row in rows if row.live))
        matching = {row.id for row in rows if matches(self._node, fields_of(row))}
        shown = {exchange for exchange in watched if self.position(exchange) >= 0}
        self._remove([bisect_left(self._ids, exchange) for exchange in sorted(shown - matching)])
        fresh = sorted(matching - shown)
        late = bisect_left(fresh, self._ids[-1]) if self._ids else 0
        for exchange in fresh[:late]:
            self._insert(exchange)
        self._append(array("q", fresh[late:]))

    def _append(self, new: array[int]) -> None:
        if not new:
            return
        begin = len(self._ids)
        first = 0 if self.newest_first else begin
        self.beginInsertRows(_NOWHERE, first, first + len(new) - 1)
        self._pages.pop(begin // PAGE, None)
        self._ids.extend(new)
        self.endInsertRows()

    def _insert(self, exchange: int) -> None:
        """An exchange that matches only now, between those that began before and after it."""
        slot = bisect_left(self._ids, exchange)
        position = len(self._ids) - slot if self.newest_first else slot
        self.beginInsertRows(_NOWHERE, position, position)
        self._pages.clear()
        self._ids.insert(slot, exchange)
        self.endInsertRows()

    def _remove(self, slots: Iterable[int]) -> None:
        """Takes rows out, those that stand together in one step; `slots` ascending."""
        runs: list[list[int]] = []
        for slot in slots:
            if runs and runs[-1][1] == slot:
                runs[-1][1] = slot + 1
            else:
                runs.append([slot, slot + 1])
        for begin, end in reversed(runs):
            first = len(self._ids) - end if self.newest_first else begin
            self.beginRemoveRows(_NOWHERE, first, first + end - begin - 1)
            self._pages.clear()
            del self._ids[begin:end]
            self.endRemoveRows()

    def _drop_gone(self) -> None:
        """Takes out what retention dropped, oldest first; what is pinned or in flight stays, and may stand between."""
        if self._totals.dropped == self._dropped and not self._surplus():
            return
        self._dropped = self._totals.dropped
        if self._surplus() > _FAR:
            self.ask()
            return
        begin = 0
        while begin < len(self._ids):
            block = self._reader.rows(self._ids[begin : begin + PAGE + max(self._surplus(), 0)])
            gone = [begin + place for place, row in enumerate(block) if row is None]
            self._remove(gone)
            begin += len(block) - len(gone)
            if not gone and self._surplus() <= 0:
                return

    def _surplus(self) -> int:
        """How many rows there are too many; with a filter nobody knows."""
        return len(self._ids) - self._totals.exchanges if self._node is None else 0

    def _take_answer(self, number: int, ids: array[int]) -> None:
        if number != self._pending:
            return
        self._pending = 0
        if ids != self._ids:
            self.beginResetModel()
            self._pages.clear()
            self._ids = ids
            if ids and self._node is None and self.in_order:
                self._newest = max(self._newest, ids[-1])
            self.endResetModel()
        self.replaced.emit()

    def _take_failure(self, number: int, error: InspectorError) -> None:
        if number == self._pending:
            self._pending = 0
            self.failed.emit(error)


def _alignment(column: cells.Column) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft)
