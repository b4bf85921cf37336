"""What was done to an exchange's messages, as a recording has it: holds, and what was there before an edit."""

from __future__ import annotations

from inspector.recording.fold import message_id
from inspector.recording.rows import HoldRow, OriginalRow
from inspector.recording.schema import read_bytes, read_int, read_text
from inspector.recording.stored_runs import Select
from inspector.recording.stored_values import decoded
from inspector.trace import records


def original(select: Select, exchange: int, seq: int) -> OriginalRow | None:
    """As `Reader.original`."""
    rows = select(
        "SELECT type, data, body_key, size, body FROM original WHERE message = ? ORDER BY offset",
        (message_id(exchange, seq),),
    )
    if not rows:
        return None
    key = read_int(rows[0][2])
    data = decoded(rows[0][1])
    if rows[0][0] == "call" and isinstance(data, dict):
        data = data.get("scope", data.get("environ", data))
    return OriginalRow(
        read_text(rows[0][0]),
        data,
        records.BODY_KEYS[key] if 0 <= key < len(records.BODY_KEYS) else "",
        read_int(rows[0][3]),
        b"".join(read_bytes(row[4]) for row in rows),
    )


def holds(select: Select, exchange: int) -> list[HoldRow]:
    """As `Reader.holds`."""
    rows = select(
        "SELECT id, seq, point, t_ns, released_ns, released_by FROM hold WHERE exchange = ? ORDER BY id",
        (exchange,),
    )
    return [
        HoldRow(read_int(id_), read_int(seq), read_text(point), read_int(t_ns), _optional(over), read_text(by))
        for id_, seq, point, t_ns, over, by in rows
    ]


def _optional(value: object) -> int | None:
    return value if type(value) is int else None
