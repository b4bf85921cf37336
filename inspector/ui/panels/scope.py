"""A scope, an environ or a message's keys as a tree; headers as a table of names and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeySequence, QPainter, QShortcut
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

from inspector.ui import icons, shown, theme
from inspector.ui.models.scope_keys import meaning
from inspector.ui.models.scope_tree import ScopeTree

_ROW_HEIGHT = 21
_SENSIBLE_KEYS = 400
"""Pixels that the column of keys takes at most by itself."""


def row_height() -> int:
    """Pixels of a line."""
    return theme.px(_ROW_HEIGHT)


class _KeyDelegate(QStyledItemDelegate):
    """Both columns in the fixed font; keys quiet, values in full contrast."""

    def __init__(self, bare: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._bare = bare

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        palette = theme.current()
        rect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, palette.selection)
        painter.setFont(theme.fixed_font())
        painter.setPen(palette.second if index.column() == 0 else palette.text)
        room = rect.adjusted(theme.edge() if self._bare and index.column() == 0 else 0, 0, -8, 0)
        text = painter.fontMetrics().elidedText(index.data() or "", Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(QRectF(room), Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        text = index.data() or ""
        width = option.fontMetrics.horizontalAdvance(text[:200])
        return QSize(width + theme.px(14), row_height())


class ScopeView(QTreeView):
    """Two columns. The menu copies a value, a key, or the value as Python."""

    def __init__(self, name: str = "scopeTree", bare: bool = False, parent: QWidget | None = None) -> None:
        """`bare`: text without quotes, for headers."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName("Headers" if bare else "Scope or environ")
        self._bare = bare
        self.tree = ScopeTree(bare, None if bare else meaning, self)
        self.setModel(self.tree)
        self.setItemDelegate(_KeyDelegate(bare, self))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setRootIsDecorated(not bare)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        QShortcut(QKeySequence.StandardKey.Copy, self, self.copy, context=Qt.ShortcutContext.WidgetShortcut)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.setFont(theme.fixed_font())
        self.setIndentation(theme.edge())  # keys stand at the panel's edge, the arrows of branches in the air beside it
        self.verticalScrollBar().setSingleStep(row_height())
        self.header().setMinimumSectionSize(theme.px(40))
        self.scheduleDelayedItemsLayout()
        self._fit()

    def show_value(self, value: Mapping[str, Any] | Sequence[tuple[str, str]]) -> None:
        """The items of `value`; branches that were open stay open where the same keys are there."""
        opened = self._opened()
        self.tree.show(value)
        for row in range(self.tree.rowCount()):
            index = self.tree.index(row, 0)
            if index.data() in opened:
                self.setExpanded(index, True)
        self._fit()

    def _opened(self) -> set[str]:
        rows = range(min(self.tree.rowCount(), 1_000))
        return {index.data() for row in rows if self.isExpanded(index := self.tree.index(row, 0))}

    def _fit(self) -> None:
        """The column of keys as wide as its longest key among the first, but within reason."""
        metrics = self.fontMetrics()
        rows = range(min(self.tree.rowCount(), 200))
        longest = max((metrics.horizontalAdvance(self.tree.index(row, 0).data()[:80]) for row in rows), default=0)
        least = metrics.horizontalAdvance("0" * 18)
        self.setColumnWidth(0, min(max(longest, least) + theme.edge() * 2 + theme.px(16), theme.px(_SENSIBLE_KEYS)))

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        palette = theme.current()
        if self.selectionModel().isSelected(index):
            painter.fillRect(rect, palette.selection)
        if self.tree.hasChildren(index):
            name = "chevron-down" if self.isExpanded(index) else "chevron-right"
            icons.draw(painter, name, rect.right() - 11, rect.y() + (rect.height() - 10) / 2, palette.second, 10)

    def copy(self) -> None:
        """The selected lines, as key and value apart by a tab."""
        lines = []
        for index in self.selectionModel().selectedRows()[:10_000]:
            node = self.tree.node(index)
            lines.append(f"{shown.plain(node.key)}\t{shown.plain(node.value)}")
        QApplication.clipboard().setText("\n".join(lines))

    def _menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if not index.isValid():
            return
        node = self.tree.node(index)
        menu = QMenu(self)
        clipboard = QApplication.clipboard()
        menu.addAction("Copy value", lambda: clipboard.setText(shown.plain(node.value)))
        menu.addAction("Copy name" if self._bare else "Copy key", lambda: clipboard.setText(shown.plain(node.key)))
        if self._bare:
            line = f"{shown.plain(node.key)}: {shown.plain(node.value)}"
            menu.addAction("Copy as header line", lambda: clipboard.setText(line))
        else:
            menu.addAction("Copy as Python", lambda: clipboard.setText(shown.python(node.value)))
        if self.tree.hasChildren(index):
            menu.addSeparator()
            menu.addAction("Expand all below", lambda: self.expandRecursively(index))
        menu.exec(self.viewport().mapToGlobal(at))
        menu.deleteLater()
