"""The breakpoints as a table: each with its expression, whether it is on, and how often it matched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from inspector.trace.filter import FilterError, explain, parse
from inspector.trace.stepping import Breakpoint
from inspector.ui import shown, words

EXPRESSION, STOPS, HITS = range(3)
_TITLES = ("expression", "stops", "hits")
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def stops(one: Breakpoint) -> str:
    """When it stops: `each time`, `once`, `from the 3rd on`, `never: log only`."""
    if one.log:
        return "log only"
    told = [] if one.nth == 1 else [f"from the {ordinal(one.nth)} on"]
    return ", ".join([*told, *(["once"] if one.once else [])]) or "each time"


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `11th`."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number:,}{ending}"


def meaning(expression: str) -> str:
    """What an expression says, in words; empty where it is none."""
    try:
        node = parse(expression, of_message=True)
    except FilterError:
        return ""
    return explain(node) if node is not None else ""


class BreakpointTable(QAbstractTableModel):
    """The check beside the expression is whether it is on."""

    switched = Signal(object, bool)
    """A `Breakpoint`, and whether the user wants it on."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Breakpoint] = []

    def show(self, breakpoints: Sequence[Breakpoint]) -> None:
        """Those there are now; where they are the same ones, only their figures change."""
        found = list(breakpoints)
        if [one.id for one in found] == [one.id for one in self.rows]:
            if found != self.rows:
                self.rows = found
                self.dataChanged.emit(self.index(0, 0), self.index(len(found) - 1, HITS))
            return
        self.beginResetModel()
        self.rows = found
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return _TITLES[section]
        return _RIGHT if role == Qt.ItemDataRole.TextAlignmentRole and section == HITS else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == EXPRESSION else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        one = self.rows[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == EXPRESSION:
            return Qt.CheckState.Checked if one.enabled else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole:
            return meaning(one.expression) or None
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == HITS:
            return _RIGHT
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return (shown.one_line(one.expression), stops(one), words.count(one.hits))[index.column()]

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        self.switched.emit(self.rows[index.row()], Qt.CheckState(value) == Qt.CheckState.Checked)
        return True
