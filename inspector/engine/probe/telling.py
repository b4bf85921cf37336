"""A hold in records and words: what can be done with it, and what the messages as they stand will do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inspector.engine.probe import shapes
from inspector.trace import records, values
from inspector.trace.stepping import HELD_BODY, Held

if TYPE_CHECKING:
    from inspector.engine.probe.gate import Hold

_CHANGEABLE = (records.SEND, records.RECEIVE)
_TIMEOUTS = "The server's timeouts stand still; those of the app and of the client run on."
HEAD_IS_OUT = "The head is out already: to change its Content-Length, hold the message that gives it."
LEFT = "the client has left: there is no connection to reset"
_ALONE = "The client has left: nothing of this reaches it; what the app does with it can still be seen."
NO_LENGTH = "there is no Content-Length to be mended"


def verbs_of(hold: Hold) -> list[str]:
    """What can be done with it."""
    point = hold.point
    found = ["continue", "step", "step_send", "finish"]
    changeable = point.direction in _CHANGEABLE
    if changeable:
        found += ["drop", "inject", "edit"]
    elif point.name == "call":
        found.append("edit")
    if hold.gate.stream is not None:
        if point.name == "call" or not _alone(hold):  # a call can still be kept from the app
            found.append("abort")
        if point.direction == records.RECEIVE:
            found.append("disconnect")
    if point.direction == records.SEND:
        found.append("fail")
    if mendable(hold):
        found.append("mend")
    if _goes_on(hold.message):
        found.append("merge")
    return found


def _alone(hold: Hold) -> bool:
    """The client has left, and something was to come for it."""
    return hold.gate.stream is not None and hold.gate.stream.left_early


def _goes_on(message: dict[str, Any]) -> bool:
    """It is a chunk, and says that another one follows."""
    return message["type"] in ("http.request", "http.response.body") and message.get("more_body") is True


def mendable(hold: Hold) -> bool:
    """The head of the held body has a Content-Length, and is not out yet."""
    head = hold.point.head
    return hold.point.left is not None and head is not None and head.waits


def why_not(verb: str, hold: Hold) -> str:
    """Why it cannot be done with it."""
    name = hold.point.name
    if verb == "mend":
        return NO_LENGTH if hold.point.left is None else HEAD_IS_OUT
    if verb == "merge":
        return "only a chunk with more_body true can be put before the next one"
    if verb == "abort" and _alone(hold):
        return LEFT
    if verb in ("abort", "disconnect"):
        return "a lifespan has no client" if hold.gate.stream is None else f"only a receive is answered, not {name}"
    if verb == "fail":
        return f"only what the app sends can fail, not {name}"
    return f"only what is received or sent can change, not {name}"


def fitting_length(hold: Hold) -> int:
    """The Content-Length that fits the held messages as they stand; where more chunks follow, they are taken to be as
    long as the app has said."""
    point, messages = hold.point, [*hold.before, hold.message, *hold.after]
    assert point.left is not None
    size = sum(map(_size, messages))
    return point.sent + (size if _ends(messages) else point.left + size - _size(point.message))


def warnings(hold: Hold) -> list[str]:
    """What the messages as they stand now will do to the transfer."""
    left = hold.left
    if hold.point.direction != records.SEND or left is None:
        return []
    messages = [*hold.before, hold.message, *hold.after]
    size = sum(map(_size, messages))
    if size > left:
        told = f"The body gets {size - left:,} bytes longer than its Content-Length: the transfer will break."
    elif size < left and _ends(messages):
        told = f"The body stays {left - size:,} bytes shorter than its Content-Length: the transfer will break."
    else:
        return []
    return [told] if mendable(hold) else [told, HEAD_IS_OUT]


def _size(message: dict[str, Any]) -> int:
    return len(message["body"]) if type(message.get("body")) is bytes else 0


def _ends(messages: list[dict[str, Any]]) -> bool:
    return any(one["type"].endswith(".response.body") and not one.get("more_body") for one in messages)


def told(hold: Hold) -> Held:
    """The hold as a record."""
    point, message, gate = hold.point, hold.message, hold.gate
    data, key, body, _status, _more = shapes.apart(message)
    size = len(body)
    if size > HELD_BODY:
        data, key, body = values.encode({**_plain(message), **_cut(message, size)}), records.NO_BODY, b""
    if len(data) > values.MAX_TEXT:
        data = values.encode(values.Cut(f"{len(data):,} bytes, over the cap"))
    return Held(
        gate.exchange.id,
        hold.id,
        hold.since_ns,
        point.name,
        gate.exchange.next_seq,
        message["type"],
        data,
        key,
        body,
        size,
        hold.breakpoint,
        hold.original is not None,
        _alone(hold),
        [_injected(one) for one in hold.before],
        [_injected(one) for one in hold.after],
        point.place.allowed if point.place else [],
        verbs_of(hold),
        [*([_ALONE] if _alone(hold) else []), _TIMEOUTS, *warnings(hold)],
        -1 if hold.left is None else point.sent + hold.left,
        point.sent,
    )


def _plain(message: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in message.items() if key not in ("type", "body", "bytes", "text")}


def _cut(message: dict[str, Any], size: int) -> dict[str, Any]:
    return {key: values.Cut(f"{size:,} bytes, over the cap") for key in ("body", "bytes", "text") if key in message}


def _injected(message: dict[str, Any]) -> dict[str, Any]:
    """An injected message as a value of bounded size."""
    size = len(shapes.apart(message)[2])
    return message if size <= HELD_BODY >> 4 else {"type": message["type"], **_plain(message), **_cut(message, size)}
