"""Stepping a server of `tests.support.serving`: verbs go to its board, holds are seen in its records."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from typing import Any

from inspector.engine.gateway.asgi import ASGIGateway
from inspector.engine.gateway.wsgi import WSGIGateway
from inspector.engine.host.listener import Gateway
from inspector.engine.probe.board import Board
from inspector.engine.probe.recorder import Recorder
from inspector.trace import records, values
from inspector.trace.records import MessageSeen
from inspector.trace.stepping import Answered, Breakpoint, Held, Original, Released
from inspector.trace.verbs import Ask
from tests.support.serving import Serving, Sink, serving_gateway


class Steps:
    """Verbs for a board, and what it tells into a sink."""

    def __init__(self, board: Board, sink: Sink) -> None:
        self.board = board
        self.sink = sink
        self._numbers = itertools.count(1)
        self._breakpoints = itertools.count(1)
        self._seen: set[int] = set()

    def ask(self, what: str, **arguments: Any) -> Answered:
        number = next(self._numbers)
        self.board.ask(Ask(number, what, arguments))
        return next(one for one in self.sink.records if isinstance(one, Answered) and one.number == number)

    def do(self, what: str, **arguments: Any) -> dict[str, Any]:
        """A verb that has to succeed."""
        answer = self.ask(what, **arguments)
        assert answer.ok, answer.text
        return answer.detail

    def refused(self, what: str, **arguments: Any) -> str:
        """Why a verb is refused."""
        answer = self.ask(what, **arguments)
        assert not answer.ok, answer
        return answer.text

    def break_(self, expression: str, **facts: Any) -> int:
        made = Breakpoint(next(self._breakpoints), expression, **facts)
        self.do("break", breakpoint=made.plain())
        return made.id

    async def held(self) -> Held:
        """The next new hold."""

        def fresh(all_: list[Any]) -> Held | None:
            return next((one for one in all_ if isinstance(one, Held) and one.hold not in self._seen), None)

        await self.sink.until(fresh)
        found = fresh(self.sink.records)
        assert found is not None
        self._seen.add(found.hold)
        return found

    async def released(self, hold: int) -> str:
        """By what a hold was ended, once it is."""
        await self.sink.until(lambda all_: self._over(hold, all_))
        return self._over(hold, self.sink.records)

    def _over(self, hold: int, all_: list[Any]) -> str:
        return next((one.by for one in all_ if isinstance(one, Released) and one.hold == hold), "")

    def text(self, held: Held) -> dict[str, Any]:
        """The message as a script would see it."""
        data = values.to_json(values.decode(held.data))
        if held.body_key:
            name = records.BODY_KEYS[held.body_key]
            data[name] = held.body.decode("utf-8" if name == "text" else "latin-1")
        return {"type": held.type, "data": data}


def passed(serving: Serving, exchange: int) -> list[str]:
    """What was told of an exchange: each message's type, with marks for what was done to it."""
    marks = {records.EDITED: "*", records.DROPPED: "-", records.INJECTED: "+"}
    return [
        one.type.rpartition("http.")[2] + "".join(mark for flag, mark in marks.items() if one.flags & flag)
        for one in serving.of(exchange, MessageSeen)
    ]


def originals(serving: Serving, exchange: int) -> dict[int, tuple[Any, bytes]]:
    """What messages were before they were edited: data and body by seq."""
    found: dict[int, tuple[Any, bytes]] = {}
    for one in serving.of(exchange, Original):
        data, body = found.get(one.seq, (None, b""))
        assert one.offset == len(body)
        found[one.seq] = (values.decode(one.data) if not one.offset else data, body + one.body)
    return found


@contextlib.asynccontextmanager
async def stepping(make: Callable[[Recorder], Gateway], **options: Any) -> AsyncIterator[tuple[Serving, Steps]]:
    boards: list[Board] = []

    def made(recorder: Recorder) -> Gateway:
        boards.append(recorder.board)
        return make(recorder)

    async with serving_gateway(made, **options) as running:
        try:
            yield running, Steps(boards[0], running.sink)
        finally:
            boards[0].close()


@contextlib.asynccontextmanager
async def stepping_asgi(app: Any, interface: str = "asgi3") -> AsyncIterator[tuple[Serving, Steps]]:
    async with stepping(lambda _: ASGIGateway(app, interface, {})) as found:
        yield found


@contextlib.asynccontextmanager
async def stepping_wsgi(app: Any, threads: int = 2) -> AsyncIterator[tuple[Serving, Steps]]:
    gateways: list[WSGIGateway] = []

    def make(recorder: Recorder) -> Gateway:
        gateways.append(WSGIGateway(app, threads, recorder))
        return gateways[0]

    async with stepping(make) as found:
        try:
            yield found
        finally:
            found[1].board.close()
            await gateways[0].close()
