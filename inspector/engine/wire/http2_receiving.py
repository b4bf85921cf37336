"""From the client: frames to events, by the rules of RFC 9113 for what a server gets.

A rule that is broken ends its stream, or the connection, as the RFC says for it (`Broken`); each is told as `Refused`.
Every frame passes the loop of `receive_data` with its stream and its bytes (`Frame.raw`), so that is where a record of
the wire can listen; for the other direction it is `HTTP2.data_to_send`.
"""

from __future__ import annotations

from h2.errors import ErrorCodes
from h2.events import DataReceived, Event, StreamReset
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes

from inspector.engine.stream import BodyReceived, Refused, RequestHead, ResponseHead
from inspector.engine.wire import calm, http2_frames, http2_head, http2_sending
from inspector.engine.wire.http2_frames import Broken, Frame
from inspector.engine.wire.http2_head import Fault
from inspector.engine.wire.http2_sending import Sending
from inspector.engine.wire.http2_streams import (
    CONNECTION_WINDOW,
    MAX_STREAMS,
    NO_PRIORITIES,
    FromClient,
    Open,
    Streams,
    name_of,
)
from inspector.engine.wire.refusal import MAX_RAW, text_of
from inspector.trace.scope import Headers

_TABLE = 4096
"""Bytes of HPACK's table for what we send, at most, whatever the client would have."""
_KEPT_SETTINGS = frozenset(int(code) for code in SettingCodes)
"""h2 would store any other, too, each for good."""
_SMALL = 1024
"""A DATA for a stream that is over is on its way for good reason, unless it is smaller."""


