"""WebSocket after its handshake (RFC 6455, 5 to 8), sans-IO, by wsproto; on any stream of bytes, also one of HTTP/2.

    OPEN --close sent--> CLOSING --close received--> over
      |--close received, answered--> over
      '--the client broke a rule, is silent or gone--> over; `farewell` is what is to be told

Pings and closes are answered here; the answers are taken with `replies`. `receive_data` gets the raw frames of the
client; `replies`, `send` and `farewell` give those of the server, each whole.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from wsproto import ConnectionType
from wsproto.connection import Connection, ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage
from wsproto.utilities import LocalProtocolError

from inspector.engine.stream import AppMistake, Disconnected, FrameReceived, FrameSent, WebSocketClose
from inspector.engine.wire.deflate import Agreed, Framing
from inspector.engine.wire.keepalive import GONE, PING, KeepAlive

MAX_MESSAGE = 16 * 1024 * 1024
_SLICE = 1024
"""Compressed bytes that are inflated at once, to 1 MiB at most: wsproto copies what comes out several times."""
_NO_UTF8 = 1007
_SECOND = 1_000_000_000


@dataclass(frozen=True)
class Terms:
    """How WebSockets are served."""

    max_size: int = MAX_MESSAGE
    """Bytes of one message; a longer one closes the connection with 1009 (RFC 6455, 7.4.1)."""
    ping_interval_ns: int = 20 * _SECOND
    ping_timeout_ns: int = 20 * _SECOND
    """Of `KeepAlive`."""
    deflate: bool = True
    """permessage-deflate is agreed to where a client offers it (RFC 7692)."""


class WebSocket:
    """The server's side of one WebSocket that is open since `t_ns`."""

    def __init__(self, terms: Terms, agreed: Agreed | None = None, t_ns: int = 0) -> None:
        self._framing = Framing(terms.max_size, agreed)
        self._ws = Connection(ConnectionType.SERVER, [self._framing])
        self._keepalive = KeepAlive(terms.ping_interval_ns, terms.ping_timeout_ns, t_ns)
        self._step = _SLICE if agreed else 0
        self._parts = bytearray()
        """Of a message in fragments; text as UTF-8. One buffer, so that a million empty fragments take nothing."""
        self._replies = b""
        self._t_ns = 0
        self._events: deque[FrameReceived | Disconnected] = deque()
        self._farewell: CloseConnection | None = None
        self.closed = False
        """Nothing more comes from the client: both sides have said close, it broke a rule, or it has gone."""

    @property
    def open(self) -> bool:
        """Messages may be sent."""
        return self._ws.state is ConnectionState.OPEN

    # From the client.

    def receive_data(self, data: bytes, t_ns: int) -> None:
        """Bytes that came from the client at `t_ns`; b"" is the end of its stream. What follows a close is ignored."""
        if self.closed:
            return
        self._t_ns = t_ns
        self.heard(t_ns)
        if not data:
            self._end(1006, "")
            return
        step = self._step or len(data)
        for at in range(0, len(data), step):
            self._ws.receive_data(data[at : at + step])
            for event in self._ws.events():
                if not self._take(event):
                    return

    def _take(self, event: object) -> bool:
        """Returns whether more of the client may be read."""
        if isinstance(event, (TextMessage, BytesMessage)):
            if self.open:  # else the server has closed, and nobody waits for it
                self._take_part(event)
        elif isinstance(event, Ping):
            if self.open:
                self._replies += self._ws.send(event.response())
        elif isinstance(event, CloseConnection):
            self._take_close(event)
        return not self.closed

    def _take_part(self, event: TextMessage | BytesMessage) -> None:
        data = event.data if isinstance(event.data, str) else bytes(event.data)
        if event.message_finished and not self._parts:
            whole = data
        else:
            self._parts += data.encode("utf-8") if isinstance(data, str) else data
            if not event.message_finished:
                return
            whole = self._parts.decode("utf-8") if isinstance(data, str) else bytes(self._parts)
            self._parts = bytearray()
        framing = self._framing
        self._events.append(FrameReceived(whole, self._t_ns, framing.wire_size if framing.compressed else None))

    def _take_close(self, event: CloseConnection) -> None:
        code, reason = int(event.code), event.reason or ""
        if self._ws.state is ConnectionState.REMOTE_CLOSING:
            self._replies += self._ws.send(event.response())
            self._end(code, reason)
        elif self._ws.state is ConnectionState.CLOSED:
            self._end(code, reason)
        else:  # wsproto's way to say that the bytes are no frames
            if code == _NO_UTF8 and not self._framing.reason:  # its words depend on how the bytes were split
                reason = "text that is not UTF-8"
            self._fail(code, self._framing.reason or reason)

    def _fail(self, code: int, reason: str) -> None:
        """The client broke the protocol (RFC 6455, 7.1.7)."""
        if self.open:
            self._farewell = CloseConnection(code=code, reason=reason[:100])
        self._end(code, reason)

    def _end(self, code: int, reason: str) -> None:
        self.closed = True
        self._parts = bytearray()
        self._events.append(Disconnected(code, reason, self._t_ns))

    def next_event(self) -> FrameReceived | Disconnected | None:
        return self._events.popleft() if self._events else None

    # Time.

    def heard(self, t_ns: int) -> None:
        """There was a sign of life of the client at `t_ns`, or nobody has listened to it until then."""
        self._keepalive.heard(t_ns)

    def tick(self, now_ns: int) -> None:
        """Time has come to `now_ns`: a ping may be among the replies, or the client counts as gone (1011)."""
        if self.closed or not self.open:
            return
        due = self._keepalive.due(now_ns)
        if due == PING:
            self._replies += self._ws.send(Ping(payload=now_ns.to_bytes(8, "big")))
        elif due == GONE:
            self._t_ns = now_ns
            self._fail(1011, "keepalive ping timeout")

    # To the client.

    def replies(self) -> bytes:
        """What has to go to the client by itself: pongs, pings and the answer to a close."""
        replies, self._replies = self._replies, b""
        return replies

    @property
    def failing(self) -> bool:
        """The connection has failed, and the client was not told."""
        return self._farewell is not None and self.open

    def farewell(self) -> bytes:
        """The close frame that tells the client why the connection has failed; b"" where there is nothing to tell."""
        return self._ws.send(self._farewell) if self._farewell is not None and self.open else b""

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
