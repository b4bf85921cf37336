"""What an app does wrong, by table: over a real socket, the client gets a clean 500 or a transfer that is visibly
broken; the app gets the exception out of its call; the exchange shows both; and the next request is served.

Rows that need more than a list of messages are in the tests of each gateway.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from wsproto.utilities import generate_nonce

from inspector.engine.gateway.lifespan import Lifespan
from inspector.engine.gateway.wsgi import WSGIGateway
from inspector.engine.probe.recorder import Recorder
from inspector.engine.stream import AppMistake
from inspector.trace import records
from inspector.trace.records import ExchangeEnded, Failure, MessageSeen
from tests.support.serving import PATIENCE, Serving, Sink, serving, serving_gateway

GET = b"GET /app HTTP/1.1\r\nHost: shop\r\n\r\n"
START = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
OPEN = {"type": "http.response.start", "status": 200, "headers": []}
BODY = {"type": "http.response.body", "body": b"ok"}
MORE = {"type": "http.response.body", "body": b"o", "more_body": True}
ERROR = ValueError("the app's own")

CLEAN, BROKEN, WHOLE = "a clean 500", "a broken transfer", "the response, whole"


def start(**fields: Any) -> dict[str, Any]:
    return {**START, **fields}


# name: what the app sends (or raises), what the client gets, words of what came out of `send` ("": nothing)
HTTP: dict[str, tuple[list[Any], str, str]] = {
    "nothing": ([], CLEAN, ""),
    "raises at once": ([ERROR], CLEAN, ""),
    "raises after the start, before a byte is out": ([START, ERROR], CLEAN, ""),
    "only starts": ([START], CLEAN, ""),
    "raises in the middle": ([START, MORE, ERROR], BROKEN, ""),
    "raises in the middle of chunks": ([OPEN, MORE, ERROR], BROKEN, ""),
    "stops in the middle": ([START, MORE], BROKEN, ""),
    "stops in the middle of chunks": ([OPEN, MORE], BROKEN, ""),
    "raises after the end": ([START, BODY, ERROR], WHOLE, ""),
    "no dict": ([["http.response.start"]], CLEAN, "send() takes a dict, not list"),
    "a type of another type": ([{"type": b"http.response.start"}], CLEAN, '"type" that is a str'),
    "an unknown type": ([{"type": "http.response.begin"}], CLEAN, "'http.response.begin' was sent where only"),
    "an unknown type in the middle": ([START, {"type": "x"}], CLEAN, "where only 'http.response.body' may come"),
    "a websocket's": ([{"type": "websocket.accept"}], CLEAN, "where only 'http.response.start' may come"),
    "body first": ([BODY], CLEAN, "where only 'http.response.start' may come"),
    "start twice": ([START, START], CLEAN, "where only 'http.response.body' may come"),
    "start in the middle": ([START, MORE, START], BROKEN, "where only 'http.response.body' may come"),
    "start after the end": ([START, BODY, START], WHOLE, "'http.response.start' was sent after the end"),
    "body after the end": ([START, BODY, BODY], WHOLE, "'http.response.body' was sent after the end"),
    "trailers that were not promised": ([OPEN, BODY, {"type": "http.response.trailers"}], WHOLE, "after the end"),
    "body where trailers are due": ([{**OPEN, "trailers": True}, BODY, BODY], BROKEN, "'http.response.trailers'"),
    "promised trailers that never come": ([{**OPEN, "trailers": True}, BODY], BROKEN, ""),
    "no status": ([{"type": "http.response.start"}], CLEAN, '"status" is an int from 200 to 999'),
    "a status of text": ([start(status="200")], CLEAN, '"status" is an int from 200 to 999'),
    "a status that is true": ([start(status=True)], CLEAN, '"status" is an int from 200 to 999'),
    "a status of a hint": ([start(status=103)], CLEAN, '"status" is an int from 200 to 999'),
    "a status of four digits": ([start(status=1000)], CLEAN, '"status" is an int from 200 to 999'),
    "headers of text": ([start(headers=[("a", "b")])], CLEAN, "a header's name is bytes, not str"),
    "a value that is a number": ([start(headers=[(b"a", 1)])], CLEAN, "a header's value is bytes, not int"),
    "headers in threes": ([start(headers=[(b"a", b"b", b"c")])], CLEAN, "pairs of bytes"),
    "headers that are a number": ([start(headers=7)], CLEAN, "pairs of bytes"),
    "a pseudo-header": ([start(headers=[(b":status", b"200")])], CLEAN, "does not start with a colon"),
    "a blank in a name": ([start(headers=[(b"a b", b"c")])], CLEAN, "Illegal header name"),
    "a line in a value": ([start(headers=[(b"a", b"b\r\nc: d")])], CLEAN, "Illegal header value"),
    "two lengths": ([start(headers=[(b"content-length", b"1"), (b"content-length", b"2")])], CLEAN, "Content-Length"),
    "a length that is none": ([start(headers=[(b"content-length", b"two")])], CLEAN, "Content-Length"),
    "a body of text": ([START, {**BODY, "body": "ok"}], CLEAN, "a body is bytes, not str"),
    "a body that is None": ([START, {**BODY, "body": None}], CLEAN, "a body is bytes, not NoneType"),
    "a body of text in the middle": ([START, MORE, {**BODY, "body": "k"}], BROKEN, "a body is bytes, not str"),
    "too many bytes at once": ([START, {**BODY, "body": b"too many"}], BROKEN, "longer than its Content-Length"),
    "too many bytes in the end": ([START, MORE, {**BODY, "body": b"many"}], BROKEN, "longer than its Content-Length"),
    "too few bytes": ([START, {**BODY, "body": b"o"}], BROKEN, "shorter than its Content-Length"),
    "no bytes": ([START, {**BODY, "body": b""}], BROKEN, "shorter than its Content-Length"),
    "links that are none": ([{"type": "http.response.early_hint", "links": 7}], CLEAN, '"links" is an iterable'),
    "a link of text": ([{"type": "http.response.early_hint", "links": ["a"]}], CLEAN, "a link is bytes, not str"),
    "a link with a line": ([{"type": "http.response.early_hint", "links": [b"a\r\n"]}], CLEAN, "control characters"),
}


def raised_in(told: list[BaseException], messages: list[Any], swallow: bool) -> Any:
    """An app that sends these; at a mistake it stops, or with `swallow` goes on as if nothing had been."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/next":
            await send(START)
            await send(BODY)
            return
        for message in messages:
            if isinstance(message, BaseException):
                raise message
            try:
                await send(message)
            except AppMistake as error:
                told.append(error)
                if not swallow:
                    raise

    return app


