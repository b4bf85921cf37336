"""Apps that misbehave, under the whole program: the window goes on, says what happened, and has lost nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from inspector.app import Program
from inspector.options import Options
from inspector.recording.rows import ExchangeRow
from tests.test_app import PATIENCE, get, paths, played, served, until

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

APP = """
import asyncio, os, sys, time

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        raise RuntimeError("no database")
    path = scope["path"]
    if path == "/exit":
        os._exit(3)
    if path == "/kill":
        os.kill(os.getpid(), 9)
    if path == "/block":
        while not os.path.exists(scope["query_string"].decode()):
            time.sleep(0.01)
    if path == "/flood":
        for _ in range(20_000):
            print("x" * 999)
    if path == "/endless":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": b"y" * 10_000, "more_body": True})
            await asyncio.sleep(0)
    if path == "/garbage":
        deep = []
        for _ in range(1000):
            deep = [deep]
        await send({"type": "http.response.start", "status": deep, "headers": object()})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": path.encode()})
"""


@pytest.fixture
def faulty(tmp_path: Path) -> Options:
    file = tmp_path / "faulty.py"
    file.write_text(APP)
    return Options(app=str(file), port=0)


class Ticks:
    """Counts turns of Qt's loop: one that is kept from turning counts none."""

    def __init__(self, program: Program) -> None:
        self.count = 0
        self._timer = QTimer(program.window, interval=10)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        self.count += 1


def the_row(program: Program, path: str) -> ExchangeRow:
    source = program.window.source
    assert source is not None
    return next(row for row in source.reader.rows(source.reader.ids()) if row is not None and row.path == path)


async def row_that(program: Program, path: str, holds: Callable[[ExchangeRow], object]) -> ExchangeRow:
    """The row of `path`, once it is there and `holds`."""
    await until(lambda: path in paths(program) and holds(the_row(program, path)))
    return the_row(program, path)


@pytest.mark.parametrize(("path", "words"), [("/exit", "exit code 3"), ("/kill", "SIGKILL")])
def test_an_app_that_dies(faulty: Options, path: str, words: str, qapp: QApplication) -> None:
    async def play(program: Program) -> None:
        url = await served(program, faulty)
        session, window = program.session, program.window
        assert session is not None
        assert (await asyncio.to_thread(get, url + "/before"))[0] == 200
        with pytest.raises(OSError, match=r"closed|reset"):
            await asyncio.to_thread(get, url + path)
        state = await session.until("crashed")
        assert words in state.title
        await until(window.banner.isVisible)
        assert paths(program) == ["/before", path]
        assert the_row(program, path).outcome == "lost"
        assert the_row(program, path).message_count == 1  # what it was called with is not lost
        status, page = await asyncio.to_thread(get, url)
        assert status == 503
        assert words.encode() in page

    played(play, Options())


def test_an_app_that_blocks_its_loop(faulty: Options, tmp_path: Path, qapp: QApplication) -> None:
    go_on = tmp_path / "go-on"

    async def play(program: Program) -> None:
        url = await served(program, faulty)
        session = program.session
        assert session is not None
        ticks = Ticks(program)
        blocked = asyncio.ensure_future(asyncio.to_thread(get, f"{url}/block?{go_on}"))
        await until(lambda: session.state.stalled_ns and "faulty.py" in session.state.stalled_where)
        began = ticks.count
        await row_that(program, "/block", lambda row: row.live)
        await until(lambda: ticks.count > began + 20)
        assert not blocked.done()
        go_on.touch()
        await blocked
        await until(lambda: not session.state.stalled_ns)

    played(play, Options())


def test_an_app_that_floods_its_output(faulty: Options, qapp: QApplication) -> None:
    async def play(program: Program) -> None:
        url = await served(program, faulty)
        ticks = Ticks(program)
        assert (await asyncio.to_thread(get, url + "/flood"))[0] == 200
        row = await row_that(program, "/flood", lambda row: not row.live)
        assert row.log_count == 20_000
        assert ticks.count > 10
        program.window.table.pick(row.id)
        assert (await asyncio.to_thread(get, url + "/after"))[0] == 200

    played(play, Options())


def test_an_app_that_streams_for_ever(faulty: Options, qapp: QApplication) -> None:
    async def play(program: Program) -> None:
        url = await served(program, faulty)
        ticks = Ticks(program)
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        size = 0
        while size < 5_000_000:
            size += len(await asyncio.wait_for(reader.read(1 << 16), PATIENCE))
        row = await row_that(program, "/endless", lambda row: row.message_count > 100)
        assert row.live
        program.window.table.pick(row.id)
        began = ticks.count
        await until(lambda: ticks.count > began + 10)
        writer.close()
        await row_that(program, "/endless", lambda row: row.outcome == "client left")

    played(play, Options())


def test_an_app_that_returns_garbage(faulty: Options, qapp: QApplication) -> None:
    async def play(program: Program) -> None:
        url = await served(program, faulty)
        assert (await asyncio.to_thread(get, url + "/garbage"))[0] == 500
        row = await row_that(program, "/garbage", lambda row: row.outcome == "app raised")
        assert row.exception.endswith("AppMistake")
        program.window.table.pick(row.id)
        program.window.messages.select(1)
        assert (await asyncio.to_thread(get, url + "/after"))[0] == 200

    played(play, Options())


def test_an_app_that_raises_in_its_lifespan(faulty: Options, qapp: QApplication) -> None:
    async def play(program: Program) -> None:
        url = await served(program, faulty)
        session = program.session
        assert session is not None
        assert session.state.lifespan == "raised"
        assert "no database" in session.state.lifespan_text
        await until(program.window.banner.isVisible)
        assert (await asyncio.to_thread(get, url + "/served"))[0] == 200

    played(play, Options())


def test_the_same_apps_answer_again_after_a_restart(faulty: Options, qapp: QApplication) -> None:
    async def play(program: Program) -> None:
        url = await served(program, faulty)
        session: Any = program.session
        for _ in range(3):
            with pytest.raises(OSError, match=r"closed|reset"):
                await asyncio.to_thread(get, url + "/exit")
            await session.until("crashed")
            program.window.desk.restart()
            await session.until("serving")
        assert (await asyncio.to_thread(get, url + "/alive"))[0] == 200

    played(play, Options())
