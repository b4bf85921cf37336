"""What the app wrote during an exchange: logging, stdout, stderr, wsgi.errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QFontMetricsF, QKeySequence, QPainter, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from inspector.recording.rows import LogRow
from inspector.ui import shown, theme, words

ENTRIES = 2_000
"""Entries shown at most: the newest."""
LINES = 200
"""Lines of one entry shown at most; the whole can be copied."""
ENTRY = Qt.ItemDataRole.UserRole
_GAP = 5


class LogList(QAbstractListModel):
    """The newest entries of one exchange."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[LogRow] = []
        self.zero_ns = 0

    def show(self, rows: Sequence[LogRow], zero_ns: int) -> None:
        self.beginResetModel()
        self.rows, self.zero_ns = list(rows), zero_ns
        self.endResetModel()

    def append(self, rows: Sequence[LogRow]) -> None:
        """More entries; the oldest make room."""
        if not rows:
            return
        surplus = len(self.rows) + len(rows) - ENTRIES
        if surplus > 0 and self.rows:
            gone = min(surplus, len(self.rows))
            self.beginRemoveRows(QModelIndex(), 0, gone - 1)
            del self.rows[:gone]
            self.endRemoveRows()
        rows = rows[-ENTRIES:]
        self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(rows) - 1)
        self.rows += rows
        self.endInsertRows()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
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


def level(row: LogRow) -> str:
    """The level in a word; what is no logging is named by where it was written."""
    return shown.one_line(row.level or row.source, 12)


def origin(row: LogRow) -> str:
    """Who wrote it: logger, and file:line."""
    place = f"{row.file.replace(chr(92), '/').rpartition('/')[2]}:{row.line}" if row.file else ""
    return shown.one_line("  ".join(filter(None, (row.logger, place))), 120)


def wrapped(text: str, columns: int) -> list[str]:
    """`text` in lines of at most `columns` characters, broken at blanks where there are any; at most `LINES` lines."""
    lines: list[str] = []
    columns = max(columns, 8)
    cut = len(text) > LINES * 400
    source = shown.visible(text[: LINES * 400] if cut else text.rstrip("\n")).expandtabs(4).split("\n")
    for number, line in enumerate(source):
        rest = line
        while len(rest) > columns and len(lines) < LINES:
            at = rest.rfind(" ", columns // 2, columns + 1)
            at = columns if at < 0 else at
            lines.append(rest[:at])
            rest = rest[at:].lstrip(" ") if rest[at : at + 1] == " " else rest[at:]
        lines.append(rest)
        if len(lines) >= LINES and (number + 1 < len(source) or cut):
            return [*lines[:LINES], "… more: copy the entry to see it whole"]
    return lines


class _EntryDelegate(QStyledItemDelegate):
    """Time, level, text in the fixed font over as many lines as it takes, and who wrote it."""

    def __init__(self, view: LogView) -> None:
        super().__init__(view)
        self._view = view

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        palette = theme.current()
        rect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, palette.selection)
        row: LogRow = index.data(ENTRY)
        fixed = theme.fixed_font()
        painter.setFont(fixed)
        line = QFontMetrics(fixed).lineSpacing()
        times, levels, text, right = self._view.edges()
        y = rect.y() + _GAP

        def write(left: float, width: float, what: str, flag: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft) -> None:
            painter.drawText(QRectF(left, y, width, line), flag | Qt.TextFlag.TextSingleLine, what)

        painter.setPen(palette.second)
        write(times, levels - times - 12, self._view.list.time(row), Qt.AlignmentFlag.AlignRight)
        color = {
            "WARNING": palette.status_4xx,
            "ERROR": palette.status_5xx,
            "CRITICAL": palette.status_5xx,
            "INFO": palette.status_3xx,
        }.get(row.level, palette.second)
        painter.setPen(color)
        write(levels, text - levels - 8, level(row))
        painter.setPen(palette.second)
        where = painter.fontMetrics().elidedText(origin(row), Qt.TextElideMode.ElideLeft, int(right - text) // 3)
        write(text, right - text, where, Qt.AlignmentFlag.AlignRight)
        painter.setPen(palette.text)
        for part in wrapped(row.text, self._view.text_columns()):
            write(text, right - text, part)
            y += line

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        lines = len(wrapped(index.data(ENTRY).text, self._view.text_columns()))
        return QSize(50, lines * QFontMetrics(theme.fixed_font()).lineSpacing() + 2 * _GAP)


class LogView(QListView):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("logView")
        self.setAccessibleName("Log of the selected exchange")
        self.list = LogList(self)
        self.setModel(self.list)
        self.setItemDelegate(_EntryDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._columns = 0
        QShortcut(QKeySequence.StandardKey.Copy, self, self.copy, context=Qt.ShortcutContext.WidgetShortcut)
        theme.observer.changed.connect(self.viewport().update)

    def edges(self) -> tuple[float, float, float, float]:
        """Left edges of time, level and text; the right edge."""
        width = QFontMetricsF(theme.fixed_font()).horizontalAdvance("0")
        longest = max((len(self.list.time(row)) for row in self.list.rows[-1:]), default=6)
        levels = theme.edge() + max(longest, 6) * width + 12
        return theme.edge(), levels, levels + 10 * width, self.viewport().width() - theme.edge()

    def text_columns(self) -> int:
        """Characters of text on a line; a third of the room at the right says who wrote it."""
        _, _, text, right = self.edges()
        room = (right - text) * 2 / 3 - 12
        return int(room / QFontMetricsF(theme.fixed_font()).horizontalAdvance("0"))

    def append(self, rows: Sequence[LogRow]) -> None:
        """More entries; the newest is followed only at the end."""
        bar = self.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        self.list.append(rows)
        if at_end:
            self.scrollToBottom()

    def copy(self) -> None:
        """The selected entries, whole, as lines of text."""
        indexes = sorted(self.selectionModel().selectedIndexes(), key=QModelIndex.row)
        rows = [self.list.rows[index.row()] for index in indexes]
        lines = [
            "\t".join(
                (
                    self.list.time(row),
                    row.level or row.source,
                    row.text,
                    row.logger,
                    f"{row.file}:{row.line}" * bool(row.file),
                )
            )
            for row in rows
        ]
        QApplication.clipboard().setText("\n".join(lines))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.text_columns() != self._columns:
            self._columns = self.text_columns()
            self.scheduleDelayedItemsLayout()
