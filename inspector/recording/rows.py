"""What the recording gives to its readers: frozen rows, made from the database on demand.

Times named `*_ns` are monotonic nanoseconds of the engine unless said otherwise; None means "not", or "not yet".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

COLOURS = ("red", "yellow", "green", "blue", "violet")
"""Those that the user can give an exchange."""


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """A line of the exchange table: everything that is shown, sorted or filtered without opening the exchange."""

    id: int
    run: int
    kind: str
    """http, websocket or lifespan."""
    interface: str
    http_version: str
    method: str
    """Empty for lifespan; GET for the handshake of a WebSocket."""
    path: str
    """Decoded, without the query; empty for lifespan."""
    query: str
    host: str
    scheme: str
    status: int | None
    """Of the response; 101 for an accepted WebSocket; 403 or the denial's for a refused one."""
    client: str
    """As 127.0.0.1:51764, or empty."""
    connection: int
    started_ns: int
    """Wall clock, nanoseconds since the epoch."""
    t0_ns: int
    """The zero of this exchange: the request's first byte."""
    head_ns: int
    call_ns: int | None
    response_ns: int | None
    """First byte of the response handed to the socket."""
    response_end_ns: int | None
    """The response was complete (last byte handed to the socket)."""
    end_ns: int | None
    """The exchange is over; None while it is in flight."""
    duration_ns: int | None
    app_ns: int
    """The app's own time until its response was complete: no waiting for the client, no back-pressure, no hold."""
    client_ns: int
    """Waited for the client's bytes."""
    blocked_ns: int
    """Back-pressure: waited for the client to read."""
    after_ns: int
    """The app ran on after its response was complete."""
    held_ns: int
    request_bytes: int
    response_bytes: int
    message_count: int
    outcome: str
    """Empty while in flight; else as `trace.records.ExchangeEnded`, or lost, where the engine died under it."""
    outcome_text: str
    exception: str
    """Type of the exception the app let out, or empty."""
    log_count: int
    pinned: bool
    note: str = ""
    """What the user wrote at it, one line."""
    colour: str = ""
    """One of `COLOURS`, given by the user, or empty."""
    doing: str = ""
    """What the time of an exchange in flight goes to: worker, client, open (the app asked for a message beyond the
    request's body: it waits for the client to leave, or listens for it beside its work), app, blocked, held, or
    nothing that is counted (empty)."""
    doing_ns: int | None = None
    """Since when."""
    counted_ns: int = 0
    """The figures of an exchange in flight count up to this instant."""

    @property
    def live(self) -> bool:
        return self.end_ns is None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message of an exchange. The body is fetched apart (`Reader.body`)."""

    exchange: int
    seq: int
    t_ns: int
    asked_ns: int | None
    wire_ns: int | None
    """When the wire did it: bytes came in (receive), or were handed to the socket (send); None if not yet."""
    direction: str
    """One of trace.records.DIRECTIONS."""
    type: str
    data: Any
    """The message without `type` and body: plain values, `Opaque`, `Cut`. For `call`: the whole scope or environ."""
    body_key: str
    """body, bytes or text; empty where the message has no body."""
    head: bytes
    """The first bytes of the body, for a line in the table (at most 256)."""
    size: int
    stored: int
    """Bytes of the body that are recorded; less than `size` where the body cap cut it."""
    status: int | None
    more_body: bool
    edited: bool
    dropped: bool
    injected: bool
    body_offset: int = 0
    """Recorded bytes of this direction's bodies before this message: where its own begins in `Reader.body_all`."""

    @property
    def truncated(self) -> bool:
        return bool(self.body_key) and self.stored < self.size


@dataclass(frozen=True, slots=True)
class LogRow:
    """Text that the app wrote, tied to an exchange (0: to the run)."""

    id: int
    run: int
    exchange: int
    t_ns: int
    source: str
    level: str
    logger: str
    text: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class FailureRow:
    """An exception of an exchange (0: of the run). `chain` as in trace.records.Failure."""

    exchange: int
    t_ns: int
    type: str
    message: str
    text: str
    chain: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class OriginalRow:
    """What a message was before the user edited it; `data` as in `MessageRow`."""

    type: str
    data: Any
    body_key: str
    size: int
    body: bytes
    """As far as it is recorded."""


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A message was held at the hook point `point` from `t_ns` to `released_ns` (None: it still is)."""

    id: int
    seq: int
    point: str
    t_ns: int
    released_ns: int | None
    by: str
    """The verb that ended it, or cancelled, stop, end."""


@dataclass(frozen=True, slots=True)
class WirePart:
    """Bytes of message `seq`'s body that stand in a piece of wire; LOST: `size` bytes that are not on record."""

    seq: int
    offset: int
    size: int
    original: bool = False
    """Those of the message before it was edited."""


class WireRow(NamedTuple):
    """A piece of an exchange's wire: `before`, then the parts, then `behind` (`Reader.wire_bytes`)."""

    exchange: int
    number: int
    """Its place in the order of time; of one that is told late, others' numbers change."""
    t_ns: int
    sent: bool
    """To the client."""
    kind: str
    """request head, request (one that is none), head, informational, body, chunk, last chunk, frame, HTTP/2 frame, or
    cut."""
    seq: int | None
    """The message that it carried, or was part of."""
    before: bytes
    behind: bytes
    parts: tuple[WirePart, ...] = ()
    mask: bytes = b""
    """The parts are masked with it (RFC 6455, 5.3)."""
    left_out: int = 0
    """cut: pieces that are not on record, as far as that is known, and their bytes beside bodies."""
    left_out_bytes: int = 0
    windows: tuple[int, ...] = ()
    """HTTP/2 frame: as `trace.wire.WINDOWS`, once it had its effect; -1: of no stream, or of one that is over."""

    @property
    def body_size(self) -> int:
        """Bytes of bodies in it."""
        return sum(part.size for part in self.parts)

    @property
    def size(self) -> int:
        """Bytes of it on the wire."""
        return len(self.before) + self.body_size + len(self.behind)


@dataclass(frozen=True, slots=True)
class WaitRow:
    """The app waits at this moment: asked for a message (`receive`), or its send has not returned (`send`)."""

    point: str
    since_ns: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """One life of an engine. `states` are its StateChanged records as (t_ns, state, detail), in order."""

    id: int
    started_ns: int
    """Wall clock."""
    t0_ns: int
    ended_ns: int | None
    pid: int
    python: str
    executable: str
    app: str
    end_text: str
    """Why it ended, in words; empty while it lives."""
    states: list[tuple[int, str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Totals:
    """The recording's figures for the status bar."""

    exchanges: int
    in_flight: int
    bytes: int
    dropped: int
    """Exchanges dropped by the retention cap, oldest first."""
    keep_exchanges: int
    keep_bytes: int
    dropped_logs: int = 0
    """Lines of logs dropped by their own cap, oldest first."""
    cut_bodies: int = 0
    """Messages of exchanges in flight whose bodies were dropped, because one exchange alone passed `keep_bytes`."""
