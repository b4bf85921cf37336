"""WebSockets on streams of HTTP/2 (RFC 8441), over a real socket."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import BytesMessage, CloseConnection, Event, Message, Ping, Pong, TextMessage
from wsproto.extensions import PerMessageDeflate

from inspector.engine.gateway.unavailable import UnavailableGateway
from inspector.engine.wire import http2_frames
from inspector.engine.wire.http2_frames import frame
from inspector.engine.wire.http2_streams import STREAM_WINDOW
from inspector.trace import clock
from inspector.trace.records import ExchangeStarted
from tests.support.http2_client import (
    END_HEADERS,
    HELLO,
    Fields,
    HTTP2Client,
    connect,
    data,
    get,
    headers,
    number,
    settings,
)
from tests.support.serving import serving, serving_gateway

SETTINGS_ENABLE_CONNECT_PROTOCOL = b"\0\x08\0\0\0\x01"


def handshake(path: bytes = b"/ws", *more: tuple[bytes, bytes], version: bytes = b"13") -> Fields:
    fields = [*get(path, b"CONNECT"), (b":protocol", b"websocket")]
    return [*fields, (b"sec-websocket-version", version), *more]


class Peer:
    """The client's side of a WebSocket on one stream."""

    def __init__(self, client: HTTP2Client, stream: int, extensions: Any = None) -> None:
        self.client, self.stream = client, stream
        self.ws = Connection(ConnectionType.CLIENT, extensions)

    def send(self, *events: Event) -> None:
        for event in events:
            self.client.send(data(self.stream, self.ws.send(event), 0))

    async def next(self) -> Event:
        """The next event of the server's."""
        while True:
            for event in self.ws.events():
                return event
            got = await self.client.until("DATA", self.stream)
            assert isinstance(got.told, bytes)
            self.ws.receive_data(got.told or None)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"http"})
        return
    await receive()
    if scope["path"] == "/deny":
        await send({"type": "websocket.close"})
        return
    if scope["path"] == "/response":
        await send({"type": "websocket.http.response.start", "status": 404, "headers": [(b"x-a", b"1")]})
        await send({"type": "websocket.http.response.body", "body": b"no", "more_body": True})
        await send({"type": "websocket.http.response.body", "body": b"thing"})
        return
    await send({"type": "websocket.accept", "subprotocol": "chat" if scope["subprotocols"] else None})
    while (message := await receive())["type"] == "websocket.receive":
        if message.get("text") == "close":
            await send({"type": "websocket.close", "code": 3001, "reason": "bye"})
            return
        if message.get("text") == "leave":
            return
        await send({**message, "type": "websocket.send"})


async def opened(client: HTTP2Client, stream: int, *more: tuple[bytes, bytes]) -> Peer:
    client.send(headers(stream, handshake(b"/ws", *more), END_HEADERS))
    assert (await client.until("HEADERS", stream)).told == "200"
    return Peer(client, stream)


async def test_messages_both_ways_beside_a_request() -> None:
    async with serving(echo) as running:
        client = await connect(running)
        assert SETTINGS_ENABLE_CONNECT_PROTOCOL in (await client.until("SETTINGS")).told  # type: ignore[operator]
        peer = await opened(client, 1, (b"sec-websocket-protocol", b"chat, other"))
        assert (b"sec-websocket-protocol", b"chat") in client.reading.fields[1]
        assert not any(name in (b"upgrade", b"sec-websocket-accept") for name, _ in client.reading.fields[1])
        peer.send(TextMessage("hällo"))
        assert await peer.next() == TextMessage("hällo")
        client.send(headers(3, get(b"/http")))
        assert await client.body(3) == ("200", b"http")
        peer.send(BytesMessage(b"\0\xff"))
        answer = await peer.next()
        assert isinstance(answer, Message)
        assert bytes(answer.data) == b"\0\xff"
        peer.send(Ping(b"12"))
        pong = await peer.next()
        assert isinstance(pong, Pong)
        assert bytes(pong.payload) == b"12"
        peer.send(CloseConnection(1000, "done"))
        assert isinstance(await peer.next(), CloseConnection)
        assert (await client.until("DATA", 1)).ends
        client.send(data(1))
        ids = await running.ended(2)
        told = [message[:2] for message in running.messages(ids[0])]
        assert told[:4] == [
            ("call", "call"),
            ("receive", "websocket.connect"),
            ("send", "websocket.accept"),
            ("receive", "websocket.receive"),
        ]
        assert told[-2:] == [("receive", "websocket.disconnect"), ("return", "return")]
        (started,) = running.of(ids[0], ExchangeStarted)
        assert (started.kind, started.http_version) == ("websocket", "2")
        assert running.messages(ids[0])[-2][2]["code"] == 1000


