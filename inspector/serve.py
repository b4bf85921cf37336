"""`inspector serve`: the app without a window.

stdout carries the ready line and what the app prints, stderr a line per exchange, errors and notices. Who reads them,
or does not, has no bearing on the server: pipes are passed on by an `Outlet` that rather drops lines, and says how
many, than wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import stat
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator

from inspector.options import Options
from inspector.recording.fold import Batch
from inspector.recording.unnamed import unnamed
from inspector.session.session import Session
from inspector.session.state import SessionState
from inspector.show import line_of

INTERFACES = {"asgi3": "ASGI 3", "asgi2": "ASGI 2", "wsgi": "WSGI"}
VERDICTS = {
    "raised": "the app took lifespan.startup and raised; it is served without lifespan",
    "hung": "the app has not answered lifespan.startup; the wait goes on",
}
HELD_BYTES = 1 << 20
"""Bytes that wait for a slow reader of our output; what comes on top is dropped."""
LAST_WORDS = 0.5
"""Seconds that a slow reader has at the end."""


def main(options: Options, *, quiet: bool) -> int:
    """Serve until a signal, or until the engine dies. Returns the exit code."""
    with contextlib.ExitStack() as stack:
        for fd in (1, 2):
            stack.enter_context(outlet(fd))
        recording = options.record or str(stack.enter_context(unnamed()))
        return asyncio.run(_Serve(options, recording, quiet=quiet).run())


class _Serve:
    """One `inspector serve`."""

    def __init__(self, options: Options, recording: str, *, quiet: bool) -> None:
        self._options = options
        self._quiet = quiet
        self._phase = ""
        self._problem = ""
        self._lifespan = ""
        self._lifespans: set[int] = set()
        self._stopping = asyncio.Event()
        self._over = asyncio.Event()
        self._session = Session(options, recording, self._changed, on_batch=self._batch)

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        with _handled(loop, signal.SIGINT, self._signalled), _handled(loop, signal.SIGTERM, self._signalled):
            try:
                await self._session.start()
                await self._over.wait()
            finally:
                state = self._session.state
                await self._session.close()
        return 1 if state.phase in ("failed", "crashed") else 0

    def _signalled(self) -> None:
        if self._stopping.is_set():
            self._session.hurry()
        self._stopping.set()
        self._over.set()

    def _changed(self, state: SessionState) -> None:
        entered, self._phase = state.phase != self._phase, state.phase
        if entered and state.phase == "serving":
            _say(sys.stdout, f"Inspector serving {state.app} ({INTERFACES.get(state.interface, '')}) on {state.url}")
        elif entered and state.phase in ("failed", "crashed"):
            _say(sys.stderr, "\n".join(part for part in (state.text.rstrip(), state.title, state.hint) if part))
            if not self._options.reload:
                self._over.set()
        if state.problem and state.problem != self._problem:
            self._problem = state.problem
            _say(sys.stderr, f"Inspector: {state.problem}")
        if state.lifespan != self._lifespan:
            self._lifespan = state.lifespan
            if state.lifespan in ("raised", "hung"):
                verdict = f"Inspector: lifespan {state.lifespan}: {VERDICTS[state.lifespan]}"
                _say(sys.stderr, "\n".join(filter(None, (state.lifespan_text.rstrip(), verdict))))

    def _batch(self, batch: Batch) -> None:
        """On the recorder's thread."""
        self._lifespans.update(row.id for row in batch.exchanges if row.kind == "lifespan")
        for failure in batch.failures:
            if failure.exchange not in self._lifespans:  # the verdict tells, where it matters
                _say(sys.stderr, failure.text.rstrip())
        for stall in batch.stalls:
            since = f"{stall.duration_ns / 1e6:.0f} ms"
            words = f"turns again after {since}" if stall.over else f"has not turned for {since}: {stall.where}"
            _say(sys.stderr, f"Inspector: the app's event loop {words}")
        if not self._quiet:
            for row in batch.exchanges:
                if row.end_ns is not None:
                    _say(sys.stderr, line_of(row))


