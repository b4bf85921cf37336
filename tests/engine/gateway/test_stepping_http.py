"""Each verb at each hook point of HTTP, ASGI 3, ASGI 2 and WSGI: what the client gets, what the app sees, what is on
record, and that another request goes through meanwhile. Real sockets."""

# ruff: noqa: E501 - a table: one cell is one line

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from inspector.trace.stepping import Held
from tests.support.serving import PATIENCE, Serving
from tests.support.stepping import Steps, passed, stepping_asgi, stepping_wsgi

POST = b"POST /held HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
FREE = b"GET /free HTTP/1.1\r\nHost: shop\r\n\r\n"
HEADERS = [(b"x", b"y")]
Saw = list[str]


def asgi3(saw: Saw, raises: bool) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/free":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
            await send({"type": "http.response.body", "body": b"free"})
            return
        saw.append(scope["method"])
        more = True
        while more:
            message = await receive()
            saw.append(message.get("body", message["type"].encode()).decode())
            more = message.get("more_body", False)
        if saw[-1] == "http.disconnect":
            return
        if raises:
            raise ValueError("no")
        for answer in (
            {"type": "http.response.start", "status": 200, "headers": HEADERS},
            {"type": "http.response.body", "body": b"one ", "more_body": True},
            {"type": "http.response.body", "body": b"two"},
        ):
            try:
                await send(answer)
            except OSError as error:
                saw.append(type(error).__name__)
                return
            saw.append("sent")

    return app


def asgi2(saw: Saw, raises: bool) -> Any:
    def app(scope: Any) -> Any:
        async def instance(receive: Any, send: Any) -> None:
            await asgi3(saw, raises)(scope, receive, send)

        return instance

    return app


class Closing:
    def __init__(self, saw: Saw, chunks: Iterable[bytes]) -> None:
        self.saw = saw
        self.chunks = iter(chunks)

    def __iter__(self) -> Closing:
        return self

    def __next__(self) -> bytes:
        return next(self.chunks)

    def close(self) -> None:
        self.saw.append("closed")


