"""`inspector show`: the table of a recording that somebody else may have written."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from inspector import show
from tests.recording.scripts import hello, recorded

EVIL = "\x1b]0;EVIL\x07\x1b[31m\x9b1m\r\n"
TEXTS = ("kind", "interface", "method", "path", "query", "outcome", "outcome_text", "exception")


@pytest.mark.parametrize("exception", ["", EVIL])
def test_no_text_of_a_recording_is_obeyed(tmp_path: Path, exception: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = recorded(tmp_path / "a.inspector", hello())
    connection = sqlite3.connect(path)
    connection.execute(f"UPDATE exchange SET {', '.join(f'{name} = :evil' for name in TEXTS)}", {"evil": EVIL})
    connection.execute("UPDATE exchange SET exception = ?", (exception,))
    connection.commit()
    connection.close()
    show.main(str(path), "", as_json=False, redact=False)
    told = capsys.readouterr()
    assert told.out.replace("\n", "").isprintable()
    assert len(told.out.splitlines()) == 2
    assert told.out.count(r"\x1b]0;EVIL\x07\x1b[31m\x9b1m\r\n") == 4  # method, path, query, exception or outcome
    show.main(str(path), "", as_json=True, redact=False)
    assert capsys.readouterr().out.replace("\n", "").isprintable()
