"""Which charset the bytes of a body are in, and the text they are: never an exception, and never a silent guess.

In order: what the user chose, the charset of Content-Type (RFC 9110, 8.3), a byte order mark, what the document says of
itself (meta of HTML, encoding of XML, @charset of CSS), UTF-8, and ISO-8859-1, which any bytes are.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

CHOICES = (
    "utf-8",
    "iso-8859-1",
    "windows-1252",
    "iso-8859-15",
    "utf-16-le",
    "utf-16-be",
    "windows-1251",
    "koi8-r",
    "shift_jis",
    "euc-jp",
    "gb18030",
    "big5",
    "euc-kr",
)
"""What a user may want to try; any other one is taken from Content-Type."""
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined"})
"""Codecs of Python that no body is written in; some take quadratic time."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAID = re.compile(
    rb"""<meta\b[^>]{0,200}?\bcharset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{1,40})"""
    rb"""|<\?xml\b[^>]{0,100}?\bencoding\s{0,9}=\s{0,9}["']([\w.:-]{1,40})"""
    rb"""|\A@charset "([\w.:-]{1,40})";""",
    re.IGNORECASE,
)
_SAID_WITHIN = 1024
"""Bytes among which a document has to say its charset (HTML, 4.2.5.5)."""


@dataclass(frozen=True)
class Text:
    """Bytes as text."""

    text: str
    charset: str
    """The one it was read in, by its usual name."""
    remark: str = ""
    """What was guessed or is wrong, in words; empty where all is plain."""
    valid: bool = True
    """Every byte is valid in `charset`, but for a character cut at the end."""


def read_text(data: bytes, told: str = "", chosen: str = "") -> Text:
    """`data` as text. `told`: the charset of Content-Type; `chosen`: the user's; empty where there is none."""
    remark = ""
    for name in filter(None, (chosen, told)):
        if known(name):
            return _read(data, name)
        remark = f"the charset {name[:40]!r} is not known"
    for mark, name in _MARKS:
        if data.startswith(mark):
            found = _read(data[len(mark) :], name)
            return Text(found.text, name, _both(remark, found.remark), found.valid)
    said = _SAID.search(data[:_SAID_WITHIN])
    name = next(filter(None, said.groups()), b"").decode("latin-1") if said else ""
    if name and known(name) and not name.lower().startswith("utf-16"):  # it could not be read if it were
        found = _read(data, name)
        return Text(found.text, found.charset, _both(remark, found.remark), found.valid)
    found = _read(data, "utf-8")
    if found.valid:
        return Text(found.text, "utf-8", _both(remark, "shown as UTF-8" if remark else ""))
    why = "" if remark else "no charset is told, "
    guess = f"{found.remark.partition(',')[0]}: {why}shown as ISO-8859-1"
    return Text(data.decode("latin-1"), "iso-8859-1", _both(remark, guess), valid=False)


def known(name: str) -> bool:
    """Whether `name` is a charset that a body can be in."""
    try:
        if codecs.lookup(name).name.replace("-", "_") in _NO_CHARSETS:
            return False
        b"a".decode(name, "ignore")
    except (LookupError, ValueError):  # not known, or a codec that makes no text
        return False
    return True


def _both(one: str, other: str) -> str:
    return ", ".join(filter(None, (one, other)))


def _read(data: bytes, name: str) -> Text:
    usual = codecs.lookup(name).name
    usual = {"iso8859-1": "iso-8859-1", "cp1252": "windows-1252", "cp1251": "windows-1251"}.get(usual, usual)
    try:
        return Text(data.decode(name), usual)
    except UnicodeDecodeError as error:
        text = _replaced(data, name)
        if error.end >= len(data) and error.start >= len(data) - 4:  # cut within a character
            return Text(text, usual)
        remark = f"byte {error.start:,} is not valid {usual.upper()}, and is shown as \N{REPLACEMENT CHARACTER}"
        return Text(text, usual, remark, valid=False)
    except (UnicodeError, ValueError):
        return Text(_replaced(data, name), usual, f"not valid {usual.upper()}", valid=False)


def _replaced(data: bytes, name: str) -> str:
    try:
        return data.decode(name, "replace")
    except (UnicodeError, ValueError):
        return data.decode("latin-1")
