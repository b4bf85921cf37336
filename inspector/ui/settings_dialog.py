"""The settings: few, each in words, each in force at once."""

from __future__ import annotations

import shlex
import sys
from typing import get_args

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from inspector.commands.desk import Theme
from inspector.ui import icons, theme
from inspector.ui.panels.parts import Elided
from inspector.ui.settings import Settings
from inspector.ui.toolbar import label

_THEMES = {"system": "As the system", "light": "Light", "dark": "Dark"}
_EDITOR_HINT = "Where a file:line is clicked. {file} and {line} are filled in; left empty, the system opens the file."


class SettingsDialog(QDialog):
    """Closing it changes nothing more: what is chosen is applied, and kept, as it is chosen."""

    def __init__(self, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        theme.dressed(self)
        self.setObjectName("settingsDialog")
        self.setWindowTitle("Settings")
        self._settings, self._window = settings, parent
        self.theme = OneOf()
        for name in get_args(Theme):
            self.theme.addItem(_THEMES[name], name)
        self.zoom = OneOf()
        for percent in theme.ZOOMS:
            self.zoom.addItem(f"{percent} %", percent)
        self.notifications = Check("Tell me when the app crashes while I look elsewhere")
        self.follow = Check("Follow the newest exchange when an app is opened")
        self.editor = QLineEdit(settings.read("editor"))
        self.editor.setPlaceholderText("code -g {file}:{line}")
        self.editor.setProperty("fixed", True)
        self.complaint = label(role="error", name="editorComplaint")
        self.complaint.setWordWrap(True)
        hint = label(_EDITOR_HINT, role="second")
        hint.setWordWrap(True)
        self._rows: list[tuple[QLabel, QWidget]] = []
        self._form = QFormLayout()
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for title, widget, name in (
            ("Colours", self.theme, "settingTheme"),
            ("Zoom", self.zoom, "settingZoom"),
            ("Notifications", self.notifications, "settingNotifications"),
            ("Exchanges", self.follow, "settingFollow"),
            ("Editor", self.editor, "settingEditor"),
        ):
            widget.setObjectName(name)
            widget.setAccessibleName(title)
            if isinstance(widget, QComboBox):
                widget.view().setAccessibleName(title)
            self._form.addRow(label(title, role="second"), widget)
        self._form.addRow("", hint)
        self._form.addRow("", self.complaint)
        self._form.addRow(label("Kept in", role="second"), self._place())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._form)
        self._column.addStretch(1)
        self._column.addWidget(buttons)
        self.show_settings()
        self.theme.activated.connect(lambda: settings.write("theme", self.theme.currentData()))
        self.zoom.activated.connect(lambda: settings.write("zoom", self.zoom.currentData()))
        self.notifications.toggled.connect(lambda on: settings.write("notifications", on))
        self.follow.toggled.connect(lambda on: settings.write("follow", on))
        self.editor.textEdited.connect(self._edited)
        settings.changed.connect(self.show_settings)
        theme.measured(self._measure)

    def _place(self) -> QWidget:
        """Where the settings are, and the way there."""
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        path = Elided(role="fixed")
        path.setObjectName("settingsPath")
        path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        writable = self._settings.writable()
        path.set_text(self._settings.path() + ("" if writable else "  (cannot be written: nothing is kept)"))
        row.addWidget(path, 1)
        if sys.platform != "win32":  # there they are in the registry
            self._open = QPushButton("Open")
            self._open.setObjectName("openSettingsFile")
            self._open.setAccessibleName("Open the settings file")
            self._open.setAutoDefault(False)
            self._open.clicked.connect(self._open_file)
            row.addWidget(self._open)
        return holder

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.heightForWidth(self.width()) > self.height():
            self.resize(self.width(), self.heightForWidth(self.width()))  # a sentence has become longer, or larger
        return done

    def _measure(self) -> None:
        room = self._window.width() - 4 * theme.edge()
        self.setMinimumWidth(min(theme.px(560), max(room, theme.px(200))))
        self._column.setContentsMargins(theme.px(18), theme.px(16), theme.px(18), theme.px(14))
        self._column.setSpacing(theme.px(14))
        self._form.setHorizontalSpacing(theme.px(22))
        self._form.setVerticalSpacing(theme.px(10))

    def show_settings(self, _changed: str = "") -> None:
        """As they are, whoever changed them."""
        read = self._settings.read
        self.theme.setCurrentIndex(max(self.theme.findData(read("theme")), 0))
        self.zoom.setCurrentIndex(max(self.zoom.findData(theme.zoom()), 0))
        self.notifications.setChecked(read("notifications"))
        self.follow.setChecked(read("follow"))
        if not self.editor.hasFocus():
            self.editor.setText(read("editor"))
        self._complain(self.editor.text())

    def _edited(self, text: str) -> None:
        self._complain(text)
        if not editor_complaint(text):
            self._settings.write("editor", text.strip())

    def _complain(self, text: str) -> None:
        self.complaint.setText(editor_complaint(text))
        self.complaint.setVisible(bool(self.complaint.text()))

    def _open_file(self) -> None:
        self._settings.store.sync()
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._settings.path()))


class OneOf(QComboBox):
    """One of a few, with a chevron of our family of icons."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        size = theme.px(12)
        painter = QPainter(self)
        icons.draw(painter, "chevron-down", self.width() - size - theme.px(8), (self.height() - size) // 2,
                   theme.current().second, size)  # fmt: skip
        painter.end()


class Check(QCheckBox):
    """A box and its words, both in the colours of the palette; the box has an edge, empty or not."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, top = theme.px(16), (self.height() - theme.px(16)) // 2
        painter.setPen(palette.accent if self.hasFocus() else palette.primary if self.isChecked() else palette.second)
        painter.setBrush(palette.primary if self.isChecked() else palette.window)
        painter.drawRoundedRect(QRectF(0.5, top + 0.5, side - 1, side - 1), theme.px(4), theme.px(4))
        if self.isChecked():
            icons.draw(painter, "check", 0, top, palette.primary_text, side)
        painter.setPen(palette.text)
        words = self.rect().adjusted(side + theme.px(8), 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            painter.fillRect(words.left(), self.height() - 1, self.fontMetrics().horizontalAdvance(self.text()), 1,
                             palette.accent)  # fmt: skip

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + theme.px(26), max(metrics.height(), theme.px(16)) + 4)

    def hitButton(self, position: QPoint) -> bool:
        return self.rect().contains(position)


def editor_complaint(command: str) -> str:
    """What is wrong with an editor's command line; "" for nothing, which is also right."""
    if not command.strip():
        return ""
    try:
        words = shlex.split(command)
    except ValueError:
        return "A quotation mark is not closed: the former command stays in force"
    if not any("{file}" in word for word in words):
        return "{file} is missing: the former command stays in force"
    return ""
