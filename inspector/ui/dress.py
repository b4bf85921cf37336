"""Puts the style sheet on, region by region: Qt polishes a widget for about half a millisecond, and there are 600.

A sheet of the application would be put on all of them in one turn of the loop, seen or not. So each region (a bar, a
panel, a page of a stack, a dialog, a menu) wears it by itself: those in sight are dressed a few a turn, with nothing
painted until all are, and the others when they are next shown. Regions do not lie in one another, or are small.
"""

from __future__ import annotations

import time
from collections import deque

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QWidget
from shiboken6 import isValid

_TURN_S = 0.02
"""Seconds of a turn of the loop after which the next region waits for the next turn."""


class _Region(QObject):
    """A child of the widget that it dresses."""

    def __init__(self, widget: QWidget, wardrobe: Wardrobe) -> None:
        super().__init__(widget)
        self._wardrobe = wardrobe
        self._worn = ""
        widget.installEventFilter(self)
        self.wear()

    def widget(self) -> QWidget:
        widget = self.parent()
        assert isinstance(widget, QWidget)
        return widget

    def wear(self) -> None:
        """What was never shown is only told its sheet, which costs nothing."""
        if self._worn is not self._wardrobe.sheet:
            self._worn = self._wardrobe.sheet
            self.widget().setStyleSheet(self._worn)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self.wear()
            if isinstance(watched, QDialog):
                _without_icons(watched)
        return super().eventFilter(watched, event)


def _without_icons(dialog: QDialog) -> None:
    """Some platforms put drawings of their own on the buttons when they are made: a style sheet comes too late."""
    for box in dialog.findChildren(QDialogButtonBox):
        for button in box.buttons():
            button.setIcon(QIcon())


class Wardrobe:
    """The sheet in force, and the regions that wear it."""

    def __init__(self) -> None:
        self.sheet = ""
        self._regions: list[_Region] = []
        self._waiting: deque[_Region] = deque()
        self._curtained: list[QWidget] = []
        """Windows that are not painted meanwhile."""

    @property
    def changing(self) -> bool:
        """Some region in sight still wears the former sheet."""
        return bool(self._waiting)

    def add(self, widget: QWidget) -> None:
        """`widget` and all in it wears the sheet from now on."""
        self._forget()
        self._regions.append(_Region(widget, self))

    def change(self, sheet: str) -> None:
        """Another sheet for all."""
        self.sheet = sheet
        self._forget()
        idle = not self._waiting
        self._waiting = deque(region for region in self._regions if region.widget().isVisible())
        for region in self._waiting:
            window = region.widget().window()
            if window not in self._curtained:
                self._curtained.append(window)
                window.setUpdatesEnabled(False)
        if idle and self._waiting:
            QTimer.singleShot(0, self._turn)

    def _turn(self) -> None:
        until = time.perf_counter() + _TURN_S
        while self._waiting and time.perf_counter() < until:
            region = self._waiting.popleft()
            if isValid(region):
                region.wear()
        if self._waiting:
            QTimer.singleShot(0, self._turn)
            return
        for window in self._curtained:
            if isValid(window):
                window.setUpdatesEnabled(True)
                # Else a window whose paint was asked for before and refused meanwhile waits for the next reason.
                QCoreApplication.postEvent(window, QEvent(QEvent.Type.UpdateRequest))
        self._curtained.clear()

    def _forget(self) -> None:
        self._regions = [region for region in self._regions if isValid(region)]
