from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inspector.recording.intervals import KEPT, Union

spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=20)


@given(spans, st.integers(0, 70), st.none() | st.integers(0, 70))
def test_any_intervals_in_any_order_cover_what_a_set_of_instants_covers(
    added: list[tuple[int, int]], until: int, open_since: int | None
) -> None:
    union = Union()
    covered: set[int] = set()
    for start, end in added:
        union.add(start, end)
        covered |= set(range(start, end))
    if open_since is not None:
        covered |= set(range(open_since, until))
    assert union.length(until, open_since) == len([instant for instant in covered if instant < until])


def test_a_long_stream_of_waits_is_exact_and_bounded() -> None:
    union = Union()
    for number in range(10 * KEPT):
        union.add(10 * number, 10 * number + 3)
    assert union.length(1 << 60) == 30 * KEPT
    assert len(union._starts) <= KEPT
    union.add(0, 100 * KEPT)  # overlaps what was summed up: nothing is counted twice
    assert union.length(1 << 60) <= 100 * KEPT
