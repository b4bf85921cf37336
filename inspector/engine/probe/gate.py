"""The gate: where the messages of one exchange pass one after the other, and can be held.

Three machines, and who sees what:

The **board** (`board.Board`) is the engine's. It has the breakpoints, the holds and the window's verbs, and one
attribute, `armed`: whether anything at all could stop anywhere. A gateway looks at that before each message, and where
it is false goes on as if there were no stepping. That look is all that stepping costs while it is not used.

The **gate** is one exchange's, and made when its first message comes while the board is armed. Every hook point of the
exchange goes through it: call, receive, send, return, raise; in WSGI also read, start_response, write, next and close,
which a worker's thread hands over to the loop and waits for. A message is here *before* it is told to the tap and
before the other side gets it; an answer of `receive` is here when it has come. The gate lets one in at a time, in the
order in which they came (Starlette has a receive and a send waiting at once), so what comes while one is held waits
behind it, and is looked at only when its turn comes. It remembers how the exchange goes on:

    RUN        the breakpoints decide
    STEP       the next hook point that any task reaches is held
    STEP_SEND  the next message of the app is
    FINISH     none is, until the response has ended
    MERGE      the next chunk is, joined to the one that was held back (`carry`)

The **hold** is one message that stays. It is awaited on exactly one line (`passes`), which the board ends by setting
the hold's future; the verbs `edit` and `inject` change the hold and do not end it. Nothing else waits: the loop, other
exchanges and the wire (pings, other streams) never see a hold. The connection serves one request at a time as ever, so
pipelined requests wait for a held one without being told.

Where no breakpoint could stop an exchange, whatever its messages (`concern`), they pass at once, and those of a WSGI
worker do not cross over to the loop at all.

What passes comes back as a `Passage`: messages in order, each with what was done to it, and the verb. The gateway
tells and forwards them; the rest of an injected or held back answer waits in `pending` for the app's next `receive`.
An app that cancels a call ends its hold (a step goes on to the next hook point). What it had asked for is not lost, but
pending; what it sent is told as dropped. All of it on the loop's thread.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from inspector.engine.probe.facts import Facts
from inspector.engine.probe.order import Place
from inspector.engine.probe.shapes import apart
from inspector.engine.probe.tap import Exchange
from inspector.engine.stream import Stream
from inspector.trace import records
from inspector.trace.clock import now
from inspector.trace.stepping import SENDS

if TYPE_CHECKING:
    from inspector.engine.probe.board import Board

Message = dict[str, Any]
RUN, STEP, STEP_SEND, FINISH, MERGE = range(5)
_MODES = {"step": STEP, "step_send": STEP_SEND, "finish": FINISH, "merge": MERGE}
_ENDS = ("drop", "abort", "disconnect", "fail", "merge")
"""Verbs after which the held message does not pass."""


class Head(Protocol):
    """The head of the response, where its body is at the gate."""

    @property
    def waits(self) -> bool:
        """It is not out yet."""

    def mend(self, length: int) -> None:
        """Give it another Content-Length, in place of the one that it has."""


@dataclass(frozen=True)
class Point:
    """A hook point that was reached."""

    name: str
    direction: int
    message: Message
    t_ns: int
    place: Place | None = None
    """Where it stands in the order of messages; None where nothing can be changed or added but a call's scope."""
    left: int | None = None
    """Bytes that the response's Content-Length still asks for; None where it has none."""
    status: int | None = None
    sent: int = 0
    """Bytes of the response's body so far."""
    flags: int = 0
    original: Message | None = None
    """Where the message was injected, or edited at an earlier hold."""
    head: Head | None = None
    """Where `left` is told."""


class Passed(NamedTuple):
    """One message of a passage: `flags` as in `MessageSeen`; DROPPED is to be told and goes no further."""

    message: Message
    flags: int = 0
    original: Message | None = None


class Passage(NamedTuple):
    messages: list[Passed]
    by: str = ""
    """The verb that ended the hold; "" where there was none."""


@dataclass(eq=False)
class Hold:
    """One held message; the board's verbs change it."""

    id: int
    gate: Gate
    point: Point
    breakpoint: int
    over: asyncio.Future[None]
    message: Message
    original: Message | None = None
    before: list[Message] = field(default_factory=list)
    after: list[Message] = field(default_factory=list)
    by: str = ""
    since_ns: int = field(default_factory=now)
    left: int | None = None
    """As of the point; another one where the head was mended."""