async def test_the_app_closes_and_the_stream_ends() -> None:
    async with serving(echo) as running:
        client = await connect(running)
        peer = await opened(client, 1)
        peer.send(TextMessage("close"))
        assert await peer.next() == CloseConnection(3001, "bye")
        peer.send(CloseConnection(3001, "bye"))
        assert (await client.until("DATA", 1)).ends
        client.send(data(1))
        await running.ended()
        assert running.end(1).outcome == "done"
        client.send(headers(3, get(b"/http")))
        assert await client.body(3) == ("200", b"http")
        assert "RST_STREAM" not in [got.kind for got in client.got]


async def test_the_app_leaves_and_the_client_is_told() -> None:
    async with serving(echo) as running:
        client = await connect(running)
        peer = await opened(client, 1)
        peer.send(TextMessage("leave"))
        assert isinstance(closed := await peer.next(), CloseConnection)
        assert closed.code == 1000


async def test_what_a_client_sends_before_the_answer_is_not_lost() -> None:
    async with serving(echo) as running:
        client = await connect(running)
        peer = Peer(client, 1)
        client.send(headers(1, handshake(), END_HEADERS))
        peer.send(TextMessage("early"))
        assert (await client.until("HEADERS", 1)).told == "200"
        assert await peer.next() == TextMessage("early")


async def test_compression_is_agreed_on() -> None:
    async with serving(echo) as running:
        client = await connect(running)
        client.send(headers(1, handshake(b"/ws", (b"sec-websocket-extensions", b"permessage-deflate")), END_HEADERS))
        assert (await client.until("HEADERS", 1)).told == "200"
        agreed = dict(client.reading.fields[1])[b"sec-websocket-extensions"].decode()
        extension = PerMessageDeflate()
        extension.finalize(agreed)
        peer = Peer(client, 1, [extension])
        peer.send(TextMessage("a" * 1000))
        text = ""
        while len(text) < 1000:
            part = await peer.next()
            assert isinstance(part, TextMessage)
            text += part.data
        assert text == "a" * 1000


@pytest.mark.parametrize(("path", "answer"), [(b"/deny", ("403", b"")), (b"/response", ("404", b"nothing"))])
async def test_a_denial_is_an_answer(path: bytes, answer: tuple[str, bytes]) -> None:
    async with serving(echo) as running:
        client = await connect(running)
        client.send(headers(1, handshake(path), END_HEADERS))
        assert await client.body(1) == answer
        assert (await client.until("RST_STREAM", 1)).told == "NO_ERROR"
        await running.ended()
        assert running.end(1).outcome == "done"


async def test_a_handshake_of_another_version_is_refused() -> None:
    async with serving(echo) as running:
        client = await connect(running)
        client.send(headers(1, handshake(version=b"8"), END_HEADERS))
        status, body = await client.body(1)
        assert (status, (b"sec-websocket-version", b"13") in client.reading.fields[1]) == ("400", True)
        assert b"WebSocket version '8'" in body
        await running.ended()
        assert running.end(1).outcome == "refused"


@pytest.mark.parametrize("how", ["reset", "end", "lost"])
async def test_a_client_that_leaves_without_a_close(how: str) -> None:
    async with serving(echo) as running:
        client = await connect(running)
        peer = await opened(client, 1)
        peer.send(TextMessage("x"))
        await peer.next()
        if how == "reset":
            client.send(frame(http2_frames.RST_STREAM, 0, 1, number(8)))
        elif how == "end":
            client.send(data(1))
        else:
            await client.close()
        await running.ended()
        told = running.messages(1)
        assert told[-2][1] == "websocket.disconnect"
        assert told[-2][2]["code"] == 1006


