from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from inspector.commands.table import COMMANDS
from inspector.ui import theme
from inspector.ui.command_palette import COMMAND, CommandPalette, found, rank
from tests.support.fake_recording import FakeReader, exchange
from tests.support.windows import Stage

BY_ID = {command.id: command for command in COMMANDS}


@pytest.fixture
def stage(qtbot: Any, settings: QSettings) -> Iterator[Stage]:
    asked: list[str] = []
    stage = Stage(settings, FakeReader([exchange(number) for number in range(1, 5)]), stop=lambda: asked.append("stop"))
    stage.asked = asked  # type: ignore[attr-defined]
    stage.show(qtbot)
    yield stage
    stage.window.leave()
    stage.window.deleteLater()


def opened(stage: Stage) -> CommandPalette:
    QTest.keyClick(stage.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert stage.window.command_palette.isVisible()
    return stage.window.command_palette


def titles(palette: CommandPalette) -> list[str]:
    return [command.id for command in palette.model.commands]


def test_the_nearest_name_is_first() -> None:
    ids = [command.id for command in found(COMMANDS, "copy", [], lambda _: True)]
    assert ids[:4] == ["address.copy", "exchange.copy_path", "exchange.copy_url", "exchange.copy_curl"]
    assert found(COMMANDS, "cpurl", [], lambda _: True)[0].id == "exchange.copy_url"
    assert [command.id for command in found(COMMANDS, "curl command", [], lambda _: True)] == ["exchange.copy_curl"]
    assert found(COMMANDS, "xyzzy", [], lambda _: True) == []
    assert rank(BY_ID["session.stop"], "STOP") == 0


def test_what_was_used_last_stands_first(stage: Stage) -> None:
    palette = opened(stage)
    palette.edit.setText("light")
    QTest.keyClick(palette.edit, Qt.Key.Key_Return)
    assert theme.current() is theme.LIGHT
    assert titles(opened(stage))[0] == "theme.light"


def test_arrows_choose_and_escape_gives_the_focus_back(stage: Stage) -> None:
    window = stage.window
    window.filter_bar.edit.setFocus()
    palette = opened(stage)
    assert palette.edit.hasFocus()
    QTest.keyClick(palette.edit, Qt.Key.Key_Down)
    assert palette.list.currentIndex().row() == 1
    QTest.keyClick(palette.edit, Qt.Key.Key_Up)
    QTest.keyClick(palette.edit, Qt.Key.Key_Up)
    assert palette.list.currentIndex().row() == len(palette.model.commands) - 1
    QTest.keyClick(palette.edit, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert window.filter_bar.edit.hasFocus()


def test_what_cannot_be_done_says_what_it_needs_and_does_nothing(stage: Stage) -> None:
    palette = opened(stage)
    palette.edit.setText("copy url")
    assert palette.model.said(palette.model.commands[0]) == "needs a selected exchange"
    QTest.keyClick(palette.edit, Qt.Key.Key_Return)
    assert palette.isVisible()
    stage.window.table.pick(2)
    assert palette.model.said(palette.model.commands[0]) == BY_ID["exchange.copy_url"].tooltip


def test_going_elsewhere_closes_it(stage: Stage) -> None:
    palette = opened(stage)
    stage.window.messages.table.setFocus()
    stage.window.table.setFocus()
    assert not palette.isVisible()
    assert stage.window.table.hasFocus()


def test_the_button_in_the_status_bar_names_the_keys(stage: Stage) -> None:
    button = stage.window.status_bar.findChild(object, "commandsButton")
    assert button.text() == "Ctrl+K commands"
    button.click()
    assert stage.window.command_palette.isVisible()


@pytest.mark.parametrize("zoom", [75, 100, 200])
def test_it_stays_within_the_window(stage: Stage, zoom: int) -> None:
    stage.window.resize(1280, 800)
    theme.zoom_to(zoom)
    palette = opened(stage)
    assert stage.window.rect().contains(palette.geometry())
    stage.window.resize(1000, 780)
    assert stage.window.rect().contains(palette.geometry())


def test_its_model_is_one(stage: Stage) -> None:
    """The CommandList."""
    palette = opened(stage)
    tester = QAbstractItemModelTester(palette.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    palette.edit.setText("copy")
    palette.edit.setText("")
    spoken = palette.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    command = palette.model.index(0).data(COMMAND)
    assert spoken == f"{command.title.rstrip('…')}, Ctrl+O, {command.tooltip}"
    tester.deleteLater()
