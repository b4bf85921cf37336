from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest

from inspector.ui import theme
from inspector.ui.settings import USUAL, Settings
from inspector.ui.settings_dialog import SettingsDialog, editor_complaint
from tests.support.fake_recording import FakeReader, exchange
from tests.support.windows import Stage


@pytest.fixture
def stage(qtbot: Any, settings: QSettings) -> Iterator[Stage]:
    stage = Stage(settings)
    stage.show(qtbot)
    yield stage
    stage.window.leave()
    stage.window.deleteLater()


@pytest.fixture
def dialog(stage: Stage) -> Iterator[SettingsDialog]:
    stage.window.actions_["settings.open"].trigger()
    dialog = stage.window.findChild(SettingsDialog)
    yield dialog
    dialog.close()


@pytest.mark.parametrize("name", USUAL)
@pytest.mark.parametrize("broken", ["", "garbage \0", ["a", "b"], b"bytes"])
def test_a_broken_setting_is_as_on_the_first_day(settings: QSettings, qtbot: Any, name: str, broken: object) -> None:
    settings.setValue(name, broken)
    read = Settings(settings).read(name)
    assert type(read) is type(USUAL[name])
    if name != "editor" or not isinstance(broken, str):
        assert read == USUAL[name]


def test_settings_come_back_from_the_file(settings: QSettings, qtbot: Any) -> None:
    for name, value in (("theme", "light"), ("zoom", 150), ("notifications", False), ("editor", "vim +{line} {file}")):
        Settings(settings).write(name, value)
    settings.sync()
    read = Settings(QSettings(settings.fileName(), QSettings.Format.IniFormat)).read
    assert (read("theme"), read("zoom"), read("notifications"), read("follow")) == ("light", 150, False, True)
    assert read("editor") == "vim +{line} {file}"


def test_choices_apply_at_once(stage: Stage, dialog: SettingsDialog) -> None:
    dialog.theme.setFocus()
    QTest.keyClick(dialog.theme, Qt.Key.Key_Down)
    assert theme.current() is theme.LIGHT
    assert stage.window.actions_["theme.light"].isChecked()
    QTest.keyClick(dialog.zoom, Qt.Key.Key_Down)
    assert theme.zoom() == 110
    dialog.notifications.click()
    assert stage.window.settings.read("notifications") is False
    stage.window.actions_["zoom.reset"].trigger()
    assert dialog.zoom.currentText() == "100 %"


def test_an_editor_without_a_place_for_the_file_is_not_kept(stage: Stage, dialog: SettingsDialog) -> None:
    QTest.keyClicks(dialog.editor, "code -g {file}:{line}")
    assert stage.window.settings.read("editor") == "code -g {file}:{line}"
    dialog.editor.clear()
    QTest.keyClicks(dialog.editor, "emacs")
    assert "{file} is missing" in dialog.complaint.text()
    assert dialog.complaint.isVisible()
    assert stage.window.settings.read("editor") == "code -g {file}:{line}"  # what was right last
    assert editor_complaint('code "{file}') == "A quotation mark is not closed: the former command stays in force"


def test_where_they_are_is_said_and_opens(dialog: SettingsDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    path = dialog.findChild(object, "settingsPath").whole()
    assert path.endswith("settings.ini")
    dialog.findChild(object, "openSettingsFile").click()
    assert opened == [path]


def test_asking_twice_is_one_dialog(stage: Stage, dialog: SettingsDialog) -> None:
    stage.window.actions_["settings.open"].trigger()
    assert stage.window.findChildren(SettingsDialog) == [dialog]


@pytest.mark.parametrize("follow", [True, False])
def test_following_at_the_start_is_a_choice(qtbot: Any, settings: QSettings, follow: bool) -> None:
    Settings(settings).write("follow", follow)
    stage = Stage(settings, FakeReader([exchange(number) for number in range(1, 200)]))
    window = stage.show(qtbot)
    assert window.table.following is follow
    window.leave()
    window.deleteLater()
