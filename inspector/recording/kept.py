"""What was decoded last, for whoever asks again: a window that turns to an exchange asks for its messages often."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

MOST = 8
"""Values that are kept."""
LEAST = 1024
"""Bytes from which on a value is worth keeping; what a call is made of (`None`) always is."""


class Kept:
    """The values of the last few messages, each with what it was decoded from. They are shared: nobody changes them."""

    def __init__(self) -> None:
        self._values: OrderedDict[int, tuple[object, Any]] = OrderedDict()

    def value(self, message: int, source: tuple[object, ...], size: int | None, make: Callable[[], Any]) -> Any:
        """What `make` gives, or gave for the same `source` of `message`."""
        if size is not None and size < LEAST:
            return make()
        known = self._values.get(message)
        if known is None or known[0] != source:
            known = self._values[message] = source, make()
            if len(self._values) > MOST:
                self._values.popitem(last=False)
        self._values.move_to_end(message)
        return known[1]
