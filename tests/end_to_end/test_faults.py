"""Apps that do what they should not, on the real engine in a process of its own: the session says what happened, what
came before is recorded, and it goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from inspector.options import Options
from tests.end_to_end.apps import hostile
from tests.support.answers import ask
from tests.support.programs import APPS, Inspector, inspector, running
from tests.support.recorded import exchanges, over, rows, steps, told
from tests.support.sessions import Watched, watched
from tests.support.waiting import eventually, eventually_async

PATIENCE = 30.0


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return tmp_path / "test.inspector"


def hostile_app(name: str = "hostile:app", **options: Any) -> Options:
    return Options(app=name, app_dir=str(APPS), port=0, **options)


async def get(session: Watched, path: str, timeout: float = PATIENCE) -> httpx.Response:
    """One request on a connection of its own."""
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=timeout) as client:
        return await client.get(session.session.state.url + path)


# The process ends.


@pytest.mark.parametrize(
    ("app", "path", "how", "before"),
    [
        ("hostile:app", "/leave", "exit code 3", ["call", "http.response.start", "http.response.body"]),
        ("hostile:app", "/crash", "killed by SIGSEGV", ["call"]),
        ("hostile_wsgi:app", "/leave", "exit code 3", ["call", "start_response", "write"]),
    ],
)
async def test_the_process_ends_under_a_request(
    recording: Path, app: str, path: str, how: str, before: list[str]
) -> None:
    async with watched(hostile_app(app), recording) as told_:
        await told_.until("serving")
        assert (await get(told_, "/before")).text == "ok"
        with pytest.raises(httpx.RemoteProtocolError):
            await get(told_, path)
        state = await told_.until("crashed")
        assert state.title == f"The app's process ended: {how}."
        assert state.hint == "Restart starts it again."
        assert f"GET {path}" in state.text
        answer = await get(told_, "/meanwhile")
        assert answer.status_code == 503
        assert f"process ended: {how}." in answer.text
        await told_.session.restart()
        assert (await told_.until("serving")).title == ""
        assert (await get(told_, "/after")).text == "ok"
    found = {each["path"]: each for each in exchanges(recording, "kind:http")}
    assert list(found) == ["/before", path, "/meanwhile", "/after"]
    assert steps(found[path]) == before
    assert [(row.path, row.outcome) for row in rows(recording, "kind:http")] == [
        ("/before", "done"),
        (path, "lost"),
        ("/meanwhile", "refused"),
        ("/after", "done"),
    ]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
async def test_a_forked_child_dies_of_sigterm_and_tells_nothing(recording: Path) -> None:
    async with watched(hostile_app(), recording) as told_:
        await told_.until("serving")
        assert (await get(told_, "/fork")).text == str(signal.SIGTERM.value)
        assert (await get(told_, "/after")).text == "ok"
        assert told_.session.state.phase == "serving"
    assert [row.outcome for row in rows(recording, "kind:http")] == ["done", "done"]


# The loop.


async def test_a_blocked_loop_is_told_while_it_lasts(recording: Path, tmp_path: Path) -> None:
    go_on = tmp_path / "go-on"
    async with watched(hostile_app(), recording) as told_:
        await told_.until("serving")
        blocked = asyncio.create_task(get(told_, f"/block?{go_on}"))
        # A busy machine may stall the loop before, and elsewhere.
        await eventually_async(lambda: "in block" in told_.session.state.stalled_where)
        state = told_.session.state
        assert not blocked.done()
        assert state.stalled_ns
        assert "hostile.py" in state.stalled_where
        (live,) = await asyncio.to_thread(eventually, lambda: rows(recording, "path:/block"))
        assert live.live
        go_on.touch()
        assert (await blocked).text == "ok"
        await eventually_async(lambda: not told_.session.state.stalled_ns)
    stalls = [stall for batch in told_.batches for stall in batch.stalls if "in block" in stall.where]
    assert [stall.over for stall in stalls] == [False, True]
    assert {stall.exchange for stall in stalls} == {live.id}
    assert stalls[1].duration_ns >= 100_000_000


async def test_a_stop_ends_a_loop_that_is_blocked(recording: Path, tmp_path: Path) -> None:
    async with watched(hostile_app(), recording) as told_:
        await told_.until("serving")
        blocked = asyncio.create_task(get(told_, f"/block?{tmp_path / 'never'}"))
        await eventually_async(lambda: told_.session.state.stalled_ns)
        await told_.session.stop(grace=0.2)
        assert told_.session.state.title == "The app did not end in time, and was ended by force."
        with pytest.raises(httpx.HTTPError):
            await blocked
    assert [row.outcome for row in rows(recording, "path:/block")] == ["lost"]


async def test_an_app_that_stops_the_loop(recording: Path) -> None:
    async with watched(hostile_app(), recording) as told_:
        await told_.until("serving")
        await get(told_, "/stop-loop")
        state = await told_.until("crashed", "failed")
        assert state.title == "The app stopped the event loop."
        await told_.session.restart()
        await told_.until("serving")
        assert (await get(told_, "/")).text == "ok"


async def test_an_app_that_closes_the_loop_while_it_is_imported(recording: Path, tmp_path: Path) -> None:
    (tmp_path / "closing.py").write_text("import asyncio\nasyncio.get_event_loop().close()\nasync def app(*_): ...\n")
    async with watched(Options(app="closing", app_dir=str(tmp_path), port=0), recording) as told_:
        state = await told_.until("crashed", "failed", "serving")
        assert state.title == "The app closed the event loop while it was imported."


async def test_a_worker_that_never_returns_holds_up_neither_others_nor_the_end(recording: Path) -> None:
    async with watched(hostile_app("hostile_wsgi:app", threads=2), recording) as told_:
        await told_.until("serving")
        never = asyncio.create_task(get(told_, "/never"))
        await asyncio.to_thread(eventually, lambda: rows(recording, "path:/never"))
        assert (await get(told_, "/ok")).text == "ok"
        await told_.session.stop(grace=0.2)
        with pytest.raises(httpx.HTTPError):
            await never
    assert [(row.path, row.outcome) for row in rows(recording)] == [("/never", "stopped"), ("/ok", "done")]


async def test_a_stream_of_tiny_chunks_leaves_the_loop_to_others(recording: Path) -> None:
    async with watched(hostile_app("hostile_wsgi:app"), recording) as told_:
        await told_.until("serving")
        shares: list[float] = []
        while not shares or (shares[-1] >= 0.3 and len(shares) < 5):  # once more where the machine was busy elsewhere
            async with (
                httpx.AsyncClient(trust_env=False, verify=False, timeout=PATIENCE) as client,
                client.stream("GET", f"{told_.session.state.url}/stream/{len(shares)}") as response,
            ):
                taken = 0
                async for piece in response.aiter_raw():
                    taken += len(piece)
                    if taken > 60_000:
                        break
                assert (await get(told_, "/ok")).text == "ok"
            (exchange,) = await asyncio.to_thread(over, recording, f"path:/stream/{len(shares)}")
            stalls = [stall for batch in told_.batches for stall in batch.stalls if stall.exchange == exchange["id"]]
            shares.append(sum(stall.duration_ns for stall in stalls if stall.over) / exchange["duration_ns"])
            kinds = steps(exchange)
            assert kinds[:3] == ["call", "start_response", "return"]
            assert set(kinds[3:]) == {"next"}
        assert shares[-1] < 0.3, shares
    assert {row.outcome for row in rows(recording, "path:/stream")} == {"client left"}


async def test_sys_exit_in_a_handler_ends_its_request_only(recording: Path) -> None:
    async with watched(hostile_app(), recording) as told_:
        await told_.until("serving")
        assert (await get(told_, "/quit")).status_code == 500
        assert (await get(told_, "/")).text == "ok"
        assert told_.session.state.phase == "serving"
    (exchange,) = exchanges(recording, "path:/quit")
    assert steps(exchange) == ["call", "raise"]
    assert exchange["exception"]["type"] == "SystemExit"


# The lifespan.


@pytest.mark.parametrize(("choice", "phase"), [("auto", "serving"), ("on", "failed")])
async def test_a_lifespan_that_raises(recording: Path, choice: str, phase: str) -> None:
    async with watched(hostile_app("hostile:raises_in_startup", lifespan=choice), recording) as told_:
        state = await told_.until("serving", "failed")
        await eventually_async(lambda: told_.session.state.lifespan)
        state = told_.session.state
        assert (state.phase, state.lifespan) == (phase, "raised")
        assert state.lifespan_text.endswith("LookupError: no database\n")
        assert "in raises_in_startup" in state.lifespan_text
        answer = await get(told_, "/")
        assert answer.status_code == (200 if phase == "serving" else 503)
        assert ("LookupError: no database" in answer.text) == (phase == "failed")
    (lifespan,) = exchanges(recording, "kind:lifespan")
    assert steps(lifespan) == ["call", "lifespan.startup", "raise"]


async def test_a_lifespan_that_raises_at_the_end(recording: Path) -> None:
    async with watched(hostile_app("hostile:raises_in_shutdown"), recording) as told_:
        await told_.until("serving")
        assert (await get(told_, "/")).text == "ok"
        await told_.session.stop()
    (lifespan,) = exchanges(recording, "kind:lifespan")
    assert steps(lifespan)[-2:] == ["lifespan.shutdown", "raise"]
    assert lifespan["exception"]["message"] == "no farewell"


# Too much.


def test_a_flood_on_stdout(tmp_path: Path) -> None:
    """50 MB that nobody reads: the app is not kept waiting, and the recording keeps to its bounds."""
    with running(Inspector("hostile:app", tmp_path, out=subprocess.PIPE, err=subprocess.PIPE)) as program:
        url = told(program.recording, "serving")["url"]
        assert ask(url, "GET", "/flood").body == b"ok"
        assert ask(url, "GET", "/after").body == b"ok"
        assert program.stop() == 0
    found = exchanges(program.recording, "kind:http")
    assert [each["path"] for each in found] == ["/flood", "/after"]
    assert {log["text"] for log in found[0]["logs"]} == {"x" * 1023}
    assert program.recording.stat().st_size < 120 << 20


@pytest.mark.parametrize("path", ["/stream", "/pour"])
async def test_a_stream_for_ever_to_a_client_that_leaves(recording: Path, path: str) -> None:
    async with watched(hostile_app(), recording) as told_:
        await told_.until("serving")
        async with (
            httpx.AsyncClient(trust_env=False, verify=False, timeout=PATIENCE) as client,
            client.stream("GET", told_.session.state.url + path) as response,
        ):
            pieces = response.aiter_raw()
            for _ in range(3):
                await anext(pieces)

            def streaming() -> bool:
                found = rows(recording, f"path:{path}")
                return bool(found) and found[0].live and found[0].message_count >= 5

            await asyncio.to_thread(eventually, streaming)  # it is shown while it lasts
        (exchange,) = await asyncio.to_thread(over, recording, f"path:{path}")
        assert (await get(told_, "/after")).text == "ok"
    kinds = steps(exchange)
    assert kinds[:2] == ["call", "http.response.start"]
    assert kinds[-1] == "raise"  # send() tells the app by an OSError
    assert set(kinds[2:-1]) == {"http.response.body"}
    (row,) = rows(recording, f"path:{path}")
    assert row.outcome == "client left"


async def test_a_client_that_does_not_read_stops_the_app(recording: Path) -> None:
    """Back-pressure: the app waits in send(), and what it poured is bounded by the buffers of the sockets."""
    async with watched(hostile_app(), recording) as told_:
        await told_.until("serving")
        host, port = told_.session.state.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            client.sendall(b"GET /pour HTTP/1.1\r\nHost: x\r\n\r\n")

            def waits() -> bool:
                return any(wait.point == "send" for wait in waits_of(recording))

            await asyncio.to_thread(eventually, waits)
            before, after = -1, 0
            for turn in range(20):  # the system's own buffers may still grow a little
                assert (await get(told_, f"/meanwhile/{turn}")).text == "ok"
                await asyncio.wrap_future(told_.session.recorder.catch_up())
                (row,) = rows(recording, "path:/pour")
                before, after = after, row.message_count
                if before == after:
                    break
            assert before == after
        await asyncio.to_thread(over, recording, "path:/pour")


def waits_of(recording: Path) -> list[Any]:
    from inspector.recording.reader import Reader

    found = rows(recording, "path:/pour")
    with Reader(recording) as reader:
        return reader.waits(found[0].id) if found else []


async def test_what_was_answered_is_recorded_as_soon_as_the_recorder_has_caught_up(recording: Path) -> None:
    async with watched(hostile_app(), recording) as told_:
        await told_.until("serving")
        for number in range(20):
            await get(told_, f"/{number}")
            await asyncio.wrap_future(told_.session.recorder.catch_up())
            assert rows(recording)[-1].path == f"/{number}"


# Garbage. One engine for all of it: the next request works.


@pytest.mark.parametrize("home", [(), ("--in-process",)], ids=["child", "in-process"])
def test_garbage(tmp_path: Path, home: tuple[str, ...]) -> None:
    with inspector("hostile:app", tmp_path, *home) as program:
        for name in [*hostile.NO_MESSAGES, *hostile.GARBAGE]:
            answer = ask(program.url, "GET", f"/garbage/message/{name}")
            assert (answer.status, answer.body) == (500, b"Internal Server Error"), name
        for name in hostile.HARMLESS:
            assert ask(program.url, "GET", f"/garbage/message/{name}").body == b"ok", name
        for name in hostile.BODIES:
            answer = ask(program.url, "GET", f"/garbage/body/{name}")
            assert (answer.status, answer.body) == (500, b"Internal Server Error"), name
        assert ask(program.url, "GET", "/garbage/returns/deep").body == b"ok"
        assert ask(program.url, "GET", "/after").body == b"ok"
        assert program.stop() == 0
        assert f"inspector{os.sep}engine" not in program.err  # the app's tracebacks are there, without our frames
    found = {each["path"].removeprefix("/garbage/"): each for each in exchanges(program.recording, "kind:http")}
    asked = [*hostile.NO_MESSAGES, *hostile.GARBAGE, *hostile.HARMLESS, *hostile.BODIES, "deep", "/after"]
    assert len(found) == len(asked)
    for path, exchange in found.items():
        kinds = steps(exchange)
        if path.removeprefix("message/") in hostile.NO_MESSAGES:
            assert kinds == ["call", "raise"], path
            assert exchange["exception"]["message"], path
        elif path.removeprefix("message/") in hostile.GARBAGE:
            assert (kinds[0], len(kinds), kinds[-1]) == ("call", 3, "raise"), path
            assert exchange["exception"]["message"], path
        elif path.startswith("body/"):
            assert kinds == ["call", "http.response.start", "http.response.body", "raise"], path
        else:
            assert kinds == ["call", "http.response.start", "http.response.body", "return"], path
