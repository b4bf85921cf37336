"""What is really on screen can be read: the palette's test says that the colours are fit, this one that they are used.

The window is drawn at three device pixels a pixel, so that strokes have their full colour somewhere; of each text that
colour which differs most from what is around it is taken for the text's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLabel, QTreeView, QWidget
from pytestqt.qtbot import QtBot

from inspector.ui import theme
from inspector.ui.models import cells
from inspector.ui.picture import render
from inspector.ui.window import Window
from tests.support.calm import settle
from tests.support.scenes import SCENES, scene
from tests.ui.test_theme import contrast

RATIO = 3.0
NEEDED = 4.5
FAINT = 0.1
"""Anti-aliasing takes a little even of the darkest point."""


def readable(image: QImage, rect: QRect) -> float:
    """The contrast of the text in `rect` (logical pixels) with its surface, as (1 to 21); 21 where nothing is drawn.
    `image` has 32 bits a pixel."""
    colours: Counter[int] = Counter()
    left, top = max(round(rect.left() * RATIO), 0), max(round(rect.top() * RATIO), 0)
    pixels, line = memoryview(image.constBits()).cast("I"), image.bytesPerLine() // 4
    right = min(round((rect.right() + 1) * RATIO), image.width())
    for y in range(top, min(round((rect.bottom() + 1) * RATIO), image.height())):
        colours.update(pixels[y * line + left : y * line + right])
    if len(colours) < 2:
        return 21.0
    surface = QColor(colours.most_common(1)[0][0])
    return max(contrast(QColor(pixel), surface) for pixel in colours)


def texts(window: Window) -> Iterator[tuple[str, QRect]]:
    """What stands on the window, and where: of labels, buttons, and the rows that are in sight."""
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        if isinstance(widget, QLabel | QAbstractButton) and widget.text().strip() and widget.isEnabled():
            yield f"{widget.objectName() or type(widget).__name__} {widget.text()[:40]!r}", _placed(window, widget)
        elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
            yield from _cells(window, widget)


def _cells(window: Window, view: QAbstractItemView) -> Iterator[tuple[str, QRect]]:
    viewport, model = view.viewport(), view.model()
    for y in range(view.viewport().height() // 14):
        index = view.indexAt(QPoint(40, y * 14 + 7))
        for column in range(model.columnCount() if index.isValid() and hasattr(view, "columnWidth") else 0):
            cell = index.siblingAtColumn(column)
            drawn = view.visualRect(cell).intersected(viewport.rect())
            if view is window.table and column >= len(cells.COLUMNS) - 1:  # the waterfall has no text
                continue
            if drawn.height() > 16 and drawn.width() > 20 and str(cell.data() or "").strip():
                corner = viewport.mapTo(window, drawn.topLeft())
                yield f"{view.objectName()} {cell.data()!r:.40}", QRect(corner, drawn.size())


def _placed(window: Window, widget: QWidget) -> QRect:
    rect = widget.visibleRegion().boundingRect()
    return QRect(widget.mapTo(window, rect.topLeft()), rect.size())


@pytest.mark.parametrize("chosen", ["dark", "light"])
@pytest.mark.parametrize("name", ["serving", "exception", "crashed", "log-failing", "first-run"])
def test_every_text_on_screen_can_be_read(name: str, chosen: str, tmp_path: Path, qtbot: QtBot) -> None:
    one = next(it for it in SCENES if it.name == name)
    with scene(one, tmp_path) as window:
        window.resize(1100, 700)
        theme.choose(chosen)  # type: ignore[arg-type]
        for view in window.findChildren(QTreeView):  # a tree's first row, selected, as a user would leave it
            if view.isVisible() and view.model() is not None:
                view.selectionModel().select(
                    view.model().index(0, 0),
                    QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows,
                )
        if window.messages.isVisible() and window.messages.model.count > 2:
            window.messages.select(2)
        settle(window)
        image = render(window, ratio=RATIO).convertToFormat(QImage.Format.Format_RGB32)
        found = {text: readable(image, rect) for text, rect in texts(window)}
    assert len(found) > 5
    assert {text: round(ratio, 2) for text, ratio in found.items() if ratio < NEEDED - FAINT} == {}
