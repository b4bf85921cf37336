"""Exchanges as a reader would give them, made by hand: for the tests and the pictures of the panels."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODeviceBase, Qt
from PySide6.QtGui import QImage, QPainter

from inspector.recording.rows import (
    ExchangeRow,
    FailureRow,
    HoldRow,
    LogRow,
    MessageRow,
    OriginalRow,
    WaitRow,
    WireRow,
)
from inspector.trace import clock
from inspector.trace.values import Opaque
from tests.support.sample_wire import octets

T0 = clock.now() - 1_900_000_000
MS = 1_000_000


def ms(figure: float) -> int:
    """The mark that lies `figure` milliseconds after the zero of every sample."""
    return T0 + round(figure * MS)


@dataclass
class Sample:
    """One exchange with everything that hangs on it; bodies by seq."""

    row: ExchangeRow
    head: bytes = b""
    messages: list[MessageRow] = field(default_factory=list)
    bodies: dict[int, bytes] = field(default_factory=dict)
    waits: list[WaitRow] = field(default_factory=list)
    logs: list[LogRow] = field(default_factory=list)
    failures: list[FailureRow] = field(default_factory=list)
    holds: list[HoldRow] = field(default_factory=list)
    originals: dict[int, OriginalRow] = field(default_factory=dict)
    wire: list[WireRow] = field(default_factory=list)
    transport: dict[str, Any] = field(default_factory=dict)

    def add(
        self, at: float, direction: str, type_: str, data: Any = None, body: bytes | None = None, **more: Any
    ) -> None:
        """One more message, `at` milliseconds; counts and bytes of the row follow."""
        seq = len(self.messages)
        if direction == "call" and self.row.kind != "lifespan":
            self.head = head(self.row, data)
        if body is not None:
            self.bodies[seq] = body
        size = more.pop("size", len(body or b""))
        given: dict[str, Any] = {
            "asked_ns": None,
            "wire_ns": None,
            "body_key": "body" if body is not None else "",
            "status": None,
            "more_body": False,
            "edited": False,
            "dropped": False,
            "injected": False,
        } | more
        message = MessageRow(
            exchange=self.row.id,
            seq=seq,
            t_ns=ms(at),
            direction=direction,
            type=type_,
            data={} if data is None else data,
            head=(body or b"")[:256],
            size=size,
            stored=len(body or b""),
            **given,
        )
        self.messages.append(message)
        side = {"receive": "request_bytes", "send": "response_bytes"}.get(direction)
        changes: dict[str, Any] = {"message_count": seq + 1}
        if side:
            changes[side] = getattr(self.row, side) + size
        self.row = replace(self.row, **changes)

    def log(self, at: float, source: str, level: str, logger: str, text: str, file: str = "", line: int = 0) -> None:
        entry = LogRow(len(self.logs) + 1, 1, self.row.id, ms(at), source, level, logger, text, file, line)
        self.logs.append(entry)
        self.row = replace(self.row, log_count=len(self.logs))


class FakeReader:
    """Reads samples out of memory, with the methods of `inspector.recording.reader.Reader` that panels use."""

    def __init__(self, samples: Iterable[Sample] = ()) -> None:
        self.samples = {sample.row.id: sample for sample in samples}
        self.reads = 0
        """Calls of `messages`."""

    def rows(self, ids: Sequence[int]) -> list[ExchangeRow | None]:
        return [self.samples[id_].row if id_ in self.samples else None for id_ in ids]

    def messages(self, exchange: int, start: int = 0, count: int = 500) -> list[MessageRow]:
        self.reads += 1
        return self.samples[exchange].messages[start : start + count]

    def body(self, exchange: int, seq: int, offset: int = 0, size: int = -1) -> bytes:
        return _part(self.samples[exchange].bodies.get(seq, b""), offset, size)

    def body_all(self, exchange: int, direction: str, offset: int = 0, size: int = -1) -> bytes:
        return _part(b"".join(self._bodies(exchange, direction)), offset, size)

    def _bodies(self, exchange: int, direction: str) -> list[bytes]:
        sample = self.samples[exchange]
        return [sample.bodies.get(each.seq, b"") for each in sample.messages if each.direction == direction]

    def head(self, exchange: int) -> tuple[bytes, tuple[str, int | None] | None, str]:
        return self.samples[exchange].head, ("127.0.0.1", 8000), ""

    def wire(self, exchange: int, start: int = 0, count: int = 500) -> list[WireRow]:
        return self.samples[exchange].wire[start : start + count]

    def has_wire(self, exchange: int) -> bool:
        return bool(self.samples[exchange].wire)

    def wire_bytes(self, piece: WireRow, offset: int = 0, size: int = -1) -> bytes:
        return _part(octets(piece, lambda *part: self.body(piece.exchange, *part)), offset, size)

    def transport(self, exchange: int) -> dict[str, Any]:
        return self.samples[exchange].transport

    def accepted_ns(self, exchange: int) -> int | None:
        return None

    def waits(self, exchange: int) -> list[WaitRow]:
        return self.samples[exchange].waits

    def holds(self, exchange: int) -> list[HoldRow]:
        return self.samples[exchange].holds

    def original(self, exchange: int, seq: int) -> OriginalRow | None:
        return self.samples[exchange].originals.get(seq)

    def log_count(self, exchange: int, until_ns: int) -> int:
        return len(self.logs(exchange, until_ns=until_ns))

    def logs(
        self, exchange: int, after: int = 0, count: int = 1000, newest: bool = False, until_ns: int = 1 << 63
    ) -> list[LogRow]:
        found = [each for each in self.samples[exchange].logs if each.id > after and each.t_ns <= until_ns]
        return found[-count:] if newest else found[:count]

    def failures(self, exchange: int) -> list[FailureRow]:
        return self.samples[exchange].failures


def head(row: ExchangeRow, called: dict[str, Any]) -> bytes:
    """The request head on the wire that makes the scope or environ `called`."""
    headers: list[tuple[bytes, bytes]] = called.get("headers", [])
    if "REQUEST_METHOD" in called:
        names = [key for key in called if key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_LENGTH")]
        headers = [
            (key.removeprefix("HTTP_").replace("_", "-").title().encode(), called[key].encode()) for key in names
        ]
    target = f"{row.path}?{row.query}" if row.query else row.path
    lines = [f"{row.method} {target} HTTP/1.1".encode(), *(b": ".join(pair) for pair in headers if _is_pair(pair))]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _is_pair(item: object) -> bool:
    return isinstance(item, tuple) and all(isinstance(part, bytes) for part in item)


def _part(data: bytes, offset: int, size: int) -> bytes:
    return data[offset:] if size < 0 else data[offset : offset + size]


def row(id_: int = 1, **changes: Any) -> ExchangeRow:
    """An HTTP exchange that went well in 8.4 ms."""
    plain = ExchangeRow(
        id=id_,
        run=1,
        kind="http",
        interface="asgi3",
        http_version="1.1",
        method="GET",
        path="/",
        query="",
        host="127.0.0.1:8000",
        scheme="http",
        status=200,
        client="127.0.0.1:51764",
        connection=1,
        started_ns=1_741_500_000_000_000_000,
        t0_ns=T0,
        head_ns=ms(0.2),
        call_ns=ms(0.3),
        response_ns=ms(8.2),
        response_end_ns=ms(8.4),
        end_ns=ms(8.4),
        duration_ns=round(8.4 * MS),
        app_ns=round(7.8 * MS),
        client_ns=0,
        blocked_ns=0,
        after_ns=0,
        held_ns=0,
        request_bytes=0,
        response_bytes=0,
        message_count=0,
        outcome="done",
        outcome_text="",
        exception="",
        log_count=0,
        pinned=False,
    )
    return replace(plain, **changes)


def scope(
    kind: str = "http", method: str = "GET", path: str = "/", headers: Sequence[tuple[bytes, bytes]] = ()
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http" if kind == "http" else "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [*_HEADERS, *headers],
        "client": ("127.0.0.1", 51764),
        "server": ("127.0.0.1", 8000),
        "state": {"db": Opaque("shop.storage.Database", 0x7F3A), "redis": Opaque("redis.asyncio.client.Redis", 0x7F3B)},
        "extensions": {"http.response.early_hint": {}, "http.response.trailers": {}},
    }
    if kind == "websocket":
        del made["method"]
        made["subprotocols"] = ["chat"]
    return made


_HEADERS = [
    (b"host", b"127.0.0.1:8000"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
    (b"accept", b"application/json"),
    (b"accept-language", b"en-GB,en;q=0.7,de;q=0.3"),
    (b"accept-encoding", b"gzip, deflate, br"),
    (b"referer", b"http://127.0.0.1:8000/cart"),
    (b"origin", b"http://127.0.0.1:8000"),
    (b"dnt", b"1"),
    (b"connection", b"keep-alive"),
    (b"cookie", b"session=eyJjYXJ0IjpbNDcxMV19.Z8x1Qg.3vQp; theme=dark"),
    (b"sec-fetch-dest", b"empty"),
    (b"sec-fetch-mode", b"cors"),
    (b"sec-fetch-site", b"same-origin"),
]
_JSON = [(b"content-type", b"application/json")]


def checkout(id_: int = 98_310) -> Sample:
    """The drawing's POST /api/checkout."""
    order = {"cart": [{"sku": "lamp-01", "count": 2}, {"sku": "bulb-e27", "count": 4}], "note": "Bitte klingeln ✓"}
    body = json.dumps({**order, "address": {"name": "Ada Lovelace", "street": "12 St James's Square"}}).encode()
    lines = b'"lines": [{"sku": "lamp-01", "price": 49.95}]'
    answer = b'{"order": 4711, "total": 129.90, "currency": "EUR", %b, "paid": false}' % lines
    sample = Sample(
        row(id_, method="POST", path="/api/checkout", status=201, client_ns=round(0.4 * MS), app_ns=round(7.1 * MS))
    )
    head = [*_JSON, (b"content-length", str(len(body)).encode())]
    sample.add(0.30, "call", "call", scope("http", "POST", "/api/checkout", head))
    sample.add(0.71, "receive", "http.request", {"more_body": False}, body, asked_ns=ms(0.31), wire_ns=ms(0.6))
    reply = [
        *_JSON,
        (b"content-length", b"112"),
        (b"cache-control", b"no-store"),
        (b"x-order", b"4711"),
        (b"server-timing", b"db;dur=3.1"),
        (b"vary", b"cookie"),
    ]
    sample.add(7.80, "send", "http.response.start", {"status": 201, "headers": reply}, status=201, wire_ns=ms(8.2))
    sample.add(7.84, "send", "http.response.body", {}, answer, wire_ns=ms(8.3))
    sample.add(8.02, "return", "return")
    sample.log(1.1, "logging", "DEBUG", "shop.cart", "cart 4711 has 2 lines", "/srv/shop/shop/cart.py", 41)
    sample.log(
        3.0,
        "logging",
        "INFO",
        "shop.pay",
        "authorising 129.90 EUR with the card ending in 4242",
        "/srv/shop/shop/pay.py",
        88,
    )
    sample.log(6.6, "logging", "WARNING", "shop.stock", "only 3 of lamp-01 left", "/srv/shop/shop/stock.py", 17)
    return sample


