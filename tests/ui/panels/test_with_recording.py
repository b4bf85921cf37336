"""The panels on a real recording: what the engine told is what stands on screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from inspector.recording.fold import Fold
from inspector.recording.reader import Reader
from inspector.recording.writer import Writer
from inspector.trace import clock, values
from inspector.trace.records import (
    BODY,
    CALL,
    RECEIVE,
    RETURN,
    SEND,
    TRUNCATED,
    ExchangeEnded,
    ExchangeStarted,
    Failure,
    Logged,
    MessageSeen,
    Record,
    RunStarted,
    Wait,
)
from inspector.ui.models.log_list import ENTRIES
from inspector.ui.models.message_table import TYPE
from inspector.ui.panels.details import EXCEPTION, LOG, REQUEST, RESPONSE, DetailsPanel
from inspector.ui.panels.messages import MessagesPanel

T0 = clock.now() - 10**9
HEAD = b"POST /orders?x=1 HTTP/1.1\r\nHost: shop\r\nX-Twice: a\r\nX-Twice: b\r\nContent-Length: 6\r\n\r\n"


class Recording:
    """A run that is written while panels look at it."""

    def __init__(self, path: Path) -> None:
        self.writer = Writer.create(path)
        self.run = self.writer.begin_run()
        self.fold = Fold(self.run)
        self.tell(RunStarted(T0, 10**18, 1, "3.11", "python", "shop:app"))
        self.reader = Reader(path)

    def tell(self, *records: Record) -> None:
        for record in records:
            self.fold.feed(record)
        self.writer.write(self.run, self.fold.take())


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Recording]:
    recording = Recording(tmp_path / "live.inspector")
    recording.tell(
        ExchangeStarted(
            1, "http", "asgi3", 1, "1.1", "http", ("127.0.0.1", 5), ("127.0.0.1", 80), "", HEAD, T0, T0, T0 + 9
        ),
        message(0, CALL, "call", {"asgi": {"version": "3.0", "spec_version": "2.5"}}),
    )
    yield recording
    recording.reader.close()
    recording.writer.close()


def message(
    seq: int, direction: int, type_: str, data: object = None, body: bytes | None = None, **more: int
) -> Record:
    size = more.pop("size", len(body or b""))
    fields = {"body_key": 0 if body is None else BODY, "size": size, "stored": len(body or b""), **more}
    told = values.encode({} if data is None else data)
    return MessageSeen(1, seq, T0 + 100 * seq, 0, 0, 0, 0, direction, type_, told, body=body or b"", **fields)


def test_a_live_exchange_from_its_call_to_its_end(recording: Recording, qtbot: QtBot) -> None:
    messages, details = MessagesPanel(), DetailsPanel()
    for panel in (messages, details):
        qtbot.addWidget(panel)
        panel.resize(800, 400)
        panel.show_exchange(recording.reader, 1)
    assert details.scope.tree.rowCount() > 10
    details.tabs.setCurrentIndex(REQUEST)
    assert details.request.line.whole() == "POST /orders?x=1 HTTP/1.1"
    assert details.request.headers.tree.rowCount() == 4

    recording.tell(Wait(1, T0 + 50, RECEIVE, False))
    messages.refresh()
    assert messages.model.index(1, TYPE).data() == "waiting: receive"

    recording.tell(
        message(1, RECEIVE, "http.request", None, b"a=1&b=", size=9, flags=TRUNCATED),
        message(2, SEND, "http.response.start", {"status": 201, "headers": [(b"x-order", b"7")]}, status=201),
        message(3, SEND, "http.response.body", None, b'{"order":7}'),
        message(4, RETURN, "return"),
        Logged(1, T0 + 300, "logging", "INFO", "shop", "ordered", "shop.py", 3),
        ExchangeEnded(1, T0 + 500, "done", "", T0 + 350, T0 + 400, 3, T0 + 400),
    )
    for panel in (messages, details):
        panel.refresh()
    assert [messages.model.index(at, TYPE).data() for at in range(messages.model.rowCount())] == [
        "scope http", "http.request", "http.response.start", "http.response.body", "return",
    ]  # fmt: skip
    qtbot.waitUntil(lambda: details.request.body.text.toPlainText() == "a=1&b=")
    assert "Recorded is the first 6 B of 9 B" in details.request.body._remarks.text()
    details.tabs.setCurrentIndex(RESPONSE)
    assert details.response.line.whole() == "HTTP/1.1 201 Created"
    qtbot.waitUntil(lambda: details.response.body.text.toPlainText() == '{\n  "order": 7\n}')
    details.tabs.setCurrentIndex(LOG)
    assert [each.text for each in details.log.list.rows] == ["ordered"]


def test_of_many_logs_the_newest_are_shown(recording: Recording, qtbot: QtBot) -> None:
    recording.tell(*(Logged(1, T0 + at, "stdout", "", "", f"line {at}", "", 0) for at in range(ENTRIES + 100)))
    details = DetailsPanel()
    qtbot.addWidget(details)
    details.show_exchange(recording.reader, 1)
    details.tabs.setCurrentIndex(LOG)
    assert details.log.list.rows[-1].text == f"line {ENTRIES + 99}"
    assert len(details.log.list.rows) == ENTRIES
    recording.tell(Logged(1, T0, "stdout", "", "", "the last", "", 0))
    details.refresh()
    assert [details.log.list.rows[0].text, details.log.list.rows[-1].text] == ["line 101", "the last"]


def test_an_exception(recording: Recording, qtbot: QtBot) -> None:
    frame = {"file": "shop.py", "line": 3, "function": "order", "source": "raise ValueError", "locals": None}
    chain = [{"type": "ValueError", "message": "no", "notes": [], "relation": "", "frames": [frame]}]
    recording.tell(Failure(1, T0 + 200, "ValueError", "no", "Traceback", chain))
    details = DetailsPanel()
    qtbot.addWidget(details)
    details.show_exchange(recording.reader, 1)
    details.tabs.setCurrentIndex(EXCEPTION)
    assert details.exception.text.toPlainText() == "shop.py:3  order\nraise ValueError"
