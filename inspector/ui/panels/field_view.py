"""A section of a request or a response as a table: cookies, query, form, parts. Ctrl+C copies the selected lines."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from inspector.ui import shortcuts, theme
from inspector.ui.models.field_table import FieldTable, Line, ProblemRole, Table

_ROW_HEIGHT = 22
_WIDEST = 300
"""Pixels that a column takes at most by itself."""


def row_height() -> int:
    """Pixels of a line."""
    return theme.px(_ROW_HEIGHT)


class _Delegate(QStyledItemDelegate):
    """What came over the wire in the fixed font; what is wrong in words of ours, in the colour of a warning."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        palette = theme.current()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, palette.selection)
        wrong = bool(index.data(ProblemRole))
        painter.setFont(theme.interface_font() if wrong else theme.fixed_font())
        painter.setPen(palette.status_4xx if wrong else palette.second if index.column() == 0 else palette.text)
        edge = theme.edge() if index.column() == 0 else theme.px(6)  # as the header's own padding
        room = option.rect.adjusted(edge, 0, -theme.px(12), 0)
        text = painter.fontMetrics().elidedText(index.data() or "", Qt.TextElideMode.ElideRight, room.width())
        side = index.data(Qt.ItemDataRole.TextAlignmentRole) or Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(room), side | Qt.TextFlag.TextSingleLine, text)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        font = option.fontMetrics
        return QSize(font.horizontalAdvance((index.data() or "")[:80]) + theme.px(26), row_height())


class FieldView(QTreeView):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fieldTable")
        self.setAccessibleName("Fields")
        self.fields = FieldTable(self)
        self.setModel(self.fields)
        self._delegate = _Delegate(self)
        self.setItemDelegate(self._delegate)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.header().setStretchLastSection(True)
        self.header().setSectionsMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        shortcuts.local(self, QKeySequence.StandardKey.Copy, self.copy)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.setFont(theme.fixed_font())
        self.verticalScrollBar().setSingleStep(row_height())
        self.header().setMinimumSectionSize(theme.px(40))
        self.scheduleDelayedItemsLayout()
        self._fit()

    def show_table(self, table: Table, name: str) -> None:
        """`name` is what the table is called by those who hear it."""
        self.setAccessibleName(name)
        self.fields.show(table)
        self._fit()

    def lines(self) -> tuple[Line, ...]:
        return self.fields.table.lines

    def wanted_height(self) -> int:
        """Pixels that show every line."""
        return self.header().sizeHint().height() + len(self.lines()) * row_height() + theme.px(4)

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        shown = min(self.fields.rowCount(), 100)
        widest = min(theme.px(_WIDEST), self.viewport().width() * 2 // 5)
        for column in range(self.fields.columnCount() - 1):  # the last one takes the rest
            texts = [self.fields.index(row, column).data() or "" for row in range(shown)]
            texts.append(str(self.fields.headerData(column, Qt.Orientation.Horizontal) or ""))
            longest = max((metrics.horizontalAdvance(text[:80]) for text in texts), default=0)
            air = theme.px(20) + (theme.edge() if column == 0 else theme.px(6))
            self.setColumnWidth(column, min(longest + air, widest))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def copy(self) -> None:
        """The selected lines, cells apart by tabs."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        QApplication.clipboard().setText("\n".join("\t".join(self.lines()[row].cells) for row in rows))

    def _menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if not index.isValid():
            return
        cells = self.lines()[index.row()].cells
        menu = QMenu(self)
        clipboard = QApplication.clipboard()
        for title, cell in zip(self.fields.table.columns, cells, strict=True):
            menu.addAction(f"Copy {title}", partial(clipboard.setText, cell))
        menu.exec(self.viewport().mapToGlobal(at))
        menu.deleteLater()