def stepped(id_: int = 17) -> Sample:
    """A request that was stepped: its call and a chunk edited, a chunk dropped, one injected, each after a hold."""
    sample = Sample(
        row(id_, method="POST", path="/api/checkout", status=201, app_ns=6 * MS, held_ns=75_500 * MS, end_ns=ms(75_520),
            response_ns=ms(75_500), response_end_ns=ms(75_516), duration_ns=75_516 * MS)
    )  # fmt: skip
    head = [*_JSON, (b"content-length", b"17"), (b"authorization", b"Bearer eyJhbGciOi")]
    was = scope("http", "POST", "/api/checkout", head)
    now = {**was, "headers": [*was["headers"][:-1], (b"authorization", b"Bearer none")], "root_path": "/shop"}
    sample.add(0.30, "call", "call", now, edited=True)
    sample.originals[0] = OriginalRow("call", was, "", 0, b"")
    sample.holds.append(HoldRow(1, 0, "call", ms(0.3), ms(12_000), "step"))
    sample.add(12_001, "receive", "http.request", {"more_body": False}, b'{"cart": [4711]}\n', asked_ns=ms(12_000.5),
               wire_ns=ms(0.6))  # fmt: skip
    reply = [*_JSON, (b"cache-control", b"no-store"), (b"x-order", b"4711"), (b"vary", b"cookie")]
    sample.add(12_004, "send", "http.response.start", {"status": 201, "headers": reply}, status=201, wire_ns=ms(75_500))
    answer = (
        b'{"order": 4711, "total": 129.90, "currency": "EUR", "lines": [{"sku": "lamp-01", "count": 2}], "paid": %s}'
    )
    was_, now_ = answer % b"false", answer.replace(b"129.90", b"0.00") % b"true"
    sample.add(12_005, "send", "http.response.body", {"more_body": True}, now_, edited=True, more_body=True,
               wire_ns=ms(75_500))  # fmt: skip
    sample.originals[3] = OriginalRow("http.response.body", {"more_body": True}, "body", len(was_), was_)
    sample.holds.append(HoldRow(2, 3, "send", ms(12_005), ms(54_000), "continue"))
    sample.add(
        54_001, "send", "http.response.body", {"more_body": True}, b"<!-- debug -->", dropped=True, more_body=True
    )
    sample.holds.append(HoldRow(3, 4, "send", ms(54_001), ms(60_000), "drop"))
    sample.add(75_510, "send", "http.response.body", {"more_body": True}, b"\n", injected=True, more_body=True,
               wire_ns=ms(75_512))  # fmt: skip
    sample.add(60_001, "send", "http.response.body", {"more_body": False}, b"", wire_ns=ms(75_514))
    sample.holds.append(HoldRow(4, 5, "send", ms(60_001), ms(75_505), "finish"))
    sample.add(75_515, "return", "return")
    return sample


