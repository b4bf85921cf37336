"""JSON read without recursion: checked, laid out, and taken apart for a tree. However deep, long or broken it is.

`parse` checks the text (RFC 8259; NaN and Infinity are let through, for Python writes them) and keeps the first
`NODES` values down to `MAX_NESTING` levels as spans of the text: figures in arrays, no object per value. What lies
deeper or behind stays text. `lay_out` leaves every token as it was written: numbers, escapes, repeated keys.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Callable

MAX_NESTING = 200
"""Levels that are laid out; indented text of deeper values would grow without bound."""
NODES = 200_000
"""Values that a tree has at most."""
LAID_OUT_CAP = 1 << 20
"""Characters of text laid out, at most."""
OBJECT, ARRAY, STRING, NUMBER, WORD, DEEP = range(6)
"""Kinds of values; a WORD is true, false or null, DEEP a container below `MAX_NESTING`."""

_TOKEN = re.compile(
    r"[ \t\n\r]*+(?:([{}\[\],:])"
    r'|("(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")'
    r"|(-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)"
    r"|(true|false|null|NaN|-?Infinity))"
)
_BLANK = re.compile(r"[ \t\n\r]*+")
_CLOSES = {"}": "{", "]": "["}
_EVERY = 4096
"""Tokens after which we ask whether anybody still waits."""


class NotJson(ValueError):
    """The text is no JSON; says where, and what was expected."""


class Cancelled(Exception):
    """Nobody wants the result any more."""


class Tree:
    """The values of a text, by number: a parent stands before its children, its first child right behind it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.kinds = bytearray()
        self.starts, self.ends = array("q"), array("q")
        self.keys, self.key_ends = array("q"), array("q")
        """Span of the key in the text; -1 for an item of an array and for the top."""
        self.after = array("q")
        """Number of the value behind the whole of this one."""
        self.counts = array("q")
        """Items of a container that are in the tree."""
        self.tops: list[int] = []
        """Values at the top: one, but for lines of JSON."""
        self.deep = False
        """Something lies deeper than `MAX_NESTING` levels."""
        self.cut = False
        """There are more than `NODES` values, or the text ends early."""

    def __len__(self) -> int:
        return len(self.kinds)

    def children(self, node: int) -> array[int]:
        """Numbers of the items of `node`."""
        found = array("q")
        at, end = node + 1, self.after[node]
        while at < end:
            found.append(at)
            at = self.after[at]
        return found

    def key(self, node: int) -> str | None:
        """The key of `node`, its escapes undone; None for an item of an array."""
        start = self.keys[node]
        return None if start < 0 else _string(self.text[start : self.key_ends[node]])

    def raw(self, node: int, limit: int = -1) -> str:
        """`node` as it was written, or its first `limit` characters."""
        start, end = self.starts[node], self.ends[node]
        return self.text[start : end if limit < 0 else min(end, start + limit)]

    def value(self, node: int) -> str:
        """`node` for the clipboard: a string without quotes and escapes, everything else as it was written."""
        return _string(self.raw(node)) if self.kinds[node] == STRING else self.raw(node)

    def open(self, kind: int, start: int, key: tuple[int, int]) -> int:
        """One more value; its end is not known yet."""
        node = len(self.kinds)
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(len(self.text))
        self.keys.append(key[0])
        self.key_ends.append(key[1])
        self.after.append(node + 1)
        self.counts.append(0)
        return node


def _string(raw: str) -> str:
    try:
        text = json.loads(raw, strict=False)
    except ValueError:  # cut
        return raw.removeprefix('"')
    return text if isinstance(text, str) else raw


def parse(text: str, cut: bool = False, several: bool = False, cancelled: Callable[[], bool] = lambda: False) -> Tree:
    """`text` as a tree. `cut`: it may end anywhere; `several`: values may follow one another (lines of JSON).

    Raises NotJson, and Cancelled when `cancelled` says so meanwhile.
    """
    reading = _Reading(text, several)
    match, take = _TOKEN.match, reading.take
    at, number = 0, 0
    while found := match(text, at):
        number += 1
        if number % _EVERY == 0 and cancelled():
            raise Cancelled
        at = found.end()
        take(found.lastindex or 0, found.start(found.lastindex or 0), at)
    blank = _BLANK.match(text, at)
    at = blank.end() if blank else at
    if at < len(text) and not (cut and _may_be_cut(text, at)):
        raise reading.expected(at)
    return reading.finished(cut)


