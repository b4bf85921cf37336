"""Fields of queries and forms, parts of multipart bodies: as they stand on the wire, bounded, never an exception.

application/x-www-form-urlencoded: URL Standard, 5.1. multipart/form-data: RFC 7578, on RFC 2046, 5.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_plus, unquote_to_bytes

from inspector.recording.json_text import Cancelled

FIELDS = 10_000
"""Fields that are taken apart at most."""
PARTS = 2_000
"""Parts that are found at most."""
_PART_HEAD = 16_384
"""Bytes that the headers of a part may have."""
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PARAMETER = re.compile(r';\s{0,99}([\w*-]{1,40})\s{0,99}=\s{0,99}(?:"((?:[^"\\]|\\.){0,4000}+)"|([^;"\s]{0,4000}))')


@dataclass(frozen=True)
class Field:
    """A name and a value, decoded."""

    name: str
    value: str
    problem: str = ""
    """What is wrong with it, in words."""


@dataclass(frozen=True)
class Fields:
    items: tuple[Field, ...] = ()
    more: bool = False
    """There are more than `FIELDS`, or the text goes on."""


def fields(text: str) -> Fields:
    """The fields of a query or a form: names and values decoded from UTF-8, repeated names kept."""
    pieces = text.split("&", FIELDS)
    more = len(pieces) > FIELDS
    return Fields(tuple(_field(piece) for piece in pieces[:FIELDS] if piece), more)


def _field(piece: str) -> Field:
    name, sign, value = piece.partition("=")
    problems = []
    if not sign:
        problems.append("no = sign")
    if _BAD_ESCAPE.search(piece):
        problems.append("a % that escapes nothing")
    name, value = unquote_plus(name), unquote_plus(value)
    if "\N{REPLACEMENT CHARACTER}" in name + value and "%EF%BF%BD" not in piece.upper():
        problems.append("not UTF-8")
    return Field(name, value, ", ".join(problems))


@dataclass(frozen=True)
class Part:
    """A part of a multipart body."""

    name: str
    filename: str | None
    headers: tuple[tuple[str, str], ...]
    offset: int
    """Of its first byte behind its headers, in the decoded body."""
    size: int
    """Bytes that are here."""
    whole: bool = True
    """Its end is here too."""
    problem: str = ""


@dataclass(frozen=True)
class Parts:
    items: tuple[Part, ...] = ()
    problem: str = ""
    """What is wrong or missing, in words."""


def parts(data: bytes, boundary: str, cut: bool = False, cancelled: Callable[[], bool] = lambda: False) -> Parts:
    """The parts of `data`; `cut`: there is more of the body than `data`. Raises Cancelled."""
    if not boundary:
        return Parts(problem="the Content-Type tells no boundary")
    mark = b"--" + boundary.encode("latin-1", "replace")
    found: list[Part] = []
    at = data.find(mark)
    if at < 0:
        return Parts(problem="the boundary does not occur in the body")
    while len(found) < PARTS:
        if cancelled():
            raise Cancelled
        at += len(mark)
        if data.startswith(b"--", at):
            return Parts(tuple(found))
        line = data.find(b"\n", at, at + 200)
        if line < 0:
            return Parts(tuple(found), "" if cut else "the body ends within a boundary")
        start = line + 1
        end = _delimiter(data, mark, start)
        found.append(_part(data, start, len(data) if end < 0 else end, end >= 0))
        if end < 0:
            last = "shown are the parts that begin in the first bytes" if cut else "the last boundary is missing"
            return Parts(tuple(found), last)
        at = data.find(mark, end)
    return Parts(tuple(found), f"shown are the first {PARTS:,} parts")


def _delimiter(data: bytes, mark: bytes, start: int) -> int:
    """Where the content before the next delimiter ends: before its line end; -1 where there is none."""
    at = start - 1
    while (at := data.find(b"\n" + mark, at)) >= 0:
        behind = data[at + 1 + len(mark) : at + 3 + len(mark)]
        if behind in (b"--", b"\r\n") or behind[:1] in (b"\n", b" ", b"\t", b""):
            return max(at - (data[at - 1 : at] == b"\r"), start)
        at += 1
    return -1


def _part(data: bytes, start: int, end: int, whole: bool) -> Part:
    limit = min(end, start + _PART_HEAD)
    ends = [
        (at, at + len(mark))
        for mark in (b"\r\n\r\n", b"\n\n")
        if (at := data.find(mark, max(start - 2, 0), limit)) >= 0
    ]
    if data.startswith((b"\r\n", b"\n"), start):  # no headers at all
        head, content = b"", start + (2 if data.startswith(b"\r\n", start) else 1)
    elif ends:
        head_end, content = min(ends)
        head = data[start : max(head_end, start)]
    else:
        return Part("", None, (), start, end - start, whole, "no empty line behind its headers")
    headers = tuple(_headers(head))
    disposition = next((value for name, value in headers if name.lower() == "content-disposition"), "")
    told = _parameters(disposition)
    problem = "" if "name" in told else "no name in its Content-Disposition"
    return Part(told.get("name", ""), told.get("filename"), headers, content, max(end - content, 0), whole, problem)


def _headers(head: bytes) -> list[tuple[str, str]]:
    text = re.sub(r"\r?\n[ \t]+", " ", _text(head))
    lines = (line.partition(":") for line in text.split("\n", 100)[:100] if line.strip())
    return [(name.strip(), value.strip()) for name, _, value in lines]


def _parameters(value: str) -> dict[str, str]:
    """Parameters of Content-Disposition; `filename*` (RFC 8187) counts before `filename`."""
    told: dict[str, str] = {}
    for match in _PARAMETER.finditer(value[:_PART_HEAD]):
        name = match[1].lower()
        text = re.sub(r'\\(["\\])', r"\1", match[2]) if match[2] is not None else match[3]
        told.setdefault(name, text)
    extended = told.get("filename*")
    if extended is not None and extended.count("'") >= 2:
        charset, _, text = extended.split("'", 2)
        octets = unquote_to_bytes(text)
        told["filename"] = octets.decode("latin-1" if charset.lower() == "iso-8859-1" else "utf-8", "replace")
    return told


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
