from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inspector.errors import InspectorError
from inspector.recording.reader import Reader
from inspector.session import child, life
from inspector.session.listening import PortInUse
from inspector.trace import ring
from tests.support.programs import gone, own_address
from tests.support.sessions import scripted
from tests.support.waiting import DEADLINE, eventually_async

HOMES = [
    pytest.param({}, id="child"),
    pytest.param({"link": "tcp"}, id="tcp"),
    pytest.param({"in_process": True}, id="in-process"),
]


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return tmp_path / "test.inspector"


def rows(recording: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(recording)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize("home", HOMES)
async def test_a_life_from_start_to_stop(recording: Path, home: dict[str, Any]) -> None:
    async with scripted(recording, "shop:app", **home) as told:
        serving = await told.until("serving")
        status, answer = await told.get("")
        assert status == 200
        assert (serving.app, serving.interface, serving.run) == ("shop:app", "asgi3", 1)
        assert serving.pid == answer["pid"] == (os.getpid() if "in_process" in home else answer["pid"])
        await told.session.stop()
        assert told.phases == ["stopped", "starting", "serving", "stopping", "stopped"]
        assert told.session.state.title == ""
        with pytest.raises(OSError):  # noqa: PT011 - refused or reset, as the system likes
            await told.get("")
        if "in_process" not in home:
            assert gone(answer["pid"])
    assert rows(recording, "SELECT id, outcome FROM exchange") == [(1, "done")]
    assert rows(recording, "SELECT end_text FROM run") == [("stopped",)]


async def test_nothing_stays_in_the_temporary_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    rings: list[str] = []
    create = ring.create

    def created() -> tuple[int, str]:
        fd, path = create()
        rings.append(path)
        return fd, path

    monkeypatch.setattr(ring, "create", created)
    for options in ({}, {"link": "tcp"}, {"in_process": True}):
        async with scripted(None, "shop:app", **options) as told:
            await told.until("serving")
            assert not Path(rings[-1]).exists()
    assert len(rings) == 3


async def test_a_restart_refuses_no_connection_and_ids_go_on(recording: Path) -> None:
    async with scripted(recording, "shop:app") as told:
        await told.until("serving")
        answers: list[dict[str, Any]] = []
        enough = asyncio.Event()

        async def client() -> None:
            while not enough.is_set():
                status, answer = await told.get("")
                assert status == 200
                answers.append(answer)

        clients = [asyncio.create_task(client()) for _ in range(3)]
        for _ in range(3):
            seen = len(answers)
            await eventually_async(lambda: len(answers) > seen + 5)  # noqa: B023 - awaited within the turn
            await told.session.restart()
        await told.until("serving")
        last = answers[-1]["pid"]
        await eventually_async(lambda: answers[-1]["pid"] != last or len({a["pid"] for a in answers}) == 4)
        enough.set()
        await asyncio.gather(*clients)
        assert told.session.state.run == 4
    ids = [answer["exchange"] for answer in answers]
    assert len(set(ids)) == len(ids)
    assert sorted(ids) == list(range(1, len(ids) + 1))
    assert rows(recording, "SELECT count(*), min(outcome), max(outcome) FROM exchange") == [(len(ids), "done", "done")]
    assert rows(recording, "SELECT count(*) FROM run") == [(4,)]


DEATHS = {
    "exit:3": "exit code 3",
    f"signal:{int(signal.SIGKILL)}": "killed by SIGKILL",
    f"signal:{int(signal.SIGSEGV)}": "killed by SIGSEGV",
}


@pytest.mark.parametrize(("path", "words"), DEATHS.items())
@pytest.mark.parametrize("link", ["inherit", "tcp"])
async def test_a_death_is_told_loses_nothing_and_clients_learn_why(
    recording: Path, path: str, words: str, link: str
) -> None:
    async with scripted(recording, "shop:app", link=link) as told:
        await told.until("serving")
        for _ in range(5):
            await told.get("")
        with pytest.raises(OSError):  # noqa: PT011
            await told.get(path)
        crashed = await told.until("crashed")
        assert crashed.title == f"The app's process ended: {words}."
        assert crashed.text == f"In flight when it died:\nGET /{path}"
        assert "Restart" in crashed.hint
        status, answer = await told.get("again")
        assert status == 503
        assert words in answer["unavailable"]
        assert told.session.state == crashed, "the stand-in is nobody's business"
        await told.session.restart()
        assert (await told.until("serving")).title == ""
        assert (await told.get(""))[0] == 200
    found = rows(recording, "SELECT id, path, outcome, outcome_text FROM exchange ORDER BY id")
    assert [row[0] for row in found] == list(range(1, 9))
    assert found[5] == (6, f"/{path}", "lost", words)
    assert rows(recording, "SELECT end_text FROM run ORDER BY id") == [(words,), ("stopped",), ("stopped",)]


async def test_a_crash_with_much_in_flight_is_told_in_few_words() -> None:
    async with scripted(None, "shop:app") as told:
        await told.until("serving")
        hanging = [asyncio.create_task(told.get(f"hang/{number}{'x' * 6000}")) for number in range(60)]
        await eventually_async(lambda: told.session.recorder.totals.in_flight == 60)
        with pytest.raises(OSError):  # noqa: PT011
            await told.get("exit:3")
        crashed = await told.until("crashed")
        title, *lines, last = crashed.text.splitlines()
        assert (title, last) == ("In flight when it died:", "and 41 more")
        assert len(lines) == 20
        assert all(line.startswith("GET /hang/") and len(line) == 201 for line in lines)
        status, answer = await told.get("again")
        assert status == 503
        assert crashed.text in answer["unavailable"]
        gone = await asyncio.gather(*hanging, return_exceptions=True)
        assert all(isinstance(error, OSError) for error in gone)


@pytest.mark.parametrize("home", [home for home in HOMES if home.id != "tcp"])
async def test_the_first_verb_may_be_longer_than_the_link_holds(
    monkeypatch: pytest.MonkeyPatch, home: dict[str, Any]
) -> None:
    pair = socket.socketpair

    def narrow() -> tuple[socket.socket, socket.socket]:
        ends = pair()
        for end in ends:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return ends

    monkeypatch.setattr(socket, "socketpair", narrow)
    async with scripted(None, "shop:app", root_path="/" + "x" * 100_000, **home) as told:
        await told.until("serving")
        assert (await told.get(""))[0] == 200


async def test_an_engine_killed_under_load_leaves_every_exchange_that_was_answered(recording: Path) -> None:
    async with scripted(recording, "shop:app") as told:
        pid = (await told.until("serving")).pid
        answered: list[int] = []

        async def client() -> None:
            try:
                while True:
                    status, answer = await told.get("")
                    if status != 200:
                        return
                    answered.append(answer["exchange"])
            except OSError:
                return

        clients = [asyncio.create_task(client()) for _ in range(4)]
        await eventually_async(lambda: len(answered) > 100)
        os.kill(pid, signal.SIGKILL)
        await told.until("crashed")
        await asyncio.gather(*clients)
    ids = [row[0] for row in rows(recording, "SELECT id FROM exchange ORDER BY id")]
    assert ids == list(range(1, len(ids) + 1))
    assert set(answered) <= set(ids)


async def test_an_app_that_ends_the_engine_while_it_starts_has_crashed() -> None:
    async with scripted(None, "exit:7") as told:
        assert "exit code 7" in (await told.until("crashed")).title
        assert (await told.get(""))[0] == 503


async def test_a_failed_import_is_served_by_its_own_engine() -> None:
    async with scripted(None, "fail") as told:
        failed = await told.until("failed")
        assert (failed.title, failed.hint, failed.text) == (
            "No module named 'shop'.", "Did you mean shop2?", "Traceback: x",
        )  # fmt: skip
        status, answer = await told.get("")
        assert (status, answer["pid"]) == (503, failed.pid)


@pytest.mark.parametrize("home", HOMES)
async def test_a_broken_engine_is_told_with_its_traceback(
    home: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    async with scripted(None, "raise", **home) as told:
        failed = await told.until("failed")
        assert "RuntimeError: the engine is broken" in failed.text
        assert (await told.get(""))[0] == 503


async def test_a_stop_of_an_app_that_does_not_end_is_kept_in_time() -> None:
    async with scripted(None, "never ends") as told:
        pid = (await told.until("serving")).pid
        stopping = asyncio.create_task(told.session.stop(grace=3600.0))
        await told.until("stopping")
        await eventually_async(lambda: "stopping" in told.told)
        told.session.hurry()
        await asyncio.wait_for(stopping, DEADLINE)
        assert gone(pid)
        assert "ended by force" in told.session.state.title


async def test_an_app_that_blocks_the_loop_is_ended_by_its_own_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life, "KILL_MARGIN", 3600.0)  # we end it by no means
    async with scripted(None, "shop:app") as told:
        pid = (await told.until("serving")).pid
        request = asyncio.create_task(told.get("block:3600"))
        await eventually_async(lambda: told.session.recorder.totals.in_flight == 1)
        await asyncio.wait_for(told.session.stop(grace=0.5), DEADLINE)
        assert gone(pid)
        assert "ended by force" in told.session.state.title
        with pytest.raises(OSError):  # noqa: PT011
            await request


async def test_threads_of_the_app_do_not_keep_the_engine(capfd: pytest.CaptureFixture[str]) -> None:
    async with scripted(None, "thread") as told:
        pid = (await told.until("serving")).pid
        await told.session.stop()
        assert gone(pid)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
async def test_death_is_seen_although_a_forked_child_holds_the_link(recording: Path) -> None:
    async with scripted(recording, "fork:30") as told:
        pid = (await told.until("serving")).pid
        os.kill(pid, signal.SIGKILL)
        assert "SIGKILL" in (await told.until("crashed")).title
        assert "from a fork" not in told.told
    assert not rows(recording, "SELECT 1 FROM state WHERE state = 'from a fork'")


async def test_a_port_in_use_starts_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(PortInUse) as caught:
            async with scripted(None, "shop:app", port=taken.getsockname()[1]):
                pytest.fail("it started")
        assert caught.value.next_port


@pytest.mark.parametrize("python", ["/no/such/python", "/etc/passwd"])
async def test_an_interpreter_that_cannot_be_run_frees_the_port(python: str) -> None:
    with pytest.raises(InspectorError, match="cannot be run") as caught:
        async with scripted(None, "shop:app", python=python):
            pytest.fail("it started")
    assert "--python" in caught.value.hint


@pytest.mark.parametrize("program", ["/bin/false", "/bin/ls", "/bin/sh"])
async def test_a_program_that_is_no_python_is_told(program: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InspectorError, match=f"{program} is no Python interpreter"):
        async with scripted(None, "shop:app", python=program):
            pytest.fail("it started")
    assert capfd.readouterr() == ("", "")


async def test_a_program_that_does_not_answer_is_no_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "ANSWER_GRACE", 0.1)
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    with pytest.raises(InspectorError, match="is no Python interpreter"):
        async with scripted(None, "shop:app", python=str(program)):
            pytest.fail("it started")


