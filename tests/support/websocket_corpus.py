"""WebSocket handshakes and frames, right, odd and malformed: the bytes, what RFC 6455 and 7692 demand, and where.

In the bytes of a refused handshake, `<<` stands before the field at which it is refused, and is taken out.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

MARK = b"<<"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
VERSION = b"Sec-WebSocket-Version: 13\r\n"
ASKS = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate\r\n"
Frames = list[tuple[int, bytes]]


def handshake(lines: bytes = b"", *, line: bytes = b"GET /ws HTTP/1.1", fields: bytes = ASKS + VERSION + KEY) -> bytes:
    return line + b"\r\nHost: shop\r\n" + fields + lines + b"\r\n"


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bytes | None = b"\x0a\x0b\x0c\x0d"
) -> bytes:
    """One frame; `rsv` is 4 for the first reserved bit, 2 and 1 for the others."""
    size, masked = len(payload), 0x80 if mask is not None else 0
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    if size <= 125:
        head = struct.pack("!BB", first, masked | size)
    elif size <= 0xFFFF:
        head = struct.pack("!BBH", first, masked | 126, size)
    else:
        head = struct.pack("!BBQ", first, masked | 127, size)
    if mask is None:
        return head + payload
    return head + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


def close(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason)


def deflated(data: bytes, *, bits: int = 15) -> bytes:
    """A message by itself (RFC 7692, 7.2.1)."""
    deflate = zlib.compressobj(wbits=-bits)
    return (deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]


def frames_in(data: bytes) -> Frames:
    """The frames of a server: opcode with the reserved bits in front (0x41: compressed text), and payload."""
    found: Frames = []
    while data:
        first, size = data[0], data[1]
        assert first & 0x80, "a server of ours sends no fragments"
        assert not size & 0x80, "a server does not mask"
        at = 2
        if size == 126:
            (size,), at = struct.unpack_from("!H", data, 2), 4
            assert size > 125
        elif size == 127:
            (size,), at = struct.unpack_from("!Q", data, 2), 10
            assert size > 0xFFFF
        assert len(data) >= at + size, "the frame is not whole"
        found.append((first & 0x7F, data[at : at + size]))
        data = data[at + size :]
    return found


# Handshakes (RFC 6455, 4.2).


@dataclass(frozen=True)
class Shake:
    name: str
    status: int
    data: bytes
    section: str = ""
    """Of the rule that is broken."""
    offset: int | None = None
    answer: tuple[bytes, ...] = ()
    """Lines that the answer has."""


def refused(name: str, status: int, section: str, data: bytes, *answer: bytes) -> Shake:
    offset = data.index(MARK) if MARK in data else None
    return Shake(name, status, data.replace(MARK, b""), section, offset, answer)


_WITH_13 = (b"sec-websocket-version: 13", b"upgrade: websocket", b"connection: upgrade", b"connection: close")
HANDSHAKES = (
    Shake("plain", 101, handshake(), answer=(b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",)),
    Shake(
        "lists and case",
        101,
        handshake(fields=b"Connection: keep-alive, upGRADE\r\nUpgrade: h3, WebSocket\r\n" + VERSION + KEY),
    ),
    Shake(
        "names in capitals",
        101,
        handshake(fields=ASKS + VERSION.upper() + KEY.replace(b"Sec-WebSocket-Key", b"SEC-WEBSOCKET-KEY")),
    ),
    Shake("an origin", 101, handshake(b"Origin: https://other\r\n")),
    Shake("no body, told", 101, handshake(b"Content-Length: 0\r\n")),
    Shake("an unknown extension", 101, handshake(b"Sec-WebSocket-Extensions: x-shop; a=1, , y\r\n")),
    Shake("subprotocols in two lines", 101, handshake(b"Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n")),
    # What is none is served as HTTP (RFC 9110, 7.8).
    Shake("HTTP/1.0", 200, handshake(line=b"GET /ws HTTP/1.0")),
    Shake("no Connection", 200, handshake(fields=b"Upgrade: websocket\r\n" + VERSION + KEY)),
    Shake("another upgrade", 200, handshake(fields=b"Connection: upgrade\r\nUpgrade: h2c\r\n" + VERSION + KEY)),
    Shake("no upgrade", 200, handshake(fields=b"Connection: upgrade\r\n" + VERSION + KEY)),
    Shake("POST that would be upgraded", 200, handshake(line=b"POST /ws HTTP/1.1", fields=ASKS)),
    refused("POST", 405, "RFC 6455, 4.2.1", handshake(line=b"POST /ws HTTP/1.1"), b"allow: GET"),
    refused("HEAD", 405, "RFC 6455, 4.2.1", handshake(line=b"HEAD /ws HTTP/1.1"), b"allow: GET"),
    refused("a body", 400, "RFC 6455, 4.1", handshake(b"Content-Length: 1\r\n") + b"x"),
    refused("a body in chunks", 400, "RFC 6455, 4.1", handshake(b"Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n"),
    refused("no key", 400, "RFC 6455, 4.2.1", handshake(fields=ASKS + VERSION)),
    refused("two keys", 400, "RFC 6455, 4.2.1", handshake(MARK + KEY)),
    refused("an empty key", 400, "RFC 6455, 4.2.1", handshake(b"<<Sec-WebSocket-Key:\r\n", fields=ASKS + VERSION)),
    refused("a short key", 400, "RFC 6455, 4.2.1", handshake(b"<<Sec-WebSocket-Key: YQ==\r\n", fields=ASKS + VERSION)),
    refused(
        "a long key",
        400,
        "RFC 6455, 4.2.1",
        handshake(b"<<Sec-WebSocket-Key: " + b"A" * 24 + b"\r\n", fields=ASKS + VERSION),
    ),
    refused(
        "a key that is no base64",
        400,
        "RFC 6455, 4.2.1",
        handshake(b"<<sec-websocket-key: dGhlIHNhbXBsZSBub25jZ*==\r\n", fields=ASKS + VERSION),
    ),
    refused("no version", 426, "RFC 6455, 4.2.2", handshake(fields=ASKS + KEY), *_WITH_13),
    refused(
        "version 8", 426, "RFC 6455, 4.2.2", handshake(fields=ASKS + KEY + b"<<Sec-WebSocket-Version: 8\r\n"), *_WITH_13
    ),
    refused(
        "version 13, 8",
        426,
        "RFC 6455, 4.2.2",
        handshake(fields=ASKS + KEY + b"<<Sec-WebSocket-Version: 13, 8\r\n"),
        *_WITH_13,
    ),
    refused(
        "version 013",
        426,
        "RFC 6455, 4.2.2",
        handshake(fields=ASKS + KEY + b"<<Sec-WebSocket-Version: 013\r\n"),
        *_WITH_13,
    ),
    refused("two versions", 426, "RFC 6455, 4.2.2", handshake(fields=ASKS + KEY + VERSION + MARK + VERSION), *_WITH_13),
    refused("an empty subprotocol", 400, "RFC 6455, 4.1", handshake(b"<<Sec-WebSocket-Protocol: a,,b\r\n")),
    refused("no subprotocol in the field", 400, "RFC 6455, 4.1", handshake(b"<<Sec-WebSocket-Protocol: \r\n")),
    refused("a subprotocol with a blank", 400, "RFC 6455, 4.1", handshake(b"<<Sec-WebSocket-Protocol: a b\r\n")),
    refused("a subprotocol twice", 400, "RFC 6455, 4.1", handshake(b"<<Sec-WebSocket-Protocol: a, b, a\r\n")),
    refused("an extension without a name", 400, "RFC 6455, 9.1", handshake(b"<<Sec-WebSocket-Extensions: ;a\r\n")),
    refused("an extension with a blank", 400, "RFC 6455, 9.1", handshake(b"<<Sec-WebSocket-Extensions: a b\r\n")),
    refused("a parameter without a value", 400, "RFC 6455, 9.1", handshake(b"<<Sec-WebSocket-Extensions: a; b=\r\n")),
    refused(
        "a quoted value that is no token",
        400,
        "RFC 6455, 9.1",
        handshake(b'<<Sec-WebSocket-Extensions: a; b="c d"\r\n'),
    ),
    refused("a quote that does not end", 400, "RFC 6455, 9.1", handshake(b'<<Sec-WebSocket-Extensions: a; b="c\r\n')),
)


# Frames on an open WebSocket.


@dataclass(frozen=True)
class Case:
    name: str
    section: str
    """RFC and section of the rule."""
    data: bytes
    code: int | None
    """That of the server's close frame, 1005: it has none."""
    got: tuple[str | bytes, ...] = ()
    """Messages that the app gets, and sends back."""
    deflate: bool = False
    """On a connection where permessage-deflate was agreed."""
    pongs: tuple[bytes, ...] = ()

    @property
    def told(self) -> int:
        """The code of the app's `websocket.disconnect`."""
        return 1006 if self.code is None else self.code


