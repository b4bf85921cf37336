"""Recordings of what a window must bear (issue 3, part 8): real ones, made in seconds, small on disk."""

from __future__ import annotations

import contextlib
import gzip
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from inspector.recording.fold import PREVIEW, Fold, message_id
from inspector.recording.writer import Writer
from inspector.trace import records, values
from inspector.trace.records import Logged, Record
from tests.recording.scripts import (
    CALL,
    RECEIVE,
    RETURN,
    SEND,
    UPGRADE,
    ended,
    message,
    record,
    run_started,
    started,
    with_parts,
)

GIGABYTE = 1 << 30
MEGABYTE = 1 << 20
_PIECE = 1 << 16
_SHARED = 32 * MEGABYTE
FRAMES = 1_000_000
HEADERS = 5_000
DEEP = 100_000
PATH = 60_000


def _head(target: str = "/", *headers: tuple[str, str], method: str = "GET") -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: shop.test", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def answered(
    exchange: int, body: bytes, *headers: tuple[bytes, bytes], target: str = "/", head: bytes | None = None
) -> list[Record]:
    """A whole exchange with `body` as its response."""
    t0 = exchange * 1_000_000
    scope = {"type": "http", "asgi": {"version": "3.0"}, "method": "GET", "path": target.partition("?")[0]}
    return [
        started(exchange, head or _head(target), t0=t0),
        message(0, CALL, "call", t0 + 20, exchange, data=scope),
        message(1, SEND, "http.response.start", t0 + 30, exchange, status=200,
                data={"status": 200, "headers": list(headers)}),
        *with_parts(message(2, SEND, "http.response.body", t0 + 40, exchange, body=body, data={"more_body": False})),
        message(3, RETURN, "return", t0 + 60, exchange, wired=(2, t0 + 50)),
        ended(t0 + 70, exchange, out=t0 + 50),
    ]  # fmt: skip


@contextlib.contextmanager
def _written(path: Path, script: Iterable[Record]) -> Iterator[Writer]:
    """A live recording of `script`, to be made worse; deleted at the end."""
    writer = Writer.create(path, 1_000, 64 * GIGABYTE)
    try:
        fold = Fold(writer.begin_run())
        fold.feed(run_started())
        record(writer, script, fold)
        yield writer
    finally:
        writer.discard()


