"""TLS over a real socket: what the app and the record learn of it, and every way in which a client may get it wrong."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from typing import Any

import pytest

from inspector.engine.gateway.wsgi import WSGIGateway
from inspector.engine.probe.recorder import Recorder
from inspector.engine.wire import tls
from inspector.trace.records import ExchangeEnded, ExchangeStarted
from tests.support.certificates import CERTIFICATE, client_context, secure_context, secured
from tests.support.serving import PATIENCE, Serving, serving, serving_gateway

GET = b"GET /tea HTTP/1.1\r\nHost: localhost\r\n\r\n"
BIG = 3 << 20


class App:
    """Answers with what came, and keeps the scopes."""

    def __init__(self) -> None:
        self.scopes: list[dict[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": body or b"tea"})


def ends(running: Serving) -> list[ExchangeEnded]:
    return [record for record in running.sink.records if isinstance(record, ExchangeEnded)]


async def still_serves(running: Serving) -> None:
    client = await running.connect(**secured())
    await client.send(GET)
    assert (await client.read_response())[1] == b"tea"


async def raw(running: Serving) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", running.port)


async def test_the_scope_and_the_record_tell_of_it() -> None:
    app = App()
    async with serving(app, secure=secure_context()) as running:
        client = await running.connect(**secured("http/1.1"))
        await client.send(GET)
        head, body = await client.read_response()
        assert head.startswith(b"HTTP/1.1 200")
        assert body == b"tea"
        theirs = client.writer.get_extra_info("ssl_object")
        assert theirs.selected_alpn_protocol() == "http/1.1"
        (exchange,) = await running.ended()
        (scope,) = app.scopes
        assert scope["scheme"] == "https"
        told = scope["extensions"]["tls"]
        assert told["tls_version"] == {"TLSv1.3": 0x0304, "TLSv1.2": 0x0303}[theirs.version()]
        numbers = {each["name"]: each["id"] & 0xFFFF for each in client_context().get_ciphers()}
        assert told["cipher_suite"] == numbers[theirs.cipher()[0]]
        assert ssl.PEM_cert_to_DER_cert(told["server_cert"]) == theirs.getpeercert(binary_form=True)
        assert told["server_cert"] in CERTIFICATE.read_text()
        assert (told["client_cert_chain"], told["client_cert_name"], told["client_cert_error"]) == ([], None, None)
        (started,) = running.of(exchange, ExchangeStarted)
        assert started.scheme == "https"
        assert started.transport == {
            "tls": {
                "version": theirs.version(),
                "cipher": theirs.cipher()[0],
                "alpn": "http/1.1",
                "server_name": "localhost",
            }
        }
        (call, *_) = running.messages(exchange)
        assert call[2]["extensions"]["tls"] == told


async def test_each_connection_has_its_own_version_and_protocol() -> None:
    app = App()
    async with serving(app, secure=secure_context()) as running:
        old = client_context("spdy/3")
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        client = await running.connect(ssl=old, server_hostname="127.0.0.1")
        await client.send(GET)
        await client.read_response()
        (exchange,) = await running.ended()
        assert app.scopes[0]["extensions"]["tls"]["tls_version"] == 0x0303
        told = running.of(exchange, ExchangeStarted)[0].transport["tls"]
        assert (told["version"], told["alpn"], told["server_name"]) == ("TLSv1.2", None, None)
        await still_serves(running)
        assert app.scopes[1]["extensions"]["tls"]["tls_version"] == 0x0304


async def test_without_tls_there_is_no_such_extension() -> None:
    app = App()
    async with serving(app) as running:
        await running.get(GET)
    assert (app.scopes[0]["scheme"], "tls" in app.scopes[0]["extensions"]) == ("http", False)


async def test_a_websocket_is_wss() -> None:
    scopes: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": (await receive())["text"]})
        await send({"type": "websocket.close"})

    async with serving(app, secure=secure_context()) as running:
        client = await running.connect(**secured())
        await client.send(
            b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n\x81\x83\0\0\0\0tea"
        )
        head = await client.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101")
        assert await client.reader.readexactly(5) == b"\x81\x03tea"
        await client.send(b"\x88\x80\0\0\0\0")
        await client.read_all()
    assert scopes[0]["scheme"] == "wss"
    assert scopes[0]["extensions"]["tls"]["tls_version"] == 0x0304


async def test_an_environ_tells_of_it_as_apache_does() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        told = ("wsgi.url_scheme", "HTTPS", "SSL_PROTOCOL", "SSL_CIPHER")
        return ["|".join(str(environ.get(key)) for key in told).encode()]

    gateways: list[WSGIGateway] = []

    def make(recorder: Recorder) -> WSGIGateway:
        gateways.append(WSGIGateway(app, 1, recorder))
        return gateways[0]

    async with serving_gateway(make, secure=secure_context()) as running:
        client = await running.connect(**secured())
        await client.send(GET)
        scheme, https, version, cipher = (await client.read_response())[1].decode().split("|")
        assert (scheme, https, version) == ("https", "on", "TLSv1.3")
        assert cipher == client.writer.get_extra_info("cipher")[0]
        await gateways[0].close()


async def test_bodies_go_through_whole_both_ways_and_requests_follow_one_another() -> None:
    body = bytes(range(256)) * (BIG // 256)
    async with serving(App(), secure=secure_context()) as running:
        client = await running.connect(limit=BIG, **secured())
        for _ in range(2):
            sending = asyncio.ensure_future(
                client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % BIG + body)
            )
            assert (await client.read_response())[1] == body
            await sending
        connections = {r.connection for r in running.sink.records if isinstance(r, ExchangeStarted)}
        assert len(connections) == 1


async def test_an_app_waits_for_a_client_that_does_not_read() -> None:
    sent = 0
    reached = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal sent
        await send({"type": "http.response.start", "status": 200})
        for _ in range(200):
            reached.set()
            await send({"type": "http.response.body", "body": bytes(1 << 18), "more_body": True})
            sent += 1
        await send({"type": "http.response.body"})

    async with serving(app, secure=secure_context()) as running:
        client = await running.connect(limit=1 << 16, **secured())
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        await reached.wait()
        await running.sink.until(lambda _: next(iter(running.server._connections)).stream.full)  # type: ignore[union-attr]
        assert sent < 200
        got = await client.read_all()
        assert len(got) > 200 << 18
        assert got.endswith(b"0\r\n\r\n")


async def test_http_in_the_clear_is_told_what_to_do() -> None:
    async with serving(App(), secure=secure_context()) as running:
        client = await running.connect()
        await client.send(GET)
        answer = await client.read_all()
        assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert b"a port that speaks TLS; use https" in answer
        (exchange,) = await running.ended()
        assert "use https" in running.end(exchange).text
        (started,) = running.of(exchange, ExchangeStarted)
        assert (started.scheme, started.head, started.transport) == ("http", GET, None)
        assert running.messages(exchange)[0][2]["raw"] == GET
        await still_serves(running)


async def test_a_client_that_does_not_trust_the_certificate_is_on_record() -> None:
    async with serving(App(), secure=secure_context()) as running:

        def ask() -> None:  # asyncio's client leaves without a word
            with (
                socket.create_connection(("127.0.0.1", running.port)) as plain,
                pytest.raises(ssl.SSLCertVerificationError),
            ):
                client_context(believes=None).wrap_socket(plain, server_hostname="localhost")

        await asyncio.to_thread(ask)
        (exchange,) = await running.ended()
        end = running.end(exchange)
        assert end.outcome == "refused"
        assert end.text == (
            "the TLS handshake failed: the client does not trust the certificate: it does not know who signed it"
        )
        assert end.status == 0
        await still_serves(running)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"\x16\x03\x01", "the client left in the middle of it"),
        (b"\x16\x03\x01\x00\x05hello", ""),
        (b"\x00" * 64, "what the client sent is no TLS"),
        (b"\xff" * 20_000, ""),
        (b"\x15\x03\x03\x00\x02\x02\x28", ""),
    ],
    ids=["leaves", "no hello", "zeros", "much", "alert"],
)
async def test_what_is_no_handshake_is_on_record_and_hurts_nobody(sent: bytes, told: str) -> None:
    async with serving(App(), secure=secure_context()) as running:
        reader, writer = await raw(running)
        writer.write(sent)
        writer.write_eof()
        try:
            await asyncio.wait_for(reader.read(), PATIENCE)
        except ConnectionResetError:
            pass
        writer.close()
        await running.ended()
        (end,) = ends(running)
        assert end.outcome == "refused"
        assert end.text.startswith("the TLS handshake failed: ")
        assert told in end.text
        (refused,) = running.messages(end.exchange)
        assert (refused[2]["raw"], refused[2]["status"]) == (sent[:4096], None)
        await still_serves(running)


async def test_nothing_in_common_is_said_so() -> None:
    context = client_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")  # the certificate's key is of an elliptic curve
    async with serving(App(), secure=secure_context()) as running:
        with pytest.raises(ssl.SSLError):
            await running.connect(ssl=context, server_hostname="localhost")
        (exchange,) = await running.ended()
        assert running.end(exchange).text.endswith("client and server have no cipher suite in common")


async def test_who_comes_and_goes_without_a_word_is_not_on_record() -> None:
    async with serving(App(), secure=secure_context()) as running:
        _, writer = await raw(running)
        writer.close()
        await running.sink.until(lambda _: not running.server.connections)
        await still_serves(running)
        await running.ended()
        assert [end.outcome for end in ends(running)] == ["done"]


@pytest.mark.parametrize("begun", [True, False])
async def test_a_slow_handshake_ends(begun: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "HANDSHAKE_SECONDS", 0.05)
    async with serving(App(), secure=secure_context()) as running:
        reader, writer = await raw(running)
        if begun:
            writer.write(b"\x16\x03\x01\x02")
        assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        writer.close()
        assert [end.text for end in ends(running)] == (
            ["the TLS handshake failed: it was not complete within 0 s"] if begun else []
        )


async def test_broken_records_end_the_connection_only() -> None:
    gone = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/tea":
            await App()(scope, receive, send)
            return
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()

    async with serving(app, secure=secure_context()) as running:
        client = await running.connect(**secured())
        await client.send(b"POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
        await running.sink.until(lambda all_: any(isinstance(r, ExchangeStarted) for r in all_))
        os.write(client.writer.get_extra_info("socket").fileno(), b"\x17\x03\x03\x00\x20" + bytes(32))
        await asyncio.wait_for(gone.wait(), PATIENCE)
        await still_serves(running)


async def test_an_abort_is_a_real_reset() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"some", "more_body": True})
        await receive()
        await receive()

    async with serving(app, secure=secure_context()) as running:
        client = await running.connect(**secured())
        await client.send(GET)
        await client.reader.readuntil(b"some")
        (connection,) = running.server._connections
        assert connection.stream
        connection.stream.reset("the user's abort")
        with pytest.raises(ConnectionResetError):
            await client.read_all()


async def test_a_connection_ends_with_a_farewell() -> None:
    """Without one a client could not tell the end of a body from an attack (RFC 8446, 6.1)."""
    async with serving(App(), secure=secure_context()) as running:

        def ask() -> bytes:
            with socket.create_connection(("127.0.0.1", running.port)) as plain:
                context = client_context()
                with context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False) as client:
                    client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                    got = b""
                    while data := client.recv(1000):
                        got += data
                    return got

        assert (await asyncio.to_thread(ask)).endswith(b"\r\n\r\ntea")


async def test_a_client_that_sends_no_more_gets_its_answer() -> None:
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await go.wait()
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"late"})

    async with serving(app, secure=secure_context()) as running:
        with socket.create_connection(("127.0.0.1", running.port)) as plain, plain.dup() as half:
            client = await asyncio.to_thread(client_context().wrap_socket, plain, server_hostname="localhost")
            client.sendall(GET)
            half.shutdown(socket.SHUT_WR)
            await running.sink.until(lambda _: left(running))
            go.set()
            got = b""
            while not got.endswith(b"0\r\n\r\n"):
                got += await asyncio.to_thread(client.recv, 1000)
            assert b"late" in got
            client.close()


def left(running: Serving) -> bool:
    """The client of the one connection sends nothing more."""
    (connection,) = running.server._connections
    return connection.stream is not None and connection.stream.client_left


async def test_a_stop_does_not_wait_for_a_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspector.engine.host.connection.FRESH_NS", 0)
    async with serving(App(), secure=secure_context()) as running:
        reader, writer = await raw(running)
        writer.write(b"\x16\x03\x01\x02")
        await running.sink.until(lambda _: running.server.connections)
        await running.server.stop(PATIENCE, asyncio.Event())
        assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        writer.close()
