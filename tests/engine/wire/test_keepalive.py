"""When a silent client is pinged, and when it counts as gone."""

from __future__ import annotations

from inspector.engine.wire.keepalive import GONE, PING, KeepAlive


def dues(keepalive: KeepAlive, *times: int) -> list[str]:
    return [keepalive.due(t) for t in times]


def test_a_silent_client_is_pinged_and_then_counts_as_gone_once() -> None:
    assert dues(KeepAlive(20, 30, 100), 119, 120, 121, 149, 150, 151, 500) == ["", PING, "", "", GONE, "", ""]


def test_any_sign_of_life_begins_anew() -> None:
    keepalive = KeepAlive(20, 20, 100)
    assert dues(keepalive, 120) == [PING]
    keepalive.heard(139)
    assert dues(keepalive, 140, 158, 159, 178, 179) == ["", "", PING, "", GONE]


def test_without_a_timeout_it_is_pinged_for_ever() -> None:
    assert dues(KeepAlive(20, 0, 100), 120, 130, 140, 1000) == [PING, "", PING, PING]


def test_without_an_interval_nothing_is_due() -> None:
    assert dues(KeepAlive(0, 20, 100), 120, 10_000) == ["", ""]
