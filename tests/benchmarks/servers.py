"""The peers: which programs are compared, started and watched as processes.

The peers from PyPI live in an environment of their own, `.venv-bench`, made here from the same Python as ours. Where
the system lets us, the load has the last core for itself, and servers, with all their processes, have the others.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from inspector.recording.reader import Reader
from tests.benchmarks.load import Load

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
ENVIRONMENT = ROOT / ".venv-bench"
REQUIREMENTS = ("uvicorn>=0.38",)
"""Without its extras uvicorn has h11 and asyncio only."""

START = 20.0
STOP = 30.0
"""Seconds that a server has to answer its first request, and to end."""
STILL = 0.1
"""Seconds in which processes at rest take less than two ticks of CPU time."""
SETTLE = 10.0


class ServerFailed(Exception):
    """A server did not start, answered wrongly, or did not record what it served."""


@dataclass(frozen=True)
class Peer:
    """A server program. `command` makes its argument list of a port and a folder for its files."""

    name: str
    command: Callable[[int, Path], list[str]]
    check: Callable[[Path, int], None] = lambda _folder, _requests: None
    """Called at the end with that folder and the number of requests that were answered. Raises `ServerFailed`."""
    controlled: bool = False
    """It reads lines from its stdin."""


@dataclass
class Server:
    """A running peer."""

    peer: Peer
    port: int
    process: subprocess.Popen[bytes]
    requests: int = field(default=1, init=False)
    """Answered so far; the first one tells that it is there."""

    @classmethod
    @contextmanager
    def of(cls, peer: Peer) -> Iterator[Server]:
        with tempfile.TemporaryDirectory(prefix="inspector-bench-") as name, (Path(name) / "output").open("w+b") as out:
            port = _free_port()
            with _on(SERVER_CORES):
                said = subprocess.PIPE if peer.controlled else subprocess.DEVNULL
                process = subprocess.Popen(peer.command(port, Path(name)), cwd=ROOT, stdin=said, stdout=out, stderr=out)
            server = cls(peer, port, process)
            try:
                try:
                    server._await_answer()
                    yield server
                finally:
                    server._stop()
            except ServerFailed as error:
                out.seek(0)
                said = out.read()[-4000:].decode("utf-8", "replace")
                raise ServerFailed(f"{peer.name}: {error}\n{said}".rstrip()) from None
            peer.check(Path(name), server.requests)

    def _await_answer(self) -> None:
        until = time.monotonic() + START
        while time.monotonic() < until and self.process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), START) as sock:
                sock.sendall(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                answer = sock.recv(1 << 16)
                if not answer.startswith(b"HTTP/1.1 200 "):
                    raise ServerFailed(f"the first answer begins with {answer[:60]!r}")
                return
            time.sleep(0.05)
        raise ServerFailed("it did not start")

    def say(self, told: dict[str, object]) -> None:
        """A line to its stdin."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(told).encode() + b"\n")
        self.process.stdin.flush()

    def _stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise ServerFailed(f"it did not end within {STOP:.0f} s") from None
        finally:
            if self.process.stdin is not None:
                self.process.stdin.close()

    def load(self, *, connections: int, warm: float, seconds: float, request: bytes, size: int) -> Load:
        """Put a load on it, from a process of its own."""
        wanted = {
            "port": self.port,
            "connections": connections,
            "warm": warm,
            "seconds": seconds,
            "request": request.decode("latin-1"),
            "size": size,
        }
        with _on(LOAD_CORES):
            ran = subprocess.run(
                [sys.executable, "-I", str(HERE / "load.py"), json.dumps(wanted)], capture_output=True, check=False
            )
        if ran.returncode:
            raise ServerFailed(f"under load: {ran.stderr.decode().strip()}")
        load = Load(**json.loads(ran.stdout))
        self.requests += load.sent
        return load

    def cpu_ns(self) -> float:
        """CPU time of the server and all its descendants until now, in ticks of 10 ms; 0 where nobody tells."""
        return sum(_cpu_ticks(pid) for pid in _family(self.process.pid)) * _TICK_NS

    def settle(self) -> float:
        """Wait until its processes are at rest; returns the seconds that this took."""
        began = time.monotonic()
        before = self.cpu_ns()
        while time.monotonic() - began < SETTLE:
            time.sleep(STILL)
            now = self.cpu_ns()
            if now - before < 2 * _TICK_NS or not _TICK_NS:
                break
            before = now
        return time.monotonic() - began - STILL


