"""The welcome page, without an app: the shortest way to the first exchange stands first.

Apps found in the folder, by reading its source; the demo; an app or a recording by name; what was open last. Beside an
app stands the command line that does the same.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inspector.finder import Candidate, Found
from inspector.ui import icons, shown, theme, words
from inspector.ui.actions import Actions
from inspector.ui.panels.parts import Elided
from inspector.ui.toolbar import label

_CHOICES = (
    ("demo.open", "Open the demo", "a small shop with visitors"),
    ("app.open", "Open an app…", "by name or file: shop.main:app"),
    ("recording.open", "Open a recording…", "what was seen before: *.inspector"),
)
_RECENT = 5
_APPS = 6
"""Apps that are listed; the rest are counted."""
_WIDTH, _BUTTON, _HEIGHT, _GAP = 720, 210, 34, 6
_NONE = "No app was found by reading the source of this folder. Any app can be opened by its name."
_LARGE = "The folder is large: not every file was looked at."


class Welcome(QFrame):
    """Ways to begin. `show_found` may come later than everything else: reading takes its time."""

    recent_chosen = Signal(str)
    app_chosen = Signal(str, str)
    """APP, and the interpreter of its environment where the user ticked it, else ""."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        theme.dressed(self)
        self.setObjectName("welcome")
        self.setProperty("surface", "panel")
        self._recent = QVBoxLayout()
        self._found = QVBoxLayout()
        self._apps: list[_App] = []
        self._folder = Elided(role="small")
        self._folder.setObjectName("foundTitle")
        self._folder.hide()
        self._note = label(role="second", name="foundNote")
        self._note.setWordWrap(True)
        self._note.hide()
        self._environment = QCheckBox()
        self._environment.setObjectName("useEnvironment")
        self._environment.setAccessibleName("Use the environment that was found")
        self._environment.hide()
        self._environment.toggled.connect(self._tell_commands)
        self._column = QVBoxLayout()
        title = label("Inspector", role="headline")
        lead = label("Watch what happens between a Python web server and an app, while it happens.", role="second")
        for widget in (title, lead):
            self._column.addWidget(widget)
        self._gaps = [self._gap()]
        self._column.addWidget(self._folder)
        self._column.addLayout(self._found)
        self._column.addWidget(self._environment)
        self._column.addWidget(self._note)
        self._gaps.append(self._gap())
        self._choices = [_Choice(actions, *choice) for choice in _CHOICES]
        for choice in self._choices:
            self._column.addWidget(choice)
        self._gaps.append(self._gap())
        self._column.addLayout(self._recent)
        self._holder = QFrame()
        self._holder.setLayout(self._column)
        page = QFrame()
        page.setProperty("surface", "panel")
        self._page = QVBoxLayout(page)
        self._page.addStretch(2)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self._holder, 100)  # all that it may take
        middle.addStretch(1)
        self._page.addLayout(middle)
        self._page.addStretch(3)
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)
        theme.measured(self._measure)

    def _gap(self) -> QFrame:
        gap = QFrame()
        self._column.addWidget(gap)
        return gap

    def _measure(self) -> None:
        self._holder.setMaximumWidth(theme.px(_WIDTH))
        self._page.setContentsMargins(2 * theme.edge(), theme.edge(), 2 * theme.edge(), theme.edge())
        for gap in self._gaps:
            gap.setFixedHeight(theme.px(10))
        for column in (self._column, self._found):
            column.setSpacing(theme.px(_GAP))
        self._column.setContentsMargins(0, 0, 0, 0)
        self._recent.setSpacing(theme.px(2))

    # The apps of the folder

    def show_search(self, folder: str) -> None:
        """The source of `folder` is being read."""
        self._folder.set_text(f"Looking for apps in {folder}")
        self._folder.show()

    def show_found(self, found: Found, folder: str) -> None:
        """What was found in `folder`, the likeliest first."""
        for old in self._apps:
            old.hide()
            old.deleteLater()
        self._apps = [_App(candidate) for candidate in found.candidates[:_APPS]]
        for app in self._apps:
            app.chosen.connect(self._choose)
            self._found.addWidget(app)
            app.show()
        self._folder.set_text(f"{'Found' if self._apps else 'Nothing found'} in {folder}")
        self._folder.show()
        more = len(found.candidates) - len(self._apps)
        notes = [
            f"{words.counted(more, 'more app')} in this folder: open one by its name." if more > 0 else "",
            "" if self._apps else _NONE,
            "" if found.whole else _LARGE,
        ]
        self._note.setText(" ".join(filter(None, notes)))
        self._note.setVisible(bool(self._note.text()))
        python = next((app.candidate.python for app in self._apps if app.candidate.python), "")
        self._environment.setText(f"Run it with {shown.one_line(python, 80)}, the environment beside the app")
        self._environment.setToolTip("Where the packages of the app are installed there, and not beside Inspector")
        self._environment.setVisible(bool(python))
        self._tell_commands()
        if self._apps and self._untouched():
            self._apps[0].button.setFocus()

    def _untouched(self) -> bool:
        """The user has not gone to anything but what has the focus by itself."""
        focus: QWidget | None = self.window().focusWidget()
        return focus is None or focus is self._choices[0].button or not self.isAncestorOf(focus)

    def _choose(self, candidate: Candidate) -> None:
        self.app_chosen.emit(candidate.app, candidate.python if self._environment.isChecked() else "")

    def _tell_commands(self) -> None:
        for app in self._apps:
            app.tell(self._environment.isChecked())

    def show_recent(self, recent: list[str]) -> None:
        """Apps and recordings, newest first."""
        while item := self._recent.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        if recent:
            self._recent.addWidget(label("Open again", role="small"))
        for name in recent[:_RECENT]:
            button = QPushButton(shown.one_line(name, 90))
            button.setProperty("role", "recent")
            button.setAccessibleName(f"Open {name}")
            button.setAutoDefault(True)  # Enter presses it
            button.clicked.connect(lambda _checked=False, name=name: self.recent_chosen.emit(name))
            self._recent.addWidget(button, alignment=Qt.AlignmentFlag.AlignLeft)


