"""A held message as text that can be edited, and text as a message again.

The shape is that of a message in JSON (DESIGN, section 5), its fields beside its type. A body that is valid in its
charset (the one that the headers declare, else UTF-8) stands there decoded, any other as ``{"$hex": "89 50 4e 47"}``;
one that is too long to be typed in stays as it is.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from inspector.trace import records, values
from inspector.trace.stepping import Held

Shape = dict[str, Any]
"""A message as it stands in the editor: `type` first, then its fields, the body last but for `more_body`."""
BODIES = records.BODY_KEYS[1:]
MOST = 1 << 16
"""Bytes of a body that is edited."""
_ROW = 88
"""Characters of a list or an object that stands on one line."""
_UNSEEN = re.compile(r"[^\x20-\x7e]")


UTF_8 = "utf-8"


class Mistake(ValueError):
    """What is wrong with what was typed: the field, and the rule."""


def shape(held: Held, charset: str = UTF_8) -> Shape:
    """The held message, whose body's text is in `charset`."""
    try:
        data = values.to_json(values.decode(held.data))
    except values.MalformedValue:
        data = {}
    fields: Shape = data if isinstance(data, dict) else {}
    name = records.BODY_KEYS[held.body_key] if 0 <= held.body_key < len(records.BODY_KEYS) else ""
    found: Shape = {"type": held.type}
    if held.point == "call" and "scope" not in fields and "environ" not in fields:
        return found
    found |= {key: value for key, value in fields.items() if key != "more_body"}
    if name:
        found[name] = shown(held.body, name, charset)
    return found | ({"more_body": fields["more_body"]} if "more_body" in fields else {})


def shown(body: bytes, name: str, charset: str = UTF_8) -> Any:
    """A body as it stands in a shape."""
    if len(body) > MOST:
        return {"$kept": f"{len(body):,} bytes, too long to be edited here"}
    if name == "text":
        return body.decode("utf-8", "surrogatepass")
    try:
        text = body.decode(charset)
        if text.encode(charset) == body:  # else what nobody changed would be another one, as without its mark of order
            return text
    except (UnicodeError, ValueError, LookupError):
        pass
    return {"$hex": body.hex(" ")}


def octets(value: Any, name: str = "body", charset: str = UTF_8) -> bytes | None:
    """The bytes of a body in a shape; None where it is kept as it was. Raises `Mistake`."""
    if isinstance(value, str):
        try:
            return value.encode(UTF_8 if name == "text" else charset)
        except UnicodeEncodeError as error:
            char = value[error.start]
            if "\ud800" <= char <= "\udfff":
                raise Mistake(f"{name}: has half a character (a lone surrogate)") from None
            raise Mistake(f"{name}: {char!r} is not in {charset}, the charset that the headers tell") from None
    if isinstance(value, dict) and set(value) == {"$hex"} and isinstance(value["$hex"], str):
        return from_hex(value["$hex"], name)
    if isinstance(value, dict) and set(value) & {"$kept", "$cut"}:
        return None
    raise Mistake(f'{name}: text, or {{"$hex": "89 50"}} for bytes that are none')


def from_hex(text: str, name: str = "body") -> bytes:
    """The bytes that hex digits say. Raises `Mistake`."""
    digits = "".join(text.split())
    wrong = re.search(r"[^0-9a-fA-F]", digits)
    if wrong:
        raise Mistake(f"{name}: {wrong[0]!r} is no hex digit")
    if len(digits) % 2:
        raise Mistake(f"{name}: hex digits come in pairs, and there are {len(digits):,}")
    return bytes.fromhex(digits)


def size(found: Shape, charset: str = UTF_8) -> int | None:
    """Bytes of the body of a shape; 0 where it has none, None where nobody can say. Raises `Mistake`."""
    for name in BODIES:
        if name in found and found[name] is not None:
            data = octets(found[name], name, charset)
            return None if data is None else len(data)
    return 0


def message(found: Shape, held: Held | None = None, charset: str = UTF_8) -> dict[str, Any]:
    """`found` as the engine takes it, bytes as latin-1 text. `held`: what it was, where it is no new one.

    Raises `Mistake`.
    """
    made = dict(found)
    for name in ("body", "bytes"):
        if name not in made or made[name] is None or made["type"] == "call":
            continue
        data = octets(made[name], name, charset)
        if data is not None:
            made[name] = data.decode("latin-1")
        elif held is not None and "$kept" in made[name]:
            made[name] = held.body.decode("latin-1")
    if isinstance(made.get("text"), dict) and held is not None:
        made["text"] = held.body.decode("utf-8", "replace")
    return made


def body_name(found: Shape) -> str:
    """Which field of it is the body; "" where it has none."""
    return next((name for name in BODIES if found.get(name) is not None), "") if found.get("type") != "call" else ""


def divided(found: Shape, at: int, charset: str = UTF_8) -> tuple[Shape, Shape]:
    """A chunk as two, the first of `at` bytes. Raises `Mistake` where there are not two."""
    name = body_name(found)
    data = octets(found[name], name, charset) if name else None
    if data is None or not 0 < at < len(data):
        raise Mistake("Split: the caret stands at no place within the bytes of the chunk")
    try:
        first, second = found | {name: shown(data[:at], name, charset)}, found | {name: shown(data[at:], name, charset)}
    except UnicodeDecodeError:
        raise Mistake("Split: the caret stands within a character of the text") from None
    if found["type"] in ("http.request", "http.response.body", "websocket.http.response.body"):
        first["more_body"] = True
    return first, second


def text(found: Shape) -> str:
    """A shape as text."""
    return _laid(found, "")


def read(typed: str) -> Shape:
    """The shape that was typed. Raises `Mistake`."""
    try:
        found = json.loads(typed, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise Mistake(f"line {error.lineno}, column {error.colno}: {error.msg[:1].lower()}{error.msg[1:]}") from None
    except (ValueError, RecursionError) as error:
        raise Mistake(str(error) or "the text is nested too deeply") from None
    if not isinstance(found, dict):
        raise Mistake("the message is an object: { … }")
    if not isinstance(found.get("type"), str):
        raise Mistake("type: names the message")
    return found


def _no_number(name: str) -> NoReturn:
    raise Mistake(f"{name} is no number of JSON")


def _laid(value: Any, indent: str) -> str:
    flat = _flat(value)
    if not isinstance(value, (dict, list)) or not value or (indent and len(flat) + len(indent) < _ROW):
        return flat
    more = indent + "  "
    if isinstance(value, dict):
        lines = [f"{more}{_flat(str(key))}: {_laid(item, more)}" for key, item in value.items()]
    else:
        lines = [more + _laid(item, more) for item in value]
    ends = "{}" if isinstance(value, dict) else "[]"
    return f"{ends[0]}\n" + ",\n".join(lines) + f"\n{indent}{ends[1]}"


def _flat(value: Any) -> str:
    return _UNSEEN.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    char = match[0]
    return char if char.isprintable() else json.dumps(char)[1:-1]
