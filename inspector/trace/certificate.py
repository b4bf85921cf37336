"""The files of --certfile and --keyfile: a server's TLS context made of them, and what is wrong with them in words.

Both processes need it: the window looks before it listens, and each engine reads the files anew, so that a renewed
certificate is there after the next restart.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspector.errors import InspectorError

try:
    import ssl as ssl
except ImportError:  # a Python that was built without it: everything but TLS works
    ssl = None  # type: ignore[assignment]

ALPN = ("h2", "http/1.1")
"""What is offered by ALPN (RFC 7301), best first."""
_CERTIFICATE = "-----BEGIN CERTIFICATE-----"
_END = "-----END CERTIFICATE-----"
_KEY = "PRIVATE KEY-----"


@dataclass(frozen=True)
class Verdict:
    """Whether clients of this machine would believe a certificate."""

    trusted: bool
    names: tuple[str, ...]
    """Host names and addresses that it is for; known only where it is trusted."""
    why: str
    """Why it is not trusted, in OpenSSL's words."""


def server_context(certfile: str, keyfile: str = "", password: str = "", alpn: Sequence[str] = ALPN) -> ssl.SSLContext:
    """A server's context; `keyfile` "" means that the key is in `certfile`, too.

    TLS 1.2 (RFC 9325, 3.1.1) and later. Raises `InspectorError` where the files are not what they should be.
    """
    if ssl is None:
        raise InspectorError("This Python has no ssl module, so it cannot serve TLS.", "Choose another with --python.")
    _check(certfile, keyfile, password)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(list(alpn))
    try:
        context.load_cert_chain(certfile, keyfile or None, lambda: password)
    except ssl.SSLError as error:
        raise _refused(error, certfile, keyfile or certfile, password) from None
    except ValueError as error:  # a password over OpenSSL's limit
        raise InspectorError(f"--keyfile-password cannot be used: {error}.") from None
    return context


def first_certificate(certfile: str) -> str:
    """The certificate that the server shows, in PEM."""
    _, begin, rest = Path(certfile).read_text("latin-1").partition(_CERTIFICATE)
    return begin + rest.partition(_END)[0] + _END + "\n"


def _check(certfile: str, keyfile: str, password: str) -> None:
    """What OpenSSL would say too, but without the name of the file and without what to do."""
    text = _read(certfile, "--certfile")
    if _CERTIFICATE not in text:
        hint = "It begins with -----BEGIN CERTIFICATE-----. From DER: openssl x509 -inform der -in FILE -out FILE.pem"
        raise InspectorError(f"There is no certificate in PEM in {certfile}.", hint)
    name = keyfile or certfile
    key = _read(keyfile, "--keyfile") if keyfile else text
    if _KEY not in key:
        hint = "Name the right file." if keyfile else "Name the file that has it with --keyfile."
        raise InspectorError(f"There is no private key in PEM in {name}.", hint)
    if "ENCRYPTED" in key and not password:
        raise InspectorError(f"The key in {name} is encrypted.", "Give its password with --keyfile-password.")


def _read(name: str, option: str) -> str:
    try:
        return Path(name).read_text("latin-1")
    except OSError as error:
        what = (error.strerror or str(error)).lower()
        raise InspectorError(f"{name} cannot be read: {what}.", f"Name another file with {option}.") from None
    except ValueError:  # a zero byte in the name
        raise InspectorError(f"{name!r} is no name of a file.", f"Name another file with {option}.") from None


def _refused(error: ssl.SSLError, certfile: str, keyfile: str, password: str) -> InspectorError:
    reason = error.reason or ""
    if reason == "KEY_VALUES_MISMATCH":
        title = f"The key in {keyfile} is not that of the certificate in {certfile}."
        return InspectorError(title, "The server's own certificate comes first in its file, those above it follow.")
    if password and (reason in {"BAD_DECRYPT", "BAD_PASSWORD_READ"} or not reason or "PEM lib" in str(error)):
        return InspectorError(f"The key in {keyfile} cannot be read with that password.", "See --keyfile-password.")
    if reason in {"EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"}:
        return InspectorError(f"The certificate in {certfile} is too weak for this system: {_words(error)}.")
    where = certfile if keyfile == certfile else f"{certfile} and {keyfile}"
    return InspectorError(f"The certificate or key in {where} is damaged: {_words(error)}.", "Make or copy it anew.")


def _words(error: ssl.SSLError) -> str:
    return (error.reason or str(error)).replace("_", " ").lower()


def verdict(context: ssl.SSLContext) -> Verdict:
    """Shakes hands with `context` in memory, as a client that believes what this system believes. Takes some 30 ms."""
    client_context = ssl.create_default_context()
    client_context.check_hostname = False
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(to_server, to_client, server_side=True)
    client = client_context.wrap_bio(to_client, to_server)
    try:
        for _ in range(4):
            for side in (client, server):
                with contextlib.suppress(ssl.SSLWantReadError):
                    side.do_handshake()
    except ssl.SSLCertVerificationError as error:
        return Verdict(trusted=False, names=(), why=error.verify_message)
    except ssl.SSLError as error:
        return Verdict(trusted=False, names=(), why=_words(error))
    found: Any = client.getpeercert() or {}
    return Verdict(trusted=True, names=tuple(str(name) for _, name in found.get("subjectAltName", ())), why="")
