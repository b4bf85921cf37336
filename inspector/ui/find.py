"""What can be searched, and how: one small protocol, and its two adapters for what panels are made of.

A *hit* is where a match stands, as a tuple that sorts in reading order: position and length for text (UTF-16 units, as
Qt counts), the rows from the top down to a line for lists, tables and trees. `scan` gives hits in that order, a little
at a time, so that whoever drives it decides how long it may hold the thread.

A view that knows better than its adapter (because it shows a part of what it has) offers a method `searchable()` that
returns a `Searchable`; a model whose lines are cut on screen offers `search_text(index)`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QPainter, QPaintEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QAbstractItemView, QListView, QPlainTextEdit, QTextEdit, QTreeView, QWidget

from inspector.ui import theme

WINDOW = 64 * 1024
"""Characters of a line that are looked at in one step."""
LINES = 200_000
"""Lines of a tree or table that are looked at; deeper branches than `DEPTH` are not."""
DEPTH = 200
_LINE_TEXT = 20_000
_MARKS = 500
Hit = tuple[int, ...]
TextWidget = QTextEdit | QPlainTextEdit


class Searchable(Protocol):
    @property
    def view(self) -> QWidget:
        """What is seen; it gets the focus back."""

    @property
    def stale(self) -> SignalInstance:
        """`stale(grew)`: what is searched has changed, and no scan goes on; `grew`: only after what was scanned."""

    def scan(self, pattern: re.Pattern[str], resume: bool) -> Iterator[list[Hit]]:
        """The hits, step by step; `resume`: from the line on that the last scan was at, see `resumed_at`."""

    def resumed_at(self) -> Hit:
        """Hits from here on come (again) from a scan that resumes."""

    def here(self) -> Hit:
        """Where the reader is."""

    def selected(self) -> str:
        """The text that is selected; "" where it is none, or more than a line."""

    def reveal(self, hit: Hit) -> None:
        """Brings it into sight, and the reader's place there."""

    def mark(self, hits: Sequence[Hit], current: Hit | None) -> None:
        """Sets off those in sight, now and after scrolling; `hits` may grow afterwards."""

    def close(self) -> None:
        """Nothing is set off any more; the match gone to last is selected."""


def pattern(needle: str, case: bool) -> re.Pattern[str]:
    """What is looked for, as it is."""
    return re.compile(re.escape(needle), 0 if case else re.IGNORECASE)


def searchable(widget: QWidget) -> Searchable | None:
    """An adapter for `widget`; None where it cannot be searched."""
    own = getattr(widget, "searchable", None)
    if callable(own):
        return own()  # type: ignore[no-any-return]
    if isinstance(widget, (QTextEdit, QPlainTextEdit)):
        return TextSearch(widget)
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        return ItemSearch(widget)
    return None


def can_search(widget: QWidget) -> bool:
    """`searchable` gives something."""
    if callable(getattr(widget, "searchable", None)) or isinstance(widget, (QTextEdit, QPlainTextEdit)):
        return True
    return isinstance(widget, QAbstractItemView) and widget.model() is not None


