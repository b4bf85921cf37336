"""JSON without recursion: as Python's parser sees it, laid out token by token, in part where it is too deep or long."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.recording.json_text import (
    ARRAY,
    DEEP,
    LAID_OUT_CAP,
    MAX_NESTING,
    NODES,
    OBJECT,
    STRING,
    Cancelled,
    NotJson,
    Tree,
    lay_out,
    parse,
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def value_of(tree: Tree, node: int) -> object:
    if tree.kinds[node] == OBJECT:
        return {tree.key(child): value_of(tree, child) for child in tree.children(node)}
    if tree.kinds[node] == ARRAY:
        return [value_of(tree, child) for child in tree.children(node)]
    return tree.value(node) if tree.kinds[node] == STRING else json.loads(tree.value(node))


@given(values)
def test_a_tree_holds_what_was_written(value: object) -> None:
    tree = parse(json.dumps(value))
    assert value_of(tree, tree.tops[0]) == value
    assert not tree.cut
    assert not tree.deep


@given(values)
def test_laid_out_is_what_json_makes_of_it(value: object) -> None:
    assert lay_out(json.dumps(value), 10**9) == (json.dumps(value, indent=2), True)


@given(st.text(alphabet='[]{},:"\\ ae10.-+tru\n', max_size=30))
def test_what_python_refuses_is_refused(text: str) -> None:
    try:
        json.loads(text)
    except ValueError:
        with pytest.raises(NotJson):
            parse(text)
    else:
        parse(text)


def test_tokens_stay_as_they_were_written() -> None:
    text, whole = lay_out('{"a":1.50, "a":1e3,"b":"\\u00e4"}', 100)
    assert (text, whole) == ('{\n  "a": 1.50,\n  "a": 1e3,\n  "b": "\\u00e4"\n}', True)
    tree = parse('{"a":1.50, "a":1e3,"b":"\\u00e4"}')
    assert [tree.raw(child) for child in tree.children(0)] == ["1.50", "1e3", '"\\u00e4"']


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": }', "line 1 column 7: a value was expected"),
        ('{\n"a" 1}', "line 2 column 5: a colon was expected"),
        ("[1,]", "line 1 column 4: a value was expected"),
        ('{"a":1,}', "a key in quotes was expected"),
        ("[1}", "a comma or the end was expected"),
        ("1 2", "nothing more was expected"),
        ("", "ends too early"),
        ("[1", "ends too early, a comma or the end"),
        ('"' * 99_999, "nothing more"),
        ('"a\nb"', "line 1 column 1"),
        ('"\\x"', "line 1 column 1"),
        ("01", "column 2"),
        ("hello", "a value was expected"),
    ],
)
def test_what_is_no_json_is_said(text: str, said: str) -> None:
    with pytest.raises(NotJson, match=said):
        parse(text)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_very_deep_values_are_shown_in_part(opening: str, closing: str) -> None:
    text = opening * 100_000 + "1" + closing * 100_000
    tree = parse(text)
    assert tree.deep
    assert not tree.cut
    assert len(tree) == MAX_NESTING + 1
    assert tree.kinds[MAX_NESTING] == DEEP
    rest = 100_000 - MAX_NESTING
    assert tree.raw(MAX_NESTING) == opening * rest + "1" + closing * rest
    laid_out, whole = lay_out(text, 50_000)
    assert whole
    assert len(laid_out) < 3 * len(text)
    assert "".join(laid_out.split()) == text


def test_a_text_that_was_cut_is_read_as_far_as_it_goes() -> None:
    whole = '{"list": [1, 2, {"name": "lamp"}], "end": true}'
    for length in range(1, len(whole)):
        tree = parse(whole[:length], cut=True)
        assert tree.cut
        assert len(tree) <= 7
        text, _ = lay_out(whole[:length], 100)
        assert "".join(text.split()) == "".join(whole[:length].split())
    with pytest.raises(NotJson):
        parse('{"list": ] rubbish that is long enough', cut=True)


def test_lines_of_json() -> None:
    text = '{"a":1}\n{"b":2}\n3'
    with pytest.raises(NotJson):
        parse(text)
    tree = parse(text, several=True)
    assert [tree.raw(top) for top in tree.tops] == text.split("\n")
    assert lay_out(text, 100)[0] == '{\n  "a": 1\n}\n{\n  "b": 2\n}\n3'


def test_many_values_are_shown_in_part() -> None:
    tree = parse("[" + "1," * 500_000 + "1]")
    assert tree.cut
    assert len(tree) == NODES
    assert len(tree.children(0)) == tree.counts[0] == NODES - 1
    text, whole = lay_out("[" + "1," * 500_000 + "1]", 1_000)
    assert not whole
    assert text.count("\n") == 1_001
    text, whole = lay_out("[" * MAX_NESTING + "1," * 500_000, 10**9)
    assert not whole
    assert len(text) < LAID_OUT_CAP + 1_000


@pytest.mark.parametrize(
    "text",
    ["[" * 2_000_000, "[]," * 600_000, '"' + '\\"' * 1_000_000, '{"":' * 500_000, " " * 2_000_000, "9" * 2_000_000,
     '["' + "\\" * 2_000_000, "[" + "[" * 250 + "]" * 250 + ("," + "[" * 250 + "]" * 250) * 3_000],
    ids=["open", "items", "escapes", "objects", "blanks", "digits", "backslashes", "many deep"],
)  # fmt: skip
def test_time_is_linear(text: str) -> None:
    began = time.process_time()
    try:
        parse(text, cut=True)
    except NotJson:
        pass
    lay_out(text, 50_000)
    assert time.process_time() - began < 10


def test_it_stops_when_nobody_wants_it() -> None:
    text = "[" + "1," * 10_000 + "1]"
    with pytest.raises(Cancelled):
        parse(text, cancelled=lambda: True)
    with pytest.raises(Cancelled):
        lay_out(text, 10**6, lambda: True)
