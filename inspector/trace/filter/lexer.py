"""A filter's text as tokens, without judging it: any text has them, and only a quote that never closes is an error."""

from __future__ import annotations

import re
from dataclasses import dataclass

from inspector.trace.filter.tree import KEYWORDS


@dataclass(frozen=True)
class Token:
    """`text[start:end]`; `kind` is field, operator, value, keyword, word, paren or error."""

    start: int
    end: int
    kind: str


NAME = r"[^\W\d][\w.\-]*"
_HEAD = re.compile(rf"({NAME})([:=~])")
_QUOTED = re.compile(r""" "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' """, re.DOTALL | re.VERBOSE)
_RUN = re.compile(r"[^\s()]*")
_BLANKS = re.compile(r"\s*")
_PIECE = re.compile(r"\\[\\\"']|.", re.DOTALL)


def scan(text: str) -> list[Token]:
    """Everything but the blanks of `text`, in order."""
    found: list[Token] = []
    at = _end(_BLANKS, text, 0)
    while at < len(text):
        if text[at] in "()":
            found.append(Token(at, at + 1, "paren"))
        elif head := _HEAD.match(text, at):
            found += (Token(*head.span(1), "field"), Token(*head.span(2), "operator"))
            value = _run(text, head.end(), "value")
            if value.end > value.start:
                found.append(value)
        else:
            run = _run(text, at, "word")
            is_keyword = text[run.start : run.end].lower() in KEYWORDS
            found.append(Token(run.start, run.end, "keyword") if is_keyword else run)
        at = _end(_BLANKS, text, found[-1].end)
    return found


def unquoted(raw: str) -> tuple[str, list[int]]:
    """The text that the raw word or value stands for, and where in `raw` each of its characters stands, and its end."""
    if raw[:1] not in ('"', "'"):
        return raw, list(range(len(raw) + 1))
    closed = len(raw) > 1 and raw[-1] == raw[0]
    pieces: list[str] = _PIECE.findall(raw[1:-1] if closed else raw[1:])
    places = [1]
    for piece in pieces:
        places.append(places[-1] + len(piece))
    return "".join(piece[-1] for piece in pieces), places


def _run(text: str, at: int, kind: str) -> Token:
    if text[at : at + 1] not in ('"', "'"):
        return Token(at, _end(_RUN, text, at), kind)
    closed = _QUOTED.match(text, at)
    return Token(at, closed.end(), kind) if closed else Token(at, len(text), "error")


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
