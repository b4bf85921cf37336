from __future__ import annotations

import pytest

from inspector.ui import words

MS = 1_000_000


@pytest.mark.parametrize(
    ("octets", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (12_400, "12.4 KB"), (999_949, "999.9 KB"), (999_950, "1.0 MB"),
     (1_200_000, "1.2 MB"), (3_000_000_000, "3.0 GB"), (9_999_000_000_000, "9,999.0 GB")],
)  # fmt: skip
def test_size(octets: int, text: str) -> None:
    assert words.size(octets) == text


@pytest.mark.parametrize(
    ("ns", "text"),
    [(0, "0.0 ms"), (400_000, "0.4 ms"), (38_600_000, "38.6 ms"), (99_949_999, "99.9 ms"), (99_950_000, "100 ms"),
     (212 * MS, "212 ms"), (999_499_999, "999 ms"), (999_500_000, "1.0 s"), (12_400 * MS, "12.4 s"),
     (59_949 * MS, "59.9 s"), (59_950 * MS, "1 m 00 s"), (134_000 * MS, "2 m 14 s"), (11_100_000 * MS, "3 h 05 m")],
)  # fmt: skip
def test_duration(ns: int, text: str) -> None:
    assert words.duration(ns) == text


def test_counts_and_the_rest() -> None:
    assert words.count(98_312) == "98,312"
    assert words.counted(1, "message") == "1 message"
    assert words.counted(1200, "message") == "1,200 messages"
    assert words.megabytes(512 << 20) == "512"
    assert words.megabytes(88_290_000) == "84.2"
    assert words.milliseconds(7_840_000) == "7.84"
    assert words.clock(1_741_500_000_481_000_000).endswith(".481")


def test_short_counts() -> None:
    counts = (0, 9_999, 10_000, 12_399, 100_003, 999_999, 1_000_000, 1_290_000, 2_000_000_000)
    assert [words.short_count(n) for n in counts] == [
        *("0", "9,999", "10 k", "12.3 k", "100 k", "999.9 k", "1 M", "1.2 M", "2,000 M"),
    ]
