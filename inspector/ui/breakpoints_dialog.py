"""The breakpoints: the list of them, and one of them to be written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
)

from inspector.errors import InspectorError
from inspector.session.stepping import Stepping
from inspector.trace.filter import FilterError, explain, parse
from inspector.trace.stepping import Breakpoint
from inspector.ui import theme
from inspector.ui.complaint import Complaint
from inspector.ui.filter_edit import FilterEdit
from inspector.ui.models.breakpoint_table import EXPRESSION, HITS, STOPS, BreakpointTable
from inspector.ui.panels.parts import empty
from inspector.ui.toolbar import label

if TYPE_CHECKING:
    from inspector.ui.window import Window

_USUAL = (
    "It stops at the call, and at each message that the app sends; point: and message.type: say otherwise. "
    "The lifespan is held only where kind: or message.type: is named."
)


class BreakpointDialog(QDialog):
    """One breakpoint, new or known. What is wrong is said under the place where it is."""

    def __init__(self, parent: Window, known: Breakpoint | None = None, expression: str = "") -> None:
        super().__init__(parent)
        theme.dressed(self)
        self.setObjectName("breakpointDialog")
        self.setWindowTitle("New breakpoint" if known is None else "Breakpoint")
        self._holds, self._known = parent.holds, known
        self.edit = FilterEdit(of_message=True)
        self.edit.setObjectName("breakpointEdit")
        self.edit.setAccessibleName("Expression")
        self.edit.setAccessibleDescription("Which messages are held, such as point:send path:/cart")
        self.edit.setPlaceholderText("path:/cart   point:send   message.type:body   status:5xx")
        self._complaint = Complaint(self.edit, stays=True)
        self.told = QLabel()
        self.told.setObjectName("breakpointTold")
        self.told.setTextFormat(Qt.TextFormat.PlainText)
        self.told.setWordWrap(True)
        self.nth = QSpinBox(minimum=1, maximum=1_000_000)
        self.nth.setObjectName("breakpointNth")
        self.nth.setAccessibleName("Stops from this match on")
        self.once = _check("breakpointOnce", "Once: it is gone after it has stopped")
        self.log = _check("breakpointLog", "Log only: hold nothing, write each match into the log")
        self.enabled = _check("breakpointEnabled", "On")
        one = known or Breakpoint(0, expression)
        self.edit.setText(one.expression)
        self.nth.setValue(one.nth)
        self.once.setChecked(one.once)
        self.log.setChecked(one.log)
        self.enabled.setChecked(one.enabled)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self._save = buttons.button(QDialogButtonBox.StandardButton.Save)
        self._save.setProperty("role", "primary")
        buttons.accepted.connect(self._done)
        buttons.rejected.connect(self.reject)
        self._nth = nth = QHBoxLayout()
        nth.addWidget(label("Stops from match number"))
        nth.addWidget(self.nth)
        nth.addStretch(1)
        self._column = column = QVBoxLayout(self)
        column.addWidget(self.edit)
        column.addWidget(self.told)
        column.addLayout(nth)
        for part in (self.once, self.log, self.enabled, buttons):
            column.addWidget(part)
        self.edit.textChanged.connect(self._judge)
        self.log.toggled.connect(self._judge)
        self.finished.connect(self.deleteLater)
        theme.measured(self._measure)
        self._judge()
        self.edit.setFocus()

    def _measure(self) -> None:
        self.setMinimumWidth(theme.px(520))
        self._nth.setSpacing(theme.px(8))
        self._column.setContentsMargins(theme.px(16), theme.px(14), theme.px(16), theme.px(14))
        self._column.setSpacing(theme.px(10))
        self.told.setMinimumHeight(4 * self.told.fontMetrics().height())
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop)

    def _judge(self) -> None:
        """The expression in words, or what is wrong with it."""
        for part in (self.nth, self.once):
            part.setEnabled(not self.log.isChecked())
        try:
            node = parse(self.edit.text(), of_message=True)
        except FilterError as error:
            self._complaint.say(error)
            self._say("")
            self._save.setEnabled(False)
            return
        self._complaint.say(None)
        if node is None:
            self._say(f"Which messages? As in the filter: path:/cart, status:5xx. {_USUAL}")
            self._save.setEnabled(False)
            return
        verb = "Logs" if self.log.isChecked() else "Holds"
        self._say(f"{verb} where {explain(node)}.")

    def _say(self, text: str, wrong: bool = False) -> None:
        self._save.setEnabled(not wrong)
        self.told.setText(text)
        self.told.setProperty("role", "error" if wrong else "second")
        self.told.style().polish(self.told)

    def _done(self) -> None:
        found = Breakpoint(
            self._known.id if self._known else 0,
            self.edit.text().strip(),
            self.enabled.isChecked(),
            self.once.isChecked() and not self.log.isChecked(),
            1 if self.log.isChecked() else self.nth.value(),
            self.log.isChecked(),
            self._known.hits if self._known else 0,
        )

        async def work(stepping: Stepping) -> None:
            if self._known is None:
                await stepping.break_(
                    found.expression, once=found.once, nth=found.nth, log=found.log, enabled=found.enabled
                )
            else:
                await stepping.change(found)

        self._holds.ask(work, lambda _: self.accept(), self._refused)

    def _refused(self, error: InspectorError) -> None:
        self._say(error.title, wrong=True)


def _check(name: str, text: str) -> QCheckBox:
    box = QCheckBox(text)
    box.setObjectName(name)
    return box


class BreakpointsDialog(QDialog):
    """All of them; what happens meanwhile shows itself."""

    def __init__(self, parent: Window) -> None:
        super().__init__(parent)
        theme.dressed(self)
        self.setObjectName("breakpointsDialog")
        self.setWindowTitle("Breakpoints")
        self._window = parent
        self.model = BreakpointTable(self)
        self.model.switched.connect(self._switch)
        self.table = QTableView()
        self.table.setObjectName("breakpointTable")
        self.table.setAccessibleName("Breakpoints")
        self.table.setModel(self.model)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(EXPRESSION, QHeaderView.ResizeMode.Stretch)
        for section in (STOPS, HITS):
            self.table.horizontalHeader().setSectionResizeMode(section, QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.activated.connect(self._edit)
        self._pages = QStackedWidget()
        self._pages.addWidget(empty("No breakpoint yet: New… writes one, as in point:send path:/cart"))
        self._pages.addWidget(self.table)
        self.new = _button("newBreakpoint", "New…", self._new)
        self.edit = _button("editBreakpoint", "Edit…", lambda: self._edit(self.table.currentIndex()))
        self.remove = _button("removeBreakpoint", "Remove", self._remove)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        self._foot = foot = QHBoxLayout()
        for button in (self.new, self.edit, self.remove):
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(close)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._pages, 1)
        self._column.addLayout(foot)
        self.table.selectionModel().currentRowChanged.connect(self._enable)
        self.model.modelReset.connect(self._enable)
        parent.holds.changed.connect(self._refresh)
        self.finished.connect(self.deleteLater)
        theme.measured(self._measure)
        self._refresh()

    def _measure(self) -> None:
        self.setMinimumSize(theme.px(620), theme.px(320))
        self._foot.setSpacing(theme.px(8))
        self._column.setContentsMargins(theme.px(16), theme.px(14), theme.px(16), theme.px(14))
        self._column.setSpacing(theme.px(10))
        self.table.verticalHeader().setDefaultSectionSize(theme.row_height())
        self.table.setFont(theme.fixed_font())

    def _refresh(self) -> None:
        kept = self._chosen()
        self.model.show(self._window.holds.stepping.breakpoints)
        self._pages.setCurrentIndex(1 if self.model.rows else 0)
        at = next((row for row, one in enumerate(self.model.rows) if kept and one.id == kept.id), -1)
        if at >= 0 and self.table.currentIndex().row() != at:
            self.table.selectRow(at)
        self._enable()

    def _chosen(self) -> Breakpoint | None:
        row = self.table.currentIndex().row()
        return self.model.rows[row] if 0 <= row < len(self.model.rows) else None

    def _enable(self) -> None:
        for button in (self.edit, self.remove):
            button.setEnabled(self._chosen() is not None)

    def _switch(self, one: Breakpoint, on: bool) -> None:
        self._window.holds.ask(lambda stepping: stepping.change(replace(one, enabled=on)))

    def _new(self) -> None:
        BreakpointDialog(self._window).open()

    def _edit(self, index: QModelIndex) -> None:
        if index.isValid():
            BreakpointDialog(self._window, self.model.rows[index.row()]).open()

    def _remove(self) -> None:
        one = self._chosen()
        if one is not None:
            number = one.id
            self._window.holds.ask(lambda stepping: stepping.remove(number))


def _button(name: str, text: str, does: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAutoDefault(False)
    button.clicked.connect(does)
    return button
