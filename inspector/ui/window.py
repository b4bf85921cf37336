"""The window: the welcome page, or the parts of the page `work`, and what is told to whom. No behaviour of its own.

`show_source` gives it a recording (and its session), `show_welcome` takes it away. Thirty times a second it looks
whether the recorder has written or the session has changed, and tells the parts; nothing else moves them.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QEvent, QSettings, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QStackedWidget, QWidget

from inspector.commands.table import COMMANDS
from inspector.errors import InspectorError
from inspector.session.state import SessionState
from inspector.trace.filter import Node
from inspector.ui import icons, theme
from inspector.ui.actions import Actions
from inspector.ui.command_palette import CommandPalette
from inspector.ui.desk import WindowDesk
from inspector.ui.find_bar import Finder
from inspector.ui.gestures import Gestures
from inspector.ui.holds import Holds
from inspector.ui.message_box import MessageBox
from inspector.ui.models.exchange_table import ExchangeTableModel
from inspector.ui.models.queries import Queries
from inspector.ui.notifying import Notifier
from inspector.ui.places import Places
from inspector.ui.recent import RecentMenu
from inspector.ui.regions import Regions
from inspector.ui.settings import Settings
from inspector.ui.shortcuts import Shortcuts
from inspector.ui.source import Source, Verbs
from inspector.ui.walk import Walk
from inspector.ui.welcome import Welcome
from inspector.ui.work import Work

TICK_MS = 33


class Window(QMainWindow):
    """One window; `verbs` are what only the program around it can do."""

    def __init__(self, verbs: Verbs, settings: QSettings | None = None) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowIcon(icons.icon("inspector"))
        store = settings or QSettings("Inspector", "Inspector")
        self.settings = Settings(store, self)
        self.settings.apply()
        self.places = Places(self, store)
        self.source: Source | None = None
        self.state: SessionState | None = None
        self._queries: Queries | None = None
        self._generation: int | None = None
        self._leaving = False
        self.desk = WindowDesk(self, verbs)
        self._verbs = verbs
        self.shortcuts = Shortcuts(COMMANDS, store, self)
        self.actions_ = Actions(self, self.desk, self.shortcuts)
        self._build()
        self._connect()
        self.places.restore()
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self.look)
        self.show_welcome()

    def _build(self) -> None:
        menu = None
        if sys.platform == "darwin":
            theme.dressed(self.menuBar())
            self.actions_.fill(self.menuBar())
        else:
            menu = QMenu(self)
            theme.dressed(menu)
            self.actions_.fill(menu)
        self._recent = RecentMenu(self.places.recent, self.desk.open_recent, self)
        self.actions_.insert_menu("recording.save", self._recent)
        self.welcome = Welcome(self.actions_)
        work = Work(self.actions_, menu)
        self.toolbar, self.filter_bar, self.banner = work.toolbar, work.filter_bar, work.banner
        self.table, self.lesson = work.table, work.lesson
        self.messages, self.details, self.runs = work.messages, work.details, work.runs
        self.panels, self.rows, self.status_bar = work.panels, work.rows, work.status_bar
        self.queue = work.queue
        self.pages = QStackedWidget()
        self.pages.addWidget(self.welcome)
        self.pages.addWidget(work)
        self.setCentralWidget(self.pages)
        self._build_everyday(work.below())

    def _build_everyday(self, lower: list[QWidget]) -> None:
        """What lies over the parts, or goes through all of them."""
        self.command_palette = CommandPalette(self.actions_, self.settings, self)
        self.finder = Finder([*lower, self.banner], self)
        self.regions = Regions([self.filter_bar, self.banner, self.table, *lower], self)
        self.notifier = Notifier(self, self.settings)
        self.holds = Holds(self, self._verbs)
        self.walk = Walk(self)
        self._gestures = Gestures(
            self, self.desk.zoom, self._verbs.open_app, self._verbs.open_recording, lambda: self.state is not None
        )

    def _connect(self) -> None:
        self.table.picked.connect(self._show_exchange)
        self.table.picked.connect(self.runs.back)
        self.holds.changed.connect(self._tell_facts)
        self.table.followed.connect(self._tell_facts)
        self.table.marked.connect(self._tell_facts)
        self.runs.turned.connect(self._tell_facts)
        self.runs.lifespan_wanted.connect(self.table.pick)
        self.runs.failed.connect(self._unreadable)
        self.filter_bar.filtered.connect(self._filter)
        self.filter_bar.edit.textChanged.connect(self._tell_facts)
        self.walk.changed.connect(self._tell_facts)
        self.messages.message_selected.connect(self._show_message)
        self.details.message_wanted.connect(self.messages.select)
        for places in (self.details, self.runs.story.output.view):
            places.place_chosen.connect(self.desk.open_place)
        self.lesson.copied.connect(self.desk.copy)
        self.welcome.recent_chosen.connect(self.desk.open_recent)
        self.welcome.app_chosen.connect(self._verbs.serve_found)
        theme.observer.changed.connect(self._tell_facts)

    # What is shown

    def show_welcome(self) -> None:
        """No app and no recording."""
        self._let_go()
        self.setWindowTitle("Inspector")
        self.welcome.show_recent(self.places.recent())
        self.pages.setCurrentIndex(0)
        self._tell_facts()

    def show_source(self, source: Source) -> None:
        """A recording, live or from a file."""
        self._let_go()
        self.source = source
        self._queries = Queries(source.open_reader, self)
        self._model = ExchangeTableModel(source.reader, self._queries, self)
        self._model.failed.connect(self._unreadable)
        for moved in (self._model.rowsInserted, self._model.rowsRemoved, self._model.modelReset):
            moved.connect(self._count)
        self.setWindowTitle(f"{source.name} — Inspector")
        self.pages.setCurrentIndex(1)
        self.table.setFocus()
        self.table.show_rows(self._model, follow=source.state() is not None and self.settings.read("follow"))
        self._tick.start()
        self._show_exchange(None)
        self.runs.show_reader(source.reader)
        self._model.filter(self.filter_bar.node)
        self._show_state(source.state())
        self.look()

    def complain(self, error: InspectorError) -> None:
        """An error of something that the user asked for."""
        box = MessageBox(self, "errorDialog", error.title)
        box.setInformativeText(error.hint)
        box.setDetailedText(error.detail)
        box.finished.connect(box.deleteLater)
        box.open()

    def look(self) -> None:
        """Takes over what the recorder and the session did since the last look."""
        if self.source is None:
            return
        state = self.source.state()
        if state is not self.state:
            self._show_state(state)
        generation = self.source.generation()
        if generation == self._generation:
            return
        self._generation = generation
        try:
            self._model.refresh(*self.table.visible_rows())
            self.messages.refresh()
            self.details.refresh()
            self.walk.refresh()
            self.runs.refresh()
        except InspectorError as error:
            self._unreadable(error)
        self._count()

    def leave(self) -> None:
        """The last thing: lets go of everything, remembers where things stood, and closes."""
        self._leaving = True
        self.places.save()
        self._let_go()
        self.close()

    def _show_state(self, state: SessionState | None) -> None:
        self.state = state
        name = self.source.name if self.source else ""
        self.toolbar.show_state(state, name)
        self.banner.show_state(state)
        self.status_bar.show_state(state)
        self.runs.show_state(state)
        self.notifier.show_state(state)
        self.holds.show_state(state)
        self.walk.refresh()
        self._teach()
        self._tell_facts()

    def _show_exchange(self, exchange: int | None) -> None:
        reader = self.source.reader if self.source else None
        try:
            self.walk.forget()
            self.messages.show_exchange(reader, exchange)
            self.details.show_exchange(reader, exchange)
            self.holds.show_exchange(exchange)
            self._tell_facts()
        except InspectorError as error:
            self._unreadable(error)

    def _show_message(self, seq: int) -> None:
        if self.walk.at is None:
            self.details.show_message(seq)
        else:
            self.walk.go(seq)

    def _unreadable(self, error: InspectorError) -> None:
        """The recording, all at once: says so, once, and looks no more."""
        if self._tick.isActive():
            self._tick.stop()
            self.complain(error)

    def _filter(self, node: Node | None) -> None:
        if self.source is not None:
            self._model.filter(node)
        self._tell_facts()

    def _count(self) -> None:
        totals = self._model.totals
        self.filter_bar.show_count(self._model.rowCount(), totals.exchanges)
        self.status_bar.show_totals(totals, self.state is not None)
        self._teach()

    def _teach(self) -> None:
        state = self.state
        trusted = state is None or state.certificate is None or state.certificate.trusted
        url, phase = (state.url, state.phase) if state else ("", "")
        self.lesson.show_state(phase, url, self.filter_bar.active, trusted)

    def _tell_facts(self) -> None:
        self.actions_.show_facts(self.desk.facts())

    def _let_go(self) -> None:
        """Of the source: its thread ends before whoever made it closes the reader."""
        if self.source is None:
            return
        self._tick.stop()
        self.desk.stop_copying()
        self._show_exchange(None)
        self.runs.show_reader(None)
        self.table.show_rows(None, follow=False)
        assert self._queries is not None
        self._queries.close()
        self._queries.deleteLater()
        self._model.deleteLater()
        self.source = self.state = self._generation = None

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self._tell_facts()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The first close asks the program to end in order; it answers with `leave`."""
        if self._leaving:
            event.accept()
            return
        event.ignore()
        self._verbs.quit()
