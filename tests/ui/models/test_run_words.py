from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inspector.recording.rows import MessageRow, RunRow
from inspector.session.state import SessionState
from inspector.ui.models import run_words
from tests.support.fake_recording import exchange

SERVING = SessionState(phase="serving", run=1, in_flight=4)
UP: list[tuple[str, dict[str, Any]]] = [("loading", {}), ("loaded", {"interface": "asgi3"}), ("serving", {"url": "u"})]


def run(*states: tuple[str, dict[str, Any]], over: bool = False, end: str = "stopped") -> RunRow:
    told = [(1_000 + number, state, detail) for number, (state, detail) in enumerate(states)]
    return RunRow(1, 1_700_000_000 * 10**9, 1_000, 9_000 if over else None, 7, "3.13.1", "/py", "shop:app", end, told)


def ended(how: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "ended", {"how": how, "text": "exit code 3", **more}


STANDINGS = [
    ([*UP], False, SERVING, "serving", "4 in flight"),
    ([*UP], False, None, "serving", ""),
    ([], False, replace(SERVING, phase="starting"), "starting", "Clients wait"),
    ([*UP], False, replace(SERVING, phase="stopping"), "stopping", "grace"),
    ([*UP], False, replace(SERVING, stalled_ns=3_000_000_000), "stalled", "something in it blocks"),
    ([("lifespan", {"verdict": "raised", "text": "Traceback"}), *UP], False, SERVING, "serving", "--lifespan on"),
    ([("load failed", {"title": "No module", "hint": "Install it."})], False, SERVING, "not loaded", "Install it."),
    ([("started", {"cause": "stand-in"}), *UP], False, None, "stands in", "Restart"),
    ([("started", {"cause": "stand-in"}), *UP, ended("restarted")], True, None, "stood in", "took over"),
    ([("started", {"cause": "stand-in"}), *UP, ended("stopped")], True, None, "stood in", ""),
    ([*UP, ended("stopped")], True, None, "stopped", ""),
    ([*UP, ended("restarted")], True, None, "restarted", ""),
    ([*UP, ended("reloaded")], True, None, "reloaded", ""),
    ([*UP, ended("forced")], True, None, "ended by force", "does not let go"),
    ([*UP, ended("crashed")], True, None, "crashed", "os._exit"),
    ([*UP, ended("crashed", text="killed by SIGSEGV")], True, None, "crashed", "Native code"),
    ([*UP, ended("crashed", text="killed by SIGKILL")], True, None, "crashed", "memory ran out"),
    ([*UP, ended("crashed", text="killed by SIGUSR2")], True, None, "crashed", ""),
    ([ended("refused", title="Too old", hint="Choose another.")], True, None, "not begun", "Choose another."),
]  # fmt: skip


@pytest.mark.parametrize(("states", "over", "state", "word", "hint"), STANDINGS)
def test_how_a_run_stands(states: Any, over: bool, state: SessionState | None, word: str, hint: str) -> None:
    found = run_words.standing(run(*states, over=over), state)
    assert found.word == word
    assert found.title
    assert hint in found.hint
    assert bool(found.hint) == bool(hint)


def test_a_run_of_a_recording_that_was_cut_off() -> None:
    found = run_words.standing(run(*UP, over=True, end="Inspector was killed while this was in flight."))
    assert (found.word, found.title) == ("cut off", "Inspector was killed while this was in flight.")


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ({"cause": "start"}, "start"),
        ({"cause": "restart"}, "restart by hand"),
        ({"cause": "reload", "files": ["a.py"], "file_count": 1}, "reload: a.py"),
        ({"cause": "reload", "files": ["a.py", "b.py"], "file_count": 3}, "reload: a.py and 2 more"),
        ({"cause": "reload"}, "reload: a file"),
        ({"cause": 7}, ""),
        ({}, ""),
    ],
)
def test_why_it_began(detail: dict[str, Any], words: str) -> None:
    assert run_words.began(run(("started", detail))) == words


