"""Opening a place in the editor: only file and line are substituted, and only where the file is there."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from inspector.errors import InspectorError
from inspector.ui import editor
from inspector.ui.window import Window
from tests.support.windows import Stage


@pytest.fixture(autouse=True)
def no_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)


@pytest.fixture
def said(tmp_path: Path) -> tuple[Path, Path]:
    """An editor that writes down its arguments, one a line; and where."""
    told, program = tmp_path / "told", tmp_path / "my editor"
    program.write_text(f'#!/bin/sh\nfor each in "$@"; do echo "$each"; done > "{told}.new"\nmv "{told}.new" "{told}"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program, told


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("code -g {file}:{line}", ["code", "-g", "/a b.py:7"]),
        ("kate", ["kate", "/a b.py"]),
        ("'my editor' --at={line} {file}", ["my editor", "--at=7", "/a b.py"]),
        ("{line}{other} {file}", ["{line}{other}", "/a b.py"]),
        ("e {line}{other} {file}", ["e", "7{other}", "/a b.py"]),
    ],
)
def test_only_file_and_line_are_substituted(template: str, words: list[str]) -> None:
    assert editor.command(template, "/a b.py", 7) == words


def test_what_stands_in_a_files_name_is_not_substituted_again() -> None:
    assert editor.command("e {file} {line}", "/{line} $(x) `y`;{file}", 7) == ["e", "/{line} $(x) `y`;{file}", "7"]


@pytest.mark.parametrize("template", ["'", "   "])
def test_a_wrong_template_is_told(template: str) -> None:
    with pytest.raises(InspectorError, match="The editor's command is"):
        editor.command(template, "/a.py", 1)


@pytest.mark.parametrize(
    ("value", "template"),
    [
        ("code", "code -g '{file}:{line}'"),
        ("/opt/bin/subl -w", "/opt/bin/subl -w '{file}:{line}'"),
        ("vim", ""),
        ("emacs -nw", ""),
        ("'", ""),
        ("", ""),
    ],
)
def test_an_editor_of_the_environment_needs_a_window(
    value: str, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDITOR", value)
    assert editor.from_environment() == template


def test_the_editor_is_started_without_a_shell(said: tuple[Path, Path], tmp_path: Path, qtbot: QtBot) -> None:
    program, told = said
    source = tmp_path / "a $(touch pwned) 'b'.py"
    source.write_text("1\n")
    editor.open_at(str(source), 3, f"'{program}' -g {{file}}:{{line}}")
    qtbot.waitUntil(told.exists)
    assert told.read_text().split("\n") == ["-g", f"{source}:3", ""]


@pytest.mark.parametrize("name", ["gone.py", "", "<string>", "a\0b", "//server/share/a.py", "\\\\server\\a.py", "."])
def test_a_file_that_is_not_there_opens_nothing(name: str, said: tuple[Path, Path]) -> None:
    with pytest.raises(InspectorError, match="is not on this machine"):
        editor.open_at(name, 1, f"'{said[0]}' {{file}}")
    assert not said[1].exists()


@pytest.mark.parametrize("name", ["//server/a.py", "\\\\server\\a.py", "\\/server/a.py", "/\\server/a.py"])
def test_no_server_is_asked_for_a_file(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "is_file", lambda _: pytest.fail("it was asked"))
    assert editor.there(name) is None


def test_no_name_can_be_an_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "--help").write_text("")
    assert editor.there("--help") == tmp_path / "--help"


def test_an_editor_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    with pytest.raises(InspectorError, match="The editor no-such-editor was not found"):
        editor.open_at(str(tmp_path / "a.py"), 1, "no-such-editor {file}")


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="opens in an editor that the system has")
def test_the_system_is_asked_for_sources_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    for name in ("a.py", "b.desktop", "c.sh"):
        (tmp_path / name).write_text("")
    editor.open_at(str(tmp_path / "a.py"), 1)
    for name in ("b.desktop", "c.sh"):
        with pytest.raises(InspectorError, match="No editor is known"):
            editor.open_at(str(tmp_path / name), 1)
    assert opened == [str(tmp_path / "a.py")]


def test_a_script_of_cmd_gets_no_name_that_it_would_act_upon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: "C:\\code.CMD")
    with pytest.raises(InspectorError, match="act upon"):
        editor._start(["code", "C:\\a&calc.py"])


def complaint(window: Window) -> str:
    (box,) = (box for box in window.findChildren(QMessageBox, "errorDialog") if box.isVisible())
    text = box.text()
    box.close()
    return text


def test_a_place_in_a_panel_opens_the_editor_of_the_settings(
    settings: QSettings, said: tuple[Path, Path], tmp_path: Path, qtbot: QtBot
) -> None:
    stage = Stage(settings)
    window = stage.show(qtbot)
    settings.setValue("editor", f"'{said[0]}' {{file}} {{line}}")
    (tmp_path / "a.py").write_text("")
    window.details.log.view.place_chosen.emit(str(tmp_path / "a.py"), 3)
    qtbot.waitUntil(said[1].exists)
    assert said[1].read_text().split("\n") == [str(tmp_path / "a.py"), "3", ""]
    window.details.exception.place_chosen.emit("/gone.py", 3)
    assert complaint(window) == "/gone.py is not on this machine"
    window.actions_["place.open"].trigger()
    assert complaint(window) == "No place in a file is chosen"
    window.leave()
    window.deleteLater()
