"""One engine's life, as the session sees it: why it began, that it was asked to end, and that it is over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from inspector.session.child import Child, Death
from inspector.session.in_process import InProcess
from inspector.session.state import Certificate
from inspector.trace import clock, verbs
from inspector.trace.records import StateChanged
from inspector.trace.verbs import Hurry, Stop

FILES = 20
"""Files of a reload that are told by name; the rest are counted."""
KILL_MARGIN = 1.0
"""Seconds that we are more patient than the engine's own watch over itself."""


def why(
    cause: str, certificate: Certificate | None, files: Sequence[Path] = (), folder: Path | None = None
) -> StateChanged:
    """Why a run began, as it is recorded with it (`trace.records.STATES`, started); `files` are told from `folder`
    on."""
    near = [file.relative_to(folder) if folder and file.is_relative_to(folder) else file for file in files[:FILES]]
    detail = {"cause": cause, "files": list(map(str, near)), "file_count": len(files)}
    if certificate is not None:
        detail["certificate"] = {**asdict(certificate), "names": list(certificate.names)}
    return StateChanged(clock.now(), "started", detail)


class Life:
    """One engine, until nothing more will be heard of it."""

    engine: Child | InProcess

    def __init__(self, loop: asyncio.AbstractEventLoop, stand_in: bool) -> None:
        self.stand_in = stand_in
        self.asked = ""
        """What we asked for its end for: stopped, restarted, reloaded; "" where we did not."""
        self.death: asyncio.Future[Death] = loop.create_future()
        self.over = asyncio.Event()
        """It is dead, and all that it told is recorded."""
        self._loop = loop
        self._last_resort: asyncio.TimerHandle | None = None

    @property
    def ending(self) -> bool:
        """We asked for its end."""
        return bool(self.asked)

    @property
    def forced(self) -> bool:
        """It is dead, and did not end in the time it had."""
        return self.ending and _is_forced(self.death.result())

    def how(self) -> dict[str, Any]:
        """How it ended, once it is dead, as it is recorded with its run (`trace.records.STATES`, ended)."""
        death = self.death.result()
        how = "forced" if self.forced else self.asked or ("refused" if death.refusal else "crashed")
        told = {"how": how, "code": death.code, "text": death.text}
        if death.refusal is not None:
            told.update(title=death.refusal.title, hint=death.refusal.hint, detail=death.refusal.detail)
        return told

    def died(self, death: Death) -> None:
        """Called from a thread of the engine's."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody asks any more
            self._loop.call_soon_threadsafe(self._died, death)

    def _died(self, death: Death) -> None:
        if self._last_resort:
            self._last_resort.cancel()
        if not self.death.done():
            self.death.set_result(death)

    def end(self, verb: Stop | Hurry, patience: float, asked: str, held: Callable[[], bool] = lambda: False) -> None:
        """Ask for the end, and see to it after `patience` seconds, but not while something is `held`."""
        self.asked = asked
        if self._last_resort:
            self._last_resort.cancel()
        self.engine.tell(verb)
        self._last_resort = self._loop.call_later(patience + KILL_MARGIN, self._kill, patience, held)

    def _kill(self, patience: float, held: Callable[[], bool]) -> None:
        if held():
            self._last_resort = self._loop.call_later(patience + KILL_MARGIN, self._kill, patience, held)
            return
        if not self.engine.kill():
            lost = Death(1, "it did not stop, and a thread cannot be ended from outside")
            self._last_resort = self._loop.call_later(KILL_MARGIN, self._died, lost)


def _is_forced(death: Death) -> bool:
    return death.code == verbs.OVERDUE or death.code < 0
