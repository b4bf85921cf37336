"""Plain Python values as bytes, and as JSON.

Values come out of the app, so they are taken with tongs: only exact builtin types are walked (a subclass could run the
app's code), nothing is ever repr()ed, and depth, items and text are bounded. What is not plain travels as `Opaque`: its
type's name and its id. The bytes are tag, length, content; reading them builds plain values and nothing else, and any
byte that does not fit raises `MalformedValue`.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

MAX_DEPTH = 32
MAX_ITEMS = 20_000
MAX_TEXT = 1 << 20
MAX_TEXTS = 1 << 21
MAX_NAME = 200
"""Caps on one value: nesting, entries in all containers together, bytes of one text, of all texts
together, characters of a type's name."""
MAX_PRINTED_BITS = 2048
"""Of a number in JSON."""


class MalformedValue(ValueError):
    """The bytes are no encoded value."""


@dataclass(frozen=True)
class Opaque:
    """An object of the app that is shown by its type only."""

    type_name: str
    id: int


@dataclass(frozen=True)
class Cut:
    """Stands where a cap cut a value: `what` says which and by how much."""

    what: str


_U32 = struct.Struct("<I")
_I64 = struct.Struct("<q")
_F64 = struct.Struct("<d")
_OPAQUE = struct.Struct("<Q")


def type_name(value: object) -> str:
    """`module.QualName` of a value's type, without running any code of the app."""
    cls = type(value)
    try:
        module = type.__dict__["__module__"].__get__(cls)
    except AttributeError:  # a class made where no module is known
        module = None
    name = type.__dict__["__qualname__"].__get__(cls)
    return name if module == "builtins" or type(module) is not str else f"{module}.{name}"


def encode(value: object) -> bytes:
    """`value` as bytes. Never raises, whatever the value."""
    out: list[bytes] = []
    _encode(value, out, 0, _Room())
    return b"".join(out)


class _Room:
    """What one value may still take."""

    __slots__ = ("items", "texts")

    def __init__(self) -> None:
        self.items = MAX_ITEMS
        self.texts = MAX_TEXTS


def _text(tag: bytes, data: bytes, out: list[bytes], room: _Room) -> None:
    size = len(data)
    if size > MAX_TEXT or size > room.texts:
        _cut(f"{size:,} bytes, over the cap", out)
        return
    room.texts -= size
    out += (tag, _U32.pack(size), data)


def _cut(what: str, out: list[bytes]) -> None:
    data = what.encode()
    out += (b"C", _U32.pack(len(data)), data)


def _encode(value: object, out: list[bytes], depth: int, room: _Room) -> None:
    cls = type(value)
    if cls is str:
        _text(b"s", value.encode("utf-8", "surrogatepass"), out, room)  # type: ignore[attr-defined]
    elif cls is bytes:
        _text(b"b", value, out, room)  # type: ignore[arg-type]
    elif cls is int:
        if -(1 << 63) <= value < 1 << 63:  # type: ignore[operator]
            out += (b"i", _I64.pack(value))
        else:
            _big_int(value, out, room)  # type: ignore[arg-type]
    elif value is None:
        out.append(b"N")
    elif cls is bool:
        out.append(b"T" if value else b"F")
    elif cls is float:
        out += (b"f", _F64.pack(value))
    elif cls is list or cls is tuple or cls is dict:
        _encode_items(value, out, depth, room)
    elif cls is Cut:
        _cut(value.what, out)  # type: ignore[attr-defined]
    elif cls is Opaque:
        _opaque(value.id, value.type_name, out)  # type: ignore[attr-defined]
    else:
        _opaque(id(value), type_name(value), out)


def _opaque(identity: int, name: str, out: list[bytes]) -> None:
    data = name[:MAX_NAME].encode("utf-8", "surrogatepass")
    out += (b"O", _OPAQUE.pack(identity), b"s", _U32.pack(len(data)), data)


def _big_int(value: int, out: list[bytes], room: _Room) -> None:
    if value.bit_length() > MAX_TEXT:
        _cut(f"a number of {value.bit_length()} bits", out)
    else:
        _text(b"I", b"%x" % value, out, room)


