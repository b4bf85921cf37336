from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QMessageBox, QPlainTextEdit, QToolButton, QWidget

from inspector.commands.table import COMMANDS
from inspector.errors import InspectorError
from inspector.trace.filter import parse
from inspector.ui import theme
from inspector.ui.picture import render
from inspector.ui.window import Window
from tests.support.fake_recording import FakeReader, exchange
from tests.support.windows import Stage, no_verbs

TRACEBACK = (
    "Traceback (most recent call last):\n  File \"shop/main.py\", line 3\nModuleNotFoundError: No module named 'x'\n"
)


class Asked:
    """Verbs that were asked for."""

    def __init__(self) -> None:
        self.done: list[Any] = []

    def __call__(self, verb: str) -> Any:
        return lambda *arguments: self.done.append((verb, *arguments))


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def stage(qtbot: Any, settings: QSettings, asked: Asked) -> Iterator[Stage]:
    reader = FakeReader([exchange(number, f"/{number}") for number in range(1, 101)])
    names = ("start", "stop", "restart", "open_app", "demo", "quit")
    stage = Stage(settings, reader, **{name: asked(name) for name in names})
    stage.show(qtbot)
    yield stage
    stage.window.leave()
    stage.window.deleteLater()


def label(window: QWidget, name: str) -> str:
    """The text of a label, where it can be seen."""
    found = window.findChild(QLabel, name) or window.findChild(QAbstractButton, name)
    assert found is not None, name
    return found.text() if found.isVisible() else ""


def button(window: QWidget, name: str) -> QAbstractButton:
    found = window.findChild(QAbstractButton, name)
    assert found is not None, name
    return found


def test_a_served_app(stage: Stage) -> None:
    window = stage.window
    assert window.windowTitle() == "shop.main:app — Inspector"
    assert label(window, "appName") == "shop.main:app"
    assert label(window, "interfacePill") == "ASGI 3"
    assert label(window, "addressLabel") == "http://127.0.0.1:8000"
    assert label(window, "recordingIndicator") == "recording"
    assert label(window, "loopLag") == "loop 0.4 ms"
    assert label(window, "engineLabel") == "engine 4711 · Python 3.13.1"
    assert label(window, "lifespanLabel") == "lifespan supported"
    assert label(window, "recordedLabel") == "84.2 of 512 MB recorded"
    assert label(window, "droppedLabel") == "none dropped"
    assert label(window, "exchangeCount") == "100 exchanges"
    assert label(window, "networkMark") == ""
    assert not window.banner.isVisible()
    assert window.table.hasFocus()


def test_picking_an_exchange_shows_it(stage: Stage) -> None:
    stage.window.table.pick(97)
    assert stage.window.messages.exchange is not None
    assert stage.window.messages.exchange.id == 97
    assert stage.window.details.row is not None
    assert stage.window.details.row.id == 97


def test_traffic_moves_neither_selection_nor_scroll_nor_focus_nor_typed_text(stage: Stage, qtbot: Any) -> None:
    window = stage.window
    window.table.verticalScrollBar().setValue(20 * theme.row_height())
    window.table.pick(30)
    window.filter_bar.edit.setFocus()
    QTest.keyClicks(window.filter_bar.edit, "path:")
    window.filter_bar.edit.popup.hide()
    window.filter_bar.edit.setCursorPosition(2)
    for first in range(101, 2101, 100):
        stage.reader.put(*(exchange(number) for number in range(first, first + 100)))
        stage.look()
    assert window.table.verticalScrollBar().value() == 20 * theme.row_height()
    assert window.table.current == 30
    assert window.table.currentIndex().row() == 29
    assert window.filter_bar.edit.hasFocus()
    assert window.filter_bar.edit.text() == "path:"
    assert window.filter_bar.edit.cursorPosition() == 2


