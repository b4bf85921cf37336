"""Values as a recording has them."""

from __future__ import annotations

from typing import Any

from inspector.recording.schema import read_bytes
from inspector.trace import values


def decoded(data: object) -> Any:
    """What stands there, or a `Cut` that says why it cannot be read."""
    try:
        return values.decode(read_bytes(data))
    except values.MalformedValue as error:
        return values.Cut(f"unreadable: {error}")
