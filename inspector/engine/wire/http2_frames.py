"""HTTP/2 frames (RFC 9113, 4 and 6) as they come: cut from the bytes, checked, header blocks put together.

Everything here is about the form of a frame; what it does to streams and windows is h2's. This stands before h2 because
h2 ends the whole connection where the RFC asks for less, takes some frames that are malformed, and holds what has no
bound. A rule that is broken raises `Broken`: a stream's where `stream` is not 0 and HPACK's state is whole, else the
connection's.
"""

from __future__ import annotations

from typing import NamedTuple

from h2.errors import ErrorCodes

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""RFC 9113, 3.4."""
MAX_FRAME = 16_384
"""Bytes of a frame's payload: SETTINGS_MAX_FRAME_SIZE as it is announced."""
MAX_BLOCK = 80 * 1024
"""Bytes of a header block as it is on the wire."""
MAX_CONTINUATIONS = 32
"""Frames that a header block may have beside the first."""

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
PRIORITY_UPDATE = 0x10
"""RFC 9218, 7.1."""
NAMES = {
    DATA: "DATA",
    HEADERS: "HEADERS",
    PRIORITY: "PRIORITY",
    RST_STREAM: "RST_STREAM",
    SETTINGS: "SETTINGS",
    PUSH_PROMISE: "PUSH_PROMISE",
    PING: "PING",
    GOAWAY: "GOAWAY",
    WINDOW_UPDATE: "WINDOW_UPDATE",
    CONTINUATION: "CONTINUATION",
    PRIORITY_UPDATE: "PRIORITY_UPDATE",
}
END_STREAM, ACK, END_HEADERS, PADDED, WITH_PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
HEAD = 9
"""Bytes before a frame's payload."""

_OF_STREAM = frozenset({DATA, HEADERS, PRIORITY, RST_STREAM, PUSH_PROMISE, CONTINUATION})
_OF_CONNECTION = frozenset({SETTINGS, PING, GOAWAY, PRIORITY_UPDATE})
_SIZES = {PRIORITY: 5, RST_STREAM: 4, PING: 8, WINDOW_UPDATE: 4}
_SECTIONS = {
    DATA: "6.1",
    HEADERS: "6.2",
    PRIORITY: "6.3",
    RST_STREAM: "6.4",
    SETTINGS: "6.5",
    PUSH_PROMISE: "8.4",
    PING: "6.7",
    GOAWAY: "6.8",
    WINDOW_UPDATE: "6.9",
    CONTINUATION: "6.10",
}


class Broken(Exception):
    """A rule is broken: the stream ends with `code`, or the connection does where `stream` is 0."""

    def __init__(self, code: int, reason: str, section: str, stream: int = 0) -> None:
        super().__init__(reason)
        self.code = ErrorCodes(code)
        self.reason = reason
        self.section = section if section.startswith("RFC") else f"RFC 9113, {section}"
        self.stream = stream


class Frame(NamedTuple):
    """One frame. One of type HEADERS has the whole header block as its payload, without padding and priority."""

    type: int
    flags: int
    stream: int
    payload: bytes
    raw: bytes
    """As it came, with all frames of a header block."""
    frames: int = 1
    """How many it was on the wire."""

    @property
    def ends_stream(self) -> bool:
        return self.type in (DATA, HEADERS) and bool(self.flags & END_STREAM)

    @property
    def name(self) -> str:
        return NAMES.get(self.type, f"type 0x{self.type:x}")