async def test_a_recording_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(InspectorError, match="Cannot record"):
        async with scripted(tmp_path / "no" / "such" / "folder" / "x.inspector", "shop:app"):
            pytest.fail("it started")


async def test_stop_and_start_again_is_another_run_on_the_same_port(recording: Path) -> None:
    async with scripted(recording, "shop:app") as told:
        await told.until("serving")
        await told.session.stop()
        await told.session.restart()
        assert (await told.until("serving")).run == 2
        await told.session.stop()
        await told.session.stop()
    assert rows(recording, "SELECT count(*) FROM run") == [(2,)]


async def test_why_each_run_began_and_how_it_ended_is_recorded_with_it(recording: Path, tmp_path: Path) -> None:
    async with scripted(recording, "shop:app", reload=True, app_dir=str(tmp_path)) as told:
        await told.until("serving")
        await told.session.restart()
        await told.until("serving")
        told.session._reload([tmp_path / "shop" / "pay.py", Path("/elsewhere.py")])
        await eventually_async(lambda: told.session.state.run == 3 and told.session.state.phase == "serving")
        with pytest.raises(OSError):  # noqa: PT011
            await told.get("exit:3")
        await told.until("crashed")
        await eventually_async(lambda: told.told.get("started", {}).get("cause") == "stand-in")
        await told.session.stop()
    with Reader(recording) as reader:
        runs = reader.runs()
    details = [{state: detail for _, state, detail in run.states} for run in runs]
    assert [detail["started"]["cause"] for detail in details] == ["start", "restart", "reload", "stand-in"]
    assert details[2]["started"]["files"] == [str(Path("shop/pay.py")), "/elsewhere.py"]
    assert [detail["ended"]["how"] for detail in details] == ["restarted", "reloaded", "crashed", "stopped"]
    assert details[2]["ended"]["lost"] == ["GET /exit:3"]
    assert (details[2]["ended"]["code"], details[2]["ended"]["text"]) == (3, "exit code 3")


