"""What the trees and tables of lines have in common: one fixed font, one height of a row, one way to be copied."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QKeySequence, QPainter
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTreeView, QWidget

from inspector.ui import icons, shortcuts, theme
from inspector.ui.panels.parts import pop_up

_ROW_HEIGHT = 21
_CHEVRON = 10
_WIDEST_KEYS = 400
"""Pixels that a column of keys takes at most by itself."""


def row_height() -> int:
    """Pixels of a line."""
    return theme.px(_ROW_HEIGHT)


class LineTree(QTreeView):
    """Read, selected by lines, copied with Ctrl+C. Keys stand at the panel's edge, the arrows of branches in the air
    beside it."""

    def __init__(self, name: str, told: str, parent: QWidget | None = None) -> None:
        """`told` is its name for those who hear it."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(told)
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.header().setSectionsMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        shortcuts.local(self, QKeySequence.StandardKey.Copy, self.copy)

    def take_measures(self) -> None:
        """To be called when measures change."""
        self.setFont(theme.fixed_font())
        self.setIndentation(theme.edge())
        self.verticalScrollBar().setSingleStep(row_height())
        self.header().setMinimumSectionSize(theme.px(40))
        self.scheduleDelayedItemsLayout()

    def key_width(self, longest: int) -> int:
        """Pixels of a column of keys of which the longest takes `longest`: so many that the values of all panels stand
        below one another, where the keys are short and the panel is wide enough."""
        room = self.viewport().width()
        least = min(self.fontMetrics().horizontalAdvance("0" * 18), room // 4)
        wide = max(longest, least) + 2 * theme.edge() + theme.px(16)
        return min(wide, theme.px(_WIDEST_KEYS), max(room * 3 // 5, theme.px(80)))

    def copy(self) -> None:
        """The selected lines, to the clipboard."""
        raise NotImplementedError

    def menu(self, index: QModelIndex) -> QMenu:
        """What can be done with the line `index`."""
        raise NotImplementedError

    def select_only(self, index: QModelIndex) -> None:
        """The line `index`, whatever keys are held down."""
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def _menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if index.isValid():
            pop_up(self.menu(index), self, at)

    def drawBranches(self, painter: QPainter, rect: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        palette = theme.current()
        if self.selectionModel().isSelected(index):
            painter.fillRect(rect, palette.selection)
        if self.rootIsDecorated() and self.model().hasChildren(index):
            name = "chevron-down" if self.isExpanded(index) else "chevron-right"
            size = theme.px(_CHEVRON)
            icons.draw(painter, name, rect.right() - size - 1, rect.y() + (rect.height() - size) / 2,
                       palette.second, size)  # fmt: skip
