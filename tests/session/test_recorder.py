"""The recorder's thread outlives whatever goes wrong on it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from inspector.errors import InspectorError
from inspector.options import Options
from inspector.recording.fold import Batch, Fold
from inspector.recording.marks import Marks
from inspector.session.recorder import Recorder
from inspector.trace import ring
from inspector.trace.clock import now
from inspector.trace.records import Pulse
from inspector.trace.ring import RingReader, RingWriter
from tests.support.waiting import DEADLINE, eventually


class Told:
    """A recorder, a ring to write to, and what the recorder told."""

    def __init__(self, on_batch: Callable[[Batch], None]) -> None:
        self.problems: list[str] = []
        self.recorder = Recorder("", Options(), on_batch, lambda title, text: self.problems.append(text))
        fd, path = ring.create(1 << 16)
        self.writer, self.reader = RingWriter(ring.attach(fd)), RingReader(ring.attach(fd))
        os.close(fd)
        Path(path).unlink()

    def pulse(self, in_flight: int) -> None:
        self.writer.write(Pulse(now(), 0, in_flight, 0, 0))
        self.recorder.catch_up().result(DEADLINE)


@contextlib.contextmanager
def recording(on_batch: Callable[[Batch], None]) -> Iterator[Told]:
    told = Told(on_batch)
    told.recorder.open().result(DEADLINE)
    told.recorder.begin(told.reader).result(DEADLINE)
    try:
        yield told
    finally:
        told.writer.close()
        told.recorder.finish("exit code 0", now()).result(DEADLINE)
        told.recorder.close().result(DEADLINE)


def broken_once(real: Callable[..., object], problem: Exception) -> Callable[..., object]:
    problems = [problem]

    def call(*arguments: object) -> object:
        if problems:
            raise problems.pop()
        return real(*arguments)

    return call


def test_a_listener_that_raises() -> None:
    heard: list[Batch] = []

    def listen(batch: Batch) -> None:
        heard.append(batch)
        if len(heard) == 1:
            raise LookupError("no ears")

    with recording(listen) as told:
        told.pulse(1)
        assert len(told.problems) == 1
        assert "LookupError: no ears" in told.problems[0]
        told.writer.write(Pulse(now(), 0, 2, 0, 0))
        eventually(lambda: heard[-1].pulse and heard[-1].pulse.in_flight == 2)
    assert len(told.problems) == 1


def test_a_fold_that_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Batch] = []
    monkeypatch.setattr(Fold, "take", broken_once(Fold.take, LookupError("no batch")))
    with recording(heard.append) as told:
        told.writer.write(Pulse(now(), 0, 1, 0, 0))
        eventually(lambda: told.problems)
        assert "LookupError: no batch" in told.problems[0]
        told.pulse(2)
        eventually(lambda: heard and heard[-1].pulse and heard[-1].pulse.in_flight == 2)


def test_the_ring_is_let_go_whatever_happens_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fold, "engine_died", broken_once(Fold.engine_died, LookupError("no end")))
    with recording(lambda _: None) as told:
        told.recorder.finish("killed", now()).result(DEADLINE)
        assert "LookupError: no end" in told.problems[0]
        with pytest.raises(ValueError, match="released"):
            told.reader.read()


def test_marks_are_written_and_where_nothing_is_recorded_it_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.inspector"
    recorder = Recorder(str(path), Options(), lambda _: None, lambda *_: None)
    recorder.open().result(DEADLINE)
    before = recorder.generation
    recorder.mark([1], Marks(note="slow")).result(DEADLINE)
    assert recorder.generation > before
    recorder.close().result(DEADLINE)
    with recording(lambda _: None) as told, pytest.raises(InspectorError, match="Nothing is recorded"):
        told.recorder.mark([1], Marks(pinned=True)).result(DEADLINE)
