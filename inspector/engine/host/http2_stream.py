"""One request on an HTTP/2 connection, as the gateway sees it: an `OpenStream` whose bytes wait for the client.

What is put is handed to the wire at once and goes out in its turn, as far as the client's window is open. Until it has,
`full` may be true, and `wired_ns` is 0: the record is told here when the bytes of each message went to the socket.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from inspector.engine.host.file_sending import send_pieces
from inspector.engine.host.open_stream import OpenStream
from inspector.engine.stream import (
    AppMistake,
    BodyReceived,
    ClientGone,
    Disconnected,
    EarlyHint,
    FrameReceived,
    Outbound,
    Refused,
    RequestHead,
    ResponseBody,
    ResponseHead,
    ResponseTrailers,
    takes_trailers,
)
from inspector.engine.wire.http1_extensions import links_of, trailers_of
from inspector.engine.wire.http2 import HTTP2
from inspector.engine.wire.http2_sending import Prepared
from inspector.trace import clock
from inspector.trace.scope import Headers

if TYPE_CHECKING:
    from inspector.engine.host.http2_connection import HTTP2Connection

MAX_QUEUE = 64 * 1024
"""Bytes of a response that wait for the client before the app's `send` does."""
_PIECES = 64
"""Parts of a body that wait for the app one by one; tiny ones would take many times their size."""


