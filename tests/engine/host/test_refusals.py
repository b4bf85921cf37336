"""Requests that go wrong on a real socket: in the middle, at half a close, while the response is under way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from inspector.engine.stream import ClientGone, ResponseHead
from inspector.trace.records import ExchangeStarted, Failure
from tests.support.serving import PATIENCE, serving

GET = b"GET /%d HTTP/1.1\r\nHost: shop\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n"


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


async def test_half_a_head_before_the_end_is_refused_and_told() -> None:
    async with serving(hello) as running:
        client = await running.connect()
        await client.send(b"GET / HTTP/1.1\r\nHost: shop\r\n")
        client.writer.write_eof()
        assert (await client.read_all()).startswith(b"HTTP/1.1 400 ")
        (exchange,) = await running.ended()
        (told,) = running.messages(exchange)
        assert told[2]["message"] == "the client closed in the middle of the head"
        assert told[2]["offset"] == len(told[2]["raw"]) == 28


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\r"])
async def test_who_closes_without_a_request_is_no_exchange(data: bytes) -> None:
    async with serving(hello) as running:
        client = await running.connect()
        if data:
            await client.send(data)
        client.writer.write_eof()
        assert await client.read_all() == b""
        assert not running.sink.records


async def test_pipelined_requests_before_half_a_close_are_all_answered() -> None:
    async with serving(hello) as running:
        client = await running.connect()
        client.writer.write(b"".join(GET % number for number in range(5)))
        client.writer.write_eof()
        assert (await client.read_all()).count(b"HTTP/1.1 200 ") == 5


async def test_an_app_whose_client_breaks_the_body_is_told_that_it_is_gone() -> None:
    seen: list[object] = []
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        while message["type"] == "http.request":
            seen.append(message["body"])
            message = await receive()
        seen.append(message["type"])
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        except OSError as error:
            seen.append(type(error))
            raise
        finally:
            go.set()

    async with serving(app) as running:
        client = await running.connect()
        await client.send(CHUNKED + b"5\r\nhello\r\n")
        await running.sink.until(lambda _: seen)
        await client.send(b"5\r\nworld!\r\n")
        assert (await client.read_all()).startswith(b"HTTP/1.1 400 ")
        await asyncio.wait_for(go.wait(), PATIENCE)
        (exchange,) = await running.ended()
        assert b"".join(one for one in seen if isinstance(one, bytes)) == b"helloworld"
        assert seen[-2:] == ["http.disconnect", ClientGone]
        end = running.end(exchange)
        assert (end.outcome, end.status) == ("refused", 400)
        assert not running.of(exchange, Failure)
        _, type_, told, _ = running.messages(exchange)[-1]
        assert type_ == "refused"
        # Counted from the request's first byte; the excerpt begins where its framing broke.
        assert told["raw"] == b"!\r\n"
        assert told["offset"] == told["raw_offset"] == len(CHUNKED + b"5\r\nhello\r\n5\r\nworld")


async def test_a_head_that_stays_back_when_the_body_breaks_never_goes_out(caplog: pytest.LogCaptureFixture) -> None:
    started = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] == "http.request":
            started.set()
        await asyncio.sleep(0)

    async with serving(app) as running:
        client = await running.connect()
        await client.send(CHUNKED + b"1\r\na\r\n")
        await asyncio.wait_for(started.wait(), PATIENCE)
        (connection,) = running.server._connections
        stream = connection.stream
        assert stream is not None
        stream.put(ResponseHead(200))
        connection.http.receive_data(b"zz\r\n", 1)
        connection._pump()
        assert (await client.read_all()).count(b"HTTP/1.1 ") == 1
    assert not caplog.records


async def test_a_body_that_breaks_while_the_response_is_under_way_cuts_it_visibly() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"part", "more_body": True})
        while (await receive())["type"] == "http.request":
            pass
        await send({"type": "http.response.body", "body": b"rest"})

    async with serving(app) as running:
        client = await running.connect()
        await client.send(CHUNKED)
        await client.reader.readuntil(b"part\r\n")
        await client.send(b"zz\r\n")
        assert await client.read_all() == b""  # no last chunk: no client takes it for whole
        (exchange,) = await running.ended()
        assert running.end(exchange).outcome == "client left"
        assert running.messages(exchange)[-1][1] == "refused"


async def test_a_refused_head_request_gets_no_body() -> None:
    async with serving(hello) as running:
        client = await running.connect()
        await client.send(b"HEAD / HTTP/1.1\r\n\r\n")
        answer = await client.read_all()
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("method", [b"HEAD", b"POST"])
async def test_a_broken_body_is_answered_with_text_but_for_head(method: bytes) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] == "http.request":
            pass

    async with serving(app) as running:
        client = await running.connect()
        await client.send(CHUNKED.replace(b"POST", method) + b"zz\r\n")
        assert (await client.read_all()).endswith(b"\r\n\r\n") is (method == b"HEAD")


async def test_what_follows_a_head_request_is_refused_with_text() -> None:
    async with serving(hello) as running:
        client = await running.connect()
        await client.send(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\nBAD\r\n\r\n")
        assert (await client.read_all()).endswith(b"(RFC 9112, 3.1; byte 3)\n")


async def test_the_answer_to_a_refused_request_says_what_and_where() -> None:
    async with serving(hello) as running:
        client = await running.connect()
        await client.send(b"GET / HTTP/1.1\r\nHost: shop\r\nX : y\r\n\r\n")
        answer = await client.read_all()
        told = b"400 Bad Request: a blank between a field name and its colon (RFC 9112, 5.1; byte 29)\n"
        assert answer.endswith(b"\r\n\r\n" + told)
        (exchange,) = await running.ended()
        assert running.end(exchange).text == (
            "answered with 400: a blank between a field name and its colon (RFC 9112, 5.1; byte 29)"
        )


async def test_a_large_head_that_goes_wrong_late_is_recorded_from_its_start_and_around_the_place() -> None:
    data = b"GET /late HTTP/1.1\r\nHost: shop\r\nX: " + b"x" * 50_000 + b"\r\nBAD\r\n\r\n"
    async with serving(hello) as running:
        client = await running.connect()
        await client.send(data)
        assert (await client.read_all()).startswith(b"HTTP/1.1 400 ")
        (exchange,) = await running.ended()
        (started,) = running.of(exchange, ExchangeStarted)
        assert started.head == data[:4096]
        told = running.messages(exchange)[0][2]
        at = told["offset"] - told["raw_offset"]
        assert told["raw"][at : at + 3] == b"BAD"


async def test_the_host_of_an_absolute_target_is_the_one_that_the_app_gets() -> None:
    got: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        got.append(scope)
        await hello(scope, receive, send)

    async with serving(app) as running:
        await running.get(b"GET http://b:81/c%20d?e HTTP/1.1\r\nX: y\r\nHost: a\r\n\r\n")
        (scope,) = got
        assert scope["headers"] == [(b"x", b"y"), (b"host", b"b:81")]
        assert (scope["path"], scope["raw_path"], scope["query_string"]) == ("/c d", b"/c%20d", b"e")


async def test_http_1_2_is_served_as_1_1() -> None:
    got: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        got.append(scope["http_version"])
        await hello(scope, receive, send)

    async with serving(app) as running:
        await running.get(b"GET / HTTP/1.2\r\nHost: a\r\n\r\n")
        assert got == ["1.1"]


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (b"Sec-WebSocket-Version: 13\r\n", 400),
        (b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n", 400),
        (b"Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", 426),
        (b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: 1\r\n", 400),
    ],
)
async def test_a_websocket_handshake_that_is_none_is_refused(lines: bytes, status: int) -> None:
    async with serving(hello) as running:
        client = await running.connect()
        await client.send(
            b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: x, upgrade\r\n" + lines + b"\r\n"
        )
        assert (await client.read_all()).startswith(b"HTTP/1.1 %d " % status)
        (exchange,) = await running.ended()
        assert running.messages(exchange)[0][2]["section"].startswith("RFC 6455")


async def test_a_response_to_a_close_with_more_behind_it_arrives_whole() -> None:
    """The rest is not read, but closing on it at once would reset the connection under the response (RFC 9112, 9.6)."""
    size = 1 << 20

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % size)]})
        await send({"type": "http.response.body", "body": bytes(size)})

    async with serving(app) as running:
        client = await running.connect(limit=size)
        client.writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + GET % 1 * 20_000)
        assert len((await client.read_response())[1]) == size


@pytest.mark.parametrize("name", [b"Content-Length", b"Transfer-Encoding"])
async def test_no_content_has_no_length(name: bytes) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(name, b"chunked" if name.startswith(b"T") else b"5")]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b"hello"})

    async with serving(app) as running:
        client = await running.connect()
        await client.send(GET % 1 + b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        answers = await client.read_all()
        assert answers.count(b"HTTP/1.1 204 ") == 2
        assert name.lower() not in answers.lower()
        assert b"hello" not in answers
