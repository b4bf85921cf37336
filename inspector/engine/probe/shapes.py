"""Messages as text and back: what a user edits becomes a message again, or is refused with the field and the rule.

As text a message is ``{"type": ..., "data": {...}}`` (DESIGN, section 5): bytes are text of latin-1, a tuple is a list,
an object of the app ``{"$object": ..., "id": ...}``. So the way back needs the message that was shown: what stands as
it stood there gives the very object that stood there. What differs is made by the rules of its field, or, inside a
scope or environ, of the type that it had.
"""

from __future__ import annotations

import re
from typing import Any
from wsgiref.util import is_hop_by_hop

from inspector.trace import records, values
from inspector.trace.stepping import HELD_BODY

Message = dict[str, Any]


class Refused(ValueError):
    """The change cannot be made; the text begins with the field, and says the rule."""


BYTES, TEXT, BOOL, STATUS, CODE, HEADERS, WSGI_STATUS, WSGI_HEADERS, KEPT, LINKS = range(10)
_OPTIONAL = 16

_BODY = {"body": BYTES, "more_body": BOOL}
_START = {"status": STATUS, "headers": HEADERS}
_FRAME = {"bytes": BYTES | _OPTIONAL, "text": TEXT | _OPTIONAL}
FIELDS: dict[str, dict[str, int]] = {
    "http.request": _BODY,
    "http.disconnect": {},
    "http.response.start": {**_START, "trailers": BOOL},
    "http.response.body": _BODY,
    "http.response.trailers": {"headers": HEADERS, "more_trailers": BOOL},
    "http.response.pathsend": {"path": TEXT},
    "http.response.early_hint": {"links": LINKS},
    "http.response.push": {"path": TEXT, "headers": HEADERS},
    "websocket.connect": {},
    "websocket.receive": _FRAME,
    "websocket.disconnect": {"code": CODE, "reason": TEXT | _OPTIONAL},
    "websocket.accept": {"subprotocol": TEXT | _OPTIONAL, "headers": HEADERS},
    "websocket.send": _FRAME,
    "websocket.close": {"code": CODE, "reason": TEXT | _OPTIONAL},
    "websocket.http.response.start": _START,
    "websocket.http.response.body": _BODY,
    "lifespan.startup": {},
    "lifespan.startup.complete": {},
    "lifespan.startup.failed": {"message": TEXT},
    "lifespan.shutdown": {},
    "lifespan.shutdown.complete": {},
    "lifespan.shutdown.failed": {"message": TEXT},
    "start_response": {"status": WSGI_STATUS, "headers": WSGI_HEADERS, "exc_info": KEPT},
    "write": {"body": BYTES},
    "next": {"body": BYTES},
    "read": {"method": KEPT, "size": KEPT, "body": BYTES},
}
_NEEDED = {
    "http.response.start": ("status",),
    "http.response.push": ("path",),
    "http.response.pathsend": ("path",),
    "websocket.http.response.start": ("status",),
    "start_response": ("status", "headers"),
}
_SCOPE_KEYS = frozenset(
    [
        "type",
        "asgi",
        "http_version",
        "method",
        "scheme",
        "path",
        "raw_path",
        "query_string",
        "root_path",
        "headers",
        "client",
        "server",
        "subprotocols",
        "state",
        "extensions",
    ]
)
_ENVIRON_KEY = re.compile(r"[A-Z][A-Z0-9_]*")
_SHAPE = frozenset(["type", "data", "seq", "t_ns", "direction", "size", "edited", "dropped", "injected", "truncated"])
_CLOSE_CODES = frozenset([*range(1000, 1004), 1005, 1006, *range(1007, 1015)])
"""Those of RFC 6455, 7.4.1, and of IANA's registry; 1005 and 1006 are told to apps only."""
_WSGI_STATUS = re.compile(r"[2-9][0-9]{2}(?: [^\x00-\x1f\x7f]*)?")


def apart(message: Message) -> tuple[bytes, int, bytes, int, bool]:
    """A message as records carry it: data without type and body, body key, body, status or close code, more_body."""
    key, body = records.NO_BODY, b""
    for number, name in enumerate(records.BODY_KEYS):
        found: Any = message.get(name) if number else None
        if type(found) in (bytes, bytearray, memoryview):
            key, body = number, b"".join((found,))
        elif name == "text" and isinstance(found, str):
            key, body = number, found.encode("utf-8", "surrogatepass")
    left_out = ("type", records.BODY_KEYS[key])
    data = values.encode({name: value for name, value in message.items() if name not in left_out})
    status = message.get("status", message.get("code"))
    if isinstance(status, str) and status[:3].isdigit():
        status = int(status[:3])
    return data, key, body, status if type(status) is int else 0, message.get("more_body") is True


