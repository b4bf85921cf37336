"""One file out of a live recording: at a clean end, after a crash, or as a copy. Bodies are streamed piece by piece."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO

from inspector.errors import InspectorError
from inspector.recording import schema
from inspector.recording.bodies import open_segment, read_open, remove_segments, segment_path
from inspector.recording.lock import NAME, Lock, folder_of, is_live

_PIECES = 64
"""Pieces of bodies per transaction: about 4 MiB."""


def finish(
    connection: sqlite3.Connection, path: Path, text: str = "The recording ended while this was in flight."
) -> None:
    """Folds FILE-bodies/ into the database of its writer, which ends. What is in flight is lost, as `text` says."""
    folder = folder_of(path)

    def done(segment: int) -> None:
        with suppress(OSError):
            segment_path(folder, segment).unlink(missing_ok=True)

    with ExitStack() as files:
        fold_in(connection, lambda segment: _open(folder, segment, files), done)
    _close_up(connection, text)
    with suppress(OSError):
        remove_segments(folder)  # those, too, of which nothing was needed any more
    _leave_wal(connection)


def _leave_wal(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA busy_timeout = 250")
    with suppress(sqlite3.OperationalError):  # a reader has it open: the log stays beside it, and `mend` will do it
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()


def _open(folder: Path, segment: int, files: ExitStack) -> BinaryIO | None:
    try:
        return files.enter_context(open_segment(folder, segment))
    except OSError:
        return None


def fold_in(
    connection: sqlite3.Connection,
    opened: Callable[[int], BinaryIO | None],
    done: Callable[[int], None] | None = None,
) -> None:
    """Moves what lies in segments into table `part`, segment by segment; what is torn is cut at what is there.

    `done` is called when the database needs a segment no more.
    """
    pieces = connection.execute(
        "SELECT segment, id, position, size FROM part WHERE segment > 0 ORDER BY segment, id"
    ).fetchall()
    current, file = 0, None
    for first in range(0, len(pieces), _PIECES):
        past: list[int] = []
        connection.execute("BEGIN IMMEDIATE")
        for found, id_, position, size in pieces[first : first + _PIECES]:
            segment = schema.read_int(found)
            if segment != current:
                past.append(current)
                if file is not None:
                    file.close()
                current, file = segment, opened(segment)
            data = read_open(file, schema.read_int(position), schema.read_int(size)) if file is not None else b""
            connection.execute(
                "UPDATE part SET segment = 0, position = 0, size = ?, data = ? WHERE id = ?", (len(data), data, id_)
            )
        connection.execute("COMMIT")
        for segment in past:
            if segment and done:
                done(segment)
    if file is not None:
        file.close()
    if current and done:
        done(current)


def mend(path: Path) -> bool:
    """Repairs what a crash left, where no writer lives and the file may be written; true where there was something.

    What was in flight is lost, and says so; a body that was not written whole is cut at what is there; segments are
    folded in and removed. A file of another program is not touched. Raises `InspectorError`.
    """
    with schema.told(path):
        if is_live(path) or not _needs_mending(path):
            return False
        try:
            lock = Lock.take(folder_of(path))
        except OSError:  # read-only: it is read as it stands
            return False
        if lock is None:
            return False
        try:
            connection = schema.connect(path, "rw")
            try:
                schema.verify(connection, path)
                _mend(connection, path)
            finally:
                connection.close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
                raise
            return False
        else:
            remove_segments(folder_of(path))
        finally:
            lock.release()
            if not any(folder_of(path).glob("*.bodies")):
                remove_segments(folder_of(path), NAME)
    return True


def _needs_mending(path: Path) -> bool:
    connection = schema.connect(path, "ro")
    try:
        schema.verify(connection, path)
        finished = connection.execute("SELECT finished FROM meta").fetchone()
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        return bool(finished != (1,) or mode == "wal")
    finally:
        connection.close()


def _mend(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("SELECT finished FROM meta").fetchone() == (1,):
        _leave_wal(connection)
        return
    connection.execute("BEGIN IMMEDIATE")
    # Exchanges that were dropped, whose messages were still to go.
    connection.execute("DELETE FROM message WHERE (id >> 32) NOT IN (SELECT id FROM exchange)")
    connection.execute("DELETE FROM part WHERE (message >> 32) NOT IN (SELECT id FROM exchange)")
    connection.execute("DELETE FROM wire WHERE (id >> 32) NOT IN (SELECT id FROM exchange)")
    connection.execute("DELETE FROM original WHERE (message >> 32) NOT IN (SELECT id FROM exchange)")
    connection.execute("DELETE FROM hold WHERE exchange NOT IN (SELECT id FROM exchange)")
    connection.execute("COMMIT")
    finish(connection, path, "Inspector was killed while this was in flight; the recording ends here.")


def _close_up(connection: sqlite3.Connection, text: str) -> None:
    """The recording is finished: exchanges in flight are lost, runs without end are over, at the last moment known of
    them, and pieces that were torn make bodies shorter than they were told to be."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "UPDATE exchange SET outcome = 'lost', outcome_text = ?, end_ns = max(head_ns, coalesce(call_ns, 0),"
        " coalesce((SELECT max(t_ns) FROM message"
        " WHERE id BETWEEN exchange.id << 32 AND (exchange.id + 1 << 32) - 1), 0)) WHERE end_ns IS NULL",
        (text,),
    )
    connection.execute(
        "UPDATE exchange SET duration_ns = max(0, end_ns - t0_ns) WHERE outcome = 'lost' AND duration_ns IS NULL"
    )
    connection.execute(
        "UPDATE run SET end_text = ?, ended_ns = max(t0_ns,"
        " coalesce((SELECT max(end_ns) FROM exchange WHERE run = run.id), 0),"
        " coalesce((SELECT max(t_ns) FROM state WHERE run = run.id), 0)) WHERE ended_ns IS NULL",
        (text,),
    )
    connection.execute("DELETE FROM wait")
    connection.execute(
        "UPDATE hold SET released_by = 'end', released_ns ="
        " max(t_ns, coalesce((SELECT end_ns FROM exchange WHERE id = hold.exchange), 0)) WHERE released_ns IS NULL"
    )
    connection.execute("DELETE FROM part WHERE size = 0")
    connection.execute(
        "UPDATE message SET stored = length(body)"
        " + coalesce((SELECT sum(part.size) FROM part WHERE part.message = message.id), 0) WHERE stored > length(body)"
    )
    connection.execute(
        "UPDATE meta SET finished = 1, in_flight = 0, exchanges = (SELECT count(*) FROM exchange),"
        " bytes = (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size)"
    )
    connection.execute("COMMIT")


