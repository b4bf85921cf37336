"""Stepping: which messages are held, and what is done with one that is.

The verbs are about the hold of the selected exchange. Where that has none, but another exchange is held, they go there
first and release nothing: nobody lets pass what he has not seen. Where nothing is held, or an exchange is shown as of
one of its messages already, three of them move through its past (`commands.past`).
"""

from __future__ import annotations

from collections.abc import Callable

from inspector.commands.command import Command
from inspector.commands.desk import Facts
from inspector.recording.rows import ExchangeRow
from inspector.trace.filter import unparse
from inspector.trace.filter.tree import Equals

_HELD = "a held exchange"
_MOVES = "a held exchange, or a recorded one that is selected"
_LIVE = "an app that is served"


def _can(verb: str) -> Callable[[Facts], bool]:
    return lambda facts: verb in facts.verbs


def _goes(facts: Facts) -> bool:
    return facts.holds > 0


def _moves(facts: Facts) -> bool:
    return facts.holds > 0 or facts.walkable


def _stands(facts: Facts) -> bool:
    return facts.holds > 0 or facts.past


def _live(facts: Facts) -> bool:
    return bool(facts.phase)


COMMANDS: tuple[Command, ...] = (
    Command(
        id="step.continue",
        title="Continue",
        menu="Step",
        tooltip="Let the held message pass, with what was changed in the editor; in the past, go to the last message",
        shortcuts=("F5",),
        handler=lambda desk: desk.release("continue"),
        enabled=_stands,
        needs=_HELD,
        icon="start",
    ),
    Command(
        id="step.next",
        title="Step",
        menu="Step",
        tooltip="Let the held message pass, and hold the next hook point; in the past, go to the next message",
        shortcuts=("F10",),
        handler=lambda desk: desk.release("step"),
        enabled=_moves,
        needs=_MOVES,
        icon="step",
    ),
    Command(
        id="step.to_send",
        title="To next send",
        menu="Step",
        tooltip="Let the held message pass, and hold the app's next one; in the past, go to the app's next one",
        shortcuts=("F8",),
        handler=lambda desk: desk.release("step_send"),
        enabled=_moves,
        needs=_MOVES,
        icon="step-send",
    ),
    Command(
        id="step.finish",
        title="Finish the response",
        menu="Step",
        tooltip="Let the held message pass, and hold nothing more of the exchange until its response has ended",
        shortcuts=("Shift+F8",),
        handler=lambda desk: desk.release("finish"),
        enabled=_goes,
        needs=_HELD,
    ),
    Command(
        id="step.resume_all",
        title="Resume all",
        menu="Step",
        tooltip="Let everything pass that is held, as it stands at the engine, and end all stepping",
        shortcuts=("Shift+F5",),
        handler=lambda desk: desk.resume_all(),
        enabled=_goes,
        needs="something held",
        ends_group=True,
    ),
    Command(
        id="hold.edit",
        title="Edit the held message",
        menu="Step",
        tooltip="Go to the editor of the held message",
        shortcuts=("F2",),
        handler=lambda desk: desk.edit_held(),
        enabled=_goes,
        needs=_HELD,
    ),
    Command(
        id="hold.drop",
        title="Drop",
        menu="Step",
        tooltip="Do not let the held message pass; where it was received, the app waits for the next one",
        shortcuts=("Ctrl+F8",),
        handler=lambda desk: desk.release("drop"),
        enabled=_can("drop"),
        needs="a held message that is sent or received",
        icon="drop",
    ),
    Command(
        id="hold.inject_before",
        title="Inject before…",
        menu="Step",
        tooltip="Put a message of your own before the held one",
        shortcuts=("Ctrl+F10",),
        handler=lambda desk: desk.inject("before"),
        enabled=_can("inject"),
        needs="a held message that is sent or received",
    ),
    Command(
        id="hold.inject_after",
        title="Inject after…",
        menu="Step",
        tooltip="Put a message of your own behind the held one",
        shortcuts=("Ctrl+Shift+F10",),
        handler=lambda desk: desk.inject("after"),
        enabled=_can("inject"),
        needs="a held message that is sent or received",
    ),
    Command(
        id="hold.mend",
        title="Mend the header",
        menu="Step",
        tooltip="Give the head, which is not out yet, the Content-Length that fits the body; the message stays held",
        shortcuts=("Ctrl+F2",),
        handler=lambda desk: desk.mend_held(),
        enabled=_can("mend"),
        needs="a held body whose head has a Content-Length and is not out yet",
    ),
    Command(
        id="hold.split",
        title="Split the chunk at the caret",
        menu="Step",
        tooltip="The held chunk up to the caret (in Form or Hex), and a new one after it with the rest",
        shortcuts=("Shift+F2",),
        handler=lambda desk: desk.split_held(),
        enabled=_can("inject"),
        needs="a held chunk",
    ),
    Command(
        id="hold.merge",
        title="Merge with the next chunk",
        menu="Step",
        tooltip="Keep the held chunk back, and hold the next one with this one put before it",
        shortcuts=("Ctrl+Shift+F2",),
        handler=lambda desk: desk.release("merge"),
        enabled=_can("merge"),
        needs="a held chunk that more follow",
    ),
    Command(
        id="hold.disconnect",
        title="Answer with a disconnect",
        menu="Step",
        tooltip="In place of the held message the app hears that the client has gone",
        shortcuts=("Ctrl+F7",),
        handler=lambda desk: desk.release("disconnect"),
        enabled=_can("disconnect"),
        needs="a held message that the app is about to receive",
    ),
    Command(
        id="hold.fail",
        title="Raise OSError in the app",
        menu="Step",
        tooltip="The app's send raises OSError, and the held message does not pass",
        shortcuts=("Ctrl+Shift+F7",),
        handler=lambda desk: desk.release("fail"),
        enabled=_can("fail"),
        needs="a held message that the app sends",
    ),
    Command(
        id="hold.abort",
        title="Abort",
        menu="Step",
        tooltip="Reset the connection: the client sees it at once, the app sees the client gone",
        shortcuts=("Ctrl+F5",),
        handler=lambda desk: desk.release("abort"),
        enabled=_can("abort"),
        needs="a held exchange with a client",
        icon="close",
        ends_group=True,
    ),
    Command(
        id="holds.next",
        title="Go to the next hold",
        menu="Step",
        tooltip="Select the exchange that is held after the selected one, the longest first",
        shortcuts=("Ctrl+G",),
        handler=lambda desk: desk.next_hold(),
        enabled=_goes,
        needs="something held",
    ),
    Command(
        id="holds.show",
        title="Holds",
        menu="Step",
        tooltip="Show everything that is held, and for how long; and away again",
        shortcuts=("Ctrl+Shift+G",),
        handler=lambda desk: desk.show_holds(),
        enabled=_live,
        needs=_LIVE,
        checked=lambda facts: facts.queue,
        ends_group=True,
    ),
    Command(
        id="breakpoints.on",
        title="Breakpoints on",
        menu="Step",
        tooltip="All breaking on or off; what is held stays held",
        shortcuts=("F9",),
        handler=lambda desk: desk.breaking(),
        enabled=_live,
        needs=_LIVE,
        checked=lambda facts: facts.breaking,
        icon="breakpoint",
    ),
    Command(
        id="step.hold_next",
        title="Hold the next request",
        menu="Step",
        tooltip="Hold the next request before the app is called, whatever it is",
        shortcuts=("F7",),
        handler=lambda desk: desk.hold_next(),
        enabled=lambda facts: facts.phase == "serving",
        needs=_LIVE,
    ),
    Command(
        id="breakpoints.new",
        title="New breakpoint…",
        menu="Step",
        tooltip="Write which messages are held, in the language of the filter",
        shortcuts=("Ctrl+F9",),
        handler=lambda desk: desk.new_breakpoint(),
        enabled=_live,
        needs=_LIVE,
    ),
    Command(
        id="breakpoints.like",
        title="Break on requests like this…",
        menu="Step",
        tooltip="A new breakpoint for the method and the path of the selected exchange",
        shortcuts=("Shift+F9",),
        handler=lambda desk: desk.break_like(),
        enabled=lambda facts: bool(facts.phase) and facts.selected,
        needs="a selected exchange of an app that is served",
    ),
    Command(
        id="breakpoints.edit",
        title="Breakpoints…",
        menu="Step",
        tooltip="Every breakpoint: its expression, whether it is on, how often it matched",
        shortcuts=("Ctrl+Shift+F9",),
        handler=lambda desk: desk.breakpoints(),
        enabled=_live,
        needs=_LIVE,
        ends_group=True,
    ),
)


def like_this(row: ExchangeRow | None) -> str:
    """A breakpoint for requests like `row`; empty where it is none."""
    if row is None or row.kind == "lifespan":
        return ""
    terms = [Equals("method", row.method)] if row.kind == "http" else [Equals("kind", row.kind)]
    return " ".join(map(unparse, [*terms, Equals("path", row.path)]))
