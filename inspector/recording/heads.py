"""Equal request heads are kept once.

Interning goes by epochs: within one, a head that was seen is referred to again; a new epoch begins with no memory. So
the exchanges of an epoch refer to heads of the same epoch only, and when its exchanges have been dropped its heads can
go too, by one range, without counting references.
"""

from __future__ import annotations

import sqlite3

from inspector.trace import values
from inspector.trace.records import ExchangeStarted

EPOCH_HEADS = 4096
EPOCH_BYTES = 4 << 20
"""Distinct heads, and bytes of them, after which a new epoch begins: also the bound of the memory this takes."""


class Heads:
    """The writer's table of heads."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[object, ...], int] = {}
        self._bytes = 0
        self._next = 1
        self._newest_exchange = 0
        self._epochs: list[tuple[int, int]] = []
        """Where epochs begin: first exchange, first head."""

    def intern(self, record: ExchangeStarted) -> int:
        """The id of the record's head, stored now where it is new in this epoch."""
        transport = values.encode(record.transport) if record.transport else b""
        key = (record.head, record.server, record.root_path, transport)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= EPOCH_HEADS or self._bytes >= EPOCH_BYTES:
                self.forget()
                self._epochs.append((self._newest_exchange + 1, self._next))
            found = self._next
            self._connection.execute(
                "INSERT INTO head VALUES (?, ?, ?, ?, ?)",
                (found, record.head, values.encode(record.server), record.root_path, transport),
            )
            self._next += 1
            self._known[key] = found
            self._bytes += len(record.head)
        self._newest_exchange = max(self._newest_exchange, record.exchange)
        return found

    def forget(self) -> None:
        """Begin with no memory: what was interned may have been rolled back."""
        self._known.clear()
        self._bytes = 0

    def collect(self, oldest: int) -> None:
        """Exchanges before `oldest` were dropped, but for some that are kept: heads that none refers to go."""
        passed = 0
        while passed < len(self._epochs) and self._epochs[passed][0] <= oldest:
            passed += 1
        if passed:
            exchange, head = self._epochs[passed - 1]
            del self._epochs[:passed]
            self._connection.execute(
                "DELETE FROM head WHERE id < ? AND id NOT IN (SELECT head FROM exchange WHERE id < ?)", (head, exchange)
            )
