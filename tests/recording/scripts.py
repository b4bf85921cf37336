"""Records as an engine would tell them, in few words: times are the numbers of the scripts, in nanoseconds."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from inspector.recording.fold import Batch, Fold
from inspector.recording.rows import ExchangeRow
from inspector.recording.writer import Writer
from inspector.trace import records, values
from inspector.trace.records import BodyPart, ExchangeEnded, ExchangeStarted, MessageSeen, Record, RunStarted, Wait

WALL = 1_700_000_000_000_000_000
GET = b"GET /items/1?page=2 HTTP/1.1\r\nHost: shop.test:8000\r\nCookie: id=secret\r\n\r\n"
POST = b"POST /upload HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 10\r\n\r\n"
CHUNKED = b"POST /upload HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n"
UPGRADE = b"GET /chat HTTP/1.1\r\nHost: shop.test\r\nUpgrade: websocket\r\n\r\n"
CALL, RECEIVE, SEND, CLOSE, RETURN, RAISE = range(6)


def run_started(t_ns: int = 0) -> RunStarted:
    return RunStarted(t_ns, WALL + t_ns, 4242, "3.11.7", "/usr/bin/python", "shop:app")


def started(
    exchange: int = 1, head: bytes = GET, kind: str = "http", interface: str = "asgi3", t0: int = 100
) -> Record:
    client = ("127.0.0.1", 51764)
    return ExchangeStarted(
        exchange, kind, interface, 7, "1.1", "http", client, ("127.0.0.1", 8000), "", head, t0 - 1, t0, t0 + 10
    )


def lifespan(exchange: int = 1, head_ns: int = 0) -> Record:
    return ExchangeStarted(exchange, "lifespan", "asgi3", 0, "", "", None, None, "", b"", 0, 0, head_ns)


def message(seq: int, direction: int, type_: str, t_ns: int, exchange: int = 1, **more: Any) -> MessageSeen:
    """`more`: fields of `MessageSeen`; `data` may be a plain value, `wired` is (seq, ns); bodies give their sizes."""
    data = more.pop("data", {})
    body = more.get("body", b"")
    wired_seq, wired_ns = more.pop("wired", (0, 0))
    more.setdefault("size", len(body))
    more.setdefault("stored", len(body))
    if body:
        more.setdefault("body_key", records.BODY)
    return MessageSeen(
        exchange,
        seq,
        t_ns,
        more.pop("asked_ns", 0),
        more.pop("wire_ns", 0),
        wired_seq,
        wired_ns,
        direction,
        type_,
        data if isinstance(data, bytes) else values.encode(data),
        **more,
    )


def ended(t_ns: int, exchange: int = 1, outcome: str = "done", out: int = 0, wired: tuple[int, int] = (0, 0)) -> Record:
    text = "" if outcome == "done" else f"It ended: {outcome}."
    return ExchangeEnded(exchange, t_ns, outcome, text, out and out - 1, out, *wired)


def wait(t_ns: int, point: int, done: bool = False, exchange: int = 1) -> Record:
    return Wait(exchange, t_ns, point, done)


def hello(exchange: int = 1, t0: int = 100, body: bytes = b"Hello, world!", head: bytes = GET) -> list[Record]:
    """A whole ASGI exchange of four messages."""
    return [
        started(exchange, head, t0=t0),
        message(0, CALL, "call", t0 + 20, exchange, data={"asgi": {"version": "3.0"}}),
        message(
            1,
            SEND,
            "http.response.start",
            t0 + 30,
            exchange,
            status=200,
            data={"status": 200, "headers": [(b"set-cookie", b"id=secret")]},
        ),
        *with_parts(message(2, SEND, "http.response.body", t0 + 40, exchange, body=body, data={"more_body": False})),
        message(3, RETURN, "return", t0 + 60, exchange, wired=(2, t0 + 50)),
        ended(t0 + 70, exchange, out=t0 + 50),
    ]


def with_parts(whole: MessageSeen, size: int = 1 << 16) -> list[Record]:
    """A message as the link carries it: of a long body the first bytes, and parts."""
    rest = range(size, len(whole.body), size)
    parts = [BodyPart(whole.exchange, whole.seq, at, whole.body[at : at + size]) for at in rest]
    return [whole._replace(body=whole.body[:size]), *parts]


def fold(script: Iterable[Record], run: int = 1) -> Batch:
    """What a fold makes of a whole script."""
    one = Fold(run)
    for record in script:
        one.feed(record)
    return one.take()


def row_of(script: Iterable[Record]) -> ExchangeRow:
    """The one exchange of a script."""
    (row,) = fold([run_started(), *script]).exchanges
    return row


def record(writer: Writer, script: Iterable[Record], fold_: Fold | None = None) -> Fold:
    """Writes a script as one batch; the fold to go on with."""
    if fold_ is None:
        fold_ = Fold(writer.begin_run())
        fold_.feed(run_started())
    for one in script:
        fold_.feed(one)
    writer.write(fold_.run, fold_.take())
    return fold_


def recorded(path: Path, script: Iterable[Record], close: bool = True) -> Path:
    """A recording of a script."""
    writer = Writer.create(path)
    record(writer, script)
    if close:
        writer.close()
    return path
