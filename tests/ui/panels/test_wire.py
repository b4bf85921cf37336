"""The tab Wire: its pieces in words, each with its message, and its bytes; kept in place while more come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.recording.rows import WireRow
from inspector.ui.models.wire_table import MESSAGE, TIME, WHAT, WireTable
from inspector.ui.models.wire_words import what
from inspector.ui.panels.details import MESSAGE as MESSAGE_TAB
from inspector.ui.panels.details import SCOPE, WIRE, DetailsPanel
from tests.support.panel_scenes import PANEL_SCENES
from tests.support.sample_exchanges import FakeReader, Sample, chat, checkout, ms
from tests.support.sample_wire import wired
from tests.support.scenes import scene

Show = Callable[[Sample], FakeReader]


@pytest.fixture
def show(panel: DetailsPanel) -> Show:
    def show(sample: Sample) -> FakeReader:
        reader = FakeReader([sample])
        panel.keep(WIRE)
        panel.show_exchange(reader, sample.row.id)  # type: ignore[arg-type]
        panel.grab()
        return reader

    return show


def texts(panel: DetailsPanel, column: int) -> list[str]:
    model = panel.wire.model
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_pieces_in_order_with_their_messages(panel: DetailsPanel, show: Show) -> None:
    show(wired(checkout()))
    assert panel.tabs.currentIndex() == WIRE
    assert texts(panel, WHAT) == [
        "request head, POST /api/checkout HTTP/1.1",
        "body, 179 bytes",
        "response head, HTTP/1.1 201 Created",
        "body, 113 bytes",
    ]
    assert texts(panel, MESSAGE) == ["scope http", "http.request", "http.response.start", "http.response.body"]
    assert texts(panel, TIME) == ["0.00", "0.60", "8.20", "8.30"]


def test_there_is_no_tab_where_nothing_is_on_record(panel: DetailsPanel, show: Show) -> None:
    show(checkout())
    assert not panel.tabs.isTabVisible(WIRE)
    assert panel.tabs.currentIndex() == SCOPE
    show(wired(checkout()))
    assert panel.tabs.isTabVisible(WIRE)


def test_a_piece_chosen_shows_its_bytes_and_wants_its_message(panel: DetailsPanel, show: Show, qtbot: QtBot) -> None:
    show(wired(chat()))
    with qtbot.waitSignal(panel.message_wanted) as wanted:
        panel.wire.table.selectRow(2)
    assert wanted.args == [3]
    panel.wire.body.choose("hex")
    qtbot.waitUntil(lambda: panel.wire.body.mode == "hex" and panel.wire.body.hex.total == 37)
    assert panel.wire.body.hex.read(0, 9).hex(" ") == "81 9f 1a 2b 3c 4d 72 4e 50"  # "he" ^ 1a 2b


def test_a_message_chosen_elsewhere_chooses_its_piece_and_asks_for_nothing(
    panel: DetailsPanel, show: Show, qtbot: QtBot
) -> None:
    show(wired(chat()))
    with qtbot.assertNotEmitted(panel.message_wanted):
        panel.show_message(4)
    assert panel.tabs.currentIndex() == WIRE
    assert panel.wire.table.currentIndex().row() == 3
    panel.tabs.setCurrentIndex(SCOPE)
    panel.show_message(4)
    assert panel.tabs.currentIndex() == MESSAGE_TAB


def test_what_comes_later_moves_nothing(panel: DetailsPanel, show: Show, qtbot: QtBot) -> None:
    whole = wired(chat())
    part = wired(chat())
    part.wire = [*whole.wire[:5], *whole.wire[6:20]]
    reader = show(part)
    panel.wire.table.selectRow(10)
    chosen = panel.wire.model.rows[10]
    bar = panel.wire.table.verticalScrollBar()
    place = bar.value()
    part.wire = whole.wire  # also one that was told late
    reader.samples[part.row.id].row = replace(part.row, log_count=1)
    with qtbot.assertNotEmitted(panel.message_wanted):
        panel.refresh()
    assert panel.wire.model.rowCount() == len(whole.wire)
    assert panel.wire.table.currentIndex().row() == 11
    assert panel.wire.model.rows[11].before == chosen.before
    assert bar.value() == place


def test_pieces_are_copied_as_lines_and_the_chosen_one_as_hex(panel: DetailsPanel, show: Show) -> None:
    show(wired(checkout()))
    panel.wire.table.selectRow(1)
    panel.wire.copy()
    assert QApplication.clipboard().text() == "0.60\tin\tbody, 179 bytes\t179 B\thttp.request"
    panel.wire.copy_hex()
    assert bytes.fromhex(QApplication.clipboard().text()).startswith(b'{"cart"')
    assert [action.text() for action in panel.wire.menu().actions()] == ["Copy as text", "Copy bytes as hex"]


def test_inside_tls_is_said(panel: DetailsPanel, show: Show) -> None:
    sample = wired(checkout())
    show(sample)
    assert panel.wire._told.whole() == "4 pieces · 709 B in · 308 B out"
    sample.row = replace(sample.row, scheme="https")  # a proxy's word for it
    show(sample)
    assert "TLS" not in panel.wire._told.whole()
    sample.transport = {"tls": {"version": "TLSv1.3"}}
    show(sample)
    assert "inside TLS" in panel.wire._told.whole()


def test_the_model_passes_qts_tester(qtbot: QtBot) -> None:
    model = WireTable()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    whole, part = wired(chat()), wired(chat())
    part.wire = [*whole.wire[:4], *whole.wire[6:9]]
    model.show(FakeReader([part]), part.row)  # type: ignore[arg-type]
    model.refresh(FakeReader([whole]), whole.row)  # type: ignore[arg-type]
    model.refresh(FakeReader([part]), part.row)  # type: ignore[arg-type]
    model.show(None, None)
    assert tester.model() is model
    assert not model.rowCount()


def piece(kind: str, before: bytes = b"", sent: bool = True, **more: int) -> WireRow:
    return WireRow(1, 0, ms(1), sent, kind, None, before, b"", left_out=more.get("left_out", 0))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (piece("chunk", b'5;name="a b"\r\nhello\r\n'), 'chunk of 5 bytes, extension name="a b"'),
        (piece("last chunk", b"0\r\n\r\n"), "last chunk"),
        (piece("last chunk", b"0\r\nx-sum: 12\r\nx-b: 1\r\n\r\n"), "last chunk, 2 trailer fields"),
        (piece("frame", b"\x89\x06there?"), "ping frame, FIN, 6 bytes"),
        (piece("frame", b"\x88\x05\x0b\xb8bye"), "close frame, FIN, 5 bytes, 3000"),
        (piece("frame", b"\x88\x82\x0a\x0b\x0c\x0d\x09\xe3", sent=False),
         "close frame, FIN, masked 0x0a0b0c0d, 2 bytes, 1000 normal closure"),
        (piece("frame", b"\xc1\x02\xf2\x00"), "text frame, FIN, compressed, 2 bytes"),
        (piece("frame", b"\x02\x7e\x02\x00"), "binary frame, 512 bytes"),
        (piece("frame", b"\x80"), "frame"),
        (piece("informational", b"HTTP/1.1 100 Continue\r\n\r\n"), "head in between, HTTP/1.1 100 Continue"),
        (piece("head", b"HTTP/1.1 400 Bad\x1b\r\n\r\nno"), "response of the server itself, HTTP/1.1 400 Bad⟨ESC⟩"),
        (piece("request"), "bytes of the client that are no request"),
        (piece("cut", left_out=1204), "1,204 more pieces, not on record: so many are kept of an exchange"),
        (piece("cut"), "what follows is not on record: so many pieces are kept of an exchange"),
    ],
)  # fmt: skip
def test_a_piece_in_words(row: WireRow, words: str) -> None:
    assert what(row) == words


def framed(type_: int, flags: int, stream: int, payload: bytes = b"", size: int | None = None) -> WireRow:
    head = (
        (len(payload) if size is None else size).to_bytes(3, "big") + bytes((type_, flags)) + stream.to_bytes(4, "big")
    )
    return piece("HTTP/2 frame", head + payload)._replace(windows=(65_535, 1_024, 1_048_576, -1, 3))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (piece("HTTP/2 frame", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "connection preface"),
        (framed(0, 1, 5, size=1024), "DATA stream 5, END_STREAM, 1,024 bytes"),
        (framed(0, 8, 5, size=9), "DATA stream 5, PADDED, 9 bytes"),
        (framed(0, 1, 5, size=0), "DATA stream 5, END_STREAM, 0 bytes"),
        (framed(1, 5, 1, b"abc"), "HEADERS stream 1, END_STREAM, END_HEADERS, 3 bytes"),
        (framed(3, 0, 7, b"\0\0\0\x08"), "RST_STREAM stream 7, CANCEL"),
        (framed(3, 0, 7, b"\0\0\1\0"), "RST_STREAM stream 7, 0x100"),
        (framed(4, 1, 0), "SETTINGS, ACK"),
        (framed(4, 0, 0, b"\0\4\0\2\0\0\0\x99\0\0\0\1"), "SETTINGS, INITIAL_WINDOW_SIZE 131,072, 153 1"),
        (framed(6, 0, 0, b"12345678"), "PING"),
        (framed(7, 0, 0, b"\0\0\0\5\0\0\0\0"), "GOAWAY, NO_ERROR, last stream 5"),
        (framed(8, 0, 0, b"\0\1\0\0"), "WINDOW_UPDATE, 65,536 more bytes"),
        (framed(0x10, 0, 0, b"\0\0\0\5u=1"), "PRIORITY_UPDATE, 7 bytes"),
        (framed(0x77, 0, 3, b"?"), "frame of type 0x77 stream 3, 1 byte"),
        (piece("HTTP/2 frame", b"\0\0"), "frame"),
    ],
)  # fmt: skip
def test_a_frame_of_http2_in_words(row: WireRow, words: str) -> None:
    assert what(row) == words


def test_the_windows_of_a_frames_moment_are_told(panel: DetailsPanel, show: Show) -> None:
    sample = wired(checkout())
    sample.wire.append(framed(0, 1, 5, size=0))
    show(sample)
    panel.wire.table.selectRow(4)
    assert panel.wire._moment.text() == (
        "Then the client takes 65,535 more bytes (stream 5: 1,024), and may send 1,048,576 more bytes; 3 open streams."
    )
    panel.wire.table.selectRow(1)
    assert panel.wire._moment.isHidden()


def test_a_piece_chosen_is_chosen_in_the_table_of_messages(tmp_path: Path) -> None:
    with scene(next(one for one in PANEL_SCENES if one.name == "panels-wire-chunks"), tmp_path) as window:
        window.details.wire.table.selectRow(5)
        assert window.messages.table.currentIndex().row() == 6
        window.messages.select(4)
        assert window.details.wire.table.currentIndex().row() == 3
        assert window.details.tabs.currentIndex() == WIRE
