"""What the headers say of a body, and its content codings undone. All bounded.

Content-Type: RFC 9110, 8.3. Content-Encoding: RFC 9110, 8.4. Nothing here trusts the bytes: a coding that turns out
wrong, or a bomb, end in words for the user, never in an exception. Beside it: `charsets`, `json_text`, `markup`,
`forms`, `cookies`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from inspector.recording.charsets import read_text

DECODED_CAP = 10 << 20
"""Bytes that a body may grow to when its content coding is undone."""
_MAX_CODINGS = 4
_OTHERS = {"br": "Brotli", "zstd": "Zstandard", "compress": "LZW", "x-compress": "LZW"}


@dataclass(frozen=True)
class ContentType:
    """What the headers say about a body."""

    media_type: str = ""
    """In lower case, without parameters; empty where none is given."""
    charset: str = ""
    """As given; empty where none is."""
    codings: tuple[str, ...] = ()
    """Of Content-Encoding, in the order they were applied; `identity` left out."""
    boundary: str = ""
    """Of multipart (RFC 2046, 5.1.1); empty where there is none."""

    @property
    def is_json(self) -> bool:
        return self.media_type.endswith(("/json", "+json")) or self.is_json_lines

    @property
    def is_json_lines(self) -> bool:
        """One value after the other."""
        return self.media_type.endswith(("/x-ndjson", "/jsonl", "/x-jsonlines", "/json-lines"))


@dataclass(frozen=True)
class Decoded:
    """A body without its content codings."""

    data: bytes
    cut: bool = False
    """Only the first `len(data)` bytes are here."""
    short: bool = False
    """Because the coded bytes end in the middle; else because of the cap."""
    problem: str = ""
    """Why it is not (wholly) decoded, in words; empty where all went well."""


def content_type(headers: Iterable[tuple[str, str]]) -> ContentType:
    """What `headers` say about the body; the last of several lines counts, codings add up."""
    media_type = charset = boundary = ""
    codings: list[str] = []
    for name, value in headers:
        match name.lower():
            case "content-type":
                media_type, _, parameters = value.partition(";")
                found = re.search(r"""charset\s*=\s*["']?([^\s;"']{1,64})""", parameters[:1000], re.IGNORECASE)
                charset = found[1] if found else ""
                found = re.search(
                    r'boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', parameters[:1000], re.IGNORECASE
                )
                boundary = (found[1] or found[2]) if found else ""
            case "content-encoding":
                codings += [coding.strip().lower() for coding in value[:1000].split(",")]
    return ContentType(
        media_type.strip().lower()[:200],
        charset,
        tuple(coding for coding in codings if coding not in ("", "identity")),
        boundary,
    )


def undo_codings(data: bytes, codings: tuple[str, ...], cap: int = DECODED_CAP) -> Decoded:
    """`data` with its content codings undone, last applied first, at most `cap` bytes."""
    if len(codings) > _MAX_CODINGS:
        return Decoded(data, problem=f"{len(codings)} content codings are too many to be undone")
    cut = short = False
    for coding in reversed(codings):
        if coding not in ("gzip", "x-gzip", "deflate"):
            name = _OTHERS.get(coding, "")
            why = f" ({name}, which Python's standard library does not have)" if name else ""
            return Decoded(data, cut, short, f"the content coding {coding[:40]!r}{why} is not decoded here")
        try:
            data, more, ends = _inflate(data, coding, cap)
        except zlib.error as error:
            return Decoded(data, cut, short, f"the body is no valid {coding}: {error}")
        cut, short = cut or more, short or ends
    return Decoded(data, cut, short)


def _inflate(data: bytes, coding: str, cap: int) -> tuple[bytes, bool, bool]:
    """`data` decoded up to `cap` bytes, whether more would come, and whether that is for want of coded bytes.

    Raises zlib.error where it is not of `coding`.
    """
    out: list[bytes] = []
    room = cap
    while data:
        decoder = zlib.decompressobj(47)  # gzip or zlib, by its header
        try:
            part = decoder.decompress(data, room)
        except zlib.error:
            if coding != "deflate":
                if out:  # rubbish behind the last member
                    break
                raise
            decoder = zlib.decompressobj(-15)  # many servers send deflate without its zlib header
            part = decoder.decompress(data, room)
        out.append(part)
        room -= len(part)
        if not room and not decoder.eof and decoder.decompress(decoder.unconsumed_tail, 1):  # not in `part`: no copy
            return b"".join(out), True, False
        data = decoder.unused_data
        if not decoder.eof or (data and not room):
            return b"".join(out), True, not decoder.eof
    return b"".join(out), False, False


def looks_binary(data: bytes, charset: str = "") -> bool:
    """Whether the first bytes are no text that a person could read."""
    head = data[:4096]
    if not head:
        return False
    found = read_text(head, charset)
    strange = sum(1 for char in found.text if (char < " " and char not in "\t\r\n\f\x1b") or char == "\x7f")
    if not found.valid:
        strange += sum(1 for char in found.text if "\x80" <= char < "\xa0")
        high = sum(1 for octet in head if octet >= 0x80)
        if high * 3 > len(head):
            return True
    return "\0" in found.text or strange * 20 > len(found.text)
