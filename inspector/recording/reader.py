"""Pages of a recording, live or finished. One reader per thread; each call reads what is committed at that moment."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from inspector.errors import InspectorError
from inspector.recording import query, schema, stored_logs, stored_runs, stored_steps
from inspector.recording.finish import mend
from inspector.recording.fold import PREVIEW, message_id
from inspector.recording.kept import Kept
from inspector.recording.lock import folder_of, is_live
from inspector.recording.rows import (
    ExchangeRow,
    FailureRow,
    HoldRow,
    LogRow,
    MessageRow,
    OriginalRow,
    RunRow,
    Totals,
    WaitRow,
    WireRow,
)
from inspector.recording.schema import Interrupted as Interrupted
from inspector.recording.schema import read_bytes, read_int, read_text
from inspector.recording.stored import StoredBodies
from inspector.recording.stored_values import decoded
from inspector.recording.stored_wire import StoredWire
from inspector.trace import records
from inspector.trace.filter import Node
from inspector.trace.scope import Request, asgi_scope, parse_head, wsgi_environ

_PAGE = 500
"""Rows asked for by one statement."""
_LOOK = "Look at the name; recordings end in .inspector."

_OPTIONAL = frozenset(("status", "call_ns", "response_ns", "response_end_ns", "end_ns", "duration_ns", "doing_ns"))
_ASKED = ("kind", "interface", "http_version", "method", "path", "query", "host", "scheme", "client")
_TEXTS = frozenset((*_ASKED, "outcome", "outcome_text", "exception", "note", "colour", "doing"))
_MESSAGE_COLUMNS = (
    "id, t_ns, asked_ns, wire_ns, direction, type, data, body_key, size, stored, status, flags, received, sent,"
    f" substr(body, 1, {PREVIEW})"
)


def _read_optional(value: object) -> int | None:
    return value if type(value) is int else None


_EXCHANGE_READS: tuple[Callable[[object], Any], ...] = tuple(
    bool if name == "pinned" else _read_optional if name in _OPTIONAL else read_text if name in _TEXTS else read_int
    for name in schema.EXCHANGE_COLUMNS
)


class Reader:
    """Reads the recording at `path`. What a crash left is mended on opening, where no writer lives.

    Nothing of the file is trusted: every method gives rows of the right types, or raises `InspectorError` where the
    file cannot be read, and `Interrupted`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if self.path.is_dir():
            raise InspectorError(f"{self.path} is a folder, not a recording", _LOOK, exit_code=2)
        if not self.path.is_file():
            raise InspectorError(f"There is no file {self.path}", _LOOK, exit_code=2)
        mend(self.path)
        with schema.told(self.path):
            self._connection = schema.connect(self.path, "ro")
            try:
                schema.verify(self._connection, self.path)
                self._connection.execute("PRAGMA query_only = ON")
                query.register(self._connection)
            except BaseException:
                self._connection.close()
                raise
        self._bodies = StoredBodies(self._all, folder_of(self.path))
        self._wire = StoredWire(self._all, self._bodies, self.head)
        self._kept = Kept()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def interrupt(self) -> None:
        """Ends the query that runs with `Interrupted`. From any thread."""
        self._connection.interrupt()

    @property
    def live(self) -> bool:
        """A writer has the recording open: more may come."""
        return is_live(self.path)

    def generation(self) -> int:
        """Changes when a writer has written since the last look; cheap enough to be asked thirty times a second."""
        return read_int(self._all("PRAGMA data_version")[0][0])

    def check(self) -> None:
        """Reads the whole file and raises `InspectorError` where it is damaged. Takes its time."""
        found = self._all("PRAGMA quick_check(1)")
        if found != [("ok",)]:
            raise InspectorError(f"{self.path.name} is damaged", "Open a copy from before.", str(found[0][0]))

    def _all(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Every row at once: no statement stays open, which would keep the writer's log from being emptied."""
        with schema.told(self.path):
            return self._connection.execute(sql, parameters).fetchall()

    # Exchanges.

    def ids(
        self,
        filter: Node | None = None,  # noqa: A002 - the word of the program
        order: str = "id",
        descending: bool = False,
        after: int = 0,
    ) -> array[int]:
        """Ids of the exchanges that pass `filter`, sorted by a field of `ExchangeRow`; those greater than `after`."""
        if order not in schema.EXCHANGE_COLUMNS:
            raise ValueError(f"{order!r} is no column of an exchange")
        where, parameters = query.compile(filter)
        way = "DESC" if descending else "ASC"
        by = f"id {way}" if order == "id" else f"{order} {way}, id {way}"
        sql = f"SELECT id FROM exchange WHERE {where} AND id > ? ORDER BY {by}"  # noqa: S608 - values go as parameters
        with schema.told(self.path):
            return array("q", chain.from_iterable(self._connection.execute(sql, (*parameters, after))))

    def count(self, filter: Node | None = None) -> int:  # noqa: A002 - the word of the program
        """How many exchanges pass `filter`."""
        if filter is None:
            return self.totals().exchanges
        where, parameters = query.compile(filter)
        return int(self._all(f"SELECT count(*) FROM exchange WHERE {where}", parameters)[0][0])  # noqa: S608

    def rows(self, ids: Iterable[int]) -> list[ExchangeRow | None]:
        """The exchanges `ids`, in that order; None where one is not there (any more)."""
        wanted = list(ids)
        found: dict[int, ExchangeRow] = {}
        columns = ", ".join(schema.EXCHANGE_COLUMNS)
        for first in range(0, len(wanted), _PAGE):
            page = wanted[first : first + _PAGE]
            marks = ", ".join("?" * len(page))
            for row in self._all(f"SELECT {columns} FROM exchange WHERE id IN ({marks})", page):  # noqa: S608
                found[row[0]] = ExchangeRow(*(read(value) for read, value in zip(_EXCHANGE_READS, row, strict=True)))
        return [found.get(id_) for id_ in wanted]

    def row(self, exchange: int) -> ExchangeRow | None:
        """One exchange."""
        return self.rows((exchange,))[0]

    def accepted_ns(self, exchange: int) -> int | None:
        """When the connection of an exchange was accepted; None where that is not known."""
        rows = self._all("SELECT accepted_ns FROM exchange WHERE id = ?", (exchange,))
        return _read_optional(rows[0][0]) or None if rows else None

    # Messages and bodies.

    def messages(self, exchange: int, start: int = 0, count: int = 500) -> list[MessageRow]:
        """Up to `count` messages of an exchange, from seq `start` on, without their bodies."""
        rows = self._all(
            f"SELECT {_MESSAGE_COLUMNS} FROM message WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",  # noqa: S608
            (message_id(exchange, start), message_id(exchange + 1, 0), count),
        )
        return [self._message(exchange, row) for row in rows]

    def _message(self, exchange: int, row: tuple[Any, ...]) -> MessageRow:
        direction, body_key, flags = read_int(row[4]), read_int(row[7]), read_int(row[11])
        known = 0 <= direction < len(records.DIRECTIONS)
        call = known and direction == records.CALL and not flags & records.EDITED
        source = read_bytes(row[6])
        data = self._kept.value(
            row[0],
            (source, flags),
            None if call else len(source),
            lambda: self._call(exchange, decoded(source)) if call else decoded(source),
        )
        return MessageRow(
            exchange,
            row[0] & 0xFFFFFFFF,
            read_int(row[1]),
            _read_optional(row[2]) or None,
            _read_optional(row[3]) or None,
            records.DIRECTIONS[direction] if known else "",
            read_text(row[5]),
            data,
            records.BODY_KEYS[body_key] if 0 <= body_key < len(records.BODY_KEYS) else "",
            read_bytes(row[14]),
            read_int(row[8]),
            read_int(row[9]),
            _read_optional(row[10]) or None,
            bool(flags & records.MORE_BODY),
            bool(flags & records.EDITED),
            bool(flags & records.DROPPED),
            bool(flags & records.INJECTED),
            read_int(row[12] if direction == records.RECEIVE else row[13] if direction == records.SEND else 0),
        )

    def _call(self, exchange: int, differs: object) -> object:
        """The whole scope or environ: what the head makes of it, and what differed."""
        row = self.row(exchange)
        if row is None or row.kind == "lifespan" or not isinstance(differs, dict):
            return differs
        raw, server, root_path = self.head(exchange)
        method, target, _version, headers = parse_head(raw)
        host, _, port = row.client.rpartition(":")
        client = (host, int(port)) if port.isascii() and port.isdigit() else None
        request = Request(method, target, row.http_version, headers, row.scheme, client, server, root_path)
        whole = wsgi_environ(request) if row.interface == "wsgi" else asgi_scope(request, row.kind)
        whole.update(differs)
        return whole

    def head(self, exchange: int) -> tuple[bytes, tuple[str, int | None] | None, str]:
        """The request head as on the wire, the server's address, and root_path."""
        rows = self._all(
            "SELECT raw, server, root_path FROM head WHERE id = (SELECT head FROM exchange WHERE id = ?)", (exchange,)
        )
        raw, server, root_path = rows[0] if rows else (b"", b"", "")
        address = decoded(server)
        match address:
            case (str() as host, int() | None as port):
                return read_bytes(raw), (host, port), read_text(root_path)
        return read_bytes(raw), None, read_text(root_path)

    def transport(self, exchange: int) -> dict[str, Any]:
        """What lies below HTTP (`trace.records.ExchangeStarted.transport`); empty where nothing does."""
        rows = self._all("SELECT transport FROM head WHERE id = (SELECT head FROM exchange WHERE id = ?)", (exchange,))
        found = decoded(rows[0][0]) if rows and rows[0][0] else {}
        return found if isinstance(found, dict) else {}

    def original(self, exchange: int, seq: int) -> OriginalRow | None:
        """What a message was before it was edited; None where it was not."""
        return stored_steps.original(self._all, exchange, seq)

    def holds(self, exchange: int) -> list[HoldRow]:
        """Where and when messages of an exchange were held, in order."""
        return stored_steps.holds(self._all, exchange)

    def wire(self, exchange: int, start: int = 0, count: int = 500) -> list[WireRow]:
        """Up to `count` pieces of an exchange's wire, from the one at `start` on, in order of time."""
        return self._wire.rows(exchange)[max(start, 0) : max(start, 0) + count]

    def has_wire(self, exchange: int) -> bool:
        """There is something of an exchange's wire on record."""
        return self._wire.known(exchange)

    def wire_bytes(self, piece: WireRow, offset: int = 0, size: int = -1) -> bytes:
        """Bytes of a piece as the wire carried them, `size` of them (-1: all) from `offset`, as far as they are on
        record."""
        return self._wire.octets(piece, max(offset, 0), size)

    def body(self, exchange: int, seq: int, offset: int = 0, size: int = -1) -> bytes:
        """Recorded bytes of one message's body, `size` of them (-1: all) from `offset`."""
        return self._bodies.one(message_id(exchange, seq), max(offset, 0), size)

    def body_all(self, exchange: int, direction: str, offset: int = 0, size: int = -1) -> bytes:
        """Recorded bytes of all bodies of a direction (receive: the request's, send: the response's), one after the
        other, `size` of them (-1: all) from `offset`. Any place of a long stream costs the same."""
        if direction not in {"receive", "send"}:
            raise ValueError(f"bodies are received or sent, not {direction!r}")
        return self._bodies.all(exchange, direction == "receive", max(offset, 0), size)

    # What else is known.

    def waits(self, exchange: int) -> list[WaitRow]:
        """Where the app waits at this moment."""
        rows = self._all("SELECT point, since_ns FROM wait WHERE exchange = ? ORDER BY point", (exchange,))
        return [WaitRow("send" if point == records.SEND else "receive", read_int(since)) for point, since in rows]

    def logs(
        self,
        exchange: int | None = None,
        after: int = 0,
        count: int = 1000,
        newest: bool = False,
        until_ns: int = stored_logs.FOREVER,
    ) -> list[LogRow]:
        """Up to `count` lines of an exchange (0: of the runs, None: all) whose id is greater than `after`, of those
        written until `until_ns` the first, or the `newest`; in order either way."""
        return stored_logs.lines(self._all, exchange, after, count, newest, until_ns)

    def log_count(self, exchange: int, until_ns: int) -> int:
        """How many lines of an exchange were written until `until_ns`."""
        return stored_logs.count(self._all, exchange, until_ns)

    def failures(self, exchange: int) -> list[FailureRow]:
        """Exceptions of an exchange (0: of the runs themselves), in order."""
        rows = self._all(
            "SELECT t_ns, type, message, text, chain FROM failure WHERE exchange = ? ORDER BY id", (exchange,)
        )
        return [
            FailureRow(exchange, read_int(t_ns), read_text(type_), read_text(message), read_text(text), _chain(chain_))
            for t_ns, type_, message, text, chain_ in rows
        ]

    def run_log(self, run: int, after: int = 0, count: int = 1000) -> list[LogRow]:
        """The newest `count` lines that belong to `run` and to none of its exchanges, of those with an id greater than
        `after`; in order."""
        return stored_logs.of_run(self._all, run, after, count)

    def lifespan(self, run: int) -> int | None:
        """The id of the lifespan exchange of `run`; None where there is none."""
        return stored_runs.lifespan(self._all, run)

    def runs(self, since: int = 0) -> list[RunRow]:
        """Lives of engines, oldest first: those from run `since` on, the newest thousand of them."""
        return stored_runs.runs(self._all, since)

    def totals(self) -> Totals:
        """The figures of the status bar, as of the last transaction."""
        rows = self._all(
            "SELECT exchanges, in_flight, bytes, dropped, keep_exchanges, keep_bytes, dropped_logs, cut_bodies"
            " FROM meta"
        )
        return Totals(*map(read_int, rows[0] if rows else (0,) * 8))


def _chain(data: object) -> list[dict[str, Any]]:
    """A failure's chain, as far as it has the shape of one."""
    found = decoded(data)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
