"""What the pictures show: each scene makes a window, in one of its states, of a recording made up or recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from inspector.recording.reader import Reader
from inspector.recording.rows import WaitRow
from inspector.session.state import SessionState
from inspector.trace import clock
from inspector.ui.source import Source
from inspector.ui.window import Window
from tests.support import sample_exchanges as samples
from tests.support.fake_recording import EPOCH, MS, FakeReader, exchange
from tests.support.sample_exchanges import Sample
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
        self.put(_moved(sample.row, shift, "t0_ns", "head_ns", "call_ns", "response_ns", "response_end_ns", "end_ns"))
        self.heads[id_] = sample.head
        self.messages_[id_] = [_moved(each, shift, "t_ns", "asked_ns", "wire_ns") for each in sample.messages]
        self.bodies |= {(id_, seq): body for seq, body in sample.bodies.items()}
        self.waits_[id_] = [_moved(each, shift, "since_ns") for each in sample.waits]
        self.logs_[id_] = [_moved(each, shift, "t_ns") for each in sample.logs]
        self.failures_[id_] = [_moved(each, shift, "t_ns") for each in sample.failures]

    def waits(self, exchange: int) -> list[Any]:
        return self.waits_.get(exchange, [])


def _moved(row: Any, shift: int, *times: str) -> Any:
    changes = {name: value + shift for name in times if (value := getattr(row, name))}
    return replace(row, **changes)


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
        replace(checkout, response_end_ns=checkout.t0_ns + 47 * MS, end_ns=checkout.t0_ns + 69 * MS,
                duration_ns=47 * MS, app_ns=24 * MS, client_ns=8 * MS, blocked_ns=14 * MS, after_ns=22 * MS,
                started_ns=at(118)["started_ns"]),
        exchange(n + 11, "/api/cart", total=int(3.3 * MS), app_ns=3 * MS, response_bytes=402, **at(170)),
        exchange(n + 12, "/health", total=int(0.3 * MS), app_ns=int(0.2 * MS), response_bytes=2, **at(196)),
    )  # fmt: skip
    return reader


@dataclass(frozen=True)
class Scene:
    """`make` gives the window; `wide`: in all sizes."""

    name: str
    make: Callable[[Path], Window]
    says: str = ""
    """What is to be seen, for the sheet."""
    wide: bool = False


def opened(
    folder: Path, reader: FakeReader | Reader, state: SessionState | None = BUSY, name: str = "shop.main:app"
) -> Window:
    """A window on `reader`, settled; its settings are as new."""
    window = bare(folder)
    generation = (lambda: reader.generation) if isinstance(reader, FakeReader) else (lambda: 1)
    open_reader = (lambda: reader) if isinstance(reader, FakeReader) else (lambda: Reader(reader.path))
    source = Source(name=name, reader=reader, open_reader=open_reader, state=lambda: state, generation=generation)  # type: ignore[arg-type]
    window.show_source(source)
    window.show()
    settle(window)
    return window


def bare(folder: Path) -> Window:
    settings = folder / ".settings.ini"
    settings.unlink(missing_ok=True)
    window = Window(no_verbs(), QSettings(str(settings), QSettings.Format.IniFormat))
    window.resize(*SIZE)
    return window


def settle(window: Window, turns: int = 6) -> None:
    """Until queries and renderers have answered, and what they said is shown."""
    for _ in range(turns):
        QTest.qWait(20)
        window.look()


def turn(window: Window, tab: str) -> None:
    """The details' tab whose title begins with `tab`."""
    tabs = window.details.tabs
    tabs.setCurrentIndex(next(at for at in range(tabs.count()) if tabs.tabText(at).startswith(tab)))
    settle(window, 10)


def _filtered(folder: Path, text: str) -> Window:
    window = opened(folder, shop())
    window.filter_bar.edit.setFocus()
    window.filter_bar.edit.setText(text)
    window.filter_bar.apply()
    QTest.qWait(500)
    return window


def _serving(folder: Path) -> Window:
    window = _filtered(folder, "status:>=200 and not path~^/old")
    window.table.pick(98_310)
    settle(window)
    return window


def _one_row(folder: Path) -> Window:
    window = opened(folder, ShopReader(samples.checkout(1)))
    window.table.pick(1)
    settle(window)
    return window


def _failed(folder: Path) -> Window:
    window = opened(folder, FakeReader(), FAILED)
    if button := window.banner.findChild(QAbstractButton, "showTraceback"):
        button.click()
    settle(window)
    return window


def _under_load(folder: Path) -> Window:
    reader = FakeReader()
    reader.keep = 4000
    window = opened(folder, reader, SERVING)
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


