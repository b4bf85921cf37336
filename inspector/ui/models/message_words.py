"""A message in a few words, for its line in the table."""

from __future__ import annotations

from typing import Any, NamedTuple

from inspector.recording.rows import MessageRow
from inspector.ui import shown, words

CLOSE_CODES = {
    1000: "normal closure",
    1001: "going away",
    1002: "protocol error",
    1003: "data of a kind that is not accepted",
    1005: "no code given",
    1006: "no close frame: the connection was lost",
    1007: "data that does not fit its type",
    1008: "policy violation",
    1009: "message too big",
    1010: "an extension is missing",
    1011: "internal error",
    1012: "service restart",
    1013: "try again later",
    1014: "bad gateway",
    1015: "TLS handshake failed",
}
"""RFC 6455, section 7.4.1, and the registry it founded."""


class Words(NamedTuple):
    note: str
    """Ours."""
    quote: str
    """What came over the wire, to be shown in the fixed font."""
    done: str = ""
    """What the user did to it."""

    def __str__(self) -> str:
        return " · ".join(filter(None, (self.done, self.note, self.quote)))


def title(row: MessageRow) -> str:
    """The type as the table shows it; a call is named by what it gives to the app."""
    if row.direction == "call":
        scope, environ = called(row)
        return (
            "environ"
            if environ is not None
            else f"scope {shown.one_line(str((scope or {}).get('type', '')), 20)}".strip()
        )
    return shown.one_line(row.type, 80)


def called(row: MessageRow) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The scope and the environ of a `call`, the one that it is not None."""
    data = row.data if isinstance(row.data, dict) else {}
    return (None, data) if "REQUEST_METHOD" in data else (data, None)


def describe(row: MessageRow) -> Words:
    """What a reader wants to know of `row` without opening it."""
    data = row.data if isinstance(row.data, dict) else {}
    note, quote = _describe(row, data)
    flags = (
        (row.injected, "injected"),
        (row.edited, "edited"),
        (row.dropped, "aborted" if row.direction == "call" else "dropped"),
    )
    done = " · ".join(word for said, word in flags if said)
    cut = f"only {words.size(row.stored)} recorded" if row.truncated else ""
    return Words(" · ".join(filter(None, (cut, note))), quote, done)


def _extension(type_: str, data: dict[str, Any]) -> tuple[str, str] | None:
    """A message of an extension of ASGI; None where it is none that has words."""
    match type_:
        case "http.response.pathsend":
            return "a file by its path", shown.one_line(str(data.get("path", "")), 200)
        case "http.response.early_hint":
            return _count(data.get("links"), "link"), ""
        case "http.response.trailers":
            return _count(data.get("headers"), "trailer"), ""
    return None


def _describe(row: MessageRow, data: dict[str, Any]) -> tuple[str, str]:
    if (extended := _extension(row.type, data)) is not None:
        return extended
    match row.type:
        case "call":
            return _call(row), ""
        case "http.request" | "http.response.body":
            return f"more_body {'true' if row.more_body else 'false'}", shown.preview(row.head)
        case "http.response.start" | "websocket.http.response.start" | "start_response":
            status = data.get("status", row.status)
            note = f"{shown.one_line(str(status), 80)} · {_count(data.get('headers'), 'header')}"
            return note + (" · with exc_info" if data.get("exc_info") else ""), ""
        case "http.disconnect":
            return "the client left, or the response is complete", ""
        case "websocket.connect":
            return "the client asks for a WebSocket", ""
        case "websocket.accept":
            chosen = data.get("subprotocol")
            return (f"subprotocol {shown.value(chosen, 60)}" if chosen else "no subprotocol"), ""
        case "websocket.disconnect" | "websocket.close":
            return _close(row, data), ""
        case "websocket.receive" | "websocket.send":
            return ("binary" if row.body_key == "bytes" else ""), shown.preview(row.head)
        case "read":
            size = data.get("size")
            name = shown.one_line(str(data.get("method") or "read"), 20)
            return f"{name}({'' if size is None else shown.value(size, 20)})", shown.preview(row.head)
        case "return":
            return "the app returned", ""
        case "close":
            return "close() of the iterable", ""
        case "raise":
            told = data.get("exception")
            told = told if isinstance(told, dict) else {}
            return (
                f"{shown.one_line(str(told.get('type', '')), 80)}: {shown.one_line(str(told.get('message', '')), 200)}",
                "",
            )
    said = data.get("message")
    return (shown.one_line(said) if isinstance(said, str) else ""), shown.preview(row.head)


def _call(row: MessageRow) -> str:
    scope, environ = called(row)
    if environ is not None:
        return (
            f"{shown.one_line(str(environ.get('SERVER_PROTOCOL', '')), 20)} · {words.counted(len(environ), 'variable')}"
        )
    versions = (scope or {}).get("asgi")
    if not isinstance(versions, dict):
        return ""
    spec = versions.get("spec_version")
    note = f"asgi {shown.one_line(str(versions.get('version', '')), 20)}"
    return f"{note} · spec {shown.one_line(str(spec), 20)}" if spec else note


def _close(row: MessageRow, data: dict[str, Any]) -> str:
    code = data.get("code", row.status)
    meaning = CLOSE_CODES.get(code, "") if isinstance(code, int) else ""
    reason = data.get("reason")
    return " · ".join(
        filter(None, (f"{shown.one_line(str(code), 20)} {meaning}".strip(), shown.value(reason, 80) if reason else ""))
    )


def _count(headers: object, noun: str) -> str:
    return words.counted(len(headers) if isinstance(headers, (list, tuple)) else 0, noun)


def sentences(row: MessageRow, zero_ns: int, before_ns: int | None, live: bool) -> str:
    """When it happened, by both clocks, and what was done to it: a sentence a line."""

    def at(t_ns: int) -> str:
        return f"{words.milliseconds(t_ns - zero_ns)} ms"

    after = f", {words.milliseconds(max(row.t_ns - before_ns, 0))} ms after the message before" if before_ns else ""
    lines = [f"{title(row)}, {at(row.t_ns)} after the start{after}."]
    if row.type == "refused":
        lines.append("The server refused what the client sent, and answered by itself: the app did not get it.")
    elif row.direction == "receive":
        asked = f"asked for it at {at(row.asked_ns)} and " if row.asked_ns else ""
        came = f"The client's bytes came at {at(row.wire_ns)}; the" if row.wire_ns else "The"
        lines.append(f"{came} app {asked}got it at {at(row.t_ns)}.")
    elif row.direction == "send":
        if row.wire_ns:
            wire = f"; its last byte was handed to the socket at {at(row.wire_ns)}"
        else:
            wire = "; the socket has not taken it yet" if live and not row.dropped else ""
        lines.append(f"The app sent it at {at(row.t_ns)}{wire}.")
    for said, told in (
        (row.edited, "You edited it: this is what went on."),
        (row.dropped and row.direction == "call", "You reset the connection: the app was not called."),
        (row.dropped and row.direction != "call", "You dropped it: it did not go on."),
        (row.injected, "You put it in: it is not the app's or the client's."),
        (row.truncated, f"{words.size(row.size)}, of which {words.size(row.stored)} are recorded (the body cap)."),
    ):
        if said:
            lines.append(told)
    return "\n".join(lines)
