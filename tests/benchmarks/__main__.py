"""`make bench`: measures every line, prints the table, writes it to build/bench.json.

`make bench QUICK=1` takes fewer and shorter rounds: it shows that everything works, and roughly how fast. The exit code
is 0 also where a figure is missed; it is 1 where a server failed, or did not record what it served.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from datetime import UTC, datetime
from typing import Any

from tests.benchmarks.harness import FULL, QUICK, Pace, Result, measure
from tests.benchmarks.lines import LINES
from tests.benchmarks.servers import LOAD_CORES, ROOT, SERVER_CORES, ServerFailed, make_environment, versions

OUTPUT = ROOT / "build" / "bench.json"
BUSY = 0.5
"""Load average from which on the machine is said to be busy with something else."""


def main() -> int:
    quick = os.environ.get("QUICK", "") not in ("", "0")
    pace = QUICK if quick else FULL
    make_environment()
    machine = _machine()
    print(_told(machine, pace))
    results, failed = [], []
    for line in LINES:
        print(f"\n{line.name}: {line.peers[0].name} / {line.peers[1].name}", flush=True)
        try:
            result = measure(line, pace)
        except ServerFailed as error:
            failed.append({"name": line.name, "text": str(error)})
            print(f"  FAILED: {error}")
            continue
        results.append(result)
        print(_details(result))
    print("\n" + table(results))
    if quick:
        print("QUICK: rounds too few and too short to rely on.")
    OUTPUT.parent.mkdir(exist_ok=True)
    told = {"machine": machine, "quick": quick, "lines": [one.to_json() for one in results], "failed": failed}
    OUTPUT.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    print(f"Every round: {OUTPUT.relative_to(ROOT)}")
    return 1 if failed else 0


def _machine() -> dict[str, Any]:
    return {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "server_cores": sorted(SERVER_CORES),
        "load_cores": sorted(LOAD_CORES),
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "versions": versions(),
    }


def _told(machine: dict[str, Any], pace: Pace) -> str:
    where = "on whatever core"
    if SERVER_CORES:
        where = f"on core {_listed(LOAD_CORES)}, servers on {_listed(SERVER_CORES)}"
    lines = [
        f"Python {machine['python']} on {machine['system']}; {_versions(machine['versions'])}",
        f"{pace.rounds} rounds of {pace.seconds} s, alternated; the load is a process of its own {where}",
    ]
    if (machine["load_average"] or 0) > BUSY:
        lines.append(f"This machine has other work: load average {machine['load_average']:.1f} before the first round.")
    return "\n".join(lines)


def _listed(cores: set[int]) -> str:
    return ", ".join(map(str, sorted(cores)))


def _versions(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _details(result: Result) -> str:
    lines = []
    for which, peer in enumerate(result.line.peers):
        medians = result.medians(which)
        lines.append(
            f"  {peer.name:<34} {medians['value']:>8,.0f} /s   {medians['cpu_us']:>6.1f} µs CPU a request   "
            f"p50 {medians['p50_us'] / 1000:.2f} ms, p99 {medians['p99_us'] / 1000:.2f} ms   "
            f"behind {medians['behind_s']:.1f} s"
        )
    if cpu := result.cpu_ratio:
        lines.append(f"  CPU a request, ratio {cpu.median:.2f} ({cpu.low:.2f} to {cpu.high:.2f})")
    return "\n".join(lines)


def table(results: list[Result]) -> str:
    """What was reached: the median of the rounds' ratios, and their spread."""
    row = "{:<34} {:>13} {:>7}  {:>23}  {}"
    lines = [row.format("what", "reach", "ratio", "min   q1   q3   max", "")]
    for result in results:
        ratio = result.ratio
        spread = f"{ratio.low:5.2f} {ratio.q1:5.2f} {ratio.q3:5.2f} {ratio.high:5.2f}"
        lines.append(
            row.format(result.line.name, str(result.line.reach), f"{ratio.median:.2f}", spread, result.verdict)
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
