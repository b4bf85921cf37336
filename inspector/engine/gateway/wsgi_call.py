"""One call of a WSGI app in its worker thread, to the letter of PEP 3333.

    call -> start_response -> return -> next ... -> close        (and read, write wherever the app asks for them)

Each step is told before it has an effect. The head goes out with the first chunk that is not empty, so that until then
the app may replace it (`exc_info`), and an app that fails before is answered with a plain 500.
"""

from __future__ import annotations

import contextlib
import re
import sys
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, Union
from wsgiref.util import FileWrapper, is_hop_by_hop

from inspector.engine.gateway.failing import is_clients, left
from inspector.engine.gateway.stepped import ended, with_length
from inspector.engine.gateway.wsgi_input import Input
from inspector.engine.gateway.wsgi_stepped import Steps
from inspector.engine.gateway.wsgi_stream import WorkerStream
from inspector.engine.probe import output
from inspector.engine.probe.failures import failure
from inspector.engine.probe.tap import NOTHING, Exchange
from inspector.engine.stream import AppMistake, ClientGone, RequestHead, ResponseBody, ResponseHead
from inspector.trace import records, values
from inspector.trace.clock import now
from inspector.trace.scope import Headers, Request, wsgi_environ

ExcInfo = Union[tuple[type[BaseException], BaseException, TracebackType], tuple[None, None, None]]  # noqa: UP007

_STATUS = re.compile(r"[2-9][0-9]{2}(?: .*)?")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BODILESS = frozenset({204, 304})


