"""What is done with the selected exchanges, from the window: pin, note, colour, the filter, the columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QSettings
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMenu

from inspector.recording.marks import Marks
from inspector.ui import copies
from inspector.ui.models import cells
from tests.support.fake_recording import FakeReader, exchange
from tests.support.windows import Stage


class Marked:
    """Does to the recording in memory what the program does to a real one."""

    def __init__(self) -> None:
        self.done: list[tuple[list[int], Marks]] = []
        self.reader = FakeReader([exchange(number, f"/{number}", host=f"h{number % 2}") for number in range(1, 21)])

    def __call__(self, ids: Sequence[int], marks: Marks, then: Callable[[], object]) -> None:
        self.done.append((list(ids), marks))
        given = {"pinned": marks.pinned, "note": marks.note, "colour": marks.colour}
        for id_ in ids:
            changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
            self.reader.put(replace(self.reader.rows_[id_], **changes))
        then()


@pytest.fixture
def marked() -> Marked:
    return Marked()


@pytest.fixture
def stage(settings: QSettings, qtbot: Any, marked: Marked) -> Iterator[Stage]:
    stage = Stage(settings, marked.reader, mark=marked)
    qtbot.addWidget(stage.window)
    stage.show(qtbot)
    yield stage
    stage.window.leave()


def choose(stage: Stage, *ids: int) -> None:
    stage.window.table.pick(ids[0])
    stage.window.table._go(stage.window.table.rows.position(ids[-1]), extend=True)  # type: ignore[union-attr]


def run(stage: Stage, command: str) -> None:
    action = stage.window.actions_[command]
    assert action.isEnabled()
    action.trigger()
    stage.look()


def test_nothing_can_be_done_without_an_exchange(stage: Stage) -> None:
    for command in ("exchange.pin", "exchange.note", "exchange.colour_red", "exchange.hide_path", "exchange.copy_json"):
        assert not stage.window.actions_[command].isEnabled()


def test_pin_and_colour_of_all_that_are_selected(stage: Stage, marked: Marked) -> None:
    choose(stage, 3, 5)
    run(stage, "exchange.pin")
    run(stage, "exchange.colour_violet")
    assert marked.done == [([3, 4, 5], Marks(pinned=True)), ([3, 4, 5], Marks(colour="violet"))]
    assert stage.window.actions_["exchange.pin"].isChecked()
    assert stage.window.actions_["exchange.colour_violet"].isChecked()
    run(stage, "exchange.pin")
    run(stage, "exchange.colour_none")
    assert marked.done[2:] == [([3, 4, 5], Marks(pinned=False)), ([3, 4, 5], Marks(colour=""))]
    assert not stage.window.actions_["exchange.pin"].isChecked()


def test_a_note_is_asked_for(stage: Stage, marked: Marked, qtbot: Any) -> None:
    choose(stage, 7)
    for text in ("slow", ""):
        run(stage, "exchange.note")
        dialog = stage.window.findChild(QDialog, "noteDialog")
        edit = dialog.findChild(QLineEdit, "noteEdit")
        assert edit.text() == ("" if text else "slow")
        edit.setText(text)
        dialog.accept()
        qtbot.waitUntil(lambda: stage.window.findChild(QDialog, "noteDialog") is None)
        assert marked.done[-1] == ([7], Marks(note=text))
        stage.look()
    run(stage, "exchange.note")
    dialog = stage.window.findChild(QDialog, "noteDialog")
    dialog.reject()
    qtbot.waitUntil(lambda: stage.window.findChild(QDialog, "noteDialog") is None)
    assert len(marked.done) == 2


def test_the_filter_sees_what_was_marked(stage: Stage, qtbot: Any) -> None:
    window = stage.window
    window.filter_bar.edit.setText("not is:pinned")
    window.filter_bar.apply()
    qtbot.waitUntil(lambda: window._model.filtered and not window._model._pending)
    window.table.pick(4)
    run(stage, "exchange.pin")
    qtbot.waitUntil(lambda: window._model.rowCount() == 19)
    assert window.table.current == 4


def test_of_very_many_the_first_are_changed_and_it_says_so(
    stage: Stage, marked: Marked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inspector.ui.desk.exchanges.ROWS", 6)
    assert copies.ROWS == 10_000
    choose(stage, 1, 20)
    run(stage, "exchange.pin")
    assert marked.done == [([1, 2, 3, 4, 5, 6], Marks(pinned=True))]
    assert stage.window.table.notice.text() == "Changed the first 6 of 20: no more at once"


def test_hiding_is_written_into_the_filter_and_undone_there(stage: Stage, qtbot: Any) -> None:
    window = stage.window
    edit = window.filter_bar.edit
    edit.insert("status:200")
    window.filter_bar.apply()
    choose(stage, 3)
    run(stage, "exchange.hide_host")
    assert edit.text() == "status:200 not host=h1"
    qtbot.waitUntil(lambda: window._model.rowCount() == 10)
    edit.undo()
    assert edit.text() == "status:200"
    window.filter_bar.apply()
    qtbot.waitUntil(lambda: window._model.rowCount() == 20)
    choose(stage, 3, 4)
    run(stage, "exchange.hide_path")
    assert edit.text() == "status:200 not path=/3 not path=/4"
    edit.clear()
    window.filter_bar.apply()
    qtbot.waitUntil(lambda: window._model.rowCount() == 20)
    choose(stage, 5)
    run(stage, "exchange.only_path")
    assert edit.text() == "path=/5"
    qtbot.waitUntil(lambda: window._model.rowCount() == 1)


def test_a_path_that_no_filter_holds_changes_nothing(stage: Stage, marked: Marked) -> None:
    marked.reader.put(exchange(3, "/" + "x" * 60_000))
    stage.look()
    stage.window.table.ask_again()
    choose(stage, 3)
    run(stage, "exchange.hide_path")
    assert stage.window.filter_bar.edit.text() == ""
    assert stage.window.table.notice.text() == "The path is too long for the filter"


def test_a_right_click_opens_the_menu_of_commands(stage: Stage) -> None:
    table = stage.window.table

    def ask() -> object:
        event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), table.mapToGlobal(QPoint(5, 5)))
        QApplication.sendEvent(table.viewport(), event)
        return QApplication.activePopupWidget()

    assert ask() is None
    choose(stage, 3)
    menu = ask()
    assert isinstance(menu, QMenu)
    names = {action.objectName() for action in menu.actions()}
    assert {"exchange.copy_curl", "exchange.pin", "exchange.note", "columns.choose"} <= names
    assert "Colour" in {action.text() for action in menu.actions() if action.menu()}
    menu.close()


def test_columns_are_kept_from_one_day_to_the_next(stage: Stage, settings: QSettings, qtbot: Any) -> None:
    header = stage.window.table.header
    header.show_column("host", on=True)
    header.resizeSection(cells.APP, 130)
    with qtbot.waitSignal(stage.window._model.replaced):
        stage.window.table.sortByColumn(cells.TOTAL, header.sortIndicatorOrder().DescendingOrder)
    kept = stage.window.table.arrangement()
    stage.window.places.save()
    assert settings.value("columns") == kept[0]
    assert "host 130" in kept[0]
    assert "app 130" in kept[0]
    assert settings.value("order") == "total descending"
    again = Stage(settings, FakeReader([exchange(1)]))
    qtbot.addWidget(again.window)
    assert again.window.table.arrangement() == kept
    again.window.leave()
    run(stage, "columns.reset")
    assert stage.window.table.arrangement()[0][:3] == ["number 68", "method 74", "path"]
    run(stage, "columns.choose")
    menu = QApplication.activePopupWidget()
    assert menu.objectName() == "columnsMenu"
    menu.close()
