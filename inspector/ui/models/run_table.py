"""The runs of a recording as a table: oldest first, one row each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from inspector.recording.rows import RunRow
from inspector.session.state import SessionState
from inspector.trace import clock
from inspector.ui import shown, words
from inspector.ui.models import run_words

NUMBER, STARTED, LASTED, STANDING, BEGAN = range(5)
COLUMNS = 5
RUN = Qt.ItemDataRole.UserRole
STANDS = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex


class RunTable(QAbstractTableModel):
    """`show` takes the newest state of some of the runs; those that are over change no more."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.runs: list[RunRow] = []
        self._state: SessionState | None = None

    def clear(self) -> None:
        self.beginResetModel()
        self.runs = []
        self._state = None
        self.endResetModel()

    @property
    def oldest_open(self) -> int:
        """The id of the first run that may still change; what is before it need not be read again."""
        for run in self.runs:
            if run.ended_ns is None:
                return run.id
        return self.runs[-1].id if self.runs else 0

    def take(self, runs: Sequence[RunRow], state: SessionState | None) -> bool:
        """`runs` are all from `oldest_open` on. True where anything is different now."""
        known = {run.id: row for row, run in enumerate(self.runs)}
        changed = state != self._state
        self._state = state
        fresh: list[RunRow] = []
        for run in runs:
            row = known.get(run.id)
            if row is None:
                fresh.append(run)
            elif run != self.runs[row]:
                self.runs[row] = run
                changed = True
        if changed and self.runs:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.runs) - 1, COLUMNS - 1))
        if fresh:
            self.beginInsertRows(QModelIndex(), len(self.runs), len(self.runs) + len(fresh) - 1)
            self.runs += fresh
            self.endInsertRows()
        return changed or bool(fresh)

    def tick(self) -> None:
        """Time has passed for those that live."""
        for row, run in enumerate(self.runs):
            if run.ended_ns is None:
                self.dataChanged.emit(self.index(row, LASTED), self.index(row, LASTED))

    def standing(self, run: RunRow) -> run_words.Standing:
        """How `run` stands, as far as the session tells of it."""
        return run_words.standing(run, self._state if self._state and self._state.run == run.id else None)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else COLUMNS

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        run = self.runs[index.row()]
        if role == RUN:
            return run
        if role == STANDS:
            return self.standing(run)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._text(run, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return shown.one_line(self.standing(run).title, 400)
        return None

    def _text(self, run: RunRow, column: int) -> str:
        if column == NUMBER:
            return f"{run.id:,}"
        if column == STARTED:
            return words.clock(run.started_ns)[:8] if run.started_ns else ""
        if column == LASTED:
            end = run.ended_ns if run.ended_ns is not None else clock.now() if self._state is not None else 0
            return words.duration(end - run.t0_ns) if end > run.t0_ns > 0 else ""
        if column == STANDING:
            return self.standing(run).word
        return shown.one_line(run_words.began(run), 300)
