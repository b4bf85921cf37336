"""The line between two runs: where it is, what it says, and that it is no row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from inspector.recording.rows import RunRow
from inspector.ui import theme, words
from inspector.ui.models import cells
from inspector.ui.panels import run_lines
from tests.support.fake_recording import EPOCH, exchange
from tests.support.tables import ROW, Table


def run(number: int, end: str = "") -> RunRow:
    return RunRow(number, EPOCH + number * 10**9, 0, None, 4000 + number, "3.13", "python", "shop", end, [])


@pytest.fixture
def runs(table: Table) -> Table:
    for number in range(1, 201):
        table.reader.put(exchange(number, f"/{number}", run=1 if number < 190 else 3))
    table.reader.runs = lambda: [run(1, "exit code 3\n<b>"), run(2), run(3)]  # type: ignore[method-assign]
    table.look()
    return table


def test_it_is_above_the_first_row_of_a_run_and_says_which_when_and_why(runs: Table) -> None:
    first, last = runs.view.visible_rows()
    assert list(run_lines.boundaries(runs.model, first, last)) == [(189, 3, 1)]
    assert list(run_lines.boundaries(runs.model, 189, 199)) == [(189, 3, 1)]
    assert list(run_lines.boundaries(runs.model, 190, 199)) == []
    at = words.clock(EPOCH + 3 * 10**9).partition(".")[0]
    assert run_lines.told(runs.model, 3, 1) == f"run 3 · {at} · exit code 3↵<b>"
    assert run_lines.details(runs.model, 3, 1).startswith("Run 3 began here at ")
    assert run_lines.told(runs.model, 7, 1) == "run 7 · exit code 3↵<b>"


def test_it_says_what_had_changed(table: Table) -> None:
    changed = {"cause": "reload", "files": ["shop/pay.py", "shop/main.py"], "file_count": 3}
    begun = RunRow(3, 0, 0, None, 4003, "3.13", "python", "shop", "", [(0, "started", changed)])
    begun = replace(begun, started_ns=EPOCH)
    table.reader.runs = lambda: [run(1, "stopped"), begun]  # type: ignore[method-assign]
    table.reader.put(exchange(201, "/201", run=3))
    table.look()
    assert run_lines.told(table.model, 3, 1).endswith(" · reload: shop/pay.py and 2 more")
    assert "began by reload: shop/pay.py" in run_lines.details(table.model, 3, 1)
    assert "run 1 had ended: stopped" in run_lines.details(table.model, 3, 1)


def test_newest_first_it_stands_between_the_same_two(runs: Table) -> None:
    runs.replaced(lambda: runs.view.sortByColumn(cells.NUMBER, Qt.SortOrder.DescendingOrder))
    assert list(run_lines.boundaries(runs.model, 0, 199)) == [(11, 3, 1)]
    assert [runs.model.id_at(10), runs.model.id_at(11)] == [190, 189]


def test_in_another_order_there_is_none(runs: Table) -> None:
    runs.replaced(lambda: runs.view.sortByColumn(cells.PATH, Qt.SortOrder.AscendingOrder))
    assert list(run_lines.boundaries(runs.model, 0, 199)) == []


def test_it_is_painted_over_the_rows_and_hovering_tells_more(runs: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.view.verticalScrollBar().setValue(185 * ROW)
    y = runs.view.rowViewportPosition(189)
    image = runs.view.viewport().grab().toImage()
    assert image.pixelColor(600, y) == theme.DARK.third
    assert image.pixelColor(600, y + 2) == theme.DARK.panel
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, *_: told.append(text))

    def hover(at: QPoint) -> None:
        event = QHelpEvent(QEvent.Type.ToolTip, at, runs.view.viewport().mapToGlobal(at))
        QApplication.sendEvent(runs.view.viewport(), event)

    hover(QPoint(300, y + 3))
    assert len(told) == 1
    assert "&lt;b&gt;" in told[0]
    assert runs.model.rowCount() == 200


def test_runs_are_read_once(runs: Table) -> None:
    asked: list[int] = []

    def read() -> Any:
        asked.append(1)
        return [run(1)]

    runs.reader.runs = read  # type: ignore[method-assign]
    for _ in range(5):
        assert runs.model.run(1) is not None
        assert runs.model.run(9) is None
    assert len(asked) <= 2
