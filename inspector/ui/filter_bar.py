"""The filter bar: the filter in colours as it is typed, said in plain words beside it, its mistakes under the caret."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from inspector.trace.filter import FilterError, Node, explain, parse
from inspector.ui import theme, words
from inspector.ui.complaint import Complaint
from inspector.ui.filter_edit import FilterEdit
from inspector.ui.panels.parts import Elided
from inspector.ui.toolbar import label

_HEIGHT = 38
_WIDEST = 540
_APPLY_MS = 120


class FilterBar(QFrame):
    """`filtered` carries the tree, or None for no filter; a wrong filter leaves the last right one in force."""

    filtered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        theme.dressed(self)
        self.setObjectName("filterBar")
        self.setProperty("surface", "bar")
        self.edit = FilterEdit()
        self._told = Elided(role="explain")
        self._told.setObjectName("filterExplanation")
        self._count = label(role="second", name="exchangeCount")
        self._row = row = QHBoxLayout(self)
        row.addWidget(self.edit, 3)
        row.addWidget(self._told, 2)
        row.addWidget(self._count)
        self._node: Node | None = None
        self._complaint = Complaint(self.edit)
        self._complaint.said.connect(self._not_applied)
        self._apply = QTimer(self, singleShot=True, interval=_APPLY_MS)
        self._apply.timeout.connect(self.apply)
        self.edit.textChanged.connect(self._on_text)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.setFixedHeight(theme.px(_HEIGHT))
        self._row.setContentsMargins(theme.px(10), 0, theme.edge(), 0)
        self._row.setSpacing(theme.edge())
        self.edit.setMaximumWidth(theme.px(_WIDEST))

    @property
    def node(self) -> Node | None:
        """The filter in force."""
        return self._node

    @property
    def active(self) -> bool:
        """Something is filtered away."""
        return self._node is not None

    def show_count(self, shown: int, of: int) -> None:
        self._count.setText(
            f"{words.count(shown)} of {words.count(of)}" if self.active else words.counted(of, "exchange")
        )

    def apply(self) -> None:
        """Reads the filter now, without waiting for a pause in the typing."""
        self._apply.stop()
        try:
            node = parse(self.edit.text())
        except FilterError as error:
            self._told.set_text("")
            self._complaint.say(error)
            return
        self._complaint.say(None)
        self._told.set_text(explain(node) if node is not None else "")
        if node != self._node:
            self._node = node
            self.filtered.emit(node)

    def _not_applied(self) -> None:
        """What the table shows meanwhile."""
        if self._node is None:
            self._told.set_text("Not applied: every exchange is shown")
        else:
            self._told.set_text(f"Not applied; still: {explain(self._node)}")

    def _on_text(self) -> None:
        self._apply.start()
