"""How long the Qt thread was away: the gaps between the ticks of a 5 ms timer, and what the thread did in them.

Three clocks, because wall time alone lies on a loaded machine: `wall` is what a user sees, `thread` the Qt thread's own
work, `process` that of all threads, which tells of a worker that kept the interpreter's lock (never more than `wall`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer

TICK_MS = 5
CLOCKS = ("wall", "thread", "process")


@dataclass(frozen=True)
class Gap:
    """Milliseconds between two turns of Qt's loop, and the step that they fell into."""

    wall: float
    thread: float
    process: float
    step: str


class GapMeter(QObject):
    """Measures from `start` on; `step` names what is going on, `aside` leaves out what the measuring itself does."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.step = ""
        self.ticks = 0
        self.gaps: list[Gap] = []
        """Those of more than three ticks."""
        self._timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._last = (0.0, 0.0, 0.0)

    def start(self) -> None:
        self._last = _clocks()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What is done inside is the measuring's own, and does not count."""
        self._tick()
        try:
            yield
        finally:
            self._last = _clocks()

    def _tick(self) -> None:
        now = _clocks()
        wall, thread, process = ((b - a) * 1000 for a, b in zip(self._last, now, strict=True))
        self._last = now
        self.ticks += 1
        if wall > 3 * TICK_MS:
            self.gaps.append(Gap(wall, thread, min(process, wall), self.step))

    def longest(self, clock: str) -> Gap:
        """By `wall`, `thread` or `process`."""
        return max(self.gaps, key=lambda gap: getattr(gap, clock), default=Gap(0, 0, 0, ""))

    def by_step(self) -> dict[str, dict[str, float]]:
        """The longest gap of each step, by each clock."""
        told: dict[str, dict[str, float]] = {}
        for gap in self.gaps:
            longest = told.setdefault(gap.step, dict.fromkeys(CLOCKS, 0.0))
            for clock in CLOCKS:
                longest[clock] = max(longest[clock], round(getattr(gap, clock), 1))
        return told

    def figures(self) -> dict[str, object]:
        """For JSON: per clock the longest gap with its step, and how many ticks there were."""
        told: dict[str, object] = {"ticks": self.ticks}
        for clock in CLOCKS:
            gap = self.longest(clock)
            told[clock] = {"ms": round(getattr(gap, clock), 1), "step": gap.step, "wall": round(gap.wall, 1)}
        return told


def _clocks() -> tuple[float, float, float]:
    return time.perf_counter(), time.thread_time(), time.process_time()
