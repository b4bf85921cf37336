"""JSON as a tree: branches open as one looks; the menu and the keys copy a value, its key or its path."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeySequence, QPainter
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

from inspector.recording.json_text import DEEP, NUMBER, STRING, WORD, Tree
from inspector.ui import icons, shortcuts, theme
from inspector.ui.models.json_tree import JsonTreeModel, KindRole

_ROW_HEIGHT = 21
_COLORS = {STRING: "status_2xx", NUMBER: "send", WORD: "send", DEEP: "second"}
_OPEN = 30
"""Lines that the tree may have with its first branches open."""


class _Delegate(QStyledItemDelegate):
    """In the fixed font; keys quiet, values in the colours that text has."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        palette = theme.current()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, palette.selection)
        painter.setFont(theme.fixed_font())
        quiet = "accent" if index.column() == 0 else _COLORS.get(index.data(KindRole), "second")
        painter.setPen(getattr(palette, quiet))
        room = option.rect.adjusted(0, 0, -theme.px(8), 0)
        text = painter.fontMetrics().elidedText(index.data() or "", Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(QRectF(room), Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(theme.px(100), theme.px(_ROW_HEIGHT))


class JsonView(QTreeView):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bodyTree")
        self.setAccessibleName("Body as a tree of JSON")
        self.tree = JsonTreeModel(self)
        self.setModel(self.tree)
        self._delegate = _Delegate(self)
        self.setItemDelegate(self._delegate)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        shortcuts.local(self, QKeySequence.StandardKey.Copy, self.copy)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.setFont(theme.fixed_font())
        self.setIndentation(theme.px(14))
        self.verticalScrollBar().setSingleStep(theme.px(_ROW_HEIGHT))
        self.header().setMinimumSectionSize(theme.px(60))
        self.scheduleDelayedItemsLayout()
        self._fit()

    def show_tree(self, tree: Tree | None) -> None:
        """`tree` from its beginning; its first branches are open where they are short."""
        self.tree.show(tree)
        lines = self.tree.rowCount()
        for row in range(min(lines, _OPEN)):
            index = self.tree.index(row, 0)
            more = self.tree.rowCount(index) if self.tree.hasChildren(index) else 0
            if more > 0 and lines + more <= _OPEN:
                self.expand(index)
                lines += more
        self._fit()

    def _fit(self) -> None:
        """The keys as wide as the longest among the first, and some room for those below them."""
        metrics = self.fontMetrics()
        rows = range(min(self.tree.rowCount(), 200))
        longest = max((metrics.horizontalAdvance(self.tree.index(row, 0).data()[:60]) for row in rows), default=0)
        wide = longest + 3 * self.indentation() + theme.px(14)
        self.setColumnWidth(0, min(max(wide, theme.px(150)), theme.px(400)))

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        palette = theme.current()
        if self.selectionModel().isSelected(index):
            painter.fillRect(rect, palette.selection)
        if self.tree.hasChildren(index):
            name = "chevron-down" if self.isExpanded(index) else "chevron-right"
            size = theme.px(10)
            x, y = rect.right() - size - theme.px(1), rect.y() + (rect.height() - size) / 2
            icons.draw(painter, name, x, y, palette.second, size)

    def copy(self) -> None:
        """The selected values; of several, each with its path."""
        rows = self.selectionModel().selectedRows()[:10_000]
        if len(rows) == 1:
            text = self.tree.value(rows[0])
        else:
            text = "\n".join(f"{self.tree.path(index)}\t{self.tree.value(index)}" for index in rows)
        QApplication.clipboard().setText(text)

    def copy_path(self) -> None:
        QApplication.clipboard().setText(self.tree.path(self.currentIndex()))

    def _menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if not index.isValid():
            return
        menu = QMenu(self)
        clipboard = QApplication.clipboard()
        menu.addAction("Copy value", lambda: clipboard.setText(self.tree.value(index)))
        menu.addAction("Copy key", lambda: clipboard.setText(self.tree.index(index.row(), 0, index.parent()).data()))
        menu.addAction("Copy path", lambda: clipboard.setText(self.tree.path(index)))
        menu.exec(self.viewport().mapToGlobal(at))
        menu.deleteLater()
