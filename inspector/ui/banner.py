"""The banner: what went wrong with the app, whose fault it is, and one click to go on."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout

from inspector.session.state import SessionState
from inspector.ui import theme
from inspector.ui.actions import ActionButton, Actions
from inspector.ui.toolbar import Mark

_MOST_LINES, _LEAST_LINES = 14, 1
_NARROW = 700
"""Pixels below which the words need the room of a button."""
_SLOW_MS = 1000
"""A reload that is quicker is not worth a banner that comes and goes; until then the last one stays."""
_LOADING = ("wait", "The app is being loaded", "Clients wait until it is there; none is refused.", "")
_LONG_STALL_NS = 2_000_000_000
_STALLED = "Nothing else is answered meanwhile: something in it blocks, where it should await."
_WORRYING = {
    "failed": ("The app said that its startup failed", "It answered lifespan.startup with lifespan.startup.failed."),
    "raised": (
        "The app raised while it started up",
        "It is served without lifespan. --lifespan on makes this an error.",
    ),
    "hung": ("The app has not answered lifespan.startup yet", "Clients wait until it does."),
}
"""Verdicts on the lifespan that the user should see: title and hint."""


class Banner(QFrame):
    """Hidden while all is well. It does not take the focus, nor anything from the table but its height."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        theme.dressed(self)
        self.setObjectName("banner")
        self.setProperty("surface", "banner")
        self._told: tuple[str, ...] = ()
        self._slow = QTimer(self, singleShot=True, interval=_SLOW_MS)
        self._slow.timeout.connect(lambda: self._tell(_LOADING))
        self._mark = Mark(16)
        self._title = _Wrapped("title", "bannerTitle")
        self._hint = _Wrapped("second", "bannerHint")
        self._show = QPushButton("Show traceback")
        self._show.setObjectName("showTraceback")
        self._show.setCheckable(True)
        self._show.toggled.connect(self._expand)
        self._restart = ActionButton(actions["session.restart"], "primary")
        self._restart.setObjectName("bannerRestart")
        self._runs = QPushButton("Show the run")
        self._runs.setObjectName("showRun")
        self._runs.setToolTip(actions["runs.show"].toolTip())
        self._runs.clicked.connect(self._show_run)
        self._action = actions["runs.show"]
        self._close = QPushButton("Dismiss")
        self._close.setObjectName("dismissBanner")
        self._close.setProperty("role", "quiet")
        self._close.setToolTip("Hide this until something else happens")
        self._close.clicked.connect(self.hide)
        self._text = _Traceback()
        self._text.setObjectName("bannerText")
        self._text.setAccessibleName("Traceback")
        self._text.hide()
        self._said = said = QVBoxLayout()
        said.addWidget(self._title)
        said.addWidget(self._hint)
        self._row = row = QHBoxLayout()
        row.addWidget(self._mark, alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(said, 1)
        for button in (self._close, self._show, self._runs, self._restart):
            row.addWidget(button, alignment=Qt.AlignmentFlag.AlignVCenter)
        self._whole = whole = QVBoxLayout(self)
        whole.addLayout(row)
        whole.addWidget(self._text)
        theme.measured(self._measure)
        self.hide()

    def _measure(self) -> None:
        self._said.setSpacing(theme.px(2))
        self._row.setSpacing(theme.px(8))
        self._whole.setContentsMargins(theme.edge(), theme.px(8), theme.edge(), theme.px(8))
        self._whole.setSpacing(theme.px(8))
        self._text.setFont(theme.fixed_font())
        self._text.fit()
        self._spare()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._spare()

    def _spare(self) -> None:
        """Where there is little room the words have it: the run is in the menu, too."""
        self._runs.setVisible(bool(self._told) and self._told[0] == "grave" and self.width() >= theme.px(_NARROW))

    def show_state(self, state: SessionState | None) -> None:
        """Tells what `state` has to tell, once: a banner that was dismissed comes back with other news only."""
        news = _news(state) if state else ()
        if state is None or state.phase != "starting" or news:
            self._slow.stop()
            self._tell(news)
        elif self._told != _LOADING and not self._slow.isActive():
            self._slow.start()

    def _tell(self, told: tuple[str, ...]) -> None:
        if told == self._told:
            return
        self._told = told
        self.setVisible(bool(told))
        if not told:
            return
        severity, title, hint, text = told
        self._mark.show_state(*_MARKS[severity])
        self._title.setText(title)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._text.setPlainText(text.rstrip())
        self._show.setVisible(bool(text))
        self._show.setChecked(False)
        self._show.setText("Show traceback" if "Traceback" in text else "Show details")
        self._restart.setVisible(severity != "wait")
        for button, loud in ((self._restart, severity == "grave"), (self._show, severity == "mild")):
            button.setProperty("role", "primary" if loud else "")  # a restart ends what still runs
            button.style().polish(button)
        self._spare()
        self._close.setVisible(severity == "mild")
        self.setAccessibleName(f"{title}. {hint}")

    def _show_run(self) -> None:
        if not self._action.isChecked():
            self._action.trigger()

    def _expand(self, shown: bool) -> None:
        self._text.setVisible(shown)
        what = "traceback" if "Traceback" in self._text.toPlainText() else "details"
        self._show.setText(f"{'Hide' if shown else 'Show'} {what}")
        if shown:
            self._text.fit()
            self._text.to_end()


class _Wrapped(QLabel):
    """Plain text over as many lines as it takes; no window is so low that one of them is cut."""

    def __init__(self, role: str, name: str) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setObjectName(name)
        self.setWordWrap(True)
        self._least = 0
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._fit)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._later.start()

    def _fit(self) -> None:
        """Not at once: a width that is on its way to another one would make the whole window higher."""
        least = max(self.heightForWidth(self.width()), 0)
        if least != self._least:
            self._least = least
            self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        return False  # a layout that asks for it forgets what the others need at the least

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width(), self._least or hint.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self._least)


