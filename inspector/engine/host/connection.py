"""One socket: bytes to the wire, streams to the gateway, back-pressure both ways, and the ways to end.

    asyncio --bytes--> Connection --events--> OpenStream --> gateway
                           ^------- bytes --------'

HTTP/1.x serves one request after the other: while a response is under way, later bytes wait in the wire (pipelining).
Reading stops while the app has not read what is here; `OpenStream.full` says that the client does not read.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING, cast

from inspector.engine.host.open_stream import OpenStream
from inspector.engine.host.open_websocket import OpenWebSocket
from inspector.engine.stream import (
    BodyReceived,
    ClientGone,
    Disconnected,
    Refused,
    RequestHead,
    Security,
    WebSocketAccept,
)
from inspector.engine.wire.handshake import Handshake
from inspector.engine.wire.http1 import HTTP1
from inspector.engine.wire.patience import REST_NS, overdue
from inspector.trace import clock

if TYPE_CHECKING:
    from inspector.engine.host.listener import Server

MAX_DISCARDED = 256 * 1024
"""Bytes of a request's body, not read by the app, that are read away to keep the connection."""
FRESH_NS = 250_000_000
"""For so long after it was made, a connection that carried nothing yet is not closed at a stop."""
LINGER = 2.0
"""Seconds in which a client may read a response's end after we have stopped to listen to it."""
_RESET = struct.pack("ii", 1, 0)


