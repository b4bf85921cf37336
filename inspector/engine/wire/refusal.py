"""A broken rule becomes an event with the bytes that show it, and the response that tells the client."""

from __future__ import annotations

from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import time

from inspector.engine.stream import Refused
from inspector.engine.wire.strict import Violation

MAX_RAW = 4096
"""Bytes kept of a request that is refused."""

REASONS = {status.value: status.phrase.encode("ascii") for status in HTTPStatus}


def of_head(violation: Violation, request: bytes | bytearray, t_ns: int) -> Refused:
    """`request`: its bytes from the first one on, as far as they came."""
    status, reason, section, offset = violation
    at = offset - MAX_RAW // 2 if offset >= MAX_RAW else 0
    excerpt = bytes(request[at : at + MAX_RAW]) if at else b""
    return Refused(status, reason, bytes(request[:MAX_RAW]), t_ns, [], section, offset, excerpt, at)


def of_body(violation: Violation, rest: bytes | bytearray, rest_offset: int, t_ns: int) -> Refused:
    """`rest`: the bytes of the request from `rest_offset` on, which is where its framing broke."""
    status, reason, section, offset = violation
    return Refused(status, reason, b"", t_ns, [], section, offset, bytes(rest[:MAX_RAW]), rest_offset)


def answer(refused: Refused, *, to_head: bool) -> bytes:
    """A plain response that closes the connection; without its text where it is one to HEAD (RFC 9110, 9.3.2)."""
    text = text_of(refused)
    head = [
        b"HTTP/1.1 %d %s" % (refused.status, REASONS[refused.status]),
        b"date: " + date(),
        b"content-type: text/plain; charset=utf-8",
        b"content-length: %d" % len(text),
        b"connection: close",
        *(b"%s: %s" % header for header in refused.headers),
    ]
    return b"\r\n".join(head) + b"\r\n\r\n" + (b"" if to_head else text)


def text_of(refused: Refused) -> bytes:
    """What the client is told."""
    return f"{refused.status} {HTTPStatus(refused.status).phrase}: {refused.words}\n".encode("utf-8", "replace")


def date() -> bytes:
    """This second, for Date (RFC 9110, 6.6.1)."""
    return _date(int(time()))


@lru_cache(2)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode("ascii")
