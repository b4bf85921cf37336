"""The demo: a small shop, and the visitors that keep it busy.

The visitors speak just enough HTTP/1.1 and WebSocket over asyncio streams to be understood by a server that keeps to
the rules. They take what it gives: a status of any kind is fine, and a server that goes away only ends the visit.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from inspector.resources import resource

VISIT_SECONDS = 10.0
"""A visit that takes longer is broken off."""
VISITORS = 16
"""Visits at the same time, at most."""
PAUSE_SECONDS = 0.5
"""After a visit that failed: the server may be starting anew."""

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
"""Opcodes of WebSocket frames (RFC 6455, 5.2)."""


def shop(wsgi: bool = False) -> str:
    """APP of the demo: the tea shop as an ASGI app, or as a WSGI app."""
    return str(resource("demo/shop_wsgi.py" if wsgi else "demo/shop_asgi.py"))


async def drive(url: str, rounds: int | None = None, interval: float = 0.25) -> int:
    """Visit the demo served at `url`: every visit once a round, the first round in order, `interval` seconds apart.

    Goes on for ever where `rounds` is None. Gives the number of visits that ended well; nothing that goes wrong with
    one (refused, reset, too slow, not understood) is raised. Being cancelled cancels the visits under way.
    """
    target = urlsplit(url)
    host, port = target.hostname or "127.0.0.1", target.port or 80
    slots = asyncio.Semaphore(VISITORS)
    under_way: set[asyncio.Task[None]] = set()
    ended_well = 0

    async def pay(visit: Visit) -> None:
        nonlocal ended_well
        try:
            async with asyncio.timeout(VISIT_SECONDS):
                await visit(host, port)
            ended_well += 1
        except (OSError, EOFError, ValueError, IndexError, asyncio.LimitOverrunError):
            await asyncio.sleep(PAUSE_SECONDS)
        finally:
            slots.release()

    try:
        for number in itertools.count() if rounds is None else range(rounds):
            for visit in random.sample(VISITS, len(VISITS)) if number else VISITS:
                await slots.acquire()
                task = asyncio.create_task(pay(visit), name=f"demo: {visit.__name__}")
                under_way.add(task)
                task.add_done_callback(under_way.discard)
                await asyncio.sleep(interval)
        if under_way:
            await asyncio.wait(under_way)
    finally:
        for task in list(under_way):
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
    return ended_well


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes = b""


@dataclass(frozen=True)
class Client:
    """One connection, kept open: requests one after the other, or a WebSocket."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    host: str

    async def ask(self, method: str, target: str, body: bytes = b"", **headers: str) -> Answer:
        """A request and its whole response. Header names are given with `_` for `-`."""
        if body:
            headers["content_length"] = str(len(body))
        await self.send_head(method, target, **headers)
        self.writer.write(body)
        return await self.answer(method)

    async def send_head(self, method: str, target: str, **headers: str) -> None:
        known = {"user_agent": "Mozilla/5.0 (demo visitor)", "accept": "text/html, application/json;q=0.9"}
        lines = [f"{name.replace('_', '-').title()}: {value}" for name, value in (known | headers).items()]
        head = "\r\n".join([f"{method} {target} HTTP/1.1", f"Host: {self.host}", *lines, "", ""])
        self.writer.write(head.encode("latin-1"))
        await self.writer.drain()

    async def answer_head(self) -> Answer:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        start, *lines = head.rstrip().split("\r\n")
        pairs = (line.split(":", 1) for line in lines)
        return Answer(int(start.split()[1]), {name.lower(): value.strip() for name, value in pairs})

    async def answer(self, method: str = "GET") -> Answer:
        while (head := await self.answer_head()).status == 100:
            pass
        if method == "HEAD" or head.status in (204, 304):
            return head
        if "transfer-encoding" in head.headers:
            pieces = []
            while size := int(await self.reader.readline(), 16):
                pieces.append((await self.reader.readexactly(size + 2))[:-2])
            await self.reader.readline()
            return Answer(head.status, head.headers, b"".join(pieces))
        if length := head.headers.get("content-length"):
            return Answer(head.status, head.headers, await self.reader.readexactly(int(length)))
        return Answer(head.status, head.headers, await self.reader.read())

    async def upgrade(self, target: str) -> bool:
        """Opens a WebSocket (RFC 6455, 4.1); false where the server would rather not."""
        key = base64.b64encode(os.urandom(16)).decode()
        websocket = {"sec_websocket_key": key, "sec_websocket_version": "13"}
        await self.send_head("GET", target, connection="Upgrade", upgrade="websocket", **websocket)
        return (await self.answer_head()).status == 101

    async def say(self, opcode: int, payload: bytes) -> None:
        """One frame of at most 125 bytes, masked as a client's has to be (RFC 6455, 5.2)."""
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
        self.writer.write(bytes([0x80 | opcode, 0x80 | len(payload)]) + mask + masked)
        await self.writer.drain()

    async def hear(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame; pings are answered."""
        while True:
            opcode, size = await self.reader.readexactly(2)
            if size >= 126:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8))
            payload = await self.reader.readexactly(size)
            if opcode & 15 != PING:
                return opcode & 15, payload
            await self.say(PONG, payload)


@asynccontextmanager
async def connect(host: str, port: int) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield Client(reader, writer, f"{host}:{port}")
    finally:
        writer.transport.abort()  # close() would wait for a server that does not read
        await asyncio.sleep(0)


Visit = Callable[[str, int], Awaitable[None]]


async def greet(host: str, port: int) -> None:
    async with connect(host, port) as client:
        await client.ask("GET", "/hello", user_agent="curl/8.5.0", accept="*/*")


async def browse(host: str, port: int) -> None:
    async with connect(host, port) as client:
        await client.ask("GET", "/")
        await client.ask("GET", "/shop.css", accept="text/css")
        await client.ask("GET", f"/teas/{random.randint(1, 5)}", referer=f"http://{client.host}/")


async def search(host: str, port: int) -> None:
    async with connect(host, port) as client:
        await client.ask("GET", "/api/teas?q=" + random.choice(["sencha", "w", "%E7%B4%85%E8%8C%B6"]))
        await client.ask("GET", f"/api/teas/{random.randint(1, 5)}")


async def order(host: str, port: int) -> None:
    body = json.dumps({"tea": random.randint(1, 5), "count": random.randint(1, 3)}).encode()
    async with connect(host, port) as client:
        await client.ask("POST", "/api/orders", body, content_type="application/json")


async def order_wrongly(host: str, port: int) -> None:
    async with connect(host, port) as client:
        await client.ask("POST", "/api/orders", b'{"tea": "the green one"', content_type="application/json")


async def fill_the_cart(host: str, port: int) -> None:
    """A form post, and the page that it redirects to."""
    async with connect(host, port) as client:
        form = f"tea={random.randint(1, 5)}&count=2".encode()
        posted = await client.ask("POST", "/cart", form, content_type="application/x-www-form-urlencoded")
        cookie = posted.headers.get("set-cookie", "").partition(";")[0]
        await client.ask("GET", posted.headers.get("location", "/cart"), cookie=cookie)


async def upload(host: str, port: int) -> None:
    """Some 200 KB in chunks (RFC 9112, 7.1), sent once the server says that it wants them."""
    async with connect(host, port) as client:
        await client.send_head("POST", "/upload", transfer_encoding="chunked", expect="100-continue")
        reply = await client.answer_head()
        if reply.status == 100:
            for _ in range(6):
                piece = random.randbytes(random.randint(16_000, 48_000))
                client.writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                await client.writer.drain()
                await asyncio.sleep(0.03)
            client.writer.write(b"0\r\n\r\n")
            await client.answer()


async def wait_for_it(host: str, port: int) -> None:
    async with connect(host, port) as client:
        await client.ask("GET", "/slow")


async def break_it(host: str, port: int) -> None:
    async with connect(host, port) as client:
        await client.ask("GET", "/fail")


async def stream(host: str, port: int) -> None:
    async with connect(host, port) as client:
        await client.ask("GET", "/prices.csv", accept="text/csv")


async def leave_early(host: str, port: int) -> None:
    async with connect(host, port) as client:
        await client.send_head("GET", "/prices.csv", accept="text/csv")
        await client.answer_head()
        await client.reader.read(1)


async def get_lost(host: str, port: int) -> None:
    async with connect(host, port) as client:
        await client.ask("GET", "/old-shop")
        await client.ask("GET", "/teas/99")
        await client.ask("DELETE", "/api/teas")


async def look_only(host: str, port: int) -> None:
    async with connect(host, port) as client:
        await client.ask("HEAD", "/")


async def chat(host: str, port: int) -> None:
    async with connect(host, port) as one, connect(host, port) as other:
        if not (await one.upgrade("/chat") and await other.upgrade("/chat")):
            return
        for client, opcode, said in (
            (one, TEXT, "Which one goes with cake?"),
            (other, TEXT, "Darjeeling, always."),
            (other, BINARY, os.urandom(48)),
            (one, TEXT, "Thank you. 謝謝"),
        ):
            await asyncio.sleep(0.2)
            await client.say(opcode, said if isinstance(said, bytes) else said.encode())
            await other.hear()
        await one.say(TEXT, b"bye")
        while (await one.hear())[0] != CLOSE:
            pass
        await one.say(CLOSE, b"\x03\xe8")
        await other.say(CLOSE, b"\x03\xe9")


VISITS: list[Visit] = [
    greet,
    browse,
    search,
    order,
    chat,
    wait_for_it,
    fill_the_cart,
    break_it,
    stream,
    upload,
    get_lost,
    leave_early,
    order_wrongly,
    look_only,
]
