"""The tea shop as an ASGI app, with nothing but the standard library.

The server calls `app` once for its own life (lifespan), and once for each request and each WebSocket.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

import hello_asgi
import shop

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
    elif scope["type"] == "websocket":
        await chat(scope, receive, send)
    else:
        await http(scope, receive, send)


async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    """What is put into the state here, each request finds in its scope."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            scope["state"].update(opened=time.monotonic(), room={})
            shop.log.info("the shop is open")
            await send({"type": "lifespan.startup.complete"})
        else:
            shop.log.info("the shop is closed")
            await send({"type": "lifespan.shutdown.complete"})
            return


async def http(scope: Scope, receive: Receive, send: Send) -> None:
    method, path = scope["method"], scope["path"]
    if path == "/hello":
        await hello_asgi.app(scope, receive, send)
    elif path == "/shop.css":
        css = await asyncio.to_thread(shop.STYLE.read_bytes)
        await respond(send, shop.reply(200, "text/css", css), method)
    elif path == "/prices.csv":
        await prices(receive, send)
    elif path == "/upload" and method == "POST":
        await respond(send, await upload(receive), method)
    else:
        if path == "/slow":
            await asyncio.sleep(shop.SLOW_SECONDS)
        cookie = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
        body = b"".join([piece async for piece in pieces(receive)])
        await respond(send, shop.answer(method, path, scope["query_string"].decode("latin-1"), cookie, body), method)


async def pieces(receive: Receive) -> AsyncIterator[bytes]:
    """The request's body, as it comes."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("the client left in the middle of its request")
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def respond(send: Send, reply: shop.Reply, method: str) -> None:
    headers = [(name.encode(), value.encode()) for name, value in reply.headers]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else reply.body})


async def upload(receive: Receive) -> shop.Reply:
    size, digest = 0, hashlib.sha256()
    async for piece in pieces(receive):
        size += len(piece)
        digest.update(piece)
    return shop.received(size, digest.hexdigest())


async def prices(receive: Receive, send: Send) -> None:
    """A body of unknown length: one message a chunk, until the client has it all, or leaves."""
    gone = asyncio.create_task(client_gone(receive))
    try:
        headers = [(b"content-type", b"text/csv; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for line in shop.price_list():
            await send({"type": "http.response.body", "body": line.encode(), "more_body": True})
            await asyncio.wait([gone], timeout=shop.CHUNK_SECONDS)
            if gone.done():
                shop.log.info("the client left before the end of the price list")
                return
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()


async def client_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def chat(scope: Scope, receive: Receive, send: Send) -> None:
    """Everyone at /chat hears what anyone says. The room is in the state: a name, and how to reach it."""
    await receive()  # websocket.connect
    if scope["path"] != "/chat":
        await send({"type": "websocket.close", "code": 4404, "reason": "the chat is at /chat"})
        return
    room: dict[str, Send] = scope.get("state", {}).get("room", {})
    host, port = scope["client"] or ("guest", 0)
    name = f"{host}:{port}"
    await send({"type": "websocket.accept"})
    room[name] = send
    try:
        await say(room, f"{name} came in, {len(room)} here")
        while (message := await receive())["type"] == "websocket.receive":
            text = message.get("text")
            if text == "bye":
                await send({"type": "websocket.close", "code": 1000, "reason": "see you"})
                return
            await say(room, f"{name}: {text}" if text is not None else f"{name} sent {len(message['bytes'])} bytes")
    finally:
        room.pop(name, None)


async def say(room: dict[str, Send], text: str) -> None:
    print("chat:", text)
    for name, send in list(room.items()):
        try:
            await send({"type": "websocket.send", "text": text})
        except OSError:
            room.pop(name, None)
