"""The filter bar: the filter in colours as it is typed, said in plain words beside it, its mistakes under the caret."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QInputMethodEvent, QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import QCompleter, QFrame, QHBoxLayout, QLabel, QLineEdit, QListView

from inspector.trace.filter import FilterError, Node, complete, explain, parse, term_start, tokens
from inspector.ui import theme, words
from inspector.ui.panels.parts import Elided
from inspector.ui.toolbar import label

_HEIGHT = 38
_WIDEST = 540
_OFFERS = 340
_APPLY_MS = 120
_COMPLAIN_MS = 450
"""A filter is wrong at nearly every moment of its typing: complaints wait for a pause."""
_SUGGESTIONS = 12
_COLORS = {"field": "accent", "keyword": "accent", "value": "status_2xx", "error": "status_5xx", "operator": "text"}
_LONGEST = 4096


class FilterEdit(QLineEdit):
    """One line of the filter language; it colours itself and offers what could stand at the cursor."""

    def __init__(self, of_message: bool = False) -> None:
        """`of_message`: a breakpoint, which may name the fields of a message, too."""
        super().__init__()
        self._of_message = of_message
        self.setObjectName("filterEdit")
        self.setAccessibleName("Filter")
        self.setAccessibleDescription("Shows the exchanges that match, such as status:>=400 and path:/api")
        self.setPlaceholderText("Filter: status:>=400   path:/api   method:POST   or any word")
        self.setProperty("fixed", True)
        self.setMaxLength(_LONGEST)
        self._suggestions = QStringListModel(self)
        self.offers = QCompleter(self._suggestions, self)
        self.offers.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.offers.setMaxVisibleItems(_SUGGESTIONS)
        self.offers.setWidget(self)
        self.popup = QListView()
        self.popup.setObjectName("filterSuggestions")
        theme.dressed(self.popup)
        self.popup.setAccessibleName("Suggestions")
        self.offers.setPopup(self.popup)
        self.offers.activated.connect(self._take)
        self.textChanged.connect(self._color)
        self.popup.setMouseTracking(True)
        self.textEdited.connect(self._offer)
        theme.observer.changed.connect(self._color)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.setFont(theme.fixed_font())
        self.popup.setFont(theme.fixed_font())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.popup.isVisible():
                self.popup.hide()
            else:
                self.clear()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Space) and (
            event.key() == Qt.Key.Key_Down or event.modifiers() == Qt.KeyboardModifier.ControlModifier
        ):
            self._offer(asked=True)
        else:
            super().keyPressEvent(event)

    def caret(self, column: int) -> int:
        """Pixels from the left edge to the character at `column`."""
        fitting = self.cursorRect().center().x() - QFontMetrics(self.font()).horizontalAdvance(
            self.text()[: self.cursorPosition()]
        )
        return fitting + QFontMetrics(self.font()).horizontalAdvance(self.text()[:column])

    def _color(self) -> None:
        """Colours the tokens, in the only way QLineEdit has: by the formats of an input method that types nothing."""
        palette = theme.current()
        formats = []
        for token in tokens(self.text()):
            if token.kind in _COLORS:
                look = QTextCharFormat()
                look.setForeground(getattr(palette, _COLORS[token.kind]))
                if token.kind == "error":
                    look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
                formats.append(
                    QInputMethodEvent.Attribute(
                        QInputMethodEvent.AttributeType.TextFormat,
                        token.start - self.cursorPosition(),
                        token.end - token.start,
                        look,
                    )
                )
        self.inputMethodEvent(QInputMethodEvent("", formats))

    def _offer(self, _text: str = "", asked: bool = False) -> None:
        """Offers what could stand at the cursor; where no term has begun, only when asked: the list hides rows."""
        found = complete(self.text(), self.cursorPosition())
        typed = self.text()[term_start(self.text(), self.cursorPosition()) : self.cursorPosition()]
        if not found or found == [typed] or not (typed or asked):
            self.popup.hide()
            return
        self._suggestions.setStringList(found)
        self.offers.complete(self.rect().adjusted(0, 0, min(0, theme.px(_OFFERS) - self.width()), 2))
        frame = self.popup.height() - self.popup.viewport().height()  # which the completer knows nothing of
        rows = min(len(found), _SUGGESTIONS) * self.popup.sizeHintForRow(0)
        self.popup.resize(self.popup.width(), rows + frame)

    def _take(self, suggestion: str) -> None:
        cursor = self.cursorPosition()
        start = term_start(self.text(), cursor)
        gap = "" if suggestion[-1] in ":=~." else " "
        self.setText(self.text()[:start] + suggestion + gap + self.text()[cursor:].lstrip(" " if gap else ""))
        self.setCursorPosition(start + len(suggestion) + len(gap))
        self.textEdited.emit(self.text())


class FilterBar(QFrame):
    """`filtered` carries the tree, or None for no filter; a wrong filter leaves the last right one in force."""

    filtered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        theme.dressed(self)
        self.setObjectName("filterBar")
        self.setProperty("surface", "bar")
        self.edit = FilterEdit()
        self._told = Elided(role="explain")
        self._told.setObjectName("filterExplanation")
        self._count = label(role="second", name="exchangeCount")
        self._row = row = QHBoxLayout(self)
        row.addWidget(self.edit, 3)
        row.addWidget(self._told, 2)
        row.addWidget(self._count)
        self._node: Node | None = None
        self._error: FilterError | None = None
        self._complaint: QLabel | None = None
        self._apply = QTimer(self, singleShot=True, interval=_APPLY_MS)
        self._apply.timeout.connect(self.apply)
        self._complain = QTimer(self, singleShot=True, interval=_COMPLAIN_MS)
        self._complain.timeout.connect(self._show_complaint)
        self.edit.textChanged.connect(self._on_text)
        self.edit.installEventFilter(self)
        self.edit.popup.installEventFilter(self)
        theme.measured(self._measure)

    def _measure(self) -> None:
        self.setFixedHeight(theme.px(_HEIGHT))
        self._row.setContentsMargins(theme.px(10), 0, theme.edge(), 0)
        self._row.setSpacing(theme.edge())
        self.edit.setMaximumWidth(theme.px(_WIDEST))
        self._hide_complaint()

    @property
    def node(self) -> Node | None:
        """The filter in force."""
        return self._node

    @property
    def active(self) -> bool:
        """Something is filtered away."""
        return self._node is not None

    def show_count(self, shown: int, of: int) -> None:
        self._count.setText(
            f"{words.count(shown)} of {words.count(of)}" if self.active else words.counted(of, "exchange")
        )

    def apply(self) -> None:
        """Reads the filter now, without waiting for a pause in the typing."""
        self._apply.stop()
        try:
            node = parse(self.edit.text())
        except FilterError as error:
            self._error = error
            self._told.set_text("")
            self._complain.start()
            return
        self._error = None
        self._told.set_text(explain(node) if node is not None else "")
        if node != self._node:
            self._node = node
            self.filtered.emit(node)

    def _on_text(self) -> None:
        self._apply.start()
        self._complain.stop()
        self._hide_complaint()

    def _show_complaint(self) -> None:
        if self._error is None or self.edit.popup.isVisible():
            return
        window = self.window()
        if self._complaint is None:
            self._complaint = label(role="complaint", name="filterError")
            self._complaint.setParent(window)
            self._complaint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._complaint.setText(f"▴ {self._error.message}")
        self._complaint.adjustSize()
        x = self.edit.mapTo(window, self.edit.rect().topLeft()).x() + self.edit.caret(self._error.column)
        y = self.edit.mapTo(window, self.edit.rect().bottomLeft()).y() + theme.px(3)
        self._complaint.move(max(min(x - theme.edge(), window.width() - self._complaint.width() - theme.edge()), 0), y)
        self._complaint.show()
        self._complaint.raise_()
        self._mark_wrong(True)

    def _hide_complaint(self) -> None:
        if self._complaint is not None and self._complaint.isVisible():
            self._complaint.hide()
        self._mark_wrong(False)

    def _mark_wrong(self, wrong: bool) -> None:
        if bool(self.edit.property("wrong")) != wrong:
            self.edit.setProperty("wrong", wrong)
            self.edit.style().polish(self.edit)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A complaint goes when the edit loses the focus, and waits while suggestions are open."""
        if watched is self.edit and isinstance(event, QFocusEvent):
            if event.lostFocus() and event.reason() != Qt.FocusReason.PopupFocusReason:
                self._hide_complaint()
            elif event.gotFocus() and self._error:
                self._complain.start()
        elif event.type() == QEvent.Type.Hide and self._error:
            self._complain.start()
        return super().eventFilter(watched, event)
