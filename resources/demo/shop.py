"""A small tea shop, apart from any gateway: `answer` takes a request's parts and gives a `Reply`.

`shop_wsgi.py` and `shop_asgi.py` put it on the web, once by WSGI and once by ASGI. What the two interfaces do each in
their own way stands there: reading a body, waiting, streaming, the chat.
"""

from __future__ import annotations

import itertools
import json
import logging
from dataclasses import dataclass, field
from html import escape
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs

logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
log = logging.getLogger("shop")

STYLE = Path(__file__).with_name("shop.css")
SLOW_SECONDS = 0.3
CHUNK_SECONDS = 0.12


@dataclass(frozen=True)
class Tea:
    id: int
    name: str
    origin: str
    cents: int

    def as_json(self) -> dict[str, object]:
        return {"id": self.id, "name": self.name, "origin": self.origin, "price": self.cents / 100}


TEAS = {
    tea.id: tea
    for tea in (
        Tea(1, "Sencha", "Shizuoka", 1250),
        Tea(2, "Darjeeling First Flush", "West Bengal", 1890),
        Tea(3, "Tie Guan Yin", "Fujian", 2140),
        Tea(4, "Rooibos", "Cederberg", 690),
        Tea(5, "Lapsang Souchong", "Wuyi", 1575),
    )
}
order_numbers = itertools.count(1001)


@dataclass(frozen=True)
class Reply:
    """A whole response. Header names are in lower case, as ASGI wants them; WSGI does not mind."""

    status: int
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=list)


def page(title: str, content: str, status: int = 200) -> Reply:
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)} · Tea shop</title>'
        f'<link rel="stylesheet" href="/shop.css"><h1>{escape(title)}</h1>{content}'
        '<nav><a href="/">Teas</a> <a href="/cart">Cart</a> <a href="/upload">Upload</a> <a href="/chat">Chat</a>'
        ' <a href="/prices.csv">Prices</a> <a href="/slow">Slow</a> <a href="/fail">Fail</a></nav></html>'
    )
    return reply(status, "text/html; charset=utf-8", text.encode())


def data(value: object, status: int = 200) -> Reply:
    return reply(status, "application/json", json.dumps(value).encode() + b"\n")


def reply(status: int, content_type: str, body: bytes, *headers: tuple[str, str]) -> Reply:
    return Reply(status, body, [("content-type", content_type), ("content-length", str(len(body))), *headers])


def redirect(to: str, *headers: tuple[str, str], status: int = 303) -> Reply:
    return reply(status, "text/plain", f"See {to}\n".encode(), ("location", to), *headers)


def answer(method: str, path: str, query: str, cookie: str, body: bytes) -> Reply:
    """The reply to a request. Raises ValueError at /fail, on purpose."""
    parts = path.strip("/").split("/")
    match ("GET" if method == "HEAD" else method), parts:
        case "GET", [""]:
            return home()
        case "GET", ["teas", number]:
            return tea_page(number)
        case "GET", ["api", "teas"]:
            return data(search(query))
        case "GET", ["api", "teas", number]:
            tea = find(number)
            return data(tea.as_json()) if tea else data({"error": f"there is no tea {number}"}, 404)
        case "POST", ["api", "orders"]:
            return order(body)
        case "GET", ["cart"]:
            return cart_page(cart(cookie))
        case "POST", ["cart"]:
            return add_to_cart(cart(cookie), body)
        case "GET", ["upload"]:
            return page("Upload", form("/upload", '<input type="file" name="file">', "multipart/form-data"))
        case "GET", ["chat"]:
            return page("Chat", CHAT)
        case "GET", ["old-shop"]:
            return redirect("/", status=301)
        case "GET", ["slow"]:
            return page("Slow", f"<p>This took {SLOW_SECONDS * 1000:.0f} ms.</p>")
        case "GET", ["fail"]:
            return data({"total": total("2 bags")})
        case _, [""] | ["cart"] | ["api", "teas"] | ["api", "orders"]:
            return reply(405, "text/plain", f"{method} is not for {path}\n".encode(), ("allow", "GET, HEAD, POST"))
    log.warning("nothing at %s", path)
    return page("Not found", f"<p>There is nothing at <code>{escape(path)}</code>.</p>", 404)


def home() -> Reply:
    rows = "".join(
        f'<li><a href="/teas/{tea.id}">{escape(tea.name)}</a> <small>{escape(tea.origin)}</small> {price(tea)}</li>'
        for tea in TEAS.values()
    )
    return page("Tea shop", f"<ul>{rows}</ul>")


