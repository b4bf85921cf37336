"""The parts of the window that F6 goes through, each with the widget in it that had the focus last."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget
from shiboken6 import isValid


class Regions(QObject):
    """Moves the focus among `parts`, in their order; those that are not to be seen are left out."""

    def __init__(self, parts: Sequence[QWidget], parent: QWidget) -> None:
        super().__init__(parent)
        self._parts = list(parts)
        self._had: dict[int, QWidget] = {}
        QApplication.instance().focusChanged.connect(self._focused)  # type: ignore[union-attr]

    def current(self) -> QWidget | None:
        """The part that has the focus."""
        return self._part_of(QApplication.focusWidget())

    def move(self, step: int) -> None:
        """The focus to the next (1) or the previous (-1) part."""
        shown = [part for part in self._parts if part.isVisible()]
        if not shown:
            return
        current = self.current()
        at = shown.index(current) + step if current in shown else 0 if step > 0 else -1
        part = shown[at % len(shown)]
        target = self._had.get(self._parts.index(part))
        if target is None or not isValid(target) or not _takes_focus(target):
            target = _best(part)
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _part_of(self, widget: QWidget | None) -> QWidget | None:
        while widget is not None and widget not in self._parts:
            widget = widget.parentWidget()
        return widget

    def _focused(self, _old: QWidget | None, new: QWidget | None) -> None:
        part = self._part_of(new)
        if part is not None and new is not None:
            self._had[self._parts.index(part)] = new


def _takes_focus(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def _best(part: QWidget) -> QWidget:
    """What is read there: the largest view; else the first widget that takes the focus, or the part itself."""
    if _takes_focus(part):
        return part
    views = [view for view in part.findChildren(QAbstractScrollArea) if _takes_focus(view)]
    if views:
        return max(views, key=lambda view: view.width() * view.height())
    return next((it for it in part.findChildren(QWidget) if _takes_focus(it)), part)
