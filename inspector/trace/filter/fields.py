"""The fields a filter can name, and the numbers they take.

A field is one entry of the table; its name is also its key in the mapping that the predicate reads, where texts are
str, numbers int (durations ns, sizes bytes), flags bool, and what is not known yet is None or missing. A name that ends
in a dot is a family: the entry `header.` makes `header.accept`, `header.cookie` and so on fields.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from inspector.trace.stepping import POINTS


class FieldType(Enum):
    TEXT = auto()
    NUMBER = auto()
    STATUS = auto()
    """A number that also has classes, such as 5xx."""
    DURATION = auto()
    """A number of nanoseconds, written with a unit."""
    SIZE = auto()
    """A number of bytes, written with a unit or without."""
    FLAG = auto()
    """True or false; its name holds the colon, as in has:exception."""


TEXT, NUMBER, STATUS, DURATION, SIZE, FLAG = FieldType


@dataclass(frozen=True)
class Field:
    """`label` is the field in a sentence; a flag's is the whole phrase, and `negative` the phrase for its contrary."""

    name: str
    type: FieldType
    label: str
    help: str
    examples: tuple[str, ...] = ()
    negative: str = ""


_TABLE = (
    Field("method", TEXT, "the method", "Method of the request.", ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")),
    Field("status", STATUS, "status", "Status of the response.", ("2xx", "3xx", "4xx", "5xx", "200", "404", ">=400")),
    Field("path", TEXT, "the path", "Path, decoded, without the query.", ("/api", "/static")),
    Field("query", TEXT, "the query", "Query string, as it was sent.", ("page=",)),
    Field("host", TEXT, "the host", "Host that the client asked for.", ("localhost", "127.0.0.1")),
    Field("kind", TEXT, "the kind", "Kind of exchange.", ("http", "websocket", "lifespan")),
    Field("interface", TEXT, "the interface", "Gateway interface of the app.", ("asgi3", "asgi2", "wsgi")),
    Field("http", TEXT, "the HTTP version", "HTTP version of the request.", ("1.0", "1.1", "2")),
    Field("duration", DURATION, "duration", "From the request's first byte to the end.", (">200ms", ">1s", "<5ms")),
    Field("app", DURATION, "app time", "The app's own time, without waiting and holds.", (">100ms", ">1s", "<1ms")),
    Field("size", SIZE, "size", "Bytes of the response's body; 1 KB is 1000.", (">10KB", ">1MB", "0B")),
    Field("request.size", SIZE, "request size", "Bytes of the request's body; 1 KB is 1000.", (">10KB", ">1MB", "0B")),
    Field("client", TEXT, "the client", "Address and port of the client.", ("127.0.0.1",)),
    Field("scheme", TEXT, "the scheme", "Scheme of the request.", ("http", "https", "ws", "wss")),
    Field(
        "outcome",
        TEXT,
        "the outcome",
        "How it ended; unknown while in flight.",
        ("done", "refused", "client left", "app raised", "broken", "aborted", "stopped", "lost"),
    ),
    Field("exception", TEXT, "the exception", "Type of the exception the app let out.", ("ValueError", "KeyError")),
    Field("id", NUMBER, "id", "Number of the exchange in the recording.", ("1", ">100")),
    Field("run", NUMBER, "run", "Number of the run; a reload starts a new one.", ("1", ">1")),
    Field("note", TEXT, "the note", "What you wrote at the exchange.", ("slow",)),
    Field("colour", TEXT, "the colour", "The colour that you gave.", ("red", "yellow", "green", "blue", "violet")),
    Field("has:exception", FLAG, "with an exception", "The app let out an exception.", (), "without an exception"),
    Field("has:log", FLAG, "with log lines", "The app logged or printed something.", (), "without log lines"),
    Field("is:pinned", FLAG, "pinned", "Pinned: kept when old exchanges are dropped.", (), "not pinned"),
    Field("is:live", FLAG, "in flight", "Still in flight.", (), "no longer in flight"),
)

FIELDS: dict[str, Field] = {field.name: field for field in _TABLE}

MESSAGE_FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("point", TEXT, "the hook point", "Where in the exchange a message is.", POINTS),
        Field(
            "message.type",
            TEXT,
            "the message's type",
            "Type of the message.",
            ("http.response.start", "http.response.body", "websocket.receive", "start_response"),
        ),
        Field("message.size", SIZE, "the message's size", "Bytes of its body; 1 KB is 1000.", (">10KB", ">1MB", "0B")),
        Field("body", TEXT, "the message's body", "Its body, as UTF-8 where it is that, else as latin-1."),
    )
}
"""Fields of one message: a breakpoint has them beside those of its exchange."""

UNITS: dict[FieldType, dict[str, int]] = {
    DURATION: {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9},
    SIZE: {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9},
}
_LARGEST = 2**63 - 1
"""What SQLite holds."""
_NUMBER = re.compile(r"([0-9]{1,19})(?:\.([0-9]{1,9}))?\s*([a-zA-Z\u00b5\u03bc]*)")


def field_named(name: str) -> Field | None:
    """The entry of the field `name`, which may be one of a family."""
    if name.endswith("."):
        return None
    family, dot, _ = name.partition(".")
    return FIELDS.get(name) or FIELDS.get(family + dot) or MESSAGE_FIELDS.get(name)


def read_number(kind: FieldType, text: str) -> int:
    """`text` as a whole number of the field's base unit (ns, bytes). ValueError says what is wrong with it."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no number")
    fraction: str = found[2] or ""
    digits = int(found[1] + fraction)
    unit = found[3].casefold().replace("\u03bc", "u")  # the two signs for micro
    factors = {name.casefold(): factor for name, factor in UNITS.get(kind, {}).items()}
    if kind is not DURATION or digits == 0:
        factors[""] = 1
    if unit not in factors:
        if kind not in UNITS:
            raise ValueError(f"{text!r} is no number")
        known = ", ".join(UNITS[kind])
        raise ValueError(f"unknown unit {found[3]!r} (known: {known})" if unit else f"{text} of what? ({known})")
    scale: int = 10 ** len(fraction)
    number, rest = divmod(digits * factors[unit], scale)
    if rest:
        raise ValueError(f"{text!r} is no whole number" + (f" of {next(iter(UNITS[kind]))}" if kind in UNITS else ""))
    if number > _LARGEST:
        raise ValueError(f"{text!r} is too large")
    return number


def show_number(kind: FieldType, number: int, gap: str = "") -> str:
    """`number` in the largest unit that tells it exactly with at most three decimals: 1500000 bytes are 1.5MB."""
    for unit, factor in reversed(UNITS.get(kind, {}).items()):
        exact = number * 1000 % factor == 0 if unit != "m" else number % factor == 0
        if number >= factor and exact:
            whole, thousandths = divmod(number * 1000 // factor, 1000)
            decimals = f".{thousandths:03}".rstrip("0") if thousandths else ""
            return f"{whole}{decimals}{gap}{unit}"
    return f"{number}{gap}{next(iter(UNITS[kind]))}" if kind in UNITS else str(number)
