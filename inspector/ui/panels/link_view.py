"""Text with places that can be chosen: by a click, or by Tab and Enter."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QTextCursor
from PySide6.QtWidgets import QWidget

from inspector.ui.find.sought import Searchable
from inspector.ui.find.text import TextSearch
from inspector.ui.panels.text_view import TextView


class LinkView(TextView):
    """A `TextView` whose anchors (`QTextCharFormat.anchorHref`) tell when they are chosen. `search` makes what searches
    it, where it shows only a part of what there is."""

    chosen = Signal(str)
    """The href of an anchor."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.links: list[tuple[int, int, str]] = []
        """Where each anchor begins and ends, and its href; in their order."""
        self._pressed = ""
        self.search: Callable[[], Searchable] | None = None
        self.setMouseTracking(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def searchable(self) -> Searchable:
        return self.search() if self.search is not None else TextSearch(self)

    def current_link(self) -> str:
        """The href of the anchor that the cursor is in; empty where it is in none."""
        at = self.textCursor()
        return next((href for start, end, href in self.links if start <= at.selectionStart() < end), "")

    def go_to(self, href: str) -> None:
        """Selects the anchor `href`, where there is one."""
        for start, end, each in self.links:
            if each == href:
                self._select(start, end)
                return

    def _select(self, start: int, end: int) -> None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(end)
        cursor.setPosition(start, QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes from anchor to anchor, then on to the next widget."""
        cursor = self.textCursor()
        at = cursor.selectionStart() if cursor.hasSelection() else cursor.position() - forward
        ahead = [link for link in self.links if (link[0] > at if forward else link[0] < at)]
        if not ahead:
            return super().focusNextPrevChild(forward)
        self._select(*ahead[0 if forward else -1][:2])
        self.ensureCursorVisible()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and (href := self.current_link()):
            self.chosen.emit(href)
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = self.anchorAt(event.position().toPoint()) if left else ""
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        href, self._pressed = self._pressed, ""
        if href and href == self.anchorAt(event.position().toPoint()) and not self.textCursor().hasSelection():
            self.chosen.emit(href)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        over = bool(self.anchorAt(event.position().toPoint()))
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.IBeamCursor)