def test_a_filter_typed_while_2000_rows_a_second_stream_in_loses_no_key(stage: Stage, qtbot: Any) -> None:
    window = stage.window
    numbers = iter(range(101, 1_000_000))
    stream = QTimer()
    stream.timeout.connect(lambda: stage.reader.put(*(exchange(next(numbers), "/lamp") for _ in range(20))))
    stream.start(10)
    window.filter_bar.edit.setFocus()
    text = "status:>=200 and path:/lamp"
    for character in text:
        QTest.keyClick(window.filter_bar.edit, character, Qt.KeyboardModifier.NoModifier, 15)
    assert window.filter_bar.edit.text() == text
    qtbot.waitUntil(lambda: window.filter_bar.node == parse(text) and not window._model._pending)
    stream.stop()
    stage.look()
    shown = [window._model.id_at(row) for row in range(window._model.rowCount())]
    assert shown == list(range(101, next(numbers)))
    assert len(shown) > 500


def test_the_filter_is_counted_and_explained(stage: Stage, qtbot: Any) -> None:
    window = stage.window
    window.filter_bar.edit.setText("path=/7")
    with qtbot.waitSignal(window._model.replaced):
        window.filter_bar.apply()
    assert label(window, "exchangeCount") == "1 of 100"
    assert label(window, "filterExplanation") == "the path is /7"
    window.filter_bar.edit.setText("path=/none")
    with qtbot.waitSignal(window._model.replaced):
        window.filter_bar.apply()
    assert window.lesson.isVisible()
    with qtbot.waitSignal(window._model.replaced):
        window.actions_["filter.clear"].trigger()
    assert label(window, "exchangeCount") == "100 exchanges"
    assert not window.lesson.isVisible()


@pytest.mark.parametrize("keys", ["Ctrl+F", "Ctrl+L"])
def test_shortcuts_from_the_table_to_the_filter(stage: Stage, keys: str) -> None:
    stage.window.table.setFocus()
    combination = QKeySequence(keys)[0]
    QTest.keyClick(stage.window, combination.key(), combination.keyboardModifiers())
    assert stage.window.filter_bar.edit.hasFocus()


def test_toolbar_follows_the_session(stage: Stage, asked: Asked) -> None:
    window = stage.window
    assert button(window, "session.stop.button").isVisible()
    assert not button(window, "session.start.button").isVisible()
    button(window, "session.restart.button").click()
    stage.look(phase="stopped", pid=0)
    assert label(window, "phaseLabel") == "stopped"
    assert label(window, "addressLabel") == ""
    assert label(window, "recordingIndicator") == "not recording"
    assert not window.actions_["address.copy"].isEnabled()
    button(window, "session.start.button").click()
    assert asked.done == [("restart",), ("start",)]


def test_copying_and_the_address(stage: Stage, qtbot: Any) -> None:
    window, clipboard = stage.window, QGuiApplication.clipboard()
    button(window, "address.copy.button").click()
    assert clipboard.text() == "http://127.0.0.1:8000"
    assert not window.actions_["exchange.copy_url"].isEnabled()
    window.table.pick(42)
    for command, text in (
        ("exchange.copy_path", "/42"),
        ("exchange.copy_url", "http://127.0.0.1:8000/42"),
        ("exchange.copy_curl", "curl http://127.0.0.1:8000/42"),
    ):
        window.actions_[command].trigger()
        qtbot.waitUntil(lambda text=text: clipboard.text() == text)


def test_an_address_that_others_can_reach_is_marked(stage: Stage) -> None:
    stage.look(url="http://0.0.0.0:8000")
    assert label(stage.window, "networkMark") == "reachable from the network"
    stage.look(url="http://[::1]:8000")
    assert label(stage.window, "networkMark") == ""


