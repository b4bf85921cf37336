"""Bodies as a reader wants them: content codings undone, text in its charset, JSON laid out. All bounded.

Content-Encoding: RFC 9110, 8.4. Charset: RFC 9110, 8.3. Nothing here trusts the bytes: a coding that turns out wrong,
a bomb, a charset nobody knows end in words for the user, never in an exception.
"""

from __future__ import annotations

import codecs
import json
import re
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

DECODED_CAP = 10 << 20
"""Bytes that a body may grow to when its content coding is undone."""
MAX_NESTING = 200
"""Levels of JSON that are laid out; indented text of deeper values would grow without bound."""
_MAX_CODINGS = 4
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined"})
"""Codecs of Python that no body is written in; some take quadratic time."""


@dataclass(frozen=True)
class ContentType:
    """What the headers say about a body."""

    media_type: str = ""
    """In lower case, without parameters; empty where none is given."""
    charset: str = ""
    """As given; empty where none is."""
    codings: tuple[str, ...] = ()
    """Of Content-Encoding, in the order they were applied; `identity` left out."""

    @property
    def is_json(self) -> bool:
        return self.media_type.endswith(("/json", "+json", "/x-ndjson"))


@dataclass(frozen=True)
class Decoded:
    """A body without its content codings."""

    data: bytes
    cut: bool = False
    """Only the first `len(data)` bytes are here."""
    problem: str = ""
    """Why it is not (wholly) decoded, in words; empty where all went well."""


class NotJson(ValueError):
    """The text is no JSON, or none that can be laid out; says why."""


class Cancelled(Exception):
    """Nobody wants the result any more."""


def content_type(headers: Iterable[tuple[str, str]]) -> ContentType:
    """What `headers` say about the body; the last of several lines counts, codings add up."""
    media_type = charset = ""
    codings: list[str] = []
    for name, value in headers:
        match name.lower():
            case "content-type":
                media_type, _, parameters = value.partition(";")
                found = re.search(r"""charset\s*=\s*["']?([^\s;"']{1,64})""", parameters[:1000], re.IGNORECASE)
                charset = found[1] if found else ""
            case "content-encoding":
                codings += [coding.strip().lower() for coding in value[:1000].split(",")]
    return ContentType(
        media_type.strip().lower()[:200],
        charset,
        tuple(coding for coding in codings if coding not in ("", "identity")),
    )


def undo_codings(data: bytes, codings: tuple[str, ...], cap: int = DECODED_CAP) -> Decoded:
    """`data` with its content codings undone, last applied first, at most `cap` bytes."""
    if len(codings) > _MAX_CODINGS:
        return Decoded(data, problem=f"{len(codings)} content codings are too many to be undone")
    cut = False
    for coding in reversed(codings):
        if coding not in ("gzip", "x-gzip", "deflate"):
            return Decoded(data, cut, f"the content coding {coding[:40]!r} is not decoded here")
        try:
            data, more = _inflate(data, coding, cap)
        except zlib.error as error:
            return Decoded(data, cut, f"the body is no valid {coding}: {error}")
        cut = cut or more
    return Decoded(data, cut)


def _inflate(data: bytes, coding: str, cap: int) -> tuple[bytes, bool]:
    """`data` decoded up to `cap` bytes, and whether more would come; raises zlib.error where it is not of `coding`."""
    out: list[bytes] = []
    room = cap
    while data:
        decoder = zlib.decompressobj(47)  # gzip or zlib, by its header
        try:
            part = decoder.decompress(data, room + 1)
        except zlib.error:
            if coding != "deflate":
                if out:  # rubbish behind the last member
                    break
                raise
            decoder = zlib.decompressobj(-15)  # many servers send deflate without its zlib header
            part = decoder.decompress(data, room + 1)
        out.append(part[:room])
        if len(part) > room:
            return b"".join(out), True
        room -= len(part)
        if not decoder.eof:
            return b"".join(out), True
        data = decoder.unused_data
    return b"".join(out), False


def decode_text(data: bytes, charset: str) -> tuple[str, str]:
    """`data` as text, and a remark in words where it is not plainly so. Tries `charset`, then UTF-8."""
    remark = ""
    if charset:
        try:
            if codecs.lookup(charset).name.replace("-", "_") not in _NO_CHARSETS:
                return data.decode(charset, "replace"), _invalid(data, charset)
        except (LookupError, ValueError):  # not known, or a codec that makes no text
            pass
        remark = f"the charset {charset[:40]!r} is not known, shown as UTF-8"
    if data.startswith(codecs.BOM_UTF8):
        data = data[3:]
    return data.decode("utf-8", "replace"), remark or _invalid(data, "utf-8")


def _invalid(data: bytes, charset: str) -> str:
    try:
        data.decode(charset)
    except UnicodeDecodeError as error:
        if error.end >= len(data) and error.start >= len(data) - 4:  # cut within a character
            return ""
        return f"byte {error.start:,} is not valid {charset.upper()}, and is shown as \N{REPLACEMENT CHARACTER}"
    except (UnicodeError, LookupError, ValueError):
        return f"not valid {charset.upper()}"
    return ""


def looks_binary(data: bytes, charset: str = "") -> bool:
    """Whether the first bytes are no text that a person could read."""
    head = data[:4096]
    if not head:
        return False
    text, remark = decode_text(head, charset)
    if remark.startswith(("byte", "not")):
        return True
    strange = sum(1 for char in text if (char < " " and char not in "\t\r\n\f\x1b") or char == "\x7f")
    return "\0" in text or strange * 20 > len(text)


_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def pretty_json(text: str, cancelled: Callable[[], bool] = lambda: False) -> str:
    """`text` laid out with two blanks a level. Every token stays as it was written: numbers, escapes, repeated keys.

    Raises NotJson, and Cancelled when `cancelled` says so meanwhile.
    """
    try:
        json.loads(text)
    except RecursionError:
        raise NotJson("nested too deep to be laid out") from None
    except ValueError as error:
        raise NotJson(f"not valid JSON: {error}") from None
    out: list[str] = []
    depth = 0
    opened = False
    for number, match in enumerate(_TOKEN.finditer(text)):
        part = match[0]
        if number % 4096 == 0 and cancelled():
            raise Cancelled
        closes = part in ("}", "]")
        if closes:
            depth -= 1
        if opened is not closes:  # behind an opening bracket unless it closes at once, and before a closing one
            out.append("\n" + "  " * depth)
        opened = False
        if part == ",":
            out.append(",\n" + "  " * depth)
        elif part == ":":
            out.append(": ")
        else:
            out.append(part)
            if part in ("{", "["):
                depth += 1
                opened = True
                if depth > MAX_NESTING:
                    raise NotJson(f"nested deeper than {MAX_NESTING} levels, shown as it came")
    return "".join(out)
