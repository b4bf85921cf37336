"""permessage-deflate (RFC 7692): its offers, and what it does to frames; with it the limit on a message's size.

`agree` picks the first offer that can be met. `Framing` stands inside wsproto and sees each frame's head before its
payload is here, so that what is too long, or out of its order, ends there and no byte of it is kept. A frame of 16 KiB
may inflate to 16 MiB: nothing is inflated beyond the limit.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple, Union

from wsproto.extensions import Extension
from wsproto.frame_protocol import CloseReason, FrameDecoder, FrameProtocol, Opcode, RsvBits

NAME = "permessage-deflate"
MAX_ENDS = 64
"""Ends of the compressed data within one message; to begin anew costs far more than the two bytes of an end."""
MOST_BITS = 12
"""Window of what we send, in bits: 4 KiB, and 32 KiB of memory for a socket; at 15 bits it would be 256 KiB."""
_LEAST_BITS = 9
"""zlib has no raw window of 8 bits to compress in."""
_INFLATE_BITS = 15
"""What a client compressed in a smaller window inflates in the largest one, too."""
_MEMORY_LEVEL = 5
_TAIL = b"\x00\x00\xff\xff"
"""What the sender leaves out at a message's end (7.2.1)."""
_BITS = {str(bits): bits for bits in range(8, 16)}
_NONE = RsvBits(False, False, False)
_COMPRESSED = RsvBits(True, False, False)

Offer = tuple[str, list[tuple[str, Union[str, None]]]]  # noqa: UP007 - evaluated at run time, on 3.10
"""Name and parameters of an extension, as they stand in Sec-WebSocket-Extensions."""


class Agreed(NamedTuple):
    """What client and server do."""

    server_bits: int = MOST_BITS
    server_forgets: bool = False
    """Each message of the server is compressed by itself (server_no_context_takeover)."""
    client_forgets: bool = False
    answer: str = NAME
    """For the Sec-WebSocket-Extensions of the answer."""


def agree(offers: list[Offer]) -> Agreed | None:
    """The first of `offers` that is permessage-deflate with parameters that are right and can be met (5.1, 7.1)."""
    for name, parameters in offers:
        if name == NAME and (agreed := _met(parameters)):
            return agreed
    return None


def _met(parameters: list[tuple[str, str | None]]) -> Agreed | None:
    """None where the offer has to be declined: unknown, repeated or wrong parameters (7.1)."""
    names = [name for name, _ in parameters]
    if len(set(names)) < len(names):
        return None
    given = dict(parameters)
    server_bits, client_bits = given.pop("server_max_window_bits", "15"), given.pop("client_max_window_bits", None)
    forgets = [name for name in ("server_no_context_takeover", "client_no_context_takeover") if name in given]
    if any(given.pop(name) is not None for name in forgets) or given:
        return None
    if server_bits not in _BITS or _BITS[server_bits] < _LEAST_BITS:
        return None
    if client_bits is not None and client_bits not in _BITS:
        return None
    answer = [NAME, *forgets]
    if "server_max_window_bits" in names:
        answer.append(f"server_max_window_bits={server_bits}")
    if client_bits is not None:
        answer.append(f"client_max_window_bits={client_bits}")
    return Agreed(
        min(MOST_BITS, _BITS[server_bits]),
        "server_no_context_takeover" in forgets,
        "client_no_context_takeover" in forgets,
        "; ".join(answer),
    )


