"""What happened, as the engine tells it: the records of the link.

Times are monotonic nanoseconds of the engine (`clock.now`); 0 means "not" or "not yet". Ids of exchanges are unique in
a recording and count up in order of start; `exchange` 0 in a record means the run itself. A message's `seq` counts up
from 0 within its exchange.

A message is told at the moment the app gave it or is about to get it. What becomes of it afterwards comes later: that
the wire took it (`wired_seq`, `wired_ns`: every send up to that seq was handed to the socket by then) rides on the next
record of the exchange, so that the usual case costs no record of its own; a `Wait` tells where the app really waits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, Union

from inspector.trace.stepping import Answered, Held, Hit, Original, Released

# Directions of a message, seen from the gateway interface (DESIGN, section 5).
CALL, RECEIVE, SEND, CLOSE, RETURN, RAISE = range(6)
DIRECTIONS = ("call", "receive", "send", "close", "return", "raise")

# Which key of the message its body stands under; the body travels beside the message, as raw bytes.
NO_BODY, BODY, BYTES, TEXT = range(4)
BODY_KEYS = ("", "body", "bytes", "text")
"""`text` is stored as UTF-8."""

# Flags of a message.
TRUNCATED, EDITED, DROPPED, INJECTED, MORE_BODY = 1, 2, 4, 8, 16
"""TRUNCATED: the body cap cut the stored body, `size` tells the whole. MORE_BODY: the message's `more_body` is true."""


@dataclass(frozen=True)
class RunStarted:
    """An engine began its life. The first record of a run."""

    t_ns: int
    wall_ns: int
    """The same instant as `t_ns`, in nanoseconds since the epoch."""
    pid: int
    python: str
    executable: str
    app: str
    """APP as the user wrote it."""


@dataclass(frozen=True)
class StateChanged:
    """The engine's life went on. `state` is one of STATES; `detail` depends on it (all values plain)."""

    t_ns: int
    state: str
    detail: dict[str, Any] = field(default_factory=dict)


STATES = {
    "loading": "the app is being imported",
    "loaded": "the app is there; detail: app, interface, name (its type)",
    "load failed": "detail: title, hint, text (traceback, ours cut off), status 503 is served meanwhile",
    "lifespan": "detail: verdict (supported, unsupported, failed, raised, hung), text (traceback or message)",
    "serving": "requests are answered; detail: host, port, url",
    "stopping": "no new connections, what runs has its grace",
    "stopped": "the engine ends; detail: reason",
    # By the window's side, about the run.
    "started": "detail: cause (start, restart, reload, stand-in), files (that changed), file_count, and with TLS"
    " certificate {file, development, trusted (by this system), names (where trusted), why (not trusted)}",
    "stalled": "the loop did not turn; detail: duration_ns, where, over (false: the run ended meanwhile)",
    "stalls": "there were more than are told one by one; detail: count, and duration_ns, where of the longest",
    "ended": "detail: how (stopped, restarted, reloaded, crashed, forced, refused), code, text, lost and lost_count"
    " (requests in flight), words (the app's last ones: [source, level, text, exchange]); refused: title, hint, detail",
}


class ExchangeStarted(NamedTuple):
    """A request head (or the lifespan) is here; the app has not been called."""

    exchange: int
    kind: str
    """http, websocket or lifespan."""
    interface: str
    """asgi3, asgi2, wsgi, or "" where no app answers (a refused request, the 503 page)."""
    connection: int
    http_version: str
    scheme: str
    client: tuple[str, int] | None
    server: tuple[str, int | None] | None
    root_path: str
    head: bytes
    """The request head as it stood on the wire, request line first, blank line included; empty for lifespan."""
    accepted_ns: int
    first_byte_ns: int
    head_ns: int
    transport: dict[str, Any] | None = None
    """What lies below HTTP, as far as there is any of it: `tls` {version, cipher, alpn, server_name}; `forwarded`
    {client, scheme}, those of the connection itself where a proxy has named others."""


