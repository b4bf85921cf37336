from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from inspector.trace.filter import parse
from inspector.ui.models import cells
from inspector.ui.models.cells import COLUMNS
from inspector.ui.models.exchange_table import PAGE, ExchangeTableModel
from inspector.ui.models.queries import Queries
from tests.support.fake_recording import FakeReader, exchange

NONE = (0, -1)


class Table:
    """A model, checked at every step, with what it told."""

    def __init__(self, reader: FakeReader, qtbot: Any) -> None:
        self.reader, self.qtbot = reader, qtbot
        self.queries = Queries(lambda: reader)  # type: ignore[arg-type]
        self.model = ExchangeTableModel(reader, self.queries)  # type: ignore[arg-type]
        self.tester = QAbstractItemModelTester(self.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
        self.inserts: list[tuple[int, int]] = []
        self.changes: list[tuple[int, int]] = []
        self.resets = 0
        self.model.rowsInserted.connect(lambda _, first, last: self.inserts.append((first, last)))
        self.model.dataChanged.connect(lambda top, bottom: self.changes.append((top.row(), bottom.row())))
        self.model.modelReset.connect(self._reset)

    def _reset(self) -> None:
        self.resets += 1

    def filter(self, text: str) -> None:
        with self.qtbot.waitSignal(self.model.replaced):
            self.model.filter(parse(text))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        with self.qtbot.waitSignal(self.model.replaced):
            self.model.sort(column, order)

    def look(self, first: int = 0, last: int = -1) -> None:
        self.model.refresh(first, last)

    @property
    def ids(self) -> list[int]:
        return [self.model.id_at(row) or 0 for row in range(self.model.rowCount())]

    def shown(self, row: int, column: int) -> str:
        return str(self.model.index(row, column).data())


@pytest.fixture
def table(qtbot: Any) -> Iterator[Table]:
    table = Table(FakeReader([exchange(number, f"/{number}") for number in range(1, 11)]), qtbot)
    table.look()
    yield table
    table.queries.close()


def test_keeps_ids_only_and_fetches_pages_when_they_are_looked_at(qtbot: Any) -> None:
    table = Table(FakeReader([exchange(number) for number in range(1, 1001)]), qtbot)
    table.look()
    fetched = table.reader.asked.count("rows")
    assert table.model.rowCount() == 1000
    assert fetched <= 2  # what the model tester looks at
    table.reader.asked.clear()
    assert [table.model.row(row).id for row in range(500, 500 + PAGE // 2)] == list(range(501, 501 + PAGE // 2))  # type: ignore[union-attr]
    assert table.reader.asked.count("rows") <= 2
    table.queries.close()


def test_new_exchanges_come_in_one_batch(table: Table) -> None:
    table.reader.put(*(exchange(number) for number in range(11, 311)))
    table.inserts.clear()
    table.look()
    assert table.inserts == [(10, 309)]
    assert table.ids[-1] == 310


def test_newest_first_inserts_at_the_top(table: Table) -> None:
    table.sort(cells.NUMBER, Qt.SortOrder.DescendingOrder)
    assert table.ids[:2] == [10, 9]
    table.reader.put(exchange(11), exchange(12))
    table.inserts.clear()
    table.look()
    assert table.inserts == [(0, 1)]
    assert table.ids[:3] == [12, 11, 10]
    assert table.model.position(12) == 0
    assert table.shown(0, cells.NUMBER) == "12"


def test_a_live_row_is_read_again_and_only_rows_in_view_are_told(table: Table) -> None:
    table.reader.put(exchange(11, status=None, total=None))
    table.look()
    assert table.shown(10, cells.STATUS) == "…"
    table.reader.end(11, status=404)
    table.changes.clear()
    table.look(8, 10)
    assert table.shown(10, cells.STATUS) == "404"
    assert table.changes == [(8, 10)]


@pytest.mark.parametrize("order", [Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder])
def test_what_retention_dropped_is_taken_out(table: Table, order: Qt.SortOrder) -> None:
    table.sort(cells.NUMBER, order)
    table.reader.drop(4)
    table.look()
    assert sorted(table.ids) == list(range(5, 11))


def test_dropped_rows_between_those_that_stay(table: Table) -> None:
    for number in (1, 2, 4, 7):
        del table.reader.rows_[number]
    table.reader.dropped += 4
    table.look()
    assert table.ids == [3, 5, 6, 8, 9, 10]


def test_dropped_with_a_filter(table: Table) -> None:
    table.filter("path:/")
    table.reader.drop(3)
    table.look()
    assert table.ids == list(range(4, 11))


def test_a_cleared_recording(table: Table) -> None:
    table.reader.drop(10)
    table.look()
    assert table.ids == []


def test_many_dropped_at_once_are_asked_afresh(qtbot: Any) -> None:
    table = Table(FakeReader([exchange(number) for number in range(1, 6001)]), qtbot)
    table.look()
    table.reader.drop(5990)
    with qtbot.waitSignal(table.model.replaced):
        table.look()
    assert table.ids == list(range(5991, 6001))
    table.queries.close()


def test_filter(table: Table) -> None:
    table.filter("path=/3 or path=/7")
    assert table.ids == [3, 7]
    table.filter("")
    assert len(table.ids) == 10


def test_a_filter_goes_on_with_what_comes(table: Table) -> None:
    table.filter("status:404")
    table.reader.put(exchange(11, status=404), exchange(12), exchange(13, status=404))
    table.look()
    assert table.ids == [11, 13]


def test_an_exchange_that_matches_only_when_it_ends_takes_its_place(table: Table) -> None:
    table.reader.put(exchange(11, status=None, total=None))
    table.look()
    table.filter("status:404")
    table.reader.put(exchange(12, status=404))
    table.look()
    assert table.ids == [12]
    table.reader.end(11, status=404)
    table.look()
    assert table.ids == [11, 12]


def test_an_exchange_that_matches_no_longer_goes(table: Table) -> None:
    table.reader.put(exchange(11, status=None, total=None), exchange(12, status=None, total=None))
    table.look()
    table.filter("is:live")
    assert table.ids == [11, 12]
    table.reader.end(11, status=200)
    table.look()
    assert table.ids == [12]


def test_what_happens_while_the_answer_is_made_is_not_lost(table: Table) -> None:
    table.reader.put(exchange(11, status=None, total=None))
    table.look()
    table.reader.gate = threading.Event()
    table.model.filter(parse("status:404"))
    table.reader.end(11, status=404)
    table.reader.put(exchange(12, status=404))
    table.look()
    with table.qtbot.waitSignal(table.model.replaced):
        table.reader.gate.set()
    table.reader.gate = None
    table.look()
    assert table.ids == [11, 12]


def test_sorting(table: Table) -> None:
    table.reader.put(exchange(11, "/a", total=900_000_000), exchange(12, "/b", total=1_000))
    table.look()
    table.sort(cells.TOTAL, Qt.SortOrder.DescendingOrder)
    assert table.ids[0] == 11
    assert table.ids[-1] == 12
    assert table.model.position(12) == 11
    table.sort(-1)
    assert table.ids == list(range(1, 13))


def test_a_stale_answer_is_dropped(table: Table) -> None:
    table.reader.gate = threading.Event()
    table.model.filter(parse("path=/1"))
    with table.qtbot.waitSignal(table.model.replaced):
        table.model.filter(parse("path=/2"))  # interrupts the first
    table.qtbot.wait(20)
    assert table.ids == [2]
    assert table.reader.interrupted >= 1
    assert table.resets == 1


@pytest.mark.logs_warnings
def test_a_query_that_fails_is_told(table: Table) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise OSError("the disk is gone")

    ids, table.reader.ids = table.reader.ids, broken  # type: ignore[method-assign]
    with table.qtbot.waitSignal(table.model.failed) as told:
        table.queries.ask(None, "id", False)
        table.model._pending = 1
    assert told.args is not None
    assert told.args[0].detail == "the disk is gone"
    table.reader.ids = ids  # type: ignore[method-assign]


def test_a_row_that_is_gone_before_it_is_read_is_empty(table: Table) -> None:
    table.model._pages.clear()
    del table.reader.rows_[5]
    assert table.model.row(4) is None
    assert table.model.index(4, cells.PATH).data() is None


def test_headers_and_alignment(table: Table) -> None:
    shown = [n for n in range(table.model.columnCount()) if COLUMNS[n].shown]
    titles = [table.model.headerData(n, Qt.Orientation.Horizontal) for n in shown]
    assert titles == ["#", "method", "path", "status", "interface", "size", "app", "total", "waterfall"]
    right = Qt.ItemDataRole.TextAlignmentRole
    assert table.model.index(0, cells.SIZE).data(right) & Qt.AlignmentFlag.AlignRight
    assert table.model.index(0, cells.PATH).data(right) & Qt.AlignmentFlag.AlignLeft
