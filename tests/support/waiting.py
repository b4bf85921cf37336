"""Waiting for what other threads and processes do: a condition and a deadline, never a sleep of a guessed length."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
DEADLINE = 60.0
"""Seconds after which nothing is expected any more, on however busy a machine. Nobody waits so long for what comes."""
_POLL = 0.01


def eventually(condition: Callable[[], T], seconds: float = DEADLINE) -> T:
    """The first true value of `condition`."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(_POLL)
    return found


async def eventually_async(condition: Callable[[], T], seconds: float = DEADLINE) -> T:
    """`eventually`, while the loop turns."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, f"not within {seconds} s"
        await asyncio.sleep(_POLL)
    return found