def waiting(id_: int = 7) -> Sample:
    """A long poll in flight: the app waits for the client."""
    sample = Sample(
        row(
            id_,
            path="/poll",
            status=None,
            response_ns=None,
            response_end_ns=None,
            end_ns=None,
            duration_ns=None,
            outcome="",
            app_ns=round(0.4 * MS),
            doing="open",
            doing_ns=ms(0.7),
            counted_ns=ms(0.7),
        )
    )
    sample.add(0.30, "call", "call", scope(path="/poll"))
    sample.add(0.41, "receive", "http.request", {"more_body": False}, b"", asked_ns=ms(0.4))
    sample.waits = [WaitRow("receive", ms(0.7))]
    return sample


def chat(id_: int = 98_304, frames: int = 42) -> Sample:
    """A WebSocket chat that is over."""
    end = 134_000.0
    sample = Sample(
        row(
            id_,
            kind="websocket",
            path="/ws/chat",
            status=101,
            response_ns=ms(1.4),
            response_end_ns=ms(end),
            end_ns=ms(end),
            duration_ns=round(end * MS),
            app_ns=round(38.1 * MS),
            client_ns=round((end - 60) * MS),
        )
    )
    sample.add(0.3, "call", "call", scope("websocket", path="/ws/chat", headers=[(b"upgrade", b"websocket")]))
    sample.add(0.4, "receive", "websocket.connect", {}, asked_ns=ms(0.35))
    sample.add(1.1, "send", "websocket.accept", {"subprotocol": "chat", "headers": []}, wire_ns=ms(1.4))
    lines = ["hello, is the lamp still there?", "It is: 3 left.", "Does it dim?", "Yes, with bulb-e27. 💡", "🎉 thanks"]
    for number in range(frames):
        at = 900.0 + number * 3_100
        text = lines[number % len(lines)].encode()
        if number % 2 == 0:
            sample.add(
                at,
                "receive",
                "websocket.receive",
                {},
                text,
                body_key="text",
                asked_ns=ms(at - 6_196 if number else 1.2),
            )
        else:
            sample.add(at - 3_098, "send", "websocket.send", {}, text, body_key="text", wire_ns=ms(at - 3_097))
    sample.add(133_800, "send", "websocket.send", {}, bytes([0x89, 0x50, 0x4E, 0x47, *range(60)]), body_key="bytes")
    sample.add(133_999, "receive", "websocket.disconnect", {"code": 1001, "reason": ""}, status=1001,
               asked_ns=ms(124_904))  # fmt: skip
    sample.add(end, "return", "return")
    return sample


