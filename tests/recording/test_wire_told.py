"""The wire as it is told, over real sockets: a recording's pieces put together are what the socket carried."""

from __future__ import annotations

import asyncio
import itertools
import os
from pathlib import Path
from typing import Any

import pytest

from inspector.recording.reader import Reader
from inspector.recording.rows import WireRow
from inspector.trace import wire
from inspector.trace.records import ExchangeEnded, Record, WireTold
from inspector.trace.wire import MAX_PIECES
from tests.engine.gateway.test_wsgi import serving as serving_wsgi
from tests.recording.scripts import recorded
from tests.support.serving import Serving, serving
from tests.support.websocket_corpus import BINARY, CONTINUATION, PING, TEXT, close, deflated, frame, handshake

GET = b"GET /%s HTTP/1.1\r\nHost: shop\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\n"
Told = tuple[str, str, int | None, bytes]
"""Direction, kind, message and bytes of a piece."""


def pieces_of(records: list[Record]) -> list[wire.Piece]:
    told = [one.wire if isinstance(one, ExchangeEnded) else one.pieces for one in records
            if isinstance(one, (ExchangeEnded, WireTold))]  # fmt: skip
    return list(itertools.chain.from_iterable(map(wire.unpack, told)))


async def told_out(running: Serving, size: int) -> None:
    """Wait until so many bytes that went out are told."""

    def there(records: list[Record]) -> bool:
        sent = [one for one in pieces_of(records) if one.sent]
        return sum(len(one.before) + one.size + len(one.behind) for one in sent) >= size

    await running.sink.until(there)


def read(running: Serving, path: Path, exchange: int = 1) -> list[Told]:
    name = path / f"{exchange}.inspector"
    with Reader(recorded(name, running.sink.records)) as reader:
        rows = reader.wire(exchange, 0, 10_000)
        return [("out" if row.sent else "in", row.kind, row.seq, reader.wire_bytes(row)) for row in rows]


def joined(told: list[Told], way: str) -> bytes:
    return b"".join(data for direction, _, _, data in told if direction == way)


def shape(told: list[Told]) -> list[tuple[str, str, int | None]]:
    return [one[:3] for one in told]


async def sized(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"Hello"})


async def unsized(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "trailers": True, "headers": []})
    await send({"type": "http.response.body", "body": b"", "more_body": True})
    for part in (b"first", b"x" * 40_000):
        await send({"type": "http.response.body", "body": part, "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b"last"})
    await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"12")]})


async def test_a_plain_request_and_its_response_cost_no_record_more(tmp_path: Path) -> None:
    request = b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 7\r\n\r\n"
    async with serving(sized) as running:
        client = await running.connect()
        await client.send(request + b"content")
        head, body = await client.read_response()
        await running.ended()
        told = read(running, tmp_path)
        assert joined(told, "in") == request + b"content"
        assert joined(told, "out") == head + body
        assert shape(told) == [("in", "request head", 0), ("in", "body", 1), ("out", "head", 2), ("out", "body", 3)]
        assert not any(isinstance(one, WireTold) for one in running.sink.records)


async def test_chunks_in_are_told_as_they_stood_however_they_come(tmp_path: Path) -> None:
    request = b"POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
    body = b'005;name="a b"\r\nfirst\r\n1\r\n!\r\n0;end\r\nX-Sum: 9\r\n\r\n'
    async with serving(sized) as running:
        client = await running.connect()
        await client.send(request)
        go_ahead = await client.reader.readuntil(b"\r\n\r\n")
        for at in range(0, len(body), 3):
            await client.send(body[at : at + 3])
            await asyncio.sleep(0)
        head, rest = await client.read_response()
        await running.ended()
        told = read(running, tmp_path)
        assert joined(told, "in") == request + body
        assert joined(told, "out") == go_ahead + head + rest
        kinds = [(way, kind) for way, kind, _ in shape(told)]
        assert kinds[:2] == [("in", "request head"), ("out", "informational")]
        assert kinds[2:5] == [("in", "chunk"), ("in", "chunk"), ("in", "last chunk")]


async def test_chunks_out_trailers_and_the_next_request(tmp_path: Path) -> None:
    request = b"GET / HTTP/1.1\r\nHost: shop\r\nTE: trailers\r\n\r\n"
    async with serving(unsized) as running:
        client = await running.connect()
        await client.send(request + GET % b"next")
        first = await client.reader.readuntil(b"x-sum: 12\r\n\r\n")
        second = await client.reader.readuntil(b"0\r\n\r\n")
        await running.ended(2)
        told = read(running, tmp_path)
        assert joined(told, "in") == request
        assert joined(told, "out") == first
        out = [(kind, seq) for way, kind, seq in shape(told) if way == "out"]
        assert out == [("head", 1), ("chunk", 3), ("chunk", 4), ("chunk", 5), ("last chunk", 6)]
        assert joined(read(running, tmp_path, 2), "out") == second


