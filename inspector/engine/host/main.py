"""One engine's life, in a process of its own or in a thread: load the app, let it start, serve it, let it end.

    loading -> loaded -> lifespan -> serving -> stopping -> stopped
       '-> load failed -> serving (each request gets a 503 that says why) -> ...

An engine that could not load its app stays: clients learn why, and the next save starts a new one.
"""

from __future__ import annotations

import asyncio
import os
import platform
import socket
import sys
from collections.abc import Coroutine
from typing import Any

from inspector.engine.gateway.asgi import ASGIGateway
from inspector.engine.gateway.lifespan import Lifespan, LifespanFailed
from inspector.engine.gateway.unavailable import UnavailableGateway
from inspector.engine.gateway.wsgi import WSGIGateway
from inspector.engine.host.forwarded import Trusted
from inspector.engine.host.link import Handlers, Link
from inspector.engine.host.listener import Gateway, Server
from inspector.engine.host.loader import LoadedApp, load
from inspector.engine.probe import output
from inspector.engine.probe.recorder import Recorder
from inspector.engine.probe.stalls import Stalls
from inspector.engine.probe.tap import CURRENT
from inspector.engine.wire.tls import SecureContext
from inspector.engine.wire.websocket import Terms
from inspector.errors import InspectorError
from inspector.options import Options
from inspector.trace.clock import Anchor, now
from inspector.trace.records import Pulse, RunStarted, StateChanged
from inspector.trace.verbs import LIFESPAN_GRACE

PULSE_NS = 1_000_000_000


def main(link: Link, options: Options, listener: socket.socket) -> int:
    """Live until the window says stop, or has gone. Returns the exit code: 1 where the app was never served.

    In a process of its own it is the main thread's; in the window's process it has a thread.
    """
    anchor = Anchor.take()
    link.ring.write(
        RunStarted(
            anchor.monotonic_ns, anchor.wall_ns, os.getpid(), platform.python_version(), sys.executable, options.app
        )
    )
    secure = _secure(options)
    recorder = Recorder(link.ring, options.first_exchange, options.body_cap)
    uninstall = output.install(recorder.write, CURRENT.get) if options.output and options.app else None
    if options.breaking:
        recorder.board.begin(options.breaking)
    stalls = Stalls(recorder.write)
    loop = stalls.new_loop()
    asyncio.set_event_loop(loop)
    engine = _Engine(link, options, listener, recorder, stalls, loop, secure)
    board = recorder.board
    link.attach(
        loop,
        Handlers(
            engine.stop, engine.hurry, lambda: engine.stop(None), engine.watch, board.ask, lambda: bool(board.holds)
        ),
    )
    try:
        engine.load()
        return _run(loop, engine.live())
    finally:
        stalls.off()
        if uninstall:
            uninstall()
        _close(loop)


def _secure(options: Options) -> SecureContext | None:
    """TLS of all connections; None: there is none. A stand-in that cannot have it tells in the clear what is wrong."""
    if not options.certfile:
        return None
    try:
        return SecureContext(options.certfile, options.keyfile, options.keyfile_password)
    except InspectorError:
        if options.unavailable:
            return None
        raise


def _run(loop: asyncio.AbstractEventLoop, life: Coroutine[Any, Any, int]) -> int:
    if loop.is_closed():
        life.close()
        raise InspectorError(
            "The app closed the event loop while it was imported.", "It is the server's: leave it open."
        )
    task = loop.create_task(life)
    try:
        return loop.run_until_complete(task)
    except RuntimeError as error:
        if task.done():
            raise
        raise InspectorError(
            "The app stopped the event loop.", "It is the server's: loop.stop() ends them both."
        ) from error


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """End what the app left on the loop, as asyncio.run() does."""
    if loop.is_closed():
        return
    try:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=1.0))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        asyncio.set_event_loop(None)
        loop.close()


