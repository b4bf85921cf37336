"""The command palette: every command by its name, its menu or what it does; those used last stand first.

It lies over the window and takes the focus, and gives it back to where it was before the command is done, so that a
command which asks for the focus (Find, a copy) sees what the user saw. A command that cannot be done now is shown
with what it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from inspector.commands.command import Command
from inspector.ui import icons, theme
from inspector.ui.actions import Actions
from inspector.ui.settings import Settings

_WIDTH, _TOP, _ROWS = 760, 76, 11
_ROW = 30
_KEPT = 12
"""Commands used last that are remembered."""
COMMAND = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


def rank(command: Command, typed: str) -> int | None:
    """How well `command` fits what is typed, 0 best; None where it does not."""
    title = command.title.lower().rstrip("…")
    typed = " ".join(typed.lower().split())
    if not typed or title == typed:
        return 0
    if title.startswith(typed):
        return 1
    if f" {typed}" in f" {title}":
        return 2
    words = typed.split()
    if all(word in title for word in words):
        return 3
    if all(word in f"{command.menu} {title}".lower() for word in words):
        return 4
    if all(word in f"{command.menu} {title} {command.tooltip}".lower() for word in words):
        return 5
    letters = iter(title)
    return 6 if all(letter in letters for letter in typed if letter != " ") else None


def found(
    commands: Iterable[Command], typed: str, recent: list[str], ready: Callable[[Command], bool]
) -> list[Command]:
    """Those that fit, the best first; among equals those used last, then those that can be done, then by menu."""
    ranked = []
    for order, command in enumerate(commands):
        fits = rank(command, typed)
        if fits is not None:
            used = recent.index(command.id) if command.id in recent else len(recent)
            ranked.append(((fits, used, not ready(command), order), command))
    return [command for _, command in sorted(ranked, key=lambda each: each[0])]


class CommandList(QAbstractListModel):
    def __init__(self, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._actions = actions
        self.commands: list[Command] = []

    def show(self, commands: list[Command]) -> None:
        self.beginResetModel()
        self.commands = commands
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.commands)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        command = self.commands[index.row()]
        if role == COMMAND:
            return command
        if role == Qt.ItemDataRole.DisplayRole:
            return command.title.rstrip("…")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (command.title.rstrip("…"), self.key(command), self.said(command))))
        return None

    def ready(self, command: Command) -> bool:
        return self._actions[command.id].isEnabled()

    def key(self, command: Command) -> str:
        return self._actions.key(command.id)

    def said(self, command: Command) -> str:
        """What it does; where it cannot be done now, what it needs."""
        if self.ready(command):
            return command.tooltip
        return f"needs {command.needs}" if command.needs else "not possible now"


class _CommandDelegate(QStyledItemDelegate):
    """Icon, title, what it does, shortcut."""

    def __init__(self, model: CommandList) -> None:
        super().__init__(model)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette, rect = theme.current(), QRect(option.rect)
        command: Command = index.data(COMMAND)
        ready, selected = self._model.ready(command), bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, palette.selection)
            painter.fillRect(rect.left(), rect.top(), theme.px(2), rect.height(), palette.accent)
        quiet = palette.second if selected else palette.third
        size = theme.px(icons.SIZE - 2)
        if command.icon:
            icons.draw(painter, command.icon, theme.px(14), rect.center().y() - size / 2,
                       palette.second if ready else quiet, size)  # fmt: skip
        inner = rect.adjusted(theme.px(40), 0, -theme.px(14), 0)
        side = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        key = self._model.key(command)
        painter.setFont(theme.fixed_font())
        painter.setPen(palette.second if ready else quiet)
        painter.drawText(inner, side | Qt.AlignmentFlag.AlignRight, key)
        if key:
            inner.setRight(inner.right() - painter.fontMetrics().horizontalAdvance(key) - theme.px(16))
        painter.setFont(theme.interface_font())
        painter.setPen(palette.text if ready else quiet)
        title = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, side, title)
        inner.setLeft(inner.left() + painter.fontMetrics().horizontalAdvance(title) + theme.px(14))
        if inner.width() > theme.px(30):
            painter.setPen(palette.second if selected or ready else quiet)
            said = painter.fontMetrics().elidedText(
                self._model.said(command), Qt.TextElideMode.ElideRight, inner.width()
            )
            painter.drawText(inner, side, said)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, theme.px(_ROW))


class CommandPalette(QFrame):
    def __init__(self, actions: Actions, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        theme.dressed(self)
        self.setObjectName("commandPalette")
        self.setProperty("surface", "sheet")
        self._actions, self._settings, self.window_ = actions, settings, parent
        self._back: QWidget | None = None
        self.edit = QLineEdit()
        self.edit.setObjectName("paletteEdit")
        self.edit.setProperty("role", "bare")
        self.edit.setAccessibleName("Command")
        self.edit.setPlaceholderText("What do you want to do?")
        self.model = CommandList(actions, self)
        self.list = QListView()
        self.list.setObjectName("paletteList")
        self.list.setAccessibleName("Commands")
        self.list.setModel(self.model)
        self._delegate = _CommandDelegate(self.model)
        self.list.setItemDelegate(self._delegate)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.clicked.connect(self._run)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.addWidget(self.edit)
        rule = QFrame()
        rule.setProperty("surface", "rule")
        self._column.addWidget(rule)
        self._column.addWidget(self.list)
        self.edit.textChanged.connect(self._find)
        self.edit.installEventFilter(self)
        parent.installEventFilter(self)
        QApplication.instance().focusChanged.connect(self._focused)  # type: ignore[union-attr]
        actions.about_to_run.connect(self.dismiss)
        self.hide()
        theme.measured(self._measure)

    def _measure(self) -> None:
        self._column.setContentsMargins(1, 1, 1, theme.px(5))
        self.edit.setFixedHeight(theme.px(42))
        self.edit.setTextMargins(theme.px(6), 0, theme.px(6), 0)
        self._place()

    def open(self) -> None:
        """With nothing typed, and the focus."""
        if not self.isVisible():
            self._back = QApplication.focusWidget()
        self.edit.clear()
        self._find("")
        self.show()
        self.raise_()
        self._place()
        self.edit.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Away, with the focus back to where it was."""
        if not self.isVisible():
            return
        back, self._back = self._back, None
        had = self.edit.hasFocus()
        self.hide()
        if had and back is not None and isValid(back) and back.isVisible():
            back.setFocus(Qt.FocusReason.PopupFocusReason)

    def recent(self) -> list[str]:
        """Commands used last, the newest first."""
        kept = self._settings.store.value("palette")
        return [kept] if isinstance(kept, str) else [str(each) for each in kept] if isinstance(kept, list) else []

    def _find(self, typed: str) -> None:
        self.model.show(found(self._actions.commands, typed, self.recent(), self.model.ready))
        self.list.setCurrentIndex(self.model.index(0))
        self.list.scrollToTop()
        self._place()

    def _run(self, index: QModelIndex) -> None:
        command: Command | None = index.data(COMMAND)
        if command is None or not self.model.ready(command):
            return
        self._settings.store.setValue("palette", list(dict.fromkeys([command.id, *self.recent()]))[:_KEPT])
        self.dismiss()
        self._actions[command.id].trigger()

    def _place(self) -> None:
        window = self.window_
        width = min(theme.px(_WIDTH), window.width() - 2 * theme.edge())
        top = min(theme.px(_TOP), window.height() // 8)
        head = self.edit.height() + 1 + theme.px(5) + 2
        room = max(window.height() - top - head - theme.edge(), theme.px(_ROW)) // theme.px(_ROW)
        rows = min(max(len(self.model.commands), 1), _ROWS, room)
        self.list.setFixedHeight(rows * theme.px(_ROW))
        self.setGeometry((window.width() - width) // 2, top, width, head + rows * theme.px(_ROW))

    def _focused(self, _old: QWidget | None, new: QWidget | None) -> None:
        """The user went elsewhere."""
        if self.isVisible() and new is not None and not self.isAncestorOf(new):
            self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.window_:
            if event.type() == QEvent.Type.Resize and self.isVisible():
                self._place()
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        rows = len(self.model.commands)
        step = {
            Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _ROWS, Qt.Key.Key_PageUp: -_ROWS,
        }.get(Qt.Key(event.key()))  # fmt: skip
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex())
        elif event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            pass  # there is nowhere else to go
        elif step and rows:
            at = self.list.currentIndex().row() + step
            at = at % rows if abs(step) == 1 else min(max(at, 0), rows - 1)
            self.list.setCurrentIndex(self.model.index(at))
        else:
            return False
        return True
