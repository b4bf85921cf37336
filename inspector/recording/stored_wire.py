"""The wire of an exchange, put together: the pieces that were told, and what the messages and the head tell themselves.

Told are framing and what no message has (`trace.wire`). Here the parts of bodies find their messages: a sent piece has
its message's number, what came in has its place in the request's body, or among the client's WebSocket messages. A
request's head, and a body that came without chunks, are pieces that nobody told.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate
from typing import Any, NamedTuple

from inspector.recording.fold import message_id
from inspector.recording.rows import WirePart, WireRow
from inspector.recording.schema import read_bytes, read_int, read_text
from inspector.recording.stored import StoredBodies
from inspector.recording.stored_runs import Select
from inspector.trace import records, wire

MESSAGES = 2_000
"""Messages that are looked at; what came in later than these has no message."""
_KINDS = ("head", "informational", "body", "chunk", "last chunk", "frame", "cut", "HTTP/2 frame")
_HEADS = frozenset(("http.response.start", "start_response", "websocket.accept", "websocket.http.response.start"))
_BODIES = frozenset(("http.request", "read"))
_SENT = frozenset(("http.response.body", "write", "next", "websocket.http.response.body"))
_MASKED, _CLOSE = 0x80, 0x8
_HEADERS = b"\x01"
"""Of HTTP/2."""


class _Message(NamedTuple):
    seq: int
    wire_ns: int
    direction: int
    type: str
    size: int
    edited: bool
    injected: bool
    dropped: bool


class _Came(NamedTuple):
    """What came in, message by message: where each begins in the whole."""

    messages: list[_Message]
    starts: list[int]

    @property
    def size(self) -> int:
        return self.starts[-1] + self.messages[-1].size if self.messages else 0

    def parts(self, offset: int, size: int) -> tuple[WirePart, ...]:
        found, end = [], offset + size
        at = bisect_right(self.starts, offset) - 1
        while offset < end:
            if not 0 <= at < len(self.messages):
                found.append(WirePart(wire.LOST, 0, end - offset))
                break
            message, start = self.messages[at], self.starts[at]
            taken = min(end, start + message.size) - offset
            if taken > 0:
                found.append(WirePart(message.seq, offset - start, taken, message.edited))
                offset += taken
            at += 1
        return tuple(found)


class StoredWire:
    """Reads the wire for a `Reader`."""

    def __init__(self, select: Select, bodies: StoredBodies, head: Callable[[int], tuple[bytes, Any, str]]) -> None:
        self._select = select
        self._bodies = bodies
        self._head = head
        self._kept: tuple[object, list[WireRow]] | None = None

    def known(self, exchange: int) -> bool:
        """As `Reader.has_wire`."""
        found = self._select(
            "SELECT http_version, (SELECT length(raw) FROM head WHERE id = exchange.head) FROM exchange WHERE id = ?",
            (exchange,),
        )
        if found and read_text(found[0][0]) != "2" and read_int(found[0][1]):
            return True
        return bool(found and self._count(exchange))

    def _count(self, exchange: int) -> int:
        bounds = (message_id(exchange, 0), message_id(exchange + 1, 0))
        return read_int(self._select("SELECT count(*) FROM wire WHERE id >= ? AND id < ?", bounds)[0][0])

    def rows(self, exchange: int) -> list[WireRow]:
        """All of them, in order of time; the last exchange's are kept until something of it is another."""
        found = self._select(
            "SELECT kind, http_version, head_ns, t0_ns, min(message_count, ?), outcome FROM exchange WHERE id = ?",
            (MESSAGES, exchange),
        )
        if not found:
            return []
        key = (exchange, found[0], self._count(exchange))
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, self._rows(exchange, found[0]))
        return self._kept[1]

    def _rows(self, exchange: int, row: tuple[Any, ...]) -> list[WireRow]:
        kind, version = read_text(row[0]), read_text(row[1])
        messages = self._messages(exchange)
        came = _came(messages, "websocket" if kind == "websocket" else "http")
        went = _went(messages)
        pieces: list[WireRow] = []
        covered = 0
        for (blob,) in self._select(
            "SELECT pieces FROM wire WHERE id >= ? AND id < ? ORDER BY id",
            (message_id(exchange, 0), message_id(exchange + 1, 0)),
        ):
            for piece in wire.unpack(read_bytes(blob)):
                made = self._row(exchange, piece, messages, went if piece.sent else came)
                if piece.kind == wire.CUT and pieces and pieces[-1].kind == "cut":
                    pieces.pop()
                pieces.append(made)
                if not piece.sent and piece.kind == wire.CHUNK:
                    covered = piece.offset + piece.size
        if version != "2" and kind != "lifespan":
            pieces = self._untold(exchange, messages, came if kind == "http" else None, covered, row) + pieces
        pieces.sort(key=lambda one: one.t_ns)
        return [one._replace(number=number) for number, one in enumerate(pieces)]

    def _messages(self, exchange: int) -> list[_Message]:
        found = self._select(
            "SELECT message.id, wire_ns, t_ns, direction, message.type, message.size, flags, original.size FROM message"
            " LEFT JOIN original ON original.message = message.id AND original.offset = 0"
            " WHERE message.id >= ? AND message.id < ? ORDER BY message.id LIMIT ?",
            (message_id(exchange, 0), message_id(exchange + 1, 0), MESSAGES),
        )
        return [
            _Message(
                one[0] & 0xFFFFFFFF,
                read_int(one[1]) or read_int(one[2]),
                read_int(one[3]),
                read_text(one[4]),
                read_int(one[5]) if one[7] is None else read_int(one[7]),
                one[7] is not None,
                bool(read_int(one[6]) & records.INJECTED),
                bool(read_int(one[6]) & records.DROPPED),
            )
            for one in found
        ]

    def _untold(
        self, exchange: int, messages: list[_Message], came: _Came | None, covered: int, row: tuple[Any, ...]
    ) -> list[WireRow]:
        raw = self._head(exchange)[0]
        called = next((one for one in messages if one.direction == records.CALL), None)
        refused = next((one for one in messages if one.type == "refused"), None)
        of = called or refused
        kind = "request head" if called is not None or refused is None else "request"
        seq, t_ns = of.seq if of else None, read_int(row[3]) or read_int(row[2])
        found = [WireRow(exchange, 0, t_ns, False, kind, seq, raw, b"")]
        if came is not None:
            for message, start in zip(came.messages, came.starts, strict=True):
                skip = max(covered - start, 0)
                if message.size > skip:
                    part = WirePart(message.seq, skip, message.size - skip, message.edited)
                    found.append(WireRow(exchange, 0, message.wire_ns, False, "body", message.seq, b"", b"", (part,)))
        return [one for one in found if one.size]

    def _row(self, exchange: int, piece: wire.Piece, messages: list[_Message], came: _Came) -> WireRow:
        """`came`: the bodies of the piece's direction."""
        kind, seq = _KINDS[piece.kind], piece.seq if piece.seq >= 0 else None
        parts: tuple[WirePart, ...] = (WirePart(piece.seq, piece.offset, piece.size),) if piece.size else ()
        mask = b""
        if piece.kind == wire.CUT:
            return WireRow(exchange, 0, piece.t_ns, False, kind, None, b"", b"", (), b"", piece.offset, piece.size)
        if piece.kind == wire.FRAME2:
            return self._frame2(exchange, piece, messages, came)
        if piece.sent and piece.kind == wire.HEAD:
            seq = _head_of(messages, seq)
        elif not piece.sent and piece.kind == wire.FRAME:
            masked = len(piece.before) > 5 and piece.before[1] & _MASKED
            mask = piece.before[-4:] if masked else b""
            if piece.before[:1] and piece.before[0] & 0x0F == _CLOSE:
                left = [one.seq for one in messages if one.type == "websocket.disconnect" and not one.injected]
                seq = left[0] if left else None
            elif piece.seq >= 0:
                message = came.messages[piece.seq] if piece.seq < len(came.messages) else None
                seq = message.seq if message else None
                if piece.size:
                    part = WirePart(wire.LOST if seq is None else seq, piece.offset, piece.size)
                    parts = (replace(part, original=message.edited) if message else part,)
        elif not piece.sent:
            parts = came.parts(piece.offset, piece.size)
            of = [part.seq for part in parts if part.seq >= 0]
            last = came.messages[-1].seq if came.messages else None
            seq = of[-1] if of else last if piece.kind == wire.LAST_CHUNK else None
        return WireRow(exchange, 0, piece.t_ns, piece.sent, kind, seq, piece.before, piece.behind, parts, mask)

    def _frame2(self, exchange: int, piece: wire.Piece, messages: list[_Message], bodies: _Came) -> WireRow:
        before = piece.before[wire.WINDOWS.size :]
        windows = wire.WINDOWS.unpack_from(piece.before) if len(piece.before) >= wire.WINDOWS.size else ()
        seq: int | None = None
        parts: tuple[WirePart, ...] = ()
        if piece.size:
            parts = bodies.parts(piece.offset, piece.size)
            seq = next((part.seq for part in reversed(parts) if part.seq >= 0), None)
        elif before[3:4] == _HEADERS:
            called = next((one.seq for one in messages if one.direction == records.CALL), None)
            seq = _head_of(messages, piece.seq) if piece.seq >= 0 else None if piece.sent else called
        kind = _KINDS[piece.kind]
        return WireRow(exchange, 0, piece.t_ns, piece.sent, kind, seq, before, piece.behind, parts, windows=windows)

    def octets(self, row: WireRow, offset: int, size: int) -> bytes:
        """As `Reader.wire_bytes`."""
        end = row.size if size < 0 else min(offset + size, row.size)
        found, at = [], 0
        segments: tuple[bytes | WirePart, ...] = (row.before, *row.parts, row.behind)
        for part in segments:
            length = len(part) if isinstance(part, bytes) else part.size
            first, last = max(offset - at, 0), min(end - at, length)
            if first < last:
                if isinstance(part, bytes):
                    found.append(part[first:last])
                else:
                    data = self._of(row, part, first, last - first)
                    found.append(data)
                    if len(data) < last - first:  # what comes behind does not belong here
                        break
            at += length
        return b"".join(found)

    def _of(self, row: WireRow, part: WirePart, skip: int, size: int) -> bytes:
        if part.seq < 0:
            return b""
        message = message_id(row.exchange, part.seq)
        if part.original:
            pieces = self._select("SELECT body FROM original WHERE message = ? ORDER BY offset", (message,))
            whole = b"".join(read_bytes(one[0]) for one in pieces)
            data = whole[part.offset + skip : part.offset + skip + size]
        else:
            data = self._bodies.one(message, part.offset + skip, size)
        return _masked(data, row.mask, skip) if row.mask else data


def _came(messages: list[_Message], kind: str) -> _Came:
    """Of a WebSocket, `starts` mean nothing."""
    if kind == "websocket":
        return _Came([one for one in messages if one.type == "websocket.receive" and not one.injected], [])
    found = [one for one in messages if one.type in _BODIES and not one.injected]
    return _Came(found, list(accumulate((one.size for one in found), initial=0))[: len(found)])


def _went(messages: list[_Message]) -> _Came:
    """What went out."""
    found = [one._replace(edited=False) for one in messages if one.type in _SENT and not one.dropped]
    return _Came(found, list(accumulate((one.size for one in found), initial=0))[: len(found)])


def _head_of(messages: list[_Message], seq: int | None) -> int | None:
    """The message whose head went out with message `seq`: that one, or one before it (WSGI)."""
    heads = [one.seq for one in messages if one.type in _HEADS and seq is not None and one.seq <= seq]
    return heads[-1] if heads else seq


def _masked(data: bytes, mask: bytes, skip: int) -> bytes:
    turned = mask[skip % 4 :] + mask[: skip % 4]
    key = int.from_bytes((turned * (len(data) // 4 + 1))[: len(data)], "big")
    return (int.from_bytes(data, "big") ^ key).to_bytes(len(data), "big")