def shown(value: object) -> Any:
    """`value` as text shows it, without running any code of the app."""
    return values.to_json(values.decode(values.encode(value)))


def message_of(text: object, held: Message, *, fresh: bool = False) -> Message:
    """The message that `text` is. `held` is the one that was shown; `fresh`: another one, to be injected.

    Raises `Refused`.
    """
    if not isinstance(text, dict):
        raise Refused("message: must be an object with a type and its data")
    type_: Any = text.get("type", held["type"])
    if "data" in text:
        if unknown := set(text) - _SHAPE:
            raise Refused(f"{min(unknown)}: no part of a message; its fields stand in data")
        data = text["data"]
    else:
        data = {key: value for key, value in text.items() if key != "type"}
    if not isinstance(data, dict):
        raise Refused("data: must be an object")
    if type_ == "call":
        return _call(data, held)
    fields = FIELDS.get(type_) if isinstance(type_, str) else None
    if fields is None:
        raise Refused(f"type: {type_!r:.60} is no message that can be changed or made")
    like = held if type_ == held["type"] and not fresh else {}
    message: Message = {"type": type_}
    for key, value in data.items():
        if key in like and shown_field(like[key], key) == value:
            message[key] = like[key]
        elif key not in fields:
            raise Refused(f"{key}: no field of {type_}")
        else:
            message[key] = _made(key, fields[key], value)
    for key in _NEEDED.get(type_, ()):
        if key not in message:
            raise Refused(f"{key}: {type_} needs it")
    if type_ in ("websocket.send", "websocket.receive") and (message.get("text") is None) == (
        message.get("bytes") is None
    ):
        raise Refused(f"text: {type_} has either text or bytes")
    return message


def shown_field(value: object, key: str) -> Any:
    """As `shown`; a body that is too long to be shown is told as cut."""
    if key in ("body", "bytes", "text") and type(value) in (bytes, str):
        size = len(value) if isinstance(value, bytes) else len(str(value).encode("utf-8", "surrogatepass"))
        if size > HELD_BODY:
            return {"$cut": f"{size:,} bytes, over the cap"}
    return shown(value)


def _made(key: str, rule: int, value: object) -> Any:  # noqa: C901 - a table
    """`value` by the rule of its field."""
    if rule & _OPTIONAL:
        if value is None:
            return None
        rule &= ~_OPTIONAL
    if rule == BYTES:
        return _bytes(key, value)
    if rule == TEXT:
        return _text(key, value)
    if rule == BOOL:
        if not isinstance(value, bool):
            raise Refused(f"{key}: must be true or false")
        return value
    if rule == STATUS:
        if type(value) is not int or not 200 <= value <= 999:
            raise Refused(f"{key}: must be a number from 200 to 999")
        return value
    if rule == CODE:
        if type(value) is not int or not (value in _CLOSE_CODES or 3000 <= value <= 4999):
            raise Refused(f"{key}: must be a close code of RFC 6455, 7.4")
        return value
    if rule == WSGI_STATUS:
        if not isinstance(value, str) or not _WSGI_STATUS.fullmatch(_text(key, value)):
            raise Refused(f'{key}: must be three digits from 200 and a reason, like "200 OK"')
        return value
    if rule in (HEADERS, WSGI_HEADERS):
        return _headers(key, rule, value)
    if rule == LINKS:
        return _links(key, value)
    raise Refused(f"{key}: is the app's, and stays as it is")


def _links(key: str, value: object) -> list[bytes]:
    if not isinstance(value, list):
        raise Refused(f"{key}: must be a list of values of Link headers")
    return [_bytes(f"{key}[{at}]", one) for at, one in enumerate(value)]


def _headers(key: str, rule: int, value: object) -> list[tuple[Any, Any]]:
    make = _bytes if rule == HEADERS else _latin
    made = []
    for at, (name, text) in _pairs(key, value):
        if rule == WSGI_HEADERS and is_hop_by_hop(name):
            raise Refused(f"{key}[{at}]: {name} is the server's (PEP 3333, Other HTTP Features)")
        made.append((make(f"{key}[{at}][0]", name), make(f"{key}[{at}][1]", text)))
    return made


