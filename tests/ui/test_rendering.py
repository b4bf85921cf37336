"""A body as text for the screen: the best form is found, what was cut is said, hostile bodies are quick."""

from __future__ import annotations

import gzip
import time
from typing import Any

import pytest

from inspector.recording.content import ContentType
from inspector.recording.json_text import Cancelled
from inspector.ui.rendering import LINES_CAP, TEXT_CAP, Body, Rendered, Wish, render
from tests.support.sample_exchanges import picture

JSON = ContentType("application/json")
GZIP = ContentType("text/html", "utf-8", ("gzip",))


def body(data: bytes, content: ContentType = ContentType(), size: int | None = None) -> Body:  # noqa: B008 - frozen
    return Body(len(data) if size is None else size, len(data), content, lambda at, count: data[at : at + count])


def shown(data: bytes, content: ContentType = ContentType(), size: int | None = None, **wish: Any) -> Rendered:  # noqa: B008
    given = body(data, content, size)
    return render(given, given.head(), Wish(**wish))


def test_json_is_laid_out_and_copied_as_laid_out() -> None:
    found = shown(b'{"a":1.50}', JSON)
    assert (found.mode, found.text, found.plain) == ("pretty", '{\n  "a": 1.50\n}', '{\n  "a": 1.50\n}')
    assert found.remarks == ()


def test_json_is_found_without_its_type_but_the_user_may_want_text() -> None:
    assert shown(b" [1]").mode == "pretty"
    assert shown(b" [1]", mode="text").text == " [1]"
    assert shown(b"hello", mode="pretty").mode == "text"


def test_binary_is_hex_unless_text_is_asked_for_on_this_very_body() -> None:
    png = b"\x89PNG\r\n\x1a\n\0\0\0"
    assert shown(png).mode == "hex"
    assert shown(png, mode="text").mode == "hex"
    asked = shown(png, mode="text", asked=True)
    assert asked.text.startswith("\\x89PNG\n⟨SUB⟩\n⟨NUL⟩")
    assert "not valid UTF-8" in asked.remarks[0]


def test_codings_are_undone_unless_the_user_wants_the_bytes() -> None:
    packed = gzip.compress(b"<p>hello</p>")
    found = shown(packed, GZIP)
    assert found.text == "<p>hello</p>"
    assert found.decoded == b"<p>hello</p>"
    assert found.remarks == (f"{len(packed)} B as received (gzip), 12 B as decoded.",)
    assert shown(packed, GZIP, decoded=False).mode == "hex"


def test_why_not_all_is_decoded_is_said() -> None:
    packed = gzip.compress(b"<p>hello, this is a body of some length</p>")
    (said,) = shown(packed[:10], GZIP).remarks
    assert said == (
        "10 B as received (gzip), nothing of it decoded: it is damaged or cut off, for it ends in the middle."
    )
    (said,) = shown(packed[:-4], GZIP).remarks
    assert "43 B as decoded: it is damaged or cut off" in said
    said = shown(packed[:-4], GZIP, size=len(packed)).remarks[-1]
    assert "43 B as decoded: the rest of it is not here" in said
    (said,) = (one for one in shown(gzip.compress(bytes(11 << 20)), GZIP).remarks if "as received" in one)
    assert said.endswith("as decoded (the cap of what is decoded).")


def test_what_cannot_be_decoded_is_said() -> None:
    found = shown(b"hello", GZIP)
    assert found.text == "hello"
    assert "no valid gzip" in found.remarks[0]


def test_a_charset_that_is_not_known_is_said_in_hex_too() -> None:
    for mode in ("text", "hex"):
        found = shown(b"hello", ContentType("text/plain", "klingon"), mode=mode)
        assert any("'klingon' is not known" in remark for remark in found.remarks), mode


def test_what_is_shown_in_part_is_known() -> None:
    assert not shown(b"hello").part
    assert not shown(b'{"a": 1}', JSON).part
    for data, content in ((b"x" * (TEXT_CAP + 1), ContentType()), (b"x\n" * (LINES_CAP + 9), ContentType()),
                          (b"[" + b"1," * LINES_CAP + b"1]", JSON)):  # fmt: skip
        assert shown(data, content).part
    assert shown(b"hello", size=10).part
    assert not shown(b"x" * (TEXT_CAP + 1), mode="hex").part  # all of it can be seen


def test_long_bodies_are_shown_in_part() -> None:
    found = shown(b"a\n" * (2 << 20), JSON)
    assert len(found.plain) == TEXT_CAP
    assert found.text.count("\n") == LINES_CAP
    assert found.remarks == (
        "Shown are the first 1.0 MB; the rest is 3.1 MB: see Hex, or save it.",
        "Shown as it came: not valid JSON: line 1 column 1: a value was expected.",
        f"Shown are the first {LINES_CAP:,} lines.",
    )


def test_a_body_that_the_cap_cut_says_so() -> None:
    assert "Recorded is the first 3 B of 1" in shown(b"abc", size=10 << 20).remarks[0]
    assert "Recorded is none of the" in shown(b"", size=10 << 20).remarks[0]


