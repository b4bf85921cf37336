"""Exceptions: headline, chain in words, whose frames are whose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from inspector.recording.rows import FailureRow
from inspector.ui import theme
from inspector.ui.panels.exception import ExceptionView
from tests.support.sample_exchanges import failing


@pytest.fixture
def view(qtbot: QtBot) -> ExceptionView:
    view = ExceptionView()
    qtbot.addWidget(view)
    view.resize(800, 400)
    return view


def test_headline_and_chain(view: ExceptionView) -> None:
    view.show_failures(failing().failures)
    assert view.objectName() == "exceptionView"
    texts = {label.objectName(): label.text() for label in view.findChildren(QLabel)}
    assert texts["exceptionType"] == "shop.errors.ReportFailed"
    assert texts["exceptionMessage"] == "no report for 2025-02: the month has no orders"
    lines = view.text.toPlainText().split("\n")
    assert lines[0] == "note: asked by ada@example.org"
    assert lines[lines.index("caused by") + 1] == "KeyError: '2025-02'"
    assert "/srv/shop/shop/reports.py:41  monthly" in lines
    assert "▸ 3 frames in starlette" in lines
    assert lines[-1] == "▸ 1 frame in Python, raised in __getitem__, collections/__init__.py:1015"


def color_of(view: ExceptionView, words: str) -> str:
    cursor = view.text.document().find(words)
    assert not cursor.isNull()
    cursor.setPosition(cursor.selectionEnd())
    return cursor.charFormat().foreground().color().name()


def test_the_apps_own_frames_stand_out(view: ExceptionView) -> None:
    view.show_failures(failing().failures)
    palette = theme.current()
    assert color_of(view, "return await reports.monthly(month)") == palette.text.name()
    view._choose("0:0:0")
    assert color_of(view, "await route.handle") == palette.third.name()


def test_nothing_moves_while_it_is_read(view: ExceptionView) -> None:
    failures = failing().failures
    view.show_failures(failures)
    view.text.moveCursor(QTextCursor.MoveOperation.End)
    place = view.text.textCursor().position()
    view.show_failures(list(failures))
    assert view.text.textCursor().position() == place


def test_copy_gives_what_python_prints(view: ExceptionView) -> None:
    view.show_failures(failing().failures)
    view.copy()
    assert QApplication.clipboard().text().startswith("Traceback (most recent call last):")


def test_no_chain_shows_the_text(view: ExceptionView) -> None:
    view.show_failures([replace(failing().failures[0], chain=[], text="Traceback\n  as it was")])
    assert view.text.toPlainText() == "Traceback\n  as it was"


def test_hostile_chains_are_bounded(view: ExceptionView) -> None:
    frame = {"file": "a\0" * 1_000, "line": "x", "function": None, "source": "s\u202e" * 10_000}
    chain = [{"type": 7, "message": "m" * 10**6, "frames": [frame, None, 7] * 2_000, "notes": [None]}] * 3
    view.show_failures([FailureRow(1, 1, "\0" * 10**6, "\u202e" * 10**6, "", chain)] * 2)  # type: ignore[list-item]
    assert len(view.text.toPlainText()) < 400_000
    assert view.text.toPlainText().endswith("see it whole")
    assert len(view.text.links) < 20_000
    view.show_failures([FailureRow(1, 1, "", "", "", [{}, {"relation": "strange"}])])
    assert "no frames of the app" in view.text.toPlainText()


def fold_of(view: ExceptionView) -> QPoint:
    """Where the first fold can be clicked."""
    cursor = QTextCursor(view.text.document())
    cursor.setPosition(view.text.links[0][0] + 5)
    return view.text.cursorRect(cursor).center()


def test_a_run_of_foreign_frames_opens_and_folds_by_a_click(view: ExceptionView, qtbot: QtBot) -> None:
    view.show_failures(failing().failures)
    view.grab()
    folded = view.text.toPlainText()
    assert "route.handle" not in folded
    qtbot.mouseClick(view.text.viewport(), Qt.MouseButton.LeftButton, pos=fold_of(view))
    assert "starlette/routing.py:715  app\nawait route.handle(scope, receive, send)" in view.text.toPlainText()
    qtbot.mouseClick(view.text.viewport(), Qt.MouseButton.LeftButton, pos=fold_of(view))
    assert view.text.toPlainText() == folded


def test_folds_and_places_are_reached_by_the_keyboard(view: ExceptionView, qtbot: QtBot) -> None:
    view.show_failures(failing().failures)
    view.show()
    qtbot.keyClick(view.text, Qt.Key.Key_Tab)
    assert view.text.current_link() == "0:0:0"
    qtbot.keyClick(view.text, Qt.Key.Key_Return)
    assert "route.handle" in view.text.toPlainText()
    assert view.text.current_link() == "0:0:0"  # one can fold it again at once
    qtbot.keyClick(view.text, Qt.Key.Key_Space)
    assert "route.handle" not in view.text.toPlainText()
    for _ in range(2):
        qtbot.keyClick(view.text, Qt.Key.Key_Tab)
    with qtbot.waitSignal(view.place_chosen) as told:
        qtbot.keyClick(view.text, Qt.Key.Key_Return)
    assert told.args == ["/srv/shop/shop/reports.py", 41]
    qtbot.keyClick(view.text, Qt.Key.Key_Backtab)
    assert view.current_place() == ("/srv/shop/shop/main.py", 88)


def test_the_place_is_where_the_apps_own_code_was_last(view: ExceptionView) -> None:
    assert view.current_place() is None
    view.show_failures(failing().failures)
    assert view.current_place() == ("/srv/shop/shop/reports.py", 41)


def test_where_nothing_is_the_apps_nothing_is_folded(view: ExceptionView) -> None:
    failure = failing().failures[0]
    chain = [{**failure.chain[0], "frames": failure.chain[0]["frames"][:3]}]
    view.show_failures([replace(failure, chain=chain)])
    assert "route.handle" in view.text.toPlainText()


def on_disk(tmp_path: Path, source: str) -> tuple[FailureRow, Path]:
    """A failure at line 4 of a file that is there, raised now."""
    file = tmp_path / "reports.py"
    file.write_text("import month\n\ndef monthly():\n    raise ReportFailed()\n    # never\n")
    frame = {"file": str(file), "line": 4, "function": "monthly", "source": source}
    failure = failing().failures[0]
    return replace(failure, t_ns=0, chain=[{"type": "E", "message": "", "frames": [frame], "notes": []}]), file


def test_the_source_around_a_frame_is_shown_from_disk(view: ExceptionView, tmp_path: Path, qtbot: QtBot) -> None:
    failure, file = on_disk(tmp_path, "raise ReportFailed()")
    view.show_failures([failure], file.stat().st_mtime_ns + 1)
    qtbot.waitUntil(lambda: "never" in view.text.toPlainText())
    assert view.text.toPlainText().split("\n") == [
        f"{file}:4  monthly", "  2  ", "  3  def monthly():", "> 4      raise ReportFailed()", "  5      # never",
    ]  # fmt: skip
    assert color_of(view, "raise ReportFailed()") == theme.current().text.name()
    assert color_of(view, "# never") == theme.current().third.name()


def test_a_file_that_was_written_since_says_so(view: ExceptionView, tmp_path: Path, qtbot: QtBot) -> None:
    failure, file = on_disk(tmp_path, "raise ReportFailed()")
    view.show_failures([failure], file.stat().st_mtime_ns - 1)
    qtbot.waitUntil(lambda: view.text.toPlainText().endswith("# never\nThe file has changed since"))
    failure, file = on_disk(tmp_path, "raise OtherError()")
    view.show_failures([failure], file.stat().st_mtime_ns + 1)
    qtbot.waitUntil(lambda: "another line stands there now" in view.text.toPlainText())
    assert "raise OtherError()" in view.text.toPlainText()
    assert "never" not in view.text.toPlainText()


def test_scroll_stays_where_sources_come_later(view: ExceptionView, tmp_path: Path, qtbot: QtBot) -> None:
    failure, file = on_disk(tmp_path, "raise ReportFailed()")
    failure.chain[0]["notes"] = [f"note {number}" for number in range(200)]
    view.show_failures([failure], file.stat().st_mtime_ns + 1)
    view.grab()
    view.text.verticalScrollBar().setValue(120)
    qtbot.waitUntil(lambda: "never" in view.text.toPlainText())
    view.grab()
    assert view.text.verticalScrollBar().value() == 120
