"""The filter's text, narrowed by what somebody pointed at: seen there, and undone there."""

from __future__ import annotations

from collections.abc import Iterable

from inspector.trace.filter import FilterError, parse, unparse
from inspector.trace.filter.tree import And, Equals, Node, Not, Or


def narrowed(text: str, field: str, values: Iterable[str], *, hide: bool) -> str:
    """`text` and a term more for each of `values` of `field`: `not host=...`, or only these. What already stands there
    is not written again; a text that is no filter gives way."""
    try:
        node = parse(text)
    except FilterError:
        node, text = None, ""
    equals: list[Node] = [Equals(field, value) for value in values]
    terms: list[Node] = [Not(term) for term in equals] if hide else [_any(equals)] if equals else []
    there = node.terms if isinstance(node, And) else (node,)
    added = [term for term in terms if term not in there]
    if not added:
        return text
    if node is None:
        return " ".join(map(unparse, added))
    return " ".join(part for part in (_grouped(node, text.strip()), *(_grouped(one, unparse(one)) for one in added)))


def _any(terms: list[Node]) -> Node:
    return Or(tuple(terms)) if len(terms) > 1 else terms[0]


def _grouped(node: Node, text: str) -> str:
    return f"({text})" if isinstance(node, Or) else text
