"""HTTP/2 (RFC 9113), sans-IO: h2's state machines, windows and HPACK, behind a reader that is stricter and bounded.

One `HTTP2` lives as long as its connection and serves many requests at once; each event has the number of its stream:

    receive_data -> next_event: (5, RequestHead), (5, BodyReceived)..., (7, RequestHead), (5, Disconnected)
    prepare, send_head, send_body... -> data_to_send, as much as the socket takes; `wired` tells whose is out

    http2_frames     the form of frames, header blocks put together
    http2_head       what a header block means
    http2_streams    the state that both directions share
    http2_receiving  frames to events
    http2_sending    response heads, and bodies that wait for windows
    calm             what a client may ask for, for nothing in return

A window of a stream opens as the app takes the body; that of the connection at once. So no stream that is slow, or
held, stops another, and a stream's window is what it may take of the memory.
"""

from __future__ import annotations

from h2.errors import ErrorCodes

from inspector.engine.stream import AppMistake, RequestHead, ResponseBody, ResponseHead
from inspector.engine.wire import calm, http2_frames, http2_head, http2_sending
from inspector.engine.wire.http2_frames import Broken
from inspector.engine.wire.http2_head import Fault
from inspector.engine.wire.http2_receiving import Receiving
from inspector.engine.wire.http2_sending import Prepared, Sending, Trailers
from inspector.engine.wire.http2_streams import Open
from inspector.trace.scope import Headers


