"""An engine's server without an engine: a gateway on a real socket in this loop, its records in a list, raw clients."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Any

from inspector.engine.gateway.asgi import ASGIGateway
from inspector.engine.host.forwarded import Trusted
from inspector.engine.host.listener import Gateway, Server
from inspector.engine.probe.recorder import Recorder
from inspector.engine.wire.tls import SecureContext
from inspector.engine.wire.websocket import Terms
from inspector.trace import records, values
from inspector.trace.records import BodyPart, ExchangeEnded, ExchangeStarted, MessageSeen, Record

PATIENCE = 60.0
"""Seconds after which a test gives up waiting."""


_TERMS = Terms()


class Sink:
    """The ring's place in tests."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.of: defaultdict[int, list[Record]] = defaultdict(list)
        """Those of each exchange; one that is looked for among all takes long where there are thousands."""
        self.congested = False
        self._arrived = asyncio.Event()

    def write(self, record: Record) -> None:
        self.records.append(record)
        self.of[getattr(record, "exchange", 0)].append(record)
        with contextlib.suppress(RuntimeError):
            asyncio.get_running_loop()
            self._arrived.set()

    async def until(self, there: Callable[[list[Record]], object]) -> None:
        """Wait until `there` holds for the records."""

        async def wait() -> None:
            while not there(self.records):
                self._arrived.clear()
                try:
                    await asyncio.wait_for(self._arrived.wait(), 0.02)  # records of other threads set no event
                except asyncio.TimeoutError:  # noqa: UP041 - 3.10
                    pass

        await asyncio.wait_for(wait(), PATIENCE)


class Client:
    """A connection that sends and reads bytes as they are."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.sent = 0
        """Bytes, by `send`."""

    async def send(self, data: bytes) -> None:
        self.sent += len(data)
        self.writer.write(data)
        await self.writer.drain()

    async def read_response(self) -> tuple[bytes, bytes]:
        """Head and body of one response, by its Content-Length or chunks (no trailers)."""
        head = await self._in_time(self.reader.readuntil(b"\r\n\r\n"))
        lower = head.lower()
        if b"\r\ncontent-length: " in lower:
            size = int(lower.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            return head, await self._in_time(self.reader.readexactly(size))
        body = b""
        while b"transfer-encoding: chunked" in lower:
            size = int(await self._in_time(self.reader.readline()), 16)
            body += (await self._in_time(self.reader.readexactly(size + 2)))[:-2]
            if not size:
                break
        return head, body

    async def read_all(self) -> bytes:
        """Everything up to the end of the connection."""
        return await self._in_time(self.reader.read())

    async def _in_time(self, reading: Any) -> bytes:
        return await asyncio.wait_for(reading, PATIENCE)

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


class Serving:
    """A running server and what it told."""

    def __init__(self, server: Server, sink: Sink, port: int) -> None:
        self.server = server
        self.sink = sink
        self.port = port
        self._clients: list[Client] = []

    async def connect(self, **options: Any) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port, **options))
        self._clients.append(client)
        return client

    @property
    def sent(self) -> int:
        """Bytes that clients have sent, by `Client.send`."""
        return sum(client.sent for client in self._clients)

    async def get(self, request: bytes) -> tuple[bytes, bytes]:
        """One request on a connection of its own; head and body of the response."""
        client = await self.connect()
        await client.send(request)
        try:
            return await client.read_response()
        finally:
            await client.close()

    async def ended(self, count: int = 1) -> list[int]:
        """Wait until `count` exchanges have ended; their ids in order of start."""
        await self.sink.until(lambda all_: sum(isinstance(r, ExchangeEnded) for r in all_) >= count)
        return [record.exchange for record in self.sink.records if isinstance(record, ExchangeStarted)]

    def of(self, exchange: int, kind: type[Record]) -> list[Any]:
        return [record for record in self.sink.of[exchange] if isinstance(record, kind)]

    def end(self, exchange: int) -> ExchangeEnded:
        (record,) = self.of(exchange, ExchangeEnded)
        assert isinstance(record, ExchangeEnded)
        return record

    def messages(self, exchange: int) -> list[tuple[str, str, Any, bytes]]:
        """direction, type, data and whole recorded body of each message, in order."""
        told = []
        for message in self.of(exchange, MessageSeen):
            parts = [p.data for p in self.of(exchange, BodyPart) if p.seq == message.seq]
            body = b"".join([message.body, *parts])
            told.append((records.DIRECTIONS[message.direction], message.type, values.decode(message.data), body))
        return told

    async def close(self) -> None:
        hurry = asyncio.Event()
        hurry.set()
        for client in self._clients:
            await client.close()
        await self.server.stop(0.0, hurry)
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def serving_gateway(
    make: Callable[[Recorder], Gateway],
    *,
    body_cap: int = 10 << 20,
    root_path: str = "",
    secure: SecureContext | None = None,
    terms: Terms = _TERMS,
    trusted: Trusted | None = None,
) -> AsyncIterator[Serving]:
    sink = Sink()
    recorder = Recorder(sink, body_cap=body_cap)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    server = Server(make(recorder), recorder, root_path, secure, terms, trusted)
    await server.listen(listener)
    running = Serving(server, sink, listener.getsockname()[1])
    try:
        yield running
    finally:
        await running.close()


@contextlib.asynccontextmanager
async def serving(app: Any, interface: str = "asgi3", *, state: Any = None, **options: Any) -> AsyncIterator[Serving]:
    async with serving_gateway(lambda _: ASGIGateway(app, interface, state), **options) as running:
        yield running
