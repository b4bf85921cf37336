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
_TEXT = 10_000
_ALL_TEXT = 256_000
"""Characters that are shown at most of one text, and in all."""
_INDENT = 22
_LIBRARY = re.compile(
    r"^<frozen |[/\\](site-packages|dist-packages)[/\\]|[/\\]lib(64)?[/\\]python[\d.]+t?[/\\]|^[A-Za-z]:.*\\Lib\\"
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
        top.setContentsMargins(theme.edge(), 8, theme.edge(), 0)
        top.addWidget(self._type, 1)
        top.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        self._message.setContentsMargins(theme.edge(), 0, theme.edge(), 6)
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
        page = _Page(self.text)
        for number, failure in enumerate(self._failures):
            if number:
                page.line(
                    (failure.type, palette.status_5xx), (f": {failure.message}", palette.text), above=18, bold=True
                )
            for at, step in enumerate(failure.chain):
                if isinstance(step, dict):
                    _write_step(page, step, first=at == 0)
            if not failure.chain:
                page.line((failure.text, palette.text))
        if page.full:
            page.note("… more: copy the traceback to see it whole")
        self.text.moveCursor(QTextCursor.MoveOperation.Start)


class _Page:
    """Writes lines into a view until `_ALL_TEXT` is reached."""

    def __init__(self, view: TextView) -> None:
        self._cursor = view.begin()
        self._room = _ALL_TEXT

    @property
    def full(self) -> bool:
        return self._room <= 0

    def line(self, *runs: tuple[str, QColor], above: int = 0, indent: int = 0, bold: bool = False) -> None:
        """One line, or as many as the text has."""
        if self.full:
            return
        self._begin(above, indent)
        for text, color in runs:
            screen = shown.broken(shown.visible(text[: min(_TEXT, max(self._room, 0))]))[0]
            self._cursor.insertText(screen, char_format(color, bold))
            self._room -= len(screen)

    def note(self, text: str, above: int = 0) -> None:
        """Words of ours."""
        self._begin(above)
        self._cursor.insertText(text, char_format(theme.current().second, sans=True))

    def _begin(self, above: int = 0, indent: int = 0) -> None:
        if self._cursor.position():
            self._cursor.insertBlock(block_format(indent, above))
        else:
            self._cursor.setBlockFormat(block_format(indent))


def _write_step(page: _Page, step: dict[str, Any], first: bool) -> None:
    """One exception of a chain; the first one's type and message are the headline already."""
    palette = theme.current()
    if not first and not page.full:
        page.note(RELATIONS.get(str(step.get("relation")), "then"), above=14)
        message = f": {step['message']}" if step.get("message") else ""
        page.line((str(step.get("type", "")), palette.status_5xx), (message, palette.text), bold=True)
    for note in _list(step.get("notes")):
        page.line((f"note: {note}", palette.second))
    frames = _list(step.get("frames"))
    for frame in frames:
        if page.full:
            break
        if isinstance(frame, dict):
            _write_frame(page, frame)
    if not frames and not page.full:
        page.note("no frames of the app")


def _write_frame(page: _Page, frame: dict[str, Any]) -> None:
    palette = theme.current()
    file, source = str(frame.get("file", "")), str(frame.get("source", ""))
    if not file:  # a gap
        page.note(shown.one_line(source))
        return
    library = is_library(file)
    loud = palette.third if library else palette.text
    quiet = palette.third if library else palette.second
    where = f"{shorten(file) if library else file}:{frame.get('line', 0)}"
    page.line((where, quiet), (f"  {frame.get('function', '')}", loud), above=4)
    if source:
        page.line((source, loud), indent=_INDENT)


def shorten(file: str) -> str:
    """A library's file from its package on; where it is installed matters to nobody who reads a traceback."""
    parts = re.split(r"[/\\](?:site-packages|dist-packages)[/\\]", file)
    return parts[-1] if len(parts) > 1 else file


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
