"""What the window asks of the engine: verbs, as lines of JSON over a stream socket.

    Start(options)   the first line: serve this app
    Stop(grace)      no new connections; what runs has `grace` seconds, then disconnects, lifespan shutdown, the end
    Hurry()          a second signal: skip the waits
    Ask(...)         a verb of stepping (`trace.stepping.ASKS`), which the engine answers with `Answered`

What happened goes the other way through the ring. The one thing an engine says on the socket is a refusal: why it could
not begin, before there was anything to tell records with. The end of the file means that the other side is gone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any, Union

from inspector.errors import InspectorError
from inspector.options import Options

GRACE = 5.0
LIFESPAN_GRACE = 5.0
"""Seconds for the exchanges that run, and then for lifespan shutdown (DESIGN, section 3, "Ends of life")."""
FAREWELL_GRACE = 3.0
"""Seconds on top of these for everything else: disconnects, threads, the interpreter's end."""
HURRY_GRACE = 2.0
"""Seconds that an engine has to end once it was told to hurry."""
OVERDUE = 124
"""Exit code of an engine that cut off an app which would not end (as timeout(1) does)."""
MAX_LINE = 1 << 25
"""Bytes; an edited body is the longest that comes."""
MAX_UNAVAILABLE = 1 << 16
"""Characters of `Options.unavailable`, so that a Start stays short however JSON writes them."""
MAX_DETAIL = 4000
"""Characters of a refusal's detail, so that it fits into any socket's buffer; the end of a traceback tells most."""


class MalformedVerb(ValueError):
    """The bytes are no verb."""


@dataclass(frozen=True)
class Start:
    """Serve `options.app`. `listener` is, on Windows, what `socket.share` made for this engine, in base64."""

    options: Options
    listener: str = ""


@dataclass(frozen=True)
class Stop:
    """End in order; what runs has `grace` seconds. `stepped`: breakpoints still hold the lifespan's shutdown, and held
    time does not count."""

    grace: float = GRACE
    stepped: bool = False


@dataclass(frozen=True)
class Hurry:
    """End now, as far as ending in order allows."""


@dataclass(frozen=True)
class Ask:
    """Do `what` (`stepping.ASKS`); all values in `arguments` are plain."""

    number: int
    what: str
    arguments: dict[str, Any] = field(default_factory=dict)


Verb = Union[Start, Stop, Hurry, Ask]  # noqa: UP007 - evaluated at run time, on 3.10


def encode(verb: Verb) -> bytes:
    """`verb` as one line."""
    line: dict[str, Any]
    if isinstance(verb, Start):
        options = replace(verb.options, unavailable=_without_middle(verb.options.unavailable))
        line = {"verb": "start", "options": options.to_json(), "listener": verb.listener}
    elif isinstance(verb, Stop):
        line = {"verb": "stop", "grace": verb.grace, "stepped": verb.stepped}
    elif isinstance(verb, Ask):
        line = {"verb": "ask", "number": verb.number, "what": verb.what, "arguments": verb.arguments}
    else:
        line = {"verb": "hurry"}
    return json.dumps(line).encode() + b"\n"


def _without_middle(text: str) -> str:
    """At most about `MAX_UNAVAILABLE` characters: what happened stands at one end, the last line of a traceback near
    the other."""
    half = MAX_UNAVAILABLE // 2
    return text if len(text) <= MAX_UNAVAILABLE else f"{text[:half]}\n…\n{text[-half:]}"


def decode(line: bytes | bytearray) -> Verb:
    """The verb of one line. Raises `MalformedVerb`."""
    try:
        found = json.loads(line)
        name = found["verb"]
        if name == "start":
            return Start(Options.from_json(found["options"]), str(found["listener"]))
        if name == "stop":
            return Stop(float(found["grace"]), bool(found.get("stepped", False)))
        if name == "hurry":
            return Hurry()
        if name == "ask":
            return Ask(int(found["number"]), str(found["what"]), dict(found["arguments"]))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise MalformedVerb(f"no verb: {type(error).__name__}: {error}") from None
    raise MalformedVerb(f"no such verb: {name!r:.80}")


class Decoder:
    """Cuts what comes from the socket into verbs."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[Verb]:
        """The verbs that `data` completes. Raises `MalformedVerb`; nothing can be read after that."""
        self._rest += data
        if b"\n" not in data:
            lines = []
        else:
            *lines, self._rest = self._rest.split(b"\n")
        if len(self._rest) > MAX_LINE:
            raise MalformedVerb(f"a line of more than {MAX_LINE:,} bytes")
        return [decode(line) for line in lines]


def encode_refusal(error: InspectorError) -> bytes:
    """Why an engine could not begin, as one line."""
    return json.dumps({"title": error.title, "hint": error.hint, "detail": error.detail[-MAX_DETAIL:]}).encode() + b"\n"


def decode_refusal(data: bytes) -> InspectorError | None:
    """The refusal in what came from an engine; None where there is none."""
    try:
        found = json.loads(data)
        return InspectorError(str(found["title"]), str(found["hint"]), str(found["detail"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
