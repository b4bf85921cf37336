"""PEP 3333: every hook point's message and its place, what goes out on the wire, and every mistake an app can make."""

from __future__ import annotations

import asyncio
import contextlib
import io
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any
from wsgiref.validate import validator

import pytest

from inspector.engine.gateway.wsgi import WSGIGateway
from inspector.engine.probe.tap import CURRENT
from inspector.engine.stream import AppMistake, ClientGone
from inspector.trace.records import ExchangeEnded, Failure, Logged, MessageSeen, Wait
from inspector.trace.scope import Request, parse_head, wsgi_environ
from inspector.trace.values import Opaque
from tests.support.serving import PATIENCE, Serving, serving_gateway

App = Callable[[dict[str, Any], Any], Any]
Step = tuple[str, str, Any, bytes]

GET = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"
HEAD = b"HEAD / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 15\r\n\r\none\ntwo\nthree\nx"
CHUNKED = (
    b"POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"4\r\none\n\r\n6\r\ntwo\nth\r\n5\r\nree\nx\r\n0\r\n\r\n"
)
TEXT = [("Content-Type", "text/plain")]
CALL: Step = ("call", "call", ..., b"")
START: Step = ("send", "start_response", {"status": "200 OK", "headers": TEXT, "exc_info": None}, b"")
RETURN: Step = ("return", "return", {}, b"")
CLOSE: Step = ("close", "close", {}, b"")


def next_(body: bytes) -> Step:
    return ("send", "next", {}, body)


def write(body: bytes) -> Step:
    return ("send", "write", {}, body)


def read(method: str, size: int | None, body: bytes) -> Step:
    return ("receive", "read", {"method": method, "size": size}, body)


def raise_(type_: str, message: str) -> Step:
    return ("raise", "raise", {"exception": {"type": type_, "message": message}}, b"")


@contextlib.asynccontextmanager
async def serving(app: Any, threads: int = 2, **options: Any) -> AsyncIterator[Serving]:
    gateways: list[WSGIGateway] = []

    def make(recorder: Any) -> WSGIGateway:
        gateways.append(WSGIGateway(app, threads, recorder))
        return gateways[0]

    async with serving_gateway(make, **options) as running:
        running.gateway = gateways[0]  # type: ignore[attr-defined]
        try:
            yield running
        finally:
            await running.close()
            await gateways[0].close()


class Closing:
    """An iterable with a close() that counts its calls."""

    def __init__(self, chunks: Iterable[Any], closing: Callable[[], object] = lambda: None) -> None:
        self.chunks = chunks
        self.closing = closing
        self.closed = 0

    def __iter__(self) -> Iterator[Any]:
        yield from self.chunks

    def close(self) -> None:
        self.closed += 1
        self.closing()


def answer(*chunks: bytes, status: str = "200 OK", headers: list[tuple[str, str]] = TEXT) -> App:
    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response(status, list(headers))
        return list(chunks)

    return app


def plain(environ: dict[str, Any], start_response: Any) -> Any:
    start_response("200 OK", TEXT)
    return [b"hello"]


def lazy(environ: dict[str, Any], start_response: Any) -> Any:
    start_response("200 OK", TEXT)
    yield b""
    yield b"one"
    yield b""
    yield b"two"


def writes(environ: dict[str, Any], start_response: Any) -> Any:
    put = start_response("200 OK", TEXT)
    put(b"one")
    put(b"")
    return Closing([b"two"])


def reads(environ: dict[str, Any], start_response: Any) -> Any:
    body = environ["wsgi.input"]
    told = [body.read(2), body.readline(), body.readline(2), *body.readlines(), body.read(), body.read(5)]
    start_response("200 OK", TEXT)
    return [b"|".join(told)]


def iterates(environ: dict[str, Any], start_response: Any) -> Any:
    start_response("200 OK", TEXT)
    return [b"|".join(environ["wsgi.input"])]


def fails(environ: dict[str, Any], start_response: Any) -> Any:
    raise ValueError("no")


def exits(environ: dict[str, Any], start_response: Any) -> Any:
    sys.exit(3)


def fails_late(environ: dict[str, Any], start_response: Any) -> Any:
    start_response("200 OK", TEXT)

    def chunks() -> Iterator[bytes]:
        yield b"one"
        raise ValueError("late")

    return Closing(chunks())


