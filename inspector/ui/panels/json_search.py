"""The search of JSON as a tree: of the text that the tree is made of, so that nothing is made to be searched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QTreeView

from inspector.recording.json_text import ARRAY, OBJECT, STRING, Tree
from inspector.ui.find.items import ItemSearch
from inspector.ui.find.sought import Hit, Sought
from inspector.ui.models.json_tree import JsonTreeModel

if TYPE_CHECKING:
    import re

_STEP = 50
"""Values that are looked at in one step."""
_VALUE = 20_000
"""Characters of a value that are looked at."""


class JsonSearch(ItemSearch):
    """A hit is the number of a value: they count in reading order. Keys are searched, and values as they are written
    and as they are meant."""

    def __init__(self, view: QTreeView, tree: JsonTreeModel) -> None:
        super().__init__(view)
        self._tree_view, self._json = view, tree

    def scan(self, sought: Sought, resume: bool) -> Iterator[list[Hit]]:
        tree, pattern = self._json.values, sought.pattern
        self._pattern = pattern
        for first in range(self._scanned if resume else 0, len(tree), _STEP):
            self._scanned = first
            yield [(at,) for at in range(first, min(first + _STEP, len(tree))) if _matches(tree, at, pattern)]

    def reveal(self, hit: Hit) -> None:
        index = self._json.reach(hit[0])
        above = index.parent()
        while above.isValid():
            self._tree_view.expand(above)
            above = above.parent()
        self.show_line(index)

    def _path(self, index: QModelIndex) -> Hit:
        return (self._json.node(index),) if index.isValid() else ()

    def _inserted(self, _parent: QModelIndex, _first: int) -> None:
        """Only lines come that were searched already."""


def _matches(tree: Tree, node: int, pattern: re.Pattern[str]) -> bool:
    key = tree.key(node)
    if key is not None and pattern.search(key):
        return True
    if tree.kinds[node] in (OBJECT, ARRAY):
        return False
    raw = tree.raw(node, _VALUE)
    if pattern.search(raw):
        return True
    return tree.kinds[node] == STRING and "\\" in raw and bool(pattern.search(tree.value(node)[:_VALUE]))
