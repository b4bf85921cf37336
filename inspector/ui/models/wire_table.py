"""The pieces of an exchange's wire as rows: no more than are told of an exchange, so all of them are here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from inspector.recording.rows import ExchangeRow, WireRow
from inspector.ui import words
from inspector.ui.models import message_words, wire_words

if TYPE_CHECKING:
    from inspector.recording.past import Pages

TIME, DIRECTION, WHAT, SIZE, MESSAGE = range(5)
PIECE = Qt.ItemDataRole.UserRole
"""The `WireRow`."""
MOST = 25_000
"""Pieces that are shown."""
_HEADINGS = ("time", "direction", "what it is", "size", "message")
_TITLES = 4_000
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class WireTable(QAbstractTableModel):
    """What comes later is added; a piece that was told late takes its place, and the others keep theirs."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[WireRow] = []
        self._reader: Pages | None = None
        self._exchange: ExchangeRow | None = None
        self._names: dict[int, str] = {}

    def show(self, reader: Pages | None, exchange: ExchangeRow | None) -> None:
        self.beginResetModel()
        self._reader, self._exchange = reader, exchange
        self._names = {}
        self.rows = self._read()
        self.endResetModel()

    def _read(self) -> list[WireRow]:
        if self._reader is None or self._exchange is None:
            return []
        return self._reader.wire(self._exchange.id, 0, MOST)

    def refresh(self, reader: Pages, exchange: ExchangeRow) -> None:
        """The same exchange, later."""
        self._reader, self._exchange = reader, exchange
        before, found = self.rows, self._read()
        same = 0
        while same < min(len(before), len(found)) and before[same] == found[same]:
            same += 1
        if same < len(before):
            self.beginRemoveRows(_ROOT, same, len(before) - 1)
            self.rows = before[:same]
            self.endRemoveRows()
        if same < len(found):
            self.beginInsertRows(_ROOT, same, len(found) - 1)
            self.rows = found
            self.endInsertRows()

    def first_of(self, seq: int) -> int:
        """The row of the first piece that carried message `seq`; -1 where there is none."""
        return next((at for at, row in enumerate(self.rows) if row.seq == seq), -1)

    def like(self, piece: WireRow) -> int:
        """Where a piece stands now; -1 where it does not."""
        key = _key(piece)
        return next((at for at, row in enumerate(self.rows) if _key(row) == key), -1)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return _HEADINGS[section] if orientation == Qt.Orientation.Horizontal else section

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == PIECE:
            return row
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.line(row)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        return self.text(row, index.column())

    def text(self, row: WireRow, column: int) -> str:
        """What stands in a column of a piece."""
        match column:
            case 0:
                zero = self._exchange.t0_ns if self._exchange else 0
                return words.milliseconds(row.t_ns - zero)
            case 1:
                return "" if row.kind == "cut" else "out" if row.sent else "in"
            case 2:
                return wire_words.what(row)
            case 3:
                return "" if row.kind == "cut" else words.size(row.size)
        return self._name(row.seq) if row.seq is not None else ""

    def line(self, row: WireRow) -> str:
        """All of it, tabs between."""
        return "\t".join(self.text(row, column) for column in range(len(_HEADINGS)))

    def _name(self, seq: int) -> str:
        name = self._names.get(seq)
        if name is None and self._reader is not None and self._exchange is not None:
            if len(self._names) >= _TITLES:
                self._names.clear()
            found = self._reader.messages(self._exchange.id, seq, 1)
            name = message_words.title(found[0]) if found and found[0].seq == seq else ""
            self._names[seq] = name
        return name or ""


def _key(row: WireRow) -> tuple[object, ...]:
    return row.t_ns, row.sent, row.kind, row.before, row.parts
