"""One message: its versions where it was edited, and what was done to it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex
from pytestqt.qtbot import QtBot

from inspector.ui.panels.details import MESSAGE, DetailsPanel
from inspector.ui.panels.message import MessagePanel
from tests.support.sample_exchanges import FakeReader, checkout, stepped


def show(panel: DetailsPanel, seq: int) -> MessagePanel:
    panel.show_exchange(FakeReader([stepped()]), 17)  # type: ignore[arg-type]
    panel.show_message(seq)
    panel.grab()
    return panel.message


def keys(message: MessagePanel) -> dict[str, str]:
    tree, top = message.keys.tree, QModelIndex()
    return {tree.index(at, 0, top).data(): tree.index(at, 1, top).data() for at in range(tree.rowCount())}


def test_an_edited_message_shows_what_changed_and_both_its_versions(panel: DetailsPanel, qtbot: QtBot) -> None:
    message = show(panel, 3)
    qtbot.waitUntil(lambda: '"total": 129.90' in message.changes.text.toPlainText())
    lines = message.changes.text.toPlainText().splitlines()
    assert [line for line in lines if not line.startswith("  ")] == [
        "− body: 109 B", "+ body: 106 B", '−   "total": 129.90,', '+   "total": 0.00,', '−   "paid": false',
        '+   "paid": true',
    ]  # fmt: skip
    assert message.story.text() == (
        "Held at send for 42.0 s, released by Continue. You edited it: what went on is not what came."
    )
    message.versions.button("original").click()
    qtbot.waitUntil(lambda: '"total": 129.90' in message.body.text.toPlainText())
    assert "129.90" in keys(message)["body"]
    message.versions.button("edited").click()
    qtbot.waitUntil(lambda: '"total": 0.00' in message.body.text.toPlainText())
    assert "0.00" in keys(message)["body"]


def test_the_version_is_kept_from_message_to_message(panel: DetailsPanel, qtbot: QtBot) -> None:
    message = show(panel, 3)
    message.versions.button("original").click()
    panel.show_message(2)
    assert not message.versions.isVisibleTo(panel)
    assert keys(message)["status"] == "201"
    panel.show_message(0)
    assert message.versions.current() == "original"
    assert keys(message)["root_path"] == '""'
    message.versions.button("changes").click()
    qtbot.waitUntil(lambda: '+ root_path: "/shop"' in message.changes.text.toPlainText())


def test_what_was_dropped_injected_or_only_held_says_so(panel: DetailsPanel) -> None:
    assert show(panel, 4).story.text() == "Held at send for 6.0 s, ended by Drop. You dropped it: it did not go on."
    panel.show_message(5)
    assert panel.message.story.text() == "You injected it while a message was held at send: it is not the app's."
    panel.show_message(6)  # an injected one went before it, and took its number
    assert panel.message.story.text() == "Held at send for 15.5 s, released by Finish the response."
    panel.show_message(7)
    assert not panel.message.story.isVisibleTo(panel)


def test_a_message_that_nobody_touched_is_as_ever(panel: DetailsPanel) -> None:
    panel.show_exchange(FakeReader([checkout()]), 98_310)  # type: ignore[arg-type]
    panel.show_message(2)
    assert panel.tabs.currentIndex() == MESSAGE
    assert not panel.message.story.isVisibleTo(panel)
    assert not panel.message.versions.isVisibleTo(panel)
