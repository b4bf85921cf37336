"""An exchange table on a recording in memory, for tests of the table."""

from __future__ import annotations

from typing import Any

from PySide6.QtTest import QTest

from inspector.ui import theme
from inspector.ui.models.exchange_table import ExchangeTableModel
from inspector.ui.models.queries import Queries
from inspector.ui.panels.exchange_table import ExchangeTable
from tests.support.fake_recording import FakeReader, exchange

ROW = theme.row_height()


class Table:
    """`count` exchanges of 5 ms, whose paths are their numbers."""

    def __init__(self, count: int, qtbot: Any, follow: bool = True) -> None:
        self.reader = FakeReader([exchange(number, f"/{number}") for number in range(1, count + 1)])
        self.qtbot = qtbot
        self.queries = Queries(lambda: self.reader)  # type: ignore[arg-type,return-value]
        self.model = ExchangeTableModel(self.reader, self.queries)  # type: ignore[arg-type]
        self.view = ExchangeTable()
        self.view.resize(1000, 400)
        self.view.show_rows(self.model, follow)
        qtbot.addWidget(self.view)
        self.view.show()
        self.picked: list[int | None] = []
        self.view.picked.connect(self.picked.append)
        self.replaced(self.model.ask)

    def replaced(self, change: Any) -> None:
        with self.qtbot.waitSignal(self.model.replaced):
            change()
        self.look()

    def look(self) -> None:
        self.model.refresh(*self.view.visible_rows())
        QTest.qWait(1)

    def add(self, count: int) -> None:
        newest = max(self.reader.rows_, default=0)
        self.reader.put(*(exchange(number, f"/{number}") for number in range(newest + 1, newest + count + 1)))
        self.look()

    @property
    def top(self) -> int | None:
        return self.model.id_at(self.view.verticalScrollBar().value() // ROW)

    @property
    def bottom(self) -> int | None:
        return self.model.id_at(self.view.visible_rows()[1])

    @property
    def selected(self) -> int | None:
        rows = self.view.selectionModel().selectedRows()
        return self.model.id_at(rows[0].row()) if rows else None

    @property
    def chosen(self) -> list[int]:
        """The ids of the rows that are selected, in order."""
        rows = self.view.selectionModel().selectedRows()
        return [self.model.id_at(row) or 0 for row in sorted(index.row() for index in rows)]

    def close(self) -> None:
        self.view.show_rows(None, follow=False)
        self.queries.close()
