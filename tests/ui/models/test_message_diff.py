"""What an edit changed, and what was done to a message, as text."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.recording.json_text import Cancelled
from inspector.recording.rows import HoldRow, MessageRow
from inspector.ui.models.message_diff import LINES, Changes, Side, compare
from inspector.ui.models.message_story import story

BODY = "http.response.body"
START = {"status": 200, "headers": [(b"x-a", b"1"), (b"x-b", b"2")]}


def side(body: bytes, **data: object) -> Side:
    return Side(BODY, data, "body", body, len(body))


def changed(found: Changes) -> list[str]:
    return [line for line in found.text.split("\n") if not line.startswith("  ")]


def marked(found: Changes) -> list[str]:
    """The parts that are marked, in their order."""
    return [
        line[start : start + size]
        for line, pieces in zip(found.text.split("\n"), found.pieces, strict=True)
        for start, size, token in pieces
        if token in ("gone", "added")
    ]


def test_keys_and_headers() -> None:
    new = {"status": 404, "headers": [(b"x-a", b"1"), (b"x-b", b"3"), (b"x-c", b"4")]}
    found = compare(Side("http.response.start", START), Side("http.response.start", new))
    assert changed(found) == ["− status: 200", "+ status: 404", "−   x-b: 2", "+   x-b: 3", "+   x-c: 4"]
    assert marked(found) == ["200", "404", "2", "3", "  x-c: 4"]


def test_a_json_body_is_compared_laid_out_and_by_its_words() -> None:
    found = compare(side(b'{"total": 129.90, "paid": false}'), side(b'{"total": 0.00, "paid": false}'))
    assert changed(found) == ["− body: 32 B", "+ body: 30 B", '−   "total": 129.90,', '+   "total": 0.00,']
    assert marked(found)[-2:] == ["129.90", "0.00"]


def test_where_only_blanks_have_changed_they_are_seen() -> None:
    assert changed(compare(side(b'{"a":1}'), side(b'{"a": 1}')))[-2:] == ['− {"a":1}', '+ {"a": 1}']
    assert changed(compare(side(b"a\r\nb"), side(b"a\nb")))[-2:] == ["− a⟨CR⟩", "+ a"]
    assert changed(compare(side(b"a\n"), side(b"a")))[-1] == "− "


def test_bytes_are_compared_as_figures() -> None:
    assert changed(compare(side(b"\x89PNG"), side(b"\x89PNQ")))[-2:] == ["− 89 50 4e 47", "+ 89 50 4e 51"]
    assert changed(compare(side(b"a\0"), side(b"a"))) != []


def test_long_stretches_that_are_the_same_are_counted() -> None:
    lines = "\n".join(map(str, range(100))).encode()
    found = compare(side(lines), side(lines.replace(b"50", b"fifty")))
    assert "  ⋯ 47 lines the same" in found.text
    assert found.text.count("\n") < 20


def test_an_edited_scope_and_what_the_app_alone_knows() -> None:
    was = {"type": "http", "state": {"a": [1, {"b": None}]}, "client": ("::1", 80)}
    found = compare(Side("call", was), Side("call", {**was, "state": {"a": [1, {"b": 2}]}}))
    assert changed(found) == ["−     { b None }", "+     { b 2 }"]


def test_what_is_large_is_cut_and_said() -> None:
    began = time.monotonic()
    large = b"\n".join(b"%d %d" % (number, number % 7) for number in range(100_000))
    found = compare(side(large), side(large[::-1]))
    assert found.remark.startswith("Compared are the first 64.0 KB")
    assert len(found.text.split("\n")) <= 2 * LINES + 2
    assert time.monotonic() - began < 20
    assert compare(side(b"x"), side(b"y")).remark == ""


def test_it_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        compare(side(b"a"), side(b"b"), lambda: True)


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_both_texts_can_be_read_out_of_it_and_every_line_is_marked(old: str, new: str) -> None:
    was, now = (Side("websocket.send", {}, "text", text.encode("utf-8", "replace")) for text in (old, new))
    found = compare(was, now)
    lines = found.text.split("\n")
    assert len(lines) == len(found.pieces)
    assert {line[:2] for line in lines} <= {"  ", "− ", "+ "}
    if was == now:
        assert changed(found) == []


def message(direction: str = "send", **flags: bool) -> MessageRow:
    done = dict.fromkeys(("edited", "dropped", "injected"), False) | flags
    return MessageRow(1, 3, 0, None, None, direction, BODY, {}, "body", b"", 0, 0, None, False, **done)


HOLD = HoldRow(1, 3, "send", 0, 42_000_000_000, "continue")
LASTED = "Held at send for 42.0 s, "


@pytest.mark.parametrize(
    ("told", "by", "words"),
    [
        (message(), "continue", f"{LASTED}released by Continue."),
        (message(edited=True), "step", f"{LASTED}released by Step. You edited it: what went on is not what came."),
        (message(dropped=True), "drop", f"{LASTED}ended by Drop. You dropped it: it did not go on."),
        (message(dropped=True), "abort", f"{LASTED}ended by Abort. You reset the connection: it did not go on."),
        (message(dropped=True), "\u202e", f"{LASTED}ended by ⟨U+202E⟩. You dropped it: it did not go on."),
        (
            message(dropped=True),
            "cancelled",
            f"{LASTED}ended by the app, which cancelled the call. The app cancelled the call: it did not go on.",
        ),
        (
            message(injected=True),
            "continue",
            "You injected it while a message was held at send: it is not the app's.",
        ),
    ],
)
def test_what_was_done_to_a_message(told: MessageRow, by: str, words: str) -> None:
    assert story(told, replace(HOLD, by=by)) == words


def test_what_was_done_where_no_hold_tells_more() -> None:
    assert story(message(), None) == ""
    assert story(message(), replace(HOLD, released_ns=None)) == "Held at send."
    assert story(message("receive", injected=True), None) == "You injected it: it is not the client's."
    assert story(message(dropped=True), None) == "You dropped it: it did not go on."
