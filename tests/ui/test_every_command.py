"""Every command there is, done once through the palette on a real window, by its effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from inspector.commands.command import Command
from inspector.commands.table import COMMANDS
from inspector.recording.marks import COLOURS, Marks
from inspector.ui import theme
from inspector.ui.window import Window
from tests.support.fake_recording import FakeReader, called, exchange
from tests.support.sample_holds import FakeStepping, hold, mendable, stepping
from tests.support.windows import Stage

VERBS = ("start", "stop", "restart", "clear", "demo", "quit")
Scene = Any
"""The stage, with what was asked of the program (`asked`) and of the browser (`browsed`)."""


def asks(verb: str) -> Callable[[Scene], bool]:
    return lambda scene: scene.asked == [verb]


def opens(name: str) -> Callable[[Scene], bool]:
    def effect(scene: Scene) -> bool:
        dialog = scene.window.findChild(QDialog, name)
        shown = dialog is not None and dialog.isVisible()
        if shown:
            dialog.reject()
        return shown

    return effect


def copies(text: str) -> Callable[[Scene], bool]:
    return lambda _scene: QGuiApplication.clipboard().text() == text


def copies_soon(part: str) -> Callable[[Scene], bool]:
    """What is made on another thread."""

    def effect(scene: Scene) -> bool:
        scene.qtbot.waitUntil(lambda: part in QGuiApplication.clipboard().text())
        return True

    return effect


def marks(given: Marks) -> Callable[[Scene], bool]:
    return lambda scene: scene.marked == [([42], given)]


def closes_popup() -> bool:
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()
    return popup is not None


def focus_is_in(part: Callable[[Window], Any]) -> Callable[[Scene], bool]:
    def effect(scene: Scene) -> bool:
        focus = QApplication.focusWidget()
        return focus is part(scene.window) or part(scene.window).isAncestorOf(focus)

    return effect


def _ready(phase: str = "serving", then: Callable[[Stage], object] = lambda _stage: None) -> Callable[[Stage], None]:
    def prepare(stage: Stage) -> None:
        if phase != "serving":
            stage.look(phase=phase)
        then(stage)

    return prepare


def _in_scope(stage: Stage) -> None:
    stage.window.table.pick(42)
    stage.window.details.scope.setFocus()


def _found(stage: Stage) -> None:
    """Each of the four lines of the scope has an h."""
    _in_scope(stage)
    stage.window.finder.open()
    stage.window.finder.bar.edit.setText("h")
    while stage.window.finder.searching:
        QApplication.processEvents()


def steps(*calls: object) -> Callable[[Scene], bool]:
    """What the session was asked."""
    return lambda scene: scene.steps == list(calls)


def _held(stage: Stage) -> None:
    """Exchange 42 is selected and held at its body, 43 is held, too."""
    stage.window.table.pick(42)
    stage.look(stepping=stepping(hold(42), hold(43, 2)))


def _mendable(stage: Stage) -> None:
    stage.window.table.pick(42)
    stage.look(stepping=stepping(mendable(hold(42))))


def _held_elsewhere(stage: Stage) -> None:
    stage.window.table.pick(1)
    stage.look(stepping=stepping(hold(42)))


EFFECTS: dict[str, Callable[[Scene], bool]] = {
    "app.open": opens("openAppDialog"),
    "recording.open": opens("openRecordingDialog"),
    "demo.open": asks("demo"),
    "recording.save": opens("saveRecordingDialog"),
    "recording.clear": asks("clear"),
    "inspector.quit": asks("quit"),
    "session.start": asks("start"),
    "session.stop": asks("stop"),
    "session.restart": asks("restart"),
    "address.copy": copies("http://127.0.0.1:8000"),
    "address.open": lambda scene: scene.browsed == ["http://127.0.0.1:8000"],
    "exchange.copy_path": copies_soon("/42"),
    "exchange.copy_url": copies_soon("http://127.0.0.1:8000/42"),
    "exchange.copy_curl": copies_soon("curl http://127.0.0.1:8000/42"),
    "exchange.copy_text": copies_soon("/42"),
    "exchange.copy_tsv": copies_soon("/42"),
    "exchange.copy_json": copies_soon("/42"),
    "exchange.copy_messages": copies_soon("/42"),
    "scope.copy_python": copies_soon("'path'"),
    "messages.copy_tsv": copies_soon("scope"),
    "messages.copy_json": copies_soon("http"),
    "place.open": opens("errorDialog"),  # no place is chosen, which is said
    "exchange.pin": marks(Marks(pinned=True)),
    "exchange.note": opens("noteDialog"),
    **{f"exchange.colour_{name}": marks(Marks(colour=name)) for name in COLOURS},
    "exchange.colour_none": marks(Marks(colour="")),
    "exchange.hide_host": lambda scene: "host" in scene.window.filter_bar.edit.text(),
    "exchange.hide_path": lambda scene: scene.window.filter_bar.edit.text() == "not path=/42",
    "exchange.only_path": lambda scene: scene.window.filter_bar.edit.text() == "path=/42",
    "columns.choose": lambda _scene: closes_popup(),
    "columns.reset": lambda scene: scene.window.table.arrangement() == scene.columns,
    "step.continue": steps(("act", "continue", 1)),
    "step.next": steps(("act", "step", 1)),
    "step.to_send": steps(("act", "step_send", 1)),
    "step.finish": steps(("act", "finish", 1)),
    "step.resume_all": steps(("resume_all",)),
    "hold.edit": lambda scene: scene.window.messages.editor.text.hasFocus(),
    "hold.drop": steps(("act", "drop", 1)),
    "hold.inject_before": opens("injectDialog"),
    "hold.inject_after": opens("injectDialog"),
    "hold.mend": steps(("act", "mend", 1)),
    "hold.split": lambda scene: "Split" in scene.window.messages.editor._noted,  # the caret is in no chunk
    "hold.merge": steps(("act", "merge", 1)),
    "hold.disconnect": steps(("act", "disconnect", 1)),
    "hold.fail": steps(("act", "fail", 1)),
    "hold.abort": steps(("act", "abort", 1)),
    "holds.next": lambda scene: scene.window.table.current == 42 and scene.steps == [],
    "holds.show": lambda scene: scene.window.queue.isVisible(),
    "breakpoints.on": steps(("breaking", False)),
    "step.hold_next": steps(("hold_next",)),
    "breakpoints.new": opens("breakpointDialog"),
    "breakpoints.like": opens("breakpointDialog"),
    "breakpoints.edit": opens("breakpointsDialog"),
    "past.first": lambda scene: scene.window.walk.at == 0,
    "past.back": lambda scene: scene.window.walk.at == 2,
    "past.leave": lambda scene: scene.window.walk.at is None and not scene.window.details.past.isVisible(),
    "runs.show": lambda scene: scene.window.runs.showing,
    "filter.focus": focus_is_in(lambda window: window.filter_bar.edit),
    "filter.clear": lambda scene: scene.window.filter_bar.edit.text() == "",
    "find.open": lambda scene: scene.window.finder.bar.isVisible() and scene.window.finder.bar.edit.hasFocus(),
    "find.next": lambda scene: scene.window.finder.bar.count.text() == "2 of 4",
    "find.previous": lambda scene: scene.window.finder.bar.count.text() == "4 of 4",
    "view.follow": lambda scene: scene.window.table.following,
    "region.next": focus_is_in(lambda window: window.messages),
    "region.previous": focus_is_in(lambda window: window.filter_bar),
    "theme.system": lambda _scene: theme.choice() == "system",
    "theme.light": lambda _scene: theme.current() is theme.LIGHT,
    "theme.dark": lambda _scene: theme.choice() == "dark",
    "zoom.in": lambda scene: theme.zoom() == 110 == scene.window.settings.read("zoom"),
    "zoom.out": lambda _scene: theme.zoom() == 90,
    "zoom.reset": lambda _scene: theme.zoom() == 100,
    "view.full_screen": lambda scene: scene.window.isFullScreen(),
    "view.reset_layout": lambda scene: scene.window.rows.sizes()[0] < scene.window.rows.sizes()[1],
    "settings.open": opens("settingsDialog"),
    "palette.open": lambda scene: scene.window.command_palette.isVisible(),
    "shortcuts.open": opens("shortcutsDialog"),
    "inspector.about": opens("aboutDialog"),
}
"""What can be seen after the command. A new command takes its place here."""

READY: dict[str, Callable[[Stage], object]] = {
    "session.start": _ready("stopped"),
    "filter.clear": _ready(then=lambda stage: stage.window.filter_bar.edit.setText("path:/4")),
    "find.open": _ready(then=_in_scope),
    "find.next": _found,
    "find.previous": _found,
    "zoom.reset": _ready(then=lambda _stage: theme.zoom_to(150)),
    "theme.dark": _ready(then=lambda _stage: theme.choose("light")),
    "view.reset_layout": _ready(then=lambda stage: stage.window.rows.setSizes([700, 100])),
} | {
    command.id: _ready(then=lambda stage: stage.window.table.pick(42))
    for command in COMMANDS
    if command.menu == "Exchange"
}
READY |= {
    **{command.id: _held for command in COMMANDS if command.menu == "Step"},
    "holds.next": _held_elsewhere,
    "past.first": _ready(then=lambda stage: stage.window.table.pick(42)),
    "past.back": _ready(then=lambda stage: (stage.window.table.pick(42), stage.window.walk.go(3))),
    "past.leave": _ready(then=lambda stage: (stage.window.table.pick(42), stage.window.walk.go(3))),
    "hold.mend": _mendable,
    "hold.merge": _mendable,
    "hold.disconnect": lambda stage: (
        stage.window.table.pick(42),
        stage.look(stepping=stepping(hold(42, point="receive", verbs=["continue", "disconnect"]))),
    ),
}
"""What has to be there before, where a served app with a hundred exchanges is not enough."""


@pytest.fixture
def scene(qtbot: Any, settings: QSettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    asked: list[str] = []
    browsed: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: browsed.append(url.toString()))
    reader = FakeReader([exchange(number, f"/{number}") for number in range(1, 101)])
    reader.messages_[42] = [called(42, {"type": "http", "method": "GET", "path": "/", "scheme": "http"})]
    verbs = {verb: (lambda *_, verb=verb: asked.append(verb)) for verb in VERBS}
    session = FakeStepping()
    verbs["stepping"] = session.do
    marked: list[Any] = []
    verbs["mark"] = lambda ids, marks, _then: marked.append((list(ids), marks))
    scene: Scene = Stage(settings, reader, **verbs)
    scene.qtbot, scene.marked = qtbot, marked
    scene.asked, scene.browsed = asked, browsed
    scene.steps = session.calls
    window = scene.show(qtbot)
    scene.columns = window.table.arrangement()
    yield scene
    window.leave()
    window.deleteLater()


def type_into_palette(window: Window, command: Command) -> None:
    """As a user does: the palette, the name, Enter on the line with it."""
    window.actions_["palette.open"].trigger()
    QTest.keyClicks(window.command_palette.edit, command.title.rstrip("…"))
    assert window.command_palette.model.commands[0].id == command.id
    QTest.keyClick(window.command_palette.edit, Qt.Key.Key_Return)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_a_command_through_the_palette(scene: Scene, command: Command) -> None:
    READY.get(command.id, lambda _stage: None)(scene)
    QGuiApplication.clipboard().setText("")
    effect = EFFECTS[command.id]
    type_into_palette(scene.window, command)
    assert effect(scene)
    if command.id != "palette.open":
        assert not scene.window.command_palette.isVisible()
        assert scene.window.command_palette.recent()[0] == command.id
