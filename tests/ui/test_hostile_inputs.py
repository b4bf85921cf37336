"""Bad input on screen (issue 3, part 8): everything is opened, scrolled, filtered and copied, in bounds.

Each recording is a real one; the window lives in a process of its own, whose peak of memory and whose Qt thread are
measured there (`tests.support.hosted_window`).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.hostile_recordings import INPUTS

MEMORY_MB = 300
GAP_MS = 100.0
CUT = {
    "a 1 GB body": (r"first [\d.]+ MB.* 1\.1 GB", r"first 1\.0 MB of 1\.1 GB"),
    "10 MB on one line": (r"first [\d.]+ MB.* [\d.]+ MB", r"characters are broken for the screen"),
    "a million WebSocket frames": (r"1,000,003 messages",),
    "5,000 headers": (r"5,000 headers",),
    "invalid UTF-8": (r"not valid UTF-8", r"'klingon-8' is not known"),
    "JSON nested 100,000 deep": (r"nested deeper than 200 levels",),
    "an image that lies": (r"(?i)\bimage\b.* (not|no) |\b(not|no)\b.* image",),
    "a zip bomb": (r"the first [\d.]+ MB as decoded",),
    "a path of 60,000 characters": (r"60,00\d characters",),
}
"""What has to be said on screen, in words."""
_REPORT = "{name}: {memory} MB, longest gap {wall} ms ({thread} ms of the Qt thread's own, at {step!r}), {steps} steps"


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", INPUTS)
def test_it_is_shown_in_part_and_nothing_waits_for_it(name: str, tmp_path: Path) -> None:
    recording = tmp_path / "hostile.inspector"
    with INPUTS[name](recording):
        told = walked(recording, tmp_path)
    gaps = told["gaps"]
    thread, process = gaps["thread"], gaps["process"]
    print(_REPORT.format(name=name, memory=told["memory"], wall=gaps["wall"]["ms"], thread=thread["ms"],
                         step=thread["step"], steps=told["steps"]))  # fmt: skip
    assert told["warnings"] == []
    if name == "invalid UTF-8":  # the walk finds the views of bodies
        assert {"2 Response as Text", "2 Response as Hex"} <= set(told["names"])
    texts = "\n".join(told["texts"])
    assert [said for said in CUT[name] if not re.search(said, texts)] == []
    assert told["memory"] < MEMORY_MB, told["grown"]
    # Not by the wall's clock: on a machine with other work that one would measure the others.
    assert thread["ms"] < GAP_MS, told["over"][:3]
    assert process["ms"] < GAP_MS, told["over"][:3]


def walked(recording: Path, folder: Path) -> dict[str, Any]:
    """What `tests.support.hosted_window` tells of `recording`."""
    command = [sys.executable, "-m", "tests.support.hosted_window", str(recording), str(folder)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True, timeout=230)
    assert ended.returncode == 0, ended.stderr[-4_000:]
    told = json.loads(ended.stdout.splitlines()[-1])
    assert isinstance(told, dict)
    return told
