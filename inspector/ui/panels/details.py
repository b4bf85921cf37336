"""Everything about the selected exchange but its messages: one tab each.

Only the tab in sight is filled; the others follow when they are looked at. `refresh` adds what came since, without
moving what is being read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from inspector.recording.rows import ExchangeRow
from inspector.trace import clock
from inspector.ui import shown, theme
from inspector.ui.models import timing_words
from inspector.ui.models.log_list import ENTRIES
from inspector.ui.panels import exchange_parts, timing
from inspector.ui.panels.body import Taste
from inspector.ui.panels.exception import ExceptionView
from inspector.ui.panels.half import HalfPanel
from inspector.ui.panels.line_tree import row_height
from inspector.ui.panels.log import LogPanel
from inspector.ui.panels.message import MessagePanel
from inspector.ui.panels.parts import Elided, Strip, WholeRows, empty, scrolled, set_empty_text, strip_height
from inspector.ui.panels.past_strip import PastStrip
from inspector.ui.panels.scope import ScopeView, clip
from inspector.ui.panels.subject import Subject
from inspector.ui.panels.timing import TimingView
from inspector.ui.panels.wire import WirePanel
from inspector.ui.renderer import Renderer

if TYPE_CHECKING:
    from inspector.recording.past import Past
    from inspector.recording.reader import Reader

SCOPE, REQUEST, RESPONSE, MESSAGE, TIMING, LOG, EXCEPTION, WIRE = range(8)
_TITLES = ("Scope", "Request", "Response", "Message", "Timing", "Log", "Exception", "Wire")
_ROOMY = 300
"""Height in pixels from which on the timing strip has its place below the scope."""


class DetailsPanel(QWidget):
    """A tab each; which one is in sight is kept from exchange to exchange, where it has something to show."""

    place_chosen = Signal(str, int)
    """File and line that the user wants to see in the editor."""
    message_wanted = Signal(int)
    """The `seq` of the message that the user wants to see beside its wire."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reader: Reader | None = None
        self._subject: Subject | None = None
        self._seq: int | None = None
        self._filled: dict[int, ExchangeRow] = {}
        """Which row each tab shows; tabs without one show another exchange still."""
        self._kept = SCOPE
        """The tab that the user chose last, to be kept from exchange to exchange."""
        self._turning = False
        """The tab is turned by us, not by the user."""
        self._renderer = Renderer(self)
        self._taste = Taste()

        self.tabs = QTabBar()
        self.tabs.setObjectName("detailTabs")
        self.tabs.setAccessibleName("Details of the selected exchange")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        for title in _TITLES:
            self.tabs.addTab(title)

        self.scope = ScopeView()
        self.brief = TimingView(brief=True)
        self._summary = Elided(role="second")
        self._held = Elided(role="held")
        self.request = HalfPanel(self._renderer, self._taste)
        self.response = HalfPanel(self._renderer, self._taste)
        self.message = MessagePanel(self._renderer, self._taste)
        self.timing = TimingView()
        self.log = LogPanel()
        self.exception = ExceptionView()
        self.wire = WirePanel(self._renderer)
        self.wire.message_wanted.connect(self.message_wanted)
        self.log.view.place_chosen.connect(self.place_chosen)
        self.log.counted.connect(self._title_log)
        self.exception.place_chosen.connect(self.place_chosen)
        self._timing_area = scrolled(self.timing)
        self._nothing = empty("")
        self._pages = QStackedWidget()
        for page in (
            self._with_strip(), self.request, self.response, self.message, self._timing_area, self.log,
            self.exception, self.wire, self._nothing,
        ):  # fmt: skip
            self._pages.addWidget(page)
            theme.dressed(page)

        strip = Strip(flush=True)
        theme.dressed(strip)
        strip.layout_.addWidget(self.tabs, 1)
        self.past = PastStrip()
        theme.dressed(self.past)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(strip)
        layout.addWidget(self.past)
        layout.addWidget(self._pages, 1)
        self.tabs.currentChanged.connect(self._turned)
        theme.measured(self._measure)
        self.show_exchange(None, None)

    def _measure(self) -> None:
        self.tabs.setFixedHeight(strip_height() - 1)

    def _with_strip(self) -> QWidget:
        """The scope, and the timing strip below it."""
        page = QWidget()
        self._timing_strip = Strip("Timing")
        self._timing_strip.layout_.addWidget(self._summary)
        self._timing_strip.layout_.addWidget(self._held, 1)
        self._rule = QFrame()
        self._rule.setProperty("surface", "rule")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(WholeRows(self.scope, row_height), 1)
        layout.addWidget(self._rule)
        layout.addWidget(self._timing_strip)
        layout.addWidget(self.brief)
        return page

    @property
    def row(self) -> ExchangeRow | None:
        """The exchange that is shown."""
        return self._subject.row if self._subject is not None else None

    @property
    def kept(self) -> int:
        """The tab that the user chose last."""
        return self._kept

    def keep(self, tab: int) -> None:
        """Shows `tab`, where there is such a one, for this exchange and those to come."""
        self._kept = tab if 0 <= tab < self.tabs.count() and tab != MESSAGE else SCOPE
        self._turn(self._kept)
        self._fill()

    def show_exchange(self, reader: Reader | None, exchange_id: int | None) -> None:
        """Everything about the exchange `exchange_id`; None: about none."""
        row = reader.rows([exchange_id])[0] if reader is not None and exchange_id is not None else None
        self._reader = reader
        self._subject = Subject(reader, row) if reader is not None and row is not None else None
        self.past.hide()
        self._seq = None
        self._filled.clear()
        self._title_tabs()
        if self._subject is not None:
            self._turn(self._kept)
        self._fill()
        self._timing_area.verticalScrollBar().setValue(0)

    def show_past(self, past: Past | None) -> None:
        """The exchange as of a message; None: as it is now. The tab in sight stays, and so does the scope's place."""
        before, reader = self._subject, past or self._reader
        if before is None or reader is None:
            return
        row = reader.rows([before.row.id])[0]
        if row is None:  # dropped by the retention cap: what is shown stays
            return
        self._subject = Subject(reader, row)
        self._seq = past.seq if past is not None else self._seq
        self._filled = {SCOPE: before.row} if SCOPE in self._filled else {}
        self._title_tabs()
        self._fill()

    def refresh(self) -> None:
        """What came since. Neither scroll nor selection of a tab is moved."""
        subject = self._subject
        if subject is None:
            return
        if subject.refresh():
            self._title_tabs()
        elif subject.dropped:
            return
        elif subject.row.live and not subject.past_ns and self.tabs.currentIndex() in (SCOPE, TIMING):
            self._show_timing(subject)
        self._fill()

    def show_message(self, seq: int) -> None:
        """Turn to what message `seq` is about: a call's scope, the exception of a raise, else its keys and body."""
        message = self._subject.message(seq) if self._subject is not None else None
        if message is None:
            return
        self._seq = seq
        self._filled.pop(MESSAGE, None)
        # What an edit changed stands with the message, also that of a call.
        turned = {} if message.edited else {"call": SCOPE, "raise": EXCEPTION}
        if self.tabs.currentIndex() != WIRE:  # else its piece of the wire is shown
            self._turn(turned.get(message.direction, MESSAGE), MESSAGE)
        self._fill()
        if self.tabs.currentIndex() == WIRE:
            self.wire.show_message(seq)

    def current_place(self) -> tuple[str, int] | None:
        """File and line of what is chosen in the tab in sight; None where it has none."""
        if self.row is None:
            return None
        asked = {LOG: self.log.view.current_place, EXCEPTION: self.exception.current_place}
        return asked.get(self.tabs.currentIndex(), lambda: None)()

    def copy_scope(self) -> None:
        """The scope or environ as a literal that Python reads back; where the app was not called: nothing."""
        clip(shown.python(self._subject.scope() if self._subject is not None else {}, lines=True))

    def _title_tabs(self) -> None:
        row = self.row
        titles = list(_TITLES)
        means = [True] * len(titles)
        if row is not None:
            titles[SCOPE] = "Environ" if row.interface == "wsgi" else "Scope"
            titles[LOG] = self._log_title(row)
            means[REQUEST] = means[RESPONSE] = row.kind != "lifespan"
        means[WIRE] = self._subject is not None and self._subject.has_wire
        means[EXCEPTION] = row is not None and bool(row.exception)
        self._turning = True  # a tab that disappears is turned away from
        for tab, title in enumerate(titles):
            self.tabs.setTabText(tab, title)
            self.tabs.setTabEnabled(tab, row is not None)
            self.tabs.setTabVisible(tab, means[tab])
        self._turning = False

    def _log_title(self, row: ExchangeRow) -> str:
        """`Log 1 of 3` while some are left out; as long as its log was not looked at, that is not known."""
        out = self.log.left_out() if LOG in self._filled else 0
        shown_of_all = f"{row.log_count - out:,} of " if out else ""
        return f"Log {shown_of_all}{row.log_count:,}" if row.log_count else "Log"

    def _title_log(self) -> None:
        if self.row is not None:
            self.tabs.setTabText(LOG, self._log_title(self.row))

    def _turn(self, tab: int, otherwise: int = SCOPE) -> None:
        self._turning = True
        self.tabs.setCurrentIndex(tab if self.tabs.isTabVisible(tab) else otherwise)
        self._turning = False

    def _turned(self, tab: int) -> None:
        if self._turning:
            return
        if tab != MESSAGE:
            self._kept = tab
        self._fill()

    def _fill(self) -> None:
        """Show what there is to show in the tab in sight."""
        subject = self._subject
        if subject is None:
            self._say("Select an exchange to see its scope, its bodies and its timing")
            return
        tab, row = self.tabs.currentIndex(), subject.row
        before = self._filled.get(tab)
        if before is not row:
            self._filled[tab] = row
            fill = (
                self._fill_scope, self._fill_request, self._fill_response, self._fill_message, self._show_timing,
                self._fill_log, self._fill_exception, self._fill_wire,
            )[tab]  # fmt: skip
            fill(subject, before)
        nothing = subject.why_empty(scope=tab == SCOPE, log=tab == LOG)
        if nothing:
            self._say(nothing)
        else:
            self._pages.setCurrentIndex(tab)

    def _say(self, text: str) -> None:
        set_empty_text(self._nothing, text)
        self._pages.setCurrentWidget(self._nothing)

    def _fill_scope(self, subject: Subject, before: ExchangeRow | None) -> None:
        if before is None or self.scope.tree.rowCount() == 0:
            self.scope.show_value(subject.scope())
            if before is None:
                self.scope.scrollToTop()
        self._show_timing(subject)

    def _fill_request(self, subject: Subject, before: ExchangeRow | None) -> None:
        transport = subject.reader.transport(subject.row.id)
        self.request.show_below(exchange_parts.transport_short(transport), exchange_parts.transport_words(transport))
        self.request.show_half(*subject.request(), before is not None, subject.row.query)

    def _fill_response(self, subject: Subject, before: ExchangeRow | None) -> None:
        own = subject.own_answer()
        if own or subject.row.status is None:
            self.response.show_nothing(own or exchange_parts.why_no_response(subject.row))
        else:
            self.response.show_half(*subject.response(), before is not None)

    def _fill_message(self, subject: Subject, before: ExchangeRow | None) -> None:
        if before is None:
            message = subject.message(self._seq) if self._seq is not None else None
            body, hold, original = subject.body(message), subject.hold(message), subject.original(message)
            self.message.show_message(subject.row, message, body, hold, original)

    def _show_timing(self, subject: Subject, _before: ExchangeRow | None = None) -> None:
        row, past_ns = subject.row, subject.past_ns
        messages, last = subject.timing(timing.MESSAGES)
        holds = subject.reader.holds(row.id)
        self.timing.show_row(row, messages, last, subject.reader.accepted_ns(row.id), holds, past_ns)
        self.brief.show_row(row, messages, holds=holds, past_ns=past_ns)
        row = timing.so_far(row, holds, past_ns or clock.now())
        self._summary.set_text(timing_words.summary(row))
        self._held.set_text(timing_words.held(row))

    def _fill_log(self, subject: Subject, before: ExchangeRow | None) -> None:
        after = self.log.last_id if before is not None else 0
        rows = subject.reader.logs(subject.row.id, after=after, count=ENTRIES, newest=True)
        if after:
            self.log.append(rows)
        else:
            self.log.show_rows(rows, subject.row.t0_ns)

    def _fill_exception(self, subject: Subject, _before: ExchangeRow | None) -> None:
        row = subject.row
        self.exception.show_failures(subject.reader.failures(row.id), row.started_ns - row.t0_ns)

    def _fill_wire(self, subject: Subject, before: ExchangeRow | None) -> None:
        if before is None:
            self.wire.show_wire(subject.reader, subject.row)
        else:
            self.wire.refresh(subject.reader, subject.row)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        roomy = self.height() >= theme.px(_ROOMY)
        for part in (self._rule, self._timing_strip, self.brief):
            part.setVisible(roomy)
