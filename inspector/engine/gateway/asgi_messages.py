"""Calling an ASGI app, and what http, websocket and lifespan have in common (asgiref specs/main.rst, specs/www.rst).

What the app sends is told to the tap, then checked, then handed on; what comes from the client is told to the tap,
then handed to the app. So a message is on record before it has any effect.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from inspector.engine.probe.tap import Exchange
from inspector.engine.stream import AppMistake, Inbound, Security, Stream
from inspector.trace import records, values
from inspector.trace.scope import Headers

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

ASGI = {"version": "3.0", "spec_version": "2.5"}
"""Of http and websocket: `send` raises OSError for a client that is gone (2.4); a disconnect has a reason (2.5)."""

_CONSTANTS = {
    key: values.encode(data)
    for key, data in {
        "": {},
        "more": {"more_body": True},
        "last": {"more_body": False},
    }.items()
}
_SECURED = 100
"""Kinds of TLS connections (version, cipher, host) of which the keys are kept."""
NOTHING, MORE, LAST = _CONSTANTS[""], _CONSTANTS["more"], _CONSTANTS["last"]


class OwnKeys:
    """What a scope has beside its request: `asgi`, `extensions`, and the lifespan's `state` if it has any.

    The same for every request of a run, so it is encoded for the record once.
    """

    def __init__(
        self, extensions: Iterable[str], state: dict[str, Any] | None, security: Security | None = None
    ) -> None:
        self._extensions = tuple(extensions)
        self._state = state
        self._security = security
        self._secured: dict[Security, OwnKeys] = {}
        self.encoded = values.encode(self.fresh())

    def over(self, security: Security | None) -> OwnKeys:
        """The same for a connection with that TLS."""
        if security is None:
            return self
        if security not in self._secured:
            if len(self._secured) > _SECURED:
                self._secured.clear()
            self._secured[security] = OwnKeys(self._extensions, self._state, security)
        return self._secured[security]

    def fresh(self) -> dict[str, Any]:
        """Keys for one scope, which are the app's to change; its `state` is a shallow copy (spec, "Lifespan State")."""
        own: dict[str, Any] = {"asgi": dict(ASGI), "extensions": {name: {} for name in self._extensions}}
        if self._security:
            own["extensions"]["tls"] = self._security.extension
        if self._state is not None:
            own["state"] = self._state.copy()
        return own


async def call_app(app: Any, interface: str, scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One call of the app, by the rules of its version."""
    if interface == "asgi2":
        await app(scope)(receive, send)
    else:
        await app(scope, receive, send)


def type_of(message: object) -> str:
    """The type of a message that the app sends. Raises `AppMistake` where it is no message."""
    if not isinstance(message, dict):
        raise AppMistake(f"send() takes a dict, not {values.type_name(message)}")
    type_ = message.get("type")
    if not isinstance(type_, str):
        raise AppMistake('a message has a "type" that is a str')
    return type_


def encode_rest(message: Message, *keys: str) -> bytes:
    """The message without its type and the keys named, for the record."""
    return values.encode({key: value for key, value in message.items() if key != "type" and key not in keys})


def headers_of(message: Message) -> Headers:
    """The headers of a message as pairs of bytes. Raises `AppMistake` where they are none."""
    try:
        headers = [
            (bytes_of(name, "a header's name"), bytes_of(value, "a header's value"))
            for name, value in message.get("headers") or ()
        ]
    except (TypeError, ValueError) as error:
        raise AppMistake(f"headers are an iterable of pairs of bytes: {error}") from None
    if any(name.startswith(b":") for name, _ in headers):
        raise AppMistake("a header's name does not start with a colon")
    return headers


def is_bytes(value: object) -> bool:
    """`value` is made of bytes; asked of its type, because isinstance() may run code of the app (`__class__`)."""
    return issubclass(type(value), (bytes, bytearray, memoryview))


def bytes_of(value: object, what: str) -> bytes:
    """`value` as bytes. Raises `AppMistake` where it is not made of bytes; text is not."""
    if type(value) is bytes:
        return value
    if is_bytes(value):
        return b"".join((value,))  # type: ignore[arg-type]
    raise AppMistake(f"{what} is bytes, not {values.type_name(value)}")


def status_of(message: Message) -> int:
    """The status of a response. Raises `AppMistake` where it is none (RFC 9110, 15)."""
    status = message.get("status")
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 999:
        shown = status if isinstance(status, (int, str)) else values.type_name(status)
        raise AppMistake(f'"status" is an int from 200 to 999, not {shown!r}')
    return int(status)


async def taken(stream: Stream, exchange: Exchange, asked_ns: int) -> Inbound:
    """The next event from the client; a wait for it is told where there is one.

    Nothing is awaited once the event is taken, so an app that cancels its `receive` has lost nothing.
    """
    if exchange.recorder.congested:
        await exchange.recorder.room()
    event = stream.receive_now()
    if event is None:
        exchange.waits(records.RECEIVE, asked_ns)
        try:
            event = await stream.receive()
        finally:
            exchange.goes_on(records.RECEIVE)
    return event


async def drained(stream: Stream, exchange: Exchange, since_ns: int) -> None:
    """Wait until the client reads again, and the window keeps up; the wait is told where there is one."""
    if stream.full:
        exchange.waits(records.SEND, since_ns)
        try:
            await stream.drain()
        finally:
            exchange.goes_on(records.SEND)
    if exchange.recorder.congested:
        await exchange.recorder.room()


def expected(type_: str, wanted: Iterable[str]) -> AppMistake:
    """The mistake of sending `type_` where only `wanted` may come."""
    names = " or ".join(f"'{name}'" for name in wanted)
    return AppMistake(
        f"'{type_}' was sent where only {names} may come" if names else f"'{type_}' was sent after the end"
    )
