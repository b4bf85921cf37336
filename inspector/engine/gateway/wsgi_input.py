"""`wsgi.input` (PEP 3333, "Input and Error Streams"): a request's body as a file, read from the client as it is read.

It ends where the body ends, also without a Content-Length (chunked); servers say so by `wsgi.input_terminated`. Each
call is told before the app gets its bytes; a line of an iteration is a call of its own.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from inspector.engine.gateway.wsgi_stepped import Steps
from inspector.engine.gateway.wsgi_stream import WorkerStream
from inspector.engine.probe.tap import Exchange
from inspector.trace import records, values
from inspector.trace.clock import now


class _Body(io.RawIOBase):
    """The body as raw bytes: what is here, or the next that comes. `io.BufferedReader` makes a file of it."""

    def __init__(self, stream: WorkerStream) -> None:
        super().__init__()
        self.asked_ns = 0
        self.wire_ns = 0
        """When the newest bytes came from the client."""
        self._stream = stream
        self._here = memoryview(b"")
        self._more = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._here and self._more:
            event = self._stream.receive(self.asked_ns)
            self._here, self._more, self.wire_ns = memoryview(event.data), event.more, event.t_ns
        size = min(len(buffer), len(self._here))
        buffer[:size] = self._here[:size]
        self._here = self._here[size:]
        return size


class Input:
    """What the app gets. Reading raises `ClientGone` (an OSError) where the client left before the body's end."""

    def __init__(self, stream: WorkerStream, exchange: Exchange, has_body: bool, steps: Steps) -> None:
        self._body = _Body(stream) if has_body else None
        self._file = io.BytesIO() if self._body is None else io.BufferedReader(self._body)
        self._exchange = exchange
        self._steps = steps

    def read(self, size: int | None = -1) -> bytes:
        return self._gets("read", size, lambda: self._file.read(size))

    def readline(self, size: int | None = -1) -> bytes:
        return self._gets("readline", size, lambda: self._file.readline(size))

    def readlines(self, hint: int = -1) -> list[bytes]:
        lines: list[bytes] = []

        def fetch() -> bytes:
            lines[:] = self._file.readlines(hint)
            return b"".join(lines)

        data = self._gets("readlines", hint, fetch)
        return lines if data == b"".join(lines) else io.BytesIO(data).readlines()

    def __iter__(self) -> Input:
        return self

    def __next__(self) -> bytes:
        if line := self._gets("__next__", None, self._file.readline):
            return line
        raise StopIteration

    def _gets(self, method: str, size: int | None, fetch: Callable[[], bytes]) -> bytes:
        asked_ns = now()
        if self._body is not None:
            self._body.asked_ns = asked_ns
        steps = self._steps
        if not steps.kept:
            data = fetch()
            if not steps.needed:
                self._tell({"type": "read", "method": method, "size": size, "body": data}, asked_ns)
                return data
            fetched = [data]
        else:
            fetched = []

        def take() -> dict[str, Any]:
            return {"type": "read", "method": method, "size": size, "body": fetched.pop() if fetched else fetch()}

        message = steps.reading(take).message
        self._tell(message, asked_ns)
        body = message.get("body", b"")
        return body if isinstance(body, bytes) else b""

    def _tell(self, message: dict[str, Any], asked_ns: int) -> None:
        if not self._exchange.ended:
            data = message.get("body", b"")
            self._exchange.message(
                records.RECEIVE,
                "read",
                values.encode({"method": message.get("method"), "size": message.get("size")}),
                records.BODY,
                data,
                asked_ns=asked_ns,
                wire_ns=self._body.wire_ns if self._body is not None and data else 0,
            )
