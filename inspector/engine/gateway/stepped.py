"""How the gateways let messages through the gate (`probe.gate`), where the board is armed: one way for all interfaces.

What passes is told and handed on by the gateway itself, marked with what was done to it; what was dropped is told here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from inspector.engine.gateway.asgi_messages import Message, type_of
from inspector.engine.probe.facts import Facts
from inspector.engine.probe.failures import message as message_text
from inspector.engine.probe.gate import Gate, Passage, Passed, Point
from inspector.engine.probe.order import Place
from inspector.engine.probe.shapes import apart
from inspector.engine.probe.tap import Exchange
from inspector.engine.stream import AppMistake, ClientGone, ResponseHead, Stream
from inspector.trace import records, values
from inspector.trace.clock import now
from inspector.trace.scope import Request


def gate_of(
    exchange: Exchange, stream: Stream | None, request: Request | None, lend: Callable[[int], None] | None = None
) -> Gate:
    """The exchange's gate, made at its first use."""
    if exchange.gate is None:
        exchange.gate = Gate(exchange.recorder.board, exchange, stream, Facts(exchange, request), lend)
    return exchange.gate


def concerned(exchange: Exchange, stream: Stream, request: Request) -> bool:
    """The board is armed, but is it for this exchange? Where it cannot be held its messages need not go round."""
    return gate_of(exchange, stream, request).concerned


def call_of(exchange: Exchange, passage: Passage, name: str, own: bytes, t_ns: int) -> Any:
    """Tell the call that passed, and give its scope or environ; None where it was aborted.

    `own`: what it has beside its request, encoded; an edited one is told whole.
    """
    (passed,) = passage.messages
    whole = passed.message[name]
    exchange.mark(passed.flags, passed.original)
    exchange.message(records.CALL, "call", values.encode(whole) if passed.original else own, t_ns=t_ns)
    return None if passage.by == "abort" else whole


async def called(gate: Gate, scope: dict[str, Any], own: bytes) -> Any:
    """An ASGI app is about to be called. As `call_of`."""
    t_ns = now()
    passage = await gate.passes(Point("call", records.CALL, {"type": "call", "scope": scope}, t_ns))
    whole = call_of(gate.exchange, passage, "scope", own, t_ns)
    if whole is None:
        gate.exchange.end()
    return whole


async def returned(gate: Gate) -> None:
    """The app has returned."""
    await gate.passes(Point("return", records.RETURN, {"type": "return"}, now()))


async def raised(gate: Gate, error: BaseException) -> None:
    """The app has raised `error`."""
    await gate.passes(raise_point(error))


def raise_point(error: BaseException) -> Point:
    told = {"type": values.type_name(error), "message": message_text(error)}
    return Point("raise", records.RAISE, {"type": "raise", "exception": told}, now())


Take = Callable[[], Awaitable[tuple[Message, int]]]
"""The client's next message, and when its first byte came."""


async def received(
    gate: Gate, take: Take, place: Callable[[Message], Place], gone: Message | None, asked_ns: int
) -> Message:
    """What the app's `receive` gives. `gone` is the disconnect of this interface."""
    while True:
        kept = gate.next_pending()
        wire_ns = 0
        if kept is None:
            message, wire_ns = await take()
            kept, again = Passed(message), False
        else:
            again = True
        point = Point(
            "receive",
            records.RECEIVE,
            kept.message,
            now(),
            place(kept.message),
            flags=kept.flags,
            original=kept.original,
        )
        passing = sifted(gate, await gate.passes(point, again=again), point)
        if passing is None:
            passing = [Passed(gone, records.INJECTED)] if gone is not None else []
        if passing:
            gate.keep(passing[1:], first=True)
            deliver(gate.exchange, passing[0], asked_ns, wire_ns)
            return passing[0].message


def sifted(gate: Gate, passage: Passage, point: Point) -> list[Passed] | None:
    """The messages of a passage that go on; what was dropped is told. None: a disconnect is to go in their place."""
    passing = []
    for passed in passage.messages:
        if passed.flags & records.DROPPED:
            gate.tell(passed, point)
        else:
            passing.append(passed)
    return None if passage.by == "disconnect" else passing


def deliver(exchange: Exchange, passed: Passed, asked_ns: int, wire_ns: int) -> None:
    """Tell what the app gets."""
    data, key, body, status, more = apart(passed.message)
    exchange.mark(passed.flags, passed.original)
    type_ = passed.message["type"]
    exchange.message(
        records.RECEIVE, type_, data, key, body, asked_ns=asked_ns, wire_ns=wire_ns, status=status, more_body=more
    )


async def sent(
    gate: Gate,
    message: Message,
    point: Callable[[], Point],
    send: Callable[[Message], None],
    allowed: Callable[[], list[str]],
) -> None:
    """The app sends `message`: `send` what passes.

    Raises what `send` does; a transfer that the user's change has broken is cut, and for the app the client has gone.
    """
    type_of(message)
    at = point()
    passage = await gate.passes(at)
    for passed in sifted(gate, passage, at) or ():
        gate.exchange.mark(passed.flags, passed.original)
        may = passed.message["type"] in allowed()
        try:
            send(passed.message)
        except AppMistake as error:
            if not may or not gate.touched or gate.stream is None:
                raise
            gate.exchange.overrule("broken", f"your change broke the transfer: {error}; the connection was closed")
            gate.stream.abort("a change of the user's")
            raise ClientGone("the transfer was cut") from None
    ended(passage)


def ended(passage: Passage) -> None:
    """What the app sees where the user let its call fail."""
    if passage.by == "abort":
        raise ClientGone("the client has left")
    if passage.by == "fail":
        raise OSError("this send was made to fail in Inspector")


def with_length(head: ResponseHead, length: int) -> ResponseHead:
    """`head` with another Content-Length in place of the one that it has."""
    headers = [(name, b"%d" % length if name.lower() == b"content-length" else value) for name, value in head.headers]
    return ResponseHead(head.status, headers, head.reason)


def length_left(head: ResponseHead | None, sent_bytes: int) -> int | None:
    """Bytes that the Content-Length of `head` still asks for; None where it has none."""
    for name, value in head.headers if head else ():
        if name.lower() == b"content-length" and value.strip().isdigit():
            return int(value) - sent_bytes
    return None
