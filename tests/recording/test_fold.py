from __future__ import annotations

from typing import Any

import pytest

from inspector.recording.fold import INLINE, PREVIEW, Fold, message_id, parse_asked
from inspector.trace import records
from inspector.trace.records import BodyPart, Failure, Logged, Record, StateChanged
from tests.recording.scripts import (
    CALL,
    CHUNKED,
    CLOSE,
    POST,
    RAISE,
    RECEIVE,
    RETURN,
    SEND,
    UPGRADE,
    WALL,
    ended,
    fold,
    hello,
    lifespan,
    message,
    row_of,
    run_started,
    started,
    wait,
)

MORE = records.MORE_BODY
BODY, START = "http.response.body", "http.response.start"


def asgi_get(*between: Record) -> list[Record]:
    """Called at 120; the response is wired at 200 and the app returns at 300."""
    return [
        started(),
        message(0, CALL, "call", 120),
        *between,
        message(90, SEND, START, 190, status=200),
        message(91, SEND, BODY, 195, body=b"x"),
        message(92, RETURN, "return", 300, wired=(91, 200)),
        ended(310, out=200),
    ]


def asgi_post(*between: Record, head: bytes = POST) -> list[Record]:
    return [started(head=head), *asgi_get(*between)[1:]]


def wsgi(*between: Record, head: bytes = POST) -> list[Record]:
    """Called at 120, returned its iterable at 150, closed at 220; the last bytes went out at 200."""
    return [
        started(head=head, interface="wsgi"),
        message(0, CALL, "call", 120),
        *between,
        message(80, SEND, "start_response", 140, status=201),
        message(81, RETURN, "return", 150),
        message(82, SEND, "next", 160, body=b"abc"),
        message(83, CLOSE, "close", 220, wired=(82, 200)),
        ended(240, out=200),
    ]


def received(
    seq: int, asked: int, t_ns: int, more: bool = False, type_: str = "http.request", body: bytes = b""
) -> Record:
    return message(seq, RECEIVE, type_, t_ns, asked_ns=asked, flags=MORE if more else 0, body=body)


