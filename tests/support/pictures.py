"""Pictures of the window in all its states, to be looked at: python -m tests.support.pictures FOLDER [NAME...]

FOLDER gets a PNG for each scene, look and size, and index.html with all of them. NAMEs: only scenes that begin so.
`--readme` instead makes the README's two pictures, in resources/pictures.
"""

from __future__ import annotations

import html
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QWidget

from inspector.ui import theme
from inspector.ui.picture import render
from inspector.ui.run import application
from tests.support.calm import settle
from tests.support.panel_scenes import PANEL_SCENES
from tests.support.scenes import SCENES, SIZE, Scene, scene

README = Path(__file__).parents[2] / "resources" / "pictures"
LOOKS = ("dark", "light")
SMALL, LARGE = (1280, 800), (2560, 1440)


@dataclass(frozen=True)
class Shot:
    """How a scene is taken: name's suffix, logical size, zoom in per cent, device pixels per logical one."""

    suffix: str
    size: tuple[int, int]
    zoom: int = 100
    ratio: float = 1.0
    looks: tuple[str, ...] = LOOKS


PLAIN = (Shot("", SIZE), Shot("-zoom200", SIZE, 200, looks=("dark",)))
WIDE = (
    Shot("", SIZE),
    Shot("-1280x800", SMALL),
    Shot("-2560x1440", LARGE),
    Shot("-zoom200", SIZE, 200),
    Shot("-1280x800-zoom200", SMALL, 200, looks=("dark",)),
    Shot("-2x", SIZE, 100, 2.0, looks=("dark",)),
)


def take(one: Scene, folder: Path, shots: tuple[Shot, ...] | None = None) -> Iterator[Path]:
    """Writes the pictures of a scene and gives their paths, as they come. The look and the zoom change under the open
    window, as they do for a user."""
    shots = shots or (WIDE if one.wide else PLAIN)
    with TemporaryDirectory() as settings, scene(one, Path(settings)) as window:
        for shot in shots:
            theme.zoom_to(shot.zoom)
            settle(window)  # a smaller zoom has to be taken in before a smaller size is granted
            window.resize(*shot.size)
            if (window.width(), window.height()) != shot.size:
                print(f"{one.name}{shot.suffix} needs {window.width()} x {window.height()}")
            for look in shot.looks:
                theme.choose(look)  # type: ignore[arg-type]
                settle(window)
                path = folder / f"{one.name}-{look}{shot.suffix}.png"
                render(window.findChild(QWidget, one.part) or window if one.part else window, path, ratio=shot.ratio)
                yield path
        theme.zoom_to(100)


def sheet(folder: Path, taken: dict[Scene, list[Path]]) -> Path:
    """All pictures on one page."""
    parts = ["<!doctype html><meta charset=utf-8><title>Inspector in pictures</title><style>",
             "body{font:14px sans-serif;background:#888}h2{margin:24px 0 4px}a{display:inline-block;margin:4px}",
             "img{width:460px;display:block}small{display:block}</style>"]  # fmt: skip
    for one, paths in taken.items():
        parts.append(f"<h2>{html.escape(one.name)}</h2><p>{html.escape(one.says)}</p>")
        parts += [f"<a href={it.name}><img loading=lazy src={it.name}><small>{it.stem}</small></a>" for it in paths]
    path = folder / "index.html"
    path.write_text("\n".join(parts), "utf-8")
    return path


def readme(folder: Path = README) -> None:
    """The two pictures of the README: the first scene in both looks."""
    for look, path in zip(LOOKS, take(SCENES[0], folder, (Shot("", SIZE),)), strict=True):
        path.replace(folder / f"window-{look}.png")


def main(arguments: list[str]) -> int:
    application()
    if arguments == ["--readme"]:
        readme()
        return 0
    if not arguments or arguments[0].startswith("-"):
        print(__doc__)
        return 2
    folder, names = Path(arguments[0]), tuple(arguments[1:])
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [one for one in (*SCENES, *PANEL_SCENES) if not names or one.name.startswith(names)]
    taken = {one: list(take(one, folder)) for one in chosen}
    print(f"{sum(map(len, taken.values()))} pictures: {sheet(folder, taken)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
