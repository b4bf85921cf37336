"""A value of a message as a tree of keys, values and types: a scope, an environ, headers.

Strings are made when they are painted. Children are made when a branch is first opened, so a scope with thousands of
headers costs nothing until somebody looks. A list of pairs (headers) has a line for each pair, its name as the key;
the column of types tells what it is in truth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from inspector.trace.values import Opaque
from inspector.ui import shown

Index = QModelIndex | QPersistentModelIndex
KEY, VALUE, TYPE = range(3)
_ROOT = QModelIndex()
_TOOLTIP = 2_000


@dataclass(eq=False, slots=True)
class Node:
    """One line of the tree."""

    key: object
    value: Any
    item: Any
    """The whole item of its container: of a header the pair, else the value."""
    parent: Node | None = None
    row: int = 0
    nodes: list[Node] | None = field(default=None)
    """None until somebody looked."""

    def children(self) -> list[Node]:
        if self.nodes is None:
            found = enumerate(entries(self.value))
            self.nodes = [Node(key, value, item, self, row) for row, (key, value, item) in found]
        return self.nodes

    def path(self) -> tuple[str, ...]:
        """The keys from the top to here, as text."""
        names: list[str] = []
        node: Node | None = self
        while node is not None and node.parent is not None:
            names.append(shown.key_text(node.key))
            node = node.parent
        return tuple(reversed(names))

    def kind(self) -> str:
        """The type of the value; of a header the types of the pair: `(bytes, bytes)`."""
        if self.item is self.value:
            return shown.kind(self.value)
        told = ", ".join(map(shown.kind, self.item))
        return f"[{told}]" if isinstance(self.item, list) else f"({told})"


def entries(value: object) -> list[tuple[object, object, object]]:
    """What stands below `value`, as key, value and item: a dict's items, a header list's pairs, a sequence's items by
    number."""
    if isinstance(value, dict):
        return [(key, each, each) for key, each in value.items()]
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(item, (list, tuple)) and len(item) == 2 for item in value):
            return [(_name(item[0]), item[1], item) for item in value]
        return [(number, each, each) for number, each in enumerate(value)]
    return []


def _name(name: object) -> object:
    return name.decode("latin-1") if isinstance(name, bytes) else name


def together(nodes: Sequence[Node]) -> object:
    """What `nodes` are as one value: one alone its value; those of one dict a dict, of one list a list; else a dict by
    their places, `headers.host`."""
    if len(nodes) == 1:
        return nodes[0].value
    parents = {id(node.parent) for node in nodes}
    above = nodes[0].parent.value if nodes and nodes[0].parent is not None else None
    if len(parents) == 1 and isinstance(above, (list, tuple)):
        return [node.item for node in nodes]
    if len(parents) == 1:
        return {node.key: node.value for node in nodes}
    return {".".join(node.path()): node.value for node in nodes}


class ScopeTree(QAbstractItemModel):
    """`entries` of one value. `bare`: only keys and values, text without quotes: for headers, where all is text."""

    def __init__(
        self, bare: bool = False, meaning: Callable[[tuple[str, ...]], str] | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._bare = bare
        self._meaning = meaning
        self._root = Node(None, {}, {})

    @property
    def whole(self) -> Any:
        """The value that is shown."""
        return self._root.value

    def show(self, value: Mapping[str, Any] | Sequence[tuple[str, str]]) -> None:
        self.beginResetModel()
        self._root = Node(None, value, value)
        self.endResetModel()

    def node(self, index: Index) -> Node:
        return index.internalPointer() if index.isValid() else self._root

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        nodes = self.node(parent).children() if parent.column() <= 0 else []
        if not (0 <= row < len(nodes) and 0 <= column < self.columnCount()):
            return QModelIndex()
        return self.createIndex(row, column, nodes[row])

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
        return 2 if self._bare else 3

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return ("name", "value", "type")[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        node = self.node(index)
        if role == Qt.ItemDataRole.DisplayRole:
            match index.column():
                case 0:
                    return shown.key_text(node.key)
                case 1:
                    return self._text(node.value)
            return node.kind()
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
        if column == KEY and meaning:
            return meaning
        if isinstance(node.value, Opaque):
            return (
                f"An object of the app ({shown.one_line(node.value.type_name)}). Only its type is recorded: looking "
                "deeper would run the app's code."
            )
        text = shown.visible(shown.plain(node.value)[:_TOOLTIP]) if isinstance(node.value, (str, bytes)) else ""
        return text if len(text) > 60 else meaning or None
