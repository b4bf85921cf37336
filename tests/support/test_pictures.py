"""The pictures are taken at all, in their sizes, and something is on them; what, has to be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from inspector.ui import theme
from tests.support.panel_scenes import PANEL_SCENES
from tests.support.pictures import PLAIN, WIDE, Shot, main, sheet, take
from tests.support.scenes import SCENES

BY_NAME = {one.name: one for one in (*SCENES, *PANEL_SCENES)}


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> Iterator[None]:
    if not theme.wardrobe.sheet:
        theme.apply(qapp)
    yield
    theme.choose("dark")
    theme.zoom_to(100)


def colours(image: QImage) -> int:
    """How many different ones there are on a grid over the picture."""
    width, height = image.width(), image.height()
    return len({image.pixel(x, y) for x in range(0, width, 3) for y in range(0, height, 3)})


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize("name", ["serving", "empty", "first-run", "exception"])
def test_a_scene_is_drawn_in_every_size(name: str, tmp_path: Path) -> None:
    shots = (
        Shot("", (1280, 800)),
        Shot("-zoomed", (2560, 1440), 200, looks=("dark",)),
        Shot("-2x", (960, 640), 100, 2),
    )
    paths = list(take(BY_NAME[name], tmp_path, shots))
    assert [path.name for path in paths] == [
        f"{name}-{suffix}.png" for suffix in ("dark", "light", "dark-zoomed", "dark-2x", "light-2x")
    ]
    images = {path.stem.removeprefix(f"{name}-"): QImage(str(path)) for path in paths}
    assert {key: (image.width(), image.height()) for key, image in images.items()} == {
        "dark": (1280, 800), "light": (1280, 800), "dark-zoomed": (2560, 1440), "dark-2x": (1920, 1280),
        "light-2x": (1920, 1280),
    }  # fmt: skip
    assert all(colours(image) > 25 for image in images.values())
    assert len({bytes(image.constBits()) for image in images.values()}) == len(images)


def test_names_are_told_apart_and_the_sheet_has_every_picture(tmp_path: Path) -> None:
    assert len(BY_NAME) == len(SCENES) + len(PANEL_SCENES)
    for shots in (PLAIN, WIDE):
        assert len({shot.suffix for shot in shots}) == len(shots)
    page = sheet(tmp_path, {BY_NAME["empty"]: [tmp_path / "empty-dark.png"]}).read_text()
    assert "empty-dark.png" in page


def test_without_a_folder_it_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "FOLDER" in capsys.readouterr().out
