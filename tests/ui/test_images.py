"""Pictures: what they really are; bombs and references to the outside are not followed."""

from __future__ import annotations

import struct
import time
import zlib
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODeviceBase
from PySide6.QtGui import QColor, QImage

from inspector.ui.images import PIXELS, SIDE, alone, draw, kind, told


def encoded(form: str, width: int = 40, height: int = 30) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 20, 200))
    octets = QByteArray()
    buffer = QBuffer(octets)
    buffer.open(QIODeviceBase.OpenModeFlag.WriteOnly)
    assert image.save(buffer, form)  # type: ignore[call-overload]
    return bytes(octets.data())


def bomb(width: int, height: int) -> bytes:
    """A PNG that tells of a huge picture."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1 << 20)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("form", "name"), [("PNG", "PNG"), ("JPG", "JPEG"), ("BMP", "BMP"), ("ICO", "ICO"), ("WEBP", "WebP")]
)
def test_each_kind_is_known_and_decoded(form: str, name: str) -> None:
    data = encoded(form)
    assert kind(data) == name
    found = draw(data)
    assert found.image is not None
    assert (found.kind, found.size, found.remark) == (name, (40, 30), "")
    assert found.image.pixelColor(5, 5).blue() > 150


def test_gif() -> None:
    data = b"GIF89a\x01\0\x01\0\x80\0\0\xff\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
    assert kind(data) == "GIF"
    assert draw(data).size == (1, 1)


def test_types() -> None:
    assert told("image/svg+xml") == "SVG"
    assert told("text/html") == ""
    assert kind(b"BM is a word") == ""
    assert kind(b"") == ""
    assert kind(b"<html><svg>") == ""


def test_large_pictures_are_scaled_down() -> None:
    found = draw(encoded("PNG", 2 * SIDE, 100))
    assert found.size == (2 * SIDE, 100)
    assert found.image is not None
    assert found.image.width() == SIDE


@pytest.mark.parametrize("size", [(65_000, 65_000), (PIXELS // 1000 + 1, 1000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_not_decoded(size: tuple[int, int]) -> None:
    began = time.process_time()
    found = draw(bomb(*size))
    assert found.image is None
    assert "pixels would take" in found.remark or "no picture" in found.remark
    assert time.process_time() - began < 1


def test_svg_is_drawn() -> None:
    data = (
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
        b'<rect width="40" height="20" fill="#0a14c8"/></svg>'
    )
    assert kind(data) == "SVG"
    found = draw(data)
    assert found.image is not None
    assert found.size == (40, 20)
    middle = found.image.pixelColor(found.image.width() // 2, found.image.height() // 2)
    assert middle == QColor(10, 20, 200)


def test_svg_draws_nothing_from_outside(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(encoded("PNG"))
    for reference in (f"file://{tmp_path}/secret.png", f"{tmp_path}/secret.png", "&#47;etc&#47;passwd"):
        data = (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="30">'
            f'<image width="40" height="30" xlink:href="{reference}"/>'
            f"<image width='40' height='30' href='{reference}'/></svg>"
        )
        found = draw(data.encode())
        assert found.image is not None
        assert found.image.pixelColor(found.image.width() // 2, found.image.height() // 2).alpha() == 0
        assert "left out" in found.remark


def test_references_inside_stay() -> None:
    text = '<use xlink:href="#a"/><rect fill="url(#b)"/>'
    assert alone(text) == (text, 0)
    assert alone("<style>@import 'x'; a { fill: url(http://x) }</style>")[1] == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg/>', "entities"),
        (b"<svg>" + b"<use href='#a'/>" * 40 + b"</svg>", "repetitions"),
        (b"<svg>" + b" " * 500_000 + b"</svg>", "400 KB"),
        (b"<svg", "no drawing"),
    ],
)
def test_svg_that_could_take_for_ever_is_not_drawn(data: bytes, said: str) -> None:
    found = draw(data)
    assert found.image is None
    assert said in found.remark or said in draw(b"<svg/>" + data).remark


def test_references_are_looked_for_in_linear_time() -> None:
    began = time.process_time()
    for text in ("href=" * 80_000, "href='" * 60_000, "url(" * 100_000, "a" * 400_000, "url(" + " " * 400_000):
        alone(text)
    assert time.process_time() - began < 5
