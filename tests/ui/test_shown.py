"""What came from outside neither acts on the screen nor is endless."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.trace.values import Cut, Opaque
from inspector.ui import shown


def test_control_and_turning_characters_are_made_visible() -> None:
    assert shown.visible("a\0b\x1b[31m\r\nc\td\x7f\x85") == "a⟨NUL⟩b⟨ESC⟩[31m\nc\td⟨DEL⟩\\x85"
    assert shown.visible("abc\u202edcba\u2066\ufeff") == "abc⟨U+202E⟩dcba⟨U+2066⟩⟨U+FEFF⟩"
    assert shown.visible("\ud800") == "⟨U+D800⟩"
    assert shown.visible("Grüße 🎉 日本") == "Grüße 🎉 日本"


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    line = shown.one_line(text)
    assert "\n" not in line
    assert all(char >= " " for char in line)


def test_one_line_is_cut() -> None:
    assert shown.one_line("ab\ncd\t", 10) == "ab↵cd⟨TAB⟩"
    assert shown.one_line("a" * 1_000_000, 5) == "aaaaa…"


def test_endless_lines_are_broken() -> None:
    text, breaks = shown.broken("a" * 5_000 + "\n" + "b" * 2_000)
    assert breaks == 2
    assert [len(line) for line in text.split("\n")] == [2_000, 2_000, 1_000, 2_000]


def test_previews() -> None:
    assert shown.preview("Grüße".encode()[:3]) == "Gr"
    assert shown.preview(b"\x89PNG\r\n") == "89 50 4e 47 0d 0a"
    assert shown.preview(b'  {"a":\n1}') == '{"a":↵1}'
    assert shown.preview(b"") == ""


def test_values_read_like_python() -> None:
    assert shown.value("http") == '"http"'
    assert shown.value(b"it's \"\x00\\") == 'b"it\'s \\"\\x00\\\\"'
    assert shown.value('a"b\n') == '"a\\"b\\n"'
    assert shown.value({"version": "3.0", "spec_version": "2.5"}) == '{ version "3.0", spec_version "2.5" }'
    assert shown.value({"db": Opaque("shop.Database", 7), "n": 1}) == "{ db, n }"
    assert shown.value(("127.0.0.1", 8000)) == '("127.0.0.1", 8000)'
    assert shown.value([]) == "[]"
    assert shown.value((1,)) == "(1,)"
    assert shown.value([(b"a", b"b")] * 15) == "15 items"
    assert shown.value(Opaque("shop.Database", 7)) == "shop.Database"
    assert shown.value(Cut("nested deeper than 32")) == "cut: nested deeper than 32"
    assert shown.value(None) == "None"
    assert shown.value(shown.Note("2.1 KB, see below")) == "2.1 KB, see below"


def test_long_values_say_how_long_they_are() -> None:
    assert shown.value("a" * 1_000_000).endswith("… 1,000,000 characters")
    assert len(shown.value(b"\0" * 1_000_000)) < 2_000
    assert shown.value(1 << 100_000).startswith("0x1000")


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
)


@given(plain)
def test_python_is_python(value: object) -> None:
    assert ast.literal_eval(shown.python(value)) == value
    assert len(shown.value(value)) < 10_000


def test_header_pairs_whatever_the_app_gave() -> None:
    given = [(b"a", b"b"), ["c", "d"], (b"e", 1), "fg", None, (b"too", b"many", b"parts")]
    assert shown.pairs(given) == [("a", "b"), ("c", "d"), ("e", "1")]


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.binary(), inner),
    max_leaves=20,
)


@given(plain_values, st.booleans())
def test_python_reads_back_what_is_copied_as_python(item: object, lines: bool) -> None:
    assert ast.literal_eval(shown.python(item, lines)) == item


def test_python_reads_back_what_has_no_literal() -> None:
    item = {"nan": float("nan"), "inf": [float("inf"), float("-inf")], "db": Opaque("shop.Db", 255), "cut": Cut("it"),
            "big": -(1 << 100_000), "\ud800": (1,), "text": shown.Note("see below")}  # fmt: skip
    for lines in (False, True):
        assert ast.literal_eval(shown.python(item, lines)) == {
            **item, "nan": "nan", "db": "<shop.Db at 0xff>", "cut": "<cut: it>",
        }  # fmt: skip


def test_a_scope_is_laid_out_in_lines() -> None:
    told = shown.python({"type": "http", "headers": [(b"a", b"b"), (b"c", b"d")]}, lines=True)
    assert told.split("\n") == [
        "{", "    'type': 'http',", "    'headers': [", "        (b'a', b'b'),", "        (b'c', b'd'),", "    ],", "}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("item", "kind"),
    [("a", "str"), (b"", "bytes"), (True, "bool"), (7, "int"), (None, "None"), ([1] * 1_500, "list of 1,500"),
     ((), "tuple of 0"), ({1: 2}, "dict of 1"), (Opaque("x.Y", 1), "object of the app"), (Cut("x"), "cut"),
     (shown.Note("x"), "")],
)  # fmt: skip
def test_types_in_a_word(item: object, kind: str) -> None:
    assert shown.kind(item) == kind


def test_long_runs_of_control_characters_are_made_visible() -> None:
    assert shown.visible("a" + "\0\x1b\x85" * 5_000 + "\n") == "a" + "␀␛\\x85" * 5_000 + "\n"
    assert shown.visible("a" + "\0" * 5_000) == "a⟨NUL ×4,096⟩⟨NUL ×904⟩"
    assert shown.visible("\x85" * 9) == "⟨\\x85 ×9⟩"
