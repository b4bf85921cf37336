"""The toolbar: what the app is doing, and the verbs for it."""

from __future__ import annotations

from urllib.parse import urlsplit

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeySequence, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton

from inspector.commands.copying import is_unix
from inspector.session.state import SessionState
from inspector.ui import icons, theme, words
from inspector.ui.actions import Actions
from inspector.ui.panels.parts import Elided
from inspector.ui.step_buttons import StepButtons
from inspector.ui.toolbar_parts import Stroke, command_button

_HEIGHT = 44
_PILL, _TOOL = 28, 22
_LONGEST_APP = 130
"""Pixels up to which the app's name gives nothing to the address."""
_ANY_WIDTH = (1 << 24) - 1
"""QWIDGETSIZE_MAX: no limit."""
MENU_KEY = "Alt+M"
_FLOATING = frozenset(("complaint",))
"""Roles of labels that lie over the window, in no part of it that is dressed."""
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
    if role in _FLOATING:
        theme.dressed(made)
    return made


class Mark(QLabel):
    """A small icon that says a state, in its colour; its tooltip says the same in a word."""

    def __init__(self, size: int = 12) -> None:
        super().__init__()
        self._drawn = size
        self._icon, self._color = "", ""
        theme.measured(self._draw)

    def show_state(self, icon: str, color: str, word: str) -> None:
        self._icon, self._color = icon, color
        self.setToolTip(word)
        self.setAccessibleName(word)
        self._draw()

    def _draw(self) -> None:
        size = theme.px(self._drawn)
        self.setFixedWidth(size)
        if self._icon:
            color = getattr(theme.current(), self._color)
            self.setPixmap(icons.icon(self._icon, color, size).pixmap(QSize(size, size), self.devicePixelRatio()))


