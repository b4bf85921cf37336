"""Logs: wrapped, bounded, followed only at the end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.recording.rows import LogRow
from inspector.ui.panels.log import ENTRIES, LINES, LogList, LogView, level, origin, wrapped
from tests.support.sample_exchanges import T0, checkout, failing


@pytest.fixture
def view(qtbot: QtBot) -> LogView:
    view = LogView()
    qtbot.addWidget(view)
    view.resize(800, 120)
    return view


def many(count: int, first: int = 1) -> list[LogRow]:
    entry = checkout().logs[0]
    return [replace(entry, id=id_, text=f"line {id_}") for id_ in range(first, first + count)]


def test_an_entry_in_words() -> None:
    debug, info, _ = checkout().logs
    assert (level(debug), origin(debug)) == ("DEBUG", "shop.cart  cart.py:41")
    stderr = failing().logs[1]
    assert (level(stderr), origin(stderr)) == ("stderr", "")
    assert origin(replace(info, file="C:\\shop\\pay.py")) == "shop.pay  pay.py:88"


def test_text_is_wrapped_at_blanks_and_bounded() -> None:
    assert wrapped("one two three", 8) == ["one two", "three"]
    assert wrapped("a" * 20, 8) == ["a" * 8, "a" * 8, "a" * 4]
    assert wrapped("one\n  two\n", 20) == ["one", "  two"]
    assert wrapped("", 20) == [""]
    for endless in ("a" * 10**7, "\n" * 10**6, "ab " * 10**6):
        assert len(wrapped(endless, 20)) == LINES + 1


def test_the_newest_entries_are_kept(qtbot: QtBot) -> None:
    entries = LogList()
    tester = QAbstractItemModelTester(entries, QAbstractItemModelTester.FailureReportingMode.Fatal)
    entries.show(many(10), T0)
    entries.append(many(ENTRIES, 11))
    assert [entries.rows[0].id, entries.rows[-1].id, len(entries.rows)] == [11, ENTRIES + 10, ENTRIES]
    entries.append(many(3 * ENTRIES, 5_000))
    assert [entries.rows[-1].id, len(entries.rows)] == [4_999 + 3 * ENTRIES, ENTRIES]
    del tester


def test_it_follows_only_at_the_end(view: LogView) -> None:
    assert view.objectName() == "logView"
    view.list.show(many(50), T0)
    view.grab()
    bar = view.verticalScrollBar()
    bar.setValue(30)
    view.append(many(5, 51))
    view.grab()
    assert bar.value() == 30
    bar.setValue(bar.maximum())
    view.append(many(5, 56))
    view.grab()
    assert bar.value() == bar.maximum()


def test_lines_take_the_room_they_need(view: LogView) -> None:
    stderr = replace(failing().logs[1], text="word " * 100)
    view.list.show([*many(1), stderr], T0)
    view.grab()
    one, wrapped_one = (view.visualRect(view.list.index(at, 0)).height() for at in (0, 1))
    assert wrapped_one > 3 * one
    view.resize(400, 120)
    view.grab()
    view.doItemsLayout()
    assert view.visualRect(view.list.index(1, 0)).height() > 1.5 * wrapped_one


def test_copy_gives_whole_entries(view: LogView) -> None:
    view.list.show([replace(many(1)[0], text="one\ntwo")], T0)
    view.selectAll()
    view.copy()
    assert QApplication.clipboard().text() == "1.10\tDEBUG\tone\ntwo\tshop.cart\t/srv/shop/shop/cart.py:41"
