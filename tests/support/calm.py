"""When a window is done: nothing is asked for, rendered, filled, copied or dressed, and no timer is about to go off."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest

from inspector.ui import theme
from inspector.ui.copies import Copies
from inspector.ui.panels.text_view import TextView
from inspector.ui.renderer import Renderer
from inspector.ui.window import Window
from tests.support.waiting import DEADLINE

SOON_MS = 150
"""A timer of the window that goes off within so long is waited for."""


def busy(window: Window, soon_ms: int = SOON_MS) -> bool:
    """Something goes on, or is about to within `soon_ms`, on this thread or another."""
    return (
        (window.source is not None and bool(window._model._pending))
        or theme.wardrobe.changing
        or any(renderer._newest for renderer in window.findChildren(Renderer))
        or any(text.filling for text in window.findChildren(TextView))
        or any(it._working is not None and not it._working.done() for it in window.findChildren(Copies))
        or any(
            timer.isActive() and timer.remainingTime() < soon_ms
            for timer in window.findChildren(QTimer)
            if timer.isSingleShot() or timer.interval() < 10
        )
    )


def settle(window: Window, soon_ms: int = SOON_MS) -> None:
    """Until queries and renderers have answered, and what they said is shown: two looks that find nothing to do."""
    until, calm = time.monotonic() + DEADLINE, 0
    while calm < 2:
        QTest.qWait(5)
        window.look()
        calm = 0 if busy(window, soon_ms) else calm + 1
        assert time.monotonic() < until, "the window does not come to rest"
