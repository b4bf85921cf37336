from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from inspector.ui.panels.details import DetailsPanel
from tests.support.tables import Table


@pytest.fixture
def table(qtbot: Any) -> Iterator[Table]:
    table = Table(200, qtbot)
    yield table
    table.close()


@pytest.fixture
def panel(qtbot: QtBot) -> DetailsPanel:
    """The details; a panel's own tests have their own `panel`."""
    panel = DetailsPanel()
    qtbot.addWidget(panel)
    panel.resize(800, 420)
    return panel
