from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector.recording import bodies, heads, retention
from inspector.recording.fold import Fold
from inspector.recording.lock import folder_of
from inspector.recording.reader import Reader
from inspector.recording.writer import MEGABYTE, Writer
from inspector.trace.records import Logged
from tests.recording.scripts import CALL, SEND, ended, hello, message, record, run_started, started, with_parts


def head(number: int) -> bytes:
    return b"GET /%d HTTP/1.1\r\nHost: shop.test\r\n\r\n" % number


def count(reader: Reader, table: str) -> int:
    return int(reader._all(f"SELECT count(*) FROM {table}")[0][0])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.inspector"


@pytest.fixture
def small(path: Path) -> Iterator[Writer]:
    """Keeps ten exchanges."""
    writer = Writer.create(path, keep_exchanges=10)
    yield writer
    writer.close()


def test_the_oldest_go_and_are_counted(small: Writer, path: Path) -> None:
    folded = None
    with Reader(path) as reader:
        for exchange in range(1, 26):
            line = Logged(exchange, 150, "stdout", "", "", "hi", "", 0)
            folded = record(small, [*hello(exchange, head=head(exchange)), line], folded)
        assert list(reader.ids()) == list(range(16, 26))
        assert (small.totals().exchanges, small.totals().dropped) == (10, 15)
        assert reader.totals() == small.totals()
        assert count(reader, "message") == 40
        assert count(reader, "log") == 10


def test_pinned_and_live_exchanges_stay(small: Writer, path: Path) -> None:
    folded = record(small, [*hello(1), *hello(2), started(3), message(0, CALL, "call", 120, 3)])
    small.pin([1], on=True)
    for exchange in range(4, 40):
        record(small, hello(exchange), folded)
    with Reader(path) as reader:
        assert list(reader.ids()) == [1, 3, *range(32, 40)]
        assert len(reader.messages(1)) == 4
        assert reader.messages(1)[0].data["path"] == "/items/1"
        assert len(reader.messages(3)) == 1
        record(small, [ended(500, 3), *hello(40)], folded)
        small.pin([1], on=False)
        record(small, hello(41), folded)
        assert list(reader.ids()) == list(range(32, 42))


@pytest.mark.parametrize("size", [10, 20_000])
def test_a_clean_end_leaves_one_file(path: Path, size: int) -> None:
    """Also where retention dropped all that was in the last segment."""
    writer = Writer.create(path, keep_exchanges=10)
    folded = record(writer, [one for exchange in range(1, 31) for one in hello(exchange, body=b"x" * 20_000)])
    record(writer, [one for exchange in range(31, 41) for one in hello(exchange, body=b"y" * size)], folded)
    writer.close()
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    with Reader(path) as reader:
        assert list(reader.ids()) == list(range(31, 41))
        assert all(reader.body(exchange, 2) == b"y" * size for exchange in reader.ids())


def test_clear_forgets_what_is_over(small: Writer, path: Path) -> None:
    folded = record(small, [*hello(1), *hello(2), *hello(3), started(4)])
    small.pin([2], on=True)
    small.clear()
    with Reader(path) as reader:
        assert list(reader.ids()) == [2, 4]
        while small.tidy():
            pass
        assert count(reader, "message") == 4
        assert (small.totals().exchanges, small.totals().in_flight, small.totals().dropped) == (2, 1, 0)
        record(small, hello(5), folded)
        assert list(reader.ids()) == [2, 4, 5]


def test_messages_of_a_long_stream_go_in_slices(small: Writer, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "DELETED_ROWS", 100)
    script = [
        started(1),
        *(message(seq, SEND, "websocket.send", 200 + seq, body=b"x") for seq in range(1000)),
        ended(2000),
    ]
    folded = record(small, script)
    left = []
    with Reader(path) as reader:
        for exchange in range(2, 14):
            record(small, hello(exchange), folded)
            left.append(int(reader._all("SELECT count(*) FROM message WHERE id < ?", (2 << 32,))[0][0]))
        assert list(reader.ids()) == list(range(4, 14))
    assert left[8] == 1000
    assert left[9] in range(880, 920)
    assert left == sorted(left, reverse=True)
    while small.tidy():
        pass
    with Reader(path) as reader:
        assert count(reader, "message") == 40