class _Engine:
    """The parts of one life, and the verbs. All on the loop's thread but `watch`."""

    def __init__(
        self,
        link: Link,
        options: Options,
        listener: socket.socket,
        recorder: Recorder,
        stalls: Stalls,
        loop: asyncio.AbstractEventLoop,
        secure: SecureContext | None,
    ) -> None:
        self._secure = secure
        self._link = link
        self._options = options
        self._listener = listener
        self._recorder = recorder
        self._stalls = stalls
        self._loop = loop
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()
        self._grace = 0.0
        self._server: Server | None = None
        self._wsgi: WSGIGateway | None = None
        self._lifespan: Lifespan | None = None
        self._next_pulse_ns = 0
        self._loaded: LoadedApp | UnavailableGateway | None = None

    def load(self) -> None:
        """Import the app. Before the loop runs: an import may call asyncio.run(), and Django's ORM refuses a loop."""
        options = self._options
        if options.unavailable:
            self._loaded = UnavailableGateway("The app has ended.", "Restart it, or save a file.", options.unavailable)
            return
        self._tell("loading")
        try:
            self._loaded = load(options.app, options.app_dir, options.interface)
            name, interface = self._loaded.name, self._loaded.interface
            self._tell("loaded", app=options.app, name=name, interface=interface, file=self._loaded.file)
        except InspectorError as error:
            self._loaded = self._failed(error.title, error.hint, error.detail)

    async def live(self) -> int:
        gateway = await self._prepare()
        if gateway is not None:
            options = self._options
            terms = Terms(
                options.ws_max_size,
                int(options.ws_ping_interval * 1e9),
                int(options.ws_ping_timeout * 1e9),
                options.ws_per_message_deflate,
            )
            trusted = Trusted(options.forwarded_allow_ips)
            self._server = Server(gateway, self._recorder, options.root_path, self._secure, terms, trusted)
            await self._server.listen(self._listener)
            self._tell_serving()
            self._stalls.on()
            await self._stopping.wait()
            self._tell("stopping")
            await self._server.stop(self._grace, self._hurry)
        if self._lifespan:
            await self._lifespan.shutdown(LIFESPAN_GRACE, self._hurry)
        if self._wsgi:
            await self._wsgi.close()
        self._tell("stopped", reason="stopped")
        return 1 if isinstance(gateway, UnavailableGateway) else 0

    async def _prepare(self) -> Gateway | None:
        """What will answer requests; None where the stop came first."""
        loaded = self._loaded
        if not isinstance(loaded, LoadedApp):
            return loaded
        if loaded.interface == "wsgi":
            self._wsgi = WSGIGateway(loaded.app, self._options.threads, self._recorder)
            return self._wsgi
        try:
            return await self._start(loaded)
        except LifespanFailed as error:
            return self._failed(str(error), "The log shows what the app said.", error.traceback)

    async def _start(self, loaded: LoadedApp) -> Gateway | None:
        options = self._options
        state: dict[str, Any] | None = None
        if options.lifespan != "off":
            self._lifespan = Lifespan(
                loaded.app,
                loaded.interface,
                self._recorder,
                lambda verdict, text: self._tell("lifespan", verdict=verdict, text=text),
                required=options.lifespan == "on",
            )
            state = self._lifespan.state
            startup = self._loop.create_task(self._lifespan.startup())
            stopping = self._loop.create_task(self._stopping.wait())
            await asyncio.wait([startup, stopping], return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if not startup.done():
                startup.cancel()
                return None
            startup.result()
        return ASGIGateway(loaded.app, loaded.interface, state)

    def _failed(self, title: str, hint: str, text: str) -> UnavailableGateway:
        self._tell("load failed", title=title, hint=hint, text=text)
        return UnavailableGateway(title, hint, text)

    def _tell(self, state: str, **detail: Any) -> None:
        self._link.ring.write(StateChanged(now(), state, detail))

    def _tell_serving(self) -> None:
        if isinstance(name := self._listener.getsockname(), str):
            self._tell("serving", host=name, port=None, url=f"unix:{name}")
            return
        host, port = name[:2]
        shown = f"[{host}]" if ":" in host else host
        scheme = "https" if self._secure else "http"
        self._tell("serving", host=host, port=port, url=f"{scheme}://{shown}:{port}")

    # The window's verbs.

    def stop(self, grace: float | None, stepped: bool = False) -> None:
        """End in order; `grace` None: the window has gone, nobody waits for anything. `stepped`: the lifespan's
        shutdown can be held."""
        if stepped:
            self._recorder.board.end_requests()
        else:
            self._recorder.board.close()
        self._grace = grace or 0.0
        if grace is None:
            self._hurry.set()
        self._stopping.set()

    def hurry(self) -> None:
        self._recorder.board.close()
        self._hurry.set()
        self._stopping.set()

    # On the link's thread.

    def watch(self) -> None:
        """Look whether the loop turns, and once a second tell how the engine is."""
        t_ns = now()
        self._stalls.check(t_ns)
        server = self._server
        if server is None or t_ns < self._next_pulse_ns:
            return
        self._next_pulse_ns = t_ns + PULSE_NS
        busy = self._wsgi.busy if self._wsgi else 0
        self._link.ring.write(Pulse(t_ns, self._stalls.take_lag(), server.in_flight, server.connections, busy))
