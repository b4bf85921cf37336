"""The recorder: a thread that takes what engines tell out of their rings, folds it, and writes it in batches.

The writer lives on this thread alone; who wants something of it (`mark`, `clear`) sends a job. Without a recording the
thread does the same work and stores nothing: what is going on, and how much of it, is known all the same.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, TypeVar

from inspector.errors import InspectorError
from inspector.options import Options
from inspector.recording.fold import Batch, Fold
from inspector.recording.marks import Marks
from inspector.recording.rows import Totals
from inspector.recording.writer import Writer
from inspector.trace.frames import MalformedFrame
from inspector.trace.records import StateChanged
from inspector.trace.ring import RingReader

ACTIVE = 0.01
IDLE = 0.05
"""Seconds between two looks at the ring: while records come, and while none do."""
BATCH = 1 << 20
"""Bytes of records in one transaction, roughly."""

T = TypeVar("T")


class Recorder:
    """One session's recorder, across all its runs. Its methods may be called from any thread."""

    generation: int
    """Grows with each batch that can be seen by readers."""
    totals: Totals
    """The recording's figures as of `generation`; without a recording, what has been counted."""
    highest_exchange: int

    def __init__(
        self, path: str, options: Options, on_batch: Callable[[Batch], None], on_problem: Callable[[str, str], None]
    ) -> None:
        """`path` "": nothing is stored. `on_batch` gets each batch after it was written, `on_problem` a title and a
        text where something was not recorded; both are called on the recorder's thread."""
        self.generation = 0
        self.totals = Totals(0, 0, 0, 0, options.keep, options.keep_bytes)
        self.highest_exchange = 0
        self._path = path
        self._options = options
        self._on_batch = on_batch
        self._on_problem = on_problem
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._closed = True
        self._writer: Writer | None = None
        self._reader: RingReader | None = None
        self._fold = Fold(0)
        self._untidy = False
        self._runs = itertools.count(1)

    def open(self) -> Future[None]:
        """Start the thread, and the recording. The future raises what the writer does; then there is no thread."""
        self._closed = False
        threading.Thread(target=self._run, name="recorder", daemon=True).start()
        return self._submit(self._open)

    def begin(self, reader: RingReader, why: StateChanged | None = None) -> Future[int]:
        """A new engine tells through `reader`, which is the recorder's from now on; `why` it was started is recorded
        with its run. Gives the id of the run."""
        return self._submit(lambda: self._begin(reader, why))

    def finish(self, text: str, t_ns: int, how: Mapping[str, Any] | None = None) -> Future[None]:
        """The engine has died at `t_ns`, as `text` says: take all that it left, and close its run. `how` is recorded
        with it (`trace.records.STATES`, ended)."""
        return self._submit(lambda: self._finish(text, t_ns, how))

    def catch_up(self) -> Future[None]:
        """Take what the engine has told up to now."""
        return self._submit(self._catch_up)

    def mark(self, exchanges: Iterable[int], marks: Marks) -> Future[None]:
        """Set pin, note or colour; exchanges that are pinned are never dropped. The future raises `InspectorError`
        where nothing is recorded (any more)."""
        return self._submit(lambda: self._mark(exchanges, marks))

    def pin(self, exchanges: Iterable[int], on: bool) -> Future[None]:
        """`mark` with a pin."""
        return self.mark(exchanges, Marks(pinned=on))

    def clear(self) -> Future[None]:
        """Forget all exchanges that are neither pinned nor live."""
        return self._submit(lambda: self._change(lambda writer: writer.clear()))

    def close(self, keep: bool = True) -> Future[None]:
        """End the recording, and the thread with it. Not `keep`: delete it."""
        return self._submit(lambda: self._close(keep))

    def _submit(self, job: Callable[[], T]) -> Future[T]:
        done: Future[T] = Future()

        def run() -> None:
            try:
                done.set_result(job())
            except BaseException as error:  # noqa: BLE001 - it is the caller's
                done.set_exception(error)

        self._jobs.put(run)
        return done

    # The recorder's thread.

    def _run(self) -> None:
        wait: float | None = None
        while not self._closed:
            try:
                job = self._jobs.get(timeout=wait)
            except queue.Empty:
                job = None
            if job is not None:
                job()
                wait = None if self._reader is None else 0.0
            else:
                wait = self._look()

    def _look(self) -> float:
        """Take one batch from the ring; returns how long to wait before the next look."""
        came = self._take()
        if not came and self._untidy:
            self._untidy = bool(self._store(lambda writer: writer.tidy()))
        return 0.0 if came >= BATCH else ACTIVE if came or self._untidy else IDLE

    def _take(self) -> int:
        """One batch; returns about how many bytes it took from the ring."""
        assert self._reader is not None
        before = self._reader.position
        try:
            records = self._reader.read(BATCH)
        except MalformedFrame as error:
            self._on_problem("The engine told something that cannot be read; the rest is recorded.", str(error))
            self._commit()
            return BATCH  # there may be more behind it
        for record in records:
            try:
                self._fold.feed(record)
            except Exception:  # noqa: BLE001 - one record that does not fit must not end the recorder
                self._on_problem("The engine told something that does not fit.", traceback.format_exc())
        self._commit()
        return self._reader.position - before

    def _catch_up(self) -> None:
        while self._reader is not None and self._take() >= BATCH:
            pass

    def _commit(self) -> None:
        try:
            batch = self._fold.take()
        except Exception:  # noqa: BLE001 - as in `_take`
            self._on_problem("What the engine told does not fit together.", traceback.format_exc())
            return
        if not batch:
            return
        self.highest_exchange = max(self.highest_exchange, *batch.started, 0)
        self._store(lambda writer: writer.write(self._fold.run, batch))
        if self._writer is None:
            known = self.totals
            self.totals = replace(known, exchanges=known.exchanges + len(batch.started), in_flight=self._fold.in_flight)
        self._untidy = True
        self.generation += 1
        try:
            self._on_batch(batch)
        except Exception:  # noqa: BLE001 - a listener must not end the recorder
            self._on_problem("What was recorded could not be told.", traceback.format_exc())

    def _store(self, change: Callable[[Writer], T]) -> T | None:
        """Let the writer do `change`. Where it cannot (a full disk), the session goes on without a recording."""
        writer = self._writer
        if writer is None:
            return None
        try:
            result = change(writer)
            self.totals = writer.totals()
        except Exception as error:  # noqa: BLE001 - the app is served all the same
            self._writer = None
            self._on_problem(f"The recording {self._path} has stopped: {error}", traceback.format_exc())
            with contextlib.suppress(Exception):
                writer.close()
            return None
        return result

    def _change(self, change: Callable[[Writer], None]) -> None:
        if self._writer is not None:
            change(self._writer)
            self.totals = self._writer.totals()
            self._untidy = True
            self.generation += 1

    def _mark(self, exchanges: Iterable[int], marks: Marks) -> None:
        if self._writer is None:
            raise InspectorError("Nothing is recorded any more, so nothing was changed", "Restart the app to record.")
        self._change(lambda writer: writer.mark(exchanges, marks))

    def _open(self) -> None:
        if not self._path:
            return
        try:
            self._writer = Writer.create(self._path, self._options.keep, self._options.keep_bytes)
        except BaseException:
            self._closed = True
            raise
        self.totals = self._writer.totals()

    def _begin(self, reader: RingReader, why: StateChanged | None) -> int:
        run = self._store(lambda writer: writer.begin_run()) or next(self._runs)
        self._reader, self._fold = reader, Fold(run)
        if why is not None:
            self._fold.feed(why)
        return run

    def _finish(self, text: str, t_ns: int, how: Mapping[str, Any] | None) -> None:
        if self._reader is None:
            return
        try:
            while self._take():
                pass
            self._fold.engine_died(text, t_ns, how)
            self._commit()
        except Exception:  # noqa: BLE001 - the next run is to be recorded all the same
            self._on_problem("The end of the run is not recorded.", traceback.format_exc())
        finally:
            self._reader.close()
            self._reader = None

    def _close(self, keep: bool) -> None:
        self._closed = True
        if self._writer is not None:
            self._writer.close() if keep else self._writer.discard()
