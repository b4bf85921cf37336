"""Pairs of name and value as rows that can be written: the headers of a held message, the entries of a scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from inspector.ui import shown

Index = QModelIndex | QPersistentModelIndex
Pair = tuple[str, str]
_ROOT = QModelIndex()
NAME, VALUE = range(2)
_TITLES = ("name", "value")
MOST = 10_000
"""Rows that are shown; of more the last ones stay as they are."""
_LONGEST = 2_000


class PairTable(QAbstractTableModel):
    """`edited` is told after every change by the user."""

    edited = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.writable = True
        self._pairs: list[Pair] = []
        self._rest: list[Pair] = []

    @property
    def pairs(self) -> list[Pair]:
        """All, in their order."""
        return self._pairs + self._rest

    def show(self, pairs: Sequence[Pair]) -> None:
        self.beginResetModel()
        self._pairs, self._rest = list(pairs[:MOST]), list(pairs[MOST:])
        self.endResetModel()

    def add(self, row: int) -> int:
        """An empty pair behind `row`; gives where it stands."""
        at = min(max(row + 1, 0), len(self._pairs)) if row >= 0 else len(self._pairs)
        self.beginInsertRows(_ROOT, at, at)
        self._pairs.insert(at, ("", ""))
        self.endInsertRows()
        self.edited.emit()
        return at

    def remove(self, row: int) -> None:
        if 0 <= row < len(self._pairs):
            self.beginRemoveRows(_ROOT, row, row)
            del self._pairs[row]
            self.endRemoveRows()
            self.edited.emit()

    def move(self, row: int, by: int) -> int:
        """`row` up (-1) or down (1); gives where it stands."""
        to = row + by
        if not (0 <= row < len(self._pairs) and 0 <= to < len(self._pairs)):
            return row
        self.beginMoveRows(_ROOT, row, row, _ROOT, to + 1 if by > 0 else to)
        self._pairs.insert(to, self._pairs.pop(row))
        self.endMoveRows()
        self.edited.emit()
        return to

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._pairs)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole and 0 <= section < 2:
            return _TITLES[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._pairs):
            return None
        text = self._pairs[index.row()][index.column()]
        if role == Qt.ItemDataRole.EditRole:
            return text
        if role == Qt.ItemDataRole.DisplayRole:
            return shown.one_line(text, _LONGEST)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid() or not self.writable:
            return False
        pair = list(self._pairs[index.row()])
        if pair[index.column()] == str(value):
            return True
        pair[index.column()] = str(value)
        self._pairs[index.row()] = (pair[NAME], pair[VALUE])
        self.dataChanged.emit(index, index)
        self.edited.emit()
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if self.writable and index.isValid() else flags
