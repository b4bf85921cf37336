"""Messages as text for the clipboard: lines, TSV, JSON. Bounded: a selection may have a million messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Literal

from inspector.recording.export import message_object
from inspector.recording.rows import MessageRow
from inspector.ui import words
from inspector.ui.models.message_table import DIRECTION, SIZE, TIME, TYPE, WORDS, MessageTable

if TYPE_CHECKING:
    from inspector.recording.reader import Reader

Form = Literal["text", "tsv", "json"]
MOST = {"text": 5_000, "tsv": 5_000, "json": 500}
"""Messages copied at most: more would hold the window up."""
BODIES = 1 << 20
"""Bytes of all bodies together in JSON."""
_TSV = ("seq", "time_ms", "since_before_ms", "wire_ms", "direction", "type", "size", "in_short")


def copied(model: MessageTable, reader: Reader, seqs: Iterable[int], form: Form) -> tuple[str, int]:
    """The messages `seqs` of the model's exchange, and how many of them there are in the text."""
    rows = list(islice(_rows(model, seqs), MOST[form]))
    if form == "json":
        return json.dumps(list(_objects(model, reader, rows)), indent=2), len(rows)
    if form == "tsv":
        return "\n".join(["\t".join(_TSV), *(_tsv(model, row) for row in rows)]), len(rows)
    return "\n".join(_line(model, row) for row in rows), len(rows)


def _rows(model: MessageTable, seqs: Iterable[int]) -> Iterator[MessageRow]:
    for seq in seqs:
        row = model.message(seq)
        if row is not None:
            yield row


def _line(model: MessageTable, row: MessageRow) -> str:
    told = (f"{model.text(row, TIME)} ms", *(model.text(row, column) for column in (DIRECTION, TYPE, SIZE, WORDS)))
    return "  ".join(filter(None, told))


def _tsv(model: MessageTable, row: MessageRow) -> str:
    before = model.message(row.seq - 1)
    figures = (
        row.t_ns - model.zero_ns,
        row.t_ns - before.t_ns if before is not None else None,
        row.wire_ns - model.zero_ns if row.wire_ns else None,
    )
    shown = ("" if ns is None else words.milliseconds(ns).replace(",", "") for ns in figures)
    size = str(row.size) if row.body_key else ""
    return "\t".join((str(row.seq), *shown, row.direction, model.text(row, TYPE), size, model.text(row, WORDS)))


def _objects(model: MessageTable, reader: Reader, rows: Iterable[MessageRow]) -> Iterator[object]:
    room = BODIES
    assert model.exchange is not None
    for row in rows:
        yield message_object(reader, model.exchange, row, cap=room)
        room = max(room - row.stored, 0)
