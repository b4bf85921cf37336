"""The gateway to a WSGI app (PEP 3333): worker threads, and the end of each exchange."""

from __future__ import annotations

import asyncio
import contextvars
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from inspector.engine.gateway.failing import answer_for
from inspector.engine.gateway.wsgi_call import Call
from inspector.engine.gateway.wsgi_stepped import Steps
from inspector.engine.gateway.wsgi_stream import WorkerStream
from inspector.engine.probe import output
from inspector.engine.probe.failures import failure
from inspector.engine.probe.recorder import Recorder
from inspector.engine.probe.tap import CURRENT, Exchange
from inspector.engine.stream import ClientGone, Stream
from inspector.trace.clock import now
from inspector.trace.records import Logged
from inspector.trace.scope import Request

MOST_LENT = 1000
"""Workers that are lent in place of held ones."""
JOIN = 1.0
"""Seconds that workers have to end; one that the app does not let go dies with the process."""

Job = tuple[contextvars.Context, Callable[[], None]]


class WSGIGateway:
    """Calls a WSGI app in up to `threads` worker threads. All methods belong to the loop's thread, but for `busy`."""

    interface = "wsgi"
    speaks_websocket = False

    def __init__(self, app: Any, threads: int, recorder: Recorder) -> None:
        self._app = app
        self._workers = Workers(threads)
        self._write = recorder.write
        self._teller = output.Teller(recorder.write, CURRENT.get)

    @property
    def busy(self) -> int:
        """Workers that are at work."""
        return self._workers.busy

    async def serve(self, stream: Stream, exchange: Exchange, request: Request, websocket: bool) -> None:  # noqa: ARG002
        """Serve one request, and end its exchange. `websocket` is never true."""
        CURRENT.set(exchange.id)
        crossing = WorkerStream(stream, exchange)
        errors = output.errors(exchange.id, self._teller)
        steps = Steps(exchange, crossing, request, self._lend)
        call = Call(self._app, request, stream.head, crossing, exchange, errors, self._workers.most > 1, steps)
        self._workers.submit(contextvars.copy_context(), call.run)
        try:
            await crossing.worker_done()
            if stream.unsent:
                await stream.drain()
        except asyncio.CancelledError:
            crossing.leave()
            stream.abort("the engine stops")
            exchange.end("stopped", "the engine stopped while the app was at work")
            return
        _end(stream, exchange, crossing, call)

    def _lend(self, count: int) -> None:
        if not self._workers.lend(count):
            text = f"{MOST_LENT:,} workers are held: further requests wait until one is released"
            self._write(Logged(0, now(), "stderr", "", "inspector", text, "", 0))

    async def close(self) -> None:
        """End the workers: those at work may finish, for a second at most."""
        await self._workers.close()


def _end(stream: Stream, exchange: Exchange, crossing: WorkerStream, call: Call) -> None:
    """End the exchange, and a response that the app did not end: with a 500 if nothing is out, else by cutting it."""
    outcome, text, status = call.outcome, call.text, 0
    problem = crossing.problem
    if isinstance(problem, ClientGone):
        outcome, text = "client left", "the client left before the response was complete"
    elif problem is not None and outcome == "done":
        if not exchange.misfits(problem):
            exchange.recorder.write(failure(exchange.id, problem))
        outcome, text = "broken", str(problem)
    if outcome in ("app raised", "broken") and not crossing.complete:
        status, text = answer_for(stream, text)
    exchange.end(outcome, text, status)


class Workers:
    """Threads that take jobs, started when none is idle. The one that was at work last is taken first: its caches are
    warm, and an app that keeps a database connection for each thread needs no more of them than it has to."""

    def __init__(self, most: int) -> None:
        self.most = max(1, most)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._idle: list[tuple[queue.SimpleQueue[Job | None], threading.Thread]] = []
        self._waiting: deque[Job] = deque()
        self._closing = False
        self._lent = 0
        """Workers that are held, and do not count."""

    @property
    def busy(self) -> int:
        return len(self._threads) - len(self._idle)

    def submit(self, context: contextvars.Context, run: Callable[[], None]) -> None:
        """Have `run` called in `context` by the next free worker."""
        job = (context, run)
        with self._lock:
            if self._idle:
                self._idle.pop()[0].put(job)
            elif self._is_full:
                self._waiting.append(job)
            else:
                self._start(job)

    def lend(self, count: int) -> bool:
        """So many workers more (or fewer) are held. False as the first one is for which no other can be lent."""
        with self._lock:
            self._lent += count
            while self._waiting and not self._is_full:
                self._start(self._waiting.popleft())
            while self._idle and len(self._threads) > self.most + self._lent:  # lent ones that are not needed any more
                mine, thread = self._idle.pop(0)
                self._threads.remove(thread)
                mine.put(None)
            return count < 0 or self._lent != MOST_LENT + 1

    @property
    def _is_full(self) -> bool:
        return len(self._threads) >= self.most + min(self._lent, MOST_LENT)

    def _start(self, job: Job) -> None:
        name = f"WSGI worker {len(self._threads) + 1}"
        thread = threading.Thread(target=self._work, args=(job,), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self, first: Job) -> None:
        mine: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        job: Job | None = first
        del first
        while job is not None:
            job[0].run(job[1])
            job = None
            with self._lock:
                if len(self._threads) > self.most + self._lent:  # it was lent, and is not needed any more
                    self._threads.remove(threading.current_thread())
                    return
                if self._waiting:
                    job = self._waiting.popleft()
                    continue
                if self._closing:
                    return
                self._idle.append((mine, threading.current_thread()))
            job = mine.get()

    async def close(self) -> None:
        """Let every worker end after the jobs that wait; give them `JOIN` seconds."""
        with self._lock:
            self._closing = True
            for mine, _ in self._idle:
                mine.put(None)
        deadline = time.monotonic() + JOIN
        while any(thread.is_alive() for thread in self._threads) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
