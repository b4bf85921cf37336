"""Coloured pieces of a text: of one line each, in the palette's tokens, bounded."""

from __future__ import annotations

import time

import pytest

from inspector.recording.json_text import Cancelled
from inspector.ui import highlight, theme
from inspector.ui.highlight import CAP, TOKENS, language, pieces
from tests.ui.test_theme import TEXTS


def test_colours_are_those_that_can_be_read() -> None:
    assert set(TOKENS) <= set(TEXTS)  # their contrast is tested there
    assert all(hasattr(theme.current(), token) for token in TOKENS)


@pytest.mark.parametrize(
    ("media_type", "text", "name"),
    [
        ("application/json", "", "json"),
        ("application/problem+json", "", "json"),
        ("text/html", "", "html"),
        ("image/svg+xml", "", "xml"),
        ("text/css", "", "css"),
        ("application/javascript", "", "javascript"),
        ("text/x-python", "", "python"),
        ("text/csv", "[1]", ""),
        ("text/plain", " [1]", "json"),
        ("", "<!DOCTYPE html>", "html"),
        ("", "<?xml?>", "xml"),
        ("", "hello", ""),
    ],
)
def test_language(media_type: str, text: str, name: str) -> None:
    assert language(media_type, text) == name


def test_pieces_are_of_one_line_each() -> None:
    assert pieces('{\n  "a": 1.5,\n  "b": "x"\n}', "json") == [
        [], [(2, 3, "accent"), (7, 3, "send")], [(2, 3, "accent"), (7, 3, "status_2xx")], [],
    ]  # fmt: skip
    comment = pieces("/* one\ntwo */ a {}", "css")
    assert comment[0] == [(0, 6, "third")]
    assert comment[1][0] == (0, 6, "third")


def test_it_is_bounded_and_stops_when_nobody_wants_it() -> None:
    assert len(pieces("[1,\n" * CAP, "json")) <= CAP // 4 + 2
    with pytest.raises(Cancelled):
        pieces("[1]", "json", lambda: True)


@pytest.mark.parametrize(
    ("name", "unit"),
    [("json", "["), ("html", "&a"), ("xml", "<!--"), ("css", "/*"), ("javascript", "${"), ("python", "(")],
)
def test_nasty_text_takes_no_longer_than_it_may(name: str, unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highlight, "SECONDS", 0.2)
    began = time.thread_time()
    pieces(unit * CAP, name)
    assert time.thread_time() - began < 5
