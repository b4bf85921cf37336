"""Python's cyclic garbage is collected on Qt's thread only, and only from Qt's event loop.

Left to itself the collection runs wherever something is allocated, and there are two places where it must not:

- on another thread, the recorder's for one: a Qt object in a cycle would be destroyed there, and Qt then complains
  about its timers, or ends the process;
- inside the destructor of a Qt object: it holds one of Qt's few locks for connections while it calls into Python, and
  the destructor of another object that shares that lock waits for it for ever.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 500


@contextmanager
def no_automatic_collection() -> Iterator[None]:
    """Around all that Qt objects live in: they have to be gone before the collection is automatic again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Collector(QObject):
    """Does, from Qt's event loop, what the automatic collection would do; from its making until `stop`."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        """Collect the oldest generation whose threshold is passed; 0 switches a generation off."""
        thresholds = gc.get_threshold()
        for generation in (2, 1, 0):
            if 0 < thresholds[generation] < gc.get_count()[generation]:
                gc.collect(generation)
                return

    def stop(self) -> None:
        self._timer.stop()
