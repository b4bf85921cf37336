"""A connection of which ALPN (RFC 7301) or the first bytes tell which HTTP it speaks: HTTP/2, over TLS by ALPN and
in the clear by prior knowledge (RFC 9113, 3.2 and 3.3), else HTTP/1.x.

What `Connection` does for HTTP/1.x and WebSocket, `HTTP2Connection` does for HTTP/2; here is nothing but the choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspector.engine.host.connection import Connection
from inspector.engine.host.http2_connection import HTTP2Connection
from inspector.engine.stream import Security
from inspector.engine.wire.http2_frames import PREFACE
from inspector.trace import clock

if TYPE_CHECKING:
    from inspector.engine.host.listener import Server


class Negotiated(Connection):
    """All methods belong to the loop's thread."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._http2: HTTP2Connection | None = None
        self._first: bytes | None = b""
        """What came before the choice; None after it."""

    def secured(self, security: Security) -> None:
        super().secured(security)
        self._first = None  # by ALPN or not at all (RFC 9113, 3.2)
        if security.alpn == "h2":
            self.speak_http2()

    def buffer_updated(self, nbytes: int) -> None:
        first = self._first
        if first is not None and not self._choose(first + bytes(self.server.read_view[:nbytes])):
            return
        if self._http2 is None:
            if first:
                self.http.receive_data(first, clock.now())
            super().buffer_updated(nbytes)
        elif not self._ending:
            self._http2.receive((first or b"") + bytes(self.server.read_view[:nbytes]), clock.now())

    def _choose(self, data: bytes) -> bool:
        """Whether the first bytes tell."""
        speaks = PREFACE.startswith(data[: len(PREFACE)])
        if speaks and len(data) < len(PREFACE):
            self._first = data
            return False
        self._first = None
        if speaks:
            self.speak_http2()
        return True

    def speak_http2(self) -> None:
        """The connection is one of HTTP/2, from its first byte on."""
        self._first = None
        self._used = True
        self._http2 = HTTP2Connection(self)

    def eof_received(self) -> bool:
        if self._first:
            self.http.receive_data(self._first, clock.now())
            self._first = None
        if self._http2 is None:
            return super().eof_received()
        return not self._ending and self._http2.eof(clock.now())

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        if self._http2 is not None:
            self._http2.lost(clock.now())

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._http2 is not None:
            self._http2.writable()

    def expire(self, now_ns: int) -> None:
        if self._http2 is None:
            super().expire(now_ns)
        elif not self._ending and not self.lost:
            self._http2.expire(now_ns)

    def linger(self) -> None:
        """Nothing more is sent; what was sent may still be read."""
        self._linger()

    def close(self) -> None:
        if self._http2 is not None:
            self._http2.close()
        super().close()

    def close_if_idle(self) -> None:
        if self._http2 is None:
            super().close_if_idle()
        else:
            self._http2.leave()
