"""Every test of the window has the program's look, and settings of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from inspector.ui import theme


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> Iterator[None]:
    if not qapp.styleSheet():
        theme.apply(qapp)
    theme.choose("dark")
    yield
    theme.choose("dark")


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
