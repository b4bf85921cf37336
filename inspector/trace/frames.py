"""Records as bytes: the only form in which they leave the engine.

A frame is a head (`HEAD`: length of the payload, version, kind, sequence, CRC-32 of the payload) and the payload. The
three records of every request have struct layouts of their own; the rare ones travel as one encoded value. Reading
trusts nothing: what does not fit raises `MalformedFrame`, and no byte can make it do more than build a record.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from inspector.trace import records, stepping, values
from inspector.trace.records import BodyPart, ExchangeEnded, ExchangeStarted, MessageSeen, Record, Wait, WireTold

VERSION = 1
HEAD = struct.Struct("<IBBHQI")
"""length u32, version u8, kind u8, zero u16, sequence u64, checksum u32."""
MAX_PAYLOAD = 1 << 24
MAX_PART = 1 << 16
"""Bytes of a body that one frame carries; longer bodies go on in `BodyPart`s."""


class MalformedFrame(ValueError):
    """The bytes are no frame of this version."""


_MESSAGE = struct.Struct("<QIQQQIQBBBHQQHI")
_ENDED = struct.Struct("<QQQQIQHHII")
_PART = struct.Struct("<QIQ")
_WAIT = struct.Struct("<QQB?")
_WIRE = struct.Struct("<QI")
_STARTED = struct.Struct("<QQQQQiiHHHHHHHH")
_NO_PORT, _NO_ADDRESS = -1, -2
"""In the place of a port."""


def _encode_message(record: MessageSeen) -> bytes:
    type_ = record.type.encode("utf-8", "surrogatepass")[:0xFFFF]
    head = _MESSAGE.pack(
        record.exchange,
        record.seq,
        record.t_ns,
        record.asked_ns,
        record.wire_ns,
        record.wired_seq,
        record.wired_ns,
        record.direction,
        record.body_key,
        record.flags,
        record.status,
        record.size,
        record.stored,
        len(type_),
        len(record.data),
    )
    return b"".join((head, type_, record.data, record.body))


def _decode_message(payload: bytes) -> MessageSeen:
    (
        exchange, seq, t_ns, asked_ns, wire_ns, wired_seq, wired_ns,
        direction, body_key, flags, status, size, stored, type_size, data_size,
    ) = _MESSAGE.unpack_from(payload)  # fmt: skip
    data_at = _MESSAGE.size + type_size
    body_at = data_at + data_size
    if body_at > len(payload) or direction >= len(records.DIRECTIONS) or body_key >= len(records.BODY_KEYS):
        raise MalformedFrame("a message whose parts do not fit")
    return MessageSeen(
        exchange,
        seq,
        t_ns,
        asked_ns,
        wire_ns,
        wired_seq,
        wired_ns,
        direction,
        payload[_MESSAGE.size : data_at].decode("utf-8", "surrogatepass"),
        payload[data_at:body_at],
        body_key,
        payload[body_at:],
        size,
        stored,
        status,
        flags,
    )


def _encode_ended(record: ExchangeEnded) -> bytes:
    outcome, text = record.outcome.encode(), record.text.encode("utf-8", "surrogatepass")
    head = _ENDED.pack(
        record.exchange,
        record.t_ns,
        record.first_out_ns,
        record.last_out_ns,
        record.wired_seq,
        record.wired_ns,
        record.status,
        len(outcome),
        len(text),
        record.wire_first,
    )
    return b"".join((head, outcome, text, record.wire))


def _decode_ended(payload: bytes) -> ExchangeEnded:
    (
        exchange, t_ns, first_out_ns, last_out_ns, wired_seq, wired_ns, status, size, text_size, wire_first,
    ) = _ENDED.unpack_from(payload)  # fmt: skip
    text_at = _ENDED.size + size
    wire_at = text_at + text_size
    if wire_at > len(payload):
        raise MalformedFrame("the end of an exchange whose parts do not fit")
    return ExchangeEnded(
        exchange,
        t_ns,
        payload[_ENDED.size : text_at].decode(),
        payload[text_at:wire_at].decode("utf-8", "surrogatepass"),
        first_out_ns,
        last_out_ns,
        wired_seq,
        wired_ns,
        status,
        wire_first,
        payload[wire_at:],
    )


def _encode_wire(record: WireTold) -> bytes:
    return _WIRE.pack(record.exchange, record.first) + record.pieces


def _decode_wire(payload: bytes) -> WireTold:
    exchange, first = _WIRE.unpack_from(payload)
    return WireTold(exchange, first, payload[_WIRE.size :])


def _encode_part(record: BodyPart) -> bytes:
    return _PART.pack(record.exchange, record.seq, record.offset) + record.data


def _decode_part(payload: bytes) -> BodyPart:
    exchange, seq, offset = _PART.unpack_from(payload)
    return BodyPart(exchange, seq, offset, payload[_PART.size :])


def _encode_wait(record: Wait) -> bytes:
    return _WAIT.pack(record.exchange, record.t_ns, record.point, record.done)


def _decode_wait(payload: bytes) -> Wait:
    return Wait(*_WAIT.unpack(payload))


def _encode_started(record: ExchangeStarted) -> bytes:
    client, client_port = record.client or ("", _NO_ADDRESS)
    server, server_port = record.server or ("", _NO_ADDRESS)
    texts = [
        text.encode("utf-8", "surrogatepass")[:0xFFFF]
        for text in (
            record.kind,
            record.interface,
            record.http_version,
            record.scheme,
            client,
            server,
            record.root_path,
        )
    ]
    texts.append(values.encode(record.transport) if record.transport else b"")
    numbers = _STARTED.pack(
        record.exchange,
        record.connection,
        record.accepted_ns,
        record.first_byte_ns,
        record.head_ns,
        client_port,
        _NO_PORT if server_port is None else server_port,
        *map(len, texts),
    )
    return b"".join((numbers, *texts, record.head))


def _decode_started(payload: bytes) -> ExchangeStarted:
    exchange, connection, accepted_ns, first_byte_ns, head_ns, client_port, server_port, *sizes = _STARTED.unpack_from(
        payload
    )
    parts = []
    at = _STARTED.size
    for size in sizes:
        parts.append(payload[at : at + size])
        at += size
    if at > len(payload):
        raise MalformedFrame("the start of an exchange whose parts do not fit")
    below = parts.pop()
    transport = values.decode(below) if below else None
    if not isinstance(transport, (dict, type(None))):
        raise MalformedFrame("the start of an exchange whose transport is no dict")
    kind, interface, http_version, scheme, client, server, root_path = (
        part.decode("utf-8", "surrogatepass") for part in parts
    )
    return ExchangeStarted(
        exchange,
        kind,
        interface,
        connection,
        http_version,
        scheme,
        None if client_port < 0 else (client, client_port),
        None if server_port == _NO_ADDRESS else (server, None if server_port == _NO_PORT else server_port),
        root_path,
        payload[at:],
        accepted_ns,
        first_byte_ns,
        head_ns,
        transport,
    )


def _encode_fields(record: Any) -> bytes:
    return values.encode([getattr(record, name) for name in _FIELDS[type(record)]])


def _fields_decoder(cls: type[Any]) -> Callable[[bytes], Any]:
    wanted = [_checks(field.type) for field in fields(cls)]

    def decode(payload: bytes) -> Any:
        found = values.decode(payload)
        if not isinstance(found, list) or len(found) != len(wanted):
            raise MalformedFrame(f"a {cls.__name__} with the wrong number of fields")
        for value, types in zip(found, wanted, strict=True):
            if not isinstance(value, types):
                raise MalformedFrame(f"a {cls.__name__} with a {type(value).__name__} where another type belongs")
        return cls(*found)

    return decode


def _checks(annotation: Any) -> tuple[type, ...]:
    named = {"int": int, "str": str, "bytes": bytes, "bool": bool, "dict": dict, "list": list, "tuple": tuple}
    parts = (part.strip().partition("[")[0] for part in _alternatives(str(annotation)))
    return tuple(type(None) if part == "None" else named[part] for part in parts)


def _alternatives(annotation: str) -> list[str]:
    """`annotation` cut at its top-level bars: "tuple[str, int | None] | None" has two alternatives."""
    parts, depth = [""], 0
    for char in annotation:
        depth += (char == "[") - (char == "]")
        if char == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


_GENERIC: tuple[type[Any], ...] = (
    records.RunStarted,
    records.StateChanged,
    records.Failure,
    records.Logged,
    records.Stalled,
    records.Pulse,
    records.Wired,
    stepping.Held,
    stepping.Released,
    stepping.Original,
    stepping.Hit,
    stepping.Answered,
)
_FIELDS = {cls: [field.name for field in fields(cls)] for cls in _GENERIC}
_KINDS: dict[type[Record], tuple[int, Callable[[Any], bytes]]] = {
    MessageSeen: (1, _encode_message),
    ExchangeEnded: (2, _encode_ended),
    BodyPart: (3, _encode_part),
    Wait: (4, _encode_wait),
    ExchangeStarted: (5, _encode_started),
    WireTold: (6, _encode_wire),
    **{cls: (number, _encode_fields) for number, cls in enumerate(_GENERIC, 16)},
}
_DECODERS: dict[int, Callable[[bytes], Record]] = {
    1: _decode_message,
    2: _decode_ended,
    3: _decode_part,
    4: _decode_wait,
    5: _decode_started,
    6: _decode_wire,
    **{number: _fields_decoder(cls) for number, cls in enumerate(_GENERIC, 16)},
}


def encode(record: Record, sequence: int) -> bytes:
    """`record` as one frame."""
    kind, encoder = _KINDS[type(record)]
    payload = encoder(record)
    return HEAD.pack(len(payload), VERSION, kind, 0, sequence, zlib.crc32(payload)) + payload


def payload_size(head: bytes | memoryview) -> int:
    """The length of the payload that follows `head` (its first `HEAD.size` bytes are looked at)."""
    length, version, _kind, zero, _sequence, _checksum = HEAD.unpack_from(head)
    if version != VERSION or zero or length > MAX_PAYLOAD:
        raise MalformedFrame(f"no frame head of version {VERSION}")
    return int(length)


def decode(frame: bytes) -> tuple[int, Record]:
    """The sequence and the record of one whole frame."""
    size, sequence, record = decode_from(frame, 0)
    if size != len(frame):
        raise MalformedFrame(f"{len(frame)} bytes where a frame has {size}")
    return sequence, record


def decode_from(data: bytes, at: int) -> tuple[int, int, Record]:
    """The frame that begins at offset `at` of `data`: its size in bytes, its sequence and its record."""
    try:
        length, version, kind, zero, sequence, checksum = HEAD.unpack_from(data, at)
    except struct.error:
        raise MalformedFrame(f"{len(data) - at} bytes are no frame") from None
    payload_at = at + HEAD.size
    payload = data[payload_at : payload_at + length]
    if version != VERSION or zero or len(payload) != length:
        raise MalformedFrame(f"no whole frame of version {VERSION}")
    if zlib.crc32(payload) != checksum:
        raise MalformedFrame(f"frame {sequence} does not match its checksum")
    decoder = _DECODERS.get(kind)
    if decoder is None:
        raise MalformedFrame(f"unknown kind {kind}")
    try:
        return HEAD.size + length, sequence, decoder(payload)
    except (struct.error, values.MalformedValue, UnicodeDecodeError) as error:
        raise MalformedFrame(f"frame {sequence} of kind {kind}: {error}") from None
