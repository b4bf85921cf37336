"""The search of a list, a table or a tree, line by line. A hit is the rows from the top down to a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QListView, QTreeView

from inspector.ui.find import marks
from inspector.ui.find.marks import Bars
from inspector.ui.find.sought import HINT, Hit, Sought

LINES = 200_000
"""Lines of a tree or table that are looked at; deeper branches than `DEPTH` are not."""
DEPTH = 200
_LINE_TEXT = 20_000


class ItemSearch(QObject):
    """Of a list, a table or a tree, line by line; closed branches too, which are opened where something is found."""

    stale = Signal(bool)
    hint = HINT

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self.view = view
        self._scanned = 0
        self._fetching = False
        self._pattern: re.Pattern[str] | None = None
        self._marks = Bars(view)
        model = self._model = view.model()
        model.rowsInserted.connect(self._inserted)
        for signal in (model.rowsRemoved, model.modelReset, model.layoutChanged):
            signal.connect(self._changed)

    def scan(self, sought: Sought, resume: bool) -> Iterator[list[Hit]]:
        """Lines, in the order in which a tree that is wholly open would show them."""
        self._pattern = sought.pattern
        stack: list[tuple[QModelIndex, int, Hit]] = [(QModelIndex(), self._scanned if resume else 0, ())]
        for _ in range(LINES):
            while stack and stack[-1][1] >= self._rows(stack[-1][0]):
                stack.pop()
            if not stack:
                return
            parent, row, path = stack.pop()
            stack.append((parent, row + 1, path))
            path = (*path, row)
            self._scanned = path[0]
            index = self._model.index(row, 0, parent)
            yield [path] if sought.pattern.search(self._text(index)) else []
            if len(path) < DEPTH and isinstance(self.view, QTreeView) and self._model.hasChildren(index):
                stack.append((index, 0, path))

    @property
    def partial(self) -> bool:
        return bool(getattr(self.view, "partial", False))

    def resumed_at(self) -> Hit:
        return (self._scanned,)

    def here(self) -> Hit:
        return self._path(self.view.currentIndex())

    def selected(self) -> str:
        return ""

    def reveal(self, hit: Hit) -> None:
        index = QModelIndex()
        for row in hit:
            if isinstance(self.view, QTreeView) and index.isValid():
                self.view.expand(index)
            index = self._model.index(row, 0, index)
        column = 0 if isinstance(self.view, QTreeView) else self.view.currentIndex().column()
        self.show_line(index.siblingAtColumn(max(column, 0)))

    def show_line(self, index: QModelIndex) -> None:
        """The current one from now on, and in sight: with what stands around it where it was not."""
        inside = self.view.viewport().rect().contains(self.view.visualRect(index).center())
        self.view.setCurrentIndex(index)
        hint = QAbstractItemView.ScrollHint
        self.view.scrollTo(index, hint.EnsureVisible if inside else hint.PositionAtCenter)
        self._marks.update()

    def mark(self, hits: Sequence[Hit], current: Hit | None) -> None:
        marks.seek(self.view, self._pattern if hits else None)
        self._marks.show_hits(set(hits), self._path)

    def close(self) -> None:
        self._model.rowsInserted.disconnect(self._inserted)
        for signal in (self._model.rowsRemoved, self._model.modelReset, self._model.layoutChanged):
            signal.disconnect(self._changed)
        marks.seek(self.view, None)
        self._marks.hide()
        self._marks.deleteLater()
        self.deleteLater()

    def _rows(self, parent: QModelIndex) -> int:
        self._fetching = True
        while self._model.canFetchMore(parent) and self._model.rowCount(parent) < LINES:
            self._model.fetchMore(parent)
        self._fetching = False
        return self._model.rowCount(parent)

    def _text(self, index: QModelIndex) -> str:
        own = getattr(self._model, "search_text", None)
        if callable(own):
            return str(own(index))
        columns = range(1 if isinstance(self.view, QListView) else self._model.columnCount(index.parent()))
        said = (self._model.data(index.siblingAtColumn(column), Qt.ItemDataRole.DisplayRole) for column in columns)
        return "\t".join(str(text)[:_LINE_TEXT] for text in said if text is not None)

    def _path(self, index: QModelIndex) -> Hit:
        rows: list[int] = []
        while index.isValid():
            rows.append(index.row())
            index = index.parent()
        return tuple(reversed(rows))

    def _inserted(self, parent: QModelIndex, first: int) -> None:
        if not self._fetching:
            self.stale.emit(not parent.isValid() and first > self._scanned)

    def _changed(self, *_: Any) -> None:
        self.stale.emit(False)
