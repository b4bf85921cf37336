"""Everything about the selected exchange but its messages: one tab each.

Only the tab in sight is filled; the others follow when they are looked at. `refresh` adds what came since, without
moving what is being read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from inspector.recording.content import ContentType, content_type
from inspector.recording.rows import ExchangeRow, MessageRow
from inspector.ui import shown, theme
from inspector.ui.models import timing_words
from inspector.ui.models.log_list import ENTRIES
from inspector.ui.models.message_words import called
from inspector.ui.panels import exchange_parts, timing
from inspector.ui.panels.body import Taste
from inspector.ui.panels.exception import ExceptionView
from inspector.ui.panels.half import HalfPanel
from inspector.ui.panels.log import LogPanel
from inspector.ui.panels.message import MessagePanel
from inspector.ui.panels.parts import Elided, Strip, WholeRows, empty, set_empty_text, strip_height
from inspector.ui.panels.scope import ScopeView, clip, row_height
from inspector.ui.panels.timing import TimingView
from inspector.ui.renderer import Renderer

if TYPE_CHECKING:
    from inspector.recording.reader import Reader

SCOPE, REQUEST, RESPONSE, MESSAGE, TIMING, LOG, EXCEPTION = range(7)
_TITLES = ("Scope", "Request", "Response", "Message", "Timing", "Log", "Exception")
_HEADS = 2_000
"""Messages among which the response's head is looked for."""
_PAGE = 200
_LAST = 3
"""Messages that tell how the app ended."""
_ROOMY = 300
"""Height in pixels from which on the timing strip has its place below the scope."""
_FRAME_CONTENT = {True: ContentType(charset="utf-8"), False: ContentType()}


