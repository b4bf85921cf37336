"""Pictures of the window in all its states, of a made up recording: `python -m tests.support.pictures FOLDER`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings
from PySide6.QtTest import QTest

from inspector.recording.rows import FailureRow, LogRow, MessageRow
from inspector.session.state import SessionState
from inspector.trace import clock
from inspector.ui import theme
from inspector.ui.picture import render
from inspector.ui.run import application
from inspector.ui.source import Source
from inspector.ui.window import Window
from tests.support.fake_recording import EPOCH, MS, FakeReader, exchange
from tests.support.windows import SERVING, no_verbs

SIZE = (1440, 900)
BUSY = replace(SERVING, in_flight=2)
TRACEBACK = """Traceback (most recent call last):
  File "/home/ada/shop/shop/main.py", line 3, in <module>
    from shop.models import Order, Basket
  File "/home/ada/shop/shop/models.py", line 12, in <module>
    from pydantic import BaseModel
ModuleNotFoundError: No module named 'pydantic'
"""


def shop() -> FakeReader:
    """Twelve exchanges as in the drawings, 98,300 before them."""
    now = clock.now()
    zero = now - 440 * MS
    at = lambda ms: {"t0_ns": zero + int(ms * MS), "started_ns": EPOCH + int(ms * MS)}  # noqa: E731
    n = 98_300
    rows = [exchange(number, f"/old/{number}", t0_ns=zero - (n + 5 - number) * MS,
                     started_ns=EPOCH - (n + 5 - number) * MS) for number in range(n - 40, n + 1)]  # fmt: skip
    rows += [
        exchange(n + 1, "/", total=int(12 * MS), app_ns=int(9 * MS), client_ns=3 * MS, response_bytes=6100, **at(0)),
        exchange(n + 2, "/static/shop.css", total=int(1.1 * MS), app_ns=int(0.8 * MS), response_bytes=12_400, **at(14)),
        exchange(n + 3, "/api/cart", "POST", 201, total=41 * MS, app_ns=int(38.6 * MS), client_ns=4 * MS, **at(20)),
        exchange(n + 4, "/ws/chat", "GET", 101, kind="websocket", total=None, app_ns=int(2.1 * MS), message_count=48,
                 **at(28)),
        exchange(n + 5, "/api/search?q=lamp", total=114 * MS, app_ns=112 * MS, response_bytes=22_800, **at(40)),
        exchange(n + 6, "/go", status=307, total=MS // 2, app_ns=int(0.4 * MS), response_bytes=0, **at(66)),
        exchange(n + 7, "/admin/orders", status=403, total=2 * MS, app_ns=int(1.9 * MS), response_bytes=1100, **at(76)),
        exchange(n + 8, "/events", total=None, app_ns=3 * MS, response_bytes=1_200_000, **at(86)),
        exchange(n + 9, "/api/report", status=500, total=int(96.4 * MS), app_ns=84 * MS, response_bytes=0, log_count=2,
                 exception="ValueError", outcome="app raised", outcome_text="the app raised ValueError after 1 message",
                 interface="wsgi", **at(96)),
        exchange(n + 10, "/api/checkout", "POST", 201, total=69 * MS, response_end_ns=zero + 165 * MS, app_ns=24 * MS,
                 client_ns=8 * MS, blocked_ns=14 * MS, after_ns=22 * MS, request_bytes=1400,
                          response_bytes=212, log_count=3, **at(118)),
        exchange(n + 11, "/api/cart", total=int(3.3 * MS), app_ns=3 * MS, response_bytes=402, **at(170)),
        exchange(n + 12, "/health", total=int(0.3 * MS), app_ns=int(0.2 * MS), response_bytes=2, **at(196)),
    ]  # fmt: skip
    reader = FakeReader(rows)
    late = reader.rows_[n + 9]
    reader.put(_with(late, call_ns=late.t0_ns + 12 * MS, response_ns=late.t0_ns + 96 * MS))
    _checkout(reader, n + 10)
    failure = (
        'Traceback (most recent call last):\n  File "shop/report.py", line 41, in report\nValueError: invalid literal'
    )
    reader.failures_[n + 9] = [FailureRow(n + 9, late.t0_ns + 96 * MS, "ValueError", "invalid literal", failure, [])]
    return reader


def _with(row: Any, **changes: Any) -> Any:
    return replace(row, **changes)


def _checkout(reader: FakeReader, number: int) -> None:
    zero = reader.rows_[number].t0_ns
    body = b'{"basket": 91, "card": "tok_1Nv", "note": "ring twice"}'
    answer = b'{"order": 4711, "total": 129.90, "currency": "EUR"}'
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.5"}, "http_version": "1.1", "method": "POST",
        "scheme": "http", "path": "/api/checkout", "raw_path": b"/api/checkout", "query_string": b"", "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8000"), (b"content-type", b"application/json"), (b"content-length", b"55")],
        "client": ("127.0.0.1", 51764), "server": ("127.0.0.1", 8000), "state": {}, "extensions": {},
    }  # fmt: skip
    reader.heads[number] = (
        b"POST /api/checkout HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nContent-Type: application/json\r\n"
        b"Content-Length: 55\r\n\r\n"
    )
    head = {"status": 201, "headers": [(b"content-type", b"application/json"), (b"content-length", b"51")]}

    def message(
        seq: int, ms: float, direction: str, kind: str, data: Any, octets: bytes = b"", **more: Any
    ) -> MessageRow:
        t = zero + int(ms * MS)
        if octets:
            reader.bodies[number, seq] = octets
        return MessageRow(
            number, seq, t, zero + MS // 5 if direction == "receive" else None, t + 20_000, direction, kind, data,
            "body" if octets else "", octets[:256], len(octets), len(octets), more.get("status"),
            more.get("more_body", False), False, False, False,
        )  # fmt: skip

    reader.messages_[number] = [
        message(0, 0.2, "call", "call", scope),
        message(1, 8.31, "receive", "http.request", {"more_body": False}, body),
        message(2, 23.8, "send", "http.response.start", head, status=201),
        message(3, 23.84, "send", "http.response.body", {}, answer),
    ]
    reader.logs_[number] = [
        LogRow(1, 1, number, zero + 9 * MS, "logging", "INFO", "shop.pay", "authorising 129.90 EUR", "shop/pay.py", 88)
    ]


def window_with(reader: FakeReader, state: SessionState | None, folder: Path, name: str = "shop.main:app") -> Window:
    settings = QSettings(str(folder / "pictures.ini"), QSettings.Format.IniFormat)
    window = Window(no_verbs(), settings)
    window.resize(*SIZE)
    source = Source(
        name=name, reader=reader, open_reader=lambda: reader, state=lambda: state, generation=lambda: reader.generation
    )  # type: ignore[arg-type]
    window.show_source(source)
    window.show()
    settle(window)
    return window


def settle(window: Window) -> None:
    """Until the first query has been answered and shown."""
    for _ in range(6):
        QTest.qWait(20)
        window.look()


def _under_load(folder: Path) -> Window:
    reader = FakeReader()
    reader.keep = 4000
    window = window_with(reader, SERVING, folder)
    paths = ("/", "/api/cart", "/api/search?q=lamp", "/static/shop.css", "/api/report", "/old", "/health")
    for number in range(1, 6001):
        live = number % 97 == 0
        status = (200, 201, 200, 304, 500, 404, 204)[number % 7]
        row = exchange(number, paths[number % 7], status=None if live else status,
                       total=None if live else (number * 7919 % 90 + 1) * MS // 3,
                       t0_ns=clock.now() - 2 * MS, response_bytes=number * 7919 % 90_000,
                       exception="KeyError" if status == 500 else "")  # fmt: skip
        reader.put(row)
        if number > 4000:
            reader.drop(1)
        if number % 66 == 0:
            QTest.qWait(3)
            window.look()
        if number == 3000:
            window.table.pick(2950)
    settle(window)
    return window


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pictures.ini").unlink(missing_ok=True)
    application()
    failed = SessionState(
        phase="failed",
        app="shop.main:app",
        url="http://127.0.0.1:8000",
        pid=4711,
        python="3.13.1",
        title="shop/main.py could not be imported: No module named 'pydantic'",
        hint="Install it into the interpreter that runs the app, or choose another one with --python.",
        text=TRACEBACK,
    )
    crashed = SessionState(phase="crashed", app="shop.main:app", url="http://127.0.0.1:8000", python="3.13.1",
                           title="The app's process ended: exit code 3.", hint="Restart starts it again.",
                           text="In flight when it died:\nGET /api/report")  # fmt: skip
    hung = replace(BUSY, lifespan="raised", lifespan_text=TRACEBACK, url="http://0.0.0.0:8000")
    for choice in ("dark", "light"):
        theme.choose(choice)  # type: ignore[arg-type]

        def shoot(window: Window, name: str, ratio: float = 1.0, choice: str = choice) -> None:
            render(window, folder / f"{name}-{choice}.png", ratio=ratio)

        window = window_with(shop(), BUSY, folder)
        window.filter_bar.edit.setFocus()
        window.filter_bar.edit.setText("status:>=200 and not path~^/old")
        window.filter_bar.apply()
        settle(window)
        window.table.pick(98_310)
        settle(window)
        shoot(window, "serving")
        shoot(window, "serving-2x", 2.0)
        window.resize(1024, 640)
        settle(window)
        shoot(window, "small")
        window.resize(*SIZE)
        window.filter_bar.edit.setText("status:>=200 and sttus:5xx")
        window.filter_bar.apply()
        QTest.qWait(500)
        shoot(window, "wrong-filter")
        window.leave()

        for name, state, reader in (
            ("empty", SERVING, FakeReader()),
            ("failed", failed, FakeReader()),
            ("crashed", crashed, shop()),
            ("network", hung, shop()),
            ("file", None, shop()),
        ):
            window = window_with(reader, state, folder, "shop.main:app" if state else "monday.inspector")
            if name == "failed":
                window.banner.findChild(object, "showTraceback").click()
                settle(window)
            shoot(window, name)
            window.leave()

        window = _under_load(folder)
        shoot(window, "load")
        window.leave()

        window = Window(no_verbs(), QSettings(str(folder / "pictures.ini"), QSettings.Format.IniFormat))
        window.remember("shop.main:app")
        window.remember("/home/ada/monday.inspector")
        window.show_welcome()
        window.resize(*SIZE)
        shoot(window, "welcome")
        window.leave()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
