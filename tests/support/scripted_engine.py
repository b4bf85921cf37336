"""An engine that does what it is told: the link and the session are tested with it, without any server of ours.

It is started through the real bootstrap (`EngineCode("scripted_engine:main", ...)`). `options.app` and then the path of
each request say what happens. Each request is an exchange; what it asks for is done after it was told.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import platform
import signal
import socket
import sys
import threading
import time
from typing import Any

import h11  # the engine's own copy

from inspector.engine.host.link import Handlers, Link
from inspector.options import Options
from inspector.trace import verbs
from inspector.trace.clock import now
from inspector.trace.records import ExchangeEnded, ExchangeStarted, Pulse, RunStarted, StateChanged


def main(link: Link, options: Options, listener: socket.socket) -> int:
    if link._exits:  # a process of its own: who tests how it ends itself need not wait for all of its patience
        verbs.GRACE = verbs.FAREWELL_GRACE = 1.0
    return asyncio.run(Engine(link, options, listener).run())


class Engine:
    def __init__(self, link: Link, options: Options, listener: socket.socket) -> None:
        self.link = link
        self.options = options
        self.listener = listener
        self.write = link.ring.write
        self.stop = asyncio.Event()
        self.next_exchange = options.first_exchange
        self.watched = 0
        self.open: set[asyncio.Task[None]] = set()

    def state(self, state: str, **detail: Any) -> None:
        self.write(StateChanged(now(), state, detail))

    async def run(self) -> int:
        app = self.options.app
        self.write(RunStarted(now(), time.time_ns(), os.getpid(), platform.python_version(), sys.executable, app))
        self.state("loading")
        self.link.attach(asyncio.get_running_loop(), Handlers(self.on_stop, self.on_hurry, self.on_close, self.watch))
        if app == "raise":
            raise RuntimeError("the engine is broken")
        self.do(app)
        if app.startswith("fail"):
            self.state("load failed", title="No module named 'shop'.", hint="Did you mean shop2?", text="Traceback: x")
        elif not self.options.unavailable:
            self.state("loaded", app=app, interface="asgi3", name="function")
        server = await asyncio.start_server(self.accept, sock=self.listener)
        host, port = self.listener.getsockname()[:2]
        self.state("serving", host=host, port=port, url=f"http://{host}:{port}")
        await self.stop.wait()
        # asyncio drops a connection that it accepted in the turn in which the server is closed: accept no more first.
        asyncio.get_running_loop().remove_reader(self.listener.fileno())
        for _ in range(5):
            await asyncio.sleep(0)
        server.close()
        while self.open:
            await asyncio.wait(self.open)
        self.state("stopped", reason="stopped")
        return 0

    def on_stop(self, grace: float, _stepped: bool = False) -> None:
        self.state("stopping", grace=grace)
        if self.options.app != "never ends":
            self.stop.set()

    def on_hurry(self) -> None:
        if self.options.app != "never ends":
            self.stop.set()

    def on_close(self) -> None:
        self.on_stop(5.0)

    def watch(self) -> None:
        self.watched += 1

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self.serve(reader, writer))
        self.open.add(task)
        task.add_done_callback(self.open.discard)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split()[1].decode()
        exchange, self.next_exchange = self.next_exchange, self.next_exchange + 1
        t = now()
        self.write(ExchangeStarted(exchange, "http", "asgi3", 1, "1.1", "http", None, None, "", head, t, t, t))
        self.do(path.strip("/"))
        if path.startswith("/hang"):
            await self.stop.wait()
        status, body = 200, {"pid": os.getpid(), "exchange": exchange, "watched": self.watched}
        if self.options.unavailable or self.options.app.startswith("fail"):
            status, body = 503, {"pid": os.getpid(), "unavailable": self.options.unavailable}
        data = json.dumps(body).encode()
        head_line = f"HTTP/1.1 {status} Told\r\nconnection: close\r\ncontent-length: {len(data)}\r\n\r\n"
        writer.write(head_line.encode() + data)
        await writer.drain()
        writer.close()
        self.write(ExchangeEnded(exchange, now(), "done", "", t, t, 0, t))
        self.write(Pulse(now(), 1000, 0, 0, 0))

    def do(self, what: str) -> None:
        verb, _, argument = what.partition(":")
        if verb == "exit":
            os._exit(int(argument))
        elif verb == "signal":
            os.kill(os.getpid(), int(argument))
            signal.pause()
        elif verb == "block":
            time.sleep(float(argument))
        elif verb == "thread":
            threading.Thread(target=time.sleep, args=(60,)).start()
        elif verb == "fork":
            if os.fork() == 0:
                self.state("from a fork")
                time.sleep(float(argument))
                os._exit(0)
        elif verb == "found":
            self.state("found", **what_the_app_finds(argument))


def what_the_app_finds(folder: str) -> dict[str, Any]:
    """What an app in `folder` would see of the interpreter."""
    found: dict[str, Any] = {
        "argv": list(sys.argv),
        "path": list(sys.path),
        "main": sorted(name for name in vars(sys.modules["__main__"]) if not name.startswith("__")),
        "finders": [getattr(finder, "__name__", type(finder).__name__) for finder in sys.meta_path],
        "leftovers": sorted(
            {name.partition(".")[0] for name in sys.modules} & {"inspector", "h11", "wsproto", "trace"}
        ),
        "h11 of the engine": h11.__version__,
        "dont_write_bytecode": sys.dont_write_bytecode,
        "token": os.environ.get("INSPECTOR_LINK_TOKEN"),
    }
    sys.path.insert(0, folder)
    for name in ("inspector", "wire", "h11", "trace", "wsproto"):
        try:
            found[name] = importlib.import_module(name).__file__
        except ModuleNotFoundError:
            found[name] = None
    return found
