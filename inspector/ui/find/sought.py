"""What is looked for, where it stands, and what a view offers whoever looks: the vocabulary of the search."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

HINT = "Find in this panel"
Hit = tuple[int, ...]


@dataclass(frozen=True)
class Sought:
    """What is looked for, as it is; `case`: upper and lower case are different."""

    needle: str
    case: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.escape(self.needle), 0 if self.case else re.IGNORECASE)


class Searchable(Protocol):
    hint: str
    """What can be looked for, before anything is."""

    @property
    def view(self) -> QWidget:
        """What is seen; it gets the focus back."""

    @property
    def partial(self) -> bool:
        """More is there than can be searched."""

    @property
    def stale(self) -> SignalInstance:
        """`stale(grew)`: what is searched has changed, and no scan goes on; `grew`: only after what was scanned."""

    def scan(self, sought: Sought, resume: bool) -> Iterator[list[Hit]]:
        """The hits, step by step; `resume`: from the line on that the last scan was at, see `resumed_at`."""

    def resumed_at(self) -> Hit:
        """Hits from here on come (again) from a scan that resumes."""

    def here(self) -> Hit:
        """Where the reader is."""

    def selected(self) -> str:
        """The text that is selected; "" where it is none, or more than a line."""

    def reveal(self, hit: Hit) -> None:
        """Brings it into sight, and the reader's place there."""

    def mark(self, hits: Sequence[Hit], current: Hit | None) -> None:
        """Sets off those in sight, now and after scrolling; `hits` may grow afterwards."""

    def close(self) -> None:
        """Nothing is set off any more; the match gone to last is selected."""
