"""Silence is enforced: what a test leaves behind, or lets be warned about, fails it.

Python warnings are errors and Qt warnings fail by the settings in pyproject.toml. Here: warnings in our log and in
asyncio's, threads, windows and timers that outlive their test. Also run without Qt, under other Pythons.
"""

from __future__ import annotations

import gc
import importlib.util
import logging
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest

from tests.support.waiting import DEADLINE

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")

OURS = ("inspector", "asyncio", "qasync", "concurrent")
THREAD_GRACE = 20.0
"""Seconds that a thread has to end after its test."""


# The same examples in each run, and none has a time limit: what fails once fails again, and a busy machine is no fault.
# New ones: --hypothesis-profile explore
hypothesis.settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("explore", hypothesis.settings.get_profile("steady"), derandomize=False)
hypothesis.settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    if importlib.util.find_spec("pytestqt") is None:  # the settings are the same under every Python
        for name in ("qt_api", "qt_log_level_fail"):
            parser.addini(name, "pytest-qt is not here")


def pytest_configure() -> None:
    """Who waits for Qt waits as long as everybody else (`tests.support.waiting`)."""
    if importlib.util.find_spec("pytestqt") is None:
        return
    from pytestqt.qtbot import QtBot

    for wait in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitSignals, QtBot.waitExposed, QtBot.waitActive):
        wait.__kwdefaults__["timeout"] = int(DEADLINE * 1000)


def pytest_collection_finish() -> None:
    """What is there from now on to the end (modules above all) need not be gone through by each collection."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def quiet_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails the test where we, or asyncio, logged a warning or worse."""
    seen: list[logging.LogRecord] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.name.partition(".")[0] in OURS:
                seen.append(record)

    listener = Listener(logging.WARNING)
    logging.getLogger().addHandler(listener)
    yield
    logging.getLogger().removeHandler(listener)
    if seen and not request.node.get_closest_marker("logs_warnings"):
        pytest.fail("logged: " + "\n".join(f"{record.name}: {record.getMessage()}" for record in seen), pytrace=False)


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + THREAD_GRACE
    # A dummy stands for a thread of Qt's that once ran Python: nobody can end it.
    after = [thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)]
    for thread in set(after) - before:
        thread.join(max(0.0, until - time.monotonic()))
        if thread.is_alive():
            pytest.fail(f"the thread {thread.name} outlives the test", pytrace=False)


@pytest.fixture(autouse=True)
def nothing_of_qt_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test with Qt where a window is still there after it, or a timer that nobody owns still runs."""
    if "qapp" not in request.fixturenames:
        yield
        return
    from PySide6.QtCore import Qt

    from inspector.ui.collector import no_automatic_collection

    before = set(map(id, _ownerless_windows()))
    with no_automatic_collection():  # as in the program
        yield
        gc.collect(1)
    if not set(map(id, _ownerless_windows())) <= before:
        gc.collect()  # a cycle may hold them
    left = [window for window in _ownerless_windows() if id(window) not in before]
    for window in left:
        if window.windowType() is not Qt.WindowType.Popup:  # whoever pops it up deletes it
            window.deleteLater()
    for timer in (timers := _ownerless_timers()):
        timer.stop()
    if left or timers:
        names = ", ".join(f"{type(it).__name__} {it.objectName()!r}" for it in [*left, *timers])
        pytest.fail(f"outlives the test: {names}", pytrace=False)


def _ownerless_windows() -> list[Any]:
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    if not isinstance(QApplication.instance(), QApplication):
        return []
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return [widget for widget in QApplication.topLevelWidgets() if widget.parent() is None]


def _ownerless_timers() -> list[Any]:
    from PySide6.QtCore import QTimer
    from shiboken6 import isValid

    # type(it), not isinstance: that would run code of whatever proxies there are.
    timers = [it for it in gc.get_objects() if issubclass(type(it), QTimer)]
    return [timer for timer in timers if isValid(timer) and timer.isActive() and timer.parent() is None]