async def answered(running: Serving, request: bytes = GET) -> bytes:
    client = await running.connect()
    await client.send(request.replace(b"Host", b"Connection: close\r\nHost"))
    return await client.read_all()


async def still_serves(running: Serving) -> None:
    answer = await answered(running, GET.replace(b"/app", b"/next"))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"ok")


def judged(answer: bytes) -> str:
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"chunked" in head.lower():
        whole = body.endswith(b"0\r\n\r\n")
    else:
        whole = b"content-length: %d" % len(body) in head.lower()
    if head.startswith(b"HTTP/1.1 500 "):
        return CLEAN if whole and body == b"Internal Server Error" else "an odd 500"
    return WHOLE if whole else BROKEN


@pytest.mark.parametrize("swallow", [False, True], ids=["told", "swallowed"])
@pytest.mark.parametrize("name", HTTP)
async def test_http(name: str, swallow: bool) -> None:
    messages, client, words = HTTP[name]
    told: list[BaseException] = []
    async with serving(raised_in(told, messages, swallow)) as running:
        answer = await answered(running)
        (exchange,) = await running.ended()
        end = running.end(exchange)
        assert [words in str(error) for error in told] == ([True] if words else [])
        assert judged(answer) == client
        app_raised = (told and not swallow) or ERROR in messages
        types = [type_ for _, type_, _, _ in running.messages(exchange)]
        assert types[-1] == ("raise" if app_raised else "return")
        assert len(running.of(exchange, Failure)) == int(bool(app_raised))
        if app_raised:
            assert end.outcome == "app raised"
        else:
            assert end.outcome == ("done" if client == WHOLE else "broken")
        assert (end.status == 500) == (client == CLEAN)
        assert ("the transfer was cut" in end.text or "the connection was closed" in end.text) == (client == BROKEN)
        sent = [message for message in messages if isinstance(message, dict)]
        assert len([r for r in running.of(exchange, MessageSeen) if r.direction == records.SEND]) == len(
            [message for message in sent if isinstance(message.get("type"), str)]
        )
        await still_serves(running)


@pytest.mark.parametrize("messages", [[], [START], [START, MORE], [START, BODY]], ids=len)
async def test_what_is_sent_after_the_app_has_returned_reaches_nobody(messages: list[Any]) -> None:
    """Above all not the next request on the same connection."""
    go, tasks, told = asyncio.Event(), [], []

    async def late(send: Any) -> None:
        await go.wait()
        for message in (START, BODY, BODY):
            try:
                await send(message)
            except (AppMistake, OSError) as error:
                told.append(error)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/next":
            go.set()
            await asyncio.wait(tasks)
            await send({**START, "headers": [(b"content-length", b"4")]})
            await send({**BODY, "body": b"next"})
            return
        tasks.append(asyncio.ensure_future(late(send)))
        for message in messages:
            await send(message)

    async with serving(app) as running:
        client = await running.connect()
        await client.send(GET)
        if messages == [START, MORE]:
            await client.read_all()  # cut
            client = await running.connect()
        else:
            await client.read_response()
        await running.ended()
        await client.send(GET.replace(b"/app", b"/next"))
        head, body = await client.read_response()
        assert (head[:12], body) == (b"HTTP/1.1 200", b"next")
        assert len(told) == 3


