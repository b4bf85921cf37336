"""`inspector serve --control`: the lines themselves, in both homes, and real frameworks stepped from first to last."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from tests.support.controlling import Controlled, meanwhile
from tests.support.programs import command, running
from tests.support.recorded import exchanges
from tests.support.waiting import DEADLINE

HOMES = pytest.mark.parametrize("home", [(), ("--in-process",)], ids=["child", "in-process"])
ASGI_GET = ["call", "http.request", "http.response.start", "http.response.body", "return"]
WSGI_GET = ["call", "start_response", "return", "next", "close"]


@contextlib.contextmanager
def controlled(app: str, folder: Path, *options: str, cwd: Path | None = None) -> Iterator[Controlled]:
    program = Controlled(app, folder, *options, **({"cwd": cwd} if cwd else {}))
    with running(program):
        try:
            if "--wait" not in options:
                assert program.url
            yield program
            assert program.stop() == 0, program.err
        finally:
            if program.process.poll() is None:
                program.process.kill()
            program.process.wait()
            with contextlib.suppress(OSError):
                program.close_input()
            program._reading.join()


def get(program: Controlled, path: str = "/") -> httpx.Response:
    return httpx.get(program.url + path, trust_env=False, timeout=DEADLINE)


def post(program: Controlled, path: str, content: bytes) -> httpx.Response:
    return httpx.post(program.url + path, content=content, trust_env=False, timeout=DEADLINE)


@HOMES
def test_a_request_is_held_edited_and_recorded_with_both(tmp_path: Path, home: tuple[str, ...]) -> None:
    with controlled("bare_steps:app", tmp_path, *home) as program:
        reply = program.do("break", expression="point:send path:/cart", once=False)
        assert program.do("breakpoints")["breakpoints"][0]["expression"] == "point:send path:/cart"
        asking = meanwhile(lambda: post(program, "/cart", b"hello"))
        held = program.event("held")
        assert held["point"] == "send"
        assert held["breakpoint"] == reply["breakpoint"]
        message = held["message"]
        assert message["type"] == "http.response.start"
        assert message["data"] == {"status": 200, "headers": [["x-mine", "1"]]}
        assert message["direction"] == "send"
        assert get(program, "/other").status_code == 200  # nobody else waits
        message["data"]["status"] = 201
        message["data"]["headers"].append(["content-length", "1"])
        assert program.do("edit", hold=held["hold"], message=message)["warnings"] == []
        assert program.event("changed")["message"]["edited"]
        program.do("continue", hold=held["hold"])
        assert program.event("released") == {"event": "released", "hold": held["hold"], "by": "continue"}
        body = program.event("held")
        message = {"type": "http.response.body", "data": {"body": "\xff bye"}}
        assert "mend" in body["verbs"]
        assert program.do("edit", hold=body["hold"], message=message)["warnings"]
        assert program.do("mend", hold=body["hold"])["content_length"] == 5
        program.do("continue", hold=body["hold"])
        answer = asking.result(DEADLINE)
        assert (answer.status_code, answer.content) == (201, b"\xff bye")
        assert answer.headers["content-length"] == "5"
        over = program.event("exchange", id=held["exchange"])
        assert over["messages"] is None
        assert over["status"] == 201
        assert over["held_ns"] > 0
        program.do("remove", breakpoint=reply["breakpoint"])
        assert program.do("breakpoints")["breakpoints"] == []
        assert get(program, "/cart").status_code == 200
    (exchange,) = exchanges(program.recording, "path:/cart method:POST")
    assert [(one["type"], one["edited"]) for one in exchange["messages"][2:4]] == [
        ("http.response.start", True),
        ("http.response.body", True),
    ]
    assert "imported" in program.err  # the app's own output
    assert "asked /cart" in program.err


@HOMES
def test_with_wait_the_lifespan_is_stepped(tmp_path: Path, home: tuple[str, ...]) -> None:
    with controlled("bare_steps:app", tmp_path, "--wait", *home) as program:
        program.do("break", expression="kind:lifespan point:call", once=True)
        assert "imported" not in program.err
        program.do("start")
        held = program.event("held")
        seen = [held["message"]["type"]]
        for _ in range(2):
            program.do("step", hold=held["hold"])
            held = program.event("held")
            seen.append(held["message"]["type"])
        assert seen == ["call", "lifespan.startup", "lifespan.startup.complete"]
        assert not any(line.get("event") == "ready" for line in program.heard)
        program.do("continue", hold=held["hold"])
        assert get(program).status_code == 200
        assert not program.say("start")["ok"]


def test_broken_lines_are_answered_and_nothing_stops(tmp_path: Path) -> None:
    with controlled("bare_steps:app", tmp_path, "--break", "path:/held point:call") as program:
        asking = meanwhile(lambda: get(program, "/held"))
        held = program.event("held")
        assert program.raw(b"{nonsense\n")["reply"] is None
        assert program.raw(b"[1, 2]\n") == {"reply": None, "ok": False, "error": "the line is no JSON object"}
        assert program.raw(b"\xff\xfe\n")["ok"] is False
        assert program.raw(b"[" * 100_000 + b"\n")["ok"] is False
        assert program.raw(b'{"id": "mine", "verb": "fly"}\n')["reply"] == "mine"
        for verb, facts, words in (
            ("continue", {}, "hold: continue needs it"),
            ("continue", {"hold": 99}, "hold: 99 is not held (any more)"),
            ("continue", {"hold": "x"}, "hold: 'x' is not held (any more)"),
            ("continue", {"hold": held["hold"], "colour": 1}, "colour: continue does not take it"),
            ("drop", {"hold": held["hold"]}, "drop: only what is received or sent can change, not call"),
            ("edit", {"hold": held["hold"]}, "message: edit needs it"),
            ("edit", {"hold": held["hold"], "message": 3}, "message: must be an object"),
            ("break", {"expression": 3}, "expression: takes text"),
            ("break", {"expression": ""}, "A breakpoint is an expression"),
            ("break", {"expression": "point:call", "once": 1}, "once: takes bool"),
            ("break", {"expression": "point:call", "nth": 0}, "nth: counts from 1"),
            ("remove", {"breakpoint": 77}, "There is no breakpoint 77."),
        ):
            reply = program.say(verb, **facts)
            assert not reply["ok"]
            assert reply["error"].startswith(words), (verb, reply)
        assert "'banana'; they are call," in program.say("break", expression="point:banana")["error"]
        assert "unknown field" in program.say("break", expression="poin:call")["error"]
        assert [one["hold"] for one in program.do("holds")["holds"]] == [held["hold"]]
        program.do("breakpoints", enabled=False)
        assert get(program, "/held").status_code == 200  # off, and releases nothing
        assert program.do("resume_all")["released"] == 1
        assert asking.result(DEADLINE).status_code == 200


def test_the_end_of_input_releases_everything(tmp_path: Path) -> None:
    with controlled("bare_steps:app", tmp_path, "--break", "point:call path:/held") as program:
        asking = [meanwhile(lambda: get(program, "/held")) for _ in range(3)]
        for _ in asking:
            program.event("held")
        program.close_input()
        assert [one.result(DEADLINE).status_code for one in asking] == [200, 200, 200]
        assert get(program, "/held").status_code == 200


def test_a_crash_clears_the_holds(tmp_path: Path) -> None:
    program = Controlled("bare_steps:app", tmp_path, "--break", "point:call path:/held")
    with running(program):
        assert program.url
        asking = meanwhile(lambda: get(program, "/held"))
        program.event("held")
        with pytest.raises(httpx.HTTPError):
            get(program, "/die")
        assert program.event("released")["by"] == "end"
        crashed = program.event("crashed")
        assert crashed["text"].startswith("1 held when it died")
        with pytest.raises(httpx.HTTPError):
            asking.result(DEADLINE)
        assert program.ended() == 1
        program.close_input()
        program._reading.join()
    (exchange,) = exchanges(program.recording, "path:/held")
    assert [(one["type"], one["dropped"]) for one in exchange["messages"]] == [("call", True)]


def test_what_does_not_go_together_is_refused() -> None:
    for words, told in (
        (["--wait"], "--wait goes with --control"),
        (["--break", "point:call"], "--break goes with --control"),
        (["--control", "--break", "point:"], "--break point:"),
        (["--control", "--no-record"], "do not go together"),
    ):
        done = subprocess.run(
            [command("inspector"), "serve", "x:app", *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert told in done.stderr


# Frameworks, each from first to last message.


def test_flask_is_stepped(tmp_path: Path) -> None:
    with controlled("flask_shop:app", tmp_path) as program:
        program.do("break", expression="point:call path:/stream", once=True)
        asking = meanwhile(lambda: get(program, "/stream"))
        points = program.walk(program.event("held"))
        assert points == ["call", "start_response", "return", "next", "next", "next", "close"]
        assert asking.result(DEADLINE).status_code == 200
        program.do("break", expression="point:call path:/login", once=True)
        asking = meanwhile(lambda: post(program, "/login", b"user=Eva"))
        assert program.walk(program.event("held"))[0] == "call"
        asking.result(DEADLINE)


@pytest.mark.parametrize(("entry", "points"), [("shop.wsgi", WSGI_GET), ("shop.asgi", ASGI_GET)])
def test_django_is_stepped(tmp_path: Path, entry: str, points: list[str]) -> None:
    subprocess.run([command("django-admin"), "startproject", "shop", str(tmp_path)], check=True)
    subprocess.run([command("python"), "manage.py", "migrate"], check=True, cwd=tmp_path, capture_output=True)
    with controlled(f"{entry}:application", tmp_path, cwd=tmp_path) as program:
        program.do("break", expression="point:call path:/admin/login", once=True)
        asking = meanwhile(lambda: get(program, "/admin/login/"))
        walked = program.walk(program.event("held"))
        assert [one for one in walked if one != "http.disconnect"] == points
        assert "csrfmiddlewaretoken" in asking.result(DEADLINE).text


def test_fastapi_is_stepped_and_its_websocket_edited_dropped_and_injected(tmp_path: Path) -> None:
    with controlled("fastapi_shop:app", tmp_path) as program:
        program.do("break", expression="point:call path:/items", once=True)
        asking = meanwhile(lambda: get(program, "/items/7"))
        assert program.walk(program.event("held")) == [one for one in ASGI_GET if one != "http.request"]
        assert asking.result(DEADLINE).json()["id"] == 7

        program.do("break", expression="kind:websocket message.type:websocket.receive")
        with connect(program.url.replace("http", "ws") + "/chat/tea", proxy=None) as chat:
            chat.send("one")
            held = program.event("held")
            assert held["message"]["data"] == {"text": "one"}
            program.do("edit", hold=held["hold"], message={"data": {"text": "ONE"}})
            program.do("continue", hold=held["hold"])
            assert '"ONE"' in chat.recv(DEADLINE)
            chat.send("two")
            program.do("drop", hold=program.event("held")["hold"])
            chat.send("three")
            held = program.event("held")
            assert held["message"]["data"] == {"text": "three"}
            added = {"type": "websocket.receive", "data": {"text": "two and a half"}}
            program.do("inject", hold=held["hold"], where="before", message=added)
            program.do("continue", hold=held["hold"])
            assert '"two and a half"' in chat.recv(DEADLINE)
            assert '"three"' in chat.recv(DEADLINE)
        program.event("exchange", kind="websocket")
    (exchange,) = exchanges(program.recording, "kind:websocket")
    received = [one for one in exchange["messages"] if one["type"] == "websocket.receive"]
    assert [one["data"]["text"] for one in received] == ["ONE", "two", "two and a half", "three"]
    assert [[one[flag] for flag in ("edited", "dropped", "injected")] for one in received] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
        [False, False, False],
    ]


def test_starlettes_streaming_and_base_http_middleware_are_stepped_with_their_concurrent_receive(
    tmp_path: Path,
) -> None:
    with controlled("starlette_news:app", tmp_path) as program:
        program.do("break", expression="point:call path:/events", once=True)
        asking = meanwhile(lambda: get(program, "/events"))
        walked = program.walk(program.event("held"))
        sends = [one for one in walked if one.startswith("http.response")]
        assert sends == ["http.response.start", *["http.response.body"] * (len(sends) - 1)]
        assert len(sends) >= 5
        assert walked[0] == "call"
        assert walked[-1] == "return"
        assert asking.result(DEADLINE).text.count("data: news") == 3
