"""A stream as a worker thread sees it: reads and writes cross over to the event loop's thread and back.

Writing is a queue. The worker appends events and, unless that is under way already, asks the loop to empty it: chunks
that follow one another quickly cross together, and the worker waits only where the client does not read, or where the
loop is `MAX_AHEAD` bytes behind. So an error of the wire comes late: out of the next `put`, or to nobody in the worker;
`problem` has it. Reading crosses once for each event; a request without a body never crosses.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent import futures
from typing import Any, TypeVar

from inspector.engine.probe.recorder import ROOM_POLL
from inspector.engine.probe.tap import Exchange
from inspector.engine.stream import (
    AppMistake,
    BodyReceived,
    ClientGone,
    Inbound,
    ResponseBody,
    ResponseHead,
    Stream,
)
from inspector.trace import records
from inspector.trace.clock import now

MAX_AHEAD = 64 * 1024
"""Bytes that a worker may be ahead of the loop."""
LEAST = 1024
"""What any chunk counts for: thousands of tiny ones would keep the loop busy for as long as a stall."""

_GLANCE = 1.0
"""Seconds between two looks whether the loop is still there, for who waits for it."""
T = TypeVar("T")

_STOPPED = "the engine stops"


class WorkerStream:
    """`receive`, `put` and `finish` belong to the worker; what begins with `_on_loop`, and the rest, to the loop."""

    def __init__(self, stream: Stream, exchange: Exchange) -> None:
        self.problem: ClientGone | AppMistake | None = None
        """The first error of the wire. Nothing is written after it."""
        self.complete = False
        """The response was given to the wire to its end."""
        self.stream = self._stream = stream
        self._exchange = exchange
        self._loop = asyncio.get_running_loop()
        self._finished: asyncio.Future[None] = self._loop.create_future()
        self._over = False
        self._queue: deque[tuple[int, ResponseHead | ResponseBody]] = deque()
        self._worker_done = False
        self._emptying = False
        self._given = 0
        self._taken = 0
        self._full = False
        self._wake: threading.Event | None = None
        self._drain: asyncio.Task[None] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._received: Inbound | None = None

    # The worker's.

    def receive(self, asked_ns: int) -> BodyReceived:
        """The next part of the request's body. Raises `ClientGone` where there will be none."""
        wake = self._expect()
        self._call(self._on_loop_receive, asked_ns)
        while self._received is None and not self._over:
            wake.wait()
            wake.clear()
        if isinstance(self._received, BodyReceived):
            return self._received
        raise ClientGone(_STOPPED if self._over else "the client left before the end of its request's body")

    def put(self, seq: int, *events: ResponseHead | ResponseBody) -> None:
        """Give events, of which the message `seq` is the cause, to the wire. Raises the error of an earlier one."""
        if self._over:
            raise ClientGone(_STOPPED)
        if self._worker_done:
            raise AppMistake("the response is over")
        if self.problem is not None:
            raise self.problem
        for event in events:
            if isinstance(event, ResponseBody):
                self._given += max(len(event.data), LEAST)
            self._queue.append((seq, event))
        if not self._emptying:
            self._emptying = True
            self._call(self._on_loop_empty)
        if self._full or self._given - self._taken > MAX_AHEAD:
            self._wait()
        while self._exchange.recorder.congested and not self._over:
            time.sleep(ROOM_POLL)

    def on_loop(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine on the loop, and wait for it. Raises `ClientGone` where the engine stops meanwhile."""
        coroutine = make()
        try:
            done = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except RuntimeError:  # the loop is closed
            coroutine.close()
            raise ClientGone(_STOPPED) from None
        while not futures.wait([done], _GLANCE).done:
            if self._loop.is_closed():  # it ended before it began
                raise ClientGone(_STOPPED)
        try:
            return done.result()
        except futures.CancelledError:
            raise ClientGone(_STOPPED) from None

    def finish(self) -> None:
        """The worker is done with this exchange, its last call."""
        self._worker_done = True
        if not self._emptying:
            try:
                self._call(self._on_loop_empty)
            except ClientGone:
                pass  # nobody waits for it any more

    def _wait(self) -> None:
        """Wait until the client reads, and the loop has caught up."""
        since_ns = now()
        wake = self._expect()
        told = False
        while (self._full or self._given - self._taken > MAX_AHEAD) and self.problem is None and not self._over:
            if self._full and not told:
                told = True
                self._exchange.waits(records.SEND, since_ns)
            wake.wait()
            wake.clear()
        if told and not self._over:
            self._exchange.goes_on(records.SEND)

    def _expect(self) -> threading.Event:
        """What the loop sets from now on whenever something has changed."""
        self._received = None
        if self._wake is None:
            self._wake = threading.Event()
        self._wake.clear()
        return self._wake

    def _call(self, call: object, *arguments: int) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)  # type: ignore[arg-type]
        except RuntimeError:  # the loop is closed
            self._over = True
            raise ClientGone(_STOPPED) from None

    # The loop's.

    async def worker_done(self) -> None:
        """Wait for `finish`."""
        await self._finished

    def leave(self) -> None:
        """The engine stops: the worker gets `ClientGone` wherever it is, and is not waited for."""
        self._over = True
        for task in (self._drain, self._reading):
            if task is not None:
                task.cancel()
        self._on_loop_wake()

    def _on_loop_wake(self) -> None:
        if self._wake is not None:
            self._wake.set()

    def _on_loop_empty(self) -> None:
        self._emptying = False
        stream = self._stream
        last = -1
        for _ in range(len(self._queue)):  # for what comes meanwhile there will be another call
            seq, event = self._queue.popleft()
            if isinstance(event, ResponseBody):
                self._taken += max(len(event.data), LEAST)
            if self.problem is None and not self._over:
                try:
                    stream.put(event, seq)
                except (ClientGone, AppMistake) as error:
                    self.problem = error
                else:
                    last = seq
                    self.complete = isinstance(event, ResponseBody) and not event.more
        if last >= 0:
            self._exchange.wired(last, stream.wired_ns)
        if stream.full and self.problem is None and self._drain is None and not self._over:
            self._full = True
            self._drain = self._loop.create_task(self._on_loop_drain())
        self._on_loop_wake()
        if self._worker_done and not self._queue and not self._finished.done():
            self._finished.set_result(None)

    async def _on_loop_drain(self) -> None:
        try:
            await self._stream.drain()
        finally:
            self._full = False
            self._drain = None
            self._on_loop_wake()

    def _on_loop_receive(self, asked_ns: int) -> None:
        event = None if self._over else self._stream.receive_now()
        if event is None and not self._over:
            self._exchange.waits(records.RECEIVE, asked_ns)
            self._reading = self._loop.create_task(self._on_loop_await())
        else:
            self._received = event
            self._on_loop_wake()

    async def _on_loop_await(self) -> None:
        try:
            event = await self._stream.receive()
        finally:
            self._reading = None
            if not self._over:
                self._exchange.goes_on(records.RECEIVE)
        if self._exchange.recorder.congested:
            await self._exchange.recorder.room()
        self._received = event
        self._on_loop_wake()
