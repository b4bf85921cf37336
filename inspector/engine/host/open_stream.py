"""One request that is being served: what the gateway reads and writes (`engine.stream.Stream`).

The connection feeds it with what came from the client; its own half is a small inbox, the response head that stays back
until its turn ends, and the moment at which bytes were last handed to the socket.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from inspector.engine.host.file_sending import send_by_kernel, send_pieces
from inspector.engine.stream import (
    AppMistake,
    BodyReceived,
    ClientGone,
    Disconnected,
    EarlyHint,
    FrameReceived,
    FrameSent,
    Inbound,
    Outbound,
    RequestHead,
    ResponseBody,
    ResponseHead,
    ResponseTrailers,
    WebSocketAccept,
    WebSocketClose,
    takes_trailers,
)
from inspector.trace import clock
from inspector.trace.scope import Headers

if TYPE_CHECKING:
    from inspector.engine.host.connection import Connection
    from inspector.engine.probe.tap import Exchange

_OLD_EXTENSIONS = frozenset({"http.response.pathsend"})
_EXTENSIONS = frozenset({"http.response.pathsend", "http.response.early_hint"})
_TRAILED_EXTENSIONS = _EXTENSIONS | {"http.response.trailers"}
LEAST = 1024
"""What any WebSocket message counts for: empty ones take memory, too."""
MAX_INBOX = 64 * 1024
"""Bytes that wait for the app before the client is no longer read."""


class OpenStream:
    """All methods belong to the loop's thread."""

    resets = "connection"

    def __init__(self, connection: Connection, head: RequestHead, *, websocket: bool = False) -> None:
        self.head = head
        self.security = connection.security
        self.head_went_alone: Callable[[], None] | None = None
        self.on_leave: Callable[[], None] | None = None
        self.done = False
        """The response is complete."""
        self.exchange: Exchange | None = None
        """Its record."""
        self._connection = connection
        self._wired_ns = 0
        self._began = False
        self._prepared: object | None = None
        self._head_seq = -1
        self._kept = False
        self._body: list[bytes] = []
        self._body_ns = head.head_ns
        self._complete = not head.has_body
        self._told_end = websocket
        """The end of the body was given to the app; a WebSocket has none."""
        self._frames: deque[FrameReceived] = deque()
        self._waiting = 0
        self._gone: Disconnected | None = None
        self._arrived = asyncio.Event()

    # Fed by the connection.

    def feed(self, event: BodyReceived | FrameReceived) -> None:
        if isinstance(event, FrameReceived):
            self._frames.append(event)
            self._waiting += _weight(event)
        else:
            if event.data:
                if not self._body:
                    self._body_ns = event.t_ns
                self._body.append(event.data)
                self._waiting += len(event.data)
            if not event.more:
                self._complete = True
        self._arrived.set()

    def leave(self, event: Disconnected) -> None:
        """The client has left, or the response is over: nothing more will come."""
        if self._gone is None:
            self._gone = event
        self._arrived.set()
        if self.on_leave is not None:
            self.on_leave()

    @property
    def client_left(self) -> bool:
        return self._connection.lost or (self._gone is not None and not self.done)

    @property
    def left_early(self) -> bool:
        return self.client_left and not self.done

    @property
    def hungry(self) -> bool:
        """More bytes of the client may come in."""
        return self._waiting < MAX_INBOX

    @property
    def waiting(self) -> bool:
        """Something of the client was not taken by the app."""
        return self._waiting > 0

    def dismiss(self) -> None:
        """The server stops: the client of a WebSocket is told (1012), the app learns that its client has gone."""
        websocket = self._connection.websocket
        reason = "the server stops"
        if websocket is not None and websocket.open and not self._connection.over:
            self._write_frames(websocket.send(WebSocketClose(1012, reason)))
        self.leave(Disconnected(1012, reason, clock.now()))

    # Read by the gateway.

    def receive_now(self) -> Inbound | None:
        if self._frames:
            frame = self._frames.popleft()
            self._took(_weight(frame))
            return frame
        if self._body or (self._complete and not self._told_end):
            data = self._body[0] if len(self._body) == 1 else b"".join(self._body)
            self._body.clear()
            self._told_end = self._complete
            self._took(len(data))
            return BodyReceived(data, not self._complete, self._body_ns)
        if self._gone is None:
            if not self._complete:
                self._ask_for_body()
        else:
            self._told_gone()
        return self._gone

    async def receive(self) -> Inbound:
        while (event := self.receive_now()) is None:
            self._arrived.clear()
            await self._arrived.wait()
        return event

    def _told_gone(self) -> None:
        """The app learns that the client has left."""
        if self._connection.websocket:
            self._connection.websocket.told_end()

    def _ask_for_body(self) -> None:
        self._connection.go_ahead()

    def _took(self, size: int) -> None:
        was_hungry = self.hungry
        self._waiting -= size
        if not was_hungry:
            self._connection.read_on()

    # Written by the gateway.

    def put(self, event: Outbound, seq: int = -1) -> None:
        if self._connection.over:
            raise ClientGone("the client has left")
        if isinstance(event, ResponseHead):
            self._prepared, self._head_seq = self._connection.http.prepare(event), seq
            self._connection.loop.call_soon(self._flush_at_end_of_turn)
        elif isinstance(event, ResponseBody):
            head = self._take_head()
            try:
                body = self._connection.http.send_body(event)
            except AppMistake:
                self._answer(head)  # the client may see what the app began, and that it was cut
                raise
            self._answer(head, body, len(event.data), seq, ends=not event.more)
            if not event.more:
                self._finish()
        elif isinstance(event, EarlyHint):
            if hint := self._connection.http.send_early_hint(event):
                self._connection.write(hint)
                if self.exchange:
                    self.exchange.informed(clock.now(), hint, seq)
        elif isinstance(event, ResponseTrailers):
            head = self._take_head()
            end = self._connection.http.send_trailers(event, takes_trailers(self.head))
            self._answer(head, end, 0, seq, ends=True)
            self._finish()
        elif isinstance(event, WebSocketAccept):
            self._head_seq = seq
            self._answer(self._connection.upgrade(event))
        else:
            websocket = self._connection.websocket
            if websocket is None or not websocket.open:
                raise ClientGone("the WebSocket is closed")
            self._write_frames(websocket.send(event), seq)
            if not isinstance(event, FrameSent):
                self._finish(event.code, event.reason)

    def flush(self) -> None:
        if self.head_waits:
            self._answer(self._take_head())

    def _flush_at_end_of_turn(self) -> None:
        if self.head_waits and not self._kept:
            self.flush()
            if self.head_went_alone:
                self.head_went_alone()

    def keep_head(self, on: bool) -> None:
        if self._kept and not on and self.head_waits:
            self._connection.loop.call_soon(self._flush_at_end_of_turn)
        self._kept = on

    @property
    def head_waits(self) -> bool:
        return self._prepared is not None and not self._connection.over

    def replace_head(self, head: ResponseHead) -> None:
        if not self.head_waits:
            raise AppMistake("the head is out already")
        self._prepared = self._connection.http.prepare(head)

    def _take_head(self) -> bytes:
        prepared, self._prepared = self._prepared, None
        return self._connection.http.send_head(prepared) if prepared is not None else b""  # type: ignore[arg-type]

    def _write(self, data: bytes) -> None:
        if data:
            self._connection.write(data)
            self._wired_ns = clock.now()
            self._began = True

    def _answer(self, head: bytes, body: bytes = b"", size: int = 0, seq: int = -1, *, ends: bool = False) -> None:
        """Write a response's head and some of its body, framed: `size` bytes of message `seq`."""
        self._write(head + body)
        if self.exchange is not None:
            self.exchange.answered(self._wired_ns, head, self._head_seq, body, size, seq, ends=ends)

    def _write_frames(self, data: bytes, seq: int = -1) -> None:
        self._write(data)
        if self.exchange is not None:
            self.exchange.frames_out(self._wired_ns, data, seq)

    def _finish(self, code: int = 1006, reason: str = "") -> None:
        self.done = True
        self.leave(Disconnected(code, reason, self.wired_ns))
        self._connection.response_done()

    @property
    def wired_ns(self) -> int:
        return self._wired_ns

    @property
    def began(self) -> bool:
        return self._began

    @property
    def unsent(self) -> bool:
        return False

    @property
    def extensions(self) -> frozenset[str]:
        if self.head.http_version == "1.0":
            return _OLD_EXTENSIONS
        return _TRAILED_EXTENSIONS if takes_trailers(self.head) else _EXTENSIONS

    async def send_file(self, fd: int, size: int, seq: int, more: bool) -> None:
        connection = self._connection
        if connection.security is not None or not size or not hasattr(os, "sendfile"):
            await send_pieces(self, fd, size, seq, more)
            return
        self._answer(self._take_head())
        if connection.http.bodiless:
            self.put(ResponseBody(b"", more), seq)
            return
        before, behind = connection.http.send_span(size, more)
        self._write(before)
        await send_by_kernel(connection, fd, size)
        self._write(behind)
        self._wired_ns = clock.now()
        if self.exchange is not None:
            self.exchange.spanned(self._wired_ns, before, size, behind, seq)
        if not more:
            self._finish()

    def push(self, path: bytes, headers: Headers) -> None:  # noqa: ARG002 - HTTP/1.x cannot
        raise AppMistake("HTTP/1.x has no push")

    @property
    def handshaking(self) -> bool:
        """It asks for a WebSocket."""
        return self._connection.handshaking

    def served(self) -> None:
        """The app is done with it."""

    @property
    def full(self) -> bool:
        return not self._connection.writable.is_set()

    async def drain(self) -> None:
        await self._connection.writable.wait()

    @property
    def stopping(self) -> bool:
        return self._connection.server.stopping

    def abort(self, why: str) -> None:
        self.leave(Disconnected(reason=why, t_ns=clock.now()))
        self._connection.break_off()

    def reset(self, why: str) -> None:
        self._prepared = None
        self._frames.clear()  # the next that the app hears is that the client has gone
        self._body.clear()
        self._told_end = True
        self.leave(Disconnected(reason=why, t_ns=clock.now()))
        self._connection.reset()


def _weight(frame: FrameReceived) -> int:
    """What a message takes of the inbox."""
    return max(len(frame.data), LEAST)
