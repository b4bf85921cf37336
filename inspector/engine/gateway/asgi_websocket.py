"""WebSockets for ASGI apps (asgiref specs/www.rst, "WebSocket").

    HANDSHAKE --accept--> OPEN --close--> CLOSED
        |--close (403)--> CLOSED
        '--http.response.start--> DENYING --http.response.body, more_body false--> CLOSED

Denying with a response of the app's own is the extension `websocket.http.response`.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from inspector.engine.gateway.asgi_messages import (
    NOTHING,
    Message,
    OwnKeys,
    bytes_of,
    call_app,
    drained,
    encode_rest,
    expected,
    headers_of,
    status_of,
    taken,
    type_of,
)
from inspector.engine.gateway.failing import answer_for, is_clients, left
from inspector.engine.gateway.stepped import called, gate_of, raised, received, returned, sent
from inspector.engine.probe.gate import Point
from inspector.engine.probe.order import WEBSOCKET_RECEIVE, WEBSOCKET_SEND, Place
from inspector.engine.probe.tap import CURRENT, Exchange
from inspector.engine.stream import (
    AppMistake,
    ClientGone,
    Disconnected,
    FrameReceived,
    FrameSent,
    Inbound,
    ResponseBody,
    ResponseHead,
    Stream,
    WebSocketAccept,
    WebSocketClose,
)
from inspector.trace import records, values
from inspector.trace.clock import now
from inspector.trace.scope import Request, asgi_scope

HANDSHAKE, DENYING, OPEN, CLOSED = range(4)
EXTENSIONS: dict[str, dict[str, Any]] = {"websocket.http.response": {}}
_ALLOWED = {
    HANDSHAKE: ("websocket.accept", "websocket.close", "websocket.http.response.start"),
    DENYING: ("websocket.http.response.body",),
    OPEN: ("websocket.send", "websocket.close"),
    CLOSED: (),
}


async def serve_websocket(
    app: Any, interface: str, stream: Stream, exchange: Exchange, request: Request, own: OwnKeys
) -> None:
    """Serve one WebSocket from its handshake, and end its exchange."""
    CURRENT.set(exchange.id)
    scope = asgi_scope(request, "websocket")
    scope.update(own.fresh())
    board = exchange.recorder.board
    if board.armed:
        scope = await called(gate_of(exchange, stream, request), scope, own.encoded)
        if scope is None:
            return
    else:
        exchange.message(records.CALL, "call", own.encoded)
    session = _Session(stream, exchange, request)
    try:
        await call_app(app, interface, scope, session.receive, session.send)
    except BaseException as error:  # noqa: BLE001 - SystemExit of an app must not end the engine
        if isinstance(error, asyncio.CancelledError) and stream.stopping:
            session.give_up(1012, "the engine stops")
            exchange.end("stopped", "the engine stopped while the app was at work")
            return
        if board.armed:
            await raised(gate_of(exchange, stream, request), error)
        if is_clients(error):
            exchange.raised(error, expected=True)
            exchange.end("client left", left(error))
        else:
            exchange.raised(error)
            status = session.give_up(1011, "")
            exchange.end("app raised", _told(f"the app raised {type(error).__name__}", status), status)
    else:
        if board.armed:
            await returned(gate_of(exchange, stream, request))
        exchange.message(records.RETURN, "return")
        if session.state == CLOSED or session.client_left:
            exchange.end()
        else:
            was_open = session.state == OPEN
            status = session.give_up(1000 if was_open else 1011, "")
            text = (
                "the app returned without closing the WebSocket" if was_open else "the app returned without an answer"
            )
            exchange.end("done" if was_open else "broken", _told(text, status), status)


class _Session:
    """Where the WebSocket stands, and the app's `receive` and `send`."""

    def __init__(self, stream: Stream, exchange: Exchange, request: Request) -> None:
        self.state = HANDSHAKE
        self._request = request
        self._board = exchange.recorder.board
        self.client_left = False
        self._connected = False
        self._stream = stream
        self._exchange = exchange

    async def receive(self) -> Message:
        asked_ns = now()
        exchange = self._exchange
        if exchange.gate is not None and exchange.gate.pending:
            return await self._receive_stepped(asked_ns, None)
        if not self._connected:
            if self._board.armed:
                return await self._receive_stepped(asked_ns, None)
            self._connected = True
            exchange.message(records.RECEIVE, "websocket.connect", asked_ns=asked_ns, wire_ns=self._stream.head.head_ns)
            return {"type": "websocket.connect"}
        event = await taken(self._stream, exchange, asked_ns)
        if self._board.armed:
            return await self._receive_stepped(asked_ns, event)
        if isinstance(event, FrameReceived):
            return self._received(event, asked_ns)
        assert isinstance(event, Disconnected)
        self.client_left = True
        message = {"type": "websocket.disconnect", "code": event.code, "reason": event.reason}
        exchange.message(
            records.RECEIVE,
            "websocket.disconnect",
            encode_rest(message),
            asked_ns=asked_ns,
            wire_ns=event.t_ns,
            status=event.code,
        )
        return message

    async def _receive_stepped(self, asked_ns: int, event: Inbound | None) -> Message:
        async def take() -> tuple[Message, int]:
            nonlocal event
            if not self._connected:
                self._connected = True
                return {"type": "websocket.connect"}, self._stream.head.head_ns
            come, event = event or await taken(self._stream, self._exchange, asked_ns), None
            if isinstance(come, FrameReceived):
                key = "text" if isinstance(come.data, str) else "bytes"
                return {"type": "websocket.receive", key: come.data}, come.t_ns
            assert isinstance(come, Disconnected)
            return {"type": "websocket.disconnect", "code": come.code, "reason": come.reason}, come.t_ns

        def place(message: Message) -> Place:
            state = 0 if message["type"] == "websocket.connect" else 2 if self.client_left else 1
            return Place(WEBSOCKET_RECEIVE, state)

        gate = gate_of(self._exchange, self._stream, self._request)
        gone = {"type": "websocket.disconnect", "code": 1006, "reason": ""}
        message = await received(gate, take, place, gone, asked_ns)
        gone_away = message["type"] == "websocket.disconnect" and self._stream.client_left  # else the user made it up
        self.client_left = self.client_left or gone_away
        return message

    def _received(self, event: FrameReceived, asked_ns: int) -> Message:
        text = isinstance(event.data, str)
        self._exchange.message(
            records.RECEIVE,
            "websocket.receive",
            NOTHING,
            records.TEXT if text else records.BYTES,
            event.data.encode("utf-8") if isinstance(event.data, str) else event.data,
            asked_ns=asked_ns,
            wire_ns=event.t_ns,
        )
        return {"type": "websocket.receive", "text" if text else "bytes": event.data}

    async def send(self, message: Message) -> None:
        called_ns = now()
        if self._board.armed:
            await self._send_stepped(message, called_ns)
        else:
            self._send(message, called_ns)
        if self._stream.full or self._exchange.recorder.congested:
            await drained(self._stream, self._exchange, called_ns)

    async def _send_stepped(self, message: Message, called_ns: int) -> None:
        def point() -> Point:
            return Point("send", records.SEND, message, called_ns, Place(WEBSOCKET_SEND, self.state))

        def send(passed: Message) -> None:
            self._send(passed, called_ns)

        gate = gate_of(self._exchange, self._stream, self._request)
        await sent(gate, message, point, send, lambda: Place(WEBSOCKET_SEND, self.state).allowed)

    def _send(self, message: Message, called_ns: int) -> None:
        type_ = type_of(message)
        seq = self._tell(type_, message, called_ns)
        if type_ not in _ALLOWED[self.state]:
            if self.state == CLOSED and self.client_left:
                raise ClientGone("the client has left")
            raise expected(type_, _ALLOWED[self.state])
        try:
            self._put(type_, message, seq)
        except ClientGone:
            self.client_left = True
            raise
        self._exchange.wired(seq, self._stream.wired_ns)

    def _tell(self, type_: str, message: Message, called_ns: int) -> int:
        text, data = message.get("text"), message.get("bytes")
        status = message.get("status", message.get("code"))
        told = self._exchange.message
        number = status if type(status) is int else 0
        if type_ == "websocket.send" and type(text) is str:
            body = text.encode("utf-8", "surrogatepass")
            return told(records.SEND, type_, encode_rest(message, "text"), records.TEXT, body, t_ns=called_ns)
        if type_ == "websocket.send" and type(data) is bytes:
            return told(records.SEND, type_, encode_rest(message, "bytes"), records.BYTES, data, t_ns=called_ns)
        if type_ == "websocket.http.response.body" and type(body := message.get("body", b"")) is bytes:
            rest = encode_rest(message, "body")
            more = bool(message.get("more_body", False))
            return told(records.SEND, type_, rest, records.BODY, body, t_ns=called_ns, more_body=more)
        if type_ == "websocket.close":
            number = number or 1000
        return told(records.SEND, type_, encode_rest(message), t_ns=called_ns, status=number)

    def _put(self, type_: str, message: Message, seq: int) -> None:
        put = partial(self._stream.put, seq=seq)
        if type_ == "websocket.send":
            put(FrameSent(_frame_of(message)))
        elif type_ == "websocket.accept":
            put(WebSocketAccept(_subprotocol_of(message), headers_of(message)))
            self.state = OPEN
        elif type_ == "websocket.close" and self.state == OPEN:
            put(_close_of(message))
            self.state = CLOSED
        elif type_ == "websocket.close":
            _deny(put)
            self.state = CLOSED
        elif type_ == "websocket.http.response.start":
            put(ResponseHead(status_of(message), headers_of(message)))
            self.state = DENYING
        else:
            more = bool(message.get("more_body", False))
            put(ResponseBody(bytes_of(message.get("body", b""), "a body"), more))
            self.state = DENYING if more else CLOSED

    def give_up(self, code: int, reason: str) -> int:
        """End what the app did not end. Returns the status where an answer of our own went out."""
        state, self.state = self.state, CLOSED
        try:
            if state == OPEN:
                self._stream.put(WebSocketClose(code, reason))
            elif state == HANDSHAKE:
                _deny(self._stream.put, 500)
                return 500
            elif state == DENYING:
                return answer_for(self._stream, "the denial was not complete")[0]
        except (ClientGone, AppMistake):
            pass  # nobody is there to be told
        return 0


