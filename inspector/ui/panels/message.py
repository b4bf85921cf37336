"""One message: its keys as a tree, and its body."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from inspector.recording.rows import ExchangeRow, MessageRow
from inspector.ui import shown, theme, words
from inspector.ui.models import message_words
from inspector.ui.models.scope_keys import message_meaning
from inspector.ui.panels.body import BodyView, Taste
from inspector.ui.panels.parts import Elided, Strip, aired, empty
from inspector.ui.panels.scope import ScopeView, row_height
from inspector.ui.renderer import Renderer
from inspector.ui.rendering import Body

_SIDES = {
    "call": "to the app",
    "receive": "to the app",
    "send": "from the app",
    "return": "from the app",
    "raise": "from the app",
    "close": "to the app's iterable",
}


class MessagePanel(QWidget):
    """The message that is selected in the table of messages."""

    def __init__(self, renderer: Renderer, taste: Taste, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.type = Elided(role="fixed")
        self.facts = Elided(role="second")
        self.keys = ScopeView("messageTree", means=message_meaning)
        self.keys.setAccessibleName("Keys of the message")
        self.body = BodyView(renderer, taste)
        strip = Strip()
        strip.layout_.addWidget(self.type)
        strip.layout_.addWidget(self.facts, 1)
        self._split = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        self._split.setHandleWidth(1)
        self._split.addWidget(aired(self.keys))
        self._split.addWidget(self.body)
        self._split.setStretchFactor(1, 1)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(strip)
        layout.addWidget(self._split, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(empty("Select a message to see its keys and its body"))
        self._pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    def show_message(self, row: ExchangeRow | None, message: MessageRow | None, body: Body | None) -> None:
        """`body` None: the message has none."""
        if row is None or message is None:
            self._pages.setCurrentIndex(0)
            return
        self.type.set_text(message_words.title(message))
        self.facts.set_text(f"{_SIDES.get(message.direction, '')} at {words.milliseconds(message.t_ns - row.t0_ns)} ms")
        keys = {"type": message.type, **(message.data if isinstance(message.data, dict) else {})}
        if message.body_key in ("body", "bytes") and "more_body" not in keys and message.type.startswith("http."):
            keys["more_body"] = message.more_body
        if message.body_key:
            keys[message.body_key] = _body_value(message)
        self.keys.show_value(keys)
        self.keys.scrollToTop()
        self.body.setVisible(body is not None)
        if body is not None:
            self.body.show_body(body, f"{message.body_key} is empty")
            top = min(len(keys) * row_height() + 2 * theme.edge(), max(self.height() * 2 // 5, theme.px(60)))
            self._split.setSizes([top, max(self.height() - top, theme.px(100))])
        self._pages.setCurrentIndex(1)


def _body_value(message: MessageRow) -> object:
    """A short body itself; of a longer one its size, for it stands below."""
    if message.size > len(message.head):
        return shown.Note(f"{words.size(message.size)}, see below")
    return message.head.decode("utf-8", "replace") if message.body_key == "text" else message.head
