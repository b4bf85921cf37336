"""Many requests on one connection, over a real socket: windows, back-pressure, resets, records, pushes, the ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from inspector.engine.gateway.wsgi import WSGIGateway
from inspector.engine.host.http2_stream import MAX_QUEUE
from inspector.engine.stream import ClientGone
from inspector.engine.wire import http2_frames
from inspector.engine.wire.http2_frames import PREFACE, frame
from inspector.engine.wire.http2_streams import STREAM_WINDOW
from inspector.engine.wire.patience import HEAD_NS, IDLE_NS
from inspector.trace import clock, records
from inspector.trace.records import ExchangeStarted, MessageSeen, Wait, Wired
from tests.support.http2_client import (
    END_HEADERS,
    HELLO,
    Got,
    connect,
    data,
    get,
    headers,
    number,
    packed,
    settings,
)
from tests.support.serving import PATIENCE, Serving, serving, serving_gateway
from tests.support.stepping import stepping_asgi

CANCEL = number(8)
START = {"type": "http.response.start", "status": 200, "headers": []}
NO_WINDOWS = HELLO + settings((4, 0))


def open_(stream: int, size: int) -> bytes:
    """Open the window of a stream."""
    return frame(http2_frames.WINDOW_UPDATE, 0, stream, number(size))


def reset(stream: int) -> bytes:
    return frame(http2_frames.RST_STREAM, 0, stream, CANCEL)


async def body_of(receive: Any) -> bytes | None:
    """The whole of a request's body; None where the client left."""
    read, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        read, more = read + message["body"], message["more_body"]
    return read


async def respond(send: Any, *parts: bytes, **start: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [], **start})
    for part in parts:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body"})


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body = await body_of(receive)
    if body is not None:
        await respond(send, b"%s %d" % (scope["path"].encode(), len(body)))


async def test_a_request_is_served_and_recorded_with_its_connection() -> None:
    scopes = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)
        await echo(scope, receive, send)

    async with serving(app) as running:
        client = await connect(running)
        client.send(headers(1, get(b"/a%20b?c=d", b"POST", (b"x-a", b"1")), END_HEADERS), data(1, b"hello"))
        assert await client.body(1) == ("200", b"/a b 5")
        client.send(headers(3, get(b"/b")))
        assert await client.body(3) == ("200", b"/b 0")
        one, two = await running.ended(2)
        started = [running.of(exchange, ExchangeStarted)[0] for exchange in (one, two)]
        assert [record.http_version for record in started] == ["2", "2"]
        assert started[0].connection == started[1].connection > 0
        assert started[0].head == b"POST /a%20b?c=d HTTP/2\r\nhost: shop\r\nx-a: 1\r\n\r\n"
        assert started[0].accepted_ns <= started[0].first_byte_ns <= started[0].head_ns
        scope = scopes[0]
        assert (scope["http_version"], scope["path"], scope["query_string"]) == ("2", "/a b", b"c=d")
        assert scope["headers"] == [(b"host", b"shop"), (b"x-a", b"1")]
        assert [message[:2] for message in running.messages(one)] == [
            ("call", "call"),
            ("receive", "http.request"),
            ("send", "http.response.start"),
            ("send", "http.response.body"),
            ("send", "http.response.body"),
            ("return", "return"),
        ]
        end = running.end(one)
        assert end.outcome == "done"
        assert 0 < end.first_out_ns <= end.last_out_ns
        assert end.wired_seq == 4


async def test_the_preface_may_come_in_pieces_and_what_only_resembles_it_is_http_1() -> None:
    async with serving(echo) as running:
        client = await connect(running, b"")
        for at in range(len(PREFACE)):
            client.send(PREFACE[at : at + 1])
            await client.writer.drain()
            await asyncio.sleep(0)
        client.send(HELLO[len(PREFACE) :], headers(1, get()))
        assert await client.body(1) == ("200", b"/ 0")
        plain = await running.connect()
        await plain.send(b"PRI")
        await running_has(running, 2)
        await plain.send(b" / HTTP/1.1\r\nHost: shop\r\n\r\n")
        assert (await plain.read_response())[0].startswith(b"HTTP/1.1 200 ")
        half = await running.connect()
        await half.send(PREFACE[:-1])
        half.writer.write_eof()
        assert (await half.read_all()).startswith(b"HTTP/1.1 505 ")


