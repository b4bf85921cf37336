"""The spans of an exchange: where its time went, as figures and as pieces on a time line (DESIGN, section 7).

Figures are the recorder's own sums. Pieces are where a span lay, as far as the messages tell: from the app asking for a
message to its coming the client is waited for; what is left between call and end of the response is the app's. Where
only a sum is known (back-pressure), or not every message is at hand, the span is one piece of the right length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inspector.recording.rows import ExchangeRow, HoldRow, MessageRow

KINDS = ("worker", "client", "app", "open", "blocked", "after", "held")
"""Waiting for a worker thread; the client; the app's own time; a receive that nothing has answered yet, beyond the
request's body; back-pressure; after the response; held by the user."""

MARKS = ("accepted", "first_byte", "head", "called", "returned", "raised", "closed", "first_out", "last_out", "over")
"""Instants: the connection was accepted; the request's first byte; its head was whole; the app was called; it returned,
or raised; close() of its iterable; first and last byte of the response handed to the socket; the exchange's end."""

Piece = tuple[int, int]
"""Begin and end, nanoseconds since the exchange's zero."""


@dataclass(frozen=True, slots=True)
class Span:
    kind: str
    total_ns: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    kind: str
    t_ns: int
    """Since the exchange's zero; the connection may have been accepted before it."""


def marks(row: ExchangeRow, messages: Sequence[MessageRow] = (), accepted_ns: int | None = None) -> list[Mark]:
    """The marks that are known, in order. `messages`: the exchange's last ones tell how the app ended."""
    seen: dict[str, int | None] = {
        "accepted": accepted_ns or None,
        "first_byte": row.t0_ns if row.kind != "lifespan" else None,
        "head": row.head_ns if row.kind != "lifespan" else None,
        "called": row.call_ns,
        "first_out": row.response_ns,
        "last_out": row.response_end_ns,
        "over": row.end_ns,
    }
    ends = {"return": "returned", "raise": "raised", "close": "closed"}
    seen |= {ends[message.direction]: message.t_ns for message in messages if message.direction in ends}
    found = [Mark(kind, t_ns - row.t0_ns) for kind in MARKS if (t_ns := seen.get(kind)) is not None]
    return sorted(found, key=lambda mark: mark.t_ns)


def so_far(row: ExchangeRow, now_ns: int) -> ExchangeRow:
    """`row` in flight, its figures counted up to `now_ns`; held time is counted by who knows the holds."""
    more = now_ns - row.counted_ns
    if not row.live or not row.counted_ns or more <= 0:
        return row
    if row.response_end_ns is not None:
        after = max(now_ns - row.response_end_ns, 0) if row.doing else row.after_ns
        return replace(row, after_ns=after, counted_ns=now_ns)
    if row.doing == "client":
        return replace(row, client_ns=row.client_ns + more, counted_ns=now_ns)
    if row.doing == "blocked":
        return replace(row, blocked_ns=row.blocked_ns + more, counted_ns=now_ns)
    if row.doing == "app" or (row.doing == "open" and row.response_ns is not None):
        return replace(row, app_ns=row.app_ns + more, counted_ns=now_ns)
    return row


def open_ns(row: ExchangeRow, now_ns: int) -> int:
    """How long a receive beyond the request's body has had no answer, before the response began: whether the app waits
    for it, or works beside it, cannot be seen. Once it is over it counts as the app's time."""
    asked = row.live and row.doing == "open" and row.response_ns is None
    return max(now_ns - row.doing_ns, 0) if asked and row.doing_ns else 0


def worker_ns(row: ExchangeRow, now_ns: int = 0) -> int:
    """How long a WSGI call waited for a worker thread, or has waited by `now_ns`; 0 for other interfaces."""
    call = row.call_ns or (now_ns if row.live else 0)
    return max(call - row.head_ns, 0) if row.interface == "wsgi" and call else 0


def length_ns(row: ExchangeRow, now_ns: int = 0) -> int:
    """From the first byte to the end of the exchange; while it is live, to `now_ns` or the last mark known."""
    marks = (row.end_ns or now_ns, row.response_end_ns, row.response_ns, row.call_ns, row.head_ns)
    known = worker_ns(row) + client_ns(row) + row.app_ns + row.blocked_ns + row.after_ns + row.held_ns
    told = [(mark or 0) - row.t0_ns for mark in marks]
    return max(*told, known if row.end_ns is None else 0, 0)