def _say(stream: object, text: str) -> None:
    """Print; a reader that has gone is none of the server's business."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=stream, flush=True)  # type: ignore[call-overload]


@contextlib.contextmanager
def _handled(loop: asyncio.AbstractEventLoop, number: int, call: Callable[[], None]) -> Iterator[None]:
    """`call` on the loop at each signal `number`; also where the loop knows no signals (Windows)."""
    before = signal.signal(number, lambda _number, _frame: loop.call_soon_threadsafe(call))
    try:
        yield
    finally:
        signal.signal(number, before)


# Output that nobody may read.


@contextlib.contextmanager
def outlet(fd: int) -> Iterator[None]:
    """Put a pipe of our own before `fd`, for us and all that we start, where its reader could make us wait.

    A terminal stays (a debugger needs it), and so does a file (it does not make one wait).
    """
    try:
        mode = os.fstat(fd).st_mode
    except OSError:  # closed: whatever is written goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), fd)
        yield
        return
    if os.isatty(fd) or not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)) or sys.platform == "win32":
        yield
        return
    reader = os.dup(fd)
    source, sink = os.pipe()
    os.dup2(sink, fd)
    os.close(sink)
    passing = _Passing(source, reader)
    try:
        yield
    finally:
        with contextlib.suppress(OSError, ValueError):
            (sys.stdout if fd == 1 else sys.stderr).flush()
        os.dup2(reader, fd)  # closes the last end of the pipe that is ours
        passing.end()


class _Passing:
    """A thread that passes on what comes out of `source` to `sink`, and never lets the source wait."""

    def __init__(self, source: int, sink: int) -> None:
        self._source = source
        self._sink = sink
        self._held: deque[bytes] = deque()
        self._size = 0
        self._dropped = 0
        self._ending = threading.Event()
        os.set_blocking(source, False)
        os.set_blocking(sink, False)
        self._thread = threading.Thread(target=self._run, name="outlet", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Pass on what is still here; a reader that does not read has `LAST_WORDS` seconds."""
        self._ending.set()
        self._thread.join(LAST_WORDS * 2)
        os.set_blocking(self._sink, True)
        os.close(self._sink)

    def _run(self) -> None:
        open_ = True
        while open_ or self._held:
            readable, writable, _ = select.select(
                [self._source] if open_ else [], [self._sink] if self._held else [], [], LAST_WORDS
            )
            if readable:
                open_ = self._take()
            if writable and not self._give():
                self._held.clear()
                self._sink_gone(open_)
                return
            if self._ending.is_set() and not readable and not writable:
                break
        os.close(self._source)

    def _take(self) -> bool:
        try:
            data = os.read(self._source, 1 << 16)
        except BlockingIOError:
            return True
        if self._size + len(data) > HELD_BYTES:
            self._dropped += len(data)
        elif data:
            if self._dropped:
                data = b"\n[inspector: %d bytes were dropped, nobody read them]\n" % self._dropped + data
                self._dropped = 0
            self._held.append(data)
            self._size += len(data)
        return bool(data)

    def _give(self) -> bool:
        """Write one piece; False where the reader has gone."""
        piece = self._held.popleft()
        self._size -= len(piece)
        try:
            written = os.write(self._sink, piece)
        except BlockingIOError:
            written = 0
        except OSError:
            return False
        if written < len(piece):
            self._held.appendleft(piece[written:])
            self._size += len(piece) - written
        return True

    def _sink_gone(self, open_: bool) -> None:
        """Nobody will ever read: keep the pipe empty."""
        while open_:
            select.select([self._source], [], [])
            with contextlib.suppress(BlockingIOError):
                open_ = bool(os.read(self._source, 1 << 16))
        os.close(self._source)
