"""`inspector serve`: the app without a window.

stdout carries the ready line and what the app prints, stderr a line per exchange, errors and notices. Who reads them,
or does not, has no bearing on the server: threads of their own (`Patient`) write what we say, and what comes through
the pipes that we put before those of the caller (`outlet`). They rather drop lines, and say how many, than hold
anybody up.
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
from io import FileIO
from pathlib import Path

from inspector.errors import InspectorError
from inspector.options import Options
from inspector.recording.fold import Batch
from inspector.recording.unnamed import unnamed
from inspector.session.session import Session
from inspector.session.state import Certificate, SessionState
from inspector.show import line_of
from inspector.terminal import visible

INTERFACES = {"asgi3": "ASGI 3", "asgi2": "ASGI 2", "wsgi": "WSGI"}
VERDICTS = {
    "raised": "the app took lifespan.startup and raised; it is served without lifespan",
    "hung": "the app has not answered lifespan.startup; the wait goes on",
}
Say = Callable[[str], None]
"""Prints a text, and ends its line."""
_LAYOUT = "\n\t"
HELD_BYTES = 1 << 20
"""Bytes that wait for a slow reader of our output; what comes on top is dropped."""
_DROPPED = b"\n[inspector: %d lines, %d bytes were dropped, nobody read them]\n"
LAST_WORDS = 0.5
"""Seconds that a slow reader has at the end."""


def main(options: Options, *, quiet: bool) -> int:
    """Serve until a signal, or until the engine dies. Returns the exit code."""
    with contextlib.ExitStack() as stack:
        for fd in (1, 2):
            stack.enter_context(outlet(fd))
        out, err = [stack.enter_context(saying(fd)) for fd in (1, 2)]
        recording = options.record or str(stack.enter_context(unnamed()))
        return asyncio.run(Serve(options, recording, out, err, quiet=quiet).run())


class Serve:
    """One `inspector serve`."""

    def __init__(self, options: Options, recording: str, out: Say, err: Say, *, quiet: bool) -> None:
        self._options = options
        self._recording = recording
        self._out = out
        self._err = err
        self._quiet = quiet
        self._phase = ""
        self._problem = ""
        self._lifespan = ""
        self._doubted = False
        self._lifespans: set[int] = set()
        self._stopping = asyncio.Event()
        self._over = asyncio.Event()
        self._session = Session(options, recording, self._changed, on_batch=self._batch, by_hand=False)

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        with _handled(loop, signal.SIGINT, self._signalled), _handled(loop, signal.SIGTERM, self._signalled):
            try:
                await self._begin()
                await self._over.wait()
            except InspectorError:
                if self._session.state.phase != "failed":  # else `_changed` has told it
                    raise
            finally:
                state = self._session.state
                await self._end()
                await self._session.close(keep=bool(self._options.record))
        return 1 if state.phase in ("failed", "crashed") else 0

    async def _begin(self) -> None:
        await self._session.start()

    async def _end(self) -> None:
        """The session is about to end."""

    def _signalled(self) -> None:
        if self._stopping.is_set():
            self._session.hurry()
        self._stopping.set()
        self._over.set()

    def _changed(self, state: SessionState) -> None:
        entered, self._phase = state.phase != self._phase, state.phase
        if entered and state.phase == "serving":
            app, interface = visible(state.app), INTERFACES.get(state.interface, "")
            self._out(f"Inspector serving {app} ({interface}) on {state.url}")
            if state.certificate and not state.certificate.trusted and not self._doubted:
                self._doubted = True
                self._err(_doubt(state.certificate))
        elif entered and state.phase in ("failed", "crashed"):
            self._err("\n".join(part for part in (state.text.rstrip(), state.title, state.hint) if part))
            if not self._options.reload:
                self._over.set()
        if state.problem and state.problem != self._problem:
            self._problem = state.problem
            self._err(f"Inspector: {state.problem}")
        if state.lifespan != self._lifespan:
            self._lifespan = state.lifespan
            if state.lifespan in ("raised", "hung"):
                verdict = f"Inspector: lifespan {state.lifespan}: {VERDICTS[state.lifespan]}"
                self._err("\n".join(filter(None, (state.lifespan_text.rstrip(), verdict))))

    def _batch(self, batch: Batch) -> None:
        """On the recorder's thread."""
        self._lifespans.update(row.id for row in batch.exchanges if row.kind == "lifespan")
        for failure in batch.failures:
            if failure.exchange not in self._lifespans:  # the verdict tells, where it matters
                self._err(failure.text.rstrip())
        for stall in batch.stalls:
            since = f"{stall.duration_ns / 1e6:.0f} ms"
            words = f"turns again after {since}" if stall.over else f"has not turned for {since}: {stall.where}"
            self._err(f"Inspector: the app's event loop {words}")
        if not self._quiet:
            for row in batch.exchanges:
                if row.end_ns is not None:
                    self._err(line_of(row))


