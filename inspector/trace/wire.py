"""Pieces of wire: what of an exchange's bytes no message tells, and which of a message's bytes stand between.

A piece is `before`, then `size` bytes of a body, then `behind`. Whose body that is: of a sent piece message `seq`'s,
from `offset` on; of a received frame of a WebSocket that of the client's message number `seq`, from `offset` on, masked
with the last four bytes of `before`; of any other received piece the request's, from `offset` on. LOST: nobody's, they
are not on record. What a reader can rebuild has no piece: a request's head, a body with a Content-Length that comes in.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

HEAD, INFORMATIONAL, BODY, CHUNK, LAST_CHUNK, FRAME, CUT, FRAME2 = range(8)
"""A response's head; one with 1xx; a body, or part of it; a chunk; the last one, trailers included; a WebSocket frame;
and from here on nothing: `offset` pieces of `size` bytes beside bodies came behind it, as far as that was told; a frame
of HTTP/2, `WINDOWS` before it: the place of a DATA's payload is one in the request's or the response's body."""
WINDOWS = struct.Struct(">iiiiH")
"""Bytes that may go to the client, of the connection and the stream; that may come, of both; streams that are open."""
NONE, LOST = -1, -2
"""In the place of a seq: of no message; not on record."""
MAX_PIECES = 2_000
MAX_BYTES = 256 * 1024
"""Pieces of an exchange, and bytes in them, that are told."""

_PIECE = struct.Struct("<QBBiQQIH")


class Piece(NamedTuple):
    """See the module's text."""

    t_ns: int
    kind: int
    sent: bool
    """To the client."""
    seq: int
    offset: int
    size: int
    before: bytes
    behind: bytes


def pack(
    t_ns: int, kind: int, sent: bool, seq: int = NONE, offset: int = 0, size: int = 0, before: bytes = b"",
    behind: bytes = b"",
) -> bytes:  # fmt: skip
    """The piece as bytes; one stands behind the other without anything between."""
    return _PIECE.pack(t_ns, kind, sent, seq, offset, size, len(before), len(behind)) + before + behind


def unpack(data: bytes) -> Iterator[Piece]:
    """The pieces in `data`, as far as they are whole."""
    at, end = 0, len(data)
    while at + _PIECE.size <= end:
        t_ns, kind, sent, seq, offset, size, before, behind = _PIECE.unpack_from(data, at)
        at += _PIECE.size
        if at + before + behind > end or kind > FRAME2:
            return
        parts = data[at : at + before], data[at + before : at + before + behind]
        at += before + behind
        yield Piece(t_ns, kind, bool(sent), seq, offset, size, *parts)
