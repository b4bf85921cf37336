"""Lines of `--control` as they are read."""

from __future__ import annotations

from io import FileIO
from pathlib import Path

import pytest

from inspector import control


def test_a_line_over_the_limit_is_read_away_and_is_one_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "LINE", 8)
    given: list[bytes | None] = []
    path = tmp_path / "lines"
    path.write_bytes(b"12345678\n" + b"123456789\n" + b"x" * 100 + b"\n" + b"y" * 16 + b"\n{}\n" + b"12345678")
    with FileIO(path) as commands:
        control._read(commands, given.append)
    assert given == [b"12345678\n", b"", b"", b"", b"{}\n", b"12345678", None]


def test_the_mistake_names_the_limit() -> None:
    with pytest.raises(control.Problem, match="the line is longer than 32 MiB"):
        control._parsed(b"")
