"""The toolbar says as much as there is room for: the app's name last of all goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QLabel, QToolButton

from inspector.ui import theme
from inspector.ui.panels.parts import Elided
from tests.support.windows import Stage

VERBS = ("step.continue", "step.next", "step.to_send", "hold.abort")


@pytest.fixture
def stage(qtbot: Any, settings: QSettings) -> Iterator[Stage]:
    made = Stage(settings)
    made.show(qtbot)
    yield made
    made.window.leave()
    made.window.deleteLater()


def verb(stage: Stage, name: str) -> QToolButton:
    found = stage.window.toolbar.findChild(QToolButton, f"{name}.button")
    assert isinstance(found, QToolButton)
    return found


def resized(stage: Stage, qtbot: Any, width: int) -> None:
    stage.window.resize(width, 800)
    qtbot.waitUntil(lambda: stage.window.toolbar.width() == width)


def test_every_verb_has_its_word_in_a_wide_window(stage: Stage, qtbot: Any) -> None:
    resized(stage, qtbot, 2000)
    for name in VERBS:
        button = verb(stage, name)
        assert button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        assert button.width() >= button.fontMetrics().horizontalAdvance(button.text()) + button.iconSize().width()


@pytest.mark.parametrize("zoom", [100, 200])
def test_the_name_of_the_app_stays_and_the_address_is_told_in_short(stage: Stage, qtbot: Any, zoom: int) -> None:
    theme.zoom_to(zoom)
    resized(stage, qtbot, 2400)
    app = stage.window.toolbar.findChild(Elided, "appName")
    address = stage.window.toolbar.findChild(Elided, "addressLabel")
    assert address.text() == "http://127.0.0.1:8000"
    for width in range(2400, 640 * zoom // 100, -97):
        resized(stage, qtbot, width)
        assert app.text() == "shop.main:app", width
        assert not address.isVisible() or address.text() in ("http://127.0.0.1:8000", "127.0.0.1:8000", ":8000"), width
    resized(stage, qtbot, 2400)
    assert address.text() == "http://127.0.0.1:8000"


def test_where_there_is_no_room_only_the_verbs_that_can_be_done_are_there(stage: Stage, qtbot: Any) -> None:
    theme.zoom_to(200)
    resized(stage, qtbot, 1280)
    for done, there in (("", []), ("step.next", ["step.next"]), ("", [])):
        stage.window.actions_["step.next"].setEnabled(bool(done))
        qtbot.waitUntil(lambda there=there: [name for name in VERBS if verb(stage, name).isVisible()] == there)


def test_a_word_of_the_banner_is_never_cut(stage: Stage, qtbot: Any) -> None:
    theme.zoom_to(200)
    stage.look(
        phase="failed",
        title="shop/main.py could not be imported: No module named 'pydantic'",
        hint="Install it into the interpreter that runs the app, or choose another one with --python.",
        text="a\nb\nc\n",
    )
    for width in (1280, 1440, 1900):
        resized(stage, qtbot, width)
        for name in ("bannerTitle", "bannerHint"):
            said = stage.window.banner.findChild(QLabel, name)
            qtbot.waitUntil(lambda said=said: said.height() >= said.heightForWidth(said.width()))
