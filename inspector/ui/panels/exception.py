"""The exceptions that an exchange let out: headline, and the traceback with the app's own frames in full contrast."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextCursor
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from inspector.recording.rows import FailureRow
from inspector.ui import shown, theme
from inspector.ui.panels.parts import WordButton
from inspector.ui.panels.text_view import TextView, block_format, char_format

RELATIONS = {
    "cause": "caused by",
    "context": "raised while this was being handled:",
    "group": "one of the exceptions in the group:",
}
_FRAMES = 1_500
_TEXT = 64_000
"""Frames, and characters of one text, that are shown at most."""
_INDENT = 22
_LIBRARY = re.compile(
    r"(^<frozen |[/\\](site-packages|dist-packages)[/\\]|[/\\][Ll]ib([/\\]python[\d.]+t?)?[/\\](?!.*[/\\]Scripts))"
)


def is_library(file: str) -> bool:
    """Whether `file` belongs to an installed package or to Python itself."""
    return bool(_LIBRARY.search(file))


class ExceptionView(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("exceptionView")
        self.setAccessibleName("Exception")
        self._failures: list[FailureRow] = []
        self._type = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._type.setObjectName("exceptionType")
        self._type.setProperty("role", "error")
        self._message = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._message.setObjectName("exceptionMessage")
        self._message.setProperty("role", "title")
        for label in (self._type, self._message):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        copy = WordButton("Copy traceback", "Copy the traceback as Python prints it")
        copy.clicked.connect(self.copy)
        self.text = TextView()
        self.text.setAccessibleName("Traceback")
        self.text.setLineWrapMode(TextView.LineWrapMode.NoWrap)

        top = QHBoxLayout()
        top.setContentsMargins(theme.EDGE, 8, theme.EDGE, 0)
        top.addWidget(self._type, 1)
        top.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        self._message.setContentsMargins(theme.EDGE, 0, theme.EDGE, 6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(top)
        layout.addWidget(self._message)
        layout.addWidget(self.text, 1)
        theme.observer.changed.connect(self._write)

    def show_failures(self, failures: Sequence[FailureRow]) -> None:
        """The first failure as headline, and all of them as text; nothing is moved where they are those shown."""
        if list(failures) == self._failures:
            return
        self._failures = list(failures)
        first = self._failures[0] if self._failures else None
        self._type.setText(shown.one_line(first.type, 400) if first else "")
        self._message.setText(shown.visible(first.message[:1_000]) if first else "")
        self._message.setVisible(bool(first and first.message))
        self._write()

    def copy(self) -> None:
        """The tracebacks as Python prints them."""
        QApplication.clipboard().setText("\n".join(failure.text for failure in self._failures))

    def _write(self) -> None:
        palette = theme.current()
        cursor = self.text.begin()
        cursor.beginEditBlock()
        for number, failure in enumerate(self._failures):
            if number:
                _line(
                    cursor,
                    (failure.type, palette.status_5xx),
                    (f": {failure.message}", palette.text),
                    above=18,
                    bold=True,
                )
            if failure.chain:
                _chain(cursor, failure.chain)
            else:
                _line(cursor, (failure.text, palette.text))
        cursor.endEditBlock()
        self.text.moveCursor(QTextCursor.MoveOperation.Start)


def _chain(cursor: QTextCursor, chain: Sequence[dict[str, Any]]) -> None:
    palette = theme.current()
    room = _FRAMES
    for number, step in enumerate(chain):
        if number:
            relation = RELATIONS.get(str(step.get("relation")), "then")
            _line(cursor, (relation, palette.second), above=14, sans=True)
            message = f": {step['message']}" if step.get("message") else ""
            _line(cursor, (str(step.get("type", "")), palette.status_5xx), (message, palette.text), bold=True)
        for note in _list(step.get("notes")):
            _line(cursor, (f"note: {note}", palette.second))
        frames = _list(step.get("frames"))[:room]
        room -= len(frames)
        for frame in frames:
            if isinstance(frame, dict):
                _frame(cursor, frame)
        if not frames:
            _line(cursor, ("no frames of the app", palette.third), sans=True)
    if room <= 0:
        _line(cursor, ("… more frames: copy the traceback to see it whole", palette.second), sans=True)


def _frame(cursor: QTextCursor, frame: dict[str, Any]) -> None:
    palette = theme.current()
    file, source = str(frame.get("file", "")), str(frame.get("source", ""))
    if not file:  # a gap
        _line(cursor, (source, palette.third), sans=True)
        return
    library = is_library(file)
    loud = palette.third if library else palette.text
    quiet = palette.third if library else palette.second
    where = f"{shorten(file) if library else file}:{frame.get('line', 0)}"
    _line(cursor, (where, quiet), (f"  {frame.get('function', '')}", loud), above=4)
    if source:
        _line(cursor, (source, loud), indent=_INDENT)


def shorten(file: str) -> str:
    """A library's file from its package on; where it is installed matters to nobody who reads a traceback."""
    parts = re.split(r"[/\\](?:site-packages|dist-packages)[/\\]", file)
    return parts[-1] if len(parts) > 1 else file


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _line(
    cursor: QTextCursor,
    *runs: tuple[str, QColor],
    above: int = 0,
    indent: int = 0,
    bold: bool = False,
    sans: bool = False,
) -> None:
    """One line, or as many as the text has."""
    if cursor.position():
        cursor.insertBlock(block_format(indent, above))
    else:
        cursor.setBlockFormat(block_format(indent))
    for text, color in runs:
        cursor.insertText(shown.broken(shown.visible(text[:_TEXT]))[0], char_format(color, bold, sans))
