"""A client that speaks HTTP/2 frame by frame, right or wrong, over a real socket or none."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import NamedTuple

from h2.errors import ErrorCodes
from hpack import Decoder, Encoder

from inspector.engine.wire import http2_frames as frames
from inspector.engine.wire.http2_frames import PREFACE, frame
from tests.support.serving import PATIENCE, Serving

Fields = list[tuple[bytes, bytes]]
END_STREAM, END_HEADERS, ACK = frames.END_STREAM, frames.END_HEADERS, frames.ACK
HELLO = PREFACE + frame(frames.SETTINGS, 0, 0)
"""What every client begins with."""


def get(path: bytes = b"/", method: bytes = b"GET", *more: tuple[bytes, bytes]) -> Fields:
    fields = [(b":method", method), (b":scheme", b"http"), (b":authority", b"shop"), (b":path", path)]
    return [*fields, *more]


def packed(fields: Fields) -> bytes:
    """A header block that needs no table."""
    block = b""
    for name, value in fields:
        for text, first in ((name, b"\x00"), (value, b"")):
            size = len(text)
            if size < 127:
                block += first + bytes([size])
            else:
                size -= 127
                number = b"\x7f"
                while size >= 128:
                    number += bytes([size & 127 | 128])
                    size >>= 7
                block += first + number + bytes([size])
            block += text
    return block


def headers(stream: int, fields: Fields, flags: int = END_HEADERS | END_STREAM) -> bytes:
    return frame(frames.HEADERS, flags, stream, packed(fields))


def data(stream: int, payload: bytes = b"", flags: int = END_STREAM) -> bytes:
    return frame(frames.DATA, flags, stream, payload)


def settings(*pairs: tuple[int, int]) -> bytes:
    return frame(frames.SETTINGS, 0, 0, b"".join(c.to_bytes(2, "big") + v.to_bytes(4, "big") for c, v in pairs))


def number(value: int, size: int = 4) -> bytes:
    return value.to_bytes(size, "big")


class Got(NamedTuple):
    """A frame of the server, in words: a status, an error code by its name, or the payload."""

    kind: str
    stream: int
    told: str | bytes
    ends: bool = False


class Reading:
    """Makes sense of the server's bytes."""

    def __init__(self) -> None:
        self._decoder = Decoder()
        self._decoder.max_header_list_size = 1 << 20
        self._data = bytearray()
        self.fields: dict[int, Fields] = {}
        """The newest field list of each stream."""
        self.promised: dict[int, Fields] = {}
        """The newest request that was promised on each stream."""

    def receive_data(self, more: bytes) -> Iterable[Got]:
        self._data += more
        while len(self._data) >= 9:
            size = int.from_bytes(self._data[:3], "big")
            if len(self._data) < 9 + size:
                return
            type_, flags = self._data[3], self._data[4]
            stream, payload = int.from_bytes(self._data[5:9], "big"), bytes(self._data[9 : 9 + size])
            del self._data[: 9 + size]
            yield self._got(type_, flags, stream, payload)

    def _got(self, type_: int, flags: int, stream: int, payload: bytes) -> Got:
        name, told = frames.NAMES.get(type_, str(type_)), payload
        if type_ in (frames.HEADERS, frames.PUSH_PROMISE):
            block = payload[4:] if type_ == frames.PUSH_PROMISE else payload
            fields = [(bytes(n), bytes(v)) for n, v in self._decoder.decode(block, raw=True)]
            of = self.promised if type_ == frames.PUSH_PROMISE else self.fields
            of[stream] = fields
            return Got(name, stream, fields[0][1].decode() if fields else "", bool(flags & END_STREAM))
        if type_ == frames.RST_STREAM:
            return Got(name, stream, ErrorCodes(int.from_bytes(told, "big")).name)
        if type_ == frames.GOAWAY:
            return Got(name, stream, ErrorCodes(int.from_bytes(told[4:8], "big")).name)
        if type_ in (frames.SETTINGS, frames.PING) and flags & ACK:
            return Got(name + " ACK", stream, told)
        return Got(name, stream, told, type_ == frames.DATA and bool(flags & END_STREAM))


class HTTP2Client:
    """One connection; what it sends is up to the test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.encoder = Encoder()
        self.reading = Reading()
        self.got: list[Got] = []
        self.ended = False

    def send(self, *parts: bytes) -> None:
        self.writer.write(b"".join(parts))

    async def until(self, kind: str, stream: int | None = None, *, ends: bool = False) -> Got:
        """The first frame of this kind (and stream) from here on; frames before it are kept in `got`."""
        while True:
            for at, one in enumerate(self.got):
                if one.kind == kind and stream in (None, one.stream) and (one.ends or not ends):
                    return self.got.pop(at)
            assert await self.more(), f"the connection ended before {kind} of {stream}: {self.got}"

    async def more(self) -> bool:
        """Read what comes next; false at the end of the connection."""
        try:
            read = await asyncio.wait_for(self.reader.read(1 << 16), PATIENCE)
        except ConnectionError:
            read = b""
        self.got += self.reading.receive_data(read)
        self.ended = not read
        return bool(read)

    async def rest(self) -> list[Got]:
        """Everything up to the end of the connection."""
        while await self.more():
            pass
        return self.got

    async def body(self, stream: int) -> tuple[str, bytes]:
        """Status and body of a whole response."""
        status, found = await self.until("HEADERS", stream), b""
        while not status.ends:
            part = await self.until("DATA", stream)
            assert isinstance(part.told, bytes)
            found += part.told
            if part.ends:
                break
        return str(status.told), found

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


async def connect(running: Serving, hello: bytes = HELLO) -> HTTP2Client:
    client = await running.connect()
    found = HTTP2Client(client.reader, client.writer)
    found.send(hello)
    return found