def test_endless_lines_are_broken_on_the_screen_only() -> None:
    found = shown(b"a" * 10_000)
    assert max(map(len, found.text.split("\n"))) == 2_000
    assert found.plain == "a" * 10_000


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000,
        b'"' * TEXT_CAP,
        b'\\"' * (1 << 20),
        b"\xff" * TEXT_CAP,
        b"\0" * TEXT_CAP,
        b"[" + b'"\\u202e",' * 100_000 + b"0]",
        b"\n" * TEXT_CAP,
        "\u202e".encode() * 500_000,
        b"a" * (10 << 20),
    ],
    ids=["deep", "open", "quotes", "escapes", "invalid", "nul", "bidi", "lines", "overrides", "one line"],
)
def test_hostile_bodies_are_bounded_and_quick(data: bytes) -> None:
    began = time.process_time()
    found = shown(data, JSON, mode="text", asked=True)
    also = shown(data, JSON)
    assert time.process_time() - began < 8
    assert len(found.text) < 24 * TEXT_CAP
    assert also.mode in {"pretty", "text", "hex"}


def test_a_bomb_is_bounded() -> None:
    found = shown(gzip.compress(bytes(100 << 20)), GZIP, mode="text", asked=True)
    assert found.decoded is not None
    assert len(found.decoded) == 10 << 20
    assert "the first" in found.remarks[0]


def test_nobody_waits_for_what_is_not_wanted() -> None:
    with pytest.raises(Cancelled):
        shown(b"hello", cancelled=lambda: True)


def test_a_picture_is_drawn_with_its_real_size() -> None:
    found = shown(picture(), ContentType("image/png"))
    assert (found.mode, found.facts, found.remarks) == ("image", "PNG, 320 × 200 pixels", ())
    assert found.image is not None
    assert found.modes == ("image", "text", "hex")
    assert shown(picture()).mode == "image"  # no type told
    assert shown(picture(), mode="hex").mode == "hex"


@pytest.mark.parametrize(
    ("data", "told", "mode", "said"),
    [
        (b"<p>no picture</p>", "image/png", "text", "but the bytes are not: they are no picture, but text"),
        (bytes(range(256)), "image/png", "hex", "but the bytes are not: they are no picture"),
        (b"\xff\xd8\xff\xe0 and no more \0", "image/png", "hex", "but the bytes are not: they are JPEG"),
        (b"\x89PNG\r\n\x1a\n\0\0", "image/png", "hex", "begin like PNG, but are no picture"),
        (picture(), "text/html", "hex", "tells text/html, but the bytes are not: they are PNG"),
        (picture()[:300], "image/png", "hex", "cannot be decoded"),
    ],
)  # fmt: skip
def test_a_picture_that_lies_is_told_in_words(data: bytes, told: str, mode: str, said: str) -> None:
    found = shown(data, ContentType(told))
    assert found.mode == mode
    assert found.image is None
    assert any(said in remark for remark in found.remarks)


def test_a_lie_is_drawn_when_one_asks_for_it() -> None:
    assert shown(picture(), ContentType("image/jpeg")).mode == "hex"
    assert shown(picture(), ContentType("image/jpeg"), mode="image").mode == "hex"
    assert shown(picture(), ContentType("image/jpeg"), mode="image", asked=True).mode == "image"


def test_a_picture_that_is_not_all_there_is_not_drawn() -> None:
    found = shown(picture(), ContentType("image/png"), size=10 << 20)
    assert found.mode == "hex"
    assert "Only a whole picture is drawn" in found.remarks[-1]


def test_the_charset_can_be_chosen() -> None:
    data = "да".encode("koi8-r") + b" and some more text"
    assert shown(data).charset == "iso-8859-1"
    found = shown(data, charset="koi8-r")
    assert found.text.startswith("да")
    assert found.charset == "koi8-r"
    assert found.remarks == ()


def test_markup_is_laid_out_and_coloured() -> None:
    found = shown(b"<html><body><p>hi</p></body></html>", ContentType("text/html"))
    assert (found.mode, found.modes) == ("pretty", ("pretty", "text", "hex"))
    assert found.text == "<html>\n  <body>\n    <p>hi</p>\n  </body>\n</html>"
    assert (1, 4, "accent") in found.colors[0]
    assert shown(b"<a><b/></a>", ContentType("application/atom+xml")).text == "<a>\n  <b/>\n</a>"
    assert shown(b"a { color: red }", ContentType("text/css")).colors
    assert shown(b"hello", ContentType("text/plain")).colors == ()


def test_json_as_a_tree() -> None:
    found = shown(b'{"a": 1}', JSON, mode="tree")
    assert found.mode == "tree"
    assert found.tree is not None
    assert found.plain == '{"a": 1}'
    assert shown(b"hello", JSON, mode="tree").mode == "text"
    deep = shown(b"[" * 100_000 + b"]" * 100_000, JSON, mode="tree")
    assert "Values nested deeper than 200 levels stand as text." in deep.remarks
    cut = shown(b"[" + b"1," * (2 << 20), JSON, mode="tree")
    assert any(remark.startswith("The tree holds the first 200,000 values") for remark in cut.remarks)
    part = shown(b'{"a": [1, 2', JSON, size=1000, mode="tree")
    assert "The tree holds what is here." in part.remarks


def test_json_that_was_cut_is_laid_out_as_far_as_it_goes() -> None:
    found = shown(b'{"a": [1, 2', JSON, size=10 << 20)
    assert found.mode == "pretty"
    assert found.text == '{\n  "a": [\n    1,\n    2'