def _share_segment(writer: Writer) -> int:
    """A segment of text that many bodies may lie in at once."""
    line = b"All work and no play makes a dull log line, number %08d of very many.\n"
    block = b"".join(line % number for number in range(_PIECE // (len(line) + 5) + 1))[: _PIECE - 1] + b"\n"
    with writer._transaction():
        segment, _ = writer._segments.append(block * (_SHARED // _PIECE))
    return segment


@contextlib.contextmanager
def gigabyte(path: Path) -> Iterator[None]:
    """A response of one message, and an upload of very many: 1 GB each, recorded whole; and one cut by the cap."""
    plain = (b"content-type", b"text/plain; charset=utf-8")
    upload = [
        started(2, _head("/upload", ("Content-Length", str(GIGABYTE)), ("Content-Type", "text/plain"), method="POST")),
        message(0, CALL, "call", 200, 2, data={"type": "http", "method": "POST", "path": "/upload"}),
        ended(2_000_000, 2),
    ]
    cut = answered(3, b"y" * MEGABYTE, plain, target="/cut")
    with _written(path, [*answered(1, b"x", plain, target="/download"), *upload, *cut]) as writer:
        segment = _share_segment(writer)
        pieces = GIGABYTE // _PIECE
        numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)"
        with writer._transaction():
            run = writer._connection.execute
            whole = message_id(1, 2)
            run("UPDATE message SET size = ?, stored = ?, body = ? WHERE id = ?",
                (GIGABYTE, GIGABYTE, b"a" * PREVIEW, whole))  # fmt: skip
            run(f"{numbers} INSERT INTO part SELECT NULL, ?, i * ? + ?, ?, ?, i * ? % ?, NULL FROM n",
                (pieces, whole, _PIECE, PREVIEW, _PIECE, segment, _PIECE, _SHARED))  # fmt: skip
            run("UPDATE message SET sent = ? WHERE id = ?", (GIGABYTE, message_id(1, 3)))
            run("UPDATE exchange SET response_bytes = ? WHERE id = 1", (GIGABYTE,))

            run(f"{numbers} INSERT INTO message SELECT ? + i, 300 + i, 0, 290 + i, ?, 'http.request', ?, ?, ?, ?,"
                " NULL, 16, i * ?, 0, ? FROM n",
                (pieces, message_id(2, 1), RECEIVE, values.encode({"more_body": True}), records.BODY, _PIECE, _PIECE,
                 _PIECE, b"a" * PREVIEW))  # fmt: skip
            run(f"{numbers} INSERT INTO part SELECT NULL, ? + i, ?, ?, ?, i * ? % ?, NULL FROM n",
                (pieces, message_id(2, 1), PREVIEW, _PIECE - PREVIEW, segment, _PIECE, _SHARED))  # fmt: skip
            run("UPDATE exchange SET request_bytes = ?, message_count = ? WHERE id = 2", (GIGABYTE, pieces + 1))

            run("UPDATE message SET size = ? WHERE id = ?", (GIGABYTE, message_id(3, 2)))
            run("UPDATE exchange SET response_bytes = ? WHERE id = 3", (GIGABYTE,))
        yield


def one_line() -> list[Record]:
    """10 MB without a line end: as text, as JSON, and as markup."""
    text = b"all in one line " * (10 * MEGABYTE // 16)
    wide = b'{"all": [' + b'"in one line",' * (10 * MEGABYTE // 14) + b"0]}"
    markup = b"<html><body>" + b"<p class=line>in one line</p>" * (10 * MEGABYTE // 29)
    return [
        *answered(1, text, (b"content-type", b"text/plain"), target="/line.txt"),
        *answered(2, wide, (b"content-type", b"application/json"), target="/line.json"),
        *answered(3, markup, (b"content-type", b"text/html"), target="/line.html"),
    ]


@contextlib.contextmanager
def million_frames(path: Path) -> Iterator[None]:
    """A WebSocket with a million messages in both directions."""
    script = [
        started(1, UPGRADE, "websocket"),
        message(0, CALL, "call", 120, 1, data={"type": "websocket", "path": "/chat"}),
        message(1, RECEIVE, "websocket.connect", 130),
        message(2, SEND, "websocket.accept", 140, data={"subprotocol": None, "headers": []}),
    ]
    with _written(path, script) as writer:
        with writer._transaction():
            run = writer._connection.execute
            run("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)"
                " INSERT INTO message SELECT ? + i, 1000 + i * 1000, 0, 900 + i * 1000, 1 + i % 2,"
                " CASE i % 2 WHEN 0 THEN 'websocket.receive' ELSE 'websocket.send' END, ?, ?, 24, 24, NULL, 0,"
                " i / 2 * 24, i / 2 * 24, CAST(printf('{\"frame\": %014d}', i) AS BLOB) FROM n",
                (FRAMES, message_id(1, 3), values.encode({}), records.TEXT))  # fmt: skip
            run("UPDATE exchange SET message_count = ?, request_bytes = ?, response_bytes = ? WHERE id = 1",
                (FRAMES + 3, FRAMES * 12, FRAMES * 12))  # fmt: skip
        yield


def many_headers() -> list[Record]:
    """5,000 headers each way."""
    names = [(f"x-header-{number}", f"value {number} " * 4) for number in range(HEADERS)]
    sent = [(name.encode(), value.encode()) for name, value in names]
    return answered(1, b"fine", *sent, head=_head("/many", *names))


def invalid_utf8() -> list[Record]:
    """Bytes that are no UTF-8 wherever bytes may be: body, path, header values, log."""
    broken = (
        bytes(range(128, 256)) + b"\xff\xfe caf\xe9 \xed\xa0\x80 \xf0\x9f plain words\r\n\x00\x1b[31m\xe2\x80\xae\n"
    )
    declared = (b"content-type", b"text/plain; charset=utf-8")
    head = _head("/caf%ff%fe?q=%c3%28", ("X-Broken", broken[:60].decode("latin-1")))
    log = Logged(1, 1_000_050, "stdout", "", "", "caf\udce9 \x1b[31mred\x1b[0m \u202eturned", "", 0)
    first = answered(1, broken * 400, declared, (b"x-broken", b"\xff\xfe\xe9"), head=head)
    unknown = (b"content-type", b"text/plain; charset=klingon-8")
    json = (b"content-type", b"application/json")
    return [
        *first[:-1],
        log,
        first[-1],
        *answered(2, broken * 400, unknown, target="/unknown"),
        *answered(3, b'{"name": "caf\xe9", "ok": "\xff"}', json, target="/broken.json"),
    ]


def deep_json() -> list[Record]:
    """JSON nested 100,000 deep: in lists, and in objects that do not end."""
    json = (b"content-type", b"application/json")
    return [
        *answered(1, b"[" * DEEP + b"]" * DEEP, json, target="/lists.json"),
        *answered(2, b'{"a":' * DEEP, json, target="/open.json"),
        *answered(3, b"<a>" * DEEP, (b"content-type", b"application/xml"), target="/deep.xml"),
    ]


def _png(width: int, height: int, data: bytes) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def lying_image() -> list[Record]:
    """HTML that says it is a PNG, a PNG that says it is a JPEG, one of 60,000 x 60,000 pixels, half of one, and a SVG
    that refers to files."""
    small = _png(16, 16, zlib.compress((b"\x00" + b"\x40\x80\xc0\xff" * 16) * 16))
    rows = zlib.compress(b"\x00" * MEGABYTE)
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="99999999" height="99999999">'
        b'<image href="file:///etc/passwd"/><rect width="1" height="1"/></svg>'
    )
    png = (b"content-type", b"image/png")
    return [
        *answered(1, b"<html><script>alert(1)</script></html>" * 50, png, target="/page.png"),
        *answered(2, small, (b"content-type", b"image/jpeg"), target="/small.jpg"),
        *answered(3, _png(60_000, 60_000, rows), png, target="/vast.png"),
        *answered(4, small[: len(small) // 2], png, target="/half.png"),
        *answered(5, svg, (b"content-type", b"image/svg+xml"), target="/vast.svg"),
        *answered(6, b"\x00\x00\x01\x00\xff\xff" + b"\xff" * 64, (b"content-type", b"image/x-icon"), target="/i.ico"),
    ]


def _gzip_bomb(size: int) -> bytes:
    """`size` bytes of zeros in gzip, made without pressing all of them: blocks after a full flush stand alone."""
    press = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = press.compress(bytes(16 * MEGABYTE)) + press.flush(zlib.Z_FULL_FLUSH)
    rest = press.compress(bytes(16 * MEGABYTE)) + press.flush(zlib.Z_FULL_FLUSH)
    end = b"\x03\x00" + struct.pack("<II", 0, size & 0xFFFFFFFF)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + block + rest * (size // (16 * MEGABYTE) - 1) + end


def zip_bomb() -> list[Record]:
    """Bodies that become 4 GB when they are unpacked: once, and packed twice; and JSON that swells."""
    once = _gzip_bomb(4 * GIGABYTE)
    twice = gzip.compress(once)
    swelling = gzip.compress(b"[" + b"0," * (30 * MEGABYTE) + b"0]", 1)
    text = (b"content-type", b"text/plain")
    return [
        *answered(1, once, text, (b"content-encoding", b"gzip"), target="/once"),
        *answered(2, twice, text, (b"content-encoding", b"gzip, gzip"), target="/twice"),
        *answered(3, swelling, (b"content-type", b"application/json"), (b"content-encoding", b"gzip"), target="/json"),
    ]


def long_path() -> list[Record]:
    """A path of 60,000 characters, and a query as long."""
    return [
        *answered(1, b"found", target="/" + "deep/" * (PATH // 5)),
        *answered(2, b"found", target="/search?" + "&".join(f"q{number}=1" for number in range(PATH // 8))),
    ]


@contextlib.contextmanager
def _plain(script: Callable[[], list[Record]], path: Path) -> Iterator[None]:
    with _written(path, script()):
        yield


INPUTS: dict[str, Callable[[Path], contextlib.AbstractContextManager[None]]] = {
    "a 1 GB body": gigabyte,
    "10 MB on one line": lambda path: _plain(one_line, path),
    "a million WebSocket frames": million_frames,
    "5,000 headers": lambda path: _plain(many_headers, path),
    "invalid UTF-8": lambda path: _plain(invalid_utf8, path),
    "JSON nested 100,000 deep": lambda path: _plain(deep_json, path),
    "an image that lies": lambda path: _plain(lying_image, path),
    "a zip bomb": lambda path: _plain(zip_bomb, path),
    "a path of 60,000 characters": lambda path: _plain(long_path, path),
}
"""By name: each makes a recording at a path, for as long as the context lasts."""
