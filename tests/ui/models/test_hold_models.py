"""Breakpoints and holds as tables, and a held message as text and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from inspector.engine.probe import shapes
from inspector.ui.models import held_fields, held_text
from inspector.ui.models.breakpoint_table import BreakpointTable
from inspector.ui.models.pair_table import MOST, PairTable
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


def test_pairs_are_added_moved_removed_and_written(qapp: Any) -> None:
    model = PairTable()
    tester = QAbstractItemModelTester(model, FATAL)
    told: list[int] = []
    model.edited.connect(lambda: told.append(1))
    model.show([("a", "1"), ("b", "2"), ("c", "3")])
    assert model.move(0, 1) == 1
    assert model.move(2, -1) == 1
    assert model.move(0, -1) == 0
    assert [name for name, _ in model.pairs] == ["b", "c", "a"]
    assert model.add(0) == 1
    assert model.setData(model.index(1, 0), "new\nline")
    assert model.index(1, 0).data() != "new\nline"  # shown on its one line
    assert model.index(1, 0).data(Qt.ItemDataRole.EditRole) == "new\nline"
    model.remove(0)
    assert model.pairs == [("new\nline", ""), ("c", "3"), ("a", "1")]
    assert len(told) == 5
    model.writable = False
    assert not model.setData(model.index(0, 0), "x")
    model.show([("n", "v")] * (MOST + 1))
    assert (model.rowCount(), len(model.pairs)) == (MOST, MOST + 1)
    tester.deleteLater()


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("http.response.start", {"status": 199}),
        ("http.response.start", {"status": "200"}),
        ("http.response.start", {"status": 200, "trailers": 1}),
        ("http.response.start", {"status": 200, "headers": [["a b", "c"]]}),
        ("http.response.start", {"status": 200, "headers": [["a", "c\r\nd"]]}),
        ("http.response.start", {"status": 200, "headers": [["", "c"]]}),
        ("http.response.start", {"status": 200, "headers": [["a", "\u20ac"]]}),
        ("http.response.start", {"status": 200, "headers": [["a", "b"], ["a", ""]]}),
        ("http.response.body", {"body": "", "more_body": "no"}),
        ("websocket.close", {"code": 999}),
        ("websocket.close", {"code": 1004}),
        ("websocket.close", {"code": 4999, "reason": 3}),
        ("websocket.close", {"code": 1000, "reason": None}),
        ("websocket.accept", {"subprotocol": None, "headers": []}),
        ("websocket.accept", {"subprotocol": 1}),
        ("lifespan.startup.failed", {"message": None}),
        ("start_response", {"status": "OK", "headers": []}),
        ("start_response", {"status": "404 Not Found", "headers": []}),
    ],
)
def test_the_rules_that_the_form_tells_are_those_of_the_engine(type_: str, data: dict[str, Any]) -> None:
    try:
        shapes.message_of({"type": type_, "data": data}, {"type": type_}, fresh=True)
        refused = ""
    except shapes.Refused as error:
        refused = str(error).partition(":")[0].partition("[")[0]
    assert sorted(held_fields.wrong({"type": type_, **data})) == ([refused] if refused else [])


@pytest.mark.parametrize("body", [b"a\xff", "\ufeffx".encode("utf-16"), b"\x1b$B", b"plain"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "iso-2022-jp", "windows-1252", "utf-7"])
def test_a_body_comes_back_as_it_was_in_any_charset(body: bytes, charset: str) -> None:
    held = hold(body=body)
    shape = held_text.read(held_text.text(held_text.shape(held, charset)))
    assert held_text.message(shape, held, charset)["body"].encode("latin-1") == body
    assert held_text.size(shape, charset) == len(body)
