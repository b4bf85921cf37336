"""How a reader knows that a recording's writer lives: it holds FILE-bodies/lock, and the system lets go when it dies.

flock and not SQLite's own locks: those are the process's, and closing any other handle of the file would lose them; and
a writer has to be seen from its own process, too. (A process forked without exec while the lock is held keeps it.)
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from inspector.errors import InspectorError

NAME = "lock"


def folder_of(path: Path) -> Path:
    """FILE-bodies/ of the recording `path`."""
    return path.with_name(path.name + "-bodies")


class Lock:
    """The writer's lock, held until `release`."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    @classmethod
    def take(cls, folder: Path) -> Lock | None:
        """Makes `folder` where it is missing, and takes its lock; None where another holds it. Raises OSError."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink():
            raise InspectorError(f"{folder.name} is a link, so it is not followed", "Put the folder in its place.")
        fd = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | _NO_FOLLOW, 0o600)
        if _try(fd):
            return cls(fd)
        os.close(fd)
        return None

    def release(self) -> None:
        os.close(self._fd)


def is_live(path: Path) -> bool:
    """A writer (or one that mends) has the recording `path` open. Disturbs nobody."""
    try:
        fd = os.open(folder_of(path) / NAME, os.O_RDWR | _NO_FOLLOW)
    except PermissionError:
        return True  # another user's: it cannot be told, and nothing must be mended
    except OSError:
        return False
    free = _try(fd)
    os.close(fd)
    return not free


_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)

if sys.platform == "win32":
    import msvcrt

    def _try(fd: int) -> bool:
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
