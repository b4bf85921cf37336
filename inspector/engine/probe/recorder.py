"""Where records go: the recorder hands out exchange ids and writes into the link."""

from __future__ import annotations

import asyncio
import itertools
from typing import Protocol

from inspector.engine.probe.board import Board
from inspector.trace.records import Record

ROOM_POLL = 0.002
"""Seconds between two looks at a congested link: no timer runs unless one is."""


class Sink(Protocol):
    """The engine's end of the ring (`trace.ring.RingWriter`)."""

    def write(self, record: Record) -> None: ...

    @property
    def congested(self) -> bool: ...


class Recorder:
    """Numbers exchanges and writes records; every thread of the engine may use it."""

    def __init__(self, sink: Sink, first_exchange: int = 1, body_cap: int = 10 << 20) -> None:
        self.write = sink.write
        self.body_cap = body_cap
        self.board = Board(sink.write)
        """Of stepping: gateways look whether it is armed before each message."""
        self._sink = sink
        self._ids = itertools.count(first_exchange)

    def next_exchange(self) -> int:
        return next(self._ids)

    @property
    def congested(self) -> bool:
        """The window is behind: whoever can wait should (`room`)."""
        return self._sink.congested

    async def room(self) -> None:
        """Wait until the window has caught up: back-pressure on the app and, through it, on the client."""
        while self._sink.congested:  # noqa: ASYNC110 - the reader is another process, and sets no event
            await asyncio.sleep(ROOM_POLL)
