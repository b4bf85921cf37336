"""What is done with the selected exchanges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout

from inspector.commands.desk import Form
from inspector.commands.narrowing import narrowed
from inspector.errors import InspectorError
from inspector.recording.marks import NOTE, Marks
from inspector.recording.rows import ExchangeRow
from inspector.ui import editor, theme, words
from inspector.ui.copies import ROWS, Copies, Order
from inspector.ui.models import cells
from inspector.ui.models.cells import NAMES
from inspector.ui.source import Verbs
from inspector.ui.toolbar import label

if TYPE_CHECKING:
    from inspector.ui.window import Window

_LOOKED_AT, _VALUES = 500, 20
"""Of the selected exchanges, and of their different hosts or paths, when the filter is written."""


class Exchanges:
    """`commands.desk.ExchangesDesk` for one window."""

    _window: Window
    _verbs: Verbs
    _copies: Copies

    def selected(self) -> ExchangeRow | None:
        window = self._window
        if window.source is None or window.table.current is None:
            return None
        try:
            return window.source.reader.rows([window.table.current])[0]
        except InspectorError:  # the table has said so
            return None

    def copy_scope(self) -> None:
        self._window.details.copy_scope()

    def copy_messages(self, form: Literal["tsv", "json"]) -> None:
        try:
            self._window.messages.copy(form)
        except InspectorError as error:
            self._window.complain(error)

    def open_in_editor(self) -> None:
        place = self._window.details.current_place()
        if place is None:
            hint = "Choose a line in the Log tab that has a file, or a frame in the Exception tab."
            self._window.complain(InspectorError("No place in a file is chosen", hint))
        else:
            self.open_place(*place)

    def open_place(self, file: str, line: int) -> None:
        """In the editor of the settings, of the environment, or of the system."""
        try:
            editor.open_at(file, line, str(self._window.places.settings.value("editor") or ""))
        except InspectorError as error:
            self._window.complain(error)

    def copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    def copy_as(self, form: Form) -> None:
        table, source = self._window.table, self._window.source
        ids = table.chosen(ROWS)
        if source is None or not ids:
            return
        shown = (NAMES.index(name) for name, _ in table.header.places)
        columns = tuple(section for section in shown if section != cells.WATERFALL)
        self._copies.ask(source.open_reader, Order(form, ids, max(table.chosen_count, len(ids)), columns))

    def copied(self, text: str, told: str) -> None:
        """A copy has been made."""
        self.copy(text)
        self._window.table.notice.say(told)

    def stop_copying(self) -> None:
        """The recording is closed."""
        self._copies.stop()

    def pin(self) -> None:
        row = self.selected()
        self._mark(Marks(pinned=row is None or not row.pinned))

    def colour(self, name: str) -> None:
        self._mark(Marks(colour=name))

    def note(self) -> None:
        row, count = self.selected(), min(max(self._window.table.chosen_count, 1), ROWS)
        dialog = AskNote(self._window, row.note if row is not None else "", count)
        dialog.accepted.connect(lambda: self._mark(Marks(note=dialog.text())))
        dialog.open()

    def _mark(self, marks: Marks) -> None:
        table = self._window.table
        ids = table.chosen(ROWS)
        if not ids:
            return
        if (count := table.chosen_count) > len(ids):
            table.notice.say(f"Changed the first {words.count(len(ids))} of {words.count(count)}: no more at once")
        self._verbs.mark(ids, marks, table.ask_again)

    def narrow(self, field: Literal["host", "path"], *, hide: bool) -> None:
        window = self._window
        if window.source is None:
            return
        rows = window.source.reader.rows(window.table.chosen(_LOOKED_AT))
        found = dict.fromkeys(getattr(row, field) for row in rows if row is not None and row.kind != "lifespan")
        values = [value for value in found if value][:_VALUES]
        edit = window.filter_bar.edit
        text = narrowed(edit.text(), field, values, hide=hide)
        if len(text) > edit.maxLength():
            window.table.notice.say(f"The {field} is too long for the filter")
            return
        edit.selectAll()
        edit.insert(text)  # as if typed: the edit can undo it
        window.filter_bar.apply()

    def choose_columns(self) -> None:
        self._window.table.header.choose()

    def reset_columns(self) -> None:
        self._window.table.header.reset_places()


class AskNote(QDialog):
    """A line of text; an empty one takes the note away."""

    def __init__(self, parent: Window, note: str, count: int) -> None:
        super().__init__(parent)
        theme.dressed(self)
        self.setObjectName("noteDialog")
        self.setWindowTitle("Note" if count == 1 else f"Note at {words.counted(count, 'exchange')}")
        self._edit = QLineEdit(note)
        self._edit.setObjectName("noteEdit")
        self._edit.setAccessibleName("Note")
        self._edit.setMaxLength(NOTE)
        self._edit.selectAll()
        told = label("Stands behind the path; the filter finds it by note:word. Empty takes it away.", role="second")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Save).setProperty("role", "primary")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._column = QVBoxLayout(self)
        for part in (self._edit, told, buttons):
            self._column.addWidget(part)
        self.finished.connect(self.deleteLater)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.setMinimumWidth(theme.px(460))
        self._column.setContentsMargins(theme.px(16), theme.px(14), theme.px(16), theme.px(14))
        self._column.setSpacing(theme.px(10))

    def text(self) -> str:
        return self._edit.text()
