"""The engine's end of the link: verbs in, records out, and what goes on when the app blocks the loop.

The link's thread takes verbs off the socket, hands them to the loop, and sees when the window has gone. In a process of
its own (`exits`) it also keeps the promise that the engine ends: an app that does not let the loop react to a stop
within the grace, or does not come to an end after it, is cut off. It never writes a record: where the ring is full and
its reader killed, it is the one that can tell the others to stop waiting. So the watch over the loop, which writes what
it sees, has a second thread.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import selectors
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inspector.errors import InspectorError
from inspector.trace import ring, verbs
from inspector.trace.ring import RingWriter
from inspector.trace.verbs import Ask, Decoder, Hurry, MalformedVerb, Start, Stop, Verb

WATCH_INTERVAL = 0.05
"""Seconds between two looks at the loop."""
_DEADLINE_INTERVAL = 0.1
_REACTION = 1.0
"""Seconds that any loop has to take notice, however short the grace."""
_AFTER_GRACE = verbs.LIFESPAN_GRACE + verbs.FAREWELL_GRACE


@dataclass(frozen=True)
class Handlers:
    """What the engine does about the window. All but `watch` run on the loop."""

    on_stop: Callable[[float, bool], None]
    """End in order; what runs has so many seconds; whether the lifespan's shutdown can be held."""
    on_hurry: Callable[[], None]
    """Skip the waits."""
    on_close: Callable[[], None]
    """The window has gone: end as for a stop."""
    watch: Callable[[], None] | None = None
    """Called every `WATCH_INTERVAL` seconds, whatever the loop does, on a thread of its own; may write records."""
    on_ask: Callable[[Ask], None] | None = None
    """A verb of stepping."""
    held: Callable[[], bool] | None = None
    """Something is held, and the end has time; on the link's thread."""


class Link:
    """One engine's link. `wait_for_start`, then `attach` from the engine, `close` when the engine has ended."""

    def __init__(self, ring: RingWriter, sock: socket.socket, *, exits: bool = False) -> None:
        self.ring = ring
        self._sock = sock
        self._exits = exits
        self._decoder = Decoder()
        self._verbs: list[Verb] = []
        self._eof = False
        self._wake, self._woken = socket.socketpair()
        self._threads: list[threading.Thread] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handlers: Handlers | None = None
        self._watched_enough = threading.Event()
        self._reacted = threading.Event()
        self._pid = 0
        self._deadline: float | None = None
        self._grace_after_reaction = 0.0
        self._closed = False
        self._stepped = False
        """The end that is under way waits for what is held."""

    def wait_for_start(self) -> Start | None:
        """The window's first verb; blocks. None where the window left, or wants no engine any more."""
        while not self._verbs and not self._eof:
            self._receive()
        first = self._verbs.pop(0) if self._verbs else None
        return first if isinstance(first, Start) else None

    def attach(self, loop: asyncio.AbstractEventLoop, handlers: Handlers) -> None:
        """From now on verbs go to `handlers`. Once per link, from the thread of `loop` or before it runs."""
        self._loop, self._handlers = loop, handlers
        if self._exits:
            self._pid = os.getpid()
            signal.signal(signal.SIGTERM, self._terminated)
        if handlers.watch is not None:
            self._threads.append(threading.Thread(target=self._watch, args=(handlers.watch,), name="inspector watch"))
        self._threads.append(threading.Thread(target=self._run, name="inspector link"))
        for thread in self._threads:
            thread.start()

    def _terminated(self, number: int, _frame: object) -> None:
        """SIGTERM is a Stop: who ends a group of processes sends it to the window, and to us. Children die of it."""
        if os.getpid() != self._pid:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        self._verbs.append(Stop())
        with contextlib.suppress(OSError):  # closed: the end has come already
            self._wake.send(b"\0")

    def refuse(self, title: str, hint: str = "", detail: str = "") -> None:
        """Tell the window why the engine could not begin."""
        with contextlib.suppress(OSError):
            self._sock.settimeout(1.0)
            self._sock.sendall(verbs.encode_refusal(InspectorError(title, hint, detail)))

    def close(self) -> None:
        """End the threads and let go of socket and ring."""
        self._watched_enough.set()
        for thread in self._threads[:-1]:
            thread.join()
        self._closed = True  # the link's own thread last: the other may be waiting for what it sees
        self._wake.send(b"\0")
        for thread in self._threads[-1:]:
            thread.join()
        for sock in (self._wake, self._woken, self._sock):
            sock.close()
        self.ring.close()

    # The link's thread.

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            if not self._eof:
                selector.register(self._sock, selectors.EVENT_READ)
            self._hand_over(selector)
            while not self._closed:
                ready = selector.select(self._timeout())
                for key, _ in ready:
                    if key.fileobj is self._sock:
                        self._receive()
                    else:
                        self._woken.recv(1)
                if ready:
                    self._hand_over(selector)
                if self._overdue():
                    os._exit(verbs.OVERDUE)

    def _receive(self) -> None:
        try:
            data = self._sock.recv(1 << 16)
            self._verbs += self._decoder.feed(data)
        except MalformedVerb as error:
            # A window that talks nonsense is as good as gone.
            print(f"inspector: the link to the window is broken: {error}", file=sys.__stderr__)
            data = b""
        except OSError:
            data = b""
        self._eof = not data

    def _hand_over(self, selector: selectors.BaseSelector) -> None:
        handlers = self._handlers
        assert handlers is not None
        while self._verbs:
            verb = self._verbs.pop(0)
            if isinstance(verb, Stop):
                self._end_within(verb.grace, _AFTER_GRACE)
                self._stepped = verb.stepped
                self._call(handlers.on_stop, verb.grace, verb.stepped)
            elif isinstance(verb, Hurry):
                self._stepped = False
                self._end_within(verbs.HURRY_GRACE, 0.0)
                self._call(handlers.on_hurry)
            elif isinstance(verb, Ask) and handlers.on_ask is not None and self._loop is not None:
                with contextlib.suppress(RuntimeError):  # as in `_call`
                    self._loop.call_soon_threadsafe(handlers.on_ask, verb)
        if self._eof:
            self._stepped = False
            with contextlib.suppress(KeyError):
                selector.unregister(self._sock)
            self.ring.abandon()
            if self._deadline is None:
                self._end_within(verbs.GRACE, verbs.FAREWELL_GRACE)  # nobody waits: the engine skips its waits
            self._call(handlers.on_close)

    def _call(self, handler: Callable[..., None], *arguments: float | bool) -> None:
        """Run `handler` on the loop, and note that the loop did so."""
        assert self._loop is not None

        def react() -> None:
            self._reacted.set()
            handler(*arguments)

        with contextlib.suppress(RuntimeError):  # the loop is closed: the engine ends already
            self._loop.call_soon_threadsafe(react)

    def _end_within(self, grace: float, after_reaction: float) -> None:
        self._deadline = time.monotonic() + max(grace, _REACTION)
        self._grace_after_reaction = after_reaction

    def _overdue(self) -> bool:
        if not self._exits or self._deadline is None:
            return False
        if self._stepped and self._handlers and self._handlers.held and self._handlers.held():
            self._deadline = max(self._deadline, time.monotonic() + _REACTION)
        deadline = self._deadline + (self._grace_after_reaction if self._reacted.is_set() else 0.0)
        return time.monotonic() > deadline

    def _timeout(self) -> float | None:
        return _DEADLINE_INTERVAL if self._exits and self._deadline is not None else None

    # The watch's thread.

    def _watch(self, watch: Callable[[], None]) -> None:
        while not self._watched_enough.wait(WATCH_INTERVAL):
            watch()


