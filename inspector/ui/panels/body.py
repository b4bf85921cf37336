"""A body as text, laid out as JSON, or as hex; what it is, and how to take it away."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from inspector.ui import shown, theme, words
from inspector.ui.message_box import MessageBox
from inspector.ui.panels.hex_view import HexView
from inspector.ui.panels.parts import Choice, Elided, WordButton, empty, set_empty_text
from inspector.ui.panels.text_view import TextView
from inspector.ui.renderer import Renderer
from inspector.ui.rendering import EMPTY, Body, Mode, Rendered, Wish

LIVE_MS = 400
"""A body that still grows is rendered again at most so often."""
_CHUNK = 1 << 20


@dataclass
class Taste:
    """How the user likes bodies: kept from one to the next, the same for all views."""

    mode: Mode = ""
    decoded: bool = True


class BodyView(QWidget):
    def __init__(self, renderer: Renderer, taste: Taste, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bodyView")
        self.setAccessibleName("Body")
        self._renderer, self._taste = renderer, taste
        self._body, self._wish, self.rendered = EMPTY, Wish(), Rendered("text")
        self._growing = False

        self._facts = Elided(role="second")
        self._remarks = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._remarks.setProperty("role", "second")
        self._remarks.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._coding = Choice(
            (
                ("decoded", "Decoded", "Without its content coding"),
                ("received", "As received", "The bytes as they came over the wire"),
            )
        )
        self._modes = Choice(
            (
                ("text", "Text", "In its charset, as it came"),
                ("json", "JSON", "Laid out"),
                ("hex", "Hex", "Every byte"),
            )
        )
        self._copy = WordButton("Copy", "Copy the body as it is shown")
        self._save = WordButton("Save…", "Save the body to a file")
        self.text = TextView()
        self.hex = HexView()
        self._empty = empty("")
        self._views = QStackedWidget()
        for view in (self._empty, self.text, self.hex):
            self._views.addWidget(view)
        self._lay_out()

        self._coding.chosen.connect(self._choose_coding)
        self._modes.chosen.connect(self._choose_mode)
        self._copy.clicked.connect(self.copy)
        self._save.clicked.connect(self._ask_and_save)
        renderer.done.connect(self._rendered)
        self._again = QTimer(self, interval=LIVE_MS, singleShot=True)
        self._again.timeout.connect(self._ask)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.edge(), 4, theme.edge(), 2)
        bar.setSpacing(18)
        bar.addWidget(self._facts, 1)
        for part in (self._coding, self._modes, self._copy, self._save):
            bar.addWidget(part)
        self._remarks.setContentsMargins(theme.edge(), 0, theme.edge(), 4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self._remarks)
        layout.addWidget(self._views, 1)

    @property
    def mode(self) -> Mode:
        """How the body is shown now."""
        return self.rendered.mode

    def show_body(self, body: Body, nothing: str = "No body") -> None:
        """`body` from its beginning; `nothing` says why there is none."""
        self._renderer.cancel(self)
        self._again.stop()
        self._body = body
        self._wish = Wish(self._taste.mode, decoded=self._taste.decoded)
        self._growing = False
        self.rendered = Rendered("text")
        set_empty_text(self._empty, nothing)
        self._tell()
        self._views.setCurrentWidget(self._empty if not body.size else self.text)
        self.text.show_text("")
        if body.size:
            self._ask()

    def grow(self, body: Body, nothing: str = "No body") -> None:
        """The same body, more of it: whoever reads stays where he is."""
        if not self._body.size:
            if body.size:
                self.show_body(body, nothing)
            else:
                set_empty_text(self._empty, nothing)
            return
        if body.size == self._body.size and body.stored == self._body.stored:
            return
        self._body = body
        self._growing = True
        if self.mode == "hex" and self.rendered.decoded is None:
            self.hex.show_bytes(body.stored, body.read, keep=True)
        elif not self._again.isActive():
            self._again.start()
        self._tell()

    def _ask(self) -> None:
        self._renderer.ask(self, self._body, self._wish)

    def _rendered(self, asker: object, rendered: Rendered) -> None:
        if asker is not self:
            return
        self.rendered = rendered
        if rendered.mode == "hex":
            data = rendered.decoded
            if data is None:
                self.hex.show_bytes(self._body.stored, self._body.read, keep=self._growing)
            else:
                self.hex.show_bytes(len(data), lambda at, size: data[at : at + size], keep=self._growing)
        else:
            self.text.show_text(rendered.text, keep=self._growing)
        self._views.setCurrentWidget(self.hex if rendered.mode == "hex" else self.text)
        self._tell()

    def _tell(self) -> None:
        """What the body is, in the line above it."""
        body, rendered = self._body, self.rendered
        there = body.size > 0
        content = body.content
        facts = [shown.one_line(content.media_type, 100), shown.one_line(content.charset, 40), words.size(body.size)]
        self._facts.set_text(" · ".join(filter(None, facts)) if there else "")
        self._remarks.setText(" ".join(rendered.remarks))
        self._remarks.setVisible(bool(rendered.remarks) and there)
        self._coding.setVisible(there and bool(content.codings))
        self._coding.set_chosen("decoded" if self._wish.decoded else "received")
        for part in (self._modes, self._copy, self._save):
            part.setVisible(there)
        self._modes.button("json").setEnabled(rendered.json)
        self._modes.set_chosen(rendered.mode or "text")

    def choose(self, mode: Mode) -> None:
        """As if the user had clicked the word."""
        self._choose_mode(mode)

    def _choose_mode(self, mode: str) -> None:
        self._taste.mode = mode  # type: ignore[assignment]
        self._wish = replace(self._wish, mode=self._taste.mode, asked=True)
        self._growing = False
        self._ask()

    def _choose_coding(self, name: str) -> None:
        self._taste.decoded = name == "decoded"
        self._wish = replace(self._wish, decoded=self._taste.decoded)
        self._growing = False
        self._ask()

    def copy(self) -> None:
        """The body as it is shown, without what was done to it for the screen."""
        if self.mode == "hex":
            self.hex.copy()
            return
        QApplication.clipboard().setText(self.rendered.plain)

    def save_to(self, path: Path) -> None:
        """The recorded bytes, as decoded where that is what is shown, in a file. Raises OSError."""
        with path.open("wb") as file:
            if self.rendered.decoded is not None:
                file.write(self.rendered.decoded)
                return
            for at in range(0, self._body.stored, _CHUNK):
                file.write(self._body.read(at, min(_CHUNK, self._body.stored - at)))

    def _ask_and_save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the body", "body" + _suffix(self._body.content.media_type))
        if not name:
            return
        try:
            self.save_to(Path(name))
        except OSError as error:
            box = MessageBox(self, "saveDialog", "The body was not saved.")
            box.setInformativeText(f"{error.strerror}: {name}")
            box.finished.connect(box.deleteLater)
            box.open()


def _suffix(media_type: str) -> str:
    """Of the file's name that is proposed."""
    known = {"text/html": ".html", "text/css": ".css", "text/plain": ".txt", "text/javascript": ".js"}
    family, _, name = media_type.partition("/")
    if media_type in known:
        return known[media_type]
    if family == "image" and name.isalnum():
        return f".{name}"
    return ".json" if name.endswith("json") else ".bin"
