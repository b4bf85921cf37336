"""HTTP for ASGI apps (asgiref specs/www.rst, "HTTP").

    START --http.response.start--> BODY --http.response.body, more_body false--> COMPLETE

where `trailers` is true, TRAILERS --http.response.trailers--> stands between the last two (`probe.order`).

An app that raises before it has started is answered with a plain 500; one that stops in the middle has its transfer cut
so that the client sees it. The exchange says which.
"""

from __future__ import annotations

import asyncio
from typing import Any

from inspector.engine.gateway.asgi_extensions import OpenFile, hint_of, push, trailers_of
from inspector.engine.gateway.asgi_messages import (
    LAST,
    MORE,
    NOTHING,
    Message,
    OwnKeys,
    bytes_of,
    call_app,
    drained,
    encode_rest,
    expected,
    headers_of,
    is_bytes,
    status_of,
    taken,
    type_of,
)
from inspector.engine.gateway.failing import answer_for, is_clients, left
from inspector.engine.gateway.stepped import (
    called,
    concerned,
    gate_of,
    length_left,
    raised,
    received,
    returned,
    sent,
    with_length,
)
from inspector.engine.probe.gate import Point
from inspector.engine.probe.order import (
    BODIES,
    COMPLETE,
    HTTP_RECEIVE,
    MORE_BODY,
    START,
    TRAILERS,
    WANTED,
    Place,
    following,
    http_send,
)
from inspector.engine.probe.tap import CURRENT, Exchange
from inspector.engine.stream import (
    AppMistake,
    BodyReceived,
    ClientGone,
    Disconnected,
    Inbound,
    Outbound,
    ResponseBody,
    ResponseHead,
    ResponseTrailers,
    Stream,
)
from inspector.trace import records
from inspector.trace.clock import now
from inspector.trace.scope import Request, asgi_scope

_EXTENDED = frozenset(("http.response.early_hint", "http.response.push", "http.response.trailers"))
_BODY_KEYS = frozenset({"type", "body", "more_body"})


async def serve_http(
    app: Any, interface: str, stream: Stream, exchange: Exchange, request: Request, own: OwnKeys
) -> None:
    """Serve one request, and end its exchange."""
    CURRENT.set(exchange.id)
    scope = asgi_scope(request, "http")
    scope.update(own.fresh())
    board = exchange.recorder.board
    if board.armed and concerned(exchange, stream, request):
        scope = await called(gate_of(exchange, stream, request), scope, own.encoded)
        if scope is None:
            return
    else:
        exchange.message(records.CALL, "call", own.encoded)
    cycle = _Cycle(stream, exchange, request)
    try:
        await call_app(app, interface, scope, cycle.receive, cycle.send)
    except BaseException as error:  # noqa: BLE001 - SystemExit of an app must not end the engine
        if isinstance(error, asyncio.CancelledError) and stream.stopping:
            stream.abort("the engine stops")
            exchange.end("stopped", "the engine stopped while the app was at work")
            return
        if board.armed and concerned(exchange, stream, request):
            await raised(gate_of(exchange, stream, request), error)
        if is_clients(error):
            exchange.raised(error, expected=True)
            exchange.end("client left", left(error))
        else:
            exchange.raised(error)
            cycle.fail(f"the app raised {type(error).__name__}", "app raised")
    else:
        if board.armed and concerned(exchange, stream, request):
            await returned(gate_of(exchange, stream, request))
        exchange.message(records.RETURN, "return")
        if cycle.state == COMPLETE:
            exchange.end()
        elif cycle.client_left:
            exchange.end("client left", "the client left before the response was complete")
        else:
            what = "without a response" if cycle.state == START else "before its response was complete"
            cycle.fail(f"the app returned {what}", "broken")


