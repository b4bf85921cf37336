"""Scopes, environs and headers as trees."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from inspector.trace.values import Cut, Opaque
from inspector.ui.models.header_words import HEADERS
from inspector.ui.models.scope_keys import ENVIRON, EXTENSIONS, MESSAGE, SCOPE, meaning, message_meaning
from inspector.ui.models.scope_tree import ScopeTree
from tests.support.sample_exchanges import scope


def tree(value: Any, bare: bool = False) -> ScopeTree:
    model = ScopeTree(bare, meaning)
    model.tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)  # type: ignore[attr-defined]
    model.show(value)
    return model


def lines(model: ScopeTree, parent: QModelIndex | None = None) -> dict[str, str]:
    above = parent or QModelIndex()
    return {model.index(at, 0, above).data(): model.index(at, 1, above).data() for at in range(model.rowCount(above))}


def test_a_scope_as_drawn(qtbot: QtBot) -> None:
    model = tree(scope("http", "POST", "/api/checkout"))
    assert lines(model) == {
        "type": '"http"',
        "asgi": '{ version "3.0", spec_version "2.5" }',
        "http_version": '"1.1"',
        "method": '"POST"',
        "scheme": '"http"',
        "path": '"/api/checkout"',
        "raw_path": 'b"/api/checkout"',
        "query_string": 'b""',
        "root_path": '""',
        "headers": "13 items",
        "client": '("127.0.0.1", 51764)',
        "server": '("127.0.0.1", 8000)',
        "state": "{ db, redis }",
        "extensions": "{ http.response.early_hint, http.response.trailers }",
    }


def test_branches_open_to_what_is_inside(qtbot: QtBot) -> None:
    model = tree(scope())
    headers = model.index(list(lines(model)).index("headers"), 0)
    assert model.hasChildren(headers)
    assert lines(model, headers)["host"] == 'b"127.0.0.1:8000"'
    state = model.index(list(lines(model)).index("state"), 0)
    assert lines(model, state)["db"] == "shop.storage.Database"
    client = model.index(list(lines(model)).index("client"), 0)
    assert lines(model, client) == {"0": '"127.0.0.1"', "1": "51764"}
    assert model.parent(model.index(0, 1, client)) == client


def test_children_are_made_when_looked_at(qtbot: QtBot) -> None:
    model = ScopeTree()
    model.show({"headers": [(b"a", b"b")] * 5_000, "empty": []})
    assert model.node(model.index(0, 0)).nodes is None
    assert model.hasChildren(model.index(0, 0))
    assert not model.hasChildren(model.index(1, 0))
    assert model.rowCount(model.index(0, 0)) == 5_000


def test_keys_are_explained_and_objects_told_apart(qtbot: QtBot) -> None:
    tip = Qt.ItemDataRole.ToolTipRole
    model = tree({**scope(), "HTTP_X_TOKEN": "1", "x": Opaque("shop.Db", 7), "cut": Cut("nested deeper than 32")})
    names = list(lines(model))
    assert model.index(names.index("raw_path"), 0).data(tip) == SCOPE["raw_path"]
    assert model.index(names.index("HTTP_X_TOKEN"), 0).data(tip) == "The request's X-Token header."
    assert "Only its type is recorded" in model.index(names.index("x"), 1).data(tip)
    assert model.index(names.index("cut"), 1).data() == "cut: nested deeper than 32"
    asgi = model.index(names.index("asgi"), 0)
    assert model.index(1, 0, asgi).data(tip) == SCOPE["asgi.spec_version"]


@pytest.mark.parametrize("key", [*SCOPE, *ENVIRON])
def test_every_key_has_a_sentence(key: str) -> None:
    sentence = meaning(tuple(key.split(".")) if key.startswith("asgi.") else (key,))
    assert sentence.endswith(".")


def test_headers_stand_without_quotes(qtbot: QtBot) -> None:
    model = tree([("content-type", "text/html"), ("x-long", "a" * (1 << 20)), ("x-nul", "a\0b")], bare=True)
    found = lines(model)
    assert found["content-type"] == "text/html"
    assert found["x-nul"] == "a⟨NUL⟩b"
    assert found["x-long"].endswith("… 1,048,576 characters")
    assert len(found["x-long"]) < 1_300


def test_strange_keys_and_values(qtbot: QtBot) -> None:
    model = tree({b"bytes": 1, 7: {None: [[[]]]}, "": "", ("a", 1): float("nan"), "big": 1 << 100_000, "neg": -1.5})
    assert lines(model)['b"bytes"'] == "1"
    assert lines(model)["7"] == "{ None }"
    assert lines(model)["big"].startswith("0x1000")


def test_parts_of_a_scope_are_explained() -> None:
    assert meaning(("headers", "Content-Type")) == HEADERS["content-type"]
    assert meaning(("HTTP_ACCEPT",)) == f"The request's Accept header. {HEADERS['accept']}"
    assert meaning(("client", "1")) == "The client's port."
    assert "lifespan startup" in meaning(("state", "db"))
    assert meaning(("extensions", "tls", "cipher_suite")) == EXTENSIONS["tls.cipher_suite"]
    assert meaning(("state", "db", "x")) == meaning(("x", "y")) == ""


def test_keys_of_a_message_are_explained_as_such() -> None:
    assert message_meaning(("type",)) != meaning(("type",))
    assert message_meaning(("headers", "vary")) == HEADERS["vary"]
    assert message_meaning(("exception", "type")) == ""


@pytest.mark.parametrize("sentence", [*EXTENSIONS.values(), *MESSAGE.values()])
def test_every_meaning_is_a_sentence(sentence: str) -> None:
    assert sentence.endswith(".")
    assert "!" not in sentence
