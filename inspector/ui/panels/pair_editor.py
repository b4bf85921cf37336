"""Pairs of name and value as a table to write in: rows are added, removed, and moved up and down."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inspector.ui import icons, theme
from inspector.ui.models.pair_table import NAME, Pair, PairTable
from inspector.ui.panels.parts import WholeRows

_LONGEST = 1 << 20
"""Characters of a value that is typed into a cell."""
_NAMES = 190
_ICON = 12
Index = QModelIndex | QPersistentModelIndex


class _Cells(QStyledItemDelegate):
    """Written in the fixed font, however long."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        edit = QLineEdit(parent)
        edit.setObjectName("pairCell")
        edit.setAccessibleName("Name" if index.column() == NAME else "Value")
        edit.setMaxLength(_LONGEST)
        edit.setFrame(False)
        edit.setProperty("role", "cell")
        edit.setFont(theme.fixed_font())
        return edit

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        option.font = theme.fixed_font()
        super().paint(painter, option, index)


class _Table(QTableView):
    """Insert, Delete, and Alt with the arrows change rows; Tab leaves the table."""

    verb = Signal(str)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        verbs = {Qt.Key.Key_Insert: "add", Qt.Key.Key_Delete: "remove"}
        if alt:
            verbs = {Qt.Key.Key_Up: "up", Qt.Key.Key_Down: "down"}
        name = verbs.get(Qt.Key(event.key()))
        if self.state() == QAbstractItemView.State.EditingState:  # what the cell leaves over is not for the rows
            super().keyPressEvent(event)
        elif name is not None:
            self.verb.emit(name)
            event.accept()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.model().rowCount():
            self.setCurrentIndex(self.model().index(0, 1))


class PairEditor(QWidget):
    """`edited` is told after every change by the user."""

    edited = Signal()

    def __init__(self, name: str, told: str) -> None:
        super().__init__()
        self.model = PairTable(self)
        self.model.edited.connect(self.edited)
        self.table = _Table()
        self.table.setObjectName(name)
        self.table.setAccessibleName(told)
        self.table.setModel(self.model)
        self._cells = _Cells(self.table)
        self.table.setItemDelegate(self._cells)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.table.horizontalHeader().hide()
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.verb.connect(self._do)
        self._buttons = {
            verb: self._button(f"{name}-{verb}", word, key, verb)
            for verb, word, key in (
                ("add", "Add a row", "Insert"),
                ("remove", "Remove the row", "Delete"),
                ("up", "Move the row up", "Alt+Up"),
                ("down", "Move the row down", "Alt+Down"),
            )
        }
        self._side = QVBoxLayout()
        for button in self._buttons.values():
            self._side.addWidget(button)
        self._side.addStretch(1)
        self._row = QHBoxLayout(self)
        self._row.addWidget(WholeRows(self.table, _row_height), 1)
        self._row.addLayout(self._side)
        self.setFocusProxy(self.table)
        self.table.selectionModel().currentChanged.connect(self._enable)
        for moved in (self.model.modelReset, self.model.rowsInserted, self.model.rowsRemoved, self.model.rowsMoved):
            moved.connect(self._enable)
        theme.measured(self._measure)
        self._enable()

    def _button(self, name: str, word: str, key: str, verb: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setAccessibleName(word)
        button.setToolTip(f"{word} ({key})")
        button.setProperty("role", "tool")
        button.clicked.connect(_calling(self._do, verb))
        return button

    def _measure(self) -> None:
        self._row.setContentsMargins(theme.px(6), 0, theme.px(8), 0)
        self._row.setSpacing(theme.px(4))
        self._side.setSpacing(theme.px(2))
        self.table.horizontalHeader().resizeSection(NAME, theme.px(_NAMES))
        self.table.verticalHeader().setMinimumSectionSize(theme.px(10))
        self.table.verticalHeader().setDefaultSectionSize(_row_height())
        self.table.setFont(theme.fixed_font())
        size = theme.px(_ICON)
        for verb, icon in (("add", "add"), ("remove", "remove"), ("up", "chevron-up"), ("down", "chevron-down")):
            self._buttons[verb].setIcon(icons.icon(icon, size=size))
            self._buttons[verb].setIconSize(QSize(size, size))
            self._buttons[verb].setFixedSize(theme.px(22), theme.px(20))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self._enable()

    def show_pairs(self, pairs: list[Pair]) -> None:
        """Other rows."""
        self.model.show(pairs)

    def set_writable(self, on: bool) -> None:
        self.model.writable = on
        self._enable()

    def _do(self, verb: str) -> None:
        if not self.model.writable:
            return
        current = self.table.currentIndex()
        row, column = current.row(), max(current.column(), 0)
        if verb == "add":
            index = self.model.index(self.model.add(row), NAME)
            self.table.setCurrentIndex(index)
            self.table.setFocus()
            self.table.edit(index)
        elif verb == "remove":
            self.model.remove(row)
            self.table.setCurrentIndex(self.model.index(min(row, self.model.rowCount() - 1), column))
        else:
            self.table.setCurrentIndex(self.model.index(self.model.move(row, -1 if verb == "up" else 1), column))

    def _enable(self) -> None:
        row, last = self.table.currentIndex().row(), self.model.rowCount() - 1
        on = self.model.writable
        self._buttons["add"].setEnabled(on)
        self._buttons["remove"].setEnabled(on and row >= 0)
        self._buttons["up"].setEnabled(on and row > 0)
        self._buttons["down"].setEnabled(on and 0 <= row < last)


def _row_height() -> int:
    return theme.row_height() - theme.px(3)


def _calling(does: Callable[[str], None], verb: str) -> Callable[[], None]:
    return lambda: does(verb)
