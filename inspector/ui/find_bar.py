"""Find: a bar at the foot of the panel that is searched, and what drives the search.

`Finder.open` looks where the focus is, or was last, takes the view there, and scans it for what is typed in slices of
a few milliseconds. What comes while it is open is searched too; it moves nothing then.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLineEdit, QToolButton, QWidget
from shiboken6 import isValid

from inspector.ui import find, icons, theme, words
from inspector.ui.find import Hit, Searchable, Sought
from inspector.ui.find.sought import HINT
from inspector.ui.panels.parts import WordButton
from inspector.ui.toolbar import label

HITS = 10_000
"""Matches that are counted and gone through."""
SLICE_S = 0.006
_LATER_MS = 120
"""What has changed is searched again after this time at the earliest."""
_LONGEST = 1_000


class FindBar(QFrame):
    """What to find, how many there are, and the ways through them."""

    typed = Signal()
    moved = Signal(int)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        theme.dressed(self)
        self.setObjectName("findBar")
        self.setProperty("surface", "foot")
        self.edit = QLineEdit()
        self.edit.setObjectName("findEdit")
        self.edit.setAccessibleName("Find")
        self.edit.setPlaceholderText(HINT)
        self.edit.setMaxLength(_LONGEST)
        self.case = WordButton("Aa", "Upper and lower case are different", checkable=True)
        self.case.setObjectName("findCase")
        self.case.setAccessibleName("Match case")
        self.count = label(role="second", name="findCount")
        self._buttons = [
            self._button("chevron-up", "findPrevious", "Previous match (Shift+Enter)", -1),
            self._button("chevron-down", "findNext", "Next match (Enter)", 1),
            self._button("close", "findClose", "Close (Esc)", 0),
        ]
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.edit, 1)
        for widget in (self.case, self.count, *self._buttons):
            self._row.addWidget(widget)
        self.edit.textChanged.connect(self.typed)
        self.case.toggled.connect(self.typed)
        self.hide()
        theme.measured(self._measure)

    def _button(self, icon: str, name: str, tooltip: str, step: int) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setProperty("role", "tool")
        button.setProperty("drawing", icon)
        button.setAccessibleName(tooltip.partition(" (")[0])
        button.setToolTip(tooltip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.moved.emit(step) if step else self.closed.emit())
        return button

    def _measure(self) -> None:
        self.setFixedHeight(theme.px(36))
        self._row.setContentsMargins(theme.edge(), 0, theme.px(6), 0)
        self._row.setSpacing(theme.px(8))
        self.edit.setMinimumWidth(theme.px(60))
        for button in self._buttons:
            button.setIcon(icons.icon(button.property("drawing")))
            button.setIconSize(QSize(theme.px(12), theme.px(12)))
            button.setFixedSize(theme.px(22), theme.px(22))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.moved.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            super().keyPressEvent(event)


class Finder(QObject):
    """Searches one view at a time, in one of `panels`; each is laid out as a column, at whose foot the bar stands."""

    def __init__(self, panels: Sequence[QWidget], parent: QWidget) -> None:
        super().__init__(parent)
        self._panels = list(panels)
        self._last: QWidget | None = None
        """What had the focus last, of all that can be searched."""
        self.target: Searchable | None = None
        self.hits: list[Hit] = []
        self.current: Hit | None = None
        self._anchor: Hit = ()
        self._scan: Iterator[list[Hit]] | None = None
        self._resume = False
        self._jump = False
        """The first match that comes is gone to."""
        self.bar = FindBar(parent)
        self.bar.typed.connect(self._typed)
        self.bar.moved.connect(self.again)
        self.bar.closed.connect(self.close)
        self._slices = QTimer(self, interval=2)
        self._slices.timeout.connect(self._slice)
        self._later = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._later.timeout.connect(self._search_again)
        self._moved_on = QTimer(self, singleShot=True, interval=0)
        self._moved_on.timeout.connect(self._retarget)
        self._measured = QTimer(self, singleShot=True, interval=0)
        self._measured.timeout.connect(self._keep)
        theme.observer.changed.connect(self._measured.start)
        QApplication.instance().focusChanged.connect(self._focused)  # type: ignore[union-attr]

    @property
    def searching(self) -> bool:
        """The scan is not at its end."""
        return self._scan is not None or self._later.isActive()

    def open(self) -> bool:
        """In the panel that has the focus, or had it last; what is selected there is looked for. No panel: False."""
        view = self._view()
        if view is None:
            self.bar.hide()
            return False
        self._take(view)
        if self.target is not None and (selected := self.target.selected()):
            self.bar.edit.setText(selected)
        self.bar.show()
        self.bar.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.bar.edit.selectAll()
        return True

    def again(self, step: int) -> None:
        """The next match (1), or the one before (-1); from the last one on to the first."""
        view = self._view()
        if not self.bar.isVisible() or not self.bar.edit.text():
            self.open()
            return
        if view is not None and (self.target is None or view is not self.target.view):
            self._take(view)
            return
        if not self.hits or self.target is None:
            return
        if self.current is None:
            at = bisect_left(self.hits, self._anchor) - (step < 0)
        else:
            at = bisect_left(self.hits, self.current) + step
        self._go(self.hits[at % len(self.hits)])

    def close(self) -> None:
        """The focus goes back to what was searched."""
        focus = QApplication.focusWidget()
        had = focus is not None and self.bar.isAncestorOf(focus)
        view = self.target.view if self.target is not None else None
        self._let_go()
        self.bar.hide()
        if had and view is not None and isValid(view) and view.isVisible():
            view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # Where

    def _focused(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and self._panel_of(new) is not None and not self.bar.isAncestorOf(new):
            self._last = new

    def _panel_of(self, widget: QWidget | None) -> QWidget | None:
        while widget is not None and widget not in self._panels:
            widget = widget.parentWidget()
        return widget

    def _view(self) -> QWidget | None:
        """What is searched: what has the focus, what had it last, or the largest view of that panel; or of any."""
        focus = QApplication.focusWidget()
        if focus is not None and self.bar.isAncestorOf(focus):
            focus = None
        for start in (focus, self._last):
            if start is None or not isValid(start) or (panel := self._panel_of(start)) is None:
                continue
            widget: QWidget | None = start
            while widget is not None and widget is not panel:
                if widget.isVisible() and find.can_search(widget):
                    return widget
                widget = widget.parentWidget()
            if view := _largest(panel):
                return view
        return next((view for panel in reversed(self._panels) if (view := _largest(panel))), None)

    def _take(self, view: QWidget) -> None:
        if self.target is not None and self.target.view is view:
            self._anchor = self.target.here()
            return
        self._let_go()
        panel = self._panel_of(view)
        self.target = find.searchable(view)
        if panel is None or self.target is None:
            return
        layout = panel.layout()
        if self.bar.parentWidget() is not panel and layout is not None:
            layout.addWidget(self.bar)
        self.bar.edit.setPlaceholderText(self.target.hint)
        view.installEventFilter(self)
        self.target.stale.connect(self._stale)
        self._anchor = self.target.here()
        self._typed()

    def _let_go(self) -> None:
        self._slices.stop()
        self._later.stop()
        self._scan = None
        self.hits, self.current = [], None
        target, self.target = self.target, None
        if target is not None and isValid(target) and isValid(target.view):
            target.view.removeEventFilter(self)
            target.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is searched has gone out of sight: the search goes on in what stands there now."""
        if event.type() == QEvent.Type.Hide and self.bar.isVisible():
            self._moved_on.start()
        return super().eventFilter(watched, event)

    def _retarget(self) -> None:
        if self.target is None or self.target.view.isVisible():
            return
        panel = self._panel_of(self.bar)
        view = _largest(panel) if panel is not None else None
        if view is None:
            self._let_go()
            self._tell()
        else:
            self._take(view)

    # The search

    def _typed(self) -> None:
        self.current = None
        self._jump = True
        self._start(resume=False)

    def _start(self, resume: bool) -> None:
        self._scan, needle = None, self.bar.edit.text()
        if self.target is None:
            return
        if not needle:
            self.hits = []
        elif resume:
            del self.hits[bisect_left(self.hits, self.target.resumed_at()) :]
        else:
            self.hits = []
        if needle:
            self._scan = self.target.scan(Sought(needle, self.bar.case.isChecked()), resume)
            self._slices.start()
        self._show()

    def _stale(self, grew: bool) -> None:
        """Nothing of what is searched may be touched by the old scan any more."""
        self._resume = grew and (self._resume or not self._later.isActive())
        self._scan = None
        self._slices.stop()
        if not self._later.isActive():
            self._later.start()

    def _search_again(self) -> None:
        self._start(resume=self._resume)
        self._resume = False

    def _slice(self) -> None:
        until = time.perf_counter() + SLICE_S
        while self._scan is not None:
            found = next(self._scan, None)
            if found is None or len(self.hits) >= HITS:
                self._scan = None
            else:
                self.hits += found
            if time.perf_counter() >= until:
                break
        if self._scan is None:
            self._slices.stop()
        if self._jump and self.hits and (self.hits[-1] >= self._anchor or self._scan is None):
            at = bisect_left(self.hits, self._anchor)
            self._go(self.hits[at % len(self.hits)])
        else:
            self._show()

    def _go(self, hit: Hit) -> None:
        self._jump = False
        self.current = hit
        if self.target is not None:
            self.target.reveal(hit)
        self._show()

    def _keep(self) -> None:
        """At another zoom the match gone to is in sight still."""
        if self.target is not None and self.current is not None:
            self.target.reveal(self.current)

    def _show(self) -> None:
        if self.target is not None:
            self.target.mark(self.hits, self.current)
        self._tell()

    def _tell(self) -> None:
        if self.target is None:
            told = "nothing to search here"
        elif not self.bar.edit.text():
            told = ""
        elif not self.hits:
            nothing = "no match in what is shown" if self.target.partial else "no match"
            told = "searching" if self.searching else nothing
        else:
            at = bisect_left(self.hits, self.current) if self.current is not None else -1
            known = 0 <= at < len(self.hits) and self.hits[at] == self.current
            more = "+" if self._scan is not None or len(self.hits) >= HITS or self.target.partial else ""
            count = f"{words.count(len(self.hits))}{more}"
            told = f"{words.count(at + 1)} of {count}" if known else words.counted(len(self.hits), "match", "matches")
        self.bar.count.setText(told)
        part = self.target is not None and self.target.partial and bool(told)
        self.bar.count.setToolTip("Searched is what is shown; hex has all that is recorded" if part else "")


def _largest(panel: QWidget) -> QWidget | None:
    views = [view for view in panel.findChildren(QWidget) if view.isVisible() and find.can_search(view)]
    return max(views, key=lambda view: view.width() * view.height(), default=None)
