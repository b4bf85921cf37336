"""What stands where there is nothing yet: the welcome page without an app, the lesson of an empty table."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from inspector.ui import icons, theme
from inspector.ui.actions import Actions
from inspector.ui.toolbar import label

_CHOICES = (
    ("app.open", "Open an app…", "module:attr or a file, as in shop.main:app"),
    ("recording.open", "Open a recording…", "what was seen before, in a file *.inspector"),
    ("demo.open", "Open the demo", "a small shop, with its own traffic"),
)
_RECENT = 5
_WITHOUT_APP = {
    "starting": ("The app is being loaded", "Clients that come already wait until it is there."),
    "failed": ("The app is not there", "Each client gets a 503 that says why, and appears here."),
    "crashed": ("The app is not there", "Each client gets a 503 that says why, and appears here."),
    "stopped": ("Nothing is served", "Start serves the app again."),
}


class Welcome(QFrame):
    """Three ways to begin, and what was open last."""

    recent_chosen = Signal(str)

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("welcome")
        self.setProperty("surface", "panel")
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        column = QVBoxLayout()
        column.setSpacing(6)
        title = label("Inspector", role="headline")
        lead = label("Watch what happens between a Python web server and an app, while it happens.", role="second")
        column.addWidget(title)
        column.addWidget(lead)
        column.addSpacing(18)
        for command, text, hint in _CHOICES:
            column.addWidget(_Choice(actions, command, text, hint))
        column.addSpacing(14)
        column.addLayout(self._recent)
        whole = QGridLayout(self)
        whole.addLayout(column, 1, 1)
        whole.setRowStretch(0, 2)
        whole.setRowStretch(2, 3)
        whole.setColumnStretch(0, 1)
        whole.setColumnStretch(2, 1)

    def show_recent(self, recent: list[str]) -> None:
        """Apps and recordings, newest first."""
        while item := self._recent.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        if recent:
            self._recent.addWidget(label("Recent", role="small"))
        for name in recent[:_RECENT]:
            button = QPushButton(name)
            button.setProperty("role", "recent")
            button.setAccessibleName(f"Open {name}")
            button.clicked.connect(lambda _checked=False, name=name: self.recent_chosen.emit(name))
            self._recent.addWidget(button, alignment=Qt.AlignmentFlag.AlignLeft)


class _Choice(QFrame):
    """A way to begin: a button with a line of explanation and its shortcut beside it."""

    def __init__(self, actions: Actions, command: str, text: str, hint: str) -> None:
        super().__init__()
        action = actions[command]
        button = QToolButton()
        button.setObjectName(f"welcome.{command}")
        button.setDefaultAction(action)
        button.setAccessibleName(f"{text} {hint}")
        button.setText(f" {text}")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setIconSize(QSize(icons.SIZE, icons.SIZE))
        button.setProperty("role", "choice")
        button.setFixedSize(196, 34)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.edge())
        row.addWidget(button)
        row.addWidget(label(hint, role="second"), 1)
        row.addWidget(label(action.shortcut().toString(), role="fixedSecond"))


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
        self._clear = QToolButton()
        self._clear.setObjectName("clearFilterButton")
        self._clear.setDefaultAction(actions["filter.clear"])
        self._line = QFrame()
        self._line.setProperty("surface", "pill")
        line = QHBoxLayout(self._line)
        line.setContentsMargins(12, 3, 4, 3)
        line.addWidget(self._code)
        line.addWidget(self._copy)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(2)
        for widget in (self._title, self._text, self._line, self._clear):
            column.addWidget(widget, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def show_state(self, phase: str, url: str, filtered: bool) -> None:
        if (phase, url, filtered) == self._told:
            return
        self._told = (phase, url, filtered)
        curl = f"curl {url.rstrip('/')}/" if phase == "serving" and not filtered else ""
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
