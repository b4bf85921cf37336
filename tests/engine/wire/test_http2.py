"""HTTP/2 without a socket: any split gives the same events, streams take turns, windows and budgets hold."""

from __future__ import annotations

import itertools
import logging
from typing import Any

import pytest
from hpack import Encoder
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from inspector.engine.stream import (
    AppMistake,
    BodyReceived,
    ClientGone,
    Disconnected,
    Refused,
    RequestHead,
    ResponseBody,
    ResponseHead,
)
from inspector.engine.wire import calm, http2_frames, http2_head
from inspector.engine.wire.http2 import HTTP2
from inspector.engine.wire.http2_frames import frame
from inspector.engine.wire.http2_streams import MAX_STREAMS, STREAM_WINDOW
from inspector.trace.scope import parse_head
from tests.support.http2_client import (
    END_HEADERS,
    END_STREAM,
    HELLO,
    Got,
    Reading,
    data,
    get,
    headers,
    number,
    packed,
    settings,
)
from tests.support.http2_corpus import CASES, FLOODS, Case

OK = ResponseHead(200)
SECOND = 1_000_000_000


class Wire:
    """A server's HTTP/2 and what it told."""

    def __init__(self, hello: bytes = HELLO, **options: Any) -> None:
        self.http = HTTP2(**options)
        self.reading = Reading()
        self.events: list[tuple[int, Any]] = []
        self.feed(hello)
        self.sent()

    def feed(self, *parts: bytes, t_ns: int = 1) -> list[tuple[int, Any]]:
        """What new bytes give."""
        for part in parts:
            self.http.receive_data(part, t_ns)
        found = []
        while (event := self.http.next_event()) is not None:
            found.append(event)
        self.events += found
        return found

    def sent(self, room: int = 1 << 30) -> list[Got]:
        return list(self.reading.receive_data(self.http.data_to_send(room)))

    def answer(self, stream: int, body: bytes = b"", *, head: ResponseHead = OK) -> None:
        self.http.send_head_and_body(stream, self.http.prepare(head), ResponseBody(body, False))


def data_of(sent: list[Got], stream: int) -> int:
    return sum(len(got.told) for got in sent if got.kind == "DATA" and got.stream == stream)


SCRIPT = b"".join(
    (
        HELLO,
        headers(1, get(b"/a?b=c", b"POST", (b"cookie", b"a=1"), (b"x", b"y"), (b"cookie", b"b=2")), END_HEADERS),
        frame(http2_frames.DATA, http2_frames.PADDED, 1, b"\x02hello\0\0"),
        frame(http2_frames.HEADERS, 0x29, 3, b"\x01" + bytes(5) + packed(get(b"/b"))[:5] + b"\0"),
        frame(http2_frames.CONTINUATION, 0, 3, packed(get(b"/b"))[5:20]),
        frame(http2_frames.CONTINUATION, END_HEADERS, 3, packed(get(b"/b"))[20:]),
        frame(http2_frames.PING, 0, 0, b"12345678"),
        headers(1, [(b"x-sum", b"1")]),
        headers(5, get(b"/c"), END_HEADERS),
        frame(http2_frames.RST_STREAM, 0, 5, number(8)),
        headers(7, get(b"/d", b"GET", (b"X", b"1"))),
        headers(9, get(b"/e"), END_HEADERS),
        settings((4, 1 << 20), (0x1234, 5), (1, 1 << 31)),
        frame(http2_frames.WINDOW_UPDATE, 0, 0, number(1000)),
        data(9, b"last"),
        frame(http2_frames.PING, 0, 1, b"12345678"),
    )
)


def cut(message: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(at % (len(message) + 1) for at in cuts), len(message)]
    return [message[a:b] for a, b in itertools.pairwise(edges) if b > a]


def everything(parts: list[bytes]) -> tuple[list[tuple[int, Any]], list[Got]]:
    wire = Wire(hello=b"")
    found, sent = wire.feed(*parts), wire.sent()
    return found, sent


WHOLE = everything([SCRIPT])


