"""The ring: a mapped file through which records leave the engine, and which outlives it.

    window                                  engine
    create() --- descriptor or path ----->  attach() -> RingWriter
    attach() -> RingReader

One process writes (any of its threads), one reads. The file is a page of header and `capacity` bytes of frames; a frame
that meets the end of the file goes on at its beginning. Both positions count bytes since the beginning of time. The
writer moves its own only when the frame is whole, the reader its own only when the frame is copied out: so a writer
that dies in the middle of a frame has written nothing, and everything before it can be read. The positions are items of
a memoryview of 64-bit words, because each is one aligned store (`struct` writes byte by byte, and could be read torn).

Nothing is lost in silence: where the ring is full the writer waits; once its reader has gone it drops, and counts; a
sequence number that is missing is an error at the reader.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import tempfile
import threading
import time
import weakref
from collections import deque
from pathlib import Path

from inspector.trace import frames
from inspector.trace.frames import MalformedFrame
from inspector.trace.records import Record

MAGIC = int.from_bytes(b"INSPRING", "little")
VERSION = 1
HEADER = 4096
CAPACITY = 1 << 24
_MAGIC, _VERSION, _CAPACITY, _WRITTEN, _READ = 0, 1, 2, 16, 32
"""Which 64-bit word of the header holds what; the two positions have cache lines of their own."""
_POLL = 0.001
_TRIES = 10


def create(capacity: int = CAPACITY) -> tuple[int, str]:
    """A new ring that only its owner can read (0600): its descriptor and its path. `capacity` is a multiple of 8.

    In shared memory where there is room for it. Every page is written at once, so that a file system that is full says
    so here (OSError), not with a SIGBUS in the engine.
    """
    folders = [folder for folder in ("/dev/shm", tempfile.gettempdir()) if os.access(folder, os.W_OK)]  # noqa: S108 - mkstemp
    for folder in folders[:-1]:
        with contextlib.suppress(OSError):
            return _create(capacity, folder)
    return _create(capacity, folders[-1] if folders else None)


def _create(capacity: int, folder: str | None) -> tuple[int, str]:
    fd, path = tempfile.mkstemp(".ring", "inspector-", folder)
    try:
        left, zeros = HEADER + capacity, bytes(1 << 20)
        while left:
            left -= os.write(fd, zeros[:left])
        with mmap.mmap(fd, HEADER) as page, memoryview(page) as view, view.cast("Q") as words:
            words[_VERSION], words[_CAPACITY] = VERSION, capacity
            words[_MAGIC] = MAGIC
    except BaseException:
        os.close(fd)
        Path(path).unlink()
        raise
    return fd, path


def attach(fd: int) -> mmap.mmap:
    """The ring behind `fd`, mapped; `fd` can be closed. Raises `MalformedFrame` where it is no ring of this version."""
    size = os.fstat(fd).st_size
    if size <= HEADER or size % 8:
        raise MalformedFrame(f"a file of {size} bytes is no ring")
    ring = mmap.mmap(fd, size)
    with memoryview(ring) as view, view.cast("Q") as words:
        found = words[_MAGIC], words[_VERSION], words[_CAPACITY]
    if found != (MAGIC, VERSION, size - HEADER):
        ring.close()
        raise MalformedFrame(f"no ring of version {VERSION}")
    return ring


class _Ring:
    """A mapped ring and its positions."""

    def __init__(self, ring: mmap.mmap) -> None:
        self._ring = ring
        self._words = memoryview(ring).cast("Q")
        self.capacity = len(ring) - HEADER

    def close(self) -> None:
        self._words.release()
        self._ring.close()


class RingWriter(_Ring):
    """The engine's end. `write` may be called from any thread, also from a finalizer in the middle of a `write`."""

    def __init__(self, ring: mmap.mmap) -> None:
        super().__init__(ring)
        self._largest = self.capacity // 4
        self._lock = threading.RLock()
        self._writing = False
        self._late: deque[Record] = deque()
        self._sequence = 0
        self._position = self._words[_WRITTEN]
        self._abandoned = False
        self._closed = False
        self.dropped = 0
        """Records that nobody will read."""
        _WRITERS.add(self)

    @property
    def congested(self) -> bool:
        """Over three quarters full: who can wait, should, before it lets more happen."""
        try:
            return not self._abandoned and 4 * (self._position - self._words[_READ]) > 3 * self.capacity
        except ValueError:  # closed: a thread of the app outlives the engine
            return False

    def write(self, record: Record) -> None:
        """Put `record` into the ring; it is the reader's when this returns. Waits while the ring is full.

        Raises ValueError where its frame is larger than a quarter of the ring.
        """
        if self._closed:
            self.dropped += 1
            return
        with self._lock:
            if self._writing:  # a finalizer or a signal handler of this thread, on top of the frame being written
                self._late.append(record)
                return
            self._writing = True
            try:
                self._put(record)
                while self._late:
                    self._put(self._late.popleft())
            finally:
                self._writing = False

    def _put(self, record: Record) -> None:
        frame = frames.encode(record, self._sequence)
        size = len(frame)
        if size > self._largest:
            raise ValueError(f"a frame of {size:,} bytes, and the ring takes {self._largest:,} at most")
        self._sequence += 1  # also where it is dropped: the reader, should there be one, sees the gap
        position = self._position
        while not self._closed and position + size - self._words[_READ] > self.capacity:
            if self._abandoned:
                self.dropped += 1
                return
            time.sleep(_POLL)
        if self._closed:
            self.dropped += 1
            return
        at = HEADER + position % self.capacity
        until_end = len(self._ring) - at
        if size <= until_end:
            self._ring[at : at + size] = frame
        else:
            self._ring[at:] = frame[:until_end]
            self._ring[HEADER : HEADER + size - until_end] = frame[until_end:]
        self._words[_WRITTEN] = self._position = position + size

    def abandon(self) -> None:
        """Nobody reads any more: who waits for room stops waiting."""
        self._abandoned = True

    def close(self) -> None:
        """Let the file go; later records are dropped."""
        self._closed = True
        with self._lock:
            super().close()

    def silence(self) -> None:
        """In a forked child of the app: it must not write, and a thread that is not there may hold the lock."""
        self._closed = True
        self._lock = threading.RLock()


