from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from inspector.recording.rows import ExchangeRow
from inspector.ui.panels import waterfall
from inspector.ui.theme import DARK
from tests.support.fake_recording import EPOCH, MS, exchange

NOW = 10_000 * MS


def kinds(row: ExchangeRow) -> list[str]:
    return [kind for kind, _, _ in waterfall.segments(row, NOW)]


def test_segments_follow_one_another_and_tell_what_the_time_went_to() -> None:
    row = exchange(
        1, t0_ns=0, head_ns=MS, call_ns=MS, client_ns=5 * MS, app_ns=20 * MS, response_ns=26 * MS, total=60 * MS,
        blocked_ns=14 * MS, after_ns=8 * MS, response_end_ns=50 * MS,
    )  # fmt: skip
    assert waterfall.segments(row, NOW) == [
        ("client", 0, 5 * MS),
        ("app", 5 * MS, 26 * MS),
        ("stream", 26 * MS, 36 * MS),
        ("blocked", 36 * MS, 50 * MS),
        ("after", 50 * MS, 58 * MS),
    ]


def test_waiting_for_a_worker_or_a_turn_of_the_loop_is_told_apart() -> None:
    row = exchange(1, interface="wsgi", t0_ns=0, head_ns=0, call_ns=30 * MS, response_ns=40 * MS, total=40 * MS)
    assert waterfall.segments(row, NOW) == [("wait", 0, 30 * MS), ("app", 30 * MS, 40 * MS)]


def test_an_open_stream_is_pale() -> None:
    assert kinds(exchange(1, t0_ns=0, total=None, response_ns=3 * MS))[-1] == "stream"
    assert kinds(exchange(1, t0_ns=0, kind="websocket", status=101, total=None, response_ns=3 * MS))[-1] == "stream"
    assert kinds(exchange(1, t0_ns=0, total=None, status=None)) == ["wait", "app"]


def waiting(doing: str, **fields: Any) -> ExchangeRow:
    """In flight: called after 1 ms, doing that since 5 ms, told last at 6 ms."""
    given = {"t0_ns": 1, "head_ns": 1, "call_ns": 1 + MS, "app_ns": 4 * MS, "doing_ns": 1 + 5 * MS}
    return exchange(1, status=None, total=None, **(given | {"doing": doing, "counted_ns": 1 + 6 * MS} | fields))


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        (waiting("open"), [("wait", 1), ("app", 5), ("stream", 100)]),
        (waiting("client", client_ns=MS, app_ns=4 * MS), [("client", 95), ("wait", 96), ("app", 100)]),
        (waiting("app"), [("wait", 1), ("app", 100)]),
        (waiting("worker", interface="wsgi", call_ns=None, app_ns=0), [("wait", 100)]),
    ],
    ids=lambda given: given.doing if isinstance(given, ExchangeRow) else "",
)
def test_what_waits_is_not_the_apps(row: ExchangeRow, parts: list[tuple[str, int]]) -> None:
    assert [(kind, end // MS) for kind, _, end in waterfall.segments(row, 1 + 100 * MS)] == parts


def test_a_long_poll_does_not_press_the_others_to_a_hair() -> None:
    shown = waterfall.scale([exchange(1, t0_ns=0), waiting("open")], 3_600_000 * MS)
    assert shown.end_ns - shown.begin_ns < 20 * MS


def test_an_open_stream_does_not_press_the_others_to_a_hair() -> None:
    rows = [exchange(1, t0_ns=0, total=5 * MS), exchange(2, t0_ns=0, total=None, response_ns=2 * MS)]
    shown = waterfall.scale(rows, 3_600_000 * MS)
    assert shown.begin_ns == EPOCH
    assert shown.end_ns - shown.begin_ns < 10 * MS


def test_scale_of_nothing_and_of_an_instant() -> None:
    assert waterfall.scale([], NOW) == waterfall.Scale()
    shown = waterfall.scale([exchange(1, total=1)], NOW)
    assert shown.end_ns > shown.begin_ns


@pytest.mark.parametrize("total", [1, 1000, 40 * MS])
def test_even_the_shortest_can_be_seen(total: int) -> None:
    row = exchange(1, t0_ns=0, total=total, app_ns=total, head_ns=0, call_ns=0, response_ns=total)
    image = QImage(300, 25, QImage.Format.Format_RGB32)
    image.fill(DARK.panel)
    painter = QPainter(image)
    waterfall.paint(painter, QRect(0, 0, 300, 25), row, waterfall.Scale(EPOCH, EPOCH + 80 * MS), DARK, NOW)
    painter.end()
    painted = [x for x in range(300) if image.pixelColor(x, 12) != DARK.panel]
    assert 3 <= len(painted) <= 142
    assert min(painted) >= 24
    assert any(image.pixelColor(x, 12) == DARK.bar_app for x in painted)
