"""A window as a picture, without a screen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QSize
from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtWidgets import QWidget


def render(
    window: QWidget, path: Path | str | None = None, size: tuple[int, int] | None = None, ratio: float = 1.0
) -> QImage:
    """Draws `window` as it stands, `size` logical pixels large at `ratio` device pixels each; writes a PNG to `path`.

    Raises `OSError` where the file cannot be written.
    """
    if size is not None:
        window.resize(QSize(*size))
    if not window.isVisible():
        window.show()
    window.ensurePolished()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    QCoreApplication.processEvents()
    image = QImage(window.size() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    window.render(image)
    if path is not None and not QImageWriter(str(path), QByteArray(b"png")).write(image):
        raise OSError(f"{path} cannot be written")
    return image
