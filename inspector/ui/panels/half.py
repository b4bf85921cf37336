"""One half of an exchange: its first line, and its headers, cookies, fields, parts and body as sections."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from inspector.recording.content import DECODED_CAP
from inspector.ui import theme, words
from inspector.ui.models.field_table import Table
from inspector.ui.panels import sections
from inspector.ui.panels.body import LIVE_MS, BodyView, Taste
from inspector.ui.panels.exchange_parts import Headers
from inspector.ui.panels.field_view import FieldView
from inspector.ui.panels.flow import Words
from inspector.ui.panels.line_tree import row_height
from inspector.ui.panels.parts import Elided, Strip, WholeRows, empty, set_empty_text
from inspector.ui.panels.scope import ScopeView
from inspector.ui.panels.sections import Slow
from inspector.ui.renderer import Renderer
from inspector.ui.rendering import EMPTY, Body

OVERVIEW = "overview"
_TABLES = {
    "cookies": ("Cookies", "What the client keeps for this site, or is asked to keep"),
    "query": ("Query", "What stood behind the ? of the URL, decoded"),
    "form": ("Form", "The fields of the form, decoded"),
    "parts": ("Parts", "The parts of the multipart body; each can be looked at and saved"),
}


class HalfPanel(QWidget):
    """A request or a response."""

    def __init__(self, renderer: Renderer, taste: Taste, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._renderer, self._taste = renderer, taste
        self.line = Elided(role="fixed")
        self.below = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.below.setObjectName("transportLine")
        self.below.setProperty("role", "second")
        self.sections = Words()
        self.sections.setObjectName("sections")
        self.sections.setAccessibleName("Sections")
        self.headers = ScopeView("headerTable", bare=True)
        self.fields = FieldView()
        self._note = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._note.setProperty("role", "second")
        self.part = BodyView(renderer, taste)
        self.part.setObjectName("partView")
        self.body = BodyView(renderer, taste)
        self._nothing = empty("")
        self._shown: Headers | None = None
        self._body: Body | None = None
        self._tables: dict[str, Table] = {}
        self._slow = Slow()
        self._by_hand = False

        strip = Strip()
        strip.layout_.addWidget(self.line, 1)
        strip.layout_.addWidget(self.below)
        self._head = WholeRows(self.headers, row_height)
        self._table = QWidget()
        table = QVBoxLayout(self._table)
        table.setContentsMargins(0, 0, 0, 0)
        table.setSpacing(0)
        table.addWidget(self._note)
        table.addWidget(WholeRows(self.fields, row_height, self.fields.header_height), 1)
        self._split = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        self._split.setHandleWidth(1)
        for widget in (self._head, self._table, self.part, self.body):
            self._split.addWidget(widget)
        for index in (2, 3):
            self._split.setStretchFactor(index, 1)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(strip)
        layout.addWidget(self.sections)
        layout.addWidget(self._split, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._nothing)
        self._pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

        self._again = QTimer(self, interval=LIVE_MS, singleShot=True)
        self._again.timeout.connect(self._ask)
        self._split.splitterMoved.connect(self._sized)
        self.sections.chosen.connect(self._choose)
        self.fields.selectionModel().currentRowChanged.connect(self._show_part)
        renderer.done.connect(self._found)
        theme.measured(self._measure)

    def _measure(self) -> None:
        edge = theme.edge()
        self.sections.setContentsMargins(edge, theme.px(5), edge, theme.px(3))
        self._note.setContentsMargins(edge, theme.px(3), edge, theme.px(3))
        self.headers.setMinimumHeight(row_height())
        self.fields.setMinimumHeight(self.fields.header_height() + row_height())
        self._split.setMinimumHeight(theme.px(60))  # what is hidden must not make the panel higher
        self._share()

    def show_nothing(self, text: str) -> None:
        """There is no such half; `text` says why."""
        set_empty_text(self._nothing, text)
        self._shown = None
        self._pages.setCurrentIndex(0)

    def show_below(self, short: str, whole: str) -> None:
        """What carried it, such as TLS; "": nothing worth a word. `whole` is there when pointed at."""
        self.below.setText(short)
        self.below.setToolTip(whole)
        self.below.setAccessibleName(whole)
        self.below.setVisible(bool(short))

    def show_half(
        self, line: str, headers: Headers, body: Body | None, nothing: str, same: bool = False, query: str = ""
    ) -> None:
        """`body` None: this half has none (a WebSocket's). `same`: the exchange that is shown already, read again."""
        same = same and self._shown is not None
        before, self._body = self._body, body
        self.line.set_text(line)
        if not same or headers != self._shown:
            self._shown = headers
            self.headers.show_value(headers)
        if not same:
            self._renderer.cancel(self)
            self._again.stop()
            self._slow = Slow()
        self._tables = sections.quick(headers, query)
        if body is not None and same:
            self.body.grow(body, nothing)
        elif body is not None:
            self.body.show_body(body, nothing)
        if body is not None and body.stored and sections.has_more(body.content):
            if not same:
                self._ask()
            elif before is None or before.stored != body.stored:
                self._again.start()
        self._name_sections()
        self._pages.setCurrentIndex(1)
        self._show_section(same)

    def _ask(self) -> None:
        """For what the body tells; the bytes are read here, for a recording's reader belongs to the Qt thread."""
        body = self._body
        if body is None:
            return
        data, content, size = body.read(0, min(body.stored, DECODED_CAP)), body.content, body.size
        self._renderer.run(self, lambda cancelled: sections.slow(content, data, size, cancelled))

    def _found(self, asker: object, found: object) -> None:
        if asker is not self or not isinstance(found, Slow):
            return
        grown = bool(self._slow.found) or self._slow.form is not None
        self._slow = found
        self._name_sections()
        self._show_section(grown)

    def _name_sections(self) -> None:
        for name, table in (("form", self._slow.form), ("parts", self._slow.parts)):
            if table is not None:
                self._tables[name] = table
        names = []
        if self._body is not None:
            names.append((OVERVIEW, "Overview", "Headers, and the body below them"))
        count = len(self._shown or ())
        names.append(("headers", f"Headers {count:,}", "Name and value; what each means when you point at it"))
        for name, (word, tooltip) in _TABLES.items():
            if name in self._tables:
                names.append((name, f"{word} {len(self._tables[name].lines):,}", tooltip))
        if self._body is not None and self._body.size:
            names.append(("body", f"Body {words.size(self._body.size)}", "The body alone"))
        self.sections.set_names(names)

    @property
    def section(self) -> str:
        """The one that is shown: the user's choice where there is such a section here."""
        names = self.sections.names()
        return self._taste.section if self._taste.section in names else names[0]

    def _choose(self, name: str) -> None:
        self._taste.section = name
        self._by_hand = False
        self._show_section()

    def _show_section(self, same: bool = False) -> None:
        """`same`: what is shown may have grown; nobody's place is moved."""
        name = self.section
        self.sections.set_chosen(name)
        self._head.setVisible(name in (OVERVIEW, "headers"))
        self._table.setVisible(name in _TABLES)
        self.body.setVisible(self._body is not None and name in (OVERVIEW, "body"))
        self.part.setVisible(name == "parts")
        table = self._tables.get(name)
        if table is not None and table != self.fields.fields.table:
            row = self.fields.currentIndex().row() if same else -1
            self.fields.show_table(table, _TABLES[name][0])
            self._note.setText(table.note)
            self._note.setVisible(bool(table.note))
            if name == "parts":
                self.part.show_body(EMPTY, "Select a part to see it" if table.lines else "No part was found")
            if row >= 0:
                self.fields.setCurrentIndex(self.fields.fields.index(min(row, len(table.lines) - 1), 0))
        self._share()

    def _show_part(self) -> None:
        """The part that is selected, as a body of its own."""
        row = self.fields.currentIndex().row()
        if self.section != "parts" or not 0 <= row < len(self._slow.found) or self._body is None:
            return
        part = self._slow.found[row]
        decoded = self._slow.decoded
        whole = self._body
        if decoded is not None:
            whole = Body(len(decoded), len(decoded), whole.content, lambda at, size: decoded[at : at + size])
        self.part.show_body(whole.part(part.offset, part.size, sections.part_content(part)), "This part is empty")
        self.fields.scrollTo(self.fields.currentIndex())

    def _share(self) -> None:
        """Headers get the height they need, up to two fifths, until the user draws the line himself."""
        height = self._split.height()
        if self._by_hand or not self.height():
            return
        if self._head.isVisibleTo(self):
            wanted = len(self._shown or ()) * row_height() + 2 * theme.edge()
        else:
            wanted = self.fields.wanted_height() + theme.edge()
        below = self.part if self.part.isVisibleTo(self) else self.body
        least = below.minimumSizeHint().height() if below.isVisibleTo(self) else 0
        top = max(min(wanted, height * 2 // 5, height - least), row_height())
        self._split.setSizes([top, top, height - top, height - top])

    def _sized(self) -> None:
        self._by_hand = True

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._share()
