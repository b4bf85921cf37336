"""What commands see and what they may do: facts in, verbs out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from inspector.recording.rows import ExchangeRow

Theme = Literal["system", "light", "dark"]
Form = Literal["text", "tsv", "json", "messages", "curl", "path", "url"]
"""How exchanges are copied."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a command's readiness depends on."""

    phase: str = ""
    """As `SessionState.phase`; "" where there is no session (welcome page, an opened recording)."""
    url: str = ""
    """Where the app is served; "" while it is not."""
    recording: bool = False
    """A recording is shown, live or from a file."""
    selected: bool = False
    """An exchange with a request (no lifespan) is selected."""
    picked: bool = False
    """An exchange is selected, of whatever kind."""
    pinned: bool = False
    """The one that is picked is pinned."""
    colour: str = ""
    """The colour it has, one of `recording.rows.COLOURS`, or empty."""
    filtered: bool = False
    following: bool = False
    """The table follows the newest exchange."""
    theme: str = "system"
    runs: bool = False
    """The runs stand where the messages do else."""
    full_screen: bool = False
    breaking: bool = False
    """All breaking is switched on."""
    holds: int = 0
    """How many exchanges are held."""
    verbs: frozenset[str] = frozenset()
    """What can be done with the selected exchange's hold (`trace.stepping.HOLD_VERBS`); empty where it has none."""
    queue: bool = False
    """The panel of all holds is shown."""
    past: bool = False
    """The selected exchange is shown as of one of its messages."""
    walkable: bool = False
    """It can be: it has messages, and is not held."""

    @property
    def running(self) -> bool:
        """The port is ours: the app answers there, or a 503 that says why it does not."""
        return self.phase in {"starting", "serving", "failed", "crashed"}


class FilesDesk(Protocol):
    """Verbs of `commands.files`."""

    def open_app(self) -> object: ...
    def open_recording(self) -> object: ...
    def save_recording(self) -> object: ...
    def clear(self) -> object: ...
    def demo(self) -> object: ...
    def quit(self) -> object: ...


class AppDesk(Protocol):
    """Verbs of `commands.app`."""

    def start(self) -> object: ...
    def stop(self) -> object: ...
    def restart(self) -> object: ...
    def runs(self) -> object: ...
    def browse(self, url: str) -> None: ...
    def address(self) -> str:
        """The URL the app is served at."""


class ExchangesDesk(Protocol):
    """Verbs of `commands.exchanges`. They are about the selected exchanges, of very many about the first of them."""

    def copy(self, text: str) -> None: ...
    def selected(self) -> ExchangeRow | None:
        """The exchange that the panels show."""

    def copy_as(self, form: Form) -> None:
        """Makes the text in the background; the clipboard has it when the table says so."""

    def pin(self) -> None:
        """Pins them; takes the pin away where the one that the panels show is pinned."""

    def note(self) -> None:
        """Asks for the note."""

    def colour(self, name: str) -> None:
        """One of `recording.rows.COLOURS`, or empty for none."""

    def narrow(self, field: Literal["host", "path"], *, hide: bool) -> None:
        """Writes into the filter: hides what has the same host or path, or everything else."""

    def choose_columns(self) -> None: ...
    def reset_columns(self) -> None: ...

    def copy_scope(self) -> None:
        """Of the exchange that the panels show, as Python."""

    def copy_messages(self, form: Literal["tsv", "json"]) -> None:
        """Those selected in the panel of messages, or all of them."""

    def open_in_editor(self) -> None:
        """The line of the log, or the frame, that is chosen in the panel in sight."""


class ViewDesk(Protocol):
    """Verbs of `commands.view` and `commands.help`."""

    def focus_filter(self) -> None: ...
    def clear_filter(self) -> None: ...
    def find(self) -> None:
        """In the panel that has the focus, or had it last."""

    def find_again(self, step: int) -> None:
        """The match after (1) or before (-1) the one in sight."""

    def follow(self) -> None: ...
    def theme(self, choice: Theme) -> None: ...
    def zoom(self, step: int) -> None:
        """Larger (1), smaller (-1), or as it was made (0)."""

    def move_region(self, step: int) -> None:
        """The focus to the next (1) or the previous (-1) part of the window."""

    def full_screen(self) -> None: ...
    def reset_layout(self) -> None: ...
    def palette(self) -> None: ...
    def settings(self) -> None: ...
    def shortcuts(self) -> None: ...
    def about(self) -> None: ...


class StepDesk(Protocol):
    """Verbs of `commands.stepping`."""

    def release(self, verb: str) -> None:
        """`verb` (`trace.stepping.HOLD_VERBS`, one that ends the hold) on the selected exchange's hold, with what was
        changed in the editor; where it is not held, goes to one that is. Where its past is shown already, or nothing
        is held at all, moves through its past."""

    def past(self, way: Literal["first", "back", "leave"]) -> None:
        """The selected exchange as of its first message, of the one before, or as it is now."""

    def resume_all(self) -> None: ...
    def edit_held(self) -> None: ...
    def mend_held(self) -> None:
        """The head of the held body gets the length that fits."""

    def split_held(self) -> None:
        """The held chunk becomes two, parted at the caret."""

    def inject(self, where: Literal["before", "after"]) -> None:
        """Asks for the message."""

    def next_hold(self) -> None: ...
    def show_holds(self) -> None:
        """The panel of all holds, or away with it."""

    def breaking(self) -> None:
        """All breaking on, or off."""

    def hold_next(self) -> None: ...
    def new_breakpoint(self) -> None: ...
    def break_like(self) -> None:
        """A new breakpoint for requests like the selected one."""

    def breakpoints(self) -> None:
        """The dialog with all of them."""


class Desk(FilesDesk, AppDesk, ExchangesDesk, StepDesk, ViewDesk, Protocol):
    """The verbs. None waits: what takes time is started, and shows itself in the session's state."""
