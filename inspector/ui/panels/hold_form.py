"""A held message as a form: its type, the fields that take a line, and its headers, its entries or its body below them.

It shows a shape and gives the one that stands in it, right or wrong; what is wrong is said at its field. Fields that it
does not know stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from inspector.ui import theme
from inspector.ui.models import held_fields
from inspector.ui.models.held_fields import CHECK, SMALL
from inspector.ui.models.held_templates import TEMPLATES
from inspector.ui.models.held_text import UTF_8, Mistake, Shape, body_name
from inspector.ui.panels.flow import Flow
from inspector.ui.panels.hold_body import BodyEditor
from inspector.ui.panels.hold_views import is_done
from inspector.ui.panels.pair_editor import PairEditor
from inspector.ui.panels.parts import Choice, Elided
from inspector.ui.toolbar import label

_ENTRIES, _HEADERS = "entries", "headers"
_NUMBER, _WORDS = 74, 190
"""Pixels of a status or a close code, and of a field of words."""
_GAP = 14
_LEAST = 92
"""Pixels of height that headers, entries or a body have at least."""


class FormEditor(QScrollArea):
    """As `hold_views.HoldView`. Where it is low, it scrolls."""

    changed = Signal()
    done = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("holdForm")
        self.setAccessibleName("The held message as a form")
        self._shape: Shape = {}
        self._charset = UTF_8
        self._telling = True
        self.types = QComboBox()
        self.types.setObjectName("formType")
        self.types.setAccessibleName("Type")
        self.types.view().setAccessibleName("Types")
        self.types.currentTextChanged.connect(self._other_type)
        self._types: Sequence[str] = ()
        self._boxes: dict[str, QWidget] = {}
        self.fields: dict[str, QLineEdit | QCheckBox] = {}
        self._line = Flow(gap=_GAP)
        self._line.add(self.types)
        for fields in SMALL.values():
            for name, kind in fields.items():
                if name not in self.fields:
                    self._add(name, kind)
        self.part = Choice(
            [
                (_ENTRIES, "Scope", "The entries of the scope; what is no text is JSON"),
                (_HEADERS, "Headers", "The headers in the scope"),
            ]
        )
        self.part.chosen.connect(self._turn)
        self._line.add(self.part)
        self.error = Elided(role="error")
        self.error.setObjectName("formError")
        self._wrong, self.breaks_a_rule = "", False
        self.headers = PairEditor("formHeaders", "Headers")
        self.entries = PairEditor("formEntries", "Entries")
        self.body = BodyEditor()
        self._nothing = QWidget()
        self._pages = QStackedWidget()
        for page in (self.headers, self.entries, self.body, self._nothing):
            self._pages.addWidget(page)
        self._top = QVBoxLayout()
        self._top.addWidget(self._line)
        self._top.addWidget(self.error)
        inner = QWidget()
        inner.setProperty("surface", "panel")
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole = QVBoxLayout(inner)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(self._top)
        whole.addWidget(self._pages, 1)
        self.headers.edited.connect(self._tell)
        self.entries.edited.connect(self._tell)
        self.body.text.textChanged.connect(self._tell)
        self.body.text.done.connect(self.done)
        theme.measured(self._measure)
        self.show_shape({})

    def _add(self, name: str, kind: str) -> None:
        field: QLineEdit | QCheckBox
        if kind == CHECK:
            field = check = QCheckBox(name)
            check.toggled.connect(self._tell)
        else:
            field = line = QLineEdit()
            line.setProperty("fixed", True)
            line.textChanged.connect(self._tell)
        field.setObjectName(f"form-{name}")
        field.setAccessibleName(name)
        self.fields[name] = field
        self._boxes[name] = _boxed(name, field)
        self._line.add(self._boxes[name])

    def _measure(self) -> None:
        self._top.setContentsMargins(theme.px(10), theme.px(6), theme.px(10), 0)
        self._top.setSpacing(theme.px(3))
        self.types.setFont(theme.fixed_font())
        self._pages.setMinimumHeight(theme.px(_LEAST))
        for name, field in self.fields.items():
            field.setFont(theme.fixed_font())
            if isinstance(field, QLineEdit):
                field.setFixedWidth(theme.px(_NUMBER if self._is_number(name) else _WORDS))
        height = self.fields["status"].sizeHint().height()
        for low in (self.types, *self.fields.values()):
            low.setMinimumHeight(height)
        for box in self._boxes.values():
            if (line := box.layout()) is not None:
                line.setSpacing(theme.px(7))
        self._line.updateGeometry()

    def _is_number(self, name: str) -> bool:
        return name == "code" or (name == "status" and self._shape.get("type") != "start_response")

    # As `HoldView`

    def offer_types(self, types: Sequence[str]) -> None:
        """Which may stand in the message's place."""
        self._types = types

    def show_shape(self, shape: Shape, charset: str = UTF_8) -> None:
        self._telling = False
        try:
            self._show(dict(shape), charset)
        finally:
            self._telling = True

    def typed_shape(self) -> Shape:
        """What stands in the form. Raises `Mistake` only where that can be no shape at all (odd hex digits)."""
        type_ = str(self._shape.get("type"))
        made = dict(self._shape)
        for name in SMALL.get(type_, {}):
            field = self.fields[name]
            if isinstance(field, QCheckBox):
                given: Any = field.isChecked()
                absent: Any = False
            else:
                given, absent = held_fields.value(type_, name, field.text()), None
                if field.text() == held_fields.shown(self._shape.get(name)) and name in self._shape:
                    given = self._shape[name]
            if name in made or given not in (absent, ""):
                made[name] = given
        if (name := body_name(made)) or type_ in ("http.request", "http.response.body"):
            made = self._with_body(made, name or "body")
        if type_ in held_fields.WITH_HEADERS and ("headers" in made or self.headers.model.pairs):
            made["headers"] = self._pairs(self._shape.get("headers"))
        for whole in ("scope", "environ"):
            if type_ == "call" and isinstance(made.get(whole), dict):
                made[whole] = self._entries(made[whole], whole == "environ")
        return made

    def typed(self) -> Any:
        """As it stands, for `put_back`."""
        try:
            return self.typed_shape()
        except Mistake:
            return dict(self._shape), self.body.text.toPlainText()

    def put_back(self, typed: Any, shape: Shape, charset: str = UTF_8) -> None:
        whole, text = typed if isinstance(typed, tuple) else (typed, None)
        self.show_shape(whole, charset)
        if text is not None:
            self.body.text.setPlainText(text)

    def setReadOnly(self, on: bool) -> None:
        self.types.setEnabled(not on)
        for field in self.fields.values():
            field.setReadOnly(on) if isinstance(field, QLineEdit) else field.setEnabled(not on)
        self.headers.set_writable(not on)
        self.entries.set_writable(not on)
        self.body.set_writable(not on)

    def caret(self) -> int:
        """Bytes of the chunk before the caret; -1 where it has none here."""
        return self.body.caret() if self._pages.currentWidget() is self.body else -1

    def focus_first(self) -> None:
        parts: list[QWidget] = [field for field in self.fields.values() if isinstance(field, QLineEdit)]
        parts += [self.headers, self.entries, self.body, self.types]
        next((part for part in parts if part.isVisibleTo(self)), self).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if is_done(event):
            self.done.emit()
        else:
            super().keyPressEvent(event)

    # What is wrong

    def say_wrong(self, refused: str = "") -> None:
        """Says at each field what is wrong with it; `refused`: the field and the rule, as the engine says it."""
        try:
            broken = held_fields.wrong(self.typed_shape())
        except Mistake as mistake:
            field, _, rule = str(mistake).partition(": ")
            broken = {field: rule}
        names = [name for name, _ in self.entries.model.pairs if name]
        for name in {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ():
            broken[name] = "stands there twice"
        self.breaks_a_rule = bool(broken)  # whatever the engine says
        field, _, rule = refused.partition(": ")
        if rule:
            broken[field.partition("[")[0]] = rule
        told = [f"▴ {name}: {rule}" for name, rule in broken.items()]
        self._wrong = "   ".join(told)
        self.error.set_text(self._wrong)
        self.error.setVisible(bool(told))
        for name, widget in self.fields.items():
            widget.setToolTip(broken.get(name, ""))
            if bool(widget.property("wrong")) != (name in broken):
                widget.setProperty("wrong", name in broken)
                widget.style().polish(widget)

    @property
    def wrong(self) -> str:
        """What is said at the fields."""
        return self._wrong

    # The parts

    def _show(self, shape: Shape, charset: str) -> None:
        self._shape, self._charset = shape, charset
        type_ = str(shape.get("type"))
        types = list(dict.fromkeys([type_, *(one for one in self._types if one != "call")]))
        self.types.clear()
        self.types.addItems(types)
        self.types.setVisible(len(types) > 1)
        for name, field in self.fields.items():
            there = name in SMALL.get(type_, {})
            self._boxes[name].setVisible(there)
            if isinstance(field, QCheckBox):
                field.setChecked(shape.get(name) is True)
            else:
                field.setText(held_fields.shown(shape.get(name)))
        scope = shape.get("scope")
        has_headers = isinstance(scope, dict) and held_fields.pairs(scope.get("headers")) is not None
        self.part.setVisible(has_headers)
        self.part.set_chosen(_ENTRIES)
        self._fill(shape, has_headers)
        self.say_wrong()
        self._measure()

    def _fill(self, shape: Shape, has_headers: bool) -> None:
        type_, name = shape.get("type"), body_name(shape)
        self.headers.show_pairs([])
        self.body.show_body("", "", self._charset)
        if type_ == "call":
            entries: Any = shape.get("scope", shape.get("environ"))
            rows = held_fields.rows_of(entries, _HEADERS if has_headers else "") if isinstance(entries, dict) else []
            self.entries.show_pairs(rows)
            if has_headers:
                self.headers.show_pairs(held_fields.pairs(entries["headers"]) or [])
            self._pages.setCurrentWidget(self.entries)
        elif type_ in held_fields.WITH_HEADERS:
            self.headers.show_pairs(held_fields.pairs(shape.get("headers", [])) or [])
            self._pages.setCurrentWidget(self.headers)
        elif name or type_ in ("http.request", "http.response.body"):
            self.body.show_body(shape.get(name, "") if name else "", name or "body", self._charset)
            self._pages.setCurrentWidget(self.body)
        else:
            self._pages.setCurrentWidget(self._nothing)

    def _turn(self, part: str) -> None:
        self.part.set_chosen(part)
        self._pages.setCurrentWidget(self.entries if part == _ENTRIES else self.headers)

    def _other_type(self, type_: str) -> None:
        """The message becomes another one: what both have stays."""
        if not self._telling or not type_:
            return
        try:
            before = self.typed_shape()
        except Mistake:
            before = self._shape
        fresh = TEMPLATES.get(type_, {})
        self.show_shape(
            {"type": type_, **{name: before.get(name, usual) for name, usual in fresh.items()}}, self._charset
        )
        self._tell()

    def _with_body(self, made: Shape, name: str) -> Shape:
        given = self.body.value()
        if name in made or given != "":
            more = {"more_body": made.pop("more_body")} if "more_body" in made else {}
            made = made | {name: given} | more
        return made

    def _pairs(self, was: Any) -> Any:
        pairs = [pair for pair in self.headers.model.pairs if any(pair)]  # not the row that was just added
        if held_fields.pairs(was) is None and not pairs:
            return was
        return [list(pair) for pair in pairs]

    def _entries(self, was: dict[str, Any], plain: bool) -> dict[str, Any]:
        headers = held_fields.pairs(was.get("headers")) is not None and not plain
        rows = [pair for pair in self.entries.model.pairs if any(pair)]
        made = held_fields.entries_of(rows, was, plain)
        if headers:
            made["headers"] = self._pairs(was["headers"])
        if list(made) != list(was) and set(made) == set(was):
            made = {key: made[key] for key in was}
        return made

    def _tell(self) -> None:
        if self._telling:
            self.changed.emit()


def _boxed(name: str, field: QLineEdit | QCheckBox) -> QWidget:
    """A field with its name before it."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    if not isinstance(field, QCheckBox):
        said = label(name, role="fixedSecond")
        said.setBuddy(field)
        row.addWidget(said)
    row.addWidget(field)
    return box