class HTTP2(Receiving):
    """The server's side of one HTTP/2 connection."""

    @property
    def live(self) -> int:
        """Streams that are not over."""
        return len(self._streams)

    @property
    def ends(self) -> bool:
        """Nothing is under way, and nothing more comes."""
        return self.over or ((self.leaving or self._client_leaves) and not self._streams)

    @property
    def block_since_ns(self) -> int:
        """When the first byte came of a header block, or of a preface, that is not complete; 0 where there is none."""
        return self._since_ns if self._reader.in_block or not self._reader.began else 0

    def came(self) -> list[bytes]:
        """The preface and the frames that came since the last call, each whole and as it stood."""
        return self._reader.take()

    def windows(self, stream: int) -> tuple[int, int, int, int, int]:
        """Bytes that may be sent to the client on the connection and on `stream`, that the client may send on each (-1:
        the stream is over, or none), and how many streams are open."""
        h2, found = self._h2, self._h2.streams.get(stream)
        ours, theirs = h2.outbound_flow_control_window, h2.inbound_flow_control_window
        if found is None or found.closed:
            return ours, -1, theirs, -1, len(self._streams)
        mine = found.outbound_flow_control_window, found.inbound_flow_control_window
        return ours, mine[0], theirs, mine[1], len(self._streams)

    def waiting(self, stream: int) -> int:
        """Bytes of a response that wait for the client."""
        opened = self._streams.get(stream)
        return opened.sending.waiting if opened else 0

    def is_open(self, stream: int) -> bool:
        """It is not over on both sides."""
        return stream in self._streams

    @property
    def in_block(self) -> bool:
        """A header block is not complete."""
        return self._reader.in_block

    def client_leaves(self) -> None:
        """The client sends no more: requests that are not whole are over."""
        self._client_leaves = True
        for stream in [number for number, opened in self._streams.items() if not opened.request_done]:
            self._drop(stream)

    def drop_stuck(self) -> list[int]:
        """Give up what waits for windows, which nobody will open any more; returns whose it was."""
        stuck = [sending.stream for sending in self._turns.waiting()]
        for stream in stuck:
            self._drop(stream)
        return stuck

    def may_push(self, parent: int) -> bool:
        """The client takes a pushed stream beside `parent`, and there is room for one."""
        theirs = self._h2.remote_settings
        room = theirs.max_concurrent_streams - sum(not stream % 2 for stream in self._streams)
        ready = bool(parent % 2) and parent in self._streams and not self._streams[parent].sending.ended
        return ready and bool(theirs.enable_push) and room > 0 and not (self._client_leaves or self.leaving)

    def release(self, stream: int) -> None:
        """The app is done with it."""
        self._running.discard(stream)
        self._ghosts.discard(stream)

    def took(self, stream: int, size: int) -> None:
        """The app has taken `size` bytes of the body: the client may send as many more."""
        opened = self._streams.get(stream)
        if opened is not None:
            self._took(stream, opened, size)

    def prepare(self, head: ResponseHead) -> Prepared:
        """Check `head` and make it ready. Raises `AppMistake` where HTTP forbids it; another head may then be sent."""
        return http2_sending.prepare(head)

    def send_informational(self, stream: int, status: int, headers: Headers) -> None:
        """100 Continue or 103 Early Hints (RFC 9113, 8.1)."""
        self._h2.send_headers(stream, [(b":status", b"%d" % status), *http2_sending.fields_of(headers)])

    def send_head_and_body(self, stream: int, head: Prepared, event: ResponseBody) -> None:
        """A response head and the first, or all, of its body. Raises as `send_body`, the head is out then."""
        sending = self._open(stream).sending
        sending.begin(head)
        if not event.more and (sending.bodiless or not (event.data or head.length)):
            self.send_head(stream, head, ends=True)
            self._wired.append(stream)
        else:
            self.send_head(stream, head)
            self.send_body(stream, event)

    def send_body(self, stream: int, event: ResponseBody) -> None:
        """Queue more of the body; `wired` has its stream when all of it is out. Raises `ClientGone` where the
        stream is over, `AppMistake` where the body does not fit its head."""
        sending = self._open(stream).sending
        sending.put(event.data, not event.more)
        self._turns.add(sending)

    def send_trailers(self, stream: int, headers: Headers) -> None:
        """Queue a trailer section behind the body; the response ends with it. Raises as `send_body`."""
        sending = self._open(stream).sending
        sending.put_trailers(http2_sending.fields_of(headers))
        self._turns.add(sending)

    def push(self, parent: int, host: bytes, path: bytes, headers: Headers) -> tuple[int, RequestHead]:
        """Promise a response to a GET of `path` (RFC 9113, 8.4): its stream and request. Raises `AppMistake`."""
        fields = [(b":method", b"GET"), (b":scheme", self._scheme.encode("ascii"))]
        fields += [(b":authority", host), (b":path", path), *http2_sending.fields_of(headers)]
        request = http2_head.parse(fields, self._scheme, websockets=False, ended=True)
        if isinstance(request, Fault):
            raise AppMistake(f"a push needs a request that can be served: {request.reason}")
        self._open(parent)
        stream = self._h2.get_next_available_stream_id()
        self._h2.push_stream(parent, stream, fields)
        self._streams[stream] = Open(Sending(stream, request.urgency, False), None, request_done=True)
        return stream, self._head(request, has_body=False)

    def cut(self, stream: int, *, cancel: bool = False) -> None:
        """End a response that cannot be ended well (INTERNAL_ERROR), or that the user does not want (CANCEL)."""
        sending = self._streams[stream].sending if stream in self._streams else None
        if sending is not None and sending.ended and not sending.queue:
            self.reset(stream, ErrorCodes.NO_ERROR)
        else:
            self.reset(stream, ErrorCodes.CANCEL if cancel else ErrorCodes.INTERNAL_ERROR)

    def too_slow(self, seconds: int) -> None:
        """A head was not complete within `seconds`: the connection ends."""
        reason = f"a head was not complete within {seconds} s"
        self.end(Broken(ErrorCodes.ENHANCE_YOUR_CALM, reason, "10.5"))

    def leave(self) -> None:
        """GOAWAY: what is under way ends well; what the client asks for from now on it has to ask another one for."""
        if not self.leaving:
            self.leaving = True
            self._say_goodbye(ErrorCodes.NO_ERROR, "")

    def data_to_send(self, room: int) -> bytes:
        """Bytes for the socket: what has to go out, and about `room` bytes of the bodies that wait."""
        while room > 0 and (sending := self._next()) is not None:
            stream = sending.stream
            part = sending.take(min(self._h2.local_flow_control_window(stream), http2_frames.MAX_FRAME))
            if isinstance(part.data, Trailers):
                self._h2.send_headers(stream, part.data.fields, end_stream=True)
            elif part.data or part.ends:
                self._h2.send_data(stream, part.data.tobytes(), end_stream=part.ends)
                room -= len(part.data) + http2_frames.HEAD
                self._calm.earn(calm.DATA_SENT)
            if part.whole:
                self._wired.append(stream)
            if sending.queue:
                self._turns.add(sending)
            else:
                self._turns.drop(stream)
                if part.ends:
                    self._sent_end(stream, self._streams[stream])
        self._out += self._h2.data_to_send()
        data = bytes(self._out)
        self._out.clear()
        return data

    def _next(self) -> Sending | None:
        for sending in self._turns.waiting():
            if not sending.needs_window() or self._h2.local_flow_control_window(sending.stream) > 0:
                return sending
        return None

    def wired(self) -> list[int]:
        """For each thing that went out whole since the last call, its stream, in order."""
        wired, self._wired = self._wired, []
        return wired
