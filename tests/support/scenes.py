"""What the pictures show: each scene makes a window, in one of its states, of a recording made up or recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from inspector.finder.search import Candidate, Found
from inspector.recording.reader import Reader
from inspector.session.state import SessionState
from inspector.trace import clock
from inspector.ui.panels.text_view import TextView
from inspector.ui.source import Source
from inspector.ui.window import Window
from tests.support import sample_exchanges as samples
from tests.support.calm import settle
from tests.support.fake_recording import MS, FakeReader, exchange
from tests.support.sample_exchanges import Sample
from tests.support.sample_holds import forms, held_shop, mendable, stepping
from tests.support.sample_runs import life
from tests.support.sample_shop import BUSY, CRASHED, FAILED, NETWORK, STALLED, ShopReader, shop
from tests.support.windows import SERVING, no_verbs

SIZE = (1440, 900)
FIFTH = replace(BUSY, run=5, pid=4716)
"""The session in its fifth run."""


@dataclass(frozen=True)
class Scene:
    """`make` gives the window; `wide`: in all sizes."""

    name: str
    make: Callable[[Path], Window]
    says: str = ""
    """What is to be seen, for the sheet."""
    wide: bool = False
    part: str = ""
    """Object name of the dialog or menu that is taken instead of the window; in its own size."""


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
    store = QSettings(str(settings), QSettings.Format.IniFormat)
    store.clear()  # Qt remembers what a file had held
    window = Window(no_verbs(), store)
    window.resize(*SIZE)
    return window


def turn(window: Window, tab: str) -> None:
    """The details' tab whose title begins with `tab`."""
    tabs = window.details.tabs
    tabs.setCurrentIndex(next(at for at in range(tabs.count()) if tabs.tabText(at).startswith(tab)))
    settle(window)


def _filtered(folder: Path, text: str) -> Window:
    window = opened(folder, shop())
    window.filter_bar.edit.setFocus()
    window.filter_bar.edit.setText(text)
    window.filter_bar.apply()
    settle(window, 1000)  # what is wrong is said after a while
    return window


def _serving(folder: Path) -> Window:
    window = _filtered(folder, "status:>=200 and not path~^/old")
    window.table.pick(98_310)
    settle(window)
    return window


def _held(text: str = "", then: Callable[[Window], object] = lambda _window: None) -> Any:
    """The drawing with a held message; `text`: typed into the editor."""

    def make(folder: Path) -> Window:
        reader, state = held_shop()
        window = opened(folder, reader, state)
        window.filter_bar.edit.setText("status:>=200 and not path~^/old")
        window.filter_bar.apply()
        settle(window)
        window.table.pick(98_310)
        settle(window)
        if text:
            editor = window.messages.editor
            editor.text.setPlainText(editor.text.toPlainText().replace('"no\\": 1234567', text))
            editor.judge()
        then(window)
        settle(window)
        return window

    return make


def _with(command: str) -> Any:
    """The dialog that a command opens, over the window with a hold."""
    return _held("", lambda window: window.actions_[command].trigger())


def _breakpoint(expression: str) -> Any:
    """The dialog of one breakpoint."""

    def then(window: Window) -> None:
        window.actions_["breakpoints.new"].trigger()
        edit = window.findChild(QLineEdit, "breakpointEdit")
        assert edit is not None
        edit.setText(expression)
        QTest.qWait(600)

    return _held("", then)


def _held_form(which: int, code: str = "") -> Any:
    """The form of one of the messages of `forms`; `code`: typed into that field."""

    def make(folder: Path) -> Window:
        reader, state = held_shop()
        held = state.stepping.holds[0]
        state = replace(state, stepping=stepping(forms(held)[which]))
        window = opened(folder, reader, state)
        window.table.pick(98_310)
        settle(window)
        window.messages.editor.choice.button("form").click()
        if code:
            line = window.messages.editor.form.fields["code"]
            assert isinstance(line, QLineEdit)
            line.setText(code)
        window.messages.editor.judge()
        settle(window)
        return window

    return make