class Connection(asyncio.BufferedProtocol):
    """All methods belong to the loop's thread."""

    transport: asyncio.Transport

    def __init__(self, server: Server) -> None:
        self.server = server
        self.loop = server.loop
        self.id = 0
        self.scheme = server.scheme
        self.security: Security | None = None
        self.http = HTTP1(server.scheme)
        self.websocket: OpenWebSocket | None = None
        self.stream: OpenStream | None = None
        self.lost = False
        self.writable = asyncio.Event()
        self.writable.set()
        self.client: tuple[str, int] | None = None
        self.address: tuple[str, int | None] | None = None
        self.accepted_ns = 0
        self._handshake: Handshake | None = None
        self._paused = False
        self._discarded = 0
        self._used = False
        self._ending = False
        self._eof = False
        self._idle_ns = 0
        """Since when the next request is awaited."""

    # asyncio's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.accepted_ns = self._idle_ns = clock.now()
        raw = transport.get_extra_info("socket")
        if raw is not None and raw.family in (socket.AF_INET, socket.AF_INET6):
            # asyncio does so too, but not for sockets of protocol 0, as a handed-down listener gives them.
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client = _address(transport.get_extra_info("peername"))
        name = transport.get_extra_info("sockname")
        self.address = (name, None) if name and isinstance(name, str) else _address(name)  # a Unix socket has a path
        self.id = self.server.joined(self)

    def secured(self, security: Security) -> None:
        """The TLS handshake is done; nothing was received before."""
        self.security = security

    def in_the_clear(self, transport: asyncio.Transport, refused: Refused) -> None:
        """What came is no TLS but a request, which is answered as it came."""
        self.transport, self.scheme = transport, "http"
        self._refuse(refused)

    def get_buffer(self, _sizehint: int) -> bytearray:
        """Where the loop puts what it reads. `Protocol` would have it allocate, map and unmap 256 KiB for each read."""
        return self.server.read_buffer

    def buffer_updated(self, nbytes: int) -> None:
        t_ns = clock.now()
        data = bytes(self.server.read_view[:nbytes])
        if self._ending:
            return
        if self.websocket:
            self.websocket.receive_data(data, t_ns)
            self._regulate()
        else:
            self.http.receive_data(data, t_ns)
            self._pump()

    def eof_received(self) -> bool:
        """The client sends no more. A response under way still goes out, for a client that closed only its half."""
        t_ns = clock.now()
        self._eof = True
        if self.websocket:
            self.websocket.receive_data(b"", t_ns)
            return False
        if self._ending:
            return False
        if self.stream is None:
            self.http.receive_data(b"", t_ns)
            self._pump()
            return False
        if not self.http.request_done:
            self.stream.leave(Disconnected(reason="the client closed in the middle of its request", t_ns=t_ns))
            return False
        self.stream.leave(Disconnected(reason="the client closed its half of the connection", t_ns=t_ns))
        return True

    def connection_lost(self, _error: Exception | None) -> None:
        self.lost = True
        self.writable.set()
        if self.stream:
            self.stream.leave(Disconnected(t_ns=clock.now()))
        self.server.left(self)

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    # From the client.

    def _pump(self) -> None:
        while not self._ending and (event := self.http.next_event()) is not None:
            if isinstance(event, RequestHead):
                self._begin(event)
            elif isinstance(event, Refused):
                self._refuse(event)
            elif self.stream is None or self.stream.done:
                self._discard(event)
            else:
                self.stream.feed(event)
        if (framing := self.http.framing()) and self.stream and self.stream.exchange:
            self.stream.exchange.chunked(clock.now(), framing)
        self._regulate()

    def _begin(self, head: RequestHead) -> None:
        self._used = True
        self._discarded = 0
        self._handshake = None
        if head.websocket and self.server.speaks_websocket:
            self._handshake = Handshake(head, self.server.terms)
            if self._handshake.problem:
                self._refuse(self._handshake.problem)
                return
        self.stream = OpenStream(self, head, websocket=self._handshake is not None)
        self.server.serve(self, self.stream)

    def _refuse(self, refused: Refused) -> None:
        if self.stream and not self.stream.done:  # the request under way is broken, not a new one
            self.stream.leave(Disconnected(reason=refused.reason, t_ns=refused.t_ns))
            if self.stream.exchange:
                self.stream.exchange.refused = refused
            if self.http.answerable:
                answer = self.http.refusal(refused)
                self.write(answer)
                if self.stream.exchange:
                    self.stream.exchange.answered(clock.now(), answer, -1, b"", 0, -1, ends=True)
                    self.stream.exchange.refuse(refused)
            else:
                self.break_off()
                return
        else:
            answer = self.http.refusal(refused)
            self.write(answer)
            self.server.refused(self, refused, answer=answer)
        self._linger()

    def expire(self, now_ns: int) -> None:
        """End the connection where its client takes too long. Never while a request is served, held or not."""
        if self._ending or self.lost:
            return
        if self.websocket:
            self.websocket.keep_alive(now_ns, listening=not self._paused)
        elif self.stream is None:
            late = overdue(self.http, self._idle_ns, now_ns)
            if isinstance(late, Refused):
                self._refuse(late)
            elif late:
                self.close()
        elif self.stream.done and now_ns - self.stream.wired_ns > REST_NS:
            self._linger()

    def _discard(self, event: BodyReceived) -> None:
        self._discarded += len(event.data)
        if not event.more:
            self.response_done()
        elif self._discarded > MAX_DISCARDED:
            self._linger()

    def go_ahead(self) -> None:
        """The app asks for the body: tell a client that waits for it (RFC 9110, 10.1.1)."""
        if not self.websocket and self.http.expects_continue and not self.lost:
            go_ahead = self.http.go_ahead()
            self.write(go_ahead)
            if self.stream and self.stream.exchange:
                self.stream.exchange.informed(clock.now(), go_ahead)

    def upgrade(self, event: WebSocketAccept) -> bytes:
        """The connection becomes a WebSocket; returns the 101 response."""
        if self._handshake is None or self.stream is None:
            raise ClientGone("no WebSocket handshake is under way")
        answer, t_ns = self._handshake.answer(event), clock.now()
        self.websocket = OpenWebSocket(self, self.stream, self._handshake.accept(t_ns))
        if rest := self.http.upgrade():
            self.loop.call_soon(self.websocket.receive_data, rest, t_ns)
        if self._eof:
            self.loop.call_soon(self.websocket.receive_data, b"", t_ns)
        return answer

    def read_on(self) -> None:
        """The app has taken what was here."""
        self._regulate()

    def _regulate(self) -> None:
        """Read from the client exactly while there is room for what it sends."""
        stream = self.stream
        wanted = stream is None or stream.hungry or stream.done
        if stream and not stream.done and not self.websocket and self.http.request_done:
            wanted = self.http.waiting_bytes == 0  # a pipelined request waits for this one
        if self.lost or self._ending or wanted != self._paused:
            return
        self._paused = not wanted
        if wanted:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()

    @property
    def handshaking(self) -> bool:
        """The present request asks for a WebSocket."""
        return self._handshake is not None

    # To the client.

    @property
    def over(self) -> bool:
        """Nothing more can be sent."""
        return self.lost or self._ending or self.transport.is_closing()

    def write(self, data: bytes) -> None:
        self.transport.write(data)

    def response_done(self) -> None:
        """The response is complete: the next request, or the end."""
        if self.websocket:
            self.websocket.response_done()
            return
        if self.lost or self._ending or self.stream is None or not self.stream.done:
            return
        if self.http.reusable and not self.server.stopping and not self._eof:
            self.http.next_cycle()
            self._idle_ns = self.stream.wired_ns
            self.stream = None
            if self.http.waiting_bytes:
                self.loop.call_soon(self._pump)
            else:
                self._regulate()
        elif (self.http.request_done and not self.http.waiting_bytes) or self._eof:
            self.close()
        elif self.http.must_close:
            self._linger()
        else:
            self._regulate()  # the rest of the request is read away

    def _linger(self) -> None:
        """Stop to send, and give the client time to read what was sent before the socket goes."""
        self._ending = True
        if self._paused:
            self._paused = False
            self.transport.resume_reading()
        if self.transport.can_write_eof():
            with contextlib.suppress(OSError):  # the client has reset the connection
                self.transport.write_eof()
        self.loop.call_later(LINGER, self.transport.close)

    def get_write_buffer_size(self) -> int:
        """Bytes that wait for the client."""
        return self.transport.get_write_buffer_size()

    def see_out(self, refused: bool) -> None:
        """End a WebSocket that is over; a client that was `refused` may be sending still."""
        if not self._eof and (refused or self.transport.can_write_eof()):
            self._linger()
        else:
            self.close()

    def close(self) -> None:
        """Send what is still to be sent, then close."""
        self._ending = True
        self.transport.close()

    @property
    def fresh(self) -> bool:
        """New, and the request that it was made for is still to come."""
        return not self._used and clock.now() - self.accepted_ns < FRESH_NS

    def close_if_idle(self) -> None:
        """Close unless a request is being served, or about to come."""
        if (self.stream is None or self.stream.done) and not self.fresh:
            self.close()

    def break_off(self) -> None:
        """End a response in the middle so that no client can take it for a whole one."""
        self._ending = True
        if not self.websocket and self.http.ends_by_close:
            self.reset()
        else:
            self.transport.close()

    def reset(self) -> None:
        """A TCP reset: what was not sent is lost, and the client sees ECONNRESET."""
        self._ending = True
        raw = self.transport.get_extra_info("socket")
        if raw is not None and raw.fileno() >= 0 and raw.family in (socket.AF_INET, socket.AF_INET6):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()


def _address(name: object) -> tuple[str, int] | None:
    return (str(name[0]), int(name[1])) if isinstance(name, tuple) else None
