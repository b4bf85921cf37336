"""Which message may follow which: the state machines of the interfaces, for those who change or add messages.

The gateway says in which state of which machine a hook point stands; `after` walks on from there. The gateways keep
their own check of what the app sends (its mistakes are the app's); this one is about the user's changes. In a pair the
first state is for `more_body` true, the second for false. asgiref specs/www.rst, specs/lifespan.rst; PEP 3333.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Union

from inspector.engine.stream import AppMistake

Machine = dict[int, dict[str, Union[int, tuple[int, int]]]]  # noqa: UP007 - evaluated at run time, on 3.10

_BODY_OR_GONE: dict[str, Union[int, tuple[int, int]]] = {  # noqa: UP007
    "http.request": (0, 1),
    "http.disconnect": 2,
}
HTTP_RECEIVE: Machine = {0: dict(_BODY_OR_GONE), 1: {"http.disconnect": 2}, 2: {"http.disconnect": 2}}
HTTP_SEND: Machine = {0: {"http.response.start": 1}, 1: {"http.response.body": (1, 2)}, 2: {}}
HTTP_PUSHING_SEND: Machine = {**HTTP_SEND, 1: {**HTTP_SEND[1], "http.response.push": 1}}
"""Where the extension `http.response.push` is announced."""
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
        type_ = message["type"]
        allowed = machine.get(state, {})
        if type_ not in allowed:
            wanted = " or ".join(allowed) or "nothing more"
            raise AppMistake(f"type: {type_} cannot come here, only {wanted}")
        following = allowed[type_]
        state = following[0 if message.get("more_body") else 1] if isinstance(following, tuple) else following
    return Place(machine, state)
