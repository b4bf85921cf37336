"""Whom a proxy's headers are believed, what they change, and that the record keeps what they replaced."""

from __future__ import annotations

from typing import Any

import pytest

from inspector.engine.host.forwarded import Trusted
from inspector.trace.records import ExchangeStarted
from tests.support.certificates import secure_context, secured
from tests.support.serving import serving

PEER = ("127.0.0.1", 5000)


def headers(*forwarded: bytes, proto: bytes = b"") -> list[tuple[bytes, bytes]]:
    told = [(b"x-forwarded-for", value) for value in forwarded]
    return [*told, (b"x-forwarded-proto", proto)] if proto else told


@pytest.mark.parametrize(
    ("allowed", "told", "client"),
    [
        ("", [b"1.2.3.4"], None),
        ("127.0.0.1", [b"1.2.3.4"], "1.2.3.4"),
        ("127.0.0.0/8", [b"1.2.3.4"], "1.2.3.4"),
        ("127.0.0.9/8", [b"1.2.3.4"], "1.2.3.4"),
        ("10.0.0.0/8", [b"1.2.3.4"], None),
        ("10.0.0.1, 127.0.0.1", [b"1.2.3.4"], "1.2.3.4"),
        ("127.0.0.1", [b"6.6.6.6, 1.2.3.4"], "1.2.3.4"),
        ("127.0.0.1", [b"6.6.6.6", b"1.2.3.4"], "1.2.3.4"),
        ("127.0.0.1,10.0.0.0/8", [b"6.6.6.6, 1.2.3.4, 10.1.2.3"], "1.2.3.4"),
        ("127.0.0.1,10.0.0.0/8", [b"10.1.2.3, 10.4.5.6"], "10.1.2.3"),
        ("*", [b"6.6.6.6, 1.2.3.4"], "6.6.6.6"),
        ("127.0.0.1", [b"1.2.3.4:99"], "1.2.3.4"),
        ("127.0.0.1", [b"[2001:db8::1]:99"], "2001:db8::1"),
        ("127.0.0.1", [b"2001:db8::1"], "2001:db8::1"),
        ("127.0.0.1,::1", [b"2001:db8::1, ::1"], "2001:db8::1"),
        ("127.0.0.1", [b"unknown, \xff"], "\xff"),
        ("127.0.0.1", [b""], None),
        ("127.0.0.1", [], None),
    ],
)
def test_who_the_client_is(allowed: str, told: list[bytes], client: str | None) -> None:
    found, scheme, replaced = Trusted(allowed).origin(PEER, "http", headers(*told))
    assert found == ((client, 0) if client else PEER)
    assert (scheme, replaced) == ("http", {"client": "127.0.0.1:5000"} if client else {})


@pytest.mark.parametrize(
    ("proto", "scheme"),
    [(b"https", "https"), (b"wss", "https"), (b"ws", "http"), (b" https ", "https"), (b"ftp", "http"),
     (b"https,http", "http"), (b"", "http")],
)  # fmt: skip
def test_what_it_spoke(proto: bytes, scheme: str) -> None:
    _, found, replaced = Trusted("127.0.0.1").origin(PEER, "http", headers(proto=proto))
    assert (found, replaced) == (scheme, {"scheme": "http"} if scheme == "https" else {})
    assert Trusted("10.0.0.1").origin(PEER, "http", headers(proto=proto)) == (PEER, "http", {})


def test_a_unix_socket_is_believed_where_everybody_is() -> None:
    told = headers(b"1.2.3.4")
    assert Trusted("127.0.0.1").origin(None, "http", told) == (None, "http", {})
    assert Trusted("*").origin(None, "http", told) == (("1.2.3.4", 0), "http", {"client": None})


async def test_the_app_sees_it_and_the_record_keeps_what_it_replaced() -> None:
    scopes: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    request = b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: http\r\n\r\n"
    async with serving(app, secure=secure_context(), trusted=Trusted("127.0.0.1")) as running:
        client = await running.connect(**secured())
        await client.send(request)
        await client.read_response()
        (exchange,) = await running.ended()
        (started,) = running.of(exchange, ExchangeStarted)
        port = client.writer.get_extra_info("sockname")[1]
        assert (scopes[0]["client"], scopes[0]["scheme"]) == (("1.2.3.4", 0), "http")
        assert (started.client, started.scheme) == (("1.2.3.4", 0), "http")
        assert started.transport["forwarded"] == {"client": f"127.0.0.1:{port}", "scheme": "https"}
        assert started.transport["tls"]["version"] == "TLSv1.3"