TIMES: dict[str, tuple[list[Record], dict[str, Any]]] = {
    "a plain exchange: all the time until the response is the app's": (
        asgi_get(),
        {
            "t0_ns": 100, "call_ns": 120, "response_ns": 199, "response_end_ns": 200, "end_ns": 310, "duration_ns": 100,
            "app_ns": 80, "client_ns": 0, "blocked_ns": 0, "after_ns": 100, "started_ns": WALL + 100,
        },
    ),
    "a receive of a request without a body waits for nobody": (
        asgi_get(received(1, 130, 150)),
        {"client_ns": 0, "app_ns": 80},
    ),
    "a receive waits for the client until the body is complete": (
        asgi_post(received(1, 130, 150)),
        {"client_ns": 20, "app_ns": 60},
    ),
    "each piece of a body counts": (
        asgi_post(received(1, 130, 140, more=True), received(2, 150, 155)),
        {"client_ns": 15, "app_ns": 65},
    ),
    "a receive that listens for the disconnect beside the body counts only until the body is complete": (
        asgi_post(
            wait(131, RECEIVE), received(1, 130, 150), wait(160, RECEIVE),
            received(2, 160, 180, type_="http.disconnect"),
        ),
        {"client_ns": 20, "app_ns": 60},
    ),
    "two receives at once count once": (
        asgi_post(
            wait(130, RECEIVE), wait(135, RECEIVE), received(1, 130, 140, more=True), received(2, 135, 150)
        ),
        {"client_ns": 20, "app_ns": 60},
    ),
    "a receive that was given up counts until then": (
        asgi_post(wait(130, RECEIVE), wait(145, RECEIVE, done=True)),
        {"client_ns": 15, "app_ns": 65},
    ),
    "a wait told besides the message that ended it counts once": (
        asgi_post(wait(131, RECEIVE), received(1, 130, 150), wait(150, RECEIVE, done=True)),
        {"client_ns": 20, "app_ns": 60},
    ),
    "a blocked send is back-pressure": (
        asgi_get(wait(130, SEND), wait(160, SEND, done=True)),
        {"blocked_ns": 30, "client_ns": 0, "app_ns": 50},
    ),
    "waiting for the client's bytes and for its reading at once is taken from the app once": (
        asgi_post(wait(130, SEND), wait(135, RECEIVE), wait(150, SEND, done=True), received(1, 135, 160)),
        {"blocked_ns": 20, "client_ns": 25, "app_ns": 50},
    ),
    "back-pressure after the response is none of the app's time before it": (
        [
            started(),
            message(0, CALL, "call", 120),
            message(1, SEND, BODY, 130, body=b"x"),
            wait(135, SEND),
            wait(205, SEND, done=True),
            message(2, RETURN, "return", 210, wired=(1, 140)),
            ended(220, out=140),
        ],
        {"blocked_ns": 70, "app_ns": 15, "response_end_ns": 140, "after_ns": 70},
    ),
    "the app returned before the wire had it all": (
        [
            started(),
            message(0, CALL, "call", 120),
            message(1, SEND, BODY, 130, body=b"x"),
            message(2, RETURN, "return", 150),
            ended(220, out=210, wired=(1, 210)),
        ],
        {"response_end_ns": 210, "app_ns": 30, "after_ns": 0, "duration_ns": 110},
    ),
    "a response cut short has no end": (
        [
            started(),
            message(0, CALL, "call", 120),
            message(1, SEND, BODY, 130, body=b"x", flags=MORE),
            message(2, RAISE, "raise", 150, wired=(1, 135)),
            ended(160, outcome="app raised", out=135),
        ],
        {"response_ns": 134, "response_end_ns": None, "app_ns": 30, "duration_ns": 60, "outcome": "app raised"},
    ),
    "the server's answer for an app that raised is complete": (
        [
            started(),
            message(0, CALL, "call", 120),
            message(1, RAISE, "raise", 150),
            ended(160, outcome="app raised", out=155),
        ],
        {"response_end_ns": 155, "app_ns": 30, "duration_ns": 55, "after_ns": 0},
    ),
    "wsgi: the response is complete at the last byte, after is until close is over": (
        wsgi(),
        {"status": 201, "response_end_ns": 200, "app_ns": 80, "after_ns": 40, "duration_ns": 100, "response_bytes": 3},
    ),
    "wsgi: reads wait until the announced length is there": (
        wsgi(received(1, 125, 130, type_="read", body=b"12345"), received(2, 131, 135, type_="read", body=b"67890"),
             received(3, 135, 139, type_="read")),
        {"client_ns": 9, "app_ns": 71, "request_bytes": 10},
    ),
    "wsgi: reads of a chunked body wait until one is empty": (
        wsgi(received(1, 125, 130, type_="read", body=b"12345"), received(2, 131, 133, type_="read"),
             received(3, 133, 139, type_="read"), head=CHUNKED),
        {"client_ns": 7},
    ),
    "a websocket's receives always wait": (
        [
            started(head=UPGRADE, kind="websocket"),
            message(0, CALL, "call", 120),
            received(1, 120, 121, type_="websocket.connect"),
            message(2, SEND, "websocket.accept", 125),
            received(3, 130, 150, type_="websocket.receive", body=b"hi"),
            received(4, 150, 180, type_="websocket.receive", body=b"ho"),
            message(5, SEND, "websocket.close", 190, status=1000),
            message(6, RETURN, "return", 195, wired=(5, 192)),
            ended(210, out=192),
        ],
        {"status": 101, "client_ns": 51, "app_ns": 21, "after_ns": 3, "duration_ns": 110, "request_bytes": 4},
    ),
    "a websocket refused": (
        [
            started(head=UPGRADE, kind="websocket"),
            message(0, CALL, "call", 120),
            message(1, SEND, "websocket.close", 125, status=1000),
            message(2, RETURN, "return", 130, wired=(1, 126)),
            ended(140, out=126),
        ],
        {"status": 403},
    ),
    "a websocket denied": (
        [
            started(head=UPGRADE, kind="websocket"),
            message(0, CALL, "call", 120),
            message(1, SEND, "websocket.http.response.start", 125, status=401),
            message(2, SEND, "websocket.http.response.body", 126, body=b"no"),
            message(3, RETURN, "return", 130, wired=(2, 127)),
            ended(140, out=127),
        ],
        {"status": 401, "response_end_ns": 127},
    ),
    "a lifespan begins with its call, and waiting for its events is not the app's time": (
        [
            lifespan(),
            message(0, CALL, "call", 120),
            received(1, 130, 131, type_="lifespan.startup"),
            message(2, SEND, "lifespan.startup.complete", 140),
            received(3, 145, 900, type_="lifespan.shutdown"),
            message(4, RETURN, "return", 950),
            ended(960),
        ],
        {"t0_ns": 120, "started_ns": WALL + 120, "client_ns": 756, "app_ns": 74, "duration_ns": 840, "method": ""},
    ),
    "in flight: the open wait counts until the last thing that is known": (
        [started(head=POST), message(0, CALL, "call", 120), wait(130, RECEIVE), wait(150, SEND)],
        {"end_ns": None, "duration_ns": None, "client_ns": 20, "app_ns": 10, "outcome": ""},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("script", "expected"), TIMES.values(), ids=TIMES.keys())
def test_times(script: list[Record], expected: dict[str, Any]) -> None:
    row = row_of(script)
    assert {name: getattr(row, name) for name in expected} == expected


def test_what_the_table_shows() -> None:
    row = row_of(hello())
    assert (row.method, row.path, row.query, row.host) == ("GET", "/items/1", "page=2", "shop.test:8000")
    assert (row.status, row.client, row.connection, row.run) == (200, "127.0.0.1:51764", 7, 1)
    assert (row.message_count, row.response_bytes, row.outcome) == (4, 13, "done")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"GET /%C3%A9%20?a=%20 HTTP/1.1\r\nhost: h\r\n\r\n", ("GET", "/é ", "a=%20", "h", 0)),
        (b"PUT http://h/x HTTP/1.1\r\nContent-Length: 12\r\n\r\n", ("PUT", "/x", "", "h", 12)),
        (CHUNKED, ("POST", "/upload", "", "shop.test", None)),
        (b"", ("", "", "", "", None)),
        (b"\xff\x00 nonsense", ("\xff\x00", "", "", "", 0)),
    ],
)
def test_what_a_head_says(head: bytes, expected: tuple[object, ...]) -> None:
    assert tuple(parse_asked(head)) == expected


