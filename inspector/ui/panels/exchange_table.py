"""The exchange table: it follows the newest while it stands at the tail, and otherwise lets nothing move."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from inspector.recording.rows import ExchangeRow
from inspector.trace import clock
from inspector.ui import icons, theme
from inspector.ui.models import cells
from inspector.ui.models.cells import COLUMNS
from inspector.ui.models.exchange_table import ExchangeTableModel
from inspector.ui.panels import waterfall

_AIR = 8
"""Pixels left and right of a cell's text."""
_RUNNING_MS = 100
"""How often the running times of exchanges in flight are painted again."""
_V_CENTER = Qt.AlignmentFlag.AlignVCenter
Index = QModelIndex | QPersistentModelIndex


class Header(QHeaderView):
    """Titles above their columns, at the side their figures stand; a chevron at the one that sorts."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName("exchangeTableHeader")
        self.setAccessibleName("Columns of the exchange table")
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSortIndicatorShown(True)
        self.setSortIndicatorClearable(True)
        self.setMinimumSectionSize(40)
        self.setFixedHeight(27)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        palette, column = theme.current(), COLUMNS[section]
        painter.fillRect(rect, palette.panel)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, palette.hairline)
        sorts = self.sortIndicatorSection() == section
        painter.setFont(theme.small(theme.interface_font()))
        painter.setPen(palette.text if sorts else palette.second)
        left, right = _edges(section)
        inner = rect.adjusted(left, 0, -right, -1)
        side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
        title = painter.fontMetrics().elidedText(column.title, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, side | _V_CENTER, title)
        if sorts:
            name = "chevron-up" if self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder else "chevron-down"
            width = painter.fontMetrics().horizontalAdvance(title)
            x = inner.right() - width - 14 if column.right else inner.left() + width + 3
            icons.draw(painter, name, x, rect.center().y() - 5, palette.second, 11)


class ExchangeDelegate(QStyledItemDelegate):
    """Paints the cells with `drawText` and nothing else: the stock delegate takes five times as long."""

    def __init__(self, parent: ExchangeTable) -> None:
        super().__init__(parent)
        self._table = parent
        self.dress()

    def dress(self) -> None:
        """Takes the fonts once; a paint asks for nothing it can know beforehand."""
        self._plain, self._fixed = theme.interface_font(), theme.fixed_font()
        self._heavy = theme.weighted(self._plain)
        self._metrics = {font.key(): QFontMetrics(font) for font in (self._plain, self._fixed, self._heavy)}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        palette = theme.current()
        rect: QRect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        section = index.column()
        if selected:
            painter.fillRect(rect, palette.selection)
            if section == 0 and self._table.hasFocus():
                painter.fillRect(rect.left(), rect.top(), 2, rect.height(), palette.accent)
        row = self._table.rows.row(index.row()) if self._table.rows is not None else None
        if row is None:
            return
        if section == cells.WATERFALL:
            waterfall.paint(painter, rect, row, self._table.scale, palette, self._table.now_ns)
            return
        text = COLUMNS[section].text(row, self._table.now_ns)
        font, color = self._look(section, row)
        if selected and color is palette.third:
            color = palette.second
        left, right = _edges(section)
        inner = rect.adjusted(left, 0, -right, 0)
        metrics = self._metrics[font.key()]
        if metrics.horizontalAdvance(text[:400]) > inner.width():
            text = metrics.elidedText(text[:400], Qt.TextElideMode.ElideRight, inner.width())
        painter.setFont(font)
        painter.setPen(color)
        side = Qt.AlignmentFlag.AlignRight if COLUMNS[section].right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(inner, side | _V_CENTER | Qt.TextFlag.TextSingleLine, text)
        if section == cells.STATUS and row.exception and not cells.unsupported(row):
            x = inner.left() + metrics.horizontalAdvance(text) + 5
            icons.draw(painter, "exception", x, rect.center().y() - 6, palette.status_5xx, 13)

    def _look(self, section: int, row: ExchangeRow) -> tuple[QFont, QColor]:
        palette = theme.current()
        match section:
            case cells.METHOD:
                return self._heavy, palette.method(cells.method(row))
            case cells.PATH:
                return self._fixed, palette.second if row.kind == "lifespan" else palette.text
            case cells.STATUS:
                return self._heavy, palette.status(row.status)
            case cells.NUMBER:
                return self._plain, palette.third
            case cells.TOTAL if row.outcome == "lost":
                return self._plain, palette.status_5xx
        return self._plain, palette.second

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(COLUMNS[index.column()].width or 200, theme.row_height())


def _edges(section: int) -> tuple[int, int]:
    """Free pixels left and right in the cells of a column."""
    if section == cells.WATERFALL:
        return 24, _AIR
    return (theme.edge() if section == 0 else _AIR), _AIR


class ExchangeTable(QTableView):
    """A view of `ExchangeTableModel`. Not a row is picked but an exchange: it stays so whatever the rows do."""

    picked = Signal(object)
    """The id of the exchange that the user went to, or None where the user let go."""
    followed = Signal()
    """It stands at the tail now, or no longer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("exchangeTable")
        self.setAccessibleName("Exchanges")
        self.rows: ExchangeTableModel | None = None
        self.now_ns = 0
        self.scale = waterfall.Scale()
        self._picked: int | None = None
        self._following = True
        self._steady = False
        self._anchor: tuple[int, int] | None = None
        self._teaching: QWidget | None = None
        self.setHorizontalHeader(Header(self))
        self.horizontalHeader().sortIndicatorChanged.connect(self._sort)
        self._delegate = ExchangeDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setMinimumSectionSize(theme.row_height())
        rows.setDefaultSectionSize(theme.row_height())
        self.verticalScrollBar().valueChanged.connect(self._on_scroll)
        self._running = QTimer(self, interval=_RUNNING_MS)
        self._running.timeout.connect(self._paint_running)
        self._running.start()
        theme.observer.changed.connect(self._delegate.dress)

    def show_rows(self, model: ExchangeTableModel | None, follow: bool) -> None:
        """Shows the rows of `model`, from the newest on or from the first; None shows nothing."""
        self.rows, self._picked, self._following, self._steady = model, None, follow, False
        self.setModel(model)
        if model is None:
            return
        for about in (model.rowsAboutToBeInserted, model.modelAboutToBeReset):
            about.connect(self._hold)
        for done in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            done.connect(self._settle)
        header = self.horizontalHeader()
        for section, column in enumerate(COLUMNS):
            stretch = QHeaderView.ResizeMode.Stretch if not column.width else QHeaderView.ResizeMode.Interactive
            header.setSectionResizeMode(section, stretch)
            if column.width:
                self.setColumnWidth(section, column.width)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._fit()
        self._teach()

    # What is picked, and where the view stands

    @property
    def current(self) -> int | None:
        """The id of the exchange that is picked; it may be hidden by the filter, or dropped."""
        return self._picked

    @property
    def following(self) -> bool:
        return self._following

    def pick(self, exchange: int) -> None:
        """As if the user had gone to this exchange."""
        if self.rows is not None and (position := self.rows.position(exchange)) >= 0:
            self.selectRow(position)

    def follow(self) -> None:
        """Goes to the newest, and stays there."""
        self._following = True
        self._to_tail()
        self.followed.emit()

    def visible_rows(self) -> tuple[int, int]:
        """First and last row on screen; (0, -1) where there is none."""
        if self.rows is None or not self.rows.rowCount():
            return 0, -1
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        return max(first, 0), last if last >= 0 else self.rows.rowCount() - 1

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        if self._steady or self.rows is None:
            return
        rows = self.selectionModel().selectedRows()
        picked = self.rows.id_at(rows[0].row()) if rows else None
        if picked != self._picked:
            self._picked = picked
            self.picked.emit(picked)
            self._stay_with(rows[0].row() if rows else -1)

    def _stay_with(self, position: int) -> None:
        """Whoever picks an exchange wants to see it: only with the newest one the view goes on to follow."""
        assert self.rows is not None
        newest = 0 if self.rows.newest_first else self.rows.rowCount() - 1
        if self._following and position not in (-1, newest):
            self._following = False
            self.followed.emit()

    def rowsAboutToBeRemoved(self, parent: Index, start: int, end: int) -> None:
        self._hold()
        if start <= self.currentIndex().row() <= end:  # Qt would go to the row next to it
            self.selectionModel().clear()
        super().rowsAboutToBeRemoved(parent, start, end)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Home and End go to the first and the last row; Qt's own go to the first and last cell of one."""
        count = self.rows.rowCount() if self.rows is not None else 0
        if event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and count:
            self.selectRow(0 if event.key() == Qt.Key.Key_Home else count - 1)
            return
        super().keyPressEvent(event)

    def _sort(self, section: int, order: Qt.SortOrder) -> None:
        if self.rows is not None:
            self.rows.sort(section, order)

    def _hold(self) -> None:
        """Before the rows change: from now on nothing that happens is the user's doing."""
        self._steady = True
        offset = self.verticalScrollBar().value()
        top = self.rows.id_at(offset // theme.row_height()) if self.rows is not None else None
        self._anchor = (top, offset % theme.row_height()) if top is not None and offset else None

    def _settle(self) -> None:
        """After the rows changed: the same exchange is picked, and the same at the top, or the newest in view."""
        if self.rows is None:
            return
        position = self.rows.position(self._picked) if self._picked is not None else -1
        if position >= 0 and not self.selectionModel().isRowSelected(position):
            self.setAutoScroll(False)
            self.selectRow(position)
            self.setAutoScroll(True)
        self.updateGeometries()
        if self._following:
            self._to_tail()
        elif self._anchor is not None:
            top, rest = self._anchor
            self.verticalScrollBar().setValue(self.rows.nearest(top) * theme.row_height() + rest)
        self._steady = False
        self._teach()

    def _to_tail(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(0 if self.rows is not None and self.rows.newest_first else bar.maximum())

    def _on_scroll(self, value: int) -> None:
        if self._steady or self.rows is None:
            return
        following = value == 0 if self.rows.newest_first else value >= self.verticalScrollBar().maximum()
        if following != self._following:
            self._following = following
            self.followed.emit()

    # Painting

    def set_teaching(self, widget: QWidget) -> None:
        """What is shown where there are no rows; it says what would bring some."""
        self._teaching = widget
        widget.setParent(self.viewport())
        self._teach()

    def _teach(self) -> None:
        if self._teaching is not None:
            self._teaching.setVisible(self.rows is not None and not self.rows.rowCount())

    def paintEvent(self, event: QPaintEvent) -> None:
        self.now_ns = clock.now()
        self.scale = waterfall.scale(self._rows_in_view(), self.now_ns)
        super().paintEvent(event)

    def _rows_in_view(self) -> list[ExchangeRow]:
        first, last = self.visible_rows()
        assert self.rows is not None or last < first
        return [
            row for at in range(first, last + 1) if self.rows is not None and (row := self.rows.row(at)) is not None
        ]

    def _paint_running(self) -> None:
        if self.isVisible() and any(row.live for row in self._rows_in_view()):
            self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        steady, self._steady = self._steady, True
        super().resizeEvent(event)
        self._fit()
        if self._following:
            self._to_tail()
        self._steady = steady

    def _fit(self) -> None:
        width = self.viewport().width()
        self.setColumnWidth(cells.WATERFALL, min(max(int(width * 0.25), 110), 420))
        if self._teaching is not None:
            self._teaching.setGeometry(self.viewport().rect())
