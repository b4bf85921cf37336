"""`inspector serve APP --control`: stepping from a script, by lines of JSON on stdin and stdout.

    in    {"id": 1, "verb": "break", "expression": "point:send path:/cart"}
    out   {"reply": 1, "ok": true, "breakpoint": 1}           or {"reply": 1, "ok": false, "error": "..."}
          {"event": "held", "hold": 7, "exchange": 12, "point": "send", "message": {...}, ...}

stdout carries nothing else: what the app prints goes to stderr. Lines are done in order, each when the one before is
answered. Whatever a line says, nothing stops; at the end of input everything held is released.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from io import BufferedReader, FileIO
from typing import Any

from inspector.errors import InspectorError
from inspector.options import Options
from inspector.recording.export import exchange_object
from inspector.recording.fold import Batch
from inspector.recording.reader import Reader
from inspector.recording.unnamed import unnamed
from inspector.serve import Patient, Serve, outlet, saying
from inspector.session.message_text import held_object
from inspector.session.state import SessionState
from inspector.trace.stepping import HOLD_VERBS, Held, Hit, Released

LINE = 1 << 25
"""Bytes of one line, at most; a longer one is read away, and answered with an error."""
WAITING = 1 << 26
"""Bytes that wait for a slow reader; beyond that lines are lost, and a line says how many."""
_PLAIN = {"enabled": bool, "once": bool, "log": bool, "nth": int, "illegal": bool, "where": str, "length": int}
_VERBS = {
    **dict.fromkeys(HOLD_VERBS, ("hold",)),
    "edit": ("hold", "message", "illegal"),
    "inject": ("hold", "where", "message", "illegal"),
    "mend": ("hold", "length"),
    "start": (),
    "break": ("expression", "once", "nth", "log", "enabled"),
    "remove": ("breakpoint",),
    "breakpoints": ("enabled",),
    "hold_next": (),
    "holds": (),
    "resume_all": (),
}
"""Each verb, and what it may be given."""
Line = dict[str, Any]


def main(options: Options, *, quiet: bool, wait: bool) -> int:
    """Serve until a signal, or until the engine dies. Returns the exit code."""
    with contextlib.ExitStack() as stack:
        commands, lines = stack.enter_context(_own_ends())
        for fd in (1, 2):
            stack.enter_context(outlet(fd))
        err = stack.enter_context(saying(2))
        recording = options.record or str(stack.enter_context(unnamed()))
        control = _Control(options, recording, lambda _text: None, err, quiet=quiet)
        control.speak(commands, lines, wait=wait)
        return asyncio.run(control.run())


@contextlib.contextmanager
def _own_ends() -> Iterator[tuple[FileIO, Patient]]:
    """stdin and stdout for us alone: who inherits them has nothing to read, and writes to stderr."""
    sys.stdout.flush()
    commands = FileIO(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    before = os.dup(1)
    lines = Patient(FileIO(os.dup(1), "wb"), "control", WAITING, _lost)
    os.dup2(2, 1)
    try:
        yield commands, lines
    finally:
        lines.end()
        sys.stdout.flush()
        os.dup2(before, 1)
        os.close(before)


def _lost(lines: int, size: int) -> bytes:
    return _encoded({"event": "lost", "lines": lines, "bytes": size})


def _encoded(line: Line) -> bytes:
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


class Problem(Exception):
    """What is wrong with a line."""


class _Control(Serve):
    """One `inspector serve --control`."""

    def speak(self, commands: FileIO, lines: Patient, *, wait: bool) -> None:
        """Where lines come from and go to; `wait`: the app is started by the verb."""
        self._commands = commands
        self._lines = lines
        self._wait = wait
        self._t0: dict[int, int] = {}
        self._known: set[int] = set()
        self._seen: dict[int, Held] = {}
        self._started = asyncio.Event()
        self._given: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def _begin(self) -> None:
        loop = asyncio.get_running_loop()

        def give(line: bytes | None) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(self._given.put_nowait, line)

        threading.Thread(target=_read, args=(self._commands, give), name="control", daemon=True).start()
        self._listening = loop.create_task(self._listen())
        if self._wait:
            over = loop.create_task(self._over.wait())
            begun = loop.create_task(self._started.wait())
            await asyncio.wait([over, begun], return_when=asyncio.FIRST_COMPLETED)
            for task in (over, begun):
                task.cancel()
            if not self._started.is_set():
                return
        await self._session.start()

    async def _end(self) -> None:
        await self._session.stop(stepped=True)
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self) -> None:
        while (line := await self._given.get()) is not None:
            self._say(await self._answer(line))
        stepping = self._session.stepping
        with contextlib.suppress(InspectorError):
            await stepping.breaking(False)
        with contextlib.suppress(InspectorError):
            await stepping.resume_all()
        if self._wait and not self._started.is_set():
            self._over.set()

    def _say(self, line: Line) -> None:
        self._lines.give(_encoded(line))

    # Lines in.

    async def _answer(self, line: bytes) -> Line:
        number = None
        try:
            found = _parsed(line)
            number = found.pop("id", None)
            return {"reply": number, "ok": True, **await self._do(found)}
        except (Problem, InspectorError) as error:
            words = error.title if isinstance(error, InspectorError) else str(error)
            return {"reply": number, "ok": False, "error": words}

    async def _do(self, given: Line) -> Line:
        verb = given.pop("verb", None)
        known = _VERBS.get(verb) if isinstance(verb, str) else None
        if known is None:
            raise Problem(f"verb: {verb!r:.60} is none; known are {', '.join(_VERBS)}")
        _check(verb, given, known)
        stepping = self._session.stepping
        if verb in HOLD_VERBS:
            return await stepping.act(verb, given.pop("hold"), **given)
        if verb == "break":
            return {"breakpoint": (await stepping.break_(given.pop("expression"), **given)).id}
        if verb == "remove":
            await stepping.remove(given["breakpoint"])
        elif verb == "breakpoints":
            if "enabled" in given:
                await stepping.breaking(given["enabled"])
            state = stepping.state
            return {"breakpoints": [one.plain() for one in state.breakpoints], "enabled": state.on}
        elif verb == "hold_next":
            await stepping.hold_next()
        elif verb == "holds":
            return {"holds": [self._held(one) for one in stepping.state.holds]}
        elif verb == "resume_all":
            return {"released": await stepping.resume_all()}
        elif self._started.is_set() or not self._wait:
            raise Problem("start: the app is started already")
        else:
            self._started.set()
        return {}

    # Events out.

    def _changed(self, state: SessionState) -> None:
        before = self._phase
        super()._changed(state)
        if state.phase != before and state.phase == "serving":
            self._say({"event": "ready", "url": state.url, "app": state.app, "interface": state.interface})
        elif state.phase != before and state.phase in ("failed", "crashed"):
            facts = {"title": state.title, "hint": state.hint, "text": state.text}
            self._say({"event": state.phase, **facts})

    def _batch(self, batch: Batch) -> None:
        """On the recorder's thread."""
        super()._batch(batch)
        for number, record in batch.started.items():
            self._t0[number] = record.first_byte_ns or record.head_ns
        for event in batch.gate:
            self._gate(event)
        over = [row.id for row in batch.exchanges if row.end_ns is not None]
        if not over:
            return
        with contextlib.suppress(InspectorError), Reader(self._recording) as reader:
            for number in over:
                self._t0.pop(number, None)
                self._say({"event": "exchange", **exchange_object(reader, number, messages=False)})

    def _gate(self, event: Held | Released | Hit) -> None:
        if isinstance(event, Held):
            what = "changed" if event.hold in self._known else "held"
            self._known.add(event.hold)
            self._say({"event": what, **self._held(event)})
        elif isinstance(event, Released):
            self._known.discard(event.hold)
            self._say({"event": "released", "hold": event.hold, "by": event.by})
        elif not event.held:
            facts = {"breakpoint": event.breakpoint, "exchange": event.exchange, "point": event.point}
            self._say({"event": "hit", **facts, "hits": event.hits})

    def _held(self, held: Held) -> Line:
        return {
            "hold": held.hold,
            "exchange": held.exchange,
            "point": held.point,
            "message": held_object(held, self._t0.get(held.exchange, 0)),
            "breakpoint": held.breakpoint or None,
            "client_left": held.client_left,
            "allowed": held.allowed,
            "verbs": held.verbs,
            "notes": held.notes,
            "content_length": held.content_length if held.content_length >= 0 else None,
            "injected": {"before": len(held.before), "after": len(held.after)},
        }


