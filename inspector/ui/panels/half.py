"""One half of an exchange: its first line, its headers, its body."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from inspector.ui import theme
from inspector.ui.panels.body import BodyView, Taste
from inspector.ui.panels.exchange_parts import Headers
from inspector.ui.panels.parts import Elided, Strip, aired, empty, set_empty_text
from inspector.ui.panels.scope import ScopeView, row_height
from inspector.ui.renderer import Renderer
from inspector.ui.rendering import Body


class HalfPanel(QWidget):
    """A request or a response."""

    def __init__(self, renderer: Renderer, taste: Taste, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = Elided(role="fixed")
        self._count = QLabel()
        self._count.setProperty("role", "second")
        self.headers = ScopeView("headerTable", bare=True)
        self.body = BodyView(renderer, taste)
        self._nothing = empty("")
        self._shown: Headers | None = None

        strip = Strip()
        strip.layout_.addWidget(self.line, 1)
        strip.layout_.addWidget(self._count)
        self._split = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        self._split.setHandleWidth(1)
        self._split.addWidget(aired(self.headers))
        self._split.addWidget(self.body)
        self._split.setStretchFactor(1, 1)
        self._split.splitterMoved.connect(self._sized)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(strip)
        layout.addWidget(self._split, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._nothing)
        self._pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)
        self._by_hand = False

    def show_nothing(self, text: str) -> None:
        """There is no such half; `text` says why."""
        set_empty_text(self._nothing, text)
        self._shown = None
        self._pages.setCurrentIndex(0)

    def show_half(self, line: str, headers: Headers, body: Body | None, nothing: str, same: bool = False) -> None:
        """`body` None: this half has none (a WebSocket's). `same`: the exchange that is shown already, read again."""
        same = same and self._shown is not None
        self.line.set_text(line)
        self._count.setText(f"{len(headers):,} header{'s' * (len(headers) != 1)}")
        if not same or headers != self._shown:
            self._shown = headers
            self.headers.show_value(headers)
        self.body.setVisible(body is not None)
        if body is not None and same:
            self.body.grow(body, nothing)
        elif body is not None:
            self.body.show_body(body, nothing)
        self._pages.setCurrentIndex(1)
        self._share()

    def _share(self) -> None:
        """Headers get the height they need, up to two fifths, until the user draws the line himself."""
        if self._by_hand or not self.height():
            return
        wanted = len(self._shown or ()) * row_height() + 2 * theme.edge()
        top = min(wanted, self._split.height() * 2 // 5)
        self._split.setSizes([top, self._split.height() - top])

    def _sized(self) -> None:
        self._by_hand = True

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._share()
