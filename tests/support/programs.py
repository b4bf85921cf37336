"""Programs of the end-to-end tests: `inspector serve` and the servers it is compared with, each a process of its own.

Their output goes to files: nobody has to read it, and tests read it whenever they like.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, TypeVar

from tests.support.waiting import eventually

APPS = Path(__file__).parent.parent / "end_to_end" / "apps"
P = TypeVar("P", bound="Program")
_URL = re.compile(r"https?://127\.\d+\.\d+\.\d+:\d+")
_START = 60.0
_END = 60.0


def gone(pid: int) -> bool:
    """The process `pid` has ended, whether or not anybody took notice."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    if sys.platform != "linux":
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:  # by now
        return True


def save(file: Path, text: str) -> None:
    """Write a file of a served app in one piece, as editors do it: half of one would be a change, too."""
    beside = file.with_name(f".{file.name}.new")  # no file of the app (`session.watch`)
    beside.write_text(text)
    beside.replace(file)


def own_address() -> str:
    """A loopback address that no other test has: its ports are taken by nobody else. Not on every system: 127.0.0.1."""
    if sys.platform != "linux":
        return "127.0.0.1"
    return f"127.{secrets.randbelow(254) + 1}.{secrets.randbelow(256)}.{secrets.randbelow(254) + 1}"


def command(name: str) -> str:
    """The script `name` of the environment that runs the tests."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    assert found, f"{name} is not installed beside {sys.executable}"
    return found


class Program:
    """A started program that serves. `url` waits until it says where."""

    def __init__(
        self,
        words: list[str],
        folder: Path,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        out: IO[bytes] | int | None = None,
        err: IO[bytes] | int | None = None,
        new_group: bool = False,
        stdin: int = subprocess.DEVNULL,
    ) -> None:
        """Output lies in `folder`; `out` and `err` put other ends in its place."""
        self._out, self._err = folder / "stdout.txt", folder / "stderr.txt"
        with self._out.open("wb") as stdout, self._err.open("wb") as stderr:
            self.process = subprocess.Popen(
                words,
                cwd=cwd,
                stdin=stdin,
                stdout=stdout if out is None else out,
                stderr=stderr if err is None else err,
                process_group=0 if new_group else None,
                env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONHASHSEED": "0", **(env or {})},
            )

    @property
    def out(self) -> str:
        return self._out.read_text("utf-8", "replace")

    @property
    def err(self) -> str:
        return self._err.read_text("utf-8", "replace")

    @property
    def url(self) -> str:
        """Where it serves, once it says so on either stream."""

        def told() -> str:
            found = _URL.search(self.out) or _URL.search(self.err)
            assert found or self.process.poll() is None, f"it ended: {self.out}{self.err}"
            return found[0] if found else ""

        return eventually(told, _START)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def signal(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def ended(self, seconds: float = _END) -> int:
        """Wait for its end. Returns the exit code."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it did not end: {self.out}{self.err}") from None

    def stop(self) -> int:
        """Ask for its end, and wait for it. Returns the exit code."""
        if self.process.poll() is None:
            self.signal()
        return self.ended()


class Inspector(Program):
    """`inspector serve APP --record FILE --port 0`."""

    def __init__(
        self,
        app: str,
        folder: Path,
        *options: str,
        cwd: Path = APPS,
        env: Mapping[str, str] | None = None,
        out: IO[bytes] | int | None = None,
        err: IO[bytes] | int | None = None,
        new_group: bool = False,
        stdin: int = subprocess.DEVNULL,
        through: tuple[str, ...] = (),
    ) -> None:
        """`through`: the words that are typed for `inspector`."""
        self.recording = folder / "test.inspector"
        words = [
            *(through or (command("inspector"),)),
            "serve",
            app,
            "--record",
            str(self.recording),
            "--port",
            "0",
            *options,
        ]
        super().__init__(words, folder, cwd, env, out, err, new_group, stdin)


@contextlib.contextmanager
def running(program: P) -> Iterator[P]:
    """`program`, which is ended by force afterwards where it still runs."""
    try:
        yield program
    finally:
        if program.process.poll() is None:
            program.process.kill()
            program.process.wait()
        for stream in (program.process.stdout, program.process.stderr):
            if stream:
                stream.close()


@contextlib.contextmanager
def inspector(
    app: str, folder: Path, *options: str, cwd: Path = APPS, env: dict[str, str] | None = None
) -> Iterator[Inspector]:
    """A served app; one that still runs afterwards has to end in order."""
    program = Inspector(app, folder, *options, cwd=cwd, env=env)
    with running(program):
        yield program
        if program.process.poll() is None:
            assert program.stop() == 0, program.err


@contextlib.contextmanager
def waitress(app: str, folder: Path, cwd: Path = APPS, env: dict[str, str] | None = None) -> Iterator[Program]:
    """The reference for WSGI apps."""
    words = [command("waitress-serve"), "--listen", "127.0.0.1:0", "--threads", "4", app]
    with running(Program(words, folder, cwd, env)) as program:
        yield program


@contextlib.contextmanager
def uvicorn(app: str, folder: Path, cwd: Path = APPS, env: dict[str, str] | None = None) -> Iterator[Program]:
    """The reference for ASGI apps."""
    words = [command("uvicorn"), app, "--port", "0", "--http", "h11", "--ws", "wsproto", "--loop", "asyncio"]
    with running(Program(words, folder, cwd, env)) as program:
        yield program
