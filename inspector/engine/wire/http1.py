"""HTTP/1.1 and HTTP/1.0 (RFC 9112), sans-IO, by h11.

One `HTTP1` lives as long as its connection and serves one request after the other:

    receive_data -> next_event: RequestHead, BodyReceived..., then None until the response is complete
    prepare, send_head, send_body...; `next_cycle` once both sides are done

h11 keeps the states of both peers and the framing. What is added here: the head as it stood on the wire, refusals as
events, absolute limits, and the words of an `AppMistake`. A WebSocket handshake ends the HTTP life of the connection:
its bytes are handed on by `upgrade`.
"""

from __future__ import annotations

from email.utils import formatdate
from http import HTTPStatus

import h11

from inspector.engine.stream import AppMistake, BodyReceived, Refused, RequestHead, ResponseBody, ResponseHead

MAX_HEAD = 64 * 1024
"""Bytes of a request head; a longer one is answered with 431."""
MAX_BODY = 1 << 40
"""Bytes that a Content-Length may announce; more is answered with 413."""
MAX_EMPTY_LINES = 2
"""Empty lines before a request that are ignored; some clients end a body with one (RFC 9112, 2.2)."""
MAX_RAW = 4096
"""Bytes kept of a request that is refused."""

_BODILESS = frozenset({204, 304})
_REASONS = {status.value: status.phrase.encode("ascii") for status in HTTPStatus}