async def test_frames_that_are_none_close_with_1002_and_their_stream_only() -> None:
    async with serving(echo) as running:
        client = await connect(running)
        peer = await opened(client, 1)
        client.send(data(1, b"\xff\x80\0\0\0\0", 0))
        closed = await peer.next()
        assert isinstance(closed, CloseConnection)
        assert closed.code == 1002
        assert (await client.until("DATA", 1)).ends
        client.send(headers(3, get(b"/http")))
        assert await client.body(3) == ("200", b"http")
        await running.ended(2)


async def test_a_client_that_does_not_read_stops_its_app_and_no_other() -> None:
    sent = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal sent
        if scope["type"] == "http":
            await echo(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.accept"})
        for _ in range(100):
            await send({"type": "websocket.send", "bytes": bytes(10_000)})
            sent += 1

    async with serving(app) as running:
        client = await connect(running, HELLO + settings((4, 100)))
        peer = await opened(client, 1)
        client.send(headers(3, get(b"/http")))
        assert await client.body(3) == ("200", b"http")
        while sent < 6:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        assert sent < 10
        client.send(frame(http2_frames.WINDOW_UPDATE, 0, 1, number(1 << 21)))
        client.send(frame(http2_frames.WINDOW_UPDATE, 0, 0, number(1 << 21)))
        size = 0
        while size < 1_000_000:
            part = await peer.next()
            assert isinstance(part, BytesMessage)
            size += len(part.data)


async def test_an_app_that_does_not_read_stops_its_client_and_no_other() -> None:
    go = asyncio.Event()
    got = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal got
        if scope["type"] == "http":
            await echo(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.accept"})
        await go.wait()
        while (await receive())["type"] == "websocket.receive":
            got += 1
            if got == 30:
                await send({"type": "websocket.close"})

    async with serving(app) as running:
        client = await connect(running)
        peer = await opened(client, 1)
        size = STREAM_WINDOW // 10 - 100
        for _ in range(10):
            message = peer.ws.send(BytesMessage(bytes(size)))
            for at in range(0, len(message), 16_384):
                client.send(data(1, message[at : at + 16_384], 0))
        client.send(headers(3, get(b"/http")))
        assert await client.body(3) == ("200", b"http")
        first = [one for one in client.got if one.kind == "WINDOW_UPDATE" and one.stream == 1]
        assert sum(int.from_bytes(one.told, "big") for one in first) < STREAM_WINDOW  # type: ignore[arg-type]
        go.set()
        await client.until("WINDOW_UPDATE", 1)
        for _ in range(20):
            peer.send(BytesMessage(b"x"))
        assert isinstance(await peer.next(), CloseConnection)
        assert got == 30


async def test_a_stop_tells_1012() -> None:
    async with serving(echo) as running:
        client = await connect(running)
        peer = await opened(client, 1)
        hurry = asyncio.Event()
        hurry.set()
        stopping = asyncio.create_task(running.server.stop(0.0, hurry))
        closed = await peer.next()
        assert isinstance(closed, CloseConnection)
        assert closed.code == 1012
        peer.send(CloseConnection(1012))
        await stopping


async def test_a_silent_client_is_pinged_and_counts_as_gone() -> None:
    async with serving(echo) as running:
        client = await connect(running)
        peer = await opened(client, 1)
        now_ns = clock.now()
        running.server.expire(now_ns + 21_000_000_000)
        assert isinstance(await peer.next(), Ping)
        running.server.expire(now_ns + 42_000_000_000)
        closed = await peer.next()
        assert isinstance(closed, CloseConnection)
        assert closed.code == 1011
        assert (await client.until("DATA", 1)).ends
        await running.ended()
        assert running.messages(1)[-2][2]["code"] == 1011


async def test_wsgi_announces_no_websocket() -> None:
    async with serving_gateway(lambda _: UnavailableGateway("No app.", "", "")) as running:
        client = await connect(running)
        assert SETTINGS_ENABLE_CONNECT_PROTOCOL not in (await client.until("SETTINGS")).told  # type: ignore[operator]
        client.send(headers(1, handshake(), END_HEADERS))
        assert (await client.until("RST_STREAM", 1)).told == "PROTOCOL_ERROR"
        client.send(headers(3, get()))
        assert (await client.body(3))[0] == "503"
