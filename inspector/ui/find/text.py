"""The search of a text, block by block. A hit is position and length, in UTF-16 units as Qt counts them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from inspector.ui import theme
from inspector.ui.find.sought import HINT, Hit, Sought

WINDOW = 64 * 1024
"""Characters of a line that are looked at in one step."""
_MARKS = 500
TextWidget = QTextEdit | QPlainTextEdit


class TextSearch(QObject):
    """Of a text, block by block."""

    stale = Signal(bool)
    hint = HINT

    def __init__(self, view: TextWidget) -> None:
        super().__init__(view)
        self.view = view
        self._scanned = 0
        self._hits: Sequence[Hit] = ()
        self._current: Hit | None = None
        view.document().contentsChange.connect(self._changed)
        view.verticalScrollBar().valueChanged.connect(self._paint)
        theme.observer.changed.connect(self._paint)

    def scan(self, sought: Sought, resume: bool) -> Iterator[list[Hit]]:
        document = self.view.document()
        block = document.findBlock(self._scanned) if resume else document.begin()
        longest = len(sought.needle)
        while block.isValid():
            self._scanned = at = block.position()
            text = block.text()
            wide = not text.isascii() and any(character > "\uffff" for character in text)
            for start in range(0, len(text) or 1, WINDOW):
                found: list[Hit] = []
                for match in sought.pattern.finditer(text, start, min(start + WINDOW + longest, len(text))):
                    if match.start() < start + WINDOW:
                        before = _units(text[: match.start()]) if wide else match.start()
                        length = _units(match[0]) if wide else len(match[0])
                        found.append((at + before, length))
                yield found
            block = block.next()

    @property
    def partial(self) -> bool:
        return bool(getattr(self.view, "partial", False))

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
        rect, height = self.view.cursorRect(cursor), self.view.viewport().height()
        inside = rect.top() >= 0 and rect.bottom() <= height
        self.view.setTextCursor(cursor)
        self.view.ensureCursorVisible()
        if not inside:  # with what stands around it
            bar = self.view.verticalScrollBar()
            lines = isinstance(self.view, QPlainTextEdit)  # it scrolls by lines, the other by pixels
            away = self.view.cursorRect().center().y() - height // 3
            bar.setValue(bar.value() + (away // max(self.view.fontMetrics().lineSpacing(), 1) if lines else away))

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
        for hit in between(self._hits, (first,), (last,))[:_MARKS]:
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


def between(hits: Sequence[Hit], first: Hit, last: Hit) -> Sequence[Hit]:
    """Those of sorted `hits` from `first` on and before `last`."""
    return hits[bisect_left(hits, first) : bisect_left(hits, last)]
