"""A WebSocket on a stream of HTTP/2 (RFC 8441): `Handshake` and `WebSocket` as on HTTP/1.1, frames in DATA.

The end of the stream is what the end of the connection is there: END_STREAM is said when both have closed, RST_STREAM
where there was no close.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from inspector.engine.host.http2_stream import HTTP2Stream
from inspector.engine.host.open_websocket import LINGER, OpenWebSocket
from inspector.engine.stream import (
    BodyReceived,
    ClientGone,
    Disconnected,
    EarlyHint,
    FrameReceived,
    FrameSent,
    Outbound,
    RequestHead,
    ResponseBody,
    ResponseHead,
    ResponseTrailers,
    WebSocketAccept,
    WebSocketClose,
)
from inspector.engine.wire.handshake import Handshake
from inspector.trace import clock

if TYPE_CHECKING:
    from inspector.engine.host.http2_connection import HTTP2Connection


class HTTP2WebSocket(HTTP2Stream):
    """A stream whose extended CONNECT asks for a WebSocket; denied, it is an answer as any other."""

    handshaking = True

    def __init__(self, parent: HTTP2Connection, number: int, head: RequestHead, handshake: Handshake) -> None:
        super().__init__(parent, number, head, websocket=True)
        self._handshake = handshake
        self._early = b""
        """Frames that came before the answer: no more than the stream's window."""
        self._early_end = False
        self._due = 0
        """Bytes of frames by which the window is to be opened."""
        self._seen_out = self._app_done = False
        self.websocket: OpenWebSocket | None = None

    # Fed by the connection.

    def feed(self, event: BodyReceived | FrameReceived) -> None:
        if isinstance(event, FrameReceived):
            super().feed(event)
            return
        self._due += len(event.data)
        if self.websocket is None:
            self._early += event.data
            self._early_end = self._early_end or not event.more
            return
        self._read(event.data, event.t_ns, ends=not event.more)

    def _read(self, data: bytes, t_ns: int, *, ends: bool) -> None:
        assert self.websocket is not None
        if data:
            self.websocket.receive_data(data, t_ns)
        if ends:
            self.websocket.receive_data(b"", t_ns)
        self._open_window()

    def _open_window(self) -> None:
        if self._due and self.hungry:
            due, self._due = self._due, 0
            self._http.took(self.number, due)
            self._parent.flush()

    def _took(self, size: int) -> None:
        self._waiting -= size
        self._open_window()

    def _told_gone(self) -> None:
        if self.websocket is not None:
            self.websocket.told_end()

    def keep_alive(self, now_ns: int) -> None:
        """Time has come to `now_ns`."""
        if self.websocket is not None and not self._over:
            self.websocket.keep_alive(now_ns, listening=self.hungry)

    def dismiss(self) -> None:
        reason = "the server stops"
        if self.websocket is not None and self.websocket.open and not self._over:
            self._put_frames(self.websocket.send(WebSocketClose(1012, reason)), -1)
        self.leave(Disconnected(1012, reason, clock.now()))

    # Written by the gateway.

    def put(self, event: Outbound, seq: int = -1) -> None:
        if isinstance(event, (ResponseHead, ResponseBody, EarlyHint, ResponseTrailers)):
            super().put(event, seq)
            return
        if self._over:
            raise ClientGone("the client has left")
        if isinstance(event, WebSocketAccept):
            self._accept(event, seq)
            return
        if self.websocket is None or not self.websocket.open:
            raise ClientGone("the WebSocket is closed")
        self._put_frames(self.websocket.send(event), seq)
        if not isinstance(event, FrameSent):
            self._finish(event.code, event.reason)
            self.websocket.response_done()

    def _accept(self, event: WebSocketAccept, seq: int) -> None:
        self._head_seq = seq
        head = self._http.prepare(ResponseHead(200, self._handshake.fields(event)))
        self._http.send_head(self.number, head, lingers=True)
        self._parent.flush()
        self._head_out()
        t_ns = clock.now()
        self.websocket = OpenWebSocket(self, self, self._handshake.accept(t_ns))
        early, self._early = self._early, b""
        if early or self._early_end:
            self.loop.call_soon(lambda: self._read(early, t_ns, ends=self._early_end))

    def _put_frames(self, data: bytes, seq: int) -> None:
        self._put(data, seq)
        if self.exchange is not None:
            self.exchange.frames_out(clock.now(), data, seq)

    def _put(self, data: bytes, seq: int) -> None:
        if data:
            self._send_body(ResponseBody(data, True), seq)

    @property
    def framed(self) -> bool:
        return self.websocket is not None

    # What an `OpenWebSocket` takes for its connection.

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._connection.loop

    @property
    def over(self) -> bool:
        return self._over or self._seen_out

    def get_write_buffer_size(self) -> int:
        """Bytes that wait for the client."""
        return self._http.waiting(self.number)

    def write(self, data: bytes) -> None:
        self._put(data, -1)

    def see_out(self, _patient: bool) -> None:
        """Say that nothing more comes; the client has a while to say so, too."""
        if not self.over:
            self._seen_out = True
            self._http.send_body(self.number, ResponseBody(b"", False))
            self._seqs.append(-1)
            self._parent.flush()
            self.loop.call_later(LINGER, self.close)
            self._leave_parent()

    def close(self) -> None:
        """The client has had its time."""
        self._http.cut(self.number)
        self._leave_parent()
        self._parent.flush()

    def _leave_parent(self) -> None:
        if self._app_done:
            self._parent.forget(self)

    def served(self) -> None:
        self._app_done = True
        super().served()

    @property
    def listens(self) -> bool:
        """Also once the app has closed: for the client's half of the closing handshake."""
        return not self.over

    @property
    def ends_well(self) -> bool:
        return self.done or self._seen_out
