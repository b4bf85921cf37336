"""The buttons and the words below a held message."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QSizePolicy, QToolButton


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


class Note(QLabel):
    """Words that wrap, as high as whoever shows them sets: a label that tells its height by its width would have the
    layout give all that it stands with the height that they like to have."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def hasHeightForWidth(self) -> bool:
        return False
