from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from inspector.commands.table import COMMANDS
from inspector.ui.shortcuts import Shortcuts
from inspector.ui.shortcuts_dialog import ShortcutsDialog
from inspector.ui.window import Window
from tests.support.fake_recording import called, exchange
from tests.support.windows import Stage

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def stage(qtbot: Any, settings: QSettings) -> Iterator[Stage]:
    stage = Stage(settings)
    stage.show(qtbot)
    yield stage
    stage.window.leave()
    stage.window.deleteLater()


def again(window: Window) -> Shortcuts:
    """The shortcuts of another day."""
    return Shortcuts(COMMANDS, window.settings.store, window)


def keys(shortcuts: Shortcuts, command: str) -> list[str]:
    return [key.toString() for key in shortcuts.keys(command)]


def test_every_shortcut_is_unique_also_beside_those_of_panels(stage: Stage) -> None:
    """A key of the window and the same key of a panel inside of it would do neither."""
    window = stage.window
    everywhere = [key.toString() for action in window.actions() for key in action.shortcuts()]
    everywhere += [it.shortcut().toString() for it in window.findChildren(QAbstractButton) if it.shortcut().toString()]
    inside = {(it.parent(), it.key().toString()) for it in window.findChildren(QShortcut)}
    assert [key for key, count in Counter(everywhere).items() if count > 1] == []
    assert not {key for _, key in inside} & set(everywhere)
    assert len(inside) == len(window.findChildren(QShortcut))
    for local in window.findChildren(QShortcut):
        assert local.context() in (Qt.ShortcutContext.WidgetShortcut, Qt.ShortcutContext.WidgetWithChildrenShortcut)
    assert {key for _, key in inside} >= {"Ctrl+C"}
    assert [key for key in everywhere if window.shortcuts.refusal(QKeySequence(key)) and key != "Alt+M"] == []


def test_a_changed_shortcut_works_at_once_is_kept_and_shown(stage: Stage) -> None:
    window = stage.window
    window.shortcuts.give("filter.focus", [QKeySequence("Ctrl+Shift+J")])
    window.table.setFocus()
    QTest.keyClick(window, Qt.Key.Key_L, CTRL)
    assert not window.filter_bar.edit.hasFocus()
    QTest.keyClick(window, Qt.Key.Key_J, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert window.filter_bar.edit.hasFocus()
    assert window.actions_["filter.focus"].toolTip().endswith("(Ctrl+Shift+J)")
    assert window.settings.store.value("shortcuts/filter.focus") == "Ctrl+Shift+J"
    assert keys(again(window), "filter.focus") == ["Ctrl+Shift+J"]
    window.shortcuts.give("palette.open", [QKeySequence("Ctrl+P")])
    assert window.status_bar.findChild(object, "commandsButton").text() == "Ctrl+P commands"


def test_who_gives_a_key_away_has_it_no_more(stage: Stage) -> None:
    shortcuts = stage.window.shortcuts
    assert shortcuts.owner(QKeySequence("Ctrl+J"), "filter.focus") == "view.follow"
    shortcuts.give("filter.focus", [QKeySequence("Ctrl+J")])
    assert keys(shortcuts, "view.follow") == []
    assert keys(again(stage.window), "view.follow") == []
    assert shortcuts.reset("view.follow") == "filter.focus"
    assert shortcuts.reset("filter.focus") == ""
    assert shortcuts.reset("view.follow") == ""
    assert keys(shortcuts, "view.follow") == ["Ctrl+J"]
    assert stage.window.settings.store.allKeys() == [it for it in stage.window.settings.store.allKeys()
                                                     if not it.startswith("shortcuts/")]  # fmt: skip


@pytest.mark.parametrize(
    "broken", ["Ctrl+Banana", "Foo+Bar", "L", "Ctrl+C", "Ctrl+J", "Ctrl+X, Ctrl+Y", 17, ["a", "b"]]
)
def test_a_broken_setting_is_no_setting(stage: Stage, broken: object) -> None:
    stage.window.settings.store.setValue("shortcuts/filter.focus", broken)
    assert keys(again(stage.window), "filter.focus") == ["Ctrl+L"]


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("A", "needed for typing"),
        ("Shift+A", "needed for typing"),
        ("Tab", "needed for typing"),
        ("Esc", "needed for typing"),
        ("Ctrl+C", "copies"),
        ("Ctrl+A", "selects all"),
        ("Alt+M", "belongs to the button Menu"),
        ("F8", ""),
        ("Ctrl+Shift+Y", ""),
    ],
)
def test_keys_that_are_needed_elsewhere_are_refused(stage: Stage, key: str, why: str) -> None:
    refusal = stage.window.shortcuts.refusal(QKeySequence(key))
    assert why in refusal
    assert bool(refusal) == bool(why)


