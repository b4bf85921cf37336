"""The tables of a recording; opening one, checking that it is one, and saying in words what is wrong.

One file holds everything once a run has ended cleanly. Its shape:

    meta      one row: the figures of `Totals`, and whether the recording was finished
    run       one life of an engine; state: what it told of itself
    head      request heads as on the wire, the server's side of the connection, and what lies below HTTP, each
              combination once
    exchange  the fields of `ExchangeRow`, kept by the fold; head and accepted_ns beside them
    message   key: exchange << 32 | seq, so that messages lie in order and a range of them is a range of the table
    part      a body's bytes beyond those in its message's row: in `data`, or while live in a segment of FILE-bodies/
    original  what messages were before the user edited them, in pieces
    wire      pieces that no message tells (`trace.wire`), in order; key: exchange << 32 | number of the first one
    hold      when and where messages were held, and what ended it (released_ns NULL: held at this moment)
    wait      where apps wait at this moment
    log, failure

A message's `data` is a value as `trace.values` writes it. `received` and `sent` count the recorded bytes of both bodies
before a message: they find any place in a long stream by bisection. Segments are numbers, never names.

The schema is compared word by word: a file with a view, a trigger or a column of its own is refused, so that no SQL of
somebody else runs.
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

from inspector.errors import InspectorError
from inspector.recording.rows import ExchangeRow

APPLICATION_ID = 0x496E7370
"""Insp."""
VERSION = 4
PAGE_SIZE = 8192

EXCHANGE_COLUMNS = tuple(field.name for field in fields(ExchangeRow))

SCHEMA = """
CREATE TABLE meta (
    id INTEGER PRIMARY KEY, finished INTEGER, exchanges INTEGER, in_flight INTEGER, bytes INTEGER, dropped INTEGER,
    dropped_logs INTEGER, cut_bodies INTEGER, keep_exchanges INTEGER, keep_bytes INTEGER);
CREATE TABLE run (
    id INTEGER PRIMARY KEY, started_ns INTEGER, t0_ns INTEGER, ended_ns INTEGER, pid INTEGER, python TEXT,
    executable TEXT, app TEXT, end_text TEXT);
CREATE TABLE state (id INTEGER PRIMARY KEY, run INTEGER, t_ns INTEGER, state TEXT, detail BLOB);
CREATE TABLE head (id INTEGER PRIMARY KEY, raw BLOB, server BLOB, root_path TEXT, transport BLOB);
CREATE TABLE exchange (
    id INTEGER PRIMARY KEY, run INTEGER, kind TEXT, interface TEXT, http_version TEXT, method TEXT, path TEXT,
    query TEXT, host TEXT, scheme TEXT, status INTEGER, client TEXT, connection INTEGER, started_ns INTEGER,
    t0_ns INTEGER, head_ns INTEGER, call_ns INTEGER, response_ns INTEGER, response_end_ns INTEGER, end_ns INTEGER,
    duration_ns INTEGER, app_ns INTEGER, client_ns INTEGER, blocked_ns INTEGER, after_ns INTEGER, held_ns INTEGER,
    request_bytes INTEGER, response_bytes INTEGER, message_count INTEGER, outcome TEXT, outcome_text TEXT,
    exception TEXT, log_count INTEGER, pinned INTEGER, note TEXT, colour TEXT, doing TEXT,
    doing_ns INTEGER, counted_ns INTEGER, head INTEGER, accepted_ns INTEGER);
CREATE INDEX exchange_live ON exchange (id) WHERE end_ns IS NULL;
CREATE INDEX exchange_pinned ON exchange (id) WHERE pinned;
CREATE TABLE message (
    id INTEGER PRIMARY KEY, t_ns INTEGER, asked_ns INTEGER, wire_ns INTEGER, direction INTEGER, type TEXT, data BLOB,
    body_key INTEGER, size INTEGER, stored INTEGER, status INTEGER, flags INTEGER, received INTEGER, sent INTEGER,
    body BLOB);
CREATE TABLE part (
    id INTEGER PRIMARY KEY, message INTEGER, offset INTEGER, size INTEGER, segment INTEGER, position INTEGER,
    data BLOB);
CREATE INDEX part_message ON part (message, offset);
CREATE TABLE original (
    message INTEGER, offset INTEGER, type TEXT, data BLOB, body_key INTEGER, size INTEGER, body BLOB,
    PRIMARY KEY (message, offset)) WITHOUT ROWID;
CREATE TABLE wire (id INTEGER PRIMARY KEY, pieces BLOB);
CREATE TABLE hold (
    exchange INTEGER, id INTEGER, seq INTEGER, point TEXT, t_ns INTEGER, released_ns INTEGER, released_by TEXT,
    PRIMARY KEY (exchange, id)) WITHOUT ROWID;
