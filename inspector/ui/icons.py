"""The icons: line drawings in resources/icons, tinted from the palette and drawn at the screen's own resolution."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from inspector.resources import resource
from inspector.ui import theme

SIZE = 16
_RATIOS = (1.0, 1.5, 2.0, 3.0)


@lru_cache(maxsize=512)
def pixmap(name: str, color: str, size: int = SIZE, ratio: float = 1.0) -> QPixmap:
    """The drawing `name` in `color` (#rrggbb), `size` logical pixels wide and high, for a screen of `ratio`."""
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    _drawing(name, color).render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


@lru_cache(maxsize=256)
def _drawing(name: str, color: str) -> QSvgRenderer:
    source = resource(f"icons/{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(source.replace("currentColor", color).encode()))


def icon(name: str, color: QColor | None = None, size: int = 0) -> QIcon:
    """An icon in the text's colour, or `color`. Ask again when the palette or the zoom changes (`theme.observer`)."""
    palette, size = theme.current(), size or theme.px(SIZE)
    made = QIcon()
    for ratio in _RATIOS:
        made.addPixmap(pixmap(name, (color or palette.text).name(), size, ratio), QIcon.Mode.Normal)
        made.addPixmap(pixmap(name, palette.third.name(), size, ratio), QIcon.Mode.Disabled)
    return made


def draw(painter: QPainter, name: str, x: float, y: float, color: QColor, size: int = SIZE) -> None:
    """Paints the drawing with its top left corner at x, y."""
    device = painter.device()
    painter.drawPixmap(round(x), round(y), pixmap(name, color.name(), size, device.devicePixelRatioF()))
