"""What is asked for in a WebSocket handshake, and the answer, on HTTP/1.1 and on HTTP/2."""

from __future__ import annotations

import pytest

from inspector.engine.stream import AppMistake, FrameReceived, RequestHead, WebSocketAccept
from inspector.engine.wire.handshake import Handshake
from inspector.engine.wire.websocket import Terms
from inspector.trace.scope import Headers
from tests.support.websocket_corpus import TEXT, deflated, frame, frames_in

HANDSHAKE = [
    (b"host", b"shop"),
    (b"upgrade", b"websocket"),
    (b"connection", b"keep-alive, Upgrade"),
    (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-protocol", b"chat, superchat"),
]


def head(*more: tuple[bytes, bytes]) -> RequestHead:
    return RequestHead("GET", b"/chat", "1.1", [*HANDSHAKE, *more], b"", True, False, 1, 1)


def extended(headers: Headers) -> RequestHead:
    """An extended CONNECT (RFC 8441, 4)."""
    return RequestHead("CONNECT", b"/chat", "2", headers, b"", True, True, 1, 1)


def test_the_handshake_is_answered() -> None:
    """The example of RFC 6455, 1.3."""
    answer = Handshake(head()).answer(WebSocketAccept("chat", [(b"x-shop", b" 1 ")]))
    assert answer == (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\nx-shop: 1\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("accept", "words"),
    [
        (WebSocketAccept("other"), "'other' was not offered; the client offers: chat, superchat"),
        (WebSocketAccept("\u20ac"), "was not offered"),
        (WebSocketAccept(None, [(b"x", b"a\r\nb")]), "no header"),
        (WebSocketAccept(None, [(b"x y", b"a")]), "no header"),
        (WebSocketAccept(None, [(b"x", b"\0")]), "no header"),
        *(
            (WebSocketAccept(None, [(name, b"a")]), words)
            for name, words in (
                (b"Sec-WebSocket-Protocol", '"subprotocol"'),
                (b"sec-websocket-extensions", "the server's"),
                (b"sec-websocket-accept", "the server's"),
                (b"Connection", "the server's"),
                (b"content-length", "the server's"),
            )
        ),
    ],
)
def test_a_wrong_accept_is_a_mistake_of_the_app(accept: WebSocketAccept, words: str) -> None:
    handshake = Handshake(head())
    with pytest.raises(AppMistake, match=words):
        handshake.answer(accept)
    assert handshake.answer(WebSocketAccept()).startswith(b"HTTP/1.1 101 ")  # another one may follow


def test_on_http2_there_is_no_key() -> None:
    handshake = Handshake(extended([(b"sec-websocket-version", b"13"), (b"sec-websocket-protocol", b"chat")]))
    assert handshake.problem is None
    assert handshake.fields(WebSocketAccept("chat")) == [(b"Sec-WebSocket-Protocol", b"chat")]
    websocket = handshake.accept(1)
    websocket.receive_data(frame(TEXT, b"hello"), 2)
    assert websocket.next_event() == FrameReceived("hello", 2)


def test_on_http2_a_version_is_no_reason_to_upgrade() -> None:
    problem = Handshake(extended([(b"sec-websocket-version", b"8")])).problem
    assert problem
    assert (problem.status, problem.headers) == (400, [(b"sec-websocket-version", b"13")])


@pytest.mark.parametrize(
    ("offer", "answer"),
    [
        (b"permessage-deflate", "permessage-deflate"),
        (b"permessage-deflate; client_max_window_bits", "permessage-deflate"),
        (
            b"permessage-deflate; client_max_window_bits=10; server_max_window_bits=9",
            "permessage-deflate; server_max_window_bits=9; client_max_window_bits=10",
        ),
        (b'permessage-deflate; server_max_window_bits="15"', "permessage-deflate; server_max_window_bits=15"),
        (
            b"permessage-deflate ; server_no_context_takeover;client_no_context_takeover",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        ),
        (b"x, permessage-deflate; y, permessage-deflate", "permessage-deflate"),  # the first that can be met
        # Declined (RFC 7692, 7.1).
        (b"", None),
        (b"x-webkit-deflate-frame", None),
        (b"permessage-deflate; unknown", None),
        (b"permessage-deflate; server_no_context_takeover=1", None),
        (b"permessage-deflate; client_no_context_takeover; client_no_context_takeover", None),
        (b"permessage-deflate; server_max_window_bits", None),
        (b"permessage-deflate; server_max_window_bits=16", None),
        (b"permessage-deflate; server_max_window_bits=8", None),  # zlib cannot
        (b"permessage-deflate; client_max_window_bits=7", None),
        (b"permessage-deflate; client_max_window_bits=08", None),
        (b"permessage-deflate; client_max_window_bits=+9", None),
    ],
)
def test_deflate_is_agreed_to_where_it_is_offered_and_the_parameters_are_right(
    offer: bytes, answer: str | None
) -> None:
    handshake = Handshake(head((b"sec-websocket-extensions", offer)))
    assert handshake.problem is None
    fields = dict(handshake.fields(WebSocketAccept()))
    assert fields.get(b"Sec-WebSocket-Extensions") == (answer.encode() if answer else None)
    websocket = handshake.accept(1)
    websocket.receive_data(frame(TEXT, deflated(b"hello"), rsv=4), 2)
    told = websocket.next_event()
    if answer:
        assert told == FrameReceived("hello", 2, len(deflated(b"hello")))
    else:
        assert frames_in(websocket.farewell())[0][1][:2] == b"\x03\xea"  # 1002


def test_deflate_can_be_off() -> None:
    handshake = Handshake(head((b"sec-websocket-extensions", b"permessage-deflate")), Terms(deflate=False))
    assert handshake.fields(WebSocketAccept()) == []
