"""Stepping as the session sees it: the breakpoints, which it keeps from run to run; what is held; the verbs.

A verb is asked of the engine and answered by it (`trace.stepping`); a refusal comes as `Refused`. Breakpoints are kept
here, so they can be made while no engine runs, and every engine begins with them. All on the session's loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from inspector.errors import InspectorError
from inspector.recording.fold import Batch
from inspector.trace.filter import FilterError, parse
from inspector.trace.stepping import Breakpoint, Held
from inspector.trace.verbs import MAX_LINE, Ask, encode

MOST_NESTED = 64
"""Levels of a message as text."""
LARGE = 1 << 15
"""Bytes of a verb beyond which a thread sends it: the socket may not take it at once."""


class Refused(InspectorError):
    """The engine, or the expression, does not allow it; the title says why."""


@dataclass(frozen=True)
class SteppingState:
    """What is held, and what would be; part of `SessionState`."""

    on: bool = True
    """The switch of all breaking."""
    breakpoints: tuple[Breakpoint, ...] = ()
    holds: tuple[Held, ...] = ()
    """In the order in which they began."""
    lost: int = 0
    """Holds that ended with an engine's death, in this session so far."""
    stopped: int = 0
    """Holds that were released because an engine was to stop."""


class Stepping:
    """One session's. `changed` is called after every change of `state`."""

    def __init__(self, expressions: Sequence[str], changed: Callable[[], None]) -> None:
        """`expressions`: breakpoints to begin with. Raises `Refused` where one is none."""
        self.state = SteppingState()
        self.lost = 0
        """Messages that were held when the newest engine died."""
        self._changed = changed
        self._given = self.state
        self._tell: Callable[[Ask], None] | None = None
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self._ids = itertools.count(1)
        self._sending = asyncio.Lock()
        found = []
        for expression in expressions:
            check(expression)
            found.append(Breakpoint(next(self._ids), expression))
        self.state = replace(self.state, breakpoints=tuple(found))

    def restore(self, kept: Sequence[Breakpoint]) -> int:
        """Breakpoints of an earlier session, before an engine begins, but for those that are no breakpoint (any more)
        or are there already. Gives how many there are now that would hold."""
        found = list(self.state.breakpoints)
        for one in kept:
            with contextlib.suppress(Refused):
                check(one.expression)
                if all(one.expression != other.expression for other in found):
                    found.append(replace(one, id=next(self._ids), hits=0))
        self._set(breakpoints=tuple(found))
        return sum(one.enabled and not one.log for one in found)

    # Breakpoints.

    async def break_(
        self, expression: str, *, once: bool = False, nth: int = 1, log: bool = False, enabled: bool = True
    ) -> Breakpoint:
        """A new breakpoint; see `trace.stepping.Breakpoint`. Raises `Refused` where `expression` is none."""
        check(expression)
        if nth < 1:
            raise Refused("nth: counts from 1")
        made = Breakpoint(next(self._ids), expression, enabled, once, nth, log)
        self._set(breakpoints=(*self.state.breakpoints, made))
        await self._ask_if_running("break", breakpoint=made.plain())
        return made

    async def change(self, breakpoint_: Breakpoint) -> None:
        """New facts of a breakpoint that is there. Raises `Refused`."""
        self._named(breakpoint_.id)
        check(breakpoint_.expression)
        self._set(breakpoints=tuple(breakpoint_ if one.id == breakpoint_.id else one for one in self.state.breakpoints))
        await self._ask_if_running("break", breakpoint=breakpoint_.plain())

    async def remove(self, breakpoint_: int) -> None:
        """Raises `Refused` where there is none of that number."""
        self._named(breakpoint_)
        self._set(breakpoints=tuple(one for one in self.state.breakpoints if one.id != breakpoint_))
        await self._ask_if_running("remove", breakpoint=breakpoint_)

    async def breaking(self, on: bool) -> None:
        """All breaking on or off; what is held stays held."""
        self._set(on=on)
        await self._ask_if_running("breaking", on=on)

    async def hold_next(self) -> None:
        """Hold the next request at its call, once."""
        await self._ask("hold_next", {})

    def _named(self, number: object) -> Breakpoint:
        for one in self.state.breakpoints:
            if one.id == number:
                return one
        raise Refused(f"There is no breakpoint {number}.")

    # Holds. Each raises `Refused`, and nothing has happened then.

    async def act(self, verb: str, hold: int, **arguments: Any) -> dict[str, Any]:
        """A verb of `trace.stepping.HOLD_VERBS`; gives `warnings` of edit and inject."""
        return await self._ask(verb, {"hold": hold, **arguments})

    async def continue_(self, hold: int) -> None:
        await self.act("continue", hold)

    async def step(self, hold: int) -> None:
        await self.act("step", hold)

    async def step_send(self, hold: int) -> None:
        await self.act("step_send", hold)

    async def finish(self, hold: int) -> None:
        await self.act("finish", hold)

    async def drop(self, hold: int) -> None:
        await self.act("drop", hold)

    async def abort(self, hold: int) -> None:
        await self.act("abort", hold)

    async def disconnect(self, hold: int) -> None:
        await self.act("disconnect", hold)

    async def fail(self, hold: int) -> None:
        await self.act("fail", hold)

    async def edit(self, hold: int, message: dict[str, Any], *, illegal: bool = False) -> list[str]:
        """Replace the held message, as text shows it (`message_text`); gives warnings."""
        return list((await self.act("edit", hold, message=message, illegal=illegal)).get("warnings", ()))

    async def inject(self, hold: int, where: str, message: dict[str, Any], *, illegal: bool = False) -> list[str]:
        """A message more, `where` before or after the held one; gives warnings."""
        found = await self.act("inject", hold, where=where, message=message, illegal=illegal)
        return list(found.get("warnings", ()))

    async def resume_all(self) -> int:
        """Continue every hold, end all stepping; gives how many were held."""
        return int((await self._ask("resume_all", {})).get("released", 0)) if self._tell else 0

    # The engine.

    def begin(self, tell: Callable[[Ask], None]) -> None:
        """A new engine takes verbs. It has what `plain` said; what changed since then is told now."""
        self._tell = tell
        self.lost = 0
        given, state = self._given, self.state
        for gone in {one.id for one in given.breakpoints} - {one.id for one in state.breakpoints}:
            tell(Ask(0, "remove", {"breakpoint": gone}))
        for one in state.breakpoints:
            if one not in given.breakpoints:
                tell(Ask(0, "break", {"breakpoint": one.plain()}))
        if given.on != state.on:
            tell(Ask(0, "breaking", {"on": state.on}))

    def plain(self) -> str:
        """The breakpoints for `Options.breaking`; "" where there are none."""
        self._set(breakpoints=tuple(replace(one, hits=0) for one in self.state.breakpoints))
        self._given = self.state
        if not self.state.breakpoints and self.state.on:
            return ""
        rules = [one.plain() for one in self.state.breakpoints]
        return json.dumps({"on": self.state.on, "breakpoints": rules})

    def told(self, batch: Batch) -> None:
        """What the engine told in `batch`."""
        for answer in batch.answers:
            waiting = self._answers.pop(answer.number, None)
            if waiting is not None and not waiting.done():
                if answer.ok:
                    waiting.set_result(answer.detail)
                else:
                    waiting.set_exception(Refused(answer.text))
        over = {one.hold for one in batch.released}
        ends = [one.by for one in batch.released]
        lost, stopped = ends.count("end"), ends.count("stop")
        self.lost += lost
        if batch.held or over:
            holds = {one.hold: one for one in self.state.holds} | batch.held
            left = tuple(one for number, one in holds.items() if number not in over)
            self._set(holds=left, lost=self.state.lost + lost, stopped=self.state.stopped + stopped)
        if batch.hits:
            hits = {one.breakpoint: one for one in batch.hits}
            self._set(
                breakpoints=tuple(
                    replace(one, hits=hits[one.id].hits) if one.id in hits else one
                    for one in self.state.breakpoints
                    if not (one.once and one.id in hits and hits[one.id].held)
                )
            )

    def ended(self) -> None:
        """The engine has gone, and what was held with it."""
        self._tell = None
        waiting, self._answers = self._answers, {}
        for one in waiting.values():
            if not one.done():
                one.set_exception(Refused("The app's process has ended."))
        self._set(holds=())

    def _set(self, **changes: Any) -> None:
        state = replace(self.state, **changes)
        if state != self.state:
            self.state = state
            self._changed()

    async def _ask_if_running(self, what: str, **arguments: Any) -> None:
        if self._tell is not None:
            await self._ask(what, arguments)

    async def _ask(self, what: str, arguments: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        ask = Ask(number, what, arguments)
        size = _size(ask)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        async with self._sending:
            tell = self._tell
            if tell is None:
                raise Refused("No app is being served.")
            self._answers[number] = answer
            if size > LARGE:
                await asyncio.to_thread(tell, ask)
            else:
                tell(ask)
        try:
            return await answer
        finally:
            self._answers.pop(number, None)


def _size(ask: Ask) -> int:
    """Bytes of the verb. Raises `Refused` where the engine could not read it."""
    level: list[Any] = list(ask.arguments.values())
    for _ in range(MOST_NESTED):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            break
    else:
        raise Refused(f"message: nested deeper than {MOST_NESTED} levels")
    size = len(encode(ask))
    if size >= MAX_LINE:
        raise Refused(f"message: {size:,} bytes are more than a verb can carry")
    return size


def check(expression: str) -> None:
    """Raises `Refused` where `expression` is no breakpoint."""
    try:
        node = parse(expression, of_message=True)
    except FilterError as error:
        pointer = " " * error.column + "^"
        raise Refused(f"{expression}\n{pointer}\n{error.message}") from None
    if node is None:
        raise Refused("A breakpoint is an expression, such as point:send path:/cart; this one is empty.")
