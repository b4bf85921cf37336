"""What a hold does to the window, and its end: nobody's focus, selection or text is moved, and nothing ends unsaid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtTest import QTest

from inspector.session.stepping import SteppingState
from tests.support.fake_recording import FakeReader, called, exchange
from tests.support.sample_holds import FakeStepping, hold, stepping
from tests.support.windows import Stage


@pytest.fixture
def stage(qtbot: Any, settings: QSettings) -> Iterator[Stage]:
    reader = FakeReader([exchange(number, f"/{number}") for number in range(1, 101)])
    reader.messages_[42] = [called(42, {"type": "http", "method": "GET", "path": "/", "scheme": "http"})]
    made = Stage(settings, reader, stepping=FakeStepping().do)
    window = made.show(qtbot)
    yield made
    window.leave()
    window.deleteLater()


def notice(stage: Stage) -> str:
    found = stage.window.table.notice
    return str(found.text()) if found.isVisible() else ""


def test_a_new_hold_moves_nothing_and_loses_no_text(stage: Stage) -> None:
    window = stage.window
    window.table.pick(7)
    window.filter_bar.edit.setFocus()
    QTest.keyClicks(window.filter_bar.edit, "path:/4")
    window.filter_bar.edit.popup.hide()
    stage.look(stepping=stepping(hold(42), hold(43, 2)))
    assert window.windowTitle() == "shop.main:app — 2 held — Inspector"
    assert window.filter_bar.edit.hasFocus()
    assert window.filter_bar.edit.text() == "path:/4"
    assert window.table.current == 7
    assert not window.messages.editor.isVisible()


def test_text_typed_into_a_hold_outlasts_another(stage: Stage) -> None:
    window = stage.window
    window.table.pick(42)
    stage.look(stepping=stepping(hold(42)))
    window.actions_["hold.edit"].trigger()
    focus = window.focusWidget()
    assert focus is not None
    assert window.messages.editor.isAncestorOf(focus)
    stage.look(stepping=stepping(hold(42), hold(43, 2)))
    assert window.focusWidget() is focus
    assert window.table.current == 42


@pytest.mark.parametrize("phase", ["serving", "crashed"])
def test_an_engine_that_dies_clears_its_holds_and_says_so(stage: Stage, phase: str) -> None:
    """Also where its end is told before the session's phase is another."""
    window = stage.window
    window.table.pick(42)
    stage.look(stepping=stepping(hold(42), hold(43, 2)))
    stage.look(phase=phase, stepping=SteppingState(lost=2))
    assert notice(stage) == "2 holds cleared: the app's process has ended"
    assert window.windowTitle() == "shop.main:app — Inspector"
    assert window.holds.queue == ()
    assert not window.messages.editor.isVisible()
    assert not window.actions_["holds.next"].isEnabled()
    assert not window.actions_["step.continue"].isEnabled()


def test_an_engine_that_stops_releases_its_holds_and_says_so(stage: Stage) -> None:
    stage.look(stepping=stepping(hold(42)))
    stage.look(phase="stopping", stepping=SteppingState(stopped=1))
    assert notice(stage) == "1 hold released: the app is being stopped"


def test_what_the_user_ends_is_not_told(stage: Stage) -> None:
    stage.look(stepping=stepping(hold(42)))
    stage.look(stepping=SteppingState())
    assert notice(stage) == ""


def test_a_client_that_left_is_told_in_the_row_and_its_verbs_go(stage: Stage) -> None:
    window = stage.window
    window.table.pick(42)
    stage.look(stepping=stepping(hold(42, seq=4)))
    assert window.actions_["hold.abort"].isEnabled()
    verbs = [verb for verb in hold().verbs if verb != "abort"]
    stage.look(stepping=stepping(hold(42, seq=4, client_left=True, verbs=verbs)))
    assert not window.actions_["hold.abort"].isEnabled()
    assert window.actions_["step.continue"].isEnabled()
    row = window.messages.model.index(window.messages.model.rowCount() - 1, 5)
    assert row.data().endswith("the client has left")
