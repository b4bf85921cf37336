"""How a WebSocket ends, over a real socket: who closes first, who does not, who is silent, who has gone."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from inspector.engine.host import open_websocket
from inspector.engine.wire.websocket import Terms
from inspector.trace import clock
from tests.support.serving import PATIENCE, Client, Serving, serving
from tests.support.websocket_corpus import (
    CLOSE,
    DEFLATE,
    PING,
    PONG,
    TEXT,
    close,
    deflated,
    frame,
    frames_in,
    handshake,
)

SECOND = 1_000_000_000
BYE = (CLOSE, struct.pack("!H", 3000) + b"bye")


class App:
    """Accepts, does `acts`, and keeps what it saw."""

    def __init__(self, acts: Callable[[App], Awaitable[None]]) -> None:
        self._acts = acts
        self.saw: list[Any] = []
        self.receive: Any = None
        self.send: Any = None
        self.go = asyncio.Event()
        self.over = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.receive, self.send = receive, send
        await receive()
        try:
            await send({"type": "websocket.accept"})
            await self._acts(self)
        finally:
            self.over.set()

    async def read(self) -> dict[str, Any]:
        message: dict[str, Any] = await self.receive()
        self.saw.append(message.get("text", message.get("code")))
        return message

    async def say(self, text: str) -> None:
        try:
            await self.send({"type": "websocket.send", "text": text})
        except OSError as error:
            self.saw.append(type(error).__name__)


async def listens(app: App) -> None:
    while (await app.read())["type"] == "websocket.receive":
        pass
    await app.say("late")


async def closes(app: App) -> None:
    await app.read()
    await app.send({"type": "websocket.close", "code": 3000, "reason": "bye"})
    await app.read()
    await app.say("late")


@asynccontextmanager
async def open_to(app: App, **options: Any) -> AsyncIterator[tuple[Serving, Client]]:
    async with serving(app, **options) as running:
        client = await running.connect()
        await client.send(handshake())
        await asyncio.wait_for(client.reader.readuntil(b"\r\n\r\n"), PATIENCE)
        yield running, client


async def over(app: App) -> None:
    await asyncio.wait_for(app.over.wait(), PATIENCE)


async def next_frame(client: Client) -> tuple[int, bytes]:
    head = await asyncio.wait_for(client.reader.readexactly(2), PATIENCE)
    (found,) = frames_in(head + await asyncio.wait_for(client.reader.readexactly(head[1]), PATIENCE))
    return found


async def test_the_client_closes_first() -> None:
    app = App(listens)
    async with open_to(app) as (_, client):
        await client.send(close(4000, b"done"))
        assert frames_in(await client.read_all()) == [(CLOSE, struct.pack("!H", 4000) + b"done")]
        await over(app)
    assert app.saw == [4000, "ClientGone"]


async def test_the_server_closes_first_and_ends_once_the_client_has_answered() -> None:
    app = App(closes)
    async with open_to(app) as (_, client):
        await client.send(frame(TEXT, b"go"))
        assert await next_frame(client) == BYE
        await client.send(frame(TEXT, b"on its way") + frame(PING) + close(3000))
        assert await client.read_all() == b""
        await over(app)
    assert app.saw == ["go", 3000, "ClientGone"]


async def test_both_close_at_once_and_each_says_so_once() -> None:
    app = App(closes)
    async with open_to(app) as (_, client):
        await client.send(frame(TEXT, b"go"))
        await asyncio.wait_for(client.reader.readexactly(7), PATIENCE)  # the client has not read it when it closes
        await client.send(close(1001))
        assert await client.read_all() == b""
    assert app.saw == ["go", 3000, "ClientGone"]


async def test_a_client_that_does_not_answer_a_close_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_websocket, "LINGER", 0.01)
    app = App(closes)
    async with open_to(app) as (_, client):
        await client.send(frame(TEXT, b"go"))
        assert frames_in(await client.read_all()) == [BYE]


@pytest.mark.parametrize("way", ["close", "half", "reset"])
async def test_a_client_that_goes_without_a_close_is_1006(way: str) -> None:
    app = App(listens)
    async with open_to(app) as (running, client):
        if way == "half":
            client.writer.write_eof()
            assert await client.read_all() == b""
        elif way == "close":
            await client.close()
        else:
            sock = client.writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.writer.transport.abort()
        await over(app)
        (exchange,) = await running.ended()
        assert running.end(exchange).outcome == "done"
    assert app.saw == [1006, "ClientGone"]


async def test_a_client_that_leaves_in_the_middle_of_a_message_is_1006() -> None:
    app = App(listens)
    async with open_to(app) as (_, client):
        await client.send(frame(TEXT, b"whole") + frame(TEXT, b"part", fin=False) + b"\x80")
        client.writer.write_eof()
        assert await client.read_all() == b""
        await over(app)
    assert app.saw == ["whole", 1006, "ClientGone"]


async def test_a_client_that_leaves_before_the_accept_leaves_no_connection_behind() -> None:
    async def waits(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        saw.append((await receive())["code"])  # there is nothing else to wait for here
        await send({"type": "websocket.accept"})
        saw.append((await receive())["code"])

    saw: list[int] = []
    async with serving(waits) as running:
        client = await running.connect()
        client.writer.write(handshake())
        client.writer.write_eof()
        answer = await client.read_all()
        await running.ended()
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert answer.endswith(b"\r\n\r\n")  # no ping: nothing waited for a client that has gone
    assert saw == [1006, 1006]


async def test_at_a_stop_clients_are_told_1012() -> None:
    app = App(listens)
    async with open_to(app) as (running, client):
        stopping = asyncio.ensure_future(running.server.stop(0.0, asyncio.Event()))
        data = await client.read_all()
        await stopping
        await over(app)
    assert frames_in(data) == [(CLOSE, struct.pack("!H", 1012) + b"the server stops")]
    assert app.saw == [1012, "ClientGone"]


async def test_what_came_before_a_mistake_is_answered_before_it_is_told() -> None:
    async def echoes(app: App) -> None:
        while (message := await app.read())["type"] == "websocket.receive":
            await asyncio.sleep(0)  # an app that takes a few turns
            await app.say(message["text"])

    app = App(echoes)
    async with open_to(app) as (_, client):
        await client.send(frame(TEXT, b"one") + frame(TEXT, b"two") + frame(TEXT, b"\xff") + frame(TEXT, b"late"))
        assert frames_in(await client.read_all()) == [
            (TEXT, b"one"),
            (TEXT, b"two"),
            (CLOSE, struct.pack("!H", 1007) + b"text that is not UTF-8"),
        ]
    assert app.saw == ["one", "two", 1007]


async def test_an_app_that_does_not_listen_delays_it_for_a_moment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_websocket, "LINGER", 0.01)

    async def sleeps(app: App) -> None:
        await app.go.wait()

    app = App(sleeps)
    async with open_to(app) as (_, client):
        await client.send(frame(TEXT, b"one") + b"\xff\xff")
        (told,) = frames_in(await client.read_all())
        assert told[1][:2] == struct.pack("!H", 1002)
        app.go.set()
        await over(app)


async def test_a_client_that_goes_on_sending_reads_why_it_was_refused() -> None:
    """Bytes that nobody reads would make the kernel reset the connection, and the close frame with it."""
    app = App(listens)
    async with open_to(app, terms=Terms(max_size=100_000)) as (_, client):
        client.writer.write(frame(TEXT, b"a" * 1_000_000, mask=bytes(4)))
        assert frames_in(await client.read_all()) == [
            (CLOSE, struct.pack("!H", 1009) + b"a message of more than 100,000 bytes")
        ]
        await over(app)
    assert app.saw == [1009, "ClientGone"]


# Pings of the server; the clock is that of `Server.expire`.


async def test_a_silent_client_is_pinged_and_one_that_stays_silent_is_closed() -> None:
    app = App(listens)
    async with open_to(app) as (running, client):
        now = clock.now()
        running.server.expire(now + 19 * SECOND)
        running.server.expire(now + 21 * SECOND)
        opcode, payload = await next_frame(client)
        assert opcode == PING
        running.server.expire(now + 40 * SECOND)
        assert not app.over.is_set()
        running.server.expire(now + 42 * SECOND)
        assert frames_in(await client.read_all()) == [(CLOSE, struct.pack("!H", 1011) + b"keepalive ping timeout")]
        await over(app)
    assert app.saw == [1011, "ClientGone"]
    assert payload


async def test_a_client_that_answers_stays() -> None:
    async def echoes(app: App) -> None:
        while (message := await app.read())["type"] == "websocket.receive":
            await app.say(message["text"])

    async with open_to(App(echoes)) as (running, client):
        running.server.expire(clock.now() + 21 * SECOND)
        _, payload = await next_frame(client)
        await client.send(frame(PONG, payload) + frame(TEXT, b"here"))
        assert await next_frame(client) == (TEXT, b"here")  # so the pong was read
        running.server.expire(clock.now() + 21 * SECOND)
        assert (await next_frame(client))[0] == PING  # and not: closed


async def test_a_client_that_the_app_does_not_read_from_is_not_called_silent() -> None:
    """Its pong may be behind what waits for the app."""

    async def waits(app: App) -> None:
        await app.go.wait()
        await app.read()

    app = App(waits)
    async with open_to(app) as (running, client):
        client.writer.write(frame(TEXT, b"a" * 60_000) * 40)
        (connection,) = running.server._connections
        await asyncio.wait_for(_paused(connection), PATIENCE)
        for seconds in (21, 42, 63, 84):
            running.server.expire(clock.now() + seconds * SECOND)
        assert connection.websocket is not None
        assert not connection.websocket._ws.closed
        app.go.set()
        await over(app)


async def _paused(connection: Any) -> None:
    while not connection._paused:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0)


async def test_a_client_that_reads_slowly_is_not_called_silent() -> None:
    """The ping is behind what it reads."""

    async def sends(app: App) -> None:
        await app.send({"type": "websocket.send", "bytes": bytes(16 << 20)})
        await app.read()

    app = App(sends)
    async with open_to(app) as (running, client):
        (connection,) = running.server._connections
        await client.reader.readexactly(1)
        now = clock.now()
        backlog = connection.transport.get_write_buffer_size()
        assert backlog
        running.server.expire(now + 21 * SECOND)
        while connection.transport.get_write_buffer_size() >= backlog:
            await asyncio.wait_for(client.reader.readexactly(65_536), PATIENCE)
        running.server.expire(now + 42 * SECOND)
        assert not app.saw
        assert connection.websocket is not None
        assert connection.websocket.open
        running.server.expire(now + 63 * SECOND)  # pinged again: it reads no more
        running.server.expire(now + 84 * SECOND)
        running.server.expire(now + 105 * SECOND)
        await client.close()
        await over(app)
    assert app.saw == [1011]


async def test_pings_can_be_off() -> None:
    async with open_to(App(listens), terms=Terms(ping_interval_ns=0)) as (running, client):
        running.server.expire(clock.now() + 10_000 * SECOND)
        await client.send(frame(PING, b"still"))
        assert await next_frame(client) == (PONG, b"still")


# Handshakes that the app denies, and subprotocols.


async def test_a_denial_in_parts_arrives_whole_and_the_connection_serves_on() -> None:
    async def denies(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})
            return
        await receive()
        headers = [(b"x-why", b"closed")]
        await send({"type": "websocket.http.response.start", "status": 503, "headers": headers})
        for part in (b"shop ", b"is ", b"closed"):
            await send({"type": "websocket.http.response.body", "body": part, "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "websocket.http.response.body"})

    async with serving(denies) as running:
        client = await running.connect()
        await client.send(handshake())
        head, body = await client.read_response()
        assert head.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nx-why: closed\r\n" in head
        assert body == b"shop is closed"
        await client.send(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
        assert (await client.read_response())[0].startswith(b"HTTP/1.1 200 ")
        denied, _ = await running.ended(2)
        sent = [(type_, body) for direction, type_, _, body in running.messages(denied) if direction == "send"]
        assert [body for _, body in sent] == [b"", b"shop ", b"is ", b"closed", b""]


async def test_an_app_that_picks_what_was_not_offered_is_told_and_may_pick_again() -> None:
    async def picks(scope: Any, receive: Any, send: Any) -> None:
        saw.append(scope["subprotocols"])
        await receive()
        try:
            await send({"type": "websocket.accept", "subprotocol": "soap"})
        except RuntimeError as error:
            saw.append(str(error))
        await send({"type": "websocket.accept", "subprotocol": "b"})

    saw: list[Any] = []
    async with serving(picks) as running:
        client = await running.connect()
        await client.send(handshake(b"Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n"))
        head = await client.reader.readuntil(b"\r\n\r\n")
    assert b"\r\nSec-WebSocket-Protocol: b\r\n" in head
    assert saw == [["a", "b"], "the subprotocol 'soap' was not offered; the client offers: a, b"]


async def test_a_compressed_message_is_recorded_as_the_app_sees_it() -> None:
    async def echoes(app: App) -> None:
        await app.say((await app.read())["text"])

    app = App(echoes)
    async with serving(app) as running:
        client = await running.connect()
        await client.send(handshake(DEFLATE))
        await client.reader.readuntil(b"\r\n\r\n")
        text = "shop " * 1000
        await client.send(frame(TEXT, deflated(text.encode()), rsv=4))
        head = await asyncio.wait_for(client.reader.readexactly(2), PATIENCE)
        assert head[0] == 0xC1
        assert head[1] < 60  # 5,000 bytes, compressed
        await over(app)
        (exchange,) = await running.ended()
        told = running.messages(exchange)
    assert ("receive", "websocket.receive", {}, text.encode()) in told
    assert ("send", "websocket.send", {}, text.encode()) in told
