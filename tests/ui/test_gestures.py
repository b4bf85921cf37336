from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel

from inspector.recording.schema import APPLICATION_ID
from inspector.ui import theme
from inspector.ui.gestures import offer
from tests.support.fake_recording import FakeReader, exchange
from tests.support.windows import Stage

COPY, LEFT, NONE = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def stage(qtbot: Any, settings: QSettings) -> Iterator[Stage]:
    asked: list[Any] = []
    stage = Stage(
        settings,
        FakeReader([exchange(number) for number in range(1, 50)]),
        open_app=lambda name: asked.append(("app", name)),
        open_recording=lambda path: asked.append(("recording", path)),
    )
    stage.asked = asked  # type: ignore[attr-defined]
    stage.show(qtbot)
    yield stage
    stage.window.leave()
    stage.window.deleteLater()


def dragged(*paths: Path | str) -> QMimeData:
    data = QMimeData()
    data.setUrls([path if isinstance(path, QUrl) else QUrl.fromLocalFile(str(path)) for path in paths])
    data.setText("\n".join(map(str, paths)))  # as file managers do
    return data


def enter(stage: Stage, data: QMimeData) -> QDragEnterEvent:
    """Over the filter, which would take the text of it."""
    event = QDragEnterEvent(QPoint(100, 60), COPY, data, LEFT, NONE)
    QApplication.sendEvent(stage.window.windowHandle(), event)
    return event


def drop(stage: Stage, data: QMimeData) -> None:
    QApplication.sendEvent(stage.window.windowHandle(), QDropEvent(QPointF(100, 60), COPY, data, LEFT, NONE))


def told(stage: Stage) -> str:
    label = stage.window.findChild(QLabel, "dropTitle")
    return label.text() if label.isVisible() else ""


@pytest.mark.parametrize("name", ["shop.py", "monday.inspector"])
def test_what_is_dropped_is_opened_and_told_before(stage: Stage, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.touch()
    data = dragged(file)
    assert enter(stage, data).isAccepted()
    app = name.endswith(".py")
    assert told(stage) == (f"Open {name} as an app" if app else f"Open the recording {name}")
    assert stage.window.findChild(QLabel, "dropHint").text() == "The app that is served now is stopped."
    drop(stage, data)
    assert stage.asked == [("app", str(file)) if app else ("recording", file)]  # type: ignore[attr-defined]
    assert told(stage) == ""
    assert stage.window.filter_bar.edit.text() == ""


def test_what_cannot_be_opened_is_refused_in_words(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not much")
    data = dragged(tmp_path / "notes.txt")
    enter(stage, data)
    assert told(stage) == "notes.txt is neither a Python file nor a recording"
    move = QDragMoveEvent(QPoint(100, 60), COPY, data, LEFT, NONE)
    QApplication.sendEvent(stage.window.windowHandle(), move)
    assert not move.isAccepted()
    drop(stage, data)
    assert stage.asked == []  # type: ignore[attr-defined]
    enter(stage, data)
    QApplication.sendEvent(stage.window.windowHandle(), QDragLeaveEvent())
    assert told(stage) == ""


def test_every_kind_of_thing_has_its_words(tmp_path: Path) -> None:
    renamed = tmp_path / "renamed.db"
    connection = sqlite3.connect(renamed)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("CREATE TABLE t (a)")
    connection.commit()
    connection.close()
    assert offer(dragged(renamed), live=False).recording  # type: ignore[union-attr]
    assert offer(dragged(tmp_path), live=False).title.endswith("is a folder")  # type: ignore[union-attr]
    assert offer(dragged(tmp_path / "gone.bin"), live=False).title == "gone.bin cannot be read"  # type: ignore[union-attr]
    assert offer(dragged("a.py", "b.py"), live=False).title == "One file at a time"  # type: ignore[union-attr]
    far = offer(dragged(QUrl("https://example.com/a.py")), live=False)  # type: ignore[arg-type]
    assert far is not None
    assert far.title.endswith("is not on this machine")
    assert not far.path
    assert offer(QMimeData(), live=False) is None


def test_text_that_is_dragged_is_none_of_ours(stage: Stage) -> None:
    data = QMimeData()
    data.setText("path:/a")
    enter(stage, data)
    assert told(stage) == ""


def wheel(stage: Stage, notches: float, modifiers: Qt.KeyboardModifier) -> None:
    at = stage.window.table.mapTo(stage.window, QPoint(50, 50))
    event = QWheelEvent(
        QPointF(at), QPointF(stage.window.mapToGlobal(at)), QPoint(), QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(stage.window.windowHandle(), event)


def test_ctrl_and_the_wheel_zoom_and_the_wheel_alone_scrolls(stage: Stage) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    wheel(stage, 1, control)
    assert theme.zoom() == 110
    wheel(stage, 0.5, control)
    assert theme.zoom() == 110
    wheel(stage, 0.5, control)
    assert theme.zoom() == 125
    wheel(stage, -1, control)
    assert theme.zoom() == 110
    stage.window.table.verticalScrollBar().setValue(0)
    wheel(stage, -1, Qt.KeyboardModifier.NoModifier)
    assert theme.zoom() == 110
    for _ in range(20):
        wheel(stage, 1, control)
    assert theme.zoom() == 200
