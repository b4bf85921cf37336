"""The Python files of a folder that may hold an app, nearest first, as far as the bounds allow."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

DEPTH = 6
"""Folders below the first one that are looked into."""
ENTRIES = 100_000
"""Files and folders that are looked at by name."""
FILES = 5_000
"""Python files that are read."""
SIZE = 80_000
"""Bytes of a file that is read; parsing a longer one would hold up the window, and apps are short."""
SECONDS = 3.0

_SKIPPED = frozenset((
    "__pycache__", "node_modules", "site-packages", "dist-packages", "bower_components", "build", "dist", "tests",
    "test", "testing", "migrations", "htmlcov", "lib64",
))  # fmt: skip
_NO_APPS = frozenset(("setup.py", "conftest.py", "noxfile.py", "fabfile.py", "tasks.py"))


class Bounds:
    """What is left of the search's allowance."""

    def __init__(self, seconds: float = SECONDS, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until = now() + seconds
        self.entries = ENTRIES
        self.files = FILES

    @property
    def reached(self) -> bool:
        """Nothing more is looked at."""
        return self.entries <= 0 or self.files <= 0 or self._now() > self._until


def python_files(folder: Path, bounds: Bounds) -> Iterator[Path]:
    """Level by level, in order of their names. Links to folders are not followed."""
    level = [folder]
    for _ in range(DEPTH + 1):
        below: list[Path] = []
        for each in level:
            files, folders = _entries(each, bounds)
            for file in files:
                if bounds.reached:
                    return
                bounds.files -= 1
                yield file
            below += folders
            if bounds.reached:
                return
        level = below


def _entries(folder: Path, bounds: Bounds) -> tuple[list[Path], list[Path]]:
    """Files and folders in `folder` that are worth a look; none of a virtual environment's."""
    files: list[Path] = []
    folders: list[Path] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                bounds.entries -= 1
                if bounds.reached:
                    break
                if entry.name == "pyvenv.cfg":
                    return [], []
                with contextlib.suppress(OSError):  # a link to itself
                    if _is_python(entry):
                        files.append(folder / entry.name)
                    elif _is_folder(entry):
                        folders.append(folder / entry.name)
    except OSError:  # not ours to read, or gone
        return [], []
    return sorted(files), sorted(folders)


def _is_python(entry: os.DirEntry[str]) -> bool:
    name = entry.name
    if not name.endswith(".py") or name.startswith((".", "test_")) or name.endswith("_test.py") or name in _NO_APPS:
        return False
    return entry.is_file()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    name = entry.name
    return not name.startswith(".") and name not in _SKIPPED and entry.is_dir(follow_symlinks=False)


def read(file: Path) -> bytes:
    """The source; empty where it is too long, or cannot be read."""
    try:
        with file.open("rb") as opened:
            if os.fstat(opened.fileno()).st_size > SIZE:
                return b""
            return opened.read(SIZE)
    except OSError:
        return b""
