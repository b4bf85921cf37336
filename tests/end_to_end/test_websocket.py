"""`inspector serve` and WebSockets: the library `websockets` as the client, over TLS; and the options."""

from __future__ import annotations

import socket
import ssl
import struct
from pathlib import Path

from websockets.sync.client import connect

from tests.support.certificates import AUTHORITY, CERTIFICATE, KEY
from tests.support.programs import inspector
from tests.support.recorded import over
from tests.support.waiting import DEADLINE
from tests.support.websocket_corpus import CLOSE, DEFLATE, PING, TEXT, Frames, frame, frames_in, handshake

APP = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise NotImplementedError
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})
"""
TOO_BIG = struct.pack("!H", 1009) + b"a message of more than 1,000 bytes"
SILENT = struct.pack("!H", 1011) + b"keepalive ping timeout"


def test_compressed_over_tls_recorded_as_the_app_sees_it(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(APP)
    options = ("--certfile", str(CERTIFICATE), "--keyfile", str(KEY))
    context = ssl.create_default_context(cafile=AUTHORITY)
    text = "a shop of tea, " * 5000
    with inspector("shop:app", tmp_path, *options, cwd=tmp_path) as program:
        with connect(f"wss://localhost:{program.port}/ws", ssl=context) as client:
            assert [one.name for one in client.protocol.extensions] == ["permessage-deflate"]
            for message in (text, text.encode()[::-1], text):
                client.send(message)
                assert client.recv() == message
        assert client.close_code == 1000
        (found,) = over(program.recording, "kind:websocket")
        told = [message for message in found["messages"] if message["type"] == "websocket.receive"]
        assert [message["size"] for message in told] == [len(text)] * 3
        assert told[0]["data"]["text"] == text


def test_its_options(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(APP)
    options = "--ws-max-size 1000 --ws-per-message-deflate false"
    with (
        inspector("shop:app", tmp_path, *options.split(), cwd=tmp_path) as program,
        socket.create_connection(("127.0.0.1", program.port), timeout=DEADLINE) as client,
    ):
        client.sendall(handshake(DEFLATE) + frame(TEXT, b"x" * 1000) + frame(TEXT, b"x" * 1001))
        head, frames = read(client)
        assert b"sec-websocket-extensions" not in head.lower()
        assert frames == [(TEXT, b"x" * 1000), (CLOSE, TOO_BIG)]


def test_its_pings(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(APP)
    options = "--ws-ping-interval 0.1 --ws-ping-timeout 0.1"
    with (
        inspector("shop:app", tmp_path, *options.split(), cwd=tmp_path) as program,
        socket.create_connection(("127.0.0.1", program.port), timeout=DEADLINE) as silent,
    ):
        silent.sendall(handshake())
        _, ((opcode, _), last) = read(silent)
        assert (opcode, last) == (PING, (CLOSE, SILENT))


def read(client: socket.socket) -> tuple[bytes, Frames]:
    """All that the server says: the head of its answer, and frames."""
    data = b""
    while more := client.recv(65536):
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 ")
    return head, frames_in(rest)
