"""Codings undone, text in its charset, JSON laid out: bounded, and never an exception."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.recording.content import (
    Cancelled,
    ContentType,
    NotJson,
    content_type,
    decode_text,
    looks_binary,
    pretty_json,
    undo_codings,
)


def test_content_type_takes_the_headers_apart() -> None:
    told = content_type(
        [("Content-Type", 'Text/HTML; x=y; Charset="ISO-8859-1"'), ("content-encoding", "gzip, identity, Deflate")]
    )
    assert told == ContentType("text/html", "ISO-8859-1", ("gzip", "deflate"))
    assert content_type([]) == ContentType()
    assert ContentType("application/problem+json").is_json
    assert not ContentType("text/html").is_json


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate"])
def test_codings_are_undone(coding: str) -> None:
    body = b"hello " * 100
    packed = zlib.compress(body) if coding == "deflate" else gzip.compress(body)
    assert undo_codings(packed, (coding,)).data == body
    assert undo_codings(packed[:-12], (coding,)).cut


def test_raw_deflate_and_several_members_and_several_codings() -> None:
    raw = zlib.compressobj(wbits=-15)
    assert undo_codings(raw.compress(b"hello") + raw.flush(), ("deflate",)).data == b"hello"
    assert undo_codings(gzip.compress(b"a") + gzip.compress(b"b") + b"rubbish", ("gzip",)).data == b"ab"
    assert undo_codings(gzip.compress(zlib.compress(b"hello")), ("deflate", "gzip")).data == b"hello"


def test_a_bomb_is_cut_at_the_cap() -> None:
    bomb = gzip.compress(gzip.compress(bytes(64 << 20)))
    undone = undo_codings(bomb, ("gzip", "gzip"), cap=1 << 20)
    assert len(undone.data) == 1 << 20
    assert undone.cut


@pytest.mark.parametrize(
    ("codings", "said"), [(("br",), "'br' is not decoded"), (("gzip",), "no valid gzip"), (("gzip",) * 9, "too many")]
)
def test_what_cannot_be_undone_is_said(codings: tuple[str, ...], said: str) -> None:
    undone = undo_codings(b"hello", codings)
    assert undone.data == b"hello"
    assert said in undone.problem


@pytest.mark.parametrize(
    ("data", "charset", "text", "said"),
    [
        ("Grüße".encode(), "", "Grüße", ""),
        ("Grüße".encode("latin-1"), "latin-1", "Grüße", ""),
        ("Grüße".encode("utf-16"), "utf-16", "Grüße", ""),
        (b"\xef\xbb\xbfhello", "", "hello", ""),
        (b"Gr\xfc\xdfe und mehr", "", "Gr\ufffd\ufffde und mehr", "byte 2 is not valid UTF-8"),
        ("Grüße".encode()[:3], "", "Gr\ufffd", ""),  # cut within a character
        (b"hello", "klingon", "hello", "'klingon' is not known"),
        (b"68656c6c6f", "hex", "68656c6c6f", "'hex' is not known"),  # a codec of Python, but no charset
        (b"hello", "unicode_escape", "hello", "not known"),
        (b"hello", "\0", "hello", "not known"),
    ],
)
def test_text_is_decoded(data: bytes, charset: str, text: str, said: str) -> None:
    found, remark = decode_text(data, charset)
    assert found == text
    assert said in remark
    assert bool(remark) == bool(said)


@given(st.binary(max_size=200), st.sampled_from(["", "utf-8", "utf-16", "utf-7", "ascii", "big5", "punycode", "rot13"]))
def test_any_bytes_in_any_charset_give_text(data: bytes, charset: str) -> None:
    decode_text(data, charset)
    looks_binary(data, charset)


def test_binary_is_told_from_text() -> None:
    assert looks_binary(b"\x89PNG\r\n\x1a\n\0\0")
    assert looks_binary(bytes(range(256)))
    assert looks_binary(b"text and a \0")
    assert not looks_binary("Grüße\r\n\t".encode())
    assert not looks_binary("x".encode("utf-16"), "utf-16")
    assert not looks_binary(b"")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_pretty_json_is_what_json_makes_of_it(value: object) -> None:
    assert pretty_json(json.dumps(value)) == json.dumps(value, indent=2)


def test_pretty_json_keeps_tokens_as_they_were_written() -> None:
    assert pretty_json('{"a":1.50, "a":1e3,"b":"\\u00e4"}') == '{\n  "a": 1.50,\n  "a": 1e3,\n  "b": "\\u00e4"\n}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000, "nested too deep"),
        ("[" * 100_000 + "]" * 100_000, "nested too deep"),
        ("[" * 300 + "]" * 300, "deeper than 200"),
        ('{"a": }', "line 1 column 7"),
        ("", "not valid JSON"),
        ('"' * 99_999, "not valid JSON"),
        ("9" * 5_000, "not valid JSON"),
    ],
)
def test_what_is_no_json_is_said(text: str, said: str) -> None:
    with pytest.raises(NotJson, match=said):
        pretty_json(text)


def test_pretty_json_stops_when_nobody_wants_it() -> None:
    with pytest.raises(Cancelled):
        pretty_json("[1, 2]", lambda: True)
