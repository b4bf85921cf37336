"""What the panels show of an exchange, copied by commands, whatever has the focus."""

from __future__ import annotations

import ast
import json
from typing import Any

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from tests.support.sample_shop import shop
from tests.support.windows import Stage


def test_scope_and_messages_are_copied_by_commands(qtbot: Any, settings: QSettings) -> None:
    stage = Stage(settings, shop())
    window = stage.show(qtbot)
    clipboard = QApplication.clipboard()
    window.table.pick(98_310)
    stage.look()
    window.actions_["scope.copy_python"].trigger()
    assert ast.literal_eval(clipboard.text())["method"] == "POST"
    window.actions_["messages.copy_json"].trigger()
    assert [each["type"] for each in json.loads(clipboard.text())] == [
        "call", "http.request", "http.response.start", "http.response.body", "return",
    ]  # fmt: skip
    window.messages.select(2)
    window.actions_["messages.copy_tsv"].trigger()
    assert [line.split("\t")[5] for line in clipboard.text().split("\n")] == ["type", "http.response.start"]
    window.leave()
    window.deleteLater()
