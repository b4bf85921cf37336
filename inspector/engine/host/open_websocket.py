"""A WebSocket on its connection: what the client sends goes to the stream, what it has to be told goes out, the ends.

    Connection --bytes--> OpenWebSocket --events--> OpenStream

A client that broke a rule is told so once the app has taken what came before, or has had time to: its answers to that
still go out, and the close frame comes after them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from inspector.engine.probe.wire_tap import KEPT
from inspector.engine.stream import Disconnected, FrameSent, WebSocketClose
from inspector.engine.wire.frame_scan import FrameScan
from inspector.engine.wire.websocket import WebSocket
from inspector.trace import clock

if TYPE_CHECKING:
    from inspector.engine.host.open_stream import OpenStream

LINGER = 2.0
"""Seconds that the client has for its half of the closing handshake, and the app for what came before a mistake."""


class Carrier(Protocol):
    """What carries a WebSocket: a connection, or a stream of one."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop: ...

    @property
    def over(self) -> bool:
        """Nothing more can be sent."""

    def get_write_buffer_size(self) -> int:
        """Bytes that wait for the client."""

    def write(self, data: bytes) -> None: ...

    def see_out(self, patient: bool, /) -> None:
        """Nothing more is sent."""

    def close(self) -> None: ...


class OpenWebSocket:
    """All methods belong to the loop's thread."""

    def __init__(self, connection: Carrier, stream: OpenStream, websocket: WebSocket) -> None:
        self._connection = connection
        self._stream = stream
        self._ws = websocket
        self._backlog = 0
        self._scan = FrameScan(KEPT)

    def receive_data(self, data: bytes, t_ns: int) -> None:
        """Bytes of the client; b"" is the end of its stream."""
        if self._stream.exchange is not None:
            for frame in self._scan.look(data):
                self._stream.exchange.framed(t_ns, *frame)
        self._ws.receive_data(data, t_ns)
        self._pump()

    def keep_alive(self, now_ns: int, *, listening: bool) -> None:
        """Time has come to `now_ns`. `listening`: the client is read from; else its silence says nothing."""
        backlog, before = self._connection.get_write_buffer_size(), self._backlog
        self._backlog = backlog
        if not listening or 0 < backlog < before:  # a slow reader is one, and its pong waits behind what it reads
            self._ws.heard(now_ns)
        self._ws.tick(now_ns)
        self._pump()

    def _pump(self) -> None:
        if (replies := self._ws.replies()) and not self._connection.over:
            self._write(replies)
        while (event := self._ws.next_event()) is not None:
            if isinstance(event, Disconnected):
                self._stream.leave(event)
            else:
                self._stream.feed(event)
        if self._ws.closed and not self._connection.over:
            if self._ws.failing and self._stream.waiting:
                self._connection.loop.call_later(LINGER, self.told_end)
            else:
                self.told_end()

    def _write(self, data: bytes) -> None:
        """Frames of the server's own."""
        self._connection.write(data)
        if self._stream.exchange is not None:
            self._stream.exchange.frames_out(clock.now(), data)

    def told_end(self) -> None:
        """The app knows how its WebSocket ended, or has had time to learn it: so may the client."""
        if not self._ws.closed or self._connection.over:
            return
        failing = self._ws.failing
        if failing:
            self._write(self._ws.farewell())
        self._connection.see_out(failing)

    def response_done(self) -> None:
        """The app has closed: the client's half of the closing handshake is left (RFC 6455, 7.1.1)."""
        if self._ws.closed:
            self.told_end()
        else:
            self._connection.loop.call_later(LINGER, self._connection.close)

    @property
    def open(self) -> bool:
        """Messages may be sent."""
        return self._ws.open

    def send(self, event: FrameSent | WebSocketClose) -> bytes:
        """The event as bytes. Raises `AppMistake` where the protocol forbids it."""
        return self._ws.send(event)