async def test_a_restart_during_a_stop_is_a_start() -> None:
    async with scripted(None, "shop:app") as told:
        await told.until("serving")
        await asyncio.gather(told.session.stop(), told.session.restart())
        await told.until("serving")
        assert (await told.get(""))[0] == 200


async def test_a_save_during_a_stop_starts_nothing(tmp_path: Path) -> None:
    async with scripted(None, "shop:app", reload=True, app_dir=str(tmp_path)) as told:
        await told.until("serving")
        stopping = asyncio.create_task(told.session.stop())
        await told.until("stopping")
        told.session._reload([Path("shop.py")])
        reloading = list(told.session._tasks)
        await stopping
        await asyncio.gather(*reloading)
        assert told.phases == ["stopped", "starting", "serving", "stopping", "stopped"]
        await told.session.start()
        await told.until("serving")
        told.session._reload([Path("shop.py")])  # it watches again
        await eventually_async(lambda: told.phases[-3:] == ["stopping", "starting", "serving"])


async def test_without_a_recording_the_figures_are_counted() -> None:
    async with scripted(None, "shop:app") as told:
        await told.until("serving")
        for _ in range(3):
            await told.get("")
        totals = told.session.recorder.totals
        await eventually_async(lambda: told.session.recorder.totals == replace(totals, exchanges=3, in_flight=0))
        assert told.session.recorder.generation > 0


