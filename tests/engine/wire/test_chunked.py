"""Bodies in chunks: content and what follows, whatever the chunks, the extensions, the trailer and the split."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from inspector.engine.wire.chunked import Chunked

EXTENSIONS = st.sampled_from([b"", b";a", b";a=b", b' ; a = "b;\\""', b";a;b"])
TRAILERS = st.lists(st.sampled_from([b"X: y", b"Signature:", b"etag: \xff"]), max_size=3)
PIECES = st.lists(st.tuples(st.binary(min_size=1, max_size=40), EXTENSIONS, st.integers(0, 3)), max_size=6)


def in_chunks(pieces: list[tuple[bytes, bytes, int]], trailers: list[bytes]) -> bytes:
    body = b"".join(b"0" * zeros + b"%x%s\r\n%s\r\n" % (len(data), more, data) for data, more, zeros in pieces)
    return body + b"0\r\n" + b"".join(line + b"\r\n" for line in trailers) + b"\r\n"


@given(PIECES, TRAILERS, st.binary(max_size=20), st.lists(st.floats(0, 1), max_size=6))
def test_any_split_gives_the_content_and_what_follows(
    pieces: list[tuple[bytes, bytes, int]], trailers: list[bytes], rest: bytes, cuts: list[float]
) -> None:
    whole = in_chunks(pieces, trailers)
    data = whole + rest
    edges = [0, *sorted(int(cut * len(data)) for cut in cuts), len(data)]
    body, content, left = Chunked(7), b"", b""
    for start, end in itertools.pairwise(edges):
        if body.done:
            left += data[start:end]
        else:
            more, after = body.receive_data(data[start:end])
            content, left = content + more, left + after
    assert body.violation is None
    assert body.done
    assert content == b"".join(piece for piece, _, _ in pieces)
    assert left == rest
    assert body.offset == 7 + len(whole)


@given(PIECES, st.integers(1, 200))
def test_a_part_of_a_body_is_never_a_whole_one(pieces: list[tuple[bytes, bytes, int]], missing: int) -> None:
    data = in_chunks(pieces, [])
    body = Chunked(0)
    body.receive_data(data[: max(0, len(data) - missing)])
    assert not body.done
    assert body.violation is None
