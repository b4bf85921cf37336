"""The same engine in a thread of this process: no survival of a crash, and nothing can end it by force."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import traceback
from pathlib import Path

from inspector.engine.host import bootstrap
from inspector.errors import InspectorError
from inspector.options import Options
from inspector.session.child import JOIN_GRACE, Death, EngineCode, OnDeath, send
from inspector.trace import ring, verbs
from inspector.trace.ring import RingReader, RingWriter
from inspector.trace.verbs import Start, Verb


class InProcess:
    """A started engine thread; the same face as `child.Child`."""

    def __init__(self, sock: socket.socket, reader: RingReader) -> None:
        self.pid = os.getpid()
        self.reader = reader
        self._sock = sock
        self._sending = threading.Lock()

    def begin(self, start: Start) -> None:
        """Send the first verb, which may be longer than what the socket holds; the engine's thread runs already."""
        with contextlib.suppress(OSError):
            self._sock.settimeout(JOIN_GRACE)
            self._sock.sendall(verbs.encode(start))
            self._sock.setblocking(False)

    def tell(self, verb: Verb) -> None:
        send(self._sock, verbs.encode(verb), self._sending)

    def kill(self) -> bool:
        """False: a thread cannot be ended from outside. The link closes, which is all that can be done."""
        self._sock.close()
        return False


def start(options: Options, listener: socket.socket, code: EngineCode, on_death: OnDeath) -> InProcess:
    """Start an engine thread that serves `options.app` on a duplicate of `listener`."""
    fd, path = ring.create()
    try:
        writer, reader = RingWriter(ring.attach(fd)), RingReader(ring.attach(fd))
    finally:
        os.close(fd)
        with contextlib.suppress(OSError):
            Path(path).unlink()
    ours, theirs = socket.socketpair()
    engine = InProcess(ours, reader)
    own_listener = listener.dup()

    def run() -> None:
        try:
            ended = bootstrap.boot_here(writer, theirs, own_listener, code.entry)
            death = Death(ended, f"exit code {ended}")
        except BaseException as error:  # noqa: BLE001 - whatever ended it, it is told
            text = traceback.format_exc()
            sys.stderr.write(text)
            death = Death(1, f"{type(error).__name__}: {error}", InspectorError("The engine failed.", "", text))
        for end in (ours, theirs, own_listener, writer):
            end.close()
        on_death(death)

    threading.Thread(target=run, name="engine", daemon=True).start()
    engine.begin(Start(options))
    return engine
