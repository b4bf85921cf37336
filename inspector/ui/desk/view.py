"""How things are looked at: filter, following, colours; and what the program says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspector import __version__
from inspector.commands.desk import Theme
from inspector.ui import theme
from inspector.ui.message_box import MessageBox

if TYPE_CHECKING:
    from inspector.ui.window import Window


class View:
    """`commands.desk.ViewDesk` for one window."""

    _window: Window

    def focus_filter(self) -> None:
        self._window.filter_bar.edit.setFocus()
        self._window.filter_bar.edit.selectAll()

    def clear_filter(self) -> None:
        self._window.filter_bar.edit.clear()
        self._window.filter_bar.apply()

    def follow(self) -> None:
        self._window.table.follow()

    def theme(self, choice: Theme) -> None:
        theme.choose(choice)
        self._window.places.settings.setValue("theme", choice)

    def about(self) -> None:
        box = MessageBox(self._window, "aboutDialog", f"Inspector {__version__}", drawing="inspector")
        box.setWindowTitle("About Inspector")
        box.setInformativeText("Watches what happens between a Python web server and an app.\nMIT licence.")
        box.finished.connect(box.deleteLater)
        box.open()
