"""What the recording keeps of stepping: held time, which is nothing else; what a message was; where it was held."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from inspector.recording.fold import Fold
from inspector.recording.reader import Reader
from inspector.recording.rows import HoldRow, OriginalRow
from inspector.recording.timing import spans
from inspector.recording.writer import Writer
from inspector.trace import records, values
from inspector.trace.records import MessageSeen, Record
from inspector.trace.stepping import Held, Original, Released
from tests.recording.scripts import (
    CALL,
    POST,
    RECEIVE,
    RETURN,
    SEND,
    ended,
    fold,
    message,
    row_of,
    run_started,
    started,
)

START, BODY = "http.response.start", "http.response.body"


def held(t_ns: int, point: str = "send", hold: int = 1, seq: int = 1, exchange: int = 1) -> Held:
    data = values.encode({"scope": {"type": "http"}}) if point == "call" else values.encode({"status": 200})
    type_ = "call" if point == "call" else START
    return Held(exchange, hold, t_ns, point, seq, type_, data, 0, b"", 0, 7, False, False, [], [], [], [], [])


def released(t_ns: int, by: str = "continue", hold: int = 1, exchange: int = 1) -> Released:
    return Released(exchange, hold, t_ns, by)


def asgi(*between: Record) -> list[Record]:
    """Called at 120; the response is wired at 300 and the app returns at 400."""
    return [
        started(head=POST),
        message(0, CALL, "call", 120),
        *between,
        message(91, SEND, BODY, 295, body=b"x"),
        message(92, RETURN, "return", 400, wired=(91, 300)),
        ended(410, out=300),
    ]


def test_held_time_is_not_the_apps_nor_the_clients() -> None:
    row = row_of(asgi(message(1, SEND, START, 190, status=200), held(200), released(250)))
    assert (row.held_ns, row.app_ns, row.client_ns) == (50, 300 - 120 - 50, 0)
    asked = message(1, RECEIVE, "http.request", 260, asked_ns=140, body=b"0123456789")
    row = row_of(asgi(held(160, "receive"), released(260), asked))
    assert (row.held_ns, row.client_ns, row.app_ns) == (100, 20, 300 - 120 - 20 - 100)
    assert {span.kind: span.total_ns for span in spans(row)}["held"] == 100


def test_a_hold_at_the_call_is_no_wait_for_a_worker() -> None:
    row = row_of([started(head=POST), held(125, "call", seq=0), released(200), *asgi()[1:]])
    assert row.held_ns == 75
    assert row.app_ns == 300 - 120 - 75


def test_what_is_dropped_counts_for_nothing_in_the_response() -> None:
    dropped = message(1, SEND, BODY, 190, body=b"gone", flags=records.DROPPED)
    row = row_of(asgi(dropped, dropped._replace(seq=2, flags=records.INJECTED)))
    assert row.response_bytes == 5


def test_originals_and_holds_come_back_and_go_with_their_exchange(tmp_path: Path) -> None:
    edited = message(1, SEND, BODY, 290, body=b"short", flags=records.EDITED)
    original = values.encode({"more_body": False})
    script = [
        run_started(),
        *asgi(
            held(200),
            replace(held(200), edited=True),
            Original(1, 1, 0, BODY, original, records.BODY, 70_000, b"a" * 65_536),
            Original(1, 1, 65_536, BODY, b"", records.BODY, 70_000, b"b" * 4_464),
            released(280, "step"),
            edited,
        ),
    ]
    path = tmp_path / "a.inspector"
    writer = Writer.create(path)
    writer.write(writer.begin_run(), fold(script))
    with Reader(path) as reader:
        body = b"a" * 65_536 + b"b" * 4_464
        assert reader.original(1, 1) == OriginalRow(BODY, {"more_body": False}, "body", 70_000, body)
        assert reader.original(1, 0) is None
        assert reader.holds(1) == [HoldRow(1, 1, "send", 200, 280, "step")]
        assert [one.edited for one in reader.messages(1)][:2] == [False, True]
    writer.clear()
    writer.close()
    with Reader(path) as reader:
        assert reader.original(1, 1) is None
        assert reader.holds(1) == []


def test_an_engine_that_dies_leaves_its_held_messages_on_record(tmp_path: Path) -> None:
    path = tmp_path / "a.inspector"
    writer = Writer.create(path)
    folding = Fold(writer.begin_run())
    for record in [run_started(), started(), held(130, "call", seq=0)]:
        folding.feed(record)
    folding.engine_died("killed by SIGKILL", 500)
    batch = folding.take()
    assert [one.by for one in batch.released] == ["end"]
    writer.write(1, batch)
    writer.close()
    with Reader(path) as reader:
        (one,) = reader.messages(1)
        assert (one.type, one.dropped, one.data) == ("call", True, {"type": "http"})
        row = reader.row(1)
        assert row is not None
        assert (row.outcome, row.held_ns) == ("lost", 370)
        assert reader.holds(1) == [HoldRow(1, 0, "call", 130, 500, "end")]


def test_the_end_of_a_recording_ends_its_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.inspector"
    writer = Writer.create(path)
    writer.write(writer.begin_run(), fold([run_started(), started(), message(0, CALL, "call", 120), held(200)]))
    with Reader(path) as reader:
        assert reader.holds(1)[0].released_ns is None
    writer.close()
    with Reader(path) as reader:
        assert reader.holds(1)[0].by == "end"


def test_held_pieces_lie_where_the_message_was_held(tmp_path: Path) -> None:
    path = tmp_path / "a.inspector"
    writer = Writer.create(path)
    asked = message(1, RECEIVE, "http.request", 260, asked_ns=140, body=b"0123456789")
    script = [run_started(), *asgi(held(160, "receive"), released(250), asked)]
    script = [_without_gaps(one) for one in script]
    writer.write(writer.begin_run(), fold(script))
    with Reader(path) as reader:
        row = reader.row(1)
        assert row is not None
        row = replace(row, message_count=4)
        found = {span.kind: span.pieces for span in spans(row, reader.messages(1), holds=reader.holds(1))}
    writer.close()
    assert found["held"] == ((60, 150),)
    assert found["client"] == ((0, 10), (40, 60), (150, 160))
    assert found["app"] == ((20, 40), (160, 200))


def _without_gaps(record: Record) -> Record:
    """The record; a message of the script gets the seq that it has without gaps."""
    seqs = {0: 0, 1: 1, 91: 2, 92: 3}
    return record._replace(seq=seqs[record.seq]) if isinstance(record, MessageSeen) and record.seq in seqs else record
