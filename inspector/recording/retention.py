"""The bound of a recording: so many exchanges, so many bytes; the oldest go first, and are counted.

An exchange that goes vanishes at once; its messages are deleted a slice per transaction, so that none takes long,
however many a WebSocket had. Pinned exchanges and those in flight stay. Where they alone pass the bound, first old logs
go, then the oldest bodies of the largest exchange in flight.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from inspector.recording.bodies import SEGMENT_BYTES, Segments, read_piece
from inspector.recording.fold import message_id
from inspector.recording.heads import Heads

SLICE = 1000
"""Exchanges dropped per transaction, at most."""
DELETED_ROWS = 5000
"""Messages deleted per transaction, about."""
KEEP_LOGS = 200_000
"""Lines of logs; those of pinned exchanges are not dropped."""
WASTE = 2 * SEGMENT_BYTES
"""Bytes of segments that nobody needs, beyond which one is written anew."""
_ESTIMATE = "1000 + 200 * message_count + request_bytes + response_bytes"
"""Bytes that an exchange takes, to choose how many go; what is freed is measured afterwards."""


@dataclass
class Figures:
    """What the writer counts; a transaction that fails puts it back."""

    exchanges: int = 0
    in_flight: int = 0
    dropped: int = 0
    logs: int = 0
    dropped_logs: int = 0
    cut_bodies: int = 0
    doomed: list[tuple[int, int, int]] = field(default_factory=list)
    """Dropped exchanges, first to last, whose messages from an id on are still to be deleted."""
    cut: dict[int, int] = field(default_factory=dict)
    """Exchanges in flight -> the first message whose body was not cut."""

    def copy(self) -> Figures:
        return replace(self, doomed=list(self.doomed), cut=dict(self.cut))


class Retention:
    """Works inside the writer's transactions."""

    def __init__(
        self, connection: sqlite3.Connection, segments: Segments, heads: Heads, keep_exchanges: int, keep_bytes: int
    ) -> None:
        self.figures = Figures()
        self.keep_exchanges = keep_exchanges
        self.keep_bytes = keep_bytes
        self._connection = connection
        self._execute: Callable[..., sqlite3.Cursor] = connection.execute
        self._segments = segments
        self._heads = heads
        (self._page_size,) = connection.execute("PRAGMA page_size").fetchone()

    def bytes(self) -> int:
        """Pages of the database in use, and bytes in segments that are needed."""
        (pages,) = self._execute("PRAGMA page_count").fetchone()
        (free,) = self._execute("PRAGMA freelist_count").fetchone()
        return int((pages - free) * self._page_size) + self._segments.needed_bytes

    def apply(self) -> bool:
        """One transaction's share of the work; true where more is left."""
        figures = self.figures
        dropped = figures.dropped
        if figures.exchanges > self.keep_exchanges:
            self._drop(min(figures.exchanges - self.keep_exchanges, SLICE))
        elif not figures.doomed and (excess := self.bytes() - self.keep_bytes) > 0:
            self._make_room(excess)
        if figures.logs > KEEP_LOGS:
            self._drop_logs(figures.logs - KEEP_LOGS)
        if figures.doomed:
            self._delete(DELETED_ROWS)
        if self._segments.wasted_bytes > WASTE:
            self._rewrite(self._segments.most_wasteful())
        return bool(figures.doomed) or figures.dropped > dropped

    def clear(self) -> None:
        """Drops all that may go; not counted as dropped, the user wanted it."""
        found = self._execute(
            "SELECT min(id), max(id), count(*) FROM exchange WHERE end_ns IS NOT NULL AND NOT pinned"
        ).fetchone()
        low, high, count = found
        if count:
            self._execute("DELETE FROM exchange WHERE end_ns IS NOT NULL AND NOT pinned")
            self._doom(low, high, count)

    def _make_room(self, excess: int) -> None:
        if self._drop(SLICE, excess):
            return
        if self.figures.logs > 1000:
            self._drop_logs(self.figures.logs // 4)
        self._cut_bodies(excess)

    def _drop(self, most: int, enough: int | None = None) -> int:
        """Drops the oldest `most` exchanges that may go, fewer where they take `enough` bytes."""
        rows = self._execute(
            f"SELECT id, {_ESTIMATE} FROM exchange WHERE end_ns IS NOT NULL AND NOT pinned ORDER BY id LIMIT ?",  # noqa: S608
            (most,),
        ).fetchall()
        if enough is not None:
            taken = 0
            for number, (_, size) in enumerate(rows, 1):
                taken += size
                if taken >= enough:
                    del rows[number:]
                    break
        if rows:
            self._connection.executemany("DELETE FROM exchange WHERE id = ?", [(id_,) for id_, _ in rows])
            self.figures.dropped += len(rows)
            self._doom(rows[0][0], rows[-1][0], len(rows))
        return len(rows)

    def _doom(self, low: int, high: int, count: int) -> None:
        """`count` exchanges from `low` to `high` are gone; those that are still there, between them, are not."""
        self.figures.exchanges -= count
        start = low
        for (kept,) in self._execute("SELECT id FROM exchange WHERE id BETWEEN ? AND ? ORDER BY id", (low, high)):
            if start < kept:
                self.figures.doomed.append((start, kept - 1, message_id(start, 0)))
            start = kept + 1
        if start <= high:
            self.figures.doomed.append((start, high, message_id(start, 0)))
        self._heads.collect(high + 1)

    def _delete(self, rows: int) -> None:
        """Deletes about `rows` messages of doomed exchanges, and what else is theirs."""
        doomed = self.figures.doomed
        done = 0
        while done < len(doomed) and rows > 0:
            low, high, start = doomed[done]
            stop = message_id(high + 1, 0)
            bound = self._execute(
                "SELECT id FROM message WHERE id >= ? AND id < ? ORDER BY id LIMIT 1 OFFSET ?", (start, stop, rows)
            ).fetchone()
            end = bound[0] if bound else stop
            self._delete_parts(start, end)
            rows -= 1 + self._execute("DELETE FROM message WHERE id >= ? AND id < ?", (start, end)).rowcount
            if bound:
                doomed[done] = (low, high, end)
                break
            self._execute("DELETE FROM wire WHERE id >= ? AND id < ?", (message_id(low, 0), stop))
            self._execute("DELETE FROM failure WHERE exchange BETWEEN ? AND ?", (low, high))
            self._execute("DELETE FROM wait WHERE exchange BETWEEN ? AND ?", (low, high))
            self._execute("DELETE FROM hold WHERE exchange BETWEEN ? AND ?", (low, high))
            self.figures.logs -= self._execute("DELETE FROM log WHERE exchange BETWEEN ? AND ?", (low, high)).rowcount
            done += 1
        del doomed[:done]

    def _delete_parts(self, start: int, end: int) -> None:
        bounds = (start, end)
        for segment, size in self._execute(
            "SELECT segment, sum(size) FROM part WHERE message >= ? AND message < ? AND segment > 0 GROUP BY segment",
            bounds,
        ).fetchall():
            self._segments.release(segment, size)
        self._execute("DELETE FROM part WHERE message >= ? AND message < ?", bounds)
        self._execute("DELETE FROM original WHERE message >= ? AND message < ?", bounds)

    def _drop_logs(self, count: int) -> None:
        dropped = self._execute(
            "DELETE FROM log WHERE id <= (SELECT id FROM log ORDER BY id LIMIT 1 OFFSET ?)"
            " AND exchange NOT IN (SELECT id FROM exchange WHERE pinned)",
            (count - 1,),
        ).rowcount
        self.figures.logs -= dropped
        self.figures.dropped_logs += dropped

    def _cut_bodies(self, excess: int) -> None:
        """Drops the oldest bodies of the largest exchange in flight; its newest message may still grow, and stays."""
        found = self._execute(
            "SELECT id, message_count FROM exchange WHERE end_ns IS NULL"
            " ORDER BY request_bytes + response_bytes DESC LIMIT 1"
        ).fetchone()
        if found is None:
            return
        exchange, count = found
        start = self.figures.cut.get(exchange, message_id(exchange, 0))
        stop = message_id(exchange, max(count - 1, 0))
        rows = self._execute(
            "SELECT id, stored FROM message WHERE id >= ? AND id < ? ORDER BY id LIMIT ?", (start, stop, DELETED_ROWS)
        ).fetchall()
        end = start
        for id_, stored in rows:
            end = id_ + 1
            excess -= stored
            if excess <= 0:
                break
        self._delete_parts(start, end)
        self.figures.cut_bodies += self._execute(
            "UPDATE message SET stored = 0, body = x'' WHERE id >= ? AND id < ? AND stored > 0", (start, end)
        ).rowcount
        self.figures.cut[exchange] = end

    def _rewrite(self, segment: int) -> None:
        """Appends what is needed of `segment` anew, so that it can go."""
        for id_, position, size in self._execute(
            "SELECT id, position, size FROM part WHERE segment = ?", (segment,)
        ).fetchall():
            data = read_piece(self._segments.folder, segment, position, size)
            self._execute("UPDATE part SET segment = ?, position = ? WHERE id = ?", (*self._segments.append(data), id_))
            self._segments.release(segment, size)