class _Reading:
    """What has come so far, and what may come next."""

    def __init__(self, text: str, several: bool) -> None:
        self._tree = Tree(text)
        self._several = several
        self._opened: list[str] = []
        self._nodes: list[int] = []
        """Of `_opened`, as many as are in the tree."""
        self._wanted = "value"
        self._key = (-1, -1)

    def take(self, group: int, start: int, end: int) -> None:
        """The next token: a sign (group 1), a string, a number or a word."""
        sign = self._tree.text[start] if group == 1 else ""
        wanted = self._wanted
        if sign in ("}", "]"):
            self._close(sign, start, end)
        elif sign == "," and wanted == "more" and self._opened:
            self._wanted = "key" if self._opened[-1] == "{" else "value"
        elif sign == ":" and wanted == "colon":
            self._wanted = "value"
        elif group == 2 and wanted in ("key", "key or end"):
            self._key, self._wanted = (start, end), "colon"
        elif sign not in (",", ":") and (wanted in ("value", "item or end") or (wanted == "nothing" and self._several)):
            self._value(sign, group, start, end)
        else:
            raise self.expected(start)

    def _close(self, sign: str, start: int, end: int) -> None:
        ends = self._wanted in ("more", "item or end" if sign == "]" else "key or end")
        if not self._opened or not ends or self._opened[-1] != _CLOSES[sign]:
            raise self.expected(start)
        if len(self._nodes) == len(self._opened):
            node = self._nodes.pop()
            self._tree.ends[node], self._tree.after[node] = end, len(self._tree)
        self._opened.pop()
        self._wanted = "more" if self._opened else "nothing"

    def _value(self, sign: str, group: int, start: int, end: int) -> None:
        """A value begins, and ends unless it is a container."""
        if len(self._nodes) == len(self._opened):  # its parent is in the tree
            self._plant(sign, group, start, end)
        self._key = (-1, -1)
        if sign:
            self._opened.append(sign)
            self._wanted = "key or end" if sign == "{" else "item or end"
        else:
            self._wanted = "more" if self._opened else "nothing"

    def _plant(self, sign: str, group: int, start: int, end: int) -> None:
        tree = self._tree
        if len(tree) >= NODES:
            tree.cut = True
            return
        deep = bool(sign) and len(self._opened) >= MAX_NESTING
        kind = DEEP if deep else (OBJECT if sign == "{" else ARRAY) if sign else group
        node = tree.open(kind, start, self._key)
        if self._nodes:
            tree.counts[self._nodes[-1]] += 1
        else:
            tree.tops.append(node)
        if deep:
            tree.deep = True
            tree.ends[node] = _end_of_deep(tree.text, start)
        elif sign:
            self._nodes.append(node)
        else:
            tree.ends[node] = end

    def finished(self, cut: bool) -> Tree:
        if self._wanted != "nothing":
            if not cut:
                raise NotJson(f"it ends too early, {_EXPECTED[self._wanted]} was expected")
            self._tree.cut = True
        for node in self._nodes:
            self._tree.after[node] = len(self._tree)
        return self._tree

    def expected(self, at: int) -> NotJson:
        text = self._tree.text
        line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        return NotJson(f"line {line:,} column {column:,}: {_EXPECTED[self._wanted]} was expected")


_EXPECTED = {
    "value": "a value",
    "item or end": "a value or ]",
    "key": "a key in quotes",
    "key or end": "a key in quotes or }",
    "colon": "a colon",
    "more": "a comma or the end",
    "nothing": "nothing more",
}
_DEEP_TOKEN = re.compile(r'[^"{}\[\]]*+(?:"(?:[^"\\]++|\\.)*+"?|([{\[])|([}\]]))')


def _end_of_deep(text: str, start: int) -> int:
    """Where the container at `start` ends, which is not taken apart. Looked for once: nothing below is in the tree."""
    depth, at = 0, start
    while found := _DEEP_TOKEN.match(text, at):
        at = found.end()
        depth += (found[1] is not None) - (found[2] is not None)
        if depth == 0:
            return at
    return len(text)


def _may_be_cut(text: str, at: int) -> bool:
    """The rest is a token that begins well: a string, or the last few characters."""
    return text[at] == '"' or len(text) - at < 10


def lay_out(text: str, lines: int, cancelled: Callable[[], bool] = lambda: False) -> tuple[str, bool]:
    """Checked JSON laid out with two blanks a level, at most so many `lines`; and whether that is all of it.

    Raises Cancelled. What lies deeper than `MAX_NESTING` levels stays on one line.
    """
    out: list[str] = []
    depth = length = breaks = 0
    opened = False
    match = _TOKEN.match
    at, number = 0, 0
    while found := match(text, at):
        number += 1
        if number % _EVERY == 0 and cancelled():
            raise Cancelled
        at = found.end()
        part = found[found.lastindex or 0]
        closes = part in ("}", "]")
        line = "\n" + "  " * depth if depth <= MAX_NESTING else ""
        if closes:
            line = line and line[:-2]
            depth -= 1
        before = ""
        if opened is not closes:  # behind an opening bracket unless it closes at once, and before a closing one
            before = line
        elif out and depth == 0 and part not in (",", ":") and not closes:  # the next of several
            before = "\n"
        opened = False
        if part == ",":
            part = "," + line
            breaks += bool(line)
        elif part == ":":
            part = ": "
        elif part in ("{", "["):
            depth += 1
            opened = True
        breaks += bool(before)
        length += len(before) + len(part)
        out += (before, part)
        if breaks > lines or length > LAID_OUT_CAP:
            return "".join(out), False
    out.append(text[at:].strip())  # of a text that was cut
    return "".join(out), True
