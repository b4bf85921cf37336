"""What an exchange tells of its wire: the bytes beside bodies, as pieces (`trace.wire`), bounded.

The pieces of a response's end ride on the record of the exchange's end, so that a request told as one costs no record
more; under traffic, pieces that come close behind one another share a record.
"""

from __future__ import annotations

from collections.abc import Iterable

from inspector.engine.probe.recorder import Recorder
from inspector.trace import wire
from inspector.trace.clock import now
from inspector.trace.records import WireTold
from inspector.trace.wire import BODY, CHUNK, FRAME, HEAD, LAST_CHUNK, LOST, MAX_BYTES, MAX_PIECES, NONE, pack

KEPT = 4096
"""Bytes of a frame or a page that no message tells, and that are kept."""
_CLOSE_NS = 5_000_000
_TOGETHER = 16


class WireTap:
    """Half of an `Exchange`. All methods belong to the loop's thread, but for `take_wire`."""

    id: int
    recorder: Recorder
    ended: bool
    _pieces: list[bytes] | None = None
    _piece_count = 0
    _piece_bytes = 0
    _wire_told = 0
    """Pieces that were told."""
    _wire_told_ns = 0
    _left_out = 0
    _left_out_bytes = 0

    def _add(self, t_ns: int, piece: bytes, waits: bool = False) -> None:
        """`waits`: the piece rides on a record that comes anyway."""
        if self._piece_count >= MAX_PIECES or self._piece_bytes > MAX_BYTES:
            self._left_out += 1
            self._left_out_bytes += len(piece)
            if self._left_out > 1:
                return
            piece = pack(t_ns, wire.CUT, False)
        self._piece_count += 1
        self._piece_bytes += len(piece)
        pieces = self._pieces
        if pieces is None:
            self._pieces = [piece]
        else:
            pieces.append(piece)
        if self.ended or not (waits or (t_ns - self._wire_told_ns < _CLOSE_NS and len(pieces or ()) < _TOGETHER)):
            self._wire_told_ns = t_ns
            self.tell_wire()

    def tell_wire(self) -> None:
        """What was not told yet."""
        if self._pieces:
            first, data = self.take_wire()
            self.recorder.write(WireTold(self.id, first, data))

    def take_wire(self, last: bool = False) -> tuple[int, bytes]:
        """The number of the first piece that was not told yet, and those pieces. `last`: no more will come."""
        pieces, self._pieces = self._pieces, None
        if pieces is None:
            pieces = []
        if last and self._left_out:
            pieces.append(pack(now(), wire.CUT, False, NONE, self._left_out, self._left_out_bytes))
        first, self._wire_told = self._wire_told, self._wire_told + len(pieces)
        return first, b"".join(pieces)

    # Responses.

    def answered(self, t_ns: int, head: bytes, head_seq: int, body: bytes, size: int, seq: int, *, ends: bool) -> None:
        """A response's `head` and some of its body went out, as they stood: `size` bytes of message `seq`, framed."""
        if head:
            self._add(t_ns, pack(t_ns, HEAD, True, head_seq, 0, 0, head), ends)
        if not body:
            return
        if len(body) == size:
            self._add(t_ns, self._body(t_ns, body, size, seq), ends)
            return
        rest = body
        if size:
            line = body.index(b"\r\n") + 2
            if seq < 0:
                self._add(t_ns, pack(t_ns, CHUNK, True, NONE, 0, 0, body[: line + size + 2][:KEPT]), ends)
            else:
                self._add(t_ns, pack(t_ns, CHUNK, True, seq, 0, size, body[:line], b"\r\n"), ends)
            rest = body[line + size + 2 :]
        if rest:
            self._add(t_ns, pack(t_ns, LAST_CHUNK, True, seq, 0, 0, rest), ends)

    def _body(self, t_ns: int, body: bytes, size: int, seq: int) -> bytes:
        if seq >= 0:
            return pack(t_ns, BODY, True, seq, 0, size)
        return pack(t_ns, BODY, True, LOST if size > KEPT else NONE, 0, max(size - KEPT, 0), body[:KEPT])

    def spanned(self, t_ns: int, before: bytes, size: int, behind: bytes, seq: int) -> None:
        """`size` bytes of a file went out, framed by `before` and `behind`."""
        self._add(t_ns, pack(t_ns, CHUNK if before else BODY, True, seq, 0, size, before, behind[:2]))
        if behind[2:]:
            self._add(t_ns, pack(t_ns, LAST_CHUNK, True, seq, 0, 0, behind[2:]))

    def informed(self, t_ns: int, data: bytes, seq: int = NONE) -> None:
        """A response with 1xx went out."""
        self._add(t_ns, pack(t_ns, wire.INFORMATIONAL, True, seq, 0, 0, data))

    # Requests.

    def chunked(self, t_ns: int, chunks: Iterable[tuple[bytes, int, int, bytes]]) -> None:
        """Chunks came in, whole: what stood before the data, the data's place in the body, its size, what followed."""
        for before, offset, size, behind in chunks:
            kind = CHUNK if behind else LAST_CHUNK
            self._add(t_ns, pack(t_ns, kind, False, NONE, offset, size, before, behind))

    # WebSocket.

    def framed(self, t_ns: int, head: bytes, kept: bytes, number: int, offset: int, size: int) -> None:
        """A frame came in: its head, what is `kept` of a payload of `size` bytes that no message tells, else the
        number of the client's message and the payload's place in it."""
        if number >= 0:
            self._add(t_ns, pack(t_ns, FRAME, False, number, offset, size, head))
        else:
            left = size - len(kept)
            self._add(t_ns, pack(t_ns, FRAME, False, LOST if left else NONE, 0, left, head + kept))

    def frames_out(self, t_ns: int, data: bytes, seq: int = NONE) -> None:
        """Frames of the server went out, each whole; one that is not compressed carries the body of message `seq`."""
        at = 0
        while at + 2 <= len(data):
            size, head = data[at + 1] & 0x7F, 2
            if size > 125:
                head = 4 if size == 126 else 10
                size = int.from_bytes(data[at + 2 : at + head], "big")
            if seq >= 0 and not data[at] & 0x48:  # neither a control frame nor compressed
                self._add(t_ns, pack(t_ns, FRAME, True, seq, 0, size, data[at : at + head]))
            else:
                # The seq of a close that the app asked for is told though its bytes are here.
                kept = data[at : at + head + min(size, KEPT)]
                left = size - (len(kept) - head)
                self._add(t_ns, pack(t_ns, FRAME, True, LOST if left else seq, 0, left, kept))
            at += head + size

    # HTTP/2.

    def frame2(
        self,
        t_ns: int,
        frame: bytes,
        data: tuple[int, int, int] | None,
        windows: tuple[int, ...],
        seq: int,
        *,
        sent: bool,
        framed: bool,
    ) -> None:
        """A frame of HTTP/2, as it stood. `data`: where in it the payload of a DATA begins and ends that messages have,
        and the payload's place in the body; `framed`: it is of WebSocket frames, which are told of themselves."""
        before = wire.WINDOWS.pack(*windows)
        if data is None:
            self._add(t_ns, pack(t_ns, wire.FRAME2, sent, seq, 0, 0, before + frame))
        else:
            begin, end, offset = data
            size = 0 if framed else end - begin
            self._add(t_ns, pack(t_ns, wire.FRAME2, sent, seq, offset, size, before + frame[:begin], frame[end:]))
