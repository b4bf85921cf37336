"""Cookies, fields and parts as lines of a table: text in columns, what is wrong in words, what it means as tooltip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from inspector.ui import shown

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
ProblemRole = Qt.ItemDataRole.UserRole
"""What is wrong with the line, in words."""


@dataclass(frozen=True)
class Line:
    cells: tuple[str, ...]
    """As they came; one for each column."""
    problem: str = ""
    """What is wrong, in words."""
    meaning: str = ""
    """Sentences, apart by line ends."""


@dataclass(frozen=True)
class Table:
    """What a section shows."""

    columns: tuple[str, ...] = ("name", "value")
    lines: tuple[Line, ...] = ()
    note: str = ""
    """What was cut, or is wrong with the whole, in words."""
    right: tuple[int, ...] = ()
    """Columns of figures."""


class FieldTable(QAbstractTableModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.table = Table()

    def show(self, table: Table) -> None:
        self.beginResetModel()
        self.table = table
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.table.lines)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.table.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.table.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.table.columns[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in self.table.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line, column = self.table.lines[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return shown.one_line(line.cells[column], shown.VALUE * 2)
        if role == ProblemRole:
            return shown.one_line(line.problem, shown.VALUE * 2)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in self.table.right:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tooltip(line, column) or None
        return None

    def search_text(self, index: Index) -> str:
        """All that stands in the line."""
        line = self.table.lines[index.row()]
        return "\t".join(shown.one_line(text, shown.VALUE * 2) for text in (*line.cells, line.problem))


def _tooltip(line: Line, column: int) -> str:
    text = line.cells[column]
    if column and len(text) > 40:
        return shown.visible(text[:2_000])
    return "\n".join(filter(None, (shown.visible(line.problem[:2_000]), line.meaning)))