def fails_in_close(environ: dict[str, Any], start_response: Any) -> Any:
    start_response("200 OK", TEXT)

    def closing() -> None:
        raise ValueError("in close")

    return Closing([b"one"], closing)


def replaces(environ: dict[str, Any], start_response: Any) -> Any:
    start_response("200 OK", TEXT)
    try:
        raise ValueError("no")
    except ValueError:
        start_response("500 Oops", TEXT, sys.exc_info())
    return [b"sorry"]


REPLACED: Step = (
    "send",
    "start_response",
    {
        "status": "500 Oops",
        "headers": TEXT,
        "exc_info": (Opaque("type", ...), Opaque("ValueError", ...), Opaque("traceback", ...)),  # type: ignore[arg-type]
    },
    b"",
)

ROWS: list[tuple[App, bytes, bytes, list[Step]]] = [
    (plain, GET, b"hello", [CALL, START, RETURN, next_(b"hello")]),
    (
        lazy,
        GET,
        b"onetwo",
        [CALL, RETURN, START, next_(b""), next_(b"one"), next_(b""), next_(b"two"), CLOSE],
    ),
    (writes, GET, b"onetwo", [CALL, START, write(b"one"), write(b""), RETURN, next_(b"two"), CLOSE]),
    (
        reads,
        POST,
        b"on|e\n|tw|o\n|three\n|x||",
        [
            CALL,
            read("read", 2, b"on"),
            read("readline", -1, b"e\n"),
            read("readline", 2, b"tw"),
            read("readlines", -1, b"o\nthree\nx"),
            read("read", -1, b""),
            read("read", 5, b""),
            START,
            RETURN,
            next_(b"on|e\n|tw|o\n|three\n|x||"),
        ],
    ),
    (
        iterates,
        CHUNKED,
        b"one\n|two\n|three\n|x",
        [
            CALL,
            START,
            read("__next__", None, b"one\n"),
            read("__next__", None, b"two\n"),
            read("__next__", None, b"three\n"),
            read("__next__", None, b"x"),
            read("__next__", None, b""),
            RETURN,
            next_(b"one\n|two\n|three\n|x"),
        ],
    ),
    (fails, GET, b"Internal Server Error", [CALL, raise_("ValueError", "no")]),
    (exits, GET, b"Internal Server Error", [CALL, raise_("SystemExit", "3")]),
    (
        fails_in_close,
        GET,
        b"one",
        [CALL, START, RETURN, next_(b"one"), CLOSE, raise_("ValueError", "in close")],
    ),
    (replaces, GET, b"sorry", [CALL, START, REPLACED, RETURN, next_(b"sorry")]),
]


