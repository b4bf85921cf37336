"""Holds in the window: title, notices, the verbs of the editor, and the dialogs of injecting and of breakpoints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QLabel, QPushButton

from inspector.trace.stepping import Breakpoint
from inspector.ui import theme
from inspector.ui.breakpoints_dialog import BreakpointDialog, BreakpointsDialog
from inspector.ui.inject_dialog import InjectDialog
from inspector.ui.panels.hold_queue import EXCHANGE
from tests.support.fake_recording import FakeReader, called, exchange
from tests.support.sample_holds import CHECKOUT, FakeStepping, forms, hold, mendable, stepping
from tests.support.windows import Stage

Scene = Any


@pytest.fixture
def scene(qtbot: Any, settings: QSettings) -> Iterator[Scene]:
    """A window with exchange 42 selected; `steps` is what the session was asked."""
    reader = FakeReader([exchange(number, f"/{number}") for number in range(40, 45)])
    reader.messages_[42] = [called(42, {"type": "http", "method": "GET", "path": "/", "scheme": "http"})]
    session = FakeStepping()
    scene: Scene = Stage(settings, reader, stepping=session.do)
    scene.session, scene.qtbot = session, qtbot
    window = scene.show(qtbot)
    window.table.pick(42)
    yield scene
    window.leave()
    window.deleteLater()


def dialog(scene: Scene, kind: type[QDialog]) -> Any:
    found: list[Any] = [one for one in scene.window.findChildren(QDialog) if isinstance(one, kind) and one.isVisible()]
    assert len(found) == 1
    return found[0]


def text(within: Any, name: str) -> str:
    label: QLabel | None = within.findChild(QLabel, name)
    return label.text() if label is not None and label.isVisible() else ""


# Title and notices


def test_the_title_counts_the_holds(scene: Scene) -> None:
    title = scene.window.windowTitle
    scene.look(stepping=stepping(hold(42), hold(43, 2)))
    assert title() == "shop.main:app — 2 held — Inspector"
    scene.look(stepping=stepping(hold(43, 2)))
    assert title() == "shop.main:app — 1 held — Inspector"
    scene.look(stepping=stepping())
    assert title() == "shop.main:app — Inspector"


def test_the_queue_tells_requests_apart_by_number_and_query(scene: Scene) -> None:
    scene.reader.rows_[41] = replace(scene.reader.rows_[41], path="/auth/login", query="1")
    scene.look(stepping=stepping(hold(41), hold(43, 2)))
    model = scene.window.queue.model
    told = [model.index(row, EXCHANGE).data() for row in range(model.rowCount())]
    assert told == ["41 · GET /auth/login?1", "43 · GET /43"]


def test_holds_that_go_with_the_engine_are_told_and_what_was_typed_stays_to_be_read(scene: Scene) -> None:
    scene.look(stepping=stepping(hold(42), hold(43, 2)))
    editor = scene.window.messages.editor
    editor.text.setPlainText("typed")
    scene.look(phase="crashed", stepping=stepping(lost=2))
    assert scene.window.table.notice.text() == "2 holds cleared: the app's process has ended"
    assert editor.isVisible()
    assert editor.text.isReadOnly()
    assert editor._noted == "The app's process has ended. What you typed was not sent."
    scene.window.table.pick(43)
    assert not editor.isVisible()


def test_a_hold_that_the_user_ends_is_no_loss(scene: Scene) -> None:
    scene.look(stepping=stepping(hold(42)))
    scene.window.holds.release("continue")
    assert scene.session.calls == [("act", "continue", 1)]
    scene.look(stepping=stepping())
    assert not scene.window.table.notice.isVisible()
    assert not scene.window.messages.editor.isVisible()


def test_a_held_shutdown_is_told_and_a_second_stop_can_be_asked_for(scene: Scene) -> None:
    held = hold(44, point="receive", type="lifespan.shutdown", content_length=-1)
    scene.look(phase="stopping", stepping=stepping())
    assert not scene.window.actions_["session.stop"].isEnabled()
    scene.look(stepping=stepping(held))
    assert scene.window.table.notice.text().startswith("The shutdown is held")
    assert scene.window.actions_["session.stop"].isEnabled()


# What the editor asks of the engine


def test_mending_gives_the_engine_what_was_typed_first(scene: Scene) -> None:
    scene.look(stepping=stepping(replace(mendable(hold(42)), edited=False)))
    editor = scene.window.messages.editor
    editor.text.setPlainText('{"type": "http.response.body", "body": "x"}')
    editor.judge()
    editor.mend.click()
    assert scene.session.calls == [
        ("edit", 1, {"type": "http.response.body", "body": "x"}),
        ("act", "mend", 1),
    ]


def test_continue_original_gives_the_head_its_first_length_back(scene: Scene) -> None:
    first = hold(42)
    scene.look(stepping=stepping(first))
    scene.look(stepping=stepping(replace(mendable(first), content_length=108)))
    scene.window.messages.editor.original.click()
    calls = scene.session.calls
    assert [call[0] for call in calls] == ["edit", "act", "act"]
    assert calls[0][2]["body"].encode("latin-1") == first.body
    assert calls[1:] == [("act", "mend", 1, 112), ("act", "continue", 1)]


def test_a_split_edits_the_chunk_and_injects_the_rest(scene: Scene) -> None:
    scene.look(stepping=stepping(hold(42, body=b"onetwo", content_length=6)))
    editor = scene.window.messages.editor
    editor.choice.button("hex").click()
    cursor = editor.hex.textCursor()
    cursor.setPosition(9)
    editor.hex.setTextCursor(cursor)
    menu = editor.inject.menu()
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text().startswith("Split")).trigger()
    assert scene.session.calls == [
        ("edit", 1, {"type": "http.response.body", "body": "one", "more_body": True}),
        ("inject", 1, "after", {"type": "http.response.body", "body": "two", "more_body": False}),
    ]


def test_what_the_engine_refuses_is_said_and_stays_held(scene: Scene) -> None:
    scene.look(stepping=stepping(hold(42)))
    scene.session.refusal = "type: cannot come here"
    scene.window.holds.release("continue")
    editor = scene.window.messages.editor
    assert editor._noted == "type: cannot come here"
    assert editor.isVisible()


def test_a_body_is_read_in_the_charset_of_the_responses_head(scene: Scene) -> None:
    head = called(42, {})
    start = {"status": 200, "headers": [(b"Content-Type", b"text/plain; charset=ISO-8859-1")]}
    scene.reader.messages_[42] = [head, replace(head, seq=1, direction="send", type="http.response.start", data=start)]
    scene.look(stepping=stepping(hold(42, seq=2, body=b"Gr\xfc\xdfe")))
    assert '"body": "Grüße"' in scene.window.messages.editor.text.toPlainText()


# Injecting


def inject(scene: Scene, where: str = "before") -> Any:
    scene.window.desk.inject_as(where, "")
    return dialog(scene, InjectDialog)


def test_injecting_offers_what_may_come_and_all_else_behind_a_switch(scene: Scene) -> None:
    scene.look(stepping=stepping(hold(42)))
    made = inject(scene, "after")
    types: QComboBox = made.types
    assert [types.itemText(at) for at in range(types.count())] == ["http.response.body"]
    made.edit.setPlainText('{"type": "http.response.body", "body": "typed"}')
    made.illegal.click()
    assert types.findText("http.response.start") > 0
    assert "typed" in made.edit.toPlainText()
    types.setCurrentText("http.response.start")
    assert '"status": 200' in made.edit.toPlainText()
    made.edit.done.emit()
    message = {"type": "http.response.start", "status": 200, "headers": [["content-type", "text/plain"]]}
    assert scene.session.calls == [("inject", 1, "after", message, True)]
    assert not made.isVisible()


def test_what_is_refused_leaves_the_dialog_open_with_what_was_typed(scene: Scene) -> None:
    scene.look(stepping=stepping(forms(hold(42))[2]))
    made = inject(scene)
    made.edit.setPlainText("{")
    made.edit.done.emit()
    assert text(made, "injectError").startswith("line 1, column 2")
    scene.session.refusal = "status: a number from 200 to 999"
    made.edit.setPlainText('{"type": "http.response.start", "status": 1}')
    made.edit.done.emit()
    assert text(made, "injectError") == "status: a number from 200 to 999"
    assert made.isVisible()
    made.reject()


# Breakpoints


def test_a_new_breakpoint_with_all_its_facts(scene: Scene) -> None:
    scene.window.desk.new_breakpoint()
    made = dialog(scene, BreakpointDialog)
    save = next(button for button in made.findChildren(QPushButton) if "Save" in button.text())
    assert not save.isEnabled()
    made.edit.setText("point:send path:/cart")
    assert text(made, "breakpointTold").startswith("Holds where the hook point contains send")
    made.nth.setValue(3)
    made.once.click()
    save.click()
    assert scene.session.calls == [("break_", "point:send path:/cart", True, 3, False, True)]
    assert not made.isVisible()


def test_a_mistake_stands_under_its_column_and_fields_of_messages_are_offered(scene: Scene) -> None:
    scene.window.desk.new_breakpoint()
    made = dialog(scene, BreakpointDialog)
    QTest.keyClicks(made.edit, "mess")
    offered = made.edit._suggestions.stringList()
    assert offered == ["message.type:", "message.size:"]
    made.edit.popup.hide()
    made.edit.setText("point:send sttus:500")
    scene.qtbot.waitUntil(lambda: "unknown field 'sttus'" in text(made, "filterError"))
    error = made.findChild(QLabel, "filterError")
    assert abs(error.x() - (made.edit.x() + made.edit.caret(11))) < 40
    made.once.setFocus()
    assert text(made, "filterError")  # it is said nowhere else
    made.edit.setText("point:send status:500")
    assert text(made, "filterError") == ""
    QTest.keyClick(made.edit, Qt.Key.Key_Escape)
    assert not made.isVisible()


def test_the_list_shows_what_happens_meanwhile_and_keeps_its_selection(scene: Scene) -> None:
    scene.look(stepping=stepping())
    scene.window.desk.breakpoints()
    made = dialog(scene, BreakpointsDialog)
    assert not made.remove.isEnabled()
    made.table.selectRow(1)
    scene.look(stepping=stepping(breakpoints=(CHECKOUT, Breakpoint(2, "status:5xx", log=True, hits=9))))
    assert made.table.currentIndex().row() == 1
    assert made.model.index(1, 2).data() == "9"
    made.remove.click()
    made.edit.click()
    known = dialog(scene, BreakpointDialog)
    assert known.log.isChecked()
    assert isinstance(known.once, QCheckBox)
    assert not known.once.isEnabled()
    known.enabled.click()
    known._save.click()
    header = made.model.headerData(2, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
    assert header & Qt.AlignmentFlag.AlignRight  # as its figures
    assert made.model.index(0, 2).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    changed = Breakpoint(2, "status:5xx", enabled=False, log=True, hits=9)
    assert scene.session.calls == [("remove", 2), ("change", changed)]
    made.reject()


def test_a_held_message_takes_the_room_that_it_needs_from_the_table(scene: Scene) -> None:
    scene.look(stepping=stepping())
    window = scene.window
    window.resize(1280, 800)
    theme.zoom_to(200)
    try:
        rows = window.rows
        rows.setSizes([rows.height(), 0])
        before = window.messages.height()
        scene.look(stepping=stepping(hold(42)))
        scene.qtbot.waitUntil(lambda: window.messages.height() > before)
        scene.qtbot.waitUntil(lambda: window.messages.editor.sheet.height() >= theme.px(50))
        assert window.table.height() >= theme.px(80)
        assert window.height() == 800
    finally:
        theme.zoom_to(100)
