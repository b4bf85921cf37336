"""Queries, forms and multipart bodies taken apart: tolerant, bounded, linear."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.recording.forms import FIELDS, PARTS, Field, fields, parts
from inspector.recording.json_text import Cancelled

UPLOAD = (
    b"a preamble\r\n--xyz\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nring twice\r\n"
    b"--xyz\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"a \\\"b\\\".png\"\r\n"
    b"Content-Type: image/png\r\n\r\n\x89PNG\r\n--xyzzy\r\n\r\n--xyz\r\n"
    b"Content-Disposition: form-data; name=n; filename*=UTF-8''gr%C3%BC%C3%9Fe.txt\r\n"
    b"\r\n\r\n--xyz--\r\nan epilogue"
)  # fmt: skip


def test_fields() -> None:
    assert fields("q=lamp+post&q=%C3%BC&empty=&flag&=x&&bad=%zz&raw=%ff").items == (
        Field("q", "lamp post"),
        Field("q", "ü"),
        Field("empty", ""),
        Field("flag", "", "no = sign"),
        Field("", "x"),
        Field("bad", "%zz", "a % that escapes nothing"),
        Field("raw", "\ufffd", "not UTF-8"),
    )
    assert fields("") == fields("&&")


def test_fields_are_bounded() -> None:
    found = fields("a=1&" * 1_000_000)
    assert len(found.items) == FIELDS
    assert found.more
    assert not fields("a=1").more


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    fields(text)


def test_parts() -> None:
    found = parts(UPLOAD, "xyz")
    assert found.problem == ""
    assert [(each.name, each.filename) for each in found.items] == [
        ("note", None),
        ("photo", 'a "b".png'),
        ("n", "grüße.txt"),
    ]
    contents = [UPLOAD[each.offset : each.offset + each.size] for each in found.items]
    assert contents == [b"ring twice", b"\x89PNG\r\n--xyzzy\r\n", b""]
    assert dict(found.items[1].headers)["Content-Type"] == "image/png"
    assert all(each.whole and not each.problem for each in found.items)


def test_line_ends_of_unix_are_taken_too() -> None:
    data = UPLOAD.replace(b"\r\n", b"\n")
    found = parts(data, "xyz")
    assert [data[each.offset : each.offset + each.size] for each in found.items] == [
        b"ring twice",
        b"\x89PNG\n--xyzzy\n",
        b"",
    ]


def test_an_upload_that_is_cut() -> None:
    found = parts(UPLOAD[:200], "xyz", cut=True)
    assert [each.whole for each in found.items] == [True, False]
    assert "first bytes" in found.problem
    assert "last boundary is missing" in parts(UPLOAD[:200], "xyz").problem


@pytest.mark.parametrize(
    ("data", "boundary", "said"),
    [(UPLOAD, "", "no boundary"), (UPLOAD, "other", "does not occur"), (b"--xyz", "xyz", "within a boundary")],
)
def test_what_is_wrong_is_said(data: bytes, boundary: str, said: str) -> None:
    assert said in parts(data, boundary).problem


def test_a_part_without_a_head_or_a_name() -> None:
    (bare, nameless, headless) = parts(
        b"--b\r\n\r\nx\r\n--b\r\nContent-Type: a/b\r\n\r\ny\r\n--b\r\nz\r\n--b--", "b"
    ).items
    assert (bare.name, bare.size) == ("", 1)
    assert "no name" in nameless.problem
    assert "no empty line" in headless.problem


@given(st.binary(max_size=300), st.integers(0, 300))
def test_any_bytes_are_taken(data: bytes, at: int) -> None:
    whole = UPLOAD[:at] + data + UPLOAD[at:]
    for each in parts(whole, "xyz").items:
        assert 0 <= each.offset <= each.offset + each.size <= len(whole)


@pytest.mark.parametrize(
    "data",
    [b"--b\r\n" * 500_000, b"--b\r\n" + b"\n--b!" * 500_000, b"--b\r\n" + b"\r\n" * 1_000_000,
     b"--b\r\nContent-Disposition: form-data; name=\"" + b'\\"' * 1_000_000, b"--b\r\n" + b"; name=" * 500_000],
)  # fmt: skip
def test_time_is_linear(data: bytes) -> None:
    began = time.process_time()
    found = parts(data, "b")
    assert time.process_time() - began < 5
    assert len(found.items) <= PARTS


def test_it_stops_when_nobody_wants_it() -> None:
    with pytest.raises(Cancelled):
        parts(UPLOAD, "xyz", cancelled=lambda: True)
