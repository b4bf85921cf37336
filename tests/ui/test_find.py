from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QRect, QSettings, QStringListModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from inspector.recording.json_text import parse
from inspector.recording.rows import LogRow
from inspector.ui import find, theme
from inspector.ui.find import ItemSearch, TextSearch, marks
from inspector.ui.find_bar import HITS, Finder
from inspector.ui.panels.exception import ExceptionView
from inspector.ui.panels.hex_view import HexView
from inspector.ui.panels.json_view import JsonView
from inspector.ui.panels.scope import ScopeView
from inspector.ui.panels.text_view import TextView
from tests.support.fake_recording import MS, FakeReader, called, exchange
from tests.support.sample_exchanges import failing
from tests.support.windows import Stage

SLOWEST_S = 0.05
"""The longest that the Qt thread may be held."""


def hits(searched: Any, needle: str, case: bool = False) -> list[Any]:
    return [hit for step in searched.scan(find.Sought(needle, case), False) for hit in step]


class Panel(QWidget):
    """A column with one view, and a finder of its own."""

    def __init__(self, view: QWidget) -> None:
        super().__init__()
        self.view = view
        self.inner = QWidget(self)
        QVBoxLayout(self).addWidget(self.inner)
        QVBoxLayout(self.inner).addWidget(view)
        self.finder = Finder([self.inner], self)
        self.resize(600, 400)
        self.show()
        view.setFocus()

    def type(self, text: str) -> str:
        """What the bar tells in the end."""
        self.finder.open()
        self.finder.bar.edit.setText(text)
        return self.told()

    def told(self) -> str:
        until = time.monotonic() + 20
        while self.finder.searching:
            QApplication.processEvents()
            assert time.monotonic() < until
        return self.finder.bar.count.text()

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> str:
        QTest.keyClick(self.finder.bar.edit, key, modifier)
        return self.told()


@pytest.fixture
def text(qtbot: Any) -> Iterator[Panel]:
    view = QTextEdit()
    panel = Panel(view)
    view.setPlainText("One lamp\ntwo Lamps\n\U0001f4a1 a lamp, LAMP and lamp\n")
    yield panel
    panel.deleteLater()


def test_matches_are_counted_and_gone_through_in_a_circle(text: Panel) -> None:
    assert text.type("lamp") == "1 of 5"
    assert text.press(Qt.Key.Key_Return) == "2 of 5"
    assert text.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier) == "1 of 5"
    assert text.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier) == "5 of 5"
    assert text.press(Qt.Key.Key_Return) == "1 of 5"
    text.finder.bar.case.click()
    assert text.told() == "1 of 3"
    assert text.type("no such") == "no match"
    assert text.type("") == ""


def test_a_match_stands_where_qt_counts_it_beside_wide_characters(text: Panel) -> None:
    searched = TextSearch(text.view)
    for hit in hits(searched, "lamp"):
        assert searched._cursor(hit).selectedText().lower() == "lamp"
    assert [searched._cursor(hit).selectedText() for hit in hits(searched, "\U0001f4a1 a")] == ["\U0001f4a1 a"]
    searched.close()


def test_those_in_sight_are_set_off_and_the_one_gone_to_otherwise(text: Panel) -> None:
    text.type("lamp")
    marks = text.view.extraSelections()
    assert [mark.cursor.selectedText() for mark in marks] == ["lamp", "Lamp", "lamp", "LAMP", "lamp"]
    palette = theme.current()
    assert [mark.format.background().color() for mark in marks] == [palette.primary] + 4 * [palette.selection]
    theme.choose("light")
    assert text.view.extraSelections()[0].format.background().color() == theme.LIGHT.primary


def test_escape_closes_selects_the_match_and_gives_the_focus_back(text: Panel) -> None:
    text.type("lamps")
    text.press(Qt.Key.Key_Escape)
    assert not text.finder.bar.isVisible()
    assert text.view.hasFocus()
    assert text.view.textCursor().selectedText() == "Lamps"
    assert text.view.extraSelections() == []
    text.finder.open()
    assert text.finder.bar.edit.text() == "Lamps"  # what was selected
    assert text.told() == "1 of 1"


def test_it_begins_where_the_reader_is(text: Panel) -> None:
    cursor = text.view.textCursor()
    cursor.setPosition(12)
    text.view.setTextCursor(cursor)
    assert text.type("lamp") == "2 of 5"


def test_what_is_added_is_found_too_and_moves_nothing(text: Panel) -> None:
    text.type("lamp")
    bar = text.view.verticalScrollBar()
    cursor = text.view.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    cursor.insertText("\n" * 200 + "a late lamp")
    assert text.told() == "1 of 6"
    assert bar.value() == 0
    text.view.setPlainText("another text with a lamp")
    assert text.told() == "1 match"


