"""Commands as Qt's actions: menus, shortcuts and buttons all come from `commands.table`."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar, QPushButton, QWidget

from inspector.commands.command import Command
from inspector.commands.desk import Desk, Facts
from inspector.ui import icons, theme
from inspector.ui.shortcuts import Shortcuts


class Actions(QObject):
    """One QAction per command, added to the window so that its shortcut works everywhere in it."""

    about_to_run = Signal(str)
    """The command that is done next."""

    def __init__(self, window: QWidget, desk: Desk, shortcuts: Shortcuts) -> None:
        super().__init__(window)
        self._shortcuts = shortcuts
        self._commands = shortcuts.commands
        self._actions = {command.id: self._made(command, window, desk) for command in self._commands.values()}
        for command in self._commands:
            self._key(command)
        self._facts: Facts | None = None
        self._tint()
        theme.observer.changed.connect(self._tint)
        shortcuts.changed.connect(self._key)

    @property
    def commands(self) -> list[Command]:
        """In the order of the menus."""
        return list(self._commands.values())

    def __getitem__(self, command: str) -> QAction:
        return self._actions[command]

    def key(self, command: str) -> str:
        """Its shortcut, as the platform writes it; "" for none."""
        return self._shortcuts.text(command)

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

    def insert_menu(self, before: str, menu: QMenu) -> None:
        """`menu` as an entry of the menu that has the command `before`, above it."""
        for holder in self._actions[before].associatedObjects():
            if isinstance(holder, QMenu):
                holder.insertMenu(self._actions[before], menu)

    def _key(self, command: str) -> None:
        action, key = self._actions[command], self._shortcuts.text(command)
        action.setShortcuts(self._shortcuts.keys(command))
        tooltip = self._commands[command].tooltip
        action.setToolTip(f"{tooltip} ({key})" if key else tooltip)

    def _made(self, command: Command, window: QWidget, desk: Desk) -> QAction:
        action = QAction(command.title, window)
        action.setObjectName(command.id)
        action.setIconText(f" {command.title.removesuffix('…')}")  # on buttons, apart from the icon
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(command.checked is not None)
        action.setMenuRole(_ROLES.get(command.id, QAction.MenuRole.NoRole))
        action.triggered.connect(lambda: self._run(command, desk))
        window.addAction(action)
        return action

    def _run(self, command: Command, desk: Desk) -> None:
        self.about_to_run.emit(command.id)
        command.handler(desk)
        facts, self._facts = self._facts, None  # the click has toggled a choice: set it by the facts again
        if facts is not None:
            self.show_facts(facts)

    def _tint(self) -> None:
        for command in self._commands.values():
            if command.icon:
                self._actions[command.id].setIcon(icons.icon(command.icon))


class ActionButton(QPushButton):
    """An action as a button with its word alone, as high as the buttons beside it."""

    def __init__(self, action: QAction, role: str = "") -> None:
        super().__init__()
        self._action = action
        self.setProperty("role", role)
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self.setText(self._action.text().removesuffix("…"))
        self.setAccessibleName(self.text())
        self.setToolTip(self._action.toolTip())
        self.setEnabled(self._action.isEnabled())


_ROLES = {"inspector.quit": QAction.MenuRole.QuitRole, "inspector.about": QAction.MenuRole.AboutRole}
