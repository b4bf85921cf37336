"""The bar of an exchange in the waterfall: when it was, beside the others in view, and what it spent its time on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from inspector.recording.rows import ExchangeRow
from inspector.recording.timing import length_ns, open_ns, so_far, worker_ns
from inspector.trace.stepping import Held
from inspector.ui import theme
from inspector.ui.models import cells
from inspector.ui.theme import Palette

_HEIGHT = 12
_NARROWEST = 3
_LEFT, _RIGHT = 24, 12
"""Pixels free at the ends of the column."""
_BLUR = 5
"""A bar of fewer pixels has one colour: that of what took longest."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The stretch of wall-clock time that the column shows, ns since the epoch."""

    begin_ns: int = 0
    end_ns: int = 1


def scale(rows: Iterable[ExchangeRow], now_ns: int, holds: Mapping[int, Held] = MappingProxyType({})) -> Scale:
    """From the first start to the last end of the rows in view.

    Open streams count with their beginning only, held time and a lifespan, which is as long as its run, not at all: one
    that is open or held for an hour would press all others to a hair.
    """
    rows = list(rows)
    rows = [row for row in rows if row.kind != "lifespan"] or rows
    if not rows:
        return Scale()
    begin = min(row.started_ns for row in rows)
    end = max(row.started_ns + _settled_ns(row, now_ns, holds.get(row.id)) for row in rows)
    if all(row.kind == "websocket" for row in rows):
        end = max(row.started_ns + length_ns(row, now_ns) for row in rows)
    return Scale(begin, max(end, begin + 1_000_000))


def _settled_ns(row: ExchangeRow, now_ns: int, held: Held | None = None) -> int:
    """How long the row took before it became an open stream, began to wait for its client, or was held."""
    if held is not None or row.held_ns:
        return 3 * max(length_ns(row, now_ns) - cells.held_ns(row, held, now_ns), 0)
    if row.response_ns is not None and (row.kind == "websocket" or row.live):
        return 3 * (row.response_ns - row.t0_ns)
    if row.live and row.doing in ("client", "open") and row.doing_ns is not None:
        return 3 * max(row.doing_ns - row.t0_ns, 0)
    return length_ns(row, now_ns)


def segments(row: ExchangeRow, now_ns: int, held: Held | None = None) -> list[tuple[str, int, int]]:
    """What the time went to, end to end: kind (of `Palette.bar_*`), begin and end in ns since the row's zero.

    Until the first byte of the response the time is the client's or the app's; from there to the last it is a stream,
    and so is a receive that has had no answer yet.
    Held time stands behind what the app took before that byte, what does not fit there at the stream's end.
    """
    length = length_ns(row, now_ns)
    holds = cells.held_ns(row, held, now_ns)
    if row.kind == "lifespan":
        return (
            [("stream", 0, max(length - holds, 0)), ("held", length - holds, length)]
            if holds
            else [("stream", 0, length)]
        )
    first = min((row.response_ns or row.response_end_ns or now_ns or row.t0_ns) - row.t0_ns, length)
    last = length if row.response_end_ns is None else min(row.response_end_ns - row.t0_ns, length)
    if row.kind == "websocket":
        last = length
    row = so_far(row, now_ns)
    # For a worker, or for its turn of the loop.
    waited = max(row.call_ns - row.head_ns, 0) if row.call_ns else worker_ns(row, now_ns)
    client = min(row.client_ns, max(first - waited, 0)) if row.kind != "websocket" else row.head_ns - row.t0_ns
    begun = max(first, client + waited)
    early = min(holds, max(begun - client - waited - row.app_ns, 0)) if row.response_ns is not None else holds
    early = min(early, begun - client - waited)
    opened = min(open_ns(row, now_ns), begun - early - client - waited)
    marks = [
        ("client", client),
        ("wait", client + waited),
        ("app", begun - early - opened),
        ("stream", begun - early),
        ("held", begun),
        ("stream", last - row.blocked_ns - (holds - early)),
        ("held", last - row.blocked_ns),
        ("blocked", last),
        ("after", last + row.after_ns if row.kind == "http" else last),
    ]
    found, at = [], 0
    for kind, mark in marks:
        if mark > at:
            found.append((kind, at, mark))
            at = mark
    return found


def paint(
    painter: QPainter,
    rect: QRect,
    row: ExchangeRow,
    shown: Scale,
    palette: Palette,
    now_ns: int,
    held: Held | None = None,
) -> None:
    """Draws the bar of `row` into its cell; `held`: what is held of it at this moment."""
    px = theme.px
    left, width = rect.left() + px(_LEFT), rect.width() - px(_LEFT) - px(_RIGHT)
    if width <= 0:
        return
    per_ns = width / (shown.end_ns - shown.begin_ns)
    offset = row.started_ns - shown.begin_ns
    height, narrowest = px(_HEIGHT), px(_NARROWEST)
    top = rect.center().y() - height / 2 + 0.5
    limit = left + width
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setClipRect(QRectF(left, rect.top(), width, rect.height()))
    found = segments(row, now_ns, held) or [("app", 0, 0)]
    start = min(left + offset * per_ns, limit - narrowest)
    whole = max(found[-1][2] * per_ns, narrowest)
    if whole < px(_BLUR):
        found = [max(found, key=lambda piece: piece[2] - piece[1])]
    x = start
    for number, (kind, _, end) in enumerate(found):
        last = number == len(found) - 1
        until = start + whole if last else max(start + end * per_ns, x + 1)
        painter.setBrush(_brush(kind, palette))
        piece = QRectF(x, top, max(until - x, 1), height)
        painter.drawRoundedRect(piece, 2, 2)
        if kind == "held":
            hatch(painter, piece, palette)
        x = until
    painter.restore()


def hatch(painter: QPainter, bar: QRectF, palette: Palette) -> None:
    """Slanted strokes over a bar: held time is told apart without its colour, too."""
    painter.save()
    painter.setClipRect(bar, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(palette.held_stroke, theme.px(1.5)))
    step, high = theme.px(6), bar.height()
    x = bar.left() - high
    while x < bar.right():
        painter.drawLine(QPointF(x, bar.bottom()), QPointF(x + high, bar.top()))
        x += step
    painter.restore()


def _brush(kind: str, palette: Palette) -> QBrush:
    color: QColor = getattr(palette, f"bar_{kind}")
    return QBrush(color)