class _Button(QToolButton):
    """A way to begin; Enter takes it, as Space does."""

    def __init__(self) -> None:
        super().__init__()
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setProperty("role", "choice")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.setFixedSize(theme.px(_BUTTON), theme.px(_HEIGHT))
        self.setIconSize(QSize(theme.px(icons.SIZE), theme.px(icons.SIZE)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class _Row(QFrame):
    """A button, and what it does beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.button = _Button()
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignTop)
        theme.measured(self._space)

    def _space(self) -> None:
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(theme.edge())


class _Choice(_Row):
    """A command, with a line of explanation and its shortcut."""

    def __init__(self, actions: Actions, command: str, text: str, hint: str) -> None:
        super().__init__()
        action = actions[command]
        self.button.setObjectName(f"welcome.{command}")
        self.button.setDefaultAction(action)
        self.button.setAccessibleName(f"{text} {hint}")
        self._text = f" {text}"
        action.changed.connect(self._name)
        self._name()
        self._layout.addWidget(Elided(hint, role="second"), 1)
        self._layout.addWidget(label(action.shortcut().toString(), role="fixedSecond"))

    def _name(self) -> None:
        """In our words: a tool button takes the action's short text again whenever the action changes."""
        self.button.setText(self._text)


class _App(_Row):
    """An app that was found: where, why it is taken for one, and the command line that serves it."""

    chosen = Signal(object)

    def __init__(self, candidate: Candidate) -> None:
        super().__init__()
        self.candidate = candidate
        self.button.setObjectName(f"serve.{candidate.app}")
        self.button.clicked.connect(self._choose)
        interface = words.INTERFACES.get(candidate.interface, "")
        where = " · ".join(filter(None, (interface, f"{candidate.why} in {candidate.file}:{candidate.line}")))
        self._where = Elided(role="second")
        self._where.set_text(where)
        self._command = Elided(role="fixedSecond")
        self._lines = QVBoxLayout()
        for line in (self._where, self._command):
            self._lines.addWidget(line)
        self._layout.addLayout(self._lines, 1)
        self.button.setToolTip(f"Serve {shown.one_line(candidate.app)}")
        self.button.setAccessibleName(f"Serve {shown.one_line(candidate.app)}: {where}")
        theme.measured(self._dress)

    def _dress(self) -> None:
        self._lines.setSpacing(theme.px(1))
        self.button.setIcon(icons.icon("start"))
        room = theme.px(_BUTTON) - theme.px(icons.SIZE) - theme.px(40)
        text = shown.one_line(self.candidate.app)
        self.button.setText(f" {self.button.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, room)}")

    def tell(self, environment: bool) -> None:
        """The command line, with the app's own environment or without."""
        self._command.set_text(self.candidate.command(environment))

    def _choose(self) -> None:
        self.chosen.emit(self.candidate)
