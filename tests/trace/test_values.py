"""Plain values as bytes and back, bounded, and without a line of the app's code being run."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.trace import frames, records, values
from inspector.trace.values import Cut, MalformedValue, Opaque, decode, encode, to_json

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=30,
)


@given(plain)
def test_what_is_plain_comes_back_equal(value: object) -> None:
    assert decode(encode(value)) == value


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_build_a_value_or_raise(data: bytes) -> None:
    try:
        decode(data)
    except MalformedValue:
        pass


@given(plain, st.data())
def test_a_changed_byte_does_no_more(value: object, data: Any) -> None:
    encoded = bytearray(encode(value))
    at = data.draw(st.integers(0, len(encoded) - 1))
    encoded[at] = data.draw(st.integers(0, 255))
    try:
        decode(bytes(encoded))
    except MalformedValue:
        pass


class Hostile(dict):  # type: ignore[type-arg]
    """Would tell if any of its code ran."""

    def _told(self, *_: object, **__: object) -> Any:
        raise AssertionError("code of the app ran")

    __repr__ = __str__ = __iter__ = __len__ = __getitem__ = __bool__ = __eq__ = __hash__ = items = keys = _told
    __class__ = property(_told)  # type: ignore[assignment]


def test_an_object_of_the_app_is_its_type_and_its_id() -> None:
    value = Hostile()
    told = decode(encode({"it": value}))["it"]
    assert isinstance(told, Opaque)
    assert told.type_name.endswith("test_values.Hostile")
    assert told.id == id(value)


def test_a_class_without_a_module_is_no_error() -> None:
    made: dict[str, Any] = {}
    exec("X = type('X', (), {})", {}, made)
    assert decode(encode(made["X"]())).type_name == "X"


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("x" * (values.MAX_TEXT + 1), "over the cap"),
        (b"x" * (values.MAX_TEXT + 1), "over the cap"),
        ([0] * (values.MAX_ITEMS + 1), "over the cap"),
        (1 << values.MAX_TEXT, "a number of"),
    ],
    ids=["text", "bytes", "items", "number"],
)
def test_what_is_too_large_is_cut_and_says_so(value: object, what: str) -> None:
    told = decode(encode([value, "after"]))
    assert isinstance(told[0], Cut)
    assert what in told[0].what
    assert told[1] == "after"


def test_what_is_too_deep_is_cut() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    told = decode(encode(deep))
    while isinstance(told, list):
        (told,) = told
    assert isinstance(told, Cut)


def test_all_texts_together_are_bounded_and_the_rest_is_still_told() -> None:
    encoded = encode({"texts": ["y" * 1_000_000] * 50, "objects": [object()] * 5000, "last": 1})
    assert len(encoded) < 1 << 22
    told = decode(encoded)
    assert [type(text) for text in told["texts"]] == [str] * 2 + [Cut] * 48
    assert isinstance(told["objects"][-1], Opaque)
    assert told["last"] == 1


def test_the_largest_message_fits_a_quarter_of_the_ring() -> None:
    worst = encode({"x": ["y" * values.MAX_TEXT] * 10, "z": [object()] * 15_000})
    message = records.MessageSeen(1, 1, 1, 1, 1, 1, 1, records.SEND, "t", worst, records.BODY, bytes(frames.MAX_PART))
    assert len(frames.encode(message, 1)) < (1 << 24) // 4


def test_a_list_that_another_thread_changes_is_read_whole() -> None:
    shared: list[int] = list(range(50))
    ending = threading.Event()

    def churn() -> None:
        while not ending.is_set():
            shared.append(0)
            del shared[10:30]
            shared.extend(range(20))
            del shared[60:]

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for _ in range(3000):
            decode(encode({"shared": shared}))
    finally:
        ending.set()
        thread.join()


def test_the_shapes_of_json() -> None:
    value = {"b": b"\xff", "t": (1, 2), 3: None, b"k": Opaque("shop.Cart", 7), "c": Cut("much")}
    told = to_json(value)
    assert told == {
        "b": "\xff",
        "t": [1, 2],
        "3": None,
        "k": {"$object": "shop.Cart", "id": 7},
        "c": {"$cut": "much"},
    }
    assert json.loads(json.dumps(told)) == told