def failing(id_: int = 98_309) -> Sample:
    """A request whose handler raised from a database error, in a framework."""
    site = "/srv/shop/.venv/lib/python3.12/site-packages"
    frame = lambda file, line, function, source: {  # noqa: E731
        "file": file,
        "line": line,
        "function": function,
        "source": source,
        "locals": None,
    }
    sample = Sample(
        row(
            id_,
            path="/api/report",
            status=500,
            app_ns=96 * MS,
            exception="shop.errors.ReportFailed",
            outcome="app raised",
            outcome_text="the app raised ReportFailed after 2 messages",
            response_ns=ms(96.3),
            response_end_ns=ms(96.4),
            end_ns=ms(96.4),
            duration_ns=round(96.4 * MS),
        )
    )
    sample.add(0.3, "call", "call", scope(path="/api/report"))
    sample.add(0.5, "receive", "http.request", {"more_body": False}, b"", asked_ns=ms(0.45))
    told = "no report for 2025-02: the month has no orders"
    sample.add(96.0, "raise", "raise", {"exception": {"type": "shop.errors.ReportFailed", "message": told}})
    chain = [
        {
            "type": "shop.errors.ReportFailed",
            "message": told,
            "notes": ["asked by ada@example.org"],
            "relation": "",
            "frames": [
                frame(
                    f"{site}/starlette/applications.py",
                    113,
                    "__call__",
                    "await self.middleware_stack(scope, receive, send)",
                ),
                frame(f"{site}/starlette/middleware/errors.py", 187, "__call__", "raise exc"),
                frame(f"{site}/starlette/routing.py", 715, "app", "await route.handle(scope, receive, send)"),
                frame("/srv/shop/shop/main.py", 88, "report", "return await reports.monthly(month)"),
                frame(
                    "/srv/shop/shop/reports.py",
                    41,
                    "monthly",
                    'raise ReportFailed(f"no report for {month}: the month has no orders")',
                ),
            ],
        },
        {
            "type": "KeyError",
            "message": "'2025-02'",
            "notes": [],
            "relation": "cause",
            "frames": [
                frame("/srv/shop/shop/reports.py", 39, "monthly", "rows = by_month[month]"),
                frame(
                    "/usr/lib/python3.12/collections/__init__.py", 1015, "__getitem__", "return self.__missing__(key)"
                ),
            ],
        },
    ]
    text = "Traceback (most recent call last):\n  ...\nshop.errors.ReportFailed: " + told
    sample.failures = [FailureRow(id_, ms(96.0), "shop.errors.ReportFailed", told, text, chain)]
    sample.log(2.0, "logging", "INFO", "shop.reports", "building 2025-02", "/srv/shop/shop/reports.py", 36)
    sample.log(
        95.1,
        "stderr",
        "",
        "",
        "reports.py: cache is cold\n  falling back to the database, which takes its time and says so at length",
    )
    sample.log(96.0, "logging", "ERROR", "shop.main", "report failed", "/srv/shop/shop/main.py", 90)
    return sample


