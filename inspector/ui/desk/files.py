"""Opening and saving: the dialogs that ask for an app or a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
)

from inspector.ui import shown, theme
from inspector.ui.message_box import MessageBox
from inspector.ui.source import Verbs
from inspector.ui.toolbar import label

if TYPE_CHECKING:
    from inspector.ui.window import Window

_RECORDINGS = "Recordings (*.inspector);;All files (*)"


class Files:
    """`commands.desk.FilesDesk` for one window."""

    _window: Window
    _verbs: Verbs

    def open_app(self) -> None:
        dialog = AskApp(self._window)
        dialog.accepted.connect(lambda: self._verbs.open_app(dialog.text()))
        dialog.open()

    def open_recording(self) -> None:
        dialog = QFileDialog(self._window, "Open a recording", "", _RECORDINGS)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._ask_path(dialog, "openRecordingDialog", self._verbs.open_recording)

    def open_recent(self, name: str) -> None:
        """An app or a recording that was open before; one that is gone can be forgotten."""
        file = Path(name if name.endswith(".inspector") else _file_of(name))
        if file.name and not file.exists():
            self._gone(name, file)
        elif name.endswith(".inspector"):
            self._verbs.open_recording(Path(name))
        else:
            self._verbs.open_app(name)

    def _gone(self, name: str, file: Path) -> None:
        def answered() -> None:
            if box.clickedButton() is forget:
                self._window.places.forget(name)
                self._window.welcome.show_recent(self._window.places.recent())

        box = MessageBox(self._window, "goneDialog", f"{shown.one_line(file.name, 80)} is not there any more")
        box.setInformativeText(f"It was {shown.one_line(str(file.absolute()))}: moved, renamed or deleted since.")
        forget = box.addButton("Forget it", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.finished.connect(answered)
        box.finished.connect(box.deleteLater)
        box.open()

    def save_recording(self) -> None:
        dialog = QFileDialog(self._window, "Save the recording as", "", _RECORDINGS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("inspector")
        self._ask_path(dialog, "saveRecordingDialog", self._verbs.save_recording)

    def _ask_path(self, dialog: QFileDialog, name: str, then: Callable[[Path], object]) -> None:
        theme.dressed(dialog)
        dialog.setObjectName(name)
        dialog.fileSelected.connect(lambda path: then(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _file_of(app: str) -> str:
    """The file that APP names, as in `shop/main.py:app`; "" where it is a module."""
    file, python, _ = app.partition(".py")
    return file + python if python else ""


class AskApp(QDialog):
    """Which app? As on the command line, or a file."""

    def __init__(self, parent: Window) -> None:
        super().__init__(parent)
        theme.dressed(self)
        self.setObjectName("openAppDialog")
        self.setWindowTitle("Open an app")
        self._edit = QLineEdit()
        self._edit.setObjectName("appEdit")
        self._edit.setAccessibleName("App")
        self._edit.setProperty("fixed", True)
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
        self._column = column = QVBoxLayout(self)
        column.addWidget(label("module:attr, module:factory() or path/to/file.py:attr", role="second"))
        column.addLayout(row)
        column.addWidget(buttons)
        self.finished.connect(self.deleteLater)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.setMinimumWidth(theme.px(460))
        self._column.setContentsMargins(theme.px(16), theme.px(14), theme.px(16), theme.px(14))
        self._column.setSpacing(theme.px(10))

    def text(self) -> str:
        return self._edit.text().strip()

    def _browse(self) -> None:
        dialog = QFileDialog(self, "Choose the file of an app", "", "Python (*.py);;All files (*)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._edit.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
