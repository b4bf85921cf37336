"""What a client may do wrong in HTTP/2, and what RFC 9113 (and 8441, 9218) demand of a server: a table.

`answer` is what the server says last: GOAWAY or RST_STREAM with a code, or a status. `section` is what the recording
names. The bytes follow the preface and an empty SETTINGS, unless `bare`.
"""

from __future__ import annotations

from typing import NamedTuple

from inspector.engine.wire import http2_frames as frames
from inspector.engine.wire.http2_frames import PREFACE, frame
from tests.support.http2_client import END_HEADERS, END_STREAM, HELLO, data, get, headers, number, packed, settings


class Case(NamedTuple):
    name: str
    section: str
    answer: str
    data: bytes
    bare: bool = False
    requests: int = 0
    """Exchanges that got to the app before, or of which this is the rest."""

    @property
    def bytes(self) -> bytes:
        return self.data if self.bare else HELLO + self.data

    @property
    def ends_connection(self) -> bool:
        return self.answer.startswith("GOAWAY")


OPEN = headers(1, get(method=b"POST"), END_HEADERS)
"""A request whose body is to follow."""
DONE = headers(1, get())
HALF = frames.HEADERS


def fields(*more: tuple[bytes, bytes], without: bytes = b"") -> bytes:
    return headers(1, [field for field in get() if field[0] != without] + list(more))


def malformed(name: str, section: str, block: bytes, requests: int = 0) -> Case:
    return Case(name, section, "RST_STREAM PROTOCOL_ERROR", block, requests=requests)


def broken(name: str, section: str, code: str, what: bytes, requests: int = 0, *, bare: bool = False) -> Case:
    return Case(name, section, f"GOAWAY {code}", what, bare, requests)


P, S, F = "PROTOCOL_ERROR", "FRAME_SIZE_ERROR", "FLOW_CONTROL_ERROR"

