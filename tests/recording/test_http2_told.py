"""The wire of HTTP/2 as it is told, over a real socket: the frames of each stream are those that the socket carried."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import Any

from inspector.engine.wire import http2_frames as frames
from inspector.engine.wire.http2_frames import PREFACE, frame
from inspector.recording.reader import Reader
from inspector.recording.rows import WireRow
from tests.recording.scripts import recorded
from tests.recording.test_wire_told import told_out
from tests.support.http2_client import END_HEADERS, END_STREAM, HELLO, Reading, data, get, headers, number
from tests.support.serving import PATIENCE, Client, Serving, serving
from tests.support.websocket_corpus import TEXT, close
from tests.support.websocket_corpus import frame as websocket_frame

Streams = dict[int, bytes]
BODY = b"0123456789" * 3_000


async def answers(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"].upper()})
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-app", b"1")]})
    await send({"type": "http.response.body", "body": b"begin ", "more_body": True})
    await send({"type": "http.response.body", "body": BODY})


async def read_until(client: Client, *ended: int) -> bytes:
    """Everything that comes until the streams have ended."""
    reading, came, left = Reading(), b"", set(ended)
    while left:
        more = await asyncio.wait_for(client.reader.read(1 << 16), PATIENCE)
        assert more
        came += more
        left -= {got.stream for got in reading.receive_data(more) if got.ends}
    return came


def by_stream(*pieces: bytes) -> Streams:
    """Those of the connection, which may be any exchange's, in no order."""
    found: dict[int, list[bytes]] = defaultdict(list)
    for piece in pieces:
        wire = piece
        while wire:
            preface = wire.startswith(PREFACE)
            end = len(PREFACE) if preface else frames.HEAD + int.from_bytes(wire[:3], "big")
            found[0 if preface else int.from_bytes(wire[5:9], "big")].append(wire[:end])
            wire = wire[end:]
    return {stream: b"".join(found[stream] if stream else sorted(found[0])) for stream in found}


def told(running: Serving, path: Path, count: int) -> tuple[Streams, Streams, list[list[WireRow]]]:
    """The frames that came in and went out, by stream; and the pieces of each exchange."""
    ways: dict[bool, list[bytes]] = {False: [], True: []}
    rows: list[list[WireRow]] = []
    with Reader(recorded(path / "told.inspector", running.sink.records)) as reader:
        for exchange in range(1, count + 1):
            rows.append(reader.wire(exchange, 0, 10_000))
            for way in (False, True):  # joined: frames of a WebSocket follow the head of their DATA
                ways[way].append(b"".join(reader.wire_bytes(row) for row in rows[-1] if row.sent is way))
        assert reader.has_wire(1)
    return by_stream(*ways[False]), by_stream(*ways[True]), rows


async def test_the_frames_of_two_streams_and_of_their_connection(tmp_path: Path) -> None:
    async with serving(answers) as running:
        client = await running.connect()
        sent = b"".join(
            (
                HELLO,
                headers(1, get(b"/a", b"POST"), END_HEADERS),
                headers(3, get(b"/b")),
                frame(frames.PING, 0, 0, b"12345678"),
                frame(frames.DATA, frames.PADDED, 1, b"\x04first\0\0\0\0"),
                frame(frames.WINDOW_UPDATE, 0, 0, number(70_000)),
                data(1, b"last"),
            )
        )
        for at in range(0, len(sent), 11):
            await client.send(sent[at : at + 11])
        came = await read_until(client, 1, 3)
        await told_out(running, len(came))
        await running.ended(2)
        went_in, went_out, rows = told(running, tmp_path, 2)
        assert went_in == by_stream(sent)
        assert went_out == by_stream(came)
        (types,) = ([type_ for _, type_, _, _ in running.messages(1)],)
        carried = [(row.before[3], types[row.seq]) for row in rows[0] if row.seq is not None and row.sent]
        assert carried[:2] == [(frames.HEADERS, "http.response.start"), (frames.DATA, "http.response.body")]
        into = [types[row.seq] for row in rows[0] if row.seq is not None and not row.sent]
        assert into[0] == "call"
        assert set(into[1:]) == {"http.request"}


async def test_windows_and_streams_of_the_moment(tmp_path: Path) -> None:
    async with serving(answers) as running:
        client = await running.connect()
        await client.send(HELLO + headers(1, get()))
        came = await read_until(client, 1)
        await told_out(running, len(came))
        await running.ended()
        _, _, (rows,) = told(running, tmp_path, 1)
        head = next(row for row in rows if row.before[3:4] == b"\x01" and not row.sent)
        assert head.windows == (65_535, 65_535, 1024 * 1024, 128 * 1024, 1)
        last = next(row for row in rows if row.before[3:4] == b"\0" and row.before[4] & END_STREAM)
        assert last.windows == (65_535 - len(BODY) - 6, -1, 1024 * 1024, -1, 0)


async def test_a_websocket_on_a_stream(tmp_path: Path) -> None:
    asks = [
        (b":method", b"CONNECT"), (b":protocol", b"websocket"), (b":scheme", b"http"), (b":path", b"/ws"),
        (b":authority", b"shop"), (b"sec-websocket-version", b"13"),
    ]  # fmt: skip
    async with serving(answers) as running:
        client = await running.connect()
        hello, bye = websocket_frame(TEXT, b"hello"), close(1000)
        await client.send(HELLO + headers(1, asks, END_HEADERS))
        came, reading = b"", Reading()
        while b"HELLO" not in came:
            more = await asyncio.wait_for(client.reader.read(1 << 16), PATIENCE)
            got = list(reading.receive_data(more))
            came += more
            if any(one.kind == "HEADERS" for one in got):
                await client.send(data(1, hello, 0))
        await client.send(data(1, bye, END_STREAM))
        came += await read_until(client, 1)
        await told_out(running, len(came))
        await running.ended()
        went_in, went_out, (rows,) = told(running, tmp_path, 1)
        assert went_in[1] == headers(1, asks, END_HEADERS) + data(1, hello, 0) + data(1, bye, END_STREAM)
        assert went_out[1] == by_stream(came)[1]
        types = [type_ for _, type_, _, _ in running.messages(1)]
        assert [types[row.seq] for row in rows if row.kind == "frame" and row.seq is not None] == [
            "websocket.receive", "websocket.send", "websocket.disconnect",
        ]  # fmt: skip
