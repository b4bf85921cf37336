from __future__ import annotations

import sqlite3
from pathlib import Path

from inspector.recording import stored_runs
from inspector.recording.fold import Fold
from inspector.recording.reader import Reader
from inspector.recording.writer import Writer
from inspector.trace.records import Logged, StateChanged
from tests.recording.scripts import hello, lifespan, run_started


def line(text: str, exchange: int = 0) -> Logged:
    return Logged(exchange, 50, "stdout", "", "", text, "", 0)


def three_runs(path: Path) -> Path:
    writer = Writer.create(path)
    for number in range(3):
        fold = Fold(writer.begin_run())
        first = number * 10 + 1
        script = [run_started(), StateChanged(1, "loading"), line(f"hello {number}")]
        script += [lifespan(first)] if number != 1 else []
        script += [*hello(first + 1), line("of the exchange", first + 1), line(f"bye {number}")]
        for record in script:
            fold.feed(record)
        writer.write(fold.run, fold.take())
    writer.close()
    return path


def test_the_log_of_a_run_is_what_belongs_to_no_exchange(tmp_path: Path) -> None:
    with Reader(three_runs(tmp_path / "a.inspector")) as reader:
        for run in (1, 2, 3):
            assert [row.text for row in reader.run_log(run)] == [f"hello {run - 1}", f"bye {run - 1}"]
        assert [row.text for row in reader.run_log(2, count=1)] == ["bye 1"]
        assert [row.text for row in reader.run_log(2, after=reader.run_log(2)[0].id)] == ["bye 1"]
        assert reader.run_log(4) == reader.run_log(0) == []


def test_the_lifespan_of_a_run(tmp_path: Path) -> None:
    with Reader(three_runs(tmp_path / "a.inspector")) as reader:
        assert [reader.lifespan(run) for run in (0, 1, 2, 3, 4)] == [None, 1, None, 21, None]


def test_runs_from_one_on(tmp_path: Path) -> None:
    with Reader(three_runs(tmp_path / "a.inspector")) as reader:
        assert [run.id for run in reader.runs()] == [1, 2, 3]
        assert [(run.id, [state for _, state, _ in run.states]) for run in reader.runs(3)] == [(3, ["loading"])]
        assert reader.runs(4) == []


def test_a_million_runs_are_read_in_part(tmp_path: Path) -> None:
    path = three_runs(tmp_path / "a.inspector")
    connection = sqlite3.connect(path)
    connection.execute(
        "WITH RECURSIVE n(i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
        " INSERT INTO run SELECT i, 'x', NULL, 'y', x'00', 7, NULL, NULL, NULL FROM n"
    )
    connection.execute("INSERT INTO state SELECT NULL, id, 'x', 7, x'ff' FROM run")
    connection.commit()
    connection.close()
    with Reader(path) as reader:
        runs = reader.runs()
        assert len(runs) == stored_runs.RUNS
        last = runs[-1]
        assert (last.id, last.started_ns, last.ended_ns, last.python, last.states) == (
            5000,
            0,
            None,
            "7",
            [(0, "7", {})],
        )
