"""A body as the screen shows it: pure and bounded (`renderer` runs it on a thread of its own).

Codings are undone, bytes become text in their charset, JSON and markup are laid out and coloured, pictures are decoded,
what would act on the screen is made visible. What was cut, guessed or wrong is told in `remarks`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from PySide6.QtGui import QImage

from inspector.recording import json_text, markup
from inspector.recording.charsets import Text, known, read_text
from inspector.recording.content import DECODED_CAP, ContentType, Decoded, looks_binary, undo_codings
from inspector.recording.json_text import Cancelled, NotJson, Tree
from inspector.ui import highlight, images, shown, words

Mode = Literal["", "pretty", "tree", "text", "image", "hex"]
"""How a body is shown; empty: as suits it best."""

TEXT_CAP = 1 << 20
LINES_CAP = 20_000
"""Bytes and lines of a body that are shown as text; more can be seen as hex, or saved. A line that is laid out takes
2 KB of memory, a character 50 bytes (Qt 6.11)."""
_INSTEAD: dict[Mode, tuple[Mode, ...]] = {
    "": ("image", "pretty"),
    "pretty": ("pretty", "image"),
    "tree": ("tree", "pretty", "image"),
    "text": ("text", "image"),
    "image": ("image", "pretty"),
    "hex": ("hex",),
}
"""What is shown for a wish, the first that the body can be shown as; then text, then hex."""


@dataclass(frozen=True)
class Body:
    """A recorded body, to be read in parts."""

    size: int
    """Bytes of the whole."""
    stored: int
    """Bytes that are recorded; the first ones."""
    content: ContentType
    read: Callable[[int, int], bytes]
    """From an offset, at most so many bytes."""

    def head(self) -> bytes:
        """As much as can be shown: of a picture and of a coded body more than of text."""
        much = bool(self.content.codings) or bool(images.kind(self.read(0, min(self.stored, 4096))))
        return self.read(0, min(self.stored, DECODED_CAP if much else TEXT_CAP))

    def part(self, offset: int, size: int, content: ContentType) -> Body:
        """`size` bytes of it as a body of their own."""
        read = self.read
        return Body(size, size, content, lambda at, count: read(offset + at, max(min(count, size - at), 0)))


EMPTY = Body(0, 0, ContentType(), lambda _offset, _size: b"")


@dataclass(frozen=True)
class Rendered:
    mode: Mode
    """The one chosen."""
    text: str = ""
    """For the screen; empty where `mode` is none of text."""
    plain: str = ""
    """`text` for the clipboard: no lines broken, nothing made visible."""
    remarks: tuple[str, ...] = ()
    decoded: bytes | None = None
    """The body without its content codings, where it has any that were undone."""
    modes: tuple[Mode, ...] = ("text", "hex")
    """What it can be shown as."""
    charset: str = ""
    """The one that text was read in."""
    colors: tuple[highlight.Pieces, ...] = ()
    """Of the lines of `text`, as far as they are coloured."""
    tree: Tree | None = None
    image: QImage | None = None
    facts: str = ""
    """What a picture really is: its kind and size."""
    part: bool = False
    """What is shown as text or as a tree is not all that is recorded."""


@dataclass(frozen=True)
class Wish:
    """What the user wants to see."""

    mode: Mode = ""
    asked: bool = False
    """The user asked for `mode` on this very body: text is shown even where it is none."""
    decoded: bool = True
    """Without content codings."""
    charset: str = ""
    """The user's choice for this body; empty: the one that is told or found."""
    cancelled: Callable[[], bool] = field(default=lambda: False, compare=False)


def render(body: Body, data: bytes, wish: Wish) -> Rendered:
    """`data`, the head of `body`, as the user wants to see it. Raises Cancelled."""
    return _Rendering(body, data, wish).rendered()


