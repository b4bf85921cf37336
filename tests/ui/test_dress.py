"""Another look is worn by everything in sight in little time, by the rest when it is shown, by what is made later."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolTip,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from inspector.ui import theme
from inspector.ui.dress import Wardrobe
from inspector.ui.panels.details import RESPONSE, TIMING
from inspector.ui.picture import render
from inspector.ui.theme import DARK, LIGHT, Palette
from inspector.ui.window import Window
from tests.support.calm import settle
from tests.support.scenes import SCENES, scene

TOKENS = ("window", "panel", "field", "raised", "hairline", "selection", "text", "second", "accent", "primary")
DIALOGS = ("settings.open", "shortcuts.open", "app.open", "recording.open", "inspector.about")


LEFT_OVER = 30
"""Pixels of a colour that anti-aliasing may hit by chance; a word has more of its own colour, a surface far more."""


def left_over(widget: QWidget, before: Palette, now: Palette) -> dict[str, int]:
    """The colours of the look `before` in which something is drawn still, with the count of its pixels."""
    image = render(widget).convertToFormat(QImage.Format.Format_RGB32)
    counted = Counter(memoryview(image.constBits()).cast("I"))  # whole lines of whole pixels
    seen = Counter({QColor(pixel).name(): count for pixel, count in counted.items()})
    assert max(seen[color] for color in (now.panel.name(), now.field.name())) > 100
    return {
        color: seen[color]
        for color in _names(before) - _names(now) - {now.primary_text.name()}
        if seen[color] > LEFT_OVER
    }


def _names(palette: Palette) -> set[str]:
    return {getattr(palette, token).name() for token in TOKENS}


def undressed(window: QWidget) -> list[str]:
    """What is in sight and belongs to no region, but those widgets that only hold others."""
    found = []
    for widget in [window, *window.findChildren(QWidget)]:
        over: QWidget | None = widget
        while over is not None and not over.styleSheet():
            over = over.parentWidget()
        draws = isinstance(widget, QFrame | QDialog | QMenu) or widget.metaObject().className().startswith("_")
        if over is None and widget.isVisible() and draws and type(widget).__name__ not in HOLDERS:
            found.append(f"{type(widget).__name__} {widget.objectName()}")
    return found


HOLDERS = {"QStackedWidget", "RunsPanel", "Hairlines", "_Hairline"}


@pytest.mark.parametrize("name", ["serving", "exception", "crashed", "first-run", "runs-crashed"])
def test_nothing_in_sight_keeps_the_former_colours(name: str, tmp_path: Path, qtbot: QtBot) -> None:
    one = next(it for it in SCENES if it.name == name)
    with scene(one, tmp_path) as window:
        settle(window)
        for chosen, now, before in (("light", LIGHT, DARK), ("dark", DARK, LIGHT)):
            theme.choose(chosen)  # type: ignore[arg-type]
            qtbot.waitUntil(lambda: not theme.wardrobe.changing)
            settle(window)
            assert left_over(window, before, now) == {}
        assert undressed(window) == []


def test_what_was_hidden_is_dressed_when_it_is_shown(tmp_path: Path, qtbot: QtBot) -> None:
    with scene(next(it for it in SCENES if it.name == "serving"), tmp_path) as window:
        for tab in (RESPONSE, TIMING):
            window.details.keep(tab)
            settle(window)
        theme.choose("light")
        qtbot.waitUntil(lambda: not theme.wardrobe.changing)
        window.details.keep(RESPONSE)
        window.command_palette.open()
        settle(window)
        assert left_over(window, DARK, LIGHT) == {}


@pytest.mark.parametrize("command", DIALOGS)
def test_dialogs_and_menus_are_dressed(command: str, tmp_path: Path, qtbot: QtBot) -> None:
    with scene(next(it for it in SCENES if it.name == "serving"), tmp_path) as window:
        theme.choose("light")
        window.actions_[command].trigger()
        qtbot.waitUntil(lambda: bool(_dialogs(window)))
        for dialog in _dialogs(window):
            assert undressed(dialog) == []
            theme.choose("dark")
            qtbot.waitUntil(lambda: not theme.wardrobe.changing)
            settle(window)
            assert left_over(dialog, LIGHT, DARK) == {}
            dialog.close()
        for menu in window.findChildren(QMenu):
            menu.popup(QPoint(0, 0))
            assert undressed(menu) == [], menu.objectName()
            assert left_over(menu, LIGHT, DARK) == {}, menu.objectName()
            menu.close()


def test_a_dialog_is_painted_anew_when_its_own_choice_changes_the_look(tmp_path: Path, qtbot: QtBot) -> None:
    """The box asks for a paint, and is refused it while the look changes."""
    with scene(next(it for it in SCENES if it.name == "serving"), tmp_path) as window:
        window.actions_["settings.open"].trigger()
        dialog = window.findChild(QDialog, "settingsDialog")
        box = dialog.findChildren(QComboBox)[0]
        box.setFocus()
        for key, name in ((Qt.Key.Key_Down, "light"), (Qt.Key.Key_Down, "dark")):
            QTest.qWait(1)
            painted = Painted(dialog)
            QTest.keyClick(box, key)
            qtbot.waitUntil(lambda name=name: theme.current().name == name and not theme.wardrobe.changing)
            qtbot.waitUntil(lambda painted=painted: painted.with_updates)
            dialog.removeEventFilter(painted)


class Painted(QObject):
    """Whether a window was painted after everything wore the look."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.with_updates = False
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget) and watched.updatesEnabled():
            self.with_updates = True
        return super().eventFilter(watched, event)


