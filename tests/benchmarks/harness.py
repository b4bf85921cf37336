"""Lines of the benchmark, how they are measured, and what came of it.

A line compares two peers in one run. Both servers stand side by side; each round measures the one, then the other, and
the next round the other way round, so that what else the machine does meets both. A round gives one ratio; the median
of the ratios is the line's figure, and their spread stands beside it. No figure is ever asserted by a test.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

from tests.benchmarks.servers import Peer, Server


@dataclass(frozen=True)
class Pace:
    """How long a line is looked at. Fewer than 10 rounds show whether it works, not how fast."""

    rounds: int
    warm: float
    """Seconds of load before the clock runs, in each measurement."""
    seconds: float


FULL = Pace(10, 0.5, 2.0)
QUICK = Pace(3, 0.2, 0.5)


@dataclass(frozen=True)
class Sample:
    """One measurement of one server. `value` is what the line's ratio is made of."""

    value: float
    cpu_us: float
    """CPU time per request of all the server's processes, µs; 0 where the system does not tell."""
    p50_us: float
    p99_us: float
    behind_s: float
    """For how long the server's processes went on after the last answer: what was still to be recorded."""


Measure = Callable[[Server, Pace], Sample]


@dataclass(frozen=True)
class Reach:
    """The ratio to reach: at least this, or at most."""

    ratio: float
    at_most: bool = False

    def __str__(self) -> str:
        return f"{self.ratio:.2f} or {'less' if self.at_most else 'more'}"

    def reached(self, ratio: float) -> bool:
        return ratio <= self.ratio if self.at_most else ratio >= self.ratio


@dataclass(frozen=True)
class Line:
    """`measure` of the first of `peers` over that of the second."""

    name: str
    reach: Reach
    peers: tuple[Peer, Peer]
    measure: Measure


@dataclass(frozen=True)
class Spread:
    """Two values or more as five: quartiles by linear interpolation between the values."""

    low: float
    q1: float
    median: float
    q3: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        q1, median, q3 = statistics.quantiles(values, n=4, method="inclusive")
        return cls(min(values), q1, median, q3, max(values))


@dataclass(frozen=True)
class Result:
    """A line, measured: a sample of each peer per round."""

    line: Line
    rounds: list[tuple[Sample, Sample]]

    @property
    def ratio(self) -> Spread:
        return Spread.of([ours.value / theirs.value for ours, theirs in self.rounds])

    @property
    def cpu_ratio(self) -> Spread | None:
        """Of CPU time per request; None where the system does not tell it."""
        if not all(sample.cpu_us for pair in self.rounds for sample in pair):
            return None
        return Spread.of([ours.cpu_us / theirs.cpu_us for ours, theirs in self.rounds])

    @property
    def verdict(self) -> str:
        """Reached or missed by the median; the quartiles tell whether another run might say otherwise."""
        ratio, reach = self.ratio, self.line.reach
        said = "reached" if reach.reached(ratio.median) else "missed"
        return said if reach.reached(ratio.q1) is reach.reached(ratio.q3) else f"{said}, within the spread"

    def medians(self, which: int) -> dict[str, float]:
        """Of each figure of the samples of the first peer (0) or the second (1)."""
        samples = [asdict(pair[which]) for pair in self.rounds]
        return {name: statistics.median(sample[name] for sample in samples) for name in samples[0]}

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.line.name,
            "reach": str(self.line.reach),
            "verdict": self.verdict,
            "ratio": asdict(self.ratio),
            "cpu_ratio": asdict(cpu) if (cpu := self.cpu_ratio) else None,
            "peers": {peer.name: self.medians(which) for which, peer in enumerate(self.line.peers)},
            "rounds": [
                {peer.name: asdict(sample) for peer, sample in zip(self.line.peers, pair, strict=True)}
                for pair in self.rounds
            ],
        }


def measure(line: Line, pace: Pace) -> Result:
    """Start the peers, alternate, stop them. Raises `ServerFailed` where one did not do its work."""
    with ExitStack() as stack:
        servers = [stack.enter_context(Server.of(peer)) for peer in line.peers]
        return Result(line, alternate(lambda which: line.measure(servers[which], pace), pace.rounds))


def alternate(sample: Callable[[int], Sample], rounds: int) -> list[tuple[Sample, Sample]]:
    """`rounds` pairs of `sample(0)` and `sample(1)`, taken in turn: 0 1, 1 0, 0 1, ..."""
    pairs = []
    for number in range(rounds):
        first = number % 2
        taken = {which: sample(which) for which in (first, 1 - first)}
        pairs.append((taken[0], taken[1]))
    return pairs
