from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QByteArray, QPoint, QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox

from inspector.ui import theme
from inspector.ui.recent import RecentMenu
from inspector.ui.window import Window
from tests.support.fake_recording import FakeReader, exchange
from tests.support.windows import Stage, no_verbs


@pytest.fixture
def asked() -> list[Any]:
    return []


@pytest.fixture
def window(qtbot: Any, settings: QSettings, asked: list[Any]) -> Iterator[Window]:
    window = Window(no_verbs(open_app=asked.append, open_recording=asked.append), settings)
    window.show()
    yield window
    window.leave()
    window.deleteLater()


def another(settings: QSettings) -> Window:
    return Window(no_verbs(), settings)


@pytest.mark.parametrize("state", ["isMaximized", "isFullScreen"])
def test_maximised_and_full_screen_come_back(window: Window, settings: QSettings, state: str) -> None:
    window.showMaximized() if state == "isMaximized" else window.showFullScreen()
    window.places.save()
    again = another(settings)
    assert getattr(again, state)()
    again.deleteLater()


def test_the_tab_and_the_zoom_come_back(qtbot: Any, settings: QSettings) -> None:
    stage = Stage(settings, FakeReader([exchange(1)]))
    window = stage.show(qtbot)
    window.table.pick(1)
    window.details.tabs.setCurrentIndex(4)
    window.actions_["zoom.in"].trigger()
    window.leave()
    window.deleteLater()
    theme.zoom_to(100)
    stage = Stage(settings, FakeReader([exchange(1)]))
    window = stage.show(qtbot)
    window.table.pick(1)
    assert window.details.tabs.currentIndex() == 4
    assert theme.zoom() == 110
    window.leave()
    window.deleteLater()


@pytest.mark.parametrize("broken", [QByteArray(b"garbage"), "text", 17])
def test_a_broken_layout_is_the_first_days(qtbot: Any, settings: QSettings, broken: object) -> None:
    for name in ("geometry", "rows", "panels", "tab"):
        settings.setValue(name, broken)
    window = another(settings)
    assert min(window.rows.sizes() + window.panels.sizes()) > 0
    assert window.details.kept in range(7)
    window.deleteLater()


def test_a_window_of_a_screen_that_is_gone_comes_back_to_one_that_is_there(window: Window) -> None:
    room = QGuiApplication.primaryScreen().availableGeometry()
    window.resize(600, 700)
    window.move(QPoint(5000, 4000))
    window.places.come_back()
    assert room.contains(window.geometry().center())
    there = window.pos()
    window.places.come_back()
    assert window.pos() == there


def menu_of(window: Window) -> RecentMenu:
    menu = window.findChild(RecentMenu)
    menu.aboutToShow.emit()
    return menu


def test_recent_ones_are_in_the_menu(window: Window, tmp_path: Path, asked: list[Any]) -> None:
    assert [action.text() for action in menu_of(window).actions()] == ["Nothing was open yet"]
    recording = tmp_path / "a&b.inspector"
    recording.touch()
    window.places.remember(str(recording))
    window.places.remember("shop.main:app")
    first, second = menu_of(window).actions()
    assert first.text() == "&1  shop.main:app"
    assert second.text().endswith("a&&b.inspector")
    first.trigger()
    second.trigger()
    assert asked == ["shop.main:app", recording]


@pytest.mark.parametrize("name", ["gone.inspector", "gone.py", "gone.py:app"])
def test_what_is_gone_says_so_and_can_be_forgotten(window: Window, tmp_path: Path, asked: list[Any], name: str) -> None:
    window.places.remember(str(tmp_path / name))
    for answer, left in ((QMessageBox.ButtonRole.RejectRole, 1), (QMessageBox.ButtonRole.AcceptRole, 0)):
        menu_of(window).actions()[0].trigger()
        (box,) = [box for box in window.findChildren(QMessageBox, "goneDialog") if box.isVisible()]
        assert box.text() == f"{name.removesuffix(':app')} is not there any more"
        assert str(tmp_path) in box.informativeText()
        next(button for button in box.buttons() if box.buttonRole(button) == answer).click()
        assert len(window.places.recent()) == left
    assert asked == []
