"""What the window shows, and what it asks of the program around it: its whole seam."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspector.errors import InspectorError
from inspector.recording.marks import Marks
from inspector.recording.reader import Reader
from inspector.session.state import SessionState
from inspector.session.stepping import Stepping


def _no_state() -> SessionState | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A recording, and the session that writes it where there is one. Whoever makes it closes its reader."""

    name: str
    """Of the app or the file, for the title."""
    reader: Reader
    """For the Qt thread."""
    open_reader: Callable[[], Reader]
    """Another one, for the thread that filters and sorts."""
    generation: Callable[[], int] = lambda: 0
    """Counts what the recorder has written; asked 30 times a second."""
    state: Callable[[], SessionState | None] = _no_state
    """Asked as often; None for a recording from a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verbs:
    """What only the composition root can do. None waits; errors are told by `Window.complain`."""

    start: Callable[[], object]
    stop: Callable[[], object]
    restart: Callable[[], object]
    clear: Callable[[], object]
    open_app: Callable[[str], object]
    """APP, as on the command line."""
    serve_found: Callable[[str, str], object]
    """APP as it was found in the folder, and the interpreter that runs it; "" for that of the command line."""
    open_recording: Callable[[Path], object]
    mark: Callable[[Sequence[int], Marks, Callable[[], object]], object]
    """Sets pin, note or colour of exchanges, and then calls what is given."""
    save_recording: Callable[[Path], object]
    stepping: Callable[
        [Callable[[Stepping], Awaitable[Any]], Callable[[Any], object], Callable[[InspectorError], object]], object
    ]
    """Does what is asked of the session's stepping; then calls the one with the answer, or the other with an error."""
    demo: Callable[[], object]
    quit: Callable[[], object]
    """The user wants to leave: end the session, then call `Window.leave`."""
