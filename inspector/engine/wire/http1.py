"""HTTP/1.1 and HTTP/1.0 (RFC 9112), sans-IO: h11's state machine behind parsers that are stricter than its own.

One `HTTP1` lives as long as its connection and serves one request after the other:

    receive_data -> next_event: RequestHead, BodyReceived..., then None until the response is complete
    prepare, send_head, send_body...; `next_cycle` once both sides are done

h11 keeps the states of both peers, frames bodies with a Content-Length, and writes responses. `strict` and `head` read
heads in its place (it gets a skeleton of them), and `chunked` bodies in chunks (it gets the last one). What follows a
request stays here until its turn comes. What is refused becomes an event with reason, section and place. A WebSocket
handshake ends the HTTP life of the connection: its bytes are handed on by `upgrade`.
"""

from __future__ import annotations

import re
from typing import Any

import h11

from inspector.engine.stream import (
    AppMistake,
    BodyReceived,
    EarlyHint,
    Refused,
    RequestHead,
    ResponseBody,
    ResponseHead,
    ResponseTrailers,
)
from inspector.engine.wire.chunked import Chunked
from inspector.engine.wire.head import parse
from inspector.engine.wire.http1_extensions import Span, early_hint, trailers_of
from inspector.engine.wire.refusal import MAX_RAW, REASONS, answer, date, of_body, of_head
from inspector.engine.wire.strict import MAX_HEAD, HeadReader, Violation

MAX_EMPTY_LINES = 2
"""Empty lines before a request that are ignored; some clients end a body with one (RFC 9112, 2.2)."""

_NO_CONTENT = 204
_BODILESS = frozenset({_NO_CONTENT, 304})
_LENGTHS = frozenset({b"content-length", b"transfer-encoding"})
_REASON = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
"""RFC 9112, 4."""
_LAST_CHUNK = b"0\r\n\r\n"


