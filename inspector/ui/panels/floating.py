"""What floats over the rows of a table: a way to the newest, and a line that says what was done."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from inspector.ui import theme, words

_SHOWN_MS = 6_000
_GAP = 10


class NewestButton(QPushButton):
    """How many rows came since the view stands elsewhere; a click goes there. Takes no focus: Ctrl+J does the same."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self.setObjectName("newestButton")
        self.setAccessibleName("Newest")
        self.setProperty("role", "primary")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip("Go to the newest exchange, and stay there as more arrive")
        self.hide()

    def show_count(self, count: int, above: bool) -> None:
        """`count` new rows, `above` or below what is in view; none hides it."""
        if count:
            self.setText(f"{'↑' if above else '↓'}  {words.count(count)} new")
            self.setAccessibleName(f"{words.counted(count, 'new exchange')}: go to the newest")
            self.place(above)
        self.setVisible(bool(count))

    def place(self, above: bool) -> None:
        """In the middle, at the edge behind which the newest is; as large as its text is at this zoom."""
        self.adjustSize()
        around = self._around.rect()
        y = theme.px(_GAP) if above else around.height() - self.height() - theme.px(_GAP)
        self.move((around.width() - self.width()) // 2, y)


class Notice(QLabel):
    """A line at the lower left edge, for a few seconds or until the next one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self.setObjectName("tableNotice")
        self.setAccessibleName("What was done")
        self.setProperty("role", "notice")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._over = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self._over.timeout.connect(self.hide)
        self.hide()

    def say(self, text: str) -> None:
        self.setText(text)
        self.setAccessibleDescription(text)
        self.place()
        self.show()
        self.raise_()
        self._over.start()

    def place(self) -> None:
        """At the lower left edge."""
        self.adjustSize()
        self.move(theme.edge(), self._around.height() - self.height() - theme.px(_GAP))
