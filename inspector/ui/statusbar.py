"""The line at the bottom: the engine, what is in flight, how much is recorded and what had to go."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton

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


class StatusBar(QFrame):
    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("statusBar")
        self.setProperty("surface", "status")
        self.setFixedHeight(26)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.edge(), 0, theme.edge(), 0)
        row.setSpacing(18)
        self._mark = Mark(10)
        self._engine = QToolButton()
        self._engine.setObjectName("engineLabel")
        self._engine.setProperty("role", "status")
        self._engine.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self._engine.setToolTip(actions["runs.show"].toolTip())
        self._engine.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._engine.clicked.connect(actions["runs.show"].trigger)
        self._lifespan = label(role="small", name="lifespanLabel")
        self._in_flight = label(role="small", name="inFlightLabel")
        self._in_flight.setToolTip("Requests and WebSockets that the app has at this moment")
        self._recorded = label(role="small", name="recordedLabel")
        self._dropped = label(role="small", name="droppedLabel")
        self._dropped.setToolTip("Exchanges that had to go so that the recording stays within its bounds, oldest first")
        engine = QHBoxLayout()
        engine.setSpacing(6)
        engine.addWidget(self._mark)
        engine.addWidget(self._engine)
        row.addLayout(engine)
        for widget in (self._lifespan, self._in_flight, self._recorded, self._dropped):
            row.addWidget(widget)
        row.addStretch(1)

    def show_state(self, state: SessionState | None) -> None:
        phase = state.phase if state else ""
        self._mark.show_state(*PHASES.get(phase, PHASES[""]))
        if state is None:
            self._engine.setText("recording from a file")
        elif state.pid:
            self._engine.setText(
                " · ".join(filter(None, (f"engine {state.pid}", state.python and f"Python {state.python}")))
            )
        else:
            self._engine.setText(f"engine {phase}")
        self._in_flight.setVisible(state is not None)
        self._in_flight.setText(f"{words.count(state.in_flight if state else 0)} in flight")
        verdict = state.lifespan if state else ""
        self._lifespan.setVisible(bool(verdict))
        self._lifespan.setText(f"lifespan {verdict}")
        self._lifespan.setToolTip(_LIFESPAN.get(verdict, ""))

    def show_totals(self, totals: Totals, live: bool) -> None:
        used = words.megabytes(totals.bytes)
        bound = f" of {words.megabytes(totals.keep_bytes)}" if live and totals.keep_bytes else ""
        self._recorded.setText(f"{used}{bound} MB recorded")
        if live:
            self._recorded.setToolTip(
                f"{words.count(totals.exchanges)} of at most {words.count(totals.keep_exchanges)} exchanges"
            )
        self._dropped.setText(f"oldest dropped: {words.count(totals.dropped)}")
