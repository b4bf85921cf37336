"""Where the exchange table stands among its rows, in pixels: at the tail, and with the picked row in sight or not.

What is in sight because of the user (a pick, a scroll) stays so when the table gets smaller or its rows higher: a
banner, an opened panel, a smaller window or another zoom takes the row in question from nobody.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtWidgets import QAbstractItemView, QWidget

from inspector.recording.rows import ExchangeRow
from inspector.ui import theme
from inspector.ui.panels.choosing_table import ChoosingTable

_INTO_VIEW = QAbstractItemView.ScrollHint.EnsureVisible
Index = QModelIndex | QPersistentModelIndex


class StandingTable(ChoosingTable):
    """Rows are of one height, `_height`; what happens while `_steady` is not the user's doing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height = theme.row_height()
        self._tail = 0
        """The scroll bar's value from which on the last row is in view."""
        self._sighted = False
        """The picked row was in sight when the user, or traffic, last moved anything."""

    def visible_rows(self) -> tuple[int, int]:
        """First and last row on screen; (0, -1) where there is none."""
        if self.rows is None or not self.rows.rowCount():
            return 0, -1
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        return max(first, 0), last if last >= 0 else self.rows.rowCount() - 1

    def _rows_in_view(self) -> list[ExchangeRow]:
        first, last = self.visible_rows()
        if self.rows is None:
            return []
        return [row for at in range(first, last + 1) if (row := self.rows.row(at)) is not None]

    def updateGeometries(self) -> None:
        """One can scroll a little further than the last row, so that at the tail no row is cut under the header."""
        steady, self._steady = self._steady, True
        bar = self.verticalScrollBar()
        before, at = bar.maximum(), bar.value()
        super().updateGeometries()
        self._tail = bar.maximum()
        bar.setMaximum(-(-self._tail // self._height) * self._height)
        if at == before or at > self._tail:
            bar.setValue(min(at, bar.maximum()))
        self._steady = steady

    def scrollTo(self, index: Index, hint: QAbstractItemView.ScrollHint = _INTO_VIEW) -> None:
        super().scrollTo(index, hint)
        bar = self.verticalScrollBar()
        if bar.value() >= self._tail:
            bar.setValue(bar.maximum())

    def _to_tail(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(0 if self.rows is not None and self.rows.newest_first else bar.maximum())

    def _at_tail(self) -> bool:
        at = self.verticalScrollBar().value()
        return at == 0 if self.rows is not None and self.rows.newest_first else at >= self._tail

    def _picked_top(self) -> int | None:
        """Pixels from the view's upper edge to the picked row; None where it is not among the rows."""
        position = self.rows.position(self._picked) if self.rows is not None and self._picked is not None else -1
        return position * self._height - self.verticalScrollBar().value() if position >= 0 else None

    def _look(self) -> None:
        """Notes whether half of the picked row, or more, is in sight."""
        top, half = self._picked_top(), self._height // 2
        self._sighted = top is not None and -half <= top <= self.viewport().height() - half

    def _keep_in_sight(self) -> None:
        """After the view or its rows took another size: the picked row is where it can be seen, if it was before."""
        top = self._picked_top()
        if self._sighted and top is not None:
            below = top + self._height - self.viewport().height()
            bar = self.verticalScrollBar()
            if top < 0 or below > 0:
                bar.setValue(bar.value() + (top if top < 0 else min(below, top)))
        elif top is not None:
            self._look()
