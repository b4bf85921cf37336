"""The corpus of handshakes and frames over a real socket: the right answers, recorded, and the next client served."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import struct
from typing import Any

import pytest

from tests.support.serving import PATIENCE, Client, Serving, serving
from tests.support.websocket_corpus import CASES, DEFLATE, HANDSHAKES, Case, Shake, frames_in, handshake

GET = b"GET /alive HTTP/1.1\r\nHost: shop\r\n\r\n"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            with contextlib.suppress(OSError):  # a close that came in the same bytes is answered already
                await send({**message, "type": "websocket.send"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


async def opened(running: Serving, lines: bytes = b"") -> tuple[Client, bytes]:
    client = await running.connect()
    await client.send(handshake(lines))
    return client, await asyncio.wait_for(client.reader.readuntil(b"\r\n\r\n"), PATIENCE)


@pytest.mark.parametrize("shake", HANDSHAKES, ids=lambda shake: shake.name.replace(" ", "-"))
async def test_each_handshake_is_answered_and_recorded(shake: Shake) -> None:
    async with serving(echo) as running:
        client = await running.connect()
        await client.send(shake.data)
        head = await asyncio.wait_for(client.reader.readuntil(b"\r\n\r\n"), PATIENCE)
        assert head.startswith(b"HTTP/1.1 %d " % shake.status)
        assert set(shake.answer) <= set(head.split(b"\r\n"))
        if shake.status == 101:
            assert b"Sec-WebSocket-Extensions" not in head
            client.writer.write_eof()
            assert await client.read_all() == b""
        elif shake.section:
            body = await client.read_all()  # to the end: the connection is closed
            assert (shake.section.encode() in body) != shake.data.startswith(b"HEAD ")
        (exchange,) = await running.ended()
        end = running.end(exchange)
        assert end.outcome == ("refused" if shake.section else "done")
        if shake.section:
            _, type_, told, _ = running.messages(exchange)[-1]
            assert type_ == "refused"
            assert (told["section"], told["status"], end.status) == (shake.section, shake.status, shake.status)
            assert told["raw"] == shake.data[: shake.data.index(b"\r\n\r\n") + 4]
            if shake.offset is not None:
                assert told["offset"] == shake.offset
        assert (await running.get(GET))[0].startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
async def test_each_case_of_frames_is_answered_and_recorded(case: Case) -> None:
    async with serving(echo) as running:
        client, head = await opened(running, DEFLATE if case.deflate else b"")
        assert (b"\r\nSec-WebSocket-Extensions: permessage-deflate\r\n" in head) == case.deflate
        client.writer.write(case.data)  # no end of the stream: the server closes by itself
        frames = frames_in(await client.read_all())
        await client.close()
        codes = [payload[:2] for opcode, payload in frames if opcode == 8]
        assert codes == [b"" if case.code == 1005 else struct.pack("!H", case.code or 0)]
        assert frames[-1][0] == 8
        assert tuple(payload for opcode, payload in frames if opcode == 10) == case.pongs
        (exchange,) = await running.ended()
        told = running.messages(exchange)
        got = tuple(
            body.decode() if isinstance(wanted, str) else body
            for wanted, (_, _, _, body) in zip(
                case.got, (one for one in told if one[1] == "websocket.receive"), strict=True
            )
        )
        assert got == case.got
        (last,) = (data for _, type_, data, _ in told if type_ == "websocket.disconnect")
        assert last["code"] == case.told
        assert running.end(exchange).outcome == "done"
        if not case.code or case.code in (1002, 1007, 1009):  # what came before a mistake is answered
            sent = [payload for opcode, payload in frames if opcode in (1, 2)]
            assert len(sent) == len(case.got)
        assert (await running.get(GET))[0].startswith(b"HTTP/1.1 200 ")


async def test_a_handshake_and_frames_in_one_piece_are_both_read() -> None:
    async with serving(echo) as running:
        for case in itertools.islice(CASES, 0, None, 9):
            if case.deflate:
                continue
            client = await running.connect()
            client.writer.write(handshake() + case.data)
            await client.reader.readuntil(b"\r\n\r\n")
            frames = frames_in(await client.read_all())
            assert next(payload[:2] for opcode, payload in frames if opcode == 8) == struct.pack("!H", case.code or 0)
