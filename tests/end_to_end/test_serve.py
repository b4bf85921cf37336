"""`inspector serve`, whatever is done to it: output that nobody reads, signals, deaths, apps that cannot be loaded."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from inspector.recording.reader import Reader
from tests.support.answers import ask
from tests.support.programs import APPS, Inspector, Program, command, gone, inspector, own_address, running
from tests.support.recorded import engine, exchanges, over, rows, steps, told
from tests.support.waiting import DEADLINE, eventually

SEQUENTIAL, TOGETHER = 1000, 64


def is_free(program: Inspector) -> bool:
    """The port that `program` had; it has to have had an address of its own."""
    host, port = program.url.removeprefix("http://").split(":")
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, int(port)))
        except OSError:
            return False
    return True


async def together(url: str) -> list[int]:
    """`TOGETHER` requests, of which none is answered before the last has arrived."""
    limits = httpx.Limits(max_connections=TOGETHER)
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30.0, limits=limits) as client:
        answers = await asyncio.gather(*(client.get(f"/meet/{TOGETHER}") for _ in range(TOGETHER)))
    return [answered.status_code for answered in answers]


# Output.


def test_nobody_reads_its_output(tmp_path: Path) -> None:
    with running(Inspector("wordy:app", tmp_path, out=subprocess.PIPE, err=subprocess.PIPE)) as program:
        recording = program.recording
        url = told(recording, "serving")["url"]
        with httpx.Client(base_url=url, trust_env=False) as client:
            for number in range(SEQUENTIAL):
                assert client.get(f"/{number}").text == "ok"
        assert asyncio.run(together(url)) == [200] * TOGETHER
        assert program.stop() == 0
    found = rows(recording, "kind:http")
    assert [row.path for row in found[:SEQUENTIAL]] == [f"/{number}" for number in range(SEQUENTIAL)]
    assert [row.path for row in found[SEQUENTIAL:]] == [f"/meet/{TOGETHER}"] * TOGETHER
    assert {(row.status, row.outcome, row.message_count, row.log_count) for row in found} == {(200, "done", 4, 2)}
    with Reader(recording) as reader:
        for row in found[:: SEQUENTIAL // 10]:
            (printed, complained) = reader.logs(row.id)
            assert (printed.source, complained.source) == ("stdout", "stderr")
            assert printed.text == complained.text == f"{row.path} {'teapot ' * 300}"
            assert [m.type for m in reader.messages(row.id)][1:] == [
                "http.response.start",
                "http.response.body",
                "return",
            ]


def test_a_closed_stdout(tmp_path: Path) -> None:
    recording = tmp_path / "test.inspector"
    words = [command("inspector"), "serve", "wordy:app", "--port", "0", "--record", str(recording)]
    process = subprocess.Popen(["sh", "-c", 'exec "$@" >&- 2>&- <&-', "sh", *words], cwd=APPS)
    try:
        url = told(recording, "serving")["url"]
        for _ in range(5):
            assert ask(url, "GET", "/").body == b"ok"
        process.terminate()
        assert process.wait(DEADLINE) == 0
    finally:
        process.kill()
        process.wait()
    assert [row.log_count for row in rows(recording, "kind:http")] == [2] * 5


def test_a_terminal_that_takes_no_output(tmp_path: Path) -> None:
    """After Ctrl-S, say: everything is recorded as it happens, and the end comes when it is asked for."""
    screen, terminal = os.openpty()
    try:
        with running(Inspector("bare_wsgi:app", tmp_path, out=terminal, err=terminal)) as program:
            url = told(program.recording, "serving")["url"]
            with httpx.Client(base_url=url, trust_env=False) as client:
                for number in range(SEQUENTIAL):
                    assert client.get(f"/{number}/{'teapot' * 50}").status_code == 200
            over(program.recording, "kind:http", SEQUENTIAL)
            assert program.stop() == 0
        assert os.read(screen, 1 << 16).startswith(b"Inspector serving bare_wsgi:app")
    finally:
        os.close(screen)
        os.close(terminal)


BIG_ONES = 12
"""Of 10 MB each: the ring is full again and again."""
BIG = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Length", str(10 << 20))])
    return [bytes(10 << 20)]
"""


