"""Bytes that are nearly right: the same ones for the same seed."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

from inspector.engine.wire import http2_frames
from tests.support import http2_corpus
from tests.support.http2_client import END_HEADERS, HELLO, data, get, headers, number, packed, settings
from tests.support.http_corpus import REFUSED, SERVED
from tests.support.websocket_corpus import HANDSHAKES, deflated

_SEEDS = [case.data for case in (*REFUSED, *SERVED, *SERVED, *SERVED, *SERVED, *HANDSHAKES) if len(case.data) < 2000]
_PIECES = (
    *(b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b",", b";", b"\r\n\r\n", b"0\r\n\r\n", b"5\r\nhello\r\n"),
    *(b"Host: a\r\n", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n"),
    *(b"Expect: 100-continue\r\n", b"Connection: upgrade\r\nUpgrade: websocket\r\n", b"GET / HTTP/1.1\r\n", b"\xff"),
    *(b"HTTP/1.0", b"ffffffffffffffffffff", b"http://b/", b"*", b"#", b"[", b'"', b"\x7f", b"\x1b", b"PRI * HTTP/2.0"),
)


def requests(seed: int, count: int) -> Iterator[tuple[bytes, list[int]]]:
    """Up to `count` inputs for an HTTP/1.1 port, each with the places, in order, at which to cut it."""
    dice = random.Random(seed)
    for _ in range(count):
        data = bytearray(dice.choice(_SEEDS))
        while dice.random() < 0.2:
            data += dice.choice(_SEEDS)
        for _ in range(dice.choice((0, 1, 1, 2, 4))):
            _mutate(data, dice)
        cuts = sorted(dice.randrange(len(data) + 1) for _ in range(dice.randrange(5)))
        if data:
            yield bytes(data), cuts


def _mutate(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(data) + 1)
    match dice.randrange(6):
        case 0:
            data[at : at + 1] = bytes([dice.randrange(256)])
        case 1:
            del data[at : at + dice.choice((1, 1, 2, 10))]
        case 2:
            data[at:at] = dice.choice(_PIECES)
        case 3:
            data[at : at + dice.randrange(8)] = dice.choice(_PIECES)
        case 4:
            end = at + dice.randrange(40)
            data[at:at] = data[at:end]
        case _:
            del data[at:]


def frames(seed: int, count: int) -> Iterator[bytes]:
    """Up to `count` inputs for an open WebSocket with permessage-deflate: frames, most of them right (RFC 6455, 5.2),
    some in pieces."""
    dice = random.Random(seed)
    for _ in range(count):
        data = bytearray()
        for _ in range(dice.choice((1, 1, 2, 5))):
            data += _frame(dice)
        while dice.random() < 0.4 and data:
            _mutate(data, dice)
        if data:
            yield bytes(data)


def _frame(dice: random.Random) -> bytes:
    opcode = dice.choice((0, 1, 1, 2, 8, 9, 10, dice.randrange(16)))
    first = dice.choice((0x80, 0x80, 0x80, 0, dice.randrange(256) & 0xF0)) | opcode
    size = dice.choice((0, 1, 2, 5, 125, 126, 130, dice.randrange(70_000) if dice.random() < 0.05 else 3))
    content = dice.choice((bytes(size), b"\xff" * size, b"a" * size, struct.pack("!H", dice.randrange(5100)) + b"bye"))
    if dice.random() < 0.25:  # compressed, as agreed (RFC 7692)
        content, first = deflated(content, bits=dice.choice((9, 15))), first | 0x40
    size, masked = len(content), 0x80 if dice.random() < 0.95 else 0
    told = size if dice.random() < 0.95 else dice.choice((0, 1 << 31, 1 << 62, 1 << 63))
    if told > 0xFFFF or dice.random() < 0.03:
        head = struct.pack("!BBQ", first, masked | 127, told)
    elif told > 125 or dice.random() < 0.03:
        head = struct.pack("!BBH", first, masked | 126, told)
    else:
        head = struct.pack("!BB", first, masked | told)
    if not masked:
        return head + content
    key = dice.randbytes(4)
    return head + key + bytes(byte ^ key[place % 4] for place, byte in enumerate(content))


def http2(seed: int, count: int) -> Iterator[tuple[bytes, list[int]]]:
    """Up to `count` inputs for an HTTP/2 port: frames, most of them right, each with the places at which to cut it."""
    dice = random.Random(seed)
    for _ in range(count):
        data_ = bytearray() if dice.random() < 0.02 else bytearray(HELLO)
        stream = 1
        for _ in range(dice.choice((1, 2, 4, 8))):
            data_ += _http2_frame(dice, stream)
            stream += 2 * dice.randrange(2)
        body = data_[len(HELLO) :] or data_
        while dice.random() < 0.35 and body:
            _mutate(body, dice)
        if dice.random() < 0.95:
            data_[len(HELLO) :] = body
        cuts = sorted(dice.randrange(len(data_) + 1) for _ in range(dice.randrange(5)))
        if data_:
            yield bytes(data_), cuts


def _http2_frame(dice: random.Random, stream: int) -> bytes:
    """A frame, or some, as a client sends them on `stream`."""
    match dice.randrange(10):
        case 0:
            return headers(stream, get())
        case 1:
            return headers(stream, get(b"/up", b"POST"), END_HEADERS) + data(stream, b"hello")
        case 2:
            more = (b"content-length", b"%d" % dice.randrange(10))
            return headers(stream, get(b"/up", b"POST", more), END_HEADERS) + data(stream, b"hello", dice.randrange(2))
        case 3:
            block = packed(get())
            at = dice.randrange(len(block))
            first = http2_frames.frame(http2_frames.HEADERS, 1, stream, block[:at])
            return first + http2_frames.frame(http2_frames.CONTINUATION, END_HEADERS, stream, block[at:])
        case 4:
            return http2_frames.frame(http2_frames.RST_STREAM, 0, stream, number(dice.randrange(16)))
        case 5:
            return settings((dice.randrange(10), dice.choice((0, 1, 2, 16_384, 1 << 31, dice.randrange(1 << 32)))))
        case 6:
            return http2_frames.frame(
                http2_frames.WINDOW_UPDATE, 0, dice.choice((0, stream)), number(dice.randrange(1 << 32))
            )
        case 7:
            return headers(stream, get(b"/", b"POST"), END_HEADERS) + headers(stream, [(b"x-sum", b"1")])
        case 8:
            payload = dice.randbytes(dice.choice((0, 4, 5, 8, 30)))
            return http2_frames.frame(dice.randrange(18), dice.randrange(256), dice.choice((0, stream)), payload)
        case _:
            return dice.choice(http2_corpus.CASES).data
