from __future__ import annotations

import mmap
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.trace import ring
from inspector.trace.frames import MAX_PART, MalformedFrame
from inspector.trace.records import BodyPart, Record, StateChanged
from inspector.trace.ring import HEADER, RingReader, RingWriter
from tests.support.waiting import DEADLINE, eventually

CAPACITY = 4096


class Pair:
    """Both ends of a ring, in one process."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        fd, path = ring.create(capacity)
        self.path = Path(path)
        self.writer, self.reader = RingWriter(ring.attach(fd)), RingReader(ring.attach(fd))
        self.bytes = mmap.mmap(fd, 0)
        os.close(fd)
        self.path.unlink()

    def close(self) -> None:
        self.writer.close()
        self.reader.close()
        self.bytes.close()


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.close()


def part(number: int, size: int = 10) -> BodyPart:
    return BodyPart(1, number, 0, bytes([number % 256]) * size)


def read_all(reader: RingReader) -> list[Record]:
    found: list[Record] = []
    while records := reader.read():
        found += records
    return found


def test_the_file_is_for_its_owner_only() -> None:
    fd, path = ring.create(CAPACITY)
    try:
        assert Path(path).stat().st_mode & 0o777 == 0o600
        assert Path(path).stat().st_size == HEADER + CAPACITY
    finally:
        os.close(fd)
        Path(path).unlink()


def test_what_is_no_ring_is_refused(tmp_path: Path) -> None:
    for name, content in (("empty", b""), ("short", b"x" * 99), ("other", b"x" * (HEADER + CAPACITY))):
        file = tmp_path / name
        file.write_bytes(content)
        with file.open("r+b") as opened, pytest.raises(MalformedFrame):
            ring.attach(opened.fileno())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.integers(0, CAPACITY // 4 - 60), st.none()), max_size=60), st.integers(1, 2000))
def test_any_sizes_and_reads_give_back_the_same_records(steps: list[int | None], limit: int) -> None:
    pair = Pair()
    written: list[Record] = []
    found: list[Record] = []
    for number, size in enumerate(steps):
        if size is None or pair.writer.congested:
            found += pair.reader.read(limit)
        if size is not None:
            while pair.writer._position - pair.reader.position + size + 60 > CAPACITY:
                found += pair.reader.read(limit)
            written.append(part(number, size))
            pair.writer.write(written[-1])
    found += read_all(pair.reader)
    assert found == written
    pair.close()


def test_a_full_ring_makes_the_writer_wait_and_loses_nothing(pair: Pair) -> None:
    written = [part(number, 700) for number in range(50)]
    thread = threading.Thread(target=lambda: [pair.writer.write(record) for record in written])
    thread.start()
    eventually(lambda: pair.writer.congested)
    found: list[Record] = []
    eventually(lambda: found.extend(pair.reader.read(800)) or len(found) == 50)  # type: ignore[func-returns-value]
    thread.join()
    assert found == written
    assert pair.writer.dropped == 0
    assert not pair.writer.congested


def test_a_writer_without_a_reader_stops_waiting_and_counts(pair: Pair) -> None:
    written = [part(number, 700) for number in range(20)]
    thread = threading.Thread(target=lambda: [pair.writer.write(record) for record in written])
    thread.start()
    eventually(lambda: pair.writer.congested)
    pair.writer.abandon()
    thread.join(10)
    assert not thread.is_alive()
    assert not pair.writer.congested, "who waits politely would wait for ever"
    found = read_all(pair.reader)
    assert found == written[: len(found)]
    assert len(found) + pair.writer.dropped == 20


def test_dropped_records_are_a_gap_for_a_reader_that_is_there_after_all(pair: Pair) -> None:
    pair.writer.abandon()
    for number in range(20):
        pair.writer.write(part(number, 700))
    read = len(read_all(pair.reader))
    pair.writer.write(part(99))
    with pytest.raises(MalformedFrame, match=f"record 20 stands where record {read} belongs"):
        pair.reader.read()
    assert pair.reader.read() == [part(99)]


def test_a_record_larger_than_a_quarter_is_refused_and_harms_nothing(pair: Pair) -> None:
    with pytest.raises(ValueError, match="takes 1,024 at most"):
        pair.writer.write(part(0, CAPACITY // 4))
    pair.writer.write(part(1))
    assert pair.reader.read() == [part(1)]


def test_threads_write_whole_records(pair: Pair) -> None:
    def write(thread: int) -> None:
        for number in range(100):
            pair.writer.write(BodyPart(thread, number, 0, b"x" * (number % 50)))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    found: list[Record] = []
    eventually(lambda: found.extend(pair.reader.read()) or len(found) == 400)  # type: ignore[func-returns-value]
    for thread in threads:
        thread.join()
    for number in range(4):
        assert [r.seq for r in found if isinstance(r, BodyPart) and r.exchange == number] == list(range(100))


def test_a_finalizer_that_writes_in_the_middle_of_a_write_comes_after_it(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = ring.frames.encode
    inside = iter([part(2)])

    def encode_and_collect(record: Record, sequence: int) -> bytes:
        for late in inside:
            pair.writer.write(late)
        return encode(record, sequence)

    monkeypatch.setattr(ring.frames, "encode", encode_and_collect)
    pair.writer.write(part(1))
    assert pair.reader.read() == [part(1), part(2)]


def test_a_damaged_record_is_told_once_and_the_next_are_read(pair: Pair) -> None:
    for number in range(3):
        pair.writer.write(part(number))
    size = pair.writer._position // 3
    pair.bytes[HEADER + 2 * size - 1] ^= 0xFF
    assert pair.reader.read() == [part(0)]
    with pytest.raises(MalformedFrame, match="frame 1 does not match its checksum"):
        pair.reader.read()
    assert pair.reader.read() == [part(2)]
    assert pair.reader.read() == []


def test_a_damaged_head_costs_what_is_written_and_no_more(pair: Pair) -> None:
    for number in range(3):
        pair.writer.write(part(number))
    pair.bytes[HEADER : HEADER + 8] = b"\xff" * 8
    with pytest.raises(MalformedFrame):
        pair.reader.read()
    assert pair.reader.read() == []
    pair.writer.write(part(3))
    assert pair.reader.read() == [part(3)]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, HEADER + CAPACITY - 1), st.integers(0, 255)), max_size=20))
def test_no_bytes_make_the_reader_do_more_than_complain(damage: list[tuple[int, int]]) -> None:
    pair = Pair()
    for number in range(8):
        pair.writer.write(part(number, 400))
    for at, byte in damage:
        pair.bytes[at] = byte
    for _ in range(20):
        try:
            if not pair.reader.read():
                break
        except MalformedFrame:
            pass
    else:
        pytest.fail("the reader does not come to an end")
    pair.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_of_the_writer_writes_nothing(pair: Pair) -> None:
    pair.writer.write(part(0))
    pid = os.fork()
    if pid == 0:
        pair.writer.write(part(1))
        os._exit(pair.writer.dropped)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 1
    pair.writer.write(part(2))
    assert pair.reader.read() == [part(0), part(2)]


ENDLESS = """
import sys
from inspector.trace import ring
from inspector.trace.records import BodyPart
writer = ring.RingWriter(ring.attach(int(sys.argv[1])))
number = 0
while True:
    writer.write(BodyPart(number, 0, 0, bytes(number * 7919 % 3000)))
    number += 1