WINDOW = """
import asyncio, sys
from tests.support.sessions import scripted
async def main():
    async with scripted(None, sys.argv[1], host=sys.argv[2]) as told:
        state = await told.until("serving")
        print(state.pid, state.url, flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


@pytest.mark.parametrize("app", ["shop:app", "never ends"])
async def test_the_death_of_the_window_frees_the_port(app: str) -> None:
    host = own_address()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WINDOW, app, host, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert process.stdout is not None
    pid, url = (await process.stdout.readline()).decode().split()
    process.kill()
    await process.wait()
    await eventually_async(lambda: gone(int(pid)))
    with socket.create_server((host, int(url.rpartition(":")[2]))):
        pass


async def test_the_death_of_the_window_ends_an_app_that_blocks() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        WINDOW,
        "shop:app",
        "127.0.0.1",
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    pid, url = (await process.stdout.readline()).decode().split()
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as client:
        client.sendall(b"GET /block:3600 HTTP/1.1\r\n\r\n")
        process.kill()
        await process.wait()
        await eventually_async(lambda: gone(int(pid)))


UNDER_QT = """
import asyncio, os
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtWidgets import QApplication
import qasync
from tests.support.sessions import scripted
async def main():
    for options in ({}, {"in_process": True}):
        async with scripted(None, "shop:app", **options) as told:
            await told.until("serving")
            assert (await told.get(""))[0] == 200
            if not options:
                try:
                    await told.get("exit:3")
                except OSError:
                    pass
                await told.until("crashed")
                assert (await told.get(""))[0] == 503
            await told.session.restart()
            await told.until("serving")
            assert (await told.get(""))[0] == 200
    print("done")
app = QApplication([])
with qasync.QEventLoop(app) as loop:
    loop.run_until_complete(main())
"""


def test_the_same_under_qasync() -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNDER_QT],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("done\n", 0), done.stderr


def test_a_verb_for_an_engine_that_ends_while_its_socket_is_full_is_no_error() -> None:
    class Closing(socket.socket):
        def send(self, data: Any, flags: int = 0) -> int:
            self.close()  # as the engine's death does it, in another thread
            raise BlockingIOError

    child.send(Closing(), b"x", threading.Lock())