class _Rendering:
    def __init__(self, body: Body, data: bytes, wish: Wish) -> None:
        codings = body.content.codings
        undone = undo_codings(data, codings) if wish.decoded else Decoded(data)
        coded = bool(codings) and (bool(undone.problem) or not wish.decoded)
        self._wish = wish
        self._data = undone.data
        self._decoded = undone.data if codings and not coded else None
        self._content = ContentType() if coded else body.content
        whole = len(undone.data) if codings else max(body.stored, len(undone.data))
        self._rest = max(whole - TEXT_CAP, 0)
        """Bytes that are here, but not shown as text."""
        self._cut = self._rest > 0 or undone.cut or body.stored < body.size
        self._part = self._cut
        self._complete = not undone.cut and body.stored >= body.size and whole == len(undone.data)
        self._remarks = _about_bytes(body, undone, self._decoded)
        self._language = ""

    def rendered(self) -> Rendered:
        charset = self._wish.charset or self._content.charset
        binary = looks_binary(self._data, charset)
        modes = self._modes(binary)
        mode = self._mode(modes, binary)
        picture = self._picture() if mode == "image" else None
        if picture is not None and picture.image is None:  # told in words, and shown as what it is
            mode = "hex" if binary else "text"
        found = Text("", "")
        if mode in ("pretty", "tree", "text"):
            found = self._text()
        elif mode == "hex" and charset and not known(charset):
            self._remarks.append(f"The charset {charset[:40]!r} is not known.")
        if self._wish.cancelled():
            raise Cancelled
        tree = None
        text = found.text
        colored: list[highlight.Pieces] = []
        if mode == "tree" or (mode == "pretty" and self._language == "json"):
            tree, mode = self._tree(text, mode)
        if mode == "pretty":
            text = self._laid_out(text)
        screen = ""
        if mode in ("pretty", "text"):
            screen = self._for_the_screen(text)
            if self._language:
                colored = highlight.pieces(screen, self._language, self._wish.cancelled)
        facts = ""
        if picture is not None and picture.size != (0, 0):
            facts = f"{picture.kind}, {picture.size[0]:,} × {picture.size[1]:,} pixels"
        return Rendered(
            mode, screen, text, tuple(self._remarks), self._decoded, modes, found.charset, tuple(colored),
            tree if mode == "tree" else None, picture.image if picture is not None else None, facts,
            self._part and mode in ("pretty", "text", "tree"),
        )  # fmt: skip

    def _modes(self, binary: bool) -> tuple[Mode, ...]:
        """What the body can be shown as."""
        modes: list[Mode] = []
        told = self._content.media_type
        if not binary:
            begin = self._data[:200].decode("latin-1")
            self._language = highlight.language(told, begin)
            if self._language == "json" or self._content.is_json:
                modes += ["pretty", "tree"]
            elif self._language in ("xml", "html"):
                modes.append("pretty")
        if images.kind(self._data[:4096]):
            modes.append("image")
        return (*modes, "text", "hex")

    def _mode(self, modes: tuple[Mode, ...], binary: bool) -> Mode:
        wish = self._wish
        lie = self._lie(binary)
        for mode in _INSTEAD[wish.mode]:
            asked = wish.asked and wish.mode == mode
            if (
                mode in modes
                and not (mode == "image" and lie and not asked)
                and not (mode == "text" and binary and not asked)
            ):
                return mode
        return "hex" if binary else "text"

    def _lie(self, binary: bool) -> bool:
        """Whether the bytes are not what Content-Type tells about a picture; says so."""
        told, real = self._content.media_type, images.kind(self._data[:4096])
        if not self._data or images.told(told) == real:
            return False
        what = f"they are {real}" if real else "they are no picture" + ("" if binary else ", but text")
        if images.told(told):
            self._remarks.append(f"Content-Type tells {told}, but the bytes are not: {what}.")
            return True
        if real and real != "SVG" and told.partition("/")[0] in ("text", "application") and told not in _ANY:
            self._remarks.append(f"Content-Type tells {shown.one_line(told, 100)}, but the bytes are not: {what}.")
            return True
        return False

    def _picture(self) -> images.Picture:
        kind = images.kind(self._data[:4096])
        if not self._complete:
            picture = images.Picture(kind, remark="only a whole picture is drawn, and not all of it is here")
        else:
            picture = images.draw(self._data)
        if picture.remark:
            self._remarks.append(f"{picture.remark[0].upper()}{picture.remark[1:]}.")
        return picture

    def _text(self) -> Text:
        plain = self._data[:TEXT_CAP]
        if self._rest:
            first, rest = words.size(len(plain)), words.size(self._rest)
            self._remarks.append(f"Shown are the first {first}; the rest is {rest}: see Hex, or save it.")
        found = read_text(plain, self._content.charset, self._wish.charset)
        if found.remark:
            self._remarks.append(f"{found.remark[0].upper()}{found.remark[1:]}.")
        return found

    def _tree(self, text: str, mode: Mode) -> tuple[Tree | None, Mode]:
        """Checked; and the mode, text where it is no JSON."""
        try:
            tree = json_text.parse(text, self._cut, self._content.is_json_lines, self._wish.cancelled)
        except NotJson as error:
            self._remarks.append(f"Shown as it came: not valid JSON: {error}.")
            return None, "text"
        if tree.deep:
            rest = "stand on one line" if mode == "pretty" else "stand as text"
            self._remarks.append(f"Values nested deeper than {json_text.MAX_NESTING} levels {rest}.")
        self._part |= tree.cut
        if tree.cut and mode == "tree":
            what = "what is here" if self._cut and len(tree) < json_text.NODES else f"the first {len(tree):,} values"
            self._remarks.append(f"The tree holds {what}.")
        return tree, mode

    def _laid_out(self, text: str) -> str:
        if self._language == "json" or self._content.is_json:
            text, whole = json_text.lay_out(text, LINES_CAP, self._wish.cancelled)
        else:
            text, whole = markup.lay_out(text, self._language == "html", LINES_CAP, self._wish.cancelled)
        if not whole:
            self._part = True
            lines = text.count("\n")
            self._remarks.append(f"Laid out are the first {lines:,} lines; Text shows it as it came.")
            text = text.rpartition("\n")[0] or text
        return text

    def _for_the_screen(self, text: str) -> str:
        """`text` bounded in its lines, and nothing in it acting on the screen."""
        screen, breaks = shown.broken(shown.visible(text))
        if breaks:
            self._remarks.append(f"Lines of more than {shown.LINE:,} characters are broken for the screen.")
        if screen.count("\n") > LINES_CAP:
            self._part = True
            screen = "\n".join(screen.split("\n", LINES_CAP + 1)[: LINES_CAP + 1])
            self._remarks.append(f"Shown are the first {LINES_CAP:,} lines.")
        return screen


_ANY = ("application/octet-stream", "application/x-download", "application/force-download", "application/binary")
"""Types that say nothing of what the bytes are."""


def _about_bytes(body: Body, undone: Decoded, decoded: bytes | None) -> list[str]:
    """What was cut off the body, and what became of its codings."""
    remarks = []
    if body.stored < body.size:
        kept = f"the first {words.size(body.stored)} of" if body.stored else "none of the"
        remarks.append(f"Recorded is {kept} {words.size(body.size)} (the body cap).")
    if undone.problem:
        remarks.append(f"Shown as received: {undone.problem}.")
    elif decoded is not None:
        part = words.size(len(decoded))
        what = f"the first {part} as decoded" if undone.cut else f"{part} as decoded"
        if undone.short:
            whole = body.stored >= body.size and body.stored <= DECODED_CAP
            what = what if decoded else "nothing of it decoded"
            what += ": it is damaged or cut off, for it ends in the middle" if whole else ": the rest of it is not here"
        elif undone.cut:
            what += " (the cap of what is decoded)"
        codings = ", ".join(shown.one_line(coding, 40) for coding in body.content.codings)
        remarks.append(f"{words.size(body.size)} as received ({codings}), {what}.")
    return remarks