def test_bytes_are_bounded_and_segments_go_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SEGMENT_BYTES", MEGABYTE)
    writer = Writer.create(path, keep_bytes=5 * MEGABYTE)
    writer._segments._segment_bytes = MEGABYTE
    folded = None
    with Reader(path) as reader:
        for exchange in range(1, 101):
            folded = record(writer, hello(exchange, body=bytes([exchange]) * 300_000), folded)
            on_disk = sum(entry.stat().st_size for entry in folder_of(path).iterdir())
            assert on_disk < 7 * MEGABYTE
        kept = list(reader.ids())
        assert kept == list(range(kept[0], 101))
        assert 10 < len(kept) < 20
        totals = writer.totals()
        assert totals.bytes < 5.5 * MEGABYTE
        assert totals.dropped == 100 - len(kept)
        for exchange in kept:
            assert reader.body(exchange, 2) == bytes([exchange]) * 300_000
    writer.close()
    with Reader(path) as reader:
        assert reader.body_all(kept[0], "send") == bytes([kept[0]]) * 300_000


def test_a_pinned_exchange_does_not_hold_a_whole_segment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "WASTE", 2 * MEGABYTE)
    writer = Writer.create(path, keep_exchanges=8)
    writer._segments._segment_bytes = MEGABYTE
    folded = None
    with Reader(path) as reader:
        for exchange in range(1, 41):
            folded = record(writer, hello(exchange, body=bytes([exchange]) * 300_000), folded)
            if exchange % 8 == 1:
                writer.pin([exchange], on=True)
        names = sorted(entry.name for entry in folder_of(path).iterdir())
        assert "00000001.bodies" not in names  # exchange 1 lay in it
        for exchange in (1, 9, 17, 25, 33, 40):
            assert reader.body(exchange, 2) == bytes([exchange]) * 300_000
    writer.close()


def test_one_endless_stream_loses_its_oldest_bodies_and_says_so(path: Path) -> None:
    writer = Writer.create(path, keep_bytes=4 * MEGABYTE)
    folded = record(writer, [started(1), message(0, CALL, "call", 120)])
    for seq in range(1, 101):
        whole = message(seq, SEND, "http.response.body", 200 + seq, body=bytes([seq]) * 100_000)
        record(writer, with_parts(whole), folded)
    with Reader(path) as reader:
        rows = reader.messages(1)
        cut = [row.seq for row in rows if row.truncated]
        assert len(rows) == 101
        assert cut == list(range(1, len(cut) + 1))
        assert 50 < len(cut) < 70
        assert reader.totals().cut_bodies == len(cut)
        assert reader.totals().bytes < 4.5 * MEGABYTE
        assert reader.body(1, 1) == b""
        assert reader.body(1, 100) == bytes([100]) * 100_000
        assert len(reader.body_all(1, "send")) == 100_000 * (100 - len(cut))
    writer.close()


def test_logs_have_their_own_bound(small: Writer, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "KEEP_LOGS", 50)
    folded = Fold(small.begin_run())
    folded.feed(run_started())
    for number in range(20):
        record(small, [Logged(0, at, "stdout", "", "", f"{number} {at}", "", 0) for at in range(10)], folded)
    with Reader(path) as reader:
        lines = reader.logs(0)
        assert len(lines) == 50
        assert lines[0].text == "15 0"
        assert reader.totals().dropped_logs == 150


def test_equal_heads_are_kept_once_and_go_with_their_exchanges(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "EPOCH_HEADS", 20)
    writer = Writer.create(path, keep_exchanges=30)
    folded = record(writer, [one for exchange in range(1, 31) for one in hello(exchange)])
    with Reader(path) as reader:
        assert count(reader, "head") == 1
        writer.pin([1], on=True)
        for exchange in range(31, 500):
            record(writer, hello(exchange, head=head(exchange)), folded)
        assert 30 <= count(reader, "head") <= 30 + 2 * 20
        for exchange in reader.ids():
            assert reader.head(exchange)[0] == (head(exchange) if exchange > 1 else reader.head(1)[0])
        assert reader.head(1)[0].startswith(b"GET /items/1")
    writer.close()


def test_a_write_that_fails_leaves_nothing_behind(small: Writer, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folded = record(small, hello(1, body=b"a" * 50_000))
    before = small.totals()

    def fail() -> bool:
        raise RuntimeError("as if")

    with monkeypatch.context() as patched:
        patched.setattr(small._retention, "apply", fail)
        for one in hello(2, head=head(2), body=b"b" * 50_000):
            folded.feed(one)
        batch = folded.take()
        with pytest.raises(RuntimeError):
            small.write(1, batch)
    assert small.totals().exchanges == before.exchanges
    assert small._segments.needed_bytes == 50_000 - 256
    small.write(1, batch)
    with Reader(path) as reader:
        assert list(reader.ids()) == [1, 2]
        assert reader.body(2, 2) == b"b" * 50_000
        assert reader.head(2)[0] == head(2)
