"""All shortcuts in a table: found by a word, changed by pressing the keys, never doubled unknowingly."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from inspector.commands.command import Command
from inspector.ui import theme
from inspector.ui.shortcuts import Shortcuts
from inspector.ui.toolbar import label

_TITLES = ("Command", "Shortcut", "")
_NATIVE = QKeySequence.SequenceFormat.NativeText
Index = QModelIndex | QPersistentModelIndex


class ShortcutTable(QAbstractTableModel):
    """Command, keys, and whether they were changed."""

    def __init__(self, shortcuts: Shortcuts, parent: QObject) -> None:
        super().__init__(parent)
        self._shortcuts = shortcuts
        self.rows: list[Command] = list(shortcuts.commands.values())
        shortcuts.changed.connect(self._changed)

    def show(self, typed: str) -> None:
        """Those whose name, menu, explanation or key has every word of `typed`."""
        words = typed.lower().split()
        self.beginResetModel()
        self.rows = [
            command
            for command in self._shortcuts.commands.values()
            if all(word in f"{command.menu} {command.title} {command.tooltip} {self.keys(command)}".lower()
                   for word in words)
        ]  # fmt: skip
        self.endResetModel()

    def keys(self, command: Command) -> str:
        return "  or  ".join(key.toString(_NATIVE) for key in self._shortcuts.keys(command.id))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        shown = orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return _TITLES[section] if shown else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        command = self.rows[index.row()]
        changed = self._shortcuts.is_changed(command.id)
        if role == Qt.ItemDataRole.DisplayRole:
            title = f"{command.menu}: {command.title.rstrip('…')}"
            return (title, self.keys(command) or "none", "changed" if changed else "")[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return command.tooltip
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 2:
            return theme.current().second
        return None

    def _changed(self, command: str) -> None:
        for row, each in enumerate(self.rows):
            if each.id == command:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(_TITLES) - 1))


class ShortcutsDialog(QDialog):
    def __init__(self, shortcuts: Shortcuts, parent: QWidget) -> None:
        super().__init__(parent)
        theme.dressed(self)
        self.setObjectName("shortcutsDialog")
        self.setWindowTitle("Shortcuts")
        self._shortcuts, self._window = shortcuts, parent
        self._asked: tuple[str, QKeySequence] | None = None
        self.filter = QLineEdit()
        self.filter.setObjectName("shortcutFilter")
        self.filter.setAccessibleName("Find a command")
        self.filter.setPlaceholderText("Find a command or a key")
        self.model = ShortcutTable(shortcuts, self)
        self.table = self._table()
        self.keys = QKeySequenceEdit()
        self.keys.setObjectName("shortcutKeys")
        self.keys.setAccessibleName("Press the new shortcut")
        self.keys.setMaximumSequenceLength(1)
        self.keys.setClearButtonEnabled(True)
        self.said = label(role="second", name="shortcutSaid")
        self.said.setWordWrap(True)
        self.take = self._button("takeShortcut", "Take it", self._take)
        self.reset = self._button("resetShortcut", "Reset", self._reset)
        self.reset_all = self._button("resetShortcuts", "Reset all", self._reset_all)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        change = QHBoxLayout()
        for widget in (label("Press the new keys:", role="second"), self.keys, self.reset):
            change.addWidget(widget, 1 if widget is self.keys else 0)
        told = QHBoxLayout()
        told.addWidget(self.said, 1)
        told.addWidget(self.take)
        foot = QHBoxLayout()
        foot.addWidget(self.reset_all)
        foot.addWidget(buttons, 1)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.filter)
        self._column.addWidget(self.table, 1)
        for row in (change, told, foot):
            self._column.addLayout(row)
        self.filter.textChanged.connect(self._filter)
        self.keys.editingFinished.connect(self._pressed)
        self.table.activated.connect(self.keys.setFocus)
        self.take.hide()
        theme.measured(self._measure)
        self.table.selectRow(0)

    def _table(self) -> QTableView:
        table = QTableView()
        table.setObjectName("shortcutTable")
        table.setAccessibleName("Commands and their shortcuts")
        table.setModel(self.model)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.verticalHeader().hide()
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().setHighlightSections(False)
        table.selectionModel().currentRowChanged.connect(self._chosen)
        return table

    def _button(self, name: str, text: str, then: Any) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(then)
        return button

    def _measure(self) -> None:
        room = self._window.size()
        self.resize(min(theme.px(640), room.width() - 2 * theme.edge()), min(theme.px(560), room.height()))
        self._column.setContentsMargins(*4 * (theme.px(14),))
        self._column.setSpacing(theme.px(9))
        self.table.verticalHeader().setDefaultSectionSize(theme.row_height())
        self.table.setColumnWidth(1, theme.px(190))
        self.table.setColumnWidth(2, theme.px(80))

    def command(self) -> Command | None:
        """The one that is chosen."""
        row = self.table.currentIndex().row()
        return self.model.rows[row] if 0 <= row < len(self.model.rows) else None

    def _filter(self, typed: str) -> None:
        self.model.show(typed)
        self.table.selectRow(0)
        self._chosen()

    def _chosen(self, *_: object) -> None:
        command = self.command()
        keys = self._shortcuts.keys(command.id) if command is not None else []
        self.keys.setKeySequence(keys[0] if keys else QKeySequence())
        for widget in (self.keys, self.reset):
            widget.setEnabled(command is not None)
        self._say(command.tooltip if command is not None else "No command has that in its name")

    def _say(self, text: str, asked: tuple[str, QKeySequence] | None = None) -> None:
        self._asked = asked
        self.said.setText(text)
        self.take.setVisible(asked is not None)

    def _pressed(self) -> None:
        """Taken at once where it is free; else it is said whose it is, and the user decides."""
        command, key = self.command(), self.keys.keySequence()
        if command is None or key in self._shortcuts.keys(command.id):
            return
        if key.isEmpty():
            self._shortcuts.give(command.id, [])
            self._say("It has no shortcut now")
        elif refusal := self._shortcuts.refusal(key):
            self._back()
            self._say(refusal)
        elif owner := self._shortcuts.owner(key, command.id):
            title = self._shortcuts.commands[owner].title.rstrip("…")
            self._say(f"{key.toString(_NATIVE)} does “{title}”, which would lose it", (command.id, key))
        else:
            self._shortcuts.give(command.id, [key])
            self._say(f"{key.toString(_NATIVE)} does it from now on")

    def _take(self) -> None:
        if self._asked is not None:
            command, key = self._asked
            self._shortcuts.give(command, [key])
            self._say(f"{key.toString(_NATIVE)} does it from now on")

    def _reset(self) -> None:
        command = self.command()
        if command is None:
            return
        owner = self._shortcuts.reset(command.id)
        self._back()
        if owner:
            self._say(f"Its usual shortcut does “{self._shortcuts.commands[owner].title.rstrip('…')}” now: reset that")
        else:
            self._say("As on the first day")

    def _reset_all(self) -> None:
        self._shortcuts.reset_all()
        self._back()
        self._say("Every shortcut is as on the first day")

    def _back(self) -> None:
        command = self.command()
        keys = self._shortcuts.keys(command.id) if command is not None else []
        self.keys.setKeySequence(keys[0] if keys else QKeySequence())