def frame(type_: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame as bytes."""
    return b"".join(
        (len(payload).to_bytes(3, "big"), bytes((type_, flags)), stream.to_bytes(4, "big"), payload),
    )


class FrameReader:
    """Cuts the client's bytes into frames. Of no use after `Broken` with `stream` 0."""

    def __init__(self) -> None:
        self.began = False
        """The preface is here."""
        self.raw = b""
        """The frame that is being looked at, or its first bytes where they tell enough: what a refusal shows."""
        self.came: list[bytes] = []
        """The preface and the frames that were cut, as they came, for whoever tells of them; taken by `take`."""
        self._data = bytearray()
        self._first = True
        self._block: list[bytes] = []
        self._block_raw: list[bytes] = []
        self._block_size = 0
        self._block_stream = 0
        self._block_flags = 0

    def receive_data(self, data: bytes) -> None:
        self._data += data

    def take(self) -> list[bytes]:
        """What was cut since the last call."""
        came, self.came = self.came, []
        return came

    @property
    def in_block(self) -> bool:
        """A header block is not complete."""
        return bool(self._block_stream)

    @property
    def waiting(self) -> bool:
        """Part of a frame, of a header block or of the preface is here."""
        return bool(self._data) or self.in_block

    def next_frame(self) -> Frame | None:
        """The next whole frame; None where more bytes are needed."""
        data = self._data
        if not self.began:
            if not PREFACE.startswith(data[: len(PREFACE)]):
                self.raw = bytes(data[: len(PREFACE)])
                raise Broken(ErrorCodes.PROTOCOL_ERROR, "the connection does not begin with the preface", "3.4")
            if len(data) < len(PREFACE):
                return None
            del data[: len(PREFACE)]
            self.began = True
            self.came.append(PREFACE)
        while len(data) >= HEAD:
            size, type_, flags = int.from_bytes(data[:3], "big"), data[3], data[4]
            stream = int.from_bytes(data[5:HEAD], "big") & 0x7FFF_FFFF
            self.raw = bytes(data[:HEAD])
            self._check(size, type_, flags, stream)
            if len(data) < HEAD + size:
                return None
            self.raw = bytes(data[: HEAD + size])
            del data[: HEAD + size]
            self.came.append(self.raw)
            found = self._whole(type_, flags, stream, self.raw[HEAD:])
            if found is not None:
                return found
        return None

    def _check(self, size: int, type_: int, flags: int, stream: int) -> None:
        """What the nine bytes before the payload tell."""
        name, section = NAMES.get(type_, "frame"), _SECTIONS.get(type_, "4.1")
        if self._first and (type_ != SETTINGS or flags & ACK):
            raise Broken(ErrorCodes.PROTOCOL_ERROR, "the first frame is no SETTINGS", "3.4")
        if size > MAX_FRAME:
            reason = f"a frame of {size:,} bytes; {MAX_FRAME:,} is the limit"
            raise Broken(ErrorCodes.FRAME_SIZE_ERROR, reason, "4.2")
        if self._block_stream and (type_ != CONTINUATION or stream != self._block_stream):
            raise Broken(ErrorCodes.PROTOCOL_ERROR, "a header block is interrupted by another frame", "4.3")
        if type_ == CONTINUATION and not self._block_stream:
            raise Broken(ErrorCodes.PROTOCOL_ERROR, "CONTINUATION without a header block before it", "6.10")
        if type_ == PUSH_PROMISE:
            raise Broken(ErrorCodes.PROTOCOL_ERROR, "a client cannot push", "8.4")
        if (type_ in _OF_STREAM and not stream) or (type_ in _OF_CONNECTION and stream):
            where = "of no stream" if not stream else "of a stream"
            raise Broken(ErrorCodes.PROTOCOL_ERROR, f"a {name} {where}", section)
        if type_ == SETTINGS and (size % 6 or (flags & ACK and size)):
            raise Broken(ErrorCodes.FRAME_SIZE_ERROR, f"a SETTINGS of {size} bytes", "6.5")
        if (type_ == GOAWAY and size < 8) or (type_ == PRIORITY_UPDATE and size < 4):
            raise Broken(ErrorCodes.FRAME_SIZE_ERROR, f"a {name} of {size} bytes", section)
        if _SIZES.get(type_, size) != size:
            raise Broken(ErrorCodes.FRAME_SIZE_ERROR, f"a {name} of {size} bytes, not {_SIZES[type_]}", section)

    def _whole(self, type_: int, flags: int, stream: int, payload: bytes) -> Frame | None:
        self._first = False
        if type_ == DATA and flags & PADDED and not payload:
            raise Broken(ErrorCodes.FRAME_SIZE_ERROR, "a padded DATA without its padding's length", "4.2")
        if type_ == DATA and flags & PADDED and payload[0] >= len(payload):
            raise Broken(ErrorCodes.PROTOCOL_ERROR, "more padding than payload", "6.1")
        if type_ == HEADERS:
            self._block_stream, self._block_flags = stream, flags & END_STREAM
            self._block, self._block_raw, self._block_size = [], [], 0
            payload = _bare(flags, payload)
        if type_ not in (HEADERS, CONTINUATION):
            return Frame(type_, flags, stream, payload, self.raw)
        self._block.append(payload)
        self._block_raw.append(self.raw)
        self._block_size += len(payload)
        frames = len(self._block)
        if self._block_size > MAX_BLOCK or frames > MAX_CONTINUATIONS + 1:
            what = f"{frames - 1} CONTINUATIONs" if frames > MAX_CONTINUATIONS + 1 else f"over {MAX_BLOCK:,} bytes"
            raise Broken(ErrorCodes.ENHANCE_YOUR_CALM, f"a header block of {what}", "10.5.1")
        if not flags & END_HEADERS:
            return None
        block, raw = b"".join(self._block), b"".join(self._block_raw)
        self._block, self._block_raw, self._block_stream = [], [], 0
        return Frame(HEADERS, self._block_flags | END_HEADERS, stream, block, raw, frames)


def _bare(flags: int, payload: bytes) -> bytes:
    """The part of a HEADERS that is of its header block. Priorities are no longer used (RFC 9113, 5.3.2)."""
    start = (1 if flags & PADDED else 0) + (5 if flags & WITH_PRIORITY else 0)
    if len(payload) < start:
        raise Broken(ErrorCodes.FRAME_SIZE_ERROR, f"a HEADERS of {len(payload)} bytes", "6.2")
    end = len(payload) - (payload[0] if flags & PADDED else 0)
    if end < start:
        raise Broken(ErrorCodes.PROTOCOL_ERROR, "more padding than payload", "6.2")
    return payload[start:end]
