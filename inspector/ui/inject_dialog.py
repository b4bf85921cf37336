"""A message of the user's own, put before or behind a held one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QHBoxLayout, QVBoxLayout

from inspector.errors import InspectorError
from inspector.session.stepping import Stepping
from inspector.trace.stepping import Held
from inspector.ui import theme
from inspector.ui.models import held_text
from inspector.ui.models.held_templates import TEMPLATES, others
from inspector.ui.models.held_text import Mistake
from inspector.ui.panels.hold_views import TypedText
from inspector.ui.panels.parts import Elided
from inspector.ui.toolbar import label

if TYPE_CHECKING:
    from inspector.ui.window import Window


class InjectDialog(QDialog):
    """Stays open, with everything that was typed, until the engine has taken the message."""

    def __init__(self, parent: Window, held: Held, where: str, type_: str = "") -> None:
        super().__init__(parent)
        theme.dressed(self)
        self.setObjectName("injectDialog")
        self.setWindowTitle("Inject a message")
        self._window, self._held = parent, held
        self._where = QComboBox()
        self._where.setObjectName("injectWhere")
        self._where.setAccessibleName("Where")
        for name in ("before", "after"):
            self._where.addItem(f"{name} {held.type}", name)
        self._where.setCurrentIndex(self._where.findData(where))
        self.types = QComboBox()
        self.types.setObjectName("injectType")
        self.types.setAccessibleName("Type of the message")
        self.illegal = QCheckBox("Offer messages the spec forbids here")
        self.illegal.setObjectName("injectIllegal")
        self.edit = TypedText("injectText", "The message as text")
        self.edit.done.connect(self._inject)
        self._told = Elided(role="error")
        self._told.setObjectName("injectError")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._button = buttons.addButton("Inject", QDialogButtonBox.ButtonRole.AcceptRole)
        self._button.setProperty("role", "primary")
        buttons.accepted.connect(self._inject)
        buttons.rejected.connect(self.reject)
        self._line = line = QHBoxLayout()
        line.addWidget(self.types, 1)
        line.addWidget(self._where, 1)
        self._column = column = QVBoxLayout(self)
        column.addLayout(line)
        column.addWidget(self.illegal)
        column.addWidget(self.edit, 1)
        column.addWidget(self._told)
        column.addWidget(label("It goes out with the held message, which stays held.", role="second"))
        column.addWidget(buttons)
        self._offer()
        if type_:
            self.types.setCurrentText(type_)
        self._show()
        self.illegal.toggled.connect(self._offer)
        self.types.currentTextChanged.connect(self._show)
        self.finished.connect(self.deleteLater)
        theme.measured(self._measure)
        self.edit.setFocus()

    def _measure(self) -> None:
        self.setMinimumSize(theme.px(520), theme.px(340))
        self._line.setSpacing(theme.px(8))
        self._column.setContentsMargins(theme.px(16), theme.px(14), theme.px(16), theme.px(14))
        self._column.setSpacing(theme.px(10))

    def _offer(self) -> None:
        """The types; what was typed stays, where its type is still there."""
        chosen = self.types.currentText()
        allowed = list(self._held.allowed)
        if self._held.type in TEMPLATES and self._held.type not in allowed:
            allowed.append(self._held.type)
        types = allowed + (others(self._held) if self.illegal.isChecked() else [])
        self.types.blockSignals(True)
        self.types.clear()
        self.types.addItems(list(dict.fromkeys(types)))
        self.types.setCurrentIndex(max(self.types.findText(chosen), 0))
        self.types.blockSignals(False)
        if self.types.currentText() != chosen and chosen:
            self._show()

    def _show(self) -> None:
        type_ = self.types.currentText()
        self.edit.setPlainText(held_text.text({"type": type_, **TEMPLATES.get(type_, {})}))
        self._told.set_text("")

    def _inject(self) -> None:
        try:
            message = held_text.message(held_text.read(self.edit.toPlainText()))
        except Mistake as mistake:
            self._told.set_text(str(mistake))
            return
        hold, where, illegal = self._held.hold, self._where.currentData(), self.illegal.isChecked()

        async def work(stepping: Stepping) -> None:
            await stepping.inject(hold, where, message, illegal=illegal)

        self._window.holds.ask(work, lambda _: self.accept(), self._refused)

    def _refused(self, error: InspectorError) -> None:
        self._told.set_text(error.title)
