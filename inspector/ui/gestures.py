"""What is done to the window as a whole by mouse: Ctrl and the wheel, and a file that is dragged onto it.

Both are taken where they arrive, at the window's native handle, so that no widget in it has to know of them, and no
text field takes a file for its name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from inspector.recording.schema import APPLICATION_ID
from inspector.ui import shown, theme
from inspector.ui.toolbar import Mark, label

_NOTCH = 120
"""Eighths of a degree: one step of a usual wheel."""
_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True)
class Offer:
    """What dropping would do; `path` is empty where nothing would happen, and `title` says why."""

    title: str
    hint: str = ""
    path: str = ""
    recording: bool = False


def offer(data: QMimeData, live: bool) -> Offer | None:
    """What can be done with what is dragged; None where it is no file at all. `live`: an app is served now."""
    urls = data.urls()
    if not urls:
        return None
    if len(urls) > 1:
        return Offer("One file at a time", "Drop one Python file, or one recording.")
    path = urls[0].toLocalFile()
    name = shown.one_line(Path(path).name or urls[0].toString(), 80)
    if not path:
        return Offer(f"{name} is not on this machine", "Download it first.")
    stops = "The app that is served now is stopped." if live else ""
    try:
        if Path(path).is_dir():
            return Offer(f"{name} is a folder", "Drop the Python file with the app, or a recording.")
        if path.endswith(".py"):
            return Offer(f"Open {name} as an app", stops or "It is loaded and served.", path)
        if path.endswith(".inspector") or _is_recording(path):
            return Offer(f"Open the recording {name}", stops or "It is shown as it was recorded.", path, recording=True)
    except OSError as error:
        return Offer(f"{name} cannot be read", error.strerror or "")
    return Offer(f"{name} is neither a Python file nor a recording", "Inspector opens *.py and *.inspector.")


def _is_recording(path: str) -> bool:
    with Path(path).open("rb") as file:
        head = file.read(72)
    return head.startswith(_SQLITE) and head[68:72] == APPLICATION_ID.to_bytes(4, "big")


class DropCurtain(QFrame):
    """Over the whole window while a file is dragged: says what dropping it would do."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        theme.dressed(self)
        self._window = parent
        self.setObjectName("dropCurtain")
        self.setProperty("surface", "curtain")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._mark = Mark(28)
        self.title = label(role="headline", name="dropTitle")
        self.hint = label(role="second", name="dropHint")
        self._column = QVBoxLayout(self)
        self._column.addStretch(1)
        for widget in (self._mark, self.title, self.hint):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            if widget is not self._mark:
                widget.setWordWrap(True)
            self._column.addWidget(
                widget, alignment=Qt.AlignmentFlag.AlignHCenter if widget is self._mark else Qt.AlignmentFlag(0)
            )
        self._column.addStretch(1)
        theme.measured(self._measure)
        self.hide()

    def _measure(self) -> None:
        self._column.setSpacing(theme.px(8))
        self._column.setContentsMargins(*4 * (theme.px(40),))

    def tell(self, told: Offer) -> None:
        if told.path:
            self._mark.show_state("open" if told.recording else "app", "accent", "can be opened")
        else:
            self._mark.show_state("warning", "status_4xx", "cannot be opened")
        self.title.setText(told.title)
        self.hint.setText(told.hint)
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()


class Gestures(QObject):
    """`zoom(step)`, `open_app(path)`, `open_recording(path)` are called for what the user does."""

    def __init__(
        self,
        window: QWidget,
        zoom: Callable[[int], object],
        open_app: Callable[[str], object],
        open_recording: Callable[[Path], object],
        live: Callable[[], bool],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._zoom, self._open_app, self._open_recording, self._live = zoom, open_app, open_recording, live
        self.curtain = DropCurtain(window)
        self._offer: Offer | None = None
        self._turned = 0
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window:
            handle = self._window.windowHandle()
            if event.type() in (QEvent.Type.Show, QEvent.Type.WinIdChange) and handle is not None:
                handle.removeEventFilter(self)
                handle.installEventFilter(self)
            return False
        if isinstance(event, QWheelEvent):
            return self._wheel(event)
        if isinstance(event, QDragEnterEvent):
            self._offer = offer(event.mimeData(), self._live())
            if self._offer is not None:
                self.curtain.tell(self._offer)
                event.acceptProposedAction()
            return self._offer is not None
        if event.type() == QEvent.Type.DragLeave:
            self.curtain.hide()
            taken, self._offer = self._offer is not None, None
            return taken
        if isinstance(event, QDropEvent) and self._offer is not None:
            if event.type() == QEvent.Type.Drop:
                self._drop(event)
            elif isinstance(event, QDragMoveEvent):
                if self._offer.path:
                    event.acceptProposedAction()
                else:
                    event.ignore()
            return True
        return False

    def _drop(self, event: QDropEvent) -> None:
        told, self._offer = self._offer, None
        self.curtain.hide()
        if told is None or not told.path:
            event.ignore()
            return
        event.acceptProposedAction()
        if told.recording:
            self._open_recording(Path(told.path))
        else:
            self._open_app(told.path)

    def _wheel(self, event: QWheelEvent) -> bool:
        if event.modifiers() != Qt.KeyboardModifier.ControlModifier:
            self._turned = 0
            return False
        self._turned += event.angleDelta().y()
        while abs(self._turned) >= _NOTCH:
            step = 1 if self._turned > 0 else -1
            self._turned -= step * _NOTCH
            self._zoom(step)
        return True
