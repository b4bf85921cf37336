"""WebSockets for ASGI apps: every hook point's message and its place, denials, mistakes, both ways to end."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import BytesMessage, CloseConnection, Event, TextMessage

from inspector.engine.stream import AppMistake
from inspector.trace.records import MessageSeen, Wait
from tests.support.serving import PATIENCE, Client, Serving, serving

HANDSHAKE = (
    b"GET /chat?room=1 HTTP/1.1\r\nHost: shop\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat, talk\r\nSec-WebSocket-Key: %s\r\n\r\n"
) % base64.b64encode(bytes(16))
OWN = {"asgi": {"version": "3.0", "spec_version": "2.5"}, "extensions": {"websocket.http.response": {}}}
CALL = ("call", "call", OWN, b"")
CONNECT = ("receive", "websocket.connect", {}, b"")
ACCEPT = ("send", "websocket.accept", {}, b"")
RETURN = ("return", "return", {}, b"")

App = Callable[[Any, Any, Any], Awaitable[None]]


class Peer:
    """A WebSocket client on a raw connection."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.frames = Connection(ConnectionType.CLIENT)

    async def send(self, *events: Event) -> None:
        await self.client.send(b"".join(self.frames.send(event) for event in events))

    async def receive(self) -> Event | None:
        """The next event; None at the end of the connection."""
        while True:
            for event in self.frames.events():
                return event
            data = await asyncio.wait_for(self.client.reader.read(65536), PATIENCE)
            if not data:
                return None
            self.frames.receive_data(data)


async def opened(running: Serving) -> tuple[Peer, bytes]:
    client = await running.connect()
    await client.send(HANDSHAKE)
    head = await asyncio.wait_for(client.reader.readuntil(b"\r\n\r\n"), PATIENCE)
    return Peer(client), head


async def echo(scope: Any, receive: Any, send: Any) -> None:
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


async def refuses(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.close"})


async def denies(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.http.response.start", "status": 401, "headers": [(b"content-length", b"2")]})
    await send({"type": "websocket.http.response.body", "body": b"no"})


async def hangs_up(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept", "subprotocol": "chat"})
    await send({"type": "websocket.close", "code": 3001, "reason": "done"})


async def raises(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    raise ValueError("no")


@pytest.mark.parametrize(
    ("app", "events", "messages"),
    [
        (
            echo,
            [TextMessage(data="h\u00e9"), BytesMessage(data=b"\0\xff"), CloseConnection(code=4000, reason="bye")],
            [
                ACCEPT,
                ("receive", "websocket.receive", {}, "h\u00e9".encode()),
                ("send", "websocket.send", {}, "h\u00e9".encode()),
                ("receive", "websocket.receive", {}, b"\0\xff"),
                ("send", "websocket.send", {}, b"\0\xff"),
                ("receive", "websocket.disconnect", {"code": 4000, "reason": "bye"}, b""),
                RETURN,
            ],
        ),
        (refuses, [], [("send", "websocket.close", {}, b""), RETURN]),
        (
            denies,
            [],
            [
                ("send", "websocket.http.response.start", {"status": 401, "headers": [(b"content-length", b"2")]}, b""),
                ("send", "websocket.http.response.body", {}, b"no"),
                RETURN,
            ],
        ),
        (
            hangs_up,
            [],
            [
                ("send", "websocket.accept", {"subprotocol": "chat"}, b""),
                ("send", "websocket.close", {"code": 3001, "reason": "done"}, b""),
                RETURN,
            ],
        ),
        (raises, [], [ACCEPT, ("raise", "raise", {"exception": {"type": "ValueError", "message": "no"}}, b"")]),
    ],
    ids=["echo", "refuses", "denies", "hangs up", "raises"],
)
async def test_each_hook_point_is_told_in_its_place(app: App, events: list[Event], messages: list[Any]) -> None:
    async with serving(app) as running:
        peer, _ = await opened(running)
        for event in events:
            await peer.send(event)
            assert type(await peer.receive()) is type(event)
        (exchange,) = await running.ended()
        assert running.messages(exchange) == [CALL, CONNECT, *messages]


async def test_the_kind_of_each_body_is_told_and_no_wait_stays_open() -> None:
    async with serving(echo) as running:
        peer, _ = await opened(running)
        for event in (TextMessage(data="a"), BytesMessage(data=b"b"), CloseConnection(code=1000)):
            await peer.send(event)
            await peer.receive()
        (exchange,) = await running.ended()
        assert [m.body_key for m in running.of(exchange, MessageSeen)][3:7] == [3, 3, 2, 2]
        assert running.end(exchange).outcome == "done"
        assert [wait.done for wait in running.of(exchange, Wait)][-1] is True


async def test_the_scope_is_the_specs() -> None:
    scopes: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "talk", "headers": [(b"x-a", b"1")]})
        await send({"type": "websocket.close", "code": 3001, "reason": "why"})

    async with serving(app) as running:
        peer, head = await opened(running)
        assert b"Sec-WebSocket-Protocol: talk\r\n" in head
        assert b"x-a: 1\r\n" in head
        assert await peer.receive() == CloseConnection(code=3001, reason="why")
        await peer.send(CloseConnection(code=3001))
        assert await peer.receive() is None
        (scope,) = scopes
        assert scope["type"] == "websocket"
        assert scope["scheme"] == "ws"
        assert scope["path"] == "/chat"
        assert scope["query_string"] == b"room=1"
        assert scope["subprotocols"] == ["chat", "talk"]
        assert "method" not in scope


@pytest.mark.parametrize(
    ("sent", "status", "body"),
    [
        ([{"type": "websocket.close"}], 403, b""),
        (
            [
                {"type": "websocket.http.response.start", "status": 401, "headers": [(b"content-length", b"2")]},
                {"type": "websocket.http.response.body", "body": b"n", "more_body": True},
                {"type": "websocket.http.response.body", "body": b"o"},
            ],
            401,
            b"no",
        ),
        ([], 500, b""),
    ],
)
async def test_a_denial_is_an_http_response_and_the_connection_lives(sent: list[Any], status: int, body: bytes) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await receive()
            for message in sent:
                await send(message)
        else:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})

    async with serving(app) as running:
        client = await running.connect()
        await client.send(HANDSHAKE)
        head, found = await client.read_response()
        assert head.startswith(b"HTTP/1.1 %d " % status)
        assert found == body
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await client.read_response())[0].startswith(b"HTTP/1.1 200 ")
        exchange = (await running.ended(2))[0]
        assert [m[1] for m in running.messages(exchange)][2:-1] == [m["type"] for m in sent]
        end = running.end(exchange)
        assert end.text == ("" if sent else "the app returned without an answer; answered with 500")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"type": "websocket.accept"}, "where only 'websocket.send' or 'websocket.close'"),
        ({"type": "websocket.send"}, 'either "text" or "bytes"'),
        ({"type": "websocket.send", "text": "a", "bytes": b"b"}, 'either "text" or "bytes"'),
        ({"type": "websocket.send", "text": b"a"}, '"text" is a str'),
        ({"type": "websocket.send", "bytes": "a"}, "is bytes, not str"),
        ({"type": "websocket.close", "code": 17}, "close code"),
        ({"type": "websocket.close", "reason": "x" * 124}, "at most 123 bytes"),
        ({"type": "http.response.start", "status": 200}, "where only 'websocket.send'"),
    ],
)
async def test_a_mistake_is_raised_out_of_send_and_closes_with_1011(sent: Any, words: str) -> None:
    raised: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        try:
            await send(sent)
        except AppMistake as error:
            raised.append(str(error))
            raise

    async with serving(app) as running:
        peer, _ = await opened(running)
        closing = await peer.receive()
        assert isinstance(closing, CloseConnection)
        assert closing.code == 1011
        (exchange,) = await running.ended()
        assert words in raised[0]
        assert running.end(exchange).outcome == "app raised"


