"""Requests and responses in sections: those that apply, switched by words, remembered; and hostile ones."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.recording.content import content_type
from inspector.ui import theme
from inspector.ui.models.field_table import FieldTable
from inspector.ui.panels import exchange_parts
from inspector.ui.panels.body import Taste
from inspector.ui.panels.half import OVERVIEW, HalfPanel
from inspector.ui.panels.line_tree import row_height
from inspector.ui.renderer import Renderer
from inspector.ui.rendering import Body
from tests.support.sample_exchanges import BOUNDARY, upload

Show = Callable[..., HalfPanel]
UPLOAD = upload()
PARTS = UPLOAD.bodies[1]
UPLOAD_HEADERS = [("content-type", f"multipart/form-data; boundary={BOUNDARY}")]


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
    assert panel.fields.fields.index(1, 1).data() == "a↵b"


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
    assert exchange_parts.transport_words({"tls": tls}) == "TLS 1.3 · TLS_AES · http/1.1 by ALPN · asked for a⟨ESC⟩"
    assert exchange_parts.transport_words({"tls": {**tls, "alpn": None, "server_name": None}}).endswith("· no ALPN")
    proxy = {"client": "127.0.0.1:5", "scheme": "http"}
    assert exchange_parts.transport_words({"forwarded": proxy}) == "by the proxy 127.0.0.1:5, over http"
    assert exchange_parts.transport_words({"forwarded": {"scheme": "http"}}) == "by a proxy, over http"
    assert exchange_parts.transport_words({"forwarded": {"client": None}}) == "by the proxy at the socket"
    assert exchange_parts.transport_words({"tls": 7}) == exchange_parts.transport_words({}) == ""
    half = show([])
    assert exchange_parts.transport_short({"tls": tls, "forwarded": proxy}) == "TLS 1.3 · http/1.1 · proxy"
    assert exchange_parts.transport_short({"tls": 7}) == exchange_parts.transport_short({}) == ""
    half.show_below("TLS 1.3", "TLS 1.3 · no ALPN")
    assert half.below.isVisible()
    assert half.below.toolTip() == half.below.accessibleName() == "TLS 1.3 · no ALPN"
    half.show_below("", "")
    assert not half.below.isVisible()


def test_what_is_wrong_stands_below_its_line(show: Show, taste: Taste) -> None:
    taste.section = "cookies"
    panel = show([("set-cookie", "id=1; Path=/"), ("set-cookie", "embed=1; SameSite=None")])
    panel.grab()
    view = panel.fields
    plain, wrong = (view.visualRect(view.fields.index(row, 0)).height() for row in range(2))
    assert wrong == 2 * plain == 2 * row_height()
    assert view.wanted_height() >= view.header_height() + 3 * row_height()
    rect = view.visualRect(view.fields.index(1, 2))
    picture = view.viewport().grab(rect.adjusted(-rect.x(), row_height(), 0, 0)).toImage()
    colors = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    assert theme.current().status_4xx.name() in colors
    assert "without Secure" in view.fields.search_text(view.fields.index(1, 0))


@pytest.fixture
def dressed(qapp: QApplication, panel: HalfPanel) -> None:
    """As in the window: without a sheet, views have frames, and titles other margins."""
    if not theme.wardrobe.sheet:
        theme.apply(qapp)
    theme.dressed(panel)


@pytest.mark.usefixtures("dressed")
@pytest.mark.parametrize("height", range(200, 232, 5))
def test_no_line_of_a_table_is_cut(show: Show, taste: Taste, height: int) -> None:
    taste.section = "query"
    panel = show([("host", "x")], query="&".join(f"key{n}=value" for n in range(60)))
    panel.resize(800, height)
    panel.grab()
    assert panel.fields.viewport().height() % row_height() == 0


@pytest.mark.usefixtures("dressed")
def test_figures_end_where_their_title_ends(show: Show, taste: Taste, qtbot: QtBot) -> None:
    taste.section = "parts"
    panel = show(UPLOAD_HEADERS, PARTS)
    qtbot.waitUntil(lambda: panel.section == "parts")
    panel.grab()
    view, header = panel.fields, panel.fields.header()
    rect = view.visualRect(view.fields.index(0, 3))
    assert rect.right() + 1 == header.sectionViewportPosition(3) + header.sectionSize(3) == view.viewport().width()

    def last_inked(picture: QImage) -> int:
        ground = picture.pixel(0, 2)
        columns = range(picture.width() - 1, 0, -1)
        return next(x for x in columns if any(picture.pixel(x, y) != ground for y in range(2, picture.height() - 3)))

    title = header.viewport().grab(QRect(rect.x(), 0, rect.width(), header.height())).toImage()
    figure = view.viewport().grab(rect).toImage()
    assert abs(last_inked(title) - last_inked(figure)) <= 2


def test_a_low_panel_leaves_room_for_the_body(show: Show, taste: Taste, qtbot: QtBot) -> None:
    """Nothing of what stands above the body lies over another thing."""
    theme.zoom_to(200)
    packed = gzip.compress(b"<p>hello</p>" * 50)
    panel = show([("content-type", "text/html"), ("content-encoding", "gzip"), *[("x", "y")] * 20], packed)
    panel.resize(800, 520)
    qtbot.waitUntil(panel.body._remarks.isVisible)
    panel.resize(800, 460)
    panel.grab()
    bar, remarks, views = (part.geometry() for part in (panel.body._bar, panel.body._remarks, panel.body._views))
    assert bar.bottom() < remarks.top()
    assert remarks.bottom() < views.top()
    assert views.bottom() <= panel.body.rect().bottom()
    theme.zoom_to(100)
