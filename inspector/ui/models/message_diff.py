"""What an edit changed in a message: its keys and its body as lines, before and after, with the changed parts marked.

No Qt. `compare` may take its time with large bodies: it belongs to the renderer's thread, and looks at `PART` bytes and
`LINES` lines of either side at most.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from inspector.recording import json_text
from inspector.recording.json_text import Cancelled, NotJson
from inspector.ui import shown, words
from inspector.ui.highlight import Pieces

PART = 64_000
"""Bytes of a body that are compared."""
LINES = 1_200
"""Lines of a side that are compared."""
CONTEXT = 3
"""Lines that stand around a change; a longer stretch of equal ones is told as a number."""
SAME, GONE, ADDED = "  ", "\N{MINUS SIGN} ", "+ "
_LONGEST = 4_000
"""Characters of a value."""
_NESTED = 8
_PAIRED = 200
"""Lines that are compared word by word."""
_LIKE = 0.35
"""How alike two lines are that are marked word by word."""
_WORDS = re.compile(r"\d+(?:\.\d+)?|\w+|\s+|.", re.DOTALL)
_ROW = 16


@dataclass(frozen=True)
class Side:
    """A message before or after an edit: `data` as in `MessageRow`, `body` as far as it is recorded."""

    type: str
    data: Any
    body_key: str = ""
    body: bytes = b""
    size: int = 0


@dataclass(frozen=True)
class Changes:
    """`text`, whose lines begin with one of `SAME`, `GONE`, `ADDED`; their coloured parts; and what it leaves out."""

    text: str
    pieces: tuple[Pieces, ...]
    remark: str = ""


def compare(before: Side, after: Side, cancelled: Callable[[], bool] = lambda: False) -> Changes:
    """The lines of both sides in one text. Raises `Cancelled`."""
    bodies = _bodies(before, after, cancelled)
    if bodies[0].count("\r\n") != bodies[1].count("\r\n"):  # a line's end may be what has changed
        bodies = [body.replace("\r\n", "\u27e8CR\u27e9\n") for body in bodies]
    parts = (tuple(map(_keys, (before, after))), tuple(map(_split, bodies)))
    cut = any(len(lines) > LINES for part in parts for lines in part) or max(map(len, (before.body, after.body))) > PART
    text: list[str] = []
    pieces: list[Pieces] = []
    for old, new in parts:
        for mark, line, marked in _lines(old[:LINES], new[:LINES], cancelled):
            text.append(mark + line)
            color, part = {GONE: ("status_5xx", "gone"), ADDED: ("status_2xx", "added")}.get(mark, ("", ""))
            pieces.append([(0, 1, color), *((start + 2, size, part) for start, size in marked)] if color else [])
    remark = f"Compared are the first {words.size(PART)} and {LINES:,} lines." if cut else ""
    return Changes("\n".join(text), tuple(pieces), remark)


# A side as lines.


def _keys(side: Side) -> list[str]:
    lines = [f"type: {shown.value(side.type, _LONGEST)}"]
    data = side.data if isinstance(side.data, dict) else {}
    for key, item in data.items():
        lines += _laid(shown.key_text(key), item, "", _NESTED)
    if side.body_key:
        lines.append(f"{side.body_key}: {words.size(side.size)}")
    return lines


def _laid(name: str, item: object, indent: str, depth: int) -> list[str]:
    if depth and isinstance(item, dict) and item:
        inner = [
            line for key, one in item.items() for line in _laid(shown.key_text(key), one, indent + "  ", depth - 1)
        ]
        return [f"{indent}{name}:", *inner]
    if depth and isinstance(item, (list, tuple)) and item:
        return [f"{indent}{name}:", *(line for one in item for line in _item(one, indent + "  ", depth - 1))]
    return [f"{indent}{name}: {shown.value(item, _LONGEST, 0)}"]


def _item(item: object, indent: str, depth: int) -> list[str]:
    match item:
        case [str() | bytes() as name, str() | bytes() as value]:  # a header
            return [f"{indent}{shown.one_line(shown.plain(name), 200)}: {shown.one_line(shown.plain(value), _LONGEST)}"]
        case [*inner] if depth and inner:
            return [line for one in inner for line in _item(one, indent + "  ", depth - 1)]
    return [f"{indent}{shown.value(item, _LONGEST, 1)}"]


def _split(body: str) -> list[str]:
    return shown.broken(shown.visible(body))[0].split("\n") if body else []


def _bodies(before: Side, after: Side, cancelled: Callable[[], bool]) -> list[str]:
    """The bodies: both as text, laid out where both are JSON, or else both as figures."""
    data = [side.body[:PART] for side in (before, after)]
    try:
        texts = [_text(part, len(side.body) > PART) for part, side in zip(data, (before, after), strict=True)]
    except UnicodeDecodeError:
        return [_figures(part) for part in data]
    laid = _json(texts, cancelled)
    if laid is not None and (laid[0] != laid[1] or texts[0] == texts[1]):  # else only blanks have changed
        texts = laid
    return texts


def _text(part: bytes, cut: bool) -> str:
    if b"\0" in part:
        raise UnicodeDecodeError("utf-8", part, 0, 1, "figures")
    try:
        return part.decode()
    except UnicodeDecodeError as error:
        if cut and error.start > len(part) - 4:
            return part[: error.start].decode()
        raise


def _json(texts: Sequence[str], cancelled: Callable[[], bool]) -> list[str] | None:
    laid = []
    for text in texts:
        try:
            if text:
                json_text.parse(text, False, False, cancelled)
        except NotJson:
            return None
        laid.append(json_text.lay_out(text, LINES, cancelled)[0] if text else "")
    return laid


def _figures(part: bytes) -> str:
    rows = range(0, min(len(part), LINES * _ROW), _ROW)
    return "\n".join(part[at : at + _ROW].hex(" ") for at in rows)


# Lines compared.

_Line = tuple[str, str, list[tuple[int, int]]]
"""Mark, text, and its changed parts as start and length."""


def _lines(old: list[str], new: list[str], cancelled: Callable[[], bool]) -> Iterator[_Line]:
    pairs = _PAIRED
    blocks = SequenceMatcher(None, old, new).get_opcodes()
    for number, (kind, a, b, c, d) in enumerate(blocks):
        if cancelled():
            raise Cancelled
        if kind == "equal":
            yield from _same(old[a:b], number == 0, number == len(blocks) - 1)
            continue
        marked_old: list[list[tuple[int, int]]] = [_whole(line) for line in old[a:b]]
        marked_new: list[list[tuple[int, int]]] = [_whole(line) for line in new[c:d]]
        for at in range(min(b - a, d - c, pairs)):
            marked_old[at], marked_new[at] = _parts(old[a + at], new[c + at])
        pairs -= min(b - a, d - c, pairs)
        yield from ((GONE, line, marked) for line, marked in zip(old[a:b], marked_old, strict=True))
        yield from ((ADDED, line, marked) for line, marked in zip(new[c:d], marked_new, strict=True))


def _same(lines: list[str], first: bool, last: bool) -> Iterator[_Line]:
    """Equal lines; of many those next to a change."""
    head, tail = (0 if first else CONTEXT), (0 if last else CONTEXT)
    left = len(lines) - head - tail
    if left <= 2 * CONTEXT:
        yield from ((SAME, line, []) for line in lines)
        return
    yield from ((SAME, line, []) for line in lines[:head])
    yield SAME, f"\N{MIDLINE HORIZONTAL ELLIPSIS} {words.counted(left, 'line')} the same", []
    yield from ((SAME, line, []) for line in lines[len(lines) - tail :])


def _whole(line: str) -> list[tuple[int, int]]:
    return [(0, len(line))] if line else []


def _parts(old: str, new: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Which parts of two lines are others; all of them where they have little in common."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(None, before, after)
    if matcher.ratio() < _LIKE:
        return _whole(old), _whole(new)
    gone: list[tuple[int, int]] = []
    added: list[tuple[int, int]] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            for parts, tokens, start, end in ((gone, before, a, b), (added, after, c, d)):
                if start < end:
                    parts.append((sum(map(len, tokens[:start])), sum(map(len, tokens[start:end]))))
    return gone, added
