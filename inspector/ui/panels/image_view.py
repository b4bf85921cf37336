"""A picture, as large as there is room for, but never larger than it is."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from inspector.ui import theme

_SQUARE = 8


class ImageView(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bodyImage")
        self.setAccessibleName("Picture")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(1, 1)
        self._image: QImage | None = None
        theme.observer.changed.connect(self.update)

    def show_image(self, image: QImage | None, facts: str = "") -> None:
        """`facts` says to those who cannot see it what it is."""
        self._image = image
        self.setAccessibleDescription(facts)
        self.update()

    def place(self) -> QRect:
        """Where the picture is drawn."""
        if self._image is None:
            return QRect()
        edge = theme.edge()
        room = self.size() - QSize(2 * edge, 2 * edge)
        size = self._image.size()
        if size.width() > room.width() or size.height() > room.height():
            size.scale(room, Qt.AspectRatioMode.KeepAspectRatio)
        return QRect(edge, edge, max(size.width(), 1), max(size.height(), 1))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette = theme.current()
        painter.fillRect(self.rect(), palette.panel)
        if self._image is None:
            return
        place = self.place()
        painter.save()
        painter.setClipRect(place)
        painter.fillRect(place, palette.field)
        if self._image.hasAlphaChannel():  # a chequer tells what is transparent
            step = theme.px(_SQUARE)
            for row, y in enumerate(range(place.top(), place.bottom() + 1, step)):
                for x in range(place.left() + (row % 2) * step, place.right() + 1, 2 * step):
                    painter.fillRect(x, y, step, step, palette.raised)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self._image)
        painter.restore()
        if self.hasFocus():
            painter.setPen(palette.accent)
            painter.drawRect(place.adjusted(-2, -2, 1, 1))
