"""Certificates of the tests, good for a century: files, and what clients need to believe them."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from inspector.engine.wire.tls import SecureContext

FOLDER = Path(__file__).parent / "tls"
AUTHORITY = FOLDER / "ca.pem"
CERTIFICATE = FOLDER / "server.pem"
"""For localhost, 127.0.0.1 and *.shop.test."""
KEY = FOLDER / "server-key.pem"
ENCRYPTED_KEY = FOLDER / "server-key-encrypted.pem"
PASSWORD = "tea"
ENDED = FOLDER / "ended.pem"
"""Certificate and key in one file; it ended in 2021."""


def secure_context() -> SecureContext:
    return SecureContext(str(CERTIFICATE), str(KEY))


def client_context(*protocols: str, believes: Path | None = AUTHORITY) -> ssl.SSLContext:
    """A client's, that offers `protocols` by ALPN."""
    context = ssl.create_default_context(cafile=believes)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


def secured(*protocols: str, **options: Any) -> dict[str, Any]:
    """For `asyncio.open_connection`."""
    return {"ssl": client_context(*protocols, **options), "server_hostname": "localhost"}
