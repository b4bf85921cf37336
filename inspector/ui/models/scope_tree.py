"""A value of a message as a tree of keys and values: a scope, an environ, headers.

Strings are made when they are painted. Children are made when a branch is first opened, so a scope with thousands of
headers costs nothing until somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from inspector.trace.values import Opaque
from inspector.ui import shown

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_TOOLTIP = 2_000


@dataclass(eq=False, slots=True)
class Node:
    """One line of the tree."""

    key: object
    value: Any
    parent: Node | None = None
    row: int = 0
    nodes: list[Node] | None = field(default=None)
    """None until somebody looked."""

    def children(self) -> list[Node]:
        if self.nodes is None:
            self.nodes = [Node(key, item, self, row) for row, (key, item) in enumerate(entries(self.value))]
        return self.nodes

    def path(self) -> tuple[str, ...]:
        """The keys from the top to here, as text."""
        names: list[str] = []
        node: Node | None = self
        while node is not None and node.parent is not None:
            names.append(shown.key_text(node.key))
            node = node.parent
        return tuple(reversed(names))


def entries(value: object) -> list[tuple[object, object]]:
    """What stands below `value`: a dict's items, a header list's pairs, a sequence's items by number."""
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(item, (list, tuple)) and len(item) == 2 for item in value):
            return [(_name(name), content) for name, content in value]
        return list(enumerate(value))
    return []


def _name(name: object) -> object:
    return name.decode("latin-1") if isinstance(name, bytes) else name


class ScopeTree(QAbstractItemModel):
    """`entries` of one value, two columns. `bare` shows text without quotes: for headers, where all is text."""

    def __init__(
        self, bare: bool = False, meaning: Callable[[tuple[str, ...]], str] | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._bare = bare
        self._meaning = meaning
        self._root = Node(None, {})

    def show(self, value: Mapping[str, Any] | Sequence[tuple[str, str]]) -> None:
        self.beginResetModel()
        self._root = Node(None, value)
        self.endResetModel()

    def node(self, index: Index) -> Node:
        return index.internalPointer() if index.isValid() else self._root

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, self.node(parent).children()[row])

    def parent(self, child: Index = _ROOT) -> QModelIndex:  # type: ignore[override]
        above = self.node(child).parent if child.isValid() else None
        return QModelIndex() if above is None or above is self._root else self.createIndex(above.row, 0, above)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.column() > 0 else len(self.node(parent).children())

    def hasChildren(self, parent: Index = _ROOT) -> bool:
        if parent.column() > 0:
            return False
        value = self.node(parent).value
        return isinstance(value, (dict, list, tuple)) and len(value) > 0

    def columnCount(self, _parent: Index = _ROOT) -> int:
        return 2

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return ("name", "value")[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        node = self.node(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return shown.key_text(node.key) if index.column() == 0 else self._text(node.value)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(node, index.column())
        return None

    def _text(self, value: object) -> str:
        if self._bare and isinstance(value, str):
            rest = f" {len(value):,} characters" if len(value) > shown.VALUE * 4 else ""
            return shown.one_line(value, shown.VALUE * 4) + rest
        return shown.value(value)

    def _tooltip(self, node: Node, column: int) -> str | None:
        meaning = self._meaning(node.path()) if self._meaning else ""
        if column == 0 and meaning:
            return meaning
        if isinstance(node.value, Opaque):
            return (
                f"An object of the app ({shown.one_line(node.value.type_name)}). Only its type is recorded: looking "
                "deeper would run the app's code."
            )
        text = shown.visible(shown.plain(node.value)[:_TOOLTIP]) if isinstance(node.value, (str, bytes)) else ""
        return text if len(text) > 60 else meaning or None
