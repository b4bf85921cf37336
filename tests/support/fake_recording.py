"""A recording in memory, with the methods of `recording.reader.Reader`, for tests of the window; and rows to put in."""

from __future__ import annotations

import threading
from array import array
from dataclasses import replace
from typing import Any

from inspector.recording.query import fields_of
from inspector.recording.rows import (
    ExchangeRow,
    FailureRow,
    HoldRow,
    LogRow,
    MessageRow,
    OriginalRow,
    RunRow,
    Totals,
    WireRow,
)
from inspector.trace.filter import matches
from tests.support.sample_wire import octets

MS = 1_000_000
EPOCH = 1_741_500_000_000_000_000


def exchange(number: int, path: str = "/", method: str = "GET", status: int | None = 200, **fields: Any) -> ExchangeRow:
    """A finished HTTP exchange of 5 ms, unless `fields` say otherwise; times in ns since its own zero."""
    t0 = fields.pop("t0_ns", number * 10 * MS)
    total = fields.pop("total", 5 * MS)
    app = fields.pop("app_ns", int((total or 5 * MS) * 0.8))
    path, _, query = path.partition("?")
    values: dict[str, Any] = {
        "run": 1, "kind": "http", "interface": "asgi3", "http_version": "1.1", "query": query,
        "host": "127.0.0.1:8000", "scheme": "http", "client": "127.0.0.1:51764", "connection": 1,
        "started_ns": EPOCH + t0, "t0_ns": t0, "head_ns": t0 + MS // 10, "call_ns": t0 + MS // 5,
        "response_ns": None if status is None else t0 + MS // 5 + app,
        "response_end_ns": None if total is None or status is None else t0 + total,
        "end_ns": None if total is None else t0 + total, "duration_ns": total, "app_ns": app, "client_ns": 0,
        "blocked_ns": 0, "after_ns": 0, "held_ns": 0, "request_bytes": 0, "response_bytes": 318, "message_count": 4,
        "outcome": "" if total is None else "done", "outcome_text": "", "exception": "", "log_count": 0,
        "pinned": False,
    }  # fmt: skip
    return ExchangeRow(id=number, path=path, method=method, status=status, **(values | fields))


def called(number: int, scope: dict[str, Any]) -> MessageRow:
    """The first message of an exchange: the call of the app with its scope."""
    return MessageRow(number, 0, number * 10 * MS, None, None, "call", "call", scope, "", b"", 0, 0, None, False, False,
                      False, False)  # fmt: skip