def wsgi(saw: Saw, raises: bool) -> Any:
    def app(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == "/free":
            start_response("200 OK", [])
            return [b"free"]
        saw.append(environ["REQUEST_METHOD"])
        try:
            saw.append(environ["wsgi.input"].read().decode())
            if raises:
                raise ValueError("no")
            write = start_response("200 OK", [("x", "y")])
            saw.append("sent")
            write(b"one ")
            saw.append("sent")
        except OSError as error:
            saw.append(type(error).__name__)
            return Closing(saw, [])
        return Closing(saw, [b"two"])

    return app


@dataclass(frozen=True)
class Cell:
    """One verb at one hook point. `then` is the next hold's point; `refused` the beginning of the reply."""

    point: str
    verb: str
    client: str = "200 one two"
    saw: str = ""
    told: str = ""
    given: dict[str, Any] = field(default_factory=dict)
    then: str = ""
    refused: str = ""
    leaves: bool = False

    def __str__(self) -> str:
        return f"{self.point} {self.verb} {self.given.get('where', '')}".strip()


def body(type_: str, text: str, **more: Any) -> dict[str, Any]:
    return {"message": {"type": type_, "data": {"body": text, **more}}}


def refusals(point: str, *verbs: str, **outcome: Any) -> list[Cell]:
    given = {"where": "after", "message": {"type": "http.response.body", "data": {}}}
    return [
        Cell(point, verb, given=given if verb in ("edit", "inject") else {}, refused=verb, **outcome) for verb in verbs
    ]


def passing(point: str, next_point: str, next_send: str, **outcome: Any) -> list[Cell]:
    """The verbs that let it pass."""
    return [
        Cell(point, "continue", **outcome),
        Cell(point, "finish", **outcome),
        Cell(point, "resume_all", **outcome),
        Cell(point, "step", then=next_point, **outcome),
        Cell(point, "step_send", then=next_send, **outcome),
    ]


A_SAW = "POST hello sent sent sent"
A_TOLD = "call request response.start response.body response.body return"
RESPONSE = "http.response.body"
FAILED = "500 Internal Server Error"
ASGI = [
    *passing("call", "receive", "send", saw=A_SAW, told=A_TOLD),
    Cell("call", "edit", saw="PUT hello sent sent sent", told=A_TOLD.replace("call", "call*"), given={"scope": "PUT"}),
    *refusals("call", "drop", "inject", "disconnect", "fail", saw=A_SAW),
    Cell("call", "abort", "reset", "", "call-"),
    *passing("receive", "send", "send", saw=A_SAW, told=A_TOLD),
    Cell("receive", "drop", "", "POST http.disconnect", "call request- disconnect return", leaves=True),
    Cell("receive", "edit", saw=A_SAW.replace("hello", "HELLO"), told=A_TOLD.replace("request", "request*"), given=body("http.request", "HELLO")),
    Cell("receive", "inject", saw=A_SAW.replace("hello", "x hello"), told=A_TOLD.replace("request", "request+ request"), given={"where": "before", **body("http.request", "x", more_body=True)}),
    Cell("receive", "inject", saw=A_SAW, told=A_TOLD, given={"where": "after", "message": {"type": "http.disconnect"}}),
    Cell("receive", "abort", "reset", "POST http.disconnect", "call request- disconnect return"),
    Cell("receive", "disconnect", FAILED, "POST http.disconnect", "call request- disconnect+ return"),
    *refusals("receive", "fail", saw=A_SAW),
    *passing("send", "send", "send", saw=A_SAW, told=A_TOLD),
    Cell("send", "drop", FAILED, "POST hello sent", "call request response.start- response.body raise"),
    Cell("send", "edit", "404 one two", A_SAW, A_TOLD.replace("start", "start*"), {"message": {"data": {"status": 404}}}),
    Cell("send", "inject", given={"where": "before", **body(RESPONSE, "x", more_body=True)}, saw=A_SAW, refused="type: http.response.body cannot come here"),
    Cell("send", "inject", "200 xone two", A_SAW, A_TOLD.replace("start", "start response.body+"), {"where": "after", **body(RESPONSE, "x", more_body=True)}),
    Cell("send", "abort", "reset", "POST hello ClientGone", "call request response.start- return"),
    Cell("send", "fail", FAILED, "POST hello OSError", "call request response.start- return"),
    *refusals("send", "disconnect", saw=A_SAW),
    *passing("send body~one", "send", "send", saw=A_SAW, told=A_TOLD),
    Cell("send body~one", "drop", "200 two", A_SAW, A_TOLD.replace("response.body response", "response.body- response")),
    Cell("send body~one", "edit", "200 1 two", A_SAW, A_TOLD.replace("response.body response", "response.body* response"), body(RESPONSE, "1 ", more_body=True)),
    Cell("send body~one", "inject", "200 xone two", A_SAW, A_TOLD.replace("response.body response", "response.body+ response.body response"), {"where": "before", **body(RESPONSE, "x", more_body=True)}),
    Cell("send body~one", "inject", "200 one xtwo", A_SAW, A_TOLD.replace("response.body response", "response.body response.body+ response"), {"where": "after", **body(RESPONSE, "x", more_body=True)}),
    Cell("send body~one", "abort", "reset", "POST hello sent ClientGone", "call request response.start response.body- return"),
    Cell("send body~one", "fail", FAILED, "POST hello sent OSError", "call request response.start response.body- return"),
    *passing("return", "", "", saw=A_SAW, told=A_TOLD),
    *refusals("return", "drop", "inject", "edit", "disconnect", "fail", saw=A_SAW),
    Cell("return", "abort", saw=A_SAW, told=A_TOLD),
    *passing("raise", "", "", client=FAILED, saw="POST hello", told="call request raise"),
    *refusals("raise", "drop", "inject", "edit", "disconnect", "fail", client=FAILED, saw="POST hello"),
    Cell("raise", "abort", "reset", "POST hello", "call request raise"),
]  # fmt: skip
W_SAW = "POST hello sent sent closed"
W_TOLD = "call read start_response write return next close"
WSGI = [
    *passing("call", "read", "start_response", saw=W_SAW, told=W_TOLD),
    Cell("call", "edit", saw=W_SAW.replace("POST", "PUT"), told=W_TOLD.replace("call", "call*"), given={"scope": "PUT"}),
    *refusals("call", "drop", "inject", "disconnect", "fail", saw=W_SAW),
    Cell("call", "abort", "reset", "", "call-"),
    *passing("read", "start_response", "start_response", saw=W_SAW, told=W_TOLD),
    Cell("read", "drop", saw="POST  sent sent closed", told=W_TOLD.replace("read", "read- read")),
    Cell("read", "edit", saw=W_SAW.replace("hello", "HELLO"), told=W_TOLD.replace("read", "read*"), given={"message": {"data": {"method": "read", "size": -1, "body": "HELLO"}}}),
    Cell("read", "inject", saw=W_SAW.replace("hello", "x"), told=W_TOLD.replace("read", "read+"), given={"where": "before", **body("read", "x")}),
    Cell("read", "inject", saw=W_SAW, told=W_TOLD, given={"where": "after", **body("read", "x")}),
    Cell("read", "abort", "reset", "POST ClientGone closed", "call read- return close"),
    Cell("read", "disconnect", FAILED, "POST ClientGone closed", "call read- return close"),
    *refusals("read", "fail", saw=W_SAW),
    *passing("start_response", "write", "write", saw=W_SAW, told=W_TOLD),
    Cell("start_response", "drop", FAILED, "POST hello sent", "call read start_response- write raise"),
    Cell("start_response", "edit", "404 one two", W_SAW, W_TOLD.replace("start_response", "start_response*"), {"message": {"data": {"status": "404 No", "headers": [["x", "y"]], "exc_info": None}}}),
    Cell("start_response", "inject", given={"where": "before", **body("write", "x")}, saw=W_SAW, refused="type: write cannot come here"),
    Cell("start_response", "inject", "200 xone two", W_SAW, W_TOLD.replace("start_response", "start_response write+"), {"where": "after", **body("write", "x")}),
    Cell("start_response", "abort", "reset", "POST hello ClientGone closed", "call read start_response- return close"),
    Cell("start_response", "fail", FAILED, "POST hello OSError closed", "call read start_response- return close"),
    *refusals("start_response", "disconnect", saw=W_SAW),
    *passing("write", "return", "next", saw=W_SAW, told=W_TOLD),
    Cell("write", "drop", "200 two", W_SAW, W_TOLD.replace("write", "write-")),
    Cell("write", "edit", "200 1 two", W_SAW, W_TOLD.replace("write", "write*"), body("write", "1 ")),
    Cell("write", "inject", "200 xone two", W_SAW, W_TOLD.replace("write", "write+ write"), {"where": "before", **body("write", "x")}),
    Cell("write", "inject", "200 one xtwo", W_SAW, W_TOLD.replace("write", "write write+"), {"where": "after", **body("write", "x")}),
    Cell("write", "abort", "reset", "POST hello sent ClientGone closed", "call read start_response write- return close"),
    Cell("write", "fail", "200 ", "POST hello sent OSError closed", "call read start_response write- return close"),
    *passing("return", "next", "next", saw=W_SAW, told=W_TOLD),
    *refusals("return", "drop", "inject", "edit", "disconnect", "fail", saw=W_SAW),
    Cell("return", "abort", "reset", W_SAW, W_TOLD),
    *passing("next", "close", "", saw=W_SAW, told=W_TOLD),
    Cell("next", "drop", "200 one ", W_SAW, W_TOLD.replace("next", "next-")),
    Cell("next", "edit", "200 one 2", W_SAW, W_TOLD.replace("next", "next*"), body("next", "2")),
    Cell("next", "inject", "200 one xtwo", W_SAW, W_TOLD.replace("next", "next+ next"), {"where": "before", **body("next", "x")}),
    Cell("next", "inject", "200 one twox", W_SAW, W_TOLD.replace("next", "next next+"), {"where": "after", **body("next", "x")}),
    Cell("next", "abort", "reset", W_SAW, W_TOLD.replace("next", "next-")),
    Cell("next", "fail", "cut", W_SAW, W_TOLD.replace("next", "next-")),
    *refusals("next", "disconnect", saw=W_SAW),
    *passing("close", "", "", saw=W_SAW, told=W_TOLD),
    *refusals("close", "drop", "inject", "edit", "disconnect", "fail", saw=W_SAW),
    Cell("close", "abort", saw=W_SAW, told=W_TOLD),
    *passing("raise", "", "", client=FAILED, saw="POST hello", told="call read raise"),
    *refusals("raise", "drop", "inject", "edit", "disconnect", "fail", client=FAILED, saw="POST hello"),
    Cell("raise", "abort", "reset", "POST hello", "call read raise"),
]  # fmt: skip


def outcome(data: bytes) -> str:
    """Status and body of a whole response; "cut" for one that is not whole."""
    head, blank, rest = data.partition(b"\r\n\r\n")
    if not blank:
        return "cut" if data else ""
    lower = head.lower()
    if b"content-length: " in lower:
        size = int(lower.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        whole, text = len(rest) == size, rest
    else:
        text, whole = b"", False
        while rest and not whole:
            digits, _, rest = rest.partition(b"\r\n")
            size = int(digits, 16)
            text, rest, whole = text + rest[:size], rest[size + 2 :], size == 0
    return f"{head.split()[1].decode()} {text.decode()}" if whole else "cut"


async def client(running: Serving, left: asyncio.Event) -> str:
    one = await running.connect()
    await one.send(POST)
    reading = asyncio.ensure_future(one.reader.read(-1))
    leaving = asyncio.ensure_future(left.wait())
    await asyncio.wait([reading, leaving], timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    leaving.cancel()
    if not reading.done():
        reading.cancel()
        await one.close()
        return ""
    try:
        return outcome(reading.result())
    except ConnectionResetError:
        return "reset"


def given(steps: Steps, held: Held, cell: Cell) -> dict[str, Any]:
    found = dict(cell.given)
    if "scope" in found:
        method = found.pop("scope")
        text = steps.text(held)
        whole = text["data"].get("scope") or text["data"]["environ"]
        whole["method" if "method" in whole else "REQUEST_METHOD"] = method
        found["message"] = text
    if cell.verb != "resume_all":
        found["hold"] = held.hold
    return found


async def check(running: Serving, steps: Steps, cell: Cell, saw: Saw) -> None:
    steps.break_(f"path:/held point:{cell.point}", once=True)
    left = asyncio.Event()
    asking = asyncio.ensure_future(client(running, left))
    held = await steps.held()
    assert held.point == cell.point.partition(" ")[0]
    assert (await running.get(FREE))[1] == b"free"  # nobody else waits
    if cell.refused:
        assert steps.refused(cell.verb, **given(steps, held, cell)).startswith(cell.refused)
        assert held.hold in steps.board.holds
        steps.do("continue", hold=held.hold)
    else:
        steps.do(cell.verb, **given(steps, held, cell))
        if cell.verb in ("edit", "inject"):
            assert held.hold in steps.board.holds
            steps.do("continue", hold=held.hold)
    if cell.then:
        following = await steps.held()
        assert following.point == cell.then
        steps.do("resume_all")
    if cell.leaves:
        left.set()
    assert await asyncio.wait_for(asking, PATIENCE) == cell.client
    exchange = held.exchange
    await running.ended(2)
    assert " ".join(saw) == cell.saw
    if cell.told:
        assert " ".join(passed(running, exchange)) == cell.told
    assert not steps.board.holds
    assert not steps.board.armed
    if cell.verb == "abort":
        assert running.end(exchange).outcome == "aborted"


CELLS = [
    *(pytest.param(asgi3, "asgi3", cell, id=f"asgi3 {cell}") for cell in ASGI),
    *(pytest.param(asgi2, "asgi2", cell, id=f"asgi2 {cell}") for cell in ASGI),
    *(pytest.param(wsgi, "wsgi", cell, id=f"wsgi {cell}") for cell in WSGI),
]


@pytest.mark.parametrize(("make", "interface", "cell"), CELLS)
async def test_each_verb_at_each_hook_point(make: Callable[[Saw, bool], Any], interface: str, cell: Cell) -> None:
    saw: Saw = []
    app = make(saw, cell.point == "raise")
    async with contextlib.AsyncExitStack() as stack:
        opening = stepping_wsgi(app) if interface == "wsgi" else stepping_asgi(app, interface)
        running, steps = await stack.enter_async_context(opening)
        await check(running, steps, cell, saw)
