from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inspector.trace import wire
from inspector.trace.wire import Piece, pack, unpack

NUMBERS = st.integers(0, (1 << 64) - 1)
PIECES = st.builds(
    Piece,
    NUMBERS,
    st.integers(0, wire.FRAME2),
    st.booleans(),
    st.integers(-2, (1 << 31) - 1),
    NUMBERS,
    NUMBERS,
    st.binary(max_size=50),
    st.binary(max_size=50),
)


@given(st.lists(PIECES, max_size=5), st.integers(0, 40))
def test_pieces_come_back_equal_as_far_as_they_are_whole(pieces: list[Piece], cut: int) -> None:
    packed = [pack(*one) for one in pieces]
    data = b"".join(packed)
    assert list(unpack(data)) == pieces
    if cut and packed:
        assert list(unpack(data[:-cut])) == pieces[: len(list(unpack(data[:-cut])))]
        assert len(list(unpack(data[:-1]))) == len(pieces) - 1


@given(st.binary(max_size=200))
def test_any_bytes_are_pieces_or_none(data: bytes) -> None:
    assert all(one.kind <= wire.FRAME2 for one in unpack(data))
