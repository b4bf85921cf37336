"""One HTTP/2 connection: what `Connection` hands over to once it knows that the client speaks HTTP/2.

    Negotiated --bytes--> HTTP2Connection --events--> HTTP2Stream, many --> gateway
                              ^------- bytes, in turns --------'

Streams do not wait for one another: each has an inbox that its window bounds, and a queue that its `full` bounds. What
goes to the socket is asked of the wire while the socket takes it, so what waits, waits where turns are taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspector.engine.host.http2_stream import HTTP2Stream
from inspector.engine.host.http2_told import HTTP2Told
from inspector.engine.host.http2_websocket import HTTP2WebSocket
from inspector.engine.stream import Disconnected, Refused, RequestHead, ResponseBody, ResponseHead
from inspector.engine.wire.handshake import Handshake
from inspector.engine.wire.http2 import HTTP2
from inspector.engine.wire.patience import HEAD_NS, IDLE_NS
from inspector.engine.wire.refusal import text_of
from inspector.trace import clock
from inspector.trace.scope import Headers

if TYPE_CHECKING:
    from inspector.engine.host.negotiated import Negotiated

ROOM = 64 * 1024
"""Bytes of bodies that are handed to the socket at once."""
TURNS = 16
"""How often that may be in one turn of the loop; others want theirs, too."""
MAX_BACKLOG = 256 * 1024
"""Bytes that go out though the client does not read; then it is not read either."""


class HTTP2Connection:
    """All methods belong to the loop's thread."""

    def __init__(self, connection: Negotiated) -> None:
        self.connection = connection
        self.http = HTTP2(connection.scheme, websockets=connection.server.speaks_websocket)
        self.over = False
        """Nothing more can be sent."""
        self.full: set[HTTP2Stream] = set()
        """Those whose app waits for the client."""
        self._streams: dict[int, HTTP2Stream] = {}
        self._told = HTTP2Told(self.http)
        self._backlog = 0
        self._deaf = False
        self._eof = False
        self._idle_ns = clock.now()
        """When there was last a sign of life."""
        self.flush()

    # From the client.

    def receive(self, data: bytes, t_ns: int) -> None:
        """Bytes that came from the socket at `t_ns`."""
        self._idle_ns = t_ns
        self.http.receive_data(data, t_ns)
        left = self._told.came(t_ns, self.http.came())
        self._take()
        self._told.rest(t_ns, left)
        self.flush()

    def _take(self) -> None:
        while (found := self.http.next_event()) is not None:
            number, event = found
            stream = self._streams.get(number)
            if isinstance(event, RequestHead):
                self._begin(number, event)
            elif isinstance(event, Refused):
                if stream is not None:
                    stream.refuse(event)
                else:
                    self.connection.server.refused(self.connection, event, "2")
            elif stream is None:
                continue
            elif isinstance(event, Disconnected):
                stream.leave(event)
            elif stream.listens:
                stream.feed(event)
        if self.http.over:
            self._leave_all(Disconnected(reason="the connection broke a rule of HTTP/2", t_ns=clock.now()))

    def _begin(self, number: int, head: RequestHead) -> None:
        stream = HTTP2Stream(self, number, head)
        if head.websocket:
            handshake = Handshake(head, self.connection.server.terms)
            if handshake.problem:
                self._refuse(number, handshake.problem)
                return
            stream = HTTP2WebSocket(self, number, head, handshake)
        self._streams[number] = stream
        self.connection.server.serve(self.connection, stream)
        self._told.begin(number, stream)

    def _refuse(self, number: int, refused: Refused) -> None:
        """A handshake that is none."""
        text = text_of(refused)
        headers = [*refused.headers, (b"content-type", b"text/plain"), (b"content-length", b"%d" % len(text))]
        head = self.http.prepare(ResponseHead(refused.status, headers))
        self.http.send_head_and_body(number, head, ResponseBody(text, False))
        self.http.release(number)
        self.connection.server.refused(self.connection, refused, "2")

    def push(self, parent: HTTP2Stream, path: bytes, headers: Headers) -> None:
        """Promise the client a response and have the app make it. Raises `AppMistake` where that cannot be asked."""
        number, head = self.http.push(parent.number, dict(parent.head.headers)[b"host"], path, headers)
        self.flush()
        self._begin(number, head)

    def _leave_all(self, event: Disconnected) -> None:
        for stream in list(self._streams.values()):
            stream.leave(event)

    def eof(self, t_ns: int) -> bool:
        """The client sends no more; whether the socket stays for what is under way."""
        self._eof = True
        self.http.client_leaves()
        self._take()
        for stream in list(self._streams.values()):
            whole = self.http.is_open(stream.number)
            part = "its half of the connection" if whole else "in the middle of its request"
            stream.leave(Disconnected(reason=f"the client closed {part}", t_ns=t_ns))
        self.flush()
        return not self.over

    def lost(self, t_ns: int) -> None:
        """The socket is gone."""
        self.over = True
        self._leave_all(Disconnected(t_ns=t_ns))

    def served(self, stream: HTTP2Stream) -> None:
        """The app is done with it."""
        if not stream.ends_well:
            self.http.cut(stream.number)
        if not stream.listens:
            self.forget(stream)
        self.http.release(stream.number)
        self._idle_ns = clock.now()
        self.flush()

    def forget(self, stream: HTTP2Stream) -> None:
        """Nothing more is to be told to it."""
        self._streams.pop(stream.number, None)

    # To the client.

    def flush(self) -> None:
        """Hand to the socket what it takes."""
        connection = self.connection
        for turn in range(TURNS + 1):
            if self.over:
                break
            if turn == TURNS:
                connection.loop.call_soon(self.flush)
                break
            room = ROOM if connection.writable.is_set() else 0
            data = self.http.data_to_send(room)
            if not data:
                if self._eof and room:
                    self._give_up()
                break
            connection.write(data)
            t_ns = clock.now()
            self._told.went(t_ns, data)
            for number in self.http.wired():
                if number in self._streams:
                    self._streams[number].wired(t_ns)
            if not room:
                self._regulate(len(data))
                break
        for stream in list(self.full):
            stream.look()
        if self.http.ends and not self.over:
            self.over = True
            if self.http.over:
                connection.linger()
            else:
                connection.close()

    def _give_up(self) -> None:
        """What is left waits for windows, and the client sends nothing more."""
        for number in self.http.drop_stuck():
            if number in self._streams:
                self._streams[number].leave(Disconnected(t_ns=clock.now()))

    def _regulate(self, size: int) -> None:
        """The client does not read and has us write all the same: it is not read any more either."""
        self._backlog += size
        if self._backlog > MAX_BACKLOG and not self._deaf:
            self._deaf = True
            self.connection.transport.pause_reading()

    def writable(self) -> None:
        """The client reads again."""
        self._backlog = 0
        if self._deaf and not self.over:
            self._deaf = False
            self.connection.transport.resume_reading()
        self.flush()

    # The ends.

    def expire(self, now_ns: int) -> None:
        """End the connection where its client takes too long. Never while a request is served."""
        for stream in list(self._streams.values()):
            stream.keep_alive(now_ns)
        since_ns = self.http.block_since_ns
        if self.over or self._streams:
            since_ns = since_ns if self.http.in_block else 0
        if self.over:
            return
        if since_ns and now_ns - since_ns > HEAD_NS:
            self.http.too_slow(HEAD_NS // 1_000_000_000)
            self._take()
            self.flush()
        elif not self._streams and now_ns - self._idle_ns > IDLE_NS:
            self.leave()

    def leave(self) -> None:
        """Tell the client that nothing new begins here; the socket goes with the last that is under way."""
        self.http.leave()
        self.flush()

    def close(self) -> None:
        """Send what can be sent, then close."""
        if not self.over:
            self.http.leave()
            self.flush()
            self.over = True
