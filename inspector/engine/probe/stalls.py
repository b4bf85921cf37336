"""Who keeps the event loop from turning.

No timer: the loop's selector stamps when a turn begins (`select` has returned) and when it is over (`select` is called
again). The link's thread, which goes on when the app blocks the loop, compares. Where a turn takes too long, the stack
of the loop's thread says which line of the app runs, and the context of the callback that is under way, whose exchange
it is: asyncio runs each callback, and each step of a task, in `Handle._run`, whose `self` has that context.

A debugger that stops the app stops the loop too: that is no stall.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from types import FrameType
from typing import Any

from inspector.engine.probe.failures import is_ours
from inspector.engine.probe.tap import CURRENT
from inspector.trace.clock import now
from inspector.trace.records import Stalled

LIMIT_NS = 100_000_000
"""A turn of the loop that takes longer is a stall."""
MAX_FRAMES = 20

_RUN = asyncio.Handle._run.__code__  # noqa: SLF001 - found in stacks, never called
_STDLIB = os.path.dirname(os.__file__) + os.sep  # noqa: PTH120 - as it stands in code objects
_DEBUGGERS = (_STDLIB + "bdb.py", _STDLIB + "pdb.py")
_MONITORING: Any = getattr(sys, "monitoring", None)


class _Selector(selectors.DefaultSelector):
    """The platform's selector, with stamps. Written by the loop's thread, read by the link's."""

    turn_ns = 0
    """When the turn under way began; 0 while the loop waits."""
    longest_ns = 0
    """The longest turn since this was last set to 0."""
    last_long = (0, 0)
    """Begin and length of the newest turn over the limit."""
    ignored_ns = -1
    """Begin of a turn that a debugger has made long."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        turn_ns = self.turn_ns
        if turn_ns:
            took_ns = now() - turn_ns
            self.turn_ns = 0
            if took_ns > self.longest_ns and turn_ns != self.ignored_ns:
                self.longest_ns = took_ns
            if took_ns > LIMIT_NS:
                self.last_long = (turn_ns, took_ns)
        try:
            return super().select(timeout)
        finally:
            self.turn_ns = now()


class Stalls:
    """Watches one loop. `new_loop` on the thread that will run it; `check` and `take_lag` on the link's thread."""

    def __init__(self, write: Callable[[Stalled], None]) -> None:
        self._write = write
        self._selector = _Selector()
        self._thread = 0
        self._since_ns = sys.maxsize
        self._told: Stalled | None = None

    def new_loop(self) -> asyncio.AbstractEventLoop:
        """A loop that is watched, for the calling thread."""
        self._thread = threading.get_ident()
        return asyncio.SelectorEventLoop(self._selector)

    def on(self) -> None:
        """Tell stalls from now on; the turn under way is let go."""
        self._since_ns = now()

    def off(self) -> None:
        self._since_ns = sys.maxsize

    def take_lag(self) -> int:
        """Nanoseconds of the longest turn since the last call, also of one that is not over."""
        selector = self._selector
        longest_ns, selector.longest_ns = selector.longest_ns, 0
        turn_ns = selector.turn_ns
        if turn_ns and turn_ns != selector.ignored_ns:
            longest_ns = max(longest_ns, now() - turn_ns)
        return longest_ns

    def check(self, t_ns: int) -> None:
        """Tell a stall when it is seen, and again when it is over. To be called about every 50 ms."""
        selector = self._selector
        turn_ns = selector.turn_ns
        told = self._told
        if told:
            if turn_ns == told.t_ns:
                return
            begin_ns, took_ns = selector.last_long
            if begin_ns != told.t_ns:  # a later one was long too, meanwhile
                took_ns = t_ns - told.t_ns
            self._told = None
            self._write(replace(told, duration_ns=took_ns, over=True))
        if turn_ns >= self._since_ns and t_ns - turn_ns > LIMIT_NS and turn_ns != selector.ignored_ns:
            self._look(turn_ns, t_ns)

    def _look(self, turn_ns: int, t_ns: int) -> None:
        frame = sys._current_frames().get(self._thread)  # noqa: SLF001 - the only way to another thread's stack
        if _debugged(frame):
            self._selector.ignored_ns = turn_ns
            return
        exchange, where = _running(frame)
        if self._selector.turn_ns == turn_ns:  # the stack is that turn's
            self._told = Stalled(exchange, turn_ns, t_ns - turn_ns, where, False)
            self._write(self._told)


def _running(frame: FrameType | None) -> tuple[int, str]:
    """The exchange of the callback under way, and the app's frames below it as in a traceback, innermost last."""
    lines: list[str] = []
    while frame is not None and frame.f_code is not _RUN:
        code = frame.f_code
        if not is_ours(code.co_filename) and len(lines) < MAX_FRAMES:
            lines.append(f'File "{code.co_filename}", line {frame.f_lineno}, in {code.co_name}')
        frame = frame.f_back
    if frame is None:  # no callback of the loop
        return 0, ""
    context = getattr(frame.f_locals.get("self"), "_context", None)
    return (context.get(CURRENT, 0) if context is not None else 0), "\n".join(reversed(lines))


def _debugged(frame: FrameType | None) -> bool:
    """A debugger is in control: its code is on the stack, or it traces, or it uses sys.monitoring (3.12)."""
    if _MONITORING and _MONITORING.get_tool(_MONITORING.DEBUGGER_ID):
        return True
    hook = getattr(sys.breakpointhook, "__code__", None)
    while frame is not None:
        code = frame.f_code
        if code is hook or frame.f_trace or code.co_filename in _DEBUGGERS or "pydevd" in code.co_filename:
            return True
        frame = frame.f_back
    return False