class HTTP1:
    """The server's side of one HTTP/1.x connection."""

    def __init__(self, scheme: str = "http") -> None:
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._scheme = scheme
        self._reader = HeadReader()
        self._in_head = True
        self._pending = bytearray()
        """What h11 has not got: of the head that is not complete, or of what follows the present request."""
        self._left = 0
        """Bytes of a body with a Content-Length that are still to come."""
        self._chunks: Chunked | None = None
        self._content = b""
        self._empty_lines = 0
        self._first_byte_ns = 0
        self._t_ns = 0
        self._method = b""
        self._bodiless = False
        self._chunked_out = False
        """The response's body goes out in chunks."""
        self._ended = False
        self._broken = False

    # From the client.

    def receive_data(self, data: bytes, t_ns: int) -> None:
        """Bytes that came from the socket at `t_ns`; b"" is the end of the client's stream."""
        self._t_ns = t_ns
        if self._broken:
            return
        if not data:
            self._ended = True
        elif self._in_head:
            self._more_of_head(data)
        elif self._left:
            taken = data if len(data) <= self._left else data[: self._left]
            self._left -= len(taken)
            self._h11.receive_data(taken)
            self._pending += data[len(taken) :]
        elif self._chunks and not self._chunks.done:
            self._more_of_chunks(data)
        else:
            self._pending += data

    def _more_of_head(self, data: bytes) -> None:
        pending = self._pending
        pending += data
        if self._first_byte_ns:
            return
        while pending.startswith(b"\r\n") and self._empty_lines < MAX_EMPTY_LINES:
            self._empty_lines += 1
            del pending[:2]
        if pending and (pending != b"\r" or self._empty_lines == MAX_EMPTY_LINES):
            self._first_byte_ns = self._t_ns

    def _more_of_chunks(self, data: bytes) -> None:
        assert self._chunks is not None
        content, rest = self._chunks.receive_data(data)
        self._content += content
        self._pending += rest

    def next_event(self) -> RequestHead | BodyReceived | Refused | None:
        """The next event that the bytes so far give; None where more bytes, or the end of the response, are needed."""
        if self._broken:
            return None
        if self._in_head:
            return self._head() if self._first_byte_ns else None
        if self._chunks:
            return self._chunk(self._chunks)
        return self._of_h11()

    def _of_h11(self) -> BodyReceived | Refused | None:
        try:
            event = self._h11.next_event()
        except h11.RemoteProtocolError as error:
            return self._break(Refused(error.error_status_hint, str(error), bytes(self._pending[:MAX_RAW]), self._t_ns))
        if isinstance(event, h11.Data):
            return BodyReceived(bytes(event.data), True, self._t_ns)
        if isinstance(event, h11.EndOfMessage):
            return BodyReceived(b"", False, self._t_ns)
        return None

    def _chunk(self, chunks: Chunked) -> BodyReceived | Refused | None:
        if self._content:
            content, self._content = self._content, b""
            return BodyReceived(content, True, self._t_ns)
        if chunks.violation:
            return self._break(of_body(chunks.violation, self._pending, chunks.offset, self._t_ns))
        if chunks.done and self._h11.their_state is h11.SEND_BODY:
            self._h11.receive_data(_LAST_CHUNK)
            return self._of_h11()
        return None

    def _head(self) -> RequestHead | Refused | None:
        end = self._reader.end_in(self._pending)
        if not end:
            if violation := self._reader.look(self._pending):
                return self._break(of_head(violation, self._pending, self._t_ns))
            if self._ended:
                reason = "the client closed in the middle of the head"
                violation = Violation(400, reason, "RFC 9112, 8", len(self._pending))
                return self._break(of_head(violation, self._pending, self._t_ns))
            return None
        raw = bytes(self._pending[:end])
        head = parse(raw, self._scheme)
        if isinstance(head, Violation):
            return self._break(of_head(head, self._pending, self._t_ns))
        self._h11.receive_data(head.skeleton)
        try:
            self._h11.next_event()
        except h11.RemoteProtocolError as error:
            return self._break(Refused(error.error_status_hint, str(error), bytes(self._pending[:MAX_RAW]), self._t_ns))
        self._method = head.method
        event = RequestHead(
            head.method.decode("ascii"),
            head.target,
            head.http_version,
            head.headers,
            raw,
            head.websocket,
            head.chunked or head.length > 0,
            self._first_byte_ns,
            self._t_ns,
        )
        self._begin_body(end, head.chunked, head.length)
        return event

    def _begin_body(self, end: int, chunked: bool, length: int) -> None:
        pending = self._pending
        del pending[:end]
        self._in_head = False
        self._first_byte_ns = 0
        self._left = length
        self._chunks = Chunked(end) if chunked else None
        if pending and (chunked or length):
            rest = bytes(pending)
            pending.clear()
            self.receive_data(rest, self._t_ns)

    def _break(self, refused: Refused) -> Refused:
        self._broken = True
        self._pending.clear()
        return refused

    def too_slow(self, t_ns: int, seconds: int) -> Refused:
        """The head was not complete within `seconds` (RFC 9110, 15.5.9)."""
        reason = f"the head was not complete within {seconds} s"
        violation = Violation(408, reason, "RFC 9110, 15.5.9", len(self._pending))
        return self._break(of_head(violation, self._pending, t_ns))

    def framing(self) -> list[tuple[bytes, int, int, bytes]]:
        """As `Chunked.framing`; none where the body does not come in chunks."""
        return self._chunks.framing() if self._chunks else []

    # What the connection needs to know.

    @property
    def expects_continue(self) -> bool:
        """The client waits for 100 before it sends its body (RFC 9110, 10.1.1)."""
        waits = not self._broken and self._h11.they_are_waiting_for_100_continue
        return waits and not (self._chunks and self._chunks.began)

    @property
    def head_since_ns(self) -> int:
        """When the first byte came of a head that is not complete; 0 where none has come."""
        return self._first_byte_ns

    @property
    def request_done(self) -> bool:
        """The request's body was read to its end."""
        return self._h11.their_state not in (h11.IDLE, h11.SEND_BODY, h11.ERROR)

    @property
    def reusable(self) -> bool:
        """Both sides are done and the connection may carry another request: `next_cycle` is allowed."""
        return not self._broken and self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE

    @property
    def answerable(self) -> bool:
        """No byte of a response has gone out for the present request."""
        return self._h11.our_state in (h11.IDLE, h11.SEND_RESPONSE)

    @property
    def must_close(self) -> bool:
        """The response said that the connection ends with it."""
        return self._broken or self._h11.our_state in (h11.MUST_CLOSE, h11.CLOSED, h11.ERROR)

    @property
    def ends_by_close(self) -> bool:
        """The response has no framing but the end of the connection: cutting it needs a reset to be seen."""
        return self._h11.their_http_version == b"1.0"

    @property
    def bodiless(self) -> bool:
        """The response, whose head is out, has no body (RFC 9112, 6.3)."""
        return self._bodiless

    @property
    def waiting_bytes(self) -> int:
        """Bytes that wait for the present request to end."""
        return len(self._pending)

    def next_cycle(self) -> None:
        """Forget the request that was served; bytes of the next one may be here already."""
        self._h11.start_next_cycle()
        self._reader.reset()
        self._in_head = True
        self._method = b""
        self._chunks = None
        self._bodiless = False
        self._empty_lines = 0
        self._more_of_head(b"")

    def upgrade(self) -> bytes:
        """The bytes that follow a WebSocket handshake; from here on another protocol owns the connection."""
        self._broken = True
        return bytes(self._pending)

    # To the client.

    def go_ahead(self) -> bytes:
        """100 Continue."""
        return self._send(h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue"))

    def prepare(self, head: ResponseHead) -> h11.Response:
        """Check `head` and make it ready. Raises `AppMistake` where HTTP forbids it; another head may then be sent."""
        # Blanks around a value are no part of it (RFC 9110, 5.5); Django's WSGI handler begins its cookies with one.
        headers = [(name, value.strip(b" \t")) for name, value in head.headers]
        if not any(name.lower() == b"date" for name, _ in headers):
            headers.append((b"date", date()))
        if self.expects_continue:  # the body was never asked for: it may or may not come, so nothing can follow it
            headers.append((b"connection", b"close"))
        if head.status == _NO_CONTENT:  # has no body, and so no length of one (RFC 9110, 8.6; RFC 9112, 6.1)
            headers = [(name, value) for name, value in headers if name.lower() not in _LENGTHS]
        reason = head.reason or REASONS.get(head.status, b"")
        if not _REASON.fullmatch(reason):  # h11 would send it as it is
            raise AppMistake(f"a reason phrase has no control characters, as {reason[:60]!r} does")
        try:
            return h11.Response(status_code=head.status, headers=headers, reason=reason)
        except h11.LocalProtocolError as error:
            raise AppMistake(_words(str(error))) from None

    def send_head(self, head: h11.Response) -> bytes:
        """A prepared head as bytes. Raises `AppMistake` where a response is already out."""
        self._bodiless = self._method == b"HEAD" or head.status_code in _BODILESS
        unsized = not any(name == b"content-length" for name, _ in head.headers)
        self._chunked_out = unsized and not self._bodiless and self._h11.their_http_version != b"1.0"
        return self._send(head)

    def send_early_hint(self, event: EarlyHint) -> bytes:
        """103 (RFC 8297); empty where the response has begun, or its client knows nothing of such (RFC 9110, 15.2)."""
        hint = early_hint(event)
        return hint if self.answerable and self._h11.their_http_version != b"1.0" else b""

    def send_trailers(self, event: ResponseTrailers, wanted: bool) -> bytes:
        """The end of the response; with its trailers where they are `wanted` and the body is in chunks (RFC 9112,
        7.1.2). Raises `AppMistake` as `send_body`, and where they are none."""
        headers = trailers_of(event)
        return self._send(h11.EndOfMessage(headers=headers if wanted and self._chunked_out else []))

    def send_body(self, event: ResponseBody) -> bytes:
        """More of the body as bytes; `more` false ends the response. What HTTP leaves out (HEAD, 204, 304)
        is left out. Raises `AppMistake` where the body does not fit its head; the connection is of no use then."""
        data = b""
        if event.data and not self._bodiless:
            data = self._send(h11.Data(data=event.data))
        if not event.more:
            data += self._send(h11.EndOfMessage())
        return data

    def send_span(self, size: int, more: bool) -> tuple[bytes, bytes]:
        """As `send_body` for `size` bytes that somebody else sends: what comes before them and behind them."""
        parts = self._sent(h11.Data(data=Span(size)))  # type: ignore[arg-type]
        at = next(number for number, part in enumerate(parts) if isinstance(part, Span))
        end = b"" if more else self._send(h11.EndOfMessage())
        return b"".join(parts[:at]), b"".join(parts[at + 1 :]) + end

    def _send(self, event: h11.Event) -> bytes:
        return b"".join(self._sent(event))

    def _sent(self, event: h11.Event) -> list[Any]:
        try:
            return self._h11.send_with_data_passthrough(event) or []
        except h11.LocalProtocolError as error:
            self._broken = True
            raise AppMistake(_words(str(error))) from None

    def refusal(self, refused: Refused) -> bytes:
        """The answer to a refused request: a plain response that closes the connection. Empty where it is too late."""
        if not self.answerable:
            return b""
        return answer(refused, to_head=self._method == b"HEAD" or refused.raw.startswith(b"HEAD "))


def _words(reason: str) -> str:
    return {
        "Too much data for declared Content-Length": "the body is longer than its Content-Length",
        "Too little data for declared Content-Length": "the body is shorter than its Content-Length",
    }.get(reason, reason)
