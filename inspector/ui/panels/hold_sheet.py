"""A held message in three views, form, text and hex: one message, of which each shows what was typed in the others.

What was typed belongs to its hold, and is there again when the user comes back to it. What cannot be shown in another
view, as it is wrong, stays in its own. Who goes to another view and back, and changed nothing there, finds his text and
his blanks as they were.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget

from inspector.trace.stepping import Held
from inspector.ui import theme
from inspector.ui.models import held_text
from inspector.ui.models.held_text import UTF_8, Mistake, Shape
from inspector.ui.panels.hold_form import FormEditor
from inspector.ui.panels.hold_views import HexEditor, HoldView, TextEditor, quietly
from inspector.ui.panels.parts import Choice

FORM, TEXT, HEX = "form", "text", "hex"


@dataclass
class _Draft:
    """What was typed for a hold."""

    shape: Shape
    """What the view was given."""
    view: str
    typed: Any


class HoldSheet(QStackedWidget):
    """`base` is the message as the engine has it."""

    typed = Signal()
    done = Signal()
    refused = Signal(str)
    """The user wanted another view, and what was typed is wrong."""
    turned = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.form, self.text, self.hex = FormEditor(), TextEditor(), HexEditor()
        self.choice = Choice(
            [
                (FORM, "Form", "Field by field"),
                (TEXT, "Text", "The whole message, as JSON"),
                (HEX, "Hex", "The bytes of the body"),
            ]
        )
        self.choice.set_chosen(TEXT)
        self.choice.chosen.connect(self._turn)
        self._views: dict[str, HoldView] = {FORM: self.form, TEXT: self.text, HEX: self.hex}
        self._widgets: dict[str, FormEditor | TextEditor | HexEditor] = {
            FORM: self.form,
            TEXT: self.text,
            HEX: self.hex,
        }
        self.base: Shape = {}
        self.charset = UTF_8
        self._shown = TEXT
        self._wanted = TEXT
        """The view that the user chose last."""
        self._given: Shape = {}
        self._left: dict[str, tuple[Any, Shape, Shape]] = {}
        """What was typed in a view that was left for another: as it stood, what it was given, and what it said."""
        self._drafts: dict[int, _Draft] = {}
        self._sent: Any = None
        """What was typed when the user had it taken over by the engine."""
        for view in self._widgets.values():
            self.addWidget(view)
            view.done.connect(self.done)
        self.form.changed.connect(self.typed)
        for text in (self.text, self.hex):
            text.textChanged.connect(self.typed)
        self.setCurrentWidget(self.text)
        theme.measured(self._measure)

    def _measure(self) -> None:
        for view in self._widgets.values():
            view.setMinimumHeight(theme.px(30))

    # Which message

    def show_held(self, held: Held, charset: str, same: bool) -> None:
        """`held`; `same`: the one that is shown, of which the engine may have another message now."""
        base = held_text.shape(held, charset)
        if same and base == self.base and charset == self.charset:
            return
        typed_on = same and self.changed() and self._sent != (self._shown, self.view.typed())
        self._sent = None
        self.base = base
        if not same or charset != self.charset:
            self._left.clear()
        self.charset = charset
        self.form.offer_types(held.allowed)
        self.choice.set_there(HEX, HexEditor.can_show(base))
        draft = self._drafts.pop(held.hold, None)
        if typed_on and self.changed():
            return  # the user typed on
        self._left.clear()
        if draft is not None:
            self._open(draft.view, draft.shape, draft.typed)
        else:
            self._open(TEXT if self._wanted == HEX and not HexEditor.can_show(base) else self._wanted, base)

    def keep(self, held: Held) -> None:
        """What was typed, for when the user comes back."""
        if self.changed():
            self._drafts[held.hold] = _Draft(self._given, self._shown, self.view.typed())

    def keep_only(self, holds: set[int]) -> None:
        """The others are over."""
        self._drafts = {hold: draft for hold, draft in self._drafts.items() if hold in holds}

    def will_be_taken(self) -> None:
        """What stands here goes to the engine: what comes back from there is shown, unless the user types on."""
        self._sent = (self._shown, self.view.typed())

    def set_writable(self, on: bool) -> None:
        for view in self._widgets.values():
            view.setReadOnly(not on)

    # What was typed

    @property
    def view(self) -> HoldView:
        return self._views[self._shown]

    def shape(self) -> Shape:
        """As it stands. Raises `Mistake`."""
        return self.view.typed_shape()

    def changed(self) -> bool:
        """The user has changed the message, rightly or wrongly."""
        try:
            return self.shape() != self.base
        except Mistake:
            return True

    def message(self, held: Held | None) -> dict[str, Any] | None:
        """What is to go on in place of the held message; None where that is to stay. Raises `Mistake`."""
        shape = self.shape()
        return None if shape == self.base else held_text.message(shape, held, self.charset)

    def halves(self, held: Held) -> Sequence[dict[str, Any]]:
        """The chunk as two messages, parted at the caret. Raises `Mistake`."""
        parts = held_text.divided(self.shape(), self.view.caret(), self.charset)
        return [held_text.message(part, held, self.charset) for part in parts]

    def body_size(self) -> int | None:
        """Bytes of the body as it stands; None where nobody can say. Raises `Mistake`."""
        shape = self.shape()
        return held_text.size(shape, self.charset) if shape["type"] != "call" else 0

    def say_wrong(self, refused: str) -> bool:
        """Says at the fields what is wrong; whether it is said there, as the form is shown."""
        if self._shown != FORM:
            return False
        self.form.say_wrong(refused)
        return bool(self.form.wrong)

    def wrong(self) -> bool:
        """The user has written into the form what breaks a rule; what came so may go on so."""
        return self._shown == FORM and self.form.breaks_a_rule and self.changed()

    # Views

    def take_focus(self) -> None:
        if self._shown == FORM:
            self.form.focus_first()
        else:
            self._widgets[self._shown].setFocus()

    def _turn(self, name: str) -> None:
        """To another view, with what was typed; where that is wrong, it stays here."""
        now = self._shown
        if name == now:
            return
        try:
            shape = self.shape()
            if name == HEX and HexEditor.can_show(shape):
                held_text.size(shape, self.charset)
        except Mistake as mistake:
            self.choice.set_chosen(now)
            self.refused.emit(str(mistake))
            return
        if name == HEX and not HexEditor.can_show(shape):
            self.choice.set_chosen(now)
            self.refused.emit("Hex: the message has no body as it stands")
            return
        self._left[now] = (self.view.typed(), self._given, shape)
        self._wanted = name
        left = self._left.get(name)
        if left is not None and left[2] == shape:
            self._open(name, left[1], left[0])
        else:
            self._open(name, shape)
        self.take_focus()
        self.turned.emit()

    def _open(self, name: str, shape: Shape, typed: Any = None) -> None:
        view = self._views[name]
        self.choice.set_chosen(name)
        with quietly(self._widgets[name]):
            if typed is None:
                view.show_shape(shape, self.charset)
            else:
                view.put_back(typed, shape, self.charset)
        self._given, self._shown = shape, name
        self.setCurrentWidget(self._widgets[name])
