"""Tells the user, outside of the window, what needs him, while he looks at something else.

That is rare: the app could not be loaded, or crashed. It never takes the focus, and is said once for each time it
happens. Where the desktop has no tray for it, the window's entry in the taskbar asks for attention, and that is all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from inspector.session.state import SessionState
from inspector.ui import icons
from inspector.ui.settings import Settings

_NEEDS_USER = {"failed": "The app could not be loaded", "crashed": "The app crashed"}


class Tray(Protocol):
    """Says a thing on the desktop."""

    def tell(self, title: str, text: str) -> None: ...
    def withdraw(self) -> None:
        """The user has seen it."""


class SystemTray(QObject):
    """The desktop's own; its icon is there only while something is told."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._icon: QSystemTrayIcon | None = None

    def tell(self, title: str, text: str) -> None:
        if not (QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
            return
        if self._icon is None:
            self._icon = QSystemTrayIcon(icons.icon("inspector"), self)
            self._icon.setToolTip("Inspector")
            self._icon.messageClicked.connect(self._asked_for)
            self._icon.activated.connect(self._asked_for)
        self._icon.show()
        self._icon.showMessage(title, text, QSystemTrayIcon.MessageIcon.Warning)

    def withdraw(self) -> None:
        if self._icon is not None:
            self._icon.hide()

    def _asked_for(self) -> None:
        """The user clicked: now he wants the window."""
        if self._window.isMinimized():
            self._window.showNormal()
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()


class Notifier(QObject):
    """Watches `window`; `settings` may switch it off."""

    def __init__(
        self,
        window: QWidget,
        settings: Settings,
        tray: Tray | None = None,
        alert: Callable[[QWidget], object] = QApplication.alert,
    ) -> None:
        super().__init__(window)
        self._window, self._settings = window, settings
        self._tray = tray if tray is not None else SystemTray(window)
        self._alert = alert
        self._phase = ""
        window.installEventFilter(self)

    def show_state(self, state: SessionState | None) -> None:
        """Tells of `state` where it has become one that needs the user."""
        before, self._phase = self._phase, state.phase if state else ""
        if state is not None and self._phase != before and self._phase in _NEEDS_USER:
            self.tell(state.title or _NEEDS_USER[self._phase], state.hint)

    def tell(self, title: str, text: str) -> None:
        """Something needs the user: said where he does not look at the window."""
        if not self._settings.read("notifications") or self._seen():
            return
        self._alert(self._window)
        self._tray.tell(title, text)

    def _seen(self) -> bool:
        """He looks at the window, or at a dialog of it."""
        if not self._window.isVisible() or self._window.isMinimized():
            return False
        active = QApplication.activeWindow()
        return active is not None and (active is self._window or self._window.isAncestorOf(active))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.WindowActivate, QEvent.Type.Close):
            self._tray.withdraw()
        return super().eventFilter(watched, event)
