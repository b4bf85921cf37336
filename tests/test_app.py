"""The program put together: window, session, engine and recording, driven as the window's commands drive it."""

from __future__ import annotations

import asyncio
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QToolButton

from inspector.app import Program
from inspector.errors import InspectorError
from inspector.options import Options
from inspector.recording.reader import Reader
from inspector.trace.filter import parse
from inspector.unseen import unseen
from tests.support.programs import own_address
from tests.support.waiting import DEADLINE

PATIENCE = DEADLINE

HELLO = """
async def app(scope, receive, send):
    if scope["type"] == "http" and scope["path"] == "/exit":
        import os
        os._exit(3)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})
"""

FLASK = "from flask import Flask\n\napp = Flask(__name__)\n\n@app.get('/')\ndef index():\n    return 'hello'\n"

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def hello(tmp_path: Path) -> str:
    file = tmp_path / "hello.py"
    file.write_text(HELLO)
    return str(file)


def played(play: Callable[[Program], Coroutine[Any, Any, None]], options: Options) -> None:
    """Run `play` with a program that nobody sees; what fails in it fails here."""

    async def work(program: Program) -> int:
        await asyncio.wait_for(play(program), PATIENCE)
        return 0

    assert unseen(work, options) == 0


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


async def until(holds: Callable[[], object]) -> None:
    while not holds():  # noqa: ASYNC110 - threads, timers and another process move what is looked at
        await asyncio.sleep(0.01)


async def served(program: Program, options: Options) -> str:
    await program.serve(options)
    assert program.session is not None
    return (await program.session.until("serving", "failed", "crashed")).url


def paths(program: Program) -> list[str]:
    source = program.window.source
    assert source is not None
    return [row.path for row in source.reader.rows(source.reader.ids()) if row is not None and row.kind == "http"]


def test_requests_appear_and_go_on_over_a_restart_into_a_saved_file(
    hello: str, tmp_path: Path, qapp: QApplication
) -> None:
    saved = tmp_path / "saved.inspector"

    async def play(program: Program) -> None:
        url = await served(program, Options(app=hello, port=0))
        assert program.window.windowTitle() == "hello.py — Inspector"
        assert await asyncio.to_thread(get, url + "/one") == (200, b"/one")
        await until(lambda: paths(program) == ["/one"])
        window, session = program.window, program.session
        assert session is not None
        await until(lambda: window.table.model().rowCount() == 2)  # the lifespan and the request
        window.desk.restart()
        await until(lambda: session.state.run == 2 and session.state.phase == "serving")
        assert await asyncio.to_thread(get, url + "/two") == (200, b"/two")
        await until(lambda: paths(program) == ["/one", "/two"])
        window._verbs.save_recording(saved)
        await until(saved.exists)
        window.welcome.recent_chosen.emit(str(saved))
        await until(lambda: window.windowTitle() == "saved.inspector — Inspector")
        assert paths(program) == ["/one", "/two"]
        assert program.session is None
        with pytest.raises(OSError, match="refused"):
            await asyncio.to_thread(get, url)

    played(play, Options(app=hello))
    with Reader(saved) as reader:
        assert [run.id for run in reader.runs()] == [1, 2]


def test_a_port_in_use_is_answered_with_an_offer(hello: str, qapp: QApplication) -> None:
    async def play(program: Program) -> None:
        host = own_address()  # where nobody takes the port that is offered
        with socket.create_server((host, 0)) as taken:
            port = taken.getsockname()[1]
            serving = asyncio.ensure_future(program.serve(Options(app=hello, host=host, port=port)))
            await until(lambda: program.window.findChild(QMessageBox, "portDialog"))
            box = program.window.findChild(QMessageBox, "portDialog")
            assert isinstance(box, QMessageBox)
            assert f"Port {port} is in use" in box.text()
            (offer,) = [b for b in box.findChildren(QPushButton) if b.text().startswith("Use port")]
            offered = offer.text().removeprefix("Use port ")
            offer.click()
            await serving
            assert program.session is not None
            state = await program.session.until("serving")
            assert state.url.endswith(f":{offered}")

    played(play, Options(app=hello))


def test_an_app_that_cannot_be_loaded_is_told_and_mended_by_a_restart(tmp_path: Path, qapp: QApplication) -> None:
    file = tmp_path / "broken.py"
    file.write_text("import nothing_of_that_name\n")

    async def play(program: Program) -> None:
        url = await served(program, Options(app=str(file), port=0))
        window, session = program.window, program.session
        assert session is not None
        assert session.state.phase == "failed"
        await until(window.banner.isVisible)
        status, page = await asyncio.to_thread(get, url)
        assert status == 503
        assert b"nothing_of_that_name" in page
        file.write_text(HELLO)
        window.desk.restart()
        await until(lambda: session.state.phase == "serving")
        assert (await asyncio.to_thread(get, url))[0] == 200
        await until(lambda: not window.banner.isVisible())

    played(play, Options())


