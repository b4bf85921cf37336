"""Where things stood: what the window keeps from one day to the next, in the settings of the platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRect, QSettings
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from inspector.ui.window import Window

_SIZE = (1440, 900)
_SPLIT = {"rows": [380, 460], "panels": [640, 800]}
_RECENT = 8


class Places:
    """Size and place of the window, its splitters, columns and tab, and what was open last."""

    def __init__(self, window: Window, settings: QSettings) -> None:
        self._window = window
        self.settings = settings

    def restore(self) -> None:
        """As it stood last; what the settings do not say, or say wrongly, as on the first day."""
        window = self._window
        window.resize(*_SIZE)
        geometry = self.settings.value("geometry")
        if isinstance(geometry, QByteArray):
            window.restoreGeometry(geometry)
        window.table.arrange(self.settings.value("columns"), self.settings.value("order"))
        self.come_back()
        for name, splitter in (("rows", window.rows), ("panels", window.panels)):
            stood = self.settings.value(name)
            if not (isinstance(stood, QByteArray) and splitter.restoreState(stood)):
                splitter.setSizes(_SPLIT[name])
        tab = str(self.settings.value("tab"))
        window.details.keep(int(tab) if tab.isdecimal() else 0)

    def come_back(self) -> None:
        """Onto a screen that is there, no larger than it: the one where the window stood may be gone."""
        window = self._window
        if window.isMaximized() or window.isFullScreen():
            return
        stands = window.frameGeometry()
        rooms = [screen.availableGeometry() for screen in QGuiApplication.screens()]
        if not rooms:
            return
        seen = max(rooms, key=lambda room: _area(room & stands))
        if 2 * _area(seen & stands) < _area(stands):
            seen = QGuiApplication.primaryScreen().availableGeometry()
            window.resize(window.size().boundedTo(seen.size()))
            window.move(seen.center() - window.rect().center())

    def reset(self) -> None:
        """As on the first day: the window, its splitters, its tab."""
        window = self._window
        window.showNormal()
        for name in ("geometry", "rows", "panels", "tab"):
            self.settings.remove(name)
        window.resize(*_SIZE)
        self.come_back()
        window.rows.setSizes(_SPLIT["rows"])
        window.panels.setSizes(_SPLIT["panels"])
        window.details.keep(0)

    def save(self) -> None:
        """As it stands now."""
        window = self._window
        self.settings.setValue("geometry", window.saveGeometry())
        columns, order = window.table.arrangement()
        self.settings.setValue("columns", columns)
        self.settings.setValue("order", order)
        self.settings.setValue("rows", window.rows.saveState())
        self.settings.setValue("panels", window.panels.saveState())
        self.settings.setValue("tab", window.details.kept)

    def remember(self, name: str) -> None:
        """An app or a recording that was opened, for the welcome page of another day."""
        self.settings.setValue("recent", list(dict.fromkeys([name, *self.recent()]))[:_RECENT])

    def forget(self, name: str) -> None:
        """It is not there any more."""
        self.settings.setValue("recent", [kept for kept in self.recent() if kept != name])

    def recent(self) -> list[str]:
        """Apps and recordings that were open, the last one first."""
        recent = self.settings.value("recent")
        if isinstance(recent, str):
            return [recent]
        return [str(name) for name in recent] if isinstance(recent, list) else []


def _area(rect: QRect) -> int:
    return max(rect.width(), 0) * max(rect.height(), 0)
