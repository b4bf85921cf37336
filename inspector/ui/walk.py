"""Stepping through the past: the selected exchange, as recorded, message by message, forward and back.

It has the keys of the holds (`commands.stepping`), and never meets one: while an exchange is walked, a hold of it is
told in the strip and shown nowhere else, and no key reaches it; where one is held, its past is not walked. Another
selection, or the user, ends the walk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from inspector.errors import InspectorError
from inspector.recording.past import EXACT, Past
from inspector.recording.rows import ExchangeRow
from inspector.ui import shortcuts, words
from inspector.ui.models import held_words

if TYPE_CHECKING:
    from inspector.ui.window import Window

_PAGE = 500
_FAR = 5_000
"""Messages among which the next send is looked for at once; where there is none, the walk goes on from there."""


class Walk(QObject):
    """One window's. `changed`: it has begun, moved or ended."""

    changed = Signal()

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._past: Past | None = None
        window.details.past.left.connect(self.leave)
        for widget in (window.table, window.messages.table, window.details.tabs):
            shortcuts.local(widget, "Esc", self.leave)

    @property
    def at(self) -> int | None:
        """The seq of the message as of which the exchange is shown; None: the present is."""
        return self._past.seq if self._past is not None else None

    @property
    def row(self) -> ExchangeRow | None:
        """The selected exchange as it is now."""
        return self._window.messages.exchange

    @property
    def possible(self) -> bool:
        """The selected exchange has a past, and is not held."""
        return self._last >= 0 and self._window.holds.held is None and not self._window.runs.showing

    @property
    def _last(self) -> int:
        return self._window.messages.model.count - 1

    # Verbs

    def move(self, verb: str) -> None:
        """`step` to the next message, `step_send` to the next one from the app, `continue` to the last."""
        at = -1 if self.at is None else self.at
        if verb == "step":
            self.go(at + 1)
        elif verb == "step_send":
            try:
                self.go(self._next_send(at + 1))
            except InspectorError as error:
                self._window.complain(error)
        elif verb == "continue" and self.at is not None:
            self.go(self._last)

    def back(self) -> None:
        """To the message before; from the present to the last one."""
        self.go(self._last if self.at is None else self.at - 1)

    def go(self, seq: int) -> None:
        """To message `seq`, or the nearest there is; begins the walk where none is on its way."""
        window, row = self._window, self.row
        reader = window.source.reader if window.source is not None else None
        if row is None or reader is None or (self._past is None and not self.possible):
            return
        seq = min(max(seq, 0), self._last)
        if seq == self.at:
            return
        try:
            past = Past(reader, row, seq)
            began, self._past = self._past is None, past
            if began:
                window.holds.show_exchange(row.id)
            window.messages.show_past(seq)
            window.details.show_past(past)
        except InspectorError as error:
            self.leave()
            window.complain(error)
        self._tell()

    def leave(self) -> None:
        """Back to the present."""
        if self._past is None:
            return
        self._past = None
        window = self._window
        window.details.past.hide()
        try:
            window.messages.show_past(None)
            window.details.show_past(None)
            window.holds.show_exchange(window.messages.exchange.id if window.messages.exchange else None)
        except InspectorError as error:
            window.complain(error)
        self._tell()

    def forget(self) -> None:
        """Another exchange is shown: its present."""
        if self._past is not None:
            self._past = None
            self._window.messages.show_past(None)
            self._tell()

    def refresh(self) -> None:
        """More of the exchange is recorded, or it is held, or is not any more."""
        if self._past is not None:
            self._show_strip()

    def _next_send(self, start: int) -> int:
        reader, row = self._window.source.reader if self._window.source else None, self.row
        for at in range(start, min(start + _FAR, self._last + 1), _PAGE) if reader is not None and row else ():
            for message in reader.messages(row.id, at, _PAGE):  # type: ignore[union-attr]
                if message.direction == "send":
                    return message.seq
        return min(start + _FAR, self._last)

    def _tell(self) -> None:
        self.refresh()
        self.changed.emit()

    def _show_strip(self) -> None:
        past, window, row = self._past, self._window, self.row
        if past is None or row is None:
            return
        count = max(self._last, past.seq) + 1
        place = f"As of message {past.seq + 1:,} of {count:,}, {words.milliseconds(past.now_ns - row.t0_ns)} ms"
        if not past.exact:
            place += f" · spans are told up to message {EXACT:,}"
        keys = [(window.actions_.key(command), word) for command, word in
                (("step.next", "forward"), ("past.back", "back"), ("past.leave", "leaves"))]  # fmt: skip
        told = " · ".join(f"{key} {word}" for key, word in keys if key)
        held = window.holds.held
        window.details.past.show_place(place, told, f"{held_words.at(held)} now: leave to step it" if held else "")
