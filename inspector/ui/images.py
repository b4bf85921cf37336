"""Bodies as pictures: what kind they really are, and drawn where that is safe. Off the Qt thread.

The size is asked before anything is decoded; what would take too much is told in words. SVG is drawn without anything
from outside: no other files, no style sheets of others, no entities.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODeviceBase, QLoggingCategory, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter
from PySide6.QtSvg import QSvgRenderer

from inspector.recording.charsets import read_text

PIXELS = 20_000_000
"""Of a picture that is decoded: 80 MB."""
SIDE = 1_600
"""Pixels that a picture has at most in memory on its longer side; it is scaled down to that."""
ICONS = 256
_ALLOCATION = 128
"""Megabytes that Qt may take for one picture."""
_SVG_CAP = 400_000
_SVG_REPEATS = 32
"""Uses, masks, patterns and filters of one drawing: nested in one another they multiply."""
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"\0\0\1\0", "ICO"),
)
_NAMES = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/jpg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WebP",
    "image/bmp": "BMP",
    "image/x-ms-bmp": "BMP",
    "image/svg+xml": "SVG",
    "image/x-icon": "ICO",
    "image/vnd.microsoft.icon": "ICO",
}
_SVG = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s{0,99}(?:<\?xml[^>]{0,200}>|<!--[^>]{0,900}-->|<!DOCTYPE svg[^>]{0,300}>|\s){0,20}<svg\b"
)
_OUTSIDE = re.compile(
    r"""(href\s{0,9}=\s{0,9})(?:"(?!#)[^"]*"|'(?!#)[^']*')|url\(\s{0,99}["']?(?!["']?#)[^)]{0,2000}\)?|@import""",
    re.IGNORECASE,
)
_REPEATS = re.compile(r"<(?:\w+:)?(?:use|mask|pattern|filter|marker|symbol|animate\w*|set)\b", re.IGNORECASE)

QLoggingCategory.setFilterRules("qt.svg.warning=false")
"""What is wrong with a drawing of others is nothing for our terminal."""


@dataclass(frozen=True)
class Picture:
    """A body as a picture, or why it is none."""

    kind: str
    """PNG, JPEG, GIF, WebP, BMP, ICO or SVG: by its bytes."""
    image: QImage | None = None
    size: tuple[int, int] = (0, 0)
    """As it is in the body, in pixels; an SVG's in its own measure."""
    remark: str = ""
    """What is left out, or why there is no image, in words."""


def kind(head: bytes) -> str:
    """What the first bytes say: a name as in `Picture.kind`; empty where they are no picture that is drawn here."""
    for magic, name in _MAGIC:
        if head.startswith(magic) and (name != "BMP" or head[6:10] == bytes(4)):
            return name
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WebP"
    return "SVG" if _SVG.match(head[:4096]) else ""


def told(media_type: str) -> str:
    """The kind that Content-Type tells; empty where it tells none that is drawn here."""
    return _NAMES.get(media_type, "")


def draw(data: bytes) -> Picture:
    """`data`, a whole picture, decoded or drawn; no side longer than `SIDE`."""
    name = kind(data[:4096])
    return _drawing(data) if name == "SVG" else _photo(data, name)


def _photo(data: bytes, name: str) -> Picture:
    octets = QByteArray(data)
    buffer = QBuffer(octets)
    buffer.open(QIODeviceBase.OpenModeFlag.ReadOnly)
    QImageReader.setAllocationLimit(_ALLOCATION)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    if name == "ICO":
        _take_largest(reader)
    size = reader.size()
    width, height = size.width(), size.height()
    if not size.isValid() or size.isEmpty():
        return Picture(name, remark=f"the bytes begin like {name}, but are no picture that can be read")
    if width * height > PIXELS:
        remark = f"{width:,} × {height:,} pixels would take {width * height * 4 // 1_000_000:,} MB: not decoded"
        return Picture(name, size=(width, height), remark=remark)
    frames = reader.imageCount() if name in ("GIF", "WebP") else 1
    image = reader.read()
    if image.isNull():
        return Picture(name, size=(width, height), remark=f"this {name} cannot be decoded: {reader.errorString()}")
    remark = f"the first of {frames:,} frames" if frames > 1 else ""
    return Picture(name, _fitted(image), (width, height), remark)


def _take_largest(reader: QImageReader) -> None:
    best, widest = 0, 0
    for number in range(min(reader.imageCount(), ICONS)):
        if reader.jumpToImage(number) and reader.size().width() > widest:
            best, widest = number, reader.size().width()
    reader.jumpToImage(best)


def _fitted(image: QImage) -> QImage:
    if max(image.width(), image.height()) <= SIDE:
        return image
    return image.scaled(
        QSize(SIDE, SIDE), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )


def _drawing(data: bytes) -> Picture:
    if len(data) > _SVG_CAP:
        return Picture("SVG", remark=f"SVG of more than {_SVG_CAP // 1000} KB is not drawn")
    text, left_out = alone(read_text(data).text)
    if "<!ENTITY" in text.upper():
        return Picture("SVG", remark="SVG with entities of its own is not drawn")
    if len(_REPEATS.findall(text)) > _SVG_REPEATS:
        return Picture("SVG", remark="SVG with so many repetitions (use, mask, pattern, filter) is not drawn")
    drawing = QSvgRenderer(QByteArray(text.encode("utf-8", "replace")))
    size = drawing.defaultSize()
    if not drawing.isValid() or size.isEmpty():
        return Picture("SVG", remark="the bytes begin like SVG, but are no drawing that can be read")
    shown = QSize(size)
    shown.scale(QSize(SIDE // 2, SIDE // 2), Qt.AspectRatioMode.KeepAspectRatio)
    image = QImage(shown.expandedTo(QSize(1, 1)), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    drawing.render(painter)
    painter.end()
    remark = "what it refers to outside itself is left out" if left_out else ""
    return Picture("SVG", image, (size.width(), size.height()), remark)


def alone(text: str) -> tuple[str, int]:
    """SVG without references to anything outside it, and how many there were. Its declaration goes: it is UTF-8 now."""
    text = re.sub(r"\A\s*<\?xml[^>]{0,300}\?>", "", text)
    return _OUTSIDE.subn(lambda match: f'{match[1]}""' if match[1] else "", text)
