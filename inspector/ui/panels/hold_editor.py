"""The held message, to be looked at and changed: below the messages of the exchange that is selected.

What was typed belongs to its hold, and is there again when the user comes back to it, until the hold is over. Where it
is over without the user, because the app cancelled it or the engine died, a text that was changed stays to be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inspector.session.stepping import SteppingState
from inspector.trace.stepping import Held
from inspector.ui import icons, shown, theme
from inspector.ui.models import held_text, held_words
from inspector.ui.models.held_length import Length, breaks
from inspector.ui.models.held_text import Mistake, Shape
from inspector.ui.panels.hold_buttons import menu_button, push
from inspector.ui.panels.hold_views import HexEditor, HoldView, TextEditor, quietly
from inspector.ui.panels.parts import Choice, Elided
from inspector.ui.toolbar import Mark, label

_LOOK_MS = 150
"""How long after a keystroke the editor looks at what was typed."""
_TEXT, _HEX = "text", "hex"


@dataclass
class _Draft:
    """What was typed for a hold."""

    shape: Shape
    """What the view was given."""
    view: str
    typed: Any


class HoldEditor(QFrame):
    """`verb` carries one of `trace.stepping.HOLD_VERBS`, or `original`: continue with what it was at first."""

    verb = Signal(str)
    inject_wanted = Signal(str, str)
    """Where, and the type to begin with; "" for any."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("holdEditor")
        self.setAccessibleName("Held message")
        self.setProperty("surface", "held")
        self.held: Held | None = None
        self._over = False
        self._length: Length | None = None
        self._refused = ""
        self._base: Shape = {}
        self._given: Shape = {}
        self._shown = _TEXT
        self._drafts: dict[int, _Draft] = {}
        self.text, self.hex = TextEditor(), HexEditor()
        self._views: dict[str, HoldView] = {_TEXT: self.text, _HEX: self.hex}
        self._widgets: dict[str, QWidget] = {_TEXT: self.text, _HEX: self.hex}
        self.choice = Choice(
            [
                (_TEXT, "Text", "The whole message, as JSON"),
                (_HEX, "Hex", "The bytes of the body"),
            ]
        )
        self.choice.chosen.connect(self._turn)
        self._pages = QStackedWidget()
        for view in (self.text, self.hex):
            self._pages.addWidget(view)
            view.textChanged.connect(self._typed)
            view.done.connect(self._continue)
        self._look = QTimer(self, singleShot=True, interval=_LOOK_MS)
        self._look.timeout.connect(self.judge)
        self._build()
        theme.measured(self._measure)
        self.hide()

    def _build(self) -> None:
        self._at = label(role="heldWord", name="holdPoint")
        self._type = Elided(role="title")
        self._type.setObjectName("holdType")
        head = QFrame()
        head.setProperty("surface", "heldHead")
        self._head = QHBoxLayout(head)
        self._head.addWidget(self._at)
        self._head.addWidget(self._type, 1)
        self._head.addWidget(self.choice)
        self.edited = push("holdContinue", "Continue edited", self._continue, "primary")
        self.original = push("holdOriginal", "Continue original", lambda: self.verb.emit("original"))
        self.drop = menu_button("holdDrop", "Drop", self._fill_drop)
        self.inject = menu_button("holdInject", "Inject", self._fill_inject)
        self.abort = push("holdAbort", "Abort", lambda: self.verb.emit("abort"))
        self.abort.setToolTip("Reset the connection: the client sees it at once, the app sees the client gone")
        self.close_ = push("holdClose", "Close", self.forget)
        self._row = QHBoxLayout()
        for button in (self.edited, self.original, self.drop, self.inject):
            self._row.addWidget(button)
        self._row.addStretch(1)
        self._row.addWidget(self.abort)
        self._row.addWidget(self.close_)
        self._mark = Mark(13)
        self._note = label(name="holdNote")
        self._note.setWordWrap(True)
        self._told = QHBoxLayout()
        self._told.addWidget(self._mark, alignment=Qt.AlignmentFlag.AlignTop)
        self._told.addWidget(self._note, 1)
        foot = QFrame()
        foot.setProperty("surface", "heldFoot")
        foot.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # what is typed gives way
        head.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._foot = QVBoxLayout(foot)
        self._foot.addLayout(self._row)
        self._foot.addLayout(self._told)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addWidget(self._pages, 1)
        whole.addWidget(foot)

    def _measure(self) -> None:
        self._head.setContentsMargins(theme.px(16), theme.px(5), theme.px(10), theme.px(5))
        self._head.setSpacing(theme.px(14))
        self._foot.setContentsMargins(theme.px(10), theme.px(8), theme.px(10), theme.px(8))
        self._foot.setSpacing(theme.px(8))
        self._row.setSpacing(theme.px(8))
        self._told.setSpacing(theme.px(6))
        for view in (self.text, self.hex):
            view.setMinimumHeight(theme.px(30))
        self.abort.setIconSize(QSize(theme.px(12), theme.px(12)))
        self.abort.setIcon(icons.icon("close", size=theme.px(12)))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where there is not the room for all buttons, words go, then those that the menu has, too."""
        room = self.width() - 2 * theme.px(10)
        for said in (3, 2, 1):
            self.edited.setText(self._continue_word(said == 3))
            self.original.setText("Continue original" if said == 3 else "Original")
            for button in (self.drop, self.inject):
                button.setVisible(said > 1 and not self._over and self._can(button))
            if self._row.sizeHint().width() <= room:
                break

    def _continue_word(self, roomy: bool) -> str:
        if not self.original.isVisibleTo(self):
            return "Continue"
        return "Continue edited" if roomy else "Edited"

    def _can(self, button: QToolButton) -> bool:
        verbs = self.held.verbs if self.held else []
        return ("inject" if button is self.inject else "drop") in verbs

    # What is shown

    def show_hold(self, held: Held | None, stepping: SteppingState | None = None, length: Length | None = None) -> None:
        """`held`, or nothing. What was typed for another hold is kept; what is typed for this one stays."""
        before = self.held
        if held is None and before is None:
            return
        if before is not None and (held is None or held.hold != before.hold):
            self._keep()
            self._refused = ""
        self.held, self._length, self._over = held, length, False
        if held is None:
            self.hide()
            return
        same = before is not None and before.hold == held.hold
        if not same or held_text.shape(held) != self._base:
            self._take(held, same)
        self._at.setText(held_words.at(held))
        self._at.setToolTip(held_words.told(held, stepping))
        self._type.set_text(held_words.title(held))
        for view in (self.text, self.hex):
            view.setReadOnly("edit" not in held.verbs)
        self.abort.setVisible("abort" in held.verbs)
        self.close_.hide()
        self.edited.show()
        self.show()
        self.judge()

    def _take(self, held: Held, same: bool) -> None:
        """Shows another hold, or this one where the engine has another message now."""
        typed_on = same and self.changed()
        self._base = held_text.shape(held)
        self.choice.button(_HEX).setVisible(HexEditor.can_show(self._base))
        draft = self._drafts.pop(held.hold, None)
        if typed_on and self.changed():
            return  # the user typed on
        if draft is not None:
            self._open(draft.view, draft.shape, draft.typed)
        else:
            view = _HEX if self.choice.current() == _HEX and HexEditor.can_show(self._base) else _TEXT
            self._open(view, self._base)

    def _open(self, name: str, shape: Shape, typed: Any = None) -> None:
        view = self._views[name]
        self.choice.set_chosen(name)
        with quietly(self._widgets[name]):
            if typed is None:
                view.show_shape(shape)
            else:
                view.put_back(typed, shape)
        self._given, self._shown = shape, name
        self._pages.setCurrentWidget(self._widgets[name])

    def _keep(self) -> None:
        """What was typed, for when the user comes back."""
        if self.held is not None and not self._over and self.changed():
            self._drafts[self.held.hold] = _Draft(self._given, self._shown, self._view.typed())

    def keep_only(self, holds: set[int]) -> None:
        """The others are over."""
        self._drafts = {hold: draft for hold, draft in self._drafts.items() if hold in holds}

    def show_over(self, why: str) -> None:
        """The hold is over, and not by the user: what he has typed stays to be read and copied."""
        self._over = True
        self._at.setText("no longer held")
        for view in (self.text, self.hex):
            view.setReadOnly(True)
        for button in (self.edited, self.original, self.drop, self.inject, self.abort):
            button.hide()
        self.close_.show()
        self._say("warning", "status_4xx", f"{why} What you typed was not sent.")

    def forget(self) -> None:
        """Away with it."""
        self.held, self._over = None, False
        self.hide()

    def take_focus(self) -> None:
        if self.isVisible():
            self._widgets[self._shown].setFocus()

    @property
    def over(self) -> bool:
        """It shows what was typed for a hold that is over."""
        return self._over

    # What was typed

    @property
    def _view(self) -> HoldView:
        return self._views[self._shown]

    def changed(self) -> bool:
        """The user has changed the message, rightly or wrongly."""
        try:
            return self._view.typed_shape() != self._base
        except Mistake:
            return True

    def message(self) -> dict[str, Any] | None:
        """What is to go on in place of the held message; None where that is to stay. Raises `Mistake`."""
        shape = self._view.typed_shape()
        return None if shape == self._base else held_text.message(shape, self.held)

    def complain(self, text: str) -> None:
        """The engine, or we, did not take what was typed."""
        self._refused = text
        self.judge()

    def _typed(self) -> None:
        self._refused = ""
        self._look.start()

    def _turn(self, name: str) -> None:
        """To another view, with what was typed; where that is wrong, it stays here."""
        now = self._shown
        try:
            shape = self._views[now].typed_shape()
        except Mistake as mistake:
            self.choice.set_chosen(now)
            self.complain(str(mistake))
            return
        self._open(name, shape)
        self._widgets[self._shown].setFocus()
        self.judge()

    def judge(self) -> None:
        """Says what is wrong with the message as it stands, or what it will do."""
        held = self.held
        if held is None or self._over:
            return
        self.original.setVisible(self.changed() or held.edited)
        self.edited.setEnabled(True)
        try:
            shape = self._view.typed_shape()
            size = held_text.size(shape) if shape["type"] != "call" else 0
        except Mistake as mistake:
            self._say("warning", "status_5xx", str(mistake))
            self.edited.setEnabled(False)
        else:
            if self._refused:
                self._say("warning", "status_5xx", self._refused)
            elif broken := breaks(self._length, shape, size, self.changed()):
                self._say("warning", "status_4xx", broken)
            elif held.client_left:
                self._say("warning", "status_4xx", "The client has left: nothing of this reaches it any more.")
            elif beside := held_words.beside(held):
                self._say("note", "second", beside)
            else:
                self._say("", "", held.notes[0] if held.notes else "")
        self._fit()

    def _say(self, icon: str, color: str, text: str) -> None:
        self._mark.setVisible(bool(icon))
        if icon:
            self._mark.show_state(icon, color, text)
        self._note.setProperty("role", {"status_5xx": "error", "": "second"}.get(color, ""))
        self._note.style().polish(self._note)
        self._note.setText(shown.one_line(text, 400))

    def _continue(self) -> None:
        self.verb.emit("continue")

    def _fill_drop(self, menu: QMenu) -> None:
        verbs = self.held.verbs if self.held else []
        menu.addAction("Drop: it does not pass", lambda: self.verb.emit("drop"))
        if "disconnect" in verbs:
            menu.addAction("Answer with a disconnect in its place", lambda: self.verb.emit("disconnect"))
        if "fail" in verbs:
            menu.addAction("Raise OSError in the app's send", lambda: self.verb.emit("fail"))

    def _fill_inject(self, menu: QMenu) -> None:
        for type_ in self.held.allowed if self.held else []:
            menu.addAction(f"{type_} before it…", partial(self.inject_wanted.emit, "before", type_))
        menu.addSeparator()
        menu.addAction("Another before it…", lambda: self.inject_wanted.emit("before", ""))
        menu.addAction("After it…", lambda: self.inject_wanted.emit("after", ""))
