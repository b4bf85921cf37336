"""One run told: how it stands, what is wrong and what to do, what happened step by step, and what it wrote."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QTextBlockFormat, QTextOption
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from inspector.recording.reader import Reader
from inspector.recording.rows import MessageRow, RunRow
from inspector.ui import shown, theme, words
from inspector.ui.actions import ActionButton, Actions
from inspector.ui.models import run_words
from inspector.ui.models.log_list import ENTRIES
from inspector.ui.panels.log import LogPanel
from inspector.ui.panels.parts import Strip, empty, set_empty_text, strip_height
from inspector.ui.panels.text_view import TextView, block_format, char_format
from inspector.ui.toolbar import Mark, label

LIFE, OUTPUT = range(2)
_TEXT = 64_000
"""Characters of a traceback that are shown."""
_MESSAGES = 40
"""Messages of the lifespan that are told."""
_FACTS, _WHAT, _WORDS, _SOURCE = 96, 96, 286, 96
"""Where the columns begin, in pixels."""
_NARROW = 560
"""Pixels of the story below which the third column follows the second on its line."""
_SANS = {("fact", 0), ("step", 1), ("step", 2), ("message", 2)}
"""Kinds of lines and their columns that are words of ours; the rest came from outside."""
Line = tuple[str, str, tuple[str, ...]]
"""What kind of line, a colour of the palette, and its columns."""


class RunStory(QWidget):
    """Follows one run of `reader`; `lifespan_wanted` carries the id of its lifespan exchange."""

    lifespan_wanted = Signal(int)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.dressed(self)
        self._run: RunRow | None = None
        self._lifespan: int | None = None
        self._lines: list[Line] = []
        self._mark = Mark(16)
        self._title = label(role="title", name="runTitle")
        self._hint = label(role="second", name="runHint")
        for each in (self._title, self._hint):
            each.setWordWrap(True)
            each.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._restart = ActionButton(actions["session.restart"])
        self._restart.setObjectName("runRestart")
        self._messages = QPushButton("Lifespan messages")
        self._messages.setObjectName("lifespanMessages")
        self._messages.setToolTip("Select the lifespan in the table: its scope, its messages, its log")
        self._messages.clicked.connect(self._want_lifespan)
        self.text = TextView()
        self.text.setObjectName("runText")
        self.text.setAccessibleName("Story of the selected run")
        self.output = LogPanel()
        self.output.view.setObjectName("runLog")
        self.output.view.setAccessibleName("Output of the selected run that belongs to no exchange")
        self._nothing = empty("")
        self.tabs = QTabBar()
        self.tabs.setObjectName("runTabs")
        self.tabs.setAccessibleName("Details of the selected run")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        for title in ("Story", "Output"):
            self.tabs.addTab(title)
        self._pages = QStackedWidget()
        for page in (self._life(), self.output, self._nothing):
            self._pages.addWidget(page)
        strip = Strip(flush=True)
        strip.layout_.addWidget(self.tabs, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(strip)
        layout.addWidget(self._pages, 1)
        self.tabs.currentChanged.connect(self._turn)
        theme.measured(self._measure)
        theme.observer.changed.connect(self._write)
        self._narrow = False
        self.text.viewport().installEventFilter(self)
        self._turn()

    def _life(self) -> QWidget:
        page = QWidget()
        page.setProperty("surface", "panel")
        self._head = QHBoxLayout()
        self._said = QVBoxLayout()
        self._said.addWidget(self._title)
        self._said.addWidget(self._hint)
        self._head.addWidget(self._mark, alignment=Qt.AlignmentFlag.AlignTop)
        self._said.addStretch(1)
        self._head.addLayout(self._said, 1)
        for button in (self._messages, self._restart):
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            self._head.addWidget(button, alignment=Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._head)
        layout.addWidget(self.text, 1)
        return page

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """Three columns, or two where there is no room for three."""
        narrow = self.text.viewport().width() < theme.px(_NARROW)
        if narrow != self._narrow:
            self._narrow = narrow
            self._write()

    def _measure(self) -> None:
        self.tabs.setFixedHeight(strip_height() - 1)
        edge = theme.edge()
        self._head.setContentsMargins(edge, theme.px(10), edge, 0)
        self._head.setSpacing(theme.px(8))
        self._said.setSpacing(theme.px(2))

    def show_run(
        self, reader: Reader | None, run: RunRow | None, stands: run_words.Standing | None, live: bool
    ) -> None:
        """`run` as it is now; another one than before from its beginning. `live`: it can be restarted. Raises
        `InspectorError`."""
        other = run is None or self._run is None or run.id != self._run.id
        self._run = run
        if reader is None or run is None or stands is None:
            self._lines = []
            self._lifespan = None
            self.output.show_rows([], 0)
            self._turn()
            return
        if other or self._lifespan is None:
            self._lifespan = reader.lifespan(run.id)
        self._mark.show_state(stands.icon, stands.color, stands.word)
        self._title.setText(shown.visible(stands.title[:600]))
        self._hint.setText(shown.visible(stands.hint[:1_000]))
        self._hint.setVisible(bool(stands.hint))
        self._restart.setVisible(live)
        self._messages.setVisible(self._lifespan is not None)
        messages = reader.messages(self._lifespan, 0, _MESSAGES) if self._lifespan is not None else []
        lines = _lines(run, stands, messages)
        if lines != self._lines:
            self._lines = lines
            self._write(keep=not other)
        self._show_output(reader, run, other)
        self._turn()

    def _show_output(self, reader: Reader, run: RunRow, other: bool) -> None:
        after = 0 if other else self.output.last_id
        rows = reader.run_log(run.id, after, ENTRIES)
        if after:
            self.output.append(rows)
        else:
            self.output.show_rows(rows, run.t0_ns)
        count = len(self.output.list.all)
        self.tabs.setTabText(OUTPUT, f"Output {count:,}" + "+" * (count >= ENTRIES) if count else "Output")

    def _turn(self) -> None:
        """Show the tab that is chosen, or why it has nothing to show."""
        if self._run is None:
            set_empty_text(self._nothing, "A run is one life of the engine that serves the app: select one")
        elif self.tabs.currentIndex() == OUTPUT and not self.output.list.all:
            set_empty_text(
                self._nothing,
                "What the app prints or logs outside of any exchange appears here: at import, in background threads",
            )
        else:
            self._pages.setCurrentIndex(self.tabs.currentIndex())
            return
        self._pages.setCurrentWidget(self._nothing)

    def _want_lifespan(self) -> None:
        if self._lifespan is not None:
            self.lifespan_wanted.emit(self._lifespan)

    def _write(self, keep: bool = True) -> None:
        """The story, anew; `keep`: the reader stays where he is."""
        bar, cursor = self.text.verticalScrollBar(), self.text.textCursor()
        place, ends = bar.value(), (cursor.anchor(), cursor.position())
        at = self.text.begin()
        palette = theme.current()
        for number, (kind, color, columns) in enumerate(self._lines):
            form = _block(kind, number == 0, self._narrow)
            if number:
                at.insertBlock(form)
            else:
                at.setBlockFormat(form)
            if kind == "heading":
                at.insertText(columns[0], char_format(palette.text, bold=True, sans=True))
                continue
            loud: QColor = getattr(palette, color)
            for column, text in enumerate(columns):
                if column:
                    apart = "  " if self._narrow and column == 2 else "\t"
                    at.insertText(apart if text else "", char_format(palette.second))
                quiet = column == 0 and kind != "text"
                sans = (kind, column) in _SANS
                at.insertText(text, char_format(palette.second if quiet else loud, sans=sans))
        if keep:
            last = self.text.document().characterCount() - 1
            cursor = self.text.textCursor()
            cursor.setPosition(min(ends[0], last))
            cursor.setPosition(min(ends[1], last), cursor.MoveMode.KeepAnchor)
            self.text.setTextCursor(cursor)
        else:
            self.text.moveCursor(cursor.MoveOperation.Start)
        bar.setValue(place if keep else 0)


def _block(kind: str, first: bool, narrow: bool) -> QTextBlockFormat:
    above = 0 if first else {"heading": theme.px(14)}.get(kind, theme.px(1))
    form = block_format(above=above)
    steps = (_WHAT,) if narrow else (_WHAT, _WORDS)
    stops = {"fact": (_FACTS,), "step": steps, "message": steps, "word": (_SOURCE,)}.get(kind, ())
    form.setTabPositions([QTextOption.Tab(theme.px(stop), QTextOption.TabType.LeftTab) for stop in stops])
    if stops:  # what is broken goes on below its own column
        form.setLeftMargin(theme.px(stops[-1]))
        form.setTextIndent(-theme.px(stops[-1]))
    return form


def _lines(run: RunRow, stands: run_words.Standing, messages: list[MessageRow]) -> list[Line]:
    """What went wrong first, then who and what, then everything that happened."""
    found: list[Line] = []
    for heading, kind, lines in (
        ("Traceback" if "Traceback" in stands.text else "Details", "text", _long(stands.text)),
        ("Last words", "word", run_words.last_words(run)),
        ("In flight when it ended", "text", run_words.lost(run)),
    ):
        if lines:
            found.append(("heading", "text", (heading,)))
            found += [(kind, "text", tuple(map(_one, line.split("\t", 1)))) for line in lines]
    found.append(("heading", "text", ("Run",)))
    found += [("fact", "text", (name, _one(value))) for name, value in run_words.facts(run)]
    found.append(("heading", "text", ("What happened",)))
    for step in run_words.steps(run, messages):
        time = words.clock(run.started_ns + step.t_ns - run.t0_ns) if run.started_ns else ""
        found.append(("message" if step.fixed else "step", step.color, (time, _one(step.what), _one(step.words))))
    return found


def _one(text: str) -> str:
    return shown.visible(text[:2_000]).replace("\n", " ").expandtabs(4)


def _long(text: str) -> list[str]:
    cut = text[-_TEXT:]
    lines = cut.rstrip("\n").split("\n") if text else []
    return [line.expandtabs(4) for line in lines[-1_000:]]
