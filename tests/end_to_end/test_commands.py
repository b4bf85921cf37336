"""The commands beside `serve`, as they are typed."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inspector import __version__
from tests.support.answers import ask
from tests.support.programs import command, inspector
from tests.support.recorded import over

KEYS = [
    *("id", "run", "kind", "interface", "http_version", "method", "path", "query", "status", "client", "started_at"),
    *("duration_ns", "app_ns", "held_ns", "request_bytes", "response_bytes"),
    *("outcome", "outcome_text", "scope", "environ", "messages"),
    *("transport", "findings", "exception", "logs"),
]
MESSAGE_KEYS = ["seq", "t_ns", "direction", "type", "data", "size", "edited", "dropped", "injected", "truncated"]


def run(*words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """`inspector` with `words`, on a machine without a display."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    return subprocess.run(
        [command("inspector"), *words],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=cwd,
        env={**kept, **env},
    )


# show


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """What a FastAPI app and a bare WSGI app were asked."""
    folders = [tmp_path_factory.mktemp(name) for name in ("asgi", "wsgi")]
    with inspector("fastapi_shop:app", folders[0]) as asgi, inspector("flask_shop:app", folders[1]) as wsgi:
        cookie = {"cookie": "secret=1"}
        for path in ("/items/7?a=b", "/missing", "/fail"):
            ask(asgi.url, "GET", path, headers=cookie)
        ask(wsgi.url, "POST", "/login?x=%20", data={"user": "Eva"})
        assert asgi.stop() == wsgi.stop() == 0
    return asgi.recording, wsgi.recording


