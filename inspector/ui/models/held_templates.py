"""A message of each type, to be filled in; and which of them may be offered where one is held."""

from __future__ import annotations

from inspector.trace.stepping import RECEIVES, Held
from inspector.ui.models.held_text import Shape

TEMPLATES: dict[str, Shape] = {
    "http.request": {"body": "", "more_body": False},
    "http.disconnect": {},
    "http.response.start": {"status": 200, "headers": [["content-type", "text/plain"]]},
    "http.response.body": {"body": "", "more_body": True},
    "websocket.connect": {},
    "websocket.receive": {"text": ""},
    "websocket.disconnect": {"code": 1000, "reason": ""},
    "websocket.accept": {"subprotocol": None, "headers": []},
    "websocket.send": {"text": ""},
    "websocket.close": {"code": 1000, "reason": ""},
    "websocket.http.response.start": {"status": 403, "headers": []},
    "websocket.http.response.body": {"body": "", "more_body": False},
    "lifespan.startup": {},
    "lifespan.startup.complete": {},
    "lifespan.startup.failed": {"message": ""},
    "lifespan.shutdown": {},
    "lifespan.shutdown.complete": {},
    "lifespan.shutdown.failed": {"message": ""},
    "start_response": {"status": "200 OK", "headers": [["content-type", "text/plain"]]},
    "write": {"body": ""},
    "next": {"body": ""},
    "read": {"body": ""},
}
"""A message of each type, to be filled in."""
_TO_APP = (
    "http.request", "http.disconnect", "websocket.connect", "websocket.receive", "websocket.disconnect",
    "lifespan.startup", "lifespan.shutdown", "read",
)  # fmt: skip


def others(held: Held) -> list[str]:
    """Types of the same kind and direction that the state machine does not allow here."""
    wsgi = held.point in ("start_response", "write", "next", "read")
    kind = "" if wsgi else held.type.partition(".")[0] + "."
    receives = held.point in RECEIVES
    return [
        type_
        for type_ in TEMPLATES
        if (type_ in _TO_APP) == receives
        and ("." not in type_ if wsgi else type_.startswith(kind))
        and type_ not in held.allowed
    ]
