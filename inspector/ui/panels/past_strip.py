"""The line that says at which message of its past an exchange is shown, and how to go on from there."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from inspector.ui.panels.parts import Elided, Strip, WordButton


class PastStrip(Strip):
    """Hidden while the present is shown. `left`: the user wants the present back."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setObjectName("pastStrip")
        self.setAccessibleName("Past of the exchange")
        self.place = Elided()
        self._keys = Elided(role="second")
        self._held = Elided(role="held")
        leave = WordButton("Leave", "Back to the exchange as it is now")
        leave.setObjectName("pastLeave")
        leave.clicked.connect(self.left)
        self.layout_.addWidget(self.place)
        self.layout_.addWidget(self._held)
        self.layout_.addWidget(self._keys, 1)
        self.layout_.addWidget(leave)
        self.hide()

    def show_place(self, place: str, keys: str, held: str) -> None:
        """`place`: as of which message; `keys`: how to go on; `held`: that the present holds the exchange, or empty."""
        self.place.set_text(place)
        self._keys.set_text(keys)
        self._held.set_text(held)
        self._held.setVisible(bool(held))
        self.show()
