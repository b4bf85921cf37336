"""Stepping in the toolbar: the switch of all breakpoints, and the verbs on what is held."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QToolButton

from inspector.ui import theme
from inspector.ui.actions import Actions
from inspector.ui.toolbar_parts import Stroke, ToolButton, command_button

_KEYED = ("step.continue.button", "step.next.button")
"""The two that are pressed again and again say their keys."""
_SPARE = 9
"""Pixels that Qt leaves free beside an icon and its word, beyond the padding of the style sheet."""


class StepButtons(QFrame):
    """The switch of all breakpoints with the menu of them, and the verbs on what is held."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("stepButtons")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._actions = actions
        self._row = row = QHBoxLayout(self)
        row.addWidget(Stroke())
        self._switch = command_button(actions, "breakpoints.on", "switch")
        self._switch.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.menu = QMenu(self._switch)
        self.menu.setObjectName("breakpointsMenu")
        self.menu.setToolTipsVisible(True)
        self._switch.setMenu(self.menu)
        actions["breakpoints.on"].toggled.connect(self._name_switch)
        self._verbs = [
            KeyButton(actions, command) for command in ("step.continue", "step.next", "step.to_send", "hold.abort")
        ]
        for part in (self._switch, *self._verbs):
            row.addWidget(part)
        self._said = 3
        for verb in self._verbs:
            verb.able.connect(self._show_able)
        theme.measured(self._measure)
        self._name_switch()

    def _measure(self) -> None:
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.px(2))

    def _name_switch(self) -> None:
        """The word says the state, as the colour does; the icon's shape is the same."""
        on = self._actions["breakpoints.on"].isChecked()
        self._switch.setText(f" Breakpoints {'on' if on else 'off'}")
        self._switch.setAccessibleName(self._switch.text().strip())

    def say(self, much: int) -> None:
        """4: words and keys; 3: words; 2: those of the first two; 1: the switch's words; 0: icons; less: no verb that
        cannot be done now."""
        self._said = much
        beside, alone = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
        self._switch.setToolButtonStyle(beside if much >= 1 else alone)
        for verb in self._verbs:
            first = verb.objectName() in _KEYED
            verb.setToolButtonStyle(beside if much >= (2 if first else 3) else alone)
            verb.show_key(much >= 4 and first)
        self._show_able()
        self._row.invalidate()
        self.updateGeometry()

    def _show_able(self) -> None:
        for verb in self._verbs:
            verb.setVisible(self._said >= 0 or verb.isEnabled())


class KeyButton(ToolButton):
    """A quiet button that says its key behind its word, where there is room."""

    able = Signal()
    """It can be pressed now, or no longer."""

    def __init__(self, actions: Actions, command: str) -> None:
        super().__init__()
        self.setObjectName(f"{command}.button")
        self.setProperty("role", "verb")
        self.setDefaultAction(actions[command])
        self.setAccessibleName(actions[command].text())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._keyed = False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self.able.emit()

    def show_key(self, shown: bool) -> None:
        if shown != self._keyed:
            self._keyed = shown
            self.updateGeometry()
            self.update()

    def _key(self) -> str:
        action = self.defaultAction()
        if not self._keyed or action is None:
            return ""
        return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)

    def sizeHint(self) -> QSize:
        hint, key = super().sizeHint(), self._key()
        if self.toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonIconOnly:
            hint.setWidth(hint.width() - theme.px(_SPARE))
        if key:
            hint.setWidth(hint.width() + QFontMetrics(theme.fixed_font()).horizontalAdvance(key) + theme.px(8))
        return hint

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if key := self._key():
            painter = QPainter(self)
            painter.setFont(theme.fixed_font())
            palette = theme.current()
            painter.setPen(palette.second if self.isEnabled() else palette.third)
            rect = self.rect().adjusted(0, 0, -theme.px(8), 0)
            painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, key)
