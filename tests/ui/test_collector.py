"""Cyclic garbage dies on Qt's thread, whichever thread made the collection due."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inspector.ui.collector import Collector, no_automatic_collection


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
    with no_automatic_collection():
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


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collection_is_left_as_it_was_found(enabled: bool) -> None:
    was_enabled = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with no_automatic_collection():
            assert not gc.isenabled()
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()


def test_no_collection_inside_the_destructor_of_a_qt_object() -> None:
    """Without `no_automatic_collection` around it, one of the first runs never ends: two objects of Qt wait for one
    lock on one thread."""
    program = (
        "import asyncio, os, gc\n"
        "from inspector.ui.run import run\n"
        "async def main(ending):\n"
        "    await asyncio.gather(*(asyncio.to_thread(int) for _ in range(3)))\n"
        "    return 0\n"
        "assert gc.isenabled()\n"
        "for _ in range(500):\n"
        "    run(main)\n"
        "assert gc.isenabled()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
