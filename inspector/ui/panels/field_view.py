"""A section of a request or a response as a table: cookies, query, form, parts. Ctrl+C copies the selected lines."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from inspector.ui import icons, theme
from inspector.ui.find.marks import write
from inspector.ui.models.field_table import FieldTable, Line, ProblemRole, Table
from inspector.ui.panels.line_tree import LineTree, row_height

_WIDEST = 300
"""Pixels that a column takes at most by itself."""
_HEADER = 28
_SIGN = 14
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class _Delegate(QStyledItemDelegate):
    """What came over the wire in the fixed font; what is wrong with it below, over the whole line, in words of ours."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        palette = theme.current()
        first = index.column() == 0
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, palette.selection)
        painter.setFont(theme.fixed_font())
        painter.setPen(palette.second if first else palette.text)
        side = index.data(Qt.ItemDataRole.TextAlignmentRole) or _LEFT
        right = bool(side & Qt.AlignmentFlag.AlignRight)
        room = QRect(option.rect.x(), option.rect.y(), option.rect.width(), row_height())
        room.adjust(theme.edge() if first else theme.px(6), 0, -theme.edge(), 0)  # as the header's words
        write(painter, option, room, index.data() or "", Qt.AlignmentFlag.AlignRight if right else _LEFT)

        if (problem := index.data(ProblemRole)) and index.column() == index.model().columnCount() - 1:
            self._problem(painter, option, problem)  # over the whole line, which is painted otherwise by now

    def _problem(self, painter: QPainter, option: QStyleOptionViewItem, problem: str) -> None:
        palette, size, edge = theme.current(), theme.px(_SIGN), theme.edge()
        top, height = option.rect.y() + row_height() - theme.px(3), row_height()
        icons.draw(painter, "warning", edge, top + (height - size) / 2, palette.status_4xx, size)
        left = edge + size + theme.px(6)
        painter.setFont(theme.interface_font())
        painter.setPen(palette.status_4xx)
        write(painter, option, QRect(left, top, option.rect.right() + 1 - left - edge, height), problem)

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(theme.px(40), row_height() * (1 + bool(index.data(ProblemRole))))


class FieldView(LineTree):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("fieldTable", "Fields", parent)
        self.fields = FieldTable(self)
        self.setModel(self.fields)
        self.setItemDelegate(_Delegate(self))
        self.setRootIsDecorated(False)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.take_measures()
        self.header().setFixedHeight(self.header_height())
        self._fit()

    def show_table(self, table: Table, name: str) -> None:
        """`name` is what the table is called by those who hear it."""
        self.setAccessibleName(name)
        self.setUniformRowHeights(not any(line.problem for line in table.lines))
        self.fields.show(table)
        self._fit()

    def lines(self) -> tuple[Line, ...]:
        return self.fields.table.lines

    def header_height(self) -> int:
        """Pixels above the first line."""
        return theme.px(_HEADER)

    def wanted_height(self) -> int:
        """Pixels that show every line."""
        rows = len(self.lines()) + sum(1 for line in self.lines() if line.problem)
        return self.header_height() + rows * row_height() + theme.px(4)

    def _fit(self) -> None:
        """Each column as wide as its longest text among the first, the last one of text as wide as there is room; of
        two the first is as wide as that of the headers."""
        metrics = self.fontMetrics()
        shown = min(self.fields.rowCount(), 100)
        columns = self.fields.columnCount()
        widest = min(theme.px(_WIDEST), self.viewport().width() * 2 // 5)
        rest = max((column for column in range(columns) if column not in self.fields.table.right), default=0)
        for column in range(columns):
            stretched = column == rest
            mode = QHeaderView.ResizeMode.Stretch if stretched else QHeaderView.ResizeMode.Interactive
            self.header().setSectionResizeMode(column, mode)
            if stretched:
                continue
            texts = [self.fields.index(row, column).data() or "" for row in range(shown)]
            texts.append(str(self.fields.headerData(column, Qt.Orientation.Horizontal) or ""))
            longest = max((metrics.horizontalAdvance(text[:80]) for text in texts), default=0)
            air = theme.px(20) + (theme.edge() if column == 0 else theme.px(6))
            keys = column == 0 and columns == 2
            self.setColumnWidth(column, self.key_width(longest) if keys else min(longest + air, widest))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def copy(self) -> None:
        """The selected lines, cells apart by tabs."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        QApplication.clipboard().setText("\n".join("\t".join(self.lines()[row].cells) for row in rows))

    def menu(self, index: QModelIndex) -> QMenu:
        cells = self.lines()[index.row()].cells
        menu = QMenu(self)
        clipboard = QApplication.clipboard()
        for title, cell in zip(self.fields.table.columns, cells, strict=True):
            menu.addAction(f"Copy {title}", partial(clipboard.setText, cell))
        return menu