# The programs.


def inspector(*options: str, app: str, module: str = "inspector", name: str = "") -> Peer:
    """`inspector serve`, recording everything into a file. Without a line per exchange, as uvicorn without its own."""

    def command(port: int, folder: Path) -> list[str]:
        record = () if "--no-record" in options else ("--record", str(folder / "bench.inspector"))
        words = ("serve", app, "--app-dir", str(HERE), "--port", str(port), "--quiet", *record, *options)
        return [sys.executable, "-m", module, *words]

    return Peer(name or " ".join(("inspector serve", *options)), command, _complete, "--control" in options)


def _complete(folder: Path, requests: int) -> None:
    path = folder / "bench.inspector"
    if not path.exists():
        return
    with Reader(path) as reader:
        totals = reader.totals()
        first = reader.row(1)
    lifespan = 0 if first is not None and first.kind == "http" else 1  # of which WSGI has none
    recorded = totals.exchanges + totals.dropped - lifespan
    if recorded != requests:
        raise ServerFailed(f"{requests:,} requests were answered, and {recorded:,} recorded")


def uvicorn(*options: str, app: str) -> Peer:
    def command(port: int, _folder: Path) -> list[str]:
        words = ("--app-dir", str(HERE), "--port", str(port), "--no-access-log", *options, app)
        return [str(_environment_python()), "-m", "uvicorn", *words]

    return Peer(" ".join(("uvicorn", *options)), command)


# Their environment.


def make_environment() -> None:
    """Make `.venv-bench`, unless it is there with what is asked for now."""
    made = ENVIRONMENT / "made"
    wanted = "\n".join((sys.version, *REQUIREMENTS))
    if made.exists() and made.read_text("utf-8") == wanted:
        return
    print(f"Making {ENVIRONMENT.name} with {', '.join(REQUIREMENTS)}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
    pip = [str(_environment_python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *REQUIREMENTS], check=True)
    made.write_text(wanted, "utf-8")


def versions() -> dict[str, str]:
    """Of everything in the peers' environment."""
    pip = [str(_environment_python()), "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"]
    listed = json.loads(subprocess.run(pip, check=True, capture_output=True).stdout)
    return {one["name"]: one["version"] for one in listed if one["name"] not in ("pip", "setuptools")}


def _environment_python() -> Path:
    return ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


# Cores and CPU time.


def _cores() -> tuple[set[int], set[int]]:
    """For servers, for the load; empty sets where nobody can be bound to a core."""
    if sys.platform != "linux":
        return set(), set()
    *servers, load = sorted(os.sched_getaffinity(0))
    return (set(servers), {load}) if servers else (set(), set())


SERVER_CORES, LOAD_CORES = _cores()


@contextmanager
def _on(cores: set[int]) -> Iterator[None]:
    """What is started inside runs on `cores`."""
    if sys.platform != "linux" or not cores:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


_TICK_NS = 1e9 / os.sysconf("SC_CLK_TCK") if sys.platform != "win32" else 0.0


def _stat(pid: int) -> list[bytes]:
    """The fields of /proc/PID/stat from the third on (proc(5)); the name before may hold anything."""
    return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2].split()


def _cpu_ticks(pid: int) -> int:
    """utime, stime, and those of children that have been waited for; of one that ended meanwhile, nothing."""
    try:
        return sum(map(int, _stat(pid)[11:15]))
    except OSError:
        return 0


def _family(pid: int) -> list[int]:
    """`pid` and its descendants."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(path.name)] = int(_stat(int(path.name))[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found