def _held_mend(folder: Path) -> Window:
    reader, state = held_shop()
    state = replace(state, stepping=stepping(mendable(state.stepping.holds[0])))
    window = opened(folder, reader, state)
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
    reader = ShopReader()
    reader.keep = 4000
    window = opened(folder, reader, SERVING)
    paths = ("/", "/api/cart", "/api/search?q=lamp", "/static/shop.css", "/api/report", "/old", "/health")
    for number in range(1, 6001):
        live = number % 97 == 0
        status = (200, 201, 200, 304, 500, 404, 204)[number % 7]
        t0 = clock.now() - 2 * MS
        row = exchange(number, paths[number % 7], status=None if live else status,
                       total=None if live else (number * 7919 % 90 + 1) * MS // 3,
                       t0_ns=t0, response_bytes=number * 7919 % 90_000,
                       exception="KeyError" if status == 500 else "")  # fmt: skip
        reader.put(row)
        if number == 2950:
            reader.take(samples.checkout(number), t0)
            reader.put(replace(reader.rows_[number], started_ns=row.started_ns))
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


def _ended() -> ShopReader:
    """The shop whose app was stopped: what ran has ended."""
    reader = shop()
    for number, row in list(reader.rows_.items()):
        if row.live:
            end = row.t0_ns + 430 * MS
            reader.rows_[number] = replace(row, end_ns=end, duration_ns=end - row.t0_ns, response_end_ns=end)
    return reader


def _reloading(folder: Path) -> Window:
    window = opened(folder, _ended(), replace(BUSY, phase="starting", in_flight=0))
    QTest.qWait(1100)  # until the banner says so
    return window


def shown(tab: str, sample: Callable[[], Sample], seq: int | None = None, view: str = "") -> Any:
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
            _word(window, view).click()
        settle(window)
        return window

    return make


def _past(*commands: str, tab: str = "") -> Any:
    """The drawing, walked through by these commands."""

    def make(folder: Path) -> Window:
        window = _serving(folder)
        if tab:
            turn(window, tab)
        for command in commands:
            window.actions_[command].trigger()
        settle(window)
        return window

    return make


def _word(window: Window, text: str) -> QAbstractButton:
    """The button of the details that says so; it may come only when a body has been rendered."""
    for _ in range(100):
        for button in window.details.findChildren(QAbstractButton):
            if button.isVisible() and button.text() == text:
                return button
        settle(window)
    raise AssertionError(f"no button says {text}")


def _runs(row: int, tab: int = 0, state: SessionState | None = FIFTH) -> Any:
    """The runs, one of them selected; `tab` of its story."""

    def make(folder: Path) -> Window:
        window = opened(folder, life(), state)
        window.desk.runs()
        window.runs.table.selectRow(row)
        window.runs.story.tabs.setCurrentIndex(tab)
        settle(window)
        return window

    return make


def _asked(make: Callable[[Path], Window], *commands: str) -> Any:
    """The window of another scene, after these commands."""

    def made(folder: Path) -> Window:
        window = make(folder)
        for command in commands:
            window.actions_[command].trigger()
            settle(window)
        return window

    return made


def _palette(folder: Path) -> Window:
    window = _asked(_serving, "palette.open")(folder)
    window.command_palette.edit.setText("copy")
    settle(window)
    return window


def section_of(sample: Callable[[], Sample], tab: str, name: str, row: int = -1) -> Any:
    """A section of the request or response; `row` of its table is selected."""

    def make(folder: Path) -> Window:
        window: Window = shown(tab, sample)(folder)
        half = window.details.request if tab == "Request" else window.details.response
        settle(window)
        half.sections.button(name).click()
        if row >= 0:
            half.fields.setCurrentIndex(half.fields.fields.index(row, 0))
        settle(window)
        return window

    return make


def _picture_body() -> Sample:
    made = Sample(samples.row(16, path="/photo.png", status=200))
    made.add(0, "call", "call", samples.scope(path="/photo.png"))
    made.add(0.4, "receive", "http.request", {"more_body": False}, b"")
    answer = {"status": 200, "headers": [(b"content-type", b"image/png"), (b"cache-control", b"max-age=3600")]}
    made.add(6, "send", "http.response.start", answer, status=200)
    made.add(6.1, "send", "http.response.body", {}, samples.picture())
    return made


