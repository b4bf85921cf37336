"""The two shops answer alike; what only one interface has is tested apart. No server: the apps are called directly."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from inspector.resources import resource

FORM = {"content-type": "application/x-www-form-urlencoded"}
NAMES = ("hello_wsgi", "hello_asgi", "shop", "shop_wsgi", "shop_asgi")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return dict(self.headers)[name]


@pytest.fixture
def shops(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    monkeypatch.syspath_prepend(str(resource("demo")))
    yield {name: importlib.import_module(name) for name in NAMES}
    for name in NAMES:
        del sys.modules[name]


@pytest.fixture
def shop(shops: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(shops["shop"], "SLOW_SECONDS", 0.0)
    monkeypatch.setattr(shops["shop"], "CHUNK_SECONDS", 0.001)
    return shops["shop"]


def wsgi(app: Any, method: str, path: str, query: str = "", body: bytes = b"", **headers: str) -> Answer:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.file_wrapper": lambda file: [file.read(), file.close()][:1],
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }
    setup_testing_defaults(environ)
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started.append((status, headers))
        return lambda data: None

    found = validator(app)(environ, start_response)  # complains about every rule of PEP 3333 that is broken
    try:
        content = b"".join(found)
    finally:
        found.close()
    (status, fields), *_ = started
    return Answer(int(status[:3]), fields, content)


def asgi(app: Any, method: str, path: str, query: str = "", body: bytes = b"", **headers: str) -> Answer:
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    sent: list[dict[str, Any]] = []

    async def call() -> None:
        inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        half = len(body) // 2
        inbox.put_nowait({"type": "http.request", "body": body[:half], "more_body": True})
        inbox.put_nowait({"type": "http.request", "body": body[half:], "more_body": False})

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await app(scope, inbox.get, send)

    asyncio.run(call())
    head, *parts = sent
    fields = [(name.decode(), value.decode()) for name, value in head["headers"]]
    assert not parts[-1].get("more_body", False)
    return Answer(head["status"], fields, b"".join(part["body"] for part in parts))


REQUESTS = {
    "hello": ("GET", "/hello"),
    "home": ("GET", "/"),
    "home, head only": ("HEAD", "/"),
    "style": ("GET", "/shop.css"),
    "tea": ("GET", "/teas/2"),
    "no such tea": ("GET", "/teas/99"),
    "search": ("GET", "/api/teas", "q=oo"),
    "tea as JSON": ("GET", "/api/teas/3"),
    "no such tea as JSON": ("GET", "/api/teas/three"),
    "order that cannot be read": ("POST", "/api/orders", "", b"{"),
    "order of nothing": ("POST", "/api/orders", "", b"[]"),
    "cart": ("GET", "/cart"),
    "into the cart": ("POST", "/cart", "", b"tea=2&count=3"),
    "nothing into the cart": ("POST", "/cart", "", b"tea=0"),
    "upload page": ("GET", "/upload"),
    "upload": ("POST", "/upload", "", bytes(range(256)) * 1000),
    "chat page": ("GET", "/chat"),
    "redirect": ("GET", "/old-shop"),
    "slow": ("GET", "/slow"),
    "stream": ("GET", "/prices.csv"),
    "wrong method": ("DELETE", "/api/teas"),
    "nothing there": ("GET", "/nothing/there"),
}
STATUS = {
    "no such tea": 404,
    "no such tea as JSON": 404,
    "order that cannot be read": 400,
    "order of nothing": 400,
    "into the cart": 303,
    "nothing into the cart": 400,
    "redirect": 301,
    "wrong method": 405,
    "nothing there": 404,
}


@pytest.mark.parametrize("what", REQUESTS)
def test_both_shops_answer_alike(shop: ModuleType, shops: dict[str, ModuleType], what: str) -> None:
    by_wsgi = wsgi(shops["shop_wsgi"].app, *REQUESTS[what])
    by_asgi = asgi(shops["shop_asgi"].app, *REQUESTS[what])
    assert by_wsgi.status == by_asgi.status == STATUS.get(what, 200)
    assert by_wsgi.body == by_asgi.body
    assert [(name.lower(), value) for name, value in by_wsgi.headers] == by_asgi.headers


@pytest.mark.parametrize("call", [wsgi, asgi])
def test_an_order_is_taken(shop: ModuleType, shops: dict[str, ModuleType], call: Any, capsys: Any) -> None:
    app = shops[f"shop_{call.__name__}"].app
    answer = call(app, "POST", "/api/orders", "", b'{"tea": 2, "count": 2}')
    assert answer.status == 201
    order = json.loads(answer.body)
    assert (order["tea"], order["total"]) == ("Darjeeling First Flush", 37.8)
    assert capsys.readouterr().out == f"order {order['order']}: 2 x Darjeeling First Flush\n"


@pytest.mark.parametrize("call", [wsgi, asgi])
def test_the_cart_is_in_the_cookie(shop: ModuleType, shops: dict[str, ModuleType], call: Any) -> None:
    app = shops[f"shop_{call.__name__}"].app
    added = call(app, "POST", "/cart", "", b"tea=4&count=2", cookie="cart=2.1; theme=dark")
    cookie = added.header("set-cookie").partition(";")[0]
    assert (added.header("location"), cookie) == ("/cart", "cart=2.1-4.2")
    assert b"1 x Darjeeling First Flush</li><li>2 x Rooibos" in call(app, "GET", "/cart", cookie=cookie).body
    assert b"empty" in call(app, "GET", "/cart", cookie="cart=nonsense").body


@pytest.mark.parametrize("call", [wsgi, asgi])
def test_an_upload_is_read_to_its_end(shop: ModuleType, shops: dict[str, ModuleType], call: Any) -> None:
    body = b"tea" * 100_000
    answer = call(shops[f"shop_{call.__name__}"].app, "POST", "/upload", "", body)
    assert json.loads(answer.body) == {"bytes": 300_000, "sha256": hashlib.sha256(body).hexdigest()}


@pytest.mark.parametrize("call", [wsgi, asgi])
def test_fail_raises_with_a_cause(shop: ModuleType, shops: dict[str, ModuleType], call: Any) -> None:
    with pytest.raises(ValueError, match="cannot tell the weight of '2 bags'") as raised:
        call(shops[f"shop_{call.__name__}"].app, "GET", "/fail")
    assert isinstance(raised.value.__cause__, KeyError)


def test_what_is_not_found_stands_in_wsgi_errors(shop: ModuleType, shops: dict[str, ModuleType]) -> None:
    errors = io.StringIO()
    environ: dict[str, Any] = {"PATH_INFO": "/nothing", "wsgi.errors": errors}
    setup_testing_defaults(environ)
    shops["shop_wsgi"].app(environ, lambda status, headers: None)
    assert errors.getvalue() == "not found: /nothing\n"


class Guest:
    """A WebSocket of the ASGI shop: what it sends is put into `inbox`, what it gets lies in `outbox`."""

    def __init__(self, app: Any, state: dict[str, Any], port: int, path: str = "/chat") -> None:
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        scope = {"type": "websocket", "path": path, "client": ("127.0.0.1", port), "state": state}
        self.inbox.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.create_task(app(scope, self.inbox.get, self.outbox.put))

    def say(self, **message: Any) -> None:
        self.inbox.put_nowait({"type": "websocket.receive", **message})

    async def hear(self) -> Any:
        message = await asyncio.wait_for(self.outbox.get(), 5)
        return message.get("text", message)


async def test_the_chat_reaches_everyone(shop: ModuleType, shops: dict[str, ModuleType]) -> None:
    app = shops["shop_asgi"].app
    state: dict[str, Any] = {"room": {}}
    one = Guest(app, state, 1)
    assert await one.hear() == {"type": "websocket.accept"}
    assert await one.hear() == "127.0.0.1:1 came in, 1 here"
    other = Guest(app, state, 2)
    assert await other.hear() == {"type": "websocket.accept"}
    assert await one.hear() == await other.hear() == "127.0.0.1:2 came in, 2 here"
    other.say(text="tea?")
    assert await one.hear() == await other.hear() == "127.0.0.1:2: tea?"
    one.say(bytes=b"\0" * 7)
    assert await one.hear() == await other.hear() == "127.0.0.1:1 sent 7 bytes"
    one.say(text="bye")
    assert (await one.hear())["code"] == 1000
    other.inbox.put_nowait({"type": "websocket.disconnect", "code": 1001})
    await asyncio.gather(one.task, other.task)
    assert state["room"] == {}


async def test_the_chat_is_in_one_place(shop: ModuleType, shops: dict[str, ModuleType]) -> None:
    guest = Guest(shops["shop_asgi"].app, {}, 1, "/elsewhere")
    assert (await guest.hear())["type"] == "websocket.close"
    await guest.task


async def test_the_lifespan_fills_the_state(shop: ModuleType, shops: dict[str, ModuleType]) -> None:
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    scope: dict[str, Any] = {"type": "lifespan", "state": {}}
    task = asyncio.create_task(shops["shop_asgi"].app(scope, inbox.get, sent.put))
    inbox.put_nowait({"type": "lifespan.startup"})
    assert (await sent.get())["type"] == "lifespan.startup.complete"
    assert scope["state"]["room"] == {}
    inbox.put_nowait({"type": "lifespan.shutdown"})
    assert (await sent.get())["type"] == "lifespan.shutdown.complete"
    await task


async def test_a_stream_ends_when_the_client_leaves(shop: ModuleType, shops: dict[str, ModuleType]) -> None:
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if len(sent) == 2:
            inbox.put_nowait({"type": "http.disconnect"})

    shop.CHUNK_SECONDS = 60.0  # type: ignore[attr-defined]
    inbox.put_nowait({"type": "http.request", "body": b"", "more_body": False})
    scope = {"type": "http", "method": "GET", "path": "/prices.csv", "headers": []}
    async with asyncio.timeout(5):
        await shops["shop_asgi"].app(scope, inbox.get, send)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
