"""Rendering bodies on a thread of its own: pretty printing never holds the window up."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from inspector.recording.json_text import Cancelled
from inspector.ui.rendering import Body, Rendered, Wish, render

_log = logging.getLogger(__name__)


class Renderer(QObject):
    """Renders on a thread of its own. Only the newest wish of each asker counts; older ones are cancelled."""

    done = Signal(object, object)
    """The asker, and what it asked for (a `Rendered`, or the result of its work); on the Qt thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(1, "render")
        self._newest: dict[int, object] = {}
        self._finished.connect(self._deliver)
        self.destroyed.connect(partial(_shut, self._pool, self._newest))

    _finished = Signal(object, object, object)

    def ask(self, asker: QObject, body: Body, wish: Wish) -> None:
        """`done` will tell. The bytes are read at once: a recording's reader belongs to the Qt thread."""
        data = body.head()
        self.run(asker, lambda cancelled: _rendered(body, data, replace(wish, cancelled=cancelled)))

    def run(self, asker: QObject, work: Callable[[Callable[[], bool]], object]) -> None:
        """`done` will tell what `work` returns, unless it raises. It is given what tells whether it is cancelled."""
        token = object()
        self._newest[id(asker)] = token
        newest = self._newest
        self._pool.submit(self._work, asker, token, work, lambda: newest.get(id(asker)) is not token)

    def cancel(self, asker: QObject) -> None:
        """Whatever `asker` asked for is not wanted any more."""
        self._newest.pop(id(asker), None)

    def _work(
        self,
        asker: QObject,
        token: object,
        work: Callable[[Callable[[], bool]], object],
        cancelled: Callable[[], bool],
    ) -> None:
        if cancelled():
            return
        try:
            result = work(cancelled)
        except Cancelled:
            return
        except Exception:  # noqa: BLE001 - whatever goes wrong, the window stays
            _log.exception("a body could not be looked at")
            return
        if not cancelled():
            self._finished.emit(asker, token, result)

    def _deliver(self, asker: QObject, token: object, result: object) -> None:
        if self._newest.get(id(asker)) is token:
            del self._newest[id(asker)]
            self.done.emit(asker, result)


def _rendered(body: Body, data: bytes, wish: Wish) -> Rendered:
    try:
        return render(body, data, wish)
    except Cancelled:
        raise
    except Exception:  # noqa: BLE001 - the bytes can be shown all the same
        _log.exception("a body could not be rendered")
        return Rendered("hex", remarks=("This body could not be shown as text.",))


def _shut(pool: ThreadPoolExecutor, newest: dict[int, object], *_: object) -> None:
    newest.clear()  # cancels what runs
    pool.shutdown(wait=True, cancel_futures=True)