def run(link: Link, listener: socket.socket | None, main: Callable[..., int]) -> int:
    """One engine's life: waits for the window's first verb, calls `main(link, options, listener)`, closes
    the link. Returns the exit code. What `main` raises goes to the window as a refusal, and on to the caller.
    """
    try:
        start = link.wait_for_start()
        if start is None:
            return 0
        with listener or _shared(start.listener) as sock:
            return main(link, start.options, sock)
    except InspectorError as error:
        link.refuse(error.title, error.hint, error.detail)
        return 1
    except Exception:
        link.refuse("The engine failed.", "This is a fault of Inspector, not of the app.", traceback.format_exc())
        raise
    finally:
        link.close()


def _shared(listener: str) -> socket.socket:
    """The window's listening socket, where it cannot be inherited."""
    if sys.platform == "win32":
        return socket.fromshare(base64.b64decode(listener))
    raise OSError("the listening socket was not handed down")


def open_ends(ends: dict[str, Any], token: str) -> tuple[Link, socket.socket | None]:
    """The link, and the listening socket, of a process that was started with `ends`:

    ring      a descriptor, or the path of the ring's file
    socket    a descriptor, or the port on loopback where the window waits for `token`
    listener  a descriptor, or None where it comes with the first verb
    """
    fd = ends["ring"]
    if isinstance(fd, str):
        fd = os.open(fd, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        writer = RingWriter(ring.attach(fd))
    finally:
        os.close(fd)
    if token:
        sock = socket.create_connection(("127.0.0.1", ends["socket"]))
        sock.sendall(token.encode() + b"\n")
    else:
        sock = _inherited(ends["socket"])
    listener = None if ends["listener"] is None else _inherited(ends["listener"])
    return Link(writer, sock, exits=True), listener


def _inherited(fd: int) -> socket.socket:
    sock = socket.socket(fileno=fd)
    sock.set_inheritable(False)  # what the app starts is not to keep the port
    return sock
