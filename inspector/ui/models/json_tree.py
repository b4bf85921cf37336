"""JSON as a tree of keys and values, out of spans of its text: items are made when somebody looks, some at a time."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from inspector.recording.json_text import ARRAY, DEEP, OBJECT, STRING, Tree
from inspector.ui import shown

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_TOP = -1
AT_ONCE = 500
"""Items of a container that are made at once; more when one scrolls to their end."""
KindRole = Qt.ItemDataRole.UserRole
"""The kind of value (`json_text`), for the delegate."""


class JsonTreeModel(QAbstractItemModel):
    """Two columns, key and value. The items of a single container at the top are the top lines."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tree = Tree("")
        self._items: dict[int, array[int]] = {_TOP: array("q")}
        self._made: dict[int, int] = {_TOP: 0}
        """How many of its items each container shows."""
        self._places: dict[int, tuple[int, int]] = {}
        """Parent and row of each value that is made."""

    def show(self, tree: Tree | None) -> None:
        self.beginResetModel()
        self._tree = tree or Tree("")
        self._items, self._made, self._places = {}, {}, {}
        tops = self._tree.tops
        if len(tops) == 1 and self._tree.counts[tops[0]]:
            self._items[_TOP] = self._tree.children(tops[0])
        else:
            self._items[_TOP] = array("q", tops)
        self._made[_TOP] = 0
        self._make(_TOP)
        self.endResetModel()

    @property
    def values(self) -> Tree:
        """All of them, made or not."""
        return self._tree

    def reach(self, node: int) -> QModelIndex:
        """The line of value `node`, which is made if it is not yet, and with it those before it and above it; none for
        the container whose items are the top lines."""
        above = _TOP
        while True:
            items = self._children(above)
            row = bisect_right(items, node) - 1
            if row < 0:
                return QModelIndex()
            self._show_up_to(above, row)
            if items[row] == node:
                return self.index_of(node)
            above = items[row]

    def _show_up_to(self, node: int, row: int) -> None:
        first = self._made[node]
        if row >= first:
            last = min(row + AT_ONCE, len(self._items[node]))
            self.beginInsertRows(self.index_of(node), first, last - 1)
            self._make(node, last - first)
            self.endInsertRows()

    def node(self, index: Index) -> int:
        """Number of the value in the tree; -1 for the top."""
        return index.internalId() if index.isValid() else _TOP

    def path(self, index: Index) -> str:
        """Where the value is, as JSONPath (RFC 9535): `$.items[0]["odd key"]`."""
        steps: list[str] = []
        node = self.node(index)
        while node != _TOP:
            above, row = self._places[node]
            key = self._tree.key(node)
            if key is not None:
                plain = key.isascii() and key.isidentifier()
                steps.append(f".{key}" if plain else '["' + key.replace("\\", "\\\\").replace('"', '\\"') + '"]')
            elif above != _TOP or self._tree.tops != [node]:
                steps.append(f"[{row}]")
            node = above
        return "$" + "".join(reversed(steps))

    def value(self, index: Index) -> str:
        """For the clipboard."""
        node = self.node(index)
        return "" if node == _TOP else self._tree.value(node)

    def _children(self, node: int) -> array[int]:
        found = self._items.get(node)
        if found is None:
            found = self._items[node] = self._tree.children(node)
            self._made[node] = 0
            self._make(node)
        return found

    def _make(self, node: int, more: int = AT_ONCE) -> None:
        first = self._made[node]
        items = self._items[node]
        last = min(first + more, len(items))
        for row in range(first, last):
            self._places[items[row]] = (node, row)
        self._made[node] = last

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, self._children(self.node(parent))[row])

    def index_of(self, node: int) -> QModelIndex:
        """Of a value that is made; none for the top."""
        return QModelIndex() if node == _TOP else self.createIndex(self._places[node][1], 0, node)

    def parent(self, child: Index = _ROOT) -> QModelIndex:  # type: ignore[override]
        above = self._places[child.internalId()][0] if child.isValid() else _TOP
        return self.index_of(above)

    def rowCount(self, parent: Index = _ROOT) -> int:
        if parent.column() > 0:
            return 0
        node = self.node(parent)
        self._children(node)
        return self._made[node]

    def hasChildren(self, parent: Index = _ROOT) -> bool:
        if parent.column() > 0:
            return False
        node = self.node(parent)
        return len(self._items[_TOP]) > 0 if node == _TOP else self._tree.counts[node] > 0

    def canFetchMore(self, parent: Index) -> bool:
        node = self.node(parent)
        return parent.column() <= 0 and self._made.get(node, AT_ONCE) < len(self._items.get(node, ()))

    def fetchMore(self, parent: Index) -> None:
        node = self.node(parent)
        if not self.canFetchMore(parent):
            return
        self._show_up_to(node, self._made[node])

    def columnCount(self, _parent: Index = _ROOT) -> int:
        return 2

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return ("key", "value")[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        node = self.node(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._key(node) if index.column() == 0 else self._text(node)
        if role == KindRole:
            return self._tree.kinds[node]
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == 1 and self._tree.kinds[node] == STRING:
            text = self._tree.raw(node, 2_000)
            return shown.visible(text) if len(text) > 60 else None
        return None

    def _key(self, node: int) -> str:
        key = self._tree.key(node)
        if key is not None:
            return shown.one_line(key, 200)
        above, row = self._places[node]
        return "value" if above == _TOP and self._tree.tops == [node] else f"{row:,}"

    def _text(self, node: int) -> str:
        kind, count = self._tree.kinds[node], self._tree.counts[node]
        if kind == OBJECT:
            return f"{{ {count:,} key{'s' * (count != 1)} }}" if count else "{}"
        if kind == ARRAY:
            return f"[ {count:,} item{'s' * (count != 1)} ]" if count else "[]"
        size = self._tree.ends[node] - self._tree.starts[node]
        text = shown.one_line(self._tree.raw(node, shown.VALUE + 1))
        if kind == DEEP:
            return f"nested deeper, {size:,} characters: {text[:60]}"
        return f"{text} {size:,} characters" if size > shown.VALUE else text
