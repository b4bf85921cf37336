"""Clients that take too long, by the clock that the server is given: nothing here waits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from inspector.engine.host.connection import Connection
from inspector.engine.wire.patience import HEAD_NS, IDLE_NS, REST_NS
from inspector.engine.wire.websocket import Terms
from inspector.trace import clock
from tests.support.serving import PATIENCE, Serving, serving
from tests.support.waiting import eventually_async

GET = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture(autouse=True)
def arrived(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes the server has got, piece by piece."""
    sizes: list[int] = []
    real = Connection.buffer_updated

    def buffer_updated(connection: Connection, nbytes: int) -> None:
        sizes.append(nbytes)
        real(connection, nbytes)

    monkeypatch.setattr(Connection, "buffer_updated", buffer_updated)
    return sizes


async def at_the_server(running: Serving, arrived: list[int], count: int = 1) -> None:
    """Wait until `count` connections are there, and all that clients sent was read."""
    await eventually_async(lambda: running.server.connections >= count and sum(arrived) == running.sent)


async def test_a_head_that_does_not_end_is_answered_with_408(arrived: list[int]) -> None:
    async with serving(hello) as running:
        client = await running.connect()
        await client.send(b"GET / HTTP/1.1\r\nX: ")
        await at_the_server(running, arrived)
        for part in range(1, 5):  # bytes on the way buy no time
            await client.send(b"slow")
            running.server.expire(clock.now() + part * HEAD_NS // 5)
        await at_the_server(running, arrived)
        running.server.expire(clock.now() + HEAD_NS + 1)
        answer = await client.read_all()
        assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        (exchange,) = await running.ended()
        end = running.end(exchange)
        assert (end.outcome, end.status) == ("refused", 408)
        assert running.messages(exchange)[0][2]["raw"].endswith(b"slow" * 4)


async def test_a_crowd_of_slow_heads_stops_nobody_and_goes(arrived: list[int]) -> None:
    crowd = 200
    async with serving(hello) as running:
        slow = [await running.connect() for _ in range(crowd)]
        for client in slow:
            await client.send(b"GET / HTTP/1.1\r\nX: ")
        assert (await running.get(GET))[1] == b"ok"
        await at_the_server(running, arrived, crowd)
        running.server.expire(clock.now() + HEAD_NS + 1)
        answers = await asyncio.gather(*(client.read_all() for client in slow))
        assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in answers)


async def test_an_idle_connection_is_closed_without_a_word_or_an_exchange(arrived: list[int]) -> None:
    async with serving(hello) as running:
        fresh, used = await running.connect(), await running.connect()
        await used.send(GET)
        await used.read_response()
        await at_the_server(running, arrived, 2)
        running.server.expire(clock.now() + IDLE_NS - 1_000_000_000)
        assert running.server.connections == 2
        running.server.expire(clock.now() + IDLE_NS + 1)
        assert await fresh.read_all() == b""
        assert await used.read_all() == b""
        assert len(await running.ended()) == 1


async def test_no_clock_runs_while_a_request_is_served(arrived: list[int]) -> None:
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await go.wait()
        while (await receive())["more_body"]:
            pass
        await hello(scope, receive, send)

    async with serving(app) as running:
        slow, upload, pipelined = [await running.connect() for _ in range(3)]
        await slow.send(GET)
        await upload.send(b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\na")
        await pipelined.send(GET + b"GET / HTTP/1.1\r\n")
        await at_the_server(running, arrived, 3)
        running.server.expire(clock.now() + 1000 * IDLE_NS)
        go.set()
        await upload.send(b"bc")
        assert (await slow.read_response())[1] == b"ok"
        assert (await upload.read_response())[1] == b"ok"
        # What waited for the response before it has its whole time from there on.
        assert (await pipelined.read_response())[1] == b"ok"
        await pipelined.send(b"Host: shop\r\n\r\n")
        assert (await pipelined.read_response())[1] == b"ok"


async def test_half_a_head_that_waited_for_a_long_response_gets_its_time() -> None:
    async with serving(hello) as running:
        client = await running.connect()
        await client.send(GET + b"GET / HTTP/1.1\r\n")
        await client.read_response()
        (connection,) = running.server._connections
        connection._idle_ns = clock.now() + 10 * HEAD_NS  # the response ended then
        running.server.expire(clock.now() + 10 * HEAD_NS + 1_000_000_000)
        await client.send(b"Host: shop\r\n\r\n")
        assert (await client.read_response())[1] == b"ok"


async def test_the_rest_of_a_body_that_nobody_wants_is_not_awaited_for_ever() -> None:
    async with serving(hello) as running:
        client = await running.connect()
        await client.send(b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\na")
        assert (await client.read_response())[1] == b"ok"
        running.server.expire(clock.now() + REST_NS - 1_000_000_000)
        assert not client.reader.at_eof()
        running.server.expire(clock.now() + REST_NS + 1)
        assert await client.read_all() == b""


async def test_a_websocket_that_is_not_pinged_may_be_silent() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": str(len(await receive()))})

    async with serving(app, terms=Terms(ping_interval_ns=0)) as running:
        client = await running.connect()
        await client.send(
            b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        await client.reader.readuntil(b"\r\n\r\n")
        running.server.expire(clock.now() + 1000 * IDLE_NS)
        await client.send(b"\x81\x81\0\0\0\0a")
        assert (await client.reader.readexactly(3)) == b"\x81\x012"


async def test_the_server_looks_by_itself_and_stops_looking_at_the_end(monkeypatch: Any) -> None:
    monkeypatch.setattr("inspector.engine.host.listener.SWEEP", 0.01)
    looks = asyncio.Event()
    async with serving(hello) as running:
        monkeypatch.setattr(running.server, "expire", lambda _now: looks.set())
        await asyncio.wait_for(looks.wait(), PATIENCE)
    assert running.server._next_sweep is not None
    assert running.server._next_sweep.cancelled()