def tea_page(number: str) -> Reply:
    tea = find(number)
    if tea is None:
        return page("Sold out", f"<p>There is no tea {escape(number)}.</p>", 404)
    log.info("%s was looked at", tea.name)
    add = form("/cart", f'<input type="hidden" name="tea" value="{tea.id}"><input name="count" value="1" size="2">')
    return page(tea.name, f"<p>From {escape(tea.origin)}, {price(tea)}</p>{add}")


def form(action: str, fields: str, encoding: str = "application/x-www-form-urlencoded") -> str:
    return f'<form method="post" action="{action}" enctype="{encoding}">{fields}<button>Send</button></form>'


def find(number: str) -> Tea | None:
    return TEAS.get(int(number)) if number.isdecimal() else None


def price(tea: Tea) -> str:
    return f"{tea.cents / 100:.2f} €"


def search(query: str) -> list[dict[str, object]]:
    wanted = parse_qs(query).get("q", [""])[0].lower()
    return [tea.as_json() for tea in TEAS.values() if wanted in f"{tea.name} {tea.origin}".lower()]


def order(body: bytes) -> Reply:
    """Takes {"tea": 2, "count": 1}."""
    try:
        wanted = json.loads(body)
        tea, count = TEAS[wanted["tea"]], int(wanted["count"])
    except (ValueError, KeyError, TypeError) as error:
        log.warning("an order that cannot be read: %s", error)
        return data({"error": 'an order looks like {"tea": 2, "count": 1}'}, 400)
    number = next(order_numbers)
    print(f"order {number}: {count} x {tea.name}")
    return data({"order": number, "tea": tea.name, "total": tea.cents * count / 100}, 201)


def cart(cookie: str) -> dict[int, int]:
    """Tea ids and counts out of the cookie `cart=2.1-3.2`; whatever else it holds counts as empty."""
    try:
        pairs = [item.split(".") for item in SimpleCookie(cookie)["cart"].value.split("-")]
        return {int(tea): int(count) for tea, count in pairs if int(tea) in TEAS}
    except (CookieError, KeyError, ValueError):
        return {}


def add_to_cart(found: dict[int, int], body: bytes) -> Reply:
    fields = parse_qs(body.decode("utf-8", "replace"))
    tea, count = find(fields.get("tea", [""])[0]), fields.get("count", ["1"])[0]
    if tea is None or not count.isdecimal():
        return page("Not added", "<p>The form names no tea of ours.</p>", 400)
    found[tea.id] = found.get(tea.id, 0) + int(count)
    log.info("%s x %s into the cart", count, tea.name)
    value = "-".join(f"{tea}.{count}" for tea, count in found.items())
    return redirect("/cart", ("set-cookie", f"cart={value}; Path=/; HttpOnly; SameSite=Lax"))


def cart_page(found: dict[int, int]) -> Reply:
    rows = "".join(f"<li>{count} x {escape(TEAS[tea].name)}</li>" for tea, count in found.items())
    return page("Cart", f"<ul>{rows}</ul>" if rows else "<p>Your cart is empty.</p>")


def total(order_line: str) -> int:
    count, _, unit = order_line.partition(" ")
    try:
        return int(count) * {"bag": 100, "tin": 250}[unit]
    except KeyError as error:
        raise ValueError(f"cannot tell the weight of {order_line!r}") from error


def received(size: int, digest: str) -> Reply:
    log.info("upload of %d bytes", size)
    return data({"bytes": size, "sha256": digest})


def price_list() -> list[str]:
    """The chunks of /prices.csv, which comes slowly."""
    return ["id,name,price\n", *(f"{tea.id},{tea.name},{tea.cents / 100:.2f}\n" for tea in TEAS.values())]


def reason(status: int) -> str:
    return HTTPStatus(status).phrase


CHAT = """<div id="said"></div><form id="say"><input id="text" autocomplete="off"><button>Say</button></form>
<script>
  const chat = new WebSocket((location.protocol === "https:" ? "wss://" : "ws://") + location.host + "/chat")
  chat.onmessage = event => { said.append(event.data, document.createElement("br")) }
  chat.onclose = event => { said.append("The chat is closed: " + event.code + " " + event.reason) }
  say.onsubmit = event => { event.preventDefault(); chat.send(text.value); text.value = "" }
</script>"""
