"""How a WSGI call lets its messages through the gate: from its worker's thread, which waits for the loop meanwhile.

The gate is the loop's, so each step crosses over; while the app is not stepped (the board is not armed) nothing does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inspector.engine.gateway.stepped import call_of, gate_of, length_left, raise_point, sifted
from inspector.engine.gateway.wsgi_stream import WorkerStream
from inspector.engine.probe.facts import Facts
from inspector.engine.probe.gate import Gate, Head, Passage, Passed, Point
from inspector.engine.probe.order import WSGI_READ, WSGI_SEND, Place
from inspector.engine.probe.tap import Exchange
from inspector.engine.stream import ClientGone, ResponseHead
from inspector.trace import records
from inspector.trace.clock import now
from inspector.trace.scope import Request


class Steps:
    """One call's way to its gate. All methods are the worker's."""

    def __init__(self, exchange: Exchange, stream: WorkerStream, request: Request, lend: Callable[[int], None]) -> None:
        self.board = exchange.recorder.board
        self.sent = 0
        """Bytes of the response's body so far."""
        self._exchange = exchange
        self._stream = stream
        self._request = request
        self._lend = lend
        self._facts = Facts(exchange, request)

    @property
    def needed(self) -> bool:
        """Messages have to pass the gate."""
        return self.board.armed and not self._exchange.ended and self._concerned

    @property
    def _concerned(self) -> bool:
        """Crossing over to the loop takes longer than all else: who cannot be held is spared it."""
        gate = self._exchange.gate
        return self._facts.concerned(self.board) if gate is None else gate.concerned

    def called(self, environ: dict[str, Any], own: bytes) -> Any:
        """The environ of the call that passed; None where it was aborted."""
        t_ns = now()
        passage = self._pass(Point("call", records.CALL, {"type": "call", "environ": environ}, t_ns))
        return call_of(self._exchange, passage, "environ", own, t_ns)

    def reached(self, name: str, direction: int) -> None:
        """A hook point where nothing passes: return, close."""
        self._pass(Point(name, direction, {"type": name}, now()))

    def raised(self, error: BaseException) -> None:
        self._pass(raise_point(error))

    def sending(
        self, message: dict[str, Any], t_ns: int, head: ResponseHead | None, mending: Head
    ) -> tuple[list[Passed], Passage]:
        """What goes on of a message of the app's, and the passage, which may say that the call is to fail."""
        point = Point(
            message["type"],
            records.SEND,
            message,
            t_ns,
            Place(WSGI_SEND, 0 if head is None else 1),
            length_left(head, self.sent),
            head.status if head else None,
            self.sent,
            head=mending,
        )
        passage = self._pass(point)
        return sifted(self._gate, passage, point) or [], passage

    def reading(self, take: Callable[[], dict[str, Any]]) -> Passed:
        """What a read of the app's gives, to be told by the caller. Raises `ClientGone` where it is to be told that."""
        while True:
            kept = self._call(self._gate.next_pending) if self.kept else None
            again = kept is not None
            if kept is None:
                kept = Passed(take())
            point = Point(
                "read",
                records.RECEIVE,
                kept.message,
                now(),
                Place(WSGI_READ, 0),
                flags=kept.flags,
                original=kept.original,
            )
            passage = self._pass(point, again=again)
            passing = sifted(self._gate, passage, point)
            if passing is None or passage.by == "abort":
                raise ClientGone("the client left before the end of its request's body")
            if passing:
                if passing[1:]:
                    self._call(self._gate.keep, passing[1:], first=True)
                self._exchange.mark(passing[0].flags, passing[0].original)
                return passing[0]

    @property
    def kept(self) -> bool:
        """An answer waits that comes before anything of the client's."""
        return self._exchange.gate is not None and bool(self._exchange.gate.pending)

    @property
    def _gate(self) -> Gate:
        return gate_of(self._exchange, self._stream.stream, self._request, self._lend)

    def _pass(self, point: Point, *, again: bool = False) -> Passage:
        async def passes() -> Passage:
            return await self._gate.passes(point, again=again)

        return self._stream.on_loop(passes)

    def _call(self, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        async def called() -> Any:
            return call(*arguments, **named)

        return self._stream.on_loop(called)
