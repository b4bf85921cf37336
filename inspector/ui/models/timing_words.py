"""Where an exchange's time went, in words: a name and a sentence for each span and each mark."""

from __future__ import annotations

from inspector.recording.rows import ExchangeRow
from inspector.recording.timing import Mark, wire_ns
from inspector.ui import shown, words

_NAMES = {
    "worker": "waiting for worker",
    "client": "client sending",
    "wire": "wire",
    "app": "app",
    "open": "waiting in receive",
    "blocked": "back-pressure",
    "after": "after response",
    "held": "held by you",
}
_SENTENCES = {
    "wire": "Reading the head, and handing bytes to the socket: what the other lines leave of the response's time.",
    "worker": "From the request's head until a worker thread took the call: long where all of them are busy.",
    "client": "The request's bytes came in: its head, and the body that the app waited for.",
    "app": "The app's own time until its response was complete.",
    "open": "The app asked for a message that has not come: it waits for its client, or listens for it to leave.",
    "blocked": "The client did not read: the app's send waited for it.",
    "after": "The app ran on after its response was complete.",
    "held": "Held at a breakpoint; never counted as the app's time.",
}
_MARKS = {
    "accepted": ("accepted", "The client's connection was accepted; requests before this one may have used it."),
    "first_byte": ("first byte", "The request's first byte came in: the zero of all these figures."),
    "head": ("head parsed", "The request's head was whole."),
    "called": ("app called", "The server called the app."),
    "returned": ("app returned", "The app's call came to its end."),
    "raised": ("app raised", "The app let an exception out."),
    "closed": ("close() called", "The server called close() of the iterable."),
    "first_out": ("first byte out", "The response's first byte was handed to the socket."),
    "last_out": ("last byte out", "The response's last byte was handed to the socket: it was complete."),
    "over": ("over", "Nothing more happened in this exchange."),
}


def name(kind: str, exchange: str = "http") -> str:
    """A span in words, for an exchange of kind `exchange`."""
    if kind == "client" and exchange != "http":
        return "waiting for client" if exchange == "websocket" else "waiting in receive"
    return _NAMES[kind]


def sentence(kind: str, row: ExchangeRow) -> str:
    """What a span means."""
    match kind, row.kind:
        case "client", "websocket":
            return "The handshake, and the app waiting in receive for the client's next message."
        case "client", "lifespan":
            return "The app waited in receive: between startup and shutdown there is nothing to do."
        case "app", "websocket":
            return "The app's own time: the handshake, and between the client's messages."
        case "app", "lifespan":
            return "The app's own time: its startup, and its shutdown."
    if kind == "app" and row.response_end_ns is None:
        return "The app's own time so far." if row.live else "The app's own time."
    return _SENTENCES[kind]


def whole(row: ExchangeRow, past: bool = False) -> str:
    """What the total covers; `past`: `row` is as of a message."""
    since = "From the request's first byte" if row.kind != "lifespan" else "From the start"
    if past:
        return since + " until this message."
    return since + (" until now." if row.live else " to the end of the exchange.")


def mark(seen: Mark, row: ExchangeRow) -> tuple[str, str]:
    """A mark's name and sentence."""
    title, told = _MARKS[seen.kind]
    match seen.kind, row.kind:
        case "called", "lifespan":
            told = "The server called the app for its lifespan: the zero of all these figures."
        case "first_out", "websocket":
            told = "The answer to the handshake was handed to the socket."
        case "last_out", "websocket":
            told = "The session's last byte was handed to the socket."
        case "returned", _ if row.interface == "wsgi":
            told = "The app returned its iterable."
        case "over", _ if row.outcome_text:
            told = f"{shown.one_line(row.outcome_text[:1].upper() + row.outcome_text[1:], 200).rstrip('.')}."
    return title, told


def summary(row: ExchangeRow) -> str:
    """`app 7.8 ms   wire 0.6 ms`."""
    parts = [f"app {words.duration(row.app_ns)}"] if row.call_ns is not None else []
    if row.response_end_ns is not None and row.kind == "http":
        parts.append(f"wire {words.duration(wire_ns(row))}")
    return "   ".join(parts)


def held(row: ExchangeRow) -> str:
    """`held by you 42.0 s, not counted`; empty where it was not held."""
    return f"held by you {words.duration(row.held_ns)}, not counted" if row.held_ns else ""


def ticks(length_ns: int, most: int = 5) -> list[tuple[int, str]]:
    """At most `most` round instants within `length_ns`, from zero on, as they stand on an axis."""
    step = 1
    for _ in range(60):
        for factor in (1, 2, 5):
            if length_ns // (step * factor) < most:
                return [(at, _instant(at, step * factor)) for at in range(0, length_ns + 1, step * factor)]
        step *= 10
    return [(0, "0")]


def _instant(ns: int, step: int) -> str:
    if not ns:
        return "0"
    if step >= 1_000_000_000:
        return f"{ns // 1_000_000_000:,} s"
    return f"{ns / 1_000_000:,.0f} ms" if step >= 1_000_000 else f"{ns / 1_000_000:,.2f} ms".replace("0 ms", " ms")
