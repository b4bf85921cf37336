from __future__ import annotations

import threading
from pathlib import Path

import pytest

from inspector.errors import InspectorError
from inspector.recording.finish import save_as
from inspector.recording.lock import folder_of
from inspector.recording.reader import Interrupted, Reader
from inspector.recording.writer import Writer
from tests.recording.scripts import hello, record, recorded


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.inspector"
    path.write_text("my thesis")
    with pytest.raises(InspectorError, match="is there already"):
        Writer.create(path)
    assert path.read_text() == "my thesis"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_an_empty_file_becomes_private(tmp_path: Path) -> None:
    path = tmp_path / "a.inspector"
    path.touch(0o644)
    Writer.create(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_recording_has_one_writer(tmp_path: Path) -> None:
    writer = Writer.create(tmp_path / "a.inspector")
    with pytest.raises(InspectorError, match="being recorded"):
        Writer.create(tmp_path / "a.inspector")
    with pytest.raises(InspectorError, match="being recorded"):
        save_as(recorded(tmp_path / "b.inspector", hello()), tmp_path / "a.inspector")
    record(writer, hello())
    writer.close()


def test_a_closed_writer_says_so_and_closes_once(tmp_path: Path) -> None:
    writer = Writer.create(tmp_path / "a.inspector")
    writer.close()
    writer.close()
    with pytest.raises(InspectorError, match="is closed"):
        writer.begin_run()


def test_discard_leaves_nothing(tmp_path: Path) -> None:
    writer = Writer.create(tmp_path / "a.inspector")
    record(writer, hello(body=b"x" * 100_000))
    writer.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "00000001.bodies").write_text("precious")
    folder_of(tmp_path / "a.inspector").symlink_to(elsewhere)
    with pytest.raises(InspectorError, match="is a link"):
        Writer.create(tmp_path / "a.inspector")
    assert (elsewhere / "00000001.bodies").read_text() == "precious"


def test_a_clean_end_beside_a_reader_leaves_a_file_that_the_next_one_finishes(tmp_path: Path) -> None:
    path = tmp_path / "a.inspector"
    writer = Writer.create(path)
    record(writer, hello(body=b"x" * 100_000))
    with Reader(path) as reader:
        assert reader.live
        writer.close()
        assert not reader.live
        assert not folder_of(path).exists()
        assert reader.body(1, 2) == b"x" * 100_000
    with Reader(path) as reader:
        assert reader.body(1, 2) == b"x" * 100_000
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_save_as_replaces_but_never_itself(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.inspector", hello())
    other = tmp_path / "b.inspector"
    other.write_text("old")
    save_as(path, other)
    with Reader(other) as reader:
        assert list(reader.ids()) == [1]
    with pytest.raises(InspectorError, match="the recording itself"):
        save_as(path, path)
    with pytest.raises(InspectorError, match="No such file"):
        save_as(path, tmp_path / "nowhere" / "c.inspector")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.inspector", "b.inspector"]


def test_live_reading_while_writing(tmp_path: Path) -> None:
    """Readers in other threads see whole batches only, the writer's log does not grow, and nobody waits for long."""
    path = tmp_path / "a.inspector"
    writer = Writer.create(path, keep_exchanges=200)
    folded = record(writer, hello(1, body=bytes([1]) * 20_000))
    wrong: list[str] = []
    done = threading.Event()

    def read() -> None:
        with Reader(path) as reader:
            while not done.is_set():
                for row in reader.rows(reader.ids()[-20:]):
                    if row is None:
                        continue  # dropped meanwhile
                    if row.live or row.status != 200:
                        wrong.append(f"{row.id} is seen half")
                    body = reader.body(row.id, 2)
                    if body not in (b"", bytes([row.id % 256]) * 20_000):
                        wrong.append(f"{row.id} has {len(body)} bytes")

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for exchange in range(2, 600):
        record(writer, hello(exchange, body=bytes([exchange % 256]) * 20_000), folded)
    copied = tmp_path / "copy.inspector"
    save_as(path, copied)
    for exchange in range(600, 800):
        record(writer, hello(exchange, body=bytes([exchange % 256]) * 20_000), folded)
    done.set()
    for thread in threads:
        thread.join()
    assert wrong[:3] == []
    assert path.with_name("a.inspector-wal").stat().st_size < 40_000_000
    with Reader(copied) as reader:
        assert list(reader.ids()) == list(range(400, 600))
        assert reader.body(450, 2) == bytes([450 % 256]) * 20_000
    writer.close()


def test_a_query_is_interrupted_from_another_thread(tmp_path: Path) -> None:
    with Reader(recorded(tmp_path / "a.inspector", hello())) as reader:
        running = threading.Event()

        def slow() -> int:
            running.set()
            return 1

        reader._connection.create_function("slow", 0, slow)

        def interrupt() -> None:
            running.wait()
            reader.interrupt()

        other = threading.Thread(target=interrupt)
        other.start()
        with pytest.raises(Interrupted):
            reader._all("WITH RECURSIVE n(i) AS (SELECT slow() UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")
        other.join()
        assert list(reader.ids()) == [1]
