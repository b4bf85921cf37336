"""HTTP for ASGI apps (asgiref specs/www.rst, "HTTP").

    EXPECTING_START --http.response.start--> EXPECTING_BODY --http.response.body, more_body false--> COMPLETE

An app that raises before it has started is answered with a plain 500; one that stops in the middle has its transfer cut
so that the client sees it. The exchange says which.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

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
    gate_of,
    length_left,
    raised,
    received,
    returned,
    sent,
    with_length,
)
from inspector.engine.probe.gate import Point
from inspector.engine.probe.order import HTTP_PUSHING_SEND, HTTP_RECEIVE, HTTP_SEND, Place
from inspector.engine.probe.tap import CURRENT, Exchange
from inspector.engine.stream import (
    AppMistake,
    BodyReceived,
    ClientGone,
    Disconnected,
    Inbound,
    ResponseBody,
    ResponseHead,
    Stream,
)
from inspector.trace import records, values
from inspector.trace.clock import now
from inspector.trace.scope import Request, asgi_scope

EXPECTING_START, EXPECTING_BODY, COMPLETE = range(3)
PUSHING: dict[str, dict[str, Any]] = {"http.response.push": {}}
"""Announced where the client takes pushes (asgiref specs/extensions.rst, "HTTP/2 Server Push")."""
_PATH = "/?:@!$&'()*+,;="
"""What may stand in a path as it is; a query that an app has put behind it stays one."""
_BODY_KEYS = frozenset({"type", "body", "more_body"})


async def serve_http(
    app: Any, interface: str, stream: Stream, exchange: Exchange, request: Request, own: OwnKeys
) -> None:
    """Serve one request, and end its exchange."""
    CURRENT.set(exchange.id)
    scope = asgi_scope(request, "http")
    scope.update(own.fresh())
    board = exchange.recorder.board
    if board.armed:
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
        if board.armed:
            await raised(gate_of(exchange, stream, request), error)
        if is_clients(error):
            exchange.raised(error, expected=True)
            exchange.end("client left", left(error))
        else:
            exchange.raised(error)
            cycle.fail(f"the app raised {type(error).__name__}", "app raised")
    else:
        if board.armed:
            await returned(gate_of(exchange, stream, request))
        exchange.message(records.RETURN, "return")
        if cycle.state == COMPLETE:
            exchange.end()
        elif cycle.client_left:
            exchange.end("client left", "the client left before the response was complete")
        else:
            what = "without a response" if cycle.state == EXPECTING_START else "before its response was complete"
            cycle.fail(f"the app returned {what}", "broken")


class _Cycle:
    """One request and its response: where they stand, and the app's `receive` and `send`."""

    _head: ResponseHead | None = None
    _sent = 0
    _body_over = False
    """The app has the whole of the request's body."""

    def __init__(self, stream: Stream, exchange: Exchange, request: Request) -> None:
        self.state = EXPECTING_START
        self.client_left = False
        self._stream = stream
        self._exchange = exchange
        self._request = request
        self._board = exchange.recorder.board
        self._put = 0
        self._sends = HTTP_PUSHING_SEND if stream.pushes else HTTP_SEND
        stream.head_went_alone = self._head_went_alone

    async def receive(self) -> Message:
        exchange = self._exchange
        asked_ns = now()
        if exchange.gate is not None and exchange.gate.pending:
            return await self._receive_stepped(asked_ns, None)
        event = await taken(self._stream, exchange, asked_ns)
        if self._board.armed:
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
        if self._board.armed:
            await self._send_stepped(message, called_ns)
        elif (type_ := type_of(message)) == "http.response.body":
            self._send_body(message, called_ns)
        else:
            self._send_start(type_, message, called_ns)
        if self._stream.full or self._exchange.recorder.congested:
            await drained(self._stream, self._exchange, called_ns)

    async def _send_stepped(self, message: Message, called_ns: int) -> None:
        def point() -> Point:
            left = length_left(self._head, self._sent) if self.state == EXPECTING_BODY else None
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
            self._send_start(type_, message, called_ns)

    def _send_start(self, type_: str, message: Message, called_ns: int) -> None:
        status = message.get("status")
        seq = self._exchange.message(
            records.SEND,
            type_,
            encode_rest(message),
            t_ns=called_ns,
            status=status if type(status) is int and type_ == "http.response.start" else 0,
        )
        if type_ == "http.response.push" and type_ in self._sends[self.state]:
            self._push(message)
            return
        if self.state != EXPECTING_START or type_ != "http.response.start":
            raise expected(type_, (["http.response.start"], ["http.response.body"], [])[self.state])
        self._head = ResponseHead(status_of(message), headers_of(message))
        self._hand_on(seq, self._head)
        self.state = EXPECTING_BODY

    def _push(self, message: Message) -> None:
        path = message.get("path")
        if not isinstance(path, str):
            raise AppMistake(f'"path" is a str, not {values.type_name(path)}')
        if self._stream.pushes:  # the client may have said meanwhile that it wants none
            self._stream.push(quote(path, _PATH).encode("ascii"), headers_of(message))

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
        if self.state != EXPECTING_BODY:
            raise expected("http.response.body", ["http.response.start"] if self.state == EXPECTING_START else [])
        event = ResponseBody(stored if told else bytes_of(body, "a body"), bool(more))
        self._hand_on(seq, event)
        self._sent += len(event.data)
        if not event.more:
            self.state = COMPLETE

    def _hand_on(self, seq: int, event: ResponseHead | ResponseBody) -> None:
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
        if self.state == COMPLETE:
            self._exchange.end(outcome, text)
            return
        status, text = answer_for(self._stream, text)
        self._exchange.wired(self._put, self._stream.wired_ns)
        self._exchange.end(outcome, text, status)
