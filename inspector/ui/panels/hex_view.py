"""Bytes of any number as offset, figures and characters: only what is in sight is read."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QFontMetricsF,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLineEdit, QMenu, QWidget

from inspector.ui import theme
from inspector.ui.find.sought import Hit
from inspector.ui.panels.hex_search import HexSearch

COLUMNS = 16
COPY_CAP = 1 << 20
"""Bytes that are copied at most."""
_TRANSLATION = dict.fromkeys((*range(32), *range(127, 256)), "·")
"""Of latin-1 text: what is no ASCII stands as a dot."""


class HexView(QAbstractScrollArea):
    """Sixteen bytes a line, eight where there is no room for them. Dragging selects; Ctrl+C copies figures, the menu
    also characters."""

    changed = Signal(bool)
    """What is shown is another one now; True: the same, and more of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Body as hexadecimal figures")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._size = 0
        self._read: Callable[[int, int], bytes] = lambda _offset, _size: b""
        self.columns = COLUMNS
        """Bytes of a line."""
        self._anchor = self._end = 0
        self._marks: Sequence[Hit] = ()
        self._mark: Hit | None = None
        self.offset_edit = QLineEdit(self, placeholderText="offset: 496 or 0x1f0")
        self.offset_edit.setObjectName("hexOffset")
        self.offset_edit.setAccessibleName("Offset to go to")
        self.offset_edit.setProperty("fixed", "true")
        self.offset_edit.hide()
        self.offset_edit.returnPressed.connect(self._go)
        self.offset_edit.textEdited.connect(self._right)
        theme.measured(self._measure)

    def show_bytes(self, size: int, read: Callable[[int, int], bytes], keep: bool = False) -> None:
        """`read(offset, size)` gives parts of `size` bytes. `keep`: the same bytes, more of them."""
        self._size, self._read = size, read
        self._fit()
        if not keep:
            self._anchor = self._end = 0
            self.verticalScrollBar().setValue(0)
        self._range()
        self.viewport().update()
        self.changed.emit(keep)

    @property
    def total(self) -> int:
        """Bytes of all that can be seen."""
        return self._size

    def read(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes from `offset` on."""
        return self._read(offset, min(count, self._size - offset)) if offset < self._size else b""

    def in_sight(self) -> tuple[int, int]:
        """Offsets of the first byte in sight, and behind the last one."""
        top = self.verticalScrollBar().value()
        return top * self.columns, (top + self._visible()) * self.columns

    def searchable(self) -> HexSearch:
        return HexSearch(self)

    def set_marks(self, hits: Sequence[Hit], current: Hit | None) -> None:
        """Sets off `hits`, sorted pairs of offset and length, and `current` among them otherwise."""
        self._marks, self._mark = hits, current
        self.viewport().update()

    def scroll_to(self, offset: int) -> None:
        """Brings the byte at `offset` into sight, in the upper half."""
        bar = self.verticalScrollBar()
        bar.setValue(offset // self.columns - bar.pageStep() // 3)

    def go_to(self, offset: int) -> None:
        """The byte at `offset` selected, and in sight."""
        offset = max(0, min(offset, self._size - 1))
        self.scroll_to(offset)
        self.select(offset, 1)

    def ask_offset(self) -> None:
        """Where the user types the offset to go to."""
        self.offset_edit.show()
        self.offset_edit.setFocus()
        self.offset_edit.selectAll()

    def _go(self) -> None:
        text = self.offset_edit.text().strip().replace(",", "").replace("_", "")[:40]
        try:
            offset = int(text, 16 if text.lower().startswith("0x") else 10)
        except ValueError:
            offset = -1
        if not 0 <= offset < self._size:
            self._right(wrong=True)
            return
        self.go_to(offset)
        self._leave()

    def _right(self, _text: str = "", wrong: bool = False) -> None:
        self.offset_edit.setProperty("wrong", "true" if wrong else "false")
        last = max(self._size - 1, 0)
        self.offset_edit.setToolTip(f"A figure from 0 to {last:,} ({last:#x})" if wrong else "")
        self.offset_edit.style().polish(self.offset_edit)

    def _leave(self) -> None:
        self.offset_edit.hide()
        self.setFocus()

    def selection(self) -> tuple[int, int]:
        """Offset and length of the selected bytes."""
        first, last = sorted((self._anchor, self._end))
        return first, last - first

    def select(self, offset: int, length: int) -> None:
        self._anchor, self._end = offset, min(offset + length, self._size)
        self.viewport().update()

    def lines(self) -> list[tuple[str, str, str]]:
        """Offset, figures and characters of the lines in sight."""
        top = self.verticalScrollBar().value()
        data = self._read(top * self.columns, self._visible() * self.columns) if self._size else b""
        digits = max(len(f"{self._size:x}"), 6)
        return [
            (
                f"{top * self.columns + at:0{digits}x}",
                f"{line[:8].hex(' ')}  {line[8:].hex(' ')}".rstrip(),
                line.decode("latin-1").translate(_TRANSLATION),
            )
            for at in range(0, len(data), self.columns)
            for line in [data[at : at + self.columns]]
        ]

    def copy(self, characters: bool = False) -> None:
        """The selection, or all of it where nothing is selected, up to a megabyte."""
        offset, length = self.selection()
        data = self._read(offset, min(length, COPY_CAP)) if length else self._read(0, min(self._size, COPY_CAP))
        QApplication.clipboard().setText(
            data.decode("latin-1").translate(_TRANSLATION) if characters else data.hex(" ")
        )

    def _visible(self) -> int:
        """Lines that are wholly in sight: none is shown cut."""
        return max(self.viewport().height() // self._line_height(), 1)

    def _line_height(self) -> int:
        return QFontMetrics(theme.fixed_font()).height() + theme.px(5)

    def _measure(self) -> None:
        self.offset_edit.setFixedWidth(theme.px(190))
        self._fit()
        self._range()
        self.viewport().update()

    def _range(self) -> None:
        self.offset_edit.move(self.viewport().width() - self.offset_edit.width() - theme.edge(), theme.px(4))
        lines = -(-self._size // self.columns)
        page = self._visible()
        self.verticalScrollBar().setPageStep(page)
        self.verticalScrollBar().setRange(0, max(lines - page, 0))

    def _columns(self, columns: int = 0) -> tuple[float, float, float, float]:
        """Width of a character; left edges of offset, figures and characters, where there are so many bytes a line."""
        columns = columns or self.columns
        width = QFontMetricsF(theme.fixed_font()).horizontalAdvance("0")
        digits = max(len(f"{self._size:x}"), 6)
        figures = theme.edge() + (digits + 2) * width
        return width, theme.edge(), figures, figures + (columns * 3 + 2 + (columns > 8)) * width

    def _fit(self) -> None:
        """As many bytes a line as there is room for; the first byte in sight stays."""
        width, _, _, characters = self._columns(COLUMNS)
        columns = COLUMNS if characters + COLUMNS * width <= self.viewport().width() else COLUMNS // 2
        if columns != self.columns:
            first = self.verticalScrollBar().value() * self.columns
            self.columns = columns
            self._range()
            self.verticalScrollBar().setValue(first // columns)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        palette = theme.current()
        painter.setFont(theme.fixed_font())
        height = self._line_height()
        _, left, figures, characters = self._columns()
        top = self.verticalScrollBar().value()
        spans = self._spans()
        for number, (offset, figure, text) in enumerate(self.lines()):
            y = number * height
            at = (top + number) * self.columns
            here = [
                (max(first - at, 0), min(last - at, self.columns), color) for first, last, color in spans
                if first < at + self.columns and last > at
            ]  # fmt: skip
            for begin, end, color in here:
                for x, right in self._places(begin, end):
                    painter.fillRect(round(x), y, round(right - x), height, color)
            base = y + (height + QFontMetrics(theme.fixed_font()).ascent()) // 2 - 1
            for x, color, part in (
                (left, palette.third, offset),
                (figures, palette.text, figure),
                (characters, palette.second, text),
            ):
                painter.setPen(color)
                painter.drawText(round(x), base, part)
            for begin, end, color in here:
                if color == palette.primary:
                    self._written_anew(painter, begin, end, base, figure, text)
                elif color == palette.selection and self._marks:
                    for x, right in self._places(begin, end):
                        painter.fillRect(round(x), y + height - 2, round(right - x), 1, palette.text)

    def _spans(self) -> list[tuple[int, int, QColor]]:
        """What is set off: from where, to where, in which colour; later ones over earlier ones."""
        palette = theme.current()
        first, last = self.in_sight()
        offset, length = self.selection()
        spans = [(offset, offset + length, palette.selection)] if length and not self._marks else []
        longest = max((hit[1] for hit in self._marks[:1]), default=0)
        at = bisect_left(self._marks, (first - longest,))
        while at < len(self._marks) and self._marks[at][0] < last:
            begin, size = self._marks[at]
            color = palette.primary if self._marks[at] == self._mark else palette.selection
            spans.append((begin, begin + size, color))
            at += 1
        return spans

    def _places(self, begin: int, end: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """From where to where the bytes `begin` to `end` of a line stand, as figures and as characters."""
        width, _, figures, characters = self._columns()
        left = figures + (begin * 3 + (begin >= 8)) * width
        right = figures + (end * 3 - 1 + (end > 8)) * width
        return (left, right), (characters + begin * width, characters + end * width)

    def _written_anew(self, painter: QPainter, begin: int, end: int, base: int, figure: str, text: str) -> None:
        """The match that is gone to, in the colour that stands on its ground."""
        painter.setPen(theme.current().primary_text)
        (left, _), (start, _) = self._places(begin, end)
        cut = figure[begin * 3 + (begin >= 8) : end * 3 - 1 + (end > 8)]
        painter.drawText(round(left), base, cut)
        painter.drawText(round(start), base, text[begin:end])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        self._range()

    def _byte_at(self, point: QPoint) -> int:
        width, _, figures, characters = self._columns()
        line = self.verticalScrollBar().value() + point.y() // self._line_height()
        if point.x() >= characters - width:
            column = (point.x() - characters) / width
        else:
            column = (point.x() - figures) / (3 * width)
            column -= 0.33 * (column > 8)
        return max(0, min(line * self.columns + max(0, min(int(column), self.columns - 1)), self._size - 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._size:
            self._anchor = self._byte_at(event.position().toPoint())
            self._end = self._anchor
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._size:
            at = self._byte_at(event.position().toPoint())
            self._end = at + 1 if at >= self._anchor else at
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select(0, self._size)
        elif event.key() == Qt.Key.Key_G and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.ask_offset()
        elif event.key() == Qt.Key.Key_Escape and self.offset_edit.isVisible():
            self._leave()
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            bar.setValue(0 if event.key() == Qt.Key.Key_Home else bar.maximum())
        elif event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            bar.setValue(bar.value() + (bar.pageStep() if event.key() == Qt.Key.Key_PageDown else -bar.pageStep()))
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: object) -> None:
        menu = QMenu(self)
        menu.addAction("Copy as hex", self.copy)
        menu.addAction("Copy as characters", lambda: self.copy(characters=True))
        menu.addAction("Select all", lambda: self.select(0, self._size))
        menu.addSeparator()
        menu.addAction("Go to offset… (Ctrl+G)", self.ask_offset)
        menu.exec(event.globalPos())  # type: ignore[attr-defined]
        menu.deleteLater()