def save_as(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> None:
    """A finished copy of the recording `source`, live or not, at `target`, replacing what is there; 0600.

    What is in flight is lost in the copy. Disturbs no writer. Takes its time: not for the Qt thread.
    """
    source, target = Path(source), Path(target)
    with schema.told(target):
        if target.exists() and target.samefile(source):
            raise InspectorError(f"{target.name} is the recording itself", "Choose another name for the copy.")
        if is_live(target):
            raise InspectorError(f"{target.name} is being recorded", "Choose another name for the copy.")
        fd, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.absolute().parent)
        os.close(fd)
        copy = Path(name)
        try:
            with ExitStack() as files:
                _copy(source, copy, files)
            copy.replace(target)
        finally:
            copy.unlink(missing_ok=True)


def _copy(source: Path, copy: Path, files: ExitStack) -> None:
    folder, segments = folder_of(source), dict[int, BinaryIO]()

    def hold() -> None:
        """Opens the segments that are there, so that the writer's dropping them does not take them from us."""
        for entry in folder.glob("*.bodies"):
            number = int(entry.stem) if entry.stem.isdigit() else 0
            if number and number not in segments and (file := _open(folder, number, files)):
                segments[number] = file

    hold()
    with schema.told(source):
        original = schema.connect(source, "ro")
        try:
            schema.verify(original, source)
            original.execute("VACUUM INTO ?", (str(copy),))
        finally:
            original.close()
    hold()
    connection = schema.connect(copy, "rw")
    try:
        connection.execute("PRAGMA journal_mode = OFF").fetchall()
        connection.execute("PRAGMA synchronous = OFF")
        fold_in(connection, segments.get)
        _close_up(connection, "This was in flight when the copy was saved.")
        connection.execute("PRAGMA synchronous = FULL")
    finally:
        connection.close()
