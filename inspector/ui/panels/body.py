"""A body laid out, as a tree, as text, as a picture or as hex; what it is, and how to take it away.

`text`, `json`, `image` and `hex` are the views in which it is shown, for whoever wants to search in them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMenu, QStackedWidget, QVBoxLayout, QWidget

from inspector.recording.charsets import CHOICES
from inspector.ui import shown, theme, words
from inspector.ui.message_box import MessageBox
from inspector.ui.panels.flow import Flow, Words
from inspector.ui.panels.hex_view import HexView
from inspector.ui.panels.image_view import ImageView
from inspector.ui.panels.json_view import JsonView
from inspector.ui.panels.line_tree import row_height
from inspector.ui.panels.parts import Elided, WholeRows, WordButton, empty, set_empty_text
from inspector.ui.panels.text_view import TextView
from inspector.ui.renderer import Renderer
from inspector.ui.rendering import EMPTY, Body, Mode, Rendered, Wish

LIVE_MS = 400
"""A body that still grows is rendered again at most so often."""
_LEAST = 24
"""Pixels of height that are left for the body whatever stands above it."""
_CHUNK = 1 << 20
_MODES: dict[str, tuple[str, str]] = {
    "pretty": ("Pretty", "Laid out, a value or a tag a line"),
    "tree": ("Tree", "As a tree whose branches open"),
    "text": ("Text", "In its charset, as it came"),
    "image": ("Image", "As the picture it is"),
    "hex": ("Hex", "Every byte, as figures and characters"),
}
_CODINGS = (
    ("decoded", "Decoded", "Without its content coding"),
    ("received", "As received", "The bytes as they came over the wire"),
)


@dataclass
class Taste:
    """How the user likes bodies: kept from one to the next, the same for all views."""

    mode: Mode = ""
    decoded: bool = True
    section: str = ""
    """Of a request or a response (`half`); empty: headers and body."""


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
        self._remarks.setObjectName("bodyRemarks")
        self._remarks.setProperty("role", "second")
        self._remarks.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._coding = Words()
        self._coding.setObjectName("bodyCoding")
        self._coding.set_names(_CODINGS)
        self._modes = Words()
        self._modes.setObjectName("bodyModes")
        self._charset = WordButton("utf-8", "The charset that the text is read in: choose another")
        self._charset.setObjectName("bodyCharset")
        self._go = WordButton("Go to…", "Go to an offset (Ctrl+G)")
        self._copy = WordButton("Copy", "Copy the body as it is shown")
        self._save = WordButton("Save…", "Save the body to a file")
        self.text = TextView()
        self.text.setObjectName("bodyText")
        self.json = JsonView()
        self.image = ImageView()
        self.hex = HexView()
        self.hex.setObjectName("bodyHex")
        self._empty = empty("")
        self._tree = WholeRows(self.json, row_height)
        self._views = QStackedWidget()
        for view in (self._empty, self.text, self._tree, self.image, self.hex):
            self._views.addWidget(view)
        self._bar = Flow(self._facts)
        self._bar.add(self._coding, self._modes, self._charset, self._go, self._copy, self._save)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self._bar)
        self._layout.addWidget(self._remarks)
        self._layout.addWidget(self._views, 1)
        theme.measured(self._measure)

        self._coding.chosen.connect(self._choose_coding)
        self._modes.chosen.connect(self._choose_mode)
        self._charset.clicked.connect(self._ask_charset)
        self._go.clicked.connect(self.hex.ask_offset)
        self._copy.clicked.connect(self.copy)
        self._save.clicked.connect(self._ask_and_save)
        renderer.done.connect(self._rendered)
        self._again = QTimer(self, interval=LIVE_MS, singleShot=True)
        self._again.timeout.connect(self._ask)
        self._tell()

    def _measure(self) -> None:
        self._bar.setContentsMargins(theme.edge(), theme.px(5), theme.edge(), theme.px(4))
        self._remarks.setContentsMargins(theme.edge(), 0, theme.edge(), theme.px(4))
        self._views.setMinimumHeight(theme.px(_LEAST))

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
        self.json.show_tree(None)
        self.image.show_image(None)
        self.hex.show_bytes(0, _nothing)  # it would hold on to what was decoded
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

    def _rendered(self, asker: object, rendered: object) -> None:
        if asker is not self or not isinstance(rendered, Rendered):
            return
        self.rendered = rendered
        self.text.partial = self.json.partial = rendered.part
        if rendered.mode == "hex":
            data = rendered.decoded
            if data is None:
                self.hex.show_bytes(self._body.stored, self._body.read, keep=self._growing)
            else:
                self.hex.show_bytes(len(data), lambda at, size: data[at : at + size], keep=self._growing)
            self._views.setCurrentWidget(self.hex)
        elif rendered.mode == "tree":
            self.json.show_tree(rendered.tree)
            self._views.setCurrentWidget(self._tree)
        elif rendered.mode == "image":
            self.image.show_image(rendered.image, rendered.facts)
            self._views.setCurrentWidget(self.image)
        else:
            self.text.show_text(rendered.text, self._growing, rendered.colors)
            self._views.setCurrentWidget(self.text)
        self._tell()

    def _tell(self) -> None:
        """What the body is, in the line above it."""
        body, rendered = self._body, self.rendered
        there = body.size > 0
        content = body.content
        charset = "" if rendered.charset else content.charset
        facts = [
            shown.one_line(content.media_type, 100),
            shown.one_line(charset, 40),
            rendered.facts,
            words.size(body.size),
        ]
        self._facts.set_text(" · ".join(filter(None, facts)) if there else "")
        self._remarks.setText(" ".join(rendered.remarks))
        self._remarks.setVisible(bool(rendered.remarks) and there)
        self._coding.setVisible(there and bool(content.codings))
        self._coding.set_chosen("decoded" if self._wish.decoded else "received")
        self._bar.setVisible(there)
        self._charset.setVisible(there and bool(rendered.charset))
        self._charset.setText(f"{rendered.charset} ▾")
        self._charset.setAccessibleName(f"Charset {rendered.charset}")
        self._charset.updateGeometry()
        self._go.setVisible(there and rendered.mode == "hex")
        self._modes.set_names([(mode, *_MODES[mode]) for mode in rendered.modes if mode])
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

    def choose_charset(self, charset: str) -> None:
        """Reads this body's text in `charset`; empty: in the one that is told or found."""
        self._wish = replace(self._wish, charset=charset)
        self._growing = False
        self._ask()

    def _ask_charset(self) -> None:
        menu = QMenu(self)
        menu.setObjectName("charsetMenu")
        for name, title in (("", "As told or found"), *((name, name) for name in CHOICES)):
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(name == self._wish.charset)
            action.setData(name)
        menu.triggered.connect(self._charset_chosen)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._charset.mapToGlobal(self._charset.rect().bottomLeft()))

    def _charset_chosen(self, action: QAction) -> None:
        self.choose_charset(action.data())

    def copy(self) -> None:
        """The body as it is shown, without what was done to it for the screen; of a tree its text."""
        if self.mode == "hex":
            self.hex.copy()
            return
        if self.mode == "image" and self.rendered.image is not None:
            QApplication.clipboard().setImage(self.rendered.image)
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


def _nothing(_at: int, _size: int) -> bytes:
    return b""


_SUFFIXES = {
    "text/html": ".html",
    "text/css": ".css",
    "text/plain": ".txt",
    "text/javascript": ".js",
    "image/svg+xml": ".svg",
    "image/x-icon": ".ico",
    "image/vnd.microsoft.icon": ".ico",
}


def _suffix(media_type: str) -> str:
    """Of the file's name that is proposed."""
    family, _, name = media_type.partition("/")
    if media_type in _SUFFIXES:
        return _SUFFIXES[media_type]
    if family == "image" and name.isascii() and name.isalnum():
        return f".{name}"
    if name.endswith("xml"):
        return ".xml"
    return ".json" if name.endswith("json") else ".bin"
