from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from inspector.recording.rows import LogRow
from inspector.ui.models.run_table import RunTable
from tests.support.sample_runs import STALL, UP, began, life, run
from tests.support.windows import SERVING, Stage


@pytest.fixture
def stage(qtbot: Any, settings: QSettings) -> Iterator[Stage]:
    reader = life()
    stage = Stage(settings, reader)
    stage.state = replace(SERVING, run=5)
    stage.show(qtbot)
    yield stage
    stage.window.leave()
    stage.window.deleteLater()


def story(stage: Stage) -> str:
    return stage.window.runs.story.text.toPlainText()


def title(stage: Stage) -> str:
    found = stage.window.findChild(QLabel, "runTitle")
    assert found is not None
    return found.text()


def more(stage: Stage, *runs: Any) -> None:
    stage.reader.runs_ += runs
    stage.reader.generation += 1
    stage.look()


def test_the_engines_text_leads_there_and_back(stage: Stage, qtbot: Any) -> None:
    window = stage.window
    assert not window.runs.showing
    engine = window.findChild(QPushButton, "engineLabel")
    assert engine is not None
    qtbot.mouseClick(engine, Qt.MouseButton.LeftButton)
    assert window.runs.showing
    assert window.actions_["runs.show"].isChecked()
    assert window.runs.table.currentIndex().row() == 4
    qtbot.keyClick(window.runs.table, Qt.Key.Key_Escape)
    assert not window.runs.showing
    assert not window.actions_["runs.show"].isChecked()


def test_picking_an_exchange_goes_back_to_its_messages(stage: Stage) -> None:
    stage.window.desk.runs()
    stage.window.table.pick(98_310)
    assert not stage.window.runs.showing
    assert stage.window.messages.exchange is not None


def test_a_crash_is_told_with_its_last_words_and_what_it_took_along(stage: Stage) -> None:
    stage.window.desk.runs()
    stage.window.runs.table.selectRow(2)
    assert title(stage) == "The app's process ended: killed by SIGSEGV"
    text = story(stage)
    for part in ("libpay: bad handle", "authorising 129.90 EUR", "POST /api/checkout", "shop/models.py", "1.2 s"):
        assert part in text


def test_a_failed_import_is_told_with_its_traceback(stage: Stage) -> None:
    stage.window.desk.runs()
    stage.window.runs.table.selectRow(1)
    assert "No module named 'pydantic'" in title(stage)
    assert "from pydantic import BaseModel" in story(stage)


def test_output_that_belongs_to_no_exchange_is_there_and_grows(stage: Stage) -> None:
    stage.window.desk.runs()
    runs = stage.window.runs
    assert runs.story.tabs.tabText(1) == "Output 3"
    stage.reader.logs_[0].append(LogRow(4, 5, 0, 0, "stdout", "", "", "one more", "", 0))
    stage.reader.generation += 1
    stage.look()
    assert runs.story.tabs.tabText(1) == "Output 4"
    assert runs.story.output.list.rows[-1].text == "one more"
    runs.table.selectRow(0)
    assert runs.story.tabs.tabText(1) == "Output"


def test_the_newest_is_followed_while_it_is_selected(stage: Stage) -> None:
    stage.window.desk.runs()
    runs = stage.window.runs
    more(stage, run(6, 2000, None, [began("reload", "shop/pay.py"), *UP]))
    assert runs.table.currentIndex().row() == 5
    runs.table.selectRow(1)
    more(stage, run(7, 2100, None, [began("restart"), *UP]))
    assert runs.table.currentIndex().row() == 1
    assert runs.model.rowCount() == 7


def test_a_run_that_goes_on_keeps_the_place_and_the_selection_in_its_story(stage: Stage, qtbot: Any) -> None:
    stage.window.resize(1200, 500)
    stage.window.desk.runs()
    text = stage.window.runs.story.text
    cursor = text.textCursor()
    cursor.setPosition(5)
    cursor.setPosition(25, cursor.MoveMode.KeepAnchor)
    text.setTextCursor(cursor)
    before = cursor.selectedText()
    text.verticalScrollBar().setValue(30)
    place = text.verticalScrollBar().value()
    assert place
    last = stage.reader.runs_[-1]
    stage.reader.runs_[-1] = replace(last, states=[*last.states, (last.t0_ns + 10**10, "stalled", STALL)])
    stage.reader.generation += 1
    stage.look()
    assert story(stage).count("stalled") == 2
    assert text.textCursor().selectedText() == before
    assert text.verticalScrollBar().value() == place


def test_the_lifespan_is_a_click_away(stage: Stage) -> None:
    stage.window.desk.runs()
    assert "lifespan.startup.complete" in story(stage)
    button = stage.window.findChild(object, "lifespanMessages")
    button.click()
    assert stage.window.messages.exchange is not None
    assert stage.window.messages.exchange.kind == "lifespan"


def test_a_restart_is_a_click_away_where_there_is_an_app(stage: Stage, qtbot: Any) -> None:
    stage.window.desk.runs()
    restart = stage.window.findChild(QPushButton, "runRestart")
    assert restart is not None
    assert restart.isVisible()
    stage.window.runs.table.selectRow(0)
    assert not restart.isVisible()


def test_a_recording_from_a_file_has_its_runs(qtbot: Any, settings: QSettings) -> None:
    stage = Stage(settings, life())
    stage.state = None
    window = stage.show(qtbot, "monday.inspector")
    window.desk.runs()
    assert window.runs.model.rowCount() == 5
    window.runs.table.selectRow(2)
    assert title(stage) == "The app's process ended: killed by SIGSEGV"
    restart = window.findChild(QPushButton, "runRestart")
    assert restart is not None
    assert not restart.isVisible()
    window.runs.copy()
    assert QApplication.clipboard().text().startswith("3\t")
    window.leave()
    window.deleteLater()


def test_the_model_keeps_qts_rules(qtbot: Any) -> None:
    model = RunTable()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    runs = life().runs_
    model.take(runs[:2], None)
    model.take(runs, replace(SERVING, run=5))
    assert model.oldest_open == 5
    model.take([replace(runs[4], ended_ns=runs[4].t0_ns + 1)], None)
    assert model.oldest_open == 5
    model.tick()
    model.clear()
    assert model.oldest_open == 0
    del tester


def test_the_banner_of_a_crash_leads_to_the_run(stage: Stage, qtbot: Any) -> None:
    show = stage.window.findChild(QPushButton, "showRun")
    assert show is not None
    assert not show.isVisible()
    stage.look(phase="crashed", title="The app's process ended: exit code 3.")
    for _ in range(2):  # once more leads nowhere else
        qtbot.mouseClick(show, Qt.MouseButton.LeftButton)
        assert stage.window.runs.showing
