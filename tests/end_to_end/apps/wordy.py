"""Prints a long line for each request, and can keep 64 of them waiting for each other."""

import asyncio
import sys
from pathlib import Path

LINE = "teapot " * 300
waiting = set()


async def meet(count):
    """Wait until `count` requests are here."""
    mine = asyncio.Event()
    waiting.add(mine)
    if len(waiting) == count:
        for other in waiting:
            other.set()
        waiting.clear()
    await mine.wait()


async def lifespan(receive, send):
    while True:
        message = await receive()
        print(message["type"])
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    path = scope["path"]
    print(path, LINE)
    print(path, LINE, file=sys.stderr)
    if path.startswith("/meet/"):
        await meet(int(path[6:]))
    if path == "/never":
        await asyncio.Event().wait()
    if path == "/slow":
        go_on = Path(scope["query_string"].decode())
        while not go_on.exists():  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.01)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
