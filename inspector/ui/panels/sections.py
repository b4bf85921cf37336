"""What a request or a response consists of besides its body: cookies, query, form and parts, as tables. No widgets.

`quick` is what the head tells, at once; `slow` reads the body, and runs off the Qt thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from inspector.recording import cookies, forms
from inspector.recording.charsets import read_text
from inspector.recording.content import ContentType, content_type, undo_codings
from inspector.recording.forms import Field, Part
from inspector.ui import words
from inspector.ui.models.field_table import Line, Table
from inspector.ui.panels.exchange_parts import Headers

FORM = "application/x-www-form-urlencoded"
FORM_CAP = 2 << 20
"""Bytes of a form that are taken apart."""
_SHOWN = 4_000
"""Characters of a value that are kept for the table."""


@dataclass(frozen=True)
class Slow:
    """What the body tells."""

    form: Table | None = None
    parts: Table | None = None
    found: tuple[Part, ...] = ()
    """The parts of `parts`, line by line."""
    decoded: bytes | None = None
    """What they are parts of, where the body has content codings."""


def quick(headers: Headers, query: str) -> dict[str, Table]:
    """Tables of `cookies` and `query`, where there are any."""
    tables = {}
    values = [value for name, value in headers if name.lower() == "set-cookie"]
    if values:
        tables["cookies"] = _set_cookies(values[: cookies.COOKIES])
    else:
        sent = cookies.sent(value for name, value in headers if name.lower() == "cookie")
        if sent:
            tables["cookies"] = Table(lines=_lines(sent))
    if query:
        tables["query"] = _fields(query, "query")
    return tables


def _set_cookies(values: Iterable[str]) -> Table:
    lines = []
    for found in map(cookies.set_cookie, values):
        attributes = "; ".join(f"{key}={text}" if text else key for key, text in found.attributes)
        cells = (found.name, found.value[:_SHOWN], attributes[:_SHOWN])
        lines.append(Line(cells, " ".join(found.problems), "\n".join(found.meanings)))
    return Table(("name", "value", "attributes"), tuple(lines))


def _fields(text: str, what: str) -> Table:
    found = forms.fields(text)
    note = f"Shown are the first {forms.FIELDS:,} fields of the {what}." if found.more else ""
    return Table(lines=_lines(found.items), note=note)


def _lines(fields: Iterable[Field]) -> tuple[Line, ...]:
    return tuple(Line((each.name[:_SHOWN], each.value[:_SHOWN]), each.problem) for each in fields)


def has_more(content: ContentType) -> bool:
    """Whether the body has fields or parts, by its type."""
    return content.media_type == FORM or content.media_type.startswith("multipart/")


def slow(content: ContentType, data: bytes, size: int, cancelled: Callable[[], bool]) -> Slow:
    """Fields or parts of `data`, the first bytes of a body of `size`. Raises Cancelled."""
    undone = undo_codings(data, content.codings)
    cut = undone.cut or len(data) < size
    if undone.problem:
        return Slow()
    if content.media_type == FORM:
        octets = undone.data[:FORM_CAP]
        table = _fields(read_text(octets, content.charset).text.strip("\r\n"), "form")
        note = table.note
        if cut or len(octets) < len(undone.data):
            note = note or f"Shown are the fields of the first {words.size(len(octets))}."
        return Slow(form=Table(lines=table.lines, note=note))
    found = forms.parts(undone.data, content.boundary, cut, cancelled)
    note = f"{found.problem[0].upper()}{found.problem[1:]}." if found.problem else ""
    lines = tuple(_part_line(part) for part in found.items)
    table = Table(("name", "file name", "type", "size"), lines, note, right=(3,))
    return Slow(parts=table, found=found.items, decoded=undone.data if content.codings else None)


def _part_line(part: Part) -> Line:
    size = words.size(part.size)
    cells = (part.name[:_SHOWN], (part.filename or "")[:_SHOWN], part_content(part).media_type,
             size if part.whole else f"over {size}")  # fmt: skip
    return Line(cells, part.problem, "\n".join(f"{name}: {value}"[:300] for name, value in part.headers[:20]))


def part_content(part: Part) -> ContentType:
    """Of a part by its own headers; text where they tell nothing (RFC 7578, 4.4)."""
    told = content_type(part.headers)
    return told if told.media_type else ContentType("text/plain" if part.filename is None else "")
