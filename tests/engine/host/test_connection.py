"""A real socket: keep-alive, pipelining, back-pressure, refusals, clients that leave."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from inspector.engine.stream import ClientGone
from inspector.trace import records
from inspector.trace.records import ExchangeStarted, MessageSeen, Wait
from tests.support.serving import PATIENCE, serving

GET = b"GET /%d HTTP/1.1\r\nHost: shop\r\n\r\n"
BIG = 1024 * 1024


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the path and the body."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    answer = scope["path"].encode() + body
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(answer))]})
    await send({"type": "http.response.body", "body": answer})


async def test_one_connection_serves_request_after_request() -> None:
    async with serving(echo) as running:
        client = await running.connect()
        for number in range(3):
            await client.send(GET % number)
            assert (await client.read_response())[1] == b"/%d" % number
        assert len({r.connection for r in running.sink.records if isinstance(r, ExchangeStarted)}) == 1


async def test_pipelined_requests_are_answered_in_their_order() -> None:
    async with serving(echo) as running:
        client = await running.connect()
        await client.send(b"".join(GET % number for number in range(20)))
        assert [(await client.read_response())[1] for _ in range(20)] == [b"/%d" % number for number in range(20)]


async def test_a_head_in_single_bytes_is_a_request() -> None:
    async with serving(echo) as running:
        client = await running.connect()
        for byte in GET % 1:
            await client.send(bytes([byte]))
        assert (await client.read_response())[1] == b"/1"


@pytest.mark.parametrize(
    "request_", [b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n"]
)
async def test_who_wants_the_connection_closed_gets_it_closed(request_: bytes) -> None:
    async with serving(echo) as running:
        client = await running.connect()
        await client.send(request_)
        assert (await client.read_all()).endswith(b"\r\n\r\n/")


async def test_100_continue_is_answered_when_the_app_first_asks() -> None:
    asked = asyncio.Event()
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked.set()
        await go.wait()
        await echo(scope, receive, send)

    async with serving(app) as running:
        client = await running.connect()
        await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        await asyncio.wait_for(asked.wait(), PATIENCE)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.reader.readline(), 0.05)
        go.set()
        assert (
            await asyncio.wait_for(client.reader.readuntil(b"\r\n\r\n"), PATIENCE) == b"HTTP/1.1 100 Continue\r\n\r\n"
        )
        await client.send(b"ok")
        assert (await client.read_response())[1] == b"/ok"


async def test_a_refused_request_is_answered_and_is_an_exchange_of_its_own() -> None:
    async with serving(echo) as running:
        client = await running.connect()
        await client.send(GET % 1 + b"BAD\r\n\r\n")
        assert (await client.read_response())[1] == b"/1"
        rest = await client.read_all()
        assert rest.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        ids = await running.ended(2)
        (started,) = running.of(ids[1], ExchangeStarted)
        assert started.head == b"BAD\r\n\r\n"
        assert (running.end(ids[1]).outcome, running.end(ids[1]).status) == ("refused", 400)
        assert (await running.get(GET % 2))[1] == b"/2"


async def test_a_malformed_chunk_ends_the_request_under_way() -> None:
    async with serving(echo) as running:
        client = await running.connect()
        await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n")
        assert b" 400 Bad Request" in await client.read_all()
        (exchange,) = await running.ended()
        assert "http.disconnect" in [message[1] for message in running.messages(exchange)]


async def test_a_client_that_does_not_read_stops_the_app() -> None:
    sent = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal sent
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(32):
            await send({"type": "http.response.body", "body": bytes(BIG), "more_body": True})
            sent += 1
        await send({"type": "http.response.body"})

    async with serving(app, body_cap=1000) as running:
        client = await running.connect(limit=BIG)
        await client.send(GET % 1)
        await running.sink.until(lambda all_: any(isinstance(r, ExchangeStarted) for r in all_))
        (exchange,) = [r.exchange for r in running.sink.records if isinstance(r, ExchangeStarted)]

        def waits() -> bool:
            told = [wait.done for wait in running.of(exchange, Wait) if wait.point == records.SEND]
            return client.reader._paused and bool(told) and not told[-1]  # type: ignore[attr-defined]

        await running.sink.until(lambda _: waits())
        assert sent < 16
        _, body = await client.read_response()
        assert len(body) == 32 * BIG
        await running.ended()
        assert [wait.done for wait in running.of(exchange, Wait) if wait.point == records.SEND][-1] is True
        told = [m for m in running.of(exchange, MessageSeen) if m.type == "http.response.body"]
        assert [(m.size, m.stored) for m in told] == [(BIG, 1000), *[(BIG, 0)] * 31, (0, 0)]


async def test_a_body_that_the_app_does_not_read_stops_the_client() -> None:
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await go.wait()
        read, more = 0, True
        while more:
            message = await receive()
            read, more = read + len(message["body"]), message["more_body"]
        answer = b"%d" % read
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(answer))]}
        )
        await send({"type": "http.response.body", "body": answer})

    async with serving(app, body_cap=1000) as running:
        client = await running.connect()
        size = 32 * BIG
        client.writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.writer.drain(), 0.3)
        go.set()
        await asyncio.wait_for(client.writer.drain(), PATIENCE)
        assert (await client.read_response())[1] == b"%d" % size


async def test_a_body_that_is_not_read_is_read_away_and_the_connection_kept() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    async with serving(app) as running:
        client = await running.connect()
        await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
        await client.read_response()
        await client.send(bytes(100_000) + GET % 1)
        assert (await client.read_response())[0].startswith(b"HTTP/1.1 200")


async def test_a_client_that_leaves_is_told_to_receive_and_send() -> None:
    seen: list[object] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        seen.append(await receive())
        try:
            while True:
                await send({"type": "http.response.body", "body": b"x", "more_body": True})
                await asyncio.sleep(0)
        except OSError as error:
            seen.append(type(error))

    async with serving(app) as running:
        client = await running.connect()
        await client.send(GET % 1)
        await client.reader.readuntil(b"x")
        await client.close()
        (exchange,) = await running.ended()
        assert seen == [{"type": "http.disconnect"}, ClientGone]
        assert running.end(exchange).outcome == "client left"


async def test_a_client_that_closes_its_half_still_gets_its_response() -> None:
    async with serving(echo) as running:
        client = await running.connect()
        await client.send(GET % 1)
        client.writer.write_eof()
        assert (await client.read_all()).endswith(b"/1")


async def test_a_head_alone_goes_out_at_the_end_of_its_turn_and_is_told() -> None:
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await go.wait()
        await send({"type": "http.response.body", "body": b"ok"})

    async with serving(app) as running:
        client = await running.connect()
        await client.send(GET % 1)
        assert await asyncio.wait_for(client.reader.readuntil(b"\r\n\r\n"), PATIENCE)
        await running.sink.until(lambda all_: any(isinstance(r, records.Wired) for r in all_))
        go.set()
        assert await client.reader.readexactly(2) == b"ok"


async def test_a_head_and_its_body_of_the_same_turn_are_one_write() -> None:
    async with serving(echo) as running:
        client = await running.connect()
        await client.send(GET % 1)
        await client.read_response()
        (exchange,) = await running.ended()
        assert not running.of(exchange, records.Wired)
        assert running.end(exchange).wired_seq == 3


async def test_many_clients_at_once() -> None:
    async with serving(echo) as running:
        answers = await asyncio.gather(*(running.get(GET % number) for number in range(64)))
        assert [body for _, body in answers] == [b"/%d" % number for number in range(64)]


async def test_stop_closes_idle_connections_and_lets_requests_end() -> None:
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await go.wait()
        await echo(scope, receive, send)

    async with serving(app) as running:
        idle, busy = await running.connect(), await running.connect()
        await busy.send(GET % 1)
        await running.sink.until(lambda all_: any(isinstance(r, ExchangeStarted) for r in all_))
        stopping = asyncio.ensure_future(running.server.stop(PATIENCE, asyncio.Event()))
        assert await idle.read_all() == b""
        go.set()
        assert (await busy.read_response())[1] == b"/1"
        await asyncio.wait_for(stopping, PATIENCE)
        with pytest.raises(OSError, match=r"refused|Connect call failed"):
            await running.connect()


async def test_stop_cancels_what_does_not_end() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    async with serving(app) as running:
        client = await running.connect()
        await client.send(GET % 1)
        await running.sink.until(lambda all_: any(isinstance(r, ExchangeStarted) for r in all_))
        hurry = asyncio.Event()
        hurry.set()
        await running.server.stop(0.0, hurry)
        (exchange,) = await running.ended()
        assert running.end(exchange).outcome == "stopped"


async def test_no_delay_is_set() -> None:
    async with serving(echo) as running:
        client = await running.connect()
        await client.send(GET % 1)
        await client.read_response()
        (connection,) = running.server._connections
        raw = connection.transport.get_extra_info("socket")
        assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_a_request_that_breaks_off_is_recorded_with_the_status_that_went_out() -> None:
    async with serving(echo) as running:
        client = await running.connect()
        await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n")
        assert (await client.read_all()).startswith(b"HTTP/1.1 400 ")
        (exchange,) = await running.ended()
        end = running.end(exchange)
        assert (end.outcome, end.status) == ("refused", 400)
        assert end.text.startswith("answered with 400: ")


async def test_who_is_answered_before_the_end_of_a_long_upload_can_read_the_answer() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"8")]})
        await send({"type": "http.response.body", "body": b"too much"})

    async with serving(app) as running:
        client = await running.connect()
        client.writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n" + bytes(2_000_000))
        assert (await client.read_response())[1] == b"too much"


async def test_a_fault_of_ours_ends_one_exchange_and_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    async with serving(echo) as running:
        write = running.server.recorder.write

        def failing(record: records.Record) -> None:
            if isinstance(record, MessageSeen) and record.exchange == 1:
                raise ValueError("no room for that")
            write(record)

        running.server.recorder.write = failing
        client = await running.connect()
        await client.send(GET % 1)
        assert await client.read_all() == b""
        (exchange,) = await running.ended()
        assert running.end(exchange).outcome == "broken"
        assert "a fault of Inspector, not of the app" in running.end(exchange).text
        assert (await running.get(GET % 2))[1] == b"/2"
    assert "no room for that" in capfd.readouterr().err
