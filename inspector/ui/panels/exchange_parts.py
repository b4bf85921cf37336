"""What an exchange's request and response consist of, out of its messages: lines, headers, bodies. No widgets."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from inspector.recording.content import ContentType, content_type
from inspector.recording.rows import ExchangeRow, MessageRow
from inspector.trace.scope import parse_head
from inspector.ui import shown
from inspector.ui.rendering import Body

if TYPE_CHECKING:
    from inspector.recording.past import Pages

Headers = list[tuple[str, str]]
HEAD_TYPES = ("http.response.start", "websocket.accept", "websocket.http.response.start", "start_response")
_ANSWERED = re.compile(r"(?:^|; )answered with ([1-5][0-9]{2})(?![^:;])")
"""The engine's own answer in the text of an outcome (`engine.gateway.failing`, `unavailable`, `Refused.told`)."""


def request_line(row: ExchangeRow) -> str:
    """`POST /api/checkout?q=1 HTTP/1.1`."""
    target = f"{row.path}?{row.query}" if row.query else row.path
    return f"{row.method} {target} HTTP/{row.http_version}"


def request_headers(reader: Pages, row: ExchangeRow) -> Headers:
    """The request's headers as they stood on the wire, names in lower case."""
    raw, _server, _root_path = reader.head(row.id)
    return shown.pairs(parse_head(raw)[3]) if raw else []


def transport_short(transport: dict[str, Any]) -> str:
    """The same in two words: `TLS 1.3 · h2`, `proxy`."""
    tls = transport.get("tls")
    facts = [tls.get(key) for key in ("version", "alpn")] if isinstance(tls, dict) else []
    found = [shown.one_line(fact, 20).replace("TLSv", "TLS ") for fact in facts if isinstance(fact, str)]
    return " · ".join([*found, *(["proxy"] if transport.get("forwarded") else [])])


def transport_words(transport: dict[str, Any]) -> str:
    """What lies below HTTP in a line: `TLS 1.3 · http/1.1 by ALPN · asked for localhost`; empty where nothing does."""
    return " · ".join(filter(None, (_tls_words(transport.get("tls")), _forwarded_words(transport.get("forwarded")))))


def _forwarded_words(forwarded: object) -> str:
    """`by the proxy 127.0.0.1:51764, over http`: whom the app does not see, because it was told of others."""
    if not isinstance(forwarded, dict):
        return ""
    client, scheme = (forwarded.get(key) for key in ("client", "scheme"))
    by = "by a proxy" if "client" not in forwarded else f"by the proxy {shown.one_line(client or 'at the socket', 100)}"
    return f"{by}, over {shown.one_line(scheme, 20)}" if isinstance(scheme, str) else by


def _tls_words(tls: object) -> str:
    if not isinstance(tls, dict):
        return ""
    found = {key: shown.one_line(value, 100) for key, value in tls.items() if isinstance(value, str)}
    parts = [
        found.get("version", "").replace("TLSv", "TLS "),
        found.get("cipher", ""),
        f"{found['alpn']} by ALPN" if "alpn" in found else "no ALPN",
        f"asked for {found['server_name']}" if "server_name" in found else "",
    ]
    return " · ".join(filter(None, parts))


def status_line(row: ExchangeRow, head: MessageRow | None) -> str:
    """`HTTP/1.1 201 Created`; a WSGI app's own words where it gave some."""
    given = head.data.get("status") if head is not None and isinstance(head.data, dict) else None
    if isinstance(given, str):
        return f"HTTP/{row.http_version} {shown.one_line(given, 200)}"
    if row.status is None:
        return ""
    return f"HTTP/{row.http_version} {row.status} {_phrase(row.status)}".rstrip()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def response_headers(head: MessageRow | None) -> Headers:
    """The headers that the app gave with its response."""
    headers = head.data.get("headers") if head is not None and isinstance(head.data, dict) else None
    return shown.pairs(headers) if isinstance(headers, (list, tuple)) else []


def exchange_body(reader: Pages, row: ExchangeRow, direction: str, headers: Headers) -> Body:
    """The whole body of the request (`direction` receive) or of the response (send)."""
    size = row.request_bytes if direction == "receive" else row.response_bytes

    def read(offset: int, count: int) -> bytes:
        return reader.body_all(row.id, direction, offset, count)

    return Body(size, _stored(read, size), content_type(headers), read)


def _stored(read: Callable[[int, int], bytes], size: int) -> int:
    """How many of the `size` bytes are recorded: nearly always all, else found by bisection (no row tells)."""
    if not size or read(size - 1, 1):
        return size
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if read(middle, 1):
            low = middle + 1
        else:
            high = middle
    return low


def message_body(reader: Pages, message: MessageRow, content: ContentType) -> Body:
    """The body of one message."""

    def read(offset: int, count: int) -> bytes:
        return reader.body(message.exchange, message.seq, offset, count)

    return Body(message.size, message.stored, content, read)


def own_answer(row: ExchangeRow) -> str:
    """What Inspector answered in the app's place, and why: `Inspector answered 500 for the app: ...`; else empty."""
    found = _ANSWERED.search(row.outcome_text) if not row.live and row.status else None
    if found is None or int(found[1]) != row.status:
        return ""
    before, behind = row.outcome_text[: found.start()], row.outcome_text[found.end() :]
    if not before:  # of a request that the app never got, or not as a whole
        return f"Inspector answered {found[1]} itself{behind}"
    why = "it raised before it began its response" if row.outcome == "app raised" else before
    return f"Inspector answered {found[1]} for the app: {why}{behind}"


def why_no_response(row: ExchangeRow) -> str:
    """What the Response tab says where there is no response."""
    if row.outcome_text:
        return row.outcome_text[:1].upper() + row.outcome_text[1:]
    if row.live:
        return "The app has not answered yet"
    return "The app gave no response"