def _pairs(key: str, value: object) -> list[tuple[int, Any]]:
    if not isinstance(value, list):
        raise Refused(f"{key}: must be a list of pairs of name and value")
    for at, pair in enumerate(value):
        if not isinstance(pair, list) or len(pair) != 2:
            raise Refused(f"{key}[{at}]: must be a pair of name and value")
        name, text = pair
        if not isinstance(name, str) or not name or not isinstance(text, str):
            raise Refused(f"{key}[{at}]: must be a pair of name and value, both text")
        if set(name + text) & set("\r\n\0") or set(name) & set(" \t:"):
            raise Refused(f"{key}[{at}]: a header has no line break, and its name neither blank nor colon")
    return list(enumerate(value))


def _bytes(key: str, value: object) -> bytes:
    return _latin(key, value).encode("latin-1")


def _latin(key: str, value: object) -> str:
    text = _text(key, value)
    for char in text:
        if ord(char) > 0xFF:
            raise Refused(f"{key}: one character is one byte (latin-1), and {char!r} is none")
    return text


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise Refused(f"{key}: must be text")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise Refused(f"{key}: has half a character (a lone surrogate)") from None
    return value


def _call(data: dict[str, Any], held: Message) -> Message:
    name = "environ" if "environ" in held else "scope"
    if held["type"] != "call" or set(data) != {name}:
        raise Refused(f"data: only {name}, at a call")
    found, like = data[name], held[name]
    if not isinstance(found, dict):
        raise Refused(f"{name}: must be an object")
    for key, value in found.items():
        if key not in like and not (name == "scope" and key in _SCOPE_KEYS):
            if name == "scope" or not _ENVIRON_KEY.fullmatch(key):
                raise Refused(
                    f"{key}: no key of a scope" if name == "scope" else f"{key}: must be capitals, digits and _"
                )
            _latin(key, value)
    if name == "scope" and found.get("type") != like.get("type"):
        raise Refused(f"type: stays {like.get('type')}")
    if name == "environ":
        for key in like:
            if key.startswith("wsgi.") and key not in found:
                raise Refused(f"{key}: PEP 3333 requires it")
    return {"type": "call", name: _like(like, found, "")}


def _like(original: Any, text: Any, where: str) -> Any:
    """`text` in the types that `original` has; the same object where nothing differs."""
    if shown(original) == text and type(shown(original)) is type(text):
        return original
    cls = type(original)
    if cls is dict:
        if not isinstance(text, dict):
            raise Refused(f"{where}: must be an object")
        names = {key if isinstance(key, str) else shown({key: 0}).popitem()[0]: key for key in original}
        return {
            names.get(key, key): _like(original[names[key]], value, f"{where}.{key}".lstrip("."))
            if key in names
            else _new(key, value, where)
            for key, value in text.items()
        }
    if cls in (list, tuple):
        if not isinstance(text, list):
            raise Refused(f"{where}: must be a list")
        if where == "headers":
            text = [list(pair) for _, pair in _pairs(where, text)]
        items = list(original)
        made = [
            _like(_model(items, at, one), one, f"{where}[{at}]") if items else _plain(one, where)
            for at, one in enumerate(text)
        ]
        return cls(made)
    if cls is bytes:
        return _bytes(where, text)
    if cls is str:
        return _text(where, text)
    if cls is bool or text is None or cls is type(None):
        if cls is bool and not isinstance(text, bool):
            raise Refused(f"{where}: must be true or false")
        return _plain(text, where)
    if cls in (int, float):
        if type(text) not in (int, float):
            raise Refused(f"{where}: must be a number")
        return text
    raise Refused(f"{where}: an object of the app; it can stay, or be left out")


def _model(items: list[Any], at: int, text: Any) -> Any:
    """What the entry `text` was, or was like."""
    for item in items:
        if shown(item) == text:
            return item
    return items[min(at, len(items) - 1)]


def _new(key: str, value: Any, where: str) -> Any:
    if not where and key in ("raw_path", "query_string"):
        return _bytes(key, value)
    if not where and key == "headers":
        return _made(key, HEADERS, value)
    return _plain(value, f"{where}.{key}".lstrip("."))


def _plain(value: Any, where: str) -> Any:
    if isinstance(value, dict) and ("$object" in value or "$cut" in value):
        raise Refused(f"{where}: stands for an object that was not here")
    return value
