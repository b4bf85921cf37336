"""The menu at the toolbar's switch: each breakpoint, to be turned on and off, and the commands for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QMenu

from inspector.trace.stepping import Breakpoint
from inspector.ui import shown, theme
from inspector.ui.actions import Actions
from inspector.ui.models.breakpoint_table import meaning, stops

if TYPE_CHECKING:
    from inspector.ui.holds import Holds

_WIDEST = 420
_MOST = 20
"""Breakpoints in the menu; the dialog has all."""


class BreakpointsMenu(QObject):
    """Fills `menu` anew whenever it is opened."""

    def __init__(self, holds: Holds, menu: QMenu, actions: Actions) -> None:
        super().__init__(holds)
        self._holds, self._menu, self._actions = holds, menu, actions
        menu.aboutToShow.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        menu = self._menu
        menu.clear()
        metrics = QFontMetrics(theme.interface_font())
        for one in self._holds.stepping.breakpoints[:_MOST]:
            text = metrics.elidedText(shown.one_line(one.expression), Qt.TextElideMode.ElideRight, theme.px(_WIDEST))
            action = menu.addAction(text.replace("&", "&&"))
            action.setToolTip(f"{meaning(one.expression)}; {stops(one)}; {one.hits:,} so far")
            action.setCheckable(True)
            action.setChecked(one.enabled)
            action.triggered.connect(lambda on, one=one: self._switch(one, on))
        if self._holds.stepping.breakpoints:
            menu.addSeparator()
        for command in ("breakpoints.new", "breakpoints.like", "breakpoints.edit", "step.hold_next"):
            menu.addAction(self._actions[command])

    def _switch(self, one: Breakpoint, on: bool) -> None:
        self._holds.ask(lambda stepping: stepping.change(replace(one, enabled=on)))
