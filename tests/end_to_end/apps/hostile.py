"""Apps that do what they should not."""

import asyncio
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}
UP, DOWN = {"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}


async def answer(send, body=b"ok"):
    await send(START)
    await send({"type": "http.response.body", "body": body})


async def refuses_startup(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


async def raises_in_startup(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        raise LookupError("no database")
    await answer(send)


async def raises_in_shutdown(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send(UP)
        await receive()
        raise LookupError("no farewell")
    await answer(send)


# What a request can do to its process.


async def leave(scope, receive, send):
    await send({**START, "headers": [(b"content-length", b"100")]})
    await send({"type": "http.response.body", "body": b"nearly there", "more_body": True})
    os._exit(3)


async def crash(scope, receive, send):
    ctypes.string_at(0)


async def fork(scope, receive, send):
    """Answers with the signal that ended the child."""
    there, here = os.pipe()
    child = os.fork()
    if not child:
        print("from the child")
        os.write(here, b"x")
        while True:
            time.sleep(0.01)  # noqa: ASYNC251 - in the child
    os.read(there, 1)
    os.kill(child, signal.SIGTERM)
    _, status = os.waitpid(child, 0)  # noqa: ASYNC222 - it ends at once
    await answer(send, str(os.WTERMSIG(status)).encode())


async def block(scope, receive, send):
    while not Path(scope["query_string"].decode()).exists():
        time.sleep(0.01)  # noqa: ASYNC251 - that is what is wrong with it
    await answer(send)


async def flood(scope, receive, send):
    line = "x" * 1023
    for _ in range(50 * 1024):
        print(line)
    await answer(send)


async def stream(scope, receive, send):
    await send(START)
    while True:
        await send({"type": "http.response.body", "body": b"data: again\n\n", "more_body": True})
        await asyncio.sleep(0.01)


async def pour(scope, receive, send):
    """As `stream`, as fast as the client takes it."""
    await send(START)
    while True:
        await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})


async def shutdown_pool(scope, receive, send):
    asyncio.get_running_loop().stop()
    await answer(send)


async def quit_(scope, receive, send):
    sys.exit("the end")


# Garbage.


def deep(levels=1000):
    value = []
    for _ in range(levels):
        value = [value]
    return value


class Grim:
    """Raises whatever is done to it."""

    def __getattribute__(self, name):
        raise RuntimeError("do not touch me")

    def __repr__(self):
        raise RuntimeError("do not look at me")


NO_MESSAGES = {
    "none": None,
    "text": "http.response.start",
    "no-type": {},
    "type-is-bytes": {"type": b"http.response.start"},
    "grim": Grim(),
}
GARBAGE = {
    "unknown-type": {"type": "http.response.begin"},
    "body-first": {"type": "http.response.body", "body": b"x"},
    "no-status": {"type": "http.response.start"},
    "status-is-text": {"type": "http.response.start", "status": "200"},
    "status-is-huge": {"type": "http.response.start", "status": 10**30},
    "status-is-99": {"type": "http.response.start", "status": 99},
    "headers-are-text": {**START, "headers": "content-type: text/plain"},
    "headers-are-str": {**START, "headers": [("content-type", "text/plain")]},
    "headers-are-deep": {**START, "headers": deep()},
    "header-is-split": {**START, "headers": [(b"x", b"a\r\nset-cookie: b")]},
    "header-is-grim": {**START, "headers": [(b"x", Grim())]},
}
HARMLESS = {
    "extra-is-deep": {**START, "extra": deep()},
    "extra-is-grim": {**START, "extra": Grim()},
    "extra-is-wide": {**START, "extra": list(range(100_000))},
    "extra-is-itself": {**START},
    "keys-are-odd": {**START, 1: 2, None: 3, (): 4},
    "surrogates": {**START, "extra": "\ud800"},
}
HARMLESS["extra-is-itself"]["extra"] = HARMLESS["extra-is-itself"]
BODIES = {"text": "text", "none": None, "number": 7, "deep": deep()}


async def garbage(scope, receive, send):
    _, _, kind, name = scope["path"].split("/")
    if kind == "body":
        await send(START)
        await send({"type": "http.response.body", "body": BODIES[name]})
    elif kind == "message":
        await send({**NO_MESSAGES, **GARBAGE, **HARMLESS}[name])
        await send({"type": "http.response.body", "body": b"ok"})
    else:
        await answer(send)
    return deep()


DEEDS = {
    "/leave": leave,
    "/crash": crash,
    "/fork": fork,
    "/block": block,
    "/flood": flood,
    "/stream": stream,
    "/pour": pour,
    "/stop-loop": shutdown_pool,
    "/quit": quit_,
}


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send(UP)
        await receive()
        await send(DOWN)
    elif scope["path"].startswith("/garbage/"):
        return await garbage(scope, receive, send)
    elif scope["path"] in DEEDS:
        await DEEDS[scope["path"]](scope, receive, send)
    else:
        await answer(send)
    return None
