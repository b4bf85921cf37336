"""The exchange table: it follows the newest while it stands at the tail, and otherwise lets nothing move."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QToolTip, QWidget

from inspector.trace import clock
from inspector.trace.stepping import Held
from inspector.ui import theme
from inspector.ui.models import cells, columns
from inspector.ui.models.cells import NAMES
from inspector.ui.models.exchange_table import ExchangeTableModel
from inspector.ui.panels import run_lines, waterfall
from inspector.ui.panels.choosing_table import KEPT
from inspector.ui.panels.exchange_delegate import ExchangeDelegate
from inspector.ui.panels.exchange_header import Header
from inspector.ui.panels.floating import NewestButton, Notice
from inspector.ui.panels.standing_table import StandingTable

_RUNNING_MS = 100
"""How often the running times of exchanges in flight are painted again."""
_FEW = 4
"""Lifespans below which the table still teaches."""
_NEAR = 8
"""Pixels around the line of a run in which a tooltip tells of it."""


class ExchangeTable(StandingTable):
    """A view of `ExchangeTableModel`: where it stands, and how it looks."""

    followed = Signal()
    """It stands at the tail now, or no longer."""
    marked = Signal()
    """Pin, note or colour of exchanges has been changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("exchangeTable")
        self.setAccessibleName("Exchanges")
        self.now_ns, self.current_row = 0, -1
        self.scale = waterfall.Scale()
        self._following = True
        self._left: int | None = None
        """The newest exchange that was seen while it does not follow."""
        self._anchor: tuple[int, int] | None = None
        self._lines: list[tuple[int, int, int]] = []
        self._teaching: QWidget | None = None
        self._menu: QMenu | None = None
        self._sorted = ("", False)
        self._resorted = False
        """The user has sorted; the rows in that order are not there yet."""
        theme.dressed(self)
        self.header = Header(self)
        self.setHorizontalHeader(self.header)
        self.addScrollBarWidget(self.header.cap, Qt.AlignmentFlag.AlignTop)
        self.header.sortIndicatorChanged.connect(self._sort)
        self.holds: dict[int, Held] = {}
        self.setItemDelegate(ExchangeDelegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalScrollBar().valueChanged.connect(self._on_scroll)
        self.newest = NewestButton(self.viewport())
        self.newest.clicked.connect(self.follow)
        self.notice = Notice(self.viewport())
        self._running = QTimer(self, interval=_RUNNING_MS)
        self._running.timeout.connect(self._paint_running)
        self._running.start()
        theme.measured(self._measure)

    def show_rows(self, model: ExchangeTableModel | None, follow: bool) -> None:
        """Shows the rows of `model`, from the newest on or from the first; None shows nothing."""
        self._following, self._left = follow, None
        self.choose_among(model)
        self.setModel(model)
        self.show_holds({})
        if model is None:
            self._offer_newest()
            return
        for about in (model.rowsAboutToBeInserted, model.modelAboutToBeReset):
            about.connect(self._hold)
        for done in (model.rowsInserted, model.rowsRemoved):
            done.connect(self._settle)
        model.modelReset.connect(self._restored)
        model.replaced.connect(self._show_first)
        self.header.lay_out(self.header.places)
        name, descending = self._sorted
        section, order = NAMES.index(name) if name else -1, Qt.SortOrder(int(descending))
        self.header.blockSignals(True)  # it tells nothing where it was so before, and this model must be told
        self.header.setSortIndicator(section, order)
        self.header.blockSignals(False)
        if name:
            model.sort(section, order)
        self._number()
        self._fit()
        self._teach()

    def show_holds(self, holds: dict[int, Held]) -> None:
        """What is held at this moment, by exchange."""
        self.holds = holds
        if self.rows is not None:
            self.rows.holds = holds
        self.viewport().update()

    # What is chosen, and where the view stands

    @property
    def following(self) -> bool:
        return self._following

    def follow(self) -> None:
        """Goes to the newest, and stays there."""
        self._following = True
        self._to_tail()
        self._offer_newest()
        self.followed.emit()

    def ask_again(self) -> None:
        """After marks were set: the filter may say otherwise of some rows now."""
        if self.rows is not None:
            self.rows.ask_again()
            self.viewport().update()
            self.marked.emit()

    def _went_to(self, position: int) -> None:
        """Whoever picks an exchange wants to see it: only with the newest one the view goes on to follow."""
        newest = 0 if self.rows is None or self.rows.newest_first else self.rows.rowCount() - 1
        if self._following and position not in (-1, newest):
            self._following = False
            self.followed.emit()
        self._look()

    def _sort(self, section: int, order: Qt.SortOrder) -> None:
        if self.rows is not None:
            self._sorted = NAMES[section] if section >= 0 else "", order == Qt.SortOrder.DescendingOrder
            self._resorted = True
            self.rows.sort(section, order)

    def _hold(self) -> None:
        """Before the rows change: from now on nothing that happens is the user's doing."""
        self._keep()
        offset = self.verticalScrollBar().value()
        top = self.rows.id_at(offset // self._height) if self.rows is not None else None
        self._anchor = (top, offset % self._height) if top is not None and offset else None

    def _restored(self) -> None:
        if not self._restore():
            self.notice.say(f"Selection let go: of more than {KEPT:,} rows none is kept where the rows become others")
        self._settle()

    def _show_first(self) -> None:
        """Who sorts wants to see what comes first now."""
        resorted, self._resorted = self._resorted, False
        if resorted and not self._following:
            self.verticalScrollBar().setValue(0)

    def _settle(self) -> None:
        """After the rows changed: the same exchange is current, and the same at the top, or the newest in view."""
        if self.rows is None:
            return
        self._return()
        self.updateGeometries()
        if self._following:
            self._to_tail()
        elif self._anchor is not None:
            top, rest = self._anchor
            self.verticalScrollBar().setValue(self.rows.nearest(top) * self._height + rest)
        self._steady = False
        self._number()
        self._teach()
        self._offer_newest()
        self._look()

    def _on_scroll(self) -> None:
        if self._steady or self.rows is None:
            return
        self._stand()
        self._look()

    def _stand(self) -> None:
        """Whether it follows is told by where it stands."""
        if (following := self._at_tail()) != self._following:
            self._following = following
            self.followed.emit()
        self._offer_newest()

    def _offer_newest(self) -> None:
        """Says how many rows came since it follows no longer; those that have been in view are not new any more."""
        rows = self.rows
        if rows is None or self._following or not rows.in_order or not rows.rowCount():
            self._left = None if self._following else self._left
            self.newest.show_count(0, above=False)
            return
        seen = rows.id_at(self.visible_rows()[0 if rows.newest_first else 1]) or 0
        if self._left is None:
            self._left = rows.id_at(0 if rows.newest_first else rows.rowCount() - 1)
        self._left = max(self._left or 0, seen)
        self.newest.show_count(rows.newer(self._left), rows.newest_first)

    # Its looks

    def arrange(self, places: object, order: object) -> None:
        """Columns and order as the settings keep them (`models.columns`), whatever stands there."""
        self.header.lay_out(columns.read(places))
        self._sorted = columns.read_order(order)

    def arrangement(self) -> tuple[list[str], str]:
        """Columns and order for the settings."""
        return columns.written(self.header.places), columns.written_order(*self._sorted)

    def set_menu(self, menu: QMenu) -> None:
        """What a right click opens."""
        self._menu = menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._menu is not None and self._picked is not None:
            at = event.globalPos()
            if event.reason() == QContextMenuEvent.Reason.Keyboard and self.currentIndex().isValid():
                at = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
            self._menu.popup(at)

    def set_teaching(self, widget: QWidget) -> None:
        """What is shown where no client has come yet; it says what would bring one."""
        self._teaching = widget
        widget.setParent(self.viewport())
        self._teach()

    def _number(self) -> None:
        """Numbers are shown whole: there is room for the newest."""
        rows = self.rows
        if rows is not None and (count := rows.rowCount()):
            self.header.show_numbers(max(rows.id_at(0) or 0, rows.id_at(count - 1) or 0))

    def _teach(self) -> None:
        """Below the lifespans, where there is nothing else."""
        if self._teaching is None:
            return
        count = self._lifespans()
        self._teaching.setVisible(count >= 0)
        self._teaching.setGeometry(self.viewport().rect().adjusted(0, max(count, 0) * self._height, 0, 0))

    def _lifespans(self) -> int:
        """How many rows there are, where all are lifespans and few; else -1."""
        if self.rows is None:
            return -1
        count = self.rows.rowCount()
        if not count or count > _FEW or self.rows.filtered:
            return -1 if count else 0
        rows = map(self.rows.row, range(count))
        return count if all(row is not None and row.kind == "lifespan" for row in rows) else -1

    def paintEvent(self, event: QPaintEvent) -> None:
        self.now_ns, self.current_row = clock.now(), self.currentIndex().row()
        self.scale = waterfall.scale(self._rows_in_view(), self.now_ns, self.holds)
        super().paintEvent(event)
        self._lines = []
        if self.rows is None:
            return
        for position, newer, older in run_lines.boundaries(self.rows, *self.visible_rows()):
            self._lines.append((self.rowViewportPosition(position), newer, older))
        if self._lines:
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            left = self.columnViewportPosition(cells.PATH)
            room = left, left + self.columnWidth(cells.PATH)
            told = [(y, run_lines.told(self.rows, newer, older)) for y, newer, older in self._lines]
            run_lines.paint(painter, self.viewport().width(), room, told)
            painter.end()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self.rows is not None:
            for y, newer, older in self._lines:
                if abs(event.pos().y() - y) <= theme.px(_NEAR):
                    tip = cells.as_plain(run_lines.details(self.rows, newer, older))
                    QToolTip.showText(event.globalPos(), tip, self.viewport())
                    return True
        return super().viewportEvent(event)

    def _paint_running(self) -> None:
        if self.isVisible() and any(row.live for row in self._rows_in_view()):
            self.viewport().update()

    def _measure(self) -> None:
        before, self._height = self._height, theme.row_height()
        steady, self._steady = self._steady, True
        top = self.verticalScrollBar().value() / before
        self.verticalHeader().setMinimumSectionSize(self._height)
        self.verticalHeader().setDefaultSectionSize(self._height)
        self.updateGeometries()
        self.verticalScrollBar().setValue(round(top * self._height))
        self._fit()
        self._keep_standing()
        self._steady = steady

    def resizeEvent(self, event: QResizeEvent) -> None:
        steady, self._steady = self._steady, True
        super().resizeEvent(event)
        self._fit()
        self._keep_standing()
        self._steady = steady

    def _keep_standing(self) -> None:
        """After the view or its rows took another size: at the tail, unless that takes the picked row out of sight."""
        if self.rows is None:
            return
        if self._following:
            self._to_tail()
        self._keep_in_sight()
        if self._following:
            self._stand()
        else:
            self._offer_newest()

    def _fit(self) -> None:
        self.header.fit(self.viewport().width())
        self.newest.place(self.rows is not None and self.rows.newest_first)
        self.notice.place()
        self._teach()
