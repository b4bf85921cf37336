"""A window in a process of its own that goes through a recording, and tells what it took, as one line of JSON:

python -m tests.support.hosted_window RECORDING FOLDER [PICTURES]

`memory` is the peak of the process in MB (`before`: without the window; `grown`: by which steps), `gaps` the figures of
`gaps.GapMeter`, `texts` every text that was on screen, `warnings` what was logged or said by Qt. Its
settings go to FOLDER, pictures of the details' tabs to PICTURES.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QModelIndex, QPoint, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QLabel,
    QPlainTextEdit,
    QWidget,
)
from shiboken6 import isValid

from inspector.commands.table import COMMANDS
from inspector.recording.reader import Reader
from inspector.ui.collector import Collector, no_automatic_collection
from inspector.ui.panels.parts import Elided
from inspector.ui.picture import render
from inspector.ui.run import application, quick_switches
from inspector.ui.source import Source
from inspector.ui.window import Window
from tests.support.calm import busy
from tests.support.gaps import GapMeter
from tests.support.windows import no_verbs

PATIENCE = 30.0
_QUIET = 0.02
"""Seconds with hardly any work of this process, and none that is known to go on, after which a step counts as over."""
_MUCH = 1_500
"""Characters of a text that are told."""


class Walk:
    """Goes through everything in a window as a user would, step by step, Qt's loop turning."""

    def __init__(self, window: Window, meter: GapMeter, pictures: Path | None = None) -> None:
        self.window = window
        self.meter = meter
        self.pictures = pictures
        self.texts: dict[str, None] = {}
        self.steps: list[str] = []
        self.grown: dict[str, int] = {}
        """By how many MB a step raised the peak of the process's memory, where it did much."""
        self._peak = memory()

    def step(self, name: str, act: Callable[[], object]) -> None:
        """Does `act`, and waits until what it set going is done and has been told."""
        self.meter.step = name
        self.steps.append(name)
        act()
        self.settle()
        with self.meter.aside():
            self._read()
            if (peak := memory()) > self._peak + 10:
                self.grown[name] = round(peak - self._peak)
                self._peak = peak

    def settle(self) -> None:
        loop, timer, began = QEventLoop(), QTimer(interval=5), time.monotonic()
        calm, worked = began, time.process_time()

        def look() -> None:
            nonlocal calm, worked
            now, work = time.monotonic(), time.process_time()
            if work - worked > 0.5 * 0.005:
                calm = now
            worked = work
            if now - began > PATIENCE:
                loop.quit()
            elif now - calm > _QUIET:
                if busy(self.window):
                    calm = now
                else:
                    loop.quit()

        timer.timeout.connect(look)
        timer.start()
        loop.exec()

    def _read(self) -> None:
        for text in _texts(self.window):
            self.texts.setdefault(text[:_MUCH], None)

    def everything(self, ids: list[int]) -> None:
        window = self.window
        edit = window.filter_bar.edit
        edit.setFocus()
        self.step("filter", lambda: QTest.keyClicks(edit, "path:/ and not status:5xx"))
        self.step("filter applied", window.filter_bar.apply)
        self.step("filter cleared", lambda: (edit.clear(), window.filter_bar.apply()))
        for id_ in ids:
            self.step(f"{id_} picked", lambda id_=id_: window.table.pick(id_))
            self._messages(id_)
            self._details(id_)
            self._copies(id_)
        self.step("resized", lambda: window.resize(1000, 640))

    def _messages(self, id_: int) -> None:
        messages = self.window.messages
        last = messages.model.count - 1
        for seq in sorted({0, min(2, last), last // 2, last} - {-1}):
            self.step(f"{id_} message {seq}", lambda seq=seq: messages.select(seq))
        messages.table.setFocus()
        for key in (Qt.Key.Key_Home, Qt.Key.Key_PageDown, Qt.Key.Key_End, Qt.Key.Key_PageUp):
            self.step(f"{id_} messages {key.name}", lambda key=key: QTest.keyClick(messages.table, key))

    def _details(self, id_: int) -> None:
        tabs = self.window.details.tabs
        for tab in range(tabs.count()):
            if not (tabs.isTabVisible(tab) and tabs.isTabEnabled(tab)):
                continue
            name = f"{id_} {tabs.tabText(tab)}"
            self.step(name, lambda tab=tab: tabs.setCurrentIndex(tab))
            self._scroll(name)
            self._choices(name)
            if self.pictures is not None:
                with self.meter.aside():
                    render(self.window, self.pictures / f"{name.replace(' ', '-')}.png")

    def _choices(self, name: str) -> None:
        """Each of the words that stand beside one another (sections, a body's views), and back to the first choice."""
        groups: dict[QWidget, list[QAbstractButton]] = {}
        for button in self.window.details.findChildren(QAbstractButton):
            if button.isVisible() and button.isCheckable():
                groups.setdefault(button.parentWidget(), []).append(button)
        for buttons in groups.values():
            first = next((button for button in buttons if button.isChecked()), None)
            for button in buttons:
                if isValid(button) and button.isVisible() and button.isEnabled():
                    self.step(f"{name} as {button.text()}", button.click)
                    self._scroll(f"{name} as {button.text()}")
            if first is not None and isValid(first) and first.isVisible():
                self.step(f"{name} as before", first.click)

    def _scroll(self, name: str) -> None:
        for area in [it for it in self.window.details.findChildren(QAbstractScrollArea) if it.isVisible()]:
            for bar in (area.verticalScrollBar(), area.horizontalScrollBar()):
                if bar.maximum() > bar.minimum():
                    self.step(f"{name} scrolled", lambda bar=bar: bar.setValue(bar.maximum()))
                    self.step(f"{name} scrolled back", lambda bar=bar: bar.setValue(bar.minimum()))

    def _copies(self, id_: int) -> None:
        for command in COMMANDS:
            if "copy" in command.id and (action := self.window.actions_[command.id]).isEnabled():
                self.step(f"{id_} {command.id}", action.trigger)
        table = self.window.messages.table
        table.setFocus()
        self.step(f"{id_} all messages", table.selectAll)
        self.step(f"{id_} messages copied", lambda: QTest.keyClick(table, "c", Qt.KeyboardModifier.ControlModifier))
        QApplication.clipboard().clear()


def _texts(window: QWidget) -> Iterator[str]:
    """Every text that is on screen, as far as widgets tell of them."""
    for widget in window.findChildren(QWidget):
        if not widget.isVisible():
            continue
        if isinstance(widget, Elided):
            yield widget.whole()
        elif isinstance(widget, QLabel | QAbstractButton):
            yield widget.text()
        elif isinstance(widget, QPlainTextEdit):
            block = widget.firstVisibleBlock()
            for _ in range(40):
                if not block.isValid():
                    break
                yield block.text()
                block = block.next()
        elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
            yield from _cells(widget)
        elif widget.accessibleDescription():
            yield widget.accessibleDescription()


def _cells(view: QAbstractItemView) -> Iterator[str]:
    last = QModelIndex()
    for y in range(2, view.viewport().height(), 12):
        index = view.indexAt(QPoint(20, y))
        if index.isValid() and index != last:
            last = index
            cell = index.siblingAtColumn(0)
            while cell.isValid():
                yield str(cell.data() or "")
                cell = cell.siblingAtColumn(cell.column() + 1)


def memory(field: str = "VmHWM") -> float:
    """Of this process, in MB: its peak, or what it has now (VmRSS)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise LookupError(field)


def main(recording: Path, folder: Path, pictures: Path | None = None) -> dict[str, Any]:
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(f"{record.name}: {record.getMessage()}")

    logging.getLogger().addHandler(Ear(logging.WARNING))
    sys.excepthook = lambda *error: heard.append("".join(traceback.format_exception(*error)))
    with no_automatic_collection(), quick_switches():  # as in the program
        application()
        collector, meter = Collector(), GapMeter()
        before = memory()
        window = Window(no_verbs(), QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
        window.resize(1440, 900)
        window.show()
        walk = Walk(window, meter, pictures)
        walk.settle()
        meter.start()
        reader = Reader(recording)
        source = Source(name=recording.name, reader=reader, open_reader=lambda: Reader(recording))
        walk.step("opened", lambda: window.show_source(source))
        walk.everything(list(reader.ids()))
        meter.stop()
        window.leave()
        reader.close()
        collector.stop()
    return {
        "memory": round(memory()),
        "before": round(before),
        "gaps": meter.figures(),
        "over": [vars(gap) for gap in sorted(meter.gaps, key=lambda gap: -gap.thread)[:12]],
        "steps": len(walk.steps),
        "names": walk.steps,
        "grown": walk.grown,
        "texts": list(walk.texts),
        "warnings": heard,
    }


if __name__ == "__main__":
    try:
        print(json.dumps(main(*map(Path, sys.argv[1:]))))
    finally:
        sys.excepthook = sys.__excepthook__
