from __future__ import annotations

from typing import Any

from inspector.recording import run_life
from inspector.recording.fold import Fold
from inspector.recording.reader import Reader
from inspector.recording.writer import Writer
from inspector.trace.records import Logged, Stalled, StateChanged
from tests.recording.scripts import ended, lifespan, run_started, started

CRASH = {"how": "crashed", "code": -11, "text": "killed by SIGSEGV"}


def said(text: str, exchange: int = 0, t_ns: int = 50) -> Logged:
    return Logged(exchange, t_ns, "stderr", "", "", text, "", 0)


def stalled(t_ns: int, ms: int, over: bool = True) -> Stalled:
    return Stalled(0, t_ns, ms * 1_000_000, "shop.py:12 pay", over)


def died(*script: Any, how: dict[str, Any] | None = CRASH) -> list[tuple[str, dict[str, Any]]]:
    fold = Fold(1)
    for record in (run_started(), *script):
        fold.feed(record)
    fold.engine_died("killed by SIGSEGV", 900, how)
    return [(state.state, state.detail) for state in fold.take().states]


def test_a_crash_is_told_with_what_it_took_along_and_the_last_words() -> None:
    (told,) = died(
        lifespan(1), started(2), started(3), said("of the run"), said("of one in flight", 2), said("done", 3),
        ended(60, 3), said("late"),
    )  # fmt: skip
    assert told == (
        "ended",
        {
            **CRASH,
            "lost": ["GET /items/1"],
            "lost_count": 1,
            "words": [
                ["stderr", "", "of the run", 0],
                ["stderr", "", "of one in flight", 2],
                ["stderr", "", "late", 0],
            ],
        },
    )


def test_last_words_and_lost_exchanges_are_bounded() -> None:
    many = [started(number) for number in range(1, 100)]
    ((_, detail),) = died(*many, *(said(f"{number}{'x' * 9000}") for number in range(500)))
    assert detail["lost_count"] == 99
    assert len(detail["lost"]) == run_life.LOST
    assert len(detail["words"]) == run_life.WORDS
    assert all(len(text) == run_life.WORD_WIDTH for _, _, text, _ in detail["words"])


def test_stalls_are_states_of_the_run_once_they_are_over() -> None:
    fold = Fold(1)
    fold.feed(stalled(100, 150, over=False))
    assert fold.take().states == []
    fold.feed(stalled(100, 1200))
    (state,) = fold.take().states
    assert state == StateChanged(
        100, "stalled", {"duration_ns": 1_200_000_000, "where": "shop.py:12 pay", "over": True}
    )


def test_a_stall_that_the_run_ended_in_is_told() -> None:
    (first, detail), (last, _) = died(stalled(100, 2500, over=False))
    assert (first, detail["over"], last) == ("stalled", False, "ended")


def test_stalls_beyond_the_bound_are_counted() -> None:
    told = died(*(stalled(number, 100 + number % 77) for number in range(500)))
    assert [state for state, _ in told] == ["stalled"] * run_life.STALLS + ["stalls", "ended"]
    assert told[-2][1] == {"count": 500, "duration_ns": 176_000_000, "where": "shop.py:12 pay"}


def test_a_death_without_how_tells_nothing() -> None:
    assert died(said("x"), how=None) == []


def test_it_comes_back_from_the_recording(tmp_path: Any) -> None:
    path = tmp_path / "a.inspector"
    writer = Writer.create(path)
    fold = Fold(writer.begin_run())
    for record in (
        StateChanged(1, "started", {"cause": "reload", "files": ["shop.py"], "file_count": 1}),
        run_started(),
        stalled(100, 1200),
        said("bye \udcff"),
    ):
        fold.feed(record)
    fold.engine_died("exit code 3", 900, {"how": "crashed", "code": 3, "text": "exit code 3"})
    writer.write(fold.run, fold.take())
    writer.close()
    with Reader(path) as reader:
        (run,) = reader.runs()
    assert [state for _, state, _ in run.states] == ["started", "stalled", "ended"]
    assert run.states[0][2]["files"] == ["shop.py"]
    assert run.states[2][2]["words"] == [["stderr", "", "bye \udcff", 0]]
