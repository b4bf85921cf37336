"""An exception of the app as plain data: text as Python prints it, and the chain frame by frame.

Everything here may be hostile: `__str__` that raises, a message of megabytes, recursion ten thousand deep, a chain of
causes that bites its tail. Nothing raises, and every size is capped; what a cap cut says so. Python's own `traceback`
does the printing (with its carets, hints, notes and groups), bounded before and after.

Which frames are left out: all of ours (files under the engine's folder), and the import system's at the outside, as
`import` itself leaves them out. Ours stay only where something of ours raised by mistake: that is worth a look.
"""

from __future__ import annotations

import importlib
import linecache
import os
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from inspector.engine.stream import AppMistake, ClientGone
from inspector.trace.clock import now
from inspector.trace.records import Failure
from inspector.trace.values import type_name

MAX_TEXT = 64 * 1024
"""Characters of a traceback's text; the middle is cut."""
MAX_FRAMES = 200
"""Frames of one exception in `chain`, and in the text of one that has more; the middle is cut."""
MAX_MESSAGE = 8 * 1024
"""Characters of one message or note in `chain`."""
MAX_EXCEPTIONS = 64
"""Exceptions in `chain`. Where there are more, the text is printed plainly, without what Python would add."""
MAX_ALL_FRAMES = 1200
"""Frames in all of `chain` together: it must stay under the cap of `values.MAX_ITEMS`."""
MAX_NOTES = 16
MAX_SOURCE = 500
"""Notes of one exception; characters of one source line."""

ENGINE = str(Path(__file__).parent.parent) + os.sep
_IMPORT = "<frozen importlib."
_IMPORTLIB = importlib.__file__

Step = tuple[BaseException, str]
"""An exception and its relation to the one before: "" for the first, else cause, context or group."""


