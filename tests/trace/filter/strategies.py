"""Random filters: normal trees, as the parser makes them, and texts of every degree of sense."""

from __future__ import annotations

from hypothesis import strategies as st

from inspector.trace.filter import FIELDS, FieldType, Node
from inspector.trace.filter.tree import And, Compares, Contains, Equals, Flag, Matches, Not, Or, Within, Word

# Few letters, so that random needles are found in random texts; signs with a meaning in the grammar, in SQL's LIKE and
# in SQLite's text functions; letters whose case is odd: dotless i, Kelvin, sharp s, long s, final sigma.
ALPHABET = "aAbB/%_\\\"'() \n\0.:=~>5éÉıK\u212aßſσς"
texts = st.text(ALPHABET, min_size=1, max_size=4)
numbers = st.one_of(
    st.integers(0, 3), st.integers(0, 2**63 - 1), st.sampled_from([200, 404, 500, 10**6, 15 * 10**5, 10**9, 6 * 10**10])
)
patterns = st.sampled_from(
    ["a", "^a", "a$", "(a|b)", r"\.", "[^a]", "(?i)B", r"\\", '"', ".*", "^$", "é", "(?s)a.b", "5"]
)


def _named(*types: FieldType) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name, field in FIELDS.items() if field.type in types])


_COUNTED = (FieldType.NUMBER, FieldType.STATUS)
_AMOUNTS = (*_COUNTED, FieldType.DURATION, FieldType.SIZE)
_CLASSES = [(400, 499), (200, 299), (500, 509), (100, 199)]

leaves: st.SearchStrategy[Node] = st.one_of(
    st.builds(Word, texts),
    st.builds(Word, st.sampled_from(["and", "Not", "status:5", "20", "a&&b", "&&", "!path:x", "é"])),
    st.builds(Contains, _named(FieldType.TEXT), texts),
    st.builds(Equals, _named(FieldType.TEXT), texts),
    st.builds(Equals, _named(*_AMOUNTS), numbers),
    st.builds(Compares, _named(*_AMOUNTS), st.sampled_from(["<", "<=", ">", ">="]), numbers),
    st.builds(Matches, _named(FieldType.TEXT, *_COUNTED), patterns),
    st.builds(lambda ends: Within("status", *ends), st.sampled_from(_CLASSES)),
    st.builds(Flag, _named(FieldType.FLAG)),
)


def _group(kind: type[And | Or], terms: list[Node]) -> Node:
    return kind(tuple(inner for term in terms for inner in (term.terms if isinstance(term, kind) else (term,))))


def _composed(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=4)
    return st.one_of(
        st.builds(Not, inner),
        several.map(lambda terms: _group(And, terms)),
        several.map(lambda terms: _group(Or, terms)),
    )


nodes: st.SearchStrategy[Node] = st.recursive(leaves, _composed, max_leaves=8)

_FRAGMENTS = [
    *FIELDS, "statsu", "has", "is", ":", "=", "~", ">=", "<", "200", "5xx", "200ms", "1.5MB", "5 MB", "(", ")", " ",
    "and", "or", "not", "AND", '"', "'", "\\", "&&", "!", "-", "é", "\0", "\n", "\u00a0", "\ud800", "[", "[[a]", "*",
    "(?i)", "a{99999999999999}", "(?au)", "lamp", "/", ".", "x", "µs", "  ",
]  # fmt: skip
filter_texts = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(_FRAGMENTS), max_size=14).map("".join))