HANDSHAKE = (
    b"GET /app HTTP/1.1\r\nHost: shop\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + generate_nonce() + b"\r\n\r\n"
)
ACCEPT = {"type": "websocket.accept"}
DENY = {"type": "websocket.http.response.start", "status": 401, "headers": []}
DENIAL = {"type": "websocket.http.response.body", "body": b"no"}
CLOSED = {"type": "websocket.close"}

# name: what the app sends, what the client gets (a status, or a close code after 101), words out of `send`
WEBSOCKET: dict[str, tuple[list[Any], int, str]] = {
    "nothing": ([], 500, ""),
    "raises at once": ([ERROR], 500, ""),
    "raises when it is open": ([ACCEPT, ERROR], 1011, ""),
    "sends before it accepts": ([{"type": "websocket.send", "text": "a"}], 500, "where only 'websocket.accept'"),
    "an unknown type": ([{"type": "websocket.open"}], 500, "'websocket.open' was sent where only"),
    "an http type": ([OPEN], 500, "'http.response.start' was sent where only"),
    "a subprotocol of bytes": ([{**ACCEPT, "subprotocol": b"a"}], 500, '"subprotocol" is a str, not bytes'),
    "headers of text": ([{**ACCEPT, "headers": [("a", "b")]}], 500, "a header's name is bytes, not str"),
    "accepts twice": ([ACCEPT, ACCEPT], 1011, "where only 'websocket.send' or 'websocket.close'"),
    "denies when it is open": ([ACCEPT, DENY], 1011, "where only 'websocket.send' or 'websocket.close'"),
    "text and bytes": ([ACCEPT, {"type": "websocket.send", "text": "a", "bytes": b"b"}], 1011, 'either "text" or'),
    "neither": ([ACCEPT, {"type": "websocket.send"}], 1011, 'either "text" or "bytes"'),
    "a code that nobody may send": ([ACCEPT, {**CLOSED, "code": 1006}], 1011, '"code" is a close code'),
    "a code of text": ([ACCEPT, {**CLOSED, "code": "1000"}], 1011, '"code" is a close code'),
    "a reason too long": ([ACCEPT, {**CLOSED, "reason": "x" * 124}], 1011, "at most 123 bytes"),
    "sends after it closed": ([ACCEPT, CLOSED, {"type": "websocket.send", "text": "a"}], 1000, "after the end"),
    "closes twice": ([ACCEPT, CLOSED, CLOSED], 1000, "after the end"),
    "accepts after it denied": ([CLOSED, ACCEPT], 403, "after the end"),
    "a denial's body first": ([DENIAL], 500, "'websocket.http.response.body' was sent where only"),
    "a denial without a body": ([DENY], 500, ""),
    "a denial of text": ([DENY, {**DENIAL, "body": "no"}], 500, "a body is bytes, not str"),
    "a denial without a status": ([{**DENY, "status": None}], 500, '"status" is an int'),
    "a denial that stops": ([DENY, {**DENIAL, "more_body": True}], 401, ""),
}


@pytest.mark.parametrize("name", WEBSOCKET)
async def test_websocket(name: str) -> None:
    messages, client, words = WEBSOCKET[name]
    told: list[BaseException] = []
    async with serving(raised_in(told, messages, swallow=False)) as running:
        peer = await running.connect()
        await peer.send(HANDSHAKE)
        head = await peer.reader.readuntil(b"\r\n\r\n")
        rest = b""
        if client >= 1000:
            assert head.startswith(b"HTTP/1.1 101 ")
            size = (await peer.reader.readexactly(2))[1]
            assert (await peer.reader.readexactly(size))[:2] == client.to_bytes(2, "big")
        else:
            assert head.startswith(b"HTTP/1.1 %d " % client)
            if "stops" in name:
                rest = await peer.read_all()
                assert not rest.endswith(b"0\r\n\r\n")
        (exchange,) = await running.ended()
        assert [words in str(error) for error in told] == ([True] if words else [])
        assert len(running.of(exchange, Failure)) == int(bool(told) or ERROR in messages)
        raised = told or ERROR in messages
        assert running.end(exchange).outcome == ("app raised" if raised else "broken")
        await still_serves(running)