CASES = (
    # The preface and the first frame.
    broken("no-settings-first", "RFC 9113, 3.4", P, PREFACE + frame(frames.PING, 0, 0, bytes(8)), bare=True),
    broken("a-settings-ack-first", "RFC 9113, 3.4", P, PREFACE + frame(frames.SETTINGS, 1, 0), bare=True),
    # Frames in general.
    broken("a-frame-too-long", "RFC 9113, 4.2", S, frame(frames.DATA, 0, 1, bytes(16_385))),
    broken("an-unknown-frame-too-long", "RFC 9113, 4.2", S, frame(0x77, 0, 1, bytes(16_385))),
    broken("an-unknown-frame-in-a-block", "RFC 9113, 4.3", P, headers(1, get(), END_STREAM) + frame(0x77, 0, 1)),
    broken("another-stream-in-a-block", "RFC 9113, 4.3", P, headers(1, get(), END_STREAM) + headers(3, get())),
    broken("data-in-a-block", "RFC 9113, 4.3", P, headers(1, get(), END_STREAM) + data(1)),
    # HPACK.
    broken("an-index-of-nothing", "RFC 9113, 4.3", "COMPRESSION_ERROR", frame(1, 5, 1, b"\xbe")),
    broken("a-cut-literal", "RFC 9113, 4.3", "COMPRESSION_ERROR", frame(1, 5, 1, b"\x00\x05ab")),
    broken("a-table-too-large", "RFC 9113, 4.3", "COMPRESSION_ERROR", frame(1, 5, 1, b"\x3f\xe2\x1f" + packed(get()))),
    broken("a-table-change-late", "RFC 9113, 4.3", "COMPRESSION_ERROR", frame(1, 5, 1, packed(get()) + b"\x20")),
    broken("three-table-changes", "RFC 7541, 4.2", "COMPRESSION_ERROR", frame(1, 5, 1, b"\x20" * 3 + packed(get()))),
    broken(
        "a-bad-huffman-code", "RFC 9113, 4.3", "COMPRESSION_ERROR", frame(1, 5, 1, b"\x00\x81\xff\x84\xff\xff\xff\xff")
    ),
    # DATA.
    broken("data-of-no-stream", "RFC 9113, 6.1", P, data(0)),
    broken("data-of-an-idle-stream", "RFC 9113, 5.1", P, data(1)),
    broken("data-with-too-much-padding", "RFC 9113, 6.1", P, OPEN + frame(0, 8, 1, b"\x06hello"), 1),
    broken("data-with-no-padding-length", "RFC 9113, 4.2", S, OPEN + frame(0, 8, 1), 1),
    # HEADERS.
    broken("headers-of-no-stream", "RFC 9113, 6.2", P, headers(0, get())),
    broken("headers-of-an-even-stream", "RFC 9113, 5.1.1", P, headers(2, get())),
    broken("headers-with-too-much-padding", "RFC 9113, 6.2", P, frame(1, 0xD, 1, b"\xff" + packed(get()))),
    broken("headers-too-short-for-priority", "RFC 9113, 6.2", S, frame(1, 0x25, 1, b"\0\0\0")),
    broken("a-stream-number-that-falls", "RFC 9113, 5.4.1", P, headers(5, get()) + headers(3, get()), 1),
    # PRIORITY.
    broken("priority-of-no-stream", "RFC 9113, 6.3", P, frame(2, 0, 0, bytes(5))),
    broken("priority-of-a-wrong-size", "RFC 9113, 6.3", S, frame(2, 0, 1, bytes(4))),
    broken("priority-update-of-a-stream", "RFC 9113, 4.1", P, frame(0x10, 0, 1, bytes(4))),
    broken("priority-update-too-short", "RFC 9113, 4.1", S, frame(0x10, 0, 0, bytes(3))),
    # RST_STREAM.
    broken("reset-of-no-stream", "RFC 9113, 6.4", P, frame(3, 0, 0, bytes(4))),
    broken("reset-of-an-idle-stream", "RFC 9113, 6.4", P, frame(3, 0, 1, bytes(4))),
    broken("reset-of-an-idle-even-stream", "RFC 9113, 6.4", P, frame(3, 0, 2, bytes(4))),
    broken("reset-of-a-wrong-size", "RFC 9113, 6.4", S, OPEN + frame(3, 0, 1, bytes(5)), 1),
    # SETTINGS.
    broken("settings-of-a-stream", "RFC 9113, 6.5", P, frame(4, 0, 1)),
    broken("settings-of-a-wrong-size", "RFC 9113, 6.5", S, frame(4, 0, 0, bytes(5))),
    broken("an-ack-with-settings", "RFC 9113, 6.5", S, frame(4, 1, 0, bytes(6))),
    broken("enable-push-of-2", "RFC 9113, 6.5.2", P, settings((2, 2))),
    broken("a-window-too-large", "RFC 9113, 5.4.1", F, settings((4, 1 << 31))),
    broken("a-frame-size-too-small", "RFC 9113, 5.4.1", P, settings((5, 16_383))),
    broken("a-frame-size-too-large", "RFC 9113, 5.4.1", P, settings((5, 1 << 24))),
    broken("connect-protocol-of-2", "RFC 9113, 5.4.1", P, settings((8, 2))),
    broken("no-priorities-of-2", "RFC 9218, 2.1", P, settings((9, 2))),
    # PUSH_PROMISE.
    broken("a-push-of-a-client", "RFC 9113, 8.4", P, OPEN + frame(5, 4, 1, number(2) + packed(get())), 1),
    # PING.
    broken("ping-of-a-stream", "RFC 9113, 6.7", P, frame(6, 0, 1, bytes(8))),
    broken("ping-of-a-wrong-size", "RFC 9113, 6.7", S, frame(6, 0, 0, bytes(7))),
    # GOAWAY.
    broken("goaway-of-a-stream", "RFC 9113, 6.8", P, frame(7, 0, 1, bytes(8))),
    broken("goaway-too-short", "RFC 9113, 6.8", S, frame(7, 0, 0, bytes(7))),
    # WINDOW_UPDATE.
    broken("window-update-of-a-wrong-size", "RFC 9113, 6.9", S, frame(8, 0, 0, bytes(3))),
    broken("window-update-by-nothing", "RFC 9113, 6.9", P, frame(8, 0, 0, bytes(4))),
    broken("window-update-of-an-idle-stream", "RFC 9113, 5.1", P, frame(8, 0, 1, number(1))),
    broken("window-update-too-large", "RFC 9113, 5.4.1", F, frame(8, 0, 0, number((1 << 31) - 1))),
    malformed("window-update-of-a-stream-by-nothing", "RFC 9113, 6.9", OPEN + frame(8, 0, 1, bytes(4)), 1),
    # CONTINUATION.
    broken("continuation-alone", "RFC 9113, 6.10", P, frame(9, 4, 1, packed(get()))),
    broken("continuation-after-the-end", "RFC 9113, 6.10", P, DONE + frame(9, 4, 1), 1),
    broken("continuation-of-no-stream", "RFC 9113, 4.3", P, headers(1, get(), END_STREAM) + frame(9, 4, 0)),
    # Requests that are malformed.
    malformed("a-name-with-capitals", "RFC 9113, 8.2.1", fields((b"X-A", b"1"))),
    malformed("a-name-with-a-blank", "RFC 9113, 8.2.1", fields((b"x a", b"1"))),
    malformed("a-name-with-a-colon", "RFC 9113, 8.2.1", fields((b"x:a", b"1"))),
    malformed("a-name-beyond-ascii", "RFC 9113, 8.2.1", fields((b"x\xe4", b"1"))),
    malformed("no-name", "RFC 9113, 8.2.1", fields((b"", b"1"))),
    malformed("a-value-with-a-line-end", "RFC 9113, 8.2.1", fields((b"x-a", b"1\r\nx-b: 2"))),
    malformed("a-value-with-nul", "RFC 9113, 8.2.1", fields((b"x-a", b"1\x002"))),
    malformed("a-value-with-a-blank-before", "RFC 9113, 8.2.1", fields((b"x-a", b" 1"))),
    malformed("a-value-with-a-tab-behind", "RFC 9113, 8.2.1", fields((b"x-a", b"1\t"))),
    malformed("connection", "RFC 9113, 8.2.2", fields((b"connection", b"close"))),
    malformed("proxy-connection", "RFC 9113, 8.2.2", fields((b"proxy-connection", b"close"))),
    malformed("keep-alive", "RFC 9113, 8.2.2", fields((b"keep-alive", b"1"))),
    malformed("transfer-encoding", "RFC 9113, 8.2.2", fields((b"transfer-encoding", b"chunked"))),
    malformed("upgrade", "RFC 9113, 8.2.2", fields((b"upgrade", b"h2c"))),
    malformed("te-gzip", "RFC 9113, 8.2.2", fields((b"te", b"gzip"))),
    malformed("an-unknown-pseudo-header", "RFC 9113, 8.3", headers(1, [*get(), (b":x", b"1")])),
    malformed("a-response-pseudo-header", "RFC 9113, 8.3", headers(1, [*get(), (b":status", b"100")])),
    malformed("a-second-path", "RFC 9113, 8.3", headers(1, [*get(), (b":path", b"/b")])),
    malformed("a-pseudo-header-late", "RFC 9113, 8.3", headers(1, [*get()[:3], (b"x-a", b"1"), (b":path", b"/")])),
    malformed("no-method", "RFC 9113, 8.3.1", fields(without=b":method")),
    malformed("no-scheme", "RFC 9113, 8.3.1", fields(without=b":scheme")),
    malformed("no-path", "RFC 9113, 8.3.1", fields(without=b":path")),
    malformed("an-empty-path", "RFC 9113, 8.3.1", headers(1, get(b""))),
    malformed("a-path-without-a-slash", "RFC 9113, 8.3.1", headers(1, get(b"a"))),
    malformed("a-path-of-a-star", "RFC 9113, 8.3.1", headers(1, get(b"*"))),
    malformed("a-path-with-a-blank", "RFC 9113, 8.3.1", headers(1, get(b"/a b"))),
    malformed("a-path-with-a-fragment", "RFC 9113, 8.3.1", headers(1, get(b"/#a"))),
    malformed("a-method-with-a-blank", "RFC 9113, 8.3.1", headers(1, get(method=b"GET /"))),
    malformed("no-authority", "RFC 9113, 8.3.1", fields(without=b":authority")),
    malformed("an-authority-with-a-user", "RFC 9113, 8.3.1", fields((b"host", b"a@shop"), without=b":authority")),
    malformed("another-host", "RFC 9113, 8.3.1", fields((b"host", b"other"))),
    malformed("two-hosts", "RFC 9110, 7.2", fields((b"host", b"shop"), (b"host", b"shop"))),
    malformed("connect-with-a-path", "RFC 9113, 8.5", headers(1, get(method=b"CONNECT"))),
    malformed("connect-without-a-port", "RFC 9113, 8.5", headers(1, [(b":method", b"CONNECT"), (b":authority", b"a")])),
    malformed("protocol-with-get", "RFC 8441, 4", headers(1, [*get(), (b":protocol", b"websocket")])),
    malformed("a-length-that-is-none", "RFC 9110, 8.6", fields((b"content-length", b"+1"))),
    malformed("two-lengths", "RFC 9110, 8.6", fields((b"content-length", b"0"), (b"content-length", b"0"))),
    malformed("a-length-and-no-body", "RFC 9113, 8.1.1", fields((b"content-length", b"1"))),
    malformed(
        "a-body-too-long",
        "RFC 9113, 8.1.1",
        headers(1, get(b"/", b"POST", (b"content-length", b"4")), END_HEADERS) + data(1, b"hello"),
        1,
    ),
    malformed(
        "a-body-too-short",
        "RFC 9113, 8.1.1",
        headers(1, get(b"/", b"POST", (b"content-length", b"6")), END_HEADERS) + data(1, b"hello"),
        1,
    ),
    malformed(
        "a-body-too-short-before-trailers",
        "RFC 9113, 8.1.1",
        headers(1, get(b"/", b"POST", (b"content-length", b"6")), END_HEADERS) + headers(1, [(b"x", b"1")]),
        1,
    ),
    malformed("trailers-with-a-pseudo-header", "RFC 9113, 8.3", OPEN + headers(1, [(b":method", b"GET")]), 1),
    malformed("trailers-with-capitals", "RFC 9113, 8.2.1", OPEN + headers(1, [(b"X", b"1")]), 1),
    malformed("trailers-that-do-not-end", "RFC 9113, 8.1", OPEN + headers(1, [(b"x", b"1")], END_HEADERS), 1),
    # Requests that are answered.
    Case("too-many-fields", "RFC 6585, 5", "HEADERS 431", fields(*[(b"x", b"1")] * 1001)),
    Case(
        "too-long-a-list",
        "RFC 6585, 5",
        "HEADERS 431",
        b"".join(
            (
                frame(1, 1, 1, packed([*get(), (b"x", b"a" * 16_000)])),
                *(frame(9, 0, 1, packed([(b"x", b"a" * 16_000)])) for _ in range(3)),
                frame(9, 4, 1, packed([(b"x", b"a" * 16_000)])),
            )
        ),
    ),
    Case("too-long-a-method", "RFC 9110, 9.1", "HEADERS 501", headers(1, get(method=b"A" * 65))),
    Case("a-tunnel", "RFC 9110, 9.3.6", "HEADERS 501", headers(1, [(b":method", b"CONNECT"), (b":authority", b"a:1")])),
    Case(
        "too-long-a-body",
        "RFC 9110, 15.5.14",
        "HEADERS 413",
        headers(1, get(b"/", b"POST", (b"content-length", b"9" * 30)), END_HEADERS),
    ),
    Case(
        "another-scheme",
        "RFC 9110, 7.4",
        "HEADERS 400",
        headers(1, [(b":method", b"GET"), (b":scheme", b"ftp"), *get()[2:]]),
    ),
    Case(
        "https-in-the-clear",
        "RFC 9110, 7.4",
        "HEADERS 421",
        headers(1, [(b":method", b"GET"), (b":scheme", b"https"), *get()[2:]]),
    ),
)

FLOODS = (
    # Each lawful frame by frame; together they ask for calm.
    ("pings", frame(frames.PING, 0, 0, bytes(8))),
    ("settings", settings((3, 100))),
    ("settings-acks", frame(frames.SETTINGS, 1, 0)),
    ("priorities", frame(frames.PRIORITY, 0, 1, bytes(5))),
    ("unknown-frames", frame(0x77, 0, 0, bytes(20))),
    ("window-updates", frame(frames.WINDOW_UPDATE, 0, 0, number(1))),
    ("goaways", frame(frames.GOAWAY, 0, 0, bytes(8))),
)