def wsgi_form(id_: int = 12) -> Sample:
    """A form post to a WSGI app that had to wait for a worker thread, and whose client read slowly."""
    environ = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/contact",
        "QUERY_STRING": "ref=footer",
        "REQUEST_URI": "/contact?ref=footer",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "51764",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": "58",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": Opaque("inspector.engine.gateway.wsgi.Input", 1),
        "wsgi.errors": Opaque("inspector.engine.gateway.wsgi.Errors", 2),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    body = b"name=Ada+Lovelace&mail=ada%40example.org&text=Hello+there."
    page = gzip.compress(
        b"<!doctype html>\n<title>Thank you</title>\n<h1>Thank you, Ada</h1>\n" + b"<p>We answer soon.</p>\n" * 40
    )
    sample = Sample(
        row(
            id_,
            interface="wsgi",
            method="POST",
            path="/contact",
            query="ref=footer",
            status=200,
            call_ns=ms(12.3),
            app_ns=round(9.1 * MS),
            client_ns=round(1.2 * MS),
            blocked_ns=round(6.4 * MS),
            after_ns=round(2.5 * MS),
            response_ns=ms(22.0),
            response_end_ns=ms(30.0),
            end_ns=ms(32.5),
            duration_ns=30 * MS,
        )
    )
    sample.add(12.3, "call", "call", environ)
    sample.add(14.0, "receive", "read", {"method": "read", "size": 58}, body, asked_ns=ms(12.8))
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Encoding", "gzip"),
        ("Content-Length", str(len(page))),
    ]
    sample.add(21.0, "send", "start_response", {"status": "200 OK", "headers": headers, "exc_info": None}, status=200)
    sample.add(21.2, "return", "return")
    sample.add(21.3, "send", "next", {}, page, wire_ns=ms(22.0))
    sample.add(32.0, "close", "close")
    sample.log(13.0, "wsgi.errors", "", "", "spam check skipped: no key")
    return sample


