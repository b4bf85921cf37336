"""The runs: every life of the engine, what changed between them, how each ended and what it wrote.

Shares the lower half of the window with the messages and details of the selected exchange: `turn` goes to the runs and
back, and picking an exchange goes back too. Live it follows the newest run while that one is selected.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from inspector.errors import InspectorError
from inspector.recording.reader import Reader
from inspector.session.state import SessionState
from inspector.ui import icons, shortcuts, theme, words
from inspector.ui.actions import Actions
from inspector.ui.models.run_table import BEGAN, LASTED, NUMBER, STANDING, STANDS, STARTED, RunTable
from inspector.ui.panels.parts import Hairlines, Strip, WordButton, bare_rows
from inspector.ui.panels.run_story import RunStory
from inspector.ui.toolbar import label

_TICK_MS = 1000
_Index = QModelIndex | QPersistentModelIndex


class RunDelegate(QStyledItemDelegate):
    """A run on a line, painted with `drawText`."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        palette = theme.current()
        rect: QRect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, palette.selection)
        column = index.column()
        stands = index.data(STANDS)
        color = palette.second
        gap = theme.px(8)
        if column == STANDING:
            color = getattr(palette, stands.color)
            size = theme.px(11)
            icons.draw(painter, stands.icon, rect.x(), rect.y() + (rect.height() - size) / 2, color, size)
            rect = rect.adjusted(size + theme.px(7), 0, 0, 0)
            color = color if stands.color != "second" else palette.text
        elif column == STARTED:
            color = palette.text
        painter.setFont(theme.fixed_font() if column == BEGAN else theme.interface_font())
        painter.setPen(color)
        rect = rect.adjusted(0, 0, -gap, 0)
        side = Qt.AlignmentFlag.AlignRight if column in (NUMBER, LASTED) else Qt.AlignmentFlag.AlignLeft
        if column == BEGAN and rect.width() < theme.px(40):
            return  # too narrow for a word
        text = painter.fontMetrics().elidedText(index.data() or "", Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(QRectF(rect), side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return QSize(theme.px(60), theme.row_height())


class RunView(QTableView):
    """The table of runs."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class RunsPanel(QStackedWidget):
    """The lower half: `beside` (messages and details), or the runs."""

    turned = Signal()
    """To the runs, or back."""
    lifespan_wanted = Signal(int)
    failed = Signal(object)
    """The recording cannot be read: an `InspectorError`."""

    def __init__(self, actions: Actions, beside: QWidget) -> None:
        super().__init__()
        self.setObjectName("lowerHalf")
        self._widths: dict[int, int] = {}
        self._reader: Reader | None = None
        self._state: SessionState | None = None
        self.model = RunTable(self)
        self._count = label(role="second", name="runCount")
        back = WordButton("Back to messages", actions["runs.show"].toolTip())
        back.setObjectName("runsBack")
        back.clicked.connect(actions["runs.show"].trigger)
        self.table = self._table()
        self.story = RunStory(actions)
        self.story.lifespan_wanted.connect(self.lifespan_wanted)
        header = Strip("Runs")
        header.layout_.addWidget(self._count, 1)
        header.layout_.addWidget(back)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(header)
        column.addWidget(self.table, 1)
        theme.dressed(left)
        self._split = Hairlines(Qt.Orientation.Horizontal, "runSplitter", left, self.story)
        self.table.resized.connect(self._give_way)
        self._split.setStretchFactor(0, 4)
        self._split.setStretchFactor(1, 5)
        self.addWidget(beside)
        self.addWidget(self._split)
        self._ticker = QTimer(self, interval=_TICK_MS)
        self._ticker.timeout.connect(self.model.tick)
        shortcuts.local(self._split, "Esc", self.back, inside=True)
        theme.measured(self._measure)

    def parts(self) -> list[QWidget]:
        """The list and the story, each a column."""
        return [part for at in range(self._split.count()) if (part := self._split.widget(at)) is not None]

    def _table(self) -> RunView:
        table = RunView()
        table.setObjectName("runTable")
        table.setAccessibleName("Runs")
        table.setModel(self.model)
        table.setItemDelegate(RunDelegate(table))
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.horizontalHeader().setMinimumSectionSize(10)
        bare_rows(table, BEGAN)
        table.selectionModel().currentRowChanged.connect(self._tell)
        shortcuts.local(table, QKeySequence.StandardKey.Copy, self.copy)
        return table

    def _measure(self) -> None:
        figures = QFontMetrics(theme.interface_font())
        air = theme.px(16)
        self.table.verticalHeader().setDefaultSectionSize(theme.row_height())
        for column, widest in ((NUMBER, "0,000"), (STARTED, "00:00:00"), (LASTED, "00 m 00 s")):
            self._widths[column] = figures.horizontalAdvance(widest) + air
            self.table.setColumnWidth(column, self._widths[column])
        self.table.setColumnWidth(STANDING, figures.horizontalAdvance("ended by force") + theme.px(18) + air)
        self._give_way()

    def _give_way(self) -> None:
        """Where it is narrow how long it lasted goes, then when it started: how a run ended is always there."""
        room = self.table.viewport().width() - self.table.columnWidth(STANDING)
        for column in (NUMBER, STARTED, LASTED):
            room -= self._widths[column]
            self.table.setColumnHidden(column, room < 0)

    # What is shown

    @property
    def showing(self) -> bool:
        """The runs stand in the lower half."""
        return self.currentIndex() == 1

    def turn(self) -> None:
        """To the runs, or back to the messages."""
        self.setCurrentIndex(0 if self.showing else 1)
        if self.showing:
            self.refresh()
            self.table.setFocus()
        self._tick()
        self.turned.emit()

    def back(self, _exchange: object = None) -> None:
        """To the messages and details."""
        if self.showing:
            self.turn()

    def show_reader(self, reader: Reader | None) -> None:
        """The runs of another recording, or of none."""
        self._reader = reader
        self._state = None
        self.model.clear()
        self.story.show_run(None, None, None, False)
        self.back()

    def show_state(self, state: SessionState | None) -> None:
        """What the session says; None for a recording from a file."""
        self._state = state
        if self.showing:
            self.refresh()

    def refresh(self) -> None:
        """What came since, where it is looked at. Moves the selection only on from the newest to a newer one."""
        if self._reader is None or not self.showing:
            return
        try:
            runs = self._reader.runs(self.model.oldest_open)
        except InspectorError as error:
            self.failed.emit(error)
            return
        count = self.model.rowCount()
        at_newest = self.table.currentIndex().row() == count - 1
        self.model.take(runs, self._state)
        if self.model.rowCount() > count and at_newest:
            self.table.setCurrentIndex(self.model.index(self.model.rowCount() - 1, 0))
            self.table.scrollToBottom()
        self._count.setText(words.counted(self.model.rowCount(), "run") if self.model.rowCount() else "")
        self._tell()
        self._tick()

    def copy(self) -> None:
        """The selected run as a line of text."""
        row = self.table.currentIndex().row()
        if row >= 0:
            texts = [str(self.model.index(row, column).data() or "") for column in range(self.model.columnCount())]
            QApplication.clipboard().setText("\t".join(texts))

    def _tell(self, *_: object) -> None:
        row = self.table.currentIndex().row()
        run = self.model.runs[row] if 0 <= row < len(self.model.runs) else None
        newest = row == len(self.model.runs) - 1
        live = self._state is not None and newest
        try:
            self.story.show_run(self._reader, run, self.model.standing(run) if run else None, live)
        except InspectorError as error:
            self.failed.emit(error)

    def _tick(self) -> None:
        ticking = self.showing and self._state is not None and self._state.phase not in ("stopped", "")
        if ticking != self._ticker.isActive():
            self._ticker.start() if ticking else self._ticker.stop()