"""


@pytest.mark.parametrize("trial", range(8))
def test_a_writer_killed_at_any_moment_leaves_a_clean_prefix(trial: int) -> None:
    fd, path = ring.create(1 << 16)
    Path(path).unlink()
    reader = RingReader(ring.attach(fd))
    process = subprocess.Popen([sys.executable, "-c", ENDLESS, str(fd)], pass_fds=[fd])
    os.close(fd)
    found: list[Record] = []
    wanted = 200 + 1531 * trial
    eventually(lambda: found.extend(reader.read()) or found)  # type: ignore[func-returns-value]
    until = time.monotonic() + DEADLINE
    while len(found) <= wanted:  # without a pause: the writer waits for nobody else
        found += reader.read()
        assert time.monotonic() < until
    process.send_signal(signal.SIGKILL)
    process.wait()
    found += read_all(reader)
    assert [record.exchange for record in found if isinstance(record, BodyPart)] == list(range(len(found)))
    reader.close()


def test_the_default_takes_the_largest_part() -> None:
    pair = Pair(ring.CAPACITY)
    records: list[Record] = [BodyPart(1, 0, 0, bytes(MAX_PART)), StateChanged(1, "serving", {"url": "x"})]
    for record in records:
        pair.writer.write(record)
    assert pair.reader.read() == records
    pair.close()
