"""Recordings without a name: gone after a clean end, kept for a while after a crash."""

from __future__ import annotations

import os
import time
from pathlib import Path

from inspector.recording.lock import folder_of
from inspector.recording.unnamed import KEPT_DAYS, unnamed
from inspector.recording.writer import Writer


def crashed(folder: Path, name: str, days: float) -> Path:
    """What a crash left so many days ago."""
    path = folder / name
    path.write_bytes(b"a recording")
    folder_of(path).mkdir()
    (folder_of(path) / "1.bodies").write_bytes(b"bodies")
    then = time.time() - days * 86_400
    os.utime(path, (then, then))
    return path


def test_it_is_gone_afterwards_with_all_its_parts(tmp_path: Path) -> None:
    with unnamed(tmp_path) as path:
        writer = Writer.create(path)
        assert path.stat().st_mode & 0o077 == 0
        writer.close()
        assert path.exists()
    assert list(tmp_path.iterdir()) == []


def test_what_a_crash_left_stays_for_some_days(tmp_path: Path) -> None:
    old, young = crashed(tmp_path, "old.inspector", KEPT_DAYS + 1), crashed(tmp_path, "young.inspector", KEPT_DAYS - 1)
    with unnamed(tmp_path):
        assert young.exists()
        assert folder_of(young).exists()
        assert not old.exists()
        assert not folder_of(old).exists()


def test_one_that_is_being_written_stays_however_old_it_is(tmp_path: Path) -> None:
    path = tmp_path / "live.inspector"
    writer = Writer.create(path)
    os.utime(path, (0, 0))
    with unnamed(tmp_path):
        assert path.exists()
    writer.discard()