_WRITERS: weakref.WeakSet[RingWriter] = weakref.WeakSet()


def _silence_writers() -> None:
    for writer in _WRITERS:
        writer.silence()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_silence_writers)


class RingReader(_Ring):
    """The window's end; one thread uses it. Trusts nothing: the app's process can write any byte into the file."""

    def __init__(self, ring: mmap.mmap) -> None:
        super().__init__(ring)
        self.position = self._words[_READ]
        """Bytes read since the ring began."""
        self._sequence: int | None = 0

    def read(self, limit: int = 1 << 20) -> list[Record]:
        """The next records, until about `limit` bytes of them are taken; an empty list where none is whole yet.

        Raises `MalformedFrame`, saying what is wrong, once per damage; the next call goes on behind it.
        """
        written = self._words[_WRITTEN]
        if not 0 <= written - self.position <= self.capacity:
            text = (
                f"the ring's positions, {self.position} and {written}, are further apart than its {self.capacity} bytes"
            )
            self._advance(written)
            raise MalformedFrame(text)
        found: list[Record] = []
        position = self.position
        stop = min(written, position + limit)
        piece, began = self._bytes(position, stop - position), position
        while position < stop:
            try:
                size, record = self._next(piece, position - began) or self._take(position, written)
            except MalformedFrame:
                if not found:
                    self._skip(position, written)
                    raise
                break  # the next call tells
            found.append(record)
            position += size
        self._advance(position)
        return found

    def _advance(self, position: int) -> None:
        self._words[_READ] = self.position = position

    def _next(self, piece: bytes, at: int) -> tuple[int, Record] | None:
        """The frame at offset `at` of what was copied out: its size and its record. None where it has to be looked at
        closely: cut by the end of the piece, seen too early, out of sequence, damaged."""
        try:
            size, sequence, record = frames.decode_from(piece, at)
        except MalformedFrame:
            return None
        if self._sequence is not None and sequence != self._sequence:
            return None
        self._sequence = sequence + 1
        return size, record

    def _take(self, position: int, written: int) -> tuple[int, Record]:
        """The frame at `position`: its size and its record. Tries a while, for machines where the writer's position
        may be seen before the bytes that it covers."""
        for tries_left in reversed(range(_TRIES)):
            try:
                frame = self._frame(position, written)
                sequence, record = frames.decode(frame)
                if self._sequence is not None and sequence != self._sequence:
                    raise MalformedFrame(f"record {sequence} stands where record {self._sequence} belongs")
            except MalformedFrame:  # noqa: PERF203 - it is tried once, but for those machines
                if not tries_left:
                    raise
                time.sleep(_POLL)
            else:
                break
        self._sequence = sequence + 1
        return len(frame), record

    def _frame(self, position: int, written: int) -> bytes:
        head = self._bytes(position, min(frames.HEAD.size, written - position))
        if len(head) < frames.HEAD.size:
            raise MalformedFrame(f"{len(head)} bytes are no frame")
        size = frames.HEAD.size + frames.payload_size(head)
        if size > written - position:
            raise MalformedFrame(f"a frame of {size} bytes, and {written - position} are written")
        return self._bytes(position, size)

    def _bytes(self, position: int, size: int) -> bytes:
        at = HEADER + position % self.capacity
        found = self._ring[at : at + size]
        return found if len(found) == size else found + self._ring[HEADER : HEADER + size - len(found)]

    def _skip(self, position: int, written: int) -> None:
        """Go on behind what is malformed at `position`: a whole frame out of sequence is read next; one that is
        damaged inside is passed over; without a head, everything written up to now is (there a frame ends)."""
        try:
            frame = self._frame(position, written)
        except MalformedFrame:
            self._sequence = None
            self._advance(written)
            return
        try:
            self._sequence, _ = frames.decode(frame)
        except MalformedFrame:
            self._sequence = None
            self._advance(position + len(frame))
