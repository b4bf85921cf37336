"""Scenes of what a panel shows in states that are rarer: nothing chosen, nothing there, cut, wrong, looked through."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QAbstractButton, QWidget

from inspector.recording.rows import WirePart, WireRow
from inspector.ui.window import Window
from tests.support import sample_exchanges as samples
from tests.support.calm import settle
from tests.support.sample_exchanges import Sample, ms
from tests.support.sample_shop import shop
from tests.support.sample_wire import wired
from tests.support.scenes import Scene, opened, section_of, shown


def answered(data: bytes, media: str, *headers: tuple[bytes, bytes], stored: int | None = None, **row: Any) -> Sample:
    """A GET that is answered with `data`; `stored`: so many bytes of it are recorded."""
    made = Sample(samples.row(16, path="/data", status=200, **row))
    made.add(0, "call", "call", samples.scope(path="/data"))
    made.add(0.4, "receive", "http.request", {"more_body": False}, b"")
    answer = {"status": 200, "headers": [(b"content-type", media.encode()), *headers]}
    made.add(6, "send", "http.response.start", answer, status=200)
    kept = data if stored is None else data[:stored]
    made.add(6.1, "send", "http.response.body", {}, kept, size=len(data))
    made.add(7, "return", "return")
    return made


def _refused() -> Sample:
    text = "answered with 400: a second Host"
    made = Sample(samples.row(17, path="/", status=400, call_ns=None, outcome="refused", outcome_text=text, app_ns=0))
    told = {
        "message": "a second Host",
        "section": "RFC 9112, 3.2",
        "offset": 31,
        "raw": b"Host: b\r\n",
        "raw_offset": 26,
    }
    made.add(0.3, "receive", "refused", told, status=400)
    return made


def _lifespan() -> Sample:
    made = Sample(samples.row(1, kind="lifespan", method="", path="", host="", status=None, response_ns=None,
                              response_end_ns=None, end_ns=None, duration_ns=None, outcome=""))  # fmt: skip
    made.add(0, "call", "call", {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}})
    made.add(0.4, "receive", "lifespan.startup", {})
    made.add(310, "send", "lifespan.startup.complete", {})
    return made


def _no_content() -> Sample:
    made = Sample(samples.row(18, method="DELETE", path="/cart/3", status=204))
    made.add(0, "call", "call", samples.scope("http", "DELETE", "/cart/3"))
    made.add(0.4, "receive", "http.request", {"more_body": False}, b"")
    made.add(6, "send", "http.response.start", {"status": 204, "headers": [(b"x-cart", b"2 lines")]}, status=204)
    made.add(6.1, "send", "http.response.body", {}, b"")
    return made


def _talkative() -> Sample:
    made = Sample(samples.row(19, path="/import", log_count=60))
    made.add(0.3, "call", "call", samples.scope(path="/import"))
    long = (
        "row 17 of shop/fixtures/products.csv was skipped: the price '12,9O' is no number, and the column is required"
    )
    for number in range(20):
        made.log(
            1 + number, "logging", "INFO", "shop.importing.products", f"row {number} is in", "/srv/shop/imp.py", 31
        )
        made.log(
            1.5 + number, "logging", "WARNING", "shop.importing.products", long, "/srv/shop/importing_products.py", 204
        )
        made.log(1.8 + number, "stdout", "", "", f"{number * 5} % done, " + "and nothing is wrong so far " * 8)
    return made


def _grouped() -> Sample:
    """An exception group, whose second one was raised while the first was handled."""
    made = samples.failing()
    head, cause = made.failures[0].chain
    group = {
        **head,
        "type": "ExceptionGroup",
        "message": "unhandled errors in a TaskGroup (2 sub-exceptions)",
        "notes": [],
    }
    chain = [group, {**head, "relation": "group"}, {**cause, "relation": "context"}]
    made.failures[0].chain[:] = chain
    return made


def _many_items() -> bytes:
    rows = [{"id": n, "name": f"lamp {n}", "tags": ["brass", "warm"], "price": n / 4} for n in range(2_000)]
    return json.dumps({"count": 2_000, "items": rows, "next": None}).encode()


_JSON = "application/json"
_BINARY = bytes(range(256)) * 40


def found(tab: str, sample: Callable[[], Sample], needle: str, view: str = "", name: str = "", again: int = 0) -> Any:
    """The details' `tab` of a sample, with `needle` looked for in the view called `name`."""

    def make(folder: Path) -> Window:
        window: Window = shown(tab, sample, view=view)(folder)
        settle(window)
        if name:
            next(it for it in window.details.findChildren(QWidget, name) if it.isVisible()).setFocus()
        window.actions_["find.open"].trigger()
        window.finder.bar.edit.setText(needle)
        settle(window)
        for _ in range(again):
            window.finder.again(1)
        settle(window)
        return window

    return make


