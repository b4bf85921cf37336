from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QSettings
from PySide6.QtWidgets import QApplication, QWidget

from inspector.ui.notifying import Notifier, SystemTray
from inspector.ui.settings import Settings
from tests.support.windows import SERVING

CRASHED = replace(SERVING, phase="crashed", title="The app's process ended: exit code 3.", hint="Restart starts it.")


class FakeTray:
    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.withdrawn = 0

    def tell(self, title: str, text: str) -> None:
        self.told.append((title, text))

    def withdraw(self) -> None:
        self.withdrawn += 1


class Scene:
    """A window that is hidden until it is shown, and what was told."""

    def __init__(self, settings: QSettings) -> None:
        self.window = QWidget()
        self.tray = FakeTray()
        self.alerted: list[QWidget] = []
        self.settings = Settings(settings, self.window)
        self.notifier = Notifier(self.window, self.settings, self.tray, self.alerted.append)
        self.notifier.show_state(SERVING)


@pytest.fixture
def scene(qtbot: Any, settings: QSettings) -> Iterator[Scene]:
    scene = Scene(settings)
    yield scene
    scene.window.close()
    scene.window.deleteLater()


def test_a_crash_is_told_once_while_the_window_is_hidden(scene: Scene) -> None:
    scene.notifier.show_state(CRASHED)
    scene.notifier.show_state(replace(CRASHED, in_flight=1))
    assert scene.tray.told == [(CRASHED.title, CRASHED.hint)]
    assert scene.alerted == [scene.window]
    scene.notifier.show_state(SERVING)
    scene.notifier.show_state(replace(CRASHED, phase="failed", title="", hint=""))
    assert scene.tray.told[1:] == [("The app could not be loaded", "")]


def test_what_the_user_sees_himself_is_not_told(scene: Scene, qtbot: Any) -> None:
    scene.window.show()
    scene.window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is scene.window)
    scene.notifier.show_state(CRASHED)
    assert scene.tray.told == []
    assert scene.alerted == []
    scene.notifier.show_state(SERVING)
    scene.window.showMinimized()
    scene.notifier.show_state(CRASHED)
    assert len(scene.tray.told) == 1


def test_another_window_in_front_is_looking_elsewhere(scene: Scene, qtbot: Any) -> None:
    scene.window.show()
    other = QWidget()
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is other)
    scene.notifier.show_state(CRASHED)
    assert len(scene.tray.told) == 1
    assert QApplication.activeWindow() is other  # nothing takes the focus
    other.close()
    other.deleteLater()


@pytest.mark.parametrize("phase", ["starting", "serving", "stopping", "stopped"])
def test_what_does_not_need_the_user_is_not_told(scene: Scene, phase: str) -> None:
    scene.notifier.show_state(replace(SERVING, phase=phase))
    scene.notifier.show_state(None)
    assert scene.tray.told == []


def test_it_can_be_switched_off(scene: Scene) -> None:
    scene.settings.write("notifications", False)
    scene.notifier.show_state(CRASHED)
    assert scene.tray.told == []
    assert scene.alerted == []


def test_it_is_withdrawn_when_the_window_is_looked_at(scene: Scene) -> None:
    scene.notifier.show_state(CRASHED)
    QApplication.sendEvent(scene.window, QEvent(QEvent.Type.WindowActivate))
    assert scene.tray.withdrawn == 1


def test_without_a_tray_nothing_happens(qtbot: Any) -> None:
    """Offscreen has none."""
    window = QWidget()
    tray = SystemTray(window)
    tray.tell("title", "text")
    tray.withdraw()
    window.deleteLater()