@given(st.lists(st.integers(0, 1 << 16), max_size=12))
def test_any_split_gives_the_same_events_and_the_same_answers(cuts: list[int]) -> None:
    assert everything(cut(SCRIPT, cuts)) == WHOLE


def test_the_script_is_what_it_should_be() -> None:
    events, sent = everything([SCRIPT[at : at + 1] for at in range(len(SCRIPT))])
    assert (events, sent) == WHOLE
    assert [(stream, type(event).__name__) for stream, event in events] == [
        (1, "RequestHead"),
        (1, "BodyReceived"),
        (3, "RequestHead"),
        (1, "BodyReceived"),
        (5, "RequestHead"),
        (5, "Disconnected"),
        (7, "Refused"),
        (9, "RequestHead"),
        (9, "BodyReceived"),
        (0, "Refused"),
    ]
    assert events[1][1] == BodyReceived(b"hello", True, 1)
    assert events[3][1] == BodyReceived(b"", False, 1)
    assert events[-1][1].told == "the connection was ended with PROTOCOL_ERROR: a PING of a stream (RFC 9113, 6.7)"
    assert [(got.kind, got.stream) for got in sent if got.kind != "SETTINGS"] == [
        ("SETTINGS ACK", 0),
        ("PING ACK", 0),
        ("RST_STREAM", 7),
        ("SETTINGS ACK", 0),
        ("GOAWAY", 0),
    ]


@pytest.mark.parametrize("case", [case for case in CASES if len(case.data) < 1000], ids=lambda case: case.name)
def test_what_is_wrong_gives_the_same_refusal_byte_by_byte(case: Case) -> None:
    data = case.bytes
    events, sent = everything([data])
    assert everything([data[at : at + 1] for at in range(len(data))]) == (events, sent)
    assert isinstance(events[-1][1], Refused)


@given(st.sampled_from(CASES), st.lists(st.integers(0, 1 << 17), max_size=4))
def test_any_split_of_what_is_wrong_gives_the_same_refusal(case: Case, cuts: list[int]) -> None:
    assert everything(cut(case.bytes, cuts)) == everything([case.bytes])


def test_a_head_is_what_an_asgi_scope_needs_and_comes_back_from_the_record() -> None:
    (_, head), *_ = Wire(hello=b"").feed(SCRIPT)
    assert isinstance(head, RequestHead)
    assert head.headers == [(b"host", b"shop"), (b"cookie", b"a=1; b=2"), (b"x", b"y")]
    assert (head.method, head.target, head.http_version, head.has_body) == ("POST", b"/a?b=c", "2", True)
    assert parse_head(head.raw) == (head.method, head.target, "2", head.headers)


name = st.from_regex(rb"\A[a-z0-9!#$%&'*+.^_`|~-]{1,20}\Z").filter(
    lambda given: (
        given not in {b"host", b"cookie", b"te", b"content-length", b"expect", b"priority"}
        and given not in http2_head._OF_CONNECTION
    )
)
value = st.from_regex(rb"\A[\x21-\x7e\x80-\xff]([\t\x20-\x7e\x80-\xff]{0,20}[\x21-\x7e\x80-\xff])?\Z")


@bounds(max_examples=30)
@given(st.lists(st.tuples(name, value), max_size=6), st.from_regex(rb"\A/[\x21\x22\x24-\x7e]{0,20}\Z"))
def test_whatever_is_accepted_comes_back_from_the_record(more: list[tuple[bytes, bytes]], path: bytes) -> None:
    wire = Wire()
    encoder = Encoder()
    block = encoder.encode([*get(path), *more])
    ((_, head),) = wire.feed(frame(http2_frames.HEADERS, END_HEADERS | END_STREAM, 1, block))
    assert isinstance(head, RequestHead)
    assert head.headers == [(b"host", b"shop"), *more]
    assert parse_head(head.raw) == ("GET", path, "2", head.headers)


@pytest.mark.parametrize(
    ("told", "urgency"),
    [(b"", 3), (b"u=0", 0), (b"i, u=5", 5), (b"u=1, u=6;x", 6), (b"u=8", 3), (b"xu=1", 3), (b"u=-1", 3)],
)
def test_urgency(told: bytes, urgency: int) -> None:
    assert http2_head.urgency(told) == urgency