def _first_run(folder: Path) -> Window:
    window = bare(folder)
    window.show_welcome()
    window.show()
    return window


def _welcome(folder: Path) -> Window:
    window = bare(folder)
    window.places.remember("shop.main:app")
    window.places.remember("/home/ada/monday.inspector")
    window.show_welcome()
    window.show()
    return window


def _on(state: SessionState | None, reader: Callable[[], FakeReader] = shop, name: str = "shop.main:app") -> Any:
    return lambda folder: opened(folder, reader(), state, name)


def _details(tab: str, sample: Callable[[], Sample], seq: int | None = None, view: str = "") -> Any:
    """The details of one sample, the panels large; `view`: the word of a body's view to be clicked."""

    def make(folder: Path) -> Window:
        made = sample()
        window = opened(folder, ShopReader(made))
        window.table.pick(made.row.id)
        settle(window)
        window.rows.setSizes([180, 600])
        if seq is not None:
            window.messages.select(seq)
        else:
            turn(window, tab)
        if view:
            buttons = [it for it in window.details.findChildren(QAbstractButton) if it.isVisible()]
            next(button for button in buttons if button.text() == view).click()
        settle(window, 10)
        return window

    return make


SCENES = (
    Scene("serving", _serving, "the drawing: a filter, a request selected, its messages, scope and timing", wide=True),
    Scene("empty", _on(SERVING, FakeReader), "no request yet: what would bring one", wide=True),
    Scene("one-row", _one_row, "the first exchange"),
    Scene("load", _under_load, "6,000 exchanges in a storm, one selected, old ones dropped", wide=True),
    Scene("starting", _on(replace(BUSY, phase="starting", in_flight=0)), "reloading: clients wait"),
    Scene("stopping", _on(replace(BUSY, phase="stopping")), "what runs has its grace"),
    Scene("stopped", _on(replace(SERVING, phase="stopped", pid=0)), "nothing is served"),
    Scene("stalled", _on(STALLED), "the app keeps the loop from turning"),
    Scene("crashed", _on(CRASHED), "the engine died", wide=True),
    Scene("failed", _failed, "the app cannot be imported; the traceback is open", wide=True),
    Scene("network", _on(NETWORK), "served to the network; the lifespan raised"),
    Scene("file", _on(None, shop, "monday.inspector"), "a recording from a file"),
    Scene("filter-wrong", lambda folder: _filtered(folder, "status:>=200 and sttus:5xx"), "an error in the filter"),
    Scene("filter-nothing", lambda folder: _filtered(folder, "path:/nowhere"), "a filter that nothing passes"),
    Scene("first-run", _first_run, "the welcome page of somebody new", wide=True),
    Scene("welcome", _welcome, "the welcome page with what was open before"),
    Scene("scope", _details("Scope", samples.checkout), "the scope of a request"),
    Scene("scope-websocket", _details("Scope", samples.chat), "the scope of a WebSocket"),
    Scene("environ", _details("Environ", samples.wsgi_form), "a WSGI environ"),
    Scene("request", _details("Request", samples.checkout), "headers and a JSON body"),
    Scene("request-many", _details("Request", samples.many_headers), "5,000 headers"),
    Scene("request-cut", _details("Request", samples.truncated), "an upload that the body cap cut"),
    Scene("request-hex", _details("Request", samples.checkout, view="Hex"), "the body as hex"),
    Scene("response", _details("Response", samples.checkout), "status, headers, JSON"),
    Scene("response-gzip", _details("Response", samples.wsgi_form), "a body that came in gzip"),
    Scene("response-waiting", _details("Response", samples.waiting), "the app has not answered yet"),
    Scene("message", _details("", samples.checkout, seq=2), "one message"),
    Scene("message-frame", _details("", samples.chat, seq=6), "a frame of a WebSocket"),
    Scene("timing", _details("Timing", samples.checkout), "spans with figures and a sentence each"),
    Scene("timing-wsgi", _details("Timing", samples.wsgi_form), "the spans of a WSGI call"),
    Scene("log", _details("Log", samples.checkout), "what the app logged"),
    Scene("log-failing", _details("Log", samples.failing), "log with levels and stderr"),
    Scene("exception", _details("Exception", samples.failing), "chained tracebacks, frames by owner"),
)


@contextmanager
def scene(one: Scene, folder: Path) -> Iterator[Window]:
    """The window of a scene, as long as it is looked at."""
    window = one.make(folder)
    try:
        yield window
    finally:
        reader = window.source.reader if window.source else None
        window.leave()
        window.deleteLater()
        if isinstance(reader, Reader):
            reader.close()
