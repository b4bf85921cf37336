"""Where the client's WebSocket frames begin and end (RFC 6455, 5.2), for the record: wsproto gives their contents only.

Judges nothing; what is no frame ends the connection elsewhere.
"""

from __future__ import annotations

from typing import NamedTuple

_CONTROL, _COMPRESSED, _FIN, _MASKED = 0x08, 0x40, 0x80, 0x80


class Scanned(NamedTuple):
    """A whole frame."""

    head: bytes
    """As it came, masking key included."""
    kept: bytes
    """The payload as it came, or its first bytes, where it is no part of a message as the app gets it."""
    number: int
    """Of the client's message that the payload is part of; -1 where `kept` has it."""
    offset: int
    """Of the payload in that message."""
    size: int
    """Bytes of the payload."""


class FrameScan:
    """Reads the frames of one client."""

    def __init__(self, keep: int) -> None:
        """`keep`: bytes of a payload that are kept."""
        self._keep = keep
        self._head = bytearray()
        self._payload = b""
        self._size = self._left = 0
        self._number = self._offset = 0
        self._compressed = False

    def look(self, data: bytes) -> list[Scanned]:
        """The frames that are whole with `data`."""
        found: list[Scanned] = []
        at, end = 0, len(data)
        while at < end:
            if self._left:
                taken = min(self._left, end - at)
                if self._of_none and (room := self._keep - len(self._payload)) > 0:
                    self._payload += data[at : at + min(taken, room)]
                self._left -= taken
                at += taken
            else:
                need = self._need() - len(self._head)
                self._head += data[at : at + need]
                at += need
                if len(self._head) < self._need():
                    continue
                self._begin()
            if not self._left:
                found.append(self._whole())
        return found

    def _need(self) -> int:
        """Bytes of the head, as far as its first ones tell."""
        head = self._head
        if len(head) < 2:
            return 2
        size = head[1] & 0x7F
        return 2 + (2 if size == 126 else 8 if size == 127 else 0) + (4 if head[1] & _MASKED else 0)

    def _begin(self) -> None:
        head, size = self._head, self._head[1] & 0x7F
        if size > 125:
            size = int.from_bytes(head[2 : 4 if size == 126 else 10], "big")
        self._size = self._left = size
        if not head[0] & _CONTROL and head[0] & 0x0F:
            self._compressed = bool(head[0] & _COMPRESSED)
        self._of_none = bool(head[0] & _CONTROL) or self._compressed

    def _whole(self) -> Scanned:
        first = self._head[0]
        number = -1 if self._of_none else self._number
        found = Scanned(bytes(self._head), self._payload, number, self._offset, self._size)
        if not first & _CONTROL:
            self._offset += self._size
            if first & _FIN:
                self._number += 1
                self._offset = 0
        self._head.clear()
        self._payload = b""
        return found