# To the client.


def test_streams_take_turns_and_the_more_urgent_goes_first() -> None:
    wire = Wire(HELLO + settings((4, 1 << 20)) + frame(http2_frames.WINDOW_UPDATE, 0, 0, number(1 << 20)))
    wire.feed(headers(1, get()), headers(3, get()), headers(5, get(b"/", b"GET", (b"priority", b"u=1"))))
    for stream in (1, 3, 5):
        wire.answer(stream, bytes(40_000))
    order = [got.stream for got in wire.sent() if got.kind == "DATA"]
    assert order == [5, 5, 5, 1, 3, 1, 3, 1, 3]


def test_a_closed_window_stops_its_stream_only() -> None:
    wire = Wire(HELLO + settings((4, 10)))
    wire.feed(headers(1, get()), headers(3, get()))
    wire.answer(1, bytes(30))
    wire.answer(3, bytes(5))
    sent = wire.sent()
    assert (data_of(sent, 1), data_of(sent, 3)) == (10, 5)
    assert wire.http.wired() == [3]
    assert (wire.http.waiting(1), wire.http.is_open(1), wire.http.is_open(3)) == (20, True, False)
    wire.feed(frame(http2_frames.WINDOW_UPDATE, 0, 1, number(100)))
    assert data_of(wire.sent(), 1) == 20
    assert wire.http.wired() == [1]
    assert wire.http.live == 0


def test_a_window_that_becomes_negative_is_waited_for() -> None:
    wire = Wire(HELLO + settings((4, 10)))
    wire.feed(headers(1, get()))
    wire.answer(1, bytes(30))
    assert data_of(wire.sent(), 1) == 10
    wire.feed(settings((4, 0)))
    assert data_of(wire.sent(), 1) == 0
    wire.feed(frame(http2_frames.WINDOW_UPDATE, 0, 1, number(10)))
    assert data_of(wire.sent(), 1) == 0
    wire.feed(frame(http2_frames.WINDOW_UPDATE, 0, 1, number(5)))
    assert data_of(wire.sent(), 1) == 5


def test_the_end_needs_no_window() -> None:
    wire = Wire(HELLO + settings((4, 0)))
    wire.feed(headers(1, get()))
    wire.http.send_head(1, wire.http.prepare(OK))
    wire.http.send_body(1, ResponseBody(b"", False))
    assert wire.sent()[-1] == Got("DATA", 1, b"", ends=True)


@pytest.mark.parametrize(
    ("method", "head", "body"),
    [
        (b"HEAD", ResponseHead(200, [(b"content-length", b"5")]), b"hello"),
        (b"GET", ResponseHead(204, [(b"content-length", b"5")]), b"hello"),
        (b"GET", ResponseHead(304, [(b"content-length", b"5")]), b""),
        (b"GET", ResponseHead(200), b""),
        (b"GET", ResponseHead(200, [(b"content-length", b"0")]), b""),
    ],
)
def test_a_response_without_a_body_is_one_frame(method: bytes, head: ResponseHead, body: bytes) -> None:
    wire = Wire()
    wire.feed(headers(1, get(method=method)))
    wire.answer(1, body, head=head)
    assert [(got.kind, got.ends) for got in wire.sent()] == [("HEADERS", True)]
    told = [value for name, value in wire.reading.fields[1] if name == b"content-length"]
    assert told == ([] if head.status == 204 else [value for _, value in head.headers])


def test_what_is_of_a_connection_is_left_out_and_names_are_in_lower_case() -> None:
    wire = Wire()
    wire.feed(headers(1, get()))
    given_ = [(b"Connection", b"close"), (b"Transfer-Encoding", b"chunked"), (b"X-A", b" 1 "), (b"Date", b"now")]
    wire.answer(1, head=ResponseHead(200, given_))
    wire.sent()
    assert wire.reading.fields[1] == [(b":status", b"200"), (b"x-a", b"1"), (b"date", b"now")]


