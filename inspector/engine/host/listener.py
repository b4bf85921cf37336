"""Accepts connections and hands their requests to the gateway; knows everything that is under way, and ends it well."""

from __future__ import annotations

import asyncio
import itertools
import socket
import sys
import traceback
from collections.abc import Coroutine
from typing import Any, Protocol

from inspector.engine.host.connection import Connection
from inspector.engine.host.forwarded import Origin, Trusted
from inspector.engine.host.negotiated import Negotiated
from inspector.engine.host.open_stream import OpenStream
from inspector.engine.host.secure import Secured
from inspector.engine.probe.recorder import Recorder
from inspector.engine.probe.tap import Exchange
from inspector.engine.stream import Refused, RequestHead, Stream
from inspector.engine.wire.tls import SecureContext
from inspector.engine.wire.websocket import Terms
from inspector.trace import clock
from inspector.trace.scope import Request

BACKLOG = 2048
READ = 256 * 1024
"""Bytes that are taken from a socket at once, at most."""
SWEEP = 1.0
"""Seconds between looks at who takes too long."""
_DEFAULT_TERMS = Terms()
_TURNS = 8
_GLANCE = 0.02
FAREWELL = 1.0
"""Seconds that an app has, once its clients are gone at a stop, before its tasks are cancelled."""


class Gateway(Protocol):
    """Calls the app for one stream. `serve` ends the exchange, whatever happens."""

    interface: str
    speaks_websocket: bool

    def serve(
        self, stream: Stream, exchange: Exchange, request: Request, websocket: bool
    ) -> Coroutine[Any, Any, None]: ...


