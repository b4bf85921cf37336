"""The body view: text, JSON or hex as suits the body and the user; what it gives away."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from inspector.recording.content import ContentType
from inspector.ui import theme
from inspector.ui.panels.body import BodyView, Taste
from inspector.ui.panels.text_view import KEPT_LINES, LINES, PIECE, TextView
from inspector.ui.renderer import Renderer
from inspector.ui.rendering import EMPTY, Body, Mode, Rendered
from tests.support.sample_exchanges import picture

Show = Callable[..., BodyView]


def body(data: bytes, media_type: str = "", *codings: str, charset: str = "", size: int | None = None) -> Body:
    whole = len(data) if size is None else size
    content = ContentType(media_type, charset, codings)
    return Body(whole, len(data), content, lambda at, count: data[at : at + count])


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[BodyView]:
    renderer = Renderer()
    view = BodyView(renderer, Taste())
    qtbot.addWidget(view)
    view.resize(700, 300)
    yield view
    renderer.deleteLater()


@pytest.fixture
def show(view: BodyView, qtbot: QtBot) -> Show:
    def show(given: Body, act: Callable[[], None] | None = None) -> BodyView:
        with qtbot.waitSignal(view._renderer.done):
            act() if act else view.show_body(given)
        view.grab()
        return view

    return show


def test_it_is_known_by_its_name(view: BodyView) -> None:
    assert view.objectName() == "bodyView"
    assert view.accessibleName()


def test_no_body_says_why(view: BodyView) -> None:
    view.show_body(EMPTY, "The app read no body")
    assert view._views.currentWidget() is view._empty
    assert "The app read no body" in {label.text() for label in view._empty.findChildren(QLabel)}
    assert view._bar.isHidden()


def test_json_is_laid_out(show: Show) -> None:
    view = show(body(b'{"a":[1]}', "application/json"))
    assert view.text.toPlainText() == '{\n  "a": [\n    1\n  ]\n}'
    assert view._facts.whole() == "application/json · 9 B"
    assert view._modes.words() == ["Pretty", "Tree", "Text", "Hex"]
    view.copy()
    assert QApplication.clipboard().text() == '{\n  "a": [\n    1\n  ]\n}'


def test_the_users_choice_is_kept_where_it_can_be(show: Show) -> None:
    given = body(b'{"a":1}', "application/json")
    view = show(given)
    show(given, lambda: view.choose("text"))
    assert view.text.toPlainText() == '{"a":1}'
    show(body(b"[1]"))
    assert view.text.toPlainText() == "[1]"
    show(given, lambda: view.choose("pretty"))
    show(body(b"hello"))
    assert view.mode == "text"
    assert view._modes.words() == ["Text", "Hex"]
    show(body(b"[1]"))
    assert view.mode == "pretty"


def test_binary_is_hex_and_text_on_demand(show: Show) -> None:
    given = body(bytes(range(256)), "image/png")
    view = show(given)
    assert view._views.currentWidget() is view.hex
    show(given, lambda: view.choose("text"))
    assert view._views.currentWidget() is view.text
    assert "shown as ISO-8859-1" in view._remarks.text()
    show(body(b"\0" * 10))
    assert view.mode == "hex"


def test_codings(show: Show) -> None:
    packed = gzip.compress("Grüße".encode("latin-1"))
    given = body(packed, "text/plain", "gzip", charset="latin-1")
    view = show(given)
    assert view.text.toPlainText() == "Grüße"
    assert not view._coding.isHidden()
    show(given, lambda: view.choose("hex"))
    assert view.hex.lines()[0][1].startswith("47 72 fc df 65")
    show(given, lambda: view._choose_coding("received"))
    assert view.hex.lines()[0][1].startswith("1f 8b")


def test_saving(show: Show, tmp_path: Path) -> None:
    data = bytes(range(256)) * 10_000
    view = show(body(data))
    view.save_to(tmp_path / "whole")
    assert (tmp_path / "whole").read_bytes() == data
    view = show(body(gzip.compress(b"hello"), "", "gzip"))
    view.save_to(tmp_path / "decoded")
    assert (tmp_path / "decoded").read_bytes() == b"hello"


def test_a_body_that_grows_in_hex_is_only_told_its_size(show: Show) -> None:
    view = show(body(b"\0" * 64))
    view.hex.select(3, 4)
    view.grow(body(b"\0" * 160_000))
    assert view.hex.verticalScrollBar().maximum() > 9_000
    assert view.hex.selection() == (3, 4)


def test_a_body_that_grows_is_rendered_again_but_not_at_every_chunk(show: Show, qtbot: QtBot) -> None:
    view = show(body(b"one\n"))
    told: list[object] = []
    view._renderer.done.connect(lambda _asker, rendered: told.append(rendered))
    for number in range(50):
        view.grow(body(b"one\n" * (number + 2)))
    qtbot.waitUntil(lambda: view.text.toPlainText() == "one\n" * 51)
    assert len(told) == 1


def test_the_first_chunk_comes_late(view: BodyView, qtbot: QtBot) -> None:
    view.show_body(EMPTY, "No body yet")
    view.grow(EMPTY, "No body yet")
    view.grow(body(b"hello"))
    qtbot.waitUntil(lambda: view.text.toPlainText() == "hello")


def test_the_newest_wish_counts(view: BodyView, qtbot: QtBot) -> None:
    slow = body(b"[" + b"1," * 900_000 + b"1]", "application/json")
    told: list[Rendered] = []
    view._renderer.done.connect(lambda _asker, rendered: told.append(rendered))
    for _ in range(5):
        view.show_body(slow)
    with qtbot.waitSignal(view._renderer.done):
        view.show_body(body(b"the last"))
    assert [each.text for each in told] == ["the last"]
    assert view.text.toPlainText() == "the last"


def test_reading_stays_on_the_qt_thread(show: Show) -> None:
    threads: list[threading.Thread] = []

    def read(at: int, count: int) -> bytes:
        threads.append(threading.current_thread())
        return b"hello"[at : at + count]

    show(Body(5, 5, ContentType(), read))
    assert set(threads) == {threading.main_thread()}


def test_the_thread_ends_with_the_view(qtbot: QtBot) -> None:
    renderer = Renderer()
    view = BodyView(renderer, Taste())
    qtbot.addWidget(view)
    with qtbot.waitSignal(renderer.done):
        view.show_body(body(b"hello"))
    assert any(thread.name.startswith("render") for thread in threading.enumerate())
    with qtbot.waitSignal(renderer.destroyed):
        renderer.deleteLater()
    assert not any(thread.name.startswith("render") for thread in threading.enumerate())


@pytest.mark.parametrize(
    "data",
    [
        b"a" * (10 << 20),
        b"[" * 100_000 + b"]" * 100_000,
        b"\xff\0" * 100_000,
        b"\n" * 500_000,
        "\u202e".encode() * 10**5,
    ],
    ids=["one line", "deep", "invalid", "lines", "bidi"],
)
def test_hostile_bodies_are_shown_in_the_end(data: bytes, show: Show, qtbot: QtBot) -> None:
    view = show(body(data, "application/json"))
    qtbot.waitUntil(lambda: not view.text.filling, timeout=20_000)
    assert view.mode == "hex" or view.text.toPlainText()


GIGABYTE = 1_000_000_000
HOSTILE: dict[str, tuple[Body, str]] = {
    "1 GB": (
        Body(GIGABYTE, GIGABYTE, ContentType("text/plain"), lambda at, n: b"all work and no play\n" * (n // 21)),
        "",
    ),
    "1 GB recorded in part": (body(b"x\0" * (5 << 20), "", size=GIGABYTE), "the first 10.5 MB of 1.0 GB"),
    "one line": (body(b'["' + b"a" * (10 << 20) + b'"]', "application/json"), "Lines of more than 2,000 characters"),
    "invalid UTF-8": (body(b"text \xff\xfe and more " * 100_000, "text/plain", charset="utf-8"), "is not valid UTF-8"),
    "deep": (body(b"[" * 100_000 + b"]" * 100_000, "application/json"), "deeper than 200 levels"),
    "a lie": (body(b"GIF89a" + bytes(100_000), "image/png"), "but the bytes are not"),
    "a bomb": (body(gzip.compress(bytes(300 << 20)), "text/html", "gzip"), "the first 10.5 MB as decoded"),
    "many values": (body(b"[" + b"[]," * 600_000 + b"0]", "application/json"), "first"),
    "tags": (body(b"<a>" * 600_000, "text/html"), "Lines of more than"),
}


@pytest.mark.parametrize("mode", ["", "tree", "text", "hex"])
@pytest.mark.parametrize("name", HOSTILE)
def test_the_window_never_waits(name: str, mode: Mode, view: BodyView, qtbot: QtBot) -> None:
    given, said = HOSTILE[name]
    view.show()
    view._taste.mode = mode
    qtbot.wait(20)
    ticks: list[float] = []
    timer = QTimer(view, interval=1)
    timer.timeout.connect(lambda: ticks.append(time.thread_time()))
    timer.start()
    done: list[object] = []
    view._renderer.done.connect(lambda _asker, rendered: done.append(rendered))
    view.show_body(given)
    qtbot.waitUntil(lambda: bool(done) and not view.text.filling, timeout=60_000)
    qtbot.waitUntil(lambda: len(ticks) > 10)
    timer.stop()
    if not mode:
        assert said in view._remarks.text()
    # Time of this thread alone: what other programs and threads take is none of the view's doing.
    gaps = [round(after - before, 3) for before, after in pairwise(ticks)]
    assert max(gaps) < 0.1


def test_views_can_be_found_by_name(view: BodyView) -> None:
    for part, name in (
        (view.text, "bodyText"),
        (view.json, "bodyTree"),
        (view.hex, "bodyHex"),
        (view.image, "bodyImage"),
    ):
        assert part.objectName() == name
        assert part.accessibleName()


def test_a_tree_is_chosen_and_kept(show: Show) -> None:
    given = body(b'{"a": {"b": [1, 2]}, "c": "x"}', "application/json")
    view = show(given)
    show(given, lambda: view.choose("tree"))
    assert view._views.currentWidget().isAncestorOf(view.json)
    view.json.setCurrentIndex(view.json.tree.index(1, 0))
    view.json.copy()
    assert QApplication.clipboard().text() == "x"
    view.json.copy_path()
    assert QApplication.clipboard().text() == "$.c"
    show(body(b"[1]", "application/json"))
    assert view.mode == "tree"


def test_a_picture(show: Show, tmp_path: Path) -> None:
    view = show(body(picture(), "image/png"))
    assert view._views.currentWidget() is view.image
    assert view._facts.whole() == f"image/png · PNG, 320 × 200 pixels · {len(picture())} B"
    place = view.image.place()
    assert place.width() / place.height() == pytest.approx(1.6, abs=0.02)
    assert view.image.rect().contains(place)
    view.copy()
    assert QApplication.clipboard().image().size() == view.rendered.image.size()  # type: ignore[union-attr]


def test_another_charset(show: Show) -> None:
    given = body("да, конечно".encode("koi8-r"), "text/plain", charset="windows-1251")
    view = show(given)
    assert view._charset.text() == "windows-1251 ▾"
    show(given, lambda: view.choose_charset("koi8-r"))
    assert view.text.toPlainText() == "да, конечно"
    show(given)
    assert view._charset.text() == "windows-1251 ▾"  # the choice is for one body


def test_the_menu_of_charsets(show: Show, qtbot: QtBot) -> None:
    view = show(body("да".encode("koi8-r"), "text/plain", charset="windows-1251"))
    view._charset.click()
    menu = view.findChild(QMenu, "charsetMenu")
    assert menu is not None
    with qtbot.waitSignal(view._renderer.done):
        next(action for action in menu.actions() if action.text() == "koi8-r").trigger()
    menu.close()
    assert view.text.toPlainText() == "да"


def test_text_is_coloured_and_follows_the_theme(show: Show, qtbot: QtBot) -> None:
    view = show(body(b'{"a": "x"}', "application/json"))

    def color() -> str:
        formats = view.text.document().findBlockByNumber(1).layout().formats()
        return formats[0].format.foreground().color().name() if formats else ""  # type: ignore[attr-defined]

    qtbot.waitUntil(lambda: color() == theme.DARK.accent.name())
    theme.choose("light")
    qtbot.waitUntil(lambda: color() == theme.LIGHT.accent.name())
    show(body(b"plain", "text/plain"))
    assert not view.text.document().findBlockByNumber(0).layout().formats()


def test_long_text_goes_in_piece_by_piece(qtbot: QtBot) -> None:
    text = TextView()
    qtbot.addWidget(text)
    long = "".join(f"line {number} of many more\n" for number in range(PIECE // 2))
    text.show_text(long)
    assert text.filling
    assert len(text.toPlainText()) == PIECE
    text.show_text("\n" * PIECE)
    assert text.toPlainText().count("\n") == LINES
    text.show_text("short")
    assert not text.filling
    assert text.toPlainText() == "short"
    text.show_text(long)
    qtbot.waitUntil(lambda: not text.filling)
    assert text.toPlainText() == long


def test_markup_is_text(qtbot: QtBot) -> None:
    text = TextView()
    qtbot.addWidget(text)
    text.show_text("<b>bold</b> <img src='file:///etc/passwd'>")
    assert text.toPlainText() == "<b>bold</b> <img src='file:///etc/passwd'>"
    text.selectAll()
    assert text.createMimeDataFromSelection().formats() == ["text/plain"]


def test_a_long_text_out_of_sight_is_not_laid_out_and_comes_back_where_it_was(qtbot: QtBot) -> None:
    text = TextView()
    qtbot.addWidget(text)
    text.resize(400, 300)
    text.show()
    long = "a line of words\n" * (KEPT_LINES * 3)
    text.show_text(long)
    qtbot.waitUntil(lambda: not text.filling)
    cursor = text.textCursor()
    cursor.setPosition(40_000)
    cursor.setPosition(40_005, QTextCursor.MoveMode.KeepAnchor)
    text.setTextCursor(cursor)
    place = text.verticalScrollBar().value()
    assert place
    text.hide()
    assert text.document().blockCount() == 1
    text.show()
    qtbot.waitUntil(lambda: not text.filling)
    assert text.toPlainText() == long
    assert text.verticalScrollBar().value() == place
    assert (text.textCursor().anchor(), text.textCursor().position()) == (40_000, 40_005)
