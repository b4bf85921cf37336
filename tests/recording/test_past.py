"""An exchange as of its messages: by the end what its row says, at each moment no more than had passed."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.recording import past as past_module
from inspector.recording.past import Past
from inspector.recording.reader import Reader
from inspector.recording.rows import ExchangeRow, HoldRow
from inspector.recording.writer import Writer
from inspector.trace import records
from inspector.trace.records import Failure, Logged, Record
from tests.recording.scripts import CALL, CLOSE, POST, RAISE, RECEIVE, RETURN, SEND, ended, message, record, started
from tests.recording.test_stepping import held, released

START, BODY, REQUEST = "http.response.start", "http.response.body", "http.request"


def log(t_ns: int) -> Record:
    return Logged(1, t_ns, "logging", "INFO", "shop", f"at {t_ns}", "shop.py", 1)


STEPPED = [
    started(head=POST),
    message(0, CALL, "call", 120),
    log(125),
    message(1, RECEIVE, REQUEST, 160, asked_ns=130, body=b"01234", flags=records.MORE_BODY),
    held(170, "receive", 1, 2),
    released(200, "continue", 1),
    message(2, RECEIVE, REQUEST, 201, asked_ns=165, body=b"56789"),
    log(205),
    message(3, SEND, START, 210, status=201),
    message(4, SEND, BODY, 215, body=b"not sent", flags=records.DROPPED | records.MORE_BODY),
    held(220, "send", 2, 5),
    released(260, "step", 2),
    message(5, SEND, BODY, 220, body=b"one ", flags=records.MORE_BODY | records.EDITED),
    message(6, SEND, BODY, 300, body=b"two", wired=(5, 290)),
    message(7, RETURN, "return", 400, wired=(6, 310)),
    ended(410, out=310),
]


def recorded(tmp_path: Path, script: list[Record]) -> Reader:
    writer = Writer.create(tmp_path / "past.inspector")
    record(writer, script)
    writer.close()
    return Reader(tmp_path / "past.inspector")


def row(reader: Reader) -> ExchangeRow:
    found = reader.row(1)
    assert found is not None
    return found


def test_as_of_each_message_only_what_had_passed(tmp_path: Path) -> None:
    with recorded(tmp_path, STEPPED) as reader:
        whole = row(reader)
        assert whole.held_ns == 70
        rows = [Past(reader, whole, seq).row_ for seq in range(8)]
        assert [one.status for one in rows] == [None, None, None, 201, 201, 201, 201, 201]
        assert [one.request_bytes for one in rows] == [0, 5, 10, 10, 10, 10, 10, 10]
        assert [one.response_bytes for one in rows] == [0, 0, 0, 0, 0, 4, 7, 7]
        assert [one.held_ns for one in rows] == [0, 0, 30, 30, 30, 30, 70, 70]
        assert [one.client_ns for one in rows] == [0, 30, 36, 36, 36, 36, 36, 36]
        assert [one.response_end_ns for one in rows] == [None] * 7 + [310]
        assert [one.log_count for one in rows] == [0, 1, 1, 2, 2, 2, 2, 2]
        assert [one.message_count for one in rows] == list(range(1, 9))
        assert all(one.live and not one.outcome for one in rows)
        assert rows[-1].app_ns == whole.app_ns
        assert rows[-1].client_ns == whole.client_ns
        assert rows[-1].after_ns == whole.after_ns
        assert rows[6].app_ns == 300 - 120 - 36 - 70


def test_bodies_messages_and_logs_end_at_the_moment(tmp_path: Path) -> None:
    with recorded(tmp_path, STEPPED) as reader:
        at = Past(reader, row(reader), 5)
        assert at.now_ns == 220
        assert at.body_all(1, "send") == b"one "
        assert at.body_all(1, "send", 1, 100) == b"ne "
        assert at.body_all(1, "receive", 3) == b"3456789"
        assert [one.seq for one in at.messages(1, 3)] == [3, 4, 5]
        assert at.messages(1, 6) == []
        assert [one.text for one in Past(reader, row(reader), 2).logs(1)] == ["at 125"]
        assert [one.text for one in at.logs(1, count=1, newest=True)] == ["at 205"]
        assert at.rows([1, 2]) == [at.row_, None]


def test_a_hold_that_was_not_over_has_no_end(tmp_path: Path) -> None:
    script = [*STEPPED[:-3], message(6, RECEIVE, "http.disconnect", 240), *STEPPED[-2:]]
    with recorded(tmp_path, script) as reader:
        at = Past(reader, row(reader), 6)
        assert at.now_ns == 240
        assert at.holds(1) == [HoldRow(1, 2, "receive", 170, 200, "continue"), HoldRow(2, 5, "send", 220, None, "step")]
        assert at.row_.held_ns == 30
        assert at.row_.app_ns == 240 - 120 - 36 - 30 - 20
        assert Past(reader, row(reader), 1).holds(1) == []


def test_what_the_app_raised_comes_with_its_message(tmp_path: Path) -> None:
    failure = Failure(1, 230, "ValueError", "no", "Traceback", [])
    script = [*STEPPED[:2], failure, message(1, RAISE, "raise", 229), ended(240, outcome="app raised")]
    with recorded(tmp_path, script) as reader:
        assert row(reader).exception == "ValueError"
        assert Past(reader, row(reader), 0).row_.exception == ""
        assert Past(reader, row(reader), 0).failures(1) == []
        assert Past(reader, row(reader), 1).row_.exception == "ValueError"
        assert len(Past(reader, row(reader), 1).failures(1)) == 1


def test_wsgi(tmp_path: Path) -> None:
    script = [
        started(head=POST, interface="wsgi"),
        message(0, CALL, "call", 120),
        message(1, RECEIVE, "read", 160, asked_ns=130, body=b"0123456789"),
        message(2, SEND, "start_response", 200, status=404),
        message(3, RETURN, "return", 220),
        message(4, SEND, "next", 230, body=b"gone"),
        message(5, CLOSE, "close", 260, wired=(4, 250)),
        ended(270, out=250),
    ]
    with recorded(tmp_path, script) as reader:
        rows = [Past(reader, row(reader), seq).row_ for seq in range(6)]
        assert [one.status for one in rows] == [None, None, 404, 404, 404, 404]
        assert [one.response_bytes for one in rows] == [0, 0, 0, 0, 4, 4]
        assert rows[-1].app_ns == row(reader).app_ns


def test_far_on_only_bytes_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_module, "EXACT", 4)
    with recorded(tmp_path, STEPPED) as reader:
        near, far = Past(reader, row(reader), 3), Past(reader, row(reader), 5)
        assert (near.exact, far.exact) == (True, False)
        assert (far.row_.request_bytes, far.row_.response_bytes, far.row_.app_ns) == (10, 4, 0)
        assert far.body_all(1, "send") == b"one "