def _unpicked(folder: Path) -> Window:
    return opened(folder, shop())


def _message(sample: Callable[[], Sample], seq: int) -> Any:
    return shown("", sample, seq=seq)


def _filtered_log(folder: Path) -> Window:
    window: Window = shown("Log", _talkative)(folder)
    next(it for it in window.details.log.findChildren(QAbstractButton, "facet WARNING")).click()
    settle(window)
    return window


def _unfolded(folder: Path) -> Window:
    window: Window = shown("Exception", samples.failing)(folder)
    window.details.exception.text.chosen.emit("0:0:0")
    settle(window)
    return window


def _deep_scope(folder: Path) -> Window:
    window: Window = shown("Scope", samples.checkout)(folder)
    window.details.scope.expandAll()
    settle(window)
    return window


def _streaming() -> Sample:
    made = Sample(samples.row(20, path="/events", status=200, response_end_ns=None, end_ns=None, duration_ns=None,
                              outcome=""))  # fmt: skip
    made.add(0, "call", "call", samples.scope(path="/events"))
    made.add(0.4, "receive", "http.request", {"more_body": False}, b"")
    answer = {"status": 200, "headers": [(b"content-type", b"text/event-stream")]}
    made.add(6, "send", "http.response.start", answer, status=200, wire_ns=ms(8.2))
    for number in range(12):
        event = f'id: {number}\nevent: stock\ndata: {{"sku": "lamp-{number:02}", "left": {40 - number}}}\n\n'
        at = 120.0 * (number + 1)
        made.add(at, "send", "http.response.body", {}, event.encode(), more_body=True, wire_ns=ms(at + 0.2))
    return made


def _wire(sample: Callable[[], Sample], row: int, find: str = "", view: str = "") -> Any:
    """The wire of a sample, with a piece of it chosen; `find`: looked for in the table."""

    def make(folder: Path) -> Window:
        window: Window = shown("Wire", lambda: wired(sample()))(folder)
        window.details.wire.table.selectRow(row)
        settle(window)
        if view:
            window.details.wire.body.choose(view)  # type: ignore[arg-type]
            settle(window)
        if find:
            window.details.wire.table.setFocus()
            window.actions_["find.open"].trigger()
            window.finder.bar.edit.setText(find)
            settle(window)
        return window

    return make


def _cut_wire() -> Sample:
    made = wired(samples.chat())
    made.wire.append(WireRow(made.row.id, len(made.wire), ms(134_000), False, "cut", None, b"", b"", left_out=1_204))
    made.transport = {"tls": {"version": "TLSv1.3", "cipher": "", "alpn": None, "server_name": None}}
    return made


def _http2_wire() -> Sample:
    made = samples.checkout()
    made.row = replace(made.row, http_version="2")
    windows = (65_535, 65_535, 1_048_576, 131_072, 3)
    told: list[tuple[float, bool, int | None, bytes, int]] = [
        (0, False, None, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0),
        (0, False, None, b"\0\0\x0c\x04\0\0\0\0\0\0\x03\0\0\0\x64\0\x04\0\xa0\0\0", 0),
        (0.1, False, 0, b"\0\0\x4f\x01\x04\0\0\0\x05" + bytes(range(130, 209)), 0),
        (0.6, False, 1, b"\0\0\xb3\0\x01\0\0\0\x05", 179),
        (0.7, True, None, b"\0\0\0\x04\x01\0\0\0\0", 0),
        (0.9, False, None, b"\0\0\x04\x08\0\0\0\0\0\0\xef\0\x01", 0),
        (8.2, True, 2, b"\0\0\x2c\x01\x04\0\0\0\x05" + bytes(range(136, 180)), 0),
        (8.3, True, 3, b"\0\0\x71\0\x01\0\0\0\x05", 113),
        (8.9, False, None, b"\0\0\x04\x03\0\0\0\0\x05\0\0\0\x08", 0),
    ]
    made.wire = [
        WireRow(made.row.id, number, ms(at), sent, "HTTP/2 frame", seq, before, b"",
                (WirePart(seq or 0, 0, size),) if size else (), windows=windows)
        for number, (at, sent, seq, before, size) in enumerate(told)
    ]  # fmt: skip
    return made


def _http2_piece(folder: Path) -> Window:
    window: Window = shown("Wire", _http2_wire)(folder)
    window.details.wire.table.selectRow(7)
    settle(window)
    return window


