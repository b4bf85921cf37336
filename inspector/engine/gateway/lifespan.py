"""Lifespan for ASGI apps (asgiref specs/lifespan.rst), and the verdict on what the app made of it.

The verdict tells apart what servers often hide behind "lifespan appears unsupported":

    supported    startup.complete came
    unsupported  the app refused the scope before it took the startup message: it is served without lifespan
    raised       the app took the startup message and then raised: served without lifespan (auto), or not (on)
    failed       startup.failed came: the app is not served
    hung         no answer after `HUNG` seconds; the wait goes on
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from inspector.engine.gateway.asgi_messages import Message, call_app, encode_rest, expected, type_of
from inspector.engine.gateway.stepped import called, gate_of, raised, received, returned, sent
from inspector.engine.probe.failures import failure
from inspector.engine.probe.gate import Point
from inspector.engine.probe.order import LIFESPAN_RECEIVE, LIFESPAN_SEND, Place
from inspector.engine.probe.recorder import Recorder
from inspector.engine.probe.tap import CURRENT, Exchange
from inspector.trace import records, values
from inspector.trace.clock import now

HUNG = 10.0
"""Seconds after which a startup that has not ended is called hung."""
ASGI = {"version": "3.0", "spec_version": "2.0"}
_STARTING, _UP, _STOPPING, _DOWN = range(4)


class LifespanFailed(Exception):
    """The app must not be served; the text says why, `traceback` is the app's, if it raised."""

    def __init__(self, text: str, traceback: str = "") -> None:
        super().__init__(text)
        self.traceback = traceback


