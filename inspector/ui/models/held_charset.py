"""In which charset the text of a held body is: as its headers tell, else UTF-8."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspector.errors import InspectorError
from inspector.recording.charsets import known
from inspector.recording.content import ContentType, content_type
from inspector.trace.scope import parse_head
from inspector.trace.stepping import RECEIVES, Held
from inspector.ui import shown
from inspector.ui.models.held_text import UTF_8

if TYPE_CHECKING:
    from inspector.recording.reader import Reader

_HEADS = 50
"""Messages among which the head of the response is looked for, back from the held one."""


def charset_of(reader: Reader, held: Held) -> str:
    """That of the held message's body. A body in a content coding (gzip) is no text in any."""
    if held.type.startswith(("websocket.receive", "websocket.send", "lifespan")) or held.point == "call":
        return UTF_8
    try:
        told = _request(reader, held) if held.point in RECEIVES else _response(reader, held)
    except InspectorError:
        return UTF_8
    return told.charset.lower() if told.charset and known(told.charset) else UTF_8


def _request(reader: Reader, held: Held) -> ContentType:
    raw, _server, _root_path = reader.head(held.exchange)
    return content_type(shown.pairs(parse_head(raw)[3])) if raw else ContentType()


def _response(reader: Reader, held: Held) -> ContentType:
    start = max(held.seq - _HEADS, 0)
    for message in reversed(reader.messages(held.exchange, start, held.seq - start)):
        if message.type.endswith(".response.start") or message.type == "start_response":
            headers = message.data.get("headers") if isinstance(message.data, dict) else None
            return content_type(shown.pairs(headers if isinstance(headers, (list, tuple)) else ()))
    return ContentType()
