"""Foreign text on a terminal: apps, clients and files of others write what they like, and a terminal would obey it."""

from __future__ import annotations


def visible(text: str, keep: str = "") -> str:
    r"""`text`; what is not printable is escaped as Python would (\x1b, \u202e), but for the characters in `keep`."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in keep else char.encode("unicode_escape").decode("ascii") for char in text
    )
