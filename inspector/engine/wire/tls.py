"""TLS below HTTP, sans-IO: bytes of the socket in, bytes for the socket out, by `ssl` with its memory buffers.

    receive_data -> shake_hands until it is true -> read_into until it gives nothing
    send, farewell; `outgoing` after each call: bytes for the socket

Which protocol goes on above is decided by ALPN (RFC 7301): `SecureContext.make` offers `ALPN`, best first, and
`TLS.security` has what was agreed. A protocol more is a word more in `trace.certificate.ALPN`.
"""

from __future__ import annotations

from typing import Any

from inspector.engine.stream import Refused, Security
from inspector.engine.wire.refusal import MAX_RAW
from inspector.trace import certificate
from inspector.trace.certificate import ssl

HANDSHAKE_SECONDS = 30.0
"""From the acceptance of the connection to the end of its handshake."""
_VERSIONS = {"TLSv1": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303, "TLSv1.3": 0x0304}
_ALERTS = {
    "UNKNOWN_CA": "the client does not trust the certificate: it does not know who signed it",
    "CERTIFICATE_UNKNOWN": "the client does not accept the certificate",
    "BAD_CERTIFICATE": "the client does not accept the certificate",
    "CERTIFICATE_EXPIRED": "for the client the certificate has expired; look at its dates, and at both clocks",
    "UNSUPPORTED_CERTIFICATE": "the client cannot use this kind of certificate",
    "UNRECOGNIZED_NAME": "the client does not know the name in the certificate",
    "PROTOCOL_VERSION": "the client does not speak TLS 1.2 or later",
    "HANDSHAKE_FAILURE": "the client accepts none of our cipher suites",
    "NO_APPLICATION_PROTOCOL": "the client speaks none of the protocols offered",
    "USER_CANCELLED": "the client cancelled the handshake",
}
"""Alerts of the client (RFC 8446, 6.2), as OpenSSL spells the ends of their names."""
_OWN = {
    "UNSUPPORTED_PROTOCOL": "the client does not speak TLS 1.2 or later",
    "VERSION_TOO_LOW": "the client does not speak TLS 1.2 or later",
    "NO_SHARED_CIPHER": "client and server have no cipher suite in common",
    "WRONG_VERSION_NUMBER": "what the client sent is no TLS",
    "BAD_RECORD_TYPE": "what the client sent is no TLS",
    "RECORD_LAYER_FAILURE": "what the client sent is no TLS",
    "PACKET_LENGTH_TOO_LONG": "what the client sent is no TLS",
    "HTTPS_PROXY_REQUEST": "the client took this server for a proxy",
}


class HandshakeFailed(Exception):
    """No connection came about; the text says why."""


class SecureContext:
    """One server's certificate and settings; every connection's TLS begins here."""

    def __init__(self, certfile: str, keyfile: str = "", password: str = "") -> None:
        """Raises `InspectorError` where the files are not what they should be."""
        self._context = certificate.server_context(certfile, keyfile, password)
        self._context.sni_callback = _note_name
        self._certificate = certificate.first_certificate(certfile)
        self._suites = {suite["name"]: int(suite["id"]) & 0xFFFF for suite in self._context.get_ciphers()}
        self._told: dict[tuple[object, ...], Security] = {}

    def make(self) -> TLS:
        """The TLS of a new connection."""
        return TLS(self, self._context)

    def security(self, version: str, cipher: str, alpn: str | None, name: str | None) -> Security:
        """The same object for the same facts: it is asked of for every connection, and told with every request."""
        key = (version, cipher, alpn, name)
        if key not in self._told:
            if len(self._told) > 1000:
                self._told.clear()
            self._told[key] = Security(
                version, cipher, alpn, name, _VERSIONS.get(version), self._suites.get(cipher), self._certificate
            )
        return self._told[key]


class TLS:
    """The server's side of one connection's TLS."""

    def __init__(self, made_by: SecureContext, context: Any) -> None:
        self._made_by = made_by
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.object = context.wrap_bio(self._in, self._out, server_side=True)
        self.established = False
        self.ended = False
        """The client has said, or its socket has shown, that nothing more comes."""

    def receive_data(self, data: bytes) -> None:
        """Bytes of the socket."""
        self._in.write(data)

    def end(self) -> None:
        """The socket gives no more, whether the client had said so or not: HTTP and WebSocket see what is not whole."""
        if self.established:
            self.ended = True
        else:
            self._in.write_eof()

    def shake_hands(self) -> bool:
        """Go on with the handshake; true once it is done. Raises `HandshakeFailed`."""
        if self.established:
            return True
        try:
            self.object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError as error:
            raise HandshakeFailed(told(error)) from None
        self.established = True
        return True

    @property
    def security(self) -> Security:
        """What was agreed upon, once the handshake is done."""
        cipher = self.object.cipher()
        return self._made_by.security(
            self.object.version() or "",
            cipher[0] if cipher else "",
            self.object.selected_alpn_protocol(),
            getattr(self.object, "asked_name", None),
        )

    def read_into(self, buffer: Any) -> int:
        """Bytes of the client, put at the start of `buffer`; how many, 0: none for now, or `ended`. Raises `OSError`
        where what came is broken."""
        if self.ended:
            return 0
        try:
            size = int(self.object.read(len(buffer), buffer))
        except ssl.SSLWantReadError:
            return 0
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            size = 0
        self.ended = not size
        return size

    def send(self, data: bytes) -> None:
        """Bytes for the client. Raises `OSError` where the connection is broken."""
        view = memoryview(data)
        while view:
            view = view[self.object.write(view) :]

    def farewell(self) -> None:
        """Tell the client that nothing more comes (close_notify; RFC 8446, 6.1)."""
        try:
            self.object.unwrap()
        except ssl.SSLError:  # its own farewell is not awaited
            pass

    def outgoing(self) -> bytes:
        """Bytes for the socket."""
        return self._out.read()


def _note_name(tls: Any, name: str | None, _context: object) -> None:
    """The host that the client asked for (RFC 6066, 3)."""
    tls.asked_name = name


def told(error: ssl.SSLError) -> str:
    """A failed handshake in words."""
    reason = error.reason or ""
    for prefix in ("TLSV1_ALERT_", "SSLV3_ALERT_", "TLSV13_ALERT_", "TLSV1_"):
        if reason.startswith(prefix):
            name = reason.removeprefix(prefix)
            return _ALERTS.get(name, f"the client broke it off: {name.replace('_', ' ').lower()}")
    if reason == "UNEXPECTED_EOF_WHILE_READING" or isinstance(error, ssl.SSLEOFError):
        return "the client left in the middle of it"
    return _OWN.get(reason, (reason or str(error)).replace("_", " ").lower())


def in_the_clear(data: bytes, t_ns: int) -> Refused | None:
    """What to answer where the first bytes of a connection are a request without TLS: records begin with a number, and
    a method with a letter."""
    if not data[:1].isalpha():
        return None
    reason = "a request without TLS on a port that speaks TLS; use https"
    return Refused(400, reason, data[:MAX_RAW], t_ns, section="RFC 9110, 4.2.2")


def failed(reason: str, came: bytes, t_ns: int) -> Refused:
    """A failed handshake, for the record, with the first bytes that `came`; there is nobody to be answered."""
    return Refused(0, f"the TLS handshake failed: {reason}", b"", t_ns, excerpt=came[:MAX_RAW])
