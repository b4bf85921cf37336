"""Stream events: the one vocabulary in which wire and gateway meet.

A stream is one request on a connection. Bytes become events in `wire`; the gateway turns them into calls of the app
and answers with events, which the wire turns into bytes. `Stream` is how a gateway reads and writes one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, Union

from inspector.trace.scope import Headers


class ClientGone(OSError):
    """The client is not there any more; raised out of the app's `send` (ASGI 2.4) and `write`."""

    __module__ = "builtins"  # so that the user's tracebacks do not tell where in Inspector it is defined


class AppMistake(RuntimeError):
    """The app broke a rule of its interface; the message says which. Raised out of the call that broke it."""

    __module__ = "builtins"  # as above


@dataclass(frozen=True)
class Security:
    """The TLS of a connection, as it was agreed upon."""

    version: str
    """As OpenSSL names it: TLSv1.3."""
    cipher: str
    alpn: str | None
    """The protocol chosen by ALPN (RFC 7301); None where the client offered none of ours."""
    server_name: str | None
    """The host that the client asked for (RFC 6066, 3)."""
    version_number: int | None
    cipher_number: int | None
    """16 bits: IANA's registry of cipher suites."""
    certificate: str
    """The server's own, in PEM."""

    @property
    def recorded(self) -> dict[str, Any]:
        """For `records.ExchangeStarted.transport`."""
        facts = (self.version, self.cipher, self.alpn, self.server_name)
        return dict(zip(("version", "cipher", "alpn", "server_name"), facts, strict=True))

    @property
    def environ(self) -> dict[str, str]:
        """As Apache's mod_ssl names it (PEP 3333, "environ Variables")."""
        return {"SSL_PROTOCOL": self.version, "SSL_CIPHER": self.cipher}

    @property
    def extension(self) -> dict[str, Any]:
        """The ASGI extension `tls` (asgiref specs/tls.rst); certificates are not asked of clients."""
        return {
            "server_cert": self.certificate,
            "client_cert_chain": [],
            "client_cert_name": None,
            "client_cert_error": None,
            "tls_version": self.version_number,
            "cipher_suite": self.cipher_number,
        }


# From the client.


@dataclass(frozen=True)
class RequestHead:
    """A request head (RFC 9112, 3 and 5), or a WebSocket handshake (RFC 6455, 4.1)."""

    method: str
    target: bytes
    http_version: str
    headers: Headers
    raw: bytes
    """As it stood on the wire, blank line included."""
    websocket: bool
    has_body: bool
    """False where the framing says that no body follows."""
    first_byte_ns: int
    head_ns: int
    expects_continue: bool = False
    """The client waits for 100 before it sends its body (RFC 9110, 10.1.1); told for HTTP/2 only."""


@dataclass(frozen=True)
class BodyReceived:
    """Bytes of the request's body. `more` is false where the end is known: after it nothing comes."""

    data: bytes
    more: bool
    t_ns: int
    """When they came from the socket."""


@dataclass(frozen=True)
class FrameReceived:
    """A whole WebSocket message: text as str, binary as bytes."""

    data: str | bytes
    t_ns: int
    wire_size: int | None = None
    """Bytes of its payload as they came, where they were compressed (RFC 7692)."""


@dataclass(frozen=True)
class Disconnected:
    """The client left, or the connection is over. `code` and `reason` are a WebSocket's close (RFC 6455, 7.4)."""

    code: int = 1006
    reason: str = ""
    t_ns: int = 0


@dataclass(frozen=True)
class Refused:
    """The client's bytes are no request that can be served; answered with `status` and the connection closed, or ended
    as `ending` says."""

    status: int
    reason: str
    """What is wrong with the bytes, in the parser's words."""
    raw: bytes
    """The request from its first byte on, as far as it came and is kept."""
    t_ns: int
    headers: Headers = field(default_factory=list)
    """What the answer has to carry beside its text."""
    section: str = ""
    """Of the specification whose rule is broken, as "RFC 9112, 5.1"; empty where there is none."""
    offset: int | None = None
    """Of the byte where it shows, from the request's first one; None where it is no single byte."""
    excerpt: bytes = b""
    """The bytes around `offset`, where `raw` does not reach so far; they begin at `excerpt_offset`."""
    excerpt_offset: int = 0
    ending: str = ""
    """What became of the stream or the connection, where there was no answer with a status."""

    @property
    def told(self) -> str:
        """What the client got, and why: "answered with 400: a bare LF (RFC 9112, 2.2; byte 27)"."""
        answer = self.ending or (f"answered with {self.status}" if self.status else "")
        return f"{answer}: {self.words}" if answer else self.words

    @property
    def words(self) -> str:
        """The reason, its section and the place: "a bare LF (RFC 9112, 2.2; byte 27)"."""
        place = "" if self.offset is None else f"byte {self.offset:,}"
        told = "; ".join(filter(None, (self.section, place)))
        return f"{self.reason} ({told})" if told else self.reason


def takes_trailers(head: RequestHead) -> bool:
    """The client wants trailer sections (RFC 9110, 10.1.4)."""
    wanted = b",".join(value for name, value in head.headers if name == b"te")
    return any(one.partition(b";")[0].strip(b" \t").lower() == b"trailers" for one in wanted.split(b","))