def test_buttons_of_dialogs_have_no_icons_of_the_platform(qtbot: QtBot) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    theme.dressed(dialog)
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, dialog)
    box.buttons()[0].setIcon(QPixmap(8, 8))
    dialog.show()
    assert box.buttons()[0].icon().isNull()


def test_a_tooltip_and_a_list_that_drops_down_follow_the_look(tmp_path: Path, qtbot: QtBot) -> None:
    with scene(next(it for it in SCENES if it.name == "serving"), tmp_path) as window:
        window.actions_["settings.open"].trigger()
        box = window.findChild(QDialog, "settingsDialog").findChildren(QComboBox)[0]
        for chosen, now, before in (("light", LIGHT, DARK), ("dark", DARK, LIGHT)):
            theme.choose(chosen)  # type: ignore[arg-type]
            qtbot.waitUntil(lambda: not theme.wardrobe.changing)
            box.showPopup()
            popup = box.view().window()
            qtbot.waitUntil(popup.isVisible)
            assert left_over(popup, before, now) == {}
            box.hidePopup()
            for under in (window.toolbar.findChild(QWidget, "session.stop.button"), window.table.viewport(), box):
                QToolTip.showText(QPoint(10, 10), "what this does " * 6, under)
                tip = next(it for it in QApplication.topLevelWidgets() if it.metaObject().className() == "QTipLabel")
                qtbot.waitUntil(tip.isVisible)
                assert left_over(tip, before, now) == {}
                QToolTip.hideText()
                qtbot.waitUntil(lambda tip=tip: not (isValid(tip) and tip.isVisible()))


def test_a_complaint_that_lies_over_the_window_is_dressed(tmp_path: Path, qtbot: QtBot) -> None:
    with scene(next(it for it in SCENES if it.name == "filter-wrong"), tmp_path) as window:
        window.activateWindow()
        window.filter_bar.edit.setFocus()
        qtbot.waitUntil(lambda: bool(window.findChildren(QLabel, "filterError")))
        complaint = window.findChild(QLabel, "filterError")
        assert complaint is not None
        seen = render(complaint)
        assert QColor(seen.pixel(seen.width() // 2, 2)).name() == theme.current().field.name()


def _dialogs(window: Window) -> list[QDialog]:
    return [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]


def test_a_change_looks_like_one_and_regions_that_go_are_forgotten(qtbot: QtBot, qapp: QApplication) -> None:
    wardrobe = Wardrobe()
    wardrobe.change("QLabel { color: #111111 }")
    window = QWidget()
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    labels = [QLabel("a"), QLabel("b"), QLabel("c")]
    for label in labels:
        wardrobe.add(label)
        row.addWidget(label)
    labels[1].hide()
    window.show()
    qtbot.waitExposed(window)
    wardrobe.change("QLabel { color: #222222 }")
    assert wardrobe.changing
    assert not window.updatesEnabled()  # nothing is seen half
    wardrobe.change("QLabel { color: #333333 }")
    labels.pop().deleteLater()
    qtbot.waitUntil(window.updatesEnabled)
    qtbot.waitUntil(lambda: not wardrobe.changing)
    assert "#333333" in labels[0].styleSheet()
    assert "#111111" in labels[1].styleSheet()
    labels[1].show()
    assert "#333333" in labels[1].styleSheet()
