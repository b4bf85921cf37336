"""The newest entries of one exchange's log, as far as they are wished to be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from inspector.recording.rows import LogRow
from inspector.ui import shown, words

ENTRIES = 2_000
"""Entries shown at most: the newest."""
LINES = 200
"""Lines of one entry shown at most; the whole can be copied."""
ENTRY = Qt.ItemDataRole.UserRole
_ORDER = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG", "stdout", "stderr", "wsgi.errors")
_FACETS = 10
_OTHER = "other"
Index = QModelIndex | QPersistentModelIndex


class LogList(QAbstractListModel):
    """Entries have a facet each: their level, or where they were written. Where facets are wished for, the others are
    left out; a wish for what is not there counts for nothing."""

    counted = Signal()
    """`facets()` is another one now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.all: list[LogRow] = []
        self.rows: list[LogRow] = []
        """Those that are shown."""
        self.zero_ns = 0
        self.wished: frozenset[str] = frozenset()
        self._counts: Counter[str] = Counter()

    def show(self, rows: Sequence[LogRow], zero_ns: int) -> None:
        self.beginResetModel()
        self.all, self.zero_ns = list(rows[-ENTRIES:]), zero_ns
        self._count()
        self.rows = self._passing(self.all)
        self.endResetModel()
        self.counted.emit()

    def wish(self, facets: frozenset[str]) -> None:
        """Only entries of these; of all where it is empty."""
        if facets != self.wished:
            self.beginResetModel()
            self.wished = facets
            self.rows = self._passing(self.all)
            self.endResetModel()

    def append(self, rows: Sequence[LogRow]) -> None:
        """More entries; the oldest make room."""
        if not rows:
            return
        before = self._active()
        self.all += rows
        gone = self.all[: max(len(self.all) - ENTRIES, 0)]
        del self.all[: len(gone)]
        self._count()
        if self._active() != before:  # the first of those that are wished for, or the last one gone
            self.beginResetModel()
            self.rows = self._passing(self.all)
            self.endResetModel()
        else:
            first = self.all[0].id
            self._remove(next((at for at, row in enumerate(self.rows) if row.id >= first), len(self.rows)))
            came = self._passing(rows[-ENTRIES:])
            if came:
                self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(came) - 1)
                self.rows += came
                self.endInsertRows()
        self.counted.emit()

    def _remove(self, count: int) -> None:
        if count:
            self.beginRemoveRows(QModelIndex(), 0, count - 1)
            del self.rows[:count]
            self.endRemoveRows()

    def facets(self) -> list[tuple[str, int]]:
        """What there is, and how much of it: levels, the worst first, then streams."""
        return [(name, self._counts[name]) for name in sorted(self._counts, key=_place)]

    def _count(self) -> None:
        self._counts = Counter(map(facet, self.all))
        for name, count in self._counts.most_common()[_FACETS:]:
            del self._counts[name]
            self._counts[_OTHER] += count

    def _facet(self, row: LogRow) -> str:
        name = facet(row)
        return name if name in self._counts else _OTHER

    def _active(self) -> frozenset[str]:
        return self.wished & self._counts.keys()

    def _passing(self, rows: Sequence[LogRow]) -> list[LogRow]:
        active = self._active()
        return [row for row in rows if self._facet(row) in active] if active else list(rows)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == ENTRY:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return "  ".join(filter(None, (self.time(row), level(row), row.text[:10_000], origin(row))))
        if role == Qt.ItemDataRole.ToolTipRole and row.file:
            return f"{shown.one_line(row.file, 500)}:{row.line}"
        return None

    def time(self, row: LogRow) -> str:
        """Milliseconds since the exchange began."""
        return words.milliseconds(row.t_ns - self.zero_ns)


def facet(row: LogRow) -> str:
    """The level, or for what is no logging the stream."""
    return row.level or row.source


def _place(name: str) -> tuple[int, str]:
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)


def level(row: LogRow) -> str:
    """The facet in a word."""
    return shown.one_line(facet(row), 12)


def place(row: LogRow) -> str:
    """file:line, without the folder."""
    return shown.one_line(f"{row.file.replace(chr(92), '/').rpartition('/')[2]}:{row.line}", 80) if row.file else ""


def origin(row: LogRow) -> str:
    """Who wrote it: logger, and file:line."""
    return "  ".join(filter(None, (shown.one_line(row.logger, 60), place(row))))


def wrapped(text: str, columns: int, first: int = 0) -> list[str]:
    """`text` in lines of at most `columns` characters, the first one of at most `first`, broken at blanks where there
    are any; at most `LINES` lines."""
    lines: list[str] = []
    wide = max(columns, 8)
    columns = max(first or wide, 8)
    cut = len(text) > LINES * 400
    source = shown.visible(text[: LINES * 400] if cut else text.rstrip("\n")).expandtabs(4).split("\n")
    for number, line in enumerate(source):
        rest = line
        while len(rest) > columns and len(lines) < LINES:
            at = rest.rfind(" ", columns // 2, columns + 1)
            at = columns if at < 0 else at
            lines.append(rest[:at])
            rest = rest[at:].lstrip(" ") if rest[at : at + 1] == " " else rest[at:]
            columns = wide
        lines.append(rest)
        columns = wide
        if len(lines) >= LINES and (number + 1 < len(source) or cut):
            return [*lines[:LINES], "… more: copy the entry to see it whole"]
    return lines
