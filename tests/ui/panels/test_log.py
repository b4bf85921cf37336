"""Logs: wrapped, bounded, followed only at the end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.recording.rows import LogRow
from inspector.ui.models.log_list import ENTRIES, LINES, LogList, level, origin, wrapped
from inspector.ui.panels.log import LogPanel, LogView
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
    assert wrapped("one two three four", 20, 9) == ["one two", "three four"]
    assert wrapped("one\ntwo three four", 20, 9) == ["one", "two three four"]
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


def test_lines_are_as_wide_as_there_is_room(view: LogView) -> None:
    """At the end of the first one stands who wrote it, where that is known; where it is narrow, the place alone."""
    stderr = replace(failing().logs[1], text="x" * 400)
    written = replace(many(1)[0], text="x" * 400)
    view.list.show([stderr, written], T0)
    view.grab()
    wide = len(view.text_lines(stderr)[0])
    first, second, *_ = map(len, view.text_lines(written))
    assert second == wide == first + len("shop.cart  cart.py:41") + 2
    view.resize(330, 120)
    view.grab()
    assert view.origin(written) == "cart.py:41"
    view.resize(240, 120)
    view.grab()
    assert view.origin(written).startswith("\N{HORIZONTAL ELLIPSIS}")
    assert view.origin(written).endswith(".py:41")


def test_copy_gives_whole_entries(view: LogView) -> None:
    view.list.show([replace(many(1)[0], text="one\ntwo")], T0)
    view.selectAll()
    view.copy()
    assert QApplication.clipboard().text() == "1.10\tDEBUG\tone\ntwo\tshop.cart\t/srv/shop/shop/cart.py:41"


def entries(*facets: str) -> list[LogRow]:
    """One entry for each, by the name of its level or stream."""
    entry = checkout().logs[0]
    streams = ("stdout", "stderr", "wsgi.errors")
    return [
        replace(
            entry,
            id=at,
            level="" if name in streams else name,
            source=name if name in streams else "logging",
            text=f"{name} {at}",
        )
        for at, name in enumerate(facets, 1)
    ]


def listed(entries: LogList) -> list[str]:
    return [row.text for row in entries.rows]


def test_facets_are_counted_the_worst_first(qtbot: QtBot) -> None:
    made = LogList()
    made.show(entries("stdout", "INFO", "ERROR", "INFO", "NOTICE"), T0)
    assert made.facets() == [("ERROR", 1), ("INFO", 2), ("stdout", 1), ("NOTICE", 1)]
    made.append(entries(*(f"L{number:02}" for number in range(50))))
    assert len(made.facets()) == 11
    assert sum(count for _, count in made.facets()) == 55


def test_only_what_is_wished_for_is_shown(qtbot: QtBot) -> None:
    made = LogList()
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    made.show(entries("stdout", "INFO", "ERROR", "INFO"), T0)
    made.wish(frozenset({"INFO"}))
    assert listed(made) == ["INFO 2", "INFO 4"]
    made.append([replace(row, id=row.id + 10) for row in entries("ERROR", "INFO")])
    assert listed(made) == ["INFO 2", "INFO 4", "INFO 2"]
    made.show(entries("stdout", "ERROR"), T0)  # another exchange, which has none of it
    assert listed(made) == ["stdout 1", "ERROR 2"]
    made.append([replace(row, id=row.id + 10) for row in entries("INFO")])
    assert listed(made) == ["INFO 1"]
    made.append([replace(row, id=row.id + 20) for row in entries(*["DEBUG"] * ENTRIES)])  # pushes it out
    assert len(made.rows) == ENTRIES
    del tester


@pytest.fixture
def panel(qtbot: QtBot) -> LogPanel:
    panel = LogPanel()
    qtbot.addWidget(panel)
    panel.resize(800, 200)
    panel.show_rows(entries("INFO", "stdout", "INFO"), T0)
    panel.show()
    return panel


def test_a_click_on_a_facet_leaves_only_it(panel: LogPanel, qtbot: QtBot) -> None:
    assert [button.text() for button in panel._buttons.values()] == ["INFO 2", "stdout 1"]
    qtbot.mouseClick(panel._buttons["stdout"], Qt.MouseButton.LeftButton)
    assert listed(panel.list) == ["stdout 2"]
    panel.append([replace(row, id=row.id + 10) for row in entries("stdout", "DEBUG")])
    assert list(panel._buttons) == ["INFO", "DEBUG", "stdout"]
    assert panel._buttons["stdout"].text() == "stdout 2"
    assert panel._buttons["stdout"].isChecked()
    qtbot.keyClick(panel._buttons["INFO"], Qt.Key.Key_Space)
    assert len(panel.list.rows) == 4
    for name in ("INFO", "stdout"):
        panel._buttons[name].click()
    assert len(panel.list.rows) == 5


def test_a_single_facet_is_no_choice(panel: LogPanel) -> None:
    assert panel._facets.isVisible()
    panel.show_rows(many(3), T0)
    assert not panel._facets.isVisible()


def test_a_click_on_the_place_opens_it(view: LogView, qtbot: QtBot) -> None:
    view.list.show(many(3), T0)
    view.show()
    at = QPoint(int(view.edges()[3]) - 10, view.visualRect(view.list.index(1, 0)).center().y())
    qtbot.mouseMove(view.viewport(), at)
    qtbot.waitUntil(lambda: view.hovered is view.list.rows[1])
    with qtbot.waitSignal(view.place_chosen) as told:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert told.args == ["/srv/shop/shop/cart.py", 41]
    with qtbot.assertNotEmitted(view.place_chosen):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, at.y()))
    with qtbot.waitSignal(view.place_chosen):
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert view.current_place() == ("/srv/shop/shop/cart.py", 41)


def test_the_menu_of_an_entry(view: LogView, qtbot: QtBot) -> None:
    view.list.show([*many(1), failing().logs[1]], T0)
    actions = {action.text(): action for action in view.menu(view.list.index(0, 0)).actions() if action.text()}
    assert list(actions) == ["Copy", "Copy the text only", "Open cart.py:41 in the editor"]
    actions["Copy the text only"].trigger()
    assert QApplication.clipboard().text() == "line 1"
    with qtbot.waitSignal(view.place_chosen):
        actions["Open cart.py:41 in the editor"].trigger()
    assert len(view.menu(view.list.index(1, 0)).actions()) == 2
