"""A traceback as text with links: written into a `LinkView`, bounded."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from PySide6.QtGui import QColor

from inspector.recording.rows import FailureRow
from inspector.ui import shown, theme
from inspector.ui.models.frames import Around, Frame, Run
from inspector.ui.panels.link_view import LinkView
from inspector.ui.panels.text_view import block_format, char_format

RELATIONS = {
    "cause": "caused by",
    "context": "raised while this was being handled:",
    "group": "one of the exceptions in the group:",
}
OPEN = "open:"
"""Before the number of a place, in the href of its link."""
_TEXT = 10_000
_ALL_TEXT = 256_000
"""Characters that are shown at most of one text, and in all."""
_INDENT = 22


class Page:
    """Writes lines into a view until `_ALL_TEXT` is reached."""

    def __init__(self, view: LinkView) -> None:
        self._cursor = view.begin()
        self._cursor.beginEditBlock()  # laid out once, at the end
        self._room = _ALL_TEXT
        self.places: list[Frame] = []
        self.links: list[tuple[int, int, str]] = []

    @property
    def full(self) -> bool:
        return self._room <= 0

    def line(self, *runs: tuple[str, QColor], above: int = 0, indent: int = 0, bold: bool = False) -> None:
        """One line, or as many as the text has."""
        if self.full:
            return
        self._begin(above, indent)
        for text, color in runs:
            self._cursor.insertText(self._screen(text), char_format(color, bold))

    def note(self, text: str, above: int = 0, indent: int = 0) -> None:
        """Words of ours."""
        if not self.full:
            self._note(text, above, indent)

    def end(self) -> None:
        """The last call: says so where there was more."""
        if self.full:
            self._note("… more: copy the traceback to see it whole")
        self._cursor.endEditBlock()

    def _note(self, text: str, above: int = 0, indent: int = 0) -> None:
        self._begin(above, indent)
        self._cursor.insertText(text, char_format(theme.current().second, sans=True))
        self._room -= len(text)

    def link(self, text: str, href: str, color: QColor, tooltip: str, above: int = 0, sans: bool = False) -> None:
        """A line that can be chosen; `run` goes on with it."""
        if self.full:
            return
        self._begin(above)
        form = char_format(color, sans=sans)
        form.setAnchor(True)
        form.setAnchorHref(href)
        form.setToolTip(tooltip)
        start = self._cursor.position()
        self._cursor.insertText(self._screen(text), form)
        self.links.append((start, self._cursor.position(), href))

    def run(self, text: str, color: QColor) -> None:
        """More on the same line."""
        if not self.full:
            self._cursor.insertText(self._screen(text), char_format(color))

    def _screen(self, text: str) -> str:
        screen = shown.broken(shown.visible(text[: min(_TEXT, max(self._room, 0))]))[0]
        self._room -= len(screen)
        return screen

    def _begin(self, above: int = 0, indent: int = 0) -> None:
        form = block_format(theme.px(indent), theme.px(above))
        if self._cursor.position():
            self._cursor.insertBlock(form)
        else:
            self._cursor.setBlockFormat(block_format(theme.px(indent)))


def write(
    page: Page,
    number: int,
    failure: FailureRow,
    steps: Sequence[Sequence[Frame | Run]],
    opened: Collection[tuple[int, int, int]],
    sources: Mapping[Frame, Around],
) -> None:
    """Failure `number`. `steps`: of each exception of its chain what stands there; `opened`: runs that are unfolded."""
    palette = theme.current()
    if number:
        page.line((failure.type, palette.status_5xx), (f": {failure.message}", palette.text), above=18, bold=True)
    for at, (step, items) in enumerate(zip(failure.chain, steps, strict=True)):
        _head(page, step, first=at == 0)
        for place, item in enumerate(items):
            if isinstance(item, Run):
                _run(page, item, f"{number}:{at}:{place}", (number, at, place) in opened)
            else:
                _frame(page, item, sources.get(item))
        if not items:
            page.note("no frames of the app")
    if not failure.chain:
        page.line((failure.text, palette.text))


def _head(page: Page, step: dict[str, Any], first: bool) -> None:
    """Type and message of one exception of a chain; the first one's are the headline already."""
    palette = theme.current()
    if not first:
        page.note(RELATIONS.get(str(step.get("relation")), "then"), above=14)
        message = f": {step['message']}" if step.get("message") else ""
        page.line((str(step.get("type", "")), palette.status_5xx), (message, palette.text), bold=True)
    notes = step.get("notes")
    for note in notes if isinstance(notes, list) else []:
        page.line((f"note: {note}", palette.second))


def _run(page: Page, run: Run, href: str, opened: bool) -> None:
    palette = theme.current()
    way = "\N{BLACK DOWN-POINTING SMALL TRIANGLE}" if opened else "\N{BLACK RIGHT-POINTING SMALL TRIANGLE}"
    does = "Click or press Enter to fold them" if opened else "Click or press Enter to see them"
    page.link(f"{way} {run.text}", href, palette.second, f"{run.tooltip}\n{does}", above=4, sans=True)
    for frame in run.frames if opened else ():
        _place(page, frame, palette.third, palette.third, above=2)
        if frame.source:
            page.line((frame.source, palette.third), indent=_INDENT)


def _place(page: Page, frame: Frame, where: QColor, function: QColor, above: int) -> None:
    if page.full:
        return
    page.link(
        frame.place,
        f"{OPEN}{len(page.places)}",
        where,
        f"{shown.one_line(frame.file, 500)}\nOpen in the editor",
        above=above,
    )
    page.places.append(frame)
    page.run(f"  {frame.function}", function)


def _frame(page: Page, frame: Frame, source: Around | None) -> None:
    """A frame of the app's own."""
    palette = theme.current()
    if not frame.file:  # a gap
        page.note(shown.one_line(frame.source))
        return
    _place(page, frame, palette.accent, palette.text, above=4)
    if source is None or not source.lines:
        if frame.source:
            page.line((frame.source, palette.text), indent=_INDENT)
        if source is not None:
            page.note("The file has changed since: another line stands there now", indent=_INDENT)
        return
    width = len(str(source.first + len(source.lines)))
    blanks = min((len(line) - len(line.lstrip()) for line in source.lines if line.strip()), default=0)
    for number, line in enumerate(source.lines, source.first):
        failing = number == frame.line
        mark = f"{'>' if failing else ' '} {number:>{width}}  "
        color = palette.text if failing else palette.third
        page.line((mark, color), (line[blanks:].rstrip(), color), indent=_INDENT)
    if source.changed:
        page.note("The file has changed since", indent=_INDENT)
