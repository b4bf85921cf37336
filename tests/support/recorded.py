"""What a recording holds, as tests ask for it: exchanges in the shape of `show --json`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inspector.errors import InspectorError
from inspector.recording.export import exchange_object
from inspector.recording.reader import Reader
from inspector.recording.rows import ExchangeRow
from inspector.trace.filter import parse
from tests.support.waiting import eventually


def exchanges(recording: Path, expression: str = "") -> list[dict[str, Any]]:
    """Those that pass the filter `expression`, in order of id."""
    with Reader(recording) as reader:
        return [exchange_object(reader, id_) for id_ in reader.ids(parse(expression))]


def rows(recording: Path, expression: str = "") -> list[ExchangeRow]:
    with Reader(recording) as reader:
        return [row for row in reader.rows(reader.ids(parse(expression))) if row is not None]


def over(recording: Path, expression: str, count: int = 1) -> list[dict[str, Any]]:
    """`exchanges`, as soon as `count` of them are over; also while the recording is being written."""

    def ended() -> bool:
        return recording.exists() and sum(not row.live for row in rows(recording, expression)) >= count

    eventually(ended)
    found = exchanges(recording, expression)
    assert len(found) == count
    return found


def steps(exchange: dict[str, Any]) -> list[str]:
    """The types of its messages, which have to be whole and in order."""
    messages = exchange["messages"]
    assert [message["seq"] for message in messages] == list(range(len(messages)))
    times = [message["t_ns"] for message in messages]
    assert times == sorted(times)
    assert not any(message[flag] for message in messages for flag in ("edited", "dropped", "injected", "truncated"))
    return [message["type"] for message in messages]


def body(exchange: dict[str, Any], direction: str) -> bytes:
    """The bodies of one direction, together."""
    parts = [m["data"].get("body", "") for m in exchange["messages"] if m["direction"] == direction]
    return "".join(parts).encode("latin-1")


def told(recording: Path, state: str) -> dict[str, Any]:
    """What the newest engine told with `state`, as soon as it did; from the moment that the program is started."""

    def find() -> list[dict[str, Any]]:
        try:
            with Reader(recording) as reader:
                runs = reader.runs()
        except InspectorError:  # it is just being made
            return []
        return [detail for _, name, detail in (runs[-1].states if runs else ()) if name == state]

    return eventually(find)[-1]


def engine(recording: Path) -> int:
    """The process id of the newest engine."""
    with Reader(recording) as reader:
        return reader.runs()[-1].pid