class Gate:
    """One exchange's. `stream` is None for a lifespan; `lend` is told when a worker's thread is held, and no more."""

    def __init__(
        self,
        board: Board,
        exchange: Exchange,
        stream: Stream | None,
        facts: Facts,
        lend: Callable[[int], None] | None = None,
    ) -> None:
        self.exchange = exchange
        self.stream = stream
        self.mode = RUN
        self.pending: deque[Passed] = deque()
        """Answers for the app's next receive or read, before anything new of the client's."""
        self.touched = False
        """The user has changed, added or taken away a message."""
        self.resent = False
        """One of those was the app's."""
        self.left = False
        """The client left while a message was held, and the response was not complete."""
        self.held_ns = 0
        """How long this exchange was held, all holds that are over together."""
        self.hold: Hold | None = None
        self.carry: Message | None = None
        """A chunk that was held back, to be put before the next one."""
        self._stepped = RUN
        """The step that made the present hold."""
        self._board = board
        self._facts = facts
        self._lend = lend
        self._turn = asyncio.Lock()
        self._inside = 0
        """Messages that are held, or queue behind one that is."""

    async def passes(self, point: Point, *, again: bool = False) -> Passage:
        """Let one message through, or hold it first. `again`: it has passed the breakpoints, only a step stops it."""
        message = point.message
        if not self._inside and not self.concerned:
            return Passage([Passed(message, point.flags, point.original)])
        hold = None
        self._inside += 1
        try:
            async with self._turn:
                point = self._joined(point)
                message = point.message
                breakpoint_ = self._stops_at(point, again)
                if breakpoint_ is None:
                    return Passage([Passed(message, point.flags, point.original)])
                hold = self._begin(point, breakpoint_)
                try:
                    await hold.over
                finally:
                    self._end(hold)
                return self._passage(hold)
        except asyncio.CancelledError:
            if hold is not None:
                message = hold.message
            if point.direction == records.RECEIVE:
                original = hold.original if hold else point.original
                self.keep([Passed(message, point.flags | (records.EDITED if original else 0), original)], first=True)
            elif point.direction == records.SEND:
                self.tell(Passed(message, records.DROPPED), point)
            raise
        finally:
            self._inside -= 1
            if not self._inside:
                self._board.look_again(self)

    @property
    def concerned(self) -> bool:
        """A message of this exchange could be held; else it passes at once."""
        return self.mode != RUN or self.waiting or self._facts.concerned(self._board)

    def _joined(self, point: Point) -> Point:
        """`point`, with the chunk before it that was held back for it."""
        carry, message = self.carry, point.message
        if carry is None or carry["type"] != message["type"] or type(message.get("body", b"")) is not bytes:
            return point
        self.carry = None
        joined = {**message, "body": carry.get("body", b"") + message.get("body", b"")}
        return replace(point, message=joined, original=point.original or message, flags=point.flags | records.EDITED)

    def go_on(self, verb: str) -> None:
        """How, from here: as `verb` says, else by the breakpoints."""
        self.mode = _MODES.get(verb, RUN)

    def keep(self, messages: list[Passed], *, first: bool = False) -> None:
        """Answers for later; `first`: before those that wait already."""
        if first:
            self.pending.extendleft(reversed(messages))
        else:
            self.pending.extend(messages)
        self._board.look_again(self)

    def next_pending(self) -> Passed | None:
        """The next answer that was kept; None where the client is to be asked."""
        if not self.pending:
            return None
        passed = self.pending.popleft()
        self._board.look_again(self)
        return passed

    def tell(self, passed: Passed, point: Point) -> None:
        """Record a message that goes no further."""
        if self.exchange.ended:
            return
        data, key, body, status, more = apart(passed.message)
        self.exchange.mark(passed.flags, passed.original)
        self.exchange.message(
            point.direction, passed.message["type"], data, key, body, t_ns=point.t_ns, status=status, more_body=more
        )

    def over(self) -> None:
        """The exchange has ended."""
        self.mode = RUN
        self.pending.clear()
        self.carry = None
        self._board.forget(self)

    @property
    def waiting(self) -> bool:
        """The board has to stay armed for this exchange."""
        stepping = self.mode in (STEP, STEP_SEND, MERGE) or self.carry is not None
        return bool(self.pending or self._inside) or stepping or self.hold is not None

    # The hold.

    def _stops_at(self, point: Point, again: bool) -> int | None:
        """The breakpoint that holds this message, 0 where a step does; None where it passes."""
        if self.exchange.ended or self._board.lets_pass(self):
            return None
        joined = self.mode == MERGE and self.carry is None
        if self.mode == STEP or joined or (self.mode == STEP_SEND and point.name in SENDS):
            self._stepped, self.mode = self.mode, RUN
            self._board.look_again(self)
            return 0
        if self.mode == FINISH:
            if self._ends_response(point):
                self.mode = RUN
            return None
        if again:
            return None
        return self._board.stops(self, point, self._facts)

    def _ends_response(self, point: Point) -> bool:
        if point.direction == records.CLOSE or (
            point.name in ("return", "raise") and self.exchange.interface != "wsgi"
        ):
            return True
        type_ = point.message["type"]
        if type_.endswith(".response.body"):
            return not point.message.get("more_body")
        return type_ in ("websocket.close", "http.response.pathsend")

    def _begin(self, point: Point, breakpoint_: int) -> Hold:
        board = self._board
        future = asyncio.get_running_loop().create_future()
        hold = self.hold = Hold(board.next_hold(), self, point, breakpoint_, future, point.message, point.original)
        hold.left = point.left
        if self.stream is not None:
            self.stream.on_leave = self._client_left
            if point.direction == records.SEND:
                self.stream.keep_head(True)
        if self._lend:
            self._lend(1)
        board.held(hold)
        return hold

    def _client_left(self) -> None:
        if self.hold is not None:
            self._board.changed(self.hold)

    def _end(self, hold: Hold) -> None:
        if not hold.by:
            hold.by = "cancelled"
            self.mode = self._stepped  # who steps is still on the way
        self.hold, self._stepped = None, RUN
        self.held_ns += now() - hold.since_ns
        if self.stream is not None:
            self.left = self.left or (hold.by not in ("stop", "abort") and self.stream.left_early)
            self.stream.on_leave = None
            self.stream.keep_head(False)
        if self._lend:
            self._lend(-1)
        self._board.released(hold)

    def _passage(self, hold: Hold) -> Passage:
        by, message = hold.by, hold.message
        flags = hold.point.flags & ~records.EDITED  # what was changed may be as it was at first
        flags |= (records.EDITED if hold.original else 0) | (records.DROPPED if by in _ENDS else 0)
        held = Passed(message, flags, hold.original)
        touched = bool(flags or hold.before or hold.after or by in _ENDS)
        self.touched = self.touched or touched
        self.resent = self.resent or (touched and hold.point.direction == records.SEND)
        if by == "abort":
            return Passage([held], by)
        before, after = ([Passed(one, records.INJECTED) for one in some] for some in (hold.before, hold.after))
        return Passage([*before, held, *after], by)
