"""Batches of the fold into the recording: one transaction each, retention included."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from inspector.errors import InspectorError
from inspector.recording import finish, schema, statements
from inspector.recording.bodies import Segments, remove_segments
from inspector.recording.fold import INLINE, Batch
from inspector.recording.heads import Heads
from inspector.recording.lock import NAME, Lock, folder_of
from inspector.recording.marks import Marks, set_marks
from inspector.recording.retention import Retention
from inspector.recording.rows import Totals
from inspector.trace import values

MEGABYTE = 1 << 20


class Writer:
    """The one writer of a live recording. Its methods may be called from any thread; each holds it for milliseconds,
    but for `close`. They raise `InspectorError` (disk full, file gone), and then nothing of the call was recorded."""

    def __init__(
        self, path: Path, lock: Lock, connection: sqlite3.Connection, keep_exchanges: int, keep_bytes: int
    ) -> None:
        self.path = path
        self._held = lock
        self._connection = connection
        self._segments = Segments(folder_of(path))
        self._heads = Heads(connection)
        self._retention = Retention(connection, self._segments, self._heads, keep_exchanges, keep_bytes)
        self._mutex = threading.RLock()
        self._careful = False
        self._closed = False
        self._bytes = 0

    @classmethod
    def create(
        cls, path: str | os.PathLike[str], keep_exchanges: int = 100_000, keep_bytes: int = 512 * MEGABYTE
    ) -> Writer:
        """A new recording at `path`, where no file is, or an empty one. 0600, and live until `close` or `discard`."""
        path = Path(path).absolute()
        folder = folder_of(path)
        with schema.told(path):
            lock = Lock.take(folder)
            if lock is None:
                raise InspectorError(f"{path.name} is being recorded already", "Choose another name.")
            connection = None
            try:
                _claim(path)
                remove_segments(folder)  # of a recording that is not there any more; the lock keeps the folder
                connection = schema.connect(path, "rw", any_thread=True)
                schema.create(connection)
                connection.execute("PRAGMA wal_autocheckpoint = 2000")
                connection.execute(f"PRAGMA journal_size_limit = {64 * MEGABYTE}")
                connection.execute(
                    "INSERT INTO meta VALUES (1, 0, 0, 0, 0, 0, 0, 0, ?, ?)", (keep_exchanges, keep_bytes)
                )
                connection.execute("COMMIT")
            except BaseException:
                if connection is not None:
                    connection.close()
                lock.release()
                remove_segments(folder, NAME)
                raise
        return cls(path, lock, connection, keep_exchanges, keep_bytes)

    def begin_run(self) -> int:
        """The id of a new run; its facts come with the batch that holds `RunStarted`."""
        with self._transaction():
            cursor = self._connection.execute("INSERT INTO run VALUES (NULL, 0, 0, NULL, 0, '', '', '', '')")
            return int(cursor.lastrowid or 0)

    def write(self, run: int, batch: Batch) -> None:
        """Records `batch` whole, or nothing of it, and does a share of the retention's work."""
        try:
            self._write(run, batch)
        except (OverflowError, UnicodeEncodeError):  # a number or text of the app that SQLite cannot take as it is
            self._careful = True
            try:
                self._write(run, batch)
            finally:
                self._careful = False

    def tidy(self) -> bool:
        """A share of the retention's work, for idle moments; true where more is left."""
        with self._transaction():
            return self._retention.apply()

    def totals(self) -> Totals:
        """As of the last transaction."""
        figures = self._retention.figures
        return Totals(
            figures.exchanges,
            figures.in_flight,
            self._bytes,
            figures.dropped,
            self._retention.keep_exchanges,
            self._retention.keep_bytes,
            figures.dropped_logs,
            figures.cut_bodies,
        )

    def mark(self, ids: Iterable[int], marks: Marks) -> None:
        """Sets pin, note or colour. Pinned exchanges are never dropped, nor cleared."""
        with self._transaction():
            set_marks(self._connection, ids, marks)

    def pin(self, ids: Iterable[int], on: bool) -> None:
        """`mark` with a pin."""
        self.mark(ids, Marks(pinned=on))

    def clear(self) -> None:
        """Forgets every exchange that is over and not pinned. The space comes back with the next writes, or `tidy`."""
        with self._transaction():
            self._retention.clear()

    def close(self) -> None:
        """A clean end: everything goes into the one file. Takes as long as copying the large bodies takes."""
        with self._mutex:
            if self._closed:
                return
            self._closed = True
            try:
                with schema.told(self.path):
                    while self._more_to_delete():
                        pass
                    self._segments.close()
                    finish.finish(self._connection, self.path)
            finally:
                self._let_go()

    def discard(self) -> None:
        """An end that keeps nothing: file, log and segments are deleted."""
        with self._mutex:
            if self._closed:
                return
            self._closed = True
            self._let_go()
            with schema.told(self.path):
                remove_segments(folder_of(self.path), NAME)
                for name in ("", "-wal", "-shm"):
                    self.path.with_name(self.path.name + name).unlink(missing_ok=True)

    def _more_to_delete(self) -> bool:
        if not self._retention.figures.doomed:
            return False
        with self._transaction(closing=True):
            return self._retention.apply()

    def _let_go(self) -> None:
        self._segments.close()
        self._connection.close()
        self._held.release()
        if not any(folder_of(self.path).glob("*.bodies")):
            remove_segments(folder_of(self.path), NAME)

    @contextmanager
    def _transaction(self, closing: bool = False) -> Iterator[None]:
        """What is done inside is committed with the figures, or undone with them."""
        with self._mutex, schema.told(self.path):
            if self._closed and not closing:
                raise InspectorError(f"{self.path.name} is closed: nothing more is recorded")
            figures, needed = self._retention.figures.copy(), dict(self._segments.needed)
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._note_figures()
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                self._retention.figures = figures
                self._segments.rolled_back(needed)
                self._heads.forget()
                raise
            self._segments.committed()

    def _note_figures(self) -> None:
        figures = self._retention.figures
        self._bytes = self._retention.bytes()
        shown = (
            figures.exchanges,
            figures.in_flight,
            self._bytes,
            figures.dropped,
            figures.dropped_logs,
            figures.cut_bodies,
        )
        self._connection.execute(
            "UPDATE meta SET exchanges = ?, in_flight = ?, bytes = ?, dropped = ?, dropped_logs = ?, cut_bodies = ?",
            shown,
        )

    def _write(self, run: int, batch: Batch) -> None:
        with self._transaction():
            self._write_run(run, batch)
            self._write_exchanges(batch)
            self._write_messages(batch)
            self._write_texts(run, batch)
            self._retention.apply()

    def _many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany(sql, map(statements.plain, rows) if self._careful else rows)

    def _write_run(self, run: int, batch: Batch) -> None:
        if started := batch.run_started:
            facts = (started.wall_ns, started.t_ns, started.pid, started.python, started.executable, started.app, run)
            self._many(
                "UPDATE run SET started_ns = ?, t0_ns = ?, pid = ?, python = ?, executable = ?, app = ? WHERE id = ?",
                [facts],
            )
        if batch.states:
            rows = [(None, run, one.t_ns, one.state, values.encode(one.detail)) for one in batch.states]
            self._many(statements.INSERT_STATE, rows)
        if batch.run_ended:
            self._many("UPDATE run SET ended_ns = ?, end_text = ? WHERE id = ?", [(*batch.run_ended, run)])

    def _write_exchanges(self, batch: Batch) -> None:
        figures, started = self._retention.figures, batch.started
        new, changed = [], []
        for row in batch.exchanges:
            record = started.get(row.id)
            if record is None:
                changed.append(statements.changing_columns(row))
                if row.end_ns is not None:
                    figures.in_flight -= 1
                    figures.cut.pop(row.id, None)
            else:
                columns = statements.all_columns(row)
                if row.log_count:  # counted with the lines themselves: they may also come when the fold has let go
                    columns = (*columns[: statements.LOG_COUNT], 0, *columns[statements.LOG_COUNT + 1 :])
                new.append((*columns, self._heads.intern(record), record.accepted_ns))
                if row.end_ns is None:
                    figures.in_flight += 1
        figures.exchanges += len(new)
        self._many(statements.INSERT_EXCHANGE, new)
        if changed:
            self._many(statements.UPDATE_EXCHANGE, changed)

    def _write_messages(self, batch: Batch) -> None:
        self._many(statements.INSERT_MESSAGE, batch.messages)
        if batch.wired:
            self._many("UPDATE message SET wire_ns = ? WHERE id = ?", batch.wired)
        if batch.parts:
            rows: list[tuple[Any, ...]] = []
            for message, offset, data in batch.parts:
                if len(data) > INLINE:
                    rows.append((None, message, offset, len(data), *self._segments.append(data), None))
                else:
                    rows.append((None, message, offset, len(data), 0, 0, data))
            self._many(statements.INSERT_PART, rows)
        if batch.wire:
            self._many(statements.INSERT_WIRE, batch.wire)
        if batch.originals:
            self._many(statements.INSERT_ORIGINAL, batch.originals)
        for hold in batch.held.values():
            begun = (hold.exchange, hold.hold, hold.seq, hold.point, hold.t_ns)
            self._many("INSERT OR IGNORE INTO hold VALUES (?, ?, ?, ?, ?, NULL, '')", [begun])
        for over in batch.released:
            ended = (over.t_ns, over.by, over.exchange, over.hold)
            self._many("UPDATE hold SET released_ns = ?, released_by = ? WHERE exchange = ? AND id = ?", [ended])
        if batch.cut:
            self._many("UPDATE message SET stored = ? WHERE id = ?", batch.cut)
        for (exchange, point), since in batch.waits.items():
            if since is None:
                self._connection.execute("DELETE FROM wait WHERE exchange = ? AND point = ?", (exchange, point))
            else:
                self._many("INSERT OR REPLACE INTO wait VALUES (?, ?, ?)", [(exchange, point, since)])

    def _write_texts(self, run: int, batch: Batch) -> None:
        if batch.logs:
            self._many(
                statements.INSERT_LOG,
                [
                    (None, run, one.exchange, one.t_ns, one.source, one.level, one.logger, one.text, one.file, one.line)
                    for one in batch.logs
                ],
            )
            self._many(
                "UPDATE exchange SET log_count = log_count + 1 WHERE id = ?",
                [(one.exchange,) for one in batch.logs if one.exchange],
            )
            self._retention.figures.logs += len(batch.logs)
        if batch.failures:
            self._many(
                statements.INSERT_FAILURE,
                [
                    (None, run, one.exchange, one.t_ns, one.type, one.message, one.text, values.encode(one.chain))
                    for one in batch.failures
                ],
            )
            self._many(
                "UPDATE exchange SET exception = ? WHERE id = ? AND exception = ''",
                [(one.type, one.exchange) for one in batch.failures if one.exchange],
            )


def _claim(path: Path) -> None:
    """Makes the file, 0600; one that is there must be empty."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        if path.stat().st_size:
            raise InspectorError(f"{path.name} is there already", "Choose another name, or delete it.") from None
        path.chmod(0o600)
