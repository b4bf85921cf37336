"""The listening socket: the window owns it, so that a restart of the engine refuses no connection."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
import sys
from pathlib import Path

from inspector.errors import InspectorError

BACKLOG = 2048
_TRIED = 100
"""How many ports above the one that is taken are tried for an offer."""


class PortInUse(InspectorError):
    """Somebody else listens there; `next_port` is the next free one, 0 where none was found."""

    def __init__(self, title: str, hint: str, next_port: int) -> None:
        super().__init__(title, hint)
        self.next_port = next_port


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port` (0: any free one). Raises `PortInUse`, or `InspectorError`."""
    try:
        return _listen(host, port)
    except socket.gaierror:
        raise InspectorError(f"There is no address of the name {host!r}.", "Choose another one with --host.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise _in_use(host, port) from None
        if error.errno == errno.EACCES:
            raise InspectorError(
                f"Port {port} is not for every user of this machine.", "Choose one from 1024 on with --port."
            ) from None
        if error.errno == errno.EADDRNOTAVAIL:
            raise InspectorError(f"{host} is no address of this machine.", "Choose another one with --host.") from None
        raise InspectorError(f"Cannot listen on {host}, port {port}: {error.strerror or error}.") from None
    except OverflowError:
        raise InspectorError(f"There is no port {port}: the highest is 65535.") from None


def _listen(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":  # there SO_REUSEADDR lets two programs have one port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except BaseException:
        sock.close()
        raise
    return sock


def listen_unix(path: str) -> socket.socket:
    """A Unix socket that listens at `path`, for its owner alone (0600). One that nobody listens on any more is
    replaced; anything else that lies there stays. Raises `InspectorError`."""
    if not hasattr(socket, "AF_UNIX"):
        raise InspectorError("This system's Python has no Unix sockets.", "Serve on a port: --host and --port.")
    place, another = Path(path), "Choose another path with --uds."
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        if not stat.S_ISSOCK(place.lstat().st_mode):
            raise InspectorError(f"{path} is there already, and is no socket.", another)
        if _answers(path):
            raise InspectorError(f"{path} is in use: a program listens there.", another)
        place.unlink()
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        before = os.umask(0o177)
        try:
            sock.bind(path)
        finally:
            os.umask(before)
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        what = error.strerror or str(error)  # "AF_UNIX path too long" has no number
        raise InspectorError(f"Cannot listen on {path}: {what.lower()}.", another) from None
    return sock


def release(listener: socket.socket) -> None:
    """Stop to listen; the file of a Unix socket goes, unless another program has taken its place."""
    name = listener.getsockname()
    listener.close()
    if isinstance(name, str) and name:
        with contextlib.suppress(OSError):
            if not _answers(name):
                Path(name).unlink()


def _answers(path: str) -> bool:
    """Somebody listens on that socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(1.0)
        try:
            sock.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:  # a full queue, or not for us: somebody is there
            return True
    return True


def url(listener: socket.socket, scheme: str = "http") -> str:
    """Where a browser finds what listens there; of a Unix socket `unix:PATH`."""
    if isinstance(name := listener.getsockname(), str):
        return f"unix:{name}"
    host, port = name[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _in_use(host: str, port: int) -> PortInUse:
    free = next((other for other in range(port + 1, min(port + 1 + _TRIED, 65536)) if _is_free(host, other)), 0)
    who = holder(port)
    title = f"Port {port} is in use" + (f" by {who}." if who else ".")
    return PortInUse(title, f"Port {free} is free: --port {free}" if free else "Choose another one with --port.", free)


def _is_free(host: str, port: int) -> bool:
    try:
        _listen(host, port).close()
    except OSError:
        return False
    return True


def holder(port: int) -> str:
    """Who listens on `port`, as "process 4711 (python -m http.server)"; "" where /proc does not tell us."""
    inodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not inodes:
        return ""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # ended meanwhile, or another user's
            for fd in (process / "fd").iterdir():
                if str(fd.readlink()) in inodes:
                    words = (process / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
                    command = " ".join(" ".join(word.decode(errors="replace").split()) for word in words)
                    return f"process {process.name} ({command:.80})"
    return ""


def _listening_inodes(port: int) -> list[str]:
    """From /proc/net/tcp: local address in the second column, state (0A: LISTEN) in the fourth, inode in the tenth."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                words = line.split()
                if words[3] == "0A" and words[1].endswith(f":{port:04X}"):
                    found.append(words[9])
    return found
