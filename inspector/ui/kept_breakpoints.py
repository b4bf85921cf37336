"""Breakpoints from one session to the next, each app's own: in the settings, read with care."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings

from inspector.trace.stepping import Breakpoint

_KEY = "breakpoints"
_FACTS = ("expression", "enabled", "once", "nth", "log")
MOST_APPS = 50
"""Apps whose breakpoints are kept; of those that were changed longest ago they go."""
MOST = 200
"""Breakpoints of one app that are kept."""


class KeptBreakpoints:
    """Those of one app. `given` are expressions of the command line, which is asked anew each time."""

    def __init__(self, store: QSettings, app: str, folder: str, given: Sequence[str] = ()) -> None:
        self._store = store
        self._app = f"{app} in {Path(folder or '.').absolute()}"
        self._given = frozenset(given)
        self._kept: list[dict[str, Any]] = []

    def read(self) -> list[Breakpoint]:
        """As they were; what is none is left out."""
        found = []
        for plain in self._all().get(self._app, ())[:MOST]:
            try:
                found.append(Breakpoint.of({"id": 0, **{name: plain[name] for name in _FACTS}}))
            except (TypeError, KeyError, ValueError):
                continue
        self._given -= {one.expression for one in found}
        self._kept = [_plain(one) for one in found]
        return found

    def write(self, breakpoints: Sequence[Breakpoint]) -> None:
        """Keeps them, where they are others than before."""
        plain = [_plain(one) for one in breakpoints if one.expression not in self._given][:MOST]
        if plain == self._kept:
            return
        self._kept = plain
        every = self._all()
        every.pop(self._app, None)
        if plain:
            every[self._app] = plain
        newest = list(every)[-MOST_APPS:]
        self._store.setValue(_KEY, json.dumps({app: every[app] for app in newest}))

    def _all(self) -> dict[str, list[Any]]:
        try:
            found = json.loads(str(self._store.value(_KEY) or "{}"))
        except (ValueError, RecursionError):
            return {}
        if not isinstance(found, dict):
            return {}
        return {app: rules for app, rules in found.items() if isinstance(rules, list)}


def _plain(one: Breakpoint) -> dict[str, Any]:
    return {name: getattr(one, name) for name in _FACTS}
