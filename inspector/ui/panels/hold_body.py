"""The body of a held message in the form: as text in its charset, or, where it is none, as hex digits."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from inspector.ui import theme
from inspector.ui.models import held_text
from inspector.ui.models.held_text import UTF_8
from inspector.ui.panels.hold_views import TypedText, hex_lines
from inspector.ui.toolbar import label

_LINE_ENDS = "\r\n"


class BodyEditor(QWidget):
    """`value` gives what `show_body` was given, as it was changed since."""

    def __init__(self) -> None:
        super().__init__()
        self.text = TypedText("formBody", "The body of the held message")
        self._told = label(role="second", name="formBodyTold")
        self._value: Any = ""
        self._name = "body"
        self._charset = UTF_8
        self._how = "text"
        """text, hex, or kept."""
        self._ends = "\n"
        self._first = ""
        self._writable = True
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._told)
        self._column.addWidget(self.text, 1)
        self.setFocusProxy(self.text)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self._column.setContentsMargins(0, theme.px(6), 0, 0)
        self._column.setSpacing(theme.px(4))
        self._told.setContentsMargins(theme.px(10), 0, theme.px(10), 0)

    def show_body(self, value: Any, name: str, charset: str) -> None:
        """A body as it stands in a shape, `name` of which it is."""
        self._value, self._name, self._charset = value, name or "body", charset
        self._ends = "\n"
        if isinstance(value, str):
            self._show_text(value)
        elif isinstance(value, dict) and isinstance(value.get("$hex"), str):
            try:
                self._show_hex(held_text.from_hex(value["$hex"]), f"{self._name}, as hex: it is no {charset} text")
            except held_text.Mistake:
                self._show("hex", value["$hex"], f"{self._name}, as hex")
        else:
            kept = next(iter(value.values()), "") if isinstance(value, dict) else ""
            self._show("kept", "", f"{self._name}: {kept}" if kept else f"{self._name}: neither text nor bytes")
        self.set_writable(self._writable)

    def _show_text(self, value: str) -> None:
        told = "" if self._charset == UTF_8 else f"{self._name}, in {self._charset}"
        plain = value.replace(_LINE_ENDS, "\n")
        if _LINE_ENDS in value and plain.replace("\n", _LINE_ENDS) == value:
            self._ends = _LINE_ENDS
        else:
            plain = value
        self._show("text", plain, told)
        if self.text.toPlainText() != plain:  # a text field keeps neither lone CRs nor U+2029
            try:
                data = held_text.octets(value, self._name, self._charset) or b""
            except held_text.Mistake:  # said by whoever reads the value
                self._show("kept", "", f"{self._name}: can be edited as text only")
            else:
                self._show_hex(data, f"{self._name}, as hex: its line ends would not survive as text")

    def _show_hex(self, data: bytes, told: str) -> None:
        self._show("hex", hex_lines(data), told)

    def _show(self, how: str, text: str, told: str) -> None:
        self._how = how
        self.text.setPlainText(text)
        self._first = self.text.toPlainText()
        self._told.setText(told)
        self._told.setVisible(bool(told))

    def value(self) -> Any:
        """The body as it stands in a shape. Raises `Mistake` where hex digits are none."""
        typed = self.text.toPlainText()
        if self._how == "kept" or typed == self._first:
            return self._value
        if self._how == "hex":
            return held_text.shown(held_text.from_hex(typed, self._name), self._name, self._charset)
        return typed.replace("\n", self._ends)

    def caret(self) -> int:
        """Bytes before the caret; -1 where there are none to count."""
        at = self.text.textCursor().position()
        if self._how == "hex":
            return sum(char in "0123456789abcdefABCDEF" for char in self.text.toPlainText()[:at]) // 2
        if self._how == "kept":
            return -1
        before = self.text.toPlainText().encode("utf-16-le", "surrogatepass")[: 2 * at].decode("utf-16-le", "ignore")
        try:
            return len(held_text.octets(before.replace("\n", self._ends), self._name, self._charset) or b"")
        except held_text.Mistake:
            return -1

    def set_writable(self, on: bool) -> None:
        self._writable = on
        self.text.setReadOnly(not on or self._how == "kept")
