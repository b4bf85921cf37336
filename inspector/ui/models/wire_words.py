"""A piece of wire in words: what it is, in the terms of HTTP/1.1 (RFC 9112) and WebSocket (RFC 6455)."""

from __future__ import annotations

from inspector.recording.rows import WireRow
from inspector.ui import shown, words
from inspector.ui.models import http2_words
from inspector.ui.models.message_words import CLOSE_CODES

_OPCODES = {0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}
_FIN, _RESERVED, _OPCODE, _MASKED = 0x80, 0x70, 0x0F, 0x80
_LONGEST = 200


def what(row: WireRow) -> str:
    """`response head, HTTP/1.1 200 OK`, `chunk of 512 bytes`, `text frame, FIN, masked 0x1a2b3c4d, 5 bytes`."""
    match row.kind:
        case "request head":
            return f"request head, {_first_line(row)}"
        case "request":
            return "bytes of the client that are no request"
        case "head":
            whole = row.before.endswith(b"\r\n\r\n")
            return f"{'response head' if whole else 'response of the server itself'}, {_first_line(row)}"
        case "informational":
            return f"head in between, {_first_line(row)}"
        case "body":
            return f"body, {_bytes(row.size)}"
        case "chunk":
            return _chunk(row)
        case "last chunk":
            return _last_chunk(row)
        case "frame":
            return _frame(row)
        case "HTTP/2 frame":
            return http2_words.what(row.before, row.size)
    if not row.left_out:
        return "what follows is not on record: so many pieces are kept of an exchange"
    return f"{words.counted(row.left_out, 'more piece')}, not on record: so many are kept of an exchange"


def _first_line(row: WireRow) -> str:
    return shown.one_line(row.before.partition(b"\r\n")[0].decode("latin-1"), _LONGEST)


def _bytes(size: int) -> str:
    return words.counted(size, "byte")


def _chunk(row: WireRow) -> str:
    line = row.before.partition(b"\r\n")[0]
    extension = line.partition(b";")[2].strip().decode("latin-1")
    size = row.body_size or max(len(row.before) - len(line) - 4, 0)
    told = f"chunk of {_bytes(size)}"
    return f"{told}, extension {shown.one_line(extension, _LONGEST)}" if extension else told


def _last_chunk(row: WireRow) -> str:
    fields = row.before.rstrip(b"\r\n").count(b"\r\n")
    return f"last chunk, {words.counted(fields, 'trailer field')}" if fields else "last chunk"


def _frame(row: WireRow) -> str:
    head = row.before
    if len(head) < 2:
        return "frame"
    opcode = head[0] & _OPCODE
    facts = [f"{_OPCODES.get(opcode, f'opcode 0x{opcode:x}')} frame"]
    if head[0] & _FIN:
        facts.append("FIN")
    if head[0] & _RESERVED:
        facts.append("compressed" if head[0] & _RESERVED == 0x40 else f"RSV {(head[0] & _RESERVED) >> 4:03b}")
    start, size = 2, head[1] & 0x7F
    if size > 125:
        start = 4 if size == 126 else 10
        size = int.from_bytes(head[2:start], "big")
    mask = b""
    if head[1] & _MASKED:
        mask = head[start : start + 4]
        start += 4
        facts.append(f"masked 0x{mask.hex()}")
    facts.append(_bytes(size))
    if opcode == 8 and size >= 2:
        code = bytes(byte ^ (mask[at] if mask else 0) for at, byte in enumerate(head[start : start + 2]))
        number = int.from_bytes(code, "big")
        facts.append(" ".join(filter(None, (str(number), CLOSE_CODES.get(number, "")))))
    return ", ".join(facts)
