"""A held message as text, in the shape of a message of `show --json` (DESIGN, section 5), as it can be edited."""

from __future__ import annotations

from typing import Any

from inspector.trace import records, values
from inspector.trace.stepping import SENDS, Held

_DIRECTIONS = dict.fromkeys(SENDS, "send") | {"read": "receive"}


def held_object(held: Held, t0_ns: int = 0) -> dict[str, Any]:
    """The held message. `t_ns` counts from `t0_ns`; `seq` is what it will have if nothing is injected before it."""
    try:
        data = values.to_json(values.decode(held.data))
    except values.MalformedValue:
        data = {}
    if held.body_key:
        name = records.BODY_KEYS[held.body_key]
        body = held.body.decode("utf-8", "replace") if name == "text" else held.body.decode("latin-1")
        data = {name: body, **(data if isinstance(data, dict) else {})}
    return {
        "seq": held.seq,
        "t_ns": held.t_ns - t0_ns,
        "direction": _DIRECTIONS.get(held.point, held.point),
        "type": held.type,
        "data": data,
        "size": held.size,
        "edited": held.edited,
        "dropped": False,
        "injected": False,
        "truncated": False,
    }
