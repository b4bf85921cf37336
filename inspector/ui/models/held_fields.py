"""The fields of a message as a form has them: which there are, what stands in them, and what is wrong with it.

The engine has the last word (`engine.probe.shapes`); the rules here are said while the user types, at the field.
"""

from __future__ import annotations

import json
import re
from typing import Any

from inspector.ui.models.held_text import Shape

STATUS, CODE, TEXT, CHECK = "status", "code", "text", "check"
_START = {"status": STATUS, "trailers": CHECK}
_CLOSE = {"code": CODE, "reason": TEXT}
_MORE = {"more_body": CHECK}
SMALL: dict[str, dict[str, str]] = {
    "http.request": _MORE,
    "http.response.start": _START,
    "http.response.body": _MORE,
    "websocket.disconnect": _CLOSE,
    "websocket.accept": {"subprotocol": TEXT},
    "websocket.close": _CLOSE,
    "websocket.http.response.start": {"status": STATUS},
    "websocket.http.response.body": _MORE,
    "lifespan.startup.failed": {"message": TEXT},
    "lifespan.shutdown.failed": {"message": TEXT},
    "start_response": {"status": STATUS},
}
"""Fields that take a line, by type of message, and of what kind they are. Headers and bodies stand apart."""
WITH_HEADERS = ("http.response.start", "websocket.accept", "websocket.http.response.start", "start_response")
_NULL = ("subprotocol", "reason")
_WSGI_STATUS = re.compile(r"[2-9][0-9]{2}(?: [^\x00-\x1f\x7f]*)?")
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_ENVIRON_KEY = re.compile(r"[A-Z][A-Z0-9_]*")
_TAKEN = re.compile(r"\r|\n|\0")


def shown(value: Any) -> str:
    """The value of a small field, as it is typed."""
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def value(type_: str, name: str, typed: str) -> Any:
    """What was typed into a small field."""
    kind = SMALL.get(type_, {}).get(name, TEXT)
    if kind == TEXT:
        return None if name in _NULL and not typed else typed
    if type_ != "start_response" and _NUMBER.fullmatch(typed.strip()):
        return int(typed)
    return typed


def wrong(found: Shape) -> dict[str, str]:
    """By field, which rule its value breaks; `headers` also for the entry that does."""
    type_ = str(found.get("type"))
    broken = {}
    for name, kind in SMALL.get(type_, {}).items():
        if name in found and (rule := _rule(type_, name, kind, found[name])):
            broken[name] = rule
    if type_ in WITH_HEADERS and (rule := _headers(found.get("headers", []))):
        broken["headers"] = rule
    if isinstance(scope := found.get("scope"), dict) and (rule := _headers(scope.get("headers", []))):
        broken["headers"] = rule
    if isinstance(environ := found.get("environ"), dict):
        keys = [key for key in environ if "." not in key and not _ENVIRON_KEY.fullmatch(key)]
        if keys:
            broken[keys[0]] = "a key of an environ has capitals, digits and _"
    return broken


def _rule(type_: str, name: str, kind: str, given: Any) -> str:
    if kind == STATUS and type_ == "start_response":
        right = isinstance(given, str) and bool(_WSGI_STATUS.fullmatch(given))
        return "" if right else 'three digits from 200 and a reason, like "200 OK"'
    if kind == STATUS:
        return "" if type(given) is int and 200 <= given <= 999 else "a number from 200 to 999"
    if kind == CODE:
        known = type(given) is int and (given in (1000, 1001, 1002, 1003, 1005, 1006) or 1007 <= given <= 4999)
        return "" if known else "a close code of RFC 6455, 7.4, as 1000"
    if kind == CHECK:
        return "" if isinstance(given, bool) else "true or false"
    return "" if isinstance(given, str) or (given is None and name in _NULL) else "text"


def _headers(given: Any) -> str:
    if not isinstance(given, list):
        return "a list of pairs of name and value"
    for at, pair in enumerate(given):
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(one, str) for one in pair):
            return f"entry {at + 1} is no pair of name and value"
        name, text = pair
        if not name or set(name) & set(" \t:") or _TAKEN.search(name + text):
            return f"entry {at + 1}: a name has neither blank nor colon, and no header has a line break"
        if any(ord(char) > 0xFF for char in name + text):
            return f"entry {at + 1}: one character is one byte (latin-1)"
    return ""


def pairs(given: Any) -> list[tuple[str, str]] | None:
    """Headers as rows; None where they are none."""
    if not isinstance(given, list):
        return None
    rows = []
    for pair in given:
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(one, str) for one in pair):
            return None
        rows.append((pair[0], pair[1]))
    return rows


def rows_of(entries: dict[str, Any], without: str = "") -> list[tuple[str, str]]:
    """A scope or environ as rows: text as it stands, everything else as JSON."""
    return [(key, shown(item) if item is not None else "null") for key, item in entries.items() if key != without]


def entries_of(rows: list[tuple[str, str]], like: dict[str, Any], plain: bool) -> dict[str, Any]:
    """Rows as a scope or environ. What was text stays text, what was none is read as JSON, and where that is none it is
    text; of a new key so too, but where all is text (`plain`, an environ)."""
    made: dict[str, Any] = {}
    for key, typed in rows:
        was = like.get(key)
        if isinstance(was, str) or (plain and key not in like):
            made[key] = typed
        elif key in like and typed == (shown(was) if was is not None else "null"):
            made[key] = was
        else:
            try:
                made[key] = json.loads(typed)
            except (ValueError, RecursionError):
                made[key] = typed
    return made
