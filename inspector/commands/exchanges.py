"""What can be done with the selected exchanges."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from inspector.commands.command import Command
from inspector.commands.desk import Desk, Facts, Form
from inspector.recording.rows import COLOURS


def _request(facts: Facts) -> bool:
    return facts.selected


def _picked(facts: Facts) -> bool:
    return facts.picked


def _copy(form: Form) -> Callable[[Desk], object]:
    return lambda desk: desk.copy_as(form)


def _coloured(name: str, facts: Facts) -> bool:
    return facts.picked and facts.colour == name


def _give(name: str, desk: Desk) -> None:
    desk.colour(name)


_COPY, _PARTS, _COLOUR, _FILTER = "Copy as", "Copy of its parts", "Colour", "Filter"
_KEYS = {"red": "R", "yellow": "Y", "green": "G", "blue": "B", "violet": "V", "": "W"}

COMMANDS: tuple[Command, ...] = (
    Command(
        id="exchange.copy_path",
        title="Copy path",
        menu="Exchange",
        tooltip="Copy path and query of the selected exchanges, one on a line",
        shortcuts=("Ctrl+Shift+P",),
        handler=_copy("path"),
        enabled=_request,
        needs="a selected exchange",
        icon="copy",
    ),
    Command(
        id="exchange.copy_url",
        title="Copy URL",
        menu="Exchange",
        tooltip="Copy the whole URLs of the selected exchanges, one on a line",
        shortcuts=("Ctrl+Shift+U",),
        handler=_copy("url"),
        enabled=_request,
        needs="a selected exchange",
        icon="link",
    ),
    Command(
        id="exchange.copy_curl",
        title="Copy as cURL",
        menu="Exchange",
        tooltip=(
            "Copy a curl command for each that makes the same request, with its headers, credentials too, and the body"
            " as far as it was read"
        ),
        shortcuts=("Ctrl+Shift+C",),
        handler=_copy("curl"),
        enabled=_request,
        needs="a selected exchange",
        icon="terminal",
        ends_group=True,
    ),
    Command(
        id="place.open",
        title="Open in editor",
        menu="Exchange",
        tooltip="Open the file and line of the chosen log entry, or frame of the exception, in your editor",
        shortcuts=("Ctrl+Shift+E",),
        handler=lambda desk: desk.open_in_editor(),
        enabled=lambda facts: facts.recording,
        needs="a recording",
        icon="external",
    ),
    Command(
        id="exchange.copy_text",
        title="Copy as text",
        menu="Exchange",
        submenu=_COPY,
        tooltip="Copy the selected rows as they stand in the table, aligned; in the table Ctrl+C does the same",
        shortcuts=("Ctrl+Alt+C",),
        handler=_copy("text"),
        enabled=_picked,
        needs="a selected exchange",
    ),
    Command(
        id="exchange.copy_tsv",
        title="Copy as TSV",
        menu="Exchange",
        submenu=_COPY,
        tooltip="Copy the columns of the selected rows for a spreadsheet: titles first, exact figures, tabs between",
        shortcuts=("Ctrl+Alt+T",),
        handler=_copy("tsv"),
        enabled=_picked,
        needs="a selected exchange",
    ),
    Command(
        id="exchange.copy_json",
        title="Copy as JSON",
        menu="Exchange",
        submenu=_COPY,
        tooltip=(
            "Copy what inspector show --json says of the selected exchanges, without their messages; credentials are"
            " redacted"
        ),
        shortcuts=("Ctrl+Alt+J",),
        handler=_copy("json"),
        enabled=_picked,
        needs="a selected exchange",
    ),
    Command(
        id="exchange.copy_messages",
        title="Copy as JSON with messages",
        menu="Exchange",
        submenu=_COPY,
        tooltip=(
            "Copy what inspector show --json says of the selected exchanges, messages and bodies too; headers with"
            " credentials are redacted"
        ),
        shortcuts=("Ctrl+Alt+M",),
        handler=_copy("messages"),
        enabled=_picked,
        needs="a selected exchange",
        ends_group=True,
    ),
    Command(
        id="scope.copy_python",
        title="Scope as Python",
        menu="Exchange",
        submenu=_PARTS,
        tooltip="Copy the scope or environ of the exchange that the panels show, as a literal that Python reads back",
        shortcuts=("Ctrl+Alt+S",),
        handler=lambda desk: desk.copy_scope(),
        enabled=_picked,
        needs="a selected exchange",
    ),
    Command(
        id="messages.copy_tsv",
        title="Messages as TSV",
        menu="Exchange",
        submenu=_PARTS,
        tooltip="Copy the selected messages, or all of the exchange that the panels show, for a spreadsheet",
        shortcuts=("Ctrl+Alt+Shift+T",),
        handler=lambda desk: desk.copy_messages("tsv"),
        enabled=_picked,
        needs="a selected exchange",
    ),
    Command(
        id="messages.copy_json",
        title="Messages as JSON",
        menu="Exchange",
        submenu=_PARTS,
        tooltip="Copy the selected messages, or all of the exchange that the panels show, with their bodies",
        shortcuts=("Ctrl+Alt+Shift+J",),
        handler=lambda desk: desk.copy_messages("json"),
        enabled=_picked,
        needs="a selected exchange",
    ),
    Command(
        id="exchange.pin",
        title="Pin",
        menu="Exchange",
        tooltip="Keep the selected exchanges when old ones are dropped; again takes the pin away",
        shortcuts=("Ctrl+Alt+P",),
        handler=lambda desk: desk.pin(),
        enabled=_picked,
        needs="a selected exchange",
        checked=lambda facts: facts.pinned,
        icon="pin",
    ),
    Command(
        id="exchange.note",
        title="Note…",
        menu="Exchange",
        tooltip="Write a short note at the selected exchanges; the filter finds it by note:",
        shortcuts=("Ctrl+Alt+N",),
        handler=lambda desk: desk.note(),
        enabled=_picked,
        needs="a selected exchange",
        icon="note",
    ),
    *(
        Command(
            id=f"exchange.colour_{name or 'none'}",
            title=f"Colour {name}" if name else "No colour",
            menu="Exchange",
            submenu=_COLOUR,
            tooltip=(
                f"Mark the selected exchanges {name}; the filter finds them by colour:{name}"
                if name
                else "Take the colour of the selected exchanges away"
            ),
            shortcuts=(f"Ctrl+Alt+{_KEYS[name]}",),
            handler=partial(_give, name),
            enabled=_picked,
            needs="a selected exchange",
            checked=partial(_coloured, name),
            ends_group=not name,
        )
        for name in (*COLOURS, "")
    ),
    Command(
        id="exchange.hide_host",
        title="Hide this host",
        menu="Exchange",
        submenu=_FILTER,
        tooltip="Add to the filter that the host is not that of the selected exchanges",
        shortcuts=("Ctrl+Alt+H",),
        handler=lambda desk: desk.narrow("host", hide=True),
        enabled=_request,
        needs="a selected exchange",
        icon="filter",
    ),
    Command(
        id="exchange.hide_path",
        title="Hide this path",
        menu="Exchange",
        submenu=_FILTER,
        tooltip="Add to the filter that the path is not that of the selected exchanges",
        shortcuts=("Ctrl+Alt+X",),
        handler=lambda desk: desk.narrow("path", hide=True),
        enabled=_request,
        needs="a selected exchange",
    ),
    Command(
        id="exchange.only_path",
        title="Only this path",
        menu="Exchange",
        submenu=_FILTER,
        tooltip="Add to the filter that the path is that of the selected exchanges",
        shortcuts=("Ctrl+Alt+O",),
        handler=lambda desk: desk.narrow("path", hide=False),
        enabled=_request,
        needs="a selected exchange",
        ends_group=True,
    ),
    Command(
        id="columns.choose",
        title="Columns…",
        menu="Exchange",
        tooltip="Choose which columns the table shows and which one sorts; dragging a title moves its column",
        shortcuts=("Ctrl+Alt+K",),
        handler=lambda desk: desk.choose_columns(),
        enabled=lambda facts: facts.recording,
        needs="a recording",
    ),
    Command(
        id="columns.reset",
        title="Reset columns",
        menu="Exchange",
        tooltip="Columns, their order and their widths as on the first day",
        shortcuts=("Ctrl+Alt+Shift+K",),
        handler=lambda desk: desk.reset_columns(),
        enabled=lambda facts: facts.recording,
        needs="a recording",
    ),
)
