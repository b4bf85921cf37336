"""An engine in a process of its own: starting it, telling it verbs, and hearing of its death at once."""

from __future__ import annotations

import base64
import contextlib
import hmac
import importlib.util
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from inspector.engine.host import bootstrap
from inspector.errors import InspectorError
from inspector.options import Options
from inspector.trace import ring, verbs
from inspector.trace.ring import RingReader
from inspector.trace.verbs import Start, Verb

ANSWER_GRACE = 5.0
"""Seconds that an interpreter has to show that it is one."""
JOIN_GRACE = 10.0
"""Seconds that an engine has to come to the link over loopback, and to take its first verb."""


@dataclass(frozen=True)
class EngineCode:
    """Which engine to start: `module:function`, and the folders of packages beside the engine's own."""

    entry: str = bootstrap.ENTRY
    folders: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Death:
    """An engine has ended: `text` says how ("exit code 3", "killed by SIGSEGV"), `refusal` why it never began."""

    code: int
    text: str
    refusal: InspectorError | None = None


OnDeath = Callable[[Death], None]
"""Called once, from a thread of its own."""


def how(code: int) -> str:
    """The end of a process in words; `code` as in `Popen.returncode`."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


class Child:
    """A started engine process. `reader` is its ring, which can be read after its death."""

    def __init__(self, process: subprocess.Popen[bytes], sock: socket.socket, reader: RingReader) -> None:
        self.pid = process.pid
        self.reader = reader
        self._process = process
        self._sock = sock
        self._sending = threading.Lock()

    def begin(self, start: Start) -> None:
        """Send the first verb, which may be longer than what the socket holds, and from then on wait for nothing.

        Raises `InspectorError` where the engine does not take it. One that has died is no error: `watch` tells.
        """
        try:
            self._sock.settimeout(JOIN_GRACE)
            self._sock.sendall(verbs.encode(start))
        except TimeoutError:
            self._process.kill()
            self._process.wait()
            self._sock.close()
            raise InspectorError(f"The engine did not listen for {JOIN_GRACE:.0f} seconds.") from None
        except OSError:
            pass
        self._sock.setblocking(False)

    def watch(self, on_death: OnDeath) -> None:
        """Call `on_death` when the process has ended. By waitpid: children that the app forked may hold the link."""
        threading.Thread(target=self._wait, args=(on_death,), name=f"engine {self.pid}", daemon=True).start()

    def _wait(self, on_death: OnDeath) -> None:
        code = self._process.wait()
        refusal = b""
        with contextlib.suppress(OSError):
            refusal = self._sock.recv(1 << 18)
        self._sock.close()
        on_death(Death(code, how(code), verbs.decode_refusal(refusal)))

    def tell(self, verb: Verb) -> None:
        """Send `verb`. An engine that has gone, or does not listen, is no error: its death is told, or `kill` helps."""
        send(self._sock, verbs.encode(verb), self._sending)

    def kill(self) -> bool:
        """End it now. True where that was possible."""
        self._process.kill()
        return True


def send(sock: socket.socket, data: bytes, sending: threading.Lock) -> None:
    """Send one verb over a socket that does not block. What does not fit at once waits for the engine to listen."""
    until = time.monotonic() + JOIN_GRACE
    with sending, contextlib.suppress(OSError, ValueError):  # ValueError: closed while we waited for room
        left = memoryview(data)
        while left:
            try:
                left = left[sock.send(left) :]
            except BlockingIOError:
                if time.monotonic() > until:
                    return
                select.select([], [sock], [], 0.1)


def start(options: Options, listener: socket.socket, code: EngineCode, on_death: OnDeath) -> Child:
    """Start an engine that serves `options.app` on `listener`. Blocks for the start of a process.

    Raises `InspectorError` where the interpreter is none or cannot be run, OSError where the ring finds no room.
    """
    if options.python:
        _check(options.python)
    fd, path = ring.create()
    reader = RingReader(ring.attach(fd))
    try:
        if options.link == "tcp" or sys.platform == "win32":
            child = _start_over_loopback(options, listener, code, path, reader)
        else:
            child = _start_inherited(options, listener, code, fd, reader)
        share = b""
        if sys.platform == "win32":
            share = listener.share(child.pid)
        child.begin(Start(options, base64.b64encode(share).decode()))
    except BaseException:
        reader.close()
        raise
    finally:
        os.close(fd)
        with contextlib.suppress(OSError):  # Windows: while it is mapped; the folder is for temporary files
            Path(path).unlink()
    child.watch(on_death)
    return child


def _start_inherited(options: Options, listener: socket.socket, code: EngineCode, fd: int, reader: RingReader) -> Child:
    ours, theirs = socket.socketpair()
    with theirs:
        ends = {"ring": fd, "socket": theirs.fileno(), "listener": listener.fileno()}
        try:
            return Child(_popen(options, code, ends, (fd, theirs.fileno(), listener.fileno()), {}), ours, reader)
        except BaseException:
            ours.close()
            raise


def _start_over_loopback(
    options: Options, listener: socket.socket, code: EngineCode, path: str, reader: RingReader
) -> Child:
    token = secrets.token_hex(16)
    inherits = sys.platform != "win32"
    with socket.create_server(("127.0.0.1", 0)) as door:
        ends = {
            "ring": path,
            "socket": door.getsockname()[1],
            "listener": listener.fileno() if inherits else None,
        }
        handed_down = (listener.fileno(),) if inherits else ()
        process = _popen(options, code, ends, handed_down, {bootstrap.TOKEN: token})
        try:
            return Child(process, _let_in(door, token, process), reader)
        except BaseException:
            process.kill()
            process.wait()
            raise


def _check(python: str) -> None:
    """Raises `InspectorError` unless `python` is a Python; `bootstrap.CODE` looks at which. Any other program would
    complain about our code in words that nobody understands."""
    words = [python, "-S", "-c", f"raise SystemExit({_ANSWER})"]  # no other language runs any of it
    quiet = subprocess.DEVNULL
    answer = -1
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            answer = subprocess.run(
                words,
                stdin=quiet,
                stdout=quiet,
                stderr=quiet,
                check=False,
                timeout=ANSWER_GRACE,
                start_new_session=True,  # not for this one's Ctrl-C
            ).returncode
    except OSError as error:
        raise _cannot_be_run(python, error) from None
    if answer != _ANSWER:
        raise InspectorError(f"{python} is no Python interpreter, or one that does not work.", _ANOTHER)


def _cannot_be_run(python: str, error: OSError) -> InspectorError:
    return InspectorError(f"The interpreter {python} cannot be run: {error.strerror}.", _ANOTHER)


_ANSWER = 73
_ANOTHER = "Name another one with --python."


def _popen(
    options: Options, code: EngineCode, ends: Mapping[str, int | str | None], fds: tuple[int, ...], env: dict[str, str]
) -> subprocess.Popen[bytes]:
    python = options.python or sys.executable
    told = {"app": options.app, "entry": code.entry, "folders": {**_folders(), **code.folders}, **ends}
    try:
        return subprocess.Popen(
            [python, "-c", bootstrap.CODE, bootstrap.__file__, json.dumps(told)],
            stdin=None if os.isatty(0) else subprocess.DEVNULL,  # breakpoint() has the terminal
            pass_fds=fds,
            env={**os.environ, **env},
        )
    except OSError as error:
        raise _cannot_be_run(python, error) from None


def _folders() -> dict[str, str]:
    """Where the packages of the engine lie in this installation."""
    found = {name: importlib.util.find_spec(name) for name in bootstrap.PACKAGES}
    return {name: str(Path(spec.origin).parents[1]) for name, spec in found.items() if spec and spec.origin}


def _let_in(door: socket.socket, token: str, process: subprocess.Popen[bytes]) -> socket.socket:
    """The connection of the engine that knows `token`; others are turned away."""
    door.settimeout(0.1)
    until = time.monotonic() + JOIN_GRACE
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            sock, _ = door.accept()
            sock.settimeout(1.0)
            with contextlib.suppress(OSError):
                if hmac.compare_digest(_line(sock, len(token) + 1), token.encode() + b"\n"):
                    return sock
            sock.close()
        if (code := process.poll()) is not None:
            raise InspectorError(f"The engine ended before it began: {how(code)}.", "The terminal tells why.")
    raise InspectorError(f"The engine did not come to the link within {JOIN_GRACE:.0f} seconds.")


def _line(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := sock.recv(size - len(data))):
        data += more
    return data
