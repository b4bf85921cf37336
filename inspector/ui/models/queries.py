"""Filtering and sorting everything, on a thread of its own: the window never waits for it."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from PySide6.QtCore import QObject, Signal

from inspector.errors import InspectorError
from inspector.recording.reader import Reader
from inspector.trace.filter import Node

_FAILED = "The recording could not be searched."
_log = logging.getLogger(__name__)


class Queries(QObject):
    """Asks a reader of its own for row ids; the newest question is the only one whose answer counts.

    `answered` carries the number `ask` returned and the ids. A question that is overtaken is interrupted, and its
    answer, should it come all the same, is dropped.
    """

    answered = Signal(int, object)
    failed = Signal(int, object)
    """The number, and an `InspectorError`."""

    def __init__(self, open_reader: Callable[[], Reader], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open_reader = open_reader
        self._reader: Reader | None = None
        self._generation = 0
        self._worker = ThreadPoolExecutor(1, "queries")

    def ask(self, node: Node | None, order: str, descending: bool) -> int:
        """Starts the query; returns its number."""
        self._generation += 1
        if self._reader is not None:
            self._reader.interrupt()
        self._worker.submit(self._answer, self._generation, node, order, descending)
        return self._generation

    def close(self) -> None:
        """Interrupts what runs and waits for the thread to end."""
        self._generation += 1
        if self._reader is not None:
            self._reader.interrupt()
        self._worker.submit(self._close_reader)
        self._worker.shutdown(wait=True)

    def _answer(self, generation: int, node: Node | None, order: str, descending: bool) -> None:
        if generation != self._generation:
            return
        try:
            if self._reader is None:
                self._reader = self._open_reader()
            ids: array[int] = self._reader.ids(node, order=order, descending=descending)
        except Exception as error:  # noqa: BLE001 - interrupted, or told: a worker has nobody above it
            if generation == self._generation:
                _log.warning("a query of the recording failed", exc_info=True)
                told = error if isinstance(error, InspectorError) else InspectorError(_FAILED, detail=str(error))
                self.failed.emit(generation, told)
            return
        if generation == self._generation:
            self.answered.emit(generation, ids)

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