async def test_a_client_that_is_gone_is_1006_and_send_raises_oserror() -> None:
    seen: list[object] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        seen.append(await receive())
        with pytest.raises(OSError, match=r"closed|left"):
            await send({"type": "websocket.send", "text": "anyone?"})
        seen.append("told")

    async with serving(app) as running:
        peer, _ = await opened(running)
        await peer.client.close()
        await running.ended()
        assert seen == [{"type": "websocket.disconnect", "code": 1006, "reason": ""}, "told"]


async def test_frames_that_come_with_the_handshake_are_not_lost() -> None:
    async with serving(echo) as running:
        client = await running.connect()
        peer = Peer(client)
        await client.send(HANDSHAKE + peer.frames.send(TextMessage(data="early")))
        await asyncio.wait_for(client.reader.readuntil(b"\r\n\r\n"), PATIENCE)
        assert await peer.receive() == TextMessage(data="early")


async def test_a_handshake_that_is_none_is_refused_and_no_app_is_called() -> None:
    async with serving(echo) as running:
        client = await running.connect()
        await client.send(HANDSHAKE.replace(b"Version: 13", b"Version: 7"))
        answer = await client.read_all()
        assert answer.startswith(b"HTTP/1.1 426 ")
        assert b"websocket-version: 13" in answer.lower()
        (exchange,) = await running.ended()
        assert [message[:2] for message in running.messages(exchange)] == [("receive", "refused")]
        assert running.end(exchange).status == 426


async def test_an_app_that_returns_closes_with_1000() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})

    async with serving(app) as running:
        peer, _ = await opened(running)
        closing = await peer.receive()
        assert isinstance(closing, CloseConnection)
        assert closing.code == 1000


async def test_a_client_that_floods_is_stopped_until_the_app_reads() -> None:
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await go.wait()
        size = 0
        while (message := await receive())["type"] == "websocket.receive":
            size += len(message["bytes"])
        assert size == 512 * 65536

    async with serving(app, body_cap=100) as running:
        peer, _ = await opened(running)
        for _ in range(512):
            peer.client.writer.write(peer.frames.send(BytesMessage(data=bytes(65536))))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(peer.client.writer.drain(), 0.2)
        go.set()
        await peer.send(CloseConnection(code=1000))
        await peer.receive()
        (exchange,) = await running.ended()
        assert running.end(exchange).outcome == "done"


async def test_a_handshake_with_a_body_is_refused() -> None:
    async with serving(echo) as running:
        client = await running.connect()
        await client.send(HANDSHAKE.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\nabc"))
        assert (await client.read_all()).startswith(b"HTTP/1.1 400 ")


async def test_a_flood_of_empty_messages_is_stopped_until_the_app_reads() -> None:
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await go.wait()
        count = 0
        while (await receive())["type"] == "websocket.receive":
            count += 1
        assert count == 20_000

    async with serving(app) as running:
        peer, _ = await opened(running)
        await peer.send(*[TextMessage(data="")] * 20_000)
        (connection,) = running.server._connections
        await running.sink.until(lambda _: connection._paused)
        go.set()
        await peer.send(CloseConnection(code=1000))
        await peer.receive()
        (exchange,) = await running.ended()
        assert running.end(exchange).outcome == "done"