CREATE TABLE wait (exchange INTEGER, point INTEGER, since_ns INTEGER, PRIMARY KEY (exchange, point)) WITHOUT ROWID;
CREATE TABLE log (
    id INTEGER PRIMARY KEY, run INTEGER, exchange INTEGER, t_ns INTEGER, source TEXT, level TEXT, logger TEXT,
    text TEXT, file TEXT, line INTEGER);
CREATE INDEX log_exchange ON log (exchange);
CREATE TABLE failure (
    id INTEGER PRIMARY KEY, run INTEGER, exchange INTEGER, t_ns INTEGER, type TEXT, message TEXT, text TEXT,
    chain BLOB);
CREATE INDEX failure_exchange ON failure (exchange);
"""


class Interrupted(Exception):
    """`Reader.interrupt` was called while the query ran."""


def connect(path: Path, mode: str, *, any_thread: bool = False) -> sqlite3.Connection:
    """Opens `path`, `mode` ro or rw; never creates it. Autocommit: transactions are begun in words."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=5,
        check_same_thread=not any_thread,
        cached_statements=256,
    )
    connection.text_factory = read_text
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def create(connection: sqlite3.Connection) -> None:
    """Makes the tables in an empty database, all or none."""
    connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("BEGIN IMMEDIATE")
    for statement in SCHEMA.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def verify(connection: sqlite3.Connection, path: Path) -> None:
    """Raises `InspectorError` unless the file is a recording of this version with exactly our tables."""
    if path.stat().st_size == 0:
        raise InspectorError(f"{path.name} is empty, so it is no recording")
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise InspectorError(f"{path.name} is a database of another program, not a recording of Inspector")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise InspectorError(
            f"{path.name} was written by a newer version of Inspector", "Open it with that version, or update this one."
        )
    if 0 < version < VERSION:
        raise InspectorError(f"{path.name} was written by an older version of Inspector", "Open it with that version.")
    if version != VERSION or _shape(connection) != _expected():
        raise InspectorError(
            f"{path.name} does not have the tables of a recording, so it is not opened",
            "It was changed by another program, or made to look like a recording.",
        )


def _shape(connection: sqlite3.Connection) -> set[tuple[object, ...]]:
    limit = len(_expected()) + 1
    return set(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master LIMIT ?", (limit,)).fetchall())


@functools.cache
def _expected() -> frozenset[tuple[object, ...]]:
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    connection.executescript(SCHEMA)
    found = frozenset(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall())
    connection.close()
    return found


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Errors of SQLite and the file system become an `InspectorError` (or `Interrupted`); our own bugs do not."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_INTERRUPT:
            raise Interrupted from None
        title, hint = _WORDS.get(code, ("{} cannot be read or written", ""))
        raise InspectorError(title.format(path.name), hint, f"SQLite says: {error}") from error
    except UnicodeDecodeError as error:  # SQLite's own words quote bytes of a damaged schema
        title, hint = _WORDS[sqlite3.SQLITE_CORRUPT]
        raise InspectorError(title.format(path.name), hint) from error
    except OSError as error:
        raise InspectorError(f"{path.name}: {error.strerror or error}") from error


_WORDS = {
    sqlite3.SQLITE_NOTADB: ("{} is not a recording of Inspector", ""),
    sqlite3.SQLITE_CORRUPT: ("{} is damaged: parts of it are missing or were overwritten", "Open a copy from before."),
    sqlite3.SQLITE_FULL: ("The disk is full: {} cannot grow", "Make room, or record less with --keep."),
    sqlite3.SQLITE_CANTOPEN: (
        "{} cannot be opened",
        "Look who may read it. One that was not ended cleanly: copy it, its -wal and its -bodies where you may write.",
    ),
    sqlite3.SQLITE_PERM: ("{} cannot be opened", "Look who may read it."),
    sqlite3.SQLITE_READONLY: ("{} may not be written", "Look who may write it, and to its folder."),
    sqlite3.SQLITE_BUSY: ("{} is in use by another program", "Close that program, and try again."),
    sqlite3.SQLITE_LOCKED: ("{} is in use", "Try again."),
    sqlite3.SQLITE_IOERR: ("The disk failed to read or write {}", ""),
}


def text(value: str) -> str | bytes:
    """`value` as SQLite can keep it: what UTF-8 cannot say (lone surrogates) goes as bytes; `read_text` reads it."""
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")
    return value


def read_text(value: object) -> str:
    """Text out of the file, whatever really stands there."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return value.decode("utf-8", "replace")
    return "" if value is None else str(value)


def read_int(value: object) -> int:
    """A number out of the file; 0 where none stands there."""
    return value if type(value) is int else 0


def read_bytes(value: object) -> bytes:
    """Bytes out of the file; none where none stand there."""
    return value if type(value) is bytes else b""
