"""The window on what the recorder really writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication

from inspector.recording.fold import Fold
from inspector.recording.reader import Reader
from inspector.recording.writer import Writer
from inspector.ui.models import cells
from inspector.ui.source import Source
from inspector.ui.window import Window
from tests.recording.scripts import POST, ended, hello, message, run_started, started
from tests.support.windows import SERVING, no_verbs

KEEP = 300


class Recorded:
    """A recording that is being written, and a window on it."""

    def __init__(self, folder: Path, qtbot: Any) -> None:
        self.path = folder / "today.inspector"
        self.writer = Writer.create(self.path, KEEP, 1 << 28)
        self.run = self.writer.begin_run()
        self.fold = Fold(self.run)
        self.generation = 0
        self.tell([run_started()])
        self.reader = Reader(self.path)
        self.qtbot = qtbot
        self.window = Window(no_verbs(), QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
        self.window.resize(1200, 800)
        self.window.show_source(
            Source(name="shop:app", reader=self.reader, open_reader=lambda: Reader(self.path),
                   generation=lambda: self.generation, state=lambda: SERVING)
        )  # fmt: skip
        self.window.show()
        self.settle()

    def tell(self, records: list[Any]) -> None:
        for record in records:
            self.fold.feed(record)
        self.writer.write(self.run, self.fold.take())
        self.writer.tidy()
        self.generation += 1

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.window._model._pending)
        self.window.look()

    def filter(self, text: str) -> None:
        self.window.filter_bar.edit.setText(text)
        with self.qtbot.waitSignal(self.window._model.replaced):
            self.window.filter_bar.apply()
        self.window.look()

    @property
    def ids(self) -> list[int]:
        model = self.window._model
        return [model.id_at(row) or 0 for row in range(model.rowCount())]


@pytest.fixture
def recorded(tmp_path: Path, qtbot: Any) -> Iterator[Recorded]:
    recorded = Recorded(tmp_path, qtbot)
    yield recorded
    recorded.window.leave()
    recorded.window.deleteLater()
    recorded.reader.close()
    recorded.writer.close()


def test_live_from_the_first_byte_to_the_end(recorded: Recorded) -> None:
    recorded.tell([started(1, POST, t0=100), message(0, 0, "call", 120)])
    recorded.window.look()
    model = recorded.window._model
    assert recorded.ids == [1]
    assert [model.index(0, column).data() for column in (cells.METHOD, cells.PATH, cells.STATUS)] == [
        "POST",
        "/upload",
        "…",
    ]
    recorded.window.table.pick(1)
    recorded.tell(
        [message(1, 2, "http.response.start", 500, status=418, data={"status": 418, "headers": []}), ended(900)]
    )
    recorded.window.look()
    assert model.index(0, cells.STATUS).data() == "418"
    assert recorded.window.messages.model.count == 2
    recorded.window.actions_["exchange.copy_curl"].trigger()
    copied = "curl -X POST http://shop.test/upload"
    recorded.qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == copied)


def test_retention_filters_and_orders(recorded: Recorded) -> None:
    for first in range(1, 1001, 50):
        recorded.tell([it for number in range(first, first + 50) for it in hello(number, t0=number * 1000)])
        recorded.window.look()
    kept = recorded.ids
    assert kept == list(recorded.reader.ids())
    assert kept[-1] == 1000
    assert len(kept) <= KEEP + 50
    assert recorded.window._model.totals.dropped == 1000 - len(kept)
    recorded.filter("id:>990")
    assert recorded.ids == list(range(991, 1001))
    recorded.filter("path:none")
    assert recorded.ids == []
    recorded.filter("")
    assert recorded.ids == kept
    for column, _ in enumerate(cells.COLUMNS):
        with recorded.qtbot.waitSignal(recorded.window._model.replaced):
            recorded.window.table.sortByColumn(column, Qt.SortOrder.DescendingOrder)
        assert sorted(recorded.ids) == kept
    recorded.writer.clear()
    recorded.generation += 1
    with recorded.qtbot.waitSignal(recorded.window._model.replaced):
        recorded.window.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    recorded.window.look()
    assert recorded.ids == []
