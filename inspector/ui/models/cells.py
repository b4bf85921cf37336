"""The columns of the exchange table, and what stands in them. Strings are made when they are painted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inspector.commands.copying import url
from inspector.recording.rows import ExchangeRow
from inspector.recording.timing import length_ns
from inspector.ui import words

Text = Callable[[ExchangeRow, int], str]
"""Of a row, at a time (monotonic ns, for what is still in flight)."""


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    order: str
    """The field of `ExchangeRow` by which a click on the header sorts."""
    width: int
    """Pixels at first; 0 takes what is left."""
    text: Text
    tooltip: str
    right: bool = False
    """Figures stand at the right, under a title at the right."""


def method(row: ExchangeRow) -> str:
    return "WS" if row.kind == "websocket" else row.method


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
    return f"{row.path}?{row.query}" if row.query else row.path


def status(row: ExchangeRow) -> str:
    if row.status is not None:
        return str(row.status)
    if row.kind == "lifespan" and (not row.exception or unsupported(row)):
        return ""
    return "…" if row.live else "—"


def size(row: ExchangeRow) -> str:
    """Bytes of the response; messages of a WebSocket; dots behind a body that still grows."""
    if row.kind == "websocket":
        return f"{words.count(row.message_count)} msg"
    if row.kind == "lifespan":
        return ""
    return f"{words.size(row.response_bytes)} …" if streaming(row) else words.size(row.response_bytes)


def streaming(row: ExchangeRow) -> bool:
    """The response has begun, and its end is not there yet."""
    return row.kind == "http" and row.live and row.response_ns is not None and row.response_end_ns is None


def app(row: ExchangeRow) -> str:
    if streaming(row):
        return "streaming"
    return words.duration(row.app_ns) if row.call_ns is not None else ""


def total(row: ExchangeRow, now_ns: int) -> str:
    if row.outcome == "lost":
        return "lost"
    if row.duration_ns is not None:
        return words.duration(row.duration_ns)
    return words.duration(length_ns(row, now_ns))


def _waterfall_tip(row: ExchangeRow) -> str:
    """The figures behind the bar, in the words of the timing panel."""
    spans = (
        ("app", row.app_ns),
        ("waiting for the client", row.client_ns),
        ("back-pressure", row.blocked_ns),
        ("after the response", row.after_ns),
    )
    return "\n".join(f"{name} {words.duration(ns)}" for name, ns in spans if ns)


def tip(row: ExchangeRow, column: int) -> str:
    """What hovering over a cell tells beyond the cell; empty where the cell says it all."""
    if column == PATH and row.kind != "lifespan":
        return url(row)
    if column == STATUS:
        return row.outcome_text or row.exception
    if column == TOTAL:
        return f"{row.outcome_text}\n" * bool(row.outcome_text) + f"started {words.clock(row.started_ns)}"
    return _waterfall_tip(row) if column == WATERFALL else ""


NUMBER, METHOD, PATH, STATUS, INTERFACE, SIZE, APP, TOTAL, WATERFALL = range(9)

COLUMNS = (
    Column("#", "id", 68, lambda row, _: words.count(row.id), "In order of start", right=True),
    Column("method", "method", 66, lambda row, _: method(row), "Method of the request; WS is a WebSocket"),
    Column("path", "path", 0, lambda row, _: path(row), "Path and query, as requested"),
    Column("status", "status", 72, lambda row, _: status(row), "Status of the response"),
    Column("interface", "interface", 78, lambda row, _: row.interface, "Gateway interface the app was called by"),
    Column(
        "size",
        "response_bytes",
        82,
        lambda row, _: size(row),
        "Bytes of the response; messages of a WebSocket",
        right=True,
    ),
    Column(
        "app",
        "app_ns",
        86,
        lambda row, _: app(row),
        "The app's own time: no waiting for the client, no back-pressure",
        right=True,
    ),
    Column("total", "duration_ns", 92, total, "From the request's first byte to the end of the exchange", right=True),
    Column("waterfall", "id", 322, lambda _row, _: "", "When, beside the other rows in view"),
)
