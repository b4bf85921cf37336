"""Everything that is held, the longest first: what, where, and for how long. Shown and taken away by the user only."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QStackedWidget, QTableView, QVBoxLayout

from inspector.session.stepping import SteppingState
from inspector.trace.stepping import Held
from inspector.ui import shown, theme, words
from inspector.ui.models import held_words
from inspector.ui.panels.parts import Elided, Strip, WordButton, empty

WAITED, EXCHANGE, MESSAGE, WHERE = range(4)
_TITLES = ("waiting", "exchange", "message", "where")
_TICK_MS = 500
_ROWS = 5
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class HoldTable(QAbstractTableModel):
    """One row for each hold."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Held] = []
        self._names: dict[int, str] = {}
        self._stepping: SteppingState | None = None

    def show(self, stepping: SteppingState, names: dict[int, str]) -> None:
        """What is held now. Rows come and go one by one, so that the one that is chosen stays it."""
        self._stepping, self._names = stepping, names
        now = list(stepping.holds)
        numbers = {held.hold for held in now}
        for row in reversed([row for row, held in enumerate(self.rows) if held.hold not in numbers]):
            self.beginRemoveRows(_ROOT, row, row)
            del self.rows[row]
            self.endRemoveRows()
        known = {held.hold for held in self.rows}
        new = [held for held in now if held.hold not in known]
        if new:
            at = len(self.rows)
            self.beginInsertRows(_ROOT, at, at + len(new) - 1)
            self.rows += new
            self.endInsertRows()
        told = {held.hold: held for held in now}
        self.rows = [told[held.hold] for held in self.rows]
        self.tick()

    def tick(self) -> None:
        """All have waited on."""
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, WHERE))

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(_TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return _TITLES[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        held = self.rows[index.row()]
        if role == Qt.ItemDataRole.ForegroundRole:
            palette = theme.current()
            return palette.held if index.column() == WAITED else palette.text
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        match index.column():
            case 0:
                return held_words.waited(held)
            case 1:
                return shown.one_line(self._names.get(held.exchange, f"exchange {held.exchange}"), 200)
            case 2:
                return held_words.title(held)
        return held_words.told(held, self._stepping)


class HoldQueue(QFrame):
    """The panel above the status bar."""

    chosen = Signal(object)
    """The `Held` that the user wants to see."""
    turned = Signal()
    """It is shown, or no longer."""

    def __init__(self) -> None:
        super().__init__()
        theme.dressed(self)
        self.setObjectName("holdQueue")
        self.setAccessibleName("Holds")
        self.setProperty("surface", "foot")
        self.model = HoldTable(self)
        self.table = QTableView()
        self.table.setObjectName("holdTable")
        self.table.setAccessibleName("Everything that is held")
        self.table.setModel(self.model)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.table.horizontalHeader().hide()
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(WHERE, QHeaderView.ResizeMode.Stretch)
        self.table.activated.connect(self._choose)
        self.table.clicked.connect(self._choose)
        self._count = Elided(role="second")
        self._close = WordButton("Close", "Take the list of holds away")
        self._close.clicked.connect(self.turn)
        strip = Strip("Held")
        strip.layout_.addWidget(self._count, 1)
        strip.layout_.addWidget(self._close)
        self._pages = QStackedWidget()
        self._pages.addWidget(empty("Nothing is held. A breakpoint holds messages; F7 holds the next request"))
        self._pages.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(strip)
        column.addWidget(self._pages, 1)
        self._ticker = QTimer(self, interval=_TICK_MS)
        self._ticker.timeout.connect(self.model.tick)
        theme.measured(self._measure)
        self.hide()

    def _measure(self) -> None:
        height = theme.row_height()
        self.table.verticalHeader().setMinimumSectionSize(height)
        self.table.verticalHeader().setDefaultSectionSize(height)
        for section, width in ((WAITED, 80), (EXCHANGE, 300), (MESSAGE, 200)):
            self.table.setColumnWidth(section, theme.px(width))
        rows = min(max(len(self.model.rows), 1), _ROWS)
        self.setFixedHeight(theme.px(36) + rows * height)

    @property
    def showing(self) -> bool:
        return not self.isHidden()

    def turn(self) -> None:
        """Shown, or away."""
        self.setVisible(not self.showing)
        if self.showing:
            self.table.setFocus()
            self._ticker.start()
        else:
            self._ticker.stop()
        self.turned.emit()

    def show_holds(self, stepping: SteppingState, names: dict[int, str]) -> None:
        """What is held now; `names`: of the exchanges."""
        self.model.show(stepping, names)
        self._count.set_text(words.counted(len(stepping.holds), "message") if stepping.holds else "")
        self._pages.setCurrentIndex(1 if stepping.holds else 0)
        self._measure()

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self.chosen.emit(self.model.rows[index.row()])