Inbound = Union[BodyReceived, FrameReceived, Disconnected]  # noqa: UP007 - evaluated at run time, on 3.10

# From the app.


@dataclass(frozen=True)
class ResponseHead:
    """Status and headers of a response; also of a WebSocket denial."""

    status: int
    headers: Headers = field(default_factory=list)
    reason: bytes = b""
    """The reason phrase; b"" leaves it to the wire."""


@dataclass(frozen=True)
class ResponseBody:
    """Bytes of the response's body; `more` false ends the response."""

    data: bytes
    more: bool


@dataclass(frozen=True)
class EarlyHint:
    """A 103 before the response (RFC 8297); left out where the response's head is out already."""

    links: list[bytes]
    """Values of Link headers (RFC 8288)."""


@dataclass(frozen=True)
class ResponseTrailers:
    """Ends a response whose body is whole (`ResponseBody.more` true until now) with a trailer section (RFC 9110, 6.5);
    it is left out where the client did not ask for it, or the response's framing has no place for it."""

    headers: Headers


@dataclass(frozen=True)
class WebSocketAccept:
    """Answers the handshake with 101."""

    subprotocol: str | None = None
    headers: Headers = field(default_factory=list)


@dataclass(frozen=True)
class FrameSent:
    """A WebSocket message: text as str, binary as bytes."""

    data: str | bytes


@dataclass(frozen=True)
class WebSocketClose:
    """Closes an accepted WebSocket."""

    code: int = 1000
    reason: str = ""


Outbound = Union[  # noqa: UP007
    EarlyHint, ResponseHead, ResponseBody, ResponseTrailers, WebSocketAccept, FrameSent, WebSocketClose
]  # fmt: skip


class Stream(Protocol):
    """One request as a gateway sees it. All methods belong to the event loop's thread."""

    head: RequestHead
    security: Security | None
    """The TLS of its connection; None where it has none."""
    head_went_alone: Callable[[], None] | None
    """Called when a response head went out at the end of its turn, with no body behind it yet."""

    on_leave: Callable[[], None] | None
    """Called when the client has left, or the response is over."""

    @property
    def client_left(self) -> bool:
        """The client is not there any more, or has said that it sends nothing more."""

    @property
    def left_early(self) -> bool:
        """It has, before the response was complete."""

    def keep_head(self, on: bool) -> None:
        """`on`: a head that stays back does so beyond its turn, as its body is held; else from here to the end of this
        turn."""

    @property
    def head_waits(self) -> bool:
        """A head stays back."""

    def replace_head(self, head: ResponseHead) -> None:
        """Another head in place of the one that stays back. Raises `AppMistake` where HTTP forbids it, or it is out."""

    resets: str
    """What `reset` ends: "connection", or "stream" where others go on."""

    def reset(self, why: str) -> None:
        """A real reset: the client sees that it was cut, the app that the client has left."""

    async def receive(self) -> Inbound:
        """The next event from the client, waiting where none is here. As many body bytes as are already here come in
        one event; reading them lets the client go on (back-pressure). After the end of the body, and after
        `Disconnected`, it waits for the disconnect, or gives it again."""

    def receive_now(self) -> Inbound | None:
        """What `receive` would give without waiting; None where it would wait."""

    def put(self, event: Outbound, seq: int = -1) -> None:
        """Give one event to the wire, for the message `seq` of the exchange's record. Raises `ClientGone`, and
        `AppMistake` where the framing forbids the event (too many bytes for the Content-Length, too few at the end). A
        `ResponseHead` stays back until the first body, or the end of this turn of the loop."""

    def flush(self) -> None:
        """Let a head that stays back go out now."""

    @property
    def extensions(self) -> frozenset[str]:
        """Names of the ASGI extensions for HTTP responses that truly work here: `http.response.trailers` only where the
        client takes trailers, `http.response.push` (RFC 9113, 8.4) only where it takes pushes."""

    async def send_file(self, fd: int, size: int, seq: int, more: bool) -> None:
        """The first `size` bytes of an open file as (more of) the response's body, as fast as the client takes them.
        Raises as `put`; `AppMistake` also where the file has become shorter meanwhile."""

    def push(self, path: bytes, headers: Headers) -> None:
        """Promise the client a response to a GET of `path`, and have the app make it, as an exchange of its own. Raises
        `AppMistake` where that is no request, `ClientGone` where the stream is over."""

    @property
    def full(self) -> bool:
        """The client does not read: `drain` would wait."""

    async def drain(self) -> None:
        """Wait until the client has read enough to write on. Returns also where the client has left."""

    @property
    def wired_ns(self) -> int:
        """When the newest bytes of this stream were handed to the socket; 0 before, and while bytes that were put wait
        for the client (HTTP/2): then the exchange is told when each message's are out."""

    @property
    def began(self) -> bool:
        """A response head is out."""

    @property
    def unsent(self) -> bool:
        """What was put waits for the client; `drain` waits for that where the response is complete."""

    def abort(self, why: str) -> None:
        """Cut the transfer visibly: the response cannot be ended well."""

    @property
    def stopping(self) -> bool:
        """The engine ends: a cancelled app was cancelled by us."""
