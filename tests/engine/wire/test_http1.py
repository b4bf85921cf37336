"""HTTP/1.x from bytes to events: heads, bodies, refusals, whatever the split of the bytes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.engine.stream import AppMistake, BodyReceived, Refused, RequestHead, ResponseBody, ResponseHead
from inspector.engine.wire.http1 import HTTP1
from inspector.trace.scope import parse_head

POST = b"POST /a?b=c HTTP/1.1\r\nHost: shop\r\nX-A: 1\r\nContent-Length: 11\r\n\r\nhello world"
CHUNKED = (
    b"PUT /up HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n"
)
GET = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"


def events(wire: HTTP1) -> list[object]:
    found = []
    while (event := wire.next_event()) is not None:
        found.append(event)
    return found


def feed(wire: HTTP1, *parts: bytes) -> list[object]:
    found: list[object] = []
    for t_ns, part in enumerate(parts, 1):
        wire.receive_data(part, t_ns)
        found += events(wire)
    return found


def respond(wire: HTTP1, body: bytes = b"ok", *headers: tuple[bytes, bytes], status: int = 200) -> bytes:
    head = wire.prepare(ResponseHead(status, list(headers)))
    return wire.send_head(head) + wire.send_body(ResponseBody(body, False))


@given(st.sampled_from([POST, CHUNKED]), st.lists(st.integers(1, 90), max_size=8))
def test_any_split_gives_the_same_request(message: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(message)) for cut in cuts), len(message)]
    parts = [message[a:b] for a, b in itertools.pairwise(edges) if b > a]
    head, *body = feed(HTTP1(), *parts)
    assert isinstance(head, RequestHead)
    assert head.raw == message.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert head.has_body
    assert head.first_byte_ns == 1
    assert b"".join(part.data for part in body if isinstance(part, BodyReceived)) == b"hello world"
    assert [part.more for part in body if isinstance(part, BodyReceived)] == [True] * (len(body) - 1) + [False]


@given(st.integers(1, 2), st.lists(st.integers(1, 90), max_size=8))
def test_empty_lines_before_a_request_are_ignored(count: int, cuts: list[int]) -> None:
    message = b"\r\n" * count + POST
    edges = [0, *sorted(min(cut, len(message)) for cut in cuts), len(message)]
    head, *body = feed(HTTP1(), *(message[a:b] for a, b in itertools.pairwise(edges) if b > a))
    assert isinstance(head, RequestHead)
    assert head.raw == POST.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert b"".join(part.data for part in body if isinstance(part, BodyReceived)) == b"hello world"


def test_empty_lines_byte_by_byte_are_no_part_of_the_request() -> None:
    message = b"\r\n\r\n" + GET
    head, _ = feed(HTTP1(), *(message[at : at + 1] for at in range(len(message))))
    assert isinstance(head, RequestHead)
    assert head.raw == GET
    assert head.first_byte_ns == 5


@pytest.mark.parametrize("answered_at", range(len(POST), len(POST) + 5))
def test_an_empty_line_after_a_body_is_ignored(answered_at: int) -> None:
    """Some old clients end the body of a POST with one (RFC 9112, 2.2)."""
    wire, message = HTTP1(), POST + b"\r\n" + GET
    feed(wire, message[:answered_at])
    respond(wire)
    wire.next_cycle()
    head, _ = feed(wire, message[answered_at:])
    assert isinstance(head, RequestHead)
    assert head.raw == GET
    respond(wire)
    assert wire.reusable


@pytest.mark.parametrize("message", [b"\r\n\r\n\r\n" + GET, b"\rGET / HTTP/1.1\r\n\r\n"])
def test_more_than_a_few_empty_lines_are_refused(message: bytes) -> None:
    (refused,) = feed(HTTP1(), message[:1], message[1:])
    assert isinstance(refused, Refused)
    assert refused.status == 400


token = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ-_.!0123456789", min_size=1, max_size=12)
value = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20)


@given(st.lists(st.tuples(token, value), max_size=8), st.sampled_from(["GET", "DELETE", "X-Y"]))
def test_the_reader_unfolds_the_same_head_that_the_server_parsed(headers: list[tuple[str, str]], method: str) -> None:
    plain = [
        (n, v) for n, v in headers if n.lower() not in ("host", "content-length", "transfer-encoding", "connection")
    ]
    lines = "".join(f"{name}: {text}\r\n" for name, text in plain)
    raw = f"{method} /p%20q?x=%41 HTTP/1.1\r\nHost: h\r\n{lines}\r\n".encode()
    (head, end) = feed(HTTP1(), raw)
    assert isinstance(head, RequestHead)
    assert end == BodyReceived(b"", False, 1)
    assert parse_head(head.raw) == (head.method, head.target, head.http_version, head.headers)


def test_a_pipelined_request_waits_for_the_response_before_it() -> None:
    wire = HTTP1()
    first, _ = feed(wire, GET + GET.replace(b"/", b"/two", 1))
    assert isinstance(first, RequestHead)
    assert not wire.reusable
    assert wire.waiting_bytes
    respond(wire)
    assert wire.reusable
    wire.next_cycle()
    second = events(wire)[0]
    assert isinstance(second, RequestHead)
    assert second.target == b"/two"
    assert second.raw == GET.replace(b"/", b"/two", 1)


@pytest.mark.parametrize(
    ("message", "status", "reason"),
    [
        (b"nonsense\r\n\r\n", 400, "does not begin with a method"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "no Host"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "a second Host"),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "a blank between a field name and its colon"),
        (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "HTTP/2.0 is not spoken here"),
        (b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 501, "CONNECT is for proxies"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501, "is not understood"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400, "is no number"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999\r\n\r\n", 413, "is the limit"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 70_000, 431, "the head is longer than"),
    ],
)
def test_what_is_no_request_is_refused_with_its_reason(message: bytes, status: int, reason: str) -> None:
    wire = HTTP1()
    (refused,) = feed(wire, message)
    assert isinstance(refused, Refused)
    assert refused.status == status
    assert reason in refused.reason
    assert refused.raw
    assert message.startswith(refused.raw)
    answer = wire.refusal(refused)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"connection: close" in answer
    assert refused.reason.encode() in answer


@pytest.mark.parametrize(
    ("request_", "status", "end"),
    [
        (GET, 200, b"\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
        (GET.replace(b"GET", b"HEAD"), 200, b"\r\n\r\n"),
        (GET, 204, b"\r\n\r\n"),
        (GET, 304, b"\r\n\r\n"),
        (b"GET / HTTP/1.0\r\n\r\n", 200, b"\r\n\r\nok"),
    ],
)
def test_a_body_stands_only_where_http_has_one(request_: bytes, status: int, end: bytes) -> None:
    wire = HTTP1()
    feed(wire, request_)
    answer = respond(wire, status=status)
    assert answer[answer.index(b"\r\n\r\n") :] == end
    assert b"\r\ndate: " in answer


def test_the_apps_own_date_and_length_are_kept() -> None:
    wire = HTTP1()
    feed(wire, GET)
    answer = respond(wire, b"ok", (b"Date", b"then"), (b"Content-Length", b"2"))
    assert answer == b"HTTP/1.1 200 OK\r\nDate: then\r\nContent-Length: 2\r\n\r\nok"


def test_a_forbidden_head_can_be_mended() -> None:
    wire = HTTP1()
    feed(wire, GET)
    with pytest.raises(AppMistake, match="Illegal header value"):
        wire.prepare(ResponseHead(200, [(b"x", b"a\r\nb: c")]))
    assert respond(wire, status=500).startswith(b"HTTP/1.1 500 Internal Server Error")


def test_a_reason_cannot_split_the_response() -> None:
    wire = HTTP1()
    feed(wire, GET)
    with pytest.raises(AppMistake, match="no control characters"):
        wire.prepare(ResponseHead(200, [], b"OK\r\nSet-Cookie: a=b"))
    assert respond(wire, status=500).startswith(b"HTTP/1.1 500 Internal Server Error")


@pytest.mark.parametrize(("body", "words"), [(b"longer", "longer than"), (b"s", "shorter than")])
def test_a_body_of_the_wrong_length_is_a_mistake(body: bytes, words: str) -> None:
    wire = HTTP1()
    feed(wire, GET)
    wire.send_head(wire.prepare(ResponseHead(200, [(b"content-length", b"3")])))
    with pytest.raises(AppMistake, match=words):
        wire.send_body(ResponseBody(body, False))
    assert wire.must_close


def test_who_waits_for_100_is_told_to_go_ahead_once() -> None:
    wire = HTTP1()
    feed(wire, POST.partition(b"\r\n\r\n")[0] + b"\r\nExpect: 100-continue\r\n\r\n")
    assert wire.expects_continue
    assert wire.go_ahead() == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert not wire.expects_continue


def test_who_was_never_told_to_go_ahead_is_told_to_close() -> None:
    wire = HTTP1()
    feed(wire, POST.partition(b"\r\n\r\n")[0] + b"\r\nExpect: 100-continue\r\n\r\n")
    assert b"connection: close" in respond(wire)
    assert not wire.reusable


def test_who_sends_its_chunks_unasked_waits_for_nothing() -> None:
    wire = HTTP1()
    head, _, rest = CHUNKED.partition(b"\r\n\r\n")
    feed(wire, head + b"\r\nExpect: 100-continue\r\n\r\n")
    assert wire.expects_continue
    feed(wire, rest[:1])
    assert not wire.expects_continue
    feed(wire, rest[1:])
    assert b"connection: close" not in respond(wire)
    assert wire.reusable
