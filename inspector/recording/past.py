"""A recorded exchange as it stood at one of its messages: what had passed until then, and nothing later.

`Past` has the methods of a `Reader` that are about one exchange, so whatever shows an exchange shows its past as well.
Its row is made by the fold's own rules (`live`), fed again with the messages up to that one and with what the wire and
the holds had done by its time. What the recording does not keep cannot come back: the back-pressure of a moment counts
as the app's time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from inspector.recording.live import Live, parse_asked
from inspector.recording.reader import Reader
from inspector.recording.rows import ExchangeRow, FailureRow, HoldRow, LogRow, MessageRow, OriginalRow, WaitRow, WireRow
from inspector.trace import records
from inspector.trace.records import ExchangeStarted, MessageSeen
from inspector.trace.stepping import Held

EXACT = 2_000
"""Messages that are read again for the times of a moment; further on only bytes, status and held time are told."""
_PAGE = 500
_NEAR = 200
"""Messages in which the other direction's last one is looked for, where not all are read."""
_FLAGS = (("edited", records.EDITED), ("dropped", records.DROPPED), ("injected", records.INJECTED),
          ("more_body", records.MORE_BODY))  # fmt: skip


class Past:
    """The exchange of `row` as of its message `seq`. Reads at once what it needs; raises as `Reader` does."""

    def __init__(self, reader: Reader, row: ExchangeRow, seq: int) -> None:
        self.seq = seq
        self.exact = seq < EXACT
        """Its times are told."""
        self._reader = reader
        start = 0 if self.exact else max(seq - _NEAR, 0)
        messages = _read(reader, row.id, start, seq)
        self.now_ns = max((one.t_ns for one in messages), default=row.t0_ns)
        """The moment: engine's clock, when the message was given or got."""
        self._holds = [
            one if one.released_ns is not None and one.released_ns <= self.now_ns else replace(one, released_ns=None)
            for one in reader.holds(row.id)
            if one.t_ns <= self.now_ns
        ]
        self._raised = any(one.direction == "raise" for one in messages)
        self._stored = {"receive": 0, "send": 0}
        self.row_ = self._row(row, messages)

    def _row(self, row: ExchangeRow, messages: list[MessageRow]) -> ExchangeRow:
        live = _live(row, self._reader.head(row.id)[0])
        out, end = (t_ns if t_ns is not None and t_ns <= self.now_ns else None
                    for t_ns in (row.response_ns, row.response_end_ns))  # fmt: skip
        live.response_ns, live.response_end_ns = out, end
        if self.exact:
            _feed(live, messages, self._holds, self.now_ns)
        else:
            _skip(live, messages)
        self._stored = {"receive": live.received, "send": live.sent}
        made = live.row()
        return replace(
            row,
            status=made.status if self.exact else row.status,
            call_ns=made.call_ns if self.exact else row.call_ns,
            response_ns=made.response_ns,
            response_end_ns=made.response_end_ns,
            end_ns=None,
            duration_ns=None,
            app_ns=made.app_ns if self.exact else 0,
            client_ns=made.client_ns if self.exact else 0,
            blocked_ns=0,
            after_ns=made.after_ns,
            held_ns=sum(one.released_ns - one.t_ns for one in self._holds if one.released_ns is not None),
            request_bytes=made.request_bytes,
            response_bytes=made.response_bytes,
            message_count=self.seq + 1,
            outcome="",
            outcome_text="",
            exception=row.exception if self._raised else "",
            log_count=self._reader.log_count(row.id, self.now_ns),
        )

    # As `Reader`, of this exchange.

    def rows(self, ids: Sequence[int]) -> list[ExchangeRow | None]:
        return [self.row_ if id_ == self.row_.id else None for id_ in ids]

    def messages(self, exchange: int, start: int = 0, count: int = 500) -> list[MessageRow]:
        return self._reader.messages(exchange, start, min(count, max(self.seq + 1 - start, 0)))

    def head(self, exchange: int) -> tuple[bytes, tuple[str, int | None] | None, str]:
        return self._reader.head(exchange)

    def transport(self, exchange: int) -> dict[str, Any]:
        return self._reader.transport(exchange)

    def accepted_ns(self, exchange: int) -> int | None:
        return self._reader.accepted_ns(exchange)

    def original(self, exchange: int, seq: int) -> OriginalRow | None:
        return self._reader.original(exchange, seq)

    def holds(self, exchange: int) -> list[HoldRow]:
        """Those that had begun; one that was not over yet has no end."""
        return list(self._holds) if exchange == self.row_.id else []

    def waits(self, _exchange: int) -> list[WaitRow]:
        return []

    def wire(self, exchange: int, start: int = 0, count: int = 500) -> list[WireRow]:
        """What had gone over the wire by then."""
        return [one for one in self._reader.wire(exchange, start, count) if one.t_ns <= self.now_ns]

    def has_wire(self, exchange: int) -> bool:
        return self._reader.has_wire(exchange)

    def wire_bytes(self, piece: WireRow, offset: int = 0, size: int = -1) -> bytes:
        return self._reader.wire_bytes(piece, offset, size)

    def body(self, exchange: int, seq: int, offset: int = 0, size: int = -1) -> bytes:
        return self._reader.body(exchange, seq, offset, size)

    def body_all(self, exchange: int, direction: str, offset: int = 0, size: int = -1) -> bytes:
        left = max(self._stored[direction] - max(offset, 0), 0)
        return self._reader.body_all(exchange, direction, offset, left if size < 0 else min(size, left))

    def logs(self, exchange: int, after: int = 0, count: int = 1000, newest: bool = False) -> list[LogRow]:
        return self._reader.logs(exchange, after, count, newest, self.now_ns)

    def failures(self, exchange: int) -> list[FailureRow]:
        """All of them once the app has raised: the exception is told with its message, not before."""
        return [one for one in self._reader.failures(exchange) if self._raised or one.t_ns <= self.now_ns]


