"""The search of a traceback, in frames that are folded too: those that hold a match are open while it is looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from inspector.ui.find.sought import Hit, Sought
from inspector.ui.find.text import TextSearch
from inspector.ui.panels.link_view import LinkView


class TracebackSearch(TextSearch):
    """`unfold(sought)` opens what holds a match, and folds what it had opened before; None: the search is over."""

    def __init__(self, view: LinkView, unfold: Callable[[Sought | None], object]) -> None:
        super().__init__(view)
        self._unfold = unfold
        self._quiet = False

    def scan(self, sought: Sought, resume: bool) -> Iterator[list[Hit]]:
        self._quiet = True  # what changes now is scanned now
        self._unfold(sought)
        self._quiet = False
        return super().scan(sought, resume)

    def close(self) -> None:
        super().close()
        self._unfold(None)

    def _changed(self, position: int, removed: int, added: int) -> None:
        if not self._quiet:
            super()._changed(position, removed, added)