def test_in_process_what_we_say_waits_for_no_worker_and_is_none_of_the_apps_output(tmp_path: Path) -> None:
    """Workers hold the ring while it is full; we say something at each end of an exchange."""
    (tmp_path / "big.py").write_text(BIG)
    with inspector("big:app", tmp_path, "--in-process", cwd=tmp_path) as program, ThreadPoolExecutor(8) as pool:
        for answered in pool.map(lambda number: ask(program.url, "GET", f"/{number}"), range(BIG_ONES)):
            assert len(answered.body) == 10 << 20
        assert program.stop() == 0
        assert program.err.count(" GET ") == BIG_ONES
    assert [row.log_count for row in rows(program.recording, "kind:http")] == [0] * BIG_ONES
    with Reader(program.recording) as reader:
        assert reader.logs(0) == []


def test_a_reader_that_has_had_enough(tmp_path: Path) -> None:
    with running(Inspector("wordy:app", tmp_path, out=subprocess.PIPE, err=subprocess.PIPE)) as program:
        assert program.process.stdout
        assert program.process.stderr
        url = (
            next(line for line in program.process.stdout if line.startswith(b"Inspector serving")).split()[-1].decode()
        )
        program.process.stdout.close()
        program.process.stderr.close()
        for _ in range(100):
            assert ask(url, "GET", "/").body == b"ok"
        assert program.stop() == 0
    assert len(rows(program.recording, "kind:http status:200")) == 100


def test_its_output_is_the_apps_and_a_line_for_each_exchange(tmp_path: Path) -> None:
    with inspector("wordy:app", tmp_path) as program:
        ask(program.url, "GET", "/a?b=c")
        eventually(lambda: "/a?b=c" in program.err)
        assert program.stop() == 0
        line = next(line for line in program.err.splitlines() if line.endswith("/a?b=c"))
        assert line.split()[2:4] == ["200", "GET"]
        assert program.out.splitlines() == [
            "lifespan.startup",
            f"Inspector serving wordy:app (ASGI 3) on {program.url}",
            f"/a {'teapot ' * 300}",
            "lifespan.shutdown",
        ]


def test_a_terminal_obeys_no_client(tmp_path: Path) -> None:
    with inspector("bare_wsgi:app", tmp_path) as program:
        with socket.create_connection(("127.0.0.1", program.port), 10) as client:
            client.sendall(b"\x1b]0;EVIL\x07\x1b[31m /x HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 400 ")
        eventually(lambda: "EVIL" in program.err)
        assert program.stop() == 0
        assert program.err.replace("\n", "").isprintable()
        assert r"\x1b]0;EVIL\x07\x1b[31m" in program.err


def test_what_is_refused_is_shown_with_its_bytes_and_the_place(tmp_path: Path) -> None:
    data = b"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    with inspector("bare_wsgi:app", tmp_path) as program:
        with socket.create_connection(("127.0.0.1", program.port), 10) as client:
            client.sendall(data)
            assert client.recv(100).startswith(b"HTTP/1.1 400 ")
        (exchange,) = over(program.recording, "outcome:refused")
        assert (exchange["method"], exchange["path"], exchange["status"]) == ("POST", "/up", 400)
        (message,) = exchange["messages"]
        assert (message["direction"], message["type"]) == ("receive", "refused")
        assert message["data"] == {
            "message": "Transfer-Encoding and Content-Length",
            "section": "RFC 9112, 6.3",
            "offset": data.index(b"chunked"),
            "status": 400,
            "raw": data.decode(),
            "raw_offset": 0,
        }
        (row,) = rows(program.recording, "outcome:refused")
        assert row.outcome_text == ("answered with 400: Transfer-Encoding and Content-Length (RFC 9112, 6.3; byte 66)")
        assert program.stop() == 0