async def test_what_has_no_body_on_the_wire_has_none_here(tmp_path: Path) -> None:
    async with serving(sized) as running:
        client = await running.connect()
        await client.send(b"HEAD / HTTP/1.1\r\nHost: shop\r\n\r\n")
        head = await client.reader.readuntil(b"\r\n\r\n")
        await running.ended()
        told = read(running, tmp_path)
        assert joined(told, "out") == head
        assert shape(told)[1:] == [("out", "head", 2)]


async def test_a_refused_request_and_its_answer(tmp_path: Path) -> None:
    async with serving(sized) as running:
        client = await running.connect()
        await client.send(b"GET / HTTP/1.1\r\nHost : shop\r\n\r\n")
        answer = await client.read_all()
        await running.ended()
        told = read(running, tmp_path)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert [(way, kind, data) for way, kind, _, data in told] == [
            ("in", "request", b"GET / HTTP/1.1\r\nHost : shop\r\n\r\n"), ("out", "head", answer),
        ]  # fmt: skip


async def test_the_servers_own_500_is_told_with_its_page(tmp_path: Path) -> None:
    async def raises(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("no")

    async with serving(raises) as running:
        head, body = await running.get(GET % b"")
        await running.ended()
        assert body
        assert joined(read(running, tmp_path), "out") == head + body


async def test_a_file_that_the_kernel_sends_is_told_without_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(1000))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.pathsend", "path": str(path)})

    async with serving(app) as running:
        head, _ = await running.get(GET % b"")
        await running.ended()
        told = read(running, tmp_path)
        assert [(kind, data) for _, kind, _, data in told[1:]] == [
            ("head", head), ("chunk", b"3e8\r\n"), ("last chunk", b"0\r\n\r\n"),
        ]  # fmt: skip


async def test_a_wsgi_apps_head_is_its_start_responses(tmp_path: Path) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"", b"one", b"two"]

    async with serving_wsgi(app) as running:
        client = await running.connect()
        await client.send(GET % b"")
        data = await client.reader.readuntil(b"\r\n0\r\n\r\n")
        await running.ended()
        told = read(running, tmp_path)
        assert joined(told, "out") == data
        types = [type_ for _, type_, _, _ in running.messages(1)]
        assert [(kind, types[seq]) for way, kind, seq, _ in told if way == "out" and seq is not None][:3] == [
            ("head", "start_response"), ("chunk", "next"), ("chunk", "next"),
        ]  # fmt: skip


async def echo(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send(
            {"type": "websocket.send", **{k: message[k] for k in ("text", "bytes") if message.get(k) is not None}}
        )


@pytest.mark.parametrize("split", [1, 7, 100_000])
async def test_frames_of_a_websocket_with_their_masks(tmp_path: Path, split: int) -> None:
    came = b"".join(
        (
            frame(TEXT, b"caf\xc3", fin=False),
            frame(PING, b"there?"),
            frame(CONTINUATION, b"\xa9"),
            frame(BINARY, b""),
            frame(BINARY, bytes(range(256)) * 2),
        )
    )
    bye, echoes = close(3000, b"bye"), 2 + 5 + 8 + 2 + 4 + 512
    async with serving(echo) as running:
        client = await running.connect()
        asked = handshake()
        await client.send(asked)
        answer = await client.reader.readuntil(b"\r\n\r\n")
        for at in range(0, len(came), split):
            await client.send(came[at : at + split])
        answer += await client.reader.readexactly(echoes)
        await client.send(bye)
        answer += await client.read_all()
        await told_out(running, len(answer))
        await running.ended()
        told = read(running, tmp_path)
        assert joined(told, "in") == asked + came + bye
        assert joined(told, "out") == answer
        assert shape(told)[1] == ("out", "head", 2)
        assert [seq for way, kind, seq in shape(told) if (way, kind) == ("in", "frame")] == [3, None, 3, 5, 7, 9]
        assert sorted(seq for way, kind, seq in shape(told) if (way, kind) == ("out", "frame") and seq) == [4, 6, 8]


async def test_compressed_frames_are_told_as_they_stood(tmp_path: Path) -> None:
    came, bye = frame(TEXT, deflated(b"hello " * 40), rsv=4), close(1000)
    async with serving(echo) as running:
        client = await running.connect()
        asked = handshake(b"Sec-WebSocket-Extensions: permessage-deflate\r\n")
        await client.send(asked)
        answer = await client.reader.readuntil(b"\r\n\r\n")
        await client.send(came)
        answer += await client.reader.readexactly(2)
        await client.send(bye)
        answer += await client.read_all()
        await told_out(running, len(answer))
        await running.ended()
        told = read(running, tmp_path)
        assert joined(told, "in") == asked + came + bye
        assert joined(told, "out") == answer


async def test_more_pieces_than_are_kept_are_counted(tmp_path: Path) -> None:
    more = 50

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(MAX_PIECES + more):
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async with serving(app) as running:
        await running.get(GET % b"")
        await running.ended()
        with Reader(recorded(tmp_path / "cut.inspector", running.sink.records)) as reader:
            rows: list[WireRow] = reader.wire(1, 0, 10_000)
        (cut,) = [row for row in rows if row.kind == "cut"]
        assert len([row for row in rows if row.sent]) == MAX_PIECES
        assert cut.left_out == more + 2
        assert rows[-1] is cut
