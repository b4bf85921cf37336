"""A message box with one of our drawings, in the colours of the palette, where Qt would show the platform's."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from inspector.ui import icons, theme

_SIZE = 36


class MessageBox(QMessageBox):
    """Its text is plain, whatever it holds. Give it buttons, or it has OK; then `open` it."""

    def __init__(self, parent: QWidget, name: str, text: str, drawing: str = "warning") -> None:
        super().__init__(parent)
        theme.dressed(self)
        self.setObjectName(name)
        self.setWindowTitle("Inspector")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self._drawing = drawing
        theme.measured(self._draw)

    def _draw(self) -> None:
        color = theme.current().status_4xx.name()
        self.setIconPixmap(icons.pixmap(self._drawing, color, theme.px(_SIZE), self.devicePixelRatioF()))