PANEL_SCENES = (
    Scene("panels-wire-http2", _http2_piece, "frames of HTTP/2, and the windows of the moment"),
    Scene("panels-wire", _wire(samples.checkout, 2), "the wire of a request"),
    Scene("panels-wire-chunks", _wire(_streaming, 3), "the wire of a response in chunks"),
    Scene("panels-wire-frames", _wire(samples.chat, 2, view="hex"), "the wire of a WebSocket"),
    Scene("panels-wire-none", shown("Wire", _cut_wire), "no piece is chosen; inside TLS, and cut"),
    Scene("panels-wire-found", _wire(samples.chat, 5, find="masked"), "looked through"),
    Scene("panels-unpicked", _unpicked, "no exchange is picked"),
    Scene("panels-message-none", shown("Message", samples.checkout), "no message is picked"),
    Scene("panels-refused", _message(_refused, 0), "the server refused what came"),
    Scene("panels-refused-scope", shown("Scope", _refused), "the app was not called"),
    Scene("panels-lifespan", shown("Scope", _lifespan), "a lifespan"),
    Scene("panels-lifespan-timing", shown("Timing", _lifespan), "its time"),
    Scene("panels-scope-open", _deep_scope, "every branch is open"),
    Scene("panels-no-content", shown("Response", _no_content), "a response without a body"),
    Scene("panels-message-cut", _message(samples.truncated, 1), "a message of which a part is recorded"),
    Scene("panels-message-json", _message(samples.checkout, 3), "a message with a body"),
    Scene("panels-message-binary", _message(samples.chat, 45), "a binary frame"),
    Scene("panels-log-none", shown("Log", _no_content), "the app logged nothing"),
    Scene("panels-log-long", shown("Log", _talkative), "long lines and long names"),
    Scene("panels-log-filtered", _filtered_log, "warnings only"),
    Scene("panels-exception-open", _unfolded, "frames of others unfolded"),
    Scene("panels-exception-group", shown("Exception", _grouped), "a group, and contexts"),
    Scene("panels-streaming", shown("Response", _streaming), "a stream that goes on"),
    Scene("panels-streaming-timing", shown("Timing", _streaming), "the time of a stream"),
    Scene("panels-timing-websocket", shown("Timing", samples.chat), "the time of a WebSocket"),
    Scene("panels-websocket-request", shown("Request", samples.chat), "a handshake"),
    Scene("panels-lie", shown("Response", lambda: answered(b"<p>no picture</p>", "image/png")), "a lie of a picture"),
    Scene("panels-bytes", shown("Response", lambda: answered(_BINARY, "text/plain; charset=klingon")), "bytes"),
    Scene(
        "panels-invalid",
        shown("Response", lambda: answered(b"caf\xe9 \xff\xfe \x1b[31mred\r\n" * 30, "text/plain")),
        "no valid UTF-8",
    ),
    Scene("panels-bad-json", shown("Response", lambda: answered(b'{"a": 1,\n "b": oops}', _JSON)), "JSON with a fault"),
    Scene("panels-deep", shown("Response", lambda: answered(b"[" * 9_000 + b"]" * 9_000, _JSON), view="Tree"), "deep"),
    Scene(
        "panels-bomb",
        shown(
            "Response", lambda: answered(gzip.compress(bytes(40 << 20)), "text/plain", (b"content-encoding", b"gzip"))
        ),
        "a zip bomb",
    ),
    Scene(
        "panels-one-line", shown("Response", lambda: answered(b"lamp and more " * 200_000, "text/plain")), "one line"
    ),
    Scene("panels-tree-long", shown("Response", lambda: answered(_many_items(), _JSON), view="Tree"), "many values"),
    Scene("panels-parts-none", section_of(samples.upload, "Request", "parts"), "no part is picked"),
    Scene("panels-body", section_of(samples.checkout, "Request", "body"), "the body alone"),
    Scene("panels-headers", section_of(samples.checkout, "Request", "headers"), "the headers alone"),
    Scene("find-hex", found("Request", samples.checkout, "sku", "Hex", "bodyHex", 1), "text among bytes"),
    Scene(
        "find-tree",
        found("Response", lambda: answered(_many_items(), _JSON), "lamp 1234", "Tree", "bodyTree"),
        "a value that was not fetched yet",
    ),
    Scene("find-headers", found("Request", samples.checkout, "http", "", "headerTable", 1), "letters in headers"),
    Scene("find-scope", found("Scope", samples.checkout, "ht", "", "scopeTree"), "letters in a tree"),
    Scene("find-log", found("Log", _talkative, "price", "", "logView", 2), "letters in a log"),
    Scene("find-exception", found("Exception", samples.failing, "route", "", "tracebackText"), "in folded frames"),
    Scene("find-none", found("Request", samples.checkout, "nowhere", "", "headerTable"), "nothing is found"),
)
