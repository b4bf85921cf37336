"""What the user set, read with care: a value that is missing or broken is as on the first day.

They are kept where the platform wants them (`QSettings`). `Settings.changed` carries the name of the one that is
another now; whoever depends on it listens.
"""

from __future__ import annotations

from typing import Any, get_args

from PySide6.QtCore import QObject, QSettings, Signal

from inspector.commands.desk import Theme
from inspector.ui import theme

USUAL: dict[str, Any] = {"theme": "system", "zoom": 100, "notifications": True, "follow": True, "editor": ""}
"""Every setting that the dialog shows, as on the first day."""


class Settings(QObject):
    """`USUAL`, as the user has it."""

    changed = Signal(str)

    def __init__(self, store: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = store

    def read(self, name: str) -> Any:
        """The value, of the type that `USUAL` has there."""
        usual = USUAL[name]
        value = self.store.value(name)
        if isinstance(usual, bool):
            return {"true": True, "false": False}.get(str(value).lower(), usual)
        if isinstance(usual, int):
            try:
                return int(str(value))
            except ValueError:
                return usual
        if name == "theme":
            return value if value in get_args(Theme) else usual
        return value if isinstance(value, str) else usual

    def write(self, name: str, value: Any) -> None:
        """Keeps it, and applies what applies at once."""
        self.store.setValue(name, value)
        if name in ("theme", "zoom"):
            self.apply()
        self.changed.emit(name)

    def apply(self) -> None:
        """Colours and zoom as they are set."""
        theme.choose(self.read("theme"))
        theme.zoom_to(self.read("zoom"))

    def path(self) -> str:
        """The file they are in, or the key of the registry."""
        return self.store.fileName()

    def writable(self) -> bool:
        """They can be kept."""
        self.store.sync()
        return self.store.isWritable() and self.store.status() == QSettings.Status.NoError
