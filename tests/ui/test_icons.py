from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QColor, QIcon

from inspector.resources import resource
from inspector.ui import icons, theme

NAMES = sorted(path.stem for path in resource("icons").glob("*.svg"))
LINES = [name for name in NAMES if name != "inspector"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_every_icon_is_drawn_at_the_resolution_of_the_screen(name: str, ratio: float) -> None:
    picture = icons.pixmap(name, "#ff8800", 16, ratio)
    assert picture.width() == round(16 * ratio)
    assert picture.deviceIndependentSize().width() == pytest.approx(16, abs=0.1)
    image = picture.toImage()
    colors = {image.pixelColor(x, y).alpha() for x in range(image.width()) for y in range(image.height())}
    assert max(colors) > 100


@pytest.mark.parametrize("name", LINES)
def test_line_icons_are_one_family_and_take_their_colour_from_the_palette(name: str) -> None:
    source = resource(f"icons/{name}.svg").read_text()
    assert 'viewBox="0 0 16 16"' in source
    assert 'stroke-width="1.4"' in source
    assert re.findall(r"#[0-9a-fA-F]{3,6}", source) == []
    image = icons.pixmap(name, "#ff8800", 32).toImage()
    solid = [image.pixelColor(x, y) for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() > 200]
    assert solid
    assert all(abs(color.red() - 255) < 12 and color.blue() < 24 for color in solid)


def test_an_icon_is_dimmed_where_it_is_disabled() -> None:
    def color(mode: QIcon.Mode) -> QColor:
        image = icons.icon("stop").pixmap(16, 16, mode).toImage()
        return image.pixelColor(8, 8)

    assert color(QIcon.Mode.Normal).name() == theme.current().text.name()
    assert color(QIcon.Mode.Disabled).name() == theme.current().third.name()
