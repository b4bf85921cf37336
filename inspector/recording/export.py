"""Exchanges as plain JSON objects, the shape of `show --json` (DESIGN, section 5): every key is always present.

Times named `t_ns` are nanoseconds since the exchange's `started_at`. Bytes are text of latin-1, one character a byte. A
redacted object has "[redacted]" for the values of headers that carry credentials, wherever they stand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from inspector.errors import InspectorError
from inspector.recording.reader import Reader
from inspector.recording.rows import ExchangeRow, MessageRow
from inspector.trace import values
from inspector.trace.filter import Node

REDACTED = "[redacted]"
_SECRET = frozenset(("authorization", "cookie", "set-cookie", "proxy-authorization"))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PAGE = 500
_PLAIN = (
    *("id", "run", "kind", "interface", "http_version", "method", "path", "query", "status", "client", "started_at"),
    *("duration_ns", "app_ns", "held_ns", "request_bytes", "response_bytes", "outcome", "outcome_text"),
)
"""Keys in order; those after them hold what was read of other tables."""


def exchange_object(reader: Reader, exchange: int, messages: bool = True, redact: bool = False) -> dict[str, Any]:
    """One exchange. Without `messages` that key is null, and nothing of their size is read."""
    row = reader.row(exchange)
    if row is None:
        raise InspectorError(f"There is no exchange {exchange}", "It may have been dropped by the retention meanwhile.")
    return _object(reader, row, messages, redact)


def export_lines(
    reader: Reader, node: Node | None = None, messages: bool = True, redact: bool = False
) -> Iterator[str]:
    """The exchanges that pass `node` as lines of JSON, pure ASCII, in order of id; one at a time is in memory."""
    for exchange in reader.ids(node):
        row = reader.row(exchange)
        if row is not None:  # else dropped meanwhile
            yield json.dumps(_object(reader, row, messages, redact), separators=(",", ":"))


def _object(reader: Reader, row: ExchangeRow, messages: bool, redact: bool) -> dict[str, Any]:
    found: dict[str, Any] = {key: getattr(row, key, None) for key in _PLAIN}
    for key in ("interface", "http_version", "method", "client", "outcome", "outcome_text"):
        found[key] = found[key] or None
    if row.kind == "lifespan":
        found["path"] = found["query"] = None
    found["started_at"] = _time(row.started_ns)
    if row.call_ns is None:
        found["app_ns"] = None
    call = next((one for one in reader.messages(row.id, count=1) if one.direction == "call"), None)
    scope, environ = None, None
    if call is not None:
        whole = _shown(call.data, redact)
        scope, environ = (None, whole) if row.interface == "wsgi" else (whole, None)
    found["scope"], found["environ"] = scope, environ
    found["messages"] = [message_object(reader, row, one, redact) for one in _all(reader, row.id)] if messages else None
    found["transport"] = reader.transport(row.id) or None
    found["findings"] = []
    failures = reader.failures(row.id)
    found["exception"] = (
        {"type": failures[0].type, "message": failures[0].message, "text": failures[0].text} if failures else None
    )
    found["logs"] = list(_logs(reader, row))
    return found


def _time(started_ns: int) -> str | None:
    try:
        return (_EPOCH + timedelta(microseconds=started_ns // 1000)).isoformat(timespec="microseconds")
    except OverflowError:
        return None


def _all(reader: Reader, exchange: int) -> Iterator[MessageRow]:
    start = 0
    while page := reader.messages(exchange, start, _PAGE):
        yield from page
        start = page[-1].seq + 1


def message_object(
    reader: Reader, row: ExchangeRow, message: MessageRow, redact: bool = False, cap: int = -1
) -> dict[str, Any]:
    """One message of `row`; at most `cap` bytes of its body (-1: all that are recorded)."""
    cut = False
    data = _shown(message.data, redact)
    if redact and message.type == "refused" and isinstance(data, dict):
        data = _redacted_raw(data)
    if message.direction == "call":
        data = {"environ" if row.interface == "wsgi" else "scope": data}
    elif message.body_key:
        raw = reader.body(row.id, message.seq, 0, cap)
        cut = len(raw) < message.stored
        body = raw.decode("utf-8", "replace") if message.body_key == "text" else raw.decode("latin-1")
        data = {message.body_key: body, **(data if isinstance(data, dict) else {})}
    return {
        "seq": message.seq,
        "t_ns": message.t_ns - row.t0_ns,
        "direction": message.direction,
        "type": message.type,
        "data": data,
        "size": message.size,
        "edited": message.edited,
        "dropped": message.dropped,
        "injected": message.injected,
        "truncated": message.truncated or cut,
    }


def _logs(reader: Reader, row: ExchangeRow) -> Iterator[dict[str, Any]]:
    after = 0
    while page := reader.logs(row.id, after, _PAGE):
        for one in page:
            yield {
                "t_ns": one.t_ns - row.t0_ns,
                "source": one.source,
                "level": one.level or None,
                "logger": one.logger or None,
                "text": one.text,
            }
        after = page[-1].id


def _shown(value: object, redact: bool) -> Any:
    plain = values.to_json(value)
    return _redacted(plain) if redact else plain


def _redacted(value: Any) -> Any:
    """Headers are pairs of name and value (ASGI, start_response) or keys of an environ."""
    if isinstance(value, dict):
        return {key: REDACTED if _is_secret(key) else _redacted(item) for key, item in value.items()}
    if isinstance(value, list):
        if len(value) == 2 and isinstance(value[1], str) and _is_secret(value[0]):
            return [value[0], REDACTED]
        return [_redacted(item) for item in value]
    return value


def _redacted_raw(told: dict[str, Any]) -> dict[str, Any]:
    """Of a refused request, whose bytes no parser has taken apart: all of them, where credentials may be among them."""
    raw = str(told.get("raw", "")).lower()
    if told.get("raw_offset") or any(name in raw for name in _SECRET):
        return {**told, "raw": REDACTED}
    return told


def _is_secret(name: object) -> bool:
    return isinstance(name, str) and name.lower().removeprefix("http_").replace("_", "-") in _SECRET
