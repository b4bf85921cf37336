"""Which parts of a text are coloured, by Pygments: off the Qt thread, bounded; the colours are the theme's.

A piece is (start, length, token of the palette), of one line. Only the first `CAP` characters are looked at: Pygments'
expressions take their time with text that was made to be nasty, and hold the interpreter meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Literal, Name, Number, String, Token

from inspector.recording.json_text import Cancelled

CAP = 200_000
"""Characters that are coloured at most."""
SECONDS = 4.0
"""What lies behind stays plain."""
Pieces = list[tuple[int, int, str]]
_EVERY = 256
_LANGUAGES = (
    ("json", ("/json", "+json", "/x-ndjson", "/jsonl", "/x-jsonlines", "/json-lines")),
    ("html", ("text/html", "application/xhtml+xml")),
    ("xml", ("/xml", "+xml")),
    ("css", ("text/css",)),
    ("javascript", ("/javascript", "/x-javascript", "/ecmascript")),
    ("python", ("/x-python", "/x-python-code", "/x-script.python")),
)
_COLORS = {
    Comment: "third",
    Keyword: "send",
    Name.Tag: "accent",
    Name.Attribute: "status_3xx",
    Name.Entity: "status_3xx",
    Name.Builtin: "status_3xx",
    Name.Decorator: "status_3xx",
    Name.Class: "accent",
    Name.Function: "accent",
    Number: "send",
    String: "status_2xx",
    Literal: "status_2xx",
}
TOKENS = tuple(dict.fromkeys(_COLORS.values()))
"""The palette's tokens that occur."""


def language(media_type: str, text: str) -> str:
    """Of a text of this type; by how it begins where the type tells nothing. Empty: plain."""
    for name, types in _LANGUAGES:
        if media_type.endswith(types):
            return name
    if media_type not in ("", "text/plain", "application/octet-stream"):
        return ""
    head = text[:200].lstrip().lower()
    if head.startswith(("{", "[")):
        return "json"
    if head.startswith(("<!doctype html", "<html")):
        return "html"
    return "xml" if head.startswith("<?xml") else ""


def pieces(text: str, name: str, cancelled: Callable[[], bool] = lambda: False) -> list[Pieces]:
    """The coloured pieces of each line of `text`, which is in language `name`. Raises Cancelled."""
    lexer: Lexer = get_lexer_by_name(name)
    until = time.monotonic() + SECONDS
    lines: list[Pieces] = [[]]
    column = 0
    for number, (color, value) in enumerate(_colored(lexer, text[:CAP])):
        if number % _EVERY == 0:
            if cancelled():
                raise Cancelled
            if time.monotonic() > until:
                break
        for at, part in enumerate(value.split("\n")):
            if at:
                lines.append([])
                column = 0
            if part and color:
                lines[-1].append((column, len(part), color))
            column += len(part)
    return lines


def _colored(lexer: Lexer, text: str) -> Iterator[tuple[str, str]]:
    known: dict[object, str] = {}
    for _, token, value in lexer.get_tokens_unprocessed(text):
        color = known.get(token)
        if color is None:
            near = next((kind for kind in reversed(token.split()) if kind in _COLORS), Token)
            color = known[token] = _COLORS.get(near, "")
        yield color, value
