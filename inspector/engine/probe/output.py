"""The two seams in the app's process (DESIGN, section 8): what it logs and prints, tied to the exchange.

`sys.stdout` and `sys.stderr` become tees that write through first and delegate every attribute; what is written to
their `buffer` or to the file descriptor goes by unseen. `logging.Logger.callHandlers` is wrapped, and no handler is
added anywhere. The `wsgi.errors` of an exchange is such a tee too.

A logging record is told after its handlers have run, because they have formatted it by then and their text costs the
app nothing: an argument whose `__repr__` queries a database is asked once, as without us. Where no handler formatted
it, only plain arguments are formatted; any other is shown by its type. What a handler prints is the record itself, so
the tees are quiet on its thread while handlers run, but for logging's report of its own errors.

Nothing here raises into the app. What its code prints or logs while we are at work on the same thread (a `__del__`, a
signal handler) is told afterwards, so nothing recurses. A forked child writes through and tells nothing: the link is
its parent's.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import Any, cast

from inspector.engine.probe import failures
from inspector.trace.clock import now
from inspector.trace.records import Logged
from inspector.trace.values import type_name

MAX_WRITE = 64 * 1024
"""Characters told of one write or one logging record; what is more is counted."""
MAX_LINE = 8 * 1024
"""Characters of a line that has no end yet, after which it is told as it stands."""
MAX_LINES = 64
"""Exchanges that may have a line without an end; the oldest is told first."""

_LOGGING_ERROR = "--- Logging error ---"
_PLAIN = frozenset({str, int, float, bool, bytes, type(None)})


class _Thread(threading.local):
    """What a thread is doing."""

    quiet = 0
    """Handlers, or tees under this one, are at work: what is written is told already."""
    reporting = False
    """Logging reports an error of a handler: that is worth telling."""
    telling = False
    waiting: deque[Logged] | None = None


_thread = _Thread()
_seams: list[Tee] = []


def install(emit: Callable[[Logged], None], current: Callable[[], int]) -> Callable[[], None]:
    """Set both seams, before the app is imported. Returns what takes them away again.

    `emit` gets records from any thread; `current` says which exchange the running code works for. A seam that the app
    has wrapped meanwhile stays where it is, and tells nothing any more.
    """
    teller = Teller(emit, current)
    tees = [Tee(stream, name, teller) for name in ("stdout", "stderr") if (stream := getattr(sys, name)) is not None]
    for tee in tees:
        setattr(sys, tee.inspector_source, tee)
    original = logging.Logger.callHandlers
    wrapper = _wrapped(original, teller)
    logging.Logger.callHandlers = wrapper  # type: ignore[method-assign]
    _seams.extend(tees)

    def uninstall() -> None:
        for tee in tees:
            tee.inspector_tell_rest()
            _seams.remove(tee)
            if getattr(sys, tee.inspector_source) is tee:
                setattr(sys, tee.inspector_source, tee.inspector_stream)
        if logging.Logger.callHandlers is wrapper:
            logging.Logger.callHandlers = original  # type: ignore[method-assign]
        teller.over = True

    return uninstall


def end_of(exchange: int) -> None:
    """The exchange ends: tell what it printed last, where that has no newline."""
    for tee in _seams:
        tee.inspector_tell_rest(exchange)


def errors(exchange: int, teller: Teller) -> Tee:
    """The `wsgi.errors` of one exchange: stderr as it is now; told of that exchange whatever thread writes."""
    stream = sys.stderr
    if type(stream) is Tee:
        stream = stream.inspector_stream
    return Tee(io.StringIO() if stream is None else stream, "wsgi.errors", teller, exchange)


class Teller:
    """Hands records to the link, from any thread. Never raises, never recurses, keeps the order of each thread."""

    def __init__(self, emit: Callable[[Logged], None], current: Callable[[], int]) -> None:
        self.current = current
        self.over = False
        self.lock = threading.RLock()
        """Guards the unfinished lines; reentrant, for signal handlers that print."""
        self._emit = emit
        self._pid = os.getpid()

    @property
    def deaf(self) -> bool:
        """Nothing is to be told: the engine is done, or this is a forked child."""
        return self.over or os.getpid() != self._pid

    def tell(self, record: Logged) -> None:
        thread = _thread
        if thread.waiting is None:
            thread.waiting = deque()
        thread.waiting.append(record)
        if thread.telling:
            return
        thread.telling = True
        try:
            while thread.waiting:
                self._emit(thread.waiting.popleft())
        except Exception:  # noqa: BLE001 - the link is gone: no trouble of the app's
            thread.waiting.clear()
        finally:
            thread.telling = False


class Tee:
    """A text stream of the app that tells what is written to it, and in every other respect is that stream.

    `exchange` fixes whose text it is; without it that is the exchange whose code writes. Our own attributes have a
    prefix, so that they hide none of the stream's.
    """

    __slots__ = (
        "__weakref__",
        "inspector_exchange",
        "inspector_lines",
        "inspector_source",
        "inspector_stream",
        "inspector_teller",
    )
    inspector_exchange: int | None
    inspector_lines: dict[int, str]
    inspector_source: str
    inspector_stream: Any
    inspector_teller: Teller

    def __init__(self, stream: Any, source: str, teller: Teller, exchange: int | None = None) -> None:
        put = object.__setattr__
        put(self, "inspector_stream", stream)
        put(self, "inspector_source", source)
        put(self, "inspector_teller", teller)
        put(self, "inspector_exchange", exchange)
        put(self, "inspector_lines", {})

    def write(self, text: str) -> Any:
        teller = self.inspector_teller
        thread = _thread
        thread.quiet += 1
        try:
            written = self.inspector_stream.write(text)
        finally:
            thread.quiet -= 1
        if text and type(text) is str and not teller.deaf:
            if thread.quiet and text.startswith(_LOGGING_ERROR):
                thread.reporting = True
            if not thread.quiet or thread.reporting:
                self._inspector_hear(text)
        return written

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def _inspector_hear(self, text: str) -> None:
        exchange = self.inspector_exchange
        if exchange is None:
            exchange = self.inspector_teller.current()
        lines = self.inspector_lines
        told: list[tuple[int, str]] = []
        with self.inspector_teller.lock:
            whole, newline, rest = (lines.pop(exchange, "") + _cut(text)).rpartition("\n")
            if newline:
                told.append((exchange, whole))
            if len(rest) > MAX_LINE:
                told.append((exchange, rest))
            elif rest:
                lines[exchange] = rest
                if len(lines) > MAX_LINES:
                    oldest = next(iter(lines))
                    told.append((oldest, lines.pop(oldest)))
        self._inspector_tell(told)

    def inspector_tell_rest(self, exchange: int | None = None) -> None:
        """Tell the line without an end of one exchange, or of all."""
        lines = self.inspector_lines
        if not lines or self.inspector_teller.deaf:
            return
        with self.inspector_teller.lock:
            told = [(whose, lines.pop(whose, "")) for whose in (list(lines) if exchange is None else [exchange])]
        self._inspector_tell([(whose, text) for whose, text in told if text])

    def _inspector_tell(self, told: list[tuple[int, str]]) -> None:
        for exchange, text in told:
            self.inspector_teller.tell(Logged(exchange, now(), self.inspector_source, "", "", text, "", 0))

    # The stream itself.

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return type(self.inspector_stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inspector_stream, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.inspector_stream, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self.inspector_stream, name)

    def __dir__(self) -> list[str]:
        return dir(self.inspector_stream)

    def __repr__(self) -> str:
        return repr(self.inspector_stream)

    def __iter__(self) -> Any:
        return iter(self.inspector_stream)

    def __next__(self) -> Any:
        return next(self.inspector_stream)

    def __enter__(self) -> Any:
        self.inspector_stream.__enter__()
        return self

    def __exit__(self, *error: object) -> Any:
        return self.inspector_stream.__exit__(*error)


def _wrapped(original: Callable[[logging.Logger, logging.LogRecord], None], teller: Teller) -> Any:
    """`Logger.callHandlers` that tells each record.

    Its code says that it stands in logging's own file: handlers that look for the caller (loguru's recipe) walk up the
    stack until they leave that file.
    """

    def callHandlers(self: logging.Logger, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        if teller.deaf:
            return original(self, record)
        t_ns = now()
        thread = _thread
        reporting, thread.reporting = thread.reporting, False
        thread.quiet += 1
        try:
            return original(self, record)
        finally:
            thread.quiet -= 1
            thread.reporting = reporting
            _tell_record(record, t_ns, teller)

    inside = cast("FunctionType", logging.addLevelName).__code__
    callHandlers.__code__ = callHandlers.__code__.replace(co_filename=inside.co_filename)
    return callHandlers


def _tell_record(record: logging.LogRecord, t_ns: int, teller: Teller) -> None:
    try:
        told = Logged(
            teller.current(),
            t_ns,
            "logging",
            _text(record.levelname),
            _text(record.name),
            _cut(_record_text(record)),
            _text(record.pathname),
            record.lineno if type(record.lineno) is int else 0,
        )
    except Exception:  # noqa: BLE001 - a record that the app made itself may lack anything
        return
    teller.tell(told)


def _record_text(record: logging.LogRecord) -> str:
    """The message, then the exception and the stack where the record has them."""
    message = record.__dict__.get("message")
    parts = [message if type(message) is str else _format(record.msg, record.args)]
    if type(record.exc_text) is str:
        parts.append(record.exc_text)
    elif type(record.exc_info) is tuple and isinstance(record.exc_info[1], BaseException):
        parts.append(failures.text(record.exc_info[1]).rstrip("\n"))
    if type(record.stack_info) is str:
        parts.append(record.stack_info)
    return "\n".join(parts)


def _format(msg: object, args: object) -> str:
    """What `LogRecord.getMessage` would give, without running code of the app; see the module's text."""
    if type(msg) is not str:
        return f"<{type_name(msg)}>"
    shown: Any
    if type(args) is dict:
        shown = {key: _shown(value) for key, value in cast("Mapping[object, object]", args).items()}
    else:
        shown = tuple(_shown(value) for value in args) if type(args) is tuple else ()
    try:
        return msg % shown if shown else msg
    except Exception:  # noqa: BLE001 - %d of something that is shown by its type; arguments that do not fit
        return msg


def _shown(value: object) -> object:
    return value if type(value) in _PLAIN else f"<{type_name(value)}>"


def _text(value: object) -> str:
    return value[:MAX_LINE] if type(value) is str else ""


def _cut(text: str) -> str:
    return text if len(text) <= MAX_WRITE else f"{text[:MAX_WRITE]}…cut, {len(text) - MAX_WRITE:,} characters more\n"
