"""The toolbar: what the app is doing, and the verbs for it."""

from __future__ import annotations

from urllib.parse import urlsplit

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton

from inspector.session.state import SessionState
from inspector.ui import icons, theme, words
from inspector.ui.actions import Actions

_HEIGHT = 44
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}

PHASES = {
    "": ("ring", "second", "recording from a file"),
    "stopped": ("ring", "second", "stopped"),
    "starting": ("wait", "second", "starting"),
    "serving": ("dot", "status_2xx", "serving"),
    "failed": ("warning", "status_5xx", "not loaded"),
    "crashed": ("warning", "status_5xx", "crashed"),
    "stopping": ("wait", "second", "stopping"),
}
"""Per phase: icon, colour and word; never the colour alone."""


def label(text: str = "", role: str = "", name: str = "") -> QLabel:
    """A line of plain text in a role of the style sheet."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setObjectName(name)
    return made


class Mark(QLabel):
    """A small icon that says a state, in its colour; its tooltip says the same in a word."""

    def __init__(self, size: int = 12) -> None:
        super().__init__()
        self._size = size
        self._icon, self._color = "", ""
        self.setFixedWidth(size)
        theme.observer.changed.connect(self._draw)

    def show_state(self, icon: str, color: str, word: str) -> None:
        self._icon, self._color = icon, color
        self.setToolTip(word)
        self.setAccessibleName(word)
        self._draw()

    def _draw(self) -> None:
        if self._icon:
            color = getattr(theme.current(), self._color)
            self.setPixmap(
                icons.icon(self._icon, color, self._size).pixmap(QSize(self._size, self._size), self.devicePixelRatio())
            )


class Toolbar(QFrame):
    def __init__(self, actions: Actions, menu: QMenu | None) -> None:
        super().__init__()
        self.setObjectName("toolbar")
        self.setProperty("surface", "bar")
        self.setFixedHeight(_HEIGHT)
        self._actions = actions
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, theme.edge(), 0)
        row.setSpacing(6)
        self._start = _button(actions, "session.start", "")
        self._stop = _button(actions, "session.stop", "")
        self._restart = _button(actions, "session.restart", "quiet")
        self._stroke = _stroke()
        self._pill = _AddressPill(actions)
        for button in (self._start, self._stop, self._restart):
            row.addWidget(button)
        row.addWidget(self._stroke)
        row.addWidget(self._pill)
        row.addStretch(1)
        self._mark = Mark(11)
        self._recording = label("recording", name="recordingIndicator")
        self._loop = label(role="fixedSecond", name="loopLag")
        self._loop.setToolTip("The longest turn of the app's event loop within the last second")
        for widget in (self._mark, self._recording):
            row.addWidget(widget)
        row.addSpacing(14)
        row.addWidget(self._loop)
        if menu is not None:
            row.addSpacing(6)
            row.addWidget(_MenuButton(menu))

    def show_state(self, state: SessionState | None, name: str) -> None:
        phase = state.phase if state else ""
        for button, shown in (
            (self._start, phase == "stopped"),
            (self._stop, phase not in {"", "stopped"}),
            (self._restart, bool(phase)),
            (self._stroke, bool(phase)),
        ):
            button.setVisible(shown)
        self._pill.show_state(state, name)
        live = phase not in {"", "stopped"}
        self._mark.show_state("dot" if live else "ring", "status_5xx" if live else "second", "")
        self._recording.setText("recording" if live else "not recording")
        for widget in (self._mark, self._recording):
            widget.setVisible(state is not None)
        self._loop.setVisible(phase == "serving")
        self._loop.setText(f"loop {words.duration(state.loop_lag_ns)}" if state else "")


def _stroke() -> QFrame:
    """A standing hairline with air at both sides."""
    holder, line = QFrame(), QFrame()
    line.setProperty("surface", "stroke")
    line.setFixedHeight(20)
    row = QHBoxLayout(holder)
    row.setContentsMargins(6, 0, 6, 0)
    row.addWidget(line)
    return holder


class _AddressPill(QFrame):
    """State, app, interface and URL in one piece, with the two things one does with a URL."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("addressPill")
        self.setProperty("surface", "pill")
        self.setFixedHeight(28)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 6, 0)
        row.setSpacing(9)
        self._mark = Mark()
        self._app = label(role="title", name="appName")
        self._interface = label(role="pill", name="interfacePill")
        self._url = label(role="url", name="addressLabel")
        self._url.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._word = label(role="second", name="phaseLabel")
        self._open_to_all = label("reachable from the network", role="warn", name="networkMark")
        self._open_to_all.setToolTip("The app listens on more than this machine: whoever reaches the port can use it")
        self._buttons = [_button(actions, command, "tool") for command in ("address.copy", "address.open")]
        for widget in (self._mark, self._app, self._interface, self._url, self._word, self._open_to_all):
            row.addWidget(widget, alignment=Qt.AlignmentFlag.AlignVCenter)
        tools = QHBoxLayout()
        tools.setSpacing(0)
        for button in self._buttons:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setFixedSize(22, 22)
            tools.addWidget(button)
        row.addLayout(tools)

    def show_state(self, state: SessionState | None, name: str) -> None:
        phase = state.phase if state else ""
        self._mark.show_state(*PHASES.get(phase, PHASES[""]))
        self._app.setText(name)
        self._interface.setText(words.INTERFACES.get(state.interface, "") if state else "")
        self._interface.setVisible(bool(self._interface.text()))
        url = state.url if state and phase in {"serving", "failed", "crashed"} else ""
        self._url.setText(url)
        self._word.setText(PHASES.get(phase, PHASES[""])[2])
        self._word.setVisible(phase != "serving")
        self._open_to_all.setVisible(bool(url) and urlsplit(url).hostname not in _LOOPBACK)
        for widget in (self._url, *self._buttons):
            widget.setVisible(bool(url))
        self.setAccessibleName(" ".join(filter(None, (self._app.text(), self._word.text(), url))))


def _button(actions: Actions, command: str, role: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(f"{command}.button")
    button.setProperty("role", role)
    button.setDefaultAction(actions[command])
    button.setAccessibleName(actions[command].text())
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setIconSize(QSize(14, 14))
    return button


class _MenuButton(QToolButton):
    """All commands; where the platform has a menu bar of its own, they are there instead."""

    def __init__(self, menu: QMenu) -> None:
        super().__init__()
        self.setObjectName("menuButton")
        self.setProperty("role", "quiet")
        self.setAccessibleName("Menu")
        self.setToolTip("Menu (Alt+M)")
        self.setShortcut("Alt+M")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(menu)
        self._tint()
        theme.observer.changed.connect(self._tint)

    def _tint(self) -> None:
        self.setIcon(icons.icon("menu"))
