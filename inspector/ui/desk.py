"""The verbs of commands, done with Qt: clipboard, dialogs, browser, focus; the rest is passed on to `Verbs`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
)

from inspector import __version__
from inspector.commands.desk import Facts, Theme
from inspector.errors import InspectorError
from inspector.recording.rows import ExchangeRow
from inspector.ui import theme
from inspector.ui.message_box import MessageBox
from inspector.ui.panels import exchange_parts
from inspector.ui.source import Verbs
from inspector.ui.toolbar import label

if TYPE_CHECKING:
    from inspector.ui.window import Window

_RECORDINGS = "Recordings (*.inspector);;All files (*)"


class WindowDesk:
    """`commands.desk.Desk` for one window."""

    def __init__(self, window: Window, verbs: Verbs) -> None:
        self._window = window
        self._verbs = verbs
        self.start, self.stop, self.restart = verbs.start, verbs.stop, verbs.restart
        self.clear, self.demo, self.quit = verbs.clear, verbs.demo, verbs.quit

    def facts(self) -> Facts:
        window = self._window
        state, row = window.state, self.selected()
        return Facts(
            phase=state.phase if state else "",
            url=state.url if state and state.phase in {"serving", "failed", "crashed"} else "",
            recording=window.source is not None,
            selected=row is not None and row.kind != "lifespan",
            filtered=bool(window.filter_bar.edit.text()),
            following=window.table.following,
            theme=theme.choice(),
        )

    # The app and its recording

    def open_app(self) -> None:
        dialog = AskApp(self._window)
        dialog.accepted.connect(lambda: self._verbs.open_app(dialog.text()))
        dialog.open()

    def open_recording(self) -> None:
        dialog = QFileDialog(self._window, "Open a recording", "", _RECORDINGS)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._ask_path(dialog, "openRecordingDialog", self._verbs.open_recording)

    def open_recent(self, name: str) -> None:
        """An app or a recording that was open before (`Window.remember`)."""
        if name.endswith(".inspector"):
            self._verbs.open_recording(Path(name))
        else:
            self._verbs.open_app(name)

    def save_recording(self) -> None:
        dialog = QFileDialog(self._window, "Save the recording as", "", _RECORDINGS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("inspector")
        self._ask_path(dialog, "saveRecordingDialog", self._verbs.save_recording)

    def _ask_path(self, dialog: QFileDialog, name: str, then: Callable[[Path], object]) -> None:
        dialog.setObjectName(name)
        dialog.fileSelected.connect(lambda path: then(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # The selected exchange

    def selected(self) -> ExchangeRow | None:
        window = self._window
        if window.source is None or window.table.current is None:
            return None
        try:
            return window.source.reader.rows([window.table.current])[0]
        except InspectorError:  # the table has said so
            return None

    def request(self, row: ExchangeRow) -> tuple[list[tuple[str, str]], bytes]:
        assert self._window.source is not None
        reader = self._window.source.reader
        headers = exchange_parts.request_headers(reader, row)
        return headers, reader.body_all(row.id, "receive") if row.kind == "http" else b""

    def copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    # The address, the view, the program

    def address(self) -> str:
        return self._window.state.url if self._window.state else ""

    def browse(self, url: str) -> None:
        QDesktopServices.openUrl(QUrl(url))

    def focus_filter(self) -> None:
        self._window.filter_bar.edit.setFocus()
        self._window.filter_bar.edit.selectAll()

    def clear_filter(self) -> None:
        self._window.filter_bar.edit.clear()
        self._window.filter_bar.apply()

    def follow(self) -> None:
        self._window.table.follow()

    def theme(self, choice: Theme) -> None:
        theme.choose(choice)
        self._window.settings.setValue("theme", choice)

    def about(self) -> None:
        box = MessageBox(self._window, "aboutDialog", f"Inspector {__version__}", drawing="inspector")
        box.setWindowTitle("About Inspector")
        box.setInformativeText("Watches what happens between a Python web server and an app.\nMIT licence.")
        box.finished.connect(box.deleteLater)
        box.open()


class AskApp(QDialog):
    """Which app? As on the command line, or a file."""

    def __init__(self, parent: Window) -> None:
        super().__init__(parent)
        self.setObjectName("openAppDialog")
        self.setWindowTitle("Open an app")
        self.setMinimumWidth(460)
        self._edit = QLineEdit()
        self._edit.setObjectName("appEdit")
        self._edit.setAccessibleName("App")
        self._edit.setFont(theme.fixed_font())
        self._edit.setPlaceholderText("shop.main:app")
        browse = QPushButton("Choose a file…")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel)
        self._open = buttons.button(QDialogButtonBox.StandardButton.Open)
        self._open.setProperty("role", "primary")
        self._open.setEnabled(False)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._edit.textChanged.connect(lambda text: self._open.setEnabled(bool(text.strip())))
        row = QHBoxLayout()
        row.addWidget(self._edit, 1)
        row.addWidget(browse)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(label("module:attr, module:factory() or path/to/file.py:attr", role="second"))
        column.addLayout(row)
        column.addWidget(buttons)
        self.finished.connect(self.deleteLater)

    def text(self) -> str:
        return self._edit.text().strip()

    def _browse(self) -> None:
        dialog = QFileDialog(self, "Choose the file of an app", "", "Python (*.py);;All files (*)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._edit.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
