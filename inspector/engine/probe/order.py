"""Which message may follow which: the state machines of the interfaces, for those who change or add messages.

The gateway says in which state of which machine a hook point stands; `after` walks on from there. The gateways keep
their own check of what the app sends (its mistakes are the app's); this one is about the user's changes. In a pair the
first state is for `more_body` true, the second for false. asgiref specs/www.rst, specs/lifespan.rst; PEP 3333.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple, Union

from inspector.engine.stream import AppMistake

Machine = dict[int, dict[str, Union[int, tuple[int, int]]]]  # noqa: UP007 - evaluated at run time, on 3.10

_BODY_OR_GONE: dict[str, Union[int, tuple[int, int]]] = {  # noqa: UP007
    "http.request": (0, 1),
    "http.disconnect": 2,
}
HTTP_RECEIVE: Machine = {0: dict(_BODY_OR_GONE), 1: {"http.disconnect": 2}, 2: {"http.disconnect": 2}}
START, BODY, COMPLETE, TRAILERS, BODY_BEFORE_TRAILERS, MORE_BODY, MORE_BODY_BEFORE_TRAILERS = range(7)
"""What an HTTP response waits for: its head; its body from the first byte on, or the rest of it, each without and with
trailers behind it; the trailers; nothing."""
BODIES = frozenset({BODY, BODY_BEFORE_TRAILERS, MORE_BODY, MORE_BODY_BEFORE_TRAILERS})
HTTP_SEND: Machine = {
    START: {"http.response.start": (BODY_BEFORE_TRAILERS, BODY)},
    BODY: {"http.response.body": (MORE_BODY, COMPLETE)},
    COMPLETE: {},
    TRAILERS: {"http.response.trailers": (TRAILERS, COMPLETE)},
    BODY_BEFORE_TRAILERS: {"http.response.body": (MORE_BODY_BEFORE_TRAILERS, TRAILERS)},
    MORE_BODY: {"http.response.body": (MORE_BODY, COMPLETE)},
    MORE_BODY_BEFORE_TRAILERS: {"http.response.body": (MORE_BODY_BEFORE_TRAILERS, TRAILERS)},
}
WANTED = [["http.response.start"], *[["http.response.body"]] * 6]
WANTED[COMPLETE], WANTED[TRAILERS] = [], ["http.response.trailers"]
"""What the specification itself lets come, by state."""
_GOES_ON = {"http.response.start": "trailers", "http.response.trailers": "more_trailers"}
"""The field that chooses of a pair of states, where it is not `more_body`."""
WEBSOCKET_RECEIVE: Machine = {
    0: {"websocket.connect": 1},
    1: {"websocket.receive": 1, "websocket.disconnect": 2},
    2: {"websocket.disconnect": 2},
}
WEBSOCKET_SEND: Machine = {
    0: {"websocket.accept": 2, "websocket.close": 3, "websocket.http.response.start": 1},
    1: {"websocket.http.response.body": (1, 3)},
    2: {"websocket.send": 2, "websocket.close": 3},
    3: {},
}
LIFESPAN_RECEIVE: Machine = {0: {"lifespan.startup": 1}, 1: {"lifespan.shutdown": 2}, 2: {}}
LIFESPAN_SEND: Machine = {
    0: {"lifespan.startup.complete": 1, "lifespan.startup.failed": 3},
    1: {},
    2: {"lifespan.shutdown.complete": 3, "lifespan.shutdown.failed": 3},
    3: {},
}
WSGI_SEND: Machine = {
    0: {"start_response": 1},
    1: {"write": 1, "next": 1, "start_response": 1},
}
WSGI_READ: Machine = {0: {"read": 0}}


@functools.lru_cache(64)
def http_send(extensions: frozenset[str]) -> Machine:
    """HTTP_SEND with the messages of the extensions that are announced (asgiref docs/extensions.rst)."""
    machine = {state: dict(following) for state, following in HTTP_SEND.items()}
    if "http.response.pathsend" in extensions:
        machine[BODY]["http.response.pathsend"] = COMPLETE
        machine[BODY_BEFORE_TRAILERS]["http.response.pathsend"] = TRAILERS
    for state in (START, *BODIES):
        if "http.response.early_hint" in extensions:
            machine[state]["http.response.early_hint"] = state
        if "http.response.push" in extensions and state != START:
            machine[state]["http.response.push"] = state
    return machine


def following(machine: Machine, state: int, message: dict[str, Any]) -> int | None:
    """The state behind `message`; None where it may not come."""
    found = machine.get(state, {}).get(message["type"])
    if isinstance(found, tuple):
        return found[0 if message.get(_GOES_ON.get(message["type"], "more_body")) else 1]
    return found


class Place(NamedTuple):
    """Where a hook point stands."""

    machine: Machine
    state: int

    @property
    def allowed(self) -> list[str]:
        """Types that may come here."""
        return list(self.machine.get(self.state, {}))


def after(place: Place, messages: Sequence[dict[str, Any]]) -> Place:
    """The place behind `messages`. Raises `AppMistake` where one of them may not come there."""
    machine, state = place
    for message in messages:
        next_ = following(machine, state, message)
        if next_ is None:
            wanted = " or ".join(machine.get(state, {})) or "nothing more"
            raise AppMistake(f"type: {message['type']} cannot come here, only {wanted}")
        state = next_
    return Place(machine, state)
