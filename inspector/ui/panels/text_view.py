"""Read-only text in the fixed font that never freezes the window: long text goes in piece by piece."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QTimer
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QShowEvent,
    QSyntaxHighlighter,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)
from PySide6.QtWidgets import QTextEdit, QWidget

from inspector.ui import highlight, theme

PIECE = 32 * 1024
"""Characters that go in at once: some milliseconds."""
LINES = 1_500
"""Lines of a piece, at most: each takes its time, however short."""
COLORED = 2 * 1024
"""The same of text that is coloured, where every token may be a piece of its own."""
KEPT = 64 * 1024
KEPT_LINES = 1_000
"""Characters and lines of a text that stays laid out while it is out of sight: one of a megabyte takes a hundred."""
_BLOCKS = 20
"""Lines that are coloured anew at once when the theme changes."""
_LEADING = 130
"""Height of a line in hundredths of its font's."""


class TextView(QTextEdit):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setAccessibleName("Text")
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.partial = False
        """It is a part of something that is shown."""
        self._text = self._rest = ""
        self._colors: _Colors | None = None
        self._dropped: Sequence[highlight.Pieces] | None = None
        """The colours of a text that is out of sight, and not in the document meanwhile."""
        self._place: tuple[int, int, int] | None = None
        """Where the reader was in it: scroll bar, and both ends of the selection."""
        self._filler = QTimer(self, interval=0)
        self._filler.timeout.connect(self._fill)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.setFont(theme.fixed_font())
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self.document().setDocumentMargin(theme.edge())

    @property
    def filling(self) -> bool:
        """More of the text is still to come."""
        return self._filler.isActive()

    def show_text(self, text: str, keep: bool = False, colors: Sequence[highlight.Pieces] = ()) -> None:
        """`text` from its beginning; `keep`: the text shown has grown, or changed, so stay where the reader is.

        `colors` are the coloured pieces of its first lines.
        """
        if self._dropped is not None and keep:
            self._text, self._dropped = text, colors
            return
        there = self._text if keep and not self.filling else ""
        place = self.verticalScrollBar().value() if keep else 0
        if there and text.startswith(there):
            self._rest = text[len(there) :]
        else:
            self.begin()
            self._rest = text
        self._text = text
        if colors and self._colors is None:
            self._colors = _Colors(self.document())
        if self._colors is not None:
            self._colors.lines = colors
        self._fill()
        self.verticalScrollBar().setValue(place)

    def begin(self) -> QTextCursor:
        """Empty, with a cursor to write at."""
        self._filler.stop()
        self._text = self._rest = ""
        self._dropped = self._place = None
        self._empty()
        cursor = QTextCursor(self.document())
        cursor.setBlockFormat(block_format())
        return cursor

    def _empty(self) -> None:
        if self._colors is not None:
            self._colors.lines = ()
        self.clear()

    def hideEvent(self, event: QHideEvent) -> None:
        """A long text is not kept laid out where nobody sees it."""
        super().hideEvent(event)
        if event.spontaneous() or self._dropped is not None:
            return
        if len(self._text) > KEPT or self.document().blockCount() > KEPT_LINES:
            cursor, text = self.textCursor(), self._text
            if not text:  # written by somebody else
                return
            if self._place is None:
                self._place = self.verticalScrollBar().value(), cursor.anchor(), cursor.position()
            self._dropped = self._colors.lines if self._colors is not None else ()
            self._filler.stop()
            self._rest = ""
            self._empty()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._dropped is None or event.spontaneous():
            return
        text, place, colors = self._text, self._place, self._dropped
        self.show_text(text, colors=colors)
        self._place = place
        self._return()

    def _return(self) -> None:
        """To where the reader was, once that much of the text is there again; unless he has gone elsewhere."""
        if self._place is None:
            return
        scrolled, anchor, position = self._place
        bar = self.verticalScrollBar()
        if bar.value():
            self._place = None
        elif not self._rest or (
            bar.maximum() >= scrolled and self.document().characterCount() > max(anchor, position) + 1
        ):
            self._place = None
            last = self.document().characterCount() - 1
            cursor = QTextCursor(self.document())
            cursor.setPosition(min(anchor, last))
            cursor.setPosition(min(position, last), QTextCursor.MoveMode.KeepAnchor)
            self.setTextCursor(cursor)
            bar.setValue(scrolled)

    def _fill(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        colored = self._colors is not None and self.document().blockCount() <= len(self._colors.lines)
        size = COLORED if colored else PIECE
        lines = self._rest[:size].split("\n", LINES)
        if len(lines) > LINES:
            size -= len(lines[-1])
        cursor.insertText(self._rest[:size])
        self._rest = self._rest[size:]
        if self._rest and not self._filler.isActive():
            self._filler.start()
        elif not self._rest:
            self._filler.stop()
        self._return()

    def createMimeDataFromSelection(self) -> QMimeData:
        """Only text is copied: nobody wants our fonts in his mail."""
        data = QMimeData()
        data.setText(self.textCursor().selection().toPlainText())
        return data


class _Colors(QSyntaxHighlighter):
    """Colours lines as they come in; all of them anew, some at a time, when the theme changes."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self.lines: Sequence[highlight.Pieces] = ()
        self._formats: dict[str, QTextCharFormat] = {}
        self._next = 0
        self._again = QTimer(self, interval=0)
        self._again.timeout.connect(self._some)
        self._take()
        theme.observer.changed.connect(self._take)

    def _take(self) -> None:
        palette = theme.current()
        for token in (*highlight.TOKENS, "status_5xx", "gone", "added"):
            form = self._formats[token] = QTextCharFormat()
            form.setForeground(getattr(palette, token))
        self._formats["gone"].setFontStrikeOut(True)  # what is changed is not told by colour alone
        self._formats["added"].setFontUnderline(True)
        self._next = 0
        if self.lines:
            self._again.start()

    def _some(self) -> None:
        block = self.document().findBlockByNumber(self._next)
        for _ in range(_BLOCKS):
            if not block.isValid() or block.blockNumber() >= len(self.lines):
                self._again.stop()
                return
            self.rehighlightBlock(block)
            block = block.next()
        self._next = block.blockNumber() if block.isValid() else len(self.lines)

    def highlightBlock(self, _text: str) -> None:
        number = self.currentBlock().blockNumber()
        if number < len(self.lines):
            for start, length, token in self.lines[number]:
                self.setFormat(start, length, self._formats[token])


def block_format(indent: int = 0, above: int = 0) -> QTextBlockFormat:
    """A line with air around it; `indent` and `above` in pixels."""
    form = QTextBlockFormat()
    form.setLineHeight(_LEADING, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    form.setLeftMargin(indent)
    form.setTopMargin(above)
    return form


def char_format(color: QColor, bold: bool = False, sans: bool = False) -> QTextCharFormat:
    """Fixed unless `sans`."""
    form = QTextCharFormat()
    font = theme.interface_font() if sans else theme.fixed_font()
    form.setFont(theme.weighted(font) if bold else font)
    form.setForeground(color)
    return form
