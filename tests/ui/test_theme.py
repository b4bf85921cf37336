from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

import inspector.ui
from inspector.ui import style, theme
from inspector.ui.theme import DARK, LIGHT, Palette

SURFACES = ("window", "panel", "field", "raised", "selection", "held_wash")
TEXTS = (
    "text", "second", "third", "accent", "status_2xx", "status_3xx", "status_4xx", "status_5xx", "held", "receive",
    "send",
)  # fmt: skip
ELSEWHERE = {("third", "selection")}
"""On a selected row third becomes second: the delegates see to it, and are tested for it."""


def luminance(color: QColor) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.getRgbF()[:3]]  # type: ignore[index]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: QColor, other: QColor) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=lambda palette: palette.name)
def test_text_can_be_read_on_every_surface(palette: Palette) -> None:
    short = {
        (text, surface): round(ratio, 2)
        for text in TEXTS
        for surface in SURFACES
        if (text, surface) not in ELSEWHERE
        and (ratio := contrast(getattr(palette, text), getattr(palette, surface))) < 4.5
    }
    assert short == {}
    assert contrast(palette.primary_text, palette.primary) >= 4.5


def test_both_palettes_have_every_token() -> None:
    for palette in (DARK, LIGHT):
        colors = [getattr(palette, field.name) for field in fields(palette) if field.name != "name"]
        assert len(colors) == 27
        assert all(isinstance(color, QColor) and color.isValid() and color.alpha() == 255 for color in colors)


def test_choosing_tells_once_and_dresses_the_application(qapp: QApplication, qtbot: Any) -> None:
    with qtbot.waitSignal(theme.observer.changed):
        theme.choose("light")
    assert theme.current() is LIGHT
    assert LIGHT.panel.name() in theme.wardrobe.sheet
    assert DARK.panel.name() not in theme.wardrobe.sheet
    with qtbot.assertNotEmitted(theme.observer.changed):
        theme.choose("light")


def test_figures_stand_under_one_another() -> None:
    from PySide6.QtGui import QFontMetricsF

    metrics = QFontMetricsF(theme.interface_font())
    assert len({round(metrics.horizontalAdvance(digit * 8), 3) for digit in "0123456789"}) == 1


def test_status_has_a_colour_by_its_class() -> None:
    assert DARK.status(204) is DARK.status_2xx
    assert DARK.status(599) is DARK.status_5xx
    assert DARK.status(101) is DARK.accent
    assert DARK.status(None) is DARK.second


def test_colours_and_sizes_of_type_live_in_the_theme_alone() -> None:
    package = Path(inspector.ui.__file__).parent
    found = {
        str(path.relative_to(package)): hits
        for path in package.rglob("*.py")
        if path.name not in ("theme.py", "style.py")
        and (
            hits := re.findall(
                r"#[0-9a-fA-F]{6}\b|QColor\(\"|QFont\(\"|setPixelSize|setPointSize|setFamily", path.read_text()
            )
        )
    }
    assert found == {}


def test_every_role_and_surface_that_is_used_is_in_the_sheet() -> None:
    package = Path(inspector.ui.__file__).parent
    sheet = style.sheet(DARK, theme.fixed_font(), theme.px)
    for path in package.rglob("*.py"):
        for key, value in re.findall(r"setProperty\(\"(role|surface)\", \"(\w+)\"\)", path.read_text()):
            assert f'[{key}="{value}"]' in sheet, f"{path.name}: {key} {value}"
        for value in re.findall(r"\brole=\"(\w+)\"", path.read_text()):
            assert f'[role="{value}"]' in sheet, f"{path.name}: role {value}"


def test_the_zoom_scales_fonts_measures_and_the_style_sheet(qapp: QApplication, qtbot: Any) -> None:
    usual = theme.interface_font().pixelSize()
    with qtbot.waitSignal(theme.observer.changed):
        theme.zoom_to(200)
    assert theme.zoom() == 200
    assert theme.interface_font().pixelSize() == 2 * usual
    assert theme.row_height() == 50
    assert "width: 20px" in theme.wardrobe.sheet  # of a scroll bar
    assert "1px solid" in theme.wardrobe.sheet  # hairlines stay
    with qtbot.assertNotEmitted(theme.observer.changed):
        theme.zoom_to(1_000)
    theme.zoom_to(101)
    assert theme.zoom() == 100
    assert theme.interface_font().pixelSize() == usual
    assert theme.px(0) == 0
    assert theme.px(-2) == -2
