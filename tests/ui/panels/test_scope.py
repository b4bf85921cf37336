"""The view of a scope: types where there is room, every form of copy, the menu."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.trace.values import Opaque
from inspector.ui import theme
from inspector.ui.models.scope_tree import TYPE, VALUE
from inspector.ui.panels.scope import ScopeView, row_height
from tests.support.sample_exchanges import scope


@pytest.fixture
def view(qtbot: QtBot) -> ScopeView:
    view = ScopeView()
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show_value(scope("http", "POST", "/api/checkout"))
    view.grab()
    return view


def line(view: ScopeView, *keys: str) -> QModelIndex:
    at = QModelIndex()
    for key in keys:
        at = next(
            index for row in range(view.tree.rowCount(at)) if (index := view.tree.index(row, 0, at)).data() == key
        )
    return at


def choose(view: ScopeView, *lines: tuple[str, ...]) -> None:
    view.clearSelection()
    for keys in lines:
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        view.selectionModel().select(line(view, *keys), flags)


def copied() -> str:
    return QApplication.clipboard().text()


def test_types_stand_beside_the_values(view: ScopeView) -> None:
    kinds = {
        keys: line(view, *keys).siblingAtColumn(TYPE).data()
        for keys in (("path",), ("raw_path",), ("headers",), ("headers", "host"), ("client", "1"), ("state", "db"))
    }
    assert kinds == {
        ("path",): "str", ("raw_path",): "bytes", ("headers",): "list of 13", ("headers", "host"): "(bytes, bytes)",
        ("client", "1"): "int", ("state", "db"): "object of the app",
    }  # fmt: skip
    view.show_value({"headers": [["a", b"b"]]})
    assert line(view, "headers", "a").siblingAtColumn(TYPE).data() == "[str, bytes]"


def test_types_give_way_where_it_is_narrow(view: ScopeView) -> None:
    view.show()
    for width, hidden in ((700, False), (300, True), (700, False)):
        view.resize(width, 400)
        view.grab()
        assert view.isColumnHidden(TYPE) is hidden
        assert view.header().length() == view.viewport().width()


def test_lines_are_copied_with_their_keys(view: ScopeView) -> None:
    choose(view, ("path",), ("method",))
    view.copy()
    assert copied() == "method\tPOST\npath\t/api/checkout"


def test_one_value_is_copied_as_python(view: ScopeView) -> None:
    choose(view, ("client",))
    view.copy_python()
    assert ast.literal_eval(copied()) == ("127.0.0.1", 51764)
    choose(view, ("headers", "host"))
    view.copy_python()
    assert copied() == "b'127.0.0.1:8000'"


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        ([("path",), ("method",)], {"method": "POST", "path": "/api/checkout"}),
        ([("headers", "host"), ("headers", "accept")], None),
        ([("client", "1"), ("client", "0")], ["127.0.0.1", 51764]),
        ([("client", "1"), ("path",)], {"path": "/api/checkout", "client.1": 51764}),
    ],
)
def test_several_values_are_one_literal(view: ScopeView, lines: list[tuple[str, ...]], value: Any) -> None:
    choose(view, *lines)
    view.copy_python()
    told = ast.literal_eval(copied())
    if value is None:  # pairs of the header list, whole
        assert set(told) <= set(scope()["headers"])
        assert len(told) == 2
    else:
        assert told == value


def test_the_whole_is_copied_where_nothing_is_selected(view: ScopeView) -> None:
    whole = scope("http", "POST", "/api/checkout")
    view.clearSelection()
    view.copy_python()
    told = ast.literal_eval(copied())
    assert {**told, "state": 0} == {**whole, "state": 0}
    assert told["state"]["db"] == "<shop.storage.Database at 0x7f3a>"
    view.copy_json()
    assert json.loads(copied())["headers"][0] == [part.decode() for part in whole["headers"][0]]
    assert json.loads(copied())["state"]["db"]["$object"] == "shop.storage.Database"


def test_the_menu_takes_what_is_selected_and_the_whole(view: ScopeView) -> None:
    choose(view, ("path",), ("method",))
    menu = view.menu(line(view, "path"))
    actions = {action.text(): action for action in menu.actions()}
    actions["Copy values"].trigger()
    assert copied() == "POST\n/api/checkout"
    actions["Copy keys"].trigger()
    assert copied() == "method\npath"
    actions["Copy as JSON"].trigger()
    assert json.loads(copied()) == {"method": "POST", "path": "/api/checkout"}
    actions["Copy all as Python"].trigger()
    assert len(ast.literal_eval(copied())) == 14
    menu = view.menu(line(view, "state"))  # not among those: it is the one now
    actions = {action.text(): action for action in menu.actions()}
    actions["Copy as Python"].trigger()
    assert set(ast.literal_eval(copied())) == {"db", "redis"}
    actions["Expand all below"].trigger()
    assert view.isExpanded(line(view, "state"))


def test_half_a_surrogate_pair_can_be_copied(view: ScopeView) -> None:
    view.show_value({"a": "\ud800b"})
    choose(view, ("a",))
    for copy in (view.copy, view.copy_python, view.copy_json):
        copy()
        assert "\\ud800b" in copied()


def test_headers_have_names_and_values_only(qtbot: QtBot) -> None:
    view = ScopeView("headers", bare=True)
    qtbot.addWidget(view)
    view.show_value([("host", "a"), ("accept", "b")])
    view.selectAll()
    menu = view.menu(view.tree.index(0, VALUE))
    actions = {action.text(): action for action in menu.actions()}
    assert list(actions) == ["Copy values", "Copy names", "Copy as header lines"]
    actions["Copy as header lines"].trigger()
    assert copied() == "host: a\naccept: b"


def test_it_grows_with_the_zoom(view: ScopeView) -> None:
    before = view.visualRect(line(view, "method")).height(), view.columnWidth(TYPE)
    theme.zoom_to(200)
    assert view.isColumnHidden(TYPE)  # no room for it any more
    view.resize(1_400, 800)
    view.grab()
    assert view.visualRect(line(view, "method")).height() == row_height() == 2 * before[0]
    assert view.columnWidth(TYPE) > 1.5 * before[1]


@pytest.mark.parametrize("key", [Qt.Key.Key_Right, Qt.Key.Key_Plus])
def test_a_branch_opens_by_the_keyboard(view: ScopeView, qtbot: QtBot, key: Qt.Key) -> None:
    view.setCurrentIndex(line(view, "headers"))
    qtbot.keyClick(view, key)
    assert view.isExpanded(line(view, "headers"))


def test_objects_are_told_by_their_type(view: ScopeView) -> None:
    view.show_value({"app": Opaque("starlette.applications.Starlette", 1)})
    tip = line(view, "app").siblingAtColumn(VALUE).data(Qt.ItemDataRole.ToolTipRole)
    assert tip.startswith("An object of the app (starlette.applications.Starlette).")
