"""WebSocket frames from bytes to messages, whatever the split; pings, closes and broken peers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage
from wsproto.frame_protocol import FrameProtocol, Opcode

from inspector.engine.stream import (
    AppMistake,
    Disconnected,
    FrameReceived,
    FrameSent,
    RequestHead,
    WebSocketAccept,
    WebSocketClose,
)
from inspector.engine.wire import websocket as module
from inspector.engine.wire.websocket import WebSocket

HANDSHAKE = [
    (b"host", b"shop"),
    (b"upgrade", b"websocket"),
    (b"connection", b"keep-alive, Upgrade"),
    (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-protocol", b"chat, superchat"),
]


def head(*, without: bytes = b"", **changed: bytes) -> RequestHead:
    changes = {name.replace("_", "-").encode(): value for name, value in changed.items()}
    headers = [(name, changes.get(name, value)) for name, value in HANDSHAKE if name != without]
    return RequestHead("GET", b"/chat", "1.1", headers, b"", True, False, 1, 1)


def opened(subprotocol: str | None = None) -> tuple[WebSocket, Connection]:
    """Our side after the handshake, and a client."""
    ws = WebSocket(head())
    assert ws.problem is None
    ws.accept(WebSocketAccept(subprotocol))
    return ws, Connection(ConnectionType.CLIENT)


def events(ws: WebSocket) -> list[object]:
    found = []
    while (event := ws.next_event()) is not None:
        found.append(event)
    return found


def answers(client: Connection, data: bytes) -> list[object]:
    client.receive_data(data)
    return list(client.events())


def test_the_handshake_is_answered() -> None:
    """The example of RFC 6455, 1.3."""
    answer = WebSocket(head()).accept(WebSocketAccept("chat", [(b"x-shop", b"1")]))
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in answer
    assert b"Sec-WebSocket-Protocol: chat\r\n" in answer
    assert b"x-shop: 1\r\n" in answer


@pytest.mark.parametrize(
    ("broken", "status"),
    [
        (head(without=b"sec-websocket-key"), 400),
        (head(without=b"sec-websocket-version"), 400),
        (head(sec_websocket_version=b"12"), 426),
        (head(connection=b"close"), 400),
        (head(host=b"\xc0" * 80), 400),
    ],
)
def test_what_is_no_handshake_has_a_problem(broken: RequestHead, status: int) -> None:
    problem = WebSocket(broken).problem
    assert problem
    assert problem.status == status


@pytest.mark.parametrize(
    "accept", [WebSocketAccept("other"), WebSocketAccept(None, [(b"x", b"a\r\nb")]), WebSocketAccept("\u20ac")]
)
def test_a_wrong_accept_is_a_mistake_of_the_app(accept: WebSocketAccept) -> None:
    with pytest.raises(AppMistake):
        WebSocket(head()).accept(accept)


message = st.one_of(st.text(max_size=300), st.binary(max_size=300))


@given(st.lists(message, max_size=5), st.integers(1, 40), st.integers(1, 50))
def test_any_split_and_any_fragments_give_the_same_messages(sent: list[str | bytes], step: int, fragment: int) -> None:
    ws, _ = opened()
    client = FrameProtocol(client=True, extensions=[])
    stream = b""
    for whole in sent:
        parts = [whole[at : at + fragment] for at in range(0, len(whole), fragment)] or [whole]
        stream += b"".join(client.send_data(part, fin=number == len(parts) - 1) for number, part in enumerate(parts))
    for at in range(0, len(stream), step):
        ws.receive_data(stream[at : at + step], 7)
    assert events(ws) == [FrameReceived(whole, 7) for whole in sent]


def test_what_is_sent_arrives() -> None:
    ws, client = opened()
    data = ws.send(FrameSent("h\u00e9")) + ws.send(FrameSent(b"\0\xff"))
    assert answers(client, data) == [TextMessage(data="h\u00e9"), BytesMessage(data=bytearray(b"\0\xff"))]


def test_a_ping_is_answered_by_itself() -> None:
    ws, client = opened()
    ws.receive_data(client.send(Ping(payload=b"x")), 1)
    assert answers(client, ws.replies()) == [Pong(payload=bytearray(b"x"))]
    assert events(ws) == []


def test_a_close_of_the_client_is_answered_and_told() -> None:
    ws, client = opened()
    ws.receive_data(client.send(CloseConnection(code=4001, reason="done")), 1)
    assert events(ws) == [Disconnected(4001, "done", 1)]
    assert answers(client, ws.replies()) == [CloseConnection(code=4001, reason="done")]
    assert ws.closed


def test_our_close_ends_when_the_client_has_answered() -> None:
    ws, client = opened()
    (closing,) = answers(client, ws.send(WebSocketClose(3000, "bye")))
    assert closing == CloseConnection(code=3000, reason="bye")
    assert not ws.closed
    ws.receive_data(client.send(CloseConnection(code=3000)), 1)
    assert ws.closed


def test_the_end_of_the_stream_is_1006() -> None:
    ws, _ = opened()
    ws.receive_data(b"", 3)
    assert events(ws) == [Disconnected(1006, "", 3)]


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (b"\x81\x01x", 1002),  # not masked
        (b"\x83\x80\0\0\0\0", 1002),  # reserved opcode
        (b"\x81\x82\0\0\0\0\xff\xff", 1007),  # not UTF-8
        (b"\x80\x80\0\0\0\0", 1002),  # continues nothing
    ],
)
def test_a_broken_client_is_told_why(frames: bytes, code: int) -> None:
    ws, client = opened()
    ws.receive_data(frames, 1)
    (told,) = events(ws)
    assert isinstance(told, Disconnected)
    assert told.code == code
    (closing,) = answers(client, ws.replies())
    assert isinstance(closing, CloseConnection)
    assert closing.code == code
    assert ws.closed


def test_a_message_over_the_cap_is_1009(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_MESSAGE", 10)
    ws, _ = opened()
    client = FrameProtocol(client=True, extensions=[])
    ws.receive_data(client.send_data(b"123456", fin=False), 1)
    ws.receive_data(client._serialize_frame(Opcode.CONTINUATION, b"78901", fin=True), 1)
    (told,) = events(ws)
    assert isinstance(told, Disconnected)
    assert told.code == 1009


def test_nothing_is_sent_after_the_close() -> None:
    ws, _ = opened()
    ws.send(WebSocketClose())
    with pytest.raises(AppMistake):
        ws.send(FrameSent("late"))
