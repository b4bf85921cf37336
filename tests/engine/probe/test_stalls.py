"""A blocked loop is seen from another thread: when, whose exchange, and at which line."""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
import types
from collections.abc import Callable, Iterator

import pytest

from inspector.engine.probe import stalls
from inspector.engine.probe.stalls import LIMIT_NS, Stalls
from inspector.engine.probe.tap import CURRENT
from inspector.trace.records import Stalled
from tests.support.waiting import DEADLINE


class Watched:
    """A watched loop on a thread of its own; the test is the link's thread, and has a clock that it moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._clock = itertools.count(1_000_000_000)  # a nanosecond each time that anybody looks
        monkeypatch.setattr(stalls, "now", self.now)
        self.told: list[Stalled] = []
        self.stalls = Stalls(self.told.append)
        self.entered = threading.Event()
        self.release = threading.Event()
        ready = threading.Event()

        def run() -> None:
            self.loop = self.stalls.new_loop()
            self.loop.call_soon(ready.set)
            self.loop.run_forever()
            self.loop.close()

        self.thread = threading.Thread(target=run)
        self.thread.start()
        ready.wait()
        self.stalls.on()

    def now(self) -> int:
        return next(self._clock)

    def later(self) -> int:
        """A moment at which a turn that runs now has taken too long."""
        return self.now() + LIMIT_NS + 1

    def block(self) -> None:
        """What an app does that blocks the loop, until the test lets it go."""
        self.entered.set()
        self.release.wait(DEADLINE)

    def run(self, call: Callable[[], object]) -> None:
        """Let the loop call `call`, which blocks, and come back while it does."""
        self.entered.clear()
        self.release.clear()
        self.loop.call_soon_threadsafe(call)
        assert self.entered.wait(DEADLINE)

    def go_on(self) -> None:
        """Let what blocks end, and come back when the loop has turned."""
        turned = threading.Event()
        self.loop.call_soon_threadsafe(self.loop.call_soon, turned.set)
        self.release.set()
        assert turned.wait(DEADLINE)

    def close(self) -> None:
        self.release.set()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    made = Watched(monkeypatch)
    yield made
    made.close()


def test_a_loop_that_turns_is_no_stall(watched: Watched) -> None:
    watched.stalls.check(watched.now())
    watched.run(watched.block)
    watched.stalls.check(watched.now())
    watched.go_on()
    watched.stalls.check(watched.now())
    assert watched.told == []


def test_a_stall_is_told_when_seen_and_when_over(watched: Watched) -> None:
    async def view() -> None:
        CURRENT.set(7)
        watched.block()

    watched.run(lambda: watched.loop.create_task(view()))
    watched.stalls.check(watched.later())
    watched.stalls.check(watched.later())
    (seen,) = watched.told
    assert seen.exchange == 7
    assert seen.duration_ns > LIMIT_NS
    assert not seen.over
    lines = seen.where.splitlines()
    assert any(__file__ in line and line.endswith("in view") for line in lines)
    assert lines.index(next(line for line in lines if line.endswith("in view"))) < len(lines) - 1
    assert "base_events" not in seen.where
    watched.go_on()
    watched.stalls.check(watched.later())
    assert len(watched.told) == 2
    assert watched.told[1].over
    assert (watched.told[1].t_ns, watched.told[1].exchange) == (seen.t_ns, 7)
    watched.stalls.check(watched.now())
    assert len(watched.told) == 2


def test_a_task_of_the_app_belongs_to_its_exchange(watched: Watched) -> None:
    async def background() -> None:
        watched.block()

    async def view() -> None:
        CURRENT.set(8)
        await asyncio.create_task(background())

    watched.run(lambda: watched.loop.create_task(view()))
    watched.stalls.check(watched.later())
    assert [stall.exchange for stall in watched.told] == [8]


def test_a_plain_callback_belongs_to_the_exchange_that_set_it(watched: Watched) -> None:
    async def view() -> None:
        CURRENT.set(9)
        watched.loop.call_soon(watched.block)

    watched.run(lambda: watched.loop.create_task(view()))
    watched.stalls.check(watched.later())
    assert [stall.exchange for stall in watched.told] == [9]


def test_the_duration_is_the_turns_own(watched: Watched) -> None:
    watched.stalls._selector.turn_ns = 5
    watched.run(watched.block)
    watched.stalls.check(watched.later())
    begin = watched.told[0].t_ns
    watched.go_on()
    watched.stalls._selector.last_long = (begin, 123_456_789)
    watched.stalls.check(watched.now())
    assert watched.told[1].duration_ns == 123_456_789


def test_a_turn_that_began_before_on_is_let_go(watched: Watched) -> None:
    watched.run(watched.block)
    watched.stalls.on()
    watched.stalls.check(watched.later())
    assert watched.told == []


def test_off(watched: Watched) -> None:
    watched.stalls.off()
    watched.run(watched.block)
    watched.stalls.check(watched.later())
    assert watched.told == []


def test_lag_is_the_longest_turn_since_it_was_taken(watched: Watched) -> None:
    watched.stalls.take_lag()
    watched.run(watched.block)
    began = watched.now()
    running = watched.stalls.take_lag()
    assert running > 0
    watched.go_on()
    assert watched.stalls.take_lag() >= running
    assert watched.stalls.take_lag() < watched.now() - began


def _in_a_debugger(watched: Watched) -> Callable[[], None]:
    code = compile("def interaction(block):\n    block()\n", stalls._DEBUGGERS[1], "exec")
    names: dict[str, Callable[[Callable[[], None]], None]] = {}
    exec(code, names)
    return lambda: names["interaction"](watched.block)


def _in_a_breakpoint_hook(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def hook() -> None:
        watched.block()

    monkeypatch.setattr(sys, "breakpointhook", hook)
    return breakpoint


def _traced(watched: Watched) -> Callable[[], None]:
    def trace(frame: types.FrameType, event: str, arg: object) -> object:
        return trace

    def call() -> None:
        sys.settrace(trace)  # type: ignore[arg-type]
        try:
            watched.block()
        finally:
            sys.settrace(None)

    return call


@pytest.mark.parametrize("how", ["pdb", "hook", "trace"])
def test_a_debugger_is_no_stall(watched: Watched, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    calls = {
        "pdb": lambda: _in_a_debugger(watched),
        "hook": lambda: _in_a_breakpoint_hook(watched, monkeypatch),
        "trace": lambda: _traced(watched),
    }
    watched.run(calls[how]())
    watched.stalls.check(watched.later())
    assert watched.told == []
    watched.stalls.take_lag()
    watched.go_on()
    watched.stalls.check(watched.later())
    assert watched.told == []
    watched.run(watched.block)
    watched.stalls.check(watched.later())
    assert len(watched.told) == 1
