"""A frame of HTTP/2 in words (RFC 9113, 6 and 7), and the windows of its moment."""

from __future__ import annotations

from inspector.ui import words

_HEAD = 9
_PREFACE = b"PRI "
_NAMES = (
    "DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE",
    "CONTINUATION",
)  # fmt: skip
_DATA, _HEADERS, _PRIORITY, _RST_STREAM, _SETTINGS, _PUSH_PROMISE, _PING, _GOAWAY, _WINDOW_UPDATE, _ = range(10)
_PRIORITY_UPDATE = 0x10
_FLAGS = {
    _DATA: ((0x1, "END_STREAM"), (0x8, "PADDED")),
    _HEADERS: ((0x1, "END_STREAM"), (0x4, "END_HEADERS"), (0x8, "PADDED"), (0x20, "PRIORITY")),
    _SETTINGS: ((0x1, "ACK"),),
    _PUSH_PROMISE: ((0x4, "END_HEADERS"), (0x8, "PADDED")),
    _PING: ((0x1, "ACK"),),
    9: ((0x4, "END_HEADERS"),),
}
_CODES = (
    "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
    "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
)  # fmt: skip
_SETTING_NAMES = {
    1: "HEADER_TABLE_SIZE",
    2: "ENABLE_PUSH",
    3: "MAX_CONCURRENT_STREAMS",
    4: "INITIAL_WINDOW_SIZE",
    5: "MAX_FRAME_SIZE",
    6: "MAX_HEADER_LIST_SIZE",
    8: "ENABLE_CONNECT_PROTOCOL",
    9: "NO_RFC7540_PRIORITIES",
}
_SETTINGS_TOLD = 8


def what(frame: bytes, size: int) -> str:
    """`DATA stream 5, END_STREAM, 1,024 bytes`; `frame` is the frame as far as no message has it, `size` all of it."""
    if frame.startswith(_PREFACE):
        return "connection preface"
    if len(frame) < _HEAD:
        return "frame"
    type_, flags, payload = frame[3], frame[4], frame[_HEAD:]
    stream = _number(frame[5:9]) & 0x7FFF_FFFF
    unknown = "PRIORITY_UPDATE" if type_ == _PRIORITY_UPDATE else f"frame of type 0x{type_:x}"
    name = _NAMES[type_] if type_ < len(_NAMES) else unknown
    facts = [f"{name} stream {stream:,}" if stream else name]
    facts += [told for bit, told in _FLAGS.get(type_, ()) if flags & bit]
    return ", ".join([*facts, *_of_type(type_, payload, _number(frame[:3]) or size - _HEAD)])


def _of_type(type_: int, payload: bytes, length: int) -> list[str]:
    if type_ == _RST_STREAM:
        return [_code(payload)]
    if type_ == _GOAWAY:
        return [_code(payload[4:8]), f"last stream {_number(payload[:4]):,}"]
    if type_ == _WINDOW_UPDATE:
        return [f"{_number(payload[:4]) & 0x7FFF_FFFF:,} more bytes"]
    if type_ == _SETTINGS:
        pairs = [payload[at : at + 6] for at in range(0, len(payload) - 5, 6)]
        told = [f"{_SETTING_NAMES.get(_number(one[:2]), _number(one[:2]))} {_number(one[2:]):,}" for one in pairs]
        return told[:_SETTINGS_TOLD]
    if type_ == _PING:
        return []
    return [words.counted(max(length, 0), "byte")]


def _code(data: bytes) -> str:
    code = _number(data[:4])
    return _CODES[code] if code < len(_CODES) else f"0x{code:x}"


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")


def moment(windows: tuple[int, ...], stream: int) -> str:
    """Windows and streams of the connection: `Then the client takes 65,535 more bytes (stream 5: 1,024), ...`."""
    out, out_stream, into, into_stream, streams = windows
    takes, sends = _window(out, out_stream, stream), _window(into, into_stream, stream)
    return f"Then the client takes {takes}, and may send {sends}; {words.counted(streams, 'open stream')}."


def _window(connection: int, own: int, stream: int) -> str:
    told = words.counted(max(connection, 0), "more byte")
    return f"{told} (stream {stream:,}: {max(own, 0):,})" if own >= 0 and stream else told


def stream_of(frame: bytes) -> int:
    """The number of a frame's stream; 0 for one of the connection."""
    return 0 if frame.startswith(_PREFACE) else _number(frame[5:9]) & 0x7FFF_FFFF
