"""Commands as Qt's actions: menus, shortcuts and buttons all come from `commands.table`."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from inspector.commands.command import Command
from inspector.commands.desk import Desk, Facts
from inspector.commands.table import COMMANDS
from inspector.ui import icons, theme


class Actions(QObject):
    """One QAction per command, added to the window so that its shortcut works everywhere in it."""

    def __init__(self, window: QWidget, desk: Desk, commands: Iterable[Command] = COMMANDS) -> None:
        super().__init__(window)
        self._commands = {command.id: command for command in commands}
        self._actions = {command.id: self._made(command, window, desk) for command in self._commands.values()}
        self._facts: Facts | None = None
        self._tint()
        theme.observer.changed.connect(self._tint)

    def __getitem__(self, command: str) -> QAction:
        return self._actions[command]

    def of_menu(self, menu: str) -> list[QAction]:
        return [self._actions[command.id] for command in self._commands.values() if command.menu == menu]

    def show_facts(self, facts: Facts) -> None:
        """Enables what can be done now, and checks the choices in force."""
        if facts == self._facts:
            return
        self._facts = facts
        for command in self._commands.values():
            action = self._actions[command.id]
            action.setEnabled(command.enabled(facts))
            if command.checked is not None:
                action.setChecked(command.checked(facts))

    def fill(self, menus: QMenu | QMenuBar) -> None:
        """The menus, in the order of the table, each once."""
        for title in dict.fromkeys(command.menu for command in self._commands.values()):
            menu = menus.addMenu(title)
            menu.setObjectName(f"menu{title}")
            menu.setToolTipsVisible(True)
            self.fill_one(menu, title)

    def menu(self, title: str, parent: QWidget) -> QMenu:
        """The menu `title` once more, for a right click."""
        menu = QMenu(title, parent)
        menu.setObjectName(f"context{title}")
        menu.setToolTipsVisible(True)
        self.fill_one(menu, title)
        return menu

    def fill_one(self, menu: QMenu, title: str) -> None:
        """The entries of the menu `title`, with those inside it."""
        inner: dict[str, QMenu] = {}
        for command in self._commands.values():
            if command.menu != title:
                continue
            into = menu
            if command.submenu:
                into = inner.get(command.submenu) or inner.setdefault(command.submenu, menu.addMenu(command.submenu))
                into.setObjectName(f"menu{title}{command.submenu.replace(' ', '')}")
                into.setToolTipsVisible(True)
            into.addAction(self._actions[command.id])
            if command.ends_group:
                menu.addSeparator()

    def _made(self, command: Command, window: QWidget, desk: Desk) -> QAction:
        action = QAction(command.title, window)
        action.setObjectName(command.id)
        action.setIconText(f" {command.title.removesuffix('…')}")  # on buttons, apart from the icon
        action.setShortcuts([QKeySequence(shortcut) for shortcut in command.shortcuts])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        shown = QKeySequence(command.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{command.tooltip} ({shown})")
        action.setCheckable(command.checked is not None)
        action.setMenuRole(_ROLES.get(command.id, QAction.MenuRole.NoRole))
        action.triggered.connect(lambda: self._run(command, desk))
        window.addAction(action)
        return action

    def _run(self, command: Command, desk: Desk) -> None:
        command.handler(desk)
        facts, self._facts = self._facts, None  # the click has toggled a choice: set it by the facts again
        if facts is not None:
            self.show_facts(facts)

    def _tint(self) -> None:
        for command in self._commands.values():
            if command.icon:
                self._actions[command.id].setIcon(icons.icon(command.icon))


_ROLES = {"inspector.quit": QAction.MenuRole.QuitRole, "inspector.about": QAction.MenuRole.AboutRole}
