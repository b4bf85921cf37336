"""What is selected in the exchange table: not rows but exchanges, and they stay so whatever the rows do."""

from __future__ import annotations

from array import array

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from inspector.ui.models import cells
from inspector.ui.models.exchange_table import ExchangeTableModel

KEPT = 2_000
"""A selection of more rows than this ends when the rows become others (a filter, another order), and says so. Traffic
does not end it: while it lasts, an order other than that of start is not asked for again."""
_ROWS = QItemSelectionModel.SelectionFlag.Rows
_NOTHING = QItemSelectionModel.SelectionFlag.NoUpdate
_ONLY = QItemSelectionModel.SelectionFlag.ClearAndSelect | _ROWS
_ALSO = QItemSelectionModel.SelectionFlag.Select | _ROWS
_COPY = QKeySequence.StandardKey.Copy
_BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
Index = QModelIndex | QPersistentModelIndex


class ChoosingTable(QTableView):
    """`current` is the exchange that the keyboard and the panels are at; `chosen` are all that are selected."""

    picked = Signal(object)
    """The id of the exchange that the user went to, or None where the user let go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._by_keyboard = False
        self.choose_among(None)

    def choose_among(self, model: ExchangeTableModel | None) -> None:
        """From now on the rows are those of `model`, and none is selected."""
        self.rows = model
        self._picked: int | None = None
        self._kept: array[int] | None = array("q")
        """The exchanges that the user selected; None where Qt has to be asked."""
        self._steady = False
        """What happens now is not the user's doing."""

    @property
    def current(self) -> int | None:
        """The id of the exchange that is picked; it may be hidden by the filter, or dropped."""
        return self._picked

    @property
    def chosen_count(self) -> int:
        """How many rows are selected."""
        return sum(last - first + 1 for first, last in self._ranges())

    def chosen(self, limit: int) -> array[int]:
        """The ids of the selected rows as they stand, at most `limit`; where there is none, the one that is picked."""
        found: array[int] = array("q")
        for first, last in self._ranges():
            if self.rows is None or len(found) >= limit:
                break
            found += self.rows.ids_of(first, min(last, first + limit - len(found) - 1))
        return found if found or self._picked is None else array("q", [self._picked])

    def _ranges(self) -> list[tuple[int, int]]:
        """The selected rows as stretches from first to last, in order."""
        model = self.selectionModel()
        if self.rows is None or model is None:
            return []
        selection = model.selection()
        return _joined([(one.top(), one.bottom()) for one in map(selection.at, range(selection.count()))])

    def pick(self, exchange: int) -> None:
        """As if the user had gone to this exchange."""
        if self.rows is not None and (position := self.rows.position(exchange)) >= 0:
            self._go(position)

    def _go(self, position: int, extend: bool = False) -> None:
        """To one row, which is the only one selected, or the last of a stretch that begins where it stood."""
        assert self.rows is not None
        at = self.rows.index(position, cells.NUMBER)
        begin = self.currentIndex().row() if extend and self.currentIndex().isValid() else position
        if not extend:
            self.setCurrentIndex(at)
        first, last = sorted((begin, position))
        stretch = QItemSelection(self.rows.index(first, cells.NUMBER), self.rows.index(last, cells.WATERFALL))
        self.selectionModel().select(stretch, _ONLY)
        self.selectionModel().setCurrentIndex(at, _NOTHING)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        if self._steady or self.rows is None:
            return
        self._kept = None
        self.rows.steady = self.chosen_count > KEPT
        current = self.currentIndex()
        if not self.selectionModel().hasSelection():
            self._pick(-1)
        elif current.isValid() and self.selectionModel().isSelected(current):
            self._pick(current.row())

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if not self._steady and self.rows is not None and current.isValid() and self.selectionModel().hasSelection():
            self._pick(current.row())
        self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = event.reason() in _BY_KEYBOARD
        super().focusInEvent(event)

    def shows_focus(self) -> bool:
        """Whether the row that the keyboard is at is marked: not while nobody has gone to any by mouse or keyboard."""
        chosen = self.rows is not None and self.selectionModel().hasSelection()
        return self.hasFocus() and (self._by_keyboard or chosen)

    def _pick(self, position: int) -> None:
        """Whoever picks an exchange wants to see it: only with the newest one the view goes on to follow."""
        assert self.rows is not None
        picked = self.rows.id_at(position)
        if picked == self._picked:
            return
        self._picked = picked
        self.picked.emit(picked)
        self._went_to(position)

    def _went_to(self, position: int) -> None:
        """The user went to the row at `position`; -1: to none."""

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        self._hold()
        if start <= self.currentIndex().row() <= end:  # Qt would go to the row next to it
            self.selectionModel().clearCurrentIndex()
        super().rowsAboutToBeRemoved(parent, start, end)

    def event(self, event: QEvent) -> bool:
        """Ctrl+C is the table's own, whatever shortcuts there are."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.matches(_COPY):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Home and End go to the first and the last row; Qt's own go to the first and last cell of one."""
        count = self.rows.rowCount() if self.rows is not None else 0
        if event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and count:
            extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._go(0 if event.key() == Qt.Key.Key_Home else count - 1, extend)
            return
        if event.matches(_COPY):
            for action in self.actions():
                if action.objectName() == "exchange.copy_text":
                    action.trigger()
            return
        super().keyPressEvent(event)

    # What the rows do

    def _hold(self) -> None:
        """Before the rows change."""
        self._keep()

    def _keep(self) -> None:
        """From now on nothing that happens is the user's doing."""
        self._steady = True
        if self._kept is None and self.chosen_count <= KEPT:
            self._kept = self.chosen(KEPT)

    def _restore(self) -> bool:
        """After the rows became others: the same exchanges are selected, as far as they are among them. False where
        there were too many to know."""
        if self.rows is None:
            return True
        known = self._kept is not None
        if self._kept is None:
            self._kept, self.rows.steady = array("q"), False
        found = QItemSelection()
        for first, last in _joined([(at, at) for at in self.rows.positions(self._kept)]):
            found.select(self.rows.index(first, cells.NUMBER), self.rows.index(last, cells.WATERFALL))
        self.selectionModel().select(found, _ONLY)
        return known

    def _return(self) -> None:
        """The exchange that was picked is the current one again, where it is among the rows."""
        position = self.rows.position(self._picked) if self.rows is not None and self._picked is not None else -1
        if self.rows is None or position < 0 or self.currentIndex().row() == position:
            return
        at = self.rows.index(position, cells.NUMBER)
        self.setAutoScroll(False)
        kept = self._kept is not None and self._picked in self._kept
        self.selectionModel().setCurrentIndex(at, _ALSO if kept else _NOTHING)
        self.setAutoScroll(True)


def _joined(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """`stretches` in order, those that touch or overlap made one."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(stretches):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined
