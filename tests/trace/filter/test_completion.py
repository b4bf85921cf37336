from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.trace.filter import FIELDS, Field, FieldType, complete, parse, term_start
from tests.trace.filter.strategies import filter_texts


@pytest.mark.parametrize(
    ("text", "suggested"),
    [
        ("sta", ["status:"]),
        ("ha", ["has:exception", "has:log"]),
        ("has:", ["has:exception", "has:log"]),
        ("has:l", ["has:log"]),
        ("lamp and me", ["method:"]),
        ("(kin", ["kind:"]),
        ("n", ["note:", "not"]),
        ("status:5", ["status:5xx"]),
        ("status=2", ["status=200"]),
        ("(status:>", ["status:>=400"]),
        ("interface:W", ["interface:wsgi"]),
        ("Kind=", ["Kind=http", "Kind=websocket", "Kind=lifespan"]),
        ("outcome:cl", ['outcome:"client left"']),
        ('outcome:"client l', ['outcome:"client left"']),
        ("duration~", []),
        ("nothing:", []),
        ("zzz", []),
    ],
)
def test_suggestions(text: str, suggested: list[str]) -> None:
    assert complete(text, len(text)) == suggested


@pytest.mark.parametrize("text", ["", "lamp ", "(", "status:200 "])
def test_where_a_term_may_begin_every_field_is_offered(text: str) -> None:
    heads = {name.partition(":")[0] for name in FIELDS}
    assert {suggestion.partition(":")[0] for suggestion in complete(text, len(text))} == heads
    assert term_start(text, len(text)) == len(text)


def test_only_the_text_before_the_cursor_counts() -> None:
    text = "sta and lamp"
    assert complete(text, 3) == ["status:"]
    assert term_start(text, 3) == 0
    assert term_start('a outcome:"x y', 14) == 2


def test_a_family_is_offered_by_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FIELDS, "header.", Field("header.", FieldType.TEXT, "the header", ""))
    assert complete("head", 4) == ["header."]


@pytest.mark.parametrize("name", FIELDS)
def test_every_example_of_a_field_is_right(name: str) -> None:
    for text in complete(name + ":", len(name) + 1):
        assert parse(text) is not None
    for example in FIELDS[name].examples:
        if FIELDS[name].type is not FieldType.TEXT:
            assert parse(f"{name}:{example}") is not None


@given(filter_texts, st.integers(0, 40))
def test_never_raises(text: str, cursor: int) -> None:
    complete(text, cursor)
    assert 0 <= term_start(text, cursor) <= len(text)


def test_a_breakpoint_is_offered_the_fields_of_a_message() -> None:
    assert complete("po", 2, of_message=True) == ["point:"]
    assert complete("po", 2) == []
    assert "point:start_response" in complete("point:", 6, of_message=True)
    assert complete("point:", 6) == []