class TextSearch(QObject):
    """Of a text, block by block."""

    stale = Signal(bool)

    def __init__(self, view: TextWidget) -> None:
        super().__init__(view)
        self.view = view
        self._scanned = 0
        self._hits: Sequence[Hit] = ()
        self._current: Hit | None = None
        view.document().contentsChange.connect(self._changed)
        view.verticalScrollBar().valueChanged.connect(self._paint)
        theme.observer.changed.connect(self._paint)

    def scan(self, pattern: re.Pattern[str], resume: bool) -> Iterator[list[Hit]]:
        document = self.view.document()
        block = document.findBlock(self._scanned) if resume else document.begin()
        longest = len(pattern.pattern)
        while block.isValid():
            self._scanned = at = block.position()
            text = block.text()
            wide = not text.isascii() and any(character > "\uffff" for character in text)
            for start in range(0, len(text) or 1, WINDOW):
                found: list[Hit] = []
                for match in pattern.finditer(text, start, min(start + WINDOW + longest, len(text))):
                    if match.start() < start + WINDOW:
                        before = _units(text[: match.start()]) if wide else match.start()
                        length = _units(match[0]) if wide else len(match[0])
                        found.append((at + before, length))
                yield found
            block = block.next()

    def resumed_at(self) -> Hit:
        return (self._scanned,)

    def here(self) -> Hit:
        """The cursor, where it is in sight; else the first line that is."""
        first, last = self._in_sight()
        cursor = self.view.textCursor().selectionStart()
        return (cursor if first <= cursor < last else first,)

    def selected(self) -> str:
        text = self.view.textCursor().selectedText()
        return text if len(text) < 200 and "\u2029" not in text else ""

    def reveal(self, hit: Hit) -> None:
        cursor = self._cursor(hit)
        cursor.setPosition(cursor.selectionStart())  # a selection would hide what sets the match off
        self.view.setTextCursor(cursor)
        self.view.ensureCursorVisible()

    def mark(self, hits: Sequence[Hit], current: Hit | None) -> None:
        self._hits, self._current = hits, current
        self._paint()

    def close(self) -> None:
        self.view.document().contentsChange.disconnect(self._changed)
        self.view.verticalScrollBar().valueChanged.disconnect(self._paint)
        theme.observer.changed.disconnect(self._paint)
        self.view.setExtraSelections([])
        if self._current is not None:
            self.view.setTextCursor(self._cursor(self._current))
        self.deleteLater()

    def _changed(self, position: int, removed: int, _added: int) -> None:
        last = self.view.document().lastBlock().position()
        # Qt counts the end of the last line as taken out and put back.
        self.stale.emit(removed <= 1 and position >= self._scanned and bool(last))

    def _cursor(self, hit: Hit) -> QTextCursor:
        last = self.view.document().characterCount() - 1
        cursor = QTextCursor(self.view.document())
        cursor.setPosition(min(hit[0], last))
        cursor.setPosition(min(hit[0] + hit[1], last), QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _in_sight(self) -> tuple[int, int]:
        """Where the first line in sight begins, and behind the last character in sight."""
        area = self.view.viewport().rect()
        first = self.view.cursorForPosition(area.topLeft()).block().position()
        return first, self.view.cursorForPosition(area.bottomRight()).position() + 1

    def _paint(self) -> None:
        """Only what is in sight is set off: a selection costs the layout something."""
        first, last = self._in_sight()
        palette = theme.current()
        selections = []
        for hit in _between(self._hits, (first,), (last,))[:_MARKS]:
            made = QTextEdit.ExtraSelection()
            look = QTextCharFormat()
            if hit == self._current:
                look.setBackground(palette.primary)
                look.setForeground(palette.primary_text)
            else:
                look.setBackground(palette.selection)
                look.setFontUnderline(True)
            made.format, made.cursor = look, self._cursor(hit)
            selections.append(made)
        self.view.setExtraSelections(selections)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _between(hits: Sequence[Hit], first: Hit, last: Hit) -> Sequence[Hit]:
    return hits[bisect_left(hits, first) : bisect_left(hits, last)]


class ItemSearch(QObject):
    """Of a list, a table or a tree, line by line; closed branches too, which are opened where something is found."""

    stale = Signal(bool)

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self.view = view
        self._scanned = 0
        self._fetching = False
        self._marks = _Marks(view)
        model = self._model = view.model()
        model.rowsInserted.connect(self._inserted)
        for signal in (model.rowsRemoved, model.modelReset, model.layoutChanged):
            signal.connect(self._changed)

    def scan(self, pattern: re.Pattern[str], resume: bool) -> Iterator[list[Hit]]:
        """Lines, in the order in which a tree that is wholly open would show them."""
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
            yield [path] if pattern.search(self._text(index)) else []
            if len(path) < DEPTH and isinstance(self.view, QTreeView) and self._model.hasChildren(index):
                stack.append((index, 0, path))

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
        self.view.setCurrentIndex(index.siblingAtColumn(max(column, 0)))
        self.view.scrollTo(index)
        self._marks.update()

    def mark(self, hits: Sequence[Hit], current: Hit | None) -> None:
        self._marks.show_hits(set(hits), self._path)

    def close(self) -> None:
        self._model.rowsInserted.disconnect(self._inserted)
        for signal in (self._model.rowsRemoved, self._model.modelReset, self._model.layoutChanged):
            signal.disconnect(self._changed)
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


class _Marks(QWidget):
    """Lies over the viewport and draws a bar before each line that is a hit: delegates need not know of it."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view.viewport())
        self._view = view
        self._hits: set[Hit] = set()
        self._path: Any = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        view.viewport().installEventFilter(self)
        view.verticalScrollBar().valueChanged.connect(self._cover)
        self._cover()
        self.show()

    def show_hits(self, hits: set[Hit], path: Any) -> None:
        self._hits, self._path = hits, path
        self.update()

    def _cover(self) -> None:
        """A view that scrolls takes its children along."""
        self.setGeometry(self._view.viewport().rect())
        self.raise_()
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._cover()
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._hits:
            return
        painter = QPainter(self)
        color = theme.current().accent
        y = 0
        while y < self.height():
            index = self._view.indexAt(QPoint(self.width() // 2, y))
            if not index.isValid():
                break
            rect = self._view.visualRect(index)
            if self._path(index) in self._hits:
                painter.fillRect(0, rect.top() + 1, theme.px(3), rect.height() - 2, color)
            y = max(rect.bottom(), y) + 1
