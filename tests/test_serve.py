"""What `serve` does with output that nobody reads, and with readers that have gone."""

from __future__ import annotations

import os
import subprocess
import sys
from io import FileIO
from pathlib import Path

import pytest

from inspector.options import Options
from inspector.recording.writer import Writer
from inspector.serve import HELD_BYTES, Patient, main
from tests.support.waiting import eventually

WRITER = """
import os, sys
from inspector.serve import outlet
with outlet(1):
    for number in range({count}):
        os.write(1, b"%07d\\n" % number)
    print("last words")
sys.stderr.write("done")
"""


def start(count: int) -> subprocess.Popen[bytes]:
    code = WRITER.format(count=count)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_what_is_read_arrives_whole_and_in_order() -> None:
    told, _ = start(5_000).communicate(timeout=30)
    assert told == b"".join(b"%07d\n" % number for number in range(5_000)) + b"last words\n"


def test_what_nobody_reads_makes_nobody_wait() -> None:
    with start(3 * HELD_BYTES // 8) as process:
        assert process.stderr is not None
        assert process.stderr.read(4) == b"done"  # not a byte of stdout was read until now
        assert process.stdout is not None
        told = process.stdout.read()
    lines = told.split(b"\n")
    assert lines[:1000] == [b"%07d" % number for number in range(1000)]
    assert len(told) < 2 * HELD_BYTES


def test_a_slow_reader_is_told_what_was_dropped() -> None:
    code = """
import os, sys
from inspector.serve import HELD_BYTES, outlet
with outlet(1):
    for number in range(3 * HELD_BYTES // 1000):
        os.write(1, b"x" * 999 + b"\\n")
    sys.stderr.write("full"); sys.stderr.flush()
    sys.stdin.read(1)
    print("last words")
"""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as process:  # type: ignore[call-overload]
        assert process.stderr.read(4) == b"full"
        read = os.read(process.stdout.fileno(), 1 << 20)
        while len(read) < HELD_BYTES // 2:
            read += os.read(process.stdout.fileno(), 1 << 20)
        process.stdin.write(b"x")
        process.stdin.flush()
        read += process.stdout.read()
    assert b"bytes were dropped, nobody read them]\n" in read
    assert read.endswith(b"last words\n")


@pytest.mark.parametrize("count", [10, 200_000])
def test_a_reader_that_has_gone_is_no_error(count: int) -> None:
    with start(count) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b"done"
    assert process.returncode == 0


def test_the_callers_pipe_stays_blocking() -> None:
    """It is shared with whoever else writes there; and a SIGKILL would leave it to them as it is."""
    code = "import sys\nfrom inspector.serve import outlet\nwith outlet(1): sys.stderr.write('in'); sys.stdin.read()"
    reader, writer = os.pipe()
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=writer, stderr=pipe) as process:
        assert process.stderr
        assert process.stderr.read(2) == b"in"
        assert os.get_blocking(writer)
        process.kill()
    assert os.get_blocking(writer)
    os.close(reader)
    os.close(writer)


def test_a_write_that_waits_beyond_the_end_keeps_its_file() -> None:
    """Were it closed at the end, the rest would go into whatever file gets its number next."""
    reader, writer = os.pipe()
    sink = FileIO(writer, "wb")
    patient = Patient(sink, "say")
    patient.give(b"x" * HELD_BYTES)
    patient.end()
    assert not sink.closed
    with os.fdopen(reader, "rb") as file:
        assert file.read() == b"x" * HELD_BYTES
    eventually(lambda: sink.closed)


def test_who_gives_never_waits_and_who_reads_late_learns_what_is_missing() -> None:
    reader, writer = os.pipe()
    patient = Patient(FileIO(writer, "wb"), "say")
    lines = [b"%07d\n" % number for number in range(2 * HELD_BYTES // 8)]
    for line in lines:
        patient.give(line)
    with os.fdopen(reader, "rb") as file:
        read = [file.readline()]
        while not read[-1].startswith(b"["):
            read.append(file.readline())
        patient.give(b"after\n")
        assert file.readline() == b"after\n"
        patient.end()
        assert file.readline() == b""
    *whole, empty, words = read
    assert empty == b"\n"
    assert whole == lines[: len(whole)]
    missing = len(lines) - len(whole)
    assert words == b"[inspector: %d lines, %d bytes were dropped, nobody read them]\n" % (missing, missing * 8)


@pytest.mark.parametrize(("named", "end"), [(False, "discard"), (True, "close")])
def test_a_recording_without_a_name_is_not_folded_before_it_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool, end: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    ends: list[str] = []
    for name in ("close", "discard"):
        real = getattr(Writer, name)
        monkeypatch.setattr(Writer, name, lambda writer, name=name, real=real: (ends.append(name), real(writer)))
    record = str(tmp_path / "test.inspector") if named else ""
    assert main(Options(app="no_such_module:app", port=0, record=record), quiet=True) == 1
    assert ends == [end]


def test_a_closed_stdout_is_no_error() -> None:
    code = "import os; os.close(1)" + WRITER.format(count=10)
    ended = subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, timeout=30, check=False)
    assert b"done" in ended.stderr
