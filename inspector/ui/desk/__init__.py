"""The verbs of commands, done with Qt: clipboard, dialogs, browser, focus; the rest is passed on to `Verbs`.

One module for each menu, as in `inspector.commands`; `WindowDesk` is all of them for one window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from inspector.commands.desk import Facts
from inspector.ui import theme
from inspector.ui.copies import Copies
from inspector.ui.desk.exchanges import Exchanges
from inspector.ui.desk.files import Files
from inspector.ui.desk.stepping import Steps
from inspector.ui.desk.view import View
from inspector.ui.source import Verbs

if TYPE_CHECKING:
    from inspector.ui.window import Window


class WindowDesk(Files, Exchanges, Steps, View):
    """`commands.desk.Desk` for one window."""

    def __init__(self, window: Window, verbs: Verbs) -> None:
        self._window = window
        self._verbs = verbs
        self._copies = Copies(window)
        self._copies.made.connect(self.copied)
        self._copies.failed.connect(window.complain)
        self.start, self.stop, self.restart = verbs.start, verbs.stop, verbs.restart
        self.clear, self.demo, self.quit = verbs.clear, verbs.demo, verbs.quit

    def facts(self) -> Facts:
        window = self._window
        state, row = window.state, self.selected()
        return Facts(
            phase=state.phase if state else "",
            url=state.url if state and state.phase in {"serving", "failed", "crashed"} else "",
            recording=window.source is not None,
            selected=row is not None and row.kind != "lifespan",
            picked=row is not None,
            pinned=row is not None and row.pinned,
            colour=row.colour if row is not None else "",
            filtered=bool(window.filter_bar.edit.text()),
            following=window.table.following,
            theme=theme.choice(),
            runs=window.runs.showing,
            full_screen=window.isFullScreen(),
            breaking=window.holds.stepping.on,
            holds=len(window.holds.queue),
            verbs=frozenset(held.verbs) if (held := window.holds.current) is not None else frozenset(),
            queue=window.queue.showing,
            past=window.walk.at is not None,
            walkable=window.walk.at is not None or window.walk.possible,
        )

    def runs(self) -> None:
        self._window.runs.turn()

    def address(self) -> str:
        return self._window.state.url if self._window.state else ""

    def browse(self, url: str) -> None:
        QDesktopServices.openUrl(QUrl(url))