def test_the_wire_of_a_send_is_told_by_what_comes_later_in_the_batch_or_after_it() -> None:
    folded = Fold(1)
    for record in (started(), message(0, CALL, "call", 120), message(1, SEND, START, 130), message(2, SEND, BODY, 131)):
        folded.feed(record)
    assert [row[3] for row in folded.take().messages] == [0, 0, 0]
    folded.feed(message(3, SEND, BODY, 140, wired=(1, 135)))
    batch = folded.take()
    assert batch.wired == [(135, message_id(1, 1))]
    folded.feed(ended(160, wired=(3, 150), out=150))
    assert folded.take().wired == [(150, message_id(1, 2)), (150, message_id(1, 3))]
    whole = fold([started(), message(0, SEND, BODY, 130), ended(160, wired=(0, 150))])
    assert (whole.messages[0][3], whole.wired) == (150, [])


def test_the_wire_of_a_send_told_by_itself() -> None:
    folded = Fold(1)
    for record in (started(), message(0, CALL, "call", 120), message(1, SEND, BODY, 130, body=b"x")):
        folded.feed(record)
    folded.take()
    folded.feed(records.Wired(1, 1, 140))
    batch = folded.take()
    assert batch.wired == [(140, message_id(1, 1))]
    assert (batch.exchanges[0].response_ns, batch.exchanges[0].response_end_ns) == (140, 140)
    folded.feed(records.Wired(9, 1, 140))
    assert not folded.take()


def test_the_status_of_an_answer_that_the_server_made() -> None:
    refused = ended(150, outcome="refused", out=145)._replace(status=431)
    row = row_of([started(interface=""), refused])
    assert (row.status, row.outcome, row.response_end_ns, row.duration_ns) == (431, "refused", 145, 45)


def test_waits_are_told_as_they_are_now() -> None:
    folded = Fold(1)
    script = [started(head=POST), message(0, CALL, "call", 120), wait(130, RECEIVE), wait(140, SEND)]
    for record in script:
        folded.feed(record)
    assert folded.take().waits == {(1, RECEIVE): 130, (1, SEND): 140}
    folded.feed(received(1, 130, 150))
    folded.feed(wait(150, SEND, done=True))
    assert folded.take().waits == {(1, RECEIVE): None, (1, SEND): None}


def test_the_end_of_an_engine_loses_what_was_in_flight() -> None:
    folded = Fold(1)
    for record in (
        run_started(),
        *hello(1),
        started(2, POST),
        message(0, CALL, "call", 120, 2),
        wait(130, RECEIVE, False, 2),
    ):
        folded.feed(record)
    folded.engine_died("The app ended the process with exit code 3.", 200)
    batch = folded.take()
    done, lost = batch.exchanges
    assert (done.outcome, lost.outcome, lost.end_ns) == ("done", "lost", 200)
    assert lost.outcome_text == "The app ended the process with exit code 3."
    assert lost.client_ns == 70
    assert batch.waits[2, RECEIVE] is None
    assert batch.run_ended == (200, "The app ended the process with exit code 3.")
    assert folded.in_flight == 0