def truncated(id_: int = 13) -> Sample:
    """An upload of 30 MB, of which 10 MB are recorded."""
    sample = Sample(
        row(
            id_,
            method="PUT",
            path="/upload/video.mp4",
            status=204,
            client_ns=310 * MS,
            app_ns=22 * MS,
            response_ns=ms(335),
            response_end_ns=ms(335.1),
            end_ns=ms(335.1),
            duration_ns=round(335.1 * MS),
        )
    )
    sample.add(0.3, "call", "call", scope("http", "PUT", "/upload/video.mp4", [(b"content-type", b"video/mp4")]))
    sample.add(331, "receive", "http.request", {}, bytes(range(256)) * (10 << 12), size=30 << 20, asked_ns=ms(0.4))
    sample.add(334, "send", "http.response.start", {"status": 204, "headers": []}, status=204)
    sample.add(334.2, "send", "http.response.body", {}, b"")
    sample.add(334.4, "return", "return")
    return sample


def many_headers(id_: int = 14, count: int = 5_000) -> Sample:
    """A request with thousands of headers, one of them a megabyte long."""
    headers = [(f"x-header-{number:04}".encode(), f"value {number}".encode()) for number in range(count)]
    sample = Sample(row(id_, path="/many"))
    sample.add(0.3, "call", "call", scope(path="/many", headers=[*headers, (b"x-long", b"a" * (1 << 20))]))
    return sample


BOUNDARY = "----WebKitFormBoundary7MA4YWxk"


def picture() -> bytes:
    """A PNG of 320 x 200 pixels, half transparent."""
    image = QImage(320, 200, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.fillRect(20, 20, 200, 120, Qt.GlobalColor.darkCyan)
    painter.fillRect(120, 80, 180, 100, Qt.GlobalColor.darkYellow)
    painter.end()
    octets = QByteArray()
    buffer = QBuffer(octets)
    buffer.open(QIODeviceBase.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(octets.data())


def upload(id_: int = 15) -> Sample:
    """Cookies, a query and a multipart form come in; a page with cookies of all sorts goes out."""
    photo = picture()
    parts = (
        ('name="title"', "", b"The lamp"),
        ('name="note"', "application/json", b'{"shelf": 12, "tags": ["lamp", "brass"]}'),
        ('name="photo"; filename="lamp.png"', "image/png", photo),
    )
    body = b"".join(
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {told}\r\n".encode()
        + (f"Content-Type: {type_}\r\n".encode() if type_ else b"")
        + b"\r\n" + content + b"\r\n"
        for told, type_, content in parts
    ) + f"--{BOUNDARY}--\r\n".encode()  # fmt: skip
    made = Sample(row(id_, method="POST", path="/lamps", query="shop=berlin&q=brass+lamp&debug", status=200))
    asked = scope(
        path="/lamps", method="POST",
        headers=[
            (b"host", b"127.0.0.1:8000"),
            (b"content-type", f"multipart/form-data; boundary={BOUNDARY}".encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cookie", b"session=8f2c61; theme=dark; csrftoken=Zk31"),
        ],
    )  # fmt: skip
    made.add(0, "call", "call", asked)
    made.add(0.4, "receive", "http.request", {"more_body": False}, body)
    page = (
        b"<!doctype html><html><head><meta charset=utf-8><title>Lamps</title><style>h1 { color: #333 }</style></head>"
        b'<body><h1>The lamp</h1><!-- shelf 12 --><p class="note">Thank you, <b>Ada</b>.</p><ul><li>brass</li>'
        b"<li>shelf&nbsp;12</li></ul><script>var order = {id: 4711};\nsend(order);</script></body></html>"
    )
    answer = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"set-cookie", b"session=8f2c61; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=1209600"),
        (b"set-cookie", b"embed=1; SameSite=None"),
        (b"set-cookie", b"old=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
        (b"cache-control", b"no-store"),
    ]
    made.add(6, "send", "http.response.start", {"status": 200, "headers": answer}, status=200)
    made.add(6.1, "send", "http.response.body", {}, page)
    return made