def _read(commands: FileIO, give: Callable[[bytes | None], None]) -> None:
    """A thread's work: lines, an empty one for each that is over the limit, then None at the end of input."""
    with BufferedReader(commands) as reader, contextlib.suppress(OSError, ValueError):
        while line := reader.readline(LINE + 1):
            over = len(line) > LINE and not line.endswith(b"\n")
            give(b"" if over else line)
            while over and (line := reader.readline(LINE)):
                over = not line.endswith(b"\n")
    give(None)


def _parsed(line: bytes) -> Line:
    if not line:
        raise Problem(f"the line is longer than {LINE >> 20} MiB: it was not read")
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Problem(f"the line is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise Problem("the line is no JSON object")
    return found


def _check(verb: str, given: Line, known: tuple[str, ...]) -> None:
    for name, value in given.items():
        if name not in known:
            raise Problem(f"{name}: {verb} does not take it")
        wanted = _PLAIN.get(name)
        if wanted is not None and type(value) is not wanted:
            raise Problem(f"{name}: takes {wanted.__name__}")
    needed = {"break": ("expression",), "inject": ("hold", "where", "message"), "edit": ("hold", "message")}
    for name in needed.get(verb, tuple(one for one in known if one in ("hold", "breakpoint"))):
        if name not in given:
            raise Problem(f"{name}: {verb} needs it")
    if not isinstance(given.get("expression", ""), str):
        raise Problem("expression: takes text")
