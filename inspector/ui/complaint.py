"""What is wrong with an expression, under the character where it is: for the filter and for breakpoints."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QLabel

from inspector.trace.filter import FilterError
from inspector.ui import theme
from inspector.ui.filter_edit import FilterEdit
from inspector.ui.toolbar import label

_PAUSE_MS = 450
"""An expression is wrong at nearly every moment of its typing: complaints wait for a pause."""


class Complaint(QObject):
    """A floating line below `edit`. It goes when the edit loses the focus, and waits while suggestions are open."""

    def __init__(self, edit: FilterEdit, *, stays: bool = False) -> None:
        """`stays`: also when the edit loses the focus, as in a dialog that says it nowhere else."""
        super().__init__(edit)
        self._stays = stays
        self.error: FilterError | None = None
        self._edit = edit
        self._label: QLabel | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._show)
        edit.textChanged.connect(self._typed)
        edit.installEventFilter(self)
        edit.popup.installEventFilter(self)
        theme.measured(self._move)

    def say(self, error: FilterError | None) -> None:
        """`error`, after a pause in the typing; None: nothing is wrong."""
        self.error = error
        if error is not None:
            self._pause.start()
        else:
            self.hide()

    def hide(self) -> None:
        if self._label is not None and self._label.isVisible():
            self._label.hide()
        self._mark_wrong(False)

    def _move(self) -> None:
        """Everything has another size or place."""
        self.hide()
        if self.error is not None and self._stays:
            self._pause.start()

    def _typed(self) -> None:
        self._pause.stop()
        self.hide()

    def _show(self) -> None:
        if self.error is None or self._edit.popup.isVisible() or not self._edit.isVisible():
            return
        edit, window = self._edit, self._edit.window()
        if self._label is None:
            self._label = label(role="complaint", name="filterError")
            self._label.setParent(window)
            self._label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._label.setText(f"▴ {self.error.message}")
        self._label.adjustSize()
        x = edit.mapTo(window, edit.rect().topLeft()).x() + edit.caret(self.error.column)
        y = edit.mapTo(window, edit.rect().bottomLeft()).y() + theme.px(3)
        self._label.move(max(min(x - theme.edge(), window.width() - self._label.width() - theme.edge()), 0), y)
        self._label.show()
        self._label.raise_()
        self._mark_wrong(True)

    def _mark_wrong(self, wrong: bool) -> None:
        if bool(self._edit.property("wrong")) != wrong:
            self._edit.setProperty("wrong", wrong)
            self._edit.style().polish(self._edit)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._edit and isinstance(event, QFocusEvent):
            if event.lostFocus() and not self._stays and event.reason() != Qt.FocusReason.PopupFocusReason:
                self.hide()
            elif event.gotFocus() and self.error:
                self._pause.start()
        elif event.type() == QEvent.Type.Hide and self.error:
            self._pause.start()
        return super().eventFilter(watched, event)
