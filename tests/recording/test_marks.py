"""Pin, note and colour: written live and in a file that is over, kept by every way a recording ends."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from inspector.errors import InspectorError
from inspector.recording import schema
from inspector.recording.finish import save_as
from inspector.recording.lock import folder_of
from inspector.recording.marks import NOTE, Marks, mark_file
from inspector.recording.reader import Reader
from inspector.recording.rows import COLOURS, ExchangeRow
from inspector.recording.writer import Writer
from inspector.trace.filter import FIELDS, parse
from tests.recording.scripts import hello, record, recorded

ALL = Marks(pinned=True, note="slow on\nMondays", colour="red")
SET = (True, "slow on Mondays", "red")


def marks(path: Path, exchange: int = 1) -> tuple[bool, str, str]:
    with Reader(path) as reader:
        return of(reader.row(exchange))


def of(row: ExchangeRow | None) -> tuple[bool, str, str]:
    assert row is not None
    return row.pinned, row.note, row.colour


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.inspector"


def test_marks_stay_through_what_the_exchange_does_and_through_every_end(path: Path, tmp_path: Path) -> None:
    writer = Writer.create(path)
    script = hello()
    folded = record(writer, script[:-1])
    writer.mark([1], ALL)
    record(writer, script[-1:], folded)
    assert marks(path) == SET
    save_as(path, tmp_path / "copy.inspector")
    writer.close()
    assert marks(path) == marks(tmp_path / "copy.inspector") == SET


def test_what_is_not_named_stays_and_an_empty_text_takes_away(path: Path) -> None:
    recorded(path, hello())
    mark_file(path, [1], ALL)
    mark_file(path, [1], Marks(pinned=False))
    assert marks(path) == (False, *SET[1:])
    mark_file(path, [1], Marks(note="", colour=""))
    assert marks(path) == (False, "", "")
    mark_file(path, [1], Marks())
    assert marks(path) == (False, "", "")


def test_what_was_marked_is_found(path: Path) -> None:
    recorded(path, [*hello(1), *hello(2), *hello(3)])
    mark_file(path, [2], ALL)
    mark_file(path, [3], Marks(colour="blue"))
    with Reader(path) as reader:
        for text, found in (("note:monday", [2]), ("note~.", [2]), ("colour:red", [2]), ("not colour~.", [1]),
                            ("colour=blue or is:pinned", [2, 3])):  # fmt: skip
            assert list(reader.ids(parse(text))) == found


def test_a_file_that_is_marked_stays_one_file(path: Path) -> None:
    recorded(path, hello())
    mark_file(path, [1, 99], ALL)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert marks(path) == SET


def test_a_recording_of_another_process_is_left_alone(path: Path) -> None:
    writer = Writer.create(path)
    record(writer, hello())
    with pytest.raises(InspectorError, match="being recorded by another Inspector"):
        mark_file(path, [1], ALL)
    assert marks(path) == (False, "", "")
    writer.close()


def test_a_file_that_may_not_be_written_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(path, hello())
    connect = schema.connect
    monkeypatch.setattr(schema, "connect", lambda at, _mode, **more: connect(at, "ro", **more))
    with pytest.raises(InspectorError, match="may not be written") as told:
        mark_file(path, [1], ALL)
    assert told.value.hint
    assert not folder_of(path).exists()


def test_a_file_of_another_program_is_not_touched(path: Path) -> None:
    sqlite3.connect(path).execute("CREATE TABLE exchange (id, pinned)").connection.close()
    before = path.read_bytes()
    with pytest.raises(InspectorError, match="another program"):
        mark_file(path, [1], ALL)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("note", "kept"), [("x" * 10_000, "x" * NOTE), (" a \t b ", "a b"), ("\ud800", "\ud800"), ("\0é", "\0é")]
)
def test_a_note_is_one_short_line(path: Path, note: str, kept: str) -> None:
    recorded(path, hello())
    mark_file(path, [1], Marks(note=note))
    assert marks(path)[1] == kept


def test_colours_are_those_of_the_filter_and_no_others() -> None:
    assert FIELDS["colour"].examples == COLOURS
    with pytest.raises(ValueError, match="no colour"):
        Marks(colour="amber")


def test_an_older_recording_is_named(path: Path) -> None:
    recorded(path, hello())
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    with pytest.raises(InspectorError, match="older version"):
        Reader(path)