def _find(folder: Path) -> Window:
    window: Window = shown("Response", samples.wsgi_form)(folder)
    view = next(it for it in window.details.findChildren(TextView) if it.isVisible())
    view.setFocus()
    window.actions_["find.open"].trigger()
    window.finder.bar.edit.setText("answer")
    settle(window)
    return window


def _found(folder: Path) -> Window:
    window = _welcome(folder)
    shop_app = Candidate(app="shop.main:app", interface="asgi3", file="shop/main.py", line=7, why="FastAPI()",
                         python="/home/ada/shop/.venv/bin/python")  # fmt: skip
    admin = Candidate(app="shop.admin:application", interface="wsgi", file="shop/admin.py", line=12, why="Flask()")
    window.welcome.show_found(Found((shop_app, admin)), "/home/ada/shop")
    settle(window)
    return window


def _marked(folder: Path) -> Window:
    """A pinned row, one with a note, coloured ones, and a line where a run began."""
    reader = shop()
    marks: dict[int, dict[str, Any]] = {
        98_302: {"colour": "green"}, 98_303: {"pinned": True, "note": "the cart is empty here", "colour": "yellow"},
        98_305: {"note": "why is this slow?"}, 98_309: {"pinned": True, "colour": "red"}, 98_307: {"colour": "violet"},
        98_310: {"pinned": True, "note": "charged twice", "colour": "blue"},
    }  # fmt: skip
    for number, row in list(reader.rows_.items()):
        reader.rows_[number] = replace(row, run=4 if number < 98_306 else 5, **marks.get(number, {}))
    reader.runs_ = life().runs_
    window = opened(folder, reader, FIFTH)
    window.table.pick(98_310)
    settle(window)
    return window


def _columns(folder: Path) -> Window:
    window = _serving(folder)
    window.table.header.choose()
    settle(window)
    return window


