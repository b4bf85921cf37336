"""Where the bytes of a body lie: the first in its message's row, the rest in parts, in the file or in a segment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from inspector.errors import InspectorError
from inspector.recording.bodies import read_piece
from inspector.recording.fold import message_id
from inspector.recording.schema import read_bytes, read_int
from inspector.trace import records

_PAGE = 500
_ALL = (1 << 31) - 1
"""The longest and farthest that SQLite's substr takes."""


class StoredBodies:
    """Reads bodies for a `Reader`; `select` runs a statement and gives all its rows."""

    def __init__(self, select: Callable[[str, Sequence[object]], list[tuple[Any, ...]]], folder: Path) -> None:
        self._select = select
        self._folder = folder

    def one(self, message: int, offset: int, size: int) -> bytes:
        """Up to `size` bytes (-1: all) of one message's body, fewer where they are not there."""
        size = 1 << 62 if size < 0 else size
        for _ in range(2):
            try:
                return self._one(message, offset, size)
            except FileNotFoundError:  # its segment was rewritten or folded in just now: the database knows where to
                continue
        return b""

    def _one(self, message: int, offset: int, size: int) -> bytes:
        inline = self._select(
            "SELECT length(body), substr(body, ?, ?) FROM message WHERE id = ?",
            (min(offset + 1, _ALL), min(size, _ALL), message),
        )
        if not inline or size <= 0:
            return b""
        first = read_bytes(inline[0][1])
        pieces, at, end = [first], offset + len(first), offset + size
        if at >= end or at < read_int(inline[0][0]):
            return first
        for found in self._select(
            "SELECT id, offset, size, segment, position FROM part"
            " WHERE message = ? AND offset < ? AND offset + size > ? ORDER BY offset",
            (message, min(end, 1 << 62), at),
        ):
            part, begins, there, segment, position = map(read_int, found)
            skip = at - begins
            take = min(there - skip, end - at)
            data = self._piece(part, segment, position, skip, take) if skip >= 0 else b""
            pieces.append(data)
            at += len(data)
            if len(data) < take or skip < 0:  # torn here: what comes later does not belong behind it
                break
        return b"".join(pieces)

    def _piece(self, part: int, segment: int, position: int, skip: int, size: int) -> bytes:
        if segment <= 0:
            rows = self._select("SELECT substr(data, ?, ?) FROM part WHERE id = ?", (skip + 1, min(size, _ALL), part))
            return read_bytes(rows[0][0]) if rows else b""
        try:
            return read_piece(self._folder, segment, position + skip, size)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise InspectorError(f"A body cannot be read: {error.strerror or error}") from error

    def all(self, exchange: int, received: bool, offset: int, size: int) -> bytes:
        """Up to `size` bytes (-1: all) of the bodies of a whole direction."""
        column, direction = ("received", records.RECEIVE) if received else ("sent", records.SEND)
        left = 1 << 62 if size < 0 else size
        start, stop = message_id(exchange, 0), message_id(exchange + 1, 0)
        if offset:
            start = self._seek(column, start, stop, offset)
        pieces: list[bytes] = []
        while left > 0:
            rows = self._select(
                f"SELECT id, {column}, stored FROM message"  # noqa: S608 - names of our own
                " WHERE id >= ? AND id < ? AND direction = ? AND stored > 0 AND NOT flags & ? ORDER BY id LIMIT ?",
                (start, stop, direction, records.DROPPED, _PAGE),
            )
            for id_, begins, stored in rows:
                skip = max(0, offset - read_int(begins))
                if left > 0 and skip < read_int(stored):
                    pieces.append(self.one(id_, skip, left))
                    left -= len(pieces[-1])
            if len(rows) < _PAGE:
                break
            start = rows[-1][0] + 1
        return b"".join(pieces)

    def _seek(self, column: str, start: int, stop: int, offset: int) -> int:
        """The message in whose body `offset` lies: the last one that has no more than `offset` bytes before it."""
        last = self._select("SELECT max(id) FROM message WHERE id >= ? AND id < ?", (start, stop))[0][0]
        low, high = start, start if last is None else int(last) + 1
        while high - low > 1:
            middle = (low + high) // 2
            id_, before = self._select(
                f"SELECT id, {column} FROM message WHERE id >= ? AND id < ? ORDER BY id LIMIT 1",  # noqa: S608
                (middle, stop),
            )[0]
            if read_int(before) <= offset:
                low = max(int(id_), middle)
            else:
                high = middle
        return low