def _told(text: str, status: int) -> str:
    """`text` with the status of an answer of our own, as `failing.answer_for` has it."""
    return f"{text}; answered with {status}" if status else text


def _deny(put: Any, status: int = 403) -> None:
    put(ResponseHead(status, [(b"content-length", b"0")]))
    put(ResponseBody(b"", False))


def _frame_of(message: Message) -> str | bytes:
    text, data = message.get("text"), message.get("bytes")
    if (text is None) == (data is None):
        raise AppMistake('websocket.send has either "text" or "bytes"')
    if text is None:
        return bytes_of(data, '"bytes"')
    if not isinstance(text, str):
        raise AppMistake(f'"text" is a str, not {values.type_name(text)}')
    return text


def _subprotocol_of(message: Message) -> str | None:
    subprotocol = message.get("subprotocol")
    if subprotocol is not None and not isinstance(subprotocol, str):
        raise AppMistake(f'"subprotocol" is a str, not {values.type_name(subprotocol)}')
    return subprotocol


def _close_of(message: Message) -> WebSocketClose:
    code, reason = message.get("code", 1000), message.get("reason") or ""
    if not isinstance(code, int) or not (1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999):
        raise AppMistake('"code" is a close code of RFC 6455, 7.4')
    if not isinstance(reason, str) or len(reason.encode("utf-8", "replace")) > 123:
        raise AppMistake('"reason" is a str of at most 123 bytes')
    return WebSocketClose(code, reason)
