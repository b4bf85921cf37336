"""The chunked transfer coding of a request (RFC 9112, 7.1), sans-IO and strict.

    SIZE --size line--> DATA --size bytes--> EDGE --CRLF--> SIZE ... --size 0--> TRAILER --empty line--> DONE

h11 reads chunks too, but accepts a bare CR and control bytes in what follows the size, and refuses the blank that may
stand before an extension. Extensions are checked and ignored (7.1.1); so are trailer fields, which have no place in the
interfaces of apps (7.1.2), but for those that a server that merges them would take for framing or routing: refused.
"""

from __future__ import annotations

import re

from inspector.engine.wire.head import MAX_BODY
from inspector.engine.wire.strict import (
    FIELD,
    MAX_FIELDS,
    TOKEN,
    Violation,
    field_line,
    first_forbidden,
)

MAX_LINE = 4096
"""Bytes of a size line, its end included."""
MAX_EXTENSIONS = 16 * 1024
"""Bytes that the extensions of a body may take together (RFC 9112, 7.1.1)."""
MAX_TRAILER = 16 * 1024
"""Bytes of a trailer section; more are answered with 431."""

SIZE, DATA, EDGE, TRAILER, DONE, FAILED = range(6)

_QUOTED = rb'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"'
_EXTENSION = rb"[ \t]*;[ \t]*" + TOKEN + rb"(?:[ \t]*=[ \t]*(?:" + TOKEN + rb"|" + _QUOTED + rb"))?"
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]+)((?:" + _EXTENSION + rb")*)")
_HEX = re.compile(rb"[0-9A-Fa-f]*")
_FIELD_LINE = re.compile(FIELD)
_UNWELCOME = frozenset({b"content-length", b"transfer-encoding", b"host", b"connection", b"upgrade", b"trailer"})


