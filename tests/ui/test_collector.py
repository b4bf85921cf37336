"""Cyclic garbage dies on Qt's thread, whichever thread made the collection due."""

from __future__ import annotations

import gc
import threading

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.ui.collector import Collector


class Cycle:
    """Remembers on which thread it died."""

    died_on: list[int] = []  # noqa: RUF012

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        self.died_on.append(threading.get_ident())


def allocate() -> None:
    """What makes the automatic collection due many times over."""
    kept = [[] for _ in range(100_000)]
    assert kept


def test_garbage_of_any_thread_dies_on_qts(qtbot: QtBot, qapp: QApplication) -> None:
    Cycle.died_on.clear()
    collector = Collector()
    try:
        for _ in range(10):
            Cycle()
        thread = threading.Thread(target=allocate)
        thread.start()
        thread.join()
        assert Cycle.died_on == []
        due = [[] for _ in range(2 * gc.get_threshold()[0])]  # the thread's own are gone, and count no more
        qtbot.waitUntil(lambda: len(Cycle.died_on) == 10)
        assert set(Cycle.died_on) == {threading.get_ident()}
        assert due
    finally:
        collector.stop()
    assert gc.isenabled()
