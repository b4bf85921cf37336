"""The wire out of a recording: what is there of it, what is not, and what a hostile file says of it."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from inspector.recording.past import Past
from inspector.recording.reader import Reader
from inspector.recording.writer import Writer
from inspector.trace import records, wire
from inspector.trace.records import Record, WireTold
from inspector.trace.stepping import Original
from inspector.trace.wire import LOST, NONE, pack
from tests.recording.scripts import (
    CALL,
    CHUNKED,
    POST,
    RECEIVE,
    SEND,
    UPGRADE,
    ended,
    hello,
    lifespan,
    message,
    record,
    recorded,
    run_started,
    started,
)  # fmt: skip

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n"


def answered(exchange: int = 1, t0: int = 100) -> list[Record]:
    *script, end = hello(exchange, t0)
    pieces = pack(t0 + 50, wire.HEAD, True, 1, 0, 0, HEAD) + pack(t0 + 50, wire.BODY, True, 2, 0, 13)
    return [*script, end._replace(wire=pieces)]  # type: ignore[union-attr, call-arg]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.inspector"


def test_pages_of_it_in_order_of_time(path: Path) -> None:
    with Reader(recorded(path, answered())) as reader:
        rows = reader.wire(1)
        assert [(row.number, row.kind, row.seq, row.t_ns) for row in rows] == [
            (0, "request head", 0, 100), (1, "head", 1, 150), (2, "body", 2, 150),
        ]  # fmt: skip
        assert reader.wire(1, 1, 1) == rows[1:2]
        assert reader.wire(1, 3) == reader.wire(2) == []
        assert reader.wire_bytes(rows[2], 7, 5) == b"world"
        assert (reader.has_wire(1), reader.has_wire(2)) == (True, False)


def test_a_lifespan_has_none(path: Path) -> None:
    with Reader(recorded(path, [lifespan(), message(0, CALL, "call", 10)])) as reader:
        assert not reader.has_wire(1)
        assert reader.wire(1) == []


def test_what_the_client_sent_is_what_was_there_before_an_edit(path: Path) -> None:
    script = [
        started(head=POST),
        message(0, CALL, "call", 120),
        Original(1, 1, 0, "http.request", b"", records.BODY, 5, b"first"),
        message(1, RECEIVE, "http.request", 130, body=b"another", flags=records.EDITED, wire_ns=125),
        message(2, RECEIVE, "http.request", 131, body=b"not sent", flags=records.INJECTED),
        message(3, RECEIVE, "http.request", 132, body=b"last!", wire_ns=131),
        ended(200),
    ]
    with Reader(recorded(path, script)) as reader:
        told = [(row.kind, row.seq, reader.wire_bytes(row)) for row in reader.wire(1)]
        assert told == [("request head", 0, POST), ("body", 1, b"first"), ("body", 3, b"last!")]


def test_a_chunk_of_two_messages_and_one_that_nobody_took(path: Path) -> None:
    pieces = pack(126, wire.CHUNK, False, NONE, 0, 6, b"6\r\n", b"\r\n") + pack(
        127, wire.CHUNK, False, NONE, 6, 4, b"4\r\n", b"\r\n"
    )
    script = [
        started(head=CHUNKED),
        message(0, CALL, "call", 120),
        message(1, RECEIVE, "http.request", 130, body=b"abc", wire_ns=126),
        message(2, RECEIVE, "http.request", 131, body=b"def", wire_ns=126),
        WireTold(1, 0, pieces),
        ended(200),
    ]
    with Reader(recorded(path, script)) as reader:
        _, whole, lost = reader.wire(1)
        assert (whole.seq, reader.wire_bytes(whole), whole.size) == (2, b"6\r\nabcdef\r\n", 11)
        assert (lost.seq, reader.wire_bytes(lost), lost.size) == (None, b"4\r\n", 9)


def test_a_frame_is_masked_wherever_it_is_read(path: Path) -> None:
    body = bytes(range(200))
    mask = b"\x1a\x2b\x3c\x4d"
    head = b"\x82\xfe\x00\xc8" + mask
    script = [
        started(head=UPGRADE, kind="websocket"),
        message(0, CALL, "call", 120),
        message(1, RECEIVE, "websocket.receive", 130, body=body, body_key=records.BYTES),
        WireTold(1, 0, pack(126, wire.FRAME, False, 0, 0, 200, head)),
        ended(200),
    ]
    whole = head + bytes(byte ^ mask[at % 4] for at, byte in enumerate(body))
    with Reader(recorded(path, script)) as reader:
        frame = reader.wire(1)[1]
        assert reader.wire_bytes(frame) == whole
        for at in range(len(whole)):
            assert reader.wire_bytes(frame, at, 7) == whole[at : at + 7]


def test_a_frame_whose_message_was_edited_is_as_it_came(path: Path) -> None:
    script = [
        started(head=UPGRADE, kind="websocket"),
        message(0, CALL, "call", 120),
        message(1, RECEIVE, "websocket.receive", 129, body=b"injected", flags=records.INJECTED),
        Original(1, 2, 0, "websocket.receive", b"", records.TEXT, 2, b"hi"),
        message(2, RECEIVE, "websocket.receive", 130, body=b"another", body_key=records.TEXT, flags=records.EDITED),
        WireTold(1, 0, pack(126, wire.FRAME, False, 0, 0, 2, b"\x81\x82\0\0\0\0")),
        ended(200),
    ]
    with Reader(recorded(path, script)) as reader:
        frame = reader.wire(1)[1]
        assert (frame.seq, reader.wire_bytes(frame)) == (2, b"\x81\x82\0\0\0\0hi")


def test_what_is_not_on_record_is_counted(path: Path) -> None:
    pieces = pack(150, wire.BODY, True, LOST, 0, 900, b"page") + pack(160, wire.CUT, False)
    last = pack(190, wire.CUT, False, NONE, 7, 300)
    script = [*hello()[:-1], WireTold(1, 0, pieces), ended(200)._replace(wire_first=2, wire=last)]  # type: ignore[union-attr, call-arg]
    with Reader(recorded(path, script)) as reader:
        _, page, cut = reader.wire(1)
        assert (reader.wire_bytes(page), page.size) == (b"page", 904)
        assert (cut.kind, cut.left_out, cut.left_out_bytes) == ("cut", 7, 300)


def test_as_of_a_message_nothing_later_has_gone_out(path: Path) -> None:
    with Reader(recorded(path, answered())) as reader:
        row = reader.row(1)
        assert row is not None
        assert [one.kind for one in Past(reader, row, 1).wire(1)] == ["request head"]
        assert len(Past(reader, row, 3).wire(1)) == 3


def test_it_goes_with_its_exchange_and_does_not_come_back(path: Path) -> None:
    writer = Writer.create(path, keep_exchanges=3)
    folded = None
    for exchange in range(1, 11):
        folded = record(writer, answered(exchange, exchange * 1000), folded)
    assert folded is not None
    late = pack(1, wire.FRAME, True, NONE, 0, 0, b"\x88\0")
    record(writer, [WireTold(1, 2, late), WireTold(10, 2, late), WireTold(1 << 40, 0, late)], folded)
    while writer.tidy():
        pass
    with Reader(path) as reader:
        assert [row[0] >> 32 for row in reader._all("SELECT id FROM wire ORDER BY id")] == [8, 9, 10, 10]
        assert len(reader.wire(10)) == 4
    writer.close()


@pytest.mark.parametrize(
    "blob", ["x", 5, None, b"\xff" * 100, pack(1, wire.FRAME, False, 1 << 30, 1 << 63, 9, b"\x81")]
)
def test_a_file_may_say_anything_of_it(path: Path, blob: object) -> None:
    recorded(path, answered())
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE wire SET pieces = ?", (blob,))
    connection.close()
    with Reader(path) as reader:
        for row in reader.wire(1):
            reader.wire_bytes(row)


def test_the_most_there_is_takes_no_time(path: Path) -> None:
    count = wire.MAX_PIECES
    script: list[Record] = [run_started(), started(head=UPGRADE, kind="websocket"), message(0, CALL, "call", 120)]
    script += [
        message(number + 1, SEND, "websocket.send", 130 + number, body=b"tick", body_key=records.TEXT)
        for number in range(count)
    ]
    frames = b"".join(pack(131 + number, wire.FRAME, True, number + 1, 0, 4, b"\x81\x04") for number in range(count))
    with Reader(recorded(path, [*script, WireTold(1, 0, frames), ended(99_999)])) as reader:
        before = time.process_time()
        assert len(reader.wire(1, 0, 10_000)) == count + 1
        assert time.process_time() - before < 1.0
