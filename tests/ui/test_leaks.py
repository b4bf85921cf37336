"""A window that was closed is gone: opened and closed twenty times, nothing grows."""

from __future__ import annotations

import gc
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from inspector.recording.reader import Reader
from inspector.ui.source import Source
from inspector.ui.window import Window
from tests.recording.scripts import hello, recorded
from tests.support.hosted_window import memory
from tests.support.windows import SERVING, no_verbs

ROUNDS = 20
WARM = 5
"""Rounds after which what is made once is there: fonts, icons, style."""
ALLOWED_MB = 10.0
"""20 windows that stayed would be some hundred."""


def one_life(qtbot: QtBot, recording: Path, settings: QSettings) -> None:
    """A window from its making to its end, and what it left behind is collected."""
    _live(qtbot, recording, settings)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _live(qtbot: QtBot, recording: Path, settings: QSettings) -> None:
    """Shown, filtered, every tab looked at."""
    reader = Reader(recording)
    window = Window(no_verbs(), settings)
    window.show_source(
        Source(name="shop:app", reader=reader, open_reader=lambda: Reader(recording), state=lambda: SERVING)
    )
    window.show()
    rows = window.table.model().rowCount
    qtbot.waitUntil(lambda: rows() == 50)
    window.table.pick(20)
    tabs = window.details.tabs
    for tab in range(tabs.count()):
        if tabs.isTabVisible(tab):
            tabs.setCurrentIndex(tab)
            QApplication.processEvents()
    window.filter_bar.edit.setText("id:>40")
    window.filter_bar.apply()
    qtbot.waitUntil(lambda: rows() == 10)
    window.leave()
    window.deleteLater()
    reader.close()


def census() -> Counter[str]:
    """Living Qt objects that Python knows, by class, and threads."""
    found: Counter[str] = Counter()
    for it in gc.get_objects():
        if issubclass(type(it), QObject) and isValid(it):
            found[type(it).__name__] += 1
    found["thread"] = threading.active_count()
    found["widget"] = len(QApplication.allWidgets())
    found["window"] = len(QApplication.topLevelWidgets())
    return found


def test_twenty_windows_leave_nothing_behind(qtbot: QtBot, tmp_path: Path, settings: QSettings, qapp: Any) -> None:
    script = [it for number in range(1, 51) for it in hello(number, t0=number * 1_000_000)]
    recording = recorded(tmp_path / "fifty.inspector", script)
    for _ in range(WARM):
        one_life(qtbot, recording, settings)
    before, held = census(), memory("VmRSS")
    for _ in range(ROUNDS - WARM):
        one_life(qtbot, recording, settings)
    grown = census() - before
    assert not grown
    assert memory("VmRSS") - held < ALLOWED_MB
