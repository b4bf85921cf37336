from __future__ import annotations

import pytest
from hypothesis import given

from inspector.trace.filter import FIELDS, Field, FieldType, Node, explain, parse
from tests.trace.filter.strategies import nodes

WORDS = {
    "status:>=200 and not path~^/old": "status 200 or more, and the path does not match ^/old",
    "status:200": "status 200",
    "not status:5xx": "status not 5xx",
    "status:<400 or status:>499": "status under 400, or status over 499",
    "duration:>200ms": "duration over 200 ms",
    "size:<=1.5MB": "size 1.5 MB or less",
    "not app:>1s": "app time not over 1 s",
    "path:/api": "the path contains /api",
    "not path:/api": "the path does not contain /api",
    "method=GET": "the method is GET",
    "not method=GET": "the method is not GET",
    'outcome:"client left"': 'the outcome contains "client left"',
    "lamp": "lamp anywhere",
    "not lamp": "lamp nowhere",
    "has:exception not has:log": "with an exception, and without log lines",
    "is:live not is:pinned": "in flight, and not pinned",
    "not (lamp or is:live)": "lamp nowhere, and no longer in flight",
    "not (lamp is:live)": "lamp nowhere, or no longer in flight",
    "not not lamp": "lamp anywhere",
    "lamp (id:1 or run:2)": "lamp anywhere, and either id 1 or run 2",
    "lamp or id:1 run:2": "lamp anywhere, or both id 1 and run 2",
    "lamp or id:1 run:2 desk": "lamp anywhere, or all of id 1 and run 2 and desk anywhere",
    "a (b or c (d or e))": "a anywhere, and either b anywhere or (c anywhere and (d anywhere or e anywhere))",
}


@pytest.mark.parametrize("text", WORDS)
def test_plain_words(text: str) -> None:
    node = parse(text)
    assert node is not None
    assert explain(node) == WORDS[text]


def test_a_field_of_a_family_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FIELDS, "header.", Field("header.", FieldType.TEXT, "the header", ""))
    node = parse("header.accept:json")
    assert node is not None
    assert explain(node) == "header.accept contains json"


@given(nodes)
def test_one_line_whatever_the_filter(node: Node) -> None:
    told = explain(node)
    assert told
    assert told.isprintable()
