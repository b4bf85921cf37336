"""XML and HTML laid out, a tag a line, without parsing them: whatever the tags are, in linear time, nothing resolved.

Only blanks between tags change. An element with nothing but text stays on its line, and so do the words of HTML's
phrases; what stands in `pre`, `textarea`, `script` and `style`, in comments and CDATA is left as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from inspector.recording.json_text import LAID_OUT_CAP, Cancelled

DEPTH = 40
"""Levels that are indented; deeper ones stay at the last."""
_TAG = re.compile(r"""<(/?)([A-Za-z_:][^\s/>"'=<]{0,200}+)(?:[^<>"']|"[^"]{0,2000}+"|'[^']{0,2000}+'){0,4000}+>""")
_SPANS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>"), ("<!", ">"))
_VOID = frozenset(re.findall(r"\w+", "area base br col embed hr img input link meta param source track wbr"))
_RAW = frozenset(("pre", "textarea", "script", "style"))
_PHRASE = frozenset(
    re.findall(
        r"\w+",
        "a abbr b bdi bdo br button cite code data del dfn em i img input ins kbd label mark meter output q s samp "
        "select small span strong sub sup time u var wbr",
    )
)
_EVERY = 1024
_LONG = 100
"""Characters of an element with text from which on its text gets lines of its own."""


def lay_out(text: str, html: bool, lines: int, cancelled: Callable[[], bool] = lambda: False) -> tuple[str, bool]:
    """`text` laid out, at most so many `lines` and `LAID_OUT_CAP` characters; and whether that is all of it.

    Raises Cancelled.
    """
    page = _Page(html)
    for number, (kind, name, piece) in enumerate(_pieces(text, html)):
        if number % _EVERY == 0 and cancelled():
            raise Cancelled
        if len(page.lines) > lines or page.length > LAID_OUT_CAP:
            return "\n".join(page.lines), False
        page.take(kind, name, piece)
    page.end_line()
    return "\n".join(page.lines), True


class _Page:
    def __init__(self, html: bool) -> None:
        self._html = html
        self.lines: list[str] = []
        self.length = 0
        """Characters of `lines`."""
        self._opened: list[str] = []
        self._line: list[str] = []
        """The one that is being written."""
        self._indent = 0
        self._fresh = ""
        """The element that was opened in this line, while nothing but text came since."""

    def take(self, kind: str, name: str, piece: str) -> None:
        phrase = self._html and name in _PHRASE
        if kind == "text" or (phrase and (kind == "close" or self._line)):
            self._flow(re.sub(r"\s++", " ", piece) if kind == "text" else piece)
        elif kind == "close":
            self._close(name, piece)
        else:
            self.end_line()
            self._indent, self._fresh = len(self._opened), ""
            self._line.append(piece)
            if phrase:
                return
            if kind == "open" and not piece.endswith("/>") and not (self._html and name in _VOID):
                self._opened.append(name)
                self._fresh = name
            else:
                self.end_line()

    def _flow(self, piece: str) -> None:
        if not self._line:
            self._indent = len(self._opened)
        self._line.append(piece)
        if self._fresh and sum(map(len, self._line)) > _LONG and len(self._line) > 1:  # it gets lines of its own
            self._write(self._line.pop(0))
            self._indent, self._fresh = len(self._opened), ""

    def _close(self, name: str, piece: str) -> None:
        stays = self._fresh == name
        if not stays:
            self.end_line()
        if name in self._opened[-200:]:
            while self._opened.pop() != name:
                pass
        if not stays:
            self._indent = len(self._opened)
        self._line.append(piece)
        self.end_line()
        self._fresh = ""

    def end_line(self) -> None:
        self._write("".join(self._line))
        self._line.clear()
        self._indent = len(self._opened)

    def _write(self, text: str) -> None:
        if text := text.strip():
            self.lines.append("  " * min(self._indent, DEPTH) + text)
            self.length += len(self.lines[-1])


def _pieces(text: str, html: bool) -> Iterator[tuple[str, str, str]]:
    """Kind (text, open, close, raw), name of the tag, and the piece itself; put together they are the text."""
    at = 0
    while at < len(text):
        if text[at] != "<":
            end = text.find("<", at)
            end = len(text) if end < 0 else end
            yield "text", "", text[at:end]
            at = end
            continue
        span = next(((begin, end) for begin, end in _SPANS if text.startswith(begin, at)), None)
        if span is not None:
            end = text.find(span[1], at + len(span[0]))
            end = len(text) if end < 0 else end + len(span[1])
            yield "raw", "", text[at:end]
            at = end
            continue
        found = _TAG.match(text, at)
        if found is None:  # no tag: a bare sign
            yield "text", "", "<"
            at += 1
            continue
        name = found[2].lower() if html else found[2]
        end = found.end()
        if html and name in _RAW and not found[1]:
            close = re.compile(f"</{name}\\s{{0,99}}>", re.IGNORECASE).search(text, end)
            end = close.end() if close else len(text)
            yield "raw", "", text[at:end]
        else:
            yield ("close" if found[1] else "open"), name, found[0]
        at = end
