"""Other Pythons of this machine, on PATH or of pyenv."""

from __future__ import annotations

import functools
import os
import subprocess
from pathlib import Path

import pytest


@functools.cache
def _find(version: str) -> str:
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for candidate in (f"python{version}", *sorted(map(str, pyenv.glob(f"versions/{version}.*/bin/python")))):
        asked = [candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"]
        try:
            told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=20).stdout.split(
                maxsplit=1
            )
        except (OSError, subprocess.SubprocessError):
            continue  # pyenv's shims stand for versions that are not chosen
        if told and told[0] == version:
            return told[1].strip()
    return ""


def interpreter(version: str) -> str:
    """The path of a Python `version`; skips the test where there is none."""
    found = _find(version)
    if not found:
        pytest.skip(f"Python {version} is not on this machine")
    return found
