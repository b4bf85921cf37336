"""The held message, to be looked at and changed: below the messages of the exchange that is selected.

What was typed belongs to its hold, and is there again when the user comes back to it, until the hold is over. Where it
is over without the user, because the app cancelled it or the engine died, a text that was changed stays to be read.
The message itself is `hold_sheet`'s; here are the words and the buttons around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from inspector.session.stepping import SteppingState
from inspector.trace.stepping import Held
from inspector.ui import icons, shown, theme
from inspector.ui.models import held_length, held_words
from inspector.ui.models.held_length import breaks
from inspector.ui.models.held_text import UTF_8, Mistake
from inspector.ui.panels.hold_buttons import Note, menu_button, push
from inspector.ui.panels.hold_sheet import HoldSheet
from inspector.ui.panels.parts import Elided
from inspector.ui.toolbar import Mark, label

_LOOK_MS = 150
"""How long after a keystroke the editor looks at what was typed."""
_LOW = 200
"""Pixels of height below which the words below the buttons have one line."""
_LINES, _LINES_LEAST = 90, 30
"""Pixels for what is typed: that it would like to have, and with less than which it goes."""


class HoldEditor(QFrame):
    """`verb` carries one of `trace.stepping.HOLD_VERBS`, or `original`: continue with what it was at first."""

    verb = Signal(str)
    inject_wanted = Signal(str, str)
    """Where, and the type to begin with; "" for any."""
    split_wanted = Signal()
    mend_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("holdEditor")
        self.setAccessibleName("Held message")
        self.setProperty("surface", "held")
        self.held: Held | None = None
        self._over = False
        self._refused = self._noted = ""
        self.sheet = HoldSheet()
        self.form, self.text, self.hex = self.sheet.form, self.sheet.text, self.sheet.hex
        self.choice = self.sheet.choice
        self.sheet.typed.connect(self._typed)
        self.sheet.done.connect(self._continue)
        self.sheet.refused.connect(self.complain)
        self.sheet.turned.connect(self._turned)
        self._look = QTimer(self, singleShot=True, interval=_LOOK_MS)
        self._look.timeout.connect(self.judge)
        self._build()
        theme.measured(self._measure)
        self.hide()

    def _build(self) -> None:
        self._at = label(role="heldWord", name="holdPoint")
        self._type = Elided(role="title")
        self._type.setObjectName("holdType")
        self._top = head = QFrame()
        head.setProperty("surface", "heldHead")
        self._head = QHBoxLayout(head)
        self._head.addWidget(self._at)
        self._head.addWidget(self._type, 1)
        self._head.addWidget(self.choice)
        self.edited = push("holdContinue", "Continue edited", self._continue, "primary")
        self.original = push("holdOriginal", "Continue original", lambda: self.verb.emit("original"))
        self.drop = menu_button("holdDrop", "Drop", self._fill_drop)
        self.inject = menu_button("holdInject", "Inject", self._fill_inject)
        self.abort = push("holdAbort", "Abort", lambda: self.verb.emit("abort"), "danger")
        self.abort.setToolTip(
            "Reset the connection, of HTTP/2 the stream: the client sees it at once, the app sees the client gone"
        )
        self.more = menu_button("holdMore", "More", self._fill_more)
        self.close_ = push("holdClose", "Close", self.forget)
        self._buttons = buttons = QWidget()
        buttons.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # `_fit` sees to the room
        self._row = QHBoxLayout(buttons)
        self._row.setContentsMargins(0, 0, 0, 0)
        for button in (self.edited, self.original, self.drop, self.inject, self.more):
            self._row.addWidget(button)
        self._row.addStretch(1)
        self._row.addWidget(self.abort)
        self._row.addWidget(self.close_)
        self._mark = Mark(13)
        self._note = Note("holdNote")
        self.mend = push("holdMend", "Mend the header", self.mend_wanted.emit, "link")
        self.mend.setToolTip("Give the head, which is not out yet, the Content-Length that fits")
        self.mend.hide()
        self._line = QWidget()
        self._told = QHBoxLayout(self._line)
        self._told.setContentsMargins(0, 0, 0, 0)
        self._told.addWidget(self._mark, alignment=Qt.AlignmentFlag.AlignTop)
        self._told.addWidget(self._note, 1)
        self._told.addWidget(self.mend, alignment=Qt.AlignmentFlag.AlignTop)
        foot = QFrame()
        foot.setProperty("surface", "heldFoot")
        foot.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # what is typed gives way
        head.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._foot = QVBoxLayout(foot)
        self._foot.addWidget(buttons)
        self._foot.addWidget(self._line)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addWidget(self.sheet, 1)
        whole.addWidget(foot)

    def _measure(self) -> None:
        self._head.setContentsMargins(theme.px(16), theme.px(5), theme.px(10), theme.px(5))
        self._head.setSpacing(theme.px(14))
        self._foot.setContentsMargins(theme.px(10), theme.px(8), theme.px(10), theme.px(8))
        self._foot.setSpacing(theme.px(8))
        self._row.setSpacing(theme.px(8))
        self._told.setSpacing(theme.px(6))
        self.abort.setIconSize(QSize(theme.px(12), theme.px(12)))
        self.abort.setIcon(icons.icon("close", theme.current().status_5xx, theme.px(12)))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where there is not the room for all buttons, words go, then buttons into a menu; the word of Abort last."""
        room, changed = self.width() - 2 * theme.px(10), self._has_original()
        can = [self._can(button) for button in (self.drop, self.inject)]
        self.edited.setText("Continue edited" if changed else "Continue")
        for said in (4, 3, 2, 1, 0):
            self.original.setText("Continue original" if said == 4 else "Original")
            self.original.setVisible(changed and said > 1)
            for button, able in zip((self.drop, self.inject), can, strict=True):
                button.setVisible(able and said > 2)
            self.more.setVisible(said <= 2 and (any(can) or changed))
            self.abort.setText("Abort" if said else "")
            if self._row.sizeHint().width() <= room:
                break
        self._fit_note()
        self._fit_height()

    def _fit_height(self) -> None:
        """The buttons keep their height: where it is low the words below them go, then what is typed, then the head."""
        edges, height = self._foot.contentsMargins(), self.edited.sizeHint().height()
        for button in (self.edited, self.original, self.drop, self.inject, self.more, self.abort, self.close_):
            button.setFixedHeight(height)
        self._buttons.setMinimumHeight(height)
        left = self.height() - 2 - edges.top() - edges.bottom() - 1 - self._buttons.minimumHeight()
        top, line = self._top.sizeHint().height(), self._note.height() + self._foot.spacing()
        self._line.setVisible(left >= top + theme.px(_LINES_LEAST) + line)
        self.sheet.setVisible(left >= top + theme.px(_LINES_LEAST))
        self._top.setVisible(left >= top)
        self.edited.setToolTip("" if self._line.isVisibleTo(self) else self._noted)

    def wanted_height(self) -> int:
        """Pixels for a few lines of what is typed, with all that stands around them."""
        edges = self._foot.contentsMargins()
        buttons = self.edited.sizeHint().height() + edges.top() + edges.bottom() + self._foot.spacing()
        return self._top.sizeHint().height() + theme.px(_LINES) + buttons + self._note.height() + 3

    def _fit_note(self) -> None:
        """The words below the buttons have as many lines as they need, and one, cut, where the editor is low."""
        taken = theme.px(20) + (theme.px(19) if self._mark.isVisibleTo(self._line) else 0)
        taken += self.mend.sizeHint().width() + theme.px(6) if self.mend.isVisibleTo(self._line) else 0
        room, metrics, text = max(self.width() - 2 - taken, theme.px(40)), self._note.fontMetrics(), self._noted
        if self.height() < theme.px(_LOW):
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        wrapped = metrics.boundingRect(0, 0, room, 1 << 14, Qt.TextFlag.TextWordWrap, text)
        self._note.setFixedHeight(max(wrapped.height(), metrics.height()))
        self._note.setText(text)
        self._note.setToolTip(self._noted if text != self._noted else "")

    def _has_original(self) -> bool:
        """There is another message to continue with than the one in the editor."""
        return self.held is not None and not self._over and (self.changed() or self.held.edited)

    def _can(self, button: QToolButton) -> bool:
        verbs = self.held.verbs if self.held and not self._over else []
        return ("inject" if button is self.inject else "drop") in verbs

    # What is shown

    def show_hold(self, held: Held | None, stepping: SteppingState | None = None, charset: str = UTF_8) -> None:
        """`held`, or nothing; the text of its body is in `charset`. What was typed for another hold is kept; what is
        typed for this one stays."""
        before = self.held
        if held is None and before is None:
            return
        if before is not None and (held is None or held.hold != before.hold):
            if not self._over:
                self.sheet.keep(before)
            self._refused = ""
        self.held, self._over = held, False
        if held is None:
            self.hide()
            return
        self.sheet.show_held(held, charset, same=before is not None and before.hold == held.hold)
        self._at.setText(held_words.at(held))
        self._at.setToolTip(held_words.told(held, stepping))
        self._type.set_text(held_words.title(held))
        self.sheet.set_writable("edit" in held.verbs)
        self.abort.setVisible("abort" in held.verbs)
        self.close_.hide()
        self.edited.show()
        self.show()
        self.judge()

    def keep_only(self, holds: set[int]) -> None:
        """The others are over."""
        self.sheet.keep_only(holds)

    def show_over(self, why: str) -> None:
        """The hold is over, and not by the user: what he has typed stays to be read and copied."""
        self._over = True
        self._at.setText("no longer held")
        self.sheet.set_writable(False)
        for button in (self.edited, self.original, self.drop, self.inject, self.more, self.abort, self.mend):
            button.hide()
        self.close_.show()
        self._say("warning", "status_4xx", f"{why} What you typed was not sent.")

    def forget(self) -> None:
        """Away with it."""
        self.held, self._over = None, False
        self.hide()

    def take_focus(self) -> None:
        if self.isVisible():
            self.sheet.take_focus()

    @property
    def over(self) -> bool:
        """It shows what was typed for a hold that is over."""
        return self._over

    # What was typed

    def changed(self) -> bool:
        """The user has changed the message, rightly or wrongly."""
        return self.sheet.changed()

    def message(self) -> dict[str, Any] | None:
        """What is to go on in place of the held message; None where that is to stay. Raises `Mistake`."""
        return self.sheet.message(self.held)

    def halves(self) -> Sequence[dict[str, Any]]:
        """The chunk as two messages, parted at the caret. Raises `Mistake`."""
        held = self.held
        if held is None or held.after:
            raise Mistake("Split: what was injected after the chunk would come between its halves")
        return self.sheet.halves(held)

    def complain(self, text: str) -> None:
        """The engine, or we, did not take what was typed."""
        self._refused = text
        self.judge()

    def _typed(self) -> None:
        self._refused = ""
        self._look.start()

    def _turned(self) -> None:
        self._refused = ""
        self.judge()

    def judge(self) -> None:
        """Says what is wrong with the message as it stands, or what it will do."""
        held = self.held
        if held is None or self._over:
            return
        length = held_length.of(held)
        told_there = self.sheet.say_wrong(self._refused)
        self.edited.setEnabled(not self.sheet.wrong())
        broken = ""
        try:
            broken = breaks(length, self.sheet.shape(), self.sheet.body_size(), self.changed())
        except Mistake as mistake:
            self._say("warning", "status_5xx", "" if told_there else str(mistake))
            self.edited.setEnabled(False)
        else:
            if self._refused and not told_there:
                self._say("warning", "status_5xx", self._refused)
            elif broken:
                self._say("warning", "status_4xx", broken)
            elif held.client_left:
                self._say("warning", "status_4xx", "The client has left: nothing of this reaches it any more.")
            elif beside := held_words.beside(held):
                self._say("note", "second", beside)
            else:
                self._say("", "", held.notes[0] if held.notes else "")
        self.mend.setVisible(bool(broken and length and length.can_mend) and not self._refused)
        self._fit()

    def _say(self, icon: str, color: str, text: str) -> None:
        self._mark.setVisible(bool(icon and text))
        if icon:
            self._mark.show_state(icon, color, text)
        self._note.setProperty("role", {"status_5xx": "error", "": "second"}.get(color, ""))
        self._note.style().polish(self._note)
        self._noted = shown.one_line(text, 400)
        self._note.setAccessibleName(self._noted)
        self._fit_note()

    def _continue(self) -> None:
        self.verb.emit("continue")

    def _fill_drop(self, menu: QMenu) -> None:
        verbs = self.held.verbs if self.held else []
        menu.addAction("Drop: it does not pass", lambda: self.verb.emit("drop"))
        if "disconnect" in verbs:
            menu.addAction("Answer with a disconnect in its place", lambda: self.verb.emit("disconnect"))
        if "fail" in verbs:
            menu.addAction("Raise OSError in the app's send", lambda: self.verb.emit("fail"))

    def _fill_more(self, menu: QMenu) -> None:
        """Those of the buttons that have no room."""
        if self.original.isHidden():
            menu.addAction("Continue original", lambda: self.verb.emit("original")).setEnabled(self._has_original())
        for button in (self.drop, self.inject):
            button.menu().setTitle(button.accessibleName())
            menu.addMenu(button.menu()).setEnabled(self._can(button))

    def _fill_inject(self, menu: QMenu) -> None:
        for type_ in self.held.allowed if self.held else []:
            menu.addAction(f"{type_} before it…", partial(self.inject_wanted.emit, "before", type_))
        menu.addSeparator()
        menu.addAction("Another before it…", lambda: self.inject_wanted.emit("before", ""))
        menu.addAction("After it…", lambda: self.inject_wanted.emit("after", ""))
        menu.addSeparator()
        split = menu.addAction("Split the chunk at the caret", self.split_wanted.emit)
        split.setEnabled(self.sheet.view.caret() >= 0)
        split.setToolTip("This one up to the caret, and one after it with the rest; the caret is in Form or Hex")
        merge = menu.addAction("Merge with the next chunk", lambda: self.verb.emit("merge"))
        merge.setEnabled("merge" in (self.held.verbs if self.held else ()))
        merge.setToolTip("Keep it back, and hold the next one with this one put before it")
        menu.setToolTipsVisible(True)
