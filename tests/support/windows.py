"""A window on a recording in memory, for tests of the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSettings

from inspector.session.state import SessionState
from inspector.ui.source import Source, Verbs
from inspector.ui.window import Window
from tests.support.fake_recording import FakeReader

SERVING = SessionState(
    phase="serving", url="http://127.0.0.1:8000", app="shop.main:app", interface="asgi3", pid=4711, python="3.13.1",
    run=1, lifespan="supported", loop_lag_ns=400_000,
)  # fmt: skip


def no_verbs(**given: Callable[..., object]) -> Verbs:
    """Verbs that do nothing, but those given."""
    names = (
        "start",
        "stop",
        "restart",
        "clear",
        "open_app",
        "serve_found",
        "open_recording",
        "mark",
        "save_recording",
        "stepping",
        "demo",
        "quit",
    )
    return Verbs(**{name: given.get(name, lambda *_: None) for name in names})


class Stage:
    """A window, its recording and its session's state, both to be changed by the test."""

    def __init__(self, settings: QSettings, reader: FakeReader | None = None, **verbs: Callable[..., object]) -> None:
        self.reader = reader or FakeReader()
        self.state: SessionState | None = SERVING
        self.window = Window(no_verbs(**verbs), settings)

    def show(self, qtbot: Any, name: str = "shop.main:app") -> Window:
        """Shows the recording, and waits until its rows are there."""
        window = self.window
        window.resize(1200, 800)
        window.show_source(
            Source(
                name=name,
                reader=self.reader,  # type: ignore[arg-type]
                open_reader=lambda: self.reader,  # type: ignore[arg-type,return-value]
                generation=lambda: self.reader.generation,
                state=lambda: self.state,
            )
        )
        window.show()
        qtbot.waitUntil(lambda: not window._model._pending)
        self.look()
        return window

    def look(self, **changes: Any) -> None:
        """The window's next look, after `changes` to the state."""
        if changes and self.state is not None:
            self.state = replace(self.state, **changes)
        self.window.look()
