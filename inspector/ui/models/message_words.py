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

    def __str__(self) -> str:
        return " · ".join(filter(None, self))


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
    told = [
        word
        for said, word in (
            (row.edited, "edited"),
            (row.dropped, "dropped"),
            (row.injected, "injected"),
            (row.truncated, f"only {words.size(row.stored)} recorded"),
        )
        if said
    ]
    return Words(" · ".join([*told, note] if note else told), quote)


def _describe(row: MessageRow, data: dict[str, Any]) -> tuple[str, str]:
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
