from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.tables import Table


@pytest.fixture
def table(qtbot: Any) -> Iterator[Table]:
    table = Table(200, qtbot)
    yield table
    table.close()
