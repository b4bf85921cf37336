"""Where a run ends and the next begins: a line between the rows of the exchange table, with a few words on it.

The line is painted over the rows and is none itself: nothing that selects, copies or counts can meet it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from inspector.ui import theme, words
from inspector.ui.models import run_words
from inspector.ui.models.exchange_table import ExchangeTableModel
from inspector.ui.shown import one_line

_HEIGHT = 16
_REASON = 70
"""Characters of why a run began."""


def boundaries(model: ExchangeTableModel, first: int, last: int) -> Iterator[tuple[int, int, int]]:
    """Rows above which a run begins (or, newest first, ends): position, the newer run and the older. Those of `first`
    to `last`; none unless the rows stand in order of start."""
    if not model.in_order:
        return
    above = model.row(first - 1) if first > 0 else None
    for position in range(first, last + 1):
        row = model.row(position)
        if row is not None and above is not None and row.run != above.run:
            yield position, max(row.run, above.run), min(row.run, above.run)
        above = row


def told(model: ExchangeTableModel, newer: int, older: int) -> str:
    """`run 2 · 14:03:22 · reload: shop/pay.py`: which run began, when, and what had changed; where that is
    not known, why the one before had ended."""
    run, before = model.run(newer), model.run(older)
    parts = [f"run {newer}"]
    if run is not None and run.started_ns:
        parts.append(words.clock(run.started_ns).partition(".")[0])
    cause = run_words.began(run) if run is not None else ""
    if reason := cause or (before.end_text if before is not None else ""):
        parts.append(one_line(reason, _REASON))
    return " · ".join(parts)


def details(model: ExchangeTableModel, newer: int, older: int) -> str:
    """The same at length, for a tooltip."""
    run, before = model.run(newer), model.run(older)
    lines = [f"Run {newer} began here"]
    if run is not None and run.started_ns:
        lines[0] += f" at {words.clock(run.started_ns)}"
        lines.append(f"process {run.pid}, Python {one_line(run.python)}")
        if cause := run_words.began(run):
            lines.append(f"began by {one_line(cause)}")
    if before is not None and before.end_text:
        lines.append(f"run {older} had ended: {one_line(before.end_text)}")
    return "\n".join(lines)


def paint(painter: QPainter, width: int, room: tuple[int, int], lines: Iterable[tuple[int, str]]) -> None:
    """Draws each line at its height, `width` pixels long, its words at the right end of `room` (from, to)."""
    palette, font = theme.current(), theme.small(theme.interface_font())
    metrics = QFontMetrics(font)
    left, right = room
    painter.setFont(font)
    for y, whole in lines:
        painter.fillRect(0, y, width, 1, palette.third)
        height, air = theme.px(_HEIGHT), theme.px(7)
        text = metrics.elidedText(whole, Qt.TextElideMode.ElideRight, max(right - left - 2 * air, 0))
        length = metrics.horizontalAdvance(text) + 2 * air
        chip = QRect(right - length, y - height // 2, length, height)
        painter.setPen(palette.hairline)
        painter.setBrush(palette.panel)
        painter.drawRoundedRect(chip.adjusted(0, 0, -1, -1), height / 2, height / 2)
        painter.setPen(palette.second)
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)