async def running_has(running: Serving, connections: int) -> None:
    async def there() -> None:
        while running.server.connections < connections:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)

    await asyncio.wait_for(there(), PATIENCE)


async def test_a_hundred_at_once() -> None:
    together = asyncio.Event()
    here = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal here
        here += 1
        if here == 100:
            together.set()
        await together.wait()
        await echo(scope, receive, send)

    async with serving(app) as running:
        client = await connect(running)
        client.send(*(headers(stream, get(b"/%d" % stream)) for stream in range(1, 201, 2)))
        for stream in range(1, 201, 2):
            assert await client.body(stream) == ("200", b"/%d 0" % stream)


async def test_a_stream_whose_client_does_not_read_stops_its_app_and_no_other() -> None:
    sent = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal sent
        if scope["path"] != "/big":
            await echo(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(100):
            await send({"type": "http.response.body", "body": bytes(10_000), "more_body": True})
            sent += 10_000
        await send({"type": "http.response.body"})

    async with serving(app) as running:
        client = await connect(running, NO_WINDOWS)
        client.send(headers(1, get(b"/big")))
        await running.sink.until(lambda all_: any(isinstance(one, Wait) for one in all_))
        assert MAX_QUEUE - 20_000 <= sent <= MAX_QUEUE + 10_000
        client.send(headers(3, get(b"/small")), open_(3, 100))
        assert await client.body(3) == ("200", b"/small 0")
        client.send(open_(1, 1_000_000), open_(0, 1_000_000))
        assert len((await client.body(1))[1]) == sent == 1_000_000
        (wait,) = [one for one in running.of(1, Wait) if not one.done][:1]
        assert wait.point == records.SEND


async def test_the_last_send_returns_when_the_client_has_it_and_the_marks_say_when() -> None:
    returned = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        await send({"type": "http.response.body", "body": b"two"})
        returned.set()

    async with serving(app) as running:
        client = await connect(running, NO_WINDOWS)
        client.send(headers(1, get()))
        await client.until("HEADERS", 1)
        await running.sink.until(lambda all_: any(isinstance(one, Wait) for one in all_))
        assert not returned.is_set()
        opened_ns = clock.now()
        client.send(open_(1, 3))
        assert (await client.until("DATA", 1)).told == b"one"
        assert not returned.is_set()
        client.send(open_(1, 3))
        assert (await client.until("DATA", 1)).told == b"two"
        await asyncio.wait_for(returned.wait(), PATIENCE)
        await running.ended()
        end = running.end(1)
        assert end.first_out_ns < opened_ns < end.last_out_ns
        assert end.wired_seq == 3
        (told,) = running.of(1, Wired)[-1:]
        assert told.seq == 3


async def test_an_upload_that_is_not_read_stops_its_stream_and_no_other() -> None:
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/slow":
            await go.wait()
        await echo(scope, receive, send)

    async with serving(app) as running:
        client = await connect(running)
        size = 16_384
        for stream in (1, 3, 5, 7, 9, 11, 13, 15, 17, 19):
            client.send(headers(stream, get(b"/slow", b"POST"), END_HEADERS))
            for _ in range(STREAM_WINDOW // size):
                client.send(data(stream, bytes(size), 0))
        client.send(headers(21, get(b"/quick", b"POST"), END_HEADERS))
        for _ in range(STREAM_WINDOW // size):
            client.send(data(21, bytes(size), 0))
        await client.until("WINDOW_UPDATE", 21)
        client.send(data(21, bytes(size)))
        assert await client.body(21) == ("200", b"/quick %d" % (STREAM_WINDOW + size))
        assert not [got for got in client.got if got.kind == "WINDOW_UPDATE" and got.stream not in (0, 21)]
        go.set()
        await client.until("WINDOW_UPDATE", 1)
        client.send(data(1, b"x"))
        assert await client.body(1) == ("200", b"/slow %d" % (STREAM_WINDOW + 1))


async def test_tiny_parts_of_a_body_that_waits_take_no_more_than_they_are() -> None:
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await go.wait()
        await echo(scope, receive, send)

    async with serving(app) as running:
        client = await connect(running)
        client.send(headers(1, get(b"/", b"POST"), END_HEADERS), *(data(1, b"ab", 0) for _ in range(20_000)))
        await running.sink.until(lambda all_: all_)
        (connection,) = running.server._connections
        stream = connection._http2._streams[1]  # type: ignore[attr-defined]
        while stream._waiting < 40_000:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        assert len(stream._body) < 100
        go.set()
        client.send(data(1))
        assert await client.body(1) == ("200", b"/ 40000")


@pytest.mark.parametrize("when", ["before the response", "in the middle"])
async def test_a_client_that_resets_has_left_and_no_other_stream_has(when: str) -> None:
    seen: list[Any] = []
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/other":
            await go.wait()
            await echo(scope, receive, send)
            return
        await body_of(receive)
        if when == "in the middle":
            await send(START)
            await send({"type": "http.response.body", "body": b"part", "more_body": True})
        seen.append((await receive())["type"])
        try:
            await send({"type": "http.response.body", "body": b"more"} if when == "in the middle" else START)
        except OSError as error:
            seen.append(type(error))
            raise

    async with serving(app) as running:
        client = await connect(running)
        client.send(headers(1, get(b"/other")), headers(3, get()))
        if when == "in the middle":
            await client.until("DATA", 3)
        client.send(reset(3))
        await running.ended()
        assert seen == ["http.disconnect", ClientGone]
        go.set()
        assert await client.body(1) == ("200", b"/other 0")
        assert running.end(2).outcome == "client left"


async def test_a_client_that_resets_while_the_end_waits_has_not_got_it() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(send, b"hello")

    async with serving(app) as running:
        client = await connect(running, NO_WINDOWS)
        client.send(headers(1, get()))
        await client.until("HEADERS", 1)
        await running.sink.until(lambda all_: any(isinstance(one, Wait) for one in all_))
        client.send(reset(1))
        await running.ended()
        end = running.end(1)
        assert (end.outcome, end.text) == ("client left", "the client left before it had the whole response")


async def test_a_connection_that_is_lost_ends_all_its_streams() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await body_of(receive)
        seen.append((await receive())["type"])

    async with serving(app) as running:
        client = await connect(running)
        client.send(*(headers(stream, get()) for stream in (1, 3, 5)))
        await running.sink.until(lambda all_: sum(isinstance(one, MessageSeen) for one in all_) == 6)
        await client.close()
        ids = await running.ended(3)
        assert seen == ["http.disconnect"] * 3
        assert {running.end(exchange).outcome for exchange in ids} == {"client left"}


async def test_an_app_that_fails_gets_a_500_before_and_a_reset_after_the_start() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/late":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"part", "more_body": True})
        if scope["path"] == "/short":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
            await send({"type": "http.response.body", "body": b"part"})
        if scope["path"] == "/ok":
            await echo(scope, receive, send)
            return
        raise ValueError("no")

    async with serving(app) as running:
        client = await connect(running)
        client.send(headers(1, get(b"/early")))
        assert await client.body(1) == ("500", b"Internal Server Error")
        client.send(headers(3, get(b"/late")))
        assert (await client.until("RST_STREAM", 3)).told == "INTERNAL_ERROR"
        client.send(headers(5, get(b"/short")))
        assert (await client.until("RST_STREAM", 5)).told == "INTERNAL_ERROR"
        client.send(headers(7, get(b"/ok")))
        assert await client.body(7) == ("200", b"/ok 0")
        ids = await running.ended(4)
        assert [running.end(exchange).outcome for exchange in ids] == ["app raised"] * 3 + ["done"]
        assert "the transfer was cut" in running.end(ids[1]).text
        assert "shorter than its Content-Length" in running.messages(ids[2])[-1][2]["exception"]["message"]


async def test_an_app_whose_request_turns_out_to_be_malformed_is_told_that_its_client_is_gone() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(await body_of(receive))

    async with serving(app) as running:
        client = await connect(running)
        client.send(headers(1, get(b"/", b"POST", (b"content-length", b"9")), END_HEADERS), data(1, b"hello"))
        assert (await client.until("RST_STREAM", 1)).told == "PROTOCOL_ERROR"
        await running.ended()
        assert seen == [None]
        assert running.end(1).text == (
            "the stream was reset with PROTOCOL_ERROR: the body is shorter than its Content-Length (RFC 9113, 8.1.1)"
        )


async def test_a_client_that_waits_for_100_gets_it_when_the_app_asks() -> None:
    async with serving(echo) as running:
        client = await connect(running)
        client.send(headers(1, get(b"/", b"POST", (b"expect", b"100-continue")), END_HEADERS))
        assert (await client.until("HEADERS", 1)).told == "100"
        client.send(data(1, b"hello"))
        assert await client.body(1) == ("200", b"/ 5")


async def test_wsgi_over_http_2() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        body = environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ["SERVER_PROTOCOL"].encode(), b" ", environ["HTTP_HOST"].encode(), b" %d" % len(body)]

    gateways = []

    def make(recorder: Any) -> WSGIGateway:
        gateways.append(WSGIGateway(app, 2, recorder))
        return gateways[0]

    async with serving_gateway(make) as running:
        client = await connect(running, NO_WINDOWS)
        client.send(headers(1, get(b"/", b"POST"), END_HEADERS), data(1, b"hello"))
        await client.until("HEADERS", 1)
        waits_ns = clock.now()
        client.send(open_(1, 100))
        status = b""
        while not (part := await client.until("DATA", 1)).ends:
            status += part.told  # type: ignore[operator]
        assert status + part.told == b"HTTP/2 shop 5"  # type: ignore[operator]
        await running.ended()
        assert running.end(1).outcome == "done"
        assert running.end(1).last_out_ns > waits_ns
        for gateway in gateways:
            await gateway.close()


# Stepping.


async def test_a_held_stream_stops_no_other_and_its_abort_resets_it_alone() -> None:
    async with stepping_asgi(echo) as (running, steps):
        steps.break_("path=/held")
        client = await connect(running)
        client.send(headers(1, get(b"/held")), headers(3, get(b"/free")))
        held = await steps.held()
        assert await client.body(3) == ("200", b"/free 0")
        steps.do("abort", hold=held.hold)
        assert (await client.until("RST_STREAM", 1)).told == "CANCEL"
        client.send(headers(5, get(b"/free")))
        assert await client.body(5) == ("200", b"/free 0")
        ids = await running.ended(3)
        end = running.end(ids[0])
        assert end.outcome == "aborted"
        assert end.text.startswith("you reset the stream at ")


# Pushes.


async def test_a_push_is_an_exchange_of_its_own() -> None:
    extensions = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        extensions.append(set(scope["extensions"]))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == "/":
            headers_ = [(b"accept", b"text/css")]
            await send({"type": "http.response.push", "path": "/stýle.css", "headers": headers_})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    async with serving(app) as running:
        client = await connect(running)
        client.send(headers(1, get()))
        promise = await client.until("PUSH_PROMISE", 1)
        assert promise.told == "GET"
        assert (b":path", b"/st%C3%BDle.css") in client.reading.promised[1]
        assert (b":authority", b"shop") in client.reading.promised[1]
        assert await client.body(1) == ("200", b"/")
        assert await client.body(2) == ("200", "/stýle.css".encode())
        one, two = await running.ended(2)
        assert "http.response.push" in [message[1] for message in running.messages(one)]
        assert running.of(two, ExchangeStarted)[0].head.startswith(b"GET /st%C3%BDle.css HTTP/2\r\nhost: shop\r\n")
        assert "http.response.push" in extensions[0]
        assert "http.response.push" not in extensions[1]  # a pushed response pushes nothing


async def test_no_push_is_announced_where_the_client_takes_none() -> None:
    extensions = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        extensions.append(set(scope["extensions"]))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.push", "path": "/a", "headers": []})

    async with serving(app) as running:
        client = await connect(running, HELLO + settings((2, 0)))
        client.send(headers(1, get()))
        assert (await client.body(1))[0] == "500"
        plain, _ = await running.get(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
        assert plain.startswith(b"HTTP/1.1 500 ")
        ids = await running.ended(2)
        assert not any("http.response.push" in one for one in extensions)
        assert all(
            "'http.response.push' was sent where" in running.messages(e)[-1][2]["exception"]["message"] for e in ids
        )


# The ends.


async def test_a_stop_says_goodbye_and_lets_what_is_under_way_end_well() -> None:
    go, started = asyncio.Event(), asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        started.set()
        await go.wait()
        await echo(scope, receive, send)

    async with serving(app) as running:
        client, idle = await connect(running), await connect(running)
        client.send(headers(1, get()))
        await idle.until("SETTINGS ACK")
        await asyncio.wait_for(started.wait(), PATIENCE)
        stopping = asyncio.create_task(running.server.stop(PATIENCE, asyncio.Event()))
        assert (await client.until("GOAWAY")).told == "NO_ERROR"
        client.send(headers(3, get()))
        assert (await client.until("RST_STREAM", 3)).told == "REFUSED_STREAM"
        assert (await idle.until("GOAWAY")).told == "NO_ERROR"
        await idle.rest()
        go.set()
        assert await client.body(1) == ("200", b"/ 0")
        await client.rest()
        await stopping
        assert running.end(1).outcome == "done"


async def test_a_stop_whose_grace_is_over_tells_the_app_and_cuts_the_stream() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await body_of(receive)
        await receive()
        await asyncio.Event().wait()

    async with serving(app) as running:
        client = await connect(running)
        client.send(headers(1, get()))
        await running.sink.until(lambda all_: sum(isinstance(one, MessageSeen) for one in all_) == 2)
        hurry = asyncio.Event()
        hurry.set()
        await running.server.stop(0.0, hurry)
        assert (await client.until("RST_STREAM", 1)).told == "INTERNAL_ERROR"
        await client.rest()
        assert running.end(1).outcome == "stopped"


async def test_an_idle_connection_is_closed_in_time_and_one_that_serves_is_not() -> None:
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await go.wait()
        await echo(scope, receive, send)

    async with serving(app) as running:
        client, idle = await connect(running), await connect(running)
        client.send(headers(1, get()))
        await running.sink.until(lambda all_: all_)
        await idle.until("SETTINGS ACK")
        running.server.expire(clock.now() + IDLE_NS + 1_000_000_000)
        assert (await idle.until("GOAWAY")).told == "NO_ERROR"
        await idle.rest()
        go.set()
        assert await client.body(1) == ("200", b"/ 0")


async def test_a_header_block_that_does_not_end_in_time_ends_the_connection() -> None:
    async with serving(echo) as running:
        client = await connect(running)
        client.send(frame(http2_frames.HEADERS, 1, 1, packed(get())))
        client.send()
        await client.until("SETTINGS ACK")
        (connection,) = running.server._connections
        http2 = connection._http2  # type: ignore[attr-defined]
        while not http2.http.in_block:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        running.server.expire(clock.now() + HEAD_NS + 1_000_000_000)
        assert (await client.until("GOAWAY")).told == "ENHANCE_YOUR_CALM"
        await client.rest()
        await running.ended()
        assert "a head was not complete within 60 s" in running.end(1).text


async def test_half_a_close_leaves_time_for_the_answer() -> None:
    go = asyncio.Event()
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = await body_of(receive)
        seen.append(body)
        if body is None:
            return
        await go.wait()
        await respond(send, b"late")

    async with serving(app) as running:
        client = await connect(running)
        client.send(headers(1, get()), headers(3, get(b"/", b"POST"), END_HEADERS))
        await running.sink.until(lambda all_: sum(isinstance(one, MessageSeen) for one in all_) >= 3)
        client.writer.write_eof()
        await running.ended()
        go.set()
        assert await client.body(1) == ("200", b"late")
        assert await client.rest() is not None
        assert sorted(seen, key=str) == [None, b""]


async def test_half_a_close_of_a_client_whose_windows_are_closed_ends_the_connection() -> None:
    async with serving(lambda scope, receive, send: respond(send, b"hello")) as running:
        client = await connect(running, NO_WINDOWS)
        client.send(headers(1, get()))
        await client.until("HEADERS", 1)
        await running.sink.until(lambda all_: any(isinstance(one, Wait) for one in all_))
        client.writer.write_eof()
        await client.rest()
        await running.ended()
        assert running.end(1).text == "the client left before it had the whole response"


async def test_a_goaway_of_the_client_ends_the_connection_with_its_last_stream() -> None:
    async with serving(echo) as running:
        client = await connect(running)
        client.send(headers(1, get()), frame(http2_frames.GOAWAY, 0, 0, bytes(8)))
        assert await client.body(1) == ("200", b"/ 0")
        rest = await client.rest()
        assert Got("RST_STREAM", 1, "NO_ERROR") not in rest
        assert client.ended
