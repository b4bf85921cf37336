"""Small pieces that the panels are put together from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QSplitterHandle,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from inspector.ui import shown, theme

_STRIP_HEIGHT = 32
_AIR = 4


class Elided(QLabel):
    """A line of plain text, cut with an ellipsis where there is no room; the whole is its tooltip then."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setMinimumWidth(20)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        text = shown.one_line(text, 2_000)
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self.updateGeometry()
            self._cut()

    def whole(self) -> str:
        return self._whole

    def _cut(self) -> None:
        cut = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, max(self.width(), 20))
        self.setText(cut)
        self.setToolTip(self._whole if cut != self._whole else "")

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(20, super().minimumSizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._cut()

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._cut()


class Strip(QFrame):
    """The line at the top of a panel: its title, then what its owner puts into `layout_`; a hairline below."""

    def __init__(self, title: str = "", flush: bool = False, parent: QWidget | None = None) -> None:
        """`flush`: no air at the ends."""
        super().__init__(parent)
        self._flush = flush
        self.setProperty("surface", "bar")
        self.layout_ = QHBoxLayout(self)
        theme.measured(self._measure)
        if title:
            label = QLabel(title)
            label.setProperty("role", "title")
            self.layout_.addWidget(label)

    def _measure(self) -> None:
        self.setFixedHeight(strip_height())
        edge = 0 if self._flush else theme.edge()
        self.layout_.setContentsMargins(edge, 0, edge, 0)
        self.layout_.setSpacing(theme.px(14))


def strip_height() -> int:
    """Pixels of the line at the top of a panel."""
    return theme.px(_STRIP_HEIGHT)


def empty(text: str) -> QWidget:
    """What a panel shows instead of nothing: a sentence that teaches what would fill it."""
    label = QLabel(text)
    label.setObjectName("emptyText")
    label.setProperty("role", "second")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return _Framed(label, lambda: (2 * theme.edge(), theme.edge(), 2 * theme.edge(), theme.edge()))


class _Framed(QWidget):
    """A widget with margins that follow the zoom."""

    def __init__(self, view: QWidget, margins: Callable[[], tuple[int, int, int, int]]) -> None:
        super().__init__()
        self._margins = margins
        self._column = QVBoxLayout(self)
        self._column.addWidget(view)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self._column.setContentsMargins(*self._margins())


class WholeRows(QWidget):
    """`view` with a little air above it, and so much below that its last row is never cut."""

    def __init__(self, view: QWidget, row_height: Callable[[], int], head: Callable[[], int] = lambda: 0) -> None:
        """`head`: pixels of the view that are above its first row; it needs no air."""
        super().__init__()
        self._row_height, self._head = row_height, head
        self._column = QVBoxLayout(self)
        self._column.addWidget(view)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self._column.setContentsMargins(0, 0 if self._head() else theme.px(_AIR), 0, 0)
        self._whole()

    def _whole(self) -> None:
        above = self._head() or theme.px(_AIR)
        self.setContentsMargins(0, 0, 0, max(self.height() - above, 0) % self._row_height())

    def minimumSizeHint(self) -> QSize:
        """Without what is below the last row: a splitter would give more height for it, and so on without end."""
        hint = super().minimumSizeHint()
        return QSize(hint.width(), hint.height() - self.contentsMargins().bottom())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._whole()


def set_empty_text(page: QWidget, text: str) -> None:
    """Another sentence on a page made by `empty`."""
    label = page.findChild(QLabel, "emptyText")
    if label is not None:
        label.setText(shown.visible(text[:4_000]))


class Hairlines(QSplitter):
    """A splitter between regions: it paints its handles itself, for it wears no sheet."""

    def __init__(self, orientation: Qt.Orientation, name: str, *parts: QWidget) -> None:
        super().__init__(orientation)
        self.setObjectName(name)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        for part in parts:
            self.addWidget(part)

    def createHandle(self) -> QSplitterHandle:
        return _Hairline(self.orientation(), self)


class _Hairline(QSplitterHandle):
    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme.current().hairline)


class WordButton(QAbstractButton):
    """A button that is only its word: quiet, in full contrast when hovered, semi-bold while it is the one chosen."""

    def __init__(self, text: str, tooltip: str, checkable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setToolTip(tooltip)
        self.setAccessibleName(text)
        self.setCheckable(checkable)
        self.toggled.connect(self.updateGeometry)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        font = theme.interface_font()
        metrics = QFontMetrics(theme.weighted(font) if self.isChecked() else font)
        return QSize(metrics.horizontalAdvance(self.text()) + 2, metrics.height() + theme.px(6))

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = theme.current()
        painter = QPainter(self)
        font = theme.interface_font()
        lit = self.isEnabled() and (self.isChecked() or self.underMouse())
        painter.setFont(theme.weighted(font) if self.isChecked() else font)
        painter.setPen(palette.text if lit else palette.second if self.isEnabled() else palette.third)
        painter.setOpacity(1.0 if self.isEnabled() else 0.5)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            painter.fillRect(0, self.height() - 2, self.width(), 2, palette.accent)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()


class Choice(QWidget):
    """One of a few words, as `Text · JSON · Hex`."""

    chosen = Signal(str)
    """The name that the user chose."""

    def __init__(self, names: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        """`names`: name, word, tooltip."""
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, WordButton] = {}
        self._dots: dict[str, QLabel] = {}
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        for name, word, tooltip in names:
            if self._buttons:
                dot = self._dots[name] = QLabel("·")
                dot.setProperty("role", "third")
                self._line.addWidget(dot)
            button = WordButton(word, tooltip, checkable=True)
            self._buttons[name] = button
            button.clicked.connect(lambda _checked=False, name=name: self.chosen.emit(name))
            self._group.addButton(button)
            self._line.addWidget(button)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self._line.setSpacing(theme.px(5))

    def set_chosen(self, name: str) -> None:
        self._buttons[name].setChecked(True)

    def set_there(self, name: str, there: bool) -> None:
        """Whether `name`, which is not the first one, can be chosen."""
        self._buttons[name].setVisible(there)
        self._dots[name].setVisible(there)

    def current(self) -> str:
        return next((name for name, button in self._buttons.items() if button.isChecked()), "")

    def button(self, name: str) -> WordButton:
        return self._buttons[name]


def bare_rows(table: QTableView, stretched: int) -> None:
    """Makes `table` rows without grid and headers, read only; the column `stretched` takes the room that is left."""
    # Not setStretchLastSection: that one never goes below the width it had at first.
    table.horizontalHeader().setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.horizontalHeader().hide()
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


def pop_up(menu: QMenu, view: QAbstractItemView, at: QPoint) -> None:
    """Shows `menu` where `view` was asked for it, and does away with it afterwards."""
    menu.exec(view.viewport().mapToGlobal(at))
    menu.deleteLater()


def scrolled(view: QWidget) -> QScrollArea:
    """`view` at the top of a page that scrolls."""
    area = QScrollArea(widgetResizable=True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    page = QWidget()
    page.setProperty("surface", "panel")
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(view)
    layout.addStretch(1)
    area.setWidget(page)
    return area
