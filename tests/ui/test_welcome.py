from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QToolButton

from inspector.finder import Candidate, Found
from inspector.ui import theme
from inspector.ui.lesson import Lesson
from inspector.ui.panels.parts import Elided
from inspector.ui.window import Window
from tests.support.fake_recording import FakeReader, exchange
from tests.support.windows import Stage, no_verbs

PYTHON = str(Path(".venv/bin/python"))


def candidate(app: str = "shop.main:app", python: str = "", **more: Any) -> Candidate:
    facts = {"interface": "asgi3", "file": "shop/main.py", "line": 12, "why": "FastAPI()", "project": app, **more}
    return Candidate(app=app, python=python, **facts)


@pytest.fixture
def served() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def window(qtbot: Any, settings: QSettings, served: list[tuple[str, str]]) -> Iterator[Window]:
    window = Window(no_verbs(serve_found=lambda *found: served.append(found)), settings)
    window.show()
    yield window
    window.leave()
    window.deleteLater()


def shown(window: Window) -> str:
    labels = window.welcome.findChildren(QLabel)
    return "\n".join(each.whole() if isinstance(each, Elided) else each.text() for each in labels if each.isVisible())


def serve(window: Window, app: str) -> QToolButton:
    found = window.findChild(QToolButton, f"serve.{app}")
    assert found is not None
    return found


def test_the_apps_of_the_folder_stand_first_and_enter_serves_the_likeliest(
    window: Window, qtbot: Any, served: list[tuple[str, str]]
) -> None:
    window.welcome.show_search("/home/ada/shop")
    assert "Looking for apps in /home/ada/shop" in shown(window)
    window.welcome.show_found(Found((candidate(), candidate("old:app"))), "/home/ada/shop")
    text = shown(window)
    assert "Found in /home/ada/shop" in text
    assert "ASGI 3 · FastAPI() in shop/main.py:12" in text
    assert "inspector shop.main:app" in text
    first = serve(window, "shop.main:app")
    qtbot.waitUntil(lambda: window.focusWidget() is first)
    qtbot.keyClick(first, Qt.Key.Key_Return)
    qtbot.mouseClick(serve(window, "old:app"), Qt.MouseButton.LeftButton)
    assert served == [("shop.main:app", ""), ("old:app", "")]


def test_a_search_that_comes_late_takes_no_focus(window: Window, qtbot: Any) -> None:
    chosen = window.findChild(QToolButton, "welcome.recording.open")
    assert chosen is not None
    chosen.setFocus()
    window.welcome.show_found(Found((candidate(),)), "/home/ada/shop")
    assert window.focusWidget() is chosen


def test_an_environment_is_used_where_it_is_ticked(window: Window, qtbot: Any, served: list[tuple[str, str]]) -> None:
    window.welcome.show_found(Found((candidate(python=PYTHON), candidate("old:app"))), "/home/ada/shop")
    tick = window.findChild(QCheckBox, "useEnvironment")
    assert tick is not None
    assert PYTHON in tick.text()
    assert not tick.isChecked()
    tick.click()
    assert f"inspector --python {PYTHON} shop.main:app" in shown(window)
    assert "inspector old:app" in shown(window)
    serve(window, "shop.main:app").click()
    serve(window, "old:app").click()
    assert served == [("shop.main:app", PYTHON), ("old:app", "")]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Found(()), "No app was found by reading the source"),
        (Found((), whole=False), "not every file was looked at"),
        (Found(tuple(candidate(f"a{number}:app") for number in range(9))), "3 more apps in this folder"),
    ],
)
def test_what_is_said_of_none_and_of_many(window: Window, found: Found, said: str) -> None:
    window.welcome.show_found(found, "/home/ada/shop")
    assert said in shown(window)
    window.welcome.show_found(Found((candidate(),)), "/home/ada/shop")
    assert said not in shown(window)


def test_names_from_outside_act_on_nothing(window: Window) -> None:
    window.welcome.show_found(Found((candidate("a\u202eb.py:app", why="x\ny()"),)), "/tmp/\u202ex")
    assert "\u202e" not in shown(window)
    assert "x\u21b5y()" in shown(window)


@pytest.mark.parametrize(
    ("rows", "taught"),
    [
        ([], True),
        ([exchange(1, kind="lifespan")], True),
        ([exchange(1, kind="lifespan"), exchange(2, "/")], False),
        ([exchange(1, "/")], False),
        ([exchange(number, kind="lifespan") for number in range(1, 9)], False),
    ],
)
def test_the_table_teaches_until_a_client_comes(qtbot: Any, settings: QSettings, rows: list[Any], taught: bool) -> None:
    stage = Stage(settings, FakeReader(rows))
    window = stage.show(qtbot)
    lesson = window.findChild(Lesson, "emptyTable")
    assert lesson is not None
    qtbot.waitUntil(lambda: window.table.model().rowCount() == len(rows))
    assert lesson.isVisible() is taught
    if taught and rows:
        assert lesson.geometry().top() >= window.table.visualRect(window.table.model().index(0, 0)).bottom()
    stage.reader.put(exchange(99, "/"))
    stage.look()
    qtbot.waitUntil(lambda: not lesson.isVisible())
    window.leave()
    window.deleteLater()


def test_the_buttons_keep_their_words_in_another_look(window: Window) -> None:
    button = window.welcome.findChild(QToolButton, "welcome.app.open")
    before = button.text()
    theme.choose("light")
    assert button.text() == before
