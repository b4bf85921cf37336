"""Where an exchange's time went: one bar for each span, with words and figures; then the marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.recording.rows import ExchangeRow, HoldRow, MessageRow
from inspector.recording.timing import Mark, Span, length_ns, marks, spans, wire_ns
from inspector.recording.timing import so_far as counted
from inspector.trace import clock
from inspector.ui import theme, words
from inspector.ui.models import timing_words
from inspector.ui.panels.waterfall import hatch

MESSAGES = 1_000
"""Exchanges with more messages than this have their spans laid end to end."""
_LINE = 21
_BAR = 12
_RADIUS = 2.0
_LEAST = 40
"""Pixels that bars have at least."""
_NEGLIGIBLE = 0.05
"""Share of the whole below which the strip leaves out the wire's own time."""
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


def _color(kind: str, row: ExchangeRow) -> QColor:
    palette = theme.current()
    if kind == "app" and row.kind == "websocket":
        return palette.bar_stream
    return {
        "wire": palette.bar_wait,
        "worker": palette.bar_wait,
        "client": palette.bar_client,
        "app": palette.bar_app,
        "open": palette.bar_stream,
        "blocked": palette.bar_blocked,
        "after": palette.bar_after,
        "held": palette.bar_held,
    }[kind]


def _wire(row: ExchangeRow, others: Sequence[Span]) -> list[Span]:
    """The wire's own time, where the other spans of the response leave a gap; only a complete response has it."""
    if row.response_end_ns is None or row.kind != "http":
        return []
    pieces, at = [], 0
    taken = sorted(piece for span in others if span.kind != "after" for piece in span.pieces)
    for begin, end in [*taken, (row.response_end_ns - row.t0_ns,) * 2]:
        if begin > at:
            pieces.append((at, begin))
        at = max(at, end)
    return [Span("wire", wire_ns(row), tuple(pieces))]


def so_far(row: ExchangeRow, holds: Sequence[HoldRow], now_ns: int) -> ExchangeRow:
    """`row` with its figures up to now, and the time that it is held at this moment."""
    row = counted(row, now_ns)
    lasts = sum(max(now_ns - one.t_ns, 0) for one in holds if one.released_ns is None)
    return replace(row, held_ns=row.held_ns + lasts) if lasts and row.live else row


