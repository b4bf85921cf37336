"""Files that are no recordings, or pretend to be: they end in words, and nothing in them runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.errors import InspectorError
from inspector.recording.export import export_lines
from inspector.recording.fold import message_id
from inspector.recording.lock import folder_of
from inspector.recording.reader import Reader
from inspector.trace import values
from inspector.trace.records import Failure, Logged
from tests.recording.scripts import hello, recorded, started


def read_all(path: Path) -> None:
    """Everything that a window or `show` would read."""
    with Reader(path) as reader:
        for order in ("id", "duration_ns", "path"):
            ids = reader.ids(order=order)
        reader.rows(ids)
        for exchange in ids:
            for row in reader.messages(exchange):
                reader.body(exchange, row.seq)
            reader.body_all(exchange, "send", 3, 100)
            reader.waits(exchange), reader.logs(exchange), reader.failures(exchange), reader.head(exchange)
        list(export_lines(reader, redact=True))
        reader.runs(), reader.totals(), reader.count(), reader.logs()


def changed(path: Path, *statements: str) -> Path:
    """A recording after another program worked on it."""
    script = [*hello(1, body=b"x" * 40_000), Logged(1, 5, "stdout", "", "", "x", "", 1), Failure(1, 5, "E", "", "", [])]
    recorded(path, script)
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()
    return path


NO_RECORDINGS: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (lambda path: path.write_text("hello " * 500), "not a recording"),
    "empty": (lambda path: path.touch(), "is empty"),
    "another program's": (
        lambda path: sqlite3.connect(path).execute("CREATE TABLE t (a)").connection.close(),
        "another program",
    ),
    "newer": (lambda path: changed(path, "PRAGMA user_version = 9"), "newer version"),
    "older": (lambda path: changed(path, "PRAGMA user_version = 0"), "does not have the tables"),
    "a trigger": (
        lambda path: changed(path, "CREATE TRIGGER t AFTER UPDATE ON meta BEGIN DELETE FROM exchange; END"),
        "does not have the tables",
    ),
    "a view in a table's place": (
        lambda path: changed(path, "DROP TABLE log", "CREATE VIEW log AS SELECT * FROM exchange"),
        "does not have the tables",
    ),
    "a column more": (lambda path: changed(path, "ALTER TABLE run ADD COLUMN x"), "does not have the tables"),
    "a table less": (lambda path: changed(path, "DROP TABLE wait"), "does not have the tables"),
    "a computed column": (
        lambda path: changed(path, "DROP TABLE wait", "CREATE TABLE wait (exchange AS (abs(-1)), point, since_ns)"),
        "does not have the tables",
    ),
}


@pytest.mark.parametrize(("make", "words"), NO_RECORDINGS.values(), ids=NO_RECORDINGS.keys())
def test_what_is_no_recording_is_named(tmp_path: Path, make: Callable[[Path], object], words: str) -> None:
    path = tmp_path / "a.inspector"
    make(path)
    before = path.read_bytes()
    with pytest.raises(InspectorError, match=words):
        Reader(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path, words in (
        (tmp_path / "nothing.inspector", "There is no file"),
        (tmp_path, "is a folder, not a recording"),
    ):
        with pytest.raises(InspectorError, match=words) as caught:
            Reader(path)
        assert caught.value.exit_code == 2


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_damaged(tmp_path: Path, part: float) -> None:
    path = recorded(tmp_path / "a.inspector", [one for exchange in range(1, 200) for one in hello(exchange)])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(InspectorError, match="damaged"):
        read_all(path)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=60))
def test_overwritten_bytes_end_in_words_or_in_rows(tmp_path: Path, at: int, junk: bytes) -> None:
    path = tmp_path / "a.inspector"
    if not (tmp_path / "whole").exists():
        recorded(tmp_path / "whole", [one for exchange in range(1, 20) for one in hello(exchange, body=b"x" * 2000)])
    data = bytearray((tmp_path / "whole").read_bytes())
    at = at * len(data) // 10_001
    data[at : at + len(junk)] = junk
    path.write_bytes(data)
    try:
        read_all(path)
        with Reader(path) as reader:
            reader.check()
    except InspectorError as error:
        assert path.name in error.title  # noqa: PT017 - it may as well go well


def test_a_schema_that_is_not_even_text_is_damaged(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.inspector", hello())
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE run (", b"\xff\xfe\xff TABLE\xffrun ("))
    with pytest.raises(InspectorError):
        Reader(path)
    path.write_bytes(path.read_bytes().replace(b"tablerunrun", b"table\xffun\xffun"))
    with pytest.raises(InspectorError):
        Reader(path)


def test_check_finds_what_reading_does_not(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.inspector", [one for exchange in range(1, 200) for one in hello(exchange)])
    with Reader(path) as reader:
        reader.check()
    data = bytearray(path.read_bytes())
    data[-8192:] = b"\x0d" + b"\xff" * 8191
    path.write_bytes(data)
    with Reader(path) as reader, pytest.raises(InspectorError, match="damaged"):
        reader.check()


def columns(table: str) -> list[str]:
    from inspector.recording import schema

    connection = sqlite3.connect(":memory:")
    connection.executescript(schema.SCHEMA)
    found = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    connection.close()
    return found


WRONG = ("'text'", "x'ff00fe'", "NULL", "-1", "9223372036854775807", "1e300", "CAST(x'ff' AS TEXT)", "zeroblob(9)")


@pytest.mark.parametrize("table", ["meta", "run", "state", "head", "exchange", "message", "part", "log", "failure"])
def test_values_of_any_kind_in_any_column_are_read(tmp_path: Path, table: str) -> None:
    path = changed(tmp_path / "a.inspector")
    data = path.read_bytes()
    for column in columns(table):
        if column == "id":
            continue
        for value in WRONG:
            path.write_bytes(data)
            connection = sqlite3.connect(path, isolation_level=None)
            connection.execute(f"UPDATE {table} SET {column} = {value}")
            connection.close()
            read_all(path)


def test_data_that_is_no_value_is_shown_cut(tmp_path: Path) -> None:
    nested = b"O" + b"\0" * 8
    path = changed(tmp_path / "a.inspector", f"UPDATE message SET data = x'{(nested * 5000).hex()}'")
    with Reader(path) as reader:
        assert isinstance(reader.messages(1)[1].data, values.Cut)
    read_all(path)


def test_a_segment_never_leads_out_of_its_folder(tmp_path: Path) -> None:
    """Whatever a live recording's database says, only regular files FILE-bodies/N.bodies are read."""
    secret = tmp_path / "secret"
    secret.write_text("root:x:0:0 " * 100)
    first = message_id(1, 2)
    for value in ("'../secret'", "x'2e2e2f736563726574'", "-1", "1", "9223372036854775807"):
        path = changed(
            tmp_path / "a.inspector",
            f"UPDATE part SET segment = {value}, position = 0, data = NULL WHERE message = {first}",
            "UPDATE meta SET finished = 0",
        )
        folder_of(path).mkdir()
        (folder_of(path) / "00000001.bodies").symlink_to(secret)
        with Reader(path) as reader:  # mends it: folds the segments in
            assert reader.body(1, 2) == b"x" * 256
        assert secret.exists()
        path.unlink()


def test_an_in_flight_exchange_in_a_finished_file_is_read(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.inspector", [started(1)])
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE exchange SET end_ns = NULL")
    connection.close()
    read_all(path)