class Anything:
    """Equal to all: for ids, and for the data of `call`, which has tests of its own."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def like(steps: list[Step]) -> list[Any]:
    def loose(value: Any) -> Any:
        if value is ...:
            return Anything()
        if isinstance(value, Opaque):
            return Opaque(value.type_name, Anything())  # type: ignore[arg-type]
        if isinstance(value, dict):
            return {key: loose(item) for key, item in value.items()}
        return tuple(loose(item) for item in value) if isinstance(value, tuple) else value

    return [loose(step) for step in steps]


@pytest.mark.parametrize(("app", "request_", "body", "steps"), ROWS, ids=[row[0].__name__ for row in ROWS])
async def test_hook_points(app: App, request_: bytes, body: bytes, steps: list[Step]) -> None:
    async with serving(app) as running:
        _, got = await running.get(request_)
        assert got == body
        (exchange,) = await running.ended()
        assert running.messages(exchange) == like(steps)


async def test_times_and_sizes() -> None:
    async with serving(reads) as running:
        await running.get(POST)
        (exchange,) = await running.ended()
        seen = running.of(exchange, MessageSeen)
        times = [message.t_ns for message in seen]
        assert times == sorted(times)
        first = next(message for message in seen if message.type == "read")
        assert 0 < first.asked_ns <= first.t_ns
        assert 0 < first.wire_ns <= first.t_ns
        start = next(message for message in seen if message.type == "start_response")
        assert start.status == 200
        end: ExchangeEnded = running.end(exchange)
        assert end.outcome == "done"
        assert end.wired_seq == seen[-1].seq
        assert end.t_ns >= end.last_out_ns >= seen[-1].t_ns
        assert end.first_out_ns <= end.last_out_ns


# The environ.


async def test_the_environ_is_the_scopes_and_the_records() -> None:
    environs: list[dict[str, Any]] = []

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        environs.append(dict(environ))
        assert type(environ) is dict
        environ.clear()
        return plain(environ, start_response)

    raw = b"GET /shop/caf%C3%A9?q=1 HTTP/1.1\r\nHost: shop\r\nX-A: 1\r\nX-A: 2\r\nX_Evil: 3\r\n\r\n"
    async with serving(app, threads=1, root_path="/shop") as running:
        await running.get(raw)
        (exchange,) = await running.ended()
        started = running.sink.records[0]
        own = running.messages(exchange)[0][2]
    (environ,) = environs
    method, target, version, headers = parse_head(raw)
    client, server = started.client, started.server  # type: ignore[union-attr]
    expected = wsgi_environ(Request(method, target, version, headers, "http", client, server, "/shop"))
    assert expected.items() <= environ.items()
    assert set(environ) == set(expected) | set(own)
    assert environ["SCRIPT_NAME"] == "/shop"
    assert environ["PATH_INFO"] == "/cafÃ©"
    assert environ["HTTP_X_A"] == "1, 2"
    assert "HTTP_X_EVIL" not in environ
    assert environ["wsgi.version"] == (1, 0)
    assert environ["wsgi.url_scheme"] == "http"
    assert environ["wsgi.multithread"] is False
    assert environ["wsgi.multiprocess"] is False
    assert environ["wsgi.run_once"] is False
    assert own["wsgi.version"] == (1, 0)
    assert own["wsgi.input"].type_name.endswith(".Input")


async def test_validator_has_nothing_to_say(capsys: pytest.CaptureFixture[str]) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Any:
        body = environ["wsgi.input"]
        told = [body.read(3), body.readline(), *body.readlines(), *iter(body)]
        environ["wsgi.errors"].write("noted\n")
        environ["wsgi.errors"].writelines(["a\n"])
        environ["wsgi.errors"].flush()
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "15")])
        return iter([b"".join(told)])

    async with serving(validator(app)) as running:
        for request in (POST, CHUNKED):
            head, body = await running.get(request)
            assert head.startswith(b"HTTP/1.1 200 ")
            assert body == b"one\ntwo\nthree\nx"
        exchanges = await running.ended(2)
        for exchange in exchanges:
            assert running.of(exchange, Failure) == []
            logs = [(log.source, log.text) for log in running.of(exchange, Logged)]
            assert logs == [("wsgi.errors", "noted"), ("wsgi.errors", "a")]
    assert capsys.readouterr().err == "noted\na\n" * 2


async def test_the_worker_knows_its_exchange() -> None:
    seen: list[tuple[int, str]] = []

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", TEXT)
        seen.append((CURRENT.get(), threading.current_thread().name))
        yield b"x"
        seen.append((CURRENT.get(), threading.current_thread().name))

    async with serving(app) as running:
        await running.get(GET)
        (exchange,) = await running.ended()
    assert seen == [(exchange, "WSGI worker 1")] * 2


# What goes out.


@pytest.mark.parametrize(
    ("app", "request_", "there", "not_there", "body"),
    [
        (answer(b"hello"), GET, b"Content-Length: 5", b"transfer-encoding", b"hello"),
        (answer(b"a", b"b"), GET, b"transfer-encoding: chunked", b"content-length", b"ab"),
        (answer(), GET, b"Content-Length: 0", b"transfer-encoding", b""),
        (answer(b""), GET, b"Content-Length: 0", b"transfer-encoding", b""),
        (answer(b"", b""), GET, b"Content-Length: 0", b"transfer-encoding", b""),
        (answer(b"hi", headers=[("content-length", "2")]), GET, b"content-length: 2", b"chunked", b"hi"),
        (answer(b"hello"), HEAD, b"Content-Length: 5", b"transfer-encoding", b""),
        (answer(), HEAD, b"HTTP/1.1 200 ", b"content-length", b""),
        (answer(headers=[("Content-Length", "9")]), HEAD, b"Content-Length: 9", b"transfer-encoding", b""),
        (answer(status="204 No Content", headers=[]), GET, b"HTTP/1.1 204 ", b"content-length", b""),
        (answer(status="304 Not Modified", headers=[]), GET, b"HTTP/1.1 304 ", b"content-length", b""),
        (answer(headers=[("Set-Cookie", " a=1")]), GET, b"\r\nSet-Cookie: a=1\r\n", b"???", b""),  # as Django does
        (answer(headers=[("X-A", "caf\xe9")]), GET, b"X-A: caf\xe9", b"???", b""),
        (answer(status="200"), GET, b"HTTP/1.1 200 ", b"???", b""),
    ],
)
async def test_the_response(app: App, request_: bytes, there: bytes, not_there: bytes, body: bytes) -> None:
    async with serving(app) as running:
        client = await running.connect()
        await client.send(
            request_.replace(b"Host", b"Connection: close\r\nHost", 1) if b"close" not in request_ else request_
        )
        head, _, got = (await client.read_all()).partition(b"\r\n\r\n")
        assert there.lower() in head.lower()
        assert not_there.lower() not in head.lower()
        if b"chunked" in head and request_ is not HEAD:
            assert got.endswith(b"0\r\n\r\n")
        else:
            assert got == body
        (exchange,) = await running.ended()
        assert running.end(exchange).outcome == "done"


async def test_the_head_goes_out_with_the_first_chunk_and_no_sooner() -> None:
    go_on = threading.Event()

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", TEXT)
        yield b""
        go_on.wait(PATIENCE)
        yield b"now"

    async with serving(app) as running:
        client = await running.connect()
        await client.send(GET)
        await running.sink.until(lambda all_: any(getattr(r, "type", "") == "next" for r in all_))
        reading = asyncio.create_task(client.read_response())
        done, _ = await asyncio.wait([reading], timeout=0.05)
        assert not done
        go_on.set()
        assert (await reading)[1] == b"now"


async def test_write_goes_out_at_once() -> None:
    go_on = threading.Event()

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", TEXT)(b"now")
        go_on.wait(PATIENCE)
        return []

    async with serving(app) as running:
        client = await running.connect()
        await client.send(GET)
        assert (await client.reader.readuntil(b"now\r\n")).endswith(b"3\r\nnow\r\n")
        go_on.set()
        assert await client.reader.readexactly(5) == b"0\r\n\r\n"


async def test_the_file_wrapper() -> None:
    file = io.BytesIO(b"x" * 20_000)

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", TEXT)
        return environ["wsgi.file_wrapper"](file, 8192)

    async with serving(app) as running:
        _, body = await running.get(GET)
        assert body == b"x" * 20_000
        (exchange,) = await running.ended()
        steps = [(type_, len(body)) for _, type_, _, body in running.messages(exchange)]
    assert steps[3:] == [("next", 8192), ("next", 8192), ("next", 3616), ("close", 0)]
    assert file.closed


async def test_a_connection_is_kept() -> None:
    async with serving(plain) as running:
        client = await running.connect()
        for _ in range(3):
            await client.send(GET)
            assert (await client.read_response())[1] == b"hello"
        await client.send(GET + GET)
        assert (await client.read_response())[1] == b"hello"
        assert (await client.read_response())[1] == b"hello"
        assert len(await running.ended(5)) == 5


async def test_big_bodies_both_ways() -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", TEXT)
        while chunk := environ["wsgi.input"].read(100_000):
            yield chunk

    body = bytes(range(256)) * 8192
    async with serving(app) as running:
        client = await running.connect()
        sending = asyncio.create_task(
            client.send(b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        )
        assert (await client.read_response())[1] == body
        await sending
        (exchange,) = await running.ended()
        told = running.messages(exchange)
        assert b"".join(part for _, type_, _, part in told if type_ == "read") == body
        assert b"".join(part for _, type_, _, part in told if type_ == "next") == body


async def test_continue_is_sent_when_the_app_reads() -> None:
    may_read = threading.Event()

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        may_read.wait(PATIENCE)
        start_response("200 OK", TEXT)
        return [environ["wsgi.input"].read()]

    async with serving(app) as running:
        client = await running.connect()
        await client.send(
            POST.replace(b"Host", b"Expect: 100-continue\r\nHost").partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        )
        await running.sink.until(lambda all_: any(getattr(r, "type", "") == "call" for r in all_))
        may_read.set()
        assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await client.send(POST.partition(b"\r\n\r\n")[2])
        assert (await client.read_response())[1] == b"one\ntwo\nthree\nx"


async def test_waiting_for_the_client_is_told() -> None:
    async with serving(reads) as running:
        client = await running.connect()
        head, _, body = POST.partition(b"\r\n\r\n")
        await client.send(head + b"\r\n\r\n")
        await running.sink.until(lambda all_: any(isinstance(r, Wait) for r in all_))
        await client.send(body)
        await client.read_response()
        (exchange,) = await running.ended()
        assert [(wait.point, wait.done) for wait in running.of(exchange, Wait)] == [(1, False), (1, True)]


async def test_a_client_that_does_not_read_stops_the_app() -> None:
    given = 0

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        nonlocal given
        start_response("200 OK", TEXT)
        for _ in range(1000):
            given += 1
            yield b"x" * 65536

    async with serving(app) as running:
        client = await running.connect(limit=1024)
        await client.send(GET)
        await running.sink.until(lambda all_: any(isinstance(r, Wait) and not r.done for r in all_))
        assert given < 500
        body = 0
        while data := await asyncio.wait_for(client.reader.read(1 << 20), PATIENCE):
            body += len(data)
            if data.endswith(b"0\r\n\r\n"):
                break
        assert body > 1000 * 65536
        (exchange,) = await running.ended()
        assert running.end(exchange).outcome == "done"
        assert [wait.done for wait in running.of(exchange, Wait)][-1] is True


# Trouble.


async def test_an_app_that_fails_in_the_middle_has_its_transfer_cut() -> None:
    async with serving(fails_late) as running:
        client = await running.connect()
        await client.send(GET)
        got = await client.read_all()
        assert b"3\r\none\r\n" in got
        assert not got.endswith(b"0\r\n\r\n")
        (exchange,) = await running.ended()
        told = [type_ for _, type_, _, _ in running.messages(exchange)]
        assert told == ["call", "start_response", "return", "next", "raise", "close"]
        end = running.end(exchange)
        assert (end.outcome, end.text) == ("app raised", "the app raised ValueError; the transfer was cut")
        (failure,) = running.of(exchange, Failure)
        assert "ValueError: late" in failure.text
        assert "inspector/engine" not in failure.text


async def test_an_app_that_fails_at_once_is_answered_with_500() -> None:
    async with serving(fails) as running:
        head, _ = await running.get(GET)
        assert head.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
        (exchange,) = await running.ended()
        end = running.end(exchange)
        assert (end.outcome, end.status) == ("app raised", 500)
        assert end.text == "the app raised ValueError; answered with 500"


async def test_close_that_raises_cuts_nothing() -> None:
    async with serving(fails_in_close) as running:
        client = await running.connect()
        for _ in range(2):
            await client.send(GET)
            assert (await client.read_response())[1] == b"one"
        (exchange, _) = await running.ended(2)
        assert running.end(exchange).text == "the app raised ValueError"


def twice(environ: dict[str, Any], start_response: Any) -> Any:
    start_response("200 OK", TEXT)
    start_response("200 OK", TEXT)
    return []


def starting(status: Any, headers: Any) -> App:
    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response(status, headers)
        return [b"x"]

    return app


def returning(value: Any, start: bool = True) -> App:
    def app(environ: dict[str, Any], start_response: Any) -> Any:
        if start:
            start_response("200 OK", TEXT)
        return value

    return app


def writes_text(environ: dict[str, Any], start_response: Any) -> Any:
    start_response("200 OK", TEXT)("text")
    return []


RAISED = [
    (twice, "start_response() was called a second time, without exc_info"),
    (writes_text, "the app wrote str; a chunk is bytes"),
    (starting(200, TEXT), "not int"),
    (starting(b"200 OK", TEXT), "not bytes"),
    (starting("OK", TEXT), "not 'OK'"),
    (starting("20 OK", TEXT), "not '20 OK'"),
    (starting("101 Switching", TEXT), "not '101 Switching'"),
    (starting("200 OK\r\nX: y", TEXT), "not '200 OK"),
    (starting("200 O\x00K", TEXT), "a status has no control characters"),
    (starting("200 €", TEXT), "a status has only characters of ISO-8859-1; '€' is none"),
    (starting("200 OK", tuple(TEXT)), "headers are a list, not tuple"),
    (starting("200 OK", None), "headers are a list, not NoneType"),
    (starting("200 OK", [["a", "b"]]), "a header is a tuple of name and value"),
    (starting("200 OK", [("a", "b", "c")]), "a header is a tuple of name and value"),
    (starting("200 OK", [("a", 1)]), "a header's name and value are str, not int"),
    (starting("200 OK", [(b"a", "1")]), "a header's name and value are str, not bytes"),
    (starting("200 OK", [("a b", "1")]), "'a b' is no name of a header"),
    (starting("200 OK", [("", "1")]), "'' is no name of a header"),
    (starting("200 OK", [("a", "b\r\nc: d")]), "the header a has no control characters"),
    (starting("200 OK", [("a", "b\n")]), "the header a has no control characters"),
    (starting("200 OK", [("a", "€")]), "the header a has only characters of ISO-8859-1"),
    (starting("200 OK", [("Transfer-Encoding", "chunked")]), "the header Transfer-Encoding is the server's"),
    (starting("200 OK", [("connection", "close")]), "the header connection is the server's"),
]


@pytest.mark.parametrize(("app", "words"), RAISED, ids=[row[1][:40] for row in RAISED])
async def test_mistakes_that_the_app_is_told(app: App, words: str) -> None:
    async with serving(app) as running:
        head, _ = await running.get(GET)
        assert head.startswith(b"HTTP/1.1 500 ")
        (exchange,) = await running.ended()
        (failure,) = running.of(exchange, Failure)
        assert failure.type == "AppMistake"
        assert words in failure.message
        assert failure.chain[0]["frames"][-1]["file"] == __file__
        assert running.end(exchange).outcome == "app raised"


BROKEN = [
    (returning(None), "the app returned NoneType, which is no iterable of bytes"),
    (returning("text"), "the app returned str itself"),
    (returning(b"bytes"), "the app returned bytes itself"),
    (returning(["text"]), "the app yielded str; a chunk is bytes"),
    (returning([b"x"], start=False), "a chunk came before start_response() was called"),
    (returning([], start=False), "the app ended without calling start_response()"),
    (answer(b"hello", headers=[("Content-Length", "x")]), "ontent-"),
    (answer(b"toolong", headers=[("Content-Length", "2")]), "the body is longer than its Content-Length"),
    (answer(b"", headers=[("Content-Length", "2")]), "the body is shorter than its Content-Length"),
]


@pytest.mark.parametrize(("app", "words"), BROKEN, ids=[row[1][:40] for row in BROKEN])
async def test_what_cannot_be_sent(app: App, words: str) -> None:
    async with serving(app) as running:
        client = await running.connect()
        await client.send(GET.replace(b"Host", b"Connection: close\r\nHost"))
        got = await client.read_all()
        (exchange,) = await running.ended()
        end = running.end(exchange)
        (failure,) = running.of(exchange, Failure)
        assert end.outcome == "broken"
        assert words in failure.message
        assert words in end.text
        assert got.startswith(b"HTTP/1.1 500 ") or got.endswith(b"close\r\n\r\n")  # of 2 bytes announced none came
        assert "raise" not in [type_ for _, type_, _, _ in running.messages(exchange)]


async def test_too_few_bytes_are_seen_by_the_client() -> None:
    async with serving(answer(b"a", b"b", headers=[("Content-Length", "9")])) as running:
        client = await running.connect()
        await client.send(GET)
        assert (await client.read_all()).endswith(b"\r\n\r\nab")
        (exchange,) = await running.ended()
        assert "shorter" in running.end(exchange).text
        assert "cut" in running.end(exchange).text


async def test_exc_info_after_the_head_is_out_raises_it() -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", TEXT)(b"out")
        try:
            raise KeyError("late")
        except KeyError:
            start_response("500 Oops", TEXT, sys.exc_info())
        return []

    async with serving(app) as running:
        client = await running.connect()
        await client.send(GET)
        assert b"3\r\nout\r\n" in await client.read_all()
        (exchange,) = await running.ended()
        (failure,) = running.of(exchange, Failure)
        assert failure.type == "KeyError"


@pytest.mark.parametrize("how", ["next", "write"])
async def test_a_client_that_leaves_ends_the_iterable(how: str) -> None:
    raised: list[BaseException] = []
    closed = threading.Event()

    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 1000

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        put = start_response("200 OK", TEXT)
        if how == "next":
            return Closing(endless(), closed.set)
        try:
            while True:
                put(b"x" * 1000)
        except ClientGone as error:
            raised.append(error)
            closed.set()
            raise

    async with serving(app) as running:
        client = await running.connect()
        await client.send(GET)
        await client.reader.readexactly(5000)
        await client.close()
        (exchange,) = await running.ended()
        assert closed.is_set()
        assert running.end(exchange).outcome == "client left"
        assert len(raised) == (how == "write")
        told = [type_ for _, type_, _, _ in running.messages(exchange)]
        assert told[-1] == ("close" if how == "next" else "raise")


async def test_a_client_that_leaves_in_its_body() -> None:
    async with serving(reads) as running:
        client = await running.connect()
        await client.send(POST[:-5])
        await running.sink.until(lambda all_: any(isinstance(r, Wait) for r in all_))
        await client.close()
        (exchange,) = await running.ended()
        assert running.end(exchange).outcome == "client left"
        assert running.of(exchange, Failure) == []  # a client's leave is no fault of the app
        (told,) = [data for direction, _, data, _ in running.messages(exchange) if direction == "raise"]
        assert "before the end of its request's body" in told["exception"]["message"]


async def test_write_after_the_end() -> None:
    kept: list[Callable[[bytes], None]] = []

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        kept.append(start_response("200 OK", TEXT))
        return [b"x"]

    async with serving(app) as running:
        await running.get(GET)
        await running.ended()
        with pytest.raises(AppMistake, match="over"):
            kept[0](b"late")


# Workers.


async def test_requests_run_side_by_side_up_to_the_threads() -> None:
    together = threading.Barrier(3)

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        together.wait(PATIENCE)
        start_response("200 OK", TEXT)
        return [threading.current_thread().name.encode()]

    async with serving(app, threads=3) as running:
        for _ in range(2):
            names = {body for _, body in await asyncio.gather(*(running.get(GET) for _ in range(3)))}
            assert names == {b"WSGI worker 1", b"WSGI worker 2", b"WSGI worker 3"}


async def test_threads_are_started_when_needed_and_busy_is_told() -> None:
    go_on = threading.Event()
    entered = threading.Semaphore(0)

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        entered.release()
        go_on.wait(PATIENCE)
        start_response("200 OK", TEXT)
        return [threading.current_thread().name.encode()]

    async with serving(app, threads=2) as running:
        gateway: WSGIGateway = running.gateway  # type: ignore[attr-defined]
        assert gateway.busy == 0
        getting = [asyncio.create_task(running.get(GET)) for _ in range(4)]
        await running.sink.until(lambda all_: sum(getattr(r, "type", "") == "call" for r in all_) == 2)
        assert gateway.busy == 2
        go_on.set()
        names = [body for _, body in await asyncio.gather(*getting)]
        assert set(names) == {b"WSGI worker 1", b"WSGI worker 2"}
        await running.ended(4)


async def test_a_stop_does_not_wait_for_the_app() -> None:
    go_on = threading.Event()
    seen: list[str] = []

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", TEXT)
        try:
            yield b"one"
            go_on.wait(PATIENCE)
            yield b"two"
            seen.append("went on")
        finally:
            seen.append("closed")

    async with serving(app, threads=1) as running:
        client = await running.connect()
        await client.send(GET)
        await client.reader.readuntil(b"one\r\n")
        late = await running.connect()
        await late.send(GET)
        await running.sink.until(lambda all_: sum(type(r).__name__ == "ExchangeStarted" for r in all_) == 2)
        await running.close()
        exchanges = await running.ended(2)
        assert [running.end(exchange).outcome for exchange in exchanges] == ["stopped", "stopped"]
        count = len(running.sink.records)
        go_on.set()
    assert seen == ["closed"]
    assert len(running.sink.records) == count


async def test_a_wsgi_app_whose_client_breaks_the_body_gets_an_oserror() -> None:
    raised: list[BaseException] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        try:
            environ["wsgi.input"].read()
        except OSError as error:
            raised.append(error)
            raise
        return []

    async with serving(app) as running:
        client = await running.connect()
        await client.send(CHUNKED.partition(b"\r\n\r\n")[0] + b"\r\n\r\n1\r\na\r\nzz\r\n")
        assert (await client.read_all()).startswith(b"HTTP/1.1 400 ")
        (exchange,) = await running.ended()
        assert [type(error) for error in raised] == [ClientGone]
        assert (running.end(exchange).outcome, running.end(exchange).status) == ("refused", 400)
        assert running.messages(exchange)[-1][1] == "refused"