def _encode_items(value: Any, out: list[bytes], depth: int, room: _Room) -> None:
    if depth >= MAX_DEPTH:
        _cut(f"nested deeper than {MAX_DEPTH}", out)
        return
    cls = type(value)
    try:
        items: list[object] = [part for pair in value.items() for part in pair] if cls is dict else list(value)
    except RuntimeError:  # another thread of the app changed the dict meanwhile
        _cut("changed while it was read", out)
        return
    if len(items) > room.items:
        _cut(f"{len(value):,} entries, over the cap", out)
        return
    room.items -= len(items)
    if cls is dict:  # counted as they were copied: another thread may have gone on
        out += (b"d", _U32.pack(len(items) // 2))
    else:
        out += (b"l" if cls is list else b"t", _U32.pack(len(items)))
    for item in items:
        _encode(item, out, depth + 1, room)


def decode(data: bytes) -> Any:
    """The value that `data` holds; the whole of `data` must be one value."""
    try:
        value, end = _decode(data, 0, 0)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise MalformedValue(f"malformed value: {error}") from None
    if end != len(data):
        raise MalformedValue(f"{len(data) - end} bytes behind the value")
    return value


def _decode_text(data: bytes, at: int) -> tuple[bytes, int]:
    (length,) = _U32.unpack_from(data, at)
    end = at + 4 + length
    if end > len(data):
        raise MalformedValue(f"a text of {length} bytes at offset {at} runs past the end")
    return data[at + 4 : end], end


def _decode(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    tag = data[at]
    at += 1
    if tag == 0x73:  # s
        text, at = _decode_text(data, at)
        return text.decode("utf-8", "surrogatepass"), at
    if tag == 0x62:  # b
        return _decode_text(data, at)
    if tag == 0x69:  # i
        return _I64.unpack_from(data, at)[0], at + 8
    if tag in _CONTAINERS:
        return _decode_items(data, at, tag, depth)
    if tag in _CONSTANTS:
        return _CONSTANTS[tag], at
    if tag == 0x66:  # f
        return _F64.unpack_from(data, at)[0], at + 8
    if tag == 0x49:  # I
        text, at = _decode_text(data, at)
        try:
            return int(text, 16), at
        except ValueError:
            raise MalformedValue(f"no number at offset {at}") from None
    if tag == 0x43:  # C
        text, at = _decode_text(data, at)
        return Cut(text.decode()), at
    if tag == 0x4F:  # O
        (identity,) = _OPAQUE.unpack_from(data, at)
        if data[at + 8] != 0x73:  # any other value could nest without end
            raise MalformedValue(f"an object without a name at offset {at}")
        name, at = _decode(data, at + 8, depth)
        return Opaque(name, identity), at
    raise MalformedValue(f"unknown tag {tag:#04x} at offset {at - 1}")


_CONSTANTS: dict[int, bool | None] = {0x4E: None, 0x54: True, 0x46: False}
_CONTAINERS = {0x64: dict, 0x6C: list, 0x74: tuple}


def _decode_items(data: bytes, at: int, tag: int, depth: int) -> tuple[Any, int]:
    if depth > MAX_DEPTH:
        raise MalformedValue(f"nested deeper than {MAX_DEPTH}")
    (count,) = _U32.unpack_from(data, at)
    at += 4
    if tag == 0x64:
        count *= 2
    if count > len(data) - at:  # each entry takes a byte at least
        raise MalformedValue(f"{count} entries cannot stand in {len(data) - at} bytes")
    items = []
    for _ in range(count):
        item, at = _decode(data, at, depth + 1)
        items.append(item)
    if tag == 0x6C:
        return items, at
    if tag == 0x74:
        return tuple(items), at
    try:
        return dict(zip(items[::2], items[1::2], strict=True)), at
    except TypeError as error:
        raise MalformedValue(str(error)) from None


def to_json(value: object) -> Any:
    """`value` in the shapes of JSON: bytes as latin-1 text (one character, one byte), tuples as lists, an `Opaque` as
    ``{"$object": ..., "id": ...}``, a `Cut` as ``{"$cut": ...}``; keys that are no text, and numbers that JSON lacks
    (nan, inf), are told as text; a number of thousands of digits, which Python will not print, is cut."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, dict):
        return {key if isinstance(key, str) else _key(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, Opaque):
        return {"$object": value.type_name, "id": value.id}
    if isinstance(value, Cut):
        return {"$cut": value.what}
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and value.bit_length() > MAX_PRINTED_BITS:
        return {"$cut": f"a number of {value.bit_length():,} bits"}
    return value


def _key(key: object) -> str:
    return key.decode("latin-1") if isinstance(key, bytes) else str(to_json(key))