class Chunked:
    """Reads one body."""

    def __init__(self, offset: int) -> None:
        """`offset`: bytes of the request before the body."""
        self.violation: Violation | None = None
        self.began = False
        """Something of the body has come."""
        self.state = SIZE
        self._offset = offset
        """Of the first byte of `_held` in the request."""
        self._held = bytearray()
        self._seen = 0
        """Up to here a line that is not complete was looked at, from its first byte."""
        self._left = 0
        self._size = 0
        self._extensions = 0
        self._fields = 0
        self._trailer = 0
        self._framing: list[tuple[bytes, int, int, bytes]] = []
        self._line_read = b""
        self._at = 0
        """Of the present chunk's data, in the body."""
        self._length = 0

    @property
    def done(self) -> bool:
        """The end of the body was read."""
        return self.state == DONE

    @property
    def offset(self) -> int:
        """Bytes of the request that were read, up to here."""
        return self._offset

    def receive_data(self, data: bytes) -> tuple[bytes, bytes]:
        """The content in `data`, and what follows the body's end in it. Look at `done` and `violation` afterwards."""
        self.began = True
        if self.state == DATA and len(data) < self._left:
            self._left -= len(data)
            self._offset += len(data)
            return data, b""
        held = self._held
        held += data
        content: list[bytes] = []
        at = 0
        while self.state < DONE:
            if self.state == DATA:
                piece = held[at : at + self._left]
                if not piece:
                    break
                content.append(bytes(piece))
                at += len(piece)
                self._left -= len(piece)
                if self._left:
                    break
                self.state = EDGE
            else:
                state = self.state
                after = self._edge(held, at) if state == EDGE else self._line(held, at)
                if after == at:
                    break
                self._note(state, bytes(held[at:after]))
                at = after
        self._offset += at
        del held[:at]
        rest = b""
        if self.state >= DONE:
            rest = bytes(held)
            held.clear()
        return b"".join(content), rest

    def _note(self, state: int, line: bytes) -> None:
        """A size line, the end of a chunk, or a line of the trailer section, as it stood."""
        if state == SIZE:
            self._line_read, self._length = line, self._left
        elif state == EDGE:
            self._framing.append((self._line_read, self._at, self._length, line))
            self._at += self._length
        else:
            self._line_read += line
            if self.state == DONE:
                self._framing.append((self._line_read, self._at, 0, b""))

    def framing(self) -> list[tuple[bytes, int, int, bytes]]:
        """The chunks that came whole since the last call: what stood before the data, the data's place in the body,
        its size, what followed it."""
        framing, self._framing = self._framing, []
        return framing

    def _edge(self, held: bytearray, at: int) -> int:
        """The end of a chunk's data is an empty line; returns where it ends, `at` where more bytes are needed."""
        for place, byte in enumerate(b"\r\n"):
            if len(held) <= at + place:
                return at
            if held[at + place] != byte:
                text = "a chunk's data is longer than its size, or does not end with CRLF"
                return self._fail(at, 400, text, "RFC 9112, 7.1", at + place)
        self.state = SIZE
        return at + 2

    def _line(self, held: bytearray, at: int) -> int:
        """A size line or a trailer field; as `_edge`."""
        sizes = self.state == SIZE
        most = MAX_LINE if sizes else MAX_TRAILER - self._trailer
        seen, self._seen = at + self._seen, 0
        lf = held.find(b"\n", seen, at + most)
        end = min(len(held), at + most) if lf < 0 else lf + 1
        if wrong := first_forbidden(held, seen, end):
            self._violate(wrong)
            return at
        if lf < 0:
            if len(held) - at < most:
                self._seen = len(held) - at - held.endswith(b"\r")
                return at
            if sizes:
                text = f"a chunk's size and extensions are longer than {MAX_LINE:,} bytes"
                return self._fail(at, 413, text, "RFC 9112, 7.1.1", at + most)
            return self._fail(at, 431, f"the trailer section is longer than {MAX_TRAILER:,} bytes", "RFC 6585, 5", end)
        line = bytes(held[at : lf - 1])
        return self._size_line(line, at) if sizes else self._field(line, at)

    def _size_line(self, line: bytes, at: int) -> int:
        found = _SIZE_LINE.fullmatch(line)
        if found is None:
            size = _HEX.match(line)
            good = size.end() if size else 0
            text = "what follows a chunk's size is no extension" if good else "a chunk's size is no hexadecimal number"
            return self._fail(at, 400, text, "RFC 9112, 7.1.1" if good else "RFC 9112, 7.1", at + good)
        digits = found[1].lstrip(b"0")
        self._left = int(digits[:16] or b"0", 16)
        self._size += self._left
        if len(digits) > 16 or self._size > MAX_BODY:
            text = f"the chunks make a body of more than {MAX_BODY:,} bytes"
            return self._fail(at, 413, text, "RFC 9110, 15.5.14", at)
        self._extensions += len(found[2])
        if self._extensions > MAX_EXTENSIONS:
            text = f"the extensions of the chunks take more than {MAX_EXTENSIONS:,} bytes"
            return self._fail(at, 413, text, "RFC 9112, 7.1.1", at + found.start(2))
        self.state = DATA if self._left else TRAILER
        return at + len(line) + 2

    def _field(self, line: bytes, at: int) -> int:
        self._trailer += len(line) + 2
        if not line:
            self.state = DONE
            return at + 2
        self._fields += 1
        if _FIELD_LINE.fullmatch(line) is None:
            self._violate(field_line(line, at, first=self._fields == 1))
            return at
        name = line.partition(b":")[0].lower()
        if name in _UNWELCOME:
            text = f"the field {name.decode('ascii')} in a trailer section"
            return self._fail(at, 400, text, "RFC 9110, 6.5.1", at)
        if self._fields > MAX_FIELDS:
            text = f"the trailer section has more than {MAX_FIELDS:,} field lines"
            return self._fail(at, 431, text, "RFC 6585, 5", at)
        return at + len(line) + 2

    def _fail(self, at: int, status: int, reason: str, section: str, place: int) -> int:
        self._violate(Violation(status, reason, section, place))
        return at

    def _violate(self, violation: Violation) -> None:
        """The violation's place is one in `_held`: it becomes one in the request."""
        self.state = FAILED
        self.violation = violation._replace(offset=self._offset + violation.offset)