class Toolbar(QFrame):
    """Where it has not the room for everything it gives up words, the least needed first, and keeps every button."""

    def __init__(self, actions: Actions, menu: QMenu | None) -> None:
        super().__init__()
        self.setObjectName("toolbar")
        theme.dressed(self)
        self.setProperty("surface", "bar")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # the window may be narrower
        self._phase = ""
        self._fitted = 0
        self._row = row = QHBoxLayout(self)
        self._start = command_button(actions, "session.start", "")
        self._stop = command_button(actions, "session.stop", "")
        self._restart = command_button(actions, "session.restart", "quiet")
        self._stroke = Stroke()
        self._pill = _AddressPill(actions)
        for button in (self._start, self._stop, self._restart):
            row.addWidget(button)
        row.addWidget(self._stroke)
        row.addWidget(self._pill)
        self.steps = StepButtons(actions)
        row.addWidget(self.steps)
        row.addStretch(1)
        self._mark = Mark(11)
        self._recording = label("recording", name="recordingIndicator")
        self._loop = label(role="fixedSecond", name="loopLag")
        self._loop.setToolTip("The longest turn of the app's event loop within the last second")
        for widget in (self._mark, self._recording):
            row.addWidget(widget)
        row.addWidget(self._loop)
        if menu is not None:
            row.addWidget(_MenuButton(menu))
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.setFixedHeight(theme.px(_HEIGHT))
        self._row.setContentsMargins(theme.px(10), 0, theme.edge(), 0)
        self._row.setSpacing(theme.px(6))
        self._loop.setContentsMargins(theme.px(8), 0, 0, 0)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """A part in a part may want more room than it did when it was asked."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self._row.sizeHint().width() != self._fitted:
            self._fit()
        return done

    def _fit(self) -> None:
        """Says as much as there is room for."""
        self._pill.unfit()
        for said in range(8, -1, -1):
            self.steps.say(max(said - 4, 0 if said else -1))
            self._loop.setVisible(said >= 4 and self._phase == "serving")
            self._recording.setVisible(said >= 3 and bool(self._phase))
            self._pill.show_interface(said >= 2)
            style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if said >= 3 else Qt.ToolButtonStyle.ToolButtonIconOnly
            for button in (self._start, self._stop, self._restart):
                button.setToolButtonStyle(style)
            self._row.invalidate()  # else it remembers what the parts in the parts wanted before
            self._fitted = self._row.sizeHint().width()
            if self._fitted <= self.width():
                break
        self._pill.fit(self.width() - self._fitted)
        self._row.invalidate()
        self._row.activate()
        self._fitted = self._row.sizeHint().width()

    def show_state(self, state: SessionState | None, name: str) -> None:
        phase = self._phase = state.phase if state else ""
        for button, shown in (
            (self._start, phase == "stopped"),
            (self._stop, phase not in {"", "stopped"}),
            (self._restart, phase not in {"", "stopped"}),
            (self._stroke, bool(phase)),
        ):
            button.setVisible(shown)
        self._stop.set_quiet(phase in {"failed", "crashed"})  # nothing runs that could be stopped
        self._pill.show_state(state, name)
        self.steps.setVisible(phase in {"starting", "serving"})
        live = phase not in {"", "stopped"}
        self._mark.show_state("dot" if live else "ring", "status_5xx" if live else "second", "")
        self._recording.setText("recording" if live else "not recording")
        self._mark.setToolTip(self._recording.text())
        self._mark.setAccessibleName(self._recording.text())
        self._mark.setVisible(state is not None)
        self._loop.setText(f"loop {words.duration(state.loop_lag_ns)}" if state else "")
        self._fit()


class _AddressPill(QFrame):
    """State, app, interface and URL in one piece, with the two things one does with a URL."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("addressPill")
        self.setProperty("surface", "pill")
        self._row = row = QHBoxLayout(self)
        self._mark = Mark()
        self._app = Elided(role="title")
        self._app.setObjectName("appName")
        self._interface = label(role="pill", name="interfacePill")
        self._address = ""
        self._url = Elided(role="url")
        self._url.setObjectName("addressLabel")
        self._url.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._word = label(role="second", name="phaseLabel")
        self._open_to_all = label("reachable from the network", role="warn", name="networkMark")
        self._open_to_all.setToolTip("The app listens on more than this machine: whoever reaches the port can use it")
        self._buttons = [command_button(actions, command, "tool") for command in ("address.copy", "address.open")]
        for widget in (self._mark, self._app, self._interface, self._url, self._word, self._open_to_all):
            row.addWidget(widget, alignment=Qt.AlignmentFlag.AlignVCenter)
        tools = QHBoxLayout()
        tools.setSpacing(0)
        for button in self._buttons:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            tools.addWidget(button)
        row.addLayout(tools)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.setFixedHeight(theme.px(_PILL))
        self._row.setContentsMargins(theme.px(10), 0, theme.px(6 if self._address else 10), 0)
        self._row.setSpacing(theme.px(9))
        for button in self._buttons:
            button.setFixedSize(theme.px(_TOOL), theme.px(_TOOL))

    def unfit(self) -> None:
        """As wide as it would be."""
        self._url.set_text(self._address)
        self._url.setVisible(bool(self._address))
        self.setMinimumWidth(0)
        self.setMaximumWidth(_ANY_WIDTH)

    def fit(self, spare: int) -> None:
        """As wide as it would be, less what lacks where `spare` pixels are below zero: the address is told in short,
        then left out, then the app's name gives way."""
        self._app.setMinimumWidth(min(self._app.sizeHint().width(), theme.px(_LONGEST_APP)))
        if spare >= 0:
            return
        if self._address:
            wanted = self._url.sizeHint().width()
            _, _, place = self._address.partition("://")
            for short in (place, place[place.rfind(":") :]):
                self._url.set_text(short)
                if self._url.sizeHint().width() <= wanted + spare:
                    spare += wanted - self._url.sizeHint().width()
                    break
            else:
                self._url.hide()
                spare += wanted + self._row.spacing()
        self._row.invalidate()
        if spare < 0:
            self._app.setMinimumWidth(max(self._app.minimumWidth() + spare, 0))
            self._row.invalidate()
            self.setFixedWidth(max(self.sizeHint().width() + spare, self.minimumSizeHint().width()))

    def show_interface(self, shown: bool) -> None:
        """Whether there is room for it."""
        self._interface.setVisible(shown and bool(self._interface.text()))
        self._row.invalidate()
        self.updateGeometry()

    def show_state(self, state: SessionState | None, name: str) -> None:
        phase = state.phase if state else ""
        self._mark.show_state(*PHASES.get(phase, PHASES[""]))
        self._app.set_text(name)
        self._interface.setText(words.INTERFACES.get(state.interface, "") if state else "")
        self._interface.setVisible(bool(self._interface.text()))
        url = state.url if state and phase in {"starting", "serving", "failed", "crashed"} else ""
        self._address = url
        self._url.set_text(url)
        self._word.setText(PHASES.get(phase, PHASES[""])[2])
        self._word.setVisible(phase != "serving")
        self._open_to_all.setVisible(bool(url) and urlsplit(url).hostname not in _LOOPBACK and not is_unix(url))
        for widget in (self._url, *self._buttons):
            widget.setVisible(bool(url))
        self._measure()
        self.setToolTip(url)
        self.setAccessibleName(" ".join(filter(None, (self._app.whole(), self._word.text(), url))))


class _MenuButton(QToolButton):
    """All commands; where the platform has a menu bar of its own, they are there instead."""

    def __init__(self, menu: QMenu) -> None:
        super().__init__()
        self.setObjectName("menuButton")
        self.setProperty("role", "quiet")
        self.setAccessibleName("Menu")
        self.setToolTip(f"Menu ({QKeySequence(MENU_KEY).toString(QKeySequence.SequenceFormat.NativeText)})")
        self.setShortcut(MENU_KEY)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(menu)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.setIcon(icons.icon("menu"))
        self.setIconSize(QSize(theme.px(icons.SIZE), theme.px(icons.SIZE)))