def lines(*words: str) -> list[dict[str, Any]]:
    done = run("show", *words, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_show(recordings: tuple[Path, Path]) -> None:
    done = run("show", str(recordings[0]))
    heads, *rows = done.stdout.splitlines()
    assert heads.split() == ["id", "started", "status", "method", "duration", "app", "size", "path"]
    assert [row.split()[0] for row in rows] == ["1", "2", "3", "4"]
    assert [row.split()[2:4] for row in rows] == [["-", "LIFE"], ["200", "GET"], ["404", "GET"], ["500", "GET"]]
    assert [row.partition(" B  ")[2] for row in rows[1:]] == ["/items/7?a=b", "/missing", "/fail  LookupError"]
    assert (done.returncode, done.stderr) == (0, "4 of 4 exchanges\n")


def test_show_json(recordings: tuple[Path, Path]) -> None:
    lifespan, item, missing, fail = lines(str(recordings[0]))
    (login,) = lines(str(recordings[1]))
    for exchange in (lifespan, item, missing, fail, login):
        assert list(exchange) == KEYS
        assert all(list(message) == MESSAGE_KEYS for message in exchange["messages"])
        assert exchange["findings"] == []
    assert [each["id"] for each in (lifespan, item, missing, fail)] == [1, 2, 3, 4]
    empty = ("http_version", "method", "path", "query", "status", "client", "environ", "exception")
    assert [lifespan[key] for key in empty] == [None] * len(empty)
    assert (lifespan["kind"], lifespan["interface"], lifespan["run"]) == ("lifespan", "asgi3", 1)
    assert (item["kind"], item["http_version"], item["method"], item["path"], item["query"], item["status"]) == (
        *("http", "1.1", "GET", "/items/7", "a=b", 200),
    )
    assert item["client"].startswith("127.0.0.1:")
    assert item["started_at"].endswith("+00:00")
    assert item["scope"]["type"] == "http"
    assert item["scope"]["query_string"] == "a=b"
    assert item["environ"] is None
    assert item["messages"][0]["data"] == {"scope": item["scope"]}
    assert item["duration_ns"] >= item["app_ns"] > 0
    assert item["held_ns"] == 0
    assert item["response_bytes"] == len(item["messages"][2]["data"]["body"])
    assert (item["outcome"], item["outcome_text"]) == ("done", None)
    assert fail["outcome"] == "app raised"
    assert fail["outcome_text"].startswith("the app raised ")
    assert sorted(fail["exception"]) == ["message", "text", "type"]
    assert fail["exception"]["type"] == "LookupError"
    assert fail["exception"]["text"].startswith("Traceback (most recent call last):\n")
    assert fail["messages"][-1]["data"]["exception"]["message"] == "no such shelf"
    assert login["scope"] is None
    assert login["environ"]["QUERY_STRING"] == "x=%20"
    assert login["environ"]["wsgi.input"]["$object"].endswith(".Input")
    assert login["messages"][1]["data"] == {"body": "user=Eva", "method": "read", "size": -1}


def test_show_json_redacted(recordings: tuple[Path, Path]) -> None:
    secret, redacted = (run("show", str(recordings[0]), "--json", *more).stdout for more in ([], ["--redact"]))
    assert "secret=1" in secret
    assert "secret=1" not in redacted
    assert "[redacted]" in redacted


@pytest.mark.parametrize(
    ("expression", "ids"),
    [
        ("status:>=400", [3, 4]),
        ("status:5xx or kind:lifespan", [1, 4]),
        ("path:items not status:404", [2]),
        ("has:exception", [4]),
        ("teapot", []),
        ("", [1, 2, 3, 4]),
    ],
)
def test_show_filtered(recordings: tuple[Path, Path], expression: str, ids: list[int]) -> None:
    assert [each["id"] for each in lines(str(recordings[0]), "--filter", expression)] == ids
    assert run("show", str(recordings[0]), "--filter", expression).stderr == f"{len(ids)} of 4 exchanges\n"


@pytest.mark.parametrize(
    ("expression", "column"), [("status:200 and (path:/x", 15), ("statsu:200", 0), ("path:/ status:", 7)]
)
def test_a_wrong_filter(recordings: tuple[Path, Path], expression: str, column: int) -> None:
    done = run("show", str(recordings[0]), "--filter", expression)
    assert (done.returncode, done.stdout) == (2, "")
    shown, caret, words = done.stderr.splitlines()
    assert shown == expression
    assert caret.strip() == "^"
    assert len(caret) >= column + 1
    assert words


def test_show_to_a_reader_that_has_had_enough(recordings: tuple[Path, Path]) -> None:
    words = [command("inspector"), "show", str(recordings[0]), "--json"]
    shell = 'set -o pipefail; "$@" | head -c 10; echo " ${PIPESTATUS[0]}"'
    done = subprocess.run(
        ["bash", "-c", shell, "bash", *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    assert done.stdout.endswith(" 0\n")


def test_show_of_a_recording_that_is_being_written(tmp_path: Path) -> None:
    with inspector("bare_wsgi:app", tmp_path) as program:
        ask(program.url, "GET", "/now")
        over(program.recording, "path:/now")
        assert [each["path"] for each in lines(str(program.recording))] == ["/now"]


# Files that are none.


@pytest.fixture(params=["missing", "folder", "empty", "text", "database"])
def no_recording(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    import sqlite3

    path = tmp_path / "file.inspector"
    if request.param == "folder":
        path.mkdir()
    elif request.param == "empty":
        path.touch()
    elif request.param == "text":
        path.write_text("no recording at all\n" * 100)
    elif request.param == "database":
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE exchange (id INTEGER PRIMARY KEY)")
        connection.commit()
        connection.close()
    before = path.read_bytes() if path.is_file() else None
    yield path
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.parametrize("words", [["show"], ["show", "--json"], ["open"]], ids=" ".join)
def test_a_file_that_is_no_recording(no_recording: Path, words: list[str]) -> None:
    done = run(*words, str(no_recording), QT_QPA_PLATFORM="offscreen")
    there = no_recording.is_file()
    assert done.returncode == (1 if there else 2)
    assert done.stdout == ""
    assert no_recording.name in done.stderr
    assert ("is a folder" in done.stderr) == no_recording.is_dir()
    assert "Traceback" not in done.stderr


# The rest.


def test_help_and_version_are_quick() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert all(f"inspector {name}" in done.stdout for name in ("serve", "open", "show", "demo", "selftest", "doctor"))
    assert run("--version").stdout == f"Inspector {__version__}\n"
    for name in ("serve", "open", "show", "demo", "selftest", "doctor"):
        assert run(name, "--help").stdout.startswith(f"usage: inspector {name} ")
    heavy = "import sys; from inspector.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    asked = heavy + "sys.exit(bool({'asyncio', 'sqlite3', 'PySide6', 'h11'} & set(sys.modules)))"
    assert subprocess.run([command("python"), "-c", asked], check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["--no-such-option"],
        ["serve"],
        ["serve", "shop:app", "--port", "70000"],
        ["serve", "shop:app", "--port", "http"],
        ["serve", "shop:app", "--threads", "0"],
        ["serve", "shop:app", "--interface", "cgi"],
        ["show"],
    ],
    ids=" ".join,
)
def test_wrong_usage(words: list[str]) -> None:
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: inspector")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("serv json:x", "no such command 'serv'; did you mean serve?"),
        ("shwo --json x.inspector", "no such command 'shwo'; did you mean show?"),
        ("--port 0 serve json:x", "the command comes first: inspector serve ..."),
        ("shop:app other:app", "unrecognized arguments: other:app"),
        ("serv --quiet", "unrecognized arguments: --quiet"),
        ("show x.inspector more", "unrecognized arguments: more"),
    ],
)
def test_a_command_that_is_none(words: str, told: str) -> None:
    done = run(*words.split())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].endswith(f"error: {told}")


