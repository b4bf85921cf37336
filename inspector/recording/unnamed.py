"""Recordings that the user gave no name: they live in the platform's cache, and go at a clean end.

What a crash leaves there stays for `KEPT_DAYS`, so that it can be opened.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from platformdirs import user_cache_path

from inspector.recording.lock import folder_of, is_live

KEPT_DAYS = 7


@contextlib.contextmanager
def unnamed(folder: Path | None = None) -> Iterator[Path]:
    """A path for a new recording, readable by its owner only; the recording is gone afterwards."""
    folder = folder or user_cache_path("inspector", appauthor=False) / "recordings"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _tidy(folder)
    path = folder / f"{datetime.now():%Y-%m-%d-%H%M%S}-{os.getpid()}.inspector"  # noqa: DTZ005 - for the user's eyes
    try:
        yield path
    finally:
        _discard(path)


def _tidy(folder: Path) -> None:
    oldest = time.time() - KEPT_DAYS * 86_400
    for path in folder.glob("*.inspector"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < oldest and not is_live(path):
                _discard(path)


def _discard(path: Path) -> None:
    for part in (path, *path.parent.glob(f"{path.name}-*")):
        if part != folder_of(path):
            part.unlink(missing_ok=True)
    shutil.rmtree(folder_of(path), ignore_errors=True)
