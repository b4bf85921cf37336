"""Segments: numbered files in FILE-bodies/ to which the writer appends large pieces of bodies.

Fresh pages of a database are dear and its log is written twice; a file that is appended to and deleted whole is not. A
segment goes when no exchange needs a byte of it. Where a few that stay (pinned, in flight) hold on to much that is not
needed any more, what they need is written anew, so that the space on disk keeps its bound.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import BinaryIO

SEGMENT_BYTES = 32 << 20
"""A segment that has reached this size is not appended to any more."""
_NAME = re.compile(r"\d{8,19}\.bodies")
_OPEN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def segment_path(folder: Path, segment: int) -> Path:
    return folder / f"{segment:08d}.bodies"


def open_segment(folder: Path, segment: int) -> BinaryIO:
    """A segment for reading, links not followed. Raises `FileNotFoundError` where it is gone, OSError."""
    return os.fdopen(os.open(segment_path(folder, segment), os.O_RDONLY | _OPEN), "rb", buffering=0)


def read_piece(folder: Path, segment: int, position: int, size: int) -> bytes:
    """Up to `size` bytes of a segment, fewer where it is torn; raises as `open_segment`."""
    with open_segment(folder, segment) as file:
        return read_open(file, position, size)


def read_open(file: BinaryIO, position: int, size: int) -> bytes:
    """Up to `size` bytes of an open segment from `position`; never asks for more than is there."""
    there = os.fstat(file.fileno()).st_size
    if not 0 <= position < there or size <= 0:
        return b""
    file.seek(position)
    return file.read(min(size, there - position))


def remove_segments(folder: Path, *others: str) -> None:
    """Deletes every segment, and the files named `others`, then the folder, where nothing foreign lies in it."""
    if folder.is_symlink() or not folder.is_dir():
        return
    for entry in list(folder.iterdir()):
        if _NAME.fullmatch(entry.name) or entry.name in others:
            entry.unlink(missing_ok=True)
    try:
        folder.rmdir()
    except OSError:  # not empty: not all of it is ours
        pass


class Segments:
    """The writer's side. `needed` bytes are those that exchanges still refer to; `on_disk` all there are."""

    def __init__(self, folder: Path, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self.needed: dict[int, int] = {}
        self._segment_bytes = segment_bytes
        self._sizes: dict[int, int] = {}
        self._current = 0
        self._file: BinaryIO | None = None

    @property
    def needed_bytes(self) -> int:
        return sum(self.needed.values())

    @property
    def wasted_bytes(self) -> int:
        """Bytes in closed segments that nobody needs."""
        return sum(size - self.needed[number] for number, size in self._sizes.items() if number != self._current)

    def append(self, data: bytes) -> tuple[int, int]:
        """Writes `data`; its segment and its position there. Raises OSError."""
        if self._file is None or self._sizes[self._current] >= self._segment_bytes:
            self._rotate()
        assert self._file is not None
        segment, position = self._current, self._sizes[self._current]
        self._file.seek(position)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self._sizes[segment] += len(data)
        self.needed[segment] += len(data)
        return segment, position

    def _rotate(self) -> None:
        path = segment_path(self.folder, self._current + 1)
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, 0o600), "wb", buffering=0)
        self.close()
        self._file = file
        self._current += 1
        self._sizes[self._current] = self.needed[self._current] = 0

    def release(self, segment: int, size: int) -> None:
        """`size` bytes of `segment` are not needed any more; it goes with the next `collect`."""
        self.needed[segment] -= size

    def most_wasteful(self) -> int:
        """The closed segment with the most bytes that nobody needs."""
        closed = [number for number in self._sizes if number != self._current]
        return max(closed, key=lambda number: self._sizes[number] - self.needed[number])

    def committed(self) -> None:
        """The database refers to what was appended, and no more to what was released: unneeded segments go."""
        for segment in [number for number, size in self.needed.items() if size <= 0 and number != self._current]:
            try:
                segment_path(self.folder, segment).unlink(missing_ok=True)
            except OSError:  # a reader has it open, and this system minds: next time
                continue
            del self.needed[segment], self._sizes[segment]

    def rolled_back(self, needed: dict[int, int]) -> None:
        """The database refers to what it did when `needed` was noted; bytes appended since are waste."""
        for segment in self.needed:
            self.needed[segment] = needed.get(segment, 0)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
