"""What goes to an HTTP/2 client: response heads, and bodies that wait for its windows, in fair turns.

Each stream has a queue of its own; whose window is closed waits, and nobody waits for it. `Turns` says who is next: the
most urgent first (RFC 9218), and those of one urgency take turns, a frame each.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple, Union

from inspector.engine.stream import AppMistake, ResponseHead
from inspector.engine.wire.refusal import date
from inspector.trace.scope import Headers

_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_NO_CONTENT = 204
_BODILESS = frozenset({_NO_CONTENT, 304})
OF_CONNECTION = frozenset({b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade"})
"""Apps write them for HTTP/1.1; in HTTP/2 they mean nothing and may not be sent (RFC 9113, 8.2.2)."""


class Prepared(NamedTuple):
    """A response head that may be sent."""

    status: int
    headers: Headers
    length: int | None
    """Bytes of the body by its Content-Length."""


def prepare(head: ResponseHead) -> Prepared:
    """Check `head` and make it ready. Raises `AppMistake` where HTTP forbids it."""
    headers = fields_of(head.headers)
    if not any(name == b"date" for name, _ in headers):
        headers.append((b"date", date()))
    if head.status == _NO_CONTENT:
        headers = [field for field in headers if field[0] != b"content-length"]
    lengths = {value for name, value in headers if name == b"content-length"}
    if len(lengths) > 1:
        raise AppMistake("conflicting Content-Length headers")
    length = next(iter(lengths), None)
    if length is not None:
        headers = [*(field for field in headers if field[0] != b"content-length"), (b"content-length", length)]
    if length is not None and (not length.isdigit() or len(length) > 20):
        raise AppMistake("bad Content-Length")
    return Prepared(head.status, headers, None if length is None else int(length))


def fields_of(headers: Headers) -> Headers:
    """The app's headers as HTTP/2 may carry them. Raises `AppMistake`."""
    fields = []
    for given, given_value in headers:
        name, value = given.lower(), given_value.strip(b" \t")
        if not _NAME.fullmatch(name):
            raise AppMistake(f"Illegal header name {given[:60]!r}")
        if not _VALUE.fullmatch(value):
            raise AppMistake(f"Illegal header value {value[:60]!r}")
        if name not in OF_CONNECTION:
            fields.append((name, value))
    return fields


class Trailers(NamedTuple):
    """A trailer section; it ends the stream."""

    fields: Headers


@dataclass
class Queued:
    """One thing that was put: bytes, or trailers, and whether the stream ends with it."""

    data: Union[memoryview, Trailers]  # noqa: UP007 - evaluated at run time, on 3.10
    ends: bool
    whole: bool = True
    """It is all that was put, or the last part of it."""


@dataclass
class Sending:
    """The response side of one stream."""

    stream: int
    urgency: int
    to_head: bool
    """The request was HEAD."""
    began: bool = False
    ended: bool = False
    """The end was put; it may still wait in the queue."""
    bodiless: bool = False
    length: int | None = None
    size: int = 0
    waiting: int = 0
    """Bytes in the queue."""
    queue: deque[Queued] = field(default_factory=deque)

    def begin(self, head: Prepared) -> None:
        self.began = True
        self.bodiless = self.to_head or head.status in _BODILESS
        self.length = head.length

    def put(self, data: bytes, ends: bool) -> None:
        """More of the body. Raises `AppMistake` where it does not fit its head, or the response is over."""
        if self.ended:
            raise AppMistake("the response is over")
        if self.bodiless:
            data = b""
        elif self.length is not None:
            if self.size + len(data) > self.length:
                raise AppMistake("the body is longer than its Content-Length")
            if ends and self.size + len(data) < self.length:
                raise AppMistake("the body is shorter than its Content-Length")
        self.size += len(data)
        self.waiting += len(data)
        self.ended = ends
        self.queue.append(Queued(memoryview(data), ends))

    def put_trailers(self, fields: Headers) -> None:
        """End the response with a trailer section. Raises `AppMistake` where the body is not whole."""
        if self.ended:
            raise AppMistake("the response is over")
        if self.length is not None and not self.bodiless and self.size < self.length:
            raise AppMistake("the body is shorter than its Content-Length")
        self.ended = True
        data: memoryview | Trailers = Trailers(fields) if fields and not self.bodiless else memoryview(b"")
        self.queue.append(Queued(data, ends=True))

    def needs_window(self) -> bool:
        """What is next goes out only where the windows are open."""
        data = self.queue[0].data
        return not isinstance(data, Trailers) and len(data) > 0

    def take(self, room: int) -> Queued:
        """Up to `room` bytes of what is next; all of it, or its last part, where it is `whole`."""
        first = self.queue[0]
        if isinstance(first.data, Trailers) or len(first.data) <= room:
            self.waiting -= 0 if isinstance(first.data, Trailers) else len(first.data)
            return self.queue.popleft()
        part, first.data = first.data[:room], first.data[room:]
        self.waiting -= len(part)
        return Queued(part, ends=False, whole=False)


class Turns:
    """The streams that have something to send."""

    def __init__(self) -> None:
        self._waiting: dict[int, Sending] = {}

    def add(self, sending: Sending) -> None:
        """It has something to send, now or still; its turn comes after the others'."""
        self._waiting.pop(sending.stream, None)
        self._waiting[sending.stream] = sending

    def drop(self, stream: int) -> None:
        self._waiting.pop(stream, None)

    def __len__(self) -> int:
        return len(self._waiting)

    def waiting(self) -> list[Sending]:
        """In the order of their turns: by urgency, and within it by who waits longest."""
        return sorted(self._waiting.values(), key=lambda sending: sending.urgency)
