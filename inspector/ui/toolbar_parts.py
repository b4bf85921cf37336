"""What the toolbar is put together from."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton

from inspector.ui import theme
from inspector.ui.actions import Actions

_STROKE, _ICON = 20, 14


class Stroke(QFrame):
    """A standing hairline with air at both sides."""

    def __init__(self) -> None:
        super().__init__()
        self._line = QFrame()
        self._line.setProperty("surface", "stroke")
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._line)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self._line.setFixedHeight(theme.px(_STROKE))
        self._row.setContentsMargins(theme.px(6), 0, theme.px(6), 0)


def command_button(actions: Actions, command: str, role: str) -> ToolButton:
    """The button of a command; `role` as in the style sheet."""
    made = ToolButton()
    made.setObjectName(f"{command}.button")
    made.setProperty("role", role)
    made.setDefaultAction(actions[command])
    made.setAccessibleName(actions[command].text())
    made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


class ToolButton(QToolButton):
    """Its icon follows the zoom."""

    def __init__(self) -> None:
        super().__init__()
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.setIconSize(QSize(theme.px(_ICON), theme.px(_ICON)))

    def set_quiet(self, quiet: bool) -> None:
        """Without a surface: not what one would do now."""
        role = "quiet" if quiet else ""
        if role != self.property("role"):
            self.setProperty("role", role)
            self.style().polish(self)
