"""Requests and responses in sections: those that apply, switched by words, remembered; and hostile ones."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.recording.content import content_type
from inspector.ui import theme
from inspector.ui.models.field_table import FieldTable
from inspector.ui.panels import exchange_parts
from inspector.ui.panels.body import Taste
from inspector.ui.panels.half import OVERVIEW, HalfPanel
from inspector.ui.renderer import Renderer
from inspector.ui.rendering import Body
from tests.support.sample_exchanges import BOUNDARY, upload

Show = Callable[..., HalfPanel]
UPLOAD = upload()
PARTS = UPLOAD.bodies[1]


def body(data: bytes, headers: list[tuple[str, str]], size: int | None = None) -> Body:
    whole = len(data) if size is None else size
    return Body(whole, len(data), content_type(headers), lambda at, count: data[at : at + count])


@pytest.fixture
def taste() -> Taste:
    return Taste()


@pytest.fixture
def panel(qtbot: QtBot, taste: Taste) -> Iterator[HalfPanel]:
    renderer = Renderer()
    panel = HalfPanel(renderer, taste)
    qtbot.addWidget(panel)
    panel.resize(800, 400)
    panel.show()
    yield panel
    renderer.deleteLater()


@pytest.fixture
def show(panel: HalfPanel) -> Show:
    def show(
        headers: list[tuple[str, str]], data: bytes | None = b"", size: int | None = None, **more: Any
    ) -> HalfPanel:
        given = None if data is None else body(data, headers, size)
        panel.show_half("POST / HTTP/1.1", headers, given, "The app read no body", **more)
        return panel

    return show


def lines(panel: HalfPanel) -> list[tuple[str, ...]]:
    return [(*line.cells, line.problem) for line in panel.fields.lines()]


def test_sections_that_do_not_apply_are_absent(show: Show) -> None:
    panel = show([("host", "x")])
    assert panel.sections.words() == ["Overview", "Headers 1"]
    show([("host", "x"), ("cookie", "a=1; b=2")], query="q=1&r=2&s=3")
    assert panel.sections.words() == ["Overview", "Headers 2", "Cookies 2", "Query 3"]
    show([("host", "x")], None)
    assert panel.sections.words() == ["Headers 1"]
    assert panel.section == "headers"
    assert panel.body.isHidden()
    show([], b"hello")
    assert panel.sections.words() == ["Overview", "Headers 0", "Body 5 B"]


def test_words_switch_and_are_remembered(show: Show, taste: Taste, qtbot: QtBot) -> None:
    panel = show([("cookie", "a=1; b=2")], b"hello", query="q=brass+lamp")
    assert panel.section == OVERVIEW
    assert panel.headers.isVisible()
    assert panel.body.isVisible()
    qtbot.mouseClick(panel.sections.button("query"), Qt.MouseButton.LeftButton)
    assert lines(panel) == [("q", "brass lamp", "")]
    assert not panel.headers.isVisible()
    assert not panel.body.isVisible()
    show([("host", "x")], b"hello")  # has no query: the headers stand in
    assert panel.section == OVERVIEW
    show([("host", "x")], b"hello", query="q=1&q=2")
    assert panel.section == "query"
    assert panel.sections.current() == "query"
    assert taste.section == "query"


def test_words_are_reached_by_keyboard(show: Show, qtbot: QtBot) -> None:
    panel = show([("cookie", "a=1")], b"hello", query="q=1")
    panel.sections.button(OVERVIEW).setFocus()
    qtbot.keyClick(panel.sections.button(OVERVIEW), Qt.Key.Key_Right)
    assert panel.sections.button("headers").hasFocus()
    qtbot.keyClick(panel.sections.button("headers"), Qt.Key.Key_Space)
    assert panel.section == "headers"


def test_headers_tell_what_they_mean(show: Show) -> None:
    panel = show([("Content-Type", "text/plain"), ("x-mine", "1")])
    tip = panel.headers.tree.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "RFC 9110, 8.3" in tip
    assert not panel.headers.tree.index(1, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_cookies_that_are_set_tell_what_is_wrong(show: Show, taste: Taste) -> None:
    taste.section = "cookies"
    panel = show([("set-cookie", "id=1; Path=/; HttpOnly"), ("Set-Cookie", "embed=1; SameSite=None")])
    assert [line[:3] for line in lines(panel)] == [("id", "1", "Path=/; HttpOnly"), ("embed", "1", "SameSite=None")]
    assert "without Secure" in lines(panel)[1][3]
    assert "scripts in the page cannot read it" in panel.fields.fields.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    panel.fields.setCurrentIndex(panel.fields.fields.index(0, 0))
    panel.fields.copy()
    assert QApplication.clipboard().text() == "id\t1\tPath=/; HttpOnly"


def test_a_form(show: Show, taste: Taste, qtbot: QtBot) -> None:
    taste.section = "form"
    headers = [("content-type", "application/x-www-form-urlencoded")]
    panel = show(headers, b"name=Ada+Lovelace&text=a%0Ab&flag")
    qtbot.waitUntil(lambda: "form" in panel.sections.names())
    assert panel.section == "form"
    assert lines(panel) == [("name", "Ada Lovelace", ""), ("text", "a\nb", ""), ("flag", "", "no = sign")]
    assert panel.fields.fields.index(1, 1).data() == "a␊b"


@pytest.mark.parametrize("coding", ["", "gzip"])
def test_parts_are_bodies_of_their_own(show: Show, taste: Taste, qtbot: QtBot, tmp_path: Path, coding: str) -> None:
    taste.section = "parts"
    headers = [("content-type", f"multipart/form-data; boundary={BOUNDARY}"), ("content-encoding", coding)]
    panel = show(headers, gzip.compress(PARTS) if coding else PARTS)
    qtbot.waitUntil(lambda: panel.section == "parts")
    assert [line[:3] for line in lines(panel)] == [
        ("title", "", "text/plain"), ("note", "", "application/json"), ("photo", "lamp.png", "image/png"),
    ]  # fmt: skip
    panel.fields.setCurrentIndex(panel.fields.fields.index(1, 0))
    qtbot.waitUntil(lambda: '"shelf": 12' in panel.part.text.toPlainText())
    panel.fields.setCurrentIndex(panel.fields.fields.index(2, 0))
    qtbot.waitUntil(lambda: panel.part.mode == "image")
    panel.part.save_to(tmp_path / "lamp.png")
    assert (tmp_path / "lamp.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "lamp.png").read_bytes() in PARTS
    assert (tmp_path / "lamp.png").stat().st_size == panel.part._body.size


def test_what_grows_does_not_move_the_selection(show: Show, taste: Taste, qtbot: QtBot) -> None:
    taste.section = "parts"
    headers = [("content-type", f"multipart/form-data; boundary={BOUNDARY}")]
    panel = show(headers, PARTS[:400], len(PARTS))
    qtbot.waitUntil(lambda: panel.section == "parts")
    assert panel._note.text()
    panel.fields.setCurrentIndex(panel.fields.fields.index(1, 0))
    show(headers, PARTS, same=True)
    qtbot.waitUntil(lambda: len(panel.fields.lines()) == 3 and not panel._note.text(), timeout=5_000)
    assert panel.fields.currentIndex().row() == 1


@pytest.mark.parametrize(
    ("headers", "data"),
    [
        ([("content-type", "multipart/form-data")], PARTS),
        ([("content-type", "multipart/form-data; boundary=\0")], b"\0" * 1_000_000),
        ([("content-type", "multipart/form-data; boundary=b")], b"--b\r\n" * 500_000),
        ([("content-type", "application/x-www-form-urlencoded")], b"%" * 3_000_000),
        ([("content-type", "application/x-www-form-urlencoded")], b"&a=\xff\x00\x1b" * 400_000),
        ([("content-type", "application/x-www-form-urlencoded"), ("content-encoding", "gzip")], b"no gzip"),
        ([("cookie", "\u202e=\0;" * 100_000), ("set-cookie", "\u202e=;;;;" * 100_000)], b""),
        ([(f"x-{number}", "v" * 100) for number in range(5_000)], b""),
    ],
    ids=["no boundary", "nul", "many parts", "escapes", "bytes", "no gzip", "cookies", "5,000 headers"],
)
def test_hostile_halves(show: Show, taste: Taste, qtbot: QtBot, headers: list[tuple[str, str]], data: bytes) -> None:
    panel = show(headers, data, query="%\0\u202e&" * 10_000)
    assert isinstance(panel.fields.fields, FieldTable)
    QAbstractItemModelTester(panel.fields.fields, QAbstractItemModelTester.FailureReportingMode.Fatal, panel)
    qtbot.waitUntil(lambda: not panel._renderer._newest, timeout=20_000)
    for name in panel.sections.names():
        panel._choose(name)
        panel.grab()


def test_words_wrap_where_there_is_no_room(show: Show) -> None:
    panel = show([("cookie", "a=1")], b"hello", query="q=1")
    panel.resize(800, 400)
    one = panel.sections.height()
    theme.zoom_to(200)
    panel.resize(300, 400)
    panel.grab()
    assert panel.width() == 300
    assert panel.sections.height() > 2 * one
    assert all(
        panel.sections.rect().contains(panel.sections.button(name).geometry()) for name in panel.sections.names()
    )


def test_what_carried_the_request_stands_beside_it(show: Show) -> None:
    tls = {"version": "TLSv1.3", "cipher": "TLS_AES", "alpn": "http/1.1", "server_name": "a\x1b"}
    assert exchange_parts.transport_words({"tls": tls}) == "TLS 1.3 · TLS_AES · http/1.1 by ALPN · asked for a␛"
    assert exchange_parts.transport_words({"tls": {**tls, "alpn": None, "server_name": None}}).endswith("· no ALPN")
    assert exchange_parts.transport_words({"tls": 7}) == exchange_parts.transport_words({}) == ""
    half = show([])
    half.show_below("TLS 1.3")
    assert half.below.isVisible()
    half.show_below("")
    assert not half.below.isVisible()
