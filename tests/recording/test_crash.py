"""A writer killed at any moment leaves a recording that opens and holds every batch that was committed."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from inspector.errors import InspectorError
from inspector.recording.bodies import segment_path
from inspector.recording.finish import mend
from inspector.recording.lock import Lock, folder_of, is_live
from inspector.recording.reader import Reader
from inspector.recording.writer import Writer
from tests.recording.scripts import POST, RECEIVE, SEND, hello, message, record, started, wait, with_parts

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("seed", range(5))
def test_killed_at_a_random_moment(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "a.inspector"
    enough = random.Random(seed).randrange(1, 400)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.recording.crashing_writer", str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        shown = 0
        for line in process.stdout:
            shown = int(line)
            if shown >= enough:
                break
        assert is_live(path)
        with Reader(path) as reader:  # a live one is not mended
            assert reader.live
            assert reader.row(1).live  # type: ignore[union-attr]
        process.kill()
        shown = max([shown, *map(int, process.stdout.read().splitlines(keepends=False)[:-1])])
    assert not is_live(path)
    with Reader(path) as reader:
        reader.check()
        ids = list(reader.ids())
        assert ids == list(range(1, len(ids) + 1))
        assert len(ids) >= shown
        assert reader.totals().exchanges == len(ids)
        for exchange in ids[1:]:
            assert reader.body(exchange, 2) == bytes([exchange % 256]) * 40_000
        lost = reader.row(1)
        assert lost is not None
        assert (lost.outcome, reader.totals().in_flight) == ("lost", 0)
        assert "killed" in lost.outcome_text
        assert lost.end_ns == reader.messages(1, len(ids) - 1)[-1].t_ns
        assert "killed" in reader.runs()[0].end_text
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def crashed(path: Path, tmp_path: Path, writer: Writer) -> Path:
    """The files as they are at this moment, as if the writer had died now."""
    copy = crashed_copy(path, tmp_path)
    writer.discard()
    return copy


def crashed_copy(path: Path, folder: Path) -> Path:
    copy = folder / "crashed" / path.name
    copy.parent.mkdir()
    for name in (path.name, path.name + "-wal"):
        shutil.copy(path.with_name(name), copy.with_name(name))
    shutil.copytree(folder_of(path), folder_of(copy))
    return copy


def test_a_torn_body_is_cut_at_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.inspector"
    writer = Writer.create(path)
    script = [
        started(1, POST),
        *with_parts(message(0, SEND, "websocket.send", 130, body=b"a" * 100_000)),
        *with_parts(message(1, SEND, "websocket.send", 131, body=b"b" * 100_000)),
        wait(140, RECEIVE),
    ]
    record(writer, script)
    copy = crashed(path, tmp_path, writer)
    with segment_path(folder_of(copy), 1).open("r+b") as file:
        file.truncate(150_000)
    segment_path(folder_of(copy), 7).write_bytes(b"nobody refers to this")
    assert mend(copy)
    assert not mend(copy)
    with Reader(copy) as reader:
        assert reader.body(1, 0) == b"a" * 100_000
        torn = reader.messages(1)[1]
        assert torn.truncated
        assert torn.size == 100_000
        assert reader.body(1, 1) == b"b" * torn.stored
        assert torn.stored == 150_000 - (100_000 - 256) + 256
        assert reader.waits(1) == []
    assert [entry.name for entry in copy.parent.iterdir()] == [copy.name]


def test_without_its_segments_the_rest_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.inspector"
    writer = Writer.create(path)
    record(writer, hello(1, body=b"a" * 100_000))
    copy = crashed(path, tmp_path, writer)
    shutil.rmtree(folder_of(copy))
    with Reader(copy) as reader:
        assert reader.body(1, 2) == b"a" * 256
        assert reader.messages(1)[2].truncated


def test_what_was_being_deleted_is_deleted(tmp_path: Path) -> None:
    path = tmp_path / "a.inspector"
    writer = Writer.create(path)
    record(writer, [*hello(1, body=b"a" * 100_000), *hello(2)])
    writer.clear()
    copy = crashed(path, tmp_path, writer)
    with Reader(copy) as reader:
        assert list(reader.ids()) == []
        assert reader.messages(1) == []
        assert reader._all("SELECT count(*) FROM part") == [(0,)]


@contextmanager
def unprivileged() -> Iterator[None]:
    """The superuser may write everywhere: be nobody meanwhile."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_in_a_folder_that_may_not_be_written() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "a.inspector"
        writer = Writer.create(path)
        record(writer, [*hello(1, body=b"a" * 50_000), started(2)])
        copy = crashed_copy(path, folder)
        writer.close()
        entries = [folder, *folder.rglob("*")]
        for entry in entries:
            entry.chmod(0o555 if entry.is_dir() else 0o444)
        try:
            with unprivileged():
                with Reader(path) as reader:  # ended cleanly: needs nothing beside it
                    assert list(reader.ids()) == [1, 2]
                    assert reader.body(1, 2) == b"a" * 50_000
                with pytest.raises(InspectorError) as caught:
                    Reader(copy)
                assert "copy it" in caught.value.hint
                with pytest.raises(InspectorError, match="Permission denied"):
                    Writer.create(folder / "new.inspector")
        finally:
            for entry in entries:
                entry.chmod(0o700)


def test_a_lock_is_seen_by_its_own_process_too(tmp_path: Path) -> None:
    path = tmp_path / "a.inspector"
    assert not is_live(path)
    lock = Lock.take(folder_of(path))
    assert lock is not None
    assert is_live(path)
    assert is_live(path)
    assert Lock.take(folder_of(path)) is None
    lock.release()
    assert not is_live(path)