class Receiving(Streams):
    """The half of `HTTP2` that reads."""

    def __init__(self, scheme: str = "http", *, websockets: bool = False) -> None:
        super().__init__(scheme, websockets=websockets)
        self._takes = {
            http2_frames.DATA: self._data,
            http2_frames.HEADERS: self._headers,
            http2_frames.RST_STREAM: self._reset_by_client,
            http2_frames.SETTINGS: self._settings,
            http2_frames.PING: self._ping,
            http2_frames.GOAWAY: self._goaway,
            http2_frames.WINDOW_UPDATE: self._window_update,
        }

    def receive_data(self, data: bytes, t_ns: int) -> None:
        """Bytes that came from the socket at `t_ns`."""
        if self.over:
            return
        self._t_ns = t_ns
        if not self._reader.waiting:
            self._since_ns = t_ns
        self._reader.receive_data(data)
        try:
            while (frame := self._reader.next_frame()) is not None:
                try:
                    self._takes.get(frame.type, self._ignored)(frame)
                except Broken as broken:
                    if not broken.stream:
                        raise
                    self._mistake(broken)
                self._since_ns = t_ns
        except Broken as broken:
            self.end(broken)

    def next_event(self) -> tuple[int, FromClient] | None:
        """The next event and the number of its stream, 0 for one of the connection; None where there is none."""
        return self._events.popleft() if self._events else None

    def _feed(self, data: bytes) -> list[Event]:
        self._out += self._h2.data_to_send()
        try:
            events = self._h2.receive_data(data)
        except ProtocolError as error:
            self._h2.data_to_send()  # a GOAWAY that does not say why
            raise Broken(error.error_code, str(error), "5.4.1") from None
        for event in events:
            if isinstance(event, StreamReset) and not event.remote_reset:
                self._lose(event.stream_id, f"a frame that its state forbids ({name_of(event.error_code)})")
        return events

    def _headers(self, frame: Frame) -> None:
        stream, opened = frame.stream, self._streams.get(frame.stream)
        if frame.frames > 1:
            self._spend(calm.CONTINUATION * (frame.frames - 1), "CONTINUATION")
        if not stream % 2:
            raise Broken(ErrorCodes.PROTOCOL_ERROR, "a request on a stream with an even number", "5.1.1")
        begins = self._is_idle(stream)
        trailers = opened is not None and not opened.request_done
        flags = frame.flags | (http2_frames.END_STREAM if trailers else 0)
        self._feed(http2_frames.frame(http2_frames.HEADERS, flags, stream, frame.payload))
        if begins:
            self._request(stream, self._fields.found, frame.ends_stream)
        elif trailers and opened is not None:
            opened.request_done = True
            if not frame.ends_stream:
                raise Broken(ErrorCodes.PROTOCOL_ERROR, "trailers that do not end the stream", "8.1", stream)
            if fault := http2_head.trailers(self._fields.found):
                raise Broken(ErrorCodes.PROTOCOL_ERROR, f"{fault.reason}, in a trailer section", fault.section, stream)
            self._body(stream, opened, b"", ends=True)
        else:
            self._spend(calm.MISTAKE, "HEADERS of a stream that is over")

    def _request(self, stream: int, fields: Headers, ended: bool) -> None:
        if self.leaving:
            self._h2.reset_stream(stream, ErrorCodes.REFUSED_STREAM)
            return
        raw = http2_head.written_anyhow(fields)[:MAX_RAW]
        if max(len(self._streams), len(self._ghosts)) >= MAX_STREAMS:
            many = "reset ones, whose app still runs" if len(self._ghosts) >= MAX_STREAMS else "at once"
            self._refuse(stream, Fault(f"over {MAX_STREAMS} streams {many}", "RFC 9113, 5.1.2"), raw, ended, 7)
            return
        request = http2_head.parse(fields, self._scheme, websockets=self._websockets, ended=ended)
        if isinstance(request, Fault):
            self._refuse(stream, request, raw, ended)
            return
        sending = Sending(stream, request.urgency, request.method == b"HEAD")
        self._streams[stream] = Open(sending, request.length, request_done=ended)
        self._running.add(stream)
        self._events.append((stream, self._head(request, has_body=not ended)))

    def _head(self, request: http2_head.Request, *, has_body: bool) -> RequestHead:
        return RequestHead(
            request.method.decode("ascii"),
            request.target,
            "2",
            request.headers,
            request.raw,
            bool(request.protocol),
            has_body and not request.protocol,
            self._since_ns,
            self._t_ns,
            request.expects_continue,
        )

    def _refuse(self, stream: int, fault: Fault, raw: bytes, ended: bool, code: int = 1) -> None:
        """A request that never gets to the app."""
        code = ErrorCodes(code)
        ending = "" if fault.status else f"the stream was reset with {name_of(code)}"
        refused = Refused(fault.status, fault.reason, raw, self._t_ns, section=fault.section, ending=ending)
        self._events.append((stream, refused))
        if fault.status:
            text = text_of(refused)
            if (b":method", b"HEAD") in self._fields.found or len(text) > self._h2.local_flow_control_window(stream):
                text = b""
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(text))]
            self.send_head(stream, http2_sending.prepare(ResponseHead(fault.status, headers)))
            self._h2.send_data(stream, text, end_stream=True)
            code = ErrorCodes.NO_ERROR
        if not (fault.status and ended):
            self._h2.reset_stream(stream, code)
        self._spend(calm.MISTAKE, "a request that was refused")

    def _data(self, frame: Frame) -> None:
        stream = frame.stream
        if self._is_idle(stream):
            raise Broken(ErrorCodes.PROTOCOL_ERROR, "DATA on a stream that was not opened", "5.1")
        for event in self._feed(frame.raw):
            if isinstance(event, DataReceived):
                break
        else:
            if len(frame.payload) < _SMALL:
                self._spend(calm.EMPTY_DATA, "DATA of a stream that is over")
            return
        self._connection_due += event.flow_controlled_length
        if self._connection_due >= CONNECTION_WINDOW // 2:
            self._h2.increment_flow_control_window(self._connection_due)
            self._connection_due = 0
        if not event.data and not frame.ends_stream:
            self._spend(calm.EMPTY_DATA, "an empty DATA")
        opened = self._streams.get(stream)
        if opened is not None:
            self._took(stream, opened, event.flow_controlled_length - len(event.data))
            self._body(stream, opened, event.data, ends=frame.ends_stream)

    def _body(self, stream: int, opened: Open, data: bytes, *, ends: bool) -> None:
        opened.received += len(data)
        opened.request_done = ends
        length = opened.length
        if length is not None and (opened.received > length or (ends and opened.received < length)):
            what = "longer" if opened.received > length else "shorter"
            raise Broken(ErrorCodes.PROTOCOL_ERROR, f"the body is {what} than its Content-Length", "8.1.1", stream)
        if data or ends:
            self._events.append((stream, BodyReceived(data, not ends, self._t_ns)))
        if ends and opened.sending.ended and not opened.sending.queue:
            self._drop(stream)

    def _reset_by_client(self, frame: Frame) -> None:
        if self._is_idle(frame.stream):
            raise Broken(ErrorCodes.PROTOCOL_ERROR, "RST_STREAM of a stream that was not opened", "6.4")
        self._feed(frame.raw)
        if frame.stream in self._streams:
            code = name_of(int.from_bytes(frame.payload, "big"))
            self._lose(frame.stream, f"the client reset the stream ({code})")
            self._spend(calm.RESET, "RST_STREAM")
        else:
            self._spend(calm.UNKNOWN, "RST_STREAM of a stream that is over")

    def _settings(self, frame: Frame) -> None:
        if frame.flags & http2_frames.ACK:
            self._spend(calm.UNKNOWN, "an acknowledgement of SETTINGS")
            self._feed(frame.raw)
            return
        self._spend(calm.SETTINGS, "SETTINGS")
        payload, kept = frame.payload, b""
        for at in range(0, len(payload), 6):
            code, value = int.from_bytes(payload[at : at + 2], "big"), int.from_bytes(payload[at + 2 : at + 6], "big")
            if code == SettingCodes.HEADER_TABLE_SIZE:
                value = min(value, _TABLE)
            if code == SettingCodes.ENABLE_PUSH and value > 1:
                raise Broken(ErrorCodes.PROTOCOL_ERROR, f"SETTINGS_ENABLE_PUSH of {value:,}", "6.5.2")
            if code == NO_PRIORITIES and value > 1:
                reason = f"SETTINGS_NO_RFC7540_PRIORITIES of {value:,}"
                raise Broken(ErrorCodes.PROTOCOL_ERROR, reason, "RFC 9218, 2.1")
            if code in _KEPT_SETTINGS:
                kept += code.to_bytes(2, "big") + value.to_bytes(4, "big")
        self._feed(http2_frames.frame(http2_frames.SETTINGS, 0, 0, kept))

    def _ping(self, frame: Frame) -> None:
        self._spend(calm.PING, "PING")
        if not frame.flags & http2_frames.ACK:  # of ours there are none
            self._feed(frame.raw)

    def _goaway(self, _frame: Frame) -> None:
        self._spend(calm.UNKNOWN, "GOAWAY")
        self._client_leaves = True

    def _window_update(self, frame: Frame) -> None:
        if self._is_idle(frame.stream) and frame.stream:
            raise Broken(ErrorCodes.PROTOCOL_ERROR, "WINDOW_UPDATE of a stream that was not opened", "5.1")
        self._spend(calm.WINDOW_UPDATE, "WINDOW_UPDATE")
        if not int.from_bytes(frame.payload, "big") & 0x7FFF_FFFF:
            stream = frame.stream if frame.stream in self._streams else 0
            if stream or not frame.stream:
                raise Broken(ErrorCodes.PROTOCOL_ERROR, "WINDOW_UPDATE by nothing", "6.9", stream)
            return
        self._feed(frame.raw)

    def _ignored(self, frame: Frame) -> None:
        """What is not understood, or not used (RFC 9113, 5.5 and 5.3.2)."""
        self._spend(calm.UNKNOWN, f"a frame of {frame.name}")

    def _mistake(self, broken: Broken) -> None:
        """A request under way is broken."""
        ending = f"the stream was reset with {name_of(broken.code)}"
        raw = self._reader.raw[:MAX_RAW]
        refused = Refused(0, broken.reason, b"", self._t_ns, section=broken.section, excerpt=raw, ending=ending)
        self._events.append((broken.stream, refused))
        self.reset(broken.stream, broken.code)
        self._spend(calm.MISTAKE, "one that broke its stream")
