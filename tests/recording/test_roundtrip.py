"""What is recorded comes back equal: live, finished, and in a copy."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.recording.export import REDACTED, exchange_object, export_lines
from inspector.recording.finish import save_as
from inspector.recording.fold import Fold
from inspector.recording.lock import folder_of
from inspector.recording.reader import Reader
from inspector.recording.writer import Writer
from inspector.trace import records, values
from inspector.trace.filter import parse
from inspector.trace.records import Failure, Logged, StateChanged
from inspector.trace.scope import Request, asgi_scope, parse_head, wsgi_environ
from tests.recording.scripts import (
    CALL,
    CLOSE,
    GET,
    POST,
    RECEIVE,
    RETURN,
    SEND,
    WALL,
    ended,
    hello,
    lifespan,
    message,
    record,
    recorded,
    run_started,
    started,
    wait,
    with_parts,
)

surrogates = st.text(st.characters(codec=None), max_size=12)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | surrogates | st.binary(max_size=12)
    | st.builds(values.Opaque, st.text(max_size=5), st.integers(0, (1 << 64) - 1)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(surrogates, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
bodies = st.tuples(st.integers(0, 255), st.sampled_from([0, 1, 255, 257, 16_384, 16_385, 70_000, 140_001]))
messages = st.lists(
    st.tuples(
        st.sampled_from([RECEIVE, SEND]),
        surrogates,
        st.dictionaries(surrogates, plain, max_size=3),
        bodies,
        st.integers(0, 31),
        st.integers(0, (1 << 64) - 1),
    ),
    max_size=6,
)


def spread(first: int, size: int) -> bytes:
    """`size` bytes that repeat after 251, so that no piece can be taken for another."""
    return (bytes((first + at) % 256 for at in range(251)) * (size // 251 + 1))[:size]


@contextmanager
def everywhere(path: Path, script: list[Any]) -> Iterator[Iterator[Reader]]:
    """Readers of the same script: live, of a copy of the live one, finished, and of a copy of that."""
    writer = Writer.create(path)

    def readers() -> Iterator[Reader]:
        record(writer, script)
        with Reader(path) as live:
            assert live.live
            yield live
        save_as(path, path.with_name("live copy.inspector"))
        with Reader(path.with_name("live copy.inspector")) as copy:
            yield copy
        writer.close()
        assert {entry.name for entry in path.parent.iterdir()} == {path.name, "live copy.inspector"}
        with Reader(path) as finished:
            assert not finished.live
            finished.check()
            yield finished
        save_as(path, path.with_name("copy.inspector"))
        with Reader(path.with_name("copy.inspector")) as copy:
            yield copy

    try:
        yield readers()
    finally:
        writer.close()


@settings(deadline=None, max_examples=50)
@given(messages)
def test_messages_and_bodies_come_back_equal(drawn: list[tuple[Any, ...]]) -> None:
    told = [(*facts[:3], spread(*facts[3]), *facts[4:]) for facts in drawn]
    script: list[Any] = [started(head=POST)]
    for seq, (direction, type_, data, body, flags, t_ns) in enumerate(told):
        facts = message(seq, direction, type_, t_ns, data=data, body=body, flags=flags, asked_ns=5)
        script += with_parts(facts)
    script.append(ended(1000))
    with TemporaryDirectory() as folder, everywhere(Path(folder) / "a.inspector", script) as readers:
        for reader in readers:
            rows = reader.messages(1)
            assert len(rows) == len(told)
            for row, (direction, type_, data, body, flags, t_ns) in zip(rows, told, strict=True):
                assert (row.direction, row.type, row.data) == (records.DIRECTIONS[direction], type_, data)
                assert row.t_ns == min(t_ns, (1 << 63) - 1)  # what SQLite can hold
                assert (row.more_body, row.edited, row.dropped, row.injected) == tuple(
                    bool(flags & flag) for flag in (16, 2, 4, 8)
                )
                assert (row.size, row.stored, row.head) == (len(body), len(body), body[:256])
                assert reader.body(1, row.seq) == body
                assert reader.body(1, row.seq, 250, 17_000) == body[250:17_250]
            for direction, name in ((RECEIVE, "receive"), (SEND, "send")):
                whole = b"".join(
                    body for found, _, _, body, flags, _ in told if found == direction and not flags & records.DROPPED
                )
                assert reader.body_all(1, name) == whole
                for offset in (0, 1, len(whole) // 3, len(whole) // 2, max(len(whole) - 1, 0), len(whole) + 5):
                    assert reader.body_all(1, name, offset, 20_000) == whole[offset : offset + 20_000]


def test_everything_else_comes_back_equal(tmp_path: Path) -> None:
    chain = [{"type": "ValueError", "message": "no \ud800", "frames": [{"line": 3}]}]
    script = [
        StateChanged(5, "serving", {"port": 8000}),
        *hello(1),
        started(2, POST, interface="wsgi", t0=500),
        message(0, CALL, "call", 520, 2, data={"wsgi.version": (1, 0)}),
        Logged(2, 530, "logging", "INFO", "shop", "stock \ud800 low", "shop.py", 12),
        Logged(0, 540, "stdout", "", "", "started", "", 0),
        Failure(2, 550, "ValueError", "no \ud800", "Traceback ...", chain),
        wait(560, RECEIVE, exchange=2),
    ]
    with everywhere(tmp_path / "a.inspector", script) as readers:
        for number, reader in enumerate(readers):
            assert list(reader.ids()) == [1, 2]
            assert list(reader.ids(order="t0_ns", descending=True)) == [2, 1]
            assert list(reader.ids(after=1)) == [2]
            assert list(reader.ids(parse("status:200"))) == [1]
            assert reader.count() == 2
            assert reader.count(parse("has:exception")) == 1
            first, missing, second = reader.rows([1, 99, 2])
            assert first is not None
            assert second is not None
            assert missing is None
            assert first.started_ns == WALL + 100
            assert (second.log_count, second.exception, second.live) == (1, "ValueError", number == 0)
            assert [log.text for log in reader.logs(2)] == ["stock \ud800 low"]
            assert [log.exchange for log in reader.logs()] == [2, 0]
            assert [log.line for log in reader.logs(2)] == [12]
            (failure,) = reader.failures(2)
            assert (failure.message, failure.chain) == ("no \ud800", chain)
            (run,) = reader.runs()
            assert (run.started_ns, run.pid, run.app, run.states) == (
                WALL,
                4242,
                "shop:app",
                [(5, "serving", {"port": 8000})],
            )
            assert [one.point for one in reader.waits(2)] == (["receive"] if number == 0 else [])
            totals = reader.totals()
            assert (totals.exchanges, totals.in_flight, totals.dropped) == (2, int(number == 0), 0)
            if number:
                assert second.outcome == "lost"
            method, target, version, headers = parse_head(GET)
            request = Request(method, target, version, headers, "http", ("127.0.0.1", 51764), ("127.0.0.1", 8000))
            assert reader.messages(1)[0].data == {**asgi_scope(request, "http"), "asgi": {"version": "3.0"}}
            method, target, version, headers = parse_head(POST)
            request = Request(method, target, version, headers, "http", ("127.0.0.1", 51764), ("127.0.0.1", 8000))
            assert reader.messages(2)[0].data == {**wsgi_environ(request), "wsgi.version": (1, 0)}


def test_changes_come_in_later_batches(tmp_path: Path) -> None:
    writer = Writer.create(tmp_path / "a.inspector")
    folded = None
    with Reader(tmp_path / "a.inspector") as reader:
        script = hello()
        for number, one in enumerate(script):
            folded = record(writer, [one], folded)
            row = reader.row(1)
            assert row is not None
            assert row.live == (number < len(script) - 1)
            assert reader.totals().in_flight == int(row.live)
            if number == 1:
                writer.pin([1], on=True)
        assert reader.row(1) == row
        assert row.pinned
        assert [one.wire_ns for one in reader.messages(1)] == [None, 150, 150, None]
        record(
            writer, [Logged(1, 900, "stdout", "", "", "late", "", 0), Failure(1, 901, "KeyError", "", "", [])], folded
        )
        late = reader.row(1)
        assert late is not None
        assert (late.log_count, late.exception) == (1, "KeyError")
    writer.close()


def test_a_stream_is_read_anywhere(tmp_path: Path) -> None:
    writer = Writer.create(tmp_path / "a.inspector")
    script = [started(), message(0, CALL, "call", 120)]
    for seq in range(1, 3000):
        direction = SEND if seq % 3 else RECEIVE
        script.append(message(seq, direction, "websocket", 120 + seq, body=b"%08d" % seq))
    record(writer, script)
    whole = b"".join(b"%08d" % seq for seq in range(1, 3000) if seq % 3)
    with Reader(tmp_path / "a.inspector") as reader:
        statements: list[str] = []
        reader._connection.set_trace_callback(statements.append)
        assert reader.body_all(1, "send", 12_345, 20) == whole[12_345:12_365]
        assert len(statements) < 30
        assert reader.body_all(1, "send") == whole
        assert [row.seq for row in reader.messages(1, 1500, 3)] == [1500, 1501, 1502]
        assert reader.messages(1, 1501, 1)[0].body_offset == 8 * 1000
    writer.close()


def test_what_is_written_is_private(tmp_path: Path) -> None:
    path = tmp_path / "a.inspector"
    writer = Writer.create(path)
    record(writer, hello(body=b"x" * 100_000))
    with Reader(path):
        modes = {
            entry.name: stat.S_IMODE(entry.stat().st_mode)
            for entry in [*tmp_path.iterdir(), *folder_of(path).iterdir()]
        }
    assert {name: mode for name, mode in modes.items() if mode != 0o600} == {"a.inspector-bodies": 0o700}
    assert len(modes) == 6
    save_as(path, tmp_path / "copy.inspector")
    assert stat.S_IMODE((tmp_path / "copy.inspector").stat().st_mode) == 0o600
    writer.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


KEYS = [
    *("id", "run", "kind", "interface", "http_version", "method", "path", "query", "status", "client", "started_at"),
    *("duration_ns", "app_ns", "held_ns", "request_bytes", "response_bytes"),
    *("outcome", "outcome_text", "scope", "environ", "messages"),
    *("transport", "findings", "exception", "logs"),
]


def test_an_exchange_as_json(tmp_path: Path) -> None:
    script = [
        *hello(1),
        Logged(1, 175, "logging", "INFO", "shop", "late", "shop.py", 12),
        started(2, GET, interface="wsgi", t0=500),
        message(0, CALL, "call", 520, 2, data={"huge": 1 << 70_000, "nan": float("nan")}),
        message(1, RECEIVE, "read", 530, 2, data={"method": "read", "size": -1}, body=b"\xff"),
        message(2, SEND, "start_response", 540, 2, data={"status": "200 OK", "headers": [("Set-Cookie", "a=b")]}),
        message(3, CLOSE, "close", 550, 2),
        Failure(2, 560, "ValueError", "no", "Traceback", []),
        ended(570, 2, outcome="app raised"),
        lifespan(3, 700),
        message(0, CALL, "call", 720, 3, data={"type": "lifespan"}),
        message(1, RETURN, "return", 730, 3),
    ]
    with Reader(recorded(tmp_path / "a.inspector", script)) as reader:
        lines = list(export_lines(reader))
        assert all(line.isascii() and "\n" not in line for line in lines)
        first, second, third = map(json.loads, lines)
        assert [list(one) for one in (first, second, third)] == [KEYS] * 3
        assert first["started_at"] == "2023-11-14T22:13:20.000000+00:00"
        assert (first["status"], first["client"], first["environ"]) == (200, "127.0.0.1:51764", None)
        assert first["scope"]["path"] == "/items/1"
        assert first["messages"][0]["data"] == {"scope": first["scope"]}
        assert first["messages"][2] == {
            "seq": 2,
            "t_ns": 40,
            "direction": "send",
            "type": "http.response.body",
            "data": {"body": "Hello, world!", "more_body": False},
            "size": 13,
            "edited": False,
            "dropped": False,
            "injected": False,
            "truncated": False,
        }
        assert first["logs"] == [{"t_ns": 75, "source": "logging", "level": "INFO", "logger": "shop", "text": "late"}]
        assert second["environ"]["HTTP_COOKIE"] == "id=secret"
        assert second["environ"]["nan"] == "nan"
        assert "bits" in second["environ"]["huge"]["$cut"]
        assert second["messages"][1]["data"] == {"body": "\xff", "method": "read", "size": -1}
        assert second["exception"] == {"type": "ValueError", "message": "no", "text": "Traceback"}
        assert (third["path"], third["method"], third["client"], third["scope"]) == (
            None,
            None,
            None,
            {"type": "lifespan"},
        )
        assert exchange_object(reader, 1) == first
        assert exchange_object(reader, 1, messages=False)["messages"] is None
        secret = "".join(export_lines(reader, parse("id:<3"), redact=True))
        assert "secret" not in secret
        assert "a=b" not in secret
        assert secret.count(REDACTED) == 6


def test_the_next_engine_begins_behind_the_last_exchange(tmp_path: Path) -> None:
    writer = Writer.create(tmp_path / "a.inspector")
    record(writer, [*hello(1), *hello(2)])
    again = Fold(writer.begin_run())
    again.feed(run_started(7))
    record(writer, hello(3), again)
    with Reader(tmp_path / "a.inspector") as reader:
        assert [(run.id, run.t0_ns) for run in reader.runs()] == [(1, 0), (2, 7)]
        assert [row.run for row in reader.rows([1, 2, 3]) if row] == [1, 1, 2]
    writer.close()


@pytest.mark.parametrize("order", ["nothing", "id; DROP TABLE exchange"])
def test_only_columns_sort(tmp_path: Path, order: str) -> None:
    with Reader(recorded(tmp_path / "a.inspector", hello())) as reader, pytest.raises(ValueError, match="no column"):
        reader.ids(order=order)


@pytest.mark.parametrize(
    ("raw", "raw_offset", "shown"),
    [
        (b"GET / HTTP/1.1\r\nX : y\r\n", 0, "GET / HTTP/1.1\r\nX : y\r\n"),
        (b"GET / HTTP/1.1\r\nCookie : id=secret\r\n", 0, REDACTED),
        (b"secret", 9_000, REDACTED),
    ],
)
def test_the_bytes_of_a_refused_request_are_redacted_where_they_may_hold_credentials(
    tmp_path: Path, raw: bytes, raw_offset: int, shown: str
) -> None:
    told = {"message": "no", "raw": raw, "raw_offset": raw_offset}
    script = [
        started(),
        message(0, records.RECEIVE, "refused", 5, data=values.encode(told)),
        ended(9, outcome="refused"),
    ]
    with Reader(recorded(tmp_path / "a.inspector", script)) as reader:
        (plain,), (redacted,) = (
            [json.loads(line)["messages"][0]["data"] for line in export_lines(reader, redact=redact)]
            for redact in (False, True)
        )
    assert plain["raw"] == raw.decode()
    assert redacted == {**plain, "raw": shown}
