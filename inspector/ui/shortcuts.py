"""Which keys do what: the defaults of the commands, and what the user made of them.

Changes are kept in the settings under `shortcuts/<id of the command>` as portable text (`Ctrl+J; F8`), empty for
none. What cannot be read there, or is taken, counts as not changed: a broken setting never costs a command its key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QWidget

from inspector.commands.command import Command

_PORTABLE = QKeySequence.SequenceFormat.PortableText
_UNTYPED = re.compile(r"(Ctrl|Alt|Meta)\+|\bF\d+$")
"""Keys that nobody needs for typing and moving."""
_EDITING = {
    QKeySequence.StandardKey.Copy: "copies, in every panel",
    QKeySequence.StandardKey.Cut: "cuts, where text is typed",
    QKeySequence.StandardKey.Paste: "pastes, where text is typed",
    QKeySequence.StandardKey.Undo: "undoes, where text is typed",
    QKeySequence.StandardKey.SelectAll: "selects all, in every panel",
}
"""Keys that every widget has for itself."""


class Shortcuts(QObject):
    """The keys in force. `changed` carries the id of a command whose keys are others now."""

    changed = Signal(str)

    def __init__(self, commands: Iterable[Command], store: QSettings, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._store = store
        self.commands = {command.id: command for command in commands}
        self._keys = {command.id: [QKeySequence(key) for key in command.shortcuts] for command in commands}
        for command in commands:
            keys = self._kept(command.id)
            if keys is not None and not any(self._owner(key, command.id) for key in keys):
                self._keys[command.id] = keys

    def keys(self, command: str) -> list[QKeySequence]:
        """The first one is shown."""
        return self._keys[command]

    def text(self, command: str) -> str:
        """The first one, as the platform writes it; "" for none."""
        keys = self._keys[command]
        return keys[0].toString(QKeySequence.SequenceFormat.NativeText) if keys else ""

    def is_changed(self, command: str) -> bool:
        return self._keys[command] != self._usual(command)

    def owner(self, key: QKeySequence, but: str) -> str:
        """The id of the command that has `key`, other than `but`; "" where it is free."""
        return self._owner(key, but)

    def refusal(self, key: QKeySequence) -> str:
        """Why `key` can be no shortcut, in words; "" where it can."""
        if not _is_key(key):
            return "That is no key"
        text = key.toString(QKeySequence.SequenceFormat.NativeText)
        if not _UNTYPED.search(key.toString(_PORTABLE)):
            return f"{text} is needed for typing and moving: take it with Ctrl or Alt, or a function key"
        for standard, does in _EDITING.items():
            if key in QKeySequence.keyBindings(standard):
                return f"{text} {does}"
        for local in self._window.findChildren(QShortcut):
            if key == local.key():
                return f"{text} belongs to a panel"
        for button in self._window.findChildren(QAbstractButton):
            if key == button.shortcut():
                return f"{text} belongs to the button {button.accessibleName()}"
        return ""

    def give(self, command: str, keys: list[QKeySequence]) -> None:
        """`keys` do `command` from now on; who had one of them loses it."""
        for key in keys:
            if taken := self._owner(key, command):
                self._set(taken, [kept for kept in self._keys[taken] if kept != key])
        self._set(command, keys)

    def reset(self, command: str) -> str:
        """The default again. Returns who has it now, and so kept it from coming back; "" where all is well."""
        usual = self._usual(command)
        for key in usual:
            if taken := self._owner(key, command):
                return taken
        self._set(command, usual)
        return ""

    def reset_all(self) -> None:
        for command in self.commands:
            self._set(command, self._usual(command))

    def _set(self, command: str, keys: list[QKeySequence]) -> None:
        changed = keys != self._keys[command]
        self._keys[command] = keys
        if keys == self._usual(command):
            self._store.remove(f"shortcuts/{command}")
        else:
            self._store.setValue(f"shortcuts/{command}", QKeySequence.listToString(keys, _PORTABLE))
        if changed:
            self.changed.emit(command)

    def _usual(self, command: str) -> list[QKeySequence]:
        return [QKeySequence(key) for key in self.commands[command].shortcuts]

    def _owner(self, key: QKeySequence, but: str) -> str:
        return next((command for command, keys in self._keys.items() if command != but and key in keys), "")

    def _kept(self, command: str) -> list[QKeySequence] | None:
        """What the settings have; None for nothing, or nothing that can be read."""
        name = f"shortcuts/{command}"
        if not self._store.contains(name):
            return None
        text = self._store.value(name)
        if text in ("", None):
            return []
        keys = QKeySequence.listFromString(text, _PORTABLE) if isinstance(text, str) else []
        return keys if keys and not any(self.refusal(key) for key in keys) else None


def local(
    widget: QWidget, key: QKeySequence.StandardKey | str, done: Callable[[], object], *, inside: bool = False
) -> None:
    """`key` does something where `widget` has the focus, or what is `inside` of it, and nowhere else."""
    shortcut = QShortcut(QKeySequence(key), widget)
    # Not as a keyword of the constructor, where it is passed over: the key would be the whole window's.
    context = Qt.ShortcutContext
    shortcut.setContext(context.WidgetWithChildrenShortcut if inside else context.WidgetShortcut)
    shortcut.activated.connect(done)


def _is_key(key: QKeySequence) -> bool:
    """One combination, and one that Qt knows: what it does not know it writes as nothing."""
    return key.count() == 1 and bool(key.toString(_PORTABLE))
