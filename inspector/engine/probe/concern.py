"""Whether a breakpoint could stop an exchange at all, by its request alone: nearly all others then pass at once.

What only a message tells (its point, type, size, body, the status so far) is neither true nor false yet: None.
"""

from __future__ import annotations

from collections.abc import Mapping

from inspector.trace.filter.predicate import matches
from inspector.trace.filter.tree import And, Node, Not, Or, Word

REQUEST = frozenset(("id", "kind", "interface", "method", "path", "query", "host", "http", "client", "scheme"))
"""Fields that stay what they are from the request's head on."""


def possible(node: Node, request: Mapping[str, object]) -> bool | None:
    """True or False where the fields of the request decide it, whatever the message; else None."""
    if isinstance(node, Not):
        inner = possible(node.term, request)
        return None if inner is None else not inner
    if isinstance(node, (And, Or)):
        decides = isinstance(node, Or)  # one true term decides an Or, one false term an And
        found = [possible(term, request) for term in node.terms]
        if decides in found:
            return decides
        return None if None in found else not decides
    if isinstance(node, Word):  # it may stand in the status, which comes later
        return True if matches(node, request) else None if node.text.isdigit() else False
    return matches(node, request) if node.field in REQUEST else None
