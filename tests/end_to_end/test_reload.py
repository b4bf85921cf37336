"""--reload on the real engine: what a save does, and what clients see meanwhile."""

from __future__ import annotations

import http.client
import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import programs
from tests.support.answers import ask
from tests.support.programs import Inspector, inspector
from tests.support.recorded import exchanges, rows
from tests.support.waiting import DEADLINE, eventually

CLIENTS = 8
APP = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    await send({{"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"{size}")]}})
    await send({{"type": "http.response.body", "body": {body!r}}})
"""
BROKEN = "def prepare():\n    raise LookupError('no settings')\n\nprepare()\n"
NO_CACHE = {"PYTHONDONTWRITEBYTECODE": "1"}  # saves within a second of each other


def save(folder: Path, body: bytes) -> None:
    programs.save(folder / "shop.py", APP.format(size=len(body), body=body))


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Inspector]:
    folder = tmp_path / "app"
    folder.mkdir()
    save(folder, b"first")
    with inspector("shop:app", tmp_path, "--reload", cwd=folder, env=NO_CACHE) as served:
        yield served


def test_a_broken_save_and_what_mends_it(program: Inspector, tmp_path: Path) -> None:
    assert ask(program.url, "GET", "/").body == b"first"
    programs.save(tmp_path / "app" / "shop.py", BROKEN)

    def refused() -> str:
        answer = ask(program.url, "GET", "/broken")
        return answer.body.decode() if answer.status == 503 else ""

    page = eventually(refused)
    assert "raise LookupError(&#x27;no settings&#x27;)" in page
    assert "shop.py&quot;, line 2, in prepare" in page
    assert f"inspector{os.sep}engine" not in page
    eventually(lambda: "LookupError: no settings" in program.err)
    save(tmp_path / "app", b"mended")
    eventually(lambda: ask(program.url, "GET", "/").body == b"mended")
    eventually(lambda: program.out.count("Inspector serving") == 2)
    assert program.stop() == 0
    assert [row.outcome for row in rows(program.recording, "path:/broken")][-1] == "refused"
    runs = [exchange["run"] for exchange in exchanges(program.recording)]
    assert runs == sorted(runs)
    assert set(runs) == {1, 2, 3}


def test_a_broken_beginning(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "shop.py").write_text(BROKEN)
    with inspector("shop:app", tmp_path, "--reload", cwd=folder, env=NO_CACHE) as program:
        eventually(lambda: "no settings" in program.err)
        save(folder, b"mended")
        assert ask(program.url, "GET", "/").body == b"mended"


def test_no_client_of_a_restart_is_refused(program: Inspector, tmp_path: Path) -> None:
    """Eight clients that connect anew for each request, while the app is saved again and again, once broken."""
    port = program.port
    seen: list[Counter[str]] = [Counter() for _ in range(CLIENTS)]
    over = threading.Event()

    def client(mine: Counter[str]) -> None:
        while not over.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
            try:
                connection.request("GET", "/looped", headers={"Connection": "close"})
                response = connection.getresponse()
                body = response.read()
                mine[body.decode() if response.status == 200 else f"{response.status}"] += 1
            except Exception as error:
                mine[f"{type(error).__name__}: {error}"] += 1
            finally:
                connection.close()

    threads = [threading.Thread(target=client, args=(mine,)) for mine in seen]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: all(mine["first"] for mine in seen))
        for body in (b"second, longer", b"third"):
            save(tmp_path / "app", body)
            eventually(lambda body=body: all(mine[body.decode()] for mine in seen))  # type: ignore[misc]
        programs.save(tmp_path / "app" / "shop.py", BROKEN)
        eventually(lambda: all(mine["503"] for mine in seen))
        save(tmp_path / "app", b"mended")
        eventually(lambda: all(mine["mended"] for mine in seen))
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert set().union(*seen) == {"first", "second, longer", "third", "503", "mended"}
    assert program.stop() == 0
    answered = sum(sum(mine.values()) for mine in seen)
    recorded = rows(program.recording, "path:/looped")
    assert len(recorded) == answered
    assert {row.outcome for row in recorded} == {"done", "refused"}
