"""The drawings' shop as a recording in memory, and what its session may be doing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from inspector.recording.rows import WaitRow
from inspector.session.state import SessionState
from inspector.trace import clock
from tests.support import sample_exchanges as samples
from tests.support.fake_recording import EPOCH, MS, FakeReader, exchange
from tests.support.sample_exchanges import Sample
from tests.support.windows import SERVING

BUSY = replace(SERVING, in_flight=2)
TRACEBACK = """Traceback (most recent call last):
  File "/home/ada/shop/shop/main.py", line 3, in <module>
    from shop.models import Order, Basket
  File "/home/ada/shop/shop/models.py", line 12, in <module>
    from pydantic import BaseModel
ModuleNotFoundError: No module named 'pydantic'
"""
FAILED = SessionState(
    phase="failed", app="shop.main:app", url="http://127.0.0.1:8000", pid=4711, python="3.13.1", text=TRACEBACK,
    title="shop/main.py could not be imported: No module named 'pydantic'",
    hint="Install it into the interpreter that runs the app, or choose another one with --python.",
)  # fmt: skip
CRASHED = SessionState(
    phase="crashed", app="shop.main:app", url="http://127.0.0.1:8000", python="3.13.1", hint="Restart starts it again.",
    title="The app's process ended: exit code 3.", text="In flight when it died:\nGET /api/report",
)  # fmt: skip
NETWORK = replace(BUSY, lifespan="raised", lifespan_text=TRACEBACK, url="http://0.0.0.0:8000")
STALLED = replace(BUSY, stalled_ns=2_300 * MS, stalled_where='shop/pay.py:88 in authorise, "time.sleep(5)"')


class ShopReader(FakeReader):
    """A recording in memory that takes samples with all that hangs on them."""

    def __init__(self, *given: Sample) -> None:
        super().__init__()
        self.waits_: dict[int, list[WaitRow]] = {}
        for sample in given:
            self.take(sample)

    def take(self, sample: Sample, t0_ns: int | None = None) -> None:
        """Puts a sample in, with `t0_ns` moved in time to there."""
        id_, shift = sample.row.id, 0 if t0_ns is None else t0_ns - sample.row.t0_ns
        self.put(
            _moved(
                sample.row,
                shift,
                "t0_ns",
                "head_ns",
                "call_ns",
                "response_ns",
                "response_end_ns",
                "end_ns",
                "doing_ns",
                "counted_ns",
            )
        )
        self.heads[id_] = sample.head
        self.transports[id_] = sample.transport
        self.wires[id_] = [each._replace(t_ns=each.t_ns + shift) for each in sample.wire]
        self.messages_[id_] = [_moved(each, shift, "t_ns", "asked_ns", "wire_ns") for each in sample.messages]
        self.bodies |= {(id_, seq): body for seq, body in sample.bodies.items()}
        self.waits_[id_] = [_moved(each, shift, "since_ns") for each in sample.waits]
        self.logs_[id_] = [_moved(each, shift, "t_ns") for each in sample.logs]
        self.holds_[id_] = [_moved(each, shift, "t_ns", "released_ns") for each in sample.holds]
        self.originals |= {(id_, seq): original for seq, original in sample.originals.items()}
        self.failures_[id_] = [_moved(each, shift, "t_ns") for each in sample.failures]

    def waits(self, exchange: int) -> list[Any]:
        return self.waits_.get(exchange, [])


def _moved(row: Any, shift: int, *times: str) -> Any:
    changes = {name: value + shift for name in times if (value := getattr(row, name))}
    return replace(row, **changes)


def stretch(reader: ShopReader, id_: int, at: tuple[float, ...]) -> None:
    """Puts the messages of an exchange at these milliseconds; the first one was asked for at once."""
    t0 = reader.rows_[id_].t0_ns
    for seq, (each, mark) in enumerate(zip(reader.messages_[id_], at, strict=True)):
        asked = t0 + int(at[0] * MS) if each.asked_ns else None
        wire = t0 + int(mark * MS) + MS // 10 if each.wire_ns else None
        reader.messages_[id_][seq] = replace(each, t_ns=t0 + int(mark * MS), asked_ns=asked, wire_ns=wire)


def shop() -> ShopReader:
    """Twelve exchanges as in the drawings, some forty before them."""
    now = clock.now()
    zero = now - 440 * MS
    at = lambda ms: {"t0_ns": zero + int(ms * MS), "started_ns": EPOCH + int(ms * MS)}  # noqa: E731
    n = 98_300
    reader = ShopReader()
    reader.put(*(exchange(number, f"/old/{number}", t0_ns=zero - (n + 5 - number) * MS,
                          started_ns=EPOCH - (n + 5 - number) * MS) for number in range(n - 40, n + 1)))  # fmt: skip
    reader.take(samples.failing(n + 9), zero + 96 * MS)
    reader.take(samples.checkout(n + 10), zero + 118 * MS)
    failing, checkout = reader.rows_[n + 9], reader.rows_[n + 10]
    stretch(reader, n + 10, (0.4, 8.2, 32.2, 32.3, 69))
    reader.put(
        exchange(n + 1, "/", total=int(12 * MS), app_ns=int(9 * MS), client_ns=3 * MS, response_bytes=6100, **at(0)),
        exchange(n + 2, "/static/shop.css", total=int(1.1 * MS), app_ns=int(0.8 * MS), response_bytes=12_400, **at(14)),
        exchange(n + 3, "/api/cart", "POST", 201, total=41 * MS, app_ns=int(38.6 * MS), client_ns=4 * MS, **at(20)),
        exchange(n + 4, "/ws/chat", "GET", 101, kind="websocket", total=None, app_ns=int(2.1 * MS), message_count=48,
                 **at(28)),
        exchange(n + 5, "/api/search?q=lamp", total=114 * MS, app_ns=112 * MS, response_bytes=22_800, **at(40)),
        exchange(n + 6, "/go", status=307, total=MS // 2, app_ns=int(0.4 * MS), response_bytes=0, **at(66)),
        exchange(n + 7, "/admin/orders", status=403, total=2 * MS, app_ns=int(1.9 * MS), response_bytes=1100, **at(76)),
        exchange(n + 8, "/events", total=None, app_ns=3 * MS, response_bytes=1_200_000, **at(86)),
        replace(failing, call_ns=failing.t0_ns + 12 * MS, started_ns=at(96)["started_ns"]),
        replace(checkout, response_ns=checkout.t0_ns + 33 * MS, response_end_ns=checkout.t0_ns + 47 * MS,
                end_ns=checkout.t0_ns + 69 * MS, duration_ns=47 * MS, app_ns=24 * MS, client_ns=8 * MS,
                blocked_ns=14 * MS, after_ns=22 * MS, started_ns=at(118)["started_ns"]),
        exchange(n + 11, "/api/cart", total=int(3.3 * MS), app_ns=3 * MS, response_bytes=402, **at(170)),
        exchange(n + 12, "/health", total=int(0.3 * MS), app_ns=int(0.2 * MS), response_bytes=2, **at(196)),
    )  # fmt: skip
    return reader
