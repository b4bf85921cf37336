"""The panel of messages: what it shows, and that traffic moves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from inspector.recording.rows import WaitRow
from inspector.ui import theme
from inspector.ui.models.message_copy import MOST
from inspector.ui.models.message_table import SINCE, SIZE, TIME, TYPE, WIRE, WORDS
from inspector.ui.panels import exchange_parts
from inspector.ui.panels.message_delegate import row_height, shortened
from inspector.ui.panels.messages import MessagesPanel
from tests.support.sample_exchanges import FakeReader, Sample, chat, checkout, failing, ms, row, waiting

Show = Callable[[Sample], tuple[MessagesPanel, FakeReader]]


@pytest.fixture
def panel(qtbot: QtBot) -> MessagesPanel:
    panel = MessagesPanel()
    qtbot.addWidget(panel)
    panel.resize(640, 32 + 5 * row_height())
    return panel


@pytest.fixture
def show(panel: MessagesPanel) -> Show:
    def show(sample: Sample) -> tuple[MessagesPanel, FakeReader]:
        reader = FakeReader([sample])
        panel.show_exchange(reader, sample.row.id)  # type: ignore[arg-type]
        panel.grab()  # lays out, and paints every row in sight
        return panel, reader

    return show


def words_of(panel: MessagesPanel) -> set[str]:
    return {label.text() for label in panel.findChildren(QLabel) if label.text() and not label.isHidden()}


def test_words_end_at_the_edge_of_a_narrow_panel(panel: MessagesPanel, show: Show) -> None:
    panel.resize(400, 300)
    show(checkout())
    header = panel.table.horizontalHeader()
    assert header.length() == panel.table.viewport().width()
    assert header.sectionSize(WORDS) >= 160  # the size has given way, and the types' first word
    assert shortened("http.response.start") == "…response.start"
    assert shortened("start_response") == "start_response"
    assert panel.table.isColumnHidden(SIZE)


@pytest.mark.parametrize(
    ("width", "gone"),
    [(1_000, set()), (700, {WIRE}), (540, {WIRE, SINCE}), (380, {WIRE, SINCE, SIZE}), (260, {WIRE, SINCE, SIZE, TIME})],
)
@pytest.mark.parametrize("zoom", [100, 200])
def test_columns_give_way_to_the_words(panel: MessagesPanel, show: Show, width: int, gone: set[int], zoom: int) -> None:
    theme.zoom_to(zoom)
    panel.resize(theme.px(width), theme.px(300))
    show(checkout())
    columns = {TIME, SINCE, TYPE, SIZE, WORDS, WIRE}
    assert {column for column in columns if panel.table.isColumnHidden(column)} == gone
    assert panel.table.horizontalHeader().length() == panel.table.viewport().width()
    assert panel.table.columnWidth(WORDS) >= theme.px(90)


def test_without_an_exchange_it_teaches(panel: MessagesPanel) -> None:
    panel.show_exchange(None, None)
    assert "Select an exchange to see its messages" in words_of(panel)
    assert panel._pages.currentIndex() == 0


def test_an_exchange_that_is_gone_is_as_none(panel: MessagesPanel) -> None:
    panel.show_exchange(FakeReader(), 7)  # type: ignore[arg-type]
    assert panel._pages.currentIndex() == 0


def test_the_header_names_the_exchange_and_counts(show: Show) -> None:
    panel, _ = show(checkout())
    assert {"Messages", "POST /api/checkout", "5 messages"} <= words_of(panel)
    panel, _ = show(chat())
    assert {"WS /ws/chat", "48 messages"} <= words_of(panel)
    panel, _ = show(Sample(row(kind="lifespan", method="", path="")))
    assert {"lifespan", "0 messages"} <= words_of(panel)


def test_the_table_is_known_by_its_name(show: Show) -> None:
    panel, _ = show(checkout())
    assert panel.table.objectName() == "messageTable"
    assert panel.table.accessibleName()
    assert panel.table.rowHeight(0) == row_height()


def test_choosing_a_message_tells_its_seq(show: Show, qtbot: QtBot) -> None:
    panel, _ = show(checkout())
    with qtbot.waitSignal(panel.message_selected) as told:
        place = panel.table.visualRect(panel.model.index(2, TYPE)).center()
        qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told.args == [2]
    with qtbot.waitSignal(panel.message_selected) as told:
        qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    assert told.args == [3]


@pytest.mark.parametrize("width", [900, 260])
def test_the_focus_is_seen_at_a_message_and_selects_none(
    panel: MessagesPanel, show: Show, qtbot: QtBot, width: int
) -> None:
    def marked() -> list[int]:
        image, color = panel.table.viewport().grab().toImage(), theme.current().accent.rgb()
        rows = range(panel.model.rowCount())
        return [row for row in rows if image.pixel(0, row * row_height() + row_height() // 2) == color]

    panel.resize(width, 300)
    show(checkout())
    told: list[int] = []
    panel.message_selected.connect(told.append)
    panel.show()
    panel.activateWindow()
    panel.table.clearFocus()
    assert marked() == []
    panel.table.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(panel.table.hasFocus)
    assert marked() == [0]
    assert panel.table.chosen() == []
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    assert marked() == told[-1:] == [1]
    panel.table.clearFocus()
    assert marked() == []


def test_traffic_moves_neither_selection_nor_scroll(show: Show) -> None:
    sample = chat()
    panel, _ = show(sample)
    panel.select(9)
    bar = panel.table.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    place = bar.value()
    panel.message_selected.connect(lambda _: pytest.fail("traffic chose a message"))
    for number in range(600):
        sample.add(135_000 + number, "send", "websocket.send", {}, b"more", body_key="text")
        if number % 50 == 0:
            panel.refresh()
    panel.refresh()
    assert bar.value() == place
    assert panel.table.currentIndex().row() == 9
    assert [index.row() for index in panel.table.selectionModel().selectedRows()] == [9]
    assert "648 messages" in words_of(panel)


def test_the_newest_is_followed_at_the_end(show: Show) -> None:
    sample = chat()
    panel, _ = show(sample)
    bar = panel.table.verticalScrollBar()
    bar.setValue(bar.maximum())
    sample.add(135_000, "send", "websocket.send", {}, b"more", body_key="text")
    panel.refresh()
    assert bar.value() == bar.maximum() > 0
    panel.grab()
    assert panel.table.rowAt(panel.table.viewport().height() - 2) == 48


def test_another_exchange_begins_at_its_top_with_nothing_chosen(show: Show) -> None:
    panel, reader = show(chat())
    panel.select(40)
    other = checkout()
    reader.samples[other.row.id] = other
    panel.show_exchange(reader, other.row.id)  # type: ignore[arg-type]
    assert panel.table.verticalScrollBar().value() == 0
    assert not panel.table.selectionModel().hasSelection()


def test_an_exchange_that_retention_drops_stays_while_it_is_looked_at(show: Show) -> None:
    panel, reader = show(checkout())
    reader.rows = lambda ids: [None for _ in ids]  # type: ignore[method-assign]
    panel.refresh()
    assert panel.model.rowCount() == 5


def test_waiting_counts_on_only_while_it_lasts(show: Show) -> None:
    sample = waiting()
    panel, _ = show(sample)
    assert panel._ticker.isActive()
    assert panel.model.index(2, TYPE).data() == "waiting: receive"
    panel.resize(1_000, 300)
    qtbot_row = panel.table.visualRect(panel.model.index(2, TYPE)).center()
    assert panel.table.indexAt(qtbot_row).flags() == Qt.ItemFlag.NoItemFlags
    sample.waits = []
    sample.row = replace(sample.row, end_ns=ms(9))
    panel.refresh()
    assert not panel._ticker.isActive()
    sample = waiting()
    sample.waits = [WaitRow("send", ms(1))]
    panel, _ = show(sample)
    assert panel.model.index(2, TYPE).data() == "waiting: send"
    show(checkout())
    assert not panel._ticker.isActive()


def test_copy_gives_lines(show: Show) -> None:
    panel, _ = show(failing())
    panel.table.selectRow(0)
    panel.copy()
    assert QApplication.clipboard().text() == "0.30 ms  call  scope http  asgi 3.0 · spec 2.5"
    panel.table.selectAll()
    panel.copy()
    assert len(QApplication.clipboard().text().split("\n")) == 3


def choose(panel: MessagesPanel, *seqs: int) -> None:
    panel.table.clearSelection()
    for seq in seqs:
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        panel.table.selectionModel().select(panel.model.index(seq, 0), flags)


def test_copy_as_tsv(show: Show) -> None:
    panel, _ = show(checkout())
    choose(panel, 3, 1)
    panel.copy("tsv")
    header, request, response = (line.split("\t") for line in QApplication.clipboard().text().split("\n"))
    assert header == ["seq", "time_ms", "since_before_ms", "wire_ms", "direction", "type", "size", "in_short"]
    assert request[:7] == ["1", "0.71", "0.41", "0.60", "receive", "http.request", "179"]
    assert response[:7] == ["3", "7.84", "0.04", "8.30", "send", "http.response.body", "113"]


def test_copy_as_json_gives_the_shape_of_an_export(show: Show) -> None:
    panel, _ = show(checkout())
    choose(panel, 2, 3)
    actions = {action.text(): action for action in panel.menu().actions()}
    actions["Copy as JSON"].trigger()
    start, body = json.loads(QApplication.clipboard().text())
    assert set(start) == {"seq", "t_ns", "direction", "type", "data", "size", "edited", "dropped", "injected",
                          "truncated"}  # fmt: skip
    assert (start["seq"], start["direction"], start["data"]["status"]) == (2, "send", 201)
    assert json.loads(body["data"]["body"])["order"] == 4711
    panel.table.clearSelection()
    panel.copy("json")
    assert [each["seq"] for each in json.loads(QApplication.clipboard().text())] == [0, 1, 2, 3, 4]


def test_the_waiting_line_is_not_copied(show: Show) -> None:
    panel, _ = show(waiting())
    panel.table.selectAll()
    panel.copy()
    assert len(QApplication.clipboard().text().split("\n")) == 2
    assert "2 messages" in words_of(panel)


def test_a_copy_that_is_cut_says_so(show: Show) -> None:
    sample = chat()
    body = sample.messages[3]
    panel, reader = show(replace(sample, row=replace(sample.row, message_count=1_000_000)))
    reader.messages = lambda _id, start, count: [  # type: ignore[method-assign]
        replace(body, seq=seq) for seq in range(start, min(start + count, 1_000_000))
    ]
    panel.table.selectAll()
    panel.copy()
    assert len(QApplication.clipboard().text().split("\n")) == MOST["text"]
    assert "copied: the first 5,000 of 1,000,000 messages" in words_of(panel)
    panel.select(7)
    assert "1,000,000 messages" in words_of(panel)


def test_hostile_words_are_painted(show: Show) -> None:
    sample = Sample(row(path="/\u202e\0" + "a" * 100_000))
    sample.add(1, "send", "x" * 100_000 + "\0", {"headers": 7, "status": "\u202e" * 1_000}, b"\xff\0" * 100)
    sample.add(2, "", "websocket.close", {"code": [1], "reason": {"a": 1}})
    sample.add(-5, "raise", "raise", {"exception": 7})
    panel, _ = show(sample)
    assert panel.model.index(2, TIME).data() == "-5.00"
    assert panel.model.index(1, WORDS).data()


@pytest.mark.parametrize(
    ("outcome", "text", "status", "said"),
    [
        ("app raised", "the app raised ValueError; answered with 500", 500,
         "Inspector answered 500 for the app: it raised before it began its response"),
        ("broken", "the app returned without a response; answered with 500", 500,
         "Inspector answered 500 for the app: the app returned without a response"),
        ("refused", "answered with 503: The app crashed", 503, "Inspector answered 503 itself: The app crashed"),
        ("app raised", "the app raised ValueError; the transfer was cut", 200, ""),
        ("done", "", 200, ""),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_the_apps_is_named(
    outcome: str, text: str, status: int, said: str, panel: MessagesPanel, show: Show
) -> None:
    over = row(status=status, outcome=outcome, outcome_text=text, end_ns=ms(2))
    assert exchange_parts.own_answer(over) == said
    assert not exchange_parts.own_answer(replace(over, end_ns=None, outcome=""))
    show(Sample(over))
    told = words_of(panel)
    assert (f"No message: {said}" if said else "No message: the app was not called") in told
    assert (f"0 messages · Inspector answered {status}" in told) is bool(said)
    show(Sample(replace(over, end_ns=None, outcome="", outcome_text="")))
    assert "No message yet: the app has not been called" in words_of(panel)
