"""The Qt application around a coroutine: asyncio inside Qt's loop, signals brought to it, an end that is awaited.

async def main(ending: Ending) -> int:      # the composition root
    window.show()
    await ending.asked.wait()
    await session.close()
    window.leave()
    return 0

raise SystemExit(run(main))
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QMessageLogContext, QSocketNotifier, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

# After PySide6: it takes whichever Qt is imported already.
import qasync  # type: ignore[import-untyped]  # isort: skip

from inspector.ui import icons, theme
from inspector.ui.collector import Collector, no_automatic_collection

_SWITCH_SECONDS = 0.0001
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Ending:
    """The wish to end, by whatever way it comes: the window's close, Quit, SIGINT, SIGTERM."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.hurry: Callable[[], object] = lambda: None
        """Called when the wish is repeated: skip the waits."""

    def ask(self) -> None:
        if self.asked.is_set():
            self.hurry()
        self.asked.set()


def application(arguments: list[str] | None = None) -> QApplication:
    """The one QApplication, in our looks."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1] if arguments is None else arguments)
        if app.platformName() == "offscreen":
            _hush_offscreen()
        app.setApplicationName("Inspector")
        app.setApplicationDisplayName("Inspector")
        app.setDesktopFileName("inspector")
        theme.apply(app)
        app.setWindowIcon(icons.icon("inspector"))
    app.setQuitOnLastWindowClosed(False)  # the coroutine's end is the end
    return app


def _hush_offscreen() -> None:
    """Qt's offscreen plugin says at every window what it cannot do; nobody sees the window either."""

    def told(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if not text.startswith("This plugin does not support"):
            print(text, file=sys.stderr)  # noqa: T201 - what Qt itself does

    qInstallMessageHandler(told)


def run(main: Callable[[Ending], Coroutine[Any, Any, int]]) -> int:
    """Runs `main` to its end inside Qt's event loop; returns what it returns. On the main thread."""
    with no_automatic_collection(), quick_switches():
        return _run(main)


@contextmanager
def quick_switches() -> Iterator[None]:
    """Qt's thread gives the interpreter up at nearly every call of Qt, and where another thread computes in Python it
    gets it back only after the switch interval: 5 ms, some dozens of times in one turn. Measured with bodies being laid
    out: gaps of up to 400 ms; with this interval 80 ms."""
    former = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(former)


def _run(main: Callable[[Ending], Coroutine[Any, Any, int]]) -> int:
    app = application()
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    collector = Collector()
    try:
        ending = Ending()
        with _signals(ending.ask):
            return int(loop.run_until_complete(main(ending)))
    finally:
        asyncio.set_event_loop(None)
        loop.close()
        collector.stop()


@contextmanager
def _signals(told: Callable[[], None]) -> Iterator[None]:
    """Calls `told` on Qt's thread for each SIGINT or SIGTERM.

    Python runs its handlers only between its own instructions, and Qt waits outside of them: the signal wakes Qt by a
    byte in a socket.
    """
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setblocking(False)
    waker = QSocketNotifier(ours.fileno(), QSocketNotifier.Type.Read)
    waker.activated.connect(lambda: ours.recv(64))
    former = {number: signal.signal(number, lambda *_: told()) for number in _SIGNALS}
    former_wakeup = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(former_wakeup)
        for number, handler in former.items():
            signal.signal(number, handler)
        waker.setEnabled(False)
        ours.close()
        theirs.close()
