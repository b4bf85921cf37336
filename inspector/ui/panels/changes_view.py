"""What an edit changed, as lines: those that went and those that came, with the changed parts marked."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from inspector.ui import theme
from inspector.ui.models.message_diff import Changes, Side, compare
from inspector.ui.panels.text_view import TextView
from inspector.ui.renderer import Renderer


class ChangesView(QWidget):
    """`text` has the lines; it is compared on the renderer's thread."""

    def __init__(self, renderer: Renderer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._renderer = renderer
        self._shown: tuple[Side, Side] | None = None
        self.text = TextView()
        self.text.setObjectName("messageChanges")
        self.text.setAccessibleName("What the edit changed")
        self._remark = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._remark.setProperty("role", "second")
        self._remark.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._remark)
        layout.addWidget(self.text, 1)
        renderer.done.connect(self._compared)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self._remark.setContentsMargins(theme.edge(), theme.px(5), theme.edge(), theme.px(3))

    def show_change(self, before: Side, after: Side) -> None:
        """From `before` to `after`."""
        if self._shown != (before, after):
            self._shown = before, after
            self.text.show_text("")
            self._remark.hide()
            self._renderer.run(self, lambda cancelled: compare(before, after, cancelled))

    def forget(self) -> None:
        """Nothing is compared any more."""
        self._renderer.cancel(self)
        self._shown = None
        self.text.show_text("")
        self._remark.hide()

    def _compared(self, asker: object, found: object) -> None:
        if asker is self and isinstance(found, Changes):
            self.text.show_text(found.text, colors=found.pieces)
            self._remark.setText(found.remark)
            self._remark.setVisible(bool(found.remark))
