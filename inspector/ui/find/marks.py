"""How lines of a list, a table or a tree show what is found in them: a bar before the line, and the letters set off.

The bars lie over the view, so that no delegate need know of them. The letters are the delegates' own: those that write
with `write` set off what is looked for in their view.
"""

from __future__ import annotations

import re
from typing import Any
from weakref import WeakKeyDictionary

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyleOptionViewItem, QWidget

from inspector.ui import theme
from inspector.ui.find.sought import Hit

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_MOST = 50
"""Matches that are set off in one line."""
_sought: WeakKeyDictionary[QWidget, re.Pattern[str]] = WeakKeyDictionary()


def seek(view: QAbstractItemView, pattern: re.Pattern[str] | None) -> None:
    """Sets off what matches `pattern` in the lines of `view`; None: nothing any more."""
    if _sought.get(view) != pattern:
        if pattern is None:
            del _sought[view]
        else:
            _sought[view] = pattern
        view.viewport().update()


def write(
    painter: QPainter,
    option: QStyleOptionViewItem,
    room: QRect,
    text: str,
    side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:
    """`text` on one line in the painter's font and colour, cut where there is no room. In a selected line a match
    looks as the one that is gone to; where a match is in what was cut, the ellipsis stands for it."""
    if room.width() <= 0:
        return
    screen = painter.fontMetrics().elidedText(text, elide, room.width())
    flags = side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
    pattern = _sought.get(option.widget) if _sought else None
    found = _found(screen, text, pattern) if pattern is not None else []
    if not found:
        painter.drawText(QRectF(room), flags, screen)
        return
    palette, metrics = theme.current(), QFontMetricsF(painter.font())
    wide = metrics.horizontalAdvance(screen)
    left = room.left() if not side & Qt.AlignmentFlag.AlignRight else room.left() + room.width() - wide
    top = room.top() + (room.height() - metrics.height()) / 2
    rects = []
    for begin, end in found:
        x = left + metrics.horizontalAdvance(screen[:begin])
        rects.append(QRectF(x, top, left + metrics.horizontalAdvance(screen[:end]) - x, metrics.height()))
    current = bool(option.state & QStyle.StateFlag.State_Selected)
    for rect in rects:
        painter.fillRect(rect, palette.primary if current else palette.selection)
        if not current:
            painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), painter.pen().color())
    painter.drawText(QRectF(room), flags, screen)
    if current:
        painter.save()
        painter.setPen(palette.primary_text)
        for rect in rects:
            painter.setClipRect(rect)
            painter.drawText(QRectF(room), flags, screen)
        painter.restore()


def _found(screen: str, text: str, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
    """Where `pattern` matches in `screen`, which is `text` or what is left of it."""
    found = [match.span() for match, _ in zip(pattern.finditer(screen), range(_MOST), strict=False)]
    if screen != text and _ELLIPSIS in screen:
        there = sum(1 for _ in zip(pattern.finditer(text), range(_MOST), strict=False))
        if there > len(found):
            at = screen.index(_ELLIPSIS) if screen.startswith(_ELLIPSIS) else screen.rindex(_ELLIPSIS)
            found.append((at, at + 1))
    return sorted(found)


class Bars(QWidget):
    """Lies over the viewport and draws a bar before each line that is a hit: delegates need not know of it."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view.viewport())
        self._view = view
        self._hits: set[Hit] = set()
        self._path: Any = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        view.viewport().installEventFilter(self)
        view.verticalScrollBar().valueChanged.connect(self._cover)
        self._cover()
        self.show()

    def show_hits(self, hits: set[Hit], path: Any) -> None:
        self._hits, self._path = hits, path
        self.update()

    def _cover(self) -> None:
        """A view that scrolls takes its children along."""
        self.setGeometry(self._view.viewport().rect())
        self.raise_()
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._cover()
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._hits:
            return
        painter = QPainter(self)
        color = theme.current().accent
        y = 0
        while y < self.height():
            index = self._view.indexAt(QPoint(self.width() // 2, y))
            if not index.isValid():
                break
            rect = self._view.visualRect(index)
            if self._path(index) in self._hits:
                painter.fillRect(0, rect.top() + 1, theme.px(3), rect.height() - 2, color)
            y = max(rect.bottom(), y) + 1
