"""The wire of a sample, as the recording would have it: heads, chunks, and masked frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from inspector.recording.rows import MessageRow, WirePart, WireRow

if TYPE_CHECKING:
    from tests.support.sample_exchanges import Sample

MASK = b"\x1a\x2b\x3c\x4d"
CHUNK_FROM = 2
"""Bodies of a response from which on it goes out in chunks."""


def octets(piece: WireRow, body: Callable[[int, int, int], bytes]) -> bytes:
    """The bytes of a piece; `body` gives those of a message: seq, offset, size."""
    content = b"".join(body(part.seq, part.offset, part.size) for part in piece.parts)
    if piece.mask:
        content = bytes(byte ^ piece.mask[at % 4] for at, byte in enumerate(content))
    return piece.before + content + piece.behind


def wired(sample: Sample) -> Sample:
    """The same sample, and its wire."""
    sample.wire = [WireRow(sample.row.id, 0, sample.row.t0_ns, False, "request head", 0, sample.head, b"")]
    bodies = [one for one in sample.messages if one.type == "http.response.body" and one.size]
    for message in sample.messages:
        sample.wire += _pieces(sample, message, chunked=len(bodies) >= CHUNK_FROM)
    sample.wire = [one._replace(number=number) for number, one in enumerate(sample.wire)]
    return sample


def _pieces(sample: Sample, message: MessageRow, *, chunked: bool) -> list[WireRow]:
    id_, seq, size = sample.row.id, message.seq, message.size
    t_ns = message.wire_ns or message.t_ns
    parts = (WirePart(seq, 0, size),) if size else ()
    if message.type in ("http.response.start", "websocket.accept"):
        status = message.status or 101
        told = {101: "Switching Protocols", 200: "OK", 201: "Created"}.get(status, "")
        lines = [f"HTTP/1.1 {status} {told}".encode()]
        lines += [b": ".join(pair) for pair in message.data.get("headers", [])]
        lines += [b"date: Tue, 24 Nov 2026 19:30:00 GMT", *([b"transfer-encoding: chunked"] if chunked else [])]
        return [WireRow(id_, 0, t_ns, True, "head", seq, b"\r\n".join(lines) + b"\r\n\r\n", b"")]
    if message.type == "http.response.body" and size:
        before, behind = (b"%x\r\n" % size, b"\r\n") if chunked else (b"", b"")
        return [WireRow(id_, 0, t_ns, True, "chunk" if chunked else "body", seq, before, behind, parts)]
    if message.type == "http.request" and size:
        return [WireRow(id_, 0, t_ns, False, "body", seq, b"", b"", parts)]
    if message.type in ("websocket.receive", "websocket.send"):
        masked = message.direction == "receive"
        opcode = 0x81 if message.body_key == "text" else 0x82
        length = bytes([size | 0x80 * masked]) if size < 126 else bytes([126 | 0x80 * masked]) + size.to_bytes(2, "big")
        before, mask = bytes([opcode]) + length, MASK if masked else b""
        return [WireRow(id_, 0, t_ns, not masked, "frame", seq, before + mask, b"", parts, mask)]
    return []