class TimingView(QWidget):
    """`brief`: bars only, for the strip below the scope; else each with its figure and its sentence, and the marks."""

    def __init__(self, brief: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timingStrip" if brief else "timingView")
        self.setAccessibleName("Timing")
        # Not Fixed where the height follows the width: the hint of another width would be the most it gets.
        policy = QSizePolicy(
            QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed if brief else QSizePolicy.Policy.Preferred
        )
        policy.setHeightForWidth(not brief)
        self.setSizePolicy(policy)
        self._brief = brief
        self._row: ExchangeRow | None = None
        self._spans: list[Span] = []
        self._shown: list[Span] = []
        """Those with a bar."""
        self._marks: list[Mark] = []
        self._length = 0
        self._past = False
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.updateGeometry()
        self.update()

    def show_row(
        self,
        row: ExchangeRow | None,
        messages: Sequence[MessageRow] = (),
        last: Sequence[MessageRow] = (),
        accepted_ns: int | None = None,
        holds: Sequence[HoldRow] = (),
        past_ns: int = 0,
    ) -> None:
        """The spans of `row`, with pieces as far as its messages are given, and its holds; its marks, as far as its
        `last` messages tell them. `past_ns`: the moment in the past at which `row` stood so."""
        now = (past_ns or clock.now()) if row and row.live else 0
        self._past = bool(past_ns)
        row = so_far(row, holds, now) if row else None
        self._row = row
        others = spans(row, messages, now, holds) if row else []
        self._spans = [*_wire(row, others), *others] if row else []
        self._marks = marks(row, last or messages[-3:], accepted_ns) if row else []
        self._length = max(
            length_ns(row, now) if row else 0, *(piece[1] for span in self._spans for piece in span.pieces), 1
        )
        self._shown = [
            span
            for span in self._spans
            if not self._brief or span.kind != "wire" or span.total_ns >= _NEGLIGIBLE * self._length
        ]
        told = [*self.lines(), *([] if self._brief else self.mark_lines())]
        self.setAccessibleDescription("; ".join(" ".join(filter(None, line)) for line in told))
        self._measure()

    def lines(self) -> list[tuple[str, str, str]]:
        """Name, figure and sentence of each span, then the total."""
        row = self._row
        if row is None:
            return []
        told = [
            (
                timing_words.name(span.kind, row.kind),
                words.duration(span.total_ns),
                timing_words.sentence(span.kind, row),
            )
            for span in self._spans
        ]
        return [*told, ("in all", words.duration(self._length), timing_words.whole(row, self._past))]

    def mark_lines(self) -> list[tuple[str, str, str]]:
        """Name, figure and sentence of each mark, in their order."""
        row = self._row
        if row is None:
            return []
        told = ((timing_words.mark(mark, row), f"{words.milliseconds(mark.t_ns)} ms") for mark in self._marks)
        return [(title, figure, sentence) for (title, sentence), figure in told]

    def sizeHint(self) -> QSize:
        if self._brief:
            return QSize(theme.px(300), len(self._shown) * theme.px(_LINE) + theme.px(20))
        return QSize(theme.px(300), self.heightForWidth(max(self.width(), theme.px(300))))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(120), self.sizeHint().height() if self._brief else theme.px(60))

    def hasHeightForWidth(self) -> bool:
        return not self._brief

    def heightForWidth(self, width: int) -> int:
        return self.sizeHint().height() if self._brief else self._lay(None, width)

    def _left(self, metrics: QFontMetrics) -> tuple[int, int]:
        """Where figures end (where there are any) and where bars begin."""
        names = theme.edge() + metrics.horizontalAdvance("waiting for worker") + theme.px(22)
        if self._brief:
            return names, names
        figures = max((metrics.horizontalAdvance(line[1]) for line in [*self.lines(), *self.mark_lines()]), default=0)
        end = names + max(figures, metrics.horizontalAdvance("1,023.9 ms"))
        return end, end + theme.px(14)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._row is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.interface_font())
        if self._brief:
            self._strip(painter, self._row)
        else:
            self._lay(painter, self.width())

    def _strip(self, painter: QPainter, row: ExchangeRow) -> None:
        palette, metrics = theme.current(), painter.fontMetrics()
        _, left = self._left(metrics)
        figures, gap, height = metrics.horizontalAdvance("1,023.9 ms"), theme.px(8), theme.px(_LINE)
        room = max(self.width() - left - theme.edge() - figures - gap, theme.px(_LEAST))
        y = theme.px(10)
        for span, (label, figure, _) in zip(self._spans, self.lines(), strict=False):
            if span in self._shown:
                painter.setPen(palette.second)
                painter.drawText(QRectF(theme.edge(), y, left - theme.edge(), height), _LEFT, label)
                right = self._bars(painter, span, row, left, y + (height - theme.px(_BAR)) / 2, room)
                painter.setPen(palette.second)
                painter.drawText(QRectF(right + gap, y, figures, height), _LEFT, figure)
                y += height

    def _lay(self, painter: QPainter | None, width: int) -> int:
        """The whole, painted where there is a painter; its height."""
        row, palette = self._row, theme.current()
        metrics = QFontMetrics(theme.interface_font())
        if row is None:
            return theme.px(60)
        line, edge = metrics.height(), theme.edge()
        end, left = self._left(metrics)
        room = max(width - left - edge, theme.px(_LEAST))
        y = theme.px(8)
        ticks = self._axis(painter, left, y, room) if painter is not None else []
        y += line + theme.px(10)
        for number, (label, figure, told) in enumerate(self.lines()):
            span = self._spans[number] if number < len(self._spans) else None
            if painter is not None:
                _line(painter, QRect(edge, y, end - edge, line), label, figure, heavy=span is None)
                for x in ticks if span is not None else ():
                    painter.fillRect(QRect(x, y, 1, line), palette.hairline)
                if span is not None:
                    self._bars(painter, span, row, left, y + (line - theme.px(_BAR)) / 2, room)
            y += line + theme.px(2)
            y += _told(painter, metrics, QRect(edge, y, width - 2 * edge, line), told) + theme.px(10)
        y += theme.px(6)
        if painter is not None:
            painter.fillRect(QRect(edge, y, width - 2 * edge, 1), palette.hairline)
        y += theme.px(12)
        for label, figure, told in self.mark_lines():
            if painter is not None:
                _line(painter, QRect(edge, y, end - edge, line), label, figure)
            y += max(_told(painter, metrics, QRect(left, y, room, line), told), line) + theme.px(5)
        return y + theme.px(8)

    def _axis(self, painter: QPainter, left: int, y: int, room: int) -> list[int]:
        """Round instants above the bars; where they lie, for the hairlines behind the bars."""
        palette, metrics = theme.current(), painter.fontMetrics()
        places = []
        for at, label in timing_words.ticks(self._length, max(room // metrics.horizontalAdvance("100.00 ms"), 2)):
            x = left + room * at / self._length
            places.append(round(x))
            painter.setPen(palette.third)
            wide = metrics.horizontalAdvance(label)
            painter.drawText(QRectF(min(x, left + room - wide), y, wide + 2, metrics.height()), _LEFT, label)
        return places

    def _bars(self, painter: QPainter, span: Span, row: ExchangeRow, left: float, y: float, room: float) -> float:
        """The pieces of `span`; where the last one ends."""
        color, height = _color(span.kind, row), theme.px(_BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        right = left
        for begin, end in span.pieces:
            x = left + room * begin / self._length
            width = max(room * (end - begin) / self._length, theme.px(2))
            x = min(x, left + room - width)
            bar = QRectF(x, y, width, height)
            painter.setBrush(color)
            painter.drawRoundedRect(bar, min(_RADIUS, width / 2), min(_RADIUS, width / 2))
            if span.kind == "held":
                hatch(painter, bar, theme.current())
                painter.setPen(Qt.PenStyle.NoPen)
            right = x + width
        return right


def _line(painter: QPainter, rect: QRect, label: str, figure: str, heavy: bool = False) -> None:
    painter.setFont(theme.weighted(theme.interface_font()) if heavy else theme.interface_font())
    painter.setPen(theme.current().text)
    painter.drawText(rect, _LEFT, label)
    painter.drawText(rect, _RIGHT, figure)
    painter.setFont(theme.interface_font())


def _told(painter: QPainter | None, metrics: QFontMetrics, rect: QRect, text: str) -> int:
    """A sentence over as many lines as it takes; its height."""
    room = QRect(rect.x(), rect.y(), max(rect.width(), theme.px(_LEAST)), 10_000)
    if painter is not None:
        painter.setPen(theme.current().second)
        painter.drawText(room, _WRAPPED, text)
    return metrics.boundingRect(room, _WRAPPED, text).height()
