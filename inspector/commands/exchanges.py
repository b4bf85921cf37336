"""What can be done with the selected exchanges."""

from __future__ import annotations

from collections.abc import Callable

from inspector.commands import copying
from inspector.commands.command import Command
from inspector.commands.desk import Desk


def _copy_curl(desk: Desk) -> None:
    if row := desk.selected():
        desk.copy(copying.curl(row, *desk.request(row)))


def _copy(text: Callable[..., str]) -> Callable[[Desk], None]:
    def handler(desk: Desk) -> None:
        if row := desk.selected():
            desk.copy(text(row))

    return handler


COMMANDS: tuple[Command, ...] = (
    Command(
        id="exchange.copy_path",
        title="Copy path",
        menu="Exchange",
        tooltip="Copy the path and query of the selected exchange",
        shortcuts=("Ctrl+Shift+P",),
        handler=_copy(copying.target),
        enabled=lambda facts: facts.selected,
        icon="copy",
    ),
    Command(
        id="exchange.copy_url",
        title="Copy URL",
        menu="Exchange",
        tooltip="Copy the whole URL of the selected exchange",
        shortcuts=("Ctrl+Shift+U",),
        handler=_copy(copying.url),
        enabled=lambda facts: facts.selected,
        icon="link",
    ),
    Command(
        id="exchange.copy_curl",
        title="Copy as cURL",
        menu="Exchange",
        tooltip="Copy a curl command that makes the same request, with its headers and the body as far as it was read",
        shortcuts=("Ctrl+Shift+C",),
        handler=_copy_curl,
        enabled=lambda facts: facts.selected,
        icon="terminal",
    ),
)
