"""Runs as a reader would give them: a morning with a reload, a broken one, a crash and a restart."""

from __future__ import annotations

from inspector.recording.rows import LogRow, MessageRow, RunRow
from tests.support.fake_recording import EPOCH, MS, FakeReader, exchange
from tests.support.sample_shop import TRACEBACK, shop

SECOND = 1000 * MS
STALL = {"duration_ns": 1240 * MS, "where": "shop/pay.py:88 authorise", "over": True}


def run(number: int, at_s: float, last_s: float | None, states: list[tuple[float, str, dict[str, object]]]) -> RunRow:
    """A run that began `at_s` seconds after the first one."""
    t0 = int(at_s * SECOND) + SECOND
    return RunRow(
        number, EPOCH + t0, t0, None if last_s is None else t0 + int(last_s * SECOND), 4711 + number, "3.13.1",
        "/home/ada/shop/.venv/bin/python", "shop.main:app", "stopped",
        [(t0 + int(ms * MS), state, detail) for ms, state, detail in states],
    )  # fmt: skip


def began(cause: str, *files: str) -> tuple[float, str, dict[str, object]]:
    return (-40, "started", {"cause": cause, "files": list(files), "file_count": len(files)})


UP: list[tuple[float, str, dict[str, object]]] = [
    (0.4, "loading", {}),
    (312, "loaded", {"app": "shop.main:app", "interface": "asgi3", "name": "fastapi.FastAPI"}),
    (330, "lifespan", {"verdict": "supported"}),
    (331, "serving", {"url": "http://127.0.0.1:8000"}),
]


def life() -> FakeReader:
    """A morning: a start, two reloads of which one is broken, a crash, its stand-in, a restart."""
    reader = shop()
    crash = {
        "how": "crashed", "code": -11, "text": "killed by SIGSEGV", "lost": ["POST /api/checkout", "GET /events"],
        "lost_count": 2, "words": [["INFO", "", "authorising 129.90 EUR", 7], ["stderr", "", "libpay: bad handle", 0]],
    }  # fmt: skip
    crash["words"] = [["logging", "INFO", "authorising 129.90 EUR", 7], ["stderr", "", "libpay: bad handle", 0]]
    failed = {"title": "shop/main.py could not be imported: No module named 'pydantic'",
              "hint": "Install it into the interpreter that runs the app, or choose another one with --python.",
              "text": TRACEBACK}  # fmt: skip
    reader.runs_ = [
        run(1, 0, 341, [began("start"), *UP, (341_000, "ended", {"how": "reloaded", "text": "stopped"})]),
        run(2, 342, 12, [began("reload", "shop/main.py"), (1, "loading", {}), (90, "load failed", failed),
                         (91, "serving", {"url": "http://127.0.0.1:8000"}),
                         (12_000, "ended", {"how": "reloaded", "text": "stopped"})]),
        run(3, 355, 700, [began("reload", "shop/main.py", "shop/models.py", "shop/pay.py"), *UP,
                          (60_000, "stalled", STALL), (700_000, "ended", crash)]),
        run(4, 1056, 30, [began("stand-in"), (5, "serving", {}), (30_000, "ended", {"how": "restarted"})]),
        run(5, 1087, None, [began("restart"), *UP, (9_000, "stalled", {**STALL, "duration_ns": 412 * MS})]),
    ]  # fmt: skip
    start = reader.runs_[4].t0_ns
    reader.logs_[0] = [
        LogRow(1, 5, 0, start + 200 * MS, "stdout", "", "", "shop: 214 articles loaded", "", 0),
        LogRow(2, 5, 0, start + 334 * MS, "logging", "INFO", "shop.mail", "queue is up", "shop/mail.py", 31),
        LogRow(3, 5, 0, start + 9_100 * MS, "logging", "WARNING", "shop.mail", "smtp answered after 8.7 s",
               "shop/mail.py", 77),
    ]  # fmt: skip
    reader.put(exchange(9, kind="lifespan", run=5))
    reader.lifespan_ = 9
    for seq, (direction, kind) in enumerate(
        (("call", "call"), ("receive", "lifespan.startup"), ("send", "lifespan.startup.complete"))
    ):
        reader.messages_.setdefault(9, []).append(
            MessageRow(9, seq, start + (313 + 8 * seq) * MS, None, None, direction, kind, {}, "", b"", 0, 0, None,
                       False, False, False, False)
        )  # fmt: skip
    return reader