def client_ns(row: ExchangeRow) -> int:
    """How long the client's bytes were waited for: those of the head, and those that the app waited for."""
    return row.client_ns + (max(row.head_ns - row.t0_ns, 0) if row.kind != "lifespan" else 0)


def wire_ns(row: ExchangeRow) -> int:
    """What is left of the response's time beside all spans: parsing, and handing bytes to the socket."""
    end = row.response_end_ns or row.end_ns
    if end is None:
        return 0
    return max(end - row.t0_ns - worker_ns(row) - client_ns(row) - row.app_ns - row.blocked_ns - row.held_ns, 0)


def spans(
    row: ExchangeRow, messages: Sequence[MessageRow] = (), now_ns: int = 0, holds: Sequence[HoldRow] = ()
) -> list[Span]:
    """The spans that took any time, in the order of `KINDS`. Without all the messages, or its holds where it was held,
    pieces are laid end to end."""
    row = so_far(row, now_ns)
    totals = {
        "worker": worker_ns(row, now_ns),
        "client": client_ns(row),
        "app": row.app_ns,
        "open": open_ns(row, now_ns),
        "blocked": row.blocked_ns,
        "after": row.after_ns,
        "held": row.held_ns,
    }
    known = len(messages) >= row.message_count > 0 and (bool(holds) or not row.held_ns)
    pieces = _true_pieces(row, messages, now_ns, holds) if known else _end_to_end(totals)
    return [
        Span(kind, total, tuple(pieces.get(kind) or _end_to_end(totals)[kind]))
        for kind, total in totals.items()
        if total > 0
    ]


def _end_to_end(totals: dict[str, int]) -> dict[str, list[Piece]]:
    pieces, at = {}, 0
    for kind, total in totals.items():
        pieces[kind] = [(at, at + total)]
        at += total
    return pieces


def _true_pieces(
    row: ExchangeRow, messages: Sequence[MessageRow], now_ns: int, holds: Sequence[HoldRow]
) -> dict[str, list[Piece]]:
    zero = row.t0_ns
    held = _joined([(one.t_ns - zero, (one.released_ns or max(now_ns, one.t_ns)) - zero) for one in holds])
    call = row.head_ns + worker_ns(row, now_ns) - zero if row.call_ns is None else row.call_ns - zero
    whole = length_ns(row, now_ns)
    end = whole if row.response_end_ns is None else max(row.response_end_ns - zero, call)
    done = end
    head = row.head_ns - zero if row.kind != "lifespan" else 0
    client: list[Piece] = [(0, head)] if head > 0 else []
    for message in messages:
        if message.direction == "receive" and message.asked_ns and message.type != "http.disconnect":
            asked, came = max(message.asked_ns - zero, call), min(message.t_ns - zero, end)
            if asked < came:
                client.append((asked, came))
        elif message.direction == "raise" or (message.direction == "return" and row.interface != "wsgi"):
            done = max(min(done, message.t_ns - zero), call)
    asked = (row.doing_ns or 0) - zero
    if row.live and row.doing == "client" and row.doing_ns and max(asked, call) < end:
        client.append((max(asked, call), end))
    opened = [(max(asked, call), done)] if open_ns(row, now_ns) else []
    blocked = [(max(done - row.blocked_ns, call), done)] if row.blocked_ns else []
    client = [free for begin, end in _joined(client) for free in _gaps(begin, end, held)]
    return {
        "worker": [(head, call)],
        "client": client,
        "app": _gaps(call, done, [*client, *opened, *blocked, *held]),
        "open": opened,
        "held": held,
        "blocked": blocked,
        "after": [(end, min(end + row.after_ns, max(whole, end + 1)))],
    }


def _joined(pieces: list[Piece]) -> list[Piece]:
    """`pieces` in order, those that touch made one."""
    joined: list[Piece] = []
    for begin, end in sorted(pieces):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def _gaps(begin: int, end: int, pieces: list[Piece]) -> list[Piece]:
    """What `pieces` leave free between `begin` and `end`."""
    gaps: list[Piece] = []
    for start, stop in _joined(pieces):
        if start > begin:
            gaps.append((begin, min(start, end)))
        begin = max(begin, stop)
    if begin < end:
        gaps.append((begin, end))
    return gaps
