"""The window by keyboard, in words for those who do not see it, and at any size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QScrollArea,
    QTabBar,
    QTextEdit,
    QWidget,
)

from inspector.ui import theme
from tests.support.fake_recording import FakeReader, called, exchange
from tests.support.windows import Stage

INTERACTIVE = (QAbstractButton, QLineEdit, QAbstractItemView, QTextEdit, QComboBox, QTabBar)
BAD_ROLES = (QAccessible.Role.NoRole, QAccessible.Role.Client)


@pytest.fixture
def stage(qtbot: Any, settings: QSettings) -> Iterator[Stage]:
    reader = FakeReader([exchange(number, f"/{number}") for number in range(1, 51)])
    reader.messages_[7] = [called(7, {"type": "http", "path": "/7"})]
    stage = Stage(settings, reader)
    stage.show(qtbot)
    stage.window.table.pick(7)
    yield stage
    stage.window.leave()
    stage.window.deleteLater()


def interactive(root: QWidget) -> list[QWidget]:
    """What a user can act on, shown or not; parts of Qt's own widgets are theirs."""
    found = []
    for widget in root.findChildren(QWidget):
        focusable = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if not isinstance(widget, INTERACTIVE) and not focusable:
            continue
        if widget.objectName().startswith("qt_") or isinstance(widget, (QAbstractSlider, QScrollArea)):
            continue
        owner = widget.parentWidget()
        if isinstance(owner, (QTabBar, QComboBox, QLineEdit, QAbstractItemView)) and not widget.objectName():
            continue
        if isinstance(owner, QAbstractScrollArea) and widget is owner.viewport():
            continue
        found.append(widget)
    return found


def nameless(root: QWidget) -> list[str]:
    return [
        f"{type(it).__name__} {it.objectName()!r} in {type(it.parent()).__name__}"
        for it in interactive(root)
        if not it.accessibleName() and not (isinstance(it, QAbstractButton) and it.text().strip())
    ]


def _of_our_own(widget: QWidget) -> bool:
    """Views painted by us (bytes, images) have no role of Qt's; a table speaks for its headers."""
    if isinstance(widget, (QAbstractItemView, QTextEdit)):
        return isinstance(widget, QHeaderView)
    return isinstance(widget, QAbstractScrollArea) or type(widget).__module__.startswith("inspector.ui.panels")


def test_what_can_be_acted_on_has_a_name_and_a_role(stage: Stage) -> None:
    window = stage.window
    window.finder.open()
    assert len(interactive(window)) > 40
    assert nameless(window) == []
    without = [
        it.objectName()
        for it in interactive(window)
        if not _of_our_own(it) and QAccessible.queryAccessibleInterface(it).role() in BAD_ROLES
    ]
    assert without == []


@pytest.mark.parametrize("command", ["settings.open", "shortcuts.open", "app.open", "inspector.about"])
def test_dialogs_have_names_too(stage: Stage, command: str) -> None:
    before = set(QApplication.topLevelWidgets())
    stage.window.actions_[command].trigger()
    (dialog,) = [it for it in QApplication.topLevelWidgets() if it not in before and it.isWindow() and it.isVisible()]
    assert nameless(dialog) == []
    assert dialog.windowTitle()
    dialog.close()


def region(stage: Stage, widget: QWidget | None) -> str:
    window = stage.window
    parts = {"toolbar": window.toolbar, "filter": window.filter_bar, "table": window.table,
             "messages": window.messages, "details": window.details, "status": window.status_bar}  # fmt: skip
    return next((name for name, part in parts.items() if part is widget or part.isAncestorOf(widget)), "")


def test_tab_goes_through_the_window_from_top_to_bottom(stage: Stage) -> None:
    stage.window.filter_bar.edit.setFocus()
    seen: list[str] = []
    for _ in range(60):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        here = region(stage, QApplication.focusWidget())
        if not seen or here != seen[-1]:
            seen.append(here)
        if len(seen) == 6:
            break
    assert seen == ["table", "messages", "details", "status", "toolbar", "filter"]


def test_f6_goes_from_part_to_part_and_back(stage: Stage) -> None:
    stage.window.filter_bar.edit.setFocus()
    seen = []
    for _ in range(4):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F6)
        seen.append(region(stage, QApplication.focusWidget()))
    assert seen == ["table", "messages", "details", "filter"]
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert region(stage, QApplication.focusWidget()) == "details"


def test_f6_comes_back_to_what_had_the_focus_there(stage: Stage) -> None:
    stage.window.details.tabs.setFocus()
    for _ in range(4):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F6)
    assert QApplication.focusWidget() is stage.window.details.tabs


def test_the_focus_can_be_seen(stage: Stage) -> None:
    """Of every button, field and tab bar in sight: with the focus it is another picture."""
    unseen = []
    for widget in interactive(stage.window):
        if not widget.isVisible() or not widget.isEnabled() or isinstance(widget, (QAbstractItemView, QTextEdit)):
            continue
        stage.window.table.setFocus()
        before = widget.grab().toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        if widget.hasFocus() and widget.grab().toImage() == before:
            unseen.append(f"{type(widget).__name__} {widget.objectName()}")
    assert unseen == []


@pytest.mark.parametrize("zoom", theme.ZOOMS)
def test_every_zoom_can_be_used_in_1280_by_800(stage: Stage, zoom: int) -> None:
    """Nothing of the shell lies over another thing or outside of the window; every button can be reached."""
    window = stage.window
    stage.look(phase="failed", title="shop/main.py could not be imported: No module named 'pydantic'",
               hint="Install it into the interpreter that runs the app.", text="Traceback\n" * 30)  # fmt: skip
    stage.look(url="http://0.0.0.0:8000")
    theme.zoom_to(zoom)
    window.resize(1280, 800)
    for _ in range(3):
        QApplication.processEvents()
    assert (window.width(), window.height()) == (1280, 800)
    for bar in (window.toolbar, window.filter_bar, window.banner, window.status_bar):
        assert window.rect().contains(bar.geometry().translated(bar.parentWidget().mapTo(window, bar.rect().topLeft())))
        leaves = [
            it for it in bar.findChildren(QWidget) if it.isVisible() and isinstance(it, (QAbstractButton, QLabel))
        ]
        for it in leaves:
            rect = it.rect().translated(it.mapTo(bar, it.rect().topLeft()))
            assert bar.rect().contains(rect), f"{it.objectName()} of {bar.objectName()}: {rect}"
        for one in leaves:
            for other in leaves[leaves.index(one) + 1 :]:
                if other.parent() is one or one.parent() is other:
                    continue
                rects = [each.rect().translated(each.mapTo(bar, each.rect().topLeft())) for each in (one, other)]
                assert not rects[0].intersects(rects[1]), f"{one.objectName()} over {other.objectName()}"
    for name in ("session.stop.button", "session.restart.button", "menuButton", "commandsButton"):
        assert window.findChild(QAbstractButton, name).isVisible()