def failure(exchange: int, exc: BaseException) -> Failure:
    """`exc` as a record. Never raises, whatever `exc` is; a few hundred microseconds for an ordinary one."""
    steps = list(_steps(exc, MAX_EXCEPTIONS))
    most = min(MAX_FRAMES, MAX_ALL_FRAMES // len(steps))
    chain = [_plain(step, relation, most) for step, relation in steps]
    return Failure(exchange, now(), type_name(exc), message(exc), text(exc), chain)


def message(exc: object) -> str:
    """`str(exc)`, bounded; a fixed text where that raises."""
    try:
        told = str(exc)
        return _cut(told if type(told) is str else str.__str__(told), MAX_MESSAGE)
    except BaseException:  # noqa: BLE001 - __str__ is code of the app
        return f"<{type_name(exc)}: its __str__ raised>"


def text(exc: BaseException) -> str:
    """The whole traceback as Python prints it, without our frames; at most about `MAX_TEXT` long. Never raises."""
    try:
        if sum(1 for _ in _steps(exc, MAX_EXCEPTIONS + 1)) > MAX_EXCEPTIONS:
            return _plainly(exc) + f"\n… more than {MAX_EXCEPTIONS} chained exceptions, the others left out\n"
        printed = traceback.TracebackException(type(exc), exc, _bounded(exc.__traceback__), compact=True)
        _leave_out(printed, exc)
        return _join(printed.format())
    except BaseException:  # noqa: BLE001 - code of the app ran, and raised through the printing
        return _plainly(exc)


def frames(exc: BaseException) -> list[tuple[str, int, str]]:
    """File, line and function of the frames that are told of `exc`, innermost last."""
    return [(tb.tb_frame.f_code.co_filename, tb.tb_lineno, tb.tb_frame.f_code.co_name) for tb in _told(exc)]


def is_ours(file: str) -> bool:
    """`file` belongs to the engine."""
    return file.startswith(ENGINE)


# The chain.


def _steps(exc: BaseException, most: int) -> Iterator[Step]:
    """The exceptions behind `exc`, outermost first, each once: its cause, else its context; then a group's members."""
    seen: set[int] = set()
    waiting: list[Step] = [(exc, "")]
    while waiting and len(seen) < most:
        step, relation = waiting.pop()
        if id(step) in seen or not isinstance(step, BaseException):
            continue
        seen.add(id(step))
        yield step, relation
        waiting += [(member, "group") for member in reversed(_members(step))]
        cause, context = _slot(step, "__cause__"), _slot(step, "__context__")
        if cause is not None:
            waiting.append((cause, "cause"))
        elif context is not None and not _slot(step, "__suppress_context__"):
            waiting.append((context, "context"))


def _slot(exc: BaseException, name: str) -> Any:
    """An attribute that BaseException itself keeps, whatever the class of `exc` makes of it."""
    return BaseException.__dict__[name].__get__(exc)


def _members(exc: BaseException) -> tuple[Any, ...]:
    """What a group holds: a builtin one (3.11 on), or one of the backport `exceptiongroup`."""
    if not any(cls.__name__ == "BaseExceptionGroup" for cls in type(exc).__mro__):
        return ()
    try:
        members = exc.exceptions  # type: ignore[attr-defined]
    except Exception:  # noqa: BLE001 - a property of the app
        return ()
    return members if type(members) is tuple else ()


def _plain(exc: BaseException, relation: str, most: int) -> dict[str, Any]:
    told = _told(exc)
    return {
        "type": type_name(exc),
        "message": message(exc),
        "notes": _notes(exc),
        "relation": relation,
        "frames": _middle_cut([_frame(tb) for tb in _ends(told, most)], len(told)),
    }


def _notes(exc: BaseException) -> list[str]:
    try:
        notes = exc.__dict__.get("__notes__", ())
        return [message(note) for note in notes[:MAX_NOTES]] if type(notes) is list else []
    except Exception:  # noqa: BLE001 - a property of the app
        return []


def _frame(tb: TracebackType) -> dict[str, Any]:
    code = tb.tb_frame.f_code
    try:
        source = linecache.getline(code.co_filename, tb.tb_lineno, tb.tb_frame.f_globals).strip()
    except Exception:  # noqa: BLE001 - a module loader of the app
        source = ""
    return {
        "file": code.co_filename,
        "line": tb.tb_lineno,
        "function": code.co_name,
        "source": source[:MAX_SOURCE],
        "locals": None,
    }


def _ends(told: list[TracebackType], most: int) -> list[TracebackType]:
    return told if len(told) <= most else told[: most // 2] + told[-(most // 2) :]


def _middle_cut(shown: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    if count > len(shown):
        gap = f"… {count - len(shown):,} frames left out"
        shown.insert(len(shown) // 2, {"file": "", "line": 0, "function": "", "source": gap, "locals": None})
    return shown


# Which frames are told.


def _chain(tb: TracebackType | None) -> Iterator[TracebackType]:
    while tb is not None:
        yield tb
        tb = tb.tb_next


def _told(exc: BaseException) -> list[TracebackType]:
    whole = list(_chain(_slot(exc, "__traceback__")))
    keep = _kept([tb.tb_frame.f_code.co_filename for tb in whole], exc)
    return [tb for tb, kept in zip(whole, keep, strict=True) if kept]


def _kept(files: list[str], exc: BaseException) -> list[bool]:
    """For each frame, outermost first, whether it is told; see the module's text."""
    keep = [not is_ours(file) for file in files]
    for at, file in enumerate(files):
        if keep[at] and not (file.startswith(_IMPORT) or file == _IMPORTLIB):
            break
        keep[at] = False
    if not issubclass(type(exc), (AppMistake, ClientGone)):
        for at in range(len(files) - 1, -1, -1):
            if not is_ours(files[at]):
                break
            keep[at] = True
    return keep


def _leave_out(printed: traceback.TracebackException, exc: BaseException) -> None:
    """Take our frames out of `printed`, in all exceptions it holds; cut the middle of what is still too long."""
    waiting: list[tuple[traceback.TracebackException, BaseException]] = [(printed, exc)]
    while waiting:
        shown, of = waiting.pop()
        keep = _kept([frame.filename for frame in shown.stack], of)
        shown.stack[:] = [frame for frame, kept in zip(shown.stack, keep, strict=True) if kept]
        if len(shown.stack) > MAX_FRAMES:
            shown.stack[MAX_FRAMES // 2 : -(MAX_FRAMES // 2)] = [_gap(len(shown.stack) - MAX_FRAMES)]
        for inner, inner_exc in (
            (shown.__cause__, _slot(of, "__cause__")),
            (shown.__context__, _slot(of, "__context__")),
            *zip(getattr(shown, "exceptions", None) or (), _members(of), strict=False),
        ):
            if inner is not None and inner_exc is not None:
                waiting.append((inner, inner_exc))


def _gap(count: int) -> traceback.FrameSummary:
    return traceback.FrameSummary(f"… {count:,} frames left out", 0, "…", lookup_line=False, line="")


def _bounded(tb: TracebackType | None) -> TracebackType | None:
    """`tb` itself, or where it is very long a copy of both its ends (so that printing does not look at all of it)."""
    whole = list(_chain(tb))
    if len(whole) <= 4 * MAX_FRAMES:
        return tb
    copy: TracebackType | None = None
    for part in reversed(whole[: 2 * MAX_FRAMES] + whole[-2 * MAX_FRAMES :]):
        copy = TracebackType(copy, part.tb_frame, part.tb_lasti, part.tb_lineno)
    return copy


# Text.


def _plainly(exc: BaseException) -> str:
    """Text of what Python does not print, or would print for ever: each exception with its innermost frames."""
    parts: list[str] = []
    for step, relation in _steps(exc, MAX_EXCEPTIONS):
        head = f"\n({relation} of the exception above)\n" if relation else ""
        stack = traceback.StackSummary.from_list([(*frame, None) for frame in frames(step)[-8:]])
        parts.append(f"{head}{''.join(stack.format())}{type_name(step)}: {message(step)}\n")
    return _cut("".join(parts), MAX_TEXT)


def _join(lines: Iterator[str]) -> str:
    """The lines as one text; of one too long its beginning and its end, which names the exception."""
    parts: list[str] = []
    size = 0
    for line in lines:
        parts.append(_cut(line, MAX_TEXT // 2))
        size += len(parts[-1])
        if size > 4 * MAX_TEXT:
            parts = [_cut("".join(parts), MAX_TEXT)]
            size = len(parts[0])
    return _cut("".join(parts), MAX_TEXT)


def _cut(told: str, most: int) -> str:
    if len(told) <= most:
        return told
    half = most // 2
    return f"{told[:half]}\n… {len(told) - 2 * half:,} characters left out …\n{told[-half:]}"
