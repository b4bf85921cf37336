"""`inspector serve APP --control` as a program: lines in, lines out, and a client that asks meanwhile."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from tests.support.programs import APPS, Inspector
from tests.support.waiting import DEADLINE

T = TypeVar("T")
Line = dict[str, Any]


class Controlled(Inspector):
    """The program. `say` sends a line and gives the reply; what comes meanwhile waits for `event`."""

    def __init__(self, app: str, folder: Path, *options: str, cwd: Path = APPS) -> None:
        super().__init__(app, folder, "--control", *options, cwd=cwd, out=subprocess.PIPE, stdin=subprocess.PIPE)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._in, self._lines = self.process.stdin, self.process.stdout
        self._number = 0
        self._replies: queue.SimpleQueue[Line] = queue.SimpleQueue()
        self._events: queue.SimpleQueue[Line] = queue.SimpleQueue()
        self._kept: list[Line] = []
        self.heard: list[Line] = []
        """Everything, in order."""
        self._reading = threading.Thread(target=self._read, name="lines")
        self._reading.start()

    def _read(self) -> None:
        for line in self._lines:
            found = json.loads(line)
            self.heard.append(found)
            (self._replies if "reply" in found else self._events).put(found)

    def raw(self, line: bytes) -> Line:
        """The reply to a line as it stands."""
        self._in.write(line)
        self._in.flush()
        return self._replies.get(timeout=DEADLINE)

    def say(self, verb: str, **facts: Any) -> Line:
        self._number += 1
        reply = self.raw(json.dumps({"id": self._number, "verb": verb, **facts}).encode() + b"\n")
        assert reply["reply"] == self._number
        return reply

    def do(self, verb: str, **facts: Any) -> Line:
        """A verb that has to succeed."""
        reply = self.say(verb, **facts)
        assert reply["ok"], reply
        return reply

    def event(self, name: str, **facts: Any) -> Line:
        """The next event of that name in which `facts` stand; others are kept for later."""
        return self._next(lambda one: _fits(one, name, facts))

    def _next(self, wanted: Callable[[Line], bool]) -> Line:
        """The first event that is `wanted`, of those kept or to come."""
        for at, one in enumerate(self._kept):
            if wanted(one):
                return self._kept.pop(at)
        while True:
            one = self._events.get(timeout=DEADLINE)
            if wanted(one):
                return one
            self._kept.append(one)

    @property
    def url(self) -> str:
        if not hasattr(self, "_url"):
            self._url: str = self.event("ready")["url"]
        return self._url

    def walk(self, hold: Line) -> list[str]:
        """Step from `hold` to the end of its exchange: the points, with their message's type where it differs."""
        seen = []
        exchange = hold["exchange"]
        while True:
            type_ = hold["message"]["type"]
            seen.append(type_ if type_ != hold["point"] else hold["point"])
            stepped = self.say("step", hold=hold["hold"])
            by = self.event("released", hold=hold["hold"])["by"]
            assert stepped["ok"] == (by == "step"), stepped
            assert by in ("step", "cancelled")
            hold = self._next(
                lambda one: _fits(one, "held", {"exchange": exchange}) or _fits(one, "exchange", {"id": exchange})
            )
            if hold["event"] == "exchange":
                return seen

    def close_input(self) -> None:
        self._in.close()

    def stop(self) -> int:
        code = super().stop()
        self._in.close()
        self._reading.join()
        self._lines.close()
        return code


def _fits(one: Line, name: str, facts: Line) -> bool:
    return one["event"] == name and all(one.get(key) == value for key, value in facts.items())


def meanwhile(work: Callable[[], T]) -> Future[T]:
    """`work` in a thread of its own."""
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run, name="client").start()
    return done