class DetailsPanel(QWidget):
    """A tab each; which one is in sight is kept from exchange to exchange, where it has something to show."""

    place_chosen = Signal(str, int)
    """File and line that the user wants to see in the editor."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reader: Reader | None = None
        self.row: ExchangeRow | None = None
        self._call: MessageRow | None = None
        self._head: MessageRow | None = None
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
        self.request = HalfPanel(self._renderer, self._taste)
        self.response = HalfPanel(self._renderer, self._taste)
        self.message = MessagePanel(self._renderer, self._taste)
        self.timing = TimingView()
        self.log = LogPanel()
        self.exception = ExceptionView()
        self.log.view.place_chosen.connect(self.place_chosen)
        self.exception.place_chosen.connect(self.place_chosen)
        self._timing_area = _scrolled(self.timing)
        self._nothing = empty("")
        self._pages = QStackedWidget()
        for page in (
            self._with_strip(), self.request, self.response, self.message, self._timing_area, self.log,
            self.exception, self._nothing,
        ):  # fmt: skip
            self._pages.addWidget(page)

        strip = Strip(flush=True)
        strip.layout_.addWidget(self.tabs, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(strip)
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
        self._timing_strip.layout_.addWidget(self._summary, 1)
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
        self._reader = reader
        self.row = reader.rows([exchange_id])[0] if reader is not None and exchange_id is not None else None
        self._call = self._head = self._seq = None
        self._filled.clear()
        self._look_at_messages()
        self._title_tabs()
        if self.row is not None:
            self._turn(self._kept)
        self._fill()
        self._timing_area.verticalScrollBar().setValue(0)

    def refresh(self) -> None:
        """What came since. Neither scroll nor selection of a tab is moved."""
        if self._reader is None or self.row is None:
            return
        row = self._reader.rows([self.row.id])[0]
        if row is None:  # dropped by the retention cap: what is shown stays as long as it is looked at
            return
        if row != self.row:
            self.row = row
            self._look_at_messages()
            self._title_tabs()
        elif row.live and self.tabs.currentIndex() in (SCOPE, TIMING):
            self._show_timing(self._reader, row)
        self._fill()

    def show_message(self, seq: int) -> None:
        """Turn to what message `seq` is about: a call's scope, the exception of a raise, else its keys and body."""
        message = self._message(seq)
        if message is None:
            return
        self._seq = seq
        self._filled.pop(MESSAGE, None)
        self._turn({"call": SCOPE, "raise": EXCEPTION}.get(message.direction, MESSAGE), MESSAGE)
        self._fill()

    def current_place(self) -> tuple[str, int] | None:
        """File and line of what is chosen in the tab in sight; None where it has none."""
        if self.row is None:
            return None
        asked = {LOG: self.log.view.current_place, EXCEPTION: self.exception.current_place}
        return asked.get(self.tabs.currentIndex(), lambda: None)()

    def copy_scope(self) -> None:
        """The scope or environ as a literal that Python reads back; where the app was not called: nothing."""
        scope, environ = called(self._call) if self._call is not None else (None, None)
        clip(shown.python(scope or environ or {}, lines=True))

    def _message(self, seq: int) -> MessageRow | None:
        if self._reader is None or self.row is None:
            return None
        found = self._reader.messages(self.row.id, seq, 1)
        return found[0] if found and found[0].seq == seq else None

    def _look_at_messages(self) -> None:
        """The call, and the head of the response, as far as they are there."""
        if self._reader is None or self.row is None:
            return
        if self._call is None:
            first = self._message(0)
            self._call = first if first is not None and first.direction == "call" else None
        if self._head is None and self.row.status is not None:
            for start in range(0, min(self.row.message_count, _HEADS), _PAGE):
                for message in self._reader.messages(self.row.id, start, _PAGE):
                    if message.type in exchange_parts.HEAD_TYPES:
                        self._head = message  # of several (exc_info) the last one near the first counts
                if self._head is not None:
                    break

    def _title_tabs(self) -> None:
        row = self.row
        titles = list(_TITLES)
        means = [True] * len(titles)
        if row is not None:
            titles[SCOPE] = "Environ" if row.interface == "wsgi" else "Scope"
            titles[LOG] = f"Log {row.log_count:,}" if row.log_count else "Log"
            means[REQUEST] = means[RESPONSE] = row.kind != "lifespan"
        means[EXCEPTION] = row is not None and bool(row.exception)
        self._turning = True  # a tab that disappears is turned away from
        for tab, title in enumerate(titles):
            self.tabs.setTabText(tab, title)
            self.tabs.setTabEnabled(tab, row is not None)
            self.tabs.setTabVisible(tab, means[tab])
        self._turning = False

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
        row, reader = self.row, self._reader
        if row is None or reader is None:
            self._say("Select an exchange to see its scope, its bodies and its timing")
            return
        tab = self.tabs.currentIndex()
        before = self._filled.get(tab)
        if before is not row:
            self._filled[tab] = row
            fill = (
                self._fill_scope, self._fill_request, self._fill_response, self._fill_message, self._show_timing,
                self._fill_log, self._fill_exception,
            )[tab]  # fmt: skip
            fill(reader, row, before)
        nothing = self._why_empty(tab, row)
        if nothing:
            self._say(nothing)
        else:
            self._pages.setCurrentIndex(tab)

    def _say(self, text: str) -> None:
        set_empty_text(self._nothing, text)
        self._pages.setCurrentWidget(self._nothing)

    def _why_empty(self, tab: int, row: ExchangeRow) -> str:
        """What the tab says instead of nothing; empty where there is something."""
        if tab == SCOPE and self._call is None:
            if row.live:
                return "The app has not been called yet"
            return f"The app was not called: {row.outcome_text}" if row.outcome_text else "The app was not called"
        if tab == LOG and not row.log_count:
            return "The app logged nothing during this exchange"
        return ""

    def _fill_scope(self, reader: Reader, row: ExchangeRow, before: ExchangeRow | None) -> None:
        if before is None or self.scope.tree.rowCount() == 0:
            scope, environ = called(self._call) if self._call is not None else (None, None)
            self.scope.show_value(scope or environ or {})
            if before is None:
                self.scope.scrollToTop()
        self._show_timing(reader, row)

    def _fill_request(self, reader: Reader, row: ExchangeRow, before: ExchangeRow | None) -> None:
        headers = exchange_parts.request_headers(reader, row)
        body = exchange_parts.exchange_body(reader, row, "receive", headers) if row.kind == "http" else None
        nothing = "The app has read no body" if row.live else "The app read no body"
        self.request.show_half(exchange_parts.request_line(row), headers, body, nothing, before is not None, row.query)

    def _fill_response(self, reader: Reader, row: ExchangeRow, before: ExchangeRow | None) -> None:
        if row.status is None:
            self.response.show_nothing(exchange_parts.why_no_response(row))
            return
        headers = exchange_parts.response_headers(self._head)
        body = exchange_parts.exchange_body(reader, row, "send", headers) if row.kind == "http" else None
        line = exchange_parts.status_line(row, self._head)
        nothing = "No body yet" if row.live else "The response has no body"
        self.response.show_half(line, headers, body, nothing, before is not None)

    def _fill_message(self, reader: Reader, row: ExchangeRow, before: ExchangeRow | None) -> None:
        if before is not None:
            return
        message = self._message(self._seq) if self._seq is not None else None
        body = None
        if message is not None and message.body_key:
            headers = (
                exchange_parts.request_headers(reader, row)
                if message.direction == "receive"
                else exchange_parts.response_headers(self._head)
            )
            content = content_type(headers) if row.kind == "http" else _FRAME_CONTENT[message.body_key == "text"]
            body = exchange_parts.message_body(reader, message, content)
        self.message.show_message(row, message, body)

    def _show_timing(self, reader: Reader, row: ExchangeRow, _before: ExchangeRow | None = None) -> None:
        few = 0 < row.message_count <= timing.MESSAGES
        messages = reader.messages(row.id, 0, row.message_count) if few else []
        last = messages[-_LAST:] if few else reader.messages(row.id, max(row.message_count - _LAST, 0), _LAST)
        self.timing.show_row(row, messages, last, reader.accepted_ns(row.id))
        self.brief.show_row(row, messages)
        self._summary.set_text(timing_words.summary(row))

    def _fill_log(self, reader: Reader, row: ExchangeRow, before: ExchangeRow | None) -> None:
        after = self.log.last_id if before is not None else 0
        rows = reader.logs(row.id, after=after, count=ENTRIES, newest=True)
        if after:
            self.log.append(rows)
        else:
            self.log.show_rows(rows, row.t0_ns)

    def _fill_exception(self, reader: Reader, row: ExchangeRow, _before: ExchangeRow | None) -> None:
        self.exception.show_failures(reader.failures(row.id), row.started_ns - row.t0_ns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        roomy = self.height() >= theme.px(_ROOMY)
        for part in (self._rule, self._timing_strip, self.brief):
            part.setVisible(roomy)


def _scrolled(view: QWidget) -> QScrollArea:
    area = QScrollArea(widgetResizable=True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    page = QWidget()
    page.setProperty("surface", "panel")
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(view)
    layout.addStretch(1)
    area.setWidget(page)
    return area