@pytest.mark.parametrize("phase", ["failed", "crashed"])
def test_what_went_wrong_is_told_with_one_click_to_go_on(stage: Stage, asked: Asked, phase: str) -> None:
    window = stage.window
    stage.look(phase=phase, title="shop/main.py could not be imported", hint="Install x.", text=TRACEBACK)
    assert label(window, "bannerTitle") == "shop/main.py could not be imported"
    assert label(window, "bannerHint") == "Install x."
    text = window.findChild(QPlainTextEdit, "bannerText")
    assert not text.isVisible()
    button(window, "showTraceback").click()
    assert text.isVisible()
    assert text.toPlainText() == TRACEBACK.rstrip()
    assert button(window, "bannerRestart").property("role") == "primary"
    assert button(window, "showTraceback").property("role") == ""
    button(window, "bannerRestart").click()
    assert asked.done == [("restart",)]
    assert window.table.hasFocus()
    stage.look(phase="serving", title="", hint="", text="")
    assert not window.banner.isVisible()


def test_a_long_traceback_at_200_per_cent_leaves_the_window_small(stage: Stage) -> None:
    theme.zoom_to(200)
    stage.look(phase="failed", title="It could not be imported", hint="Install x.", text="line\n" * 60)
    button(stage.window, "showTraceback").click()
    stage.window.resize(1280, 800)
    assert (stage.window.width(), stage.window.height()) == (1280, 800)
    assert stage.window.minimumSizeHint().height() <= 800


def test_stop_is_quiet_where_nothing_runs(stage: Stage) -> None:
    stop = stage.window.findChild(QToolButton, "session.stop.button")
    for phase, role in (("serving", ""), ("crashed", "quiet"), ("serving", ""), ("failed", "quiet")):
        stage.look(phase=phase)
        assert stop.property("role") == role


@pytest.mark.parametrize("verdict", ["failed", "raised", "hung"])
def test_a_verdict_on_the_lifespan_is_told(stage: Stage, verdict: str) -> None:
    stage.look(lifespan=verdict, lifespan_text=TRACEBACK)
    assert "startup" in label(stage.window, "bannerTitle") or "started" in label(stage.window, "bannerTitle")
    assert label(stage.window, "lifespanLabel") == f"lifespan {verdict}"
    button(stage.window, "dismissBanner").click()
    stage.look(loop_lag_ns=1)
    assert not stage.window.banner.isVisible()  # the same news once


def test_a_restart_that_would_end_what_runs_is_not_the_loud_one(stage: Stage) -> None:
    stage.look(phase="serving", stalled_ns=3_000_000_000, stalled_where="shop/main.py, line 4")
    assert button(stage.window, "showTraceback").property("role") == "primary"
    assert button(stage.window, "bannerRestart").property("role") == ""


def test_a_reload_is_told_only_where_it_takes_long(stage: Stage, qtbot: Any) -> None:
    stage.look(phase="failed", title="shop/main.py could not be imported")
    stage.look(phase="starting", title="")
    assert label(stage.window, "bannerTitle") == "shop/main.py could not be imported"  # until there is other news
    stage.look(phase="serving")
    assert not stage.window.banner.isVisible()
    stage.look(phase="starting")
    assert not stage.window.banner.isVisible()
    qtbot.waitUntil(lambda: label(stage.window, "bannerTitle") == "The app is being loaded")
    assert not button(stage.window, "bannerRestart").isVisible()
    stage.look(phase="serving")
    assert not stage.window.banner.isVisible()


def test_a_blocked_loop_and_a_problem_of_ours_are_told(stage: Stage) -> None:
    stage.look(stalled_ns=3_200_000_000, stalled_where="shop/main.py:12 in slow")
    assert label(stage.window, "bannerTitle") == "The app has kept the event loop from turning for 3 s"
    stage.look(stalled_ns=0, problem="The disk is full: nothing is recorded")
    assert label(stage.window, "bannerTitle") == "The disk is full: nothing is recorded"