class _Cycle:
    """One request and its response: where they stand, and the app's `receive` and `send`."""

    _head: ResponseHead | None = None
    _sent = 0
    _body_over = False
    """The app has the whole of the request's body."""

    def __init__(self, stream: Stream, exchange: Exchange, request: Request) -> None:
        self.state = START
        self.client_left = False
        self._stream = stream
        self._exchange = exchange
        self._request = request
        self._board = exchange.recorder.board
        self._put = 0
        self._sends = http_send(stream.extensions)
        self._file: OpenFile | None = None
        """To be sent before the app's `send` returns."""
        self._trailers = ResponseTrailers([])
        stream.head_went_alone = self._head_went_alone

    async def receive(self) -> Message:
        exchange, asked_ns = self._exchange, now()
        if exchange.gate is not None and exchange.gate.pending:
            return await self._receive_stepped(asked_ns, None)
        event = await taken(self._stream, exchange, asked_ns)
        if self._board.armed and concerned(self._exchange, self._stream, self._request):
            return await self._receive_stepped(asked_ns, event)
        if isinstance(event, BodyReceived):
            self._body_over = not event.more
            exchange.message(
                records.RECEIVE,
                "http.request",
                MORE if event.more else LAST,
                records.BODY,
                event.data,
                asked_ns=asked_ns,
                wire_ns=event.t_ns,
                more_body=event.more,
            )
            return {"type": "http.request", "body": event.data, "more_body": event.more}
        assert isinstance(event, Disconnected)
        self.client_left = self.state != COMPLETE
        exchange.message(records.RECEIVE, "http.disconnect", NOTHING, asked_ns=asked_ns, wire_ns=event.t_ns)
        return {"type": "http.disconnect"}

    async def _receive_stepped(self, asked_ns: int, event: Inbound | None) -> Message:
        async def take() -> tuple[Message, int]:
            nonlocal event
            come, event = event or await taken(self._stream, self._exchange, asked_ns), None
            if isinstance(come, BodyReceived):
                return {"type": "http.request", "body": come.data, "more_body": come.more}, come.t_ns
            assert isinstance(come, Disconnected)
            return {"type": "http.disconnect"}, come.t_ns

        def place(_message: Message) -> Place:
            return Place(HTTP_RECEIVE, int(self._body_over))

        gate = gate_of(self._exchange, self._stream, self._request)
        message = await received(gate, take, place, {"type": "http.disconnect"}, asked_ns)
        if message["type"] == "http.disconnect":
            self.client_left = self.state != COMPLETE and self._stream.client_left  # else the user made it up
        else:
            self._body_over = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        called_ns = now()
        if self._board.armed and concerned(self._exchange, self._stream, self._request):
            try:
                await self._send_stepped(message, called_ns)
            except BaseException:
                self._drop_file()
                raise
        elif (type_ := type_of(message)) == "http.response.body":
            self._send_body(message, called_ns)
        else:
            self._send_other(type_, message, called_ns)
        if self._file is not None:
            await self._send_file(self._file)
        if self._stream.full or self._exchange.recorder.congested:
            await drained(self._stream, self._exchange, called_ns)

    async def _send_stepped(self, message: Message, called_ns: int) -> None:
        def point() -> Point:
            left = length_left(self._head, self._sent) if self.state in BODIES else None
            status = self._head.status if self._head else None
            place = Place(self._sends, self.state)
            head = None if left is None else self
            return Point("send", records.SEND, message, called_ns, place, left, status, self._sent, head=head)

        def send(passed: Message) -> None:
            self._send(passed, called_ns)

        gate = gate_of(self._exchange, self._stream, self._request)
        await sent(gate, message, point, send, lambda: Place(self._sends, self.state).allowed)

    @property
    def waits(self) -> bool:
        """As in `gate.Head`."""
        return self._head is not None and self._stream.head_waits

    def mend(self, length: int) -> None:
        """As in `gate.Head`."""
        assert self._head is not None
        head = with_length(self._head, length)
        self._stream.replace_head(head)
        self._head = head

    def _send(self, message: Message, called_ns: int) -> None:
        type_ = type_of(message)
        if type_ == "http.response.body":
            self._send_body(message, called_ns)
        else:
            self._send_other(type_, message, called_ns)

    def _send_other(self, type_: str, message: Message, called_ns: int) -> None:
        if type_ == "http.response.pathsend":
            self._send_path(message, called_ns)
            return
        status = message.get("status")
        seq = self._exchange.message(
            records.SEND,
            type_,
            encode_rest(message),
            t_ns=called_ns,
            status=status if type(status) is int and type_ == "http.response.start" else 0,
        )
        next_ = following(self._sends, self.state, message)
        if next_ is None:
            raise expected(type_, WANTED[self.state])
        if type_ in _EXTENDED:
            self._extend(type_, message, seq)
        else:
            self._head = ResponseHead(status_of(message), headers_of(message))
            self._hand_on(seq, self._head)
        self.state = next_

    def _extend(self, type_: str, message: Message, seq: int) -> None:
        """A message of an extension (`asgi_extensions`)."""
        if type_ == "http.response.push":
            push(self._stream, message)
        elif type_ == "http.response.early_hint":
            self._hand_on(seq, hint_of(message))
        else:
            self._trailers = trailers_of(message, self._trailers)
            if not message.get("more_trailers"):
                self._hand_on(seq, self._trailers)

    def _send_path(self, message: Message, called_ns: int) -> None:
        """The file's bytes are not recorded: their number is."""
        next_ = following(self._sends, self.state, message)
        file: OpenFile | None = None
        mistake = expected("http.response.pathsend", WANTED[self.state])
        if next_ is not None:
            try:
                file = OpenFile(message, length_left(self._head, 0))
            except AppMistake as error:
                mistake = error
        data, size = encode_rest(message), file.size if file else 0
        self._put = self._exchange.message(records.SEND, "http.response.pathsend", data, t_ns=called_ns, size=size)
        if file is None or next_ is None:
            raise mistake
        self._file, self.state = file, next_
        self._sent += size

    def _drop_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file, self.state = None, MORE_BODY

    async def _send_file(self, file: OpenFile) -> None:
        """Send the file of a pathsend that was told already; the response may be complete then."""
        self._file = None
        try:
            await self._stream.send_file(file.fd, file.size, self._put, self.state == TRAILERS)
        except ClientGone:
            self.client_left = True
            raise
        except BaseException:
            self.state = MORE_BODY  # whatever follows, the response is not complete
            raise
        finally:
            file.close()
        self._exchange.wired(self._put, self._stream.wired_ns)

    def _send_body(self, message: Message, called_ns: int) -> None:
        body, more = message.get("body", b""), message.get("more_body", False)
        told = is_bytes(body)
        if told and type(more) is bool and len(message) <= 3 and _BODY_KEYS.issuperset(message):
            data = (MORE if more else LAST) if "more_body" in message else NOTHING
        else:
            data = encode_rest(message, "body") if told else encode_rest(message)
        stored = b"".join((body,)) if told else b""
        key = records.BODY if "body" in message else records.NO_BODY
        seq = self._exchange.message(
            records.SEND, "http.response.body", data, key, stored, t_ns=called_ns, more_body=more is True
        )
        next_ = following(self._sends, self.state, message)
        if next_ is None:
            raise expected("http.response.body", WANTED[self.state])
        event = ResponseBody(stored if told else bytes_of(body, "a body"), bool(more) or next_ == TRAILERS)
        self._hand_on(seq, event)
        self._sent += len(event.data)
        self.state = next_

    def _hand_on(self, seq: int, event: Outbound) -> None:
        self._put = seq
        try:
            self._stream.put(event, seq)
        except ClientGone:
            self.client_left = True
            raise
        self._exchange.wired(seq, self._stream.wired_ns)

    def _head_went_alone(self) -> None:
        self._exchange.wired_alone(self._put, self._stream.wired_ns)

    def fail(self, text: str, outcome: str) -> None:
        """End the exchange, and a response that the app did not end."""
        state, self.state = self.state, COMPLETE  # what is sent from here on is not for the next request
        if state == COMPLETE:
            self._exchange.end(outcome, text)
            return
        status, text = answer_for(self._stream, text)
        self._exchange.wired(self._put, self._stream.wired_ns)
        self._exchange.end(outcome, text, status)
