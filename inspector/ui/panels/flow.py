"""Rows that wrap: what stands in the line above a body, or switches sections, never makes the panel wider."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QWidget

from inspector.ui import theme
from inspector.ui.panels.parts import WordButton

_GAP = 18
_WORDS_GAP = 16


class Flow(QWidget):
    """Widgets beside one another, in a next row where there is no more room."""

    def __init__(self, leading: QWidget | None = None, gap: int = _GAP, parent: QWidget | None = None) -> None:
        """`leading` takes what room there is beside the others; where not all fit, it is the first of them."""
        super().__init__(parent)
        self._leading, self._gap = leading, gap
        self._parts: list[QWidget] = []
        if leading is not None:
            leading.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self._changed()

    def add(self, *parts: QWidget) -> None:
        for part in parts:
            part.setParent(self)
            self._parts.append(part)
        self._changed()

    def height_for(self, width: int) -> int:
        """Pixels that it is high when it is `width` wide."""
        margins = self.contentsMargins()
        return self._placed(width - margins.left() - margins.right())[1] + margins.top() + margins.bottom()

    def sizeHint(self) -> QSize:
        width = sum(part.sizeHint().width() for part in self._there())
        width += theme.px(self._gap) * max(len(self._there()) - 1, 0)
        return QSize(width, self.height_for(max(self.width(), 1)))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(60), self.height_for(max(self.width(), 1)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._changed()
        return super().event(event)

    def _changed(self) -> None:
        self.updateGeometry()
        self._place()

    def _there(self) -> list[QWidget]:
        return [part for part in self._parts if not part.isHidden()]

    def _placed(self, width: int) -> tuple[list[tuple[QWidget, QRect]], int]:
        gap, between = theme.px(self._gap), theme.px(2)
        placed: list[tuple[QWidget, QRect]] = []
        parts = self._there()
        needed = sum(part.sizeHint().width() for part in parts) + gap * max(len(parts) - 1, 0)
        at = QPoint(0, 0)
        height = 0
        if self._leading is not None:
            hint = self._leading.sizeHint()
            room = width - needed - gap
            if room < min(hint.width(), theme.px(120)):
                room = min(hint.width(), width)
            tallest = max([hint.height(), *(_height(part, part.sizeHint().width()) for part in parts)])
            placed.append((self._leading, QRect(0, (tallest - hint.height()) // 2, room, hint.height())))
            at = QPoint(room + gap, 0)
            height = tallest
        for part in parts:
            hint = part.sizeHint()
            wide = min(hint.width(), width)
            tall = _height(part, wide)
            if at.x() and at.x() + wide > width:
                at = QPoint(0, height + between)
            placed.append((part, QRect(at.x(), at.y(), wide, tall)))
            height = max(height, at.y() + tall)
            at.setX(at.x() + wide + gap)
        return placed, height

    def _place(self) -> None:
        room = self.contentsRect()
        for part, rect in self._placed(room.width())[0]:
            part.setGeometry(rect.translated(room.topLeft()))
        height = self.height_for(self.width())
        if height != self.height():
            self.setFixedHeight(height)


def _height(part: QWidget, width: int) -> int:
    return part.height_for(width) if isinstance(part, Flow) else part.sizeHint().height()


class Words(Flow):
    """One of a few words, as `Headers · Cookies 2 · Body`; which ones there are may change. The arrow keys go along."""

    chosen = Signal(str)
    """The name that the user chose."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(gap=_WORDS_GAP, parent=parent)
        self._names: list[tuple[str, str, str]] = []
        self._group = QButtonGroup(self)
        self._group.buttonClicked.connect(self._clicked)
        self._buttons: dict[str, WordButton] = {}

    def set_names(self, names: Sequence[tuple[str, str, str]]) -> None:
        """Name, word, tooltip of each; those that were there before stay as they are, focus and all."""
        if list(names) == self._names:
            return
        self._names = list(names)
        kept = {name for name, _, _ in names}
        for name in [name for name in self._buttons if name not in kept]:
            button = self._buttons.pop(name)
            self._group.removeButton(button)
            button.hide()
            button.deleteLater()
        for name, word, tooltip in names:
            if name not in self._buttons:
                button = WordButton(word, tooltip, checkable=True, parent=self)
                button.setObjectName(name)
                self._buttons[name] = button
                self._group.addButton(button)
                button.show()
            button = self._buttons[name]
            button.setText(word)
            button.setAccessibleName(word)
            button.setToolTip(tooltip)
        self._parts = [self._buttons[name] for name, _, _ in names]
        for before, after in zip(self._parts, self._parts[1:], strict=False):
            QWidget.setTabOrder(before, after)
        self._changed()
        self.update()

    def names(self) -> list[str]:
        return [name for name, _, _ in self._names]

    def words(self) -> list[str]:
        return [word for _, word, _ in self._names]

    def set_chosen(self, name: str) -> None:
        if name in self._buttons:
            self._buttons[name].setChecked(True)

    def current(self) -> str:
        return next((name for name, button in self._buttons.items() if button.isChecked()), "")

    def button(self, name: str) -> WordButton:
        return self._buttons[name]

    def _clicked(self, button: QWidget) -> None:
        self.chosen.emit(button.objectName())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme.current().third)
        gap = theme.px(_WORDS_GAP)
        for before, after in zip(self._parts, self._parts[1:], strict=False):
            if before.y() == after.y():  # a word ends two pixels before its button does
                rect = QRect(
                    before.geometry().right() - 1, before.y(), gap + 2, before.height()
                )  # a word ends so early
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "·")
