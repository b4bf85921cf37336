"""A body as text for the screen: pure and bounded (`renderer` runs it on a thread of its own).

Codings are undone, bytes become text in their charset, JSON is laid out, what would act on the screen is made visible.
What was cut, guessed or wrong is told in `remarks`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from inspector.recording.content import (
    DECODED_CAP,
    Cancelled,
    ContentType,
    Decoded,
    NotJson,
    decode_text,
    looks_binary,
    pretty_json,
    undo_codings,
)
from inspector.ui import shown, words

Mode = Literal["", "text", "json", "hex"]
"""How a body is shown; empty: as suits it best."""

TEXT_CAP = 2 << 20
LINES_CAP = 50_000
"""Bytes and lines of a body that are shown as text; more can be seen as hex, or saved."""


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
        """As much as can be shown as text: of a coded body all that may be undone."""
        return self.read(0, min(self.stored, DECODED_CAP if self.content.codings else TEXT_CAP))


EMPTY = Body(0, 0, ContentType(), lambda _offset, _size: b"")


@dataclass(frozen=True)
class Rendered:
    mode: Mode
    """The one chosen."""
    text: str = ""
    """For the screen; empty where `mode` is hex."""
    plain: str = ""
    """`text` for the clipboard: no lines broken, nothing made visible."""
    remarks: tuple[str, ...] = ()
    decoded: bytes | None = None
    """The body without its content codings, where it has any that were undone."""
    json: bool = False
    """Whether it may be laid out as JSON."""


@dataclass(frozen=True)
class Wish:
    """What the user wants to see."""

    mode: Mode = ""
    asked: bool = False
    """The user asked for `mode` on this very body: text is shown even where it is none."""
    decoded: bool = True
    """Without content codings."""
    cancelled: Callable[[], bool] = field(default=lambda: False, compare=False)


def render(body: Body, data: bytes, wish: Wish) -> Rendered:
    """`data`, the head of `body`, as the user wants to see it. Raises Cancelled."""
    codings = body.content.codings
    undone = undo_codings(data, codings) if wish.decoded else Decoded(data)
    coded = bool(codings) and (bool(undone.problem) or not wish.decoded)
    decoded = undone.data if codings and not coded else None
    charset = "" if coded else body.content.charset
    binary = looks_binary(undone.data, charset)
    json = not binary and (body.content.is_json or undone.data[:64].lstrip()[:1] in {b"{", b"["})
    mode = _mode(wish, json, binary)
    remarks = _about_bytes(body, undone, decoded)
    if mode == "hex":
        return Rendered("hex", "", "", tuple(remarks), decoded, json)

    plain = undone.data[:TEXT_CAP]
    whole = len(undone.data) if codings else max(body.stored, len(undone.data))
    if whole > len(plain):
        rest = words.size(whole - len(plain))
        remarks.append(f"Shown are the first {words.size(len(plain))}; the rest is {rest}: see Hex, or save it.")
    text, remark = decode_text(plain, charset)
    if remark:
        remarks.append(f"{remark[0].upper()}{remark[1:]}.")
    if wish.cancelled():
        raise Cancelled
    if mode == "json":
        try:
            if whole > len(plain) or undone.cut or body.stored < body.size:
                raise NotJson("only a whole body is laid out")
            text = pretty_json(text, wish.cancelled)
        except NotJson as error:
            remarks.append(f"Shown as it came: {error}.")
    return Rendered(mode, _for_the_screen(text, remarks), text, tuple(remarks), decoded, json)


def _mode(wish: Wish, json: bool, binary: bool) -> Mode:
    """As the user likes it, where that can be."""
    if wish.mode == "hex" or (binary and not (wish.mode == "text" and wish.asked)):
        return "hex"
    return "json" if json and wish.mode != "text" else "text"


def _about_bytes(body: Body, undone: Decoded, decoded: bytes | None) -> list[str]:
    """What was cut off the body, and what became of its codings."""
    remarks = []
    if body.stored < body.size:
        kept = f"the first {words.size(body.stored)} of" if body.stored else "none of the"
        remarks.append(f"Recorded is {kept} {words.size(body.size)} (the body cap).")
    if undone.problem:
        remarks.append(f"Shown as received: {undone.problem}.")
    elif decoded is not None:
        cut = f"the first {words.size(len(decoded))}" if undone.cut else words.size(len(decoded))
        codings = ", ".join(shown.one_line(coding, 40) for coding in body.content.codings)
        remarks.append(f"{words.size(body.size)} as received ({codings}), {cut} as decoded.")
    return remarks


def _for_the_screen(text: str, remarks: list[str]) -> str:
    """`text` bounded in its lines, and nothing in it acting on the screen."""
    screen, breaks = shown.broken(shown.visible(text))
    if breaks:
        remarks.append(f"Lines of more than {shown.LINE:,} characters are broken for the screen.")
    if screen.count("\n") > LINES_CAP:
        screen = "\n".join(screen.split("\n", LINES_CAP + 1)[: LINES_CAP + 1])
        remarks.append(f"Shown are the first {LINES_CAP:,} lines.")
    return screen
