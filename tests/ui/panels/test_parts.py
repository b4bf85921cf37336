"""Small parts of panels."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QSplitter, QTreeView, QWidget
from pytestqt.qtbot import QtBot

from inspector.ui.panels.parts import WholeRows


class Resizes(QObject):
    """Counts how often a widget is resized."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Resize
        return super().eventFilter(watched, event)


def test_whole_rows_come_to_rest_where_a_splitter_gives_them_the_least_height(qtbot: QtBot) -> None:
    split = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
    qtbot.addWidget(split)
    rows = WholeRows(QTreeView(), lambda: 21)
    split.addWidget(rows)
    split.addWidget(QWidget())
    split.resize(300, 600)
    split.show()
    split.setSizes([10, 590])
    qtbot.waitExposed(split)
    resizes = Resizes(split)
    rows.installEventFilter(resizes)
    for height in range(400, 460, 3):
        split.resize(300, height)
        split.setSizes([10, height - 10])
        for _ in range(50):
            QApplication.processEvents()
    assert resizes.count < 40