class Framing(Extension):
    """Watches the frames of one WebSocket, and inflates and deflates their payloads where that was agreed."""

    name = NAME

    def __init__(self, limit: int, agreed: Agreed | None = None) -> None:
        self._limit = limit
        self._agreed = agreed
        self.reason = ""
        """Why the last frame was not taken, where it was refused here."""
        self.size = 0
        """Bytes of the message that comes in, so far, inflated."""
        self.wire_size = 0
        """The same before it was inflated."""
        self.compressed = False
        """That message is, or was, compressed."""
        self._control = False
        self._begins = self._begins_compressed = False
        self._in_message = False
        self._ends = 0
        self._inflate: zlib._Decompress | None = None
        self._deflate: zlib._Compress | None = None

    def enabled(self) -> bool:
        return True

    def offer(self) -> bool:
        return False  # a server offers nothing

    # From the client.

    def frame_inbound_header(
        self, _proto: FrameDecoder | FrameProtocol, opcode: Opcode, rsv: RsvBits, payload_length: int
    ) -> CloseReason | RsvBits:
        """The bits that may be set in this frame, or why it ends the connection."""
        # wsproto asks again where the bytes end before the masking key does: nothing of a message changes here.
        self._control = opcode.iscontrol()
        if self._control:
            return _NONE
        first = self._begins = opcode is not Opcode.CONTINUATION
        if first == self._in_message:
            self.reason = "a new message begins inside another" if first else "a fragment that continues nothing"
            return CloseReason.PROTOCOL_ERROR
        self._begins_compressed = rsv.rsv1 and self._agreed is not None
        size, compressed = (0, self._begins_compressed) if first else (self.size, self.compressed)
        if not compressed and size + payload_length > self._limit:
            return self._too_big()
        return _COMPRESSED if first and self._agreed else _NONE

    def frame_inbound_payload_data(self, _proto: FrameDecoder | FrameProtocol, data: bytes) -> bytes | CloseReason:
        """Part of a frame's payload, unmasked."""
        if self._control:
            return data
        if self._begins:
            self._begins, self._in_message = False, True
            self.compressed = self._begins_compressed
            self.size = self.wire_size = self._ends = 0
        self.wire_size += len(data)
        if self.compressed:
            return self._inflated(data)
        self.size += len(data)
        return data

    def frame_inbound_complete(self, _proto: FrameDecoder | FrameProtocol, fin: bool) -> bytes | CloseReason | None:
        """What of a message comes out at the end of its last frame."""
        if self._control or not fin:
            return None
        self._in_message = False
        if not self.compressed:
            return None
        last = self._inflated(_TAIL)
        if self._agreed and self._agreed.client_forgets:
            self._inflate = None
        return last

    def _inflated(self, data: bytes) -> bytes | CloseReason:
        whole = b""
        while True:
            if self._inflate is None or self._inflate.eof:
                # A block that says it is the last one ends the stream, not the message (7.2.3.4).
                self._ends += 1
                if self._ends > MAX_ENDS:
                    self.reason = f"compressed data that ends more than {MAX_ENDS} times"
                    return CloseReason.INVALID_FRAME_PAYLOAD_DATA
                self._inflate = zlib.decompressobj(-_INFLATE_BITS)
            try:
                out = self._inflate.decompress(data, self._limit - self.size + 1)
            except zlib.error:
                self.reason = "compressed data that cannot be inflated"
                return CloseReason.INVALID_FRAME_PAYLOAD_DATA
            self.size += len(out)
            if self.size > self._limit:
                return self._too_big()
            whole = whole + out if whole else out
            data = self._inflate.unused_data
            if not data:
                return whole

    def _too_big(self) -> CloseReason:
        self.reason = f"a message of more than {self._limit:,} bytes"
        return CloseReason.MESSAGE_TOO_BIG

    # To the client.

    def frame_outbound(
        self, _proto: FrameDecoder | FrameProtocol, opcode: Opcode, rsv: RsvBits, data: bytes, _fin: bool
    ) -> tuple[RsvBits, bytes]:
        """A whole message, compressed where that was agreed; an empty one would only grow."""
        agreed = self._agreed
        if agreed is None or opcode.iscontrol() or not data:
            return rsv, data
        if self._deflate is None:
            self._deflate = zlib.compressobj(
                zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -agreed.server_bits, _MEMORY_LEVEL
            )
        out = self._deflate.compress(data) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        if agreed.server_forgets:
            self._deflate = None
        return _COMPRESSED, out[: -len(_TAIL)]
