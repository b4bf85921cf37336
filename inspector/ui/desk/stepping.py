"""Stepping: what is held, and what is to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from inspector.commands.stepping import like_this
from inspector.ui.breakpoints_dialog import BreakpointDialog, BreakpointsDialog
from inspector.ui.inject_dialog import InjectDialog

if TYPE_CHECKING:
    from inspector.ui.window import Window


class Steps:
    """`commands.desk.StepDesk` for one window."""

    _window: Window

    def release(self, verb: str) -> None:
        walk, holds = self._window.walk, self._window.holds
        if walk.at is not None or not holds.queue:
            walk.move(verb)
        else:
            holds.release(verb)

    def past(self, way: Literal["first", "back", "leave"]) -> None:
        walk = self._window.walk
        if way == "first":
            walk.go(0)
        elif way == "back":
            walk.back()
        else:
            walk.leave()

    def resume_all(self) -> None:
        self._window.holds.resume_all()

    def edit_held(self) -> None:
        self._window.holds.edit()

    def mend_held(self) -> None:
        self._window.holds.mend()

    def split_held(self) -> None:
        self._window.holds.split()

    def next_hold(self) -> None:
        self._window.holds.go_to_next()

    def breaking(self) -> None:
        on = not self._window.holds.stepping.on
        self._window.holds.ask(lambda stepping: stepping.breaking(on))

    def hold_next(self) -> None:
        self._window.holds.ask(lambda stepping: stepping.hold_next())
        self._window.table.notice.say("The next request will be held before the app is called")

    def inject(self, where: Literal["before", "after"]) -> None:
        self.inject_as(where, "")

    def inject_as(self, where: str, type_: str) -> None:
        """As `inject`, with a type to begin with."""
        held = self._window.holds.current
        if held is not None:
            InjectDialog(self._window, held, where, type_).open()

    def show_holds(self) -> None:
        self._window.queue.turn()

    def new_breakpoint(self) -> None:
        BreakpointDialog(self._window).open()

    def break_like(self) -> None:
        BreakpointDialog(self._window, expression=like_this(self._window.desk.selected())).open()

    def breakpoints(self) -> None:
        BreakpointsDialog(self._window).open()