@pytest.mark.parametrize(
    "body",
    [
        "\n".join(f'  "key {n}": "{n} lamps are a value of this line",' for n in range(200_000)),
        "lamp and more " * 700_000,
    ],
    ids=["200,000 lines", "one line of 10 MB"],
)
def test_ten_megabytes_never_hold_the_thread(qtbot: Any, body: str) -> None:
    """The search alone: how the text came into the view is the view's."""
    view = QPlainTextEdit()
    view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    view.setPlainText(body)
    searched = TextSearch(view)
    sought, longest, count, begun = find.Sought("LAMP", False), 0.0, 0, time.thread_time()
    for step in searched.scan(sought, False):
        ended = time.thread_time()
        longest, begun = max(longest, ended - begun), ended
        count += len(step)
    searched.close()
    assert count == body.count("lamp")
    assert longest < SLOWEST_S
    view.deleteLater()


def test_more_matches_than_anyone_reads_are_not_counted_to_the_end(qtbot: Any) -> None:
    panel = Panel(QPlainTextEdit())
    panel.view.setPlainText("x" * 50_000)
    told = panel.type("x")
    assert HITS <= len(panel.finder.hits) <= HITS + find.WINDOW
    assert told.startswith("1 of ")
    assert told.endswith("+")
    panel.deleteLater()


def test_a_text_that_still_comes_is_searched_as_it_comes(qtbot: Any) -> None:
    view = TextView()
    panel = Panel(view)
    view.show_text("a lamp\n" * 30_000)
    assert view.filling
    panel.type("lamp")
    qtbot.waitUntil(lambda: not view.filling and not panel.finder.searching, timeout=20_000)
    assert panel.finder.bar.count.text().startswith("1 of 10,")
    panel.deleteLater()


def test_closed_branches_of_a_tree_are_searched_and_opened(qtbot: Any) -> None:
    view = ScopeView()
    view.show_value({"path": "/", "extensions": {"tls": {"cipher": "TLS_AES"}}, "state": {"db": "aes"}})
    panel = Panel(view)
    assert panel.type("aes") == "1 of 4"  # each branch shows what is in it
    assert panel.press(Qt.Key.Key_Return) == "2 of 4"
    assert view.currentIndex().data() == "cipher"
    assert view.isExpanded(view.tree.index(1, 0))
    panel.deleteLater()


def test_deep_and_endless_trees_have_an_end(qtbot: Any) -> None:
    deep: dict[str, Any] = {}
    for _ in range(5_000):
        deep = {"a": deep}
    view = ScopeView()
    view.show_value(deep)
    searched = ItemSearch(view)
    assert len(list(searched.scan(find.Sought("zzz", False), False))) <= find.DEPTH
    searched.close()
    view.deleteLater()


def test_a_list_that_grows_is_searched_on(qtbot: Any) -> None:
    view = QListView()
    model = QStringListModel([f"{n} lamp" for n in range(3)], view)
    view.setModel(model)
    panel = Panel(view)
    assert panel.type("lamp") == "1 of 3"
    model.insertRows(3, 1)
    model.setData(model.index(3), "3 lamp")
    assert panel.told() == "1 of 4"
    assert view.currentIndex().row() == 0
    model.setStringList(["none"])
    assert panel.told() == "no match"
    panel.deleteLater()


def test_lines_that_match_have_a_bar_before_them(qtbot: Any) -> None:
    view = QListView()
    view.setModel(QStringListModel(["lamp", "other", "lamp"], view))
    panel = Panel(view)
    panel.type("lamp")
    picture = panel.view.viewport().grab().toImage()

    def marked(row: int) -> bool:
        return picture.pixelColor(1, view.visualRect(view.model().index(row, 0)).center().y()) == theme.current().accent

    assert [marked(row) for row in range(3)] == [True, False, True]
    panel.deleteLater()


def test_a_view_may_bring_a_search_of_its_own(qtbot: Any) -> None:
    view = QPlainTextEdit("one lamp")
    other = TextSearch(view)
    view.searchable = lambda: other  # type: ignore[attr-defined]
    assert find.searchable(view) is other
    other.close()
    view.deleteLater()


# In the window


