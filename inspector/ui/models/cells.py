"""The columns of the exchange table, and what stands in them. Strings are made when they are painted.

`COLUMNS` are all there are, in the order of the model's sections; which of them are shown, in what order and how wide,
is the header's business (`ui.panels.exchange_header`).
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from inspector.commands.copying import url
from inspector.recording.rows import ExchangeRow
from inspector.recording.timing import length_ns, so_far, spans, wire_ns
from inspector.trace.stepping import Held
from inspector.ui import words
from inspector.ui.models import held_words
from inspector.ui.models.timing_words import name as span_name
from inspector.ui.shown import one_line

Text = Callable[[ExchangeRow, int], str]
"""Of a row, at a time (monotonic ns, for what is still in flight)."""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    """In the settings; stable."""
    title: str
    order: str
    """The field of `ExchangeRow` by which a click on the header sorts."""
    width: int
    """Pixels at first; 0 takes what is left."""
    text: Text
    tooltip: str
    right: bool = False
    """Figures stand at the right, under a title at the right."""
    shown: bool = True
    """On the first day."""
    unit: str = ""
    """Of `plain`, for the header of a table that a program reads."""
    plain: Callable[[ExchangeRow], str] | None = None
    """The figure itself, where `text` rounds it; empty where it has none."""


_LONGEST = 1_000
"""Characters of a cell: no screen shows as many."""
_MILLISECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def seen(text: str) -> str:
    """Text from outside on one line; nearly all of it is plain, and quickly told to be."""
    return text if len(text) <= _LONGEST and text.isascii() and text.isprintable() else one_line(text, _LONGEST)


def method(row: ExchangeRow) -> str:
    return "WS" if row.kind == "websocket" else seen(row.method)


def unsupported(row: ExchangeRow) -> bool:
    """A lifespan that the app left as the spec allows: raised before it took an event, or returned without an answer.

    The messages tell: the call and its end, and before a return perhaps the event.
    """
    if row.kind != "lifespan":
        return False
    return row.message_count <= (2 if row.outcome == "app raised" else 3 if row.outcome == "done" else 0)


def path(row: ExchangeRow) -> str:
    if row.kind == "lifespan":
        return "lifespan · unsupported" if unsupported(row) else "lifespan"
    if not row.method and not row.path:  # what came was no request at all
        return seen(row.outcome_text)
    return seen(f"{row.path}?{row.query}" if row.query else row.path)


def status(row: ExchangeRow) -> str:
    if row.status is not None:
        return str(row.status)
    if row.kind == "lifespan" and (not row.exception or unsupported(row)):
        return ""
    return "…" if row.live else "—"


def size(row: ExchangeRow) -> str:
    """Bytes of the response; messages of a WebSocket; dots behind a body that still grows."""
    if row.kind == "websocket":
        return f"{words.short_count(row.message_count)} msg"
    if row.kind == "lifespan":
        return ""
    return f"{words.size(row.response_bytes)} …" if streaming(row) else words.size(row.response_bytes)


def streaming(row: ExchangeRow) -> bool:
    """The response has begun, and its end is not there yet."""
    return row.kind == "http" and row.live and row.response_ns is not None and row.response_end_ns is None


def app(row: ExchangeRow, now_ns: int) -> str:
    if streaming(row):
        return "streaming"
    return words.duration(so_far(row, now_ns).app_ns) if row.call_ns is not None else ""


def total(row: ExchangeRow, now_ns: int) -> str:
    if row.outcome == "lost":
        return "lost"
    if row.duration_ns is not None:
        return words.duration(row.duration_ns)
    return words.duration(length_ns(row, now_ns))


def text(row: ExchangeRow, column: int, now_ns: int, held: Held | None = None) -> str:
    """A cell; `held`: what is held of the exchange at this moment."""
    if held is not None and column == STATUS:
        return "held"
    if held is not None and column == TOTAL:
        return f"held {held_words.waited(held, now_ns)}"
    return COLUMNS[column].text(row, now_ns)


def held_ns(row: ExchangeRow, held: Held | None, now_ns: int) -> int:
    """How long the exchange was held by now."""
    return row.held_ns + (max(now_ns - held.t_ns, 0) if held is not None else 0)


def spent(row: ExchangeRow, now_ns: int = 0) -> list[str]:
    """What the time of the bar went to, in the words of the timing panel, and the whole."""
    told = [(span_name(span.kind, row.kind), span.total_ns) for span in spans(row, now_ns=now_ns)]
    if row.kind == "http" and row.response_end_ns is not None and (wire := wire_ns(row)):
        told.append((span_name("wire"), wire))
    whole = length_ns(row, now_ns)
    lines = [f"{name} {words.duration(ns)}" for name, ns in told]
    return [*lines, f"{'so far' if row.live else 'in all'} {words.duration(whole)}"]


def marked(row: ExchangeRow) -> list[str]:
    """What the user set at the exchange, in words."""
    told = ["pinned"] * row.pinned + [row.colour] * bool(row.colour)
    return [*told, f"note: {seen(row.note)}"] if row.note else told


def tip(row: ExchangeRow, column: int, now_ns: int = 0, held: Held | None = None) -> str:
    """What hovering over a cell tells beyond the cell; empty where the cell says it all."""
    if column == NUMBER:
        return "\n".join([f"started {words.clock(row.started_ns)}, run {row.run}", *marked(row)])
    if column == PATH:
        return "\n".join([seen(url(row))] * (row.kind != "lifespan") + marked(row))
    if column == STATUS:
        return held_words.at(held) if held is not None else seen(row.outcome_text or row.exception)
    if column == TOTAL:
        told = [seen(row.outcome_text)] * bool(row.outcome_text)
        return "\n".join([*told, f"started {words.clock(row.started_ns)}"])
    if column == SIZE and row.kind == "websocket":
        return words.counted(row.message_count, "message")
    return "\n".join(spent(row, now_ns)) if column == WATERFALL else ""


def as_plain(text: str) -> str:
    """`text` as a tooltip that Qt does not take for HTML, whatever stands in it."""
    return f"<qt>{html.escape(text)}</qt>".replace("\n", "<br>") if "<" in text else text


def aloud(row: ExchangeRow, column: int, now_ns: int, held: Held | None = None) -> str:
    """A cell for those who do not see it: what stands there, and what is told there by a colour, a bar or an icon."""
    if column == WATERFALL:
        return ", ".join(spent(row, now_ns))
    if column == SIZE and row.kind == "websocket":
        return words.counted(row.message_count, "message")
    said = text(row, column, now_ns, held)
    if column == NUMBER:
        return ", ".join([said, *marked(row)])
    return f"{said}, {seen(row.exception)}" if column == STATUS and row.exception else said


def _milliseconds(ns: int | None) -> str:
    return "" if ns is None else f"{ns / _MILLISECOND:.3f}"


def _moment(row: ExchangeRow) -> str:
    try:
        return (_EPOCH + timedelta(microseconds=row.started_ns // 1000)).isoformat(timespec="microseconds")
    except OverflowError:
        return ""


COLUMNS = (
    Column(
        "number", "#", "id", 68, lambda row, _: words.count(row.id), "In order of start", right=True,
        plain=lambda row: str(row.id),
    ),
    Column("method", "method", "method", 74, lambda row, _: method(row), "Method of the request; WS is a WebSocket"),
    Column("path", "path", "path", 0, lambda row, _: path(row), "Path and query, as requested"),
    Column("query", "query", "query", 120, lambda row, _: seen(row.query), "Query string, as it was sent", shown=False),
    Column("host", "host", "host", 130, lambda row, _: seen(row.host), "Host that the client asked for", shown=False),
    Column(
        "status", "status", "status", 72, lambda row, _: status(row), "Status of the response",
        plain=lambda row: "" if row.status is None else str(row.status),
    ),
    Column(
        "interface", "interface", "interface", 78, lambda row, _: row.interface,
        "Gateway interface the app was called by",
    ),
    Column("http", "http", "http_version", 54, lambda row, _: seen(row.http_version), "HTTP version", shown=False),
    Column("client", "client", "client", 130, lambda row, _: seen(row.client), "Address of the client", shown=False),
    Column(
        "run", "run", "run", 48, lambda row, _: str(row.run), "Run of the app; a reload starts a new one",
        right=True, shown=False,
    ),
    Column(
        "started", "started", "started_ns", 116, lambda row, _: words.clock(row.started_ns), "Time of day it began",
        right=True, shown=False, unit="UTC", plain=_moment,
    ),
    Column(
        "request", "request", "request_bytes", 82,
        lambda row, _: words.size(row.request_bytes) if row.kind == "http" else "", "Bytes of the request's body",
        right=True, shown=False, unit="bytes", plain=lambda row: str(row.request_bytes),
    ),
    Column(
        "size", "size", "response_bytes", 82, lambda row, _: size(row),
        "Bytes of the response; messages of a WebSocket", right=True, unit="bytes",
        plain=lambda row: str(row.response_bytes),
    ),
    Column(
        "messages", "messages", "message_count", 78, lambda row, _: words.count(row.message_count),
        "Messages between server and app", right=True, shown=False, plain=lambda row: str(row.message_count),
    ),
    Column(
        "app", "app", "app_ns", 86, app,
        "The app's own time: no waiting for the client, no back-pressure", right=True, unit="ms",
        plain=lambda row: _milliseconds(row.app_ns if row.call_ns is not None else None),
    ),
    Column(
        "total", "total", "duration_ns", 92, total, "From the request's first byte until the response was complete",
        right=True, unit="ms", plain=lambda row: _milliseconds(row.duration_ns),
    ),
    Column("waterfall", "waterfall", "id", 0, lambda _row, _: "", "When, beside the other rows in view"),
)  # fmt: skip

NAMES = tuple(column.name for column in COLUMNS)
NUMBER, METHOD, PATH, QUERY, HOST, STATUS, INTERFACE, HTTP, CLIENT, RUN = range(10)
STARTED, REQUEST, SIZE, MESSAGES, APP, TOTAL, WATERFALL = range(10, 17)