@pytest.mark.parametrize(
    "header",
    [(b"a b", b"1"), (b"", b"1"), (b"a", b"1\r\n2"), (b"a", b"\0"), (b"content-length", b"x"), (b":status", b"1")],
)
def test_headers_that_are_none_are_the_apps_mistake(header: tuple[bytes, bytes]) -> None:
    with pytest.raises(AppMistake):
        Wire().http.prepare(ResponseHead(200, [header]))


@pytest.mark.parametrize(
    ("parts", "words"), [((b"12345",), "longer"), ((b"12", b"345"), "longer"), ((b"123",), "shorter")]
)
def test_a_body_that_does_not_fit_its_length_is_the_apps_mistake(parts: tuple[bytes, ...], words: str) -> None:
    wire = Wire()
    wire.feed(headers(1, get()))
    wire.http.send_head(1, wire.http.prepare(ResponseHead(200, [(b"content-length", b"4")])))
    for part in parts[:-1]:
        wire.http.send_body(1, ResponseBody(part, True))
    with pytest.raises(AppMistake, match=words):
        wire.http.send_body(1, ResponseBody(parts[-1], False))


def test_nothing_follows_the_end() -> None:
    wire = Wire(HELLO + settings((4, 1)))
    wire.feed(headers(1, get()))
    wire.answer(1, b"hello")
    with pytest.raises(AppMistake, match="over"):
        wire.http.send_body(1, ResponseBody(b"x", False))
    wire.feed(frame(http2_frames.WINDOW_UPDATE, 0, 1, number(10)))
    wire.sent()
    with pytest.raises(ClientGone):
        wire.http.send_body(1, ResponseBody(b"x", False))


def test_trailers_go_behind_the_body() -> None:
    wire = Wire(HELLO + settings((4, 3)))
    wire.feed(headers(1, get()))
    wire.http.send_head(1, wire.http.prepare(OK))
    wire.http.send_body(1, ResponseBody(b"hello", True))
    wire.http.send_trailers(1, [(b"X-Sum", b"5")])
    assert data_of(wire.sent(), 1) == 3
    wire.feed(frame(http2_frames.WINDOW_UPDATE, 0, 1, number(10)))
    assert [(got.kind, got.ends) for got in wire.sent()] == [("DATA", False), ("HEADERS", True)]
    assert wire.reading.fields[1] == [(b"x-sum", b"5")]
    assert wire.http.wired() == [1, 1]


def test_empty_trailers_end_the_stream() -> None:
    wire = Wire()
    wire.feed(headers(1, get()))
    wire.http.send_head(1, wire.http.prepare(OK))
    wire.http.send_trailers(1, [])
    assert wire.sent()[-1] == Got("DATA", 1, b"", ends=True)


def test_a_response_before_the_end_of_its_request_lets_the_client_stop() -> None:
    wire = Wire()
    wire.feed(headers(1, get(method=b"POST"), END_HEADERS), data(1, b"part", 0))
    wire.answer(1, b"no")
    assert [(got.kind, got.told) for got in wire.sent()][-2:] == [("DATA", b"no"), ("RST_STREAM", "NO_ERROR")]
    assert not wire.feed(data(1, b"more", 0))  # on its way when the reset was
    assert not wire.http.over


def test_a_reset_by_the_client_drops_what_waits() -> None:
    wire = Wire(HELLO + settings((4, 0)))
    wire.feed(headers(1, get()))
    wire.answer(1, b"hello")
    ((stream, gone),) = wire.feed(frame(http2_frames.RST_STREAM, 0, 1, number(8)))
    assert (stream, gone.reason) == (1, "the client reset the stream (CANCEL)")
    assert isinstance(gone, Disconnected)
    wire.feed(settings((4, 100)))
    assert data_of(wire.sent(), 1) == 0
    with pytest.raises(ClientGone):
        wire.http.send_body(1, ResponseBody(b"", False))


def test_a_window_that_grows_too_large_resets_its_stream() -> None:
    wire = Wire()
    wire.feed(headers(1, get(method=b"POST"), END_HEADERS))
    ((_, gone),) = wire.feed(frame(http2_frames.WINDOW_UPDATE, 0, 1, number((1 << 31) - 1)))
    assert isinstance(gone, Disconnected)
    assert wire.sent()[-1] == Got("RST_STREAM", 1, "FLOW_CONTROL_ERROR")