def _doubt(certificate: Certificate) -> str:
    """That clients will not believe the server, and what to do."""
    if certificate.development:
        authority = Path(certificate.file).with_name("ca.pem")
        return f"Inspector: a development certificate, which this system does not trust yet. To trust it: {authority}"
    return f"Inspector: this system does not trust {certificate.file}: {certificate.why}"


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
def saying(fd: int) -> Iterator[Say]:
    """Gives what prints lines of ours to `fd`, from any thread, without ever waiting.

    Past `sys.stdout` and `sys.stderr`: with --in-process these are the app's, and what it prints there is recorded.
    """
    encoding = getattr(sys.stdout if fd == 1 else sys.stderr, "encoding", None) or "utf-8"
    patient = Patient(FileIO(fd, "wb", closefd=False), "say")

    def say(text: str) -> None:
        patient.give(f"{visible(text, keep=_LAYOUT)}\n".encode(encoding, "backslashreplace"))

    try:
        yield say
    finally:
        patient.end()


@contextlib.contextmanager
def outlet(fd: int) -> Iterator[None]:
    """Put a pipe of our own before `fd`, for us and all that we start, where its reader could make us wait.

    A terminal stays (a debugger needs it), and so does a file (it does not make one wait). The caller's pipe stays as
    it is, blocking: others write there too, also after us.
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
    before = os.dup(fd)
    patient = Patient(FileIO(os.dup(fd), "wb"), "outlet")
    source, sink = os.pipe()
    os.dup2(sink, fd)
    os.close(sink)
    ending = threading.Event()
    passing = threading.Thread(target=_pass_on, args=(source, patient, ending), name="outlet", daemon=True)
    passing.start()
    try:
        yield
    finally:
        with contextlib.suppress(OSError, ValueError):
            (sys.stdout if fd == 1 else sys.stderr).flush()
        os.dup2(before, fd)  # closes the last end of the pipe that is ours
        os.close(before)
        ending.set()
        passing.join(LAST_WORDS * 2)
        patient.end()


def _pass_on(source: int, patient: Patient, ending: threading.Event) -> None:
    """Keep the pipe empty. What the app left running may hold it open: at the end a silence will do."""
    while True:
        if select.select([source], [], [], LAST_WORDS)[0]:
            data = os.read(source, 1 << 16)
            if not data:
                break
            patient.give(data)
        elif ending.is_set():
            break
    os.close(source)


class Patient:
    """A thread that writes to `sink` what it is given, and may have to wait for ever; who gives never waits."""

    def __init__(
        self,
        sink: FileIO,
        name: str,
        most: int = HELD_BYTES,
        dropped: Callable[[int, int], bytes] = lambda lines, size: _DROPPED % (lines, size),
    ) -> None:
        """`sink` becomes the thread's, which closes it: nobody else knows when its last write is over. `most` bytes
        wait; `dropped` says how many lines and bytes did not."""
        self._sink = sink
        self._most = most
        self._dropped = dropped
        self._held: deque[bytes] = deque()
        self._size = 0
        """Bytes held, and being written."""
        self._dropped_bytes = 0
        self._dropped_lines = 0
        self._over = False
        self._gone = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def give(self, data: bytes) -> None:
        """Have `data` written; beyond `most` bytes it is dropped, and whoever reads later is told so."""
        with self._changed:
            if self._gone:
                return
            if self._size + len(data) > self._most:
                self._dropped_bytes += len(data)
                self._dropped_lines += data.count(b"\n")
                return
            self._hold_what_was_dropped()
            self._hold(data)
            self._changed.notify()

    def end(self) -> None:
        """Write what is held; a reader that does not read has `LAST_WORDS` seconds."""
        with self._changed:
            self._over = True
            self._changed.notify()
        self._thread.join(LAST_WORDS)

    def _hold(self, data: bytes) -> None:
        self._held.append(data)
        self._size += len(data)

    def _hold_what_was_dropped(self) -> None:
        if self._dropped_bytes:
            self._hold(self._dropped(self._dropped_lines, self._dropped_bytes))
            self._dropped_lines = self._dropped_bytes = 0

    def _run(self) -> None:
        with self._sink as sink, contextlib.suppress(OSError):
            while data := self._next():
                left = memoryview(data)
                while left:
                    written = sink.write(left)
                    if written is None:  # somebody made it non-blocking
                        select.select([], [sink], [])
                    left = left[written or 0 :]
        with self._changed:
            self._gone = True
            self._held.clear()

    def _next(self) -> bytes:
        """What is to be written next, as soon as there is something; nothing at the end."""
        with self._changed:
            self._size = sum(map(len, self._held))
            while not self._held and not self._dropped_bytes and not self._over:
                self._changed.wait()
            if not self._held:
                self._hold_what_was_dropped()
            data = b""
            while self._held and len(data) < 1 << 16:
                data += self._held.popleft()
            return data
