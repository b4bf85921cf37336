"""Where an exchange's time went: one bar for each span, with words and figures."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from inspector.recording.rows import ExchangeRow, MessageRow
from inspector.recording.timing import Span, length_ns, spans, wire_ns
from inspector.trace import clock
from inspector.ui import theme, words

MESSAGES = 1_000
"""Exchanges with more messages than this have their spans laid end to end."""
_LINE = 21
_BAR = 12
_RADIUS = 2.0
_NEGLIGIBLE = 0.05
"""Share of the whole below which the strip leaves out the wire's own time."""


def name(kind: str, exchange: str = "http") -> str:
    """A span in words, for an exchange of kind `exchange`."""
    if kind == "client" and exchange == "websocket":
        return "waiting for client"
    return {
        "worker": "waiting for worker",
        "client": "client sending",
        "wire": "wire",
        "app": "app",
        "blocked": "back-pressure",
        "after": "after response",
        "held": "held by you",
    }[kind]


def sentence(kind: str, row: ExchangeRow) -> str:
    """What a span means."""
    if kind == "client" and row.kind == "websocket":
        return "The handshake, and the app waiting in receive for the client's next message."
    if kind == "client" and row.kind == "lifespan":
        return "The app waited in receive."
    if kind == "app" and row.response_end_ns is None:
        return "The app's own time so far." if row.live else "The app's own time."
    return {
        "wire": "Reading the head, and handing bytes to the socket: what the other lines leave of the response's time.",
        "worker": "All worker threads were busy: the call waited for a free one.",
        "client": "The request's bytes came in: its head, and the body that the app waited for.",
        "app": "The app's own time until its response was complete.",
        "blocked": "The client did not read: the app's send waited for it.",
        "after": "The app ran on after its response was complete.",
        "held": "Held at a breakpoint; never counted as the app's time.",
    }[kind]


def summary(row: ExchangeRow) -> str:
    """`app 7.8 ms   wire 0.6 ms`."""
    parts = [f"app {words.duration(row.app_ns)}"] if row.call_ns is not None else []
    if row.response_end_ns is not None and row.kind == "http":
        parts.append(f"wire {words.duration(wire_ns(row))}")
    return "   ".join(parts)


def _color(kind: str, row: ExchangeRow) -> QColor:
    palette = theme.current()
    if kind == "app" and row.kind == "websocket":
        return palette.bar_stream
    return {
        "wire": palette.bar_wait,
        "worker": palette.bar_wait,
        "client": palette.bar_client,
        "app": palette.bar_app,
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


class TimingView(QWidget):
    """`brief`: bars only, for the strip below the scope; else each with its figure and its sentence."""

    def __init__(self, brief: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timingStrip" if brief else "timingView")
        self.setAccessibleName("Timing")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._brief = brief
        self._row: ExchangeRow | None = None
        self._spans: list[Span] = []
        self._shown: list[Span] = []
        """Those with a bar."""
        self._length = 0
        theme.observer.changed.connect(self.update)

    def show_row(self, row: ExchangeRow | None, messages: Sequence[MessageRow] = ()) -> None:
        """The spans of `row`, with pieces as far as its messages are given."""
        now = clock.now() if row and row.live else 0
        self._row = row
        others = spans(row, messages, now) if row else []
        self._spans = [*_wire(row, others), *others] if row else []
        self._length = max(
            length_ns(row, now) if row else 0, *(piece[1] for span in self._spans for piece in span.pieces), 1
        )
        self._shown = [
            span
            for span in self._spans
            if not self._brief or span.kind != "wire" or span.total_ns >= _NEGLIGIBLE * self._length
        ]
        self.setAccessibleDescription("; ".join(" ".join(filter(None, line)) for line in self.lines()))
        self.updateGeometry()
        self.update()

    def lines(self) -> list[tuple[str, str, str]]:
        """Name, figure and sentence of each span, then the total."""
        if self._row is None:
            return []
        told = [
            (name(span.kind, self._row.kind), words.duration(span.total_ns), sentence(span.kind, self._row))
            for span in self._spans
        ]
        whole = "From the request's first byte" if self._row.kind != "lifespan" else "From the start"
        until = " until now." if self._row.live else " to the end of the exchange."
        return [*told, ("total", words.duration(self._length), whole + until)]

    def sizeHint(self) -> QSize:
        if self._brief:
            return QSize(300, len(self._shown) * _LINE + 20)
        return QSize(300, len(self.lines()) * self._step() + 24)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def _step(self) -> int:
        return 2 * QFontMetrics(theme.interface_font()).height() + 14

    def paintEvent(self, _event: QPaintEvent) -> None:
        row = self._row
        if row is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.interface_font())
        metrics = painter.fontMetrics()
        figures = metrics.horizontalAdvance("1,023.9 ms")
        left = theme.edge() + metrics.horizontalAdvance("waiting for worker") + 22
        if not self._brief:
            left += figures + 14
        room = self.width() - left - theme.edge() - (figures + 8 if self._brief else 0)
        step = _LINE if self._brief else self._step()
        height = _LINE if self._brief else metrics.height()
        y = 10
        for number, (label, figure, told) in enumerate(self.lines()):
            span = self._spans[number] if number < len(self._spans) else None
            if self._brief and span not in self._shown:
                continue
            self._label(painter, QRectF(theme.edge(), y, left - theme.edge() - 14, height), label, figure, told, step)
            if span is not None:
                right = self._bars(painter, span, row, left, y + (height - _BAR) / 2, max(room, 20))
                if self._brief:
                    painter.setPen(theme.current().second)
                    painter.drawText(QRectF(right + 8, y, figures, height), _LEFT, figure)
            y += step

    def _label(self, painter: QPainter, rect: QRectF, label: str, figure: str, told: str, step: int) -> None:
        palette = theme.current()
        total = label == "total"
        painter.setFont(theme.weighted(theme.interface_font()) if total else theme.interface_font())
        painter.setPen(palette.second if self._brief else palette.text)
        painter.drawText(rect, _LEFT, label)
        if not self._brief:
            painter.drawText(rect, _RIGHT, figure)
            painter.setFont(theme.interface_font())
            painter.setPen(palette.second)
            below = QRectF(rect.x(), rect.bottom() + 2, self.width() - rect.x() - theme.edge(), step - rect.height())
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, told)

    def _bars(self, painter: QPainter, span: Span, row: ExchangeRow, left: float, y: float, room: float) -> float:
        """The pieces of `span`; where the last one ends."""
        color = _color(span.kind, row)
        painter.setPen(Qt.PenStyle.NoPen)
        right = left
        for begin, end in span.pieces:
            x = left + room * begin / self._length
            width = max(room * (end - begin) / self._length, 2.0)
            x = min(x, left + room - width)
            bar = QRectF(x, y, width, _BAR)
            painter.setBrush(color)
            painter.drawRoundedRect(bar, min(_RADIUS, width / 2), min(_RADIUS, width / 2))
            if span.kind == "held":
                painter.setBrush(QBrush(theme.current().held_wash, Qt.BrushStyle.BDiagPattern))
                painter.drawRoundedRect(bar, _RADIUS, _RADIUS)
            right = x + width
        return right


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
