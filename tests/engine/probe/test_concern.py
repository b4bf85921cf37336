"""What the request alone decides of a breakpoint holds for every message of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.engine.probe.concern import REQUEST, possible
from inspector.trace.filter import Node
from inspector.trace.filter.grammar import parse
from inspector.trace.filter.predicate import matches
from tests.trace.filter.strategies import nodes, texts

HELD = {"id": 1, "kind": "http", "interface": "wsgi", "method": "GET", "path": "/held", "query": "", "host": "shop"}

fields = st.fixed_dictionaries(
    {"id": st.integers(0, 9), "kind": st.sampled_from(["http", "websocket"]), "interface": texts},
    optional=dict.fromkeys(("method", "path", "query", "host", "http", "client", "scheme"), texts),
)
later_fields = st.fixed_dictionaries(
    {"status": st.none() | st.integers(100, 599), "size": st.integers(0, 9), "is:live": st.just(True)},
    optional={"exception": texts, "has:exception": st.booleans(), "duration": st.integers(0, 10**9)},
)


@settings(deadline=None)
@given(nodes, fields, later_fields)
def test_what_is_decided_stays_so_whatever_the_message_is(
    node: Node, found: dict[str, Any], later: dict[str, Any]
) -> None:
    request = {name: value for name, value in found.items() if name in REQUEST}
    decided = possible(node, request)
    if decided is not None:
        assert matches(node, found) is decided
        assert matches(node, {**found, **later}) is decided


@pytest.mark.parametrize(
    ("expression", "decided"),
    [
        ("path:/held", True),
        ("path:/cart", False),
        ("path:/cart point:send", False),
        ("path:/held point:send", None),
        ("not path:/held", False),
        ("not point:send", None),
        ("path:/cart or body~x", None),
        ("path:/held or body~x", True),
        ("method:POST (point:send or point:next)", False),
        ("cart", False),
        ("held", True),
        ("200", None),
        ("status:5xx", None),
        ("kind:lifespan", False),
    ],
)
def test_by_the_request_alone(expression: str, decided: bool | None) -> None:
    node = parse(expression, of_message=True)
    assert node is not None
    assert possible(node, HELD) is decided