SCENES = (
    Scene("serving", _serving, "the drawing: a filter, a request selected, its messages, scope and timing", wide=True),
    Scene("held", _held('"no\\": 1'), "a message is held, its body was edited", wide=True),
    Scene("held-queue", _held("", lambda window: window.desk.show_holds()), "everything that is held"),
    Scene("held-hex", _held("", lambda window: window.messages.editor.choice.button("hex").click()), "as bytes"),
    Scene("held-form", _held_form(3), "the body as a form"),
    Scene("held-form-head", _held_form(2), "a response's head as a form: status and headers"),
    Scene("held-form-call", _held_form(0), "the scope at the call, as rows"),
    Scene("held-form-close", _held_form(4, "98"), "a WebSocket's close as a form; the code is wrong"),
    Scene("held-mend", _held_mend, "the body has another length than the head says, which can be mended"),
    Scene("inject", _with("hold.inject_before"), "a message to inject", part="injectDialog"),
    Scene("breakpoint", _breakpoint("point:send path:/cart"), "a breakpoint", part="breakpointDialog"),
    Scene("breakpoint-wrong", _breakpoint("point:send sttus:500"), "one that is wrong", part="breakpointDialog"),
    Scene("breakpoints", _with("breakpoints.edit"), "all breakpoints", part="breakpointsDialog"),
    Scene("held-wrong", _held('"no": 1'), "what was typed is no JSON"),
    Scene("empty", _on(SERVING, FakeReader), "no request yet: what would bring one", wide=True),
    Scene("one-row", _one_row, "the first exchange", wide=True),
    Scene("load", _under_load, "6,000 exchanges in a storm, one selected, old ones dropped", wide=True),
    Scene("starting", _reloading, "reloading: clients wait", wide=True),
    Scene("stopping", _on(replace(BUSY, phase="stopping")), "what runs has its grace"),
    Scene("stopped", _on(replace(SERVING, phase="stopped", pid=0), _ended), "nothing is served", wide=True),
    Scene("stalled", _on(STALLED), "the app keeps the loop from turning"),
    Scene("crashed", _on(CRASHED, _ended), "the engine died", wide=True),
    Scene("failed", _failed, "the app cannot be imported; the traceback is open", wide=True),
    Scene("network", _on(NETWORK), "served to the network; the lifespan raised"),
    Scene("file", _on(None, shop, "monday.inspector"), "a recording from a file"),
    Scene("filter-wrong", lambda folder: _filtered(folder, "status:>=200 and sttus:5xx"), "an error in the filter"),
    Scene("filter-nothing", lambda folder: _filtered(folder, "path:/nowhere"), "a filter that nothing passes"),
    Scene("first-run", _first_run, "the welcome page of somebody new", wide=True),
    Scene("welcome", _welcome, "the welcome page with what was open before"),
    Scene("scope", shown("Scope", samples.checkout), "the scope of a request"),
    Scene("scope-websocket", shown("Scope", samples.chat), "the scope of a WebSocket"),
    Scene("environ", shown("Environ", samples.wsgi_form), "a WSGI environ"),
    Scene("request", shown("Request", samples.checkout), "headers and a JSON body"),
    Scene("request-many", shown("Request", samples.many_headers), "5,000 headers"),
    Scene("request-cut", shown("Request", samples.truncated), "an upload that the body cap cut"),
    Scene("request-hex", shown("Request", samples.checkout, view="Hex"), "the body as hex"),
    Scene("response", shown("Response", samples.checkout), "status, headers, JSON"),
    Scene("response-gzip", shown("Response", samples.wsgi_form), "a body that came in gzip"),
    Scene("response-waiting", shown("Response", samples.waiting), "the app has not answered yet"),
    Scene("message", shown("", samples.checkout, seq=2), "one message"),
    Scene("message-edited", shown("", samples.stepped, seq=3), "a chunk that was edited: what changed"),
    Scene("message-edited-call", shown("", samples.stepped, seq=0), "an edited scope"),
    Scene("message-original", shown("", samples.stepped, seq=3, view="Original"), "as it came"),
    Scene("message-dropped", shown("", samples.stepped, seq=4), "a chunk that was dropped"),
    Scene("past", _past("step.next", "step.next", "step.next"), "the drawing as of its third message", wide=True),
    Scene("past-response", _past("step.to_send", "step.to_send", tab="Response"), "the response so far"),
    Scene("past-timing", _past("step.to_send", tab="Timing"), "the spans so far"),
    Scene("message-frame", shown("", samples.chat, seq=6), "a frame of a WebSocket"),
    Scene("timing", shown("Timing", samples.checkout), "spans with figures and a sentence each"),
    Scene("timing-wsgi", shown("Timing", samples.wsgi_form), "the spans of a WSGI call"),
    Scene("log", shown("Log", samples.checkout), "what the app logged"),
    Scene("log-failing", shown("Log", samples.failing), "log with levels and stderr"),
    Scene("runs", _runs(4), "a morning's runs, the one that serves selected", wide=True),
    Scene("runs-output", _runs(4, 1), "what the app said outside of exchanges"),
    Scene("runs-crashed", _runs(2), "a run that crashed, with its last words"),
    Scene("runs-failed", _runs(1), "a run whose app could not be imported"),
    Scene("runs-file", _runs(4, 0, None), "the runs of a recording from a file"),
    Scene("palette", _palette, "the commands that have 'copy' in them"),
    Scene("settings", _asked(_serving, "settings.open"), "the settings", part="settingsDialog"),
    Scene("shortcuts", _asked(_serving, "shortcuts.open"), "the shortcuts", part="shortcutsDialog"),
    Scene("columns", _columns, "which columns, and which sorts", part="columnsMenu"),
    Scene("find", _find, "what is looked for in a body"),
    Scene("section-cookies", section_of(samples.upload, "Response", "cookies"), "the cookies that are set"),
    Scene("section-query", section_of(samples.upload, "Request", "query"), "the fields of the query"),
    Scene("section-form", section_of(samples.wsgi_form, "Request", "form"), "the fields of a form"),
    Scene("section-parts", section_of(samples.upload, "Request", "parts", 2), "a picture among the parts of an upload"),
    Scene("json-tree", shown("Request", samples.checkout, view="Tree"), "a JSON body as a tree"),
    Scene("picture", shown("Response", _picture_body), "a body that is a picture"),
    Scene("found", _found, "the welcome page with apps of the folder"),
    Scene("marked", _marked, "pinned, noted and coloured rows, and a line where a run began", wide=True),
    Scene("exception", shown("Exception", samples.failing), "chained tracebacks, frames by owner"),
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
        window.settings.store.sync()  # nothing is left to be written when Qt lets go of it
        window.deleteLater()
        if isinstance(reader, Reader):
            reader.close()