class HTTP2Stream(OpenStream):
    """All methods belong to the loop's thread."""

    resets = "stream"

    handshaking = False

    def __init__(self, parent: HTTP2Connection, number: int, head: RequestHead, *, websocket: bool = False) -> None:
        super().__init__(parent.connection, head, websocket=websocket)
        self.number = number
        self._parent = parent
        self._http: HTTP2 = parent.http
        self._head: Prepared | None = None
        self._putting = False
        self._seqs: deque[int] = deque()
        """The messages whose bytes were put, and have not all gone out."""
        self._asked = not head.expects_continue
        self._out = asyncio.Event()
        """The client has taken enough."""
        self._out.set()

    @property
    def _over(self) -> bool:
        return self._parent.over or not self._http.is_open(self.number)

    # Fed by the connection.

    def feed(self, event: BodyReceived | FrameReceived) -> None:
        self._asked = True
        super().feed(event)
        if len(self._body) > _PIECES:
            self._body[:] = [b"".join(self._body)]

    def _ask_for_body(self) -> None:
        if not self._asked and not self._over:
            self._asked = True
            self._http.send_informational(self.number, 100, [])
            self._parent.flush()

    def _took(self, size: int) -> None:
        self._waiting -= size
        if size:
            self._http.took(self.number, size)
            self._parent.flush()

    def leave(self, event: Disconnected) -> None:
        if self.done and self.unsent and self.exchange is not None and not self._http.is_open(self.number):
            self.exchange.overrule("client left", "the client left before it had the whole response")
            self._seqs.clear()
        self._out.set()
        self._parent.full.discard(self)
        super().leave(event)

    def refuse(self, refused: Refused) -> None:
        """The rest of the request breaks a rule, and the stream was reset for it."""
        if self.exchange is not None and not self.exchange.ended:
            self.exchange.refused = refused
            self.exchange.refuse(refused)
        self._head = None
        self.leave(Disconnected(reason=refused.reason, t_ns=refused.t_ns))

    def wired(self, t_ns: int) -> None:
        """The bytes of the put that waited longest were handed to the socket."""
        self._wired_ns = t_ns
        seq = self._seqs.popleft()
        if self.exchange is None or seq < 0:
            return
        if self._seqs or self._putting or self.exchange.ended:
            self.exchange.wired(seq, t_ns)
        else:
            self.exchange.wired_alone(seq, t_ns)

    @property
    def framed(self) -> bool:
        """What goes out in DATA are WebSocket frames, which are told of themselves."""
        return False

    def head_seq_out(self, told: bool) -> tuple[int, bool]:
        """The message of the HEADERS that goes out: of the head, unless that was `told` or has not been put; and
        whether the head is told with it."""
        if told or self._head is not None or self._head_seq < 0:
            return -1, told
        return self._head_seq, True

    def look(self) -> None:
        """Some of what waited went out."""
        if not self.full:
            self._out.set()
            self._parent.full.discard(self)

    def served(self) -> None:
        self._parent.served(self)

    # Written by the gateway.

    def put(self, event: Outbound, seq: int = -1) -> None:
        if self._over:
            raise ClientGone("the client has left")
        if isinstance(event, ResponseHead):
            self._head, self._head_seq = self._http.prepare(event), seq
            self._connection.loop.call_soon(self._flush_at_end_of_turn)
        elif isinstance(event, ResponseBody):
            self._send_body(event, seq)
        elif isinstance(event, EarlyHint):
            links = links_of(event)
            if links and not self._began:
                self._http.send_informational(self.number, 103, links)
                self._parent.flush()
        elif isinstance(event, ResponseTrailers):
            fields = trailers_of(event) if takes_trailers(self.head) else []
            self.flush()
            self._http.send_trailers(self.number, fields)
            self._seqs.append(seq)
            self._putting = True
            self._parent.flush()
            self._putting = False
            self._put_all(ends=True)
        else:
            raise ClientGone("no WebSocket is open")

    def _send_body(self, event: ResponseBody, seq: int) -> None:
        head, self._head = self._head, None
        try:
            if head is not None:
                self._http.send_head_and_body(self.number, head, event)
            else:
                self._http.send_body(self.number, event)
            self._seqs.append(seq)
        finally:
            self._putting = True
            self._parent.flush()  # the client may see what the app began, also where the body does not fit
            self._putting = False
            if head is not None:
                self._head_out()
        self._put_all(ends=not event.more)

    def _put_all(self, *, ends: bool) -> None:
        if ends:
            self._finish()
        if self.full:
            self._out.clear()
            self._parent.full.add(self)

    def flush(self) -> None:
        if self._head is not None and not self._over:
            head, self._head = self._head, None
            self._http.send_head(self.number, head)
            self._parent.flush()
            self._head_out()

    def _head_out(self) -> None:
        self._began = True
        if self._seqs or not self._wired_ns:
            self._wired_ns = clock.now()
            if self.exchange is not None and self._head_seq >= 0:
                self.exchange.wired(self._head_seq, self._wired_ns)

    @property
    def head_waits(self) -> bool:
        return self._head is not None and not self._over

    def replace_head(self, head: ResponseHead) -> None:
        if not self.head_waits:
            raise AppMistake("the head is out already")
        self._head = self._http.prepare(head)

    def _finish(self, code: int = 1006, reason: str = "") -> None:
        self.done = True
        self.leave(Disconnected(code, reason, self.wired_ns or clock.now()))

    @property
    def wired_ns(self) -> int:
        return 0 if self.unsent else self._wired_ns

    @property
    def unsent(self) -> bool:
        return bool(self._seqs)

    @property
    def full(self) -> bool:
        """Of a response that is complete all has to be out: then its client has it, or has left."""
        waiting = self._http.waiting(self.number)
        return not self._over and (waiting >= MAX_QUEUE or (self.done and self.unsent))

    async def drain(self) -> None:
        await self._out.wait()

    @property
    def extensions(self) -> frozenset[str]:
        found = super().extensions
        return found | {"http.response.push"} if self._http.may_push(self.number) else found

    async def send_file(self, fd: int, size: int, seq: int, more: bool) -> None:
        await send_pieces(self, fd, size, seq, more)

    def push(self, path: bytes, headers: Headers) -> None:
        self._parent.push(self, path, headers)

    @property
    def ends_well(self) -> bool:
        """The stream ends, or has ended, as it should: what waits may go out."""
        return self.done

    @property
    def listens(self) -> bool:
        """What the client sends is of use."""
        return not self.done and not self._over

    def keep_alive(self, now_ns: int) -> None:
        """Time has come to `now_ns`; only a WebSocket's client has to show that it is there."""

    def _told_gone(self) -> None:
        pass

    def abort(self, why: str) -> None:
        self._end(why)

    def reset(self, why: str) -> None:
        self._frames.clear()  # the next that the app hears is that the client has gone
        self._body.clear()
        self._told_end = True
        self._end(why, cancel=True)

    def _end(self, why: str, *, cancel: bool = False) -> None:
        self._head = None
        self._http.cut(self.number, cancel=cancel)
        self._parent.flush()
        self.leave(Disconnected(reason=why, t_ns=clock.now()))
