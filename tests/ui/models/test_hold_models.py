"""Breakpoints and holds as tables, and a held message as text and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from inspector.ui.models import held_text
from inspector.ui.models.breakpoint_table import BreakpointTable
from inspector.ui.panels.hold_queue import HoldTable
from tests.support.sample_holds import CHECKOUT, hold, stepping

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def test_breakpoints(qapp: Any) -> None:
    model = BreakpointTable()
    tester = QAbstractItemModelTester(model, FATAL)
    model.show([CHECKOUT])
    model.show([replace(CHECKOUT, hits=4)])
    assert [model.index(0, column).data() for column in range(3)] == [CHECKOUT.expression, "each time", "4"]
    heard: list[Any] = []
    model.switched.connect(lambda one, on: heard.append((one.id, on)))
    model.setData(model.index(0, 0), Qt.CheckState.Unchecked.value, Qt.ItemDataRole.CheckStateRole)
    assert heard == [(1, False)]
    tester.deleteLater()


def test_holds_come_and_go(qapp: Any) -> None:
    model = HoldTable()
    tester = QAbstractItemModelTester(model, FATAL)
    model.show(stepping(hold(1, 1), hold(2, 2)), {1: "GET /a", 2: "GET /b"})
    model.show(stepping(hold(2, 2), hold(3, 3)), {2: "GET /b", 3: "GET /c"})
    assert [model.index(row, 1).data() for row in range(model.rowCount())] == ["GET /b", "GET /c"]
    tester.deleteLater()


@pytest.mark.parametrize("body", [b"plain", "Grüße ✓".encode(), b"\x89PNG\xff", b""])
def test_a_held_body_comes_back_as_it_was(body: bytes) -> None:
    held = hold(body=body)
    shape = held_text.read(held_text.text(held_text.shape(held)))
    assert held_text.message(shape, held)["body"].encode("latin-1") == body


@pytest.mark.parametrize(
    ("typed", "told"),
    [("{", "line 1, column 2"), ("[]", "an object"), ("{}", "type:"), ('{"type": NaN}', "NaN")],
)
def test_what_is_no_message_is_told(typed: str, told: str) -> None:
    with pytest.raises(held_text.Mistake, match=told):
        held_text.read(typed)
