from __future__ import annotations

import re

from inspector.ui.models.header_words import HEADERS, header_meaning, row_meaning


def test_every_header_has_a_sentence_and_its_section() -> None:
    assert len(HEADERS) > 90
    for name, text in HEADERS.items():
        assert name == name.lower()
        assert re.fullmatch(r"[^|]+\. \([^()|]+\)", text), name


def test_names_are_found_in_any_case() -> None:
    assert "RFC 9110, 8.3" in header_meaning("Content-Type")
    assert header_meaning("x-my-own") == ""
    assert row_meaning(("headers", "host")) == ""