class Call:
    """One exchange of the app. `run` belongs to the worker; the rest may be read once the worker is done."""

    def __init__(
        self,
        app: Any,
        request: Request,
        head: RequestHead,
        stream: WorkerStream,
        exchange: Exchange,
        errors: output.Tee,
        multithread: bool,
        steps: Steps,
    ) -> None:
        self.outcome = "done"
        self.text = ""
        """What went wrong, where `outcome` is not done."""
        self.head_given = False
        """The app's response head was handed to the stream."""
        self._app = app
        self._request = request
        self._stream = stream
        self._exchange = exchange
        self._errors = errors
        self._steps = steps
        self._own = {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": request.scheme,
            "wsgi.input": Input(stream, exchange, head.has_body, steps),
            "wsgi.errors": errors,
            "wsgi.multithread": multithread,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.file_wrapper": FileWrapper,
            "wsgi.input_terminated": True,
            "SERVER_SOFTWARE": "Inspector",
        }
        self._own |= stream.stream.security.environ if stream.stream.security else {}
        self._head: ResponseHead | None = None
        self._sent = 0
        """`seq` of the newest message of the response."""

    def run(self) -> None:
        """Call the app and send what it gives. Never raises."""
        try:
            self._run()
        except Exception as error:  # noqa: BLE001 - a fault of ours: one exchange may suffer, the worker goes on
            traceback.print_exc(file=sys.__stderr__)
            self.outcome, self.text = "broken", f"a fault of Inspector, not of the app: {error!r:.200}"
        finally:
            self._errors.inspector_tell_rest()
            output.end_of(self._exchange.id)
            self._stream.finish()

    def _run(self) -> None:
        if self._exchange.ended:  # the engine stopped before a worker was free
            return
        environ = wsgi_environ(self._request)
        environ.update(self._own)
        if self._steps.needed:
            environ = self._called(environ)
            if environ is None:
                return
        else:
            self._tell(records.CALL, "call", values.encode(self._own))
        close: Callable[[], object] | None = None
        try:
            iterable = self._app(environ, self.start_response)
            self._reach("return", records.RETURN)
            self._tell(records.RETURN, "return")
            close = getattr(iterable, "close", None)
            self._iterate(iterable)
        except _Garbage as mistake:
            self._broken(AppMistake(*mistake.args))  # the name that users know
        except BaseException as error:  # noqa: BLE001 - SystemExit of an app must not end the worker
            self._raised(error)
        if close is not None:
            self._reach("close", records.CLOSE)
            self._tell(records.CLOSE, "close")
            try:
                close()
            except BaseException as error:  # noqa: BLE001 - as above
                self._raised(error)

    # What the app calls.

    def start_response(
        self, status: object, headers: object, exc_info: ExcInfo | None = None
    ) -> Callable[[bytes], None]:
        """PEP 3333, "The start_response() Callable". Raises `AppMistake` where the app breaks its rules."""
        if self._steps.needed:
            message = {"type": "start_response", "status": status, "headers": headers, "exc_info": exc_info}
            self._step(message, now())
            return self._write
        return self._begin(status, headers, exc_info)

    def _begin(self, status: object, headers: object, exc_info: ExcInfo | None = None) -> Callable[[bytes], None]:
        code = int(status[:3]) if isinstance(status, str) and _STATUS.fullmatch(status) else 0
        data = values.encode({"status": status, "headers": headers, "exc_info": exc_info})
        self._sent = self._tell(records.SEND, "start_response", data, status=code)
        try:
            if exc_info and exc_info[1] is not None:
                if self.head_given:
                    raise exc_info[1].with_traceback(exc_info[2])
            elif self._head is not None:
                raise AppMistake("start_response() was called a second time, without exc_info")
        finally:
            exc_info = None
        if not isinstance(status, str) or not code:
            shown = f"{status[:60]!r}" if isinstance(status, str) else values.type_name(status)
            raise AppMistake(f'a status is a str of three digits from 200 and a reason, like "200 OK", not {shown}')
        reason = _latin("a status", status)[4:]
        self._head = ResponseHead(code, _headers(headers), reason)
        return self._write

    def _write(self, data: bytes) -> None:
        """PEP 3333, "The write() Callable"."""
        if self._steps.needed:
            self._step({"type": "write", "body": data}, now())
        else:
            self._send("write", data)

    # Through the gate.

    def _called(self, environ: dict[str, Any]) -> Any:
        try:
            return self._steps.called(environ, values.encode(self._own))
        except ClientGone:  # the engine stops
            return None

    def _reach(self, name: str, direction: int) -> None:
        if self._steps.needed:
            with contextlib.suppress(ClientGone):  # the engine stops
                self._steps.reached(name, direction)

    def _step(self, message: dict[str, Any], t_ns: int, iterable: Any = None) -> None:
        """Send what passes of `message`. Raises what a send of the app's raises."""
        passing, passage = self._steps.sending(message, t_ns, self._head, self)
        if len(passing) > 1 and iterable is not None:
            iterable = iter(())  # whose length is not known
        for passed in passing:
            one = passed.message
            self._exchange.mark(passed.flags, passed.original)
            if one["type"] == "start_response":
                self._begin(one["status"], one["headers"], one.get("exc_info"))
            else:
                self._send(one["type"], one.get("body", b""), iterable)
        ended(passage)

    @property
    def waits(self) -> bool:
        """As in `gate.Head`; asked while the worker waits at the gate."""
        return self._head is not None and not self.head_given

    def mend(self, length: int) -> None:
        """As in `gate.Head`."""
        assert self._head is not None
        self._head = with_length(self._head, length)

    # What the server does.

    def _iterate(self, iterable: Any) -> None:
        if isinstance(iterable, (bytes, str)) and iterable:
            raise _Garbage(f"the app returned {type(iterable).__name__} itself; return it in a list of bytes")
        try:
            chunks = iter(iterable)
        except TypeError:
            if hasattr(type(iterable), "__iter__"):
                raise
            raise _Garbage(f"the app returned {values.type_name(iterable)}, which is no iterable of bytes") from None
        try:
            for chunk in chunks:
                if self._steps.needed:
                    self._next(chunk, iterable)
                else:
                    self._send("next", chunk, iterable)
            self._end()
        except _Unsent:
            pass  # the stream's `problem` says why

    def _next(self, chunk: Any, iterable: Any) -> None:
        """A chunk by way of the gate."""
        try:
            self._step({"type": "next", "body": chunk}, now(), iterable)
        except (_Garbage, _Unsent):
            raise
        except ClientGone:
            raise _Unsent from None
        except OSError as error:
            self.outcome, self.text = "broken", str(error)
            raise _Unsent from None

    def _send(self, step: str, data: Any, iterable: Any = None) -> None:
        """Tell one chunk and send it; `iterable` is where it comes from, or None where the app calls."""
        t_ns = now()
        if not isinstance(data, bytes):
            self._tell(records.SEND, step, values.encode({"body": data}), t_ns=t_ns)
            mistake = AppMistake if iterable is None else _Garbage
            verb = "wrote" if iterable is None else "yielded"
            raise mistake(f"the app {verb} {values.type_name(data)}; a chunk is bytes")
        self._sent = self._tell(records.SEND, step, NOTHING, records.BODY, data, t_ns=t_ns)
        self._steps.sent += len(data)
        if not data:
            return
        head = self._head
        if head is None:
            raise (AppMistake if iterable is None else _Garbage)("a chunk came before start_response() was called")
        body = ResponseBody(bytes(data), True)
        try:
            if self.head_given:
                self._stream.put(self._sent, body)
            else:
                self._give(_with_length(head, len(data)) if _one_chunk(iterable) else head, body)
        except (ClientGone, AppMistake):
            if iterable is None:
                raise
            raise _Unsent from None

    def _end(self) -> None:
        """The iterable has ended."""
        head = self._head
        if head is None:
            raise _Garbage("the app ended without calling start_response()")
        end = ResponseBody(b"", False)
        try:
            if self.head_given:
                self._stream.put(self._sent, end)
            else:
                self._give(head if self._request.method == "HEAD" else _with_length(head, 0), end)
        except (ClientGone, AppMistake):
            raise _Unsent from None

    def _give(self, *events: ResponseHead | ResponseBody) -> None:
        self.head_given = True
        self._stream.put(self._sent, *events)

    # The record.

    def _tell(self, direction: int, type_: str, *more: Any, **fields: Any) -> int:
        if self._exchange.ended:  # the engine stopped, and did not wait for this app
            return 0
        return self._exchange.message(direction, type_, *more, **fields)

    def _raised(self, error: BaseException) -> None:
        if self._steps.needed:
            with contextlib.suppress(ClientGone):  # the engine stops
                self._steps.raised(error)
        clients = is_clients(error)
        if not self._exchange.ended:
            self._exchange.raised(error, expected=clients)
        if clients:
            self.outcome, self.text = "client left", left(error)
        else:
            self.outcome, self.text = "app raised", f"the app raised {type(error).__name__}"

    def _broken(self, mistake: AppMistake) -> None:
        if not self._exchange.ended and not self._exchange.misfits(mistake):
            self._exchange.recorder.write(failure(self._exchange.id, mistake))
        self.outcome, self.text = "broken", str(mistake)