class Server:
    """Everything that the connections share. All methods belong to the loop's thread."""

    def __init__(
        self,
        gateway: Gateway,
        recorder: Recorder,
        root_path: str = "",
        secure: SecureContext | None = None,
        terms: Terms = _DEFAULT_TERMS,
        trusted: Trusted | None = None,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.gateway = gateway
        self.recorder = recorder
        self.root_path = root_path
        self._trusted = trusted
        self.terms = terms
        """How WebSockets are served."""
        self.scheme = "https" if secure else "http"
        self._secure = secure
        self.stopping = False
        self.read_buffer = bytearray(READ)
        """What a connection reads, until it has taken it: at once, before the loop reads for another one."""
        self.read_view = memoryview(self.read_buffer)
        self._pace = min(SWEEP, *(ns / 4e9 for ns in (terms.ping_interval_ns, terms.ping_timeout_ns) if ns), SWEEP)
        self._ids = itertools.count(1)
        self._connections: set[Connection] = set()
        self._under_way: dict[asyncio.Task[None], OpenStream] = {}
        self._listening: asyncio.AbstractServer | None = None
        self._listener: socket.socket | None = None
        self._next_sweep: asyncio.TimerHandle | None = None

    async def listen(self, listener: socket.socket) -> None:
        """Accept connections from `listener`, which stays its owner's."""
        listener.setblocking(False)
        self._listener = listener
        self._listening = await self.loop.create_server(self._connection, sock=listener, backlog=BACKLOG)
        self._next_sweep = self.loop.call_later(self._pace, self._sweep)

    def _connection(self) -> Negotiated | Secured:
        """The protocol of a socket that was accepted."""
        connection = Negotiated(self)
        return Secured(connection, self._secure) if self._secure else connection

    @property
    def speaks_websocket(self) -> bool:
        return self.gateway.speaks_websocket

    @property
    def in_flight(self) -> int:
        return len(self._under_way)

    @property
    def connections(self) -> int:
        return len(self._connections)

    # Called by connections.

    def joined(self, connection: Connection) -> int:
        """A connection is there; returns its number."""
        self._connections.add(connection)
        return next(self._ids)

    def left(self, connection: Connection) -> None:
        self._connections.discard(connection)

    def serve(self, connection: Connection, stream: OpenStream) -> None:
        """A request is here: record it and call the app for it, in a task of its own."""
        head = stream.head
        websocket = stream.handshaking
        origin: Origin = (connection.client, connection.scheme, {})
        if self._trusted:
            origin = self._trusted.origin(*origin[:2], head.headers)
        client, scheme, _ = origin
        kind = "websocket" if websocket else "http"
        exchange = self._start(connection, head, kind, self.gateway.interface, origin)
        request = Request(
            head.method,
            head.target,
            head.http_version,
            head.headers,
            scheme,
            client,
            connection.address,
            self.root_path,
        )
        stream.exchange = exchange
        task = self.loop.create_task(self._serve(stream, exchange, request, websocket))
        self._under_way[task] = stream
        task.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[None]) -> None:
        self._under_way.pop(task).served()

    async def _serve(self, stream: OpenStream, exchange: Exchange, request: Request, websocket: bool) -> None:
        try:
            if self.recorder.congested:
                await self.recorder.room()
            await self.gateway.serve(stream, exchange, request, websocket)
        except asyncio.CancelledError:  # before the app was called
            stream.abort("the engine stops")
            exchange.end("stopped", "the engine stopped before the app was called")
        except Exception as error:  # noqa: BLE001 - a fault of ours: one exchange may suffer, no other
            traceback.print_exc(file=sys.__stderr__)
            stream.abort("a fault of Inspector")
            exchange.end("broken", f"a fault of Inspector, not of the app: {error!r:.200}; the connection was closed")

    def refused(self, connection: Connection, refused: Refused, http_version: str = "", answer: bytes = b"") -> None:
        """Bytes that are no request: an exchange of their own. `answer`: what went out, where no frames carried it."""
        head = RequestHead("", b"", http_version, [], refused.raw, False, False, refused.t_ns, refused.t_ns)
        exchange = self._start(connection, head, "http", "")
        exchange.refused = refused
        exchange.answered(exchange.first_byte_ns, answer, -1, b"", 0, -1, ends=True)
        exchange.end("refused", refused.told, refused.status)

    def _start(
        self,
        connection: Connection,
        head: RequestHead,
        kind: str,
        interface: str,
        origin: Origin | None = None,
    ) -> Exchange:
        """`origin`: as a proxy said it, and what that replaces."""
        exchange = Exchange(self.recorder)
        client, scheme, replaced = origin or (connection.client, connection.scheme, {})
        transport: dict[str, Any] = {}
        if connection.security:
            transport["tls"] = connection.security.recorded
        if replaced:
            transport["forwarded"] = replaced
        exchange.start(
            kind=kind,
            interface=interface,
            head=head,
            connection=connection.id,
            scheme=scheme,
            client=client,
            server=connection.address,
            root_path=self.root_path,
            accepted_ns=connection.accepted_ns,
            transport=transport or None,
        )
        return exchange

    # Clients that take too long.

    def _sweep(self) -> None:
        self.expire(clock.now())
        self._next_sweep = self.loop.call_later(self._pace, self._sweep)

    def expire(self, now_ns: int) -> None:
        """End what has waited too long for its client at `now_ns`. One sweep costs less than a timer per request."""
        for connection in list(self._connections):
            connection.expire(now_ns)

    # The end of life.

    async def stop(self, grace: float, hurry: asyncio.Event) -> None:
        """Accept nothing more, give what runs `grace` seconds, then tell it that its clients are gone, then cancel it.

        `hurry` skips the waits.
        """
        self.stopping = True
        if self._next_sweep:
            self._next_sweep.cancel()
        await self._close_door()
        await self._see_out_idle(hurry)
        await self._wait(grace, hurry)
        for stream in self._under_way.values():
            stream.dismiss()
        await self._wait(FAREWELL, hurry)
        for task in list(self._under_way):
            task.cancel()
        if self._under_way:
            await asyncio.wait(list(self._under_way), timeout=FAREWELL)
        for connection in list(self._connections):
            connection.close()

    async def _close_door(self) -> None:
        """Accept nothing more; who waits at the door stays there for the next engine.

        What was accepted in this turn of the loop is a connection only some turns later, and would be dropped by
        asyncio if the listener were closed now.
        """
        listener, self._listener = self._listener, None
        if self._listening is None or listener is None:
            return
        self.loop.remove_reader(listener)
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        self._listening.close()

    async def _see_out_idle(self, hurry: asyncio.Event) -> None:
        """Close connections that carry no request; fresh ones have a moment to send the one they were made for."""
        while True:
            for connection in list(self._connections):
                connection.close_if_idle()
            if hurry.is_set() or not any(connection.fresh for connection in self._connections):
                return
            await asyncio.sleep(_GLANCE)

    async def _wait(self, seconds: float, hurry: asyncio.Event) -> None:
        hurried = self.loop.create_task(hurry.wait())
        deadline = self.loop.time() + seconds
        while self._under_way and not hurry.is_set() and (left := deadline - self.loop.time()) > 0:
            await asyncio.wait([*self._under_way, hurried], timeout=left, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
