"""How things are looked at: filter, following, colours; and what the program says of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

from inspector import __version__
from inspector.commands.desk import Theme
from inspector.ui import theme
from inspector.ui.message_box import MessageBox
from inspector.ui.settings_dialog import SettingsDialog
from inspector.ui.shortcuts_dialog import ShortcutsDialog

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

    def find(self) -> None:
        if self._window.table.hasFocus() or not self._window.finder.open():
            self.focus_filter()

    def find_again(self, step: int) -> None:
        self._window.finder.again(step)

    def follow(self) -> None:
        self._window.table.follow()

    def theme(self, choice: Theme) -> None:
        self._window.settings.write("theme", choice)

    def zoom(self, step: int) -> None:
        at = theme.ZOOMS.index(theme.zoom()) + step if step else theme.ZOOMS.index(100)
        self._window.settings.write("zoom", theme.ZOOMS[min(max(at, 0), len(theme.ZOOMS) - 1)])

    def move_region(self, step: int) -> None:
        self._window.regions.move(step)

    def full_screen(self) -> None:
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def reset_layout(self) -> None:
        self._window.places.reset()

    def palette(self) -> None:
        self._window.command_palette.open()

    def settings(self) -> None:
        window = self._window
        _open_once(window.findChild(SettingsDialog), lambda: SettingsDialog(window.settings, window))

    def shortcuts(self) -> None:
        window = self._window
        _open_once(window.findChild(ShortcutsDialog), lambda: ShortcutsDialog(window.shortcuts, window))

    def about(self) -> None:
        box = MessageBox(self._window, "aboutDialog", f"Inspector {__version__}", drawing="inspector")
        box.setWindowTitle("About Inspector")
        box.setInformativeText("Watches what happens between a Python web server and an app.\nMIT licence.")
        box.finished.connect(box.deleteLater)
        box.open()


def _open_once(dialog: QDialog | None, make: Callable[[], QDialog]) -> None:
    """Asking again brings the one that is open to the front."""
    if dialog is None:
        dialog = make()
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
    dialog.raise_()