def test_an_empty_table_teaches_the_first_request(qtbot: Any, settings: QSettings) -> None:
    stage = Stage(settings)
    window = stage.show(qtbot)
    assert label(window, "curlLine") == "curl http://127.0.0.1:8000/"
    button(window, "copyCurl").click()
    assert QGuiApplication.clipboard().text() == "curl http://127.0.0.1:8000/"
    stage.reader.put(exchange(1))
    stage.look()
    assert not window.lesson.isVisible()
    window.leave()
    window.deleteLater()


def test_a_recording_from_a_file(qtbot: Any, settings: QSettings) -> None:
    stage = Stage(settings, FakeReader([exchange(number) for number in range(1, 101)]))
    stage.state = None
    window = stage.show(qtbot, "monday.inspector")
    assert window.windowTitle() == "monday.inspector — Inspector"
    assert label(window, "engineLabel") == "recording from a file"
    assert not window.actions_["session.restart"].isEnabled()
    assert not button(window, "session.restart.button").isVisible()
    assert window._model.id_at(window.table.visible_rows()[0]) == 1
    window.leave()
    window.deleteLater()


def test_the_welcome_page(qtbot: Any, settings: QSettings, asked: Asked, tmp_path: Path) -> None:
    recording = tmp_path / "monday.inspector"
    recording.touch()
    window = Window(
        no_verbs(demo=asked("demo"), open_app=asked("open_app"), open_recording=asked("open_recording")), settings
    )
    window.places.remember("shop.main:app")
    window.places.remember(str(recording))
    window.show_welcome()
    window.show()
    assert window.windowTitle() == "Inspector"
    assert window.welcome.isVisible()
    button(window, "welcome.demo.open").click()
    for name in ("shop.main:app", str(recording)):
        next(it for it in window.welcome.findChildren(QAbstractButton) if it.text() == name).click()
    button(window, "welcome.app.open").click()
    edit = window.findChild(QLineEdit, "appEdit")
    QTest.keyClicks(edit, "main:app")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert asked.done == [
        ("demo",),
        ("open_app", "shop.main:app"),
        ("open_recording", recording),
        ("open_app", "main:app"),
    ]
    window.leave()
    window.deleteLater()


def test_closing_asks_first_and_remembers_where_things_stood(qtbot: Any, settings: QSettings, asked: Asked) -> None:
    stage = Stage(settings, quit=asked("quit"))
    window = stage.show(qtbot)
    window.rows.setSizes([200, 500])
    window.panels.setSizes([300, 900])
    QTest.qWait(1)
    stood = window.rows.sizes(), window.panels.sizes()
    window.close()
    assert asked.done == [("quit",)]
    assert window.isVisible()
    window.leave()
    assert not window.isVisible()
    window.deleteLater()
    again = Stage(settings)
    window = again.show(qtbot)
    assert [round(size / 10) for size in window.rows.sizes()] == [round(size / 10) for size in stood[0]]
    assert [round(size / 10) for size in window.panels.sizes()] == [round(size / 10) for size in stood[1]]
    window.leave()
    window.deleteLater()


def test_every_action_has_a_menu_entry_and_shortcuts_are_unique(stage: Stage) -> None:
    menu = button(stage.window, "menuButton").menu()
    entries = [action for sub in menu.actions() if sub.menu() for action in sub.menu().actions()]
    assert "Recent" in [action.text() for action in entries if action.menu()]
    entries = [each for action in entries for each in (action.menu().actions() if action.menu() else [action])]
    commands = {action.objectName() for action in entries if not action.isSeparator() and action.objectName()}
    assert commands == {c.id for c in COMMANDS}
    keys = Counter(
        sequence.toString() for action in stage.window.actions() for sequence in action.shortcuts()
    ) + Counter(
        it.shortcut().toString() for it in stage.window.findChildren(QAbstractButton) if not it.shortcut().isEmpty()
    )
    assert [key for key, count in keys.items() if count > 1] == []