# From the client.


def test_a_stream_window_opens_as_the_app_takes_and_the_connections_at_once() -> None:
    wire = Wire()
    wire.feed(headers(1, get(method=b"POST"), END_HEADERS), headers(3, get(method=b"POST"), END_HEADERS))
    for _ in range(STREAM_WINDOW // 16_384):
        wire.feed(data(1, bytes(16_384), 0))
    assert not [got for got in wire.sent() if got.kind == "WINDOW_UPDATE"]
    for _ in range(STREAM_WINDOW // 16_384):
        wire.feed(data(3, bytes(16_384), 0))
        wire.http.took(3, 16_384)
    opened = {got.stream: int.from_bytes(got.told, "big") for got in wire.sent() if isinstance(got.told, bytes)}
    assert opened.keys() == {3}
    wire.http.took(1, STREAM_WINDOW)
    assert wire.sent()[-1] == Got("WINDOW_UPDATE", 1, number(STREAM_WINDOW))


def test_held_uploads_do_not_close_the_connections_window() -> None:
    """Sixteen streams that nobody reads have more in flight than the connection's window."""
    wire = Wire()
    for stream in range(1, 33, 2):
        wire.feed(headers(stream, get(method=b"POST"), END_HEADERS))
        for _ in range(STREAM_WINDOW // 16_384):
            wire.feed(data(stream, bytes(16_384), 0))
    assert not wire.http.over
    assert sum(int.from_bytes(got.told, "big") for got in wire.sent() if got.kind == "WINDOW_UPDATE") >= 1 << 20


def test_more_than_the_window_ends_the_connection() -> None:
    wire = Wire()
    wire.feed(headers(1, get(method=b"POST"), END_HEADERS))
    for _ in range(STREAM_WINDOW // 16_384 + 1):
        wire.feed(data(1, bytes(16_384), 0))
    assert wire.http.over
    assert wire.sent()[-1].told == "FLOW_CONTROL_ERROR"


def test_one_stream_too_many_is_refused_and_no_more() -> None:
    wire = Wire()
    for at in range(MAX_STREAMS):
        wire.feed(headers(2 * at + 1, get()))
    ((stream, refused),) = wire.feed(headers(2 * MAX_STREAMS + 1, get()))
    assert isinstance(refused, Refused)
    assert refused.section == "RFC 9113, 5.1.2"
    assert wire.sent()[-1] == Got("RST_STREAM", stream, "REFUSED_STREAM")
    wire.answer(1)
    wire.sent()
    ((_, head),) = wire.feed(headers(2 * MAX_STREAMS + 3, get()))
    assert isinstance(head, RequestHead)


def test_resetting_makes_no_room_while_the_apps_still_run() -> None:
    wire = Wire()
    heads = 0
    for stream in range(1, 8 * MAX_STREAMS, 2):
        found = wire.feed(headers(stream, get()), frame(http2_frames.RST_STREAM, 0, stream, number(8)))
        heads += sum(isinstance(event, RequestHead) for _, event in found)
        if wire.http.over:
            break
    assert heads == MAX_STREAMS
    assert wire.http.over
    assert wire.sent()[-1].told == "ENHANCE_YOUR_CALM"


@pytest.mark.parametrize(("what", "one"), FLOODS, ids=[what for what, _ in FLOODS])
def test_a_flood_of_lawful_frames_is_asked_to_calm_down(what: str, one: bytes) -> None:
    wire = Wire()
    wire.feed(one * (calm.FULL // 20))
    assert not wire.http.over
    for _ in range(30):
        wire.feed(one * 100)
    assert wire.http.over
    assert wire.sent()[-1].told == "ENHANCE_YOUR_CALM"


def test_the_same_frames_over_an_hour_are_none() -> None:
    wire = Wire()
    for minute in range(1, 60):
        wire.feed(frame(http2_frames.PING, 0, 0, bytes(8)) * 500, t_ns=minute * 60 * SECOND)
        wire.sent()
    assert not wire.http.over


def test_empty_data_is_asked_to_calm_down() -> None:
    wire = Wire()
    wire.feed(headers(1, get(method=b"POST"), END_HEADERS))
    for _ in range(10):
        wire.feed(data(1, b"", 0) * 100)
    assert wire.sent()[-1].told == "ENHANCE_YOUR_CALM"


@pytest.mark.parametrize("size", [0, 100, 16_000])
def test_a_header_block_that_does_not_end_is_asked_to_calm_down(size: int) -> None:
    wire = Wire()
    wire.feed(headers(1, get(), END_STREAM))
    block = packed([(b"x", b"a" * size)]) if size else b""
    for _ in range(http2_frames.MAX_CONTINUATIONS + 2):
        wire.feed(frame(http2_frames.CONTINUATION, 0, 1, block))
    assert wire.sent()[-1].told == "ENHANCE_YOUR_CALM"
    assert wire.events[-1][1].section == "RFC 9113, 10.5.1"


def test_a_bomb_of_headers_is_not_unpacked() -> None:
    """One entry of the table, named four thousand times (CVE-2016-6581)."""
    wire = Wire()
    block = b"\x40\x01a" + b"\x7f\x81\x1e" + b"b" * 4000 + b"\xbe" * 4000
    wire.feed(frame(http2_frames.HEADERS, END_HEADERS | END_STREAM, 1, block))
    assert wire.sent()[-1].told == "ENHANCE_YOUR_CALM"


def test_settings_that_nobody_knows_are_not_kept_and_no_table_grows() -> None:
    wire = Wire()
    wire.feed(settings(*((code, 7) for code in range(0x100, 0x900)), (1, (1 << 32) - 1)))
    assert len(wire.http._h2.remote_settings) < 10
    assert wire.http._h2.encoder.header_table_size == 4096


def test_a_connection_that_served_many_is_no_larger() -> None:
    wire = Wire()
    for at in range(3000):
        wire.feed(headers(2 * at + 1, get()), t_ns=at * SECOND // 100)
        wire.answer(2 * at + 1, b"ok")
        wire.http.release(2 * at + 1)
        wire.sent()
        wire.http.wired()
    h2 = wire.http._h2
    assert len(h2.streams) <= 2
    assert len(h2._closed_streams) <= 1024
    kept = (wire.http._streams, wire.http._running, wire.http._ghosts, wire.http._events)
    assert not any(kept)


@pytest.mark.parametrize("window", [0, 5])
def test_a_refusal_that_does_not_fit_the_window_says_less(window: int) -> None:
    wire = Wire(HELLO + settings((4, window)))
    wire.feed(headers(1, get(method=b"A" * 65)))
    assert [(got.kind, got.told) for got in wire.sent()] == [("HEADERS", "501"), ("DATA", b"")]
    assert (b"content-length", b"0") in wire.reading.fields[1]


def test_a_header_block_is_kept_whole_as_it_came() -> None:
    reader = http2_frames.FrameReader()
    block = packed(get())
    parts = [
        frame(http2_frames.HEADERS, END_STREAM, 1, block[:5]),
        frame(http2_frames.CONTINUATION, 0, 1, block[5:9]),
        frame(http2_frames.CONTINUATION, END_HEADERS, 1, block[9:]),
    ]
    reader.receive_data(HELLO + b"".join(parts))
    assert reader.next_frame() is not None
    whole = reader.next_frame()
    assert whole is not None
    assert (whole.payload, whole.raw, whole.frames) == (block, b"".join(parts), 3)


def test_nothing_is_written_to_the_apps_logging(caplog: pytest.LogCaptureFixture) -> None:
    """hpack tells each field to `logging`, which an app may have set to DEBUG."""
    caplog.set_level(logging.DEBUG)
    http = HTTP2()
    http.receive_data(HELLO + headers(1, get()) + settings((1, 100)), 1)
    http.send_head_and_body(1, http.prepare(OK), ResponseBody(b"ok", False))
    http.data_to_send(100)
    assert [record for record in caplog.records if not record.name.startswith("asyncio")] == []


def test_malformed_requests_one_after_the_other_are_asked_to_calm_down() -> None:
    wire = Wire()
    for at in range(200):
        wire.feed(headers(2 * at + 1, [*get(), (b"X", b"1")]))
    assert wire.http.over
    assert sum(isinstance(event, Refused) for _, event in wire.events) <= 102


# The ends.


def test_goaway_lets_what_is_under_way_end_well() -> None:
    wire = Wire()
    wire.feed(headers(1, get()), headers(3, get()))
    wire.http.leave()
    assert not wire.http.ends
    wire.feed(headers(5, get()))
    wire.answer(1, b"a")
    wire.answer(3, b"b")
    sent = wire.sent()
    assert ("GOAWAY", "NO_ERROR") in [(got.kind, got.told) for got in sent]
    assert Got("RST_STREAM", 5, "REFUSED_STREAM") in sent
    assert [got for got in sent if got.ends] == [Got("DATA", 1, b"a", ends=True), Got("DATA", 3, b"b", ends=True)]
    assert wire.http.ends
    assert len(wire.events) == 2


def test_a_goaway_of_the_client_lets_what_is_under_way_end_well() -> None:
    wire = Wire()
    wire.feed(headers(1, get(method=b"POST"), END_HEADERS), frame(http2_frames.GOAWAY, 0, 0, bytes(8)))
    assert not wire.http.ends
    wire.feed(data(1, b"rest"))
    wire.answer(1, b"a")
    assert wire.sent()[-1] == Got("DATA", 1, b"a", ends=True)
    assert wire.http.ends


def test_a_push_is_promised_where_the_client_takes_it() -> None:
    wire = Wire()
    wire.feed(headers(1, get()))
    assert wire.http.may_push(1)
    stream, head = wire.http.push(1, b"shop", b"/style.css", [(b"Accept", b"text/css")])
    assert (stream, head.method, head.target, head.has_body) == (2, "GET", b"/style.css", False)
    assert head.headers == [(b"host", b"shop"), (b"accept", b"text/css")]
    wire.http.send_head(1, wire.http.prepare(OK))
    wire.answer(2, b"css")
    sent = wire.sent()
    assert [(got.kind, got.stream) for got in sent] == [
        ("PUSH_PROMISE", 1),
        ("HEADERS", 1),
        ("HEADERS", 2),
        ("DATA", 2),
    ]
    assert not wire.http.may_push(2)
    with pytest.raises(AppMistake):
        wire.http.push(1, b"shop", b"style.css", [])
    wire.feed(settings((2, 0)))
    assert not wire.http.may_push(1)


def test_a_pushed_stream_that_the_client_resets_is_over() -> None:
    wire = Wire(HELLO + settings((4, 0)))
    wire.feed(headers(1, get()))
    wire.http.push(1, b"shop", b"/style.css", [])
    wire.answer(2, b"css")
    ((stream, gone),) = wire.feed(frame(http2_frames.RST_STREAM, 0, 2, number(8)))
    assert stream == 2
    assert isinstance(gone, Disconnected)


def test_https_is_pushed_and_served_with_tls_only() -> None:
    wire = Wire(scheme="https")
    ((_, head),) = wire.feed(headers(1, [(b":method", b"GET"), (b":scheme", b"https"), *get()[2:]]))
    assert isinstance(head, RequestHead)
    wire.http.push(1, b"shop", b"/a", [])
    wire.sent()
    assert (b":scheme", b"https") in wire.reading.promised[1]


def test_extended_connect_is_understood_where_it_is_announced() -> None:
    wire = Wire(websockets=True)
    fields = [*get(b"/chat", b"CONNECT"), (b":protocol", b"websocket"), (b"sec-websocket-version", b"13")]
    ((_, head),) = wire.feed(headers(1, fields, END_HEADERS))
    assert isinstance(head, RequestHead)
    assert head.websocket
    assert not head.has_body
    ((_, refused),) = wire.feed(headers(3, [*get(b"/", b"CONNECT"), (b":protocol", b"gopher")], END_HEADERS))
    assert refused.status == 501
