"""The wire of an HTTP/2 connection, told frame by frame to the exchange of its stream.

Frames of the connection itself, and of streams that no exchange is known of, go to the exchange that was told of last;
those before the first one wait for it.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from inspector.engine.wire import http2_frames
from inspector.engine.wire.http2_frames import PREFACE

if TYPE_CHECKING:
    from inspector.engine.host.http2_stream import HTTP2Stream
    from inspector.engine.probe.tap import Exchange
    from inspector.engine.wire.http2 import HTTP2

_REMEMBERED = 256
"""Streams whose last frames find their exchange though they are over."""
_WAITING = 64


class _Told:
    """One stream."""

    __slots__ = ("came", "exchange", "head_told", "stream", "went")

    def __init__(self, stream: HTTP2Stream, exchange: Exchange) -> None:
        self.stream = stream
        self.exchange = exchange
        self.came = self.went = 0
        """Bytes of its bodies."""
        self.head_told = False


class HTTP2Told:
    """All methods belong to the loop's thread."""

    def __init__(self, http: HTTP2) -> None:
        self._http = http
        self._streams: dict[int, _Told] = {}
        self._latest: _Told | None = None
        self._waiting: deque[tuple[int, bytes, bool]] = deque(maxlen=_WAITING)

    def begin(self, number: int, stream: HTTP2Stream) -> None:
        """The stream has an exchange."""
        if stream.exchange is not None:
            told = self._streams[number] = _Told(stream, stream.exchange)
            self._latest = self._latest or told
            if len(self._streams) > _REMEMBERED:
                del self._streams[next(iter(self._streams))]
            while self._waiting:
                self._tell(*self._waiting.popleft())

    def came(self, t_ns: int, frames: list[bytes]) -> list[bytes]:
        """Tells of the frames of known streams; gives back the others."""
        left = [frame for frame in frames if frame is PREFACE or _stream(frame) not in self._streams]
        for frame in frames:
            if frame is not PREFACE and _stream(frame) in self._streams:
                self._tell(t_ns, frame, False)
        return left

    def rest(self, t_ns: int, frames: list[bytes]) -> None:
        """Those that `came` gave back; what they began has begun."""
        for frame in frames:
            self._tell(t_ns, frame, False)

    def went(self, t_ns: int, data: bytes) -> None:
        """Frames of the server, each whole."""
        at = 0
        while at < len(data):
            end = at + http2_frames.HEAD + int.from_bytes(data[at : at + 3], "big")
            self._tell(t_ns, data[at:end], True)
            at = end

    def _tell(self, t_ns: int, frame: bytes, sent: bool) -> None:
        if self._latest is None:
            self._waiting.append((t_ns, frame, sent))
            return
        number = 0 if frame == PREFACE else _stream(frame)
        told = self._streams.get(number, self._latest)
        seq = -1
        data: tuple[int, int, int] | None = None
        if number in self._streams:
            self._latest = told
            if frame[3] == http2_frames.DATA:
                data = self._place(told, frame, sent)
            elif frame[3] == http2_frames.HEADERS and sent:
                seq, told.head_told = told.stream.head_seq_out(told.head_told)
        framed = data is not None and (told.stream.framed if sent else told.stream.handshaking)
        told.exchange.frame2(t_ns, frame, data, self._http.windows(number), seq, sent=sent, framed=framed)

    def _place(self, told: _Told, frame: bytes, sent: bool) -> tuple[int, int, int]:
        begin, end = http2_frames.HEAD, len(frame)
        if frame[4] & http2_frames.PADDED and end > begin:
            end -= frame[begin]
            begin += 1
        size = max(end - begin, 0)
        offset = told.went if sent else told.came
        if sent:
            told.went += size
        else:
            told.came += size
        return begin, begin + size, offset


def _stream(frame: bytes) -> int:
    return int.from_bytes(frame[5:9], "big") & 0x7FFF_FFFF
