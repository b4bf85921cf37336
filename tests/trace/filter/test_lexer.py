from __future__ import annotations

import pytest
from hypothesis import given

from inspector.trace.filter import FilterError, parse, tokens
from inspector.trace.filter.lexer import unquoted
from tests.trace.filter.strategies import filter_texts


def told(text: str) -> list[tuple[str, str]]:
    return [(text[token.start : token.end], token.kind) for token in tokens(text)]


def test_kinds() -> None:
    assert told("status:>=200 and not (path~^/old OR lamp)") == [
        ("status", "field"),
        (":", "operator"),
        (">=200", "value"),
        ("and", "keyword"),
        ("not", "keyword"),
        ("(", "paren"),
        ("path", "field"),
        ("~", "operator"),
        ("^/old", "value"),
        ("OR", "keyword"),
        ("lamp", "word"),
        (")", "paren"),
    ]


def test_quotes_belong_to_their_token() -> None:
    assert told('path:"a \\" (b" "and"') == [
        ("path", "field"),
        (":", "operator"),
        ('"a \\" (b"', "value"),
        ('"and"', "word"),
    ]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("statsu:200 lamp", ["statsu"]),
        ("status:abc", ["abc"]),
        ("(lamp", ["("]),
        ("lamp)", [")"]),
        ('path:"never closed', ['"never closed']),
        ("status:", []),
        ("lamp and", []),
    ],
)
def test_what_is_wrong_is_marked(text: str, wrong: list[str]) -> None:
    assert [piece for piece, kind in told(text) if kind == "error"] == wrong


def test_value_and_where_its_characters_stand() -> None:
    assert unquoted("a\\b") == ("a\\b", [0, 1, 2, 3])
    assert unquoted(r'"a\"\d\\"') == (r'a"\d' + "\\", [1, 2, 4, 5, 6, 8])
    assert unquoted('"open') == ("open", [1, 2, 3, 4, 5])


@given(filter_texts)
def test_tokens_cover_all_but_blanks_and_never_overlap(text: str) -> None:
    at = 0
    for token in tokens(text):
        assert at <= token.start < token.end
        assert not text[at : token.start].strip()
        at = token.end
    assert not text[at:].strip()
    if any(token.kind == "error" for token in tokens(text)):
        with pytest.raises(FilterError):
            parse(text)
