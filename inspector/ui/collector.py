"""Python's cyclic garbage is collected on Qt's thread only.

Left to itself the collection runs on whichever thread happens to allocate, the recorder's for one, and a Qt object in a
cycle would be destroyed there: Qt then complains about its timers, or ends the process.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 500


class Collector(QObject):
    """Does, from Qt's event loop, what the automatic collection would do; from its making until `stop`."""

    def __init__(self) -> None:
        super().__init__()
        self._was_enabled = gc.isenabled()
        gc.disable()
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
        if self._was_enabled:
            gc.enable()
