"""Read-only text in the fixed font that never freezes the window: long text goes in piece by piece."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QTimer
from PySide6.QtGui import QColor, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QTextEdit, QWidget

from inspector.ui import theme

PIECE = 32 * 1024
"""Characters that go in at once: some milliseconds."""
_LEADING = 130
"""Height of a line in hundredths of its font's."""


class TextView(QTextEdit):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setAccessibleName("Text")
        self.setFont(theme.fixed_font())
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))
        self.document().setDocumentMargin(theme.edge())
        self._rest = ""
        self._filler = QTimer(self, interval=0)
        self._filler.timeout.connect(self._fill)

    @property
    def filling(self) -> bool:
        """More of the text is still to come."""
        return self._filler.isActive()

    def show_text(self, text: str, keep: bool = False) -> None:
        """`text` from its beginning; `keep`: the text shown has grown, or changed, so stay where the reader is."""
        there = self.toPlainText() if keep and not self.filling else ""
        place = self.verticalScrollBar().value() if keep else 0
        if there and text.startswith(there):
            self._rest = text[len(there) :]
        else:
            self.begin()
            self._rest = text
        self._fill()
        self.verticalScrollBar().setValue(place)

    def begin(self) -> QTextCursor:
        """Empty, with a cursor to write at."""
        self._filler.stop()
        self._rest = ""
        self.clear()
        cursor = QTextCursor(self.document())
        cursor.setBlockFormat(block_format())
        return cursor

    def _fill(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(self._rest[:PIECE])
        self._rest = self._rest[PIECE:]
        if self._rest and not self._filler.isActive():
            self._filler.start()
        elif not self._rest:
            self._filler.stop()

    def createMimeDataFromSelection(self) -> QMimeData:
        """Only text is copied: nobody wants our fonts in his mail."""
        data = QMimeData()
        data.setText(self.textCursor().selection().toPlainText())
        return data


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
