"""A hold in words: where, by what, how long, and what stands in its way."""

from __future__ import annotations

from inspector.session.stepping import SteppingState
from inspector.trace import clock
from inspector.trace.stepping import Held
from inspector.ui import shown, words

_LONGEST = 80
"""Characters of an expression."""


def by(held: Held, stepping: SteppingState | None) -> str:
    """What holds it: `breakpoint path:/checkout`, `after a step`."""
    if not held.breakpoint:
        return "the next request" if held.point == "call" else "after a step"
    for one in stepping.breakpoints if stepping else ():
        if one.id == held.breakpoint:
            return f"breakpoint {shown.one_line(one.expression, _LONGEST)}"
    return "a breakpoint that is gone"


def at(held: Held) -> str:
    """`held at send`."""
    return f"held at {held.point}"


def told(held: Held, stepping: SteppingState | None) -> str:
    """`held at send, breakpoint path:/checkout`."""
    return ", ".join([at(held), by(held, stepping), *(["the client has left"] if held.client_left else [])])


def title(held: Held) -> str:
    """The type of the held message."""
    return shown.one_line(held.type, _LONGEST)


def waited(held: Held, now_ns: int = 0) -> str:
    """How long it is held: `0:42`."""
    return words.stopwatch((now_ns or clock.now()) - held.t_ns)


def beside(held: Held) -> str:
    """What was injected, as `2 messages before, 1 after`; empty where nothing was."""
    told = [words.counted(len(held.before), "message") + " before"] if held.before else []
    if held.after:
        told.append(f"{len(held.after)} after" if told else words.counted(len(held.after), "message") + " after")
    return f"injected: {', '.join(told)}" if told else ""
