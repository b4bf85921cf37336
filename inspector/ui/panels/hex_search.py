"""The search of bytes, in the hex view: for text in UTF-8, or for figures written as `7b 22` or `0x7b22`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from inspector.ui.find.sought import Hit, Sought

if TYPE_CHECKING:
    from inspector.ui.panels.hex_view import HexView

_WINDOW = 64 * 1024
"""Bytes that are looked at in one step."""
_FIGURES = re.compile(r"\s*(?:0[xX]((?:[0-9a-fA-F]{2})+)|([0-9a-fA-F]{2}(?:\s+[0-9a-fA-F]{2})+))\s*")


def sought_bytes(sought: Sought) -> re.Pattern[bytes]:
    """What is looked for, as bytes; upper and lower case are the same in ASCII, for bytes know no other."""
    if found := _FIGURES.fullmatch(sought.needle):
        return re.compile(re.escape(bytes.fromhex(found[1] or found[2])), re.DOTALL)
    needle = sought.needle.encode("utf-8", "surrogatepass")
    return re.compile(re.escape(needle), 0 if sought.case else re.IGNORECASE)


class HexSearch(QObject):
    """A hit is offset and length."""

    stale = Signal(bool)
    hint = "Find text, or bytes as 7b 22 or 0x7b22"

    def __init__(self, view: HexView) -> None:
        super().__init__(view)
        self.view = view
        self._scanned = 0
        self._current: Hit | None = None
        view.changed.connect(self.stale)

    def scan(self, sought: Sought, resume: bool) -> Iterator[list[Hit]]:
        pattern = sought_bytes(sought)
        longest = max(len(sought.needle.encode("utf-8", "surrogatepass")), 1)
        at = self._scanned if resume else 0
        while at < self.view.total:
            self._scanned = at
            data = self.view.read(at, _WINDOW + longest - 1)
            if not data:
                return
            yield [(at + found.start(), len(found[0])) for found in pattern.finditer(data) if found.start() < _WINDOW]
            at += _WINDOW

    @property
    def partial(self) -> bool:
        return False

    def resumed_at(self) -> Hit:
        return (self._scanned,)

    def here(self) -> Hit:
        """What is selected, where it is in sight; else the first line that is."""
        first, last = self.view.in_sight()
        offset, _ = self.view.selection()
        return (offset if first <= offset < last else first,)

    def selected(self) -> str:
        offset, length = self.view.selection()
        return self.view.read(offset, length).hex(" ") if 1 < length <= 64 else ""

    def reveal(self, hit: Hit) -> None:
        first, last = self.view.in_sight()
        if not (first <= hit[0] and sum(hit) <= last):
            self.view.scroll_to(hit[0])

    def mark(self, hits: Sequence[Hit], current: Hit | None) -> None:
        self._current = current
        self.view.set_marks(hits, current)

    def close(self) -> None:
        self.view.changed.disconnect(self.stale)
        self.view.set_marks((), None)
        if self._current is not None:
            self.view.select(*self._current)
        self.deleteLater()
