"""WebSocket (RFC 6455), sans-IO, by wsproto: the handshake's check, and the frames after it.

    WebSocket(head) -> `problem`, or accept -> receive_data, next_event, send

Pings and closes are answered here; the answers are taken with `replies`. Fragments are put together up to a cap.
A handshake that is denied stays an HTTP exchange and is answered by `http1`.
"""

from __future__ import annotations

from base64 import b64decode
from collections import deque

import h11
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Ping,
    RejectConnection,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from inspector.engine.stream import (
    AppMistake,
    Disconnected,
    FrameReceived,
    FrameSent,
    Refused,
    RequestHead,
    WebSocketAccept,
    WebSocketClose,
)
from inspector.trace.scope import Headers

_KEY = 16
LEAST = 16
"""What any fragment counts for: empty ones take memory, too."""
MAX_MESSAGE = 16 * 1024 * 1024
"""Bytes of one message; a longer one closes the connection with 1009 (RFC 6455, 7.4.1)."""


class WebSocket:
    """The server's side of one WebSocket."""

    def __init__(self, head: RequestHead) -> None:
        self._ws = WSConnection(ConnectionType.SERVER)
        self._parts: list[str | bytes] = []
        self._size = 0
        self._replies = b""
        self._t_ns = 0
        self._events: deque[FrameReceived | Disconnected] = deque()
        self._over = False
        self.problem: Refused | None = None
        """Why the handshake is none, and how it is answered (RFC 6455, 4.2.2)."""
        if not _has_key(head.headers):
            reason = "Sec-WebSocket-Key is not 16 bytes in base64"
            self.problem = Refused(400, reason, head.raw, head.head_ns, section="RFC 6455, 4.2.1")
            return
        try:
            self._ws.initiate_upgrade_connection(head.headers, head.target)
            deque(self._ws.events(), maxlen=0)
        except RemoteProtocolError as error:
            hint = error.event_hint
            status = hint.status_code if isinstance(hint, RejectConnection) else 400
            headers = list(hint.headers) if isinstance(hint, RejectConnection) else []
            self.problem = Refused(status, str(error), head.raw, head.head_ns, headers, "RFC 6455, 4.2.1")
        except UnicodeError:
            self.problem = Refused(
                400, "the Host header is no host name", head.raw, head.head_ns, section="RFC 9110, 7.2"
            )

    def accept(self, event: WebSocketAccept) -> bytes:
        """The 101 response. Raises `AppMistake` for a subprotocol that was not offered, or headers that are none."""
        try:
            return self._ws.send(AcceptConnection(subprotocol=event.subprotocol, extra_headers=list(event.headers)))
        except (LocalProtocolError, h11.LocalProtocolError, ValueError) as error:
            raise AppMistake(str(error)) from None

    @property
    def closed(self) -> bool:
        """Both sides have said close, or the connection failed."""
        return self._over or self._ws.state is ConnectionState.CLOSED

    def receive_data(self, data: bytes, t_ns: int) -> None:
        """Bytes that came from the socket at `t_ns`; b"" is the end of the client's stream."""
        self._t_ns = t_ns
        if self.closed or self._ws.state is ConnectionState.REMOTE_CLOSING:
            return
        if not data:
            self._end(1006, "")
            return
        try:
            self._ws.receive_data(data)
            for event in self._ws.events():
                self._take(event)
        except RemoteProtocolError as error:
            hint = error.event_hint
            code = hint.code if isinstance(hint, CloseConnection) else 1002
            self._fail(code, str(error))

    def _take(self, event: object) -> None:
        if isinstance(event, (TextMessage, BytesMessage)):
            self._take_part(event)
        elif isinstance(event, Ping):
            if self._ws.state is ConnectionState.OPEN:
                self._replies += self._ws.send(event.response())
        elif isinstance(event, CloseConnection):
            if self._ws.state is ConnectionState.OPEN:  # wsproto's way to say that the bytes are no frames
                self._fail(int(event.code), event.reason or "")
                return
            if self._ws.state is ConnectionState.REMOTE_CLOSING:
                self._replies += self._ws.send(event.response())
            self._end(int(event.code), event.reason or "")

    def _take_part(self, event: TextMessage | BytesMessage) -> None:
        data = event.data if isinstance(event.data, str) else bytes(event.data)
        self._size += max(len(data) if isinstance(data, bytes) else len(data.encode("utf-8")), LEAST)
        if self._size > MAX_MESSAGE:
            self._parts.clear()
            self._fail(1009, f"a message of more than {MAX_MESSAGE:,} bytes")
            return
        self._parts.append(data)
        if event.message_finished:
            whole = data if len(self._parts) == 1 else type(data)().join(self._parts)  # type: ignore[arg-type]
            self._parts.clear()
            self._size = 0
            self._events.append(FrameReceived(whole, self._t_ns))

    def _fail(self, code: int, reason: str) -> None:
        """The client broke the protocol: say so in a close frame, and be done (RFC 6455, 7.1.7)."""
        if self._over:
            return
        if self._ws.state in (ConnectionState.OPEN, ConnectionState.REMOTE_CLOSING):
            self._replies += self._ws.send(CloseConnection(code=code, reason=reason[:100]))
        self._end(code, reason)

    def _end(self, code: int, reason: str) -> None:
        if not self._over:
            self._over = True
            self._events.append(Disconnected(code, reason, self._t_ns))

    def next_event(self) -> FrameReceived | Disconnected | None:
        return self._events.popleft() if self._events else None

    def replies(self) -> bytes:
        """What has to go to the client by itself: pongs and the answer to a close."""
        replies, self._replies = self._replies, b""
        return replies

    def send(self, event: FrameSent | WebSocketClose) -> bytes:
        """The event as bytes. Raises `AppMistake` where the protocol forbids it."""
        try:
            if isinstance(event, WebSocketClose):
                return self._ws.send(CloseConnection(code=event.code, reason=event.reason))
            if isinstance(event.data, str):
                return self._ws.send(TextMessage(data=event.data))
            return self._ws.send(BytesMessage(data=event.data))
        except (LocalProtocolError, ValueError, UnicodeError) as error:
            raise AppMistake(str(error)) from None


def _has_key(headers: Headers) -> bool:
    """One key of 16 bytes (RFC 6455, 4.2.1); wsproto takes any text."""
    keys = [value for name, value in headers if name == b"sec-websocket-key"]
    try:
        return [len(b64decode(key, validate=True)) for key in keys] == [_KEY]
    except ValueError:
        return False
