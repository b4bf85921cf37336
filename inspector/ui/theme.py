"""Colours, fonts and the zoom: the only place that knows any.

`current()` is the palette in force; `observer.changed` tells when another one is (the system's scheme, or the user's
choice by `choose`), and when the zoom changed (`zoom_to`). Painters ask `current()` while they paint; everything else
is styled by the style sheet, which is made from the palette (`inspector.ui.style`) and worn by regions (`dressed`).
Widgets name what they are by
dynamic properties, see there. Every measure in pixels goes through `px`, and is taken again by `measured`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from inspector.commands.desk import Theme as Choice
from inspector.ui import style
from inspector.ui.dress import Wardrobe

ZOOMS = (75, 90, 100, 110, 125, 150, 175, 200)
"""Per cent."""
_ROW_HEIGHT = 25
_EDGE = 12


@dataclass(frozen=True, eq=False)
class Palette:
    """Every colour of the program, by what it means (LOOK.md's table)."""

    name: str
    window: QColor
    panel: QColor
    field: QColor
    raised: QColor
    hairline: QColor
    text: QColor
    second: QColor
    third: QColor
    accent: QColor
    selection: QColor
    status_2xx: QColor
    status_3xx: QColor
    status_4xx: QColor
    status_5xx: QColor
    held: QColor
    held_wash: QColor
    receive: QColor
    send: QColor
    primary: QColor
    primary_text: QColor
    bar_wait: QColor
    bar_client: QColor
    bar_app: QColor
    bar_stream: QColor
    bar_blocked: QColor
    """Back-pressure."""
    bar_after: QColor
    bar_held: QColor

    @property
    def held_stroke(self) -> QColor:
        """Of the hatch over `bar_held`."""
        return self.held_wash if self.name == "dark" else self.held

    @property
    def gone(self) -> QColor:
        """What a change took away."""
        return self.status_5xx

    @property
    def added(self) -> QColor:
        """What a change put in its place."""
        return self.status_2xx

    def status(self, code: int | None) -> QColor:
        """The colour of a status code."""
        if code is None:
            return self.second
        return {2: self.status_2xx, 3: self.status_3xx, 4: self.status_4xx, 5: self.status_5xx}.get(
            code // 100, self.accent
        )

    def method(self, method: str) -> QColor:
        """Quiet for what only reads, loud for what changes something."""
        if method == "WS":
            return self.send
        return self.text if method in ("GET", "HEAD", "OPTIONS") else self.accent

    def direction(self, direction: str) -> QColor:
        """The colour of a message's direction (`trace.records.DIRECTIONS`)."""
        return {"receive": self.receive, "send": self.send, "raise": self.status_5xx}.get(direction, self.second)


def _palette(name: str, tokens: str) -> Palette:
    names = [field.name for field in fields(Palette) if field.name != "name"]
    return Palette(name, **dict(zip(names, map(QColor, tokens.split()), strict=True)))


DARK = _palette(
    "dark",
    "#15171c #1b1e25 #232730 #2b303b #2d323d #e4e7ee #98a1b3 #929bad #6ea8fe #24364f"
    " #5bc48d #58b5d6 #d9c84f #f58482 #f0a13c #3a2c16 #6ea8fe #b794f4 #2f6fd6 #ffffff"
    " #6b7486 #3f6fae #5bc48d #3d7f5d #d98a4a #8a78cf #f0a13c",
)
LIGHT = _palette(
    "light",
    "#f4f5f7 #ffffff #f0f2f5 #e6e9ee #dde1e7 #1d222b #5b6475 #5f6878 #165bbd #dbe8fb"
    " #14703f #0f6583 #6f6300 #b62a27 #8a5100 #fdf0d8 #165bbd #6d40c2 #165bbd #ffffff"
    " #a3abb9 #8fb4e6 #57b98a #a9d9c0 #dd9a62 #a99be0 #e5a13e",
)


class Observer(QObject):
    """Tells that `current()` is another palette now, or the zoom another one."""

    changed = Signal()


class _State:
    def __init__(self) -> None:
        self.choice: Choice = "system"
        self.palette = DARK
        self.zoom = 100
        self.fonts: dict[str, QFont] = {}


observer = Observer()
wardrobe = Wardrobe()
_state = _State()


def current() -> Palette:
    return _state.palette


def choice() -> Choice:
    """What the user chose; `system` until then."""
    return _state.choice


def choose(value: Choice) -> None:
    """Follows the system's scheme, or stays light or dark."""
    _state.choice = value
    schemes = {"system": Qt.ColorScheme.Unknown, "light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    QGuiApplication.styleHints().setColorScheme(schemes[value])  # so that the platform draws its frames to match
    _refresh()


def zoom() -> int:
    """Per cent; one of `ZOOMS`."""
    return _state.zoom


def zoom_to(percent: int) -> None:
    """Everything larger or smaller: the nearest of `ZOOMS`."""
    percent = min(ZOOMS, key=lambda known: abs(known - percent))
    if percent != _state.zoom:
        _state.zoom = percent
        _state.fonts.clear()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setFont(interface_font())
            _dress(app)
            observer.changed.emit()


def px(pixels: float) -> int:
    """`pixels` of the drawings, at the zoom in force."""
    return max(round(pixels * _state.zoom / 100), 1) if pixels > 0 else round(pixels * _state.zoom / 100)


def row_height() -> int:
    """Pixels of a row of the exchange table (LOOK.md, density)."""
    return px(_ROW_HEIGHT)


def edge() -> int:
    """Pixels of air at the edges of a panel; the left edge of title, text and table."""
    return px(_EDGE)


def measured(take: Callable[[], object]) -> None:
    """Takes measures now, and again whenever they change. `take` is a bound method of a QObject, and dies with it."""
    take()
    observer.changed.connect(take)


def dressed(widget: QWidget) -> None:
    """`widget` and all in it are styled from now on: a region (`inspector.ui.dress`), or a window of its own."""
    wardrobe.add(widget)


def apply(app: QApplication) -> None:
    """Gives the application its style, fonts and colours, and follows the system from now on. Once per process."""
    app.setStyle("fusion")
    app.setFont(interface_font())
    app.styleHints().colorSchemeChanged.connect(_refresh)
    _dress(app)


def _refresh() -> None:
    app = QApplication.instance()
    if isinstance(app, QApplication) and _wanted() is not _state.palette:
        _dress(app)
        observer.changed.emit()


def _wanted() -> Palette:
    if _state.choice != "system":
        return LIGHT if _state.choice == "light" else DARK
    return LIGHT if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light else DARK


def _dress(app: QApplication) -> None:
    palette = _state.palette = _wanted()
    app.setPalette(_qt_palette(palette))
    wardrobe.change(style.sheet(palette, fixed_font(), px))


def interface_font() -> QFont:
    """The platform's own interface font at its own size, with tabular figures."""
    font = _state.fonts.get("interface")
    if font is None:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        if font.family().lower() in {"sans serif", "sans-serif", "sans"}:  # no desktop told us: take the best there is
            font.setFamilies([*_installed("Inter", "Cantarell", "Noto Sans", "Ubuntu"), font.family()])
            font.setPixelSize(13)
        font.setPixelSize(px(QFontInfo(font).pixelSize()))
        font.setFeature(QFont.Tag("tnum"), 1)
        _state.fonts["interface"] = font
    return QFont(font)


def fixed_font() -> QFont:
    """The platform's fixed font, for everything that came over the wire; as high as the interface font looks."""
    font = _state.fonts.get("fixed")
    if font is None:
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setStyleHint(QFont.StyleHint.Monospace)
        font.setPixelSize(QFontInfo(interface_font()).pixelSize() - 1)
        _state.fonts["fixed"] = font
    return QFont(font)


def _installed(*families: str) -> list[str]:
    return [family for family in families if QFontDatabase.hasFamily(family)]


def weighted(font: QFont, weight: QFont.Weight = QFont.Weight.DemiBold) -> QFont:
    """`font` in another weight: weight, not size, makes hierarchy."""
    heavier = QFont(font)
    heavier.setWeight(weight)
    return heavier


def struck(font: QFont) -> QFont:
    """`font` struck out: what did not go on."""
    through = QFont(font)
    through.setStrikeOut(True)
    return through


def small(font: QFont) -> QFont:
    """`font` one pixel smaller: headers of tables, pills, the status bar."""
    smaller = QFont(font)
    smaller.setPixelSize(QFontInfo(font).pixelSize() - 1)
    return smaller


def _qt_palette(palette: Palette) -> QPalette:
    """What Fusion draws with where the style sheet says nothing."""
    role = QPalette.ColorRole
    qt = QPalette()
    for roles, color in (
        ((role.Window, role.Button, role.AlternateBase), palette.panel),
        ((role.Base, role.ToolTipBase), palette.panel),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.HighlightedText), palette.text),
        ((role.BrightText,), palette.primary_text),
        ((role.PlaceholderText,), palette.third),
        ((role.Highlight,), palette.selection),
        ((role.Link, role.LinkVisited, role.Accent), palette.accent),
        ((role.Light, role.Midlight, role.Mid), palette.raised),
        ((role.Dark, role.Shadow), palette.hairline),
    ):
        for each in roles:
            qt.setColor(each, color)
    for each in (role.WindowText, role.Text, role.ButtonText):
        qt.setColor(QPalette.ColorGroup.Disabled, each, palette.third)
    return qt
