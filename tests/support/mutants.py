"""Bytes that are nearly right: the same ones for the same seed."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

from tests.support.http_corpus import REFUSED, SERVED

_SEEDS = [case.data for case in (*REFUSED, *SERVED, *SERVED, *SERVED, *SERVED) if len(case.data) < 2000]
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
    """Up to `count` inputs for an open WebSocket: frames, most of them right (RFC 6455, 5.2), some in pieces."""
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
