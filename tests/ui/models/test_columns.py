"""The layout of the columns in the settings: one readable word each, and no nonsense gets in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.ui.models.cells import COLUMNS, NAMES
from inspector.ui.models.columns import FIRST_DAY, read, read_order, written, written_order


def test_columns_have_names_of_their_own_and_the_constants_are_theirs() -> None:
    from inspector.ui.models import cells

    assert len(set(NAMES)) == len(NAMES) == len(COLUMNS)
    for name in NAMES:
        assert NAMES[getattr(cells, name.upper())] == name


def test_the_first_day_is_as_drawn() -> None:
    assert [name for name, _ in FIRST_DAY] == [
        "number", "method", "path", "status", "interface", "size", "app", "total", "waterfall",
    ]  # fmt: skip
    assert written(list(FIRST_DAY))[:3] == ["number 68", "method 74", "path"]


@given(st.permutations(NAMES), st.lists(st.integers(40, 2000), min_size=len(NAMES), max_size=len(NAMES)))
def test_what_was_written_is_read(names: list[str], widths: list[int]) -> None:
    places = [(name, 0 if name == "path" else width) for name, width in zip(names, widths, strict=True)]
    assert read(written(places)) == places


@pytest.mark.parametrize("value", [None, 7, [], b"x", ["nothing", "columns 12"], {"path": 1}, [None, 3.5]])
def test_nonsense_is_the_first_day(value: Any) -> None:
    assert read(value) == list(FIRST_DAY)


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ("status 90", [("path", 0), ("number", 68), ("status", 90)]),
        (["path 12", "number 1", "number 500"], [("path", 0), ("number", 40)]),
        (["path", "number 999999999", "app x", "app 3"], [("path", 0), ("number", 68), ("app", 86)]),
        (["number -5", " path ", "total ²", "app 2500"], [("number", 68), ("path", 0), ("total", 92), ("app", 2000)]),
    ],
)
def test_what_makes_sense_is_taken(value: Any, places: list[tuple[str, int]]) -> None:
    assert read(value) == places


@pytest.mark.parametrize(("name", "descending"), [("", False), ("total", False), ("started", True)])
def test_the_order(name: str, descending: bool) -> None:
    assert read_order(written_order(name, descending)) == (name, descending)


@pytest.mark.parametrize("value", [None, 3, ["total"], "nothing descending", ""])
def test_an_order_that_is_none(value: Any) -> None:
    assert read_order(value) == ("", False)