def test_a_crash_is_told_and_nothing_before_it_is_lost(hello: str, qapp: QApplication) -> None:
    async def play(program: Program) -> None:
        url = await served(program, Options(app=hello, port=0))
        session = program.session
        assert session is not None
        with pytest.raises(OSError, match=r"closed|reset"):
            await asyncio.to_thread(get, url + "/exit")
        state = await session.until("crashed")
        assert "exit code 3" in state.title
        assert "GET /exit" in state.text
        assert paths(program) == ["/exit"]
        assert (await asyncio.to_thread(get, url))[0] == 503
        program.window.desk.restart()
        await until(lambda: session.state.phase == "serving")
        assert (await asyncio.to_thread(get, url + "/back"))[0] == 200

    played(play, Options())


def test_what_is_no_recording_is_complained_of_and_the_rest_stays(
    hello: str, tmp_path: Path, qapp: QApplication
) -> None:
    file = tmp_path / "no.inspector"
    file.write_text("nothing of ours")

    async def play(program: Program) -> None:
        url = await served(program, Options(app=hello, port=0))
        program.window._verbs.open_recording(file)
        await until(lambda: program.window.findChild(QMessageBox, "errorDialog"))
        box = program.window.findChild(QMessageBox, "errorDialog")
        assert isinstance(box, QMessageBox)
        box.accept()
        assert (await asyncio.to_thread(get, url + "/still"))[0] == 200

    played(play, Options())


def test_stop_frees_the_port_and_start_takes_it_again(hello: str, qapp: QApplication) -> None:
    async def play(program: Program) -> None:
        url = await served(program, Options(app=hello, port=0))
        session = program.session
        assert session is not None
        program.window.desk.stop()
        await until(lambda: session.state.phase == "stopped")
        with pytest.raises(OSError, match="refused"):
            await asyncio.to_thread(get, url)
        program.window.desk.start()
        state = await session.until("serving")
        assert (await asyncio.to_thread(get, state.url + "/again"))[0] == 200
        await until(lambda: paths(program) == ["/again"])
        await program.settled()  # what is live would stay
        program.window.desk.clear()
        await until(lambda: paths(program) == [])

    played(play, Options())


def test_an_app_that_is_none_is_an_error_of_the_user(qapp: QApplication) -> None:
    async def play(program: Program) -> None:
        with pytest.raises(InspectorError, match="cannot be run"):
            await program.serve_anywhere(Options(app="x:y", python="/no/such/python"))

    played(play, Options())


def test_marks_of_a_live_recording_and_of_one_from_a_file(hello: str, tmp_path: Path) -> None:
    recording = tmp_path / "kept.inspector"

    def marks() -> tuple[bool, str, str]:
        with Reader(recording) as reader:
            row = reader.row(reader.ids(parse("path:/a"))[0])
        assert row is not None
        return row.pinned, row.note, row.colour

    async def mark(program: Program, command: str) -> None:
        table = program.window.table
        told = asyncio.Event()
        table.marked.connect(told.set)
        program.window.actions_[command].trigger()
        await told.wait()
        table.marked.disconnect(told.set)

    async def play(program: Program) -> None:
        url = await program.serve_anywhere(Options(app=hello, record=str(recording)))
        await asyncio.to_thread(get, f"{url}/a")
        reader = await program.settled()
        found = reader.ids(parse("path:/a"))[0]
        program.window.look()
        program.window.table.pick(found)
        await mark(program, "exchange.pin")
        assert marks() == (True, "", "")
        await program.open_recording(recording)
        while program.window.table.model().rowCount() == 0:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        program.window.table.pick(found)
        await mark(program, "exchange.colour_green")
        assert marks() == (True, "", "green")
        program.window.look()
        assert program.window.actions_["exchange.colour_green"].isChecked()

    played(play, Options())


async def looked_around(program: Program) -> None:
    await program.look_around()
    if program.session is not None:
        await program.session.until("serving", "failed", "crashed")


def test_the_one_app_of_the_folder_is_served(tmp_path: Path, qapp: QApplication) -> None:
    (tmp_path / "hello.py").write_text(FLASK)

    async def play(program: Program) -> None:
        await looked_around(program)
        assert program.session is not None
        assert program.session.options.app == "hello:app"
        assert await asyncio.to_thread(get, program.session.state.url + "/") == (200, b"hello")

    played(play, Options(port=0, app_dir=str(tmp_path)))


@pytest.mark.parametrize("layout", ["two", "its own environment"])
def test_what_is_not_plain_is_listed_and_a_click_away(tmp_path: Path, qapp: QApplication, layout: str) -> None:
    (tmp_path / "hello.py").write_text(FLASK)
    if layout == "two":
        (tmp_path / "other.py").write_text(FLASK)
    else:
        (tmp_path / ".venv" / "bin").mkdir(parents=True)
        (tmp_path / ".venv" / "pyvenv.cfg").touch()
        (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)

    async def play(program: Program) -> None:
        await looked_around(program)
        assert program.session is None
        button = program.window.findChild(QToolButton, "serve.hello:app")
        assert isinstance(button, QToolButton)
        button.click()
        await until(lambda: program.session)
        assert program.session is not None
        assert (await program.session.until("serving", "failed")).phase == "serving"
        assert program.session.options.python == ""

    played(play, Options(port=0, app_dir=str(tmp_path)))
