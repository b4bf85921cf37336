"""Does a filter hold for one exchange: the meaning of every node, in Python.

`recording.query` says the same in SQL; a test with random trees and rows keeps the two one.
"""

from __future__ import annotations

import operator
import re
import string
import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache

from inspector.trace.filter.tree import And, Compares, Contains, Equals, Flag, Matches, Node, Not, Or, Within, Word

SEARCHED = 1 << 16
"""A regex sees this many characters of a text: a slow one is its writer's own, but its food is bounded."""

_SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def matches(node: Node, fields: Mapping[str, object]) -> bool:
    """Whether the exchange with these fields passes. A field that is None or missing makes its term false."""
    match node:
        case And(terms):
            return all(matches(term, fields) for term in terms)
        case Or(terms):
            return any(matches(term, fields) for term in terms)
        case Not(term):
            return not matches(term, fields)
        case Word(text):
            return any(contains(text, place) for place in _places(fields))
        case Contains(field, text):
            found = fields.get(field)
            return isinstance(found, str) and contains(text, found)
        case Equals(field, value):
            return fields.get(field) == value
        case Matches(field, pattern):
            found = fields.get(field)
            return found is not None and searches(pattern, str(found))
        case Compares(field, sign, number):
            found = fields.get(field)
            return isinstance(found, int) and bool(_SIGNS[sign](found, number))
        case Within(field, low, high):
            found = fields.get(field)
            return isinstance(found, int) and low <= found <= high
        case Flag(field):
            return bool(fields.get(field))


def _places(fields: Mapping[str, object]) -> Iterator[str]:
    """Where a plain word is looked for. Path and query stand together, as the table shows them."""
    path, query = fields.get("path"), fields.get("query")
    if isinstance(path, str):
        yield f"{path}?{query}" if query else path
    for name in ("host", "method", "status"):
        found = fields.get(name)
        if found is not None:
            yield str(found)


def contains(needle: str, text: str) -> bool:
    """Whether `needle` is in `text`, ignoring case: that of A to Z for an ASCII needle, Unicode's for any other."""
    if needle.isascii():
        return needle.lower() in (text.lower() if text.isascii() else text.translate(_ASCII_LOWER))
    return needle.casefold() in text.casefold()


def searches(pattern: str, text: str) -> bool:
    """Whether the regex is found in the first `SEARCHED` characters of `text`."""
    return compiled(pattern).search(text[:SEARCHED]) is not None


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """`pattern` for `re`. What `re` would warn of is raised, so that no warning ever shows up in the app's process."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return re.compile(pattern)