# name: what the app sends at startup and at shutdown; words out of `send`
LIFESPAN: dict[str, tuple[list[Any], str]] = {
    "no dict": ([None], "send() takes a dict, not NoneType"),
    "an unknown type": ([{"type": "lifespan.startup.done"}], "'lifespan.startup.done' was sent where only"),
    "an http type": ([OPEN], "'http.response.start' was sent where only"),
    "shutdown first": ([{"type": "lifespan.shutdown.complete"}], "where only 'lifespan.startup.complete'"),
    "complete twice": ([{"type": "lifespan.startup.complete"}] * 2, "'lifespan.startup.complete' was sent"),
}


@pytest.mark.parametrize("name", LIFESPAN)
async def test_lifespan(name: str) -> None:
    messages, words = LIFESPAN[name]
    told: list[BaseException] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        for message in messages:
            try:
                await send(message)
            except AppMistake as error:
                told.append(error)
                raise

    sink, verdicts = Sink(), []
    lifespan = Lifespan(app, "asgi3", Recorder(sink), lambda *told: verdicts.append(told), required=False)
    await lifespan.startup()
    await sink.until(lambda all_: any(isinstance(r, ExchangeEnded) for r in all_))
    assert words in str(told[0])
    assert verdicts[0][0] == ("supported" if "twice" in name else "raised")
    (end,) = [r for r in sink.records if isinstance(r, ExchangeEnded)]
    assert end.outcome == "app raised"
    await lifespan.shutdown(PATIENCE, asyncio.Event())


TEXT = [("Content-Type", "text/plain")]
TWO = [("Content-Length", "2")]

# name: status, headers, chunks ("!": raises), what the client gets; words in the exchange
WSGI: dict[str, tuple[Any, Any, list[Any], str, str]] = {
    "raises at once": (None, None, ["!"], CLEAN, "the app raised ValueError"),
    "raises after start_response": ("200 OK", TEXT, ["!"], CLEAN, "the app raised ValueError"),
    "raises in the middle": ("200 OK", TWO, [b"o", "!"], BROKEN, "the app raised ValueError"),
    "raises in the middle of chunks": ("200 OK", TEXT, [b"o", "!"], BROKEN, "the app raised ValueError"),
    "raises after its length": ("200 OK", TWO, [b"ok", "!"], WHOLE, "the app raised ValueError"),
    "no start_response": (None, None, [b"ok"], CLEAN, "a chunk came before start_response() was called"),
    "neither": (None, None, [], CLEAN, "the app ended without calling start_response()"),
    "text": ("200 OK", TEXT, ["ok"], CLEAN, "the app yielded str; a chunk is bytes"),
    "text in the middle": ("200 OK", TEXT, [b"o", "k"], BROKEN, "the app yielded str; a chunk is bytes"),
    "a number": ("200 OK", TEXT, [7], CLEAN, "the app yielded int; a chunk is bytes"),
    "a status that is none": ("OK", TEXT, [b"ok"], CLEAN, "the app raised AppMistake"),
    "headers that are none": ("200 OK", {}, [b"ok"], CLEAN, "the app raised AppMistake"),
    "a header of the connection": ("200 OK", [("Connection", "close")], [b"ok"], CLEAN, "the app raised AppMistake"),
    "too many bytes": ("200 OK", TWO, [b"too many"], BROKEN, "the body is longer than its Content-Length"),
    "too many bytes in the end": ("200 OK", TWO, [b"ok", b"too"], WHOLE, "the body is longer than its Content-Length"),
    "too few bytes": ("200 OK", TWO, [b"o"], BROKEN, "the body is shorter than its Content-Length"),
}


@pytest.mark.parametrize("name", WSGI)
async def test_wsgi(name: str) -> None:
    status, headers, chunks, client, words = WSGI[name]

    def app(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/next":
            start_response("200 OK", TWO)
            yield b"ok"
            return
        if status:
            start_response(status, headers)
        for chunk in chunks:
            if chunk == "!":
                raise ERROR
            yield chunk

    gateways: list[WSGIGateway] = []

    def make(recorder: Recorder) -> WSGIGateway:
        gateways.append(WSGIGateway(app, 1, recorder))
        return gateways[0]

    async with serving_gateway(make) as running:
        answer = await answered(running)
        (exchange,) = await running.ended()
        assert judged(answer) == client
        end = running.end(exchange)
        assert words in end.text
        assert end.outcome in ("app raised", "broken")
        assert (end.status == 500) == (client == CLEAN)
        assert len(running.of(exchange, Failure)) == 1
        await still_serves(running)
        await gateways[0].close()
