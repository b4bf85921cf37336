"""Bytes of any number: only those in sight are read."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.ui.panels.hex_view import COPY_CAP, HexView


@pytest.fixture
def view(qtbot: QtBot) -> HexView:
    view = HexView()
    qtbot.addWidget(view)
    view.resize(700, 200)
    view.grab()
    return view


def show(view: HexView, data: bytes) -> None:
    view.show_bytes(len(data), lambda at, count: data[at : at + count])


def test_offset_figures_and_characters(view: HexView) -> None:
    show(view, b"GET / HTTP/1.1\r\n\r\n\xff~")
    assert view.lines() == [
        ("000000", "47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a", "GET / HTTP/1.1··"),
        ("000010", "0d 0a ff 7e", "···~"),
    ]
    show(view, b"")
    assert view.lines() == []


def test_terabytes_are_read_where_one_looks(view: HexView) -> None:
    asked: list[tuple[int, int]] = []

    def read(at: int, count: int) -> bytes:
        asked.append((at, count))
        return bytes(min(count, 4096))

    size = 16 * (1 << 30)
    view.show_bytes(size, read)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    view.grab()
    assert all(count < 4096 for _, count in asked)
    assert asked[-1][0] > size - 4096
    assert view.lines()[0][0].startswith("3ffffff")


def test_dragging_selects_and_copies(view: HexView, qtbot: QtBot) -> None:
    show(view, b"GET / HTTP/1.1\r\n")
    width, _, figures, characters = view._columns()
    at = QPoint(round(figures + 4 * 3 * width) + 2, 5)
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseMove(view.viewport(), at + QPoint(round(3 * width), 0))
    view.select(4, 5)
    assert view.selection() == (4, 5)
    view.copy()
    assert QApplication.clipboard().text() == "2f 20 48 54 54"
    view.copy(characters=True)
    assert QApplication.clipboard().text() == "/ HTT"
    view.grab()
    assert view._byte_at(QPoint(round(characters + 6.5 * width), 5)) == 6
    assert view._byte_at(QPoint(round(figures + 4 * 3 * width) + 2, 5)) == 4
    assert view._byte_at(QPoint(-50, 5_000)) == 15


def test_keys(view: HexView, qtbot: QtBot) -> None:
    show(view, bytes(100_000))
    bar = view.verticalScrollBar()
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert bar.value() == bar.maximum() > 0
    qtbot.keyClick(view, Qt.Key.Key_PageUp)
    assert bar.value() == bar.maximum() - bar.pageStep()
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert bar.value() == 0
    qtbot.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert view.selection() == (0, 100_000)


def test_a_copy_is_bounded(view: HexView) -> None:
    show(view, bytes(2 * COPY_CAP))
    view.copy()
    assert len(QApplication.clipboard().text()) == 3 * COPY_CAP - 1


def test_going_to_an_offset(view: HexView, qtbot: QtBot) -> None:
    show(view, bytes(100_000))
    view.show()
    qtbot.keyClick(view, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    assert view.offset_edit.isVisible()
    qtbot.keyClicks(view.offset_edit, "0xffff")
    qtbot.keyClick(view.offset_edit, Qt.Key.Key_Return)
    assert view.selection() == (0xFFFF, 1)
    assert not view.offset_edit.isVisible()
    assert any(line[0] == "00fff0" for line in view.lines())
    view.ask_offset()
    for wrong in ("100,000", "-1", "hello", "9" * 5_000, ""):
        view.offset_edit.setText(wrong)
        qtbot.keyClick(view.offset_edit, Qt.Key.Key_Return)
        assert view.offset_edit.isVisible()
        assert "99,999" in view.offset_edit.toolTip()
    qtbot.keyClick(view.offset_edit, Qt.Key.Key_Escape)
    assert not view.offset_edit.isVisible()
    assert view.selection() == (0xFFFF, 1)


def test_in_a_narrow_view_a_line_has_eight_bytes(view: HexView) -> None:
    show(view, bytes(range(256)) * 100)
    view.verticalScrollBar().setValue(10)
    view.resize(350, 200)
    view.grab()
    assert view.lines()[0] == ("0000a0", "a0 a1 a2 a3 a4 a5 a6 a7", "········")
    assert view.in_sight()[0] == 0xA0  # where the reader was
    width, _, figures, characters = view._columns()
    assert characters + 8 * width <= view.viewport().width()
    assert view._byte_at(QPoint(round(characters + 6.5 * width), 5)) == 0xA6
    assert view._byte_at(QPoint(round(figures + 4 * 3 * width) + 2, 5)) == 0xA4
    view.resize(700, 200)
    view.grab()
    assert view.lines()[0][0] == "0000a0"
    assert len(view.lines()[0][2]) == 16
