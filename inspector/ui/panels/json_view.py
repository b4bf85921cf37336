"""JSON as a tree: branches open as one looks; the menu and the keys copy a value, its key or its path."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
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

from inspector.recording.json_text import DEEP, NUMBER, STRING, WORD, Tree
from inspector.ui import theme
from inspector.ui.find.marks import write
from inspector.ui.models.json_tree import JsonTreeModel, KindRole
from inspector.ui.panels.json_search import JsonSearch
from inspector.ui.panels.line_tree import LineTree, row_height

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
        write(painter, option, room, index.data() or "")

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(theme.px(100), row_height())


class JsonView(LineTree):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("bodyTree", "Body as a tree of JSON", parent)
        self.tree = JsonTreeModel(self)
        self.setModel(self.tree)
        self.setItemDelegate(_Delegate(self))
        self.setHeaderHidden(True)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.partial = False
        """It is a part of something that is shown."""
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.take_measures()
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
        """The keys as wide as the longest among the first, and some room for those below them; the values stand below
        those of the headers, where the keys let them."""
        metrics = self.fontMetrics()
        rows = range(min(self.tree.rowCount(), 200))
        longest = max((metrics.horizontalAdvance(self.tree.index(row, 0).data()[:60]) for row in rows), default=0)
        self.setColumnWidth(0, self.key_width(longest + 2 * self.indentation()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def searchable(self) -> JsonSearch:
        return JsonSearch(self, self.tree)

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

    def menu(self, index: QModelIndex) -> QMenu:
        menu = QMenu(self)
        clipboard = QApplication.clipboard()
        menu.addAction("Copy value", lambda: clipboard.setText(self.tree.value(index)))
        menu.addAction("Copy key", lambda: clipboard.setText(self.tree.index(index.row(), 0, index.parent()).data()))
        menu.addAction("Copy path", lambda: clipboard.setText(self.tree.path(index)))
        return menu
