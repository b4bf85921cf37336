"""TLS between a socket and a `Connection`, which does not notice: protocol to the one, transport to the other.

    asyncio --bytes--> Secured --bytes without TLS--> Connection
       ^------ bytes ----- SecureTransport <-- bytes -----'

Not asyncio's own TLS, which tells nobody of a handshake that failed, and leaves no way to answer who speaks HTTP in the
clear. Reading and writing stop and go on as the socket's transport says: what is paused there is paused here.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from inspector.engine.wire import tls
from inspector.engine.wire.tls import HandshakeFailed, SecureContext
from inspector.trace import clock

if TYPE_CHECKING:
    from inspector.engine.host.connection import Connection


class Secured(asyncio.BufferedProtocol):
    """The server's side of one connection with TLS. All methods belong to the loop's thread."""

    def __init__(self, connection: Connection, context: SecureContext) -> None:
        self.tls = context.make()
        self._connection = connection
        self._came = b""
        """The first bytes of the client."""
        self._over = False

    # asyncio's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._raw = cast("asyncio.Transport", transport)
        self._late = self._connection.loop.call_later(tls.HANDSHAKE_SECONDS, self._too_slow)
        self._connection.connection_made(SecureTransport(self))

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._connection.get_buffer(sizehint)

    def buffer_updated(self, nbytes: int) -> None:
        data = bytes(self._connection.server.read_view[:nbytes])
        if self._over:
            return
        if not self._came:
            self._came = data
            if refused := tls.in_the_clear(data, clock.now()):
                self._late.cancel()
                self._over = True
                self._raw.set_protocol(self._connection)
                self._connection.in_the_clear(self._raw, refused)
                return
        self.tls.receive_data(data)
        self._go_on()

    def eof_received(self) -> bool:
        if self._over:
            return False
        self.tls.end()
        if self._came:
            self._go_on()
        return self._keep_open

    def connection_lost(self, error: Exception | None) -> None:
        self._over = True
        self._late.cancel()
        self._connection.connection_lost(error)

    def pause_writing(self) -> None:
        self._connection.pause_writing()

    def resume_writing(self) -> None:
        self._connection.resume_writing()

    # What the bytes mean.

    _keep_open = False
    """The client sends no more, and still gets what is under way."""

    def _go_on(self) -> None:
        if not self.tls.established:
            try:
                established = self.tls.shake_hands()
            except HandshakeFailed as error:
                self._fail(str(error))
                return
            self._flush()
            if not established:
                return
            self._late.cancel()
            self._connection.secured(self.tls.security)
        self._read()

    def _read(self) -> None:
        """Hand on all that is here; the connection stops us by stopping the socket."""
        connection = self._connection
        try:
            while not self._over and (size := self.tls.read_into(connection.get_buffer(-1))):
                connection.buffer_updated(size)
        except OSError:
            self._flush()  # an alert
            self._raw.abort()
            return
        self._flush()
        if self.tls.ended and not self._over and not self._keep_open:
            self._keep_open = connection.eof_received()
            if not self._keep_open:
                self.close()

    def _fail(self, reason: str) -> None:
        self._flush()  # an alert
        self._over = True
        self._late.cancel()
        self._connection.server.refused(self._connection, tls.failed(reason, self._came, clock.now()))
        self._raw.close()

    def _too_slow(self) -> None:
        """Who has sent nothing at all may go as it came."""
        if self._came:
            self._fail(f"it was not complete within {tls.HANDSHAKE_SECONDS:.0f} s")
        else:
            self._raw.close()

    def _flush(self) -> None:
        if data := self.tls.outgoing():
            self._raw.write(data)

    # From the connection.

    @property
    def raw(self) -> asyncio.Transport:
        """The socket's transport."""
        return self._raw

    def write(self, data: bytes) -> None:
        if self._over:
            return
        try:
            self.tls.send(data)
        except OSError:
            self._raw.abort()
            return
        self._flush()

    def write_eof(self) -> None:
        """Say that nothing more comes; what the client still sends is not looked at."""
        if not self._over:
            self._over = True
            self.tls.farewell()
            self._flush()
            if self._raw.can_write_eof():
                self._raw.write_eof()

    def close(self) -> None:
        if not self._over:
            self._over = True
            self.tls.farewell()
            self._flush()
        self._late.cancel()
        self._raw.close()


class SecureTransport(asyncio.Transport):
    """What a `Connection` writes to."""

    def __init__(self, secured: Secured) -> None:
        super().__init__()
        self._secured = secured
        self._raw = secured.raw

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """`ssl_object` is the connection's; the rest is the socket's."""
        return self._secured.tls.object if name == "ssl_object" else self._raw.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._secured.write(bytes(data))

    def get_write_buffer_size(self) -> int:
        return self._raw.get_write_buffer_size()

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self._secured.write_eof()

    def is_closing(self) -> bool:
        return self._raw.is_closing()

    def close(self) -> None:
        self._secured.close()

    def abort(self) -> None:
        self._raw.abort()

    def pause_reading(self) -> None:
        self._raw.pause_reading()

    def resume_reading(self) -> None:
        self._raw.resume_reading()
