"""The exceptions that an exchange let out: headline, and the traceback with the app's own frames in full contrast."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from inspector.recording.rows import FailureRow
from inspector.ui import shown, theme
from inspector.ui.find.sought import Sought
from inspector.ui.models.frames import Around, Frame, Run, around, folded, read
from inspector.ui.panels.link_view import LinkView
from inspector.ui.panels.parts import WordButton
from inspector.ui.panels.traceback_page import OPEN, Page, write
from inspector.ui.panels.traceback_search import TracebackSearch

_LOOKED_AT = 60
"""Frames whose file is looked into."""
_Sources = dict[Frame, Around]


class ExceptionView(QWidget):
    """`text` is the traceback; runs of foreign frames open by a click or Enter, places open the editor."""

    place_chosen = Signal(str, int)
    """File and line that the user wants to see."""
    _looked = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("exceptionView")
        self.setAccessibleName("Exception")
        self._failures: list[FailureRow] = []
        self._chain: list[list[list[Frame | Run]]] = []
        """Of each failure, of each step of its chain, what stands there."""
        self._open: set[tuple[int, int, int]] = set()
        """Runs that are opened: failure, step, number within the step."""
        self._opened_to_find: set[tuple[int, int, int]] = set()
        """Those that are open only while something in them is looked for."""
        self._sources: _Sources = {}
        self._places: list[Frame] = []
        self._pool = ThreadPoolExecutor(1, "source")
        self._looked.connect(self._take)
        self.destroyed.connect(partial(_shut, self._pool))

        self._type = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._type.setObjectName("exceptionType")
        self._type.setProperty("role", "error")
        self._message = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self._message.setObjectName("exceptionMessage")
        self._message.setProperty("role", "title")
        for label in (self._type, self._message):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        copy = WordButton("Copy traceback", "Copy the traceback as Python prints it")
        copy.setObjectName("copyTraceback")
        copy.clicked.connect(self.copy)
        self.text = LinkView()
        self.text.setObjectName("tracebackText")
        self.text.setAccessibleName("Traceback")
        self.text.setLineWrapMode(LinkView.LineWrapMode.NoWrap)
        self.text.chosen.connect(self._choose)
        self.text.search = self._search

        self._top = QHBoxLayout()
        self._top.addWidget(self._type, 1)
        self._top.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._top)
        self._column.addWidget(self._message)
        self._column.addWidget(self.text, 1)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self._top.setContentsMargins(theme.edge(), theme.px(8), theme.edge(), 0)
        self._message.setContentsMargins(theme.edge(), 0, theme.edge(), theme.px(6))
        self._column.setSpacing(theme.px(2))
        for label in (self._type, self._message):
            label.setFont(theme.weighted(theme.fixed_font()))
        self.text.setFont(theme.fixed_font())
        self.text.document().setDocumentMargin(theme.edge())
        self._write()

    def show_failures(self, failures: Sequence[FailureRow], wall_offset_ns: int = 0) -> None:
        """The first failure as headline, and all of them as text; nothing is moved where they are those shown.

        `wall_offset_ns`: from their clock to the wall's; 0 where it is not known.
        """
        if list(failures) == self._failures:
            return
        grown = bool(self._failures) and list(failures)[: len(self._failures)] == self._failures
        self._failures = list(failures)
        self._chain = [[folded(read(step.get("frames"))) for step in failure.chain] for failure in self._failures]
        if not grown:
            self._open.clear()
            self._opened_to_find.clear()
        self._open_where_nothing_is_the_apps()
        first = self._failures[0] if self._failures else None
        self._type.setText(shown.one_line(first.type, 400) if first else "")
        self._message.setText(shown.visible(first.message[:1_000]) if first else "")
        self._message.setVisible(bool(first and first.message))
        self._sources = {}
        self._write()
        if not grown:
            self.text.moveCursor(QTextCursor.MoveOperation.Start)
            self.text.verticalScrollBar().setValue(0)
            self.text.horizontalScrollBar().setValue(0)
        self._look(wall_offset_ns)

    def _open_where_nothing_is_the_apps(self) -> None:
        for number, steps in enumerate(self._chain):
            for at, items in enumerate(steps):
                if items and all(isinstance(item, Run) for item in items):
                    self._open.update((number, at, place) for place in range(len(items)))

    def _look(self, wall_offset_ns: int) -> None:
        """Into the files of the app's frames, on a thread of its own."""
        wanted = []
        for failure, steps in zip(self._failures, self._chain, strict=True):
            raised = failure.t_ns + wall_offset_ns if wall_offset_ns else 0
            wanted += [(item, raised) for items in steps for item in items if isinstance(item, Frame) and item.file]
        if wanted:
            self._pool.submit(self._work, self._failures, wanted[:_LOOKED_AT])

    def _work(self, failures: list[FailureRow], wanted: list[tuple[Frame, int]]) -> None:
        if failures is self._failures:
            found = {frame: told for frame, raised in wanted if (told := around(frame, raised)) is not None}
            self._looked.emit(failures, found)

    def _take(self, failures: list[FailureRow], found: _Sources) -> None:
        if failures is self._failures and found:
            self._sources = found
            self._write()

    def copy(self) -> None:
        """The tracebacks as Python prints them."""
        QApplication.clipboard().setText("\n".join(failure.text for failure in self._failures))

    def current_place(self) -> tuple[str, int] | None:
        """The place that the cursor is at, else where the app's own code was last; None where there is none."""
        href = self.text.current_link()
        if href.startswith(OPEN):
            frame = self._places[int(href.removeprefix(OPEN))]
            return frame.file, frame.line
        own = [item for steps in self._chain[:1] for items in steps[:1] for item in items if isinstance(item, Frame)]
        return next(((frame.file, frame.line) for frame in reversed(own) if frame.file), None)

    def _choose(self, href: str) -> None:
        if href.startswith(OPEN):
            frame = self._places[int(href.removeprefix(OPEN))]
            self.place_chosen.emit(frame.file, frame.line)
            return
        number, at, place = map(int, href.split(":"))
        self._open ^= {(number, at, place)}
        self._opened_to_find.discard((number, at, place))
        self._write()
        self.text.go_to(href)

    def _search(self) -> TracebackSearch:
        return TracebackSearch(self.text, self._open_to_find)

    def _open_to_find(self, sought: Sought | None) -> None:
        """Opens the runs that hold a match, and folds those that were opened so before. None: they stay as they are,
        for folding would move what is being read."""
        if sought is None:
            self._opened_to_find = set()
            return
        wanted = {key for key, run in self._runs().items() if sought.pattern.search(run.whole)}
        kept = self._open - self._opened_to_find
        self._opened_to_find = wanted - kept
        if kept | wanted != self._open:
            self._open = kept | wanted
            self._write()

    def _runs(self) -> dict[tuple[int, int, int], Run]:
        """Every run, and where it stands."""
        return {
            (number, at, place): item
            for number, steps in enumerate(self._chain)
            for at, items in enumerate(steps)
            for place, item in enumerate(items)
            if isinstance(item, Run)
        }

    def _write(self) -> None:
        """All of it anew; what is in sight stays there."""
        bars = self.text.verticalScrollBar(), self.text.horizontalScrollBar()
        stood, place = [bar.value() for bar in bars], self.text.textCursor().position()
        page = Page(self.text)
        for number, failure in enumerate(self._failures):
            write(page, number, failure, self._chain[number], self._open, self._sources)
        page.end()
        self._places, self.text.links = page.places, page.links
        cursor = self.text.textCursor()
        cursor.setPosition(min(place, self.text.document().characterCount() - 1))
        self.text.setTextCursor(cursor)
        for bar, value in zip(bars, stood, strict=True):
            bar.setValue(value)


def _shut(pool: ThreadPoolExecutor, *_: object) -> None:
    pool.shutdown(wait=True, cancel_futures=True)
