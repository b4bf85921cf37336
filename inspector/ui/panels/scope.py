"""A scope, an environ or a message's keys as a tree with types; headers as a table of names and values."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from inspector.trace import values
from inspector.ui import shown, theme
from inspector.ui.find.marks import write
from inspector.ui.models.header_words import row_meaning
from inspector.ui.models.scope_keys import meaning
from inspector.ui.models.scope_tree import KEY, TYPE, VALUE, Node, ScopeTree, together
from inspector.ui.panels.line_tree import LineTree, row_height

_ROOMY = 420
"""Width in pixels from which on there is room for the types."""
_REOPENED = 1_000
"""Lines among which branches stay open."""
_COPIED = 10_000
"""Lines that are copied at most."""


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
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, palette.selection)
        kind = index.column() == TYPE
        painter.setFont(theme.interface_font() if kind else theme.fixed_font())
        quiet = palette.third if kind and not selected else palette.second
        painter.setPen(palette.text if index.column() == VALUE else quiet)
        left = theme.edge() if self._bare and index.column() == KEY else 0
        room = rect.adjusted(left, 0, -theme.edge() if kind else -theme.px(8), 0)
        side = Qt.AlignmentFlag.AlignRight if kind else Qt.AlignmentFlag.AlignLeft
        write(painter, option, room, index.data() or "", side)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        text = index.data() or ""
        width = option.fontMetrics.horizontalAdvance(text[:200])
        return QSize(width + theme.px(14), row_height())


class ScopeView(LineTree):
    """Keys, values, types. The menu copies what is selected, or the whole, as text, Python or JSON."""

    def __init__(
        self,
        name: str = "scopeTree",
        bare: bool = False,
        means: Callable[[tuple[str, ...]], str] = meaning,
        parent: QWidget | None = None,
    ) -> None:
        """`bare`: text without quotes and types, for headers. `means` tells what the key at a path means."""
        super().__init__(name, "Headers" if bare else "Scope or environ", parent)
        self._bare = bare
        self.tree = ScopeTree(bare, row_meaning if bare else means, self)
        self.setModel(self.tree)
        self.setItemDelegate(_KeyDelegate(bare, self))
        self.setHeaderHidden(True)
        self.setRootIsDecorated(not bare)
        self.header().setSectionResizeMode(VALUE, QHeaderView.ResizeMode.Stretch)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.take_measures()
        if not self._bare:
            widest = QFontMetrics(theme.interface_font()).horizontalAdvance("object of the app")
            self.setColumnHidden(TYPE, False)
            self.setColumnWidth(TYPE, widest + theme.edge() + theme.px(8))
            self._give_way()
        self._fit()

    def show_value(self, value: Mapping[str, Any] | Sequence[tuple[str, str]]) -> None:
        """The items of `value`; branches that were open stay open where the same keys are there."""
        opened = self._opened()
        self.tree.show(value)
        for row in range(min(self.tree.rowCount(), _REOPENED) if opened else 0):
            index = self.tree.index(row, 0)
            if index.data() in opened:
                self.setExpanded(index, True)
        self._fit()

    def _opened(self) -> set[str]:
        if self._bare:  # headers have no branches
            return set()
        rows = range(min(self.tree.rowCount(), _REOPENED))
        return {index.data() for row in rows if self.isExpanded(index := self.tree.index(row, 0))}

    def _fit(self) -> None:
        """The column of keys as wide as its longest key among the first, but within reason."""
        metrics = self.fontMetrics()
        rows = range(min(self.tree.rowCount(), 200))
        longest = max((metrics.horizontalAdvance(self.tree.index(row, 0).data()[:80]) for row in rows), default=0)
        self.setColumnWidth(0, self.key_width(longest))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_way()
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _give_way(self) -> None:
        if not self._bare:
            self.setColumnHidden(TYPE, self.viewport().width() < theme.px(_ROOMY))

    def selected(self) -> list[Node]:
        """The lines that are selected, in their order from the top."""
        chosen = self.selectionModel().selectedRows()[:_COPIED]
        nodes = [self.tree.node(index) for index in chosen]
        return sorted(nodes, key=_place)

    def copy(self) -> None:
        """The selected lines, as key and value apart by a tab."""
        clip("\n".join(f"{shown.plain(node.key)}\t{shown.plain(node.value)}" for node in self.selected()))

    def copy_python(self) -> None:
        """What is selected, or else the whole, as a literal that Python reads back."""
        nodes = self.selected()
        clip(shown.python(together(nodes) if nodes else self.tree.whole, lines=True))

    def copy_json(self) -> None:
        """What is selected, or else the whole, as JSON: bytes as latin-1 text, as in an export."""
        nodes = self.selected()
        clip(as_json(together(nodes) if nodes else self.tree.whole))

    def menu(self, index: QModelIndex) -> QMenu:
        """What can be done with the lines that are selected, `index` among them, and with the whole."""
        if not self.selectionModel().isSelected(index):
            self.select_only(index)
        nodes = self.selected()
        several = len(nodes) > 1
        menu = QMenu(self)
        menu.addAction("Copy values" if several else "Copy value", lambda: clip(_lines(nodes, "value")))
        noun = "name" if self._bare else "key"
        menu.addAction(f"Copy {noun}s" if several else f"Copy {noun}", lambda: clip(_lines(nodes, "key")))
        if self._bare:
            pairs = [f"{shown.plain(node.key)}: {shown.plain(node.value)}" for node in nodes]
            menu.addAction("Copy as header lines" if several else "Copy as header line", lambda: clip("\n".join(pairs)))
            return menu
        menu.addAction("Copy as Python", self.copy_python)
        menu.addAction("Copy as JSON", self.copy_json)
        menu.addSeparator()
        menu.addAction("Copy all as Python", lambda: clip(shown.python(self.tree.whole, lines=True)))
        menu.addAction("Copy all as JSON", lambda: clip(as_json(self.tree.whole)))
        if self.tree.hasChildren(index.siblingAtColumn(KEY)):
            menu.addSeparator()
            menu.addAction("Expand all below", lambda: self.expandRecursively(index.siblingAtColumn(KEY)))
        return menu


def as_json(value: object) -> str:
    """`value` laid out as JSON, in the shapes of an export."""
    return json.dumps(values.to_json(value), indent=2, ensure_ascii=False)


def _place(node: Node) -> tuple[int, ...]:
    rows: list[int] = []
    at: Node | None = node
    while at is not None and at.parent is not None:
        rows.append(at.row)
        at = at.parent
    return tuple(reversed(rows))


def _lines(nodes: Sequence[Node], name: str) -> str:
    return "\n".join(shown.plain(getattr(node, name)) for node in nodes)


def clip(text: str) -> None:
    """To the clipboard."""
    # A half of a surrogate pair cannot leave the program: it goes as its escape.
    QApplication.clipboard().setText(text.encode("utf-8", "backslashreplace").decode())
