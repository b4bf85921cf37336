from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.commands.narrowing import narrowed
from inspector.trace.filter import matches, parse


@pytest.mark.parametrize(
    ("text", "field", "values", "hide", "result"),
    [
        ("", "host", ["shop:8000"], True, "not host=shop:8000"),
        ("status:500", "path", ["/a"], True, "status:500 not path=/a"),
        ("status:500 or lamp", "path", ["/a"], True, "(status:500 or lamp) not path=/a"),
        ("", "path", ["/a", "/b"], False, "path=/a or path=/b"),
        ("lamp", "path", ["/a", "/b"], False, "lamp (path=/a or path=/b)"),
        ("lamp", "path", ["/a b(", 'q"'], True, 'lamp not path="/a b(" not path=q"'),
        ("not path=/a lamp", "path", ["/a", "/b"], True, "not path=/a lamp not path=/b"),
        ("not path=/a", "path", ["/a"], True, "not path=/a"),
        ("status:", "path", ["/a"], True, "not path=/a"),
        ("lamp", "path", [], True, "lamp"),
        ("lamp", "path", [], False, "lamp"),
    ],
)
def test_the_filter_is_written_on(text: str, field: str, values: list[str], hide: bool, result: str) -> None:
    assert narrowed(text, field, values, hide=hide) == result


@given(
    st.sampled_from(["", "lamp", "lamp or status:500", "not lamp", "(", "a or b c"]),
    st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=3, unique=True),
    st.booleans(),
)
def test_it_says_what_was_meant(text: str, values: list[str], hide: bool) -> None:
    node = parse(narrowed(text, "path", values, hide=hide))
    assert node is not None
    before = parse(text) if text != "(" else None
    for path in (*values, "/elsewhere"):
        fields: dict[str, object] = {"path": path, "host": "lamp c", "status": 500}
        passed = before is None or matches(before, fields)
        assert matches(node, fields) is (passed and (path in values) is not hide)
