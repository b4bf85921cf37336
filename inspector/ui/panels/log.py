"""What the app wrote during an exchange: logging, stdout, stderr, wsgi.errors."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QFontMetricsF,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from inspector.recording.rows import LogRow
from inspector.ui import shortcuts, shown, theme, words
from inspector.ui.find.marks import write
from inspector.ui.models.log_list import ENTRY, LogList, level, origin, place, wrapped
from inspector.ui.panels.parts import WordButton, pop_up

_GAP = 5


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
        y = rect.y() + theme.px(_GAP)

        def label(left: float, width: float, what: str, flag: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft) -> None:
            painter.drawText(QRectF(left, y, width, line), flag | Qt.TextFlag.TextSingleLine, what)

        painter.setPen(palette.second)
        label(times, levels - times - theme.px(12), self._view.list.time(row), Qt.AlignmentFlag.AlignRight)
        color = {
            "WARNING": palette.status_4xx,
            "ERROR": palette.status_5xx,
            "CRITICAL": palette.status_5xx,
            "INFO": palette.status_3xx,
        }.get(row.level, palette.second)
        painter.setPen(color)
        label(levels, text - levels - theme.px(8), level(row))
        self._origin(painter, option, row, QRect(round(text), y, round(right - text), line))
        painter.setPen(palette.text)
        for part in self._view.text_lines(row):
            write(painter, option, QRect(round(text), y, round(right - text) + theme.px(_GAP), line), part)
            y += line

    def _origin(self, painter: QPainter, option: QStyleOptionViewItem, row: LogRow, rect: QRect) -> None:
        palette = theme.current()
        where = self._view.origin(row)
        painter.setPen(palette.second)
        if self._view.hovered is row:  # its end is the place
            painter.setPen(palette.accent)
            width = painter.fontMetrics().horizontalAdvance(place(row))
            painter.fillRect(QRectF(rect.right() + 1 - width, rect.bottom(), width, 1), palette.accent)
        write(painter, option, rect, where, Qt.AlignmentFlag.AlignRight)

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        row: LogRow = index.data(ENTRY)
        lines = len(self._view.text_lines(row))
        return QSize(50, lines * QFontMetrics(theme.fixed_font()).lineSpacing() + 2 * theme.px(_GAP))


class LogView(QListView):
    """The entries. A click on file:line, or Enter on an entry, tells its place."""

    place_chosen = Signal(str, int)
    """File and line that the user wants to see."""

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
        self.setMouseTracking(True)
        self._columns = 0
        self._hovered: LogRow | None = None
        """Whose file:line the mouse is on."""
        self.activated.connect(self._open)
        shortcuts.local(self, QKeySequence.StandardKey.Copy, self.copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.verticalScrollBar().setSingleStep(QFontMetrics(theme.fixed_font()).lineSpacing())
        self.scheduleDelayedItemsLayout()
        self.viewport().update()

    def edges(self) -> tuple[float, float, float, float]:
        """Left edges of time, level and text; the right edge."""
        width = QFontMetricsF(theme.fixed_font()).horizontalAdvance("0")
        longest = max((len(self.list.time(row)) for row in self.list.rows[-1:]), default=6)
        levels = theme.edge() + max(longest, 6) * width + theme.px(12)
        return theme.edge(), levels, levels + 10 * width, self.viewport().width() - theme.edge()

    def text_lines(self, row: LogRow) -> list[str]:
        """What was written, over as many lines as it takes; at the end of the first one stands who wrote it."""
        room, where = self._characters(), len(self.origin(row))
        return wrapped(row.text, room, room - where - 2 if where else room)

    def origin(self, row: LogRow) -> str:
        """Who wrote it; where that would take more than a third of the room, the place alone."""
        room = self._characters()
        whole = origin(row)
        if len(whole) <= room // 3:
            return whole
        least, short = max(room // 2, 8), place(row)
        return short if len(short) <= least else f"\N{HORIZONTAL ELLIPSIS}{short[1 - least :]}"

    def _characters(self) -> int:
        """Of the fixed font, from the left edge of the text to the right edge."""
        _, _, text, right = self.edges()
        return int((right - text) / QFontMetricsF(theme.fixed_font()).horizontalAdvance("0"))

    def append(self, rows: Sequence[LogRow]) -> None:
        """More entries; the newest is followed only at the end."""
        bar = self.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        self.list.append(rows)
        if at_end:
            self.scrollToBottom()

    @property
    def hovered(self) -> LogRow | None:
        """The entry whose file:line the mouse is on."""
        return self._hovered

    def place_at(self, at: QPoint) -> LogRow | None:
        """The entry whose file:line stands at `at`; None where there is none."""
        index = self.indexAt(at)
        row: LogRow | None = index.data(ENTRY) if index.isValid() else None
        if row is None or not row.file:
            return None
        right = self.edges()[3]
        metrics = QFontMetrics(theme.fixed_font())
        width = metrics.horizontalAdvance(place(row))
        top = self.visualRect(index).top() + theme.px(_GAP)
        return row if right - width <= at.x() <= right and top <= at.y() <= top + metrics.lineSpacing() else None

    def current_place(self) -> tuple[str, int] | None:
        """File and line of the current entry; None where it has none."""
        row = self.currentIndex().data(ENTRY) if self.currentIndex().isValid() else None
        return (row.file, row.line) if row is not None and row.file else None

    def _open(self, index: QModelIndex) -> None:
        row: LogRow = index.data(ENTRY)
        if row.file:
            self.place_chosen.emit(row.file, row.line)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.place_at(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        row = self.place_at(event.position().toPoint())
        if row is not None and event.button() == Qt.MouseButton.LeftButton:
            self.place_chosen.emit(row.file, row.line)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(None)

    def _hover(self, row: LogRow | None) -> None:
        if row is not self._hovered:
            self._hovered = row
            self.viewport().setCursor(Qt.CursorShape.ArrowCursor if row is None else Qt.CursorShape.PointingHandCursor)
            self.viewport().update()

    def menu(self, index: QModelIndex) -> QMenu:
        """What can be done with the entries that are selected, `index` among them."""
        row: LogRow = index.data(ENTRY)
        if not self.selectionModel().isSelected(index):
            self.setCurrentIndex(index)
        menu = QMenu(self)
        menu.addAction("Copy", self.copy)
        menu.addAction("Copy the text only", self.copy_text)
        if row.file:
            menu.addSeparator()
            menu.addAction(f"Open {place(row)} in the editor", lambda: self.place_chosen.emit(row.file, row.line))
        return menu

    def _menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if index.isValid():
            pop_up(self.menu(index), self, at)

    def _selected(self) -> list[LogRow]:
        return [self.list.rows[index.row()] for index in sorted(self.selectedIndexes(), key=QModelIndex.row)]

    def copy_text(self) -> None:
        """What was written, nothing else."""
        QApplication.clipboard().setText("\n".join(row.text for row in self._selected()))

    def copy(self) -> None:
        """The selected entries, whole, as lines of text."""
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
            for row in self._selected()
        ]
        QApplication.clipboard().setText("\n".join(lines))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._characters() != self._columns:
            self._columns = self._characters()
            self.scheduleDelayedItemsLayout()


class LogPanel(QWidget):
    """The entries, and above them the levels and streams that there are: a click on some leaves only those."""

    counted = Signal()
    """There are others, or others are shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("logPanel")
        self.view = LogView()
        self.list = self.view.list
        self._facets = QWidget()
        self._facets.setObjectName("logFacets")
        self._facets.setAccessibleName("Levels and streams")
        self._row = QHBoxLayout(self._facets)
        self._row.addStretch(1)
        self._buttons: dict[str, WordButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._facets)
        column.addWidget(self.view, 1)
        self.list.counted.connect(self._tell)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self._row.setContentsMargins(theme.edge(), theme.px(6), theme.edge(), theme.px(2))
        self._row.setSpacing(theme.px(14))

    @property
    def last_id(self) -> int:
        """Of the newest entry that is known; 0 where there is none."""
        return self.list.all[-1].id if self.list.all else 0

    def left_out(self) -> int:
        """Entries that are not shown, because others are wished for."""
        return len(self.list.all) - len(self.list.rows)

    def show_rows(self, rows: Sequence[LogRow], zero_ns: int) -> None:
        """The log of another exchange, from its top."""
        self.list.show(rows, zero_ns)
        self.view.scrollToTop()

    def append(self, rows: Sequence[LogRow]) -> None:
        """More entries; the newest is followed only at the end."""
        self.view.append(rows)

    def _tell(self) -> None:
        facets = dict(self.list.facets())
        if list(facets) != list(self._buttons):
            self._lay(list(facets))
        for name, count in facets.items():
            button = self._buttons[name]
            text = f"{shown.one_line(name, 20)} {words.count(count)}"
            if button.text() != text:
                button.setText(text)
                button.setAccessibleName(text)
                button.updateGeometry()
        self._facets.setVisible(len(facets) > 1)
        self.counted.emit()

    def _lay(self, names: list[str]) -> None:
        focused = next((name for name, button in self._buttons.items() if button.hasFocus()), None)
        for button in self._buttons.values():
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons = {}
        for at, name in enumerate(names):
            button = self._buttons[name] = WordButton("", f"Show {shown.one_line(name, 40)} only", checkable=True)
            button.setObjectName(f"facet {name}")
            button.setChecked(name in self.list.wished)
            button.clicked.connect(self._wish)
            self._row.insertWidget(at, button)
            if name == focused:
                button.setFocus()

    def _wish(self) -> None:
        gone = self.list.wished - self._buttons.keys()  # wished for at another exchange: still so when it is there
        self.list.wish(gone | {name for name, button in self._buttons.items() if button.isChecked()})
        self.counted.emit()
