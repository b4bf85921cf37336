r"""What others wrote, on a terminal: no byte of it is obeyed, and it can still be read."""

from __future__ import annotations

import pytest

from inspector.terminal import visible


@pytest.mark.parametrize(
    ("text", "keep", "shown"),
    [
        ("GET /café?x=\\n", "", "GET /café?x=\\n"),
        ("\x1b]0;EVIL\x07\x1b[31m", "", r"\x1b]0;EVIL\x07\x1b[31m"),
        ("a\nb\tc\r", "", r"a\nb\tc\r"),
        ("a\nb\tc\r", "\n\t", "a\nb\tc\\r"),
        ("\x9b31m \x7f", "", r"\x9b31m \x7f"),  # CSI in one character
        ("a\u202eb \ud800", "", r"a\u202eb \ud800"),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(text: str, keep: str, shown: str) -> None:
    assert visible(text, keep) == shown
    assert visible(shown, keep) == shown