@pytest.fixture
def stage(qtbot: Any, settings: QSettings) -> Iterator[Stage]:
    reader = FakeReader([exchange(number, f"/{number}", log_count=2) for number in range(1, 11)])
    reader.messages_[5] = [called(5, {"type": "http", "path": "/5", "headers": [(b"host", b"lamp.example")]})]
    reader.logs_[5] = [
        LogRow(n, 1, 5, 5 * 10 * MS, "logging", "INFO", "shop", f"lamp {n} lit", "shop.py", n) for n in (1, 2)
    ]
    stage = Stage(settings, reader)
    stage.show(qtbot)
    stage.window.table.pick(5)
    yield stage
    stage.window.leave()
    stage.window.deleteLater()


def press(stage: Stage, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget(), key, modifier)


def told(stage: Stage, qtbot: Any) -> str:
    qtbot.waitUntil(lambda: not stage.window.finder.searching)
    return stage.window.finder.bar.count.text()


def test_ctrl_f_searches_the_panel_with_the_focus(stage: Stage, qtbot: Any) -> None:
    window, bar = stage.window, stage.window.finder.bar
    window.details.scope.setFocus()
    press(stage, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert bar.parentWidget() is window.details
    assert bar.edit.hasFocus()
    QTest.keyClicks(bar.edit, "lamp")
    assert told(stage, qtbot) == "1 of 2"  # the headers, and the one of them
    press(stage, Qt.Key.Key_F3)
    assert told(stage, qtbot) == "2 of 2"
    window.messages.table.setFocus()
    press(stage, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert bar.parentWidget() is window.messages
    assert told(stage, qtbot) == "no match"


def test_another_tab_is_searched_when_it_is_turned_to(stage: Stage, qtbot: Any) -> None:
    window = stage.window
    window.details.scope.setFocus()
    window.finder.open()
    window.finder.bar.edit.setText("lit")
    assert told(stage, qtbot) == "no match"
    titles = [window.details.tabs.tabText(tab) for tab in range(window.details.tabs.count())]
    window.details.tabs.setCurrentIndex(next(tab for tab, title in enumerate(titles) if title.startswith("Log")))
    qtbot.waitUntil(lambda: told(stage, qtbot) == "1 of 2")
    assert window.details.log.isAncestorOf(window.finder.target.view) or window.finder.target.view is window.details.log


def test_where_the_table_has_the_focus_ctrl_f_is_the_filter(stage: Stage) -> None:
    stage.window.table.setFocus()
    press(stage, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert stage.window.filter_bar.edit.hasFocus()
    assert not stage.window.finder.bar.isVisible()


def test_the_text_of_the_banner_is_searched(stage: Stage, qtbot: Any) -> None:
    window = stage.window
    stage.look(phase="failed", title="It failed", hint="", text="Traceback\n  File shop.py\nValueError: lamp")
    window.banner.findChild(object, "showTraceback").click()
    window.banner.findChild(QPlainTextEdit).setFocus()
    window.actions_["find.open"].trigger()
    window.finder.bar.edit.setText("lamp")
    assert told(stage, qtbot) == "1 of 1"
    stage.look(phase="serving", title="", text="")
    assert not window.finder.bar.isVisible()


# Letters, figures and folded frames


def primary(view: QWidget, rect: QRect) -> bool:
    """Something in `rect` of the view is set off as the match that is gone to."""
    picture = view.grab(rect).toImage()
    color = theme.current().primary.rgb()
    return any(picture.pixel(x, y) == color for x in range(picture.width()) for y in range(0, picture.height(), 2))


def test_the_letters_of_a_match_are_set_off_in_a_tree(qtbot: Any) -> None:
    view = ScopeView(bare=True, name="headerTable")
    view.show_value([("host", "shop.example"), ("accept", "text/html"), ("origin", "http://shop.example")])
    panel = Panel(view)
    assert panel.type("shop") == "1 of 2"
    rects = [view.visualRect(view.tree.index(row, 1)) for row in range(3)]
    assert [primary(view.viewport(), rect) for rect in rects] == [True, False, False]
    assert panel.press(Qt.Key.Key_Return) == "2 of 2"
    assert [primary(view.viewport(), rect) for rect in rects] == [False, False, True]
    panel.finder.close()
    assert not any(primary(view.viewport(), rect) for rect in rects)
    panel.deleteLater()


def test_a_match_that_was_cut_off_is_set_off_at_the_ellipsis() -> None:
    pattern = find.Sought("lamp").pattern
    assert marks._found("a lamp, a lam\u2026", "a lamp, a lamp", pattern) == [(2, 6), (13, 14)]
    assert marks._found("\u2026 lamp", "lamp and lamp", pattern) == [(0, 1), (2, 6)]
    assert marks._found("a lamp\u2026", "a lamp and more", pattern) == [(2, 6)]


def json_panel(values: int) -> tuple[Panel, JsonView]:
    view = JsonView()
    panel = Panel(view)
    items = ", ".join(f'{{"id": {number}, "name": "l\\u0061mp {number}"}}' for number in range(values))
    view.show_tree(parse(f'{{"items": [{items}], "end": null}}'))
    return panel, view


def test_values_not_fetched_yet_are_found_and_shown(qtbot: Any) -> None:
    panel, view = json_panel(1_500)
    tree = view.tree
    items = tree.index(0, 0)
    assert tree.rowCount(items) < 1_234
    assert panel.type("lamp 1234") == "1 of 1"  # as it is meant: as it is written, it has an escape
    assert tree.path(view.currentIndex()) == "$.items[1234].name"
    assert view.viewport().rect().contains(view.visualRect(view.currentIndex()).center())
    assert panel.type("\\u0061mp 1234") == "1 of 1"
    assert panel.type("items") == "1 of 1"
    assert panel.type("keys }") == "no match"  # words of ours
    panel.deleteLater()


def test_what_is_shown_in_part_is_searched_in_part(qtbot: Any) -> None:
    panel, view = json_panel(3)
    view.partial = True
    assert panel.type("nowhere") == "no match in what is shown"
    assert panel.type("id") == "1 of 3+"
    assert "hex" in panel.finder.bar.count.toolTip()
    panel.deleteLater()


def hex_panel(data: bytes) -> tuple[Panel, HexView]:
    view = HexView()
    panel = Panel(view)
    view.show_bytes(len(data), lambda at, count: data[at : at + count])
    return panel, view


def test_bytes_are_searched_as_text_and_as_figures(qtbot: Any) -> None:
    panel, view = hex_panel(bytes(100_000) + "a Lamp, no läMP".encode() + bytes(100_000))
    assert panel.finder.open()
    assert "7b 22" in panel.finder.bar.edit.placeholderText()
    assert panel.type("lamp") == "1 of 1"
    first, last = view.in_sight()
    assert first <= 100_002 < last
    assert panel.type("läm") == "1 of 1"
    assert panel.type("4c 61 6d") == "1 of 1"
    assert panel.type("0x4C616d70") == "1 of 1"
    assert panel.type("4c") == "no match"  # two letters are text
    panel.finder.bar.case.click()
    assert panel.type("lamp") == "no match"
    panel.type("Lamp")
    panel.press(Qt.Key.Key_Escape)
    assert view.selection() == (100_002, 4)
    panel.finder.open()
    assert panel.finder.bar.edit.text() == "4c 61 6d 70"  # what was selected
    panel.deleteLater()


def test_a_match_across_two_windows_of_bytes_is_found_once(qtbot: Any) -> None:
    edge = 64 * 1024
    data = bytearray(3 * edge)
    for at in (0, edge - 2, 2 * edge - 4, 2 * edge, 3 * edge - 4):
        data[at : at + 4] = b"lamp"
    panel, view = hex_panel(bytes(data))
    assert panel.type("lamp") == "1 of 5"
    assert [hit[0] for hit in panel.finder.hits] == [0, edge - 2, 2 * edge - 4, 2 * edge, 3 * edge - 4]
    assert primary(view.viewport(), view.viewport().rect())
    view.show_bytes(4, lambda at, count: b"more"[at : at + count])
    assert panel.told() == "no match"
    panel.deleteLater()


def test_frames_that_are_folded_open_where_they_hold_a_match(qtbot: Any) -> None:
    view = ExceptionView()
    view.show_failures(failing().failures)
    panel = Panel(view)
    view.text.setFocus()
    assert panel.type("route.handle") == "1 of 1"
    assert "await route.handle" in view.text.toPlainText()
    assert panel.type("nowhere") == "no match"
    assert "route.handle" not in view.text.toPlainText()  # folded again
    panel.type("route.handle")
    panel.press(Qt.Key.Key_Escape)
    assert view.text.textCursor().selectedText() == "route.handle"  # and open as long as it is read
    panel.finder.open()
    panel.type("nowhere")
    assert "route.handle" in view.text.toPlainText()
    panel.deleteLater()


def test_the_match_stays_in_sight_at_another_zoom(qtbot: Any) -> None:
    panel = Panel(QPlainTextEdit())
    panel.view.setPlainText("a line\n" * 500 + "a lamp\n" + "a line\n" * 500)
    panel.type("lamp")
    for zoom in (200, 100):
        theme.zoom_to(zoom)
        qtbot.waitUntil(lambda: panel.view.viewport().rect().contains(panel.view.cursorRect().center()))
    panel.deleteLater()