def test_what_can_be_used_has_a_name(stage: Stage) -> None:
    nameless = [
        f"{type(it).__name__} {it.objectName()}"
        for it in stage.window.findChildren(QWidget)
        if it.focusPolicy() & Qt.FocusPolicy.TabFocus and it.isVisible() and not it.accessibleName()
        and not (isinstance(it, QAbstractButton) and it.text())
    ]  # fmt: skip
    assert nameless == []
    names = Counter(it.objectName() for it in stage.window.findChildren(QWidget) if it.objectName()[:3] != "qt_")
    assert {name for name in ("exchangeTable", "filterEdit", "messageTable") if names[name] != 1} == set()


def test_another_theme_is_another_picture_and_is_remembered(stage: Stage) -> None:
    dark = render(stage.window)
    stage.window.actions_["theme.light"].trigger()
    assert stage.window.actions_["theme.light"].isChecked()
    assert not stage.window.actions_["theme.dark"].isChecked()
    light = render(stage.window)
    assert dark.pixelColor(5, 5) == theme.DARK.panel
    assert light.pixelColor(5, 5) == theme.LIGHT.panel
    assert stage.window.places.settings.value("theme") == "light"
    theme.choose("dark")
    Window(no_verbs(), stage.window.places.settings).deleteLater()
    assert theme.current() is theme.LIGHT


def test_a_picture_in_a_file(stage: Stage, tmp_path: Path) -> None:
    image = render(stage.window, tmp_path / "window.png", (900, 600), 2.0)
    assert (image.width(), image.height()) == (1800, 1200)
    assert (tmp_path / "window.png").stat().st_size > 10_000
    with pytest.raises(OSError, match="cannot be written"):
        render(stage.window, tmp_path / "none" / "window.png")


def test_an_error_is_told_in_words(stage: Stage, qtbot: Any) -> None:
    stage.window.complain(InspectorError("monday.inspector is no recording", "Open another file.", "<b>detail</b>"))
    box = stage.window.findChild(QMessageBox, "errorDialog")
    assert box.text() == "monday.inspector is no recording"
    assert box.informativeText() == "Open another file."
    before = box.iconPixmap().toImage()
    theme.choose("light")
    assert box.icon() == QMessageBox.Icon.NoIcon
    assert not before.isNull()
    assert box.iconPixmap().toImage() != before
    box.close()


def test_in_flight_is_what_the_engine_says(stage: Stage) -> None:
    """Not the open rows: a lifespan is one as long as its app runs."""
    stage.reader.put(exchange(101, kind="lifespan", path="", status=None, total=None))
    stage.look()
    assert label(stage.window, "inFlightLabel") == "0 in flight"
    stage.look(in_flight=2)
    assert label(stage.window, "inFlightLabel") == "2 in flight"


def test_leaving_ends_the_thread_and_leaves_the_reader_to_its_maker(qtbot: Any, settings: QSettings) -> None:
    stage = Stage(settings)
    window = stage.show(qtbot)
    window.leave()
    assert stage.reader.closed  # the one that the worker opened, here the same
    assert window.source is None
    window.deleteLater()


def test_a_recording_that_cannot_be_read_any_more_is_told_once(stage: Stage, qtbot: Any) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise InspectorError("today.inspector is damaged")

    stage.reader.rows = broken  # type: ignore[method-assign]
    stage.reader.put(exchange(101))
    stage.look()
    stage.window.table.pick(100)
    stage.window.table.viewport().repaint()
    stage.look()
    (box,) = stage.window.findChildren(QMessageBox, "errorDialog")
    assert box.text() == "today.inspector is damaged"
    box.close()
    del stage.reader.rows


def test_a_shortcut_of_a_panel_is_of_that_panel_alone(stage: Stage) -> None:
    """Ctrl+C is that of most panels: of two of a window neither would copy."""
    found = [it for it in stage.window.findChildren(QShortcut) if it.key() == QKeySequence("Ctrl+C")]
    assert len(found) >= 3
    assert {it.context() for it in found} == {Qt.ShortcutContext.WidgetShortcut}
