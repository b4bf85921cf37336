"""What a paint of the exchange table costs over 100,000 rows, in processor time of its thread, so that a busy machine
does not count: `python -m tests.benchmarks.painting [marks]`.

With `marks` many rows have a pin, a note and a colour, and every tenth begins a run.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from dataclasses import replace

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from inspector.ui.models.exchange_table import ExchangeTableModel
from inspector.ui.models.queries import Queries
from inspector.ui.panels.exchange_table import ExchangeTable
from inspector.ui.run import application
from tests.support.fake_recording import FakeReader, exchange

ROWS, PAINTS, STEP = 100_000, 200, 40
SIZE = (1440, 700)


def main(marks: bool) -> None:
    app = application([])
    rows = [exchange(number, f"/api/cart/{number}?page={number % 7}") for number in range(1, ROWS + 1)]
    if marks:
        rows = [
            replace(
                row,
                pinned=row.id % 5 == 0,
                note="slow on Mondays" if row.id % 3 == 0 else "",
                colour=("", "red", "green")[row.id % 3],
                run=1 + row.id // 10,
            )
            for row in rows
        ]
    reader = FakeReader(rows)
    queries = Queries(lambda: reader)  # type: ignore[arg-type,return-value]
    model = ExchangeTableModel(reader, queries)  # type: ignore[arg-type]
    answered: list[bool] = []
    model.replaced.connect(lambda: answered.append(True))
    view = ExchangeTable()
    view.resize(*SIZE)
    view.show_rows(model, follow=True)
    view.show()
    model.ask()
    while not answered:
        app.processEvents()
    took = []
    for number in range(PAINTS):
        view.verticalScrollBar().setValue((1000 + number * STEP) * view.rowHeight(0))
        for row in view.visible_rows():
            model.row(row)  # read before: what is measured is the painting
        app.processEvents()
        began = time.thread_time()
        view.viewport().repaint()
        took.append((time.thread_time() - began) * 1000)
    first, last = view.visible_rows()
    took.sort()
    print(f"{last - first + 1} rows: p50 {statistics.median(took):.2f} ms, p95 {took[PAINTS * 95 // 100]:.2f} ms")
    view.show_rows(None, follow=False)
    queries.close()


if __name__ == "__main__":
    main("marks" in sys.argv)
