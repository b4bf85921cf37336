"""How much time a set of intervals covers, where they may overlap and come in any order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

KEPT = 256
"""Intervals that stay mergeable; older ones are summed up, so that a stream of a million waits takes no memory."""


class Union:
    """The union of intervals of time in nanoseconds.

    Exact for any order, unless an interval reaches back over more than `KEPT` / 2 separate later ones: then it counts
    only from where the summed-up past ends (waits at one gateway are answered in order, so none does).
    """

    __slots__ = ("_ends", "_past", "_past_end", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._past = 0
        self._past_end = 0

    def add(self, start: int, end: int) -> None:
        """Cover `start` to `end`; nothing where `end` is not later."""
        start = max(start, self._past_end)
        if end <= start:
            return
        starts, ends = self._starts, self._ends
        low = bisect_left(ends, start)
        high = bisect_right(starts, end)
        if low < high:
            start = min(start, starts[low])
            end = max(end, ends[high - 1])
        starts[low:high] = [start]
        ends[low:high] = [end]
        if len(starts) > KEPT:
            half = KEPT // 2
            self._past += sum(ends[:half]) - sum(starts[:half])
            self._past_end = ends[half - 1]
            del starts[:half], ends[:half]

    def length(self, until: int, open_since: int | None = None) -> int:
        """Nanoseconds covered before `until`, with one more interval that began at `open_since` and still lasts."""
        cut = until if open_since is None or open_since > until else max(open_since, self._past_end)
        total = self._past + max(0, until - cut)
        for start, end in zip(self._starts, self._ends, strict=True):
            if start >= cut:
                break
            total += min(end, cut) - start
        return total