def test_a_traceback_keeps_its_lines_and_no_escapes(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("raise LookupError('\\x1b[31m red\\n\\tand more')\n")
    with running(Inspector("broken:app", tmp_path, cwd=tmp_path)) as program:
        assert program.ended() == 1
        assert "LookupError: \\x1b[31m red\n\tand more\n" in program.err
        assert "\x1b" not in program.err


def test_an_import_that_is_interrupted_is_the_apps_own(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("raise KeyboardInterrupt\n")
    with running(Inspector("broken:app", tmp_path, cwd=tmp_path)) as program:
        assert program.ended() == 1
        assert "broken raised KeyboardInterrupt while it was imported." in program.err
        assert [line for line in program.err.splitlines() if line.startswith("  File")] == [
            f'  File "{tmp_path / "broken.py"}", line 1, in <module>'
        ]


def test_quiet(tmp_path: Path) -> None:
    with inspector("bare_wsgi:app", tmp_path, "--quiet") as program:
        assert ask(program.url, "GET", "/").status == 200
        over(program.recording, "kind:http")
        assert program.stop() == 0
        assert program.err == ""


def test_a_recording_without_a_name_goes_with_its_session(tmp_path: Path) -> None:
    words = [command("inspector"), "serve", "bare_wsgi:app", "--port", "0"]
    with running(Program(words, tmp_path, APPS, {"XDG_CACHE_HOME": str(tmp_path / "cache")})) as program:
        assert ask(program.url, "GET", "/").status == 200
        (recording,) = (tmp_path / "cache").rglob("*.inspector")
        assert recording.stat().st_mode & 0o777 == 0o600
        assert program.stop() == 0
    assert not list((tmp_path / "cache").rglob("*.inspector*"))


# The ends of life.


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(tmp_path: Path, number: signal.Signals) -> None:
    go_on = tmp_path / "go-on"
    with inspector("wordy:app", tmp_path, "--host", own_address()) as program, ThreadPoolExecutor() as pool:
        slow = pool.submit(ask, program.url, "GET", f"/slow?{go_on}")
        eventually(lambda: rows(program.recording, "path:/slow"))
        pid = engine(program.recording)
        program.signal(number)
        told(program.recording, "stopping")
        go_on.touch()  # what runs may end
        assert slow.result().body == b"ok"
        assert program.ended() == 0
        assert gone(pid)
        assert is_free(program)
        assert "Traceback" not in program.err
    (lifespan,) = exchanges(program.recording, "kind:lifespan")
    shutdown = ["lifespan.shutdown", "lifespan.shutdown.complete", "return"]
    assert steps(lifespan) == ["call", "lifespan.startup", "lifespan.startup.complete", *shutdown]
    (served,) = exchanges(program.recording, "kind:http")
    assert steps(served) == ["call", "http.response.start", "http.response.body", "return"]
    assert sorted(path.name for path in tmp_path.glob("test.inspector*")) == ["test.inspector"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_whole_group(tmp_path: Path, number: signal.Signals) -> None:
    """As Ctrl-C on a terminal does it, and a service manager: the engine gets it too."""
    with running(Inspector("wordy:app", tmp_path, new_group=True)) as program:
        told(program.recording, "serving")
        os.killpg(program.process.pid, number)
        assert program.ended() == 0
    (lifespan,) = exchanges(program.recording, "kind:lifespan")
    assert steps(lifespan)[-2:] == ["lifespan.shutdown.complete", "return"]


def test_a_second_signal_skips_the_waits(tmp_path: Path) -> None:
    """With a grace that nobody can wait for: only the second signal makes it end."""
    patient = "import sys\nfrom inspector.trace import verbs\nverbs.GRACE = 3600.0\n"
    patient += "from inspector.cli import main\nsys.exit(main())"
    program = Inspector("wordy:app", tmp_path, through=(command("python"), "-c", patient))
    with running(program), ThreadPoolExecutor() as pool:
        never = pool.submit(httpx.get, f"{program.url}/never", trust_env=False, timeout=DEADLINE)
        eventually(lambda: rows(program.recording, "path:/never"))
        program.signal()
        told(program.recording, "stopping")
        program.signal()
        assert program.ended() == 0
        assert never.exception() is not None
    (exchange,) = exchanges(program.recording, "path:/never")
    assert steps(exchange)[0] == "call"


def test_kill_9_of_serve(tmp_path: Path) -> None:
    host = own_address()
    with running(Inspector("wordy:app", tmp_path, "--host", host)) as program:
        for number in range(20):
            ask(program.url, "GET", f"/{number}")
        never = socket.create_connection((host, program.port))
        never.sendall(b"GET /never HTTP/1.1\r\nHost: x\r\n\r\n")
        eventually(lambda: rows(program.recording, "path:/never"))  # what came before it is recorded, too
        pid = engine(program.recording)
        program.signal(signal.SIGKILL)
        program.ended()
        eventually(lambda: gone(pid))
        assert is_free(program)
        never.close()
    found = rows(program.recording, "kind:http")
    assert [(row.path, row.outcome) for row in found] == [(f"/{n}", "done") for n in range(20)] + [("/never", "lost")]
    shown = subprocess.run(
        [command("inspector"), "show", str(program.recording)], capture_output=True, text=True, check=True
    )
    assert "/never  (lost)" in shown.stdout


def test_kill_9_of_the_engine(tmp_path: Path) -> None:
    with running(Inspector("wordy:app", tmp_path, "--host", own_address())) as program:
        url, pid = program.url, eventually(lambda: engine(program.recording))
        for number in range(20):
            ask(url, "GET", f"/{number}")
        os.kill(pid, signal.SIGKILL)
        assert program.ended() == 1
        assert "The app's process ended: killed by SIGKILL." in program.err
        assert "Restart" not in program.err  # there is nothing to restart it with
        assert is_free(program)
    *found, last = exchanges(program.recording, "kind:http")
    whole = ["call", "http.response.start", "http.response.body"]
    assert [(each["path"], steps(each)) for each in found] == [(f"/{n}", [*whole, "return"]) for n in range(19)]
    assert last["path"] == "/19"
    assert steps(last)[:3] == whole  # the client has its answer before the app returns


# What cannot be served.


BROKEN = "import os\n\ndef prepare():\n    raise LookupError('no settings')\n\nprepare()\n"


def test_an_import_that_fails(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(BROKEN)
    with running(Inspector("broken:app", tmp_path, cwd=tmp_path)) as program:
        assert program.ended() == 1
        assert "Inspector serving" not in program.out
        trace, _, words = program.err.partition("LookupError: no settings\n")
        assert trace.splitlines()[0] == "Traceback (most recent call last):"
        assert [line.split(", ")[1:] for line in trace.splitlines() if line.startswith("  File")] == [
            ["line 6", "in <module>"],
            ["line 4", "in prepare"],
        ]
        assert words.startswith("broken.py") or "raised LookupError" in words
        assert not any(word in program.err for word in ("importlib", f"inspector{os.sep}engine"))


@pytest.mark.parametrize(
    ("app", "words"),
    [
        ("wordi:app", "There is no module 'wordi'"),
        ("wordy:application", "application"),
        ("wordy:LINE", "LINE"),
        ("no_such.py", "no_such.py"),
    ],
)
def test_an_app_that_is_not_there(tmp_path: Path, app: str, words: str) -> None:
    with running(Inspector(app, tmp_path)) as program:
        assert program.ended() == 1
        assert words in program.err
        assert "Traceback" not in program.err


def test_a_startup_that_fails(tmp_path: Path) -> None:
    with running(Inspector("hostile:refuses_startup", tmp_path)) as program:
        assert program.ended() == 1
        assert "The app's startup failed: no database" in program.err
    (lifespan,) = exchanges(program.recording, "kind:lifespan")
    assert steps(lifespan) == ["call", "lifespan.startup", "lifespan.startup.failed", "return"]


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = [command("inspector"), "serve", "wordy:app", "--no-record", "--port", str(port)]
        done = subprocess.run(words, cwd=APPS, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    title, hint = done.stderr.splitlines()
    assert title.startswith(f"Port {port} is in use")
    if sys.platform == "linux":
        assert f"process {os.getpid()} (" in title
    offered = int(hint.removeprefix("Port ").split()[0])
    assert offered > port
    assert hint == f"Port {offered} is free: --port {offered}"


def test_an_interpreter_that_is_none(tmp_path: Path) -> None:
    with running(Inspector("wordy:app", tmp_path, "--python", str(tmp_path / "python"))) as program:
        assert program.ended() == 1
        title, hint = program.err.splitlines()
        assert "cannot be run" in title
        assert hint == "Name another one with --python."


def test_a_recording_that_cannot_be_written(tmp_path: Path) -> None:
    words = [command("inspector"), "serve", "wordy:app", "--port", "0", "--record", str(tmp_path / "no" / "folder")]
    done = subprocess.run(words, cwd=APPS, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Cannot record: ")
    assert "Traceback" not in done.stderr
