"""What a run is remembered by beside its exchanges: its stalls, and how it ended, with the app's last words.

Kept with the run's states, because exchanges and logs go in time, and the story of a crash should not. All of it is
bounded: so many stalls, so many lines, so many characters of each.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from inspector.trace.records import Logged, Stalled, StateChanged

STALLS = 50
"""Stalls of a run that are recorded one by one; those after them are counted."""
WORDS = 20
WORD_WIDTH = 500
"""Lines of the last words, and characters of each."""
LOST = 20
LOST_WIDTH = 200
"""Exchanges that are named as lost, and characters of each."""
_HEARD = 200
"""Lines that are remembered, to choose the last words from."""


class RunLife:
    """One run's; `note` takes the states that are to be recorded."""

    def __init__(self, note: Callable[[StateChanged], object]) -> None:
        self._note = note
        self._heard: deque[Logged] = deque(maxlen=_HEARD)
        self._stall: Stalled | None = None
        """The one that is not over."""
        self._stalls = 0
        self._longest: Stalled | None = None

    def logged(self, record: Logged) -> None:
        self._heard.append(record)

    def stalled(self, record: Stalled) -> None:
        self._stall = None if record.over else record
        if record.over:
            self._stall_over(record, over=True)

    def _stall_over(self, record: Stalled, over: bool) -> None:
        self._stalls += 1
        if self._longest is None or record.duration_ns > self._longest.duration_ns:
            self._longest = record
        if self._stalls <= STALLS:
            self._note(StateChanged(record.t_ns, "stalled", {**_facts(record), "over": over}))

    def ended(self, t_ns: int, how: Mapping[str, Any], live: Collection[int], lost: Iterable[str]) -> None:
        """The engine has died, as `how` says (`trace.records.STATES`); `live` were the exchanges in flight, `lost`
        names those with a request."""
        if self._stall is not None:
            self._stall_over(self._stall, over=False)
            self._stall = None
        if self._longest is not None and self._stalls > STALLS:
            self._note(StateChanged(t_ns, "stalls", {"count": self._stalls, **_facts(self._longest)}))
        names = [name[:LOST_WIDTH] for name in lost]
        said = [one for one in self._heard if not one.exchange or one.exchange in live][-WORDS:]
        words = [[one.source, one.level, one.text[-WORD_WIDTH:], one.exchange] for one in said]
        told = {**how, "lost": names[:LOST], "lost_count": len(names), "words": words}
        self._note(StateChanged(t_ns, "ended", told))


def _facts(record: Stalled) -> dict[str, Any]:
    return {"duration_ns": record.duration_ns, "where": record.where[:WORD_WIDTH]}