class _Traceback(QPlainTextEdit):
    """As high as its lines where the window is high enough; it gives way before anything else does.

    The last lines say what was raised: they stay in view, whatever its height, until somebody scrolls.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._at_end = True
        self.verticalScrollBar().actionTriggered.connect(self._scrolled)

    def to_end(self) -> None:
        self._at_end = True
        self._follow()

    def _follow(self) -> None:
        if self._at_end:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _scrolled(self) -> None:
        bar = self.verticalScrollBar()
        self._at_end = bar.sliderPosition() >= bar.maximum()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._follow()

    def fit(self) -> None:
        self.setMaximumHeight(self._height(_MOST_LINES))
        self.updateGeometry()

    def _height(self, most: int) -> int:
        lines = min(self.blockCount(), most)
        return lines * QFontMetrics(theme.fixed_font()).lineSpacing() + theme.px(20)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._height(_MOST_LINES))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(60), self._height(_LEAST_LINES))


_MARKS = {
    "grave": ("warning", "status_5xx", "error"),
    "mild": ("warning", "status_4xx", "warning"),
    "wait": ("wait", "second", "waiting"),
}


def _news(state: SessionState) -> tuple[str, ...]:
    """How grave, title, hint, text; empty where there is nothing to say."""
    if state.phase in {"failed", "crashed"}:
        return "grave", state.title or f"The app has {state.phase}", state.hint, state.text
    if state.stalled_ns >= _LONG_STALL_NS:
        seconds = state.stalled_ns // 1_000_000_000
        return "mild", f"The app has kept the event loop from turning for {seconds} s", _STALLED, state.stalled_where
    if state.lifespan in _WORRYING:
        return "mild", *_WORRYING[state.lifespan], state.lifespan_text
    if state.problem:
        return "mild", state.problem, "The app is served all the same.", state.problem_text
    if state.title:
        return "mild", state.title, state.hint, state.text
    return ()
