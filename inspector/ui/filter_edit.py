"""One line of the filter language: coloured as it is typed, with what could stand at the cursor."""

from __future__ import annotations

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QFontMetrics, QInputMethodEvent, QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView

from inspector.trace.filter import complete, term_start, tokens
from inspector.ui import theme

_OFFERS = 340
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
            elif self._of_message:
                super().keyPressEvent(event)  # closes the dialog
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
        for token in tokens(self.text(), of_message=self._of_message):
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
        found = complete(self.text(), self.cursorPosition(), of_message=self._of_message)
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
