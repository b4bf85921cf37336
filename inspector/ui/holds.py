"""What the window does about holds: shows those there are, and carries out the verbs on them.

Here meet the session's state (what is held), the selection (which hold is meant) and the editor (what was typed). A new
hold is shown in its row, in figures and in the title; it takes neither focus nor selection.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.errors import InspectorError
from inspector.recording.rows import MessageRow
from inspector.session.state import SessionState
from inspector.session.stepping import Stepping, SteppingState
from inspector.trace.stepping import Held
from inspector.ui import words
from inspector.ui.breakpoints_menu import BreakpointsMenu
from inspector.ui.models import held_text, held_words
from inspector.ui.models.held_length import Length
from inspector.ui.models.held_text import Mistake
from inspector.ui.panels.messages import heading
from inspector.ui.source import Verbs

if TYPE_CHECKING:
    from inspector.ui.window import Window

_TICK_MS = 250
_NOTHING = SteppingState()
_ENDED = {"stopping", "stopped", "crashed", "failed", "starting"}
_HEADS = 50
"""Messages among which the head of the response is looked for, back from the held one."""


class Holds(QObject):
    """One window's. `changed`: facts of commands are others now."""

    changed = Signal()

    def __init__(self, window: Window, verbs: Verbs) -> None:
        super().__init__(window)
        self._window, self._verbs = window, verbs
        self._phase = ""
        self._exchange: int | None = None
        self._first: dict[int, Held] = {}
        """Each hold as it was told first."""
        self._asked: set[int] = set()
        """Holds that the user has ended."""
        self.stepping = _NOTHING
        self._ticker = QTimer(self, interval=_TICK_MS)
        self._ticker.timeout.connect(self._tick)
        self.editor = window.messages.editor
        self.editor.verb.connect(self.release)
        self.editor.inject_wanted.connect(window.desk.inject_as)
        window.queue.chosen.connect(self.go_to)
        window.queue.turned.connect(self.changed)
        self._names: dict[int, str] = {}
        self._menu = BreakpointsMenu(self, window.toolbar.steps.menu, window.actions_)

    # What is shown

    @property
    def current(self) -> Held | None:
        """The hold of the selected exchange, as far as it is shown: not while its past is."""
        return self.held if self._window.walk.at is None else None

    @property
    def held(self) -> Held | None:
        """The hold of the selected exchange."""
        return self._of(self._exchange)

    @property
    def queue(self) -> tuple[Held, ...]:
        """All there are, the longest first."""
        return self.stepping.holds

    def _of(self, exchange: int | None) -> Held | None:
        return next((held for held in self.stepping.holds if held.exchange == exchange), None)

    def show_state(self, state: SessionState | None) -> None:
        """What the session says of stepping."""
        before, self.stepping = self.stepping, state.stepping if state else _NOTHING
        phase, self._phase = self._phase, state.phase if state else ""
        if self.stepping is before:
            return
        known = {held.hold: held for held in before.holds}
        now = {held.hold: held for held in self.stepping.holds}
        if now != known:
            self._moved(known, now, phase)
        else:
            self._tell_hold()
        self.changed.emit()

    def _moved(self, known: dict[int, Held], now: dict[int, Held], phase: str) -> None:
        window = self._window
        self._first = {hold: self._first.get(hold, held) for hold, held in now.items()}
        gone = [held for hold, held in known.items() if hold not in now]
        lost = [held for held in gone if held.hold not in self._asked]
        edited = self.editor.held
        if edited is not None and edited in lost and self.editor.changed():
            self.editor.show_over(_why_over(self._phase))
        if lost and (self._phase in _ENDED or phase in _ENDED) and self._phase != "serving":
            window.table.notice.say(f"{words.counted(len(lost), 'hold')} cleared: the app's process has ended")
        self._asked &= set(now)
        self.editor.keep_only(set(now))
        window.table.show_holds({held.exchange: held for held in self.stepping.holds})
        self._tell_hold()
        self._names = {held.exchange: self._names.get(held.exchange) or self._name(held) for held in now.values()}
        self._count()
        for held in (held for hold, held in now.items() if hold not in known):
            told = f"Held at {held.point}: {self._names[held.exchange]}"
            window.notifier.tell(told, held_words.by(held, self.stepping))
            if self._phase == "stopping":
                window.table.notice.say("The shutdown is held: the app ends when you continue it, or Stop once more")
        if now and not self._ticker.isActive():
            self._ticker.start()
        elif not now:
            self._ticker.stop()

    def show_exchange(self, exchange: int | None) -> None:
        """Another one is selected."""
        if self.editor.over and exchange != self._exchange:
            self.editor.forget()
        self._exchange = exchange
        self._tell_hold()

    def _tell_hold(self) -> None:
        held = self.current
        if self.editor.over and held is None:
            self._window.messages.show_hold(None, self.stepping)
            return
        self._window.messages.show_hold(held, self.stepping, self._length(held) if held else None)

    def _length(self, held: Held) -> Length | None:
        """What the head of the response says, where the held message is of its body."""
        source = self._window.source
        if source is None or not held.type.endswith(".response.body") or not held.seq:
            return None
        start = max(held.seq - _HEADS, 0)
        try:
            messages = source.reader.messages(held.exchange, start, held.seq - start)
        except InspectorError:
            return None
        head = next((one for one in reversed(messages) if one.type.endswith(".response.start")), None)
        length = _content_length(head) if head is not None else None
        if head is None or length is None:
            return None
        sent = sum(one.size for one in messages if one.seq > head.seq and one.direction == "send" and not one.dropped)
        return Length(length, sent)

    def _count(self) -> None:
        window, count = self._window, len(self.stepping.holds)
        window.status_bar.show_held(count)
        window.queue.show_holds(self.stepping, self._names)
        if window.source is not None:
            told = f"{count} held — " if count else ""
            window.setWindowTitle(f"{window.source.name} — {told}Inspector")

    def _tick(self) -> None:
        if self._window.isVisible():
            self._window.messages.tick_hold()

    def _name(self, held: Held) -> str:
        source = self._window.source
        try:
            row = source.reader.rows([held.exchange])[0] if source is not None else None
        except InspectorError:
            row = None
        return heading(row) if row is not None else f"exchange {held.exchange}"

    # Verbs

    def ask(
        self,
        work: Callable[[Stepping], Awaitable[Any]],
        then: Callable[[Any], object] = lambda _: None,
        refused: Callable[[InspectorError], object] | None = None,
    ) -> None:
        """Has the session do `work`; what is refused is said."""
        self._verbs.stepping(work, then, refused or self._window.complain)

    def release(self, verb: str) -> None:
        """`verb` on the selected exchange's hold; `original`: continue with what the message was at first. Where the
        selected exchange is not held, goes to one that is, and releases nothing."""
        held = self.current
        if held is None:
            self.go_to_next()
            return
        message, name = None, verb
        if verb == "original":
            name = "continue"
            if held.edited:
                first = self._first[held.hold]
                message = held_text.message(held_text.shape(first), first)
        elif verb in ("continue", "step", "step_send", "finish"):
            try:
                message = self.editor.message()
            except Mistake as mistake:
                self.editor.complain(str(mistake))
                return
        number = held.hold
        self._asked.add(number)

        async def work(stepping: Stepping) -> None:
            if message is not None:
                await stepping.edit(number, message)
            await stepping.act(name, number)

        def refused(error: InspectorError) -> None:
            self._asked.discard(number)
            if self.editor.held is not None and self.editor.held.hold == number:
                self.editor.complain(error.title)
            else:
                self._window.complain(error)

        self.ask(work, refused=refused)

    def resume_all(self) -> None:
        self._asked |= {held.hold for held in self.stepping.holds}
        self.ask(lambda stepping: stepping.resume_all())

    def go_to_next(self) -> None:
        """Selects the exchange that is held after the selected one."""
        holds = self.stepping.holds
        if holds:
            at = next((number for number, held in enumerate(holds) if held.exchange == self._exchange), -1)
            self.go_to(holds[(at + 1) % len(holds)])

    def go_to(self, held: Held) -> None:
        window = self._window
        window.runs.back()
        window.table.pick(held.exchange)
        if window.table.current != held.exchange:
            window.table.notice.say("The held exchange is not in the table: the filter hides it")

    def edit(self) -> None:
        """The focus into the editor."""
        if self.current is None:
            self.go_to_next()
        self.editor.take_focus()


def _why_over(phase: str) -> str:
    if phase in _ENDED:
        return "The app's process has ended."
    return "The app cancelled the call, or its exchange is over."


def _content_length(head: MessageRow) -> int | None:
    headers = head.data.get("headers") if isinstance(head.data, dict) else None
    for pair in headers if isinstance(headers, (list, tuple)) else ():
        if isinstance(pair, (list, tuple)) and len(pair) == 2:
            name, value = (one.decode("latin-1") if isinstance(one, bytes) else str(one) for one in pair)
            if name.lower() == "content-length" and value.strip().isdecimal():
                return int(value[:20])
    return None
