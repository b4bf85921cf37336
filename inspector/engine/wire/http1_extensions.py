"""What HTTP/1.1 can send beside heads and bodies: 103, trailers, and bytes that somebody else sends."""

from __future__ import annotations

import re

from inspector.engine.stream import AppMistake, EarlyHint, ResponseTrailers
from inspector.trace.scope import Headers

_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_NO_TRAILERS = frozenset({b"content-length", b"transfer-encoding", b"trailer", b"te", b"connection", b"host"})


class Span:
    """So many bytes that are not here."""

    def __init__(self, size: int) -> None:
        self._size = size

    def __len__(self) -> int:
        return self._size


def links_of(event: EarlyHint) -> Headers:
    """The fields of a 103 (RFC 8297). Raises `AppMistake` where a value is none."""
    for link in event.links:
        if not _VALUE.fullmatch(link):
            raise AppMistake(f"the value of a header has no control characters, as {link[:60]!r} does")
    return [(b"link", link.strip(b" \t")) for link in event.links]


def early_hint(event: EarlyHint) -> bytes:
    """As bytes; empty without links."""
    # Not by h11, which takes it for the answer to Expect: 100-continue.
    fields = b"".join(b"%s: %s\r\n" % field for field in links_of(event))
    return b"HTTP/1.1 103 Early Hints\r\n" + fields + b"\r\n" if fields else b""


def trailers_of(event: ResponseTrailers) -> Headers:
    """The fields of a trailer section. Raises `AppMistake` where one may not stand there (RFC 9110, 6.5.1)."""
    headers = [(name, value.strip(b" \t")) for name, value in event.headers]
    for name, _ in headers:
        if name.lower() in _NO_TRAILERS:
            raise AppMistake(f"{name.decode('latin-1')} may not stand in trailers (RFC 9110, 6.5.1)")
    return headers
