"""The corpus of odd and malformed requests against the wire; any split; h11 beside it; a few thousand mutants."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.engine.wire.head import Head, parse
from tests.support.http_corpus import CASES, REFUSED, Case
from tests.support.mutants import requests
from tests.support.wires import Got, Read, read, read_by_h11

MUTANTS = 20_000
SEED = 9112


def names(case: Case) -> str:
    return case.name.replace(" ", "-")


@pytest.mark.parametrize("case", CASES, ids=names)
def test_each_case_gets_what_the_rfc_demands(case: Case) -> None:
    got = read([case.data])
    assert tuple(200 for one in got.requests if one.complete) + (got.refused or ())[:1] == case.answers
    if case in REFUSED:
        assert got.refused == (case.answers[-1], case.section, case.offset)
    else:
        assert tuple(one.words for one in got.requests) == case.requests


@pytest.mark.parametrize("case", CASES, ids=names)
def test_byte_by_byte_it_is_the_same(case: Case) -> None:
    whole = read([case.data])
    parts = read(case.data[at : at + 1] for at in range(len(case.data)))
    assert parts[:2] == whole[:2]
    assert whole.raw.startswith(parts.raw) or case.offset > 4096  # where the window may begin elsewhere


@given(st.sampled_from(CASES), st.lists(st.floats(0, 1), max_size=12))
def test_any_split_is_the_same(case: Case, cuts: list[float]) -> None:
    edges = [0, *sorted(int(cut * len(case.data)) for cut in cuts), len(case.data)]
    assert read(case.data[a:b] for a, b in itertools.pairwise(edges) if b > a)[:2] == read([case.data])[:2]


@pytest.mark.parametrize("case", [case for case in REFUSED if len(case.data) < 4096], ids=names)
def test_a_refusal_shows_the_bytes_around_its_place(case: Case) -> None:
    raw = read([case.data]).raw
    assert raw
    assert raw in case.data


@pytest.mark.parametrize("case", CASES, ids=names)
def test_the_table_tells_where_h11_alone_would_do_otherwise(case: Case) -> None:
    """So that a newer h11 that does otherwise is noticed."""
    got = read_by_h11(case.data)
    assert (bool(got.requests) and not got.refused) == case.h11


@pytest.mark.parametrize("case", [case for case in CASES if case.h11 and case not in REFUSED], ids=names)
def test_what_both_accept_both_read_alike(case: Case) -> None:
    assert plain(read([case.data])) == plain(read_by_h11(case.data))


def plain(got: Read) -> list[Got]:
    """Without what h11 does to headers: `chunked` in lower case; and what we do: the Host of an absolute target."""
    return [
        one._replace(
            headers=[
                (name, value.lower() if name == b"transfer-encoding" else value)
                for name, value in one.headers
                if name != b"host"
            ]
        )
        for one in got.requests
    ]


LENIENT = ("no request line received", "illegal chunk header", "bad Content-Length")
"""What h11 refuses and we accept: an empty line before a request, blanks around extensions, more than 20 digits."""


def test_of_many_mutants_none_is_read_otherwise_in_pieces_or_by_h11() -> None:
    """`MUTANTS` inputs, the same in each run. h11 may accept more, but never read otherwise what we accept."""
    accepted = refused = 0
    for data, cuts in requests(SEED, MUTANTS):
        got, theirs = read([data]), read_by_h11(data)
        edges = [0, *cuts, len(data)]
        assert read(data[a:b] for a, b in itertools.pairwise(edges) if b > a)[:2] == got[:2], data
        for ours, other in zip(plain(got), plain(theirs), strict=False):
            assert ours[:3] == other[:3], data
            assert ours.body == other.body or not ours.complete or not other.complete, data
        if len(got.requests) > len(theirs.requests) or (theirs.refused and not got.refused):
            assert theirs.refused, data
            half = data.endswith(b"\r") and theirs.refused[1] == "illegal request line"  # of an empty line, perhaps
            assert half or theirs.refused[1].startswith(LENIENT), (data, theirs.refused)
        refused += bool(got.refused)
        accepted += not got.refused and got.requests != []
    assert accepted > MUTANTS // 10
    assert refused > MUTANTS // 10


HEADS = st.builds(
    lambda method, target, version, fields: (method, target, version, fields),
    st.sampled_from([b"GET", b"POST", b"OPTIONS", b"x"]),
    st.sampled_from([b"/", b"/a?b", b"*", b"http://h/", b"//", b"/%zz"]),
    st.sampled_from([b"1.0", b"1.1"]),
    st.lists(
        st.tuples(
            st.sampled_from(
                [b"Host", b"HOST", b"content-length", b"Transfer-Encoding", b"Connection", b"Expect", b"X", b"Upgrade"]
            ),
            st.sampled_from([b"a", b"", b"5", b"0", b"chunked", b"close", b"100-continue", b" a , b ", b"\xff"]),
        ),
        max_size=5,
    ),
)


@given(HEADS)
def test_a_head_that_passes_is_read_as_h11_reads_it(
    head: tuple[bytes, bytes, bytes, list[tuple[bytes, bytes]]],
) -> None:
    method, target, version, fields = head
    lines = b"".join(name + b":" + value + b"\r\n" for name, value in fields)
    data = b"%s %s HTTP/%s\r\n%s\r\n" % (method, target, version, lines)
    parsed = parse(data)
    theirs = read_by_h11(data)
    if isinstance(parsed, Head):
        (request,) = theirs.requests
        if not target.startswith(b"http"):
            assert [(name, value.lower()) for name, value in parsed.headers] == [
                (name, value.lower()) for name, value in request.headers
            ]
        assert (parsed.method, parsed.target) == (request.method, request.target)
        assert request.complete == (not parsed.chunked and not parsed.length)
        assert parsed.close or version == b"1.0" or not request.complete or not theirs.closed
