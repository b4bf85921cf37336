"""What the length of an edited body does to its transfer."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.trace.stepping import Held
from inspector.ui.models.held_text import Shape

_WSGI = ("write", "next")


@dataclass(frozen=True)
class Length:
    """What a response's head says of its body."""

    content_length: int
    sent: int
    """Bytes of the body that went before."""
    can_mend: bool = False
    """The head is not out yet."""


def of(held: Held) -> Length | None:
    """That of a held body; None where it has none."""
    if held.content_length < 0:
        return None
    return Length(held.content_length, held.sent, "mend" in held.verbs)


def breaks(length: Length | None, shape: Shape, size: int | None, edited: bool) -> str:
    """In words what is wrong with a body of `size` bytes; empty where it fits, or nobody can say."""
    type_ = str(shape["type"])
    if length is None or size is None or not (type_.endswith(".response.body") or type_ in _WSGI):
        return ""
    whole = size + length.sent
    more = bool(shape.get("more_body")) or type_ in _WSGI
    if whole == length.content_length or (more and whole < length.content_length):
        return ""
    told = f"content-length says {length.content_length:,}, the {'edited ' if edited else ''}body has {whole:,} bytes"
    if length.can_mend:
        return told
    return f"{told}; the header is out already: to change it, hold at the message that gives it"