Pages = Reader | Past
"""Whatever can be asked for everything about one exchange."""


def _read(reader: Reader, exchange: int, start: int, last: int) -> list[MessageRow]:
    found: list[MessageRow] = []
    for at in range(start, last + 1, _PAGE):
        found += reader.messages(exchange, at, min(_PAGE, last + 1 - at))
    return found


def _live(row: ExchangeRow, head: bytes) -> Live:
    first = 0 if row.kind == "lifespan" else row.t0_ns
    started = ExchangeStarted(row.id, row.kind, row.interface, row.connection, row.http_version, row.scheme, None, None,
                              "", head, 0, first, row.head_ns)  # fmt: skip
    live = Live(row.run, started, parse_asked(head), row.started_ns)
    live.t0_ns = row.t0_ns
    return live


def _feed(live: Live, messages: list[MessageRow], holds: list[HoldRow], now_ns: int) -> None:
    """The fold's records again, in the order of time; what the wire did after `now_ns` has not happened."""
    events: list[tuple[int, int, Any]] = [(max(one.t_ns, live.record.head_ns), 2, one) for one in messages]
    events += [(one.wire_ns, 1, one) for one in messages
               if one.direction == "send" and one.wire_ns and one.wire_ns <= now_ns and not one.dropped]  # fmt: skip
    events += [(one.released_ns, 0, one) for one in holds if one.released_ns is not None]
    for t_ns, kind, one in sorted(events, key=lambda event: event[:2]):
        if kind == 0:
            live.hold(_held(one))
            live.release(t_ns)
        elif kind == 1:
            live.wired(one.seq, t_ns)
        else:
            live.message(_seen(one))
    still = next((one for one in holds if one.released_ns is None), None)
    if still is not None:
        live.hold(_held(still))
    live.last_ns = max(live.last_ns, now_ns)


def _skip(live: Live, messages: list[MessageRow]) -> None:
    """Only how many bytes had passed, of what is recorded."""
    for one in messages:
        stored = 0 if one.dropped else one.stored
        if one.direction == "receive":
            live.received = live.request_bytes = one.body_offset + stored
        elif one.direction == "send":
            live.sent = live.response_bytes = one.body_offset + stored


def _held(one: HoldRow) -> Held:
    return Held(0, one.id, one.t_ns, one.point, one.seq, "", b"", 0, b"", 0, 0, False, False, [], [], [], [], [])


def _seen(one: MessageRow) -> MessageSeen:
    direction = records.DIRECTIONS.index(one.direction) if one.direction in records.DIRECTIONS else records.RETURN
    flags = sum(flag for name, flag in _FLAGS if getattr(one, name))
    return MessageSeen(
        one.exchange, one.seq, one.t_ns, one.asked_ns or 0, one.wire_ns or 0, 0, 0, direction, one.type, b"",
        size=one.size, stored=one.stored, status=one.status or 0, flags=flags,
    )  # fmt: skip
