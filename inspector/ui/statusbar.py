"""The line at the bottom: the engine, what is in flight, how much is recorded and what had to go."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QKeySequence, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolButton

from inspector.recording.rows import Totals
from inspector.session.state import SessionState
from inspector.ui import theme, words
from inspector.ui.actions import Actions
from inspector.ui.toolbar import PHASES, Mark, label

_LIFESPAN = {
    "supported": "The app handled its lifespan events",
    "unsupported": "The app has no lifespan: it left the call without an answer, as the spec allows",
    "failed": "The app said that its startup failed",
    "raised": "The app raised while it started up",
    "hung": "The app has not answered the startup event",
}


_HEIGHT = 26
_OVER = frozenset(("stopped", "failed", "crashed"))
"""Phases in which no app runs that could have said something of its lifespan."""


class StatusBar(QFrame):
    """Where it has not the room for everything it leaves out what is least needed."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._refit = QTimer(self, singleShot=True, interval=0)
        self._refit.timeout.connect(self._fit)
        theme.dressed(self)
        self.setObjectName("statusBar")
        self.setProperty("surface", "status")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._row = row = QHBoxLayout(self)
        self._verdict = False
        self._mark = Mark(10)
        self._engine = QPushButton()
        self._engine.setObjectName("engineLabel")
        self._engine.setProperty("role", "status")
        self._engine.setToolTip(actions["runs.show"].toolTip())
        self._engine.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._engine.clicked.connect(actions["runs.show"].trigger)
        self._lifespan = label(role="small", name="lifespanLabel")
        self._in_flight = label(role="small", name="inFlightLabel")
        self._in_flight.setToolTip("Requests and WebSockets that the app has at this moment")
        self._held = QToolButton()
        self._held.setObjectName("heldLabel")
        self._held.setProperty("role", "heldCount")
        self._held.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self._held.setToolTip(actions["holds.show"].toolTip())
        self._held.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._held.clicked.connect(actions["holds.show"].trigger)
        self._held.setAccessibleName("Holds")
        self._held.hide()
        self._recorded = label(role="small", name="recordedLabel")
        self._dropped = label(role="small", name="droppedLabel")
        self._dropped.setToolTip("Exchanges that had to go so that the recording stays within its bounds, oldest first")
        self._pair = engine = QHBoxLayout()
        engine.addWidget(self._mark)
        engine.addWidget(self._engine)
        row.addLayout(engine)
        for widget in (self._lifespan, self._in_flight, self._held, self._recorded, self._dropped):
            row.addWidget(widget)
        row.addStretch(1)
        self._commands = QToolButton()
        self._commands.setObjectName("commandsButton")
        self._commands.setProperty("role", "hint")
        self._commands.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._palette = actions["palette.open"]
        self._commands.clicked.connect(self._palette.trigger)
        self._palette.changed.connect(self._name_commands)
        self._name_commands()
        row.addWidget(self._commands)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.setFixedHeight(theme.px(_HEIGHT))
        self._row.setContentsMargins(theme.edge(), 0, theme.px(6), 0)
        self._row.setSpacing(theme.px(18))
        self._pair.setSpacing(theme.px(2))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:  # other letters than those that were measured
            self._refit.start()

    def _name_commands(self) -> None:
        key = self._palette.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self._commands.setText(f"{key} commands".strip())
        self._commands.setAccessibleName("Commands")
        self._commands.setToolTip(self._palette.toolTip())

    def _fit(self) -> None:
        for said in (4, 3, 2, 1):
            self._lifespan.setVisible(said >= 4 and self._verdict)
            self._dropped.setVisible(said >= 3)
            self._engine.setVisible(said >= 2)
            if self._row.sizeHint().width() <= self.width():
                break

    def show_state(self, state: SessionState | None) -> None:
        phase = state.phase if state else ""
        self._mark.show_state(*PHASES.get(phase, PHASES[""]))
        if state is None:
            self._engine.setText("recording from a file")
        elif state.pid:
            self._engine.setText(
                " · ".join(
                    filter(
                        None,
                        (
                            f"engine {state.pid}",
                            state.python and f"Python {state.python}",
                            "TLS" if state.certificate else "",
                        ),
                    )
                )
            )
        else:
            self._engine.setText(f"engine {phase}")
        self._in_flight.setVisible(state is not None)
        self._in_flight.setText(f"{words.count(state.in_flight if state else 0)} in flight")
        verdict = state.lifespan if state and phase not in _OVER else ""
        self._verdict = bool(verdict)
        self._lifespan.setText(f"lifespan {verdict}")
        self._lifespan.setToolTip(_LIFESPAN.get(verdict, ""))
        self._fit()

    def show_held(self, count: int) -> None:
        """How many exchanges are held."""
        self._held.setText(f"{words.count(count)} held")
        self._held.setAccessibleName(f"{words.count(count)} held: show them")
        self._held.setVisible(bool(count))
        self._fit()

    def show_totals(self, totals: Totals, live: bool) -> None:
        used = words.megabytes(totals.bytes)
        bound = f" of {words.megabytes(totals.keep_bytes)}" if live and totals.keep_bytes else ""
        self._recorded.setText(f"{used}{bound} MB recorded")
        if live:
            self._recorded.setToolTip(
                f"{words.count(totals.exchanges)} of at most {words.count(totals.keep_exchanges)} exchanges"
            )
        self._dropped.setText(f"oldest dropped: {words.count(totals.dropped)}" if totals.dropped else "none dropped")
        self._fit()