class MessageSeen(NamedTuple):
    """A message passed the gateway interface, or is about to. See the module's text for the times."""

    exchange: int
    seq: int
    t_ns: int
    """App clock: when the app gave the message, or gets it."""
    asked_ns: int
    """When the app asked for it (receive, read); 0 for other directions."""
    wire_ns: int
    """When its first byte came from the client (receive, read), else 0."""
    wired_seq: int
    wired_ns: int
    direction: int
    type: str
    """As the interface names it. `refused` (receive) is ours: what the client sent is no request, or no body of one;
    its data are message, section, offset, status, raw (the bytes, bounded) and raw_offset, counted from the request's
    first byte."""
    data: bytes
    """The message without its type and body, by `values.encode`. For `call`: what the scope or environ has beside
    `scope.asgi_scope` or `scope.wsgi_environ` of the exchange's head."""
    body_key: int = NO_BODY
    body: bytes = b""
    """The first bytes of the body; what does not fit one record follows in `BodyPart`s."""
    size: int = 0
    """Bytes of the whole body, also where the cap cut it."""
    stored: int = 0
    """Bytes of the body that are recorded: this record's and its parts'."""
    status: int = 0
    """The status of a response head, or a WebSocket's close code; else 0."""
    flags: int = 0


class BodyPart(NamedTuple):
    """More of the body of a message already told; parts come in order."""

    exchange: int
    seq: int
    offset: int
    data: bytes


class Wait(NamedTuple):
    """The app waits since `t_ns` at the gateway interface (`done` false), or no longer (`done` true).

    `point` is RECEIVE (asked, and no answer is there yet) or SEND (called, and the client's socket is full).
    """

    exchange: int
    t_ns: int
    point: int
    done: bool


@dataclass(frozen=True)
class Wired:
    """Every send up to `seq` was handed to the socket by `t_ns`: told apart only where no record of the exchange will
    carry it soon, as for a response head that goes out alone."""

    exchange: int
    seq: int
    t_ns: int


class ExchangeEnded(NamedTuple):
    """Nothing more will come of this exchange."""

    exchange: int
    t_ns: int
    outcome: str
    """done, refused, client left, app raised, broken (a transfer cut short by us), aborted (by the user), stopped."""
    text: str
    """What happened in a sentence, where `outcome` is not done."""
    first_out_ns: int
    last_out_ns: int
    wired_seq: int
    wired_ns: int
    status: int = 0
    """The status that the server answered by itself, where the app gave none (a refused request, a 500); else 0."""
    wire_first: int = 0
    wire: bytes = b""
    """As `WireTold`, so that the usual case costs no record of its own."""


class WireTold(NamedTuple):
    """More of the exchange's wire. May come after its end."""

    exchange: int
    first: int
    """The number of the first piece; they count up from 0 within the exchange."""
    pieces: bytes
    """By `wire.pack`, one behind the other."""


@dataclass(frozen=True)
class Failure:
    """An exception that the app let out, or that stopped the server from doing what the app asked.

    `chain` holds plain dicts, outermost exception first: {type, message, notes, relation (cause, context, group or
    empty), frames: [{file, line, function, source, locals: null}]}.
    """

    exchange: int
    t_ns: int
    type: str
    message: str
    text: str
    """The whole traceback as Python prints it, our own frames cut off."""
    chain: list[dict[str, Any]]


@dataclass(frozen=True)
class Logged:
    """Text that the app wrote: a logging record, or a line on stdout, stderr or wsgi.errors."""

    exchange: int
    t_ns: int
    source: str
    """logging, stdout, stderr or wsgi.errors."""
    level: str
    logger: str
    text: str
    file: str
    line: int


@dataclass(frozen=True)
class Stalled:
    """The app has kept the event loop from turning for `duration_ns`; told again with `over` when it turns again."""

    exchange: int
    t_ns: int
    """When the turn began."""
    duration_ns: int
    where: str
    """File, line and function that runs, innermost last; may be empty."""
    over: bool


@dataclass(frozen=True)
class Pulse:
    """Once a second while something runs: how the engine is."""

    t_ns: int
    loop_lag_ns: int
    """The longest turn of the loop since the last pulse."""
    in_flight: int
    connections: int
    workers: int
    """WSGI worker threads that are busy."""


Record = Union[  # noqa: UP007 - evaluated at run time, on 3.10
    RunStarted,
    StateChanged,
    ExchangeStarted,
    MessageSeen,
    BodyPart,
    Wait,
    Wired,
    WireTold,
    ExchangeEnded,
    Failure,
    Logged,
    Stalled,
    Pulse,
    Held,
    Released,
    Original,
    Hit,
    Answered,
]
