"""What the user did to a recorded message, in sentences: held, edited, dropped, injected, by which verb."""

from __future__ import annotations

from inspector.recording.rows import HoldRow, MessageRow
from inspector.ui import shown, words

_VERBS = {
    "continue": "released by Continue",
    "step": "released by Step",
    "step_send": "released by To next send",
    "finish": "released by Finish the response",
    "resume_all": "released by Resume all",
    "drop": "ended by Drop",
    "abort": "ended by Abort",
    "disconnect": "ended by Answer with a disconnect",
    "fail": "ended by Raise OSError",
    "merge": "ended by Merge",
    "cancelled": "ended by the app, which cancelled the call",
    "stop": "released when the engine stopped",
    "end": "ended with the app's process",
}
_DROPPED = {
    "abort": "You reset the connection: it did not go on.",
    "disconnect": "You answered with a disconnect: the app did not get it.",
    "fail": "You made the app's send raise OSError: it did not go on.",
    "merge": "You put it before the next chunk: it did not go on by itself.",
    "cancelled": "The app cancelled the call: it did not go on.",
    "end": "The app's process ended: it did not go on.",
}
_LONGEST = 40


def story(message: MessageRow, hold: HoldRow | None) -> str:
    """Sentences; empty where nothing was done to it. `hold`: where it was held, or beside which it was injected."""
    told = []
    if hold is not None and not message.injected:
        told.append(held(hold))
    if message.injected:
        beside = f" while a message was held at {shown.one_line(hold.point, _LONGEST)}" if hold is not None else ""
        whose = {"receive": "the client's", "send": "the app's"}.get(message.direction, "the app's")
        told.append(f"You injected it{beside}: it is not {whose}.")
    if message.edited:
        told.append("You edited it: what went on is not what came." if not message.dropped else "You edited it.")
    if message.dropped:
        told.append(_DROPPED.get(hold.by if hold else "", "You dropped it: it did not go on."))
    return " ".join(told)


def held(hold: HoldRow) -> str:
    """`Held at send for 42.0 s, released by Continue.`"""
    point = shown.one_line(hold.point, _LONGEST)
    if hold.released_ns is None:
        return f"Held at {point}."
    lasted = words.duration(max(hold.released_ns - hold.t_ns, 0))
    by = _VERBS.get(hold.by, f"ended by {shown.one_line(hold.by, _LONGEST)}")
    return f"Held at {point} for {lasted}, {by}."