class _Garbage(AppMistake):
    """What the app returned cannot be sent. Raised by us outside of the app's code."""


class _Unsent(Exception):
    """The stream takes nothing more."""


def _one_chunk(iterable: Any) -> bool:
    """The iterable has one chunk and says so; then its length is the body's."""
    try:
        return hasattr(iterable, "__len__") and len(iterable) == 1
    except Exception:  # noqa: BLE001 - __len__ is code of the app
        return False


def _with_length(head: ResponseHead, size: int) -> ResponseHead:
    """`head` with the length of a body that is known whole (PEP 3333, "Handling the Content-Length Header")."""
    if head.status in _BODILESS or any(name.lower() == b"content-length" for name, _ in head.headers):
        return head
    return ResponseHead(head.status, [*head.headers, (b"Content-Length", b"%d" % size)], head.reason)


def _latin(what: str, text: str) -> bytes:
    if found := _CONTROL.search(text):
        raise AppMistake(f"{what} has no control characters; {text[:60]!r} has {found[0]!r}")
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError as error:
        raise AppMistake(f"{what} has only characters of ISO-8859-1; {text[error.start]!r} is none") from None


def _headers(headers: object) -> Headers:
    if not isinstance(headers, list):
        raise AppMistake(f"headers are a list, not {values.type_name(headers)}")
    checked: Headers = []
    for item in headers:
        if not isinstance(item, tuple) or len(item) != 2:
            raise AppMistake("a header is a tuple of name and value")
        name, value = item
        if not isinstance(name, str) or not isinstance(value, str):
            odd = value if isinstance(name, str) else name
            raise AppMistake(f"a header's name and value are str, not {values.type_name(odd)}")
        if not _TOKEN.fullmatch(name):
            raise AppMistake(f"{name[:60]!r} is no name of a header")
        if is_hop_by_hop(name):
            raise AppMistake(f"the header {name} is the server's: it is hop-by-hop (PEP 3333, Other HTTP Features)")
        checked.append((name.encode("latin-1"), _latin(f"the header {name}", value)))
    return checked
