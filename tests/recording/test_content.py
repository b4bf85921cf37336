"""What the headers say of a body, and codings undone: bounded, and never an exception."""

from __future__ import annotations

import gzip
import re
import zlib

import pytest

from inspector.recording.content import ContentType, content_type, looks_binary, undo_codings


def test_content_type_takes_the_headers_apart() -> None:
    told = content_type(
        [("Content-Type", 'Text/HTML; x=y; Charset="ISO-8859-1"'), ("content-encoding", "gzip, identity, Deflate")]
    )
    assert told == ContentType("text/html", "ISO-8859-1", ("gzip", "deflate"))
    assert content_type([]) == ContentType()
    assert content_type([("content-type", 'multipart/form-data; boundary="a b"')]).boundary == "a b"
    assert content_type([("content-type", "multipart/form-data; BOUNDARY=----x1; a=b")]).boundary == "----x1"
    assert ContentType("application/problem+json").is_json
    assert ContentType("application/x-ndjson").is_json_lines
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
    ("codings", "said"),
    [
        (("br",), "'br' .Brotli, which"),
        (("zstd",), "'zstd' .Zstandard"),
        (("magic",), "'magic' is not decoded"),
        (("gzip",), "no valid gzip"),
        (("gzip",) * 9, "too many"),
    ],
)
def test_what_cannot_be_undone_is_said(codings: tuple[str, ...], said: str) -> None:
    undone = undo_codings(b"hello", codings)
    assert undone.data == b"hello"
    assert re.search(said, undone.problem)


def test_binary_is_told_from_text() -> None:
    assert looks_binary(b"\x89PNG\r\n\x1a\n\0\0")
    assert looks_binary(bytes(range(256)))
    assert looks_binary(b"text and a \0")
    assert not looks_binary("Grüße\r\n\t".encode())
    assert not looks_binary("x".encode("utf-16"), "utf-16")
    assert not looks_binary("Grüße aus Köln".encode("latin-1"))  # of no charset, yet a person can read it
    assert not looks_binary(b"a broken \xff byte in a page", "utf-8")
    assert looks_binary(b"\xff" * 100)
    assert looks_binary(b"\xff\xd8\xff\xe1" * 20 + b"text")
    assert not looks_binary(b"")
