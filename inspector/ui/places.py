"""Where things stood: what the window keeps from one day to the next, in the settings of the platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSettings

from inspector.ui import theme

if TYPE_CHECKING:
    from inspector.ui.window import Window

_SIZE = (1440, 900)
_SPLIT = {"rows": [380, 460], "panels": [640, 800]}
_RECENT = 8


class Places:
    """Size and place of the window, its splitters and columns, theme and zoom, and what was open last."""

    def __init__(self, window: Window, settings: QSettings) -> None:
        self._window = window
        self.settings = settings

    def restore(self) -> None:
        """As it stood last; what the settings do not say, or say wrongly, as on the first day."""
        window = self._window
        if (chosen := self.settings.value("theme")) in ("system", "light", "dark"):
            theme.choose(chosen)
        window.resize(*_SIZE)
        geometry = self.settings.value("geometry")
        if isinstance(geometry, QByteArray):
            window.restoreGeometry(geometry)
        window.table.arrange(self.settings.value("columns"), self.settings.value("order"))
        for name, splitter in (("rows", window.rows), ("panels", window.panels)):
            stood = self.settings.value(name)
            if not (isinstance(stood, QByteArray) and splitter.restoreState(stood)):
                splitter.setSizes(_SPLIT[name])

    def save(self) -> None:
        """As it stands now."""
        window = self._window
        self.settings.setValue("geometry", window.saveGeometry())
        columns, order = window.table.arrangement()
        self.settings.setValue("columns", columns)
        self.settings.setValue("order", order)
        self.settings.setValue("rows", window.rows.saveState())
        self.settings.setValue("panels", window.panels.saveState())

    def remember(self, name: str) -> None:
        """An app or a recording that was opened, for the welcome page of another day."""
        self.settings.setValue("recent", list(dict.fromkeys([name, *self.recent()]))[:_RECENT])

    def recent(self) -> list[str]:
        """Apps and recordings that were open, the last one first."""
        recent = self.settings.value("recent")
        if isinstance(recent, str):
            return [recent]
        return [str(name) for name in recent] if isinstance(recent, list) else []
