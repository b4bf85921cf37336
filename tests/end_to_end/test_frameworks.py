"""Frameworks as their users run them: the same answers as under a reference server, and every message recorded."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.support.answers import ask
from tests.support.programs import Inspector, Program, inspector, uvicorn, waitress
from tests.support.recorded import body, exchanges, over, steps


@dataclass(frozen=True)
class Ask:
    """A request, and the messages that it makes."""

    method: str
    path: str
    steps: str
    status: int = 200
    raises: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


ONE = "call start_response return next"
CLOSED = f"{ONE} close"
BARE_WSGI = [
    Ask("GET", "/", ONE),
    Ask("HEAD", "/", ONE),
    Ask("GET", "/stream", "call return start_response next next next close"),
    Ask("GET", "/caf%C3%A9/x%2Fy;z?a=b%20c&a=%ff", ONE),
    Ask("GET", "/told?a=b%20c", ONE, options={"headers": {"X-A": "caf\xe9".encode("latin-1")}}),
    Ask(
        "POST",
        "/echo",
        "call read start_response return next",
        201,
        options={"content": b"a\0\xff" * 9, "headers": {"content-type": "x/y"}},
    ),
    Ask("GET", "/writes", "call start_response write return next"),
    Ask("GET", "/nothing", "call start_response return", 204),
    Ask("GET", "/file", "call start_response return next next close"),
]
VALIDATED = [
    Ask("GET", "/", CLOSED),
    Ask("HEAD", "/", CLOSED),
    Ask("GET", "/stream", "call return start_response next next next close"),
    Ask(
        "POST",
        "/echo",
        "call read start_response return next close",
        201,
        options={"content": b"abc", "headers": {"content-type": "x/y"}},
    ),
    Ask("GET", "/writes", "call start_response write return next close"),
    Ask("GET", "/nothing", "call start_response return close", 204),
]
FLASK = [
    Ask("GET", "/", CLOSED),
    Ask("HEAD", "/", "call start_response return close"),
    Ask("OPTIONS", "/", "call start_response return close"),
    Ask("GET", "/items/7?x=1", CLOSED),
    Ask("POST", "/login", "call read start_response return next close", 302, options={"data": {"user": "Eva"}}),
    Ask("GET", "/stream", "call start_response return next next next close"),
    Ask("GET", "/file", CLOSED),
    Ask("GET", "/missing", CLOSED, 404),
    Ask("GET", "/fail", CLOSED, 500),
]
ANSWERED = "http.response.start http.response.body return"
FIELD = b'content-disposition: form-data; name="file"; filename="a.txt"'
FORM = {
    "headers": {"content-type": "multipart/form-data; boundary=b"},
    "content": b"--b\r\n%b\r\n\r\n%b\r\n--b--\r\n" % (FIELD, b"x" * 1000),
}
"""A file. httpx would send its form in several pieces, and each could come as a message of its own."""
BARE_ASGI2 = [
    Ask("GET", "/a%20b?c", f"call http.response.start http.response.body {ANSWERED.partition(' ')[2]}"),
    Ask("HEAD", "/", "call http.response.start http.response.body http.response.body return"),
    Ask(
        "POST",
        "/",
        "call http.request http.response.start http.response.body http.response.body return",
        options={"content": b"abc"},
    ),
]
FASTAPI = [
    Ask("GET", "/items/7", f"call {ANSWERED}"),
    Ask("GET", "/items/x", f"call {ANSWERED}", 422),
    Ask("GET", "/sync", f"call {ANSWERED}"),
    Ask("POST", "/orders", f"call http.request {ANSWERED}", 201, options={"json": {"item": "Teapot"}}),
    Ask("GET", "/events", f"call {ANSWERED}"),  # what the dependency and the background task left there
    Ask("POST", "/upload", f"call http.request {ANSWERED}", options=FORM),
    Ask("GET", "/missing", f"call {ANSWERED}", 404),
    Ask("GET", "/fail", "call http.response.start http.response.body raise", 500, "LookupError"),
    Ask("GET", "/openapi.json", f"call {ANSWERED}"),
]
PARTS = "http.response.start http.response.body http.response.body return"
STARLETTE = [
    Ask("GET", "/", f"call {PARTS}"),
    Ask("GET", "/events", f"call http.response.start {'http.response.body ' * 4}return"),
    Ask("POST", "/echo", f"call http.request {PARTS}", options={"json": {"a": 1}, "headers": {"x-agent": "me"}}),
    Ask("GET", "/file", "call http.response.start http.response.pathsend return"),
    Ask("GET", "/file", f"call {PARTS}", 206, options={"headers": {"range": "bytes=2-5"}}),
    Ask("HEAD", "/file", "call http.response.start http.response.body return"),
    Ask("GET", "/fail", "call http.response.start http.response.body raise", 500, "LookupError"),
]
LIFESPAN = "call lifespan.startup lifespan.startup.complete lifespan.shutdown lifespan.shutdown.complete return"


@dataclass(frozen=True)
class Framework:
    app: str
    interface: str
    asks: list[Ask]
    lifespan: str = ""
    """Its messages; "": not asked for."""
    options: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join([self.app, *self.options])


HERE = ("--in-process",)
FRAMEWORKS = [
    Framework("bare_wsgi:app", "wsgi", BARE_WSGI),
    Framework("bare_wsgi:validated", "wsgi", VALIDATED),
    Framework("flask_shop:app", "wsgi", FLASK),
    Framework("flask_shop:app", "wsgi", FLASK, options=HERE),
    Framework("bare_asgi2:app", "asgi2", BARE_ASGI2, "call raise"),
    Framework("fastapi_shop:app", "asgi3", FASTAPI, LIFESPAN),
    Framework("fastapi_shop:app", "asgi3", FASTAPI, LIFESPAN, HERE),
    Framework("starlette_news:app", "asgi3", STARLETTE, LIFESPAN),
]


@pytest.mark.parametrize("framework", FRAMEWORKS, ids=str)
def test_same_answers_and_every_message(framework: Framework, tmp_path: Path) -> None:
    reference = waitress if framework.interface == "wsgi" else uvicorn
    (tmp_path / "reference").mkdir()
    with ExitStack() as stack:
        theirs = stack.enter_context(reference(framework.app, tmp_path / "reference"))
        ours = stack.enter_context(inspector(framework.app, tmp_path, *framework.options))
        answers = []
        for asked in framework.asks:
            got = ask(ours.url, asked.method, asked.path, **asked.options)
            assert got == ask(theirs.url, asked.method, asked.path, **asked.options), asked
            assert got.status == asked.status, asked
            answers.append(got)
        assert ours.stop() == 0, ours.err
    recorded = exchanges(ours.recording, "kind:http")
    assert len(recorded) == len(framework.asks)
    for asked, got, exchange in zip(framework.asks, answers, recorded, strict=True):
        assert steps(exchange) == asked.steps.split(), asked
        assert (exchange["method"], exchange["status"], exchange["interface"]) == (
            asked.method,
            asked.status,
            framework.interface,
        )
        assert (exchange["exception"] or {"type": ""})["type"] == asked.raises
        if "pathsend" in asked.steps:  # the server reads the file
            (sent,) = [message for message in exchange["messages"] if message["type"] == "http.response.pathsend"]
            assert (sent["size"], Path(sent["data"]["path"]).read_bytes()) == (len(got.body), got.body)
        elif asked.method != "HEAD":
            assert body(exchange, "send").replace(ours.url[7:].encode(), b"HOST") == got.body
    assert [" ".join(steps(each)) for each in exchanges(ours.recording, "kind:lifespan")] == [
        framework.lifespan
    ] * bool(framework.lifespan)
    assert "Warning" not in ours.err
    assert "AssertionError" not in ours.err  # of the validator


def test_what_a_framework_prints_and_logs_is_its_exchanges(tmp_path: Path) -> None:
    with inspector("flask_shop:app", tmp_path) as ours:
        for path in ("/", "/items/7", "/fail"):
            ask(ours.url, "GET", path)
        index, item, fail = over(ours.recording, "kind:http", 3)
        assert "index was asked for\n" in ours.out
        assert "looking for 7" in ours.err
    assert [(log["source"], log["text"]) for log in index["logs"]] == [("stdout", "index was asked for")]
    assert [(log["source"], log["level"], log["logger"], log["text"]) for log in item["logs"]] == [
        ("logging", "WARNING", "flask_shop", "looking for 7")
    ]
    assert [(log["source"], log["level"]) for log in fail["logs"]] == [("stderr", None), ("logging", "ERROR")]
    assert fail["logs"][1]["text"].endswith("LookupError: no such shelf")


def test_an_upload_in_one_piece_and_its_reads(tmp_path: Path) -> None:
    data = bytes(range(256)) * 4000
    with inspector("flask_shop:app", tmp_path) as ours:
        got = ask(ours.url, "POST", "/upload", files={"file": ("a.bin", b"teapot: " + data)})
        assert got.status == 200
        (exchange,) = over(ours.recording, "kind:http")
    kinds = steps(exchange)
    assert kinds == ["call", *["read"] * kinds.count("read"), "start_response", "return", "next", "close"]
    assert data in body(exchange, "receive")
    assert exchange["request_bytes"] == len(body(exchange, "receive")) == int(exchange["environ"]["CONTENT_LENGTH"])


# WebSockets.


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Inspector, Program]]:
    """The FastAPI app under us and under uvicorn."""
    with (
        inspector("fastapi_shop:app", tmp_path_factory.mktemp("ours")) as ours,
        uvicorn("fastapi_shop:app", tmp_path_factory.mktemp("theirs")) as theirs,
    ):
        yield ours, theirs


def talk(url: str, path: str, said: list[str]) -> list[Any]:
    """What a client sees that says `said`: the subprotocol, the answers, and how it ended."""
    seen: list[Any] = []
    with connect(url.replace("http", "ws") + path, subprotocols=["chat", "other"], proxy=None) as client:  # type: ignore[list-item]
        seen.append(client.subprotocol)
        try:
            for text in said:
                client.send(text)
                seen.append(client.recv(timeout=10))
        except ConnectionClosed as closed:
            seen.append(closed.rcvd and (closed.rcvd.code, closed.rcvd.reason))
    return seen


def test_a_chat_that_the_app_closes(chats: tuple[Inspector, Program]) -> None:
    ours, theirs = chats
    said = ["hello", "é" * 1000, "bye"]
    seen = talk(ours.url, "/chat/closed", said)
    assert seen == talk(theirs.url, "/chat/closed", said)
    assert (seen[0], seen[-1]) == ("chat", (4000, "good bye"))
    (exchange,) = over(ours.recording, "path:/chat/closed")
    kinds = "call websocket.connect websocket.accept" + " websocket.receive websocket.send" * 2
    assert steps(exchange) == [*kinds.split(), "websocket.receive", "websocket.close", "return"]
    assert [m["data"]["text"] for m in exchange["messages"] if m["type"] == "websocket.receive"] == said
    assert (exchange["kind"], exchange["status"]) == ("websocket", 101)


def test_a_chat_that_the_client_leaves(chats: tuple[Inspector, Program]) -> None:
    ours, theirs = chats
    assert talk(ours.url, "/chat/left", ["hello"]) == talk(theirs.url, "/chat/left", ["hello"])
    (exchange,) = over(ours.recording, "path:/chat/left")
    kinds = "call websocket.connect websocket.accept websocket.receive websocket.send websocket.disconnect return"
    assert steps(exchange) == kinds.split()
    assert exchange["messages"][-2]["data"]["code"] == 1000
    assert "left with 1000" in httpx.get(f"{ours.url}/events", trust_env=False).json()


def test_a_chat_that_is_refused(chats: tuple[Inspector, Program]) -> None:
    answers: list[int] = []
    for program in chats:
        with pytest.raises(InvalidStatus) as refused:
            connect(program.url.replace("http", "ws") + "/refused", proxy=None)
        answers.append(refused.value.response.status_code)
    assert answers == [403, 403]
    (exchange,) = over(chats[0].recording, "path:/refused")
    assert steps(exchange) == ["call", "websocket.close", "return"]
    assert exchange["status"] == 403


def test_a_chat_of_asgi_2(tmp_path: Path) -> None:
    with inspector("bare_asgi2:app", tmp_path) as ours:
        assert talk(ours.url, "/", ["hello"])[1:] == ["HELLO"]
        (exchange,) = over(ours.recording, "kind:websocket")
    kinds = "call websocket.connect websocket.accept websocket.receive websocket.send websocket.disconnect return"
    assert steps(exchange) == kinds.split()


NEWS = """
import asyncio

async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for number in range(3):
        await send({"type": "http.response.body", "body": b"%d" % number, "more_body": True})
        await asyncio.sleep(0.01)
    await send({"type": "http.response.body"})
"""


def test_each_event_of_a_stream_has_its_own_time(tmp_path: Path) -> None:
    """The app's own `send`, with no middleware that would hand it on later: at least the sleep lies between two."""
    (tmp_path / "news.py").write_text(NEWS)
    with inspector("news:app", tmp_path, "--lifespan", "off", cwd=tmp_path) as ours:
        ask(ours.url, "GET", "/events")
        (exchange,) = over(ours.recording, "path:/events")
    events = [m for m in exchange["messages"] if m["type"] == "http.response.body" and m["size"]]
    assert [m["data"]["body"] for m in events] == ["0", "1", "2"]
    assert all(later["t_ns"] - earlier["t_ns"] >= 9_900_000 for earlier, later in itertools.pairwise(events))