def test_what_happened_with_the_lifespans_messages_in_their_places() -> None:
    def message(seq: int, t_ns: int, direction: str, kind: str, **data: Any) -> MessageRow:
        return MessageRow(9, seq, t_ns, None, None, direction, kind, data, "", b"", 0, 0, None, *[False] * 4)

    messages = [
        message(0, 1_001, "receive", "lifespan.startup"),
        message(1, 1_001, "send", "lifespan.startup.failed", message="no database"),
    ]
    stall = {"duration_ns": 412_000_000, "where": "pay.py:8", "over": False}
    told = run_words.steps(run(*UP, ("stalled", stall), ended("crashed"), over=True), messages)
    assert [(step.what, step.words) for step in told] == [
        ("loading", "the app is imported"),
        ("loaded", "ASGI 3"),
        ("lifespan.startup", "to the app"),
        ("lifespan.startup.failed", "from the app: no database"),
        ("serving", "u"),
        ("loop stalled 412 ms, until the end", "pay.py:8"),
        ("crashed", "exit code 3"),
    ]
    assert [step.fixed for step in told] == [False, False, True, True, False, False, False]


def test_last_words_and_what_was_lost() -> None:
    words = [["logging", "INFO", "paying", 7], ["stderr", "", "two\nlines\n", 0], "junk", ["short"]]
    crashed = run(ended("crashed", words=words, lost=["GET /a"], lost_count=3), over=True)
    assert run_words.last_words(crashed) == ["INFO\tpaying", "stderr\ttwo", "stderr\tlines"]
    assert run_words.lost(crashed) == ["GET /a", "and 2 more"]
    assert run_words.last_words(run(ended("stopped", words=words), over=True)) == []


@pytest.mark.parametrize(
    "junk", [None, 7, "x", [1], {"how": ["x"]}, {"how": "crashed", "words": 7, "lost": 8, "text": 9}]
)
def test_whatever_a_recording_says(junk: Any) -> None:
    detail = junk if isinstance(junk, dict) else {"files": junk, "duration_ns": junk, "cause": "reload", "count": junk}
    odd = run(*((state, detail) for state in ("started", "stalled", "stalls", "load failed", "ended", "?")), over=True)
    run_words.standing(odd)
    run_words.steps(odd)
    run_words.facts(odd)
    run_words.last_words(odd)
    run_words.lost(odd)


CERTIFICATE = {"file": "/home/u/tls/localhost.pem", "development": True, "trusted": False, "names": [], "why": "no CA"}


def test_whose_certificate_and_why_it_is_doubted() -> None:
    def told(**more: Any) -> str:
        return dict(run_words.facts(run(("started", {"certificate": {**CERTIFICATE, **more}}), *UP)))["certificate"]

    assert told() == (
        "development certificate /home/u/tls/localhost.pem · not trusted by this system: no CA"
        " · trust /home/u/tls/ca.pem to have it believed"
    )
    assert told(trusted=True) == "development certificate /home/u/tls/localhost.pem"
    assert told(development=False) == "/home/u/tls/localhost.pem · not trusted by this system: no CA"
    assert "certificate" not in dict(run_words.facts(run(*UP)))


@pytest.mark.parametrize(
    ("host", "names", "trusted"),
    [
        ("localhost:8000", ["localhost"], True),
        ("LOCALHOST", ["localhost"], True),
        ("tea.shop.test:1", ["*.shop.test"], True),
        ("a.tea.shop.test", ["*.shop.test"], False),
        ("127.0.0.1:8000", ["127.0.0.1"], True),
        ("other", ["localhost"], False),
        ("", ["localhost"], False),
        ("[", ["["], False),
        ("localhost", "localhost", False),
        ("localhost", [7, None], False),
    ],
)
def test_who_needs_no_k_for_curl(host: str, names: Any, trusted: bool) -> None:
    served = run(("started", {"certificate": {**CERTIFICATE, "trusted": True, "names": names}}))
    asked = exchange(1, host=host, scheme="https")
    assert run_words.trusted(served, asked) is trusted
    assert not run_words.trusted(run(("started", {"certificate": {**CERTIFICATE, "names": names}})), asked)
    assert not run_words.trusted(run(("started", {"certificate": names})), asked)
    assert not run_words.trusted(None, asked)
