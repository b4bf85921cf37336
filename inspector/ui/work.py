"""The page that is worked on: every part of it, and where each stands.

    toolbar, filter bar, banner
    exchange table
    messages  |  details, or the runs
    everything that is held, while the user wants to see it
    status bar

What is told to whom is the window's.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from inspector.ui import theme
from inspector.ui.actions import Actions
from inspector.ui.banner import Banner
from inspector.ui.filter_bar import FilterBar
from inspector.ui.lesson import Lesson
from inspector.ui.panels.details import DetailsPanel
from inspector.ui.panels.exchange_table import ExchangeTable
from inspector.ui.panels.hold_queue import HoldQueue
from inspector.ui.panels.messages import MessagesPanel
from inspector.ui.panels.parts import Hairlines
from inspector.ui.panels.runs import RunsPanel
from inspector.ui.statusbar import StatusBar
from inspector.ui.toolbar import Toolbar

_TABLE_BESIDE_HOLD = 82
"""Pixels of the table, its header and two rows, that a held message leaves."""


class Work(QWidget):
    """Makes the parts; each is an attribute."""

    def __init__(self, actions: Actions, menu: QMenu | None) -> None:
        """`menu`: what the toolbar's menu button opens; None where the system has a menu bar."""
        super().__init__()
        self.setObjectName("work")
        self.toolbar = Toolbar(actions, menu)
        self.filter_bar = FilterBar()
        self.banner = Banner(actions)
        self.table = ExchangeTable()
        self.table.addActions(actions.of_menu("Exchange"))
        self.table.set_menu(actions.menu("Exchange", self.table))
        self.lesson = Lesson(actions)
        self.table.set_teaching(self.lesson)
        self.messages = MessagesPanel()
        self.details = DetailsPanel()
        self.panels = Hairlines(Qt.Orientation.Horizontal, "panelSplitter", self.messages, self.details)
        self.runs = RunsPanel(actions, self.panels)
        self.rows = Hairlines(Qt.Orientation.Vertical, "rowSplitter", self.table, self.runs)
        self.queue = HoldQueue()
        self.status_bar = StatusBar(actions)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.toolbar, self.filter_bar, self.banner):
            column.addWidget(part)
        column.addWidget(self.rows, 1)
        column.addWidget(self.queue)
        column.addWidget(self.status_bar)
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.make_room)
        self.messages.hold_shown.connect(self._later.start)
        self.queue.turned.connect(self._later.start)
        theme.measured(self._measure)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._later.start()

    def make_room(self) -> None:
        """A held message that has too little room takes it from the table. The window's own least height stays: a
        splitter's would make it higher than a small screen."""
        lacks = self.messages.wanted_height() - self.messages.height()
        upper, lower = self.rows.sizes()
        given = min(lacks, upper - theme.px(_TABLE_BESIDE_HOLD))
        if given > 0:
            chosen = self.table.currentIndex()
            seen = self.table.viewport().rect().intersects(self.table.visualRect(chosen))
            self.rows.setSizes([upper - given, lower + given])
            if chosen.isValid() and seen:
                self.table.scrollTo(chosen)

    def _measure(self) -> None:
        """How small the parts may get: what they would like is more than a small screen has at a large zoom."""
        for part, height in ((self.table, 60), (self.messages, 106), (self.details, 106)):
            part.setMinimumHeight(theme.px(height))
        self._later.start()

    def below(self) -> list[QWidget]:
        """The panels below the table."""
        return [self.messages, self.details, *self.runs.parts(), self.queue]
