"""The program, and beside it in its process a meter of gaps and a probe: python -m tests.support.probed WORDS...

WORDS are those of the command line. INSPECTOR_PROBE is the number of an inherited socket: a line with anything in it
is answered by a line of JSON, the facts of the window at that moment (`Probe.facts`); `gaps NAME` begins a step of
the meter. The product knows nothing of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QMenu, QMessageBox, QWidget

from inspector import cli
from inspector.ui import theme
from inspector.ui.run import application
from inspector.ui.window import Window
from tests.support.gaps import GapMeter

START = "the program starts"


class Probe(QObject):
    """Answers on Qt's own thread: what it tells holds at one moment."""

    def __init__(self, ours: socket.socket, meter: GapMeter) -> None:
        super().__init__()
        self._ours = ours
        self._meter = meter
        self._notifier = QSocketNotifier(ours.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._asked)
        meter.step = START

    def _asked(self) -> None:
        asked = self._ours.recv(4096).decode()
        if not asked:
            self._notifier.setEnabled(False)
            return
        word, _, name = asked.strip().partition(" ")
        with self._meter.aside(), contextlib.suppress(OSError):
            if word == "gaps":
                self._meter.step = name
            self._ours.sendall(json.dumps(self.facts()).encode() + b"\n")

    def facts(self) -> dict[str, Any]:
        windows = [it for it in QApplication.topLevelWidgets() if it.isVisible()]
        window = next((it for it in windows if isinstance(it, Window)), None)
        focus = QApplication.focusWidget()
        told: dict[str, Any] = {
            "window": window is not None,
            "focus": name_of(focus),
            "typed": getattr(focus, "text", str)() if hasattr(focus, "cursorPosition") else "",
            "active": name_of(QApplication.activeWindow()),
            "dialogs": {it.objectName(): texts(it) for it in windows if isinstance(it, QDialog)},
            "clipboard": QGuiApplication.clipboard().text()[:10_000],
            "look": theme.current().name,
            "zoom": theme.zoom(),
            "gaps": self._meter.by_step(),
            "buttons": buttons(windows),
            "pressed": focus.text().strip() if isinstance(focus, QAbstractButton) else "",
            "menu": entries(QApplication.activePopupWidget()),
        }  # fmt: skip
        if window is not None:
            told |= facts_of(window)
        return told


def facts_of(window: Window) -> dict[str, Any]:
    state = window.state
    serving = window.source is not None
    return {
        "id": int(window.winId()),
        "title": window.windowTitle(),
        "welcome": window.pages.currentWidget() is window.welcome,
        "phase": state.phase if state else "",
        "url": state.url if state else "",
        "filter": window.filter_bar.edit.text(),
        "picked": window.table.current if serving else None,
        "following": window.table.following,
        "rows": window.table.model().rowCount() if serving else 0,
        "recorded": window._model.totals.exchanges if serving else 0,
        "scroll": window.table.verticalScrollBar().value(),
        "past": window.details.past.place.whole() if window.details.past.isVisible() else "",
        "tab": window.details.tabs.tabText(window.details.tabs.currentIndex()),
        "size": [window.width(), window.height()],
        "table": place(window.table.viewport()),
        "row_height": theme.row_height(),
        "places": {it.objectName(): place(it) for it in window.findChildren(QWidget)
                   if it.objectName() and it.isVisible()},
    }  # fmt: skip


def name_of(widget: QWidget | None) -> str:
    """Of the widget, or of the nearest around it that has one."""
    while widget is not None and not widget.objectName():
        widget = widget.parentWidget()
    return widget.objectName() if widget is not None else ""


def place(widget: QWidget) -> list[int]:
    """On the screen: x, y, width, height."""
    corner = widget.mapToGlobal(widget.rect().topLeft())
    return [corner.x(), corner.y(), widget.width(), widget.height()]


def buttons(windows: list[QWidget]) -> dict[str, list[int]]:
    """Where the buttons are, by their words; of several the first."""
    found = [it for window in windows for it in window.findChildren(QAbstractButton) if it.isVisible()]
    return {word: place(it) for it in reversed(found) if (word := it.text().strip())}


def entries(menu: QWidget | None) -> dict[str, list[int]]:
    """Where the entries of an open menu are."""
    if not isinstance(menu, QMenu):
        return {}
    found = {}
    for action in menu.actions():
        rect = menu.actionGeometry(action)
        corner = menu.mapToGlobal(rect.topLeft())
        found[action.text()] = [corner.x(), corner.y(), rect.width(), rect.height()]
    return found


def texts(dialog: QDialog) -> str:
    if isinstance(dialog, QMessageBox):
        return f"{dialog.text()} {dialog.informativeText()}"
    return " ".join(label.text() for label in dialog.findChildren(QLabel))[:500]


def main() -> int:
    application()
    meter = GapMeter()
    ours = socket.socket(fileno=int(os.environ["INSPECTOR_PROBE"]))
    probe = Probe(ours, meter)
    meter.start()
    try:
        return cli.main(sys.argv[1:])
    finally:
        meter.stop()
        probe.deleteLater()
        ours.close()


if __name__ == "__main__":
    sys.exit(main())
