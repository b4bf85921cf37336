"""Stepping through the past in the window: the keys, what every panel shows, and that no hold is ever met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QSettings, Qt
from PySide6.QtTest import QTest

from inspector.errors import InspectorError
from inspector.recording.rows import HoldRow
from inspector.ui import theme
from inspector.ui.models.message_table import TYPE
from inspector.ui.panels.details import EXCEPTION, LOG, MESSAGE, REQUEST, RESPONSE, TIMING
from inspector.ui.window import Window
from tests.support.fake_recording import FakeReader, exchange
from tests.support.sample_exchanges import checkout, failing, ms, waiting
from tests.support.sample_holds import FakeStepping, hold, stepping
from tests.support.sample_shop import ShopReader
from tests.support.windows import Stage

ID = 98_310


@pytest.fixture
def steps() -> FakeStepping:
    return FakeStepping()


@pytest.fixture
def stage(qtbot: Any, settings: QSettings, steps: FakeStepping) -> Iterator[Stage]:
    reader = ShopReader(checkout(), failing(), waiting())
    made = Stage(settings, reader, stepping=steps.do)
    made.window.resize(1200, 800)
    window = made.show(qtbot)
    window.table.pick(ID)
    yield made
    window.leave()
    window.deleteLater()


def press(window: Window, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(window, key, modifier)


def place(window: Window) -> str:
    return window.details.past.place.whole() if not window.details.past.isHidden() else ""


def turn(window: Window, tab: int) -> None:
    window.details.tabs.setCurrentIndex(tab)


def test_the_keys_go_forward_back_and_to_the_end(stage: Stage) -> None:
    window = stage.window
    assert place(window) == ""
    press(window, Qt.Key.Key_F10)
    assert place(window) == "As of message 1 of 5, 0.30 ms"
    press(window, Qt.Key.Key_F10)
    assert place(window) == "As of message 2 of 5, 0.71 ms"
    press(window, Qt.Key.Key_F8)
    assert place(window) == "As of message 3 of 5, 7.80 ms"
    press(window, Qt.Key.Key_F8)
    press(window, Qt.Key.Key_F8)  # none follows: to the last one
    assert place(window) == "As of message 5 of 5, 8.02 ms"
    press(window, Qt.Key.Key_F10)
    assert place(window) == "As of message 5 of 5, 8.02 ms"
    press(window, Qt.Key.Key_F12)
    assert place(window) == "As of message 4 of 5, 7.84 ms"
    press(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    press(window, Qt.Key.Key_F5)
    assert place(window) == "As of message 5 of 5, 8.02 ms"
    assert window.messages.table.currentIndex().row() == 4
    press(window, Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    assert place(window) == ""
    press(window, Qt.Key.Key_F12)  # back from the present
    assert place(window) == "As of message 5 of 5, 8.02 ms"
    QTest.keyClick(window.table, Qt.Key.Key_Escape)
    assert place(window) == ""


def test_every_panel_shows_the_moment_and_the_tab_stays(stage: Stage) -> None:
    window = stage.window
    details = window.details
    turn(window, RESPONSE)
    press(window, Qt.Key.Key_F10)
    assert details.tabs.currentIndex() == RESPONSE
    assert details._pages.currentWidget() is details.response
    assert details.response._nothing.isVisible()  # the app has not answered yet
    press(window, Qt.Key.Key_F8)
    assert details.response.line.whole() == "HTTP/1.1 201 Created"
    assert details.response._body is not None
    assert details.response._body.size == 0
    press(window, Qt.Key.Key_F8)
    assert details.response._body.size == 113
    turn(window, REQUEST)
    for _ in range(3):
        press(window, Qt.Key.Key_F12)
    assert place(window).startswith("As of message 1 of")
    assert details.request._body is not None
    assert details.request._body.size == 0
    press(window, Qt.Key.Key_F10)
    assert details.request._body.size == 179
    turn(window, LOG)
    assert details.tabs.tabText(LOG) == "Log"
    press(window, Qt.Key.Key_F10)
    assert details.tabs.tabText(LOG) == "Log 3"
    turn(window, TIMING)
    assert details.timing.lines()[-1] == ("in all", "7.8 ms", "From the request's first byte until this message.")
    turn(window, MESSAGE)
    assert details.message.type.whole() == "http.response.start"
    press(window, Qt.Key.Key_F10)
    assert details.message.type.whole() == "http.response.body"
    press(window, Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    turn(window, TIMING)
    assert details.timing.lines()[-1][2] == "From the request's first byte to the end of the exchange."


def test_an_exception_comes_with_its_message(stage: Stage) -> None:
    window = stage.window
    window.table.pick(98_309)
    press(window, Qt.Key.Key_F10)
    assert not window.details.tabs.isTabVisible(EXCEPTION)
    press(window, Qt.Key.Key_F5)
    while window.messages.model.message(window.walk.at or 0).direction != "raise":  # type: ignore[union-attr]
        press(window, Qt.Key.Key_F12)
    assert window.details.tabs.isTabVisible(EXCEPTION)
    press(window, Qt.Key.Key_F12)
    assert not window.details.tabs.isTabVisible(EXCEPTION)


def test_later_messages_are_quiet_and_one_that_is_clicked_is_the_moment(stage: Stage) -> None:
    window, model = stage.window, stage.window.messages.model
    press(window, Qt.Key.Key_F10)
    row = model.message(3)
    assert row is not None
    assert model.later(row)
    assert model.index(3, TYPE).data(Qt.ItemDataRole.AccessibleTextRole) == "http.response.body, later"
    table = window.messages.table
    spot = table.visualRect(model.index(3, TYPE)).center()
    tab = window.details.tabs.currentIndex()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert place(window) == "As of message 4 of 5, 7.84 ms"
    assert window.details.tabs.currentIndex() == tab
    assert not model.later(row)
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Up)
    assert place(window) == "As of message 3 of 5, 7.80 ms"
    QTest.keyClick(table, Qt.Key.Key_Escape)
    assert place(window) == ""
    assert model.past is None


def test_another_exchange_is_shown_as_it_is_now(stage: Stage) -> None:
    window = stage.window
    press(window, Qt.Key.Key_F10)
    window.table.pick(7)
    assert place(window) == ""
    assert window.walk.at is None
    assert window.messages.model.past is None
    press(window, Qt.Key.Key_F10)
    assert place(window) == "As of message 1 of 2, 0.30 ms"


def test_a_live_exchange_grows_meanwhile(stage: Stage) -> None:
    window = stage.window
    window.table.pick(7)
    press(window, Qt.Key.Key_F5)
    assert place(window) == ""  # the end of the past is the present: F5 has nothing to do
    press(window, Qt.Key.Key_F10)
    assert window.messages.model.rowCount() == 2  # what the app waits for is not of the past
    row = stage.reader.rows_[7]
    more = replace(stage.reader.messages_[7][1], seq=2, t_ns=ms(9))
    stage.reader.messages_[7].append(more)
    stage.reader.put(replace(row, message_count=3))
    stage.look()
    assert place(window) == "As of message 1 of 3, 0.30 ms"
    press(window, Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    assert window.messages.model.rowCount() == 4


def test_a_hold_of_the_exchange_is_told_and_never_met(stage: Stage, steps: FakeStepping) -> None:
    window = stage.window
    press(window, Qt.Key.Key_F10)
    stage.look(stepping=stepping(hold(ID, seq=5)))
    strip = window.details.past
    assert strip._held.whole() == "held at send now: leave to step it"
    assert window.holds.current is None
    assert not window.messages.editor.isVisible()
    for key in (Qt.Key.Key_F10, Qt.Key.Key_F8, Qt.Key.Key_F5):
        press(window, key)
    press(window, Qt.Key.Key_F8, Qt.KeyboardModifier.ControlModifier)  # drop
    press(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ControlModifier)  # abort
    assert steps.calls == []
    assert place(window).startswith("As of message 5 of 5")
    press(window, Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    assert window.messages.editor.isVisible()
    press(window, Qt.Key.Key_F12)  # what is held is not walked
    assert place(window) == ""
    press(window, Qt.Key.Key_F10)
    assert steps.calls == [("act", "step", 1)]


def test_while_another_is_held_the_keys_go_there_first(stage: Stage, steps: FakeStepping) -> None:
    window = stage.window
    stage.look(stepping=stepping(hold(7, seq=2)))
    press(window, Qt.Key.Key_F10)
    assert window.table.current == 7
    assert place(window) == ""
    assert steps.calls == []
    window.table.pick(ID)
    press(window, Qt.Key.Key_F12, Qt.KeyboardModifier.ControlModifier)  # but the past can be asked for
    assert place(window) == "As of message 1 of 5, 0.30 ms"
    press(window, Qt.Key.Key_F10)
    assert place(window).startswith("As of message 2 of 5")
    assert window.table.current == ID
    assert steps.calls == []


def test_the_focus_and_the_rows_stay(stage: Stage) -> None:
    window = stage.window
    window.filter_bar.edit.setFocus()
    QTest.keyClicks(window.filter_bar.edit, "path:")
    window.filter_bar.edit.popup.hide()
    press(window, Qt.Key.Key_F10)
    stage.reader.put(*(exchange(number) for number in range(1, 50)))
    stage.look()
    assert window.filter_bar.edit.hasFocus()
    assert window.filter_bar.edit.text() == "path:"
    assert place(window) == "As of message 1 of 5, 0.30 ms"


def test_a_held_span_ends_at_the_moment(stage: Stage) -> None:
    window = stage.window
    zero = stage.reader.rows_[ID].t0_ns
    stage.reader.holds_[ID] = [HoldRow(1, 1, "receive", zero + 400_000, zero + 600_000, "step")]
    turn(window, TIMING)
    press(window, Qt.Key.Key_F10)
    assert "held by you" not in [line[0] for line in window.details.timing.lines()]
    press(window, Qt.Key.Key_F10)
    assert ("held by you", "0.2 ms") in [line[:2] for line in window.details.timing.lines()]


def test_a_recording_from_a_file(qtbot: Any, settings: QSettings) -> None:
    stage = Stage(settings, ShopReader(checkout()))
    stage.state = None
    window = stage.show(qtbot, "monday.inspector")
    window.table.pick(ID)
    press(window, Qt.Key.Key_F10)
    press(window, Qt.Key.Key_F10)
    assert place(window) == "As of message 2 of 5, 0.71 ms"
    theme.zoom_to(200)
    assert place(window) == "As of message 2 of 5, 0.71 ms"
    window.leave()
    window.deleteLater()


def test_a_recording_that_cannot_be_read_is_told_and_the_walk_ends(
    stage: Stage, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = stage.window
    told: list[str] = []
    monkeypatch.setattr(window, "complain", lambda error: told.append(error.title))

    def unreadable(*_: Any) -> Any:
        raise InspectorError("shop.inspector is damaged")

    press(window, Qt.Key.Key_F10)
    with monkeypatch.context() as broken:
        broken.setattr(stage.reader, "holds", unreadable)
        press(window, Qt.Key.Key_F10)
        assert set(told) == {"shop.inspector is damaged"}
        assert (window.walk.at, window.messages.model.past, place(window)) == (None, None, "")
        told.clear()
        broken.setattr(stage.reader, "messages", unreadable)
        press(window, Qt.Key.Key_F8)
        assert told == ["shop.inspector is damaged"]
    press(window, Qt.Key.Key_F10)
    assert place(window).startswith("As of message 1 of 5")
    with monkeypatch.context() as broken:
        broken.setattr(stage.reader, "rows", unreadable)
        press(window, Qt.Key.Key_F12, Qt.KeyboardModifier.ShiftModifier)
    assert told == ["shop.inspector is damaged"] * 2
    assert place(window) == ""


def test_what_cannot_be_walked_is_not(qtbot: Any, settings: QSettings) -> None:
    stage = Stage(settings, FakeReader([exchange(1, message_count=0)]))
    window = stage.show(qtbot)
    assert not window.actions_["step.next"].isEnabled()
    window.table.pick(1)
    assert not window.actions_["step.next"].isEnabled()
    assert not window.actions_["past.back"].isEnabled()
    window.walk.back()
    assert window.walk.at is None
    assert QModelIndex() == window.messages.table.currentIndex()
    window.leave()
    window.deleteLater()