class HTTP1:
    """The server's side of one HTTP/1.x connection."""

    def __init__(self) -> None:
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._pending = b""
        self._empty_lines = 0
        self._half_line = b""
        self._first_byte_ns = 0
        self._t_ns = 0
        self._method = b""
        self._bodiless = False
        self._broken = False

    # From the client.

    def receive_data(self, data: bytes, t_ns: int) -> None:
        """Bytes that came from the socket at `t_ns`; b"" is the end of the client's stream."""
        self._t_ns = t_ns
        if data and self._h11.their_state is h11.IDLE:
            if not self._pending and not (data := self._without_empty_lines(data)):
                return
            self._first_byte_ns = self._first_byte_ns or t_ns
            self._pending += data
        if not self._broken:
            self._h11.receive_data(data)

    def _without_empty_lines(self, data: bytes) -> bytes:
        data, self._half_line = self._half_line + data, b""
        while data.startswith(b"\r\n") and self._empty_lines < MAX_EMPTY_LINES:
            self._empty_lines += 1
            data = data[2:]
        if data == b"\r" and self._empty_lines < MAX_EMPTY_LINES:
            self._half_line, data = data, b""
        return data

    def next_event(self) -> RequestHead | BodyReceived | Refused | None:
        """The next event that the bytes so far give; None where more bytes, or the end of the response, are needed."""
        if self._broken:
            return None
        try:
            event = self._h11.next_event()
        except h11.RemoteProtocolError as error:
            return self._refuse(error.error_status_hint, str(error))
        if isinstance(event, h11.Request):
            return self._head(event)
        if isinstance(event, h11.Data):
            return BodyReceived(bytes(event.data), True, self._t_ns)
        if isinstance(event, h11.EndOfMessage):
            return BodyReceived(b"", False, self._t_ns)
        return None

    def _head(self, request: h11.Request) -> RequestHead | Refused:
        raw = self._pending[: len(self._pending) - len(self._h11.trailing_data[0])]
        self._pending = b""
        self._method = request.method
        version = request.http_version.decode("ascii")
        headers = list(request.headers)
        if request.method == b"CONNECT":
            return self._refuse(501, "CONNECT is for proxies", raw)
        if version not in ("1.0", "1.1"):
            return self._refuse(505, f"HTTP/{version} is not spoken here", raw)
        length = 0
        chunked = upgrade = False
        for name, value in headers:
            if name == b"content-length":
                length = int(value)
            elif name == b"transfer-encoding":
                chunked = True
            elif name == b"upgrade":
                upgrade = value.lower() == b"websocket"
        if length > MAX_BODY:
            return self._refuse(413, f"a body of {length:,} bytes is announced; {MAX_BODY:,} is the limit", raw)
        head = RequestHead(
            request.method.decode("ascii"),
            request.target,
            version,
            headers,
            raw,
            upgrade and request.method == b"GET" and version == "1.1",
            chunked or length > 0,
            self._first_byte_ns,
            self._t_ns,
        )
        self._first_byte_ns = 0
        return head

    def _refuse(self, status: int, reason: str, raw: bytes = b"") -> Refused:
        self._broken = True
        raw = raw or self._pending
        self._pending = b""
        return Refused(status, reason, raw[:MAX_RAW], self._t_ns)

    # What the connection needs to know.

    @property
    def expects_continue(self) -> bool:
        """The client waits for 100 before it sends its body (RFC 9110, 10.1.1)."""
        return not self._broken and self._h11.they_are_waiting_for_100_continue

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
    def waiting_bytes(self) -> int:
        """Bytes that wait for the present request to end."""
        return len(self._h11.trailing_data[0])

    def next_cycle(self) -> None:
        """Forget the request that was served; bytes of the next one may be here already."""
        rest, ended = self._h11.trailing_data
        # h11 can go on with what it has, but not without the empty lines in it.
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._bodiless = False
        self._pending = b""
        self._empty_lines = 0
        self._first_byte_ns = 0
        if rest:
            self.receive_data(bytes(rest), self._t_ns)
        if ended:
            self.receive_data(b"", self._t_ns)

    def upgrade(self) -> bytes:
        """The bytes that follow a WebSocket handshake; from here on another protocol owns the connection."""
        self._broken = True
        return bytes(self._h11.trailing_data[0])

    # To the client.

    def go_ahead(self) -> bytes:
        """100 Continue."""
        return self._send(h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue"))

    def prepare(self, head: ResponseHead) -> h11.Response:
        """Check `head` and make it ready. Raises `AppMistake` where HTTP forbids it; another head may then be sent."""
        # Blanks around a value are no part of it (RFC 9110, 5.5); Django's WSGI handler begins its cookies with one.
        headers = [(name, value.strip(b" \t")) for name, value in head.headers]
        if not any(name.lower() == b"date" for name, _ in headers):
            headers.append((b"date", formatdate(usegmt=True).encode("ascii")))
        if self.expects_continue:  # the body was never asked for: it may or may not come, so nothing can follow it
            headers.append((b"connection", b"close"))
        reason = head.reason or _REASONS.get(head.status, b"")
        try:
            return h11.Response(status_code=head.status, headers=headers, reason=reason)
        except h11.LocalProtocolError as error:
            raise AppMistake(_words(str(error))) from None

    def send_head(self, head: h11.Response) -> bytes:
        """A prepared head as bytes. Raises `AppMistake` where a response is already out."""
        self._bodiless = self._method == b"HEAD" or head.status_code in _BODILESS
        return self._send(head)

    def send_body(self, event: ResponseBody) -> bytes:
        """More of the body as bytes; `more` false ends the response. What HTTP leaves out (HEAD, 204, 304)
        is left out. Raises `AppMistake` where the body does not fit its head; the connection is of no use then."""
        data = b""
        if event.data and not self._bodiless:
            data = self._send(h11.Data(data=event.data))
        if not event.more:
            data += self._send(h11.EndOfMessage())
        return data

    def _send(self, event: h11.Event) -> bytes:
        try:
            return self._h11.send(event) or b""
        except h11.LocalProtocolError as error:
            self._broken = True
            raise AppMistake(_words(str(error))) from None

    def refusal(self, refused: Refused) -> bytes:
        """The answer to a refused request: a plain response that closes the connection. Empty where it is too late."""
        if not self.answerable:
            return b""
        text = f"{refused.status} {HTTPStatus(refused.status).phrase}: {refused.reason}\n".encode("utf-8", "replace")
        head = [
            b"HTTP/1.1 %d %s" % (refused.status, _REASONS[refused.status]),
            b"date: " + formatdate(usegmt=True).encode("ascii"),
            b"content-type: text/plain; charset=utf-8",
            b"content-length: %d" % len(text),
            b"connection: close",
            *(b"%s: %s" % header for header in refused.headers),
        ]
        return b"\r\n".join(head) + b"\r\n\r\n" + text


def _words(reason: str) -> str:
    return {
        "Too much data for declared Content-Length": "the body is longer than its Content-Length",
        "Too little data for declared Content-Length": "the body is shorter than its Content-Length",
    }.get(reason, reason)