_GREET = frame(TEXT, b"hello")
_FIVE = deflated(b"hello")
_FINAL = zlib.compressobj(wbits=-15)
_LAST_BLOCK = _FINAL.compress(b"hello") + _FINAL.flush() + b"\0"  # RFC 7692, 7.2.3.4
_STORED = b"\x00\x05\x00\xfa\xffhello\x00"  # 7.2.3.3
_E = "h\u00e9".encode()
CASES = (
    # Reserved bits and opcodes (5.2).
    *(
        Case(
            f"reserved bits {rsv} in {name}", "RFC 6455, 5.2", _GREET + frame(opcode, b"ab", rsv=rsv), 1002, ("hello",)
        )
        for rsv in (1, 2, 4, 7)
        for name, opcode in (("text", TEXT), ("binary", BINARY), ("a ping", PING), ("a close", CLOSE))
    ),
    *(
        Case(f"opcode {opcode}", "RFC 6455, 5.2", _GREET + frame(opcode, payload), 1002, ("hello",))
        for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
        for payload in (b"", b"ab")
    ),
    # Masks and lengths (5.1, 5.2).
    Case("a frame without a mask", "RFC 6455, 5.1", frame(TEXT, b"a", mask=None), 1002),
    Case("a ping without a mask", "RFC 6455, 5.1", frame(PING, mask=None), 1002),
    Case("a mask of zeros", "RFC 6455, 5.3", frame(TEXT, b"a", mask=bytes(4)) + close(1000), 1000, ("a",)),
    Case("two bytes of length for 125", "RFC 6455, 5.2", b"\x82\xfe\x00\x7d" + bytes(129), 1002),
    Case("eight bytes of length for 65,535", "RFC 6455, 5.2", b"\x82\xff\0\0\0\0\0\0\xff\xff\0\0\0\0", 1002),
    Case("a length with its highest bit set", "RFC 6455, 5.2", b"\x82\xff\x80\0\0\0\0\0\0\0\0\0\0\0", 1002),
    Case(
        "a message over the cap, of which nothing comes",
        "RFC 6455, 7.4.1",
        b"\x82\xff\0\0\0\0\x01\0\0\x01\1\2\3\4",
        1009,
    ),
    Case("a message of 126 bytes", "RFC 6455, 5.2", frame(BINARY, b"x" * 126) + close(1000), 1000, (b"x" * 126,)),
    Case(
        "a message of 65,536 bytes", "RFC 6455, 5.2", frame(BINARY, b"x" * 65_536) + close(1000), 1000, (b"x" * 65_536,)
    ),
    # Control frames (5.5).
    Case("a ping", "RFC 6455, 5.5.2", frame(PING, b"p" * 125) + close(1000), 1000, pongs=(b"p" * 125,)),
    Case("a pong that nobody asked for", "RFC 6455, 5.5.3", frame(PONG, b"p") + close(1000), 1000),
    Case("a ping of 126 bytes", "RFC 6455, 5.5", frame(PING, b"p" * 126), 1002),
    Case("a pong of 126 bytes", "RFC 6455, 5.5", frame(PONG, b"p" * 126), 1002),
    Case("a close of 126 bytes", "RFC 6455, 5.5", close(1000, b"p" * 124), 1002),
    Case("a ping in fragments", "RFC 6455, 5.5", frame(PING, b"p", fin=False), 1002),
    Case("a close in fragments", "RFC 6455, 5.5", frame(CLOSE, b"", fin=False), 1002),
    # Fragments (5.4).
    Case(
        "fragments",
        "RFC 6455, 5.4",
        frame(TEXT, b"a", fin=False) + frame(0, b"b", fin=False) + frame(0, b"c") + close(1000),
        1000,
        ("abc",),
    ),
    Case(
        "a ping between fragments",
        "RFC 6455, 5.4",
        frame(TEXT, b"a", fin=False) + frame(PING, b"p") + frame(0, b"b") + close(1000),
        1000,
        ("ab",),
        pongs=(b"p",),
    ),
    Case(
        "empty fragments",
        "RFC 6455, 5.4",
        frame(BINARY, fin=False) + frame(0, fin=False) * 3 + frame(0) + close(1000),
        1000,
        (b"",),
    ),
    Case("a fragment that continues nothing", "RFC 6455, 5.4", frame(CONTINUATION, b"a"), 1002),
    Case("a fragment after the last one", "RFC 6455, 5.4", _GREET + frame(CONTINUATION, b"a"), 1002, ("hello",)),
    Case("a message in a message", "RFC 6455, 5.4", frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), 1002),
    Case(
        "a binary message in a text",
        "RFC 6455, 5.4",
        frame(TEXT, b"a", fin=False) + frame(BINARY, b"b", fin=False),
        1002,
    ),
    # UTF-8 (8.1), failed at the first byte that cannot be right.
    Case(
        "UTF-8 across fragments",
        "RFC 6455, 5.6",
        frame(TEXT, _E[:2], fin=False) + frame(0, _E[2:]) + close(1000),
        1000,
        ("h\u00e9",),
    ),
    Case("no UTF-8", "RFC 6455, 8.1", _GREET + frame(TEXT, b"a\xffb"), 1007, ("hello",)),
    Case("no UTF-8, in the middle of a message", "RFC 6455, 8.1", frame(TEXT, b"a\xff", fin=False), 1007),
    Case("no UTF-8, in the middle of a frame", "RFC 6455, 8.1", frame(TEXT, b"\xff" * 300)[:9], 1007),
    Case("UTF-8 that does not end", "RFC 6455, 8.1", frame(TEXT, b"\xe2\x82"), 1007),
    Case("a surrogate", "RFC 6455, 8.1", frame(TEXT, b"\xed\xa0\x80"), 1007),
    Case("beyond Unicode", "RFC 6455, 8.1", frame(TEXT, b"\xf4\x90", fin=False), 1007),
    Case("an overlong form", "RFC 6455, 8.1", frame(TEXT, b"\xc0\xaf"), 1007),
    # Closes (5.5.1, 7.4).
    Case("a close", "RFC 6455, 5.5.1", close(1000, b"bye"), 1000),
    Case("a close without a code", "RFC 6455, 7.1.5", frame(CLOSE), 1005),
    Case("a close of one byte", "RFC 6455, 5.5.1", frame(CLOSE, b"\x03"), 1002),
    Case("a close with a reason that is no UTF-8", "RFC 6455, 5.5.1", close(1000, b"\xff"), 1007),
    *(
        Case(f"close {code}", "RFC 6455, 7.4", close(code), code)
        for code in (1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
    ),
    *(
        Case(f"no close code {code}", "RFC 6455, 7.4", close(code), 1002)
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535)
    ),
    Case("a message after the close", "RFC 6455, 5.5.1", close(1000) + frame(TEXT, b"late"), 1000),
    Case("a ping after the close", "RFC 6455, 5.5.1", close(1000) + frame(PING, b"late"), 1000),
    Case("nonsense after the close", "RFC 6455, 5.5.1", close(1000) + b"\xff" * 300, 1000),
    Case("a second close", "RFC 6455, 5.5.1", close(1000) + close(4000), 1000),
    # permessage-deflate (RFC 7692).
    Case("compressed", "RFC 7692, 7.2", frame(TEXT, _FIVE, rsv=4) + close(1000), 1000, ("hello",), deflate=True),
    Case("not compressed although agreed", "RFC 7692, 6.1", _GREET + close(1000), 1000, ("hello",), deflate=True),
    Case(
        "both kinds",
        "RFC 7692, 6.1",
        frame(TEXT, _FIVE, rsv=4) + _GREET + frame(TEXT, _FIVE, rsv=4) + close(1000),
        1000,
        ("hello",) * 3,
        deflate=True,
    ),
    Case(
        "compressed in fragments",
        "RFC 7692, 6.1",
        frame(TEXT, _FIVE[:2], fin=False, rsv=4) + frame(PING) + frame(0, _FIVE[2:]) + close(1000),
        1000,
        ("hello",),
        deflate=True,
        pongs=(b"",),
    ),
    Case(
        "stored blocks",
        "RFC 7692, 7.2.3.3",
        frame(BINARY, _STORED, rsv=4) + close(1000),
        1000,
        (b"hello",),
        deflate=True,
    ),
    Case(
        "a last block",
        "RFC 7692, 7.2.3.4",
        frame(TEXT, _LAST_BLOCK, rsv=4) * 2 + close(1000),
        1000,
        ("hello",) * 2,
        deflate=True,
    ),
    Case(
        "an empty message, compressed",
        "RFC 7692, 7.2.3.6",
        frame(TEXT, b"\0", rsv=4) + close(1000),
        1000,
        ("",),
        deflate=True,
    ),
    Case("compressed although not agreed", "RFC 7692, 6", frame(TEXT, _FIVE, rsv=4), 1002),
    Case(
        "the bit in a later fragment",
        "RFC 7692, 6.1",
        frame(TEXT, _FIVE[:2], fin=False, rsv=4) + frame(0, _FIVE[2:], rsv=4),
        1002,
        deflate=True,
    ),
    Case("the bit in a control frame", "RFC 7692, 6.1", frame(PING, b"", rsv=4), 1002, deflate=True),
    Case("another bit although agreed", "RFC 7692, 6", frame(TEXT, _FIVE, rsv=6), 1002, deflate=True),
    Case("what cannot be inflated", "RFC 7692, 7.2.2", frame(TEXT, b"\xff\xff\xff", rsv=4), 1007, deflate=True),
    Case("no UTF-8, compressed", "RFC 6455, 8.1", frame(TEXT, deflated(b"\xff"), rsv=4), 1007, deflate=True),
    Case(
        "a message that is far longer than its frame",
        "RFC 6455, 7.4.1",
        frame(BINARY, deflated(bytes(17 << 20)), rsv=4),
        1009,
        deflate=True,
    ),
    Case(
        "compressed data that ends again and again",
        "RFC 7692, 7.2.3.4",
        frame(BINARY, b"\x03\0" * 5000, rsv=4),
        1007,
        deflate=True,
    ),
)
