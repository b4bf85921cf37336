from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import InspectorError
from inspector.options import Options
from inspector.trace import verbs
from inspector.trace.verbs import Ask, Decoder, Hurry, MalformedVerb, Start, Stop, Verb

VERBS: list[Verb] = [
    Start(Options(app="shop:app", unavailable="zu\nß"), "c29j"),
    Stop(2.5),
    Hurry(),
    Ask(3, "edit", {"hold": 7, "message": {"a": "ß"}}),
]


@given(st.lists(st.integers(1, 40), max_size=20))
def test_any_split_of_the_bytes_gives_the_same_verbs(sizes: list[int]) -> None:
    data = b"".join(map(verbs.encode, VERBS))
    decoder = Decoder()
    found: list[Verb] = []
    for size in [*sizes, len(data)]:
        found += decoder.feed(data[:size])
        data = data[size:]
    assert found == VERBS


@pytest.mark.parametrize(
    "line",
    [b"", b"[]", b"{}", b"null", b'{"verb": "leave"}', b'{"verb": "stop"}', b'{"verb": "stop", "grace": "x"}',
     b'{"verb": "start", "options": 3, "listener": ""}',
     b'{"verb": "start", "options": "{\\"x\\": 1}", "listener": ""}',
     b"\xff\xfe", b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_verb_is_an_error(line: bytes) -> None:
    with pytest.raises(MalformedVerb):
        Decoder().feed(line + b"\n")


def test_whatever_ended_the_app_the_verb_that_tells_it_can_be_read() -> None:
    text = "The app has ended.\n" + "\N{GRINNING FACE}" * verbs.MAX_LINE + "\nLookupError: no app"
    line = verbs.encode(Start(Options(unavailable=text)))
    assert len(line) < verbs.MAX_LINE
    (start,) = Decoder().feed(line)
    assert isinstance(start, Start)
    told = start.options.unavailable
    assert told.startswith("The app has ended.\n")
    assert told.endswith("\nLookupError: no app")


def test_a_line_without_end_is_an_error() -> None:
    decoder = Decoder()
    assert decoder.feed(b"x" * verbs.MAX_LINE) == []
    with pytest.raises(MalformedVerb, match="a line of more than"):
        decoder.feed(b"x")


def test_a_refusal_comes_back_with_the_end_of_its_detail() -> None:
    data = verbs.encode_refusal(InspectorError("no", "do", "x" * 100_000 + "the end"))
    found = verbs.decode_refusal(data)
    assert found is not None
    assert (found.title, found.hint) == ("no", "do")
    assert found.detail.endswith("the end")
    assert len(data) < 8192, "it is to fit into the smallest buffer of a socket"


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"3", json.dumps({"title": "x"}).encode()])
def test_what_is_no_refusal_is_none(data: bytes) -> None:
    assert verbs.decode_refusal(data) is None
