"""Stepping, as window and engine tell it each other: breakpoints, holds, and the verbs on them.

The window sends `verbs.Ask(number, what, arguments)`, one of `ASKS`; the engine does it on its loop and tells
`Answered` with that number. What happens at the gates comes as `Held`, `Released` and `Hit`; what was edited as
`Original`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

POINTS = ("call", "receive", "send", "read", "start_response", "write", "next", "close", "return", "raise")
"""Hook points (DESIGN, section 5)."""
HELD_BODY = 1 << 18
"""Bytes of a body that are shown of a held message."""

SENDS = ("send", "start_response", "write", "next")
RECEIVES = ("receive", "read")

HOLD_VERBS = {
    "continue": "let this message pass",
    "step": "let it pass, and hold the next hook point that any task of the exchange reaches",
    "step_send": "let it pass, and hold the next message from the app",
    "finish": "let it pass, and hold nothing more until the response has ended",
    "drop": "do not let it pass; a dropped receive waits for the next one",
    "inject": "arguments: where (before or after), message; goes out with the held one, which stays held",
    "edit": "arguments: message; replaces the held one, which stays held",
    "abort": "reset the connection; at call the app is never called",
    "disconnect": "of a receive: answer with a disconnect in its place",
    "fail": "of a send: make it raise OSError",
    "mend": "of a body whose head is not out yet: give that the Content-Length that fits, or `length`; it stays held",
    "merge": "of a chunk that more follow: keep it back, and hold the next one with this one put before it",
}
ASKS = {
    **HOLD_VERBS,
    "resume_all": "continue every hold, and end all stepping",
    "break": "arguments: breakpoint (as `Breakpoint.plain`); a new one, or new facts of a known one",
    "remove": "arguments: breakpoint (its number)",
    "breaking": "arguments: on; all breaking on or off, which releases nothing",
    "hold_next": "hold the next request at its call",
}


@dataclass(frozen=True)
class Breakpoint:
    """A rule: which messages are held."""

    id: int
    expression: str
    """In the filter language, with the fields of a message. Names it no `point` or `message.type`, it stops at call,
    and at each send, start_response and next."""
    enabled: bool = True
    once: bool = False
    """Gone once it has stopped."""
    nth: int = 1
    """Stops at this match and the later ones."""
    log: bool = False
    """Holds nothing; each match is a line in the log."""
    hits: int = 0
    """Matches so far, in this run."""

    def plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, found: dict[str, Any]) -> Breakpoint:
        """Raises `ValueError` where the values are of the wrong kind."""
        made = cls(**found)
        for name, default in (
            ("id", 0),
            ("expression", ""),
            ("enabled", True),
            ("once", False),
            ("nth", 1),
            ("log", False),
        ):
            if type(getattr(made, name)) is not type(default):
                raise ValueError(f"{name}: takes {type(default).__name__}")
        if made.nth < 1:
            raise ValueError("nth: counts from 1")
        return made


@dataclass(frozen=True)
class Held:
    """A message is held at a hook point; told again, under the same `hold`, whenever something about it changes.

    It is no `MessageSeen` yet: that comes when the hold is over, with what then passes.
    """

    exchange: int
    hold: int
    """Counts up from 1 within a run."""
    t_ns: int
    """When the hook point was reached; the hold lasts from here."""
    point: str
    """One of `POINTS`."""
    seq: int
    """That the message will have if nothing is injected before it."""
    type: str
    data: bytes
    """As in `MessageSeen`, but for `call`: `scope` or `environ`, whole."""
    body_key: int
    body: bytes
    """At most `HELD_BODY` bytes of it."""
    size: int
    breakpoint: int
    """Which one holds it; 0: a step, or "hold the next request"."""
    edited: bool
    client_left: bool
    before: list[Any]
    after: list[Any]
    """Injected messages, as plain values, that go out with it."""
    allowed: list[str]
    """Types of messages that may stand in its place, or be injected before it."""
    verbs: list[str]
    """What can be done with it."""
    notes: list[str]
    """What the user should know: timeouts that run on, what a change will do to the transfer."""
    content_length: int = -1
    """Of the response's head, as it was mended, where this is of its body; -1: it has none."""
    sent: int = 0
    """Bytes of the response's body that went before."""


@dataclass(frozen=True)
class Released:
    """A hold is over. `by` is the verb, or: cancelled (by the app), stop (of the engine)."""

    exchange: int
    hold: int
    t_ns: int
    by: str


@dataclass(frozen=True)
class Original:
    """The next part, from `offset`, of what a message was that was edited; told before its `MessageSeen`."""

    exchange: int
    seq: int
    offset: int
    type: str
    data: bytes
    body_key: int
    size: int
    body: bytes


@dataclass(frozen=True)
class Hit:
    """A breakpoint matched for the `hits`th time; `held` where it stopped there."""

    breakpoint: int
    exchange: int
    t_ns: int
    point: str
    hits: int
    held: bool


@dataclass(frozen=True)
class Answered:
    """What became of the window's `verbs.Ask` of this number; `text` says why not."""

    number: int
    ok: bool
    text: str
    detail: dict[str, Any]