class FakeReader:
    """`rows_`, `messages_` and so on are what the recording holds; `generation` is the recorder's."""

    def __init__(self, rows: list[ExchangeRow] | None = None) -> None:
        self.rows_ = {row.id: row for row in rows or []}
        self.messages_: dict[int, list[MessageRow]] = {}
        self.holds_: dict[int, list[HoldRow]] = {}
        self.heads: dict[int, bytes] = {}
        self.transports: dict[int, dict[str, Any]] = {}
        self.bodies: dict[tuple[int, int], bytes] = {}
        self.wires: dict[int, list[WireRow]] = {}
        self.originals: dict[tuple[int, int], OriginalRow] = {}
        self.logs_: dict[int, list[LogRow]] = {}
        self.failures_: dict[int, list[FailureRow]] = {}
        self.runs_: list[RunRow] = []
        self.lifespan_: int | None = None
        self.dropped = 0
        self.bytes = 88_290_000
        self.keep = 100_000
        self.generation = 1
        self.asked: list[str] = []
        self.gate: threading.Event | None = None
        self.interrupted = 0
        self.closed = False

    def put(self, *rows: ExchangeRow) -> None:
        """New exchanges, or new states of old ones."""
        for row in rows:
            self.rows_[row.id] = row
        self.generation += 1

    def end(self, number: int, **changes: Any) -> None:
        """The exchange `number` is over."""
        row = self.rows_[number]
        total = changes.pop("total", 5 * MS)
        self.put(
            replace(row, end_ns=row.t0_ns + total, response_end_ns=row.t0_ns + total, duration_ns=total,
                    outcome="done", **changes)
        )  # fmt: skip

    def drop(self, count: int) -> None:
        """Retention takes the oldest."""
        for number in sorted(self.rows_)[:count]:
            del self.rows_[number]
        self.dropped += count
        self.generation += 1

    # As recording.reader.Reader

    def ids(self, node: Any = None, order: str = "id", descending: bool = False, after: int = 0) -> array[int]:
        self.asked.append("ids")
        if self.gate is not None and threading.current_thread() is not threading.main_thread():
            self.gate.wait(10)
        found = [
            row
            for row in list(self.rows_.values())
            if row.id > after and (node is None or matches(node, fields_of(row)))
        ]
        found.sort(key=lambda row: row.id)
        found.sort(key=lambda row: (getattr(row, order) is not None, getattr(row, order)), reverse=descending)
        return array("q", (row.id for row in found))

    def count(self, node: Any = None) -> int:
        return len(self.ids(node))

    def rows(self, ids: Any) -> list[ExchangeRow | None]:
        self.asked.append("rows")
        return [self.rows_.get(number) for number in ids]

    def messages(self, exchange: int, start: int = 0, count: int = 500) -> list[MessageRow]:
        return self.messages_.get(exchange, [])[start : start + count]

    def body(self, exchange: int, seq: int, offset: int = 0, size: int = -1) -> bytes:
        whole = self.bodies.get((exchange, seq), b"")
        return whole[offset:] if size < 0 else whole[offset : offset + size]

    def body_all(self, exchange: int, direction: str, offset: int = 0, size: int = -1) -> bytes:
        whole = b"".join(
            self.bodies.get((exchange, message.seq), b"")
            for message in self.messages_.get(exchange, [])
            if message.direction == direction
        )
        return whole[offset:] if size < 0 else whole[offset : offset + size]

    def head(self, exchange: int) -> tuple[bytes, tuple[str, int | None] | None, str]:
        return self.heads.get(exchange, b""), ("127.0.0.1", 8000), ""

    def wire(self, exchange: int, start: int = 0, count: int = 500) -> list[WireRow]:
        return self.wires.get(exchange, [])[start : start + count]

    def has_wire(self, exchange: int) -> bool:
        return bool(self.wires.get(exchange))

    def wire_bytes(self, piece: WireRow, offset: int = 0, size: int = -1) -> bytes:
        whole = octets(piece, lambda *part: self.body(piece.exchange, *part))
        return whole[offset:] if size < 0 else whole[offset : offset + size]

    def transport(self, exchange: int) -> dict[str, Any]:
        return self.transports.get(exchange, {})

    def row(self, exchange: int) -> ExchangeRow | None:
        return self.rows_.get(exchange)

    def accepted_ns(self, exchange: int) -> int | None:
        return None

    def waits(self, exchange: int) -> list[Any]:
        return []

    def holds(self, exchange: int) -> list[HoldRow]:
        return self.holds_.get(exchange, [])

    def original(self, exchange: int, seq: int) -> OriginalRow | None:
        return self.originals.get((exchange, seq))

    def logs(self, exchange: int, *_: Any, **__: Any) -> list[LogRow]:
        return self.logs_.get(exchange, [])

    def log_count(self, exchange: int, until_ns: int) -> int:
        return sum(one.t_ns <= until_ns for one in self.logs_.get(exchange, []))

    def failures(self, exchange: int) -> list[FailureRow]:
        return self.failures_.get(exchange, [])

    def runs(self, since: int = 0) -> list[RunRow]:
        return [run for run in self.runs_ if run.id >= since][-1000:]

    def run_log(self, run: int, after: int = 0, count: int = 1000) -> list[LogRow]:
        return [row for row in self.logs_.get(0, []) if row.run == run and row.id > after][-count:]

    def lifespan(self, run: int) -> int | None:
        return self.lifespan_ if self.runs_ and run == self.runs_[-1].id else None

    def totals(self) -> Totals:
        live = sum(row.live for row in self.rows_.values()) if len(self.rows_) < 5000 else 0
        return Totals(len(self.rows_), live, self.bytes, self.dropped, self.keep, 512 << 20)

    def interrupt(self) -> None:
        self.interrupted += 1
        if self.gate is not None:
            self.gate.set()

    def close(self) -> None:
        self.closed = True
