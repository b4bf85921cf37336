from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from inspector.commands.desk import Facts
from inspector.commands.table import COMMANDS
from inspector.recording.rows import ExchangeRow
from inspector.resources import resource
from tests.support.fake_recording import exchange

BY_ID = {command.id: command for command in COMMANDS}


class FakeDesk:
    """Writes down what it is asked to do."""

    def __init__(self, row: ExchangeRow | None = None) -> None:
        self.done: list[Any] = []
        self.row = row

    def __getattr__(self, verb: str) -> Any:
        return lambda *arguments, **named: self.done.append((verb, *arguments, *named.values()))

    def selected(self) -> ExchangeRow | None:
        return self.row

    def address(self) -> str:
        return "http://127.0.0.1:8000"


def test_ids_and_shortcuts_are_unique() -> None:
    assert [id_ for id_, count in Counter(command.id for command in COMMANDS).items() if count > 1] == []
    shortcuts = Counter(shortcut for command in COMMANDS for shortcut in command.shortcuts)
    assert [shortcut for shortcut, count in shortcuts.items() if count > 1] == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_has_a_menu_entry_a_shortcut_and_a_tooltip(command: Any) -> None:
    assert command.title
    assert command.menu
    assert command.shortcuts
    assert command.tooltip
    assert not command.needs or not command.enabled(Facts())
    assert not command.tooltip.endswith(".")
    if command.icon:
        assert resource(f"icons/{command.icon}.svg").is_file()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_handler_asks_the_desk_for_one_thing(command: Any) -> None:
    desk = FakeDesk(exchange(1, "/cart?x=1"))
    command.handler(desk)
    assert len(desk.done) == 1


@pytest.mark.parametrize(
    ("command", "done"),
    [
        ("session.restart", ("restart",)),
        ("address.copy", ("copy", "http://127.0.0.1:8000")),
        ("address.open", ("browse", "http://127.0.0.1:8000")),
        ("exchange.copy_path", ("copy_as", "path")),
        ("exchange.copy_curl", ("copy_as", "curl")),
        ("exchange.copy_messages", ("copy_as", "messages")),
        ("exchange.colour_red", ("colour", "red")),
        ("exchange.colour_none", ("colour", "")),
        ("theme.dark", ("theme", "dark")),
    ],
)
def test_what_a_command_does(command: str, done: tuple[str, ...]) -> None:
    desk = FakeDesk(exchange(1, "/cart?x=1"))
    BY_ID[command].handler(desk)
    assert desk.done == [done]


def test_what_is_done_to_exchanges_waits_for_one() -> None:
    about = [id_ for id_ in BY_ID if id_.startswith("exchange.")]
    assert len(about) > 15
    assert not any(BY_ID[id_].enabled(Facts(recording=True)) for id_ in about)
    lifespan = {id_ for id_ in about if BY_ID[id_].enabled(Facts(recording=True, picked=True))}
    assert {"exchange.pin", "exchange.copy_text", "exchange.colour_red"} <= lifespan
    assert not lifespan & {"exchange.copy_curl", "exchange.hide_path"}


def test_pin_and_colour_tell_what_the_exchange_has() -> None:
    facts = Facts(picked=True, pinned=True, colour="green")
    checked = {id_ for id_, command in BY_ID.items() if command.checked and command.checked(facts)}
    assert {id_ for id_ in checked if id_.startswith("exchange.")} == {"exchange.pin", "exchange.colour_green"}


@pytest.mark.parametrize(
    ("phase", "ready"),
    [
        ("", set()),
        ("stopped", {"session.start", "session.restart"}),
        ("starting", {"session.stop", "session.restart"}),
        ("serving", {"session.stop", "session.restart"}),
        ("failed", {"session.stop", "session.restart"}),
        ("crashed", {"session.stop", "session.restart"}),
        ("stopping", set()),
    ],
)
def test_what_can_be_done_to_the_app(phase: str, ready: set[str]) -> None:
    facts = Facts(phase=phase)
    assert {id_ for id_ in BY_ID if id_.startswith("session.") and BY_ID[id_].enabled(facts)} == ready


def test_ways_in_are_always_open() -> None:
    for command in ("app.open", "recording.open", "demo.open", "inspector.quit", "inspector.about"):
        assert BY_ID[command].enabled(Facts())


def test_choices_tell_which_is_in_force() -> None:
    checked = {id_ for id_, command in BY_ID.items() if command.checked and command.checked(Facts(theme="light"))}
    assert checked == {"theme.light"}
    follow = BY_ID["view.follow"].checked
    assert follow
    assert follow(replace(Facts(), following=True))
