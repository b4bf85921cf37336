"""The ways in which a held message can be edited: as text, and its body as bytes.

A view shows a shape (`models.held_text`), gives the one that was typed, and what was typed as it stands, so that it can
come back later, however wrong it is.
"""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from inspector.ui import theme
from inspector.ui.models import held_text
from inspector.ui.models.held_text import UTF_8, Mistake, Shape, body_name

_PER_LINE = 16


class HoldView(Protocol):
    """One way to edit."""

    def show_shape(self, shape: Shape, charset: str = UTF_8) -> None: ...
    def typed_shape(self) -> Shape:
        """Raises `held_text.Mistake`."""

    def typed(self) -> Any: ...
    def put_back(self, typed: Any, shape: Shape, charset: str = UTF_8) -> None:
        """What `typed` gave, when `shape` was shown."""

    def caret(self) -> int:
        """Bytes of the body before the caret; -1 where it stands in none."""


def is_done(event: QKeyEvent) -> bool:
    """Ctrl+Enter: the user has done with the message."""
    enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    return enter and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


class TypedText(QPlainTextEdit):
    """Text in the fixed font; Tab leaves it, Ctrl+Enter is `done`."""

    done = Signal()

    def __init__(self, name: str, told: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(told)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.setFont(theme.fixed_font())
        self.document().setDocumentMargin(theme.px(10))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_done(event):
            self.done.emit()
        else:
            super().keyPressEvent(event)


class TextEditor(TypedText):
    """The whole message as JSON."""

    def __init__(self) -> None:
        super().__init__("holdText", "The held message as text")

    def show_shape(self, shape: Shape, _charset: str = UTF_8) -> None:
        self.setPlainText(held_text.text(shape))

    def typed_shape(self) -> Shape:
        return held_text.read(self.toPlainText())

    def typed(self) -> str:
        return self.toPlainText()

    def put_back(self, typed: Any, _shape: Shape, _charset: str = UTF_8) -> None:
        self.setPlainText(str(typed))

    def caret(self) -> int:
        return -1


class HexEditor(TypedText):
    """The body as hex digits, 16 bytes on a line."""

    def __init__(self) -> None:
        super().__init__("holdHex", "The body of the held message as hex digits")
        self._shape: Shape = {}
        self._charset = UTF_8

    @staticmethod
    def can_show(shape: Shape) -> bool:
        """The message has a body, and all of it is here."""
        name = body_name(shape)
        return bool(name) and not (isinstance(shape[name], dict) and set(shape[name]) & {"$kept", "$cut"})

    def show_shape(self, shape: Shape, charset: str = UTF_8) -> None:
        self._shape, self._charset = shape, charset
        name = body_name(shape)
        try:
            self.setPlainText(hex_lines(held_text.octets(shape[name], name, charset) or b""))
        except (Mistake, KeyError):  # what was typed elsewhere is wrong, and is told there
            self.setPlainText("")

    def typed_shape(self) -> Shape:
        name = body_name(self._shape)
        data = held_text.from_hex(self.toPlainText(), name)
        if name == "text":
            try:
                return self._shape | {name: data.decode("utf-8")}
            except UnicodeDecodeError as error:
                raise Mistake(f"text: is UTF-8, and byte {error.start} is not") from None
        return self._shape | {name: held_text.shown(data, name, self._charset)}

    def typed(self) -> str:
        return self.toPlainText()

    def put_back(self, typed: Any, shape: Shape, charset: str = UTF_8) -> None:
        self._shape, self._charset = shape, charset
        self.setPlainText(str(typed))

    def caret(self) -> int:
        before = self.toPlainText()[: self.textCursor().position()]
        return sum(not char.isspace() for char in before) // 2


def hex_lines(data: bytes) -> str:
    """`data` as hex digits, a few bytes on a line."""
    return "\n".join(data[at : at + _PER_LINE].hex(" ") for at in range(0, len(data), _PER_LINE))


def quietly(view: QWidget) -> QSignalBlocker:
    """While it lives, `view` tells nothing."""
    return QSignalBlocker(view)
