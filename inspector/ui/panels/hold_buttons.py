"""The buttons below a held message."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QPushButton, QToolButton


def push(name: str, text: str, does: Callable[[], object], role: str = "") -> QPushButton:
    """A button that `does` something."""
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAccessibleName(text)
    button.setProperty("role", role)
    button.setAutoDefault(False)
    button.clicked.connect(does)
    return button


def menu_button(name: str, text: str, fill: Callable[[QMenu], None]) -> QToolButton:
    """A button with a menu that is made anew each time."""
    button = QToolButton()
    button.setObjectName(name)
    button.setAccessibleName(text)
    button.setText(f"{text} ▾")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    menu = QMenu(button)
    menu.setObjectName(f"{name}Menu")

    def refill() -> None:
        menu.clear()
        fill(menu)

    menu.aboutToShow.connect(refill)
    button.setMenu(menu)
    return button
