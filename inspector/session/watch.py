"""Sees when files of the app change, for --reload."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, watch

SUFFIXES = frozenset((".py", ".html", ".htm", ".jinja", ".jinja2", ".j2", ".mako", ".txt", ".xml"))
"""Python files and templates."""
IGNORED = frozenset(("__pycache__", "node_modules", "site-packages"))
"""Folders whose files are not the app's own; with them all whose names begin with a dot, and virtual environments."""
DEBOUNCE_MS = 1000
STEP_MS = 100
"""A change is told when nothing else changed for `STEP_MS`, or after `DEBOUNCE_MS` of changes."""


class _Stop(threading.Event):
    """Ends a watch. The watcher asks for it again and again, for the first time when it sees what changes."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()

    def is_set(self) -> bool:
        self.asked.set()
        return super().is_set()


class Watch:
    """Watches `folder` on a thread of its own until `close`."""

    def __init__(
        self, folder: Path, on_change: Callable[[list[Path]], None], on_problem: Callable[[str, str], None]
    ) -> None:
        """`on_change` gets the paths that changed, `on_problem` a title and a text where nothing can be watched any
        more; both are called on the watch's thread."""
        self._folder = folder.resolve()
        self._on_change = on_change
        self._on_problem = on_problem
        self._stop = _Stop()
        self._virtual: dict[Path, bool] = {}
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def wait_until_it_sees(self, seconds: float) -> bool:
        """Blocks until what changes is told, or will never be; at most `seconds`. False: it is not so far yet."""
        return self._stop.asked.wait(seconds)

    def close(self) -> None:
        """End the watch; what changes from now on is not told."""
        self._stop.set()

    def concerns(self, path: Path) -> bool:
        """Whether `path`, within the folder, is a file of the app."""
        if path.suffix not in SUFFIXES:
            return False
        folders = path.relative_to(self._folder).parts[:-1]
        if any(name in IGNORED or name.startswith(".") for name in folders):
            return False
        return not any(self._is_virtual(parent) for parent in path.parents if parent.is_relative_to(self._folder))

    def _is_virtual(self, folder: Path) -> bool:
        if folder not in self._virtual:
            self._virtual[folder] = (folder / "pyvenv.cfg").exists()
        return self._virtual[folder]

    def _run(self) -> None:
        def concerns(_change: Change, path: str) -> bool:
            return self.concerns(Path(path))

        try:
            for changes in watch(
                self._folder,
                watch_filter=concerns,
                debounce=DEBOUNCE_MS,
                step=STEP_MS,
                stop_event=self._stop,
                raise_interrupt=False,
            ):
                if not self._stop.is_set():
                    self._on_change(sorted({Path(path) for _, path in changes}))
        except Exception as error:  # noqa: BLE001 - the app is served all the same
            self._on_problem(f"Changes in {self._folder} are not seen any more: {error}", "Restart by hand.")
        finally:
            self._stop.asked.set()
