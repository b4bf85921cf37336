"""Exceptions: headline, chain in words, whose frames are whose."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from inspector.recording.rows import FailureRow
from inspector.ui import theme
from inspector.ui.panels.exception import ExceptionView, is_library, shorten
from tests.support.sample_exchanges import failing


@pytest.fixture
def view(qtbot: QtBot) -> ExceptionView:
    view = ExceptionView()
    qtbot.addWidget(view)
    view.resize(800, 400)
    return view


@pytest.mark.parametrize(
    ("file", "library"),
    [
        ("/srv/.venv/lib/python3.12/site-packages/starlette/routing.py", True),
        ("/usr/lib/python3.12/asyncio/tasks.py", True),
        ("/usr/lib/python3/dist-packages/flask/app.py", True),
        ("C:\\Python312\\Lib\\asyncio\\tasks.py", True),
        ("<frozen importlib._bootstrap>", True),
        ("/srv/shop/shop/main.py", False),
        ("/home/me/shop/lib/prices.py", False),
        ("shop/main.py", False),
        ("<string>", False),
    ],
)
def test_whose_frame_it_is(file: str, library: bool) -> None:
    assert is_library(file) is library


def test_library_files_are_named_from_their_package_on() -> None:
    assert shorten("/srv/.venv/lib/python3.12/site-packages/starlette/routing.py") == "starlette/routing.py"
    assert shorten("/usr/lib/python3.12/asyncio/tasks.py") == "/usr/lib/python3.12/asyncio/tasks.py"


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


def color_of(view: ExceptionView, words: str) -> str:
    cursor = view.text.document().find(words)
    assert not cursor.isNull()
    cursor.setPosition(cursor.selectionEnd())
    return cursor.charFormat().foreground().color().name()


def test_the_apps_own_frames_stand_out(view: ExceptionView) -> None:
    view.show_failures(failing().failures)
    palette = theme.current()
    assert color_of(view, "return await reports.monthly(month)") == palette.text.name()
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
    view.show_failures([FailureRow(1, 1, "", "", "", [{}, {"relation": "strange"}])])
    assert "no frames of the app" in view.text.toPlainText()
