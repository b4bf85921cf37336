"""What is wrong with an expression, under the character where it is: for the filter and for breakpoints."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QLabel, QWidget

from inspector.trace.filter import FilterError
from inspector.ui import theme
from inspector.ui.filter_edit import FilterEdit
from inspector.ui.toolbar import label

_PAUSE_MS = 450
"""An expression is wrong at nearly every moment of its typing: complaints wait for a pause."""
_AGAIN_MS = 100
"""After another zoom or palette, until everything has its place."""
_POINTER, _PADDING = 5, 9
"""Pixels: height of the pointer, and air left of the words (style.py), which stand below the character."""


class Complaint(QObject):
    """A floating line below `edit`. It goes when the edit loses the focus, and waits while suggestions are open."""

    said = Signal()
    """It is shown: the pause in the typing was long enough."""

    def __init__(self, edit: FilterEdit, *, stays: bool = False) -> None:
        """`stays`: also when the edit loses the focus, as in a dialog that says it nowhere else."""
        super().__init__(edit)
        self._stays = stays
        self.error: FilterError | None = None
        self._edit = edit
        self._label: QLabel | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._show)
        self._pointer: _Pointer | None = None
        self._again = QTimer(self, singleShot=True, interval=_AGAIN_MS)
        self._again.timeout.connect(self._show)
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
        self._take_away()
        self._mark_wrong(False)

    def _take_away(self) -> bool:
        """The words go; whether they were there."""
        self._again.stop()
        if self._label is None or self._pointer is None or not self._label.isVisible():
            return False
        self._label.hide()
        self._pointer.hide()
        return True

    def _move(self) -> None:
        """Everything has another size or place."""
        waited = self._again.isActive()
        if (self._take_away() or waited) and self.error is not None:
            self._again.start()

    def _typed(self) -> None:
        self._pause.stop()
        self.hide()

    def _show(self) -> None:
        if self.error is None or self._edit.popup.isVisible() or not self._edit.isVisible():
            return
        edit, window = self._edit, self._edit.window()
        if self._label is None or self._pointer is None:
            self._pointer = _Pointer(window)
            self._label = label(role="complaint", name="filterError")
            self._label.setParent(window)
            self._label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._label.setText(self.error.message)
        self._label.adjustSize()
        x = edit.mapTo(window, edit.rect().topLeft()).x() + edit.caret(self.error.column)
        y = edit.mapTo(window, edit.rect().bottomLeft()).y() + theme.px(2)
        left = min(x - theme.px(_PADDING) - 1, window.width() - self._label.width() - theme.edge())
        self._pointer.setGeometry(x, y, theme.px(2 * _POINTER), theme.px(_POINTER))
        self._label.move(max(left, 0), y + theme.px(_POINTER) - 1)
        for part in (self._label, self._pointer):
            part.show()
            part.raise_()
        self._mark_wrong(True)
        self.said.emit()

    def _mark_wrong(self, wrong: bool) -> None:
        if bool(self._edit.property("wrong")) != wrong:
            self._edit.setProperty("wrong", wrong)
            self._edit.style().polish(self._edit)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._edit and isinstance(event, QFocusEvent):
            if event.lostFocus() and not self._stays and event.reason() != Qt.FocusReason.PopupFocusReason:
                self._take_away()
            elif event.gotFocus() and self.error:
                self._pause.start()
        elif event.type() == QEvent.Type.Hide and self.error:
            self._pause.start()
        return super().eventFilter(watched, event)


class _Pointer(QWidget):
    """From the words up to the character that they are about."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("filterErrorPointer")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, wide, high = QPainter(self), self.width(), self.height()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.current().status_5xx)
        painter.drawPolygon(QPolygonF([QPointF(0, high), QPointF(wide / 2, 0), QPointF(wide, high)]))
