"""The model of messages: pages, growth, the waiting line, and words for every message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from inspector.recording.rows import MessageRow, WaitRow
from inspector.trace import clock
from inspector.ui.models import message_words
from inspector.ui.models.message_table import PAGE, PAGES, ROW, SIZE, TIME, TYPE, WORDS, MessageTable
from tests.support.fake_recording import called
from tests.support.sample_exchanges import (
    FakeReader,
    Sample,
    chat,
    checkout,
    failing,
    ms,
    row,
    truncated,
    waiting,
    wsgi_form,
)


def table(sample: Sample) -> tuple[MessageTable, FakeReader]:
    model, reader = MessageTable(), FakeReader([sample])
    if sample.row.message_count < 1_000:  # it looks at every row
        model.tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)  # type: ignore[attr-defined]
    model.show(reader, sample.row)  # type: ignore[arg-type]
    return model, reader


def text(model: MessageTable, at: int) -> list[str]:
    return [model.index(at, column).data() for column in range(model.columnCount())]


def test_rows_say_when_what_and_how_much(qtbot: QtBot) -> None:
    model, _ = table(checkout())
    assert [text(model, at) for at in range(model.rowCount())] == [
        ["0.30", "", "call", "scope http", "", "asgi 3.0 · spec 2.5", ""],
        ["0.71", "+0.41", "receive", "http.request", "179 B", model.index(1, WORDS).data(), "wire 0.60"],
        ["7.80", "+7.09", "send", "http.response.start", "", "201 · 6 headers", "wire 8.20"],
        ["7.84", "+0.04", "send", "http.response.body", "113 B", model.index(3, WORDS).data(), "wire 8.30"],
        ["8.02", "+0.18", "return", "return", "", "the app returned", ""],
    ]
    assert model.index(1, WORDS).data().startswith('more_body false · {"cart": [{"sku"')


def test_a_tooltip_tells_both_clocks(qtbot: QtBot) -> None:
    sample = checkout()
    sample.messages[1] = replace(sample.messages[1], wire_ns=ms(0.66), edited=True)
    model, _ = table(sample)
    tip = Qt.ItemDataRole.ToolTipRole
    assert model.index(1, TIME).data(tip).split("\n") == [
        "http.request, 0.71 ms after the start, 0.41 ms after the message before.",
        "The client's bytes came at 0.66 ms; the app asked for it at 0.31 ms and got it at 0.71 ms.",
        "You edited it: this is what went on.",
    ]
    assert model.index(3, TIME).data(tip).split("\n")[1:] == [
        "The app sent it at 7.84 ms; its last byte was handed to the socket at 8.30 ms."
    ]
    assert model.index(0, TIME).data(tip) == "scope http, 0.30 ms after the start."
    sample = Sample(row(end_ns=None))
    sample.add(1, "send", "http.response.body", {}, b"x", size=10)
    model, _ = table(sample)
    assert model.index(0, TIME).data(tip).split("\n")[1:] == [
        "The app sent it at 1.00 ms; the socket has not taken it yet.",
        "10 B, of which 1 B are recorded (the body cap).",
    ]


def test_a_million_messages_cost_pages(qtbot: QtBot) -> None:
    sample = chat(frames=2)
    model, reader = table(replace(sample, row=replace(sample.row, message_count=1_000_000)))
    body = sample.messages[3]

    def messages(exchange: int, start: int, count: int) -> list[MessageRow]:
        reader.reads += 1
        return [replace(body, seq=seq) for seq in range(start, min(start + count, 1_000_000))]

    reader.messages = messages  # type: ignore[method-assign, assignment]
    reader.reads = 0
    assert model.rowCount() == 1_000_000
    for at in range(0, 1_000_000, 10_000):
        assert model.index(at, TYPE).data() == "websocket.receive"
    assert reader.reads == 100
    assert len(model._pages) == PAGES
    model.index(990_001, TYPE).data()
    assert reader.reads == 100  # the page is still there
    assert model.index(999_999, 0).data(ROW).seq == 999_999


def test_what_comes_is_appended_and_the_last_page_is_read_again(qtbot: QtBot) -> None:
    sample = checkout()
    model, _ = table(sample)
    inserted: list[tuple[int, int]] = []
    model.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
    model.modelReset.connect(lambda: pytest.fail("reset moves the selection"))
    assert model.index(2, 0).data(ROW).wire_ns == ms(8.2)
    sample.messages[2] = replace(sample.messages[2], wire_ns=ms(8.1))
    for number in range(PAGE):
        sample.add(9 + number, "send", "http.response.body", {}, b"x", more_body=True)
    model.refresh(sample.row)
    assert inserted == [(5, 5 + PAGE - 1)]
    assert model.rowCount() == PAGE + 5
    assert text(model, PAGE + 4)[TYPE] == "http.response.body"
    assert model.index(2, 0).data(ROW).wire_ns == ms(8.1)


def test_the_waiting_line_comes_moves_and_goes(qtbot: QtBot) -> None:
    sample = waiting()
    model, _ = table(sample)
    assert model.rowCount() == 3
    assert text(model, 2)[TYPE] == "waiting: receive"
    told = text(model, 2)[WORDS]
    assert told.startswith("until the client leaves, for ")
    assert told.endswith(" s")
    assert model.flags(model.index(2, 0)) == Qt.ItemFlag.NoItemFlags
    sample.add(2, "receive", "http.disconnect")
    sample.waits = [WaitRow("send", ms(3))]
    model.refresh(sample.row)
    assert [text(model, at)[TYPE] for at in range(model.rowCount())][2:] == ["http.disconnect", "waiting: send"]
    sample.waits = []
    model.refresh(sample.row)
    assert model.rowCount() == 3
    sample.waits = [WaitRow("receive", ms(4))]
    sample.row = replace(sample.row, end_ns=ms(5))
    model.refresh(sample.row)
    assert model.wait is None  # an exchange that is over waits for nothing


def test_nothing_to_show(qtbot: QtBot) -> None:
    model, _ = table(checkout())
    model.show(None, None)
    assert model.rowCount() == 0
    assert model.message(0) is None


def test_a_row_that_the_reader_does_not_have_is_blank(qtbot: QtBot) -> None:
    sample = checkout()
    model, _ = table(replace(sample, row=replace(sample.row, message_count=9)))
    assert model.index(8, TYPE).data() is None


def message(
    type_: str, direction: str = "send", data: Any = None, body: bytes | None = None, **more: Any
) -> MessageRow:
    sample = Sample(row())
    sample.add(1, direction, type_, data, body, **more)
    return sample.messages[0]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (message("websocket.send", body=b"hello\nyou", body_key="text"), "hello↵you"),
        (message("websocket.send", body=b"\x89PNG", body_key="bytes"), "binary · 89 50 4e 47"),
        (message("websocket.close", data={"code": 1009, "reason": "too\u202ebig"}),
         '1009 message too big · "too⟨U+202E⟩big"'),
        (message("websocket.disconnect", "receive", {"code": 4711}), "4711"),
        (message("websocket.disconnect", "receive", {}, status=1006), "1006 no close frame: the connection was lost"),
        (message("websocket.accept", data={"subprotocol": "chat"}), 'subprotocol "chat"'),
        (message("start_response", data={"status": "200 OK", "headers": [("a", "b")], "exc_info": ("x",)}),
         "200 OK · 1 header · with exc_info"),
        (message("read", "receive", {"method": "readline", "size": -1}, b"a=b"), "readline(-1) · a=b"),
        (message("raise", "raise", {"exception": {"type": "ValueError", "message": "no\n1"}}), "ValueError: no↵1"),
        (message("http.response.body", body=b"", more_body=True), "more_body true"),
        (message("http.request", "receive", body=b"x", size=20, edited=True),
         "edited · only 1 B recorded · more_body false · x"),
        (message("lifespan.startup.failed", data={"message": "no database"}), "no database"),
        (message("refused", "receive", {"message": "a second Host", "raw": b"\0"}), "a second Host"),
        (message("http.response.pathsend", data={"path": "/srv/a\x1b.csv"}), "a file by its path · /srv/a⟨ESC⟩.csv"),
        (message("http.response.early_hint", data={"links": [b"a", b"b"]}), "2 links"),
        (message("http.response.trailers", data={"headers": [(b"a", b"b")]}), "1 trailer"),
        (message("weird", data=7), ""),
        (message("raise", "raise", None), ": "),
    ],
)  # fmt: skip
def test_messages_in_a_few_words(told: MessageRow, words: str) -> None:
    assert str(message_words.describe(told)) == words


@pytest.mark.parametrize("sample", [checkout(), chat(), failing(), wsgi_form(), truncated()])
def test_every_message_has_a_title_and_words(sample: Sample) -> None:
    for each in sample.messages:
        assert message_words.title(each)
        assert message_words.describe(each).note or message_words.describe(each).quote


@pytest.mark.parametrize("data", [None, 7, [], {"scope": 1}, {"asgi": 7}, {"asgi": {"version": b"\0" * 10**6}}])
def test_a_call_out_of_a_hostile_recording(data: object) -> None:
    told = replace(message("call", "call", {}), data=data)
    assert len(message_words.title(told)) < 100
    assert len(str(message_words.describe(told))) < 1_000


def test_sizes_stand_where_there_is_a_body(qtbot: QtBot) -> None:
    model, _ = table(truncated())
    assert text(model, 1)[SIZE] == "31.5 MB"
    assert text(model, 3)[SIZE] == "0 B"
    assert text(model, 4)[SIZE] == ""


@pytest.mark.parametrize(
    ("changes", "point", "type_", "words"),
    [
        ({"kind": "websocket"}, "receive", "waiting: receive", "the client has sent nothing for 1."),
        ({"kind": "websocket"}, "send", "waiting: send", "the client has read nothing for 1."),
        ({"kind": "lifespan"}, "receive", "waiting: receive", "until the server stops, for 1."),
        ({"interface": "wsgi"}, "receive", "waiting: read", "the client has sent nothing for 1."),
    ],
)
def test_where_it_waits_in_words(changes: dict[str, Any], point: str, type_: str, words: str, qtbot: QtBot) -> None:
    sample = Sample(row(end_ns=None, **changes), waits=[WaitRow(point, clock.now() - 1_200_000_000)])
    model, _ = table(sample)
    assert text(model, 0)[TYPE] == type_
    assert text(model, 0)[WORDS].startswith(words)


def test_a_call_that_was_kept_from_the_app_is_aborted_and_another_message_dropped() -> None:
    call = replace(called(1, {"type": "http"}), dropped=True)
    assert message_words.describe(call).done == "aborted"
    assert message_words.describe(replace(call, direction="send", type="http.response.body")).done == "dropped"
