"""What the length of an edited body does to its transfer."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.ui.models.held_text import Shape


@dataclass(frozen=True)
class Length:
    """What a response's head says of its body."""

    content_length: int
    sent: int
    """Bytes of the body that went before."""


def breaks(length: Length | None, shape: Shape, size: int | None, edited: bool) -> str:
    """In words what is wrong with a body of `size` bytes; empty where it fits, or nobody can say."""
    if length is None or size is None or not str(shape["type"]).endswith(".response.body"):
        return ""
    whole = size + length.sent
    if whole == length.content_length or (shape.get("more_body") and whole < length.content_length):
        return ""
    told = f"content-length says {length.content_length:,}, the {'edited ' if edited else ''}body has {whole:,} bytes"
    return f"{told}; the header was given before this message: to change it, hold at http.response.start"
