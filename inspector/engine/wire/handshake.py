"""The opening handshake of a WebSocket (RFC 6455, 4.2), sans-IO: what is asked for, and the answer.

    Handshake(head) -> `problem`, or accept -> WebSocket
                                     answer -> its bytes on HTTP/1.1; on HTTP/2 (RFC 8441) `fields` with a 200

One that is denied stays an HTTP exchange and is answered as such.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from hashlib import sha1

from inspector.engine.stream import AppMistake, Refused, RequestHead, WebSocketAccept
from inspector.engine.wire.deflate import Offer, agree
from inspector.engine.wire.refusal import MAX_RAW
from inspector.engine.wire.strict import TOKEN
from inspector.engine.wire.websocket import Terms, WebSocket
from inspector.trace.scope import Headers

VERSION = b"13"
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY_BYTES = 16
_KEY, _VERSION, _PROTOCOL = b"sec-websocket-key", b"sec-websocket-version", b"sec-websocket-protocol"
_EXTENSIONS = b"sec-websocket-extensions"
_OURS = {
    _PROTOCOL: 'the key "subprotocol" names it',
    **dict.fromkeys(
        (_EXTENSIONS, b"sec-websocket-accept", b"connection", b"upgrade", b"content-length", b"transfer-encoding"),
        "it is the server's",
    ),
}
_NAME = re.compile(TOKEN)
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_PARAMETER = rb"[ \t]*;[ \t]*(" + TOKEN + rb")(?:[ \t]*=[ \t]*(?:(" + TOKEN + rb')|"(' + TOKEN + rb')"))?'
_ONE_PARAMETER = re.compile(_PARAMETER)
_EXTENSION = re.compile(rb"[ \t]*(?:(" + TOKEN + rb")((?:" + _PARAMETER + rb")*))?[ \t]*(?:,|\Z)")
_PLAIN = Terms()


class Handshake:
    """A request that asks for a WebSocket. On HTTP/2 there is no key (RFC 8441, 5)."""

    def __init__(self, head: RequestHead, terms: Terms = _PLAIN) -> None:
        self._head = head
        self._terms = terms
        self.subprotocols: list[str] = []
        """Those that the client would speak, best first."""
        self._offers: list[Offer] = []
        self.problem: Refused | None = self._look()
        """Why the request is no handshake, and how it is answered (RFC 6455, 4.2.2)."""
        self._agreed = agree(self._offers) if terms.deflate and not self.problem else None

    def _look(self) -> Refused | None:
        head, upgrade = self._head, self._head.http_version.startswith("1")
        if upgrade and head.method != "GET":
            return self._refused("a WebSocket handshake is a GET", "4.2.1", status=405, headers=[(b"allow", b"GET")])
        if upgrade and head.has_body:
            return self._refused("a WebSocket handshake has no body", "4.1")
        if upgrade:
            keys = self._values(_KEY)
            if len(keys) != 1:
                return self._refused("a second Sec-WebSocket-Key" if keys else "no Sec-WebSocket-Key", "4.2.1", _KEY)
            if not _is_key(keys[0]):
                return self._refused("Sec-WebSocket-Key is not 16 bytes in base64", "4.2.1", _KEY)
        versions = self._values(_VERSION)
        if versions != [VERSION]:
            told = b", ".join(versions)[:40].decode("latin-1")
            reason = f"WebSocket version {told!r} is not spoken here" if versions else "no Sec-WebSocket-Version"
            wanted = [(_VERSION, VERSION)]
            if upgrade:  # RFC 9110, 15.5.22: what to upgrade to
                wanted += [(b"upgrade", b"websocket"), (b"connection", b"upgrade")]
            return self._refused(reason, "4.2.2", _VERSION, status=426 if upgrade else 400, headers=wanted)
        return self._look_at_lists()

    def _look_at_lists(self) -> Refused | None:
        names = [name.strip(b" \t") for name in b",".join(self._values(_PROTOCOL)).split(b",")]
        if names != [b""]:
            if not all(_NAME.fullmatch(name) for name in names):
                return self._refused("Sec-WebSocket-Protocol is no list of names", "4.1", _PROTOCOL)
            if len(set(names)) < len(names):
                return self._refused("a subprotocol is named twice", "4.1", _PROTOCOL)
            self.subprotocols = [name.decode("ascii") for name in names]
        elif self._values(_PROTOCOL):
            return self._refused("Sec-WebSocket-Protocol is empty", "4.1", _PROTOCOL)
        offers = _offers(b",".join(self._values(_EXTENSIONS)))
        if offers is None:
            return self._refused("Sec-WebSocket-Extensions is malformed", "9.1", _EXTENSIONS)
        self._offers = offers
        return None

    def _values(self, wanted: bytes) -> list[bytes]:
        return [value for name, value in self._head.headers if name == wanted]

    def _refused(
        self, reason: str, section: str, field: bytes = b"", status: int = 400, headers: Headers | None = None
    ) -> Refused:
        raw = self._head.raw
        lines = list(re.finditer(rb"\r\n" + re.escape(field) + rb"[ \t]*:", raw, re.IGNORECASE)) if field else []
        at = lines[-1].start() + 2 if lines else None
        start = at - MAX_RAW // 2 if at is not None and at >= MAX_RAW else 0
        excerpt = raw[start : start + MAX_RAW] if start else b""
        return Refused(
            status,
            reason,
            raw[:MAX_RAW],
            self._head.head_ns,
            headers or [],
            f"RFC 6455, {section}",
            at,
            excerpt,
            start,
        )

    def fields(self, event: WebSocketAccept) -> Headers:
        """The fields of the answer that are the same on any HTTP. Raises `AppMistake` for a subprotocol that was not
        offered, and for headers that are none or the server's."""
        fields: Headers = []
        if event.subprotocol is not None:
            if event.subprotocol not in self.subprotocols:
                offered = ", ".join(self.subprotocols) or "none"
                raise AppMistake(
                    f"the subprotocol {event.subprotocol!r:.60} was not offered; the client offers: {offered}"
                )
            fields.append((b"Sec-WebSocket-Protocol", event.subprotocol.encode("ascii")))
        if self._agreed:
            fields.append((b"Sec-WebSocket-Extensions", self._agreed.answer.encode("ascii")))
        for name, value in event.headers:
            if why := _OURS.get(name.lower()):
                raise AppMistake(f"the header {name.decode('latin-1')} does not belong to websocket.accept: {why}")
            if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
                raise AppMistake(f"{name[:60]!r}: {value[:60]!r} is no header (RFC 9110, 5)")
            fields.append((name, value.strip(b" \t")))
        return fields

    def answer(self, event: WebSocketAccept) -> bytes:
        """The 101 response of HTTP/1.1. Raises as `fields` does."""
        accept = b64encode(sha1(self._values(_KEY)[0] + _GUID, usedforsecurity=False).digest())
        fields = [
            (b"Upgrade", b"websocket"),
            (b"Connection", b"Upgrade"),
            (b"Sec-WebSocket-Accept", accept),
            *self.fields(event),
        ]
        lines = [b"HTTP/1.1 101 Switching Protocols", *(b"%s: %s" % field for field in fields)]
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def accept(self, t_ns: int) -> WebSocket:
        """The WebSocket that begins at `t_ns`, with what was agreed."""
        return WebSocket(self._terms, self._agreed, t_ns)


def _is_key(key: bytes) -> bool:
    try:
        return len(b64decode(key, validate=True)) == _KEY_BYTES
    except ValueError:
        return False


def _offers(value: bytes) -> list[Offer] | None:
    """The extensions in `value`, None where it is malformed (RFC 6455, 9.1); empty members are ignored."""
    found: list[Offer] = []
    at = 0
    while at < len(value):
        match = _EXTENSION.match(value, at)
        if match is None:
            return None
        at = match.end()
        if match[1]:
            parameters = [
                (one[1].decode("ascii"), (one[2] or one[3]).decode("ascii") if one[2] or one[3] else None)
                for one in _ONE_PARAMETER.finditer(match[2])
            ]
            found.append((match[1].decode("ascii"), parameters))
    return found
