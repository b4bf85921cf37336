"""HTTP for ASGI apps: every hook point's message and its place, and every mistake an app can make."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from inspector.engine.stream import AppMistake
from inspector.trace.records import Failure, MessageSeen, Wait
from inspector.trace.values import Opaque
from tests.support.serving import PATIENCE, serving

GET = b"GET /caf%C3%A9?q=1 HTTP/1.1\r\nHost: shop\r\nX-A: 1\r\nX-A: 2\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\n\r\nhello"
EXTENSIONS: dict[str, Any] = {"http.response.early_hint": {}, "http.response.pathsend": {}}
CALL = ("call", "call", {"asgi": {"version": "3.0", "spec_version": "2.5"}, "extensions": EXTENSIONS}, b"")
RETURN = ("return", "return", {}, b"")
START = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
SENT_START = ("send", "http.response.start", {"status": 200, "headers": [(b"content-length", b"2")]}, b"")

App = Callable[[Any, Any, Any], Awaitable[None]]


async def plain(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send(START)
    await send({"type": "http.response.body", "body": b"o", "more_body": True})
    await send({"type": "http.response.body", "body": b"k", "more_body": False})


async def silent(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"ok"})


async def listens_on(scope: Any, receive: Any, send: Any) -> None:
    await plain(scope, receive, send)
    assert (await receive()) == {"type": "http.disconnect"}


async def raises(scope: Any, receive: Any, send: Any) -> None:
    raise ValueError("no")


@pytest.mark.parametrize(
    ("app", "request_", "messages"),
    [
        (
            plain,
            POST,
            [
                CALL,
                ("receive", "http.request", {"more_body": False}, b"hello"),
                SENT_START,
                ("send", "http.response.body", {"more_body": True}, b"o"),
                ("send", "http.response.body", {"more_body": False}, b"k"),
                RETURN,
            ],
        ),
        (silent, GET, [CALL, SENT_START, ("send", "http.response.body", {}, b"ok"), RETURN]),
        (
            listens_on,
            GET,
            [
                CALL,
                ("receive", "http.request", {"more_body": False}, b""),
                SENT_START,
                ("send", "http.response.body", {"more_body": True}, b"o"),
                ("send", "http.response.body", {"more_body": False}, b"k"),
                ("receive", "http.disconnect", {}, b""),
                RETURN,
            ],
        ),
        (raises, GET, [CALL, ("raise", "raise", {"exception": {"type": "ValueError", "message": "no"}}, b"")]),
    ],
)
async def test_each_hook_point_is_told_in_its_place(app: App, request_: bytes, messages: list[Any]) -> None:
    async with serving(app) as running:
        await running.get(request_)
        (exchange,) = await running.ended()
        assert running.messages(exchange) == messages


async def test_the_times_of_messages_are_in_order() -> None:
    async with serving(plain) as running:
        await running.get(POST)
        (exchange,) = await running.ended()
        told: list[MessageSeen] = running.of(exchange, MessageSeen)
        assert [m.seq for m in told] == list(range(6))
        assert [m.t_ns for m in told] == sorted(m.t_ns for m in told)
        assert told[1].wire_ns <= told[1].asked_ns <= told[1].t_ns
        assert told[4].wired_seq == 3
        assert told[3].t_ns <= told[4].wired_ns <= told[4].t_ns
        assert running.end(exchange).wired_seq == 4


async def test_the_scope_is_the_specs() -> None:
    scopes: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)
        await silent(scope, receive, send)

    database = object()
    async with serving(app, state={"db": database}, root_path="/api") as running:
        await running.get(GET)
        (exchange,) = await running.ended()
        (scope,) = scopes
        assert scope["type"] == "http"
        assert scope["path"] == "/api/caf\u00e9"
        assert scope["raw_path"] == b"/api/caf%C3%A9"
        assert scope["root_path"] == "/api"
        assert scope["query_string"] == b"q=1"
        assert scope["headers"] == [(b"host", b"shop"), (b"x-a", b"1"), (b"x-a", b"2")]
        assert scope["http_version"] == "1.1"
        assert scope["method"] == "GET"
        assert scope["scheme"] == "http"
        assert scope["server"] == ("127.0.0.1", running.port)
        assert scope["client"][0] == "127.0.0.1"
        assert scope["state"] == {"db": database}
        call = running.messages(exchange)[0][2]
        assert call["state"] == {"db": Opaque("object", id(database))}


async def test_asgi_2_is_called_twice() -> None:
    class App:
        def __init__(self, scope: Any) -> None:
            self.scope = scope

        async def __call__(self, receive: Any, send: Any) -> None:
            await silent(self.scope, receive, send)

    async with serving(App, "asgi2") as running:
        assert (await running.get(GET))[1] == b"ok"
        (exchange,) = await running.ended()
        assert [m[1] for m in running.messages(exchange)] == [
            "call",
            "http.response.start",
            "http.response.body",
            "return",
        ]


async def test_a_long_body_is_recorded_in_parts_up_to_the_cap() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": bytes(300_000)})

    async with serving(app, body_cap=200_000) as running:
        assert len((await running.get(GET))[1]) == 300_000
        (exchange,) = await running.ended()
        assert running.messages(exchange)[2][3] == bytes(200_000)
        body = running.of(exchange, MessageSeen)[2]
        assert (body.size, body.stored) == (300_000, 200_000)


MISTAKES: list[tuple[str, list[Any], str, int]] = [
    ("no message", [42], "send() takes a dict, not int", 500),
    ("no type", [{}], 'has a "type"', 500),
    ("unknown type", [{"type": "http.response.strat"}], "where only 'http.response.start'", 500),
    ("body first", [{"type": "http.response.body"}], "where only 'http.response.start'", 500),
    ("start twice", [START, START], "where only 'http.response.body'", 500),
    ("no status", [{"type": "http.response.start"}], '"status" is an int', 500),
    ("status of another type", [{"type": "http.response.start", "status": "200"}], '"status" is an int', 500),
    ("headers of text", [{**START, "headers": [("a", "b")]}], "is bytes, not str", 500),
    ("headers that are none", [{**START, "headers": 5}], "pairs of bytes", 500),
    ("a header with a line", [{**START, "headers": [(b"a", b"\n")]}], "Illegal", 500),
    ("body of text", [START, {"type": "http.response.body", "body": "ok"}], "a body is bytes, not str", 500),
    ("too long", [START, {"type": "http.response.body", "body": b"long"}], "longer than its", 0),
    ("too short", [START, {"type": "http.response.body", "body": b"s"}], "shorter than its", 0),
    ("after the end", [START, {"type": "http.response.body", "body": b"ok"}, START], "after the end", 200),
]


@pytest.mark.parametrize(("sent", "words", "status"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
async def test_a_mistake_is_raised_out_of_send_and_answered(sent: list[Any], words: str, status: int) -> None:
    raised: list[BaseException] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            for message in sent:
                await send(message)
        except AppMistake as error:
            raised.append(error)
            raise

    async with serving(app) as running:
        client = await running.connect()
        await client.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answer = await client.read_all()
        (exchange,) = await running.ended()
        assert words in str(raised[0])
        end = running.end(exchange)
        assert end.outcome == "app raised"
        assert len(running.of(exchange, Failure)) == 1
        if status:
            assert answer.startswith(b"HTTP/1.1 %d " % status)
        else:  # visibly broken: the head promised two bytes
            assert b"content-length: 2" in answer
            assert not answer.endswith(b"ok")
            assert "cut" in end.text


@pytest.mark.parametrize(
    ("sent", "text", "answer"),
    [
        ([], "the app returned without a response; answered with 500", b"500 Internal Server Error"),
        ([START], "the app returned before its response was complete", b"500 Internal Server Error"),
    ],
)
async def test_an_app_that_returns_too_early_is_answered_for(sent: list[Any], text: str, answer: bytes) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in sent:
            await send(message)

    async with serving(app) as running:
        assert answer in (await running.get(GET))[0]
        (exchange,) = await running.ended()
        assert running.end(exchange).outcome == "broken"
        assert text in running.end(exchange).text
        assert running.end(exchange).status == 500


async def test_an_exception_in_the_middle_cuts_the_transfer() -> None:
    out = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"some", "more_body": True})
        await out.wait()
        raise RuntimeError("in the middle")

    async with serving(app) as running:
        client = await running.connect()
        await client.send(GET)
        await asyncio.wait_for(client.reader.readuntil(b"some"), PATIENCE)
        out.set()
        assert not (await client.read_all()).endswith(b"0\r\n\r\n")
        (exchange,) = await running.ended()
        assert running.end(exchange).text == "the app raised RuntimeError; the transfer was cut"


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), asyncio.CancelledError()])
async def test_no_exception_of_an_app_ends_the_engine(error: BaseException) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise error

    async with serving(app) as running:
        assert b" 500 " in (await running.get(GET))[0]
        assert b" 500 " in (await running.get(GET))[0]
        first, _ = await running.ended(2)
        assert running.end(first).outcome == "app raised"
        assert running.of(first, Failure)[0].type.endswith(type(error).__name__)


async def test_a_cancelled_receive_ends_its_wait() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(receive(), 0.01)
        await silent(scope, receive, send)

    async with serving(app) as running:
        await running.get(GET)
        (exchange,) = await running.ended()
        assert [wait.done for wait in running.of(exchange, Wait)] == [False, True]
        assert [m[1] for m in running.messages(exchange)].count("http.disconnect") == 0


async def test_a_body_of_another_kind_of_bytes_is_sent_and_recorded_without_running_its_code() -> None:
    class Bytes(bytes):
        def __bytes__(self) -> bytes:
            raise AssertionError("the tap ran the app's code")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"6")]})
        await send({"type": "http.response.body", "body": Bytes(b"ab"), "more_body": True})
        await send({"type": "http.response.body", "body": bytearray(b"cd"), "more_body": True})
        await send({"type": "http.response.body", "body": memoryview(b"ef")})

    async with serving(app) as running:
        assert (await running.get(GET))[1] == b"abcdef"
        (exchange,) = await running.ended()
        assert [message[3] for message in running.messages(exchange)][2:5] == [b"ab", b"cd", b"ef"]


async def test_a_body_that_only_looks_like_bytes_is_a_mistake_and_is_on_record() -> None:
    class Posing:
        @property
        def __class__(self) -> type:  # type: ignore[override]
            raise AssertionError("the tap ran the app's code")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send({"type": "http.response.body", "body": Posing()})

    async with serving(app) as running:
        assert b" 500 " in (await running.get(GET))[0]
        (exchange,) = await running.ended()
        body = running.messages(exchange)[2][2]["body"]
        assert isinstance(body, Opaque)
        assert body.type_name.endswith("Posing")


async def test_the_cap_is_on_the_body_as_a_whole() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        for _ in range(5):
            await send({"type": "http.response.body", "body": bytes(400), "more_body": True})
        await send({"type": "http.response.body"})

    async with serving(app, body_cap=1000) as running:
        assert len((await running.get(GET))[1]) == 2000
        (exchange,) = await running.ended()
        told = [m for m in running.of(exchange, MessageSeen) if m.type == "http.response.body"]
        assert [(m.size, m.stored) for m in told] == [(400, 400), (400, 400), (400, 200), (400, 0), (400, 0), (0, 0)]
        assert [len(m.body) for m in told] == [400, 400, 200, 0, 0, 0]


async def test_a_receive_that_is_cancelled_while_the_window_is_behind_loses_no_byte() -> None:
    got: list[bytes] = []
    timed_out = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        running.sink.congested = True
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(receive(), 0.05)
        running.sink.congested = False
        timed_out.set()
        got.append((await receive())["body"])
        await silent(scope, receive, send)

    async with serving(app) as running:
        await running.get(POST)
        assert timed_out.is_set()
        assert got == [b"hello"]


async def test_a_client_that_leaves_is_no_failure_of_the_app() -> None:
    class ClientDisconnect(Exception):
        """As Starlette raises it in the place of our OSError."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        try:
            while True:
                await send({"type": "http.response.body", "body": b"x", "more_body": True})
                await asyncio.sleep(0)
        except OSError:
            raise ClientDisconnect from None

    async with serving(app) as running:
        client = await running.connect()
        await client.send(GET)
        await asyncio.wait_for(client.reader.readuntil(b"x"), PATIENCE)
        await client.close()
        (exchange,) = await running.ended()
        assert running.end(exchange).outcome == "client left"
        assert "ClientDisconnect" in running.end(exchange).text
        assert running.of(exchange, Failure) == []
        assert running.messages(exchange)[-1][0] == "raise"