def test_a_run_that_stopped_keeps_its_own_reason() -> None:
    folded = Fold(1)
    folded.feed(StateChanged(50, "stopped", {"reason": "asked to"}))
    folded.engine_died("exit code 0", 60)
    assert folded.take().run_ended == (50, "asked to")


def test_a_large_chunk_leaves_its_row() -> None:
    body = bytes(range(256)) * 100
    batch = fold([started(), message(0, SEND, BODY, 130, body=body)])
    assert batch.messages[0][-1] == body[:PREVIEW]
    assert batch.parts == [(message_id(1, 0), PREVIEW, body[PREVIEW:])]
    assert fold([started(), message(0, SEND, BODY, 130, body=body[:INLINE])]).parts == []


def test_a_body_whose_parts_did_not_come_is_told_cut() -> None:
    folded = Fold(1)
    folded.feed(started())
    folded.feed(message(0, SEND, BODY, 130, body=b"abc", size=9, stored=9))
    folded.feed(BodyPart(1, 0, 3, b"def"))
    folded.feed(BodyPart(1, 0, 8, b"i"))  # with a hole before it: not stored
    folded.engine_died("gone", 200)
    batch = folded.take()
    assert batch.parts == [(message_id(1, 0), 3, b"def")]
    assert batch.cut == [(6, message_id(1, 0))]


def test_logs_and_failures_are_counted_with_their_exchange() -> None:
    line = Logged(1, 130, "stdout", "", "", "hi", "", 0)
    failure = Failure(1, 140, "ValueError", "no", "Traceback", [])
    row = row_of([started(), message(0, CALL, "call", 120), line, line, failure, ended(150, outcome="app raised")])
    assert (row.log_count, row.exception) == (2, "ValueError")


def test_what_cannot_be_is_passed_over() -> None:
    batch = fold(
        [
            started(0),
            started(1 << 31),
            message(0, CALL, "call", 120, exchange=9),
            BodyPart(9, 0, 0, b"x"),
            wait(1, RECEIVE, exchange=9),
            ended(5, exchange=9),
            started(1),
            started(1, POST),
            message(5, CALL, "call", 120),
            message(5, SEND, BODY, 130),
            message(4, SEND, BODY, 130),
            wait(140, SEND, done=True),
        ]
    )
    assert list(batch.started) == [1]
    assert [row[0] for row in batch.messages] == [message_id(1, 5)]
    assert batch.exchanges[0].method == "GET"


def test_a_batch_is_true_where_anything_changed() -> None:
    folded = Fold(1)
    assert not folded.take()
    folded.feed(run_started())
    assert folded.take()
    assert not folded.take()


def test_a_status_that_comes_after_the_head_is_out_is_none_that_went_out() -> None:
    fold = Fold(1)
    for record in [
        started(interface="wsgi"),
        message(0, CALL, "call", 120),
        message(1, SEND, "start_response", 130, status=200),
        message(2, SEND, "start_response", 140, status=201),
        message(3, SEND, "write", 150, body=b"gone"),
        message(4, SEND, "start_response", 160, status=500),
    ]:
        fold.feed(record)
    assert [row.status for row in fold.take().exchanges] == [201]


@pytest.mark.parametrize(
    ("script", "doing", "since"),
    [
        ([started()], "worker", 110),
        ([started(), message(0, CALL, "call", 120)], "app", None),
        ([started(), message(0, CALL, "call", 120), wait(130, RECEIVE)], "open", 130),
        ([started(head=POST), message(0, CALL, "call", 120), wait(130, RECEIVE)], "client", 130),
        ([started(), message(0, CALL, "call", 120), wait(130, RECEIVE), wait(140, SEND)], "blocked", 140),
        ([started(), message(0, CALL, "call", 120), wait(130, RECEIVE), wait(140, RECEIVE, done=True)], "app", None),
        (hello(), "", None),
    ],
)
def test_what_the_time_goes_to_at_this_moment(script: list[Record], doing: str, since: int | None) -> None:
    row = row_of(script)
    assert (row.doing, row.doing_ns) == (doing, since)
    assert row.counted_ns >= (since or 0)
