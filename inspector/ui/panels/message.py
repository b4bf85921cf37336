"""One message: its keys as a tree, and its body; what the user did to it, and what it was before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from inspector.recording.rows import ExchangeRow, HoldRow, MessageRow, OriginalRow
from inspector.ui import shown, theme, words
from inspector.ui.models import message_words
from inspector.ui.models.message_diff import PART, Side
from inspector.ui.models.message_story import story
from inspector.ui.models.scope_keys import message_meaning
from inspector.ui.panels.body import BodyView, Taste
from inspector.ui.panels.changes_view import ChangesView
from inspector.ui.panels.line_tree import row_height
from inspector.ui.panels.parts import Choice, Elided, Strip, WholeRows, empty
from inspector.ui.panels.scope import ScopeView
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
_REFUSED = "from the client, refused by the server"
CHANGES, EDITED, ORIGINAL = "changes", "edited", "original"
_VERSIONS = (
    (CHANGES, "Changes", "What the edit changed, line by line"),
    (EDITED, "Edited", "The message as it went on"),
    (ORIGINAL, "Original", "The message as it came"),
)


class Before(NamedTuple):
    """What a message was before it was edited; `body` None: it had none."""

    message: OriginalRow
    body: Body | None


class MessagePanel(QWidget):
    """The message that is selected in the table of messages. One that was edited has three versions."""

    def __init__(self, renderer: Renderer, taste: Taste, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._message: MessageRow | None = None
        self._body: Body | None = None
        self._before: Before | None = None
        self._version = CHANGES
        """The one that the user wants of every edited message."""
        self.type = Elided(role="fixed")
        self.facts = Elided(role="second")
        self.versions = Choice(_VERSIONS)
        self.versions.setObjectName("messageVersions")
        self.versions.setAccessibleName("Version of the edited message")
        self.versions.chosen.connect(self._choose)
        self.story = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.story.setObjectName("messageStory")
        self.story.setProperty("role", "held")
        self.story.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.keys = ScopeView("messageTree", means=message_meaning)
        self.keys.setAccessibleName("Keys of the message")
        self.body = BodyView(renderer, taste)
        self.changes = ChangesView(renderer)
        strip = Strip()
        strip.layout_.addWidget(self.type)
        strip.layout_.addWidget(self.facts, 1)
        strip.layout_.addWidget(self.versions)
        self._split = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        self._split.setHandleWidth(1)
        self._split.addWidget(WholeRows(self.keys, row_height))
        self._split.addWidget(self.body)
        self._split.setStretchFactor(1, 1)
        self._views = QStackedWidget()
        self._views.addWidget(self._split)
        self._views.addWidget(self.changes)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(strip)
        layout.addWidget(self.story)
        layout.addWidget(self._views, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(empty("Select a message to see its keys and its body"))
        self._pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.keys.setMinimumHeight(row_height())
        self.story.setContentsMargins(theme.edge(), theme.px(6), theme.edge(), theme.px(4))

    def show_message(
        self,
        row: ExchangeRow | None,
        message: MessageRow | None,
        body: Body | None,
        hold: HoldRow | None = None,
        before: Before | None = None,
    ) -> None:
        """`body` None: the message has none. `hold`: where it was held; `before`: what it was, where it was edited."""
        self._message, self._body, self._before = message, body, before
        if row is None or message is None:
            self.changes.forget()
            self._pages.setCurrentIndex(0)
            return
        self.type.set_text(message_words.title(message))
        side = _REFUSED if message.type == "refused" else _SIDES.get(message.direction, "")
        self.facts.set_text(f"{side} at {words.milliseconds(message.t_ns - row.t0_ns)} ms")
        told = story(message, hold)
        self.story.setText(told)
        self.story.setVisible(bool(told))
        self._show_version()
        self._pages.setCurrentIndex(1)

    def _choose(self, version: str) -> None:
        self._version = version
        self._show_version()

    def _show_version(self) -> None:
        message, before = self._message, self._before
        if message is None:
            return
        self.versions.setVisible(before is not None)
        version = self._version if before is not None else EDITED
        self.versions.set_chosen(version)
        if version == CHANGES and before is not None:
            self.changes.show_change(_side(before.message, before.body), _side(message, self._body))
            self._views.setCurrentWidget(self.changes)
            return
        self.changes.forget()
        if version == ORIGINAL and before is not None:
            head = before.message.body[: _HEAD + 1]
            self._show(_keys(before.message, head), before.message.body_key, before.body)
        else:
            self._show(_keys(message, message.head), message.body_key, self._body)
        self._views.setCurrentWidget(self._split)

    def _show(self, keys: Mapping[str, Any], body_key: str, body: Body | None) -> None:
        self.keys.show_value(keys)
        self.keys.scrollToTop()
        self.body.setVisible(body is not None)
        if body is not None:
            self.body.show_body(body, f"{body_key} is empty")
            top = min(len(keys) * row_height() + 2 * theme.edge(), max(self.height() * 2 // 5, theme.px(60)))
            self._split.setSizes([top, max(self.height() - top, theme.px(100))])


_HEAD = 256
"""Bytes of a body that stand among the keys."""


def _side(message: MessageRow | OriginalRow, body: Body | None) -> Side:
    """For the comparison; of the body as much as it looks at, read here: a reader belongs to the Qt thread."""
    data = dict(message.data) if isinstance(message.data, dict) else {}
    if message.type in ("http.request", "http.response.body"):
        data.setdefault("more_body", False)
    part = body.read(0, min(body.stored, PART + 1)) if body is not None else b""
    return Side(message.type, data, message.body_key, part, message.size)


def _keys(message: MessageRow | OriginalRow, head: bytes) -> dict[str, Any]:
    keys = {"type": message.type, **(message.data if isinstance(message.data, dict) else {})}
    if message.body_key in ("body", "bytes") and "more_body" not in keys and message.type.startswith("http."):
        keys["more_body"] = message.more_body if isinstance(message, MessageRow) else False
    if message.body_key:
        keys[message.body_key] = _body_value(message, head)
    return keys


def _body_value(message: MessageRow | OriginalRow, head: bytes) -> object:
    """A short body itself; of a longer one its size, for it stands below."""
    if message.size > len(head) or len(head) > _HEAD:
        return shown.Note(f"{words.size(message.size)}, see below")
    return head.decode("utf-8", "replace") if message.body_key == "text" else head
