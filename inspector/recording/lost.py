"""A message that was held when its engine died: on record as one that never passed."""

from __future__ import annotations

import contextlib

from inspector.trace import records, values
from inspector.trace.records import MessageSeen
from inspector.trace.stepping import RECEIVES, Held


def lost_message(held: Held) -> MessageSeen:
    """The held message as one that was dropped."""
    names = {"call": records.CALL, "close": records.CLOSE, "return": records.RETURN, "raise": records.RAISE}
    direction = names.get(held.point, records.RECEIVE if held.point in RECEIVES else records.SEND)
    flags = records.DROPPED | (records.TRUNCATED if held.size > len(held.body) else 0)
    seen = MessageSeen(held.exchange, held.seq, held.t_ns, 0, 0, 0, 0, direction, held.type, held.data)
    if direction == records.CALL:
        with contextlib.suppress(values.MalformedValue, KeyError, TypeError, AttributeError):
            (whole,) = values.decode(held.data).values()
            seen, flags = seen._replace(data=values.encode(whole)), flags | records.EDITED
    size = len(held.body)
    return seen._replace(body_key=held.body_key, body=held.body, size=held.size, stored=size, flags=flags)
