"""What was decoded is not decoded again as long as it is the same; and no more is kept than a few."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inspector.recording.kept import LEAST, MOST, Kept
from inspector.recording.reader import Reader
from tests.recording.scripts import hello, recorded


class Making:
    """Counts how often something is made."""

    def __init__(self) -> None:
        self.kept, self.made = Kept(), 0

    def ask(self, message: int, source: object = b"x", size: int | None = None) -> Any:
        def make() -> list[object]:
            self.made += 1
            return [source]

        return self.kept.value(message, (source,), size, make)


def test_the_same_is_made_once_and_what_changed_anew() -> None:
    making = Making()
    assert making.ask(1) is making.ask(1)
    assert making.ask(1, b"edited") == [b"edited"]
    assert making.ask(1, b"edited") is not making.ask(1)
    assert making.made == 3


def test_small_values_are_not_kept_and_of_large_ones_a_few() -> None:
    making = Making()
    for _ in range(2):
        making.ask(1, size=LEAST - 1)
    assert making.made == 2
    for message in range(MOST + 1):
        making.ask(message, size=LEAST)
    making.ask(0, size=LEAST)
    making.ask(MOST, size=LEAST)
    assert making.made == 2 + MOST + 2


def test_the_scope_is_put_together_once(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.inspector", hello())
    with Reader(path) as reader:
        first, again = reader.messages(1)[0], reader.messages(1, 0, 1)[0]
        assert first.data["method"] == "GET"
        assert again.data is first.data
