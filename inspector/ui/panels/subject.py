"""The exchange that the details are about, as far as it is read: its row, its call, the head of its response.

Reads, and shows nothing; of an exchange's messages only those that tell something about the whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from inspector.recording.content import ContentType, content_type
from inspector.recording.past import Past
from inspector.recording.rows import ExchangeRow, HoldRow, MessageRow
from inspector.ui import words
from inspector.ui.models.message_words import called
from inspector.ui.panels import exchange_parts
from inspector.ui.panels.exchange_parts import Headers
from inspector.ui.panels.message import Before
from inspector.ui.rendering import Body

if TYPE_CHECKING:
    from inspector.recording.past import Pages

_HEADS = 2_000
"""Messages among which the response's head is looked for."""
_PAGE = 200
_LAST = 3
"""Messages that tell how the app ended."""
MAX_INJECTED = 32
"""Messages that can stand before a held one (`engine.probe.board`)."""
_FRAME_CONTENT = {True: ContentType(charset="utf-8"), False: ContentType()}


class Half(NamedTuple):
    """A request or a response: its line, its headers, its body (None: it has none), and what is said of no bytes."""

    line: str
    headers: Headers
    body: Body | None
    nothing: str


class Subject:
    """One exchange of `reader`; `call` and `head` are None until they are there."""

    def __init__(self, reader: Pages, row: ExchangeRow) -> None:
        self.reader = reader
        self.row = row
        self.call: MessageRow | None = None
        self.head: MessageRow | None = None
        self.dropped = False
        """By the retention cap: what is shown stays as long as it is looked at."""
        self._look()

    def refresh(self) -> bool:
        """Reads the row again; whether it is another. One that was dropped stays as it was."""
        row = self.reader.rows([self.row.id])[0]
        self.dropped = row is None
        if row is None or row == self.row:
            return False
        self.row = row
        self._look()
        return True

    def _look(self) -> None:
        """For the call, and for the head of the response."""
        if self.call is None:
            first = self.message(0)
            self.call = first if first is not None and first.direction == "call" else None
        if self.head is None and self.row.status is not None:
            for start in range(0, min(self.row.message_count, _HEADS), _PAGE):
                for message in self.reader.messages(self.row.id, start, _PAGE):
                    if message.type in exchange_parts.HEAD_TYPES and not message.dropped:
                        self.head = message  # of several (exc_info) the last one near the first counts
                if self.head is not None:
                    break

    @property
    def past_ns(self) -> int:
        """The moment that is shown, where it lies in the past; 0: the present."""
        return self.reader.now_ns if isinstance(self.reader, Past) else 0

    @property
    def has_wire(self) -> bool:
        """Something of its wire is on record."""
        return self.reader.has_wire(self.row.id)

    def why_empty(self, *, scope: bool, log: bool) -> str:
        """What the tab of the scope, or of the log, says instead of nothing; empty where there is something."""
        row = self.row
        if scope and self.call is None:
            if row.live:
                return "The app has not been called yet"
            return f"The app was not called: {row.outcome_text}" if row.outcome_text else "The app was not called"
        if log and not row.log_count:
            return "The app has logged nothing yet" if self.past_ns else "The app logged nothing during this exchange"
        return ""

    def message(self, seq: int) -> MessageRow | None:
        found = self.reader.messages(self.row.id, seq, 1)
        return found[0] if found and found[0].seq == seq else None

    def scope(self) -> dict[str, Any]:
        """The scope or environ; empty where the app was not called."""
        scope, environ = called(self.call) if self.call is not None else (None, None)
        return scope or environ or {}

    def request(self) -> Half:
        reader, row = self.reader, self.row
        headers = exchange_parts.request_headers(reader, row)
        body = exchange_parts.exchange_body(reader, row, "receive", headers) if row.kind == "http" else None
        nothing = "The app has read no body" if row.live else "The app read no body"
        return Half(exchange_parts.request_line(row), headers, body, nothing)

    def own_answer(self) -> str:
        """What the engine answered in the app's place, in words; no message tells it, but the wire has it."""
        told = exchange_parts.own_answer(self.row)
        return f"{told}. Its bytes stand in the tab Wire" if told and self.has_wire else told

    def response(self) -> Half:
        """Of an exchange whose app gave one: `row.status` is not None, and `own_answer` empty."""
        reader, row = self.reader, self.row
        headers = exchange_parts.response_headers(self.head)
        body = exchange_parts.exchange_body(reader, row, "send", headers) if row.kind == "http" else None
        nothing = "No body yet" if row.live else "The response has no body"
        if body is not None and body.size and not body.stored:  # a cap leaves the first bytes
            nothing = f"{words.size(body.size)} of a file that the app sent by its path: they are not recorded"
            body = replace(body, size=0)
        return Half(exchange_parts.status_line(row, self.head), headers, body, nothing)

    def body(self, message: MessageRow | None) -> Body | None:
        """The body of one message; None where it can have none."""
        if message is None or not message.body_key:
            return None
        content = self._content(message.direction, message.body_key)
        return exchange_parts.message_body(self.reader, message, content)

    def _content(self, direction: str, body_key: str) -> ContentType:
        if self.row.kind != "http":
            return _FRAME_CONTENT[body_key == "text"]
        if direction == "receive":
            return content_type(exchange_parts.request_headers(self.reader, self.row))
        return content_type(exchange_parts.response_headers(self.head))

    def hold(self, message: MessageRow | None) -> HoldRow | None:
        """Where a message was held, or beside which held one it was injected."""
        if message is None:
            return None
        holds = [one for one in self.reader.holds(self.row.id) if one.seq <= message.seq <= one.seq + MAX_INJECTED]
        if not holds:
            return None
        last = holds[-1]
        between = self.reader.messages(self.row.id, last.seq, message.seq - last.seq)
        # What was injected before the held message has taken its number; what passed behind it has one of its own.
        beside = all(one.injected for one in between) or message.injected
        return last if beside else None

    def original(self, message: MessageRow | None) -> Before | None:
        """What a message was before it was edited; None where it was not."""
        found = self.reader.original(self.row.id, message.seq) if message is not None and message.edited else None
        if message is None or found is None:
            return None
        if not found.body_key:
            return Before(found, None)
        body, content = found.body, self._content(message.direction, found.body_key)
        return Before(found, Body(found.size, len(body), content, lambda at, count: body[at : at + count]))

    def timing(self, most: int) -> tuple[list[MessageRow], list[MessageRow]]:
        """All messages, if they are at most `most`, else none; and the last few, which tell how the app ended."""
        count = self.row.message_count
        if 0 < count <= most:
            messages = self.reader.messages(self.row.id, 0, count)
            return messages, messages[-_LAST:]
        return [], self.reader.messages(self.row.id, max(count - _LAST, 0), _LAST)