@pytest.mark.parametrize(
    ("words", "pair"),
    [
        (["--in-process", "--python", "python3"], "--in-process and --python"),
        (["--in-process", "--reload"], "--in-process and --reload"),
        (["--record", "x.inspector", "--no-record"], "--record and --no-record"),
    ],
)
def test_options_that_contradict_each_other(words: list[str], pair: str) -> None:
    done = run("serve", "shop:app", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{pair} do not go together.\n"


def test_no_display(tmp_path: Path) -> None:
    """An app is served all the same; what needs a window says so."""
    done = run("nothing:app", "--port", "0", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(
        "There is no display: the app is served without a window.\nThere is no module 'nothing'"
    )
    done = run("nothing:app", "--break", "path:/", cwd=tmp_path)  # nobody could let the app go on
    assert done.returncode == 2
    assert "--break needs the window" in done.stderr
    for words in ([], ["open", "x.inspector"]):
        done = run(*words, cwd=tmp_path)
        assert done.returncode in (1, 2)
        assert done.stderr
        assert "Traceback" not in done.stderr


def test_doctor() -> None:
    done = run("doctor")
    assert done.returncode in (0, 1)
    assert "Python" in done.stdout
    assert done.stderr == ""


def test_selftest() -> None:
    done = run("selftest")
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(line.startswith("ok ") for line in done.stdout.splitlines())
    assert len(done.stdout.splitlines()) == 5


def test_demo_without_a_display(tmp_path: Path) -> None:
    done = run("demo", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("There is no display")
    for name, interface in (("asgi", "asgi3"), ("wsgi", "wsgi")):
        picture, recording = tmp_path / f"inspector-demo-{name}.png", tmp_path / f"inspector-demo-{name}.inspector"
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size > 20_000
        assert str(picture) in done.stdout
        told = lines(str(recording))
        assert f"{len(told)} exchanges, recorded in {recording}" in done.stdout
        assert {each["interface"] for each in told} == {interface}
        assert {each["kind"] for each in told} == {"asgi": {"lifespan", "http", "websocket"}, "wsgi": {"http"}}[name]
        lifespans = [[message["type"] for message in each["messages"]] for each in told if each["kind"] == "lifespan"]
        assert all(types[-2:] == ["lifespan.shutdown.complete", "return"] for types in lifespans)


def test_a_picture_of_the_demo(tmp_path: Path) -> None:
    done = run("demo", "--wsgi", "--screenshot", "shop.png", "--theme", "dark", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["shop.png"]
