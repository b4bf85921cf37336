"""What stands in the table where it has no rows: a line that says what would bring some, and the means to it."""

from __future__ import annotations

import shlex

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from inspector.commands.copying import is_unix
from inspector.ui import theme
from inspector.ui.actions import ActionButton, Actions
from inspector.ui.toolbar import label

_WITHOUT_APP = {
    "starting": ("The app is being loaded", "Clients that come already wait until it is there."),
    "failed": ("The app could not be loaded", "Each client gets a 503 that says why, and appears here."),
    "crashed": ("The engine with the app has ended", "Each client gets a 503 that says why, and appears here."),
    "stopped": ("Nothing is served", "Start serves the app again."),
}


class Lesson(QWidget):
    """What is shown where the table has no rows: a line that says what would bring some, and the means to it."""

    copied = Signal(str)

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("emptyTable")
        self._told: tuple[str, str, bool] | None = None
        self._title = label(role="title")
        self._text = label(role="second")
        self._code = label(role="fixed", name="curlLine")
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._copy = QPushButton("Copy")
        self._copy.setObjectName("copyCurl")
        self._copy.setToolTip("Copy this command")
        self._copy.setProperty("role", "quiet")
        self._copy.clicked.connect(lambda: self.copied.emit(self._code.text()))
        self._clear = ActionButton(actions["filter.clear"])
        self._clear.setObjectName("clearFilterButton")
        self._line = QFrame()
        self._line.setProperty("surface", "pill")
        self._row = QHBoxLayout(self._line)
        self._row.addWidget(self._code)
        self._row.addWidget(self._copy)
        self._column = column = QVBoxLayout(self)
        column.addStretch(2)
        for widget in (self._title, self._text, self._line, self._clear):
            column.addWidget(widget, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self._row.setContentsMargins(theme.edge(), theme.px(3), theme.px(4), theme.px(3))
        self._column.setSpacing(theme.px(8))
        self._column.setContentsMargins(0, 0, 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where there is no room for all of it the second line goes, then the first: nothing is cut."""
        title, text = self._title.sizeHint().height(), self._text.sizeHint().height()
        means = sum(part.sizeHint().height() for part in (self._line, self._clear) if not part.isHidden())
        both = title + text + self._column.spacing() * 3
        self._text.setVisible(self.height() >= both + means)
        self._title.setVisible(self.height() >= title + means)

    def show_state(self, phase: str, url: str, filtered: bool, trusted: bool = True) -> None:
        """`trusted`: clients here believe the server's certificate, or there is none."""
        if (phase, url, filtered) == self._told:
            return
        self._told = (phase, url, filtered)
        curl = _curl(url, trusted) if phase == "serving" and not filtered else ""
        if filtered:
            title, text = "Nothing matches the filter", "Exchanges that match appear here as they come."
        elif curl:
            title, text = "No requests yet", "Each one appears here while it happens. Send the first:"
        elif phase == "":
            title, text = "This recording is empty", "It was ended before a request came."
        else:
            title, text = _WITHOUT_APP.get(phase, _WITHOUT_APP["stopped"])
        self._title.setText(title)
        self._text.setText(text)
        self._code.setText(curl)
        self._line.setVisible(bool(curl))
        self._clear.setVisible(filtered)
        self._fit()


def _curl(url: str, trusted: bool) -> str:
    """The command for a first request."""
    if is_unix(url):
        return f"curl --unix-socket {shlex.quote(url.removeprefix('unix:'))} http://localhost/"
    return f"curl {'' if trusted else '-k '}{url.rstrip('/')}/"
