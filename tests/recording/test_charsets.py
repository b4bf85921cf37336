"""Bytes as text: the charset that is told, found or guessed, with every guess said."""

from __future__ import annotations

import codecs
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.recording.charsets import CHOICES, known, read_text


@pytest.mark.parametrize(
    ("data", "told", "text", "charset", "said"),
    [
        ("Grüße".encode(), "", "Grüße", "utf-8", ""),
        ("Grüße".encode("latin-1"), "latin-1", "Grüße", "iso-8859-1", ""),
        ("Grüße".encode("utf-16"), "utf-16", "Grüße", "utf-16", ""),
        (b"\xef\xbb\xbfhello", "", "hello", "utf-8", ""),
        (codecs.BOM_UTF16_BE + "Grüße".encode("utf-16-be"), "", "Grüße", "utf-16-be", ""),
        (codecs.BOM_UTF32_LE + "Grüße".encode("utf-32-le"), "", "Grüße", "utf-32-le", ""),
        (b"Gr\xfc\xdfe und mehr", "", "Grüße und mehr", "iso-8859-1", "byte 2 is not valid UTF-8: no charset is told"),
        (b"Gr\xfc\xdfe und mehr", "utf-8", "Gr\ufffd\ufffde und mehr", "utf-8", "byte 2 is not valid UTF-8, and is"),
        ("Grüße".encode()[:3], "", "Gr\ufffd", "utf-8", ""),  # cut within a character
        (b"hello", "klingon", "hello", "utf-8", "'klingon' is not known, shown as UTF-8"),
        (b"68656c6c6f", "hex", "68656c6c6f", "utf-8", "'hex' is not known"),  # a codec of Python, but no charset
        (b"hello", "unicode_escape", "hello", "utf-8", "not known"),
        (b"hello", "\0", "hello", "utf-8", "not known"),
        (b'<meta charset="koi8-r">\xc4\xc1', "", '<meta charset="koi8-r">да', "koi8-r", ""),
        (b'<?xml version="1.0" encoding="iso-8859-15"?>\xa4', "", '<?xml version="1.0" encoding="iso-8859-15"?>€',
         "iso8859-15", ""),
        (b'@charset "latin-1";\xfc', "", '@charset "latin-1";ü', "iso-8859-1", ""),
        (b'<meta charset="utf-16">a', "", '<meta charset="utf-16">a', "utf-8", ""),  # it could not be read if it were
        (b'<meta charset="klingon">a', "", '<meta charset="klingon">a', "utf-8", ""),
        (b'<meta charset="koi8-r">\xc3\xa4', "utf-8", '<meta charset="koi8-r">ä', "utf-8", ""),  # the header counts
    ],
)  # fmt: skip
def test_text_is_decoded(data: bytes, told: str, text: str, charset: str, said: str) -> None:
    found = read_text(data, told)
    assert found.text == text
    assert found.charset == charset
    assert said in found.remark
    assert bool(found.remark) == bool(said)


def test_what_the_user_chose_counts_before_everything() -> None:
    found = read_text(b"\xc4\xc1", "utf-8", chosen="koi8-r")
    assert (found.text, found.charset, found.remark) == ("да", "koi8-r", "")


def test_every_choice_is_known() -> None:
    assert all(map(known, CHOICES))


@given(st.binary(max_size=200), st.sampled_from(["", "utf-8", "utf-16", "utf-7", "ascii", "big5", "punycode", "rot13"]))
def test_any_bytes_in_any_charset_give_text(data: bytes, charset: str) -> None:
    read_text(data, charset)


def test_saying_the_charset_is_looked_for_in_linear_time() -> None:
    began = time.process_time()
    read_text(b"<meta " * 500_000)
    assert time.process_time() - began < 2


def test_an_unknown_charset_is_not_called_untold() -> None:
    found = read_text(b"caf\xe9 au lait", "klingon-8")
    assert found.remark == "the charset 'klingon-8' is not known, byte 3 is not valid UTF-8: shown as ISO-8859-1"