def test_a_key_of_a_panel_is_refused(stage: Stage) -> None:
    QShortcut(QKeySequence("Ctrl+Shift+Y"), stage.window.messages, context=Qt.ShortcutContext.WidgetShortcut)
    assert "belongs to a panel" in stage.window.shortcuts.refusal(QKeySequence("Ctrl+Shift+Y"))


# The dialog


@pytest.fixture
def dialog(stage: Stage) -> Iterator[ShortcutsDialog]:
    stage.window.actions_["shortcuts.open"].trigger()
    dialog = stage.window.findChild(ShortcutsDialog)
    yield dialog
    dialog.close()


def press(dialog: ShortcutsDialog, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    dialog.keys.setFocus()
    QTest.keyClick(dialog.keys, key, modifier)
    dialog.keys.editingFinished.emit()  # which waits a second for another key


def test_all_commands_are_listed_and_found(dialog: ShortcutsDialog) -> None:
    """By the ShortcutTable."""
    assert dialog.model.rowCount() == len(COMMANDS)
    tester = QAbstractItemModelTester(dialog.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    dialog.filter.setText("ctrl+l")
    assert dialog.command().id == "filter.focus"
    dialog.filter.setText("no such thing")
    assert dialog.command() is None
    assert not dialog.keys.isEnabled()
    assert dialog.said.text() == "No command has that in its name"
    tester.deleteLater()


def test_keys_are_taken_where_they_are_free(stage: Stage, dialog: ShortcutsDialog) -> None:
    dialog.filter.setText("follow the newest")
    press(dialog, Qt.Key.Key_Y, CTRL)
    assert keys(stage.window.shortcuts, "view.follow") == ["Ctrl+Y"]
    assert dialog.said.text() == "Ctrl+Y does it from now on"
    assert dialog.model.index(0, 2).data() == "changed"
    dialog.reset.click()
    assert keys(stage.window.shortcuts, "view.follow") == ["Ctrl+J"]


def test_a_conflict_is_told_and_solved_only_knowingly(stage: Stage, dialog: ShortcutsDialog) -> None:
    dialog.filter.setText("follow the newest")
    press(dialog, Qt.Key.Key_K, CTRL)
    assert "“Commands”" in dialog.said.text()
    assert keys(stage.window.shortcuts, "view.follow") == ["Ctrl+J"]
    dialog.take.click()
    assert keys(stage.window.shortcuts, "view.follow") == ["Ctrl+K"]
    assert keys(stage.window.shortcuts, "palette.open") == []
    dialog.reset_all.click()
    assert keys(stage.window.shortcuts, "palette.open") == ["Ctrl+K"]


def test_a_key_that_cannot_be_taken_is_refused_in_words(stage: Stage, dialog: ShortcutsDialog) -> None:
    dialog.filter.setText("follow the newest")
    press(dialog, Qt.Key.Key_C, CTRL)
    assert dialog.said.text() == "Ctrl+C copies, in every panel"
    assert dialog.keys.keySequence().toString() == "Ctrl+J"


def test_the_field_for_keys_lets_the_tab_key_go_on(stage: Stage, dialog: ShortcutsDialog) -> None:
    dialog.keys.setFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert not dialog.keys.isAncestorOf(QApplication.focusWidget())
    assert QApplication.focusWidget() is not dialog.keys


def test_ctrl_c_copies_in_the_panel_with_the_focus_only(stage: Stage, qtbot: Any) -> None:
    """Six panels have it: were it the window's, none would get it."""
    stage.reader.put(exchange(1))
    stage.reader.messages_[1] = [called(1, {"type": "http"})]
    stage.look()
    stage.window.table.pick(1)
    clipboard = QApplication.clipboard()
    for view, text in ((stage.window.messages.table, "scope http"), (stage.window.details.scope, "type\thttp")):
        clipboard.setText("")
        view.setFocus()
        view.selectAll()
        QTest.keyClick(view, Qt.Key.Key_C, CTRL)
        assert text in clipboard.text()