class Lifespan:
    """One run of an app's lifespan. `state` is what the app put into it (spec 2.0)."""

    def __init__(
        self, app: Any, interface: str, recorder: Recorder, told: Callable[[str, str], None], *, required: bool
    ) -> None:
        self.state: dict[str, Any] = {}
        self._app = app
        self._interface = interface
        self._told = told
        self._required = required
        self._exchange = Exchange(recorder)
        self._at = _STARTING
        self._startup_taken = False
        self._cancelled = False
        """By us, not by the app."""
        self._answered: asyncio.Future[tuple[str, str]] = asyncio.get_running_loop().create_future()
        self._stop = asyncio.Event()
        self._ended = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def startup(self) -> None:
        """Let the app start. Raises `LifespanFailed` where it may not be served."""
        loop = asyncio.get_running_loop()
        self._task = loop.create_task(self._run())
        self._hung = loop.call_later(HUNG, self._is_hung, 0.0)
        try:
            verdict, text = await self._answered
        finally:
            self._hung.cancel()
        self._told(verdict, text)
        if verdict == "failed":
            raise LifespanFailed(f"The app's startup failed: {text}" if text else "The app's startup failed.")
        if verdict != "supported" and self._required:
            raise LifespanFailed(f"The app does not support lifespan ({verdict}), and --lifespan on requires it.", text)

    def _is_hung(self, held: float) -> None:
        """The app had `HUNG` seconds; what it was held of them, beyond `held`, it gets on top."""
        now_held = self._held()
        if now_held > held:
            self._hung = asyncio.get_running_loop().call_later(now_held - held, self._is_hung, now_held)
        else:
            self._told("hung", f"no answer to lifespan.startup after {HUNG:.0f} s")

    def _held(self) -> float:
        """Seconds that the lifespan was held, up to now."""
        gate = self._exchange.gate
        if gate is None:
            return 0.0
        return (gate.held_ns + (now() - gate.hold.since_ns if gate.hold else 0)) / 1e9

    async def shutdown(self, seconds: float, hurry: asyncio.Event) -> None:
        """Let the app end; it has `seconds`, held time not counted, or until there is a `hurry`."""
        if self._task is None or self._task.done():
            return
        self._stop.set()
        if self._at == _STARTING:
            self._cancel()
        waits = [asyncio.ensure_future(event.wait()) for event in (self._ended, hurry)]
        held, done = self._held(), False
        while not done and seconds > 0:
            found, _ = await asyncio.wait([*waits, self._task], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            seconds, held, done = self._held() - held, self._held(), bool(found)
        for wait in waits:
            wait.cancel()
        if not self._task.done():
            self._cancel()
            await asyncio.wait([self._task], timeout=1.0)

    def _cancel(self) -> None:
        assert self._task is not None
        self._cancelled = True
        self._task.cancel()

    async def _run(self) -> None:
        exchange = self._exchange
        CURRENT.set(exchange.id)
        exchange.start(kind="lifespan", interface=self._interface)
        scope: dict[str, Any] = {"type": "lifespan", "asgi": dict(ASGI), "state": self.state}
        board = exchange.recorder.board
        if board.armed:
            scope = await called(gate_of(exchange, None, None), scope, values.encode(scope))
        else:
            exchange.message(records.CALL, "call", values.encode(scope))
        try:
            await call_app(self._app, self._interface, scope, self._receive, self._send)
        except BaseException as error:  # noqa: BLE001 - SystemExit of an app must not end the engine
            if self._cancelled and isinstance(error, asyncio.CancelledError):
                exchange.end("stopped", "the engine stopped while the lifespan was under way")
                return
            if board.armed:
                await raised(gate_of(exchange, None, None), error)
            exchange.raised(error)
            exchange.end("app raised", f"the app raised {type(error).__name__}")
            self._answer("raised" if self._startup_taken else "unsupported", failure(0, error).text)
        else:
            if board.armed:
                await returned(gate_of(exchange, None, None))
            exchange.message(records.RETURN, "return")
            exchange.end()
            self._answer("unsupported", "the app returned without an answer to lifespan.startup")
        finally:
            self._ended.set()

    def _answer(self, verdict: str, text: str) -> None:
        if not self._answered.done():
            self._answered.set_result((verdict, text))

    async def _receive(self) -> Message:
        asked_ns = now()
        exchange = self._exchange
        kept = exchange.gate is not None and bool(exchange.gate.pending)
        stepped = exchange.recorder.board.armed or kept
        if stepped:
            return await self._receive_stepped(asked_ns)
        message = await self._next(asked_ns)
        if exchange.recorder.board.armed:  # since it asked
            return await self._receive_stepped(asked_ns, message)
        exchange.message(records.RECEIVE, message["type"], asked_ns=asked_ns)
        self._given(message)
        return message

    async def _next(self, asked_ns: int) -> Message:
        """The next message for the app; it has them once each."""
        if not self._startup_taken:
            self._startup_taken = True
            return {"type": "lifespan.startup"}
        self._exchange.waits(records.RECEIVE, asked_ns)
        try:
            await self._stop.wait()
        finally:
            self._exchange.goes_on(records.RECEIVE)
        return {"type": "lifespan.shutdown"}

    def _given(self, message: Message) -> None:
        if message["type"] == "lifespan.shutdown":
            self._at = _STOPPING

    async def _receive_stepped(self, asked_ns: int, message: Message | None = None) -> Message:
        async def take() -> tuple[Message, int]:
            nonlocal message
            come, message = message or await self._next(asked_ns), None
            return come, 0

        def place(come: Message) -> Place:
            return Place(LIFESPAN_RECEIVE, 0 if come["type"] == "lifespan.startup" else 1)

        gate = gate_of(self._exchange, None, None)
        given = await received(gate, take, place, None, asked_ns)
        self._given(given)
        return given

    async def _send(self, message: Message) -> None:
        if not self._exchange.recorder.board.armed:
            self._take(message, 0)
            return
        called_ns = now()

        def point() -> Point:
            return Point("send", records.SEND, message, called_ns, Place(LIFESPAN_SEND, self._at))

        def take(passed: Message) -> None:
            self._take(passed, called_ns)

        gate = gate_of(self._exchange, None, None)
        await sent(gate, message, point, take, lambda: Place(LIFESPAN_SEND, self._at).allowed)

    def _take(self, message: Message, called_ns: int) -> None:
        type_ = type_of(message)
        self._exchange.message(records.SEND, type_, encode_rest(message), t_ns=called_ns)
        if self._at == _STARTING and type_ == "lifespan.startup.complete":
            self._at = _UP
            self._answer("supported", "")
        elif self._at == _STARTING and type_ == "lifespan.startup.failed":
            self._at = _DOWN
            self._answer("failed", str(message.get("message", "")))
        elif self._at == _STOPPING and type_ == "lifespan.shutdown.complete":
            self._at = _DOWN
            self._ended.set()
        elif self._at == _STOPPING and type_ == "lifespan.shutdown.failed":
            self._at = _DOWN
            self._told("failed", f"shutdown failed: {message.get('message', '')}")
            self._ended.set()
        else:
            wanted = {
                _STARTING: ["lifespan.startup.complete", "lifespan.startup.failed"],
                _STOPPING: ["lifespan.shutdown.complete", "lifespan.shutdown.failed"],
            }
            raise expected(type_, wanted.get(self._at, []))
