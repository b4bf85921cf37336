"""What the window does about holds: shows those there are, and carries out the verbs on them.

Here meet the session's state (what is held), the selection (which hold is meant) and the editor (what was typed). A new
hold is shown in its row, in figures and in the title; it takes neither focus nor selection.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from inspector.errors import InspectorError
from inspector.session.state import SessionState
from inspector.session.stepping import Stepping, SteppingState
from inspector.trace.stepping import Held
from inspector.ui import words
from inspector.ui.breakpoints_menu import BreakpointsMenu
from inspector.ui.models import held_text, held_words
from inspector.ui.models.held_charset import charset_of
from inspector.ui.models.held_text import UTF_8, Mistake
from inspector.ui.panels.messages import heading
from inspector.ui.source import Verbs

if TYPE_CHECKING:
    from inspector.ui.window import Window

_TICK_MS = 250
_NOTHING = SteppingState()
_ENDED = {"stopping", "stopped", "crashed", "failed", "starting"}


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
        self.editor.split_wanted.connect(self.split)
        self.editor.mend_wanted.connect(self.mend)
        self._names: dict[int, str] = {}
        self._charsets: dict[int, str] = {}
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
        self._phase = state.phase if state else ""
        if self.stepping is before:
            return
        lost, stopped = self.stepping.lost - before.lost, self.stepping.stopped - before.stopped
        self._tell_ended(lost, stopped)
        known = {held.hold: held for held in before.holds}
        now = {held.hold: held for held in self.stepping.holds}
        if now != known:
            self._moved(known, now, lost > 0 or stopped > 0)
        else:
            self._tell_hold()
        self.changed.emit()

    def _moved(self, known: dict[int, Held], now: dict[int, Held], ended: bool) -> None:
        window = self._window
        self._first = {hold: self._first.get(hold, held) for hold, held in now.items()}
        gone = [held for hold, held in known.items() if hold not in now]
        lost = [held for held in gone if held.hold not in self._asked]
        edited = self.editor.held
        if edited is not None and edited in lost and self.editor.changed():
            self.editor.show_over(_why_over(ended or self._phase in _ENDED))
        self._asked &= set(now)
        self._charsets = {hold: charset for hold, charset in self._charsets.items() if hold in now}
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

    def _tell_ended(self, lost: int, stopped: int) -> None:
        """How many holds an engine has taken with it. Counted by the session: its phase may be told only later."""
        if lost > 0:
            self._window.table.notice.say(f"{words.counted(lost, 'hold')} cleared: the app's process has ended")
        elif stopped > 0:
            self._window.table.notice.say(f"{words.counted(stopped, 'hold')} released: the app is being stopped")

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
        self._window.messages.show_hold(held, self.stepping, self._charset(held) if held else UTF_8)

    def _charset(self, held: Held) -> str:
        """In which the text of the held body is, as its headers tell."""
        if held.hold not in self._charsets:
            self._charsets[held.hold] = charset_of(self._window.source.reader, held) if self._window.source else UTF_8
        return self._charsets[held.hold]

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
        if row is None:
            return f"exchange {held.exchange}"
        query = f"?{row.query}" if row.query else ""
        return f"{row.id} · {heading(row)}{query}"

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
        message, name, length = None, verb, -1
        if verb == "original":
            name = "continue"
            first = self._first[held.hold]
            if held.edited:
                message = held_text.message(held_text.shape(first), first)
            if first.content_length != held.content_length:
                length = first.content_length
        elif verb in ("continue", "step", "step_send", "finish", "merge"):
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
            if length >= 0:
                await stepping.act("mend", number, length=length)
            await stepping.act(name, number)

        self.ask(work, refused=partial(self._refused, number))

    def _refused(self, number: int, error: InspectorError) -> None:
        self._asked.discard(number)
        if self.editor.held is not None and self.editor.held.hold == number:
            self.editor.complain(error.title)
        else:
            self._window.complain(error)

    def mend(self) -> None:
        """Gives the engine what was typed, and the head the Content-Length that fits; it stays held."""
        self._change(lambda: [self.editor.message()], lambda stepping, hold: stepping.act("mend", hold))

    def split(self) -> None:
        """The chunk up to the caret, and one with the rest injected after it; it stays held."""
        rest: list[dict[str, Any]] = []

        def halves() -> list[dict[str, Any] | None]:
            first, second = self.editor.halves()
            rest.append(second)
            return [first]

        self._change(halves, lambda stepping, hold: stepping.inject(hold, "after", rest[0]))

    def _change(
        self,
        edited: Callable[[], list[dict[str, Any] | None]],
        then: Callable[[Stepping, int], Awaitable[Any]],
    ) -> None:
        """Has the engine take what `edited` gives, and then does `then`."""
        held = self.current
        if held is None:
            return
        number = held.hold
        try:
            (message,) = edited()
        except Mistake as mistake:
            self.editor.complain(str(mistake))
            return
        self.editor.sheet.will_be_taken()

        async def work(stepping: Stepping) -> None:
            if message is not None:
                await stepping.edit(number, message)
            await then(stepping, number)

        self.ask(work, refused=partial(self._refused, number))

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


def _why_over(ended: bool) -> str:
    if ended:
        return "The app's process has ended."
    return "The app cancelled the call, or its exchange is over."
