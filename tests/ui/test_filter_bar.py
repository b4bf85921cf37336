from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from inspector.trace.filter import parse
from inspector.ui import theme
from inspector.ui.filter_bar import FilterBar


@pytest.fixture
def bar(qtbot: Any) -> FilterBar:
    window = QWidget()
    window.resize(1200, 300)
    bar = FilterBar()
    layout = QVBoxLayout(window)
    layout.addWidget(bar)
    layout.addStretch()
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    bar.edit.setFocus()
    bar.window_ = window  # type: ignore[attr-defined]
    return bar


def text_of(bar: FilterBar, name: str) -> str:
    label = bar.window().findChild(QLabel, name)
    return label.text() if label is not None and label.isVisible() else ""


def test_applies_as_one_types_after_a_pause(bar: FilterBar, qtbot: Any) -> None:
    told: list[Any] = []
    bar.filtered.connect(told.append)
    with qtbot.waitSignal(bar.filtered):
        QTest.keyClicks(bar.edit, "status:>=200 and not path~^/old")
        assert told == []
    assert told == [parse("status:>=200 and not path~^/old")]
    assert text_of(bar, "filterExplanation") == "status 200 or more, and the path does not match ^/old"
    bar.show_count(1204, 98_312)
    assert text_of(bar, "exchangeCount") == "1,204 of 98,312"


def test_escape_clears(bar: FilterBar, qtbot: Any) -> None:
    bar.edit.setText("lamp")
    bar.apply()
    with qtbot.waitSignal(bar.filtered) as told:
        QTest.keyClick(bar.edit, Qt.Key.Key_Escape)
    assert told.args == [None]
    assert bar.edit.text() == ""
    assert not bar.active


def test_an_error_stands_under_its_column_and_the_last_right_filter_stays(bar: FilterBar, qtbot: Any) -> None:
    bar.edit.setText("path:/a")
    bar.apply()
    with qtbot.assertNotEmitted(bar.filtered):
        bar.edit.setText("path:/a and sttus:5xx")
        bar.apply()
        qtbot.waitUntil(lambda: text_of(bar, "filterError") != "")
    error = bar.window().findChild(QLabel, "filterError")
    assert "unknown field 'sttus'" in error.text()
    at = error.x() - bar.edit.mapTo(bar.window(), bar.edit.rect().topLeft()).x()
    assert text_of(bar, "filterExplanation").startswith("Not applied; still: ")
    assert abs(at + 10 - bar.edit.caret(len("path:/a and "))) <= 1
    assert error.y() >= bar.edit.mapTo(bar.window(), bar.edit.rect().bottomLeft()).y()
    assert bar.edit.property("wrong") is True
    assert bar.node == parse("path:/a")
    pointer = bar.window().findChild(QWidget, "filterErrorPointer")
    assert pointer.isVisible()
    assert pointer.geometry().bottom() <= error.y() + 1
    before = error.height()
    theme.zoom_to(200)  # another size or look does not take it away
    try:
        qtbot.waitUntil(lambda: error.isVisible() and error.height() > before)
    finally:
        theme.zoom_to(100)
    qtbot.waitUntil(lambda: text_of(bar, "filterError") != "")
    QTest.keyClick(bar.edit, Qt.Key.Key_Backspace)
    assert text_of(bar, "filterError") == ""
    assert bar.edit.property("wrong") is False


def colors_of(bar: FilterBar) -> set[str]:
    image = bar.edit.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(4, image.height() - 4)}


def test_tokens_have_colours(bar: FilterBar) -> None:
    bar.edit.setText("status:404")
    found = colors_of(bar)
    palette = theme.current()

    def near(color: Any) -> bool:
        return any(
            abs(int(name[1:3], 16) - color.red()) + abs(int(name[3:5], 16) - color.green())
            + abs(int(name[5:7], 16) - color.blue()) < 40
            for name in found
        )  # fmt: skip

    assert near(palette.accent)
    assert near(palette.status_2xx)
    assert not near(palette.status_5xx)
    assert bar.edit.text() == "status:404"
    assert bar.edit.cursorPosition() == 10


def test_suggestions_replace_the_term_at_the_cursor(bar: FilterBar) -> None:
    QTest.keyClicks(bar.edit, "path:/a meth")
    assert bar.edit.popup.isVisible()
    assert bar.edit.offers.completionModel().index(0, 0).data() == "method:"
    QTest.keyClick(bar.edit.popup, Qt.Key.Key_Down)
    QTest.keyClick(bar.edit.popup, Qt.Key.Key_Return)
    assert bar.edit.text() == "path:/a method:"
    QTest.keyClicks(bar.edit, "PO")
    QTest.keyClick(bar.edit.popup, Qt.Key.Key_Down)
    QTest.keyClick(bar.edit.popup, Qt.Key.Key_Return)
    assert bar.edit.text() == "path:/a method:POST "


def test_escape_closes_the_suggestions_before_it_clears(bar: FilterBar) -> None:
    QTest.keyClicks(bar.edit, "meth")
    assert bar.edit.popup.isVisible()
    QTest.keyClick(bar.edit.popup, Qt.Key.Key_Escape)
    assert (bar.edit.popup.isVisible(), bar.edit.text()) == (False, "meth")
    QTest.keyClick(bar.edit, Qt.Key.Key_Escape)
    assert (bar.edit.popup.isVisible(), bar.edit.text()) == (False, "")


def test_suggestions_come_for_what_is_typed_or_when_asked(bar: FilterBar) -> None:
    QTest.keyClicks(bar.edit, "k")
    assert bar.edit.popup.isVisible()
    QTest.keyClick(bar.edit.popup, Qt.Key.Key_Backspace)
    assert (bar.edit.popup.isVisible(), bar.edit.text()) == (False, "")
    QTest.keyClick(bar.edit, Qt.Key.Key_Down)
    assert bar.edit.popup.isVisible()
    assert bar.edit.popup.viewport().height() == 12 * bar.edit.popup.sizeHintForRow(0)
    bar.edit.popup.hide()


@pytest.mark.parametrize("choice", ["dark", "light"])
def test_suggestions_stand_on_a_surface_of_their_own(bar: FilterBar, choice: Any) -> None:
    theme.choose(choice)
    QTest.keyClicks(bar.edit, "m")
    QTest.keyClick(bar.edit.popup, Qt.Key.Key_Down)
    image, palette = bar.edit.popup.grab().toImage(), theme.current()
    assert image.pixelColor(0, image.height() // 2) == palette.hairline
    assert image.pixelColor(3, image.height() // 2) == palette.field
    middle = bar.edit.popup.sizeHintForRow(0) // 2 + bar.edit.popup.viewport().y()
    assert image.pixelColor(image.width() - 30, middle) == palette.selection
    bar.edit.popup.hide()


def test_no_input_breaks_it(bar: FilterBar) -> None:
    for text in ("((((", '"', "\x00", "status:" * 500, "a:b:c", "ü" * 5000, "not", "😀 and"):
        bar.edit.setText(text)
        bar.apply()
    assert len(bar.edit.text()) <= 4096
