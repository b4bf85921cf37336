"""Time in the engine: monotonic nanoseconds, tied to the wall clock once per run (DESIGN: honest timing)."""

from __future__ import annotations

import time
from dataclasses import dataclass

now = time.monotonic_ns
"""The clock of every mark: nanoseconds, monotonic, the same for all processes of one machine."""


@dataclass(frozen=True)
class Anchor:
    """One instant read on both clocks, so that a mark can be told as a time of day."""

    monotonic_ns: int
    wall_ns: int

    @classmethod
    def take(cls) -> Anchor:
        return cls(now(), time.time_ns())

    def wall(self, t_ns: int) -> int:
        """The mark `t_ns` as nanoseconds since the epoch."""
        return self.wall_ns + t_ns - self.monotonic_ns
