"""Text that came from outside, as it may be shown: nothing in it acts on the screen, and nothing in it is endless.

Control characters stand as their names in brackets (few fonts have Unicode's pictures, and missing ones all look
alike), characters that turn or hide text as their code points, long lines are broken. Values of messages read like
Python, cut where a line ends.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from inspector.trace.values import Cut, Opaque

LINE = 2_000
"""Characters after which a line is broken: laying out one endless line would freeze the window."""
VALUE = 300
"""Characters of a value on one line of a tree or table."""

_STRANGE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_RUN = re.compile(f"{_STRANGE.pattern}{{1,4096}}")
_CONTROLS = [
    *("NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR", "SO", "SI"),
    *("DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US"),
]
"""By code point."""
_BREAKS = re.compile("[\t\n]")
_LONG = re.compile(f"[^\n]{{{LINE}}}(?=[^\n])")


class Note(str):
    """Words of ours in place of a value: shown without quotes."""

    __slots__ = ()


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return f"\u27e8{_CONTROLS[code]}\u27e9"
    if code == 0x7F:
        return "\u27e8DEL\u27e9"
    return f"\\x{code:02x}" if code < 0x100 else f"\u27e8U+{code:04X}\u27e9"


def _broken(match: re.Match[str]) -> str:
    return "\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}" if match[0] == "\n" else _picture(match)


class _Pictures(dict[int, str]):
    """By code point, for `str.translate`; each is made once, for a text may be nothing but them."""

    def __missing__(self, code: int) -> str:
        found = _STRANGE.match(chr(code))
        picture = self[code] = _picture(found) if found else chr(code)
        return picture


_PICTURES = _Pictures()
_SIGNS = {code: chr(0x2400 + code) for code in range(0x20)}
"""Unicode's pictures, one character each: in long runs, where names would take many times the text's memory."""
_MANY = 8


def _pictures(match: re.Match[str]) -> str:
    run = match[0]
    if len(run) > _MANY:
        if run.count(run[0]) == len(run):
            name = _PICTURES[ord(run[0])].strip("\u27e8\u27e9")
            return f"\u27e8{name} \u00d7{len(run):,}\u27e9"
        run = run.translate(_SIGNS)
    return run.translate(_PICTURES)


def visible(text: str) -> str:
    """`text` with its control, turning and hidden characters made visible; line ends and tabs stay."""
    return _RUN.sub(_pictures, text.replace("\r\n", "\n"))


def one_line(text: str, limit: int = VALUE) -> str:
    """The beginning of `text` on one line, its line ends (\u21b5) and tabs made visible."""
    shown = _BREAKS.sub(_broken, _STRANGE.sub(_picture, text[: limit + 1]))
    return shown[:limit] + "\N{HORIZONTAL ELLIPSIS}" if len(text) > limit else shown


def broken(text: str) -> tuple[str, int]:
    """`text` with its lines broken after `LINE` characters, and how many breaks that made."""
    return _LONG.subn("\\g<0>\n", text)


def preview(head: bytes, limit: int = 120) -> str:
    """The first bytes of a body on one line: text where they are text, else as figures of two."""
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # more than a character cut at the end
            return head[:24].hex(" ") + ("\N{HORIZONTAL ELLIPSIS}" if len(head) > 24 else "")
        text = head[: error.start].decode()
    return one_line(text.strip(), limit)


def value(item: object, limit: int = VALUE, depth: int = 2) -> str:
    """`item` on one line, like Python but with double quotes; containers deeper than `depth` by their count."""
    if isinstance(item, Note):
        return item
    if isinstance(item, str):
        return f'"{one_line(_escaped(item[: limit + 1]), limit)}"' + _rest(len(item), limit, "character")
    if isinstance(item, bytes):
        return f'b"{_octets(item[:limit])}"' + _rest(len(item), limit, "byte")
    if isinstance(item, Opaque):
        return one_line(item.type_name, limit)
    if isinstance(item, Cut):
        return f"cut: {one_line(item.what, limit)}"
    if isinstance(item, dict):
        return _mapping(item, limit, depth)
    if isinstance(item, (list, tuple)):
        brackets = "[]" if isinstance(item, list) else "()"
        if len(item) > 4 or not depth:
            return f"{len(item):,} items" if len(item) != 1 else "1 item"
        text = ", ".join(value(each, limit, depth - 1) for each in item)
        if len(text) > limit:
            return f"{len(item):,} items"
        return f"{brackets[0]}{text}{',' if isinstance(item, tuple) and len(item) == 1 else ''}{brackets[1]}"
    text = repr(item) if not isinstance(item, int) or item.bit_length() < 10_000 else hex(item)
    return one_line(text, limit)


def _mapping(item: dict[object, object], limit: int, depth: int) -> str:
    if not item:
        return "{}"
    if not depth or len(item) > 8:
        return f"{len(item):,} items" if len(item) != 1 else "1 item"
    flat = all(isinstance(each, (str, int, float, type(None))) for each in item.values())
    parts = [f"{key_text(key)} {value(each, limit, 0)}" if flat else key_text(key) for key, each in item.items()]
    text = ", ".join(parts)
    return "{ " + text + " }" if len(text) <= limit else f"{len(item):,} items"


def key_text(key: object) -> str:
    """A key bare where it is text: nearly all are."""
    return one_line(key, 200) if isinstance(key, str) else value(key, 200, 0)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def _octets(data: bytes) -> str:
    # The quote in front makes repr() choose single quotes, so that only ours need a backslash.
    return repr(b'"' + data)[3:-1].replace("\\'", "'").replace('"', '\\"')


def _rest(length: int, limit: int, noun: str) -> str:
    return f"\N{HORIZONTAL ELLIPSIS} {length:,} {noun}s" if length > limit else ""


def python(item: object, lines: bool = False) -> str:
    """`item` as a literal that Python reads back, whole; objects of the app stand as text of their type.

    `lines`: the items of the outermost container, and of lists in it, each on a line of their own.
    """
    if lines and isinstance(item, dict) and item:
        rows = [f"    {python(key)}: {_laid(each)},\n" for key, each in item.items()]
        return "{\n" + "".join(rows) + "}"
    if isinstance(item, Opaque):
        return repr(f"<{item.type_name} at {item.id:#x}>")
    if isinstance(item, Cut):
        return repr(f"<cut: {item.what}>")
    if isinstance(item, dict):
        return "{" + ", ".join(f"{python(key)}: {python(each)}" for key, each in item.items()) + "}"
    if isinstance(item, tuple):
        return "(" + ", ".join(map(python, item)) + ("," if len(item) == 1 else "") + ")"
    if isinstance(item, list):
        return "[" + ", ".join(map(python, item)) + "]"
    if isinstance(item, float) and not math.isfinite(item):
        return "1e999" if item > 0 else "-1e999" if item < 0 else "'nan'"  # inf and nan are names, no literals
    return repr(item) if not isinstance(item, int) or item.bit_length() < 10_000 else hex(item)


def _laid(item: object) -> str:
    if isinstance(item, list) and item:
        return "[\n" + "".join(f"        {python(each)},\n" for each in item) + "    ]"
    return python(item)


def kind(item: object) -> str:
    """The type of a value in a word or two: `str`, `bytes`, `list of 15`, `object of the app`."""
    if isinstance(item, Note):
        return ""
    if isinstance(item, Opaque):
        return "object of the app"
    if isinstance(item, Cut):
        return "cut"
    if item is None:
        return "None"
    name = type(item).__name__
    return f"{name} of {len(item):,}" if isinstance(item, (dict, list, tuple)) else name


def plain(item: object) -> str:
    """`item` as a user wants to paste it: text bare, bytes as latin-1 text, everything else as Python."""
    if isinstance(item, str):
        return item
    return item.decode("latin-1") if isinstance(item, bytes) else python(item)


def pairs(items: Iterable[object]) -> list[tuple[str, str]]:
    """Header pairs of a message as text (latin-1), whatever the app gave; what is no pair is left out."""
    found: list[tuple[str, str]] = []
    for item in items:
        if isinstance(item, (list, tuple)) and len(item) == 2:
            name, content = item
            found.append((plain(name), plain(content)))
    return found
