"""Each form of copy, compared with what the clipboard holds; the bounds, and what is said where one was met."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from inspector.commands.desk import Form
from inspector.errors import InspectorError
from inspector.recording.export import REDACTED, exchange_object
from inspector.recording.reader import Reader
from inspector.recording.rows import RunRow
from inspector.ui import copies
from inspector.ui.copies import Copies, Order, make, told
from inspector.ui.models import cells
from inspector.ui.models.columns import FIRST_DAY
from tests.recording.scripts import GET, hello, lifespan, message, recorded
from tests.support.fake_recording import MS, FakeReader, exchange
from tests.support.windows import Stage

SHOWN = tuple(cells.NAMES.index(name) for name, _ in FIRST_DAY if name != "waterfall")
ROWS = [
    exchange(1, "/cart?x=1", "POST", 201, response_bytes=12_400, total=41 * MS, app_ns=38_612_345),
    exchange(2, "/a b\x1b\ttab\u202e", status=None, total=None, response_bytes=0),
    exchange(3, "", "", None, kind="lifespan", outcome="done", message_count=6, host=""),
    exchange(4, "/ws", status=101, kind="websocket", message_count=1048),
]
TEXT = """\
#  method  path              status  interface       size      app    total
1  POST    /cart?x=1         201     asgi3        12.4 KB  38.6 ms  41.0 ms
2  GET     /a b⟨ESC⟩⟨TAB⟩tab⟨U+202E⟩ …       asgi3            0 B   4.0 ms  (.*)
3          lifespan                  asgi3                  4.0 ms   5.0 ms
4  WS      /ws               101     asgi3      1,048 msg   4.0 ms   5.0 ms
"""
TSV = """\
#|method|path|status|interface|size (bytes)|app (ms)|total (ms)
1|POST|/cart?x=1|201|asgi3|12400|38.612|41.000
2|GET|/a b⟨ESC⟩⟨TAB⟩tab⟨U+202E⟩||asgi3|0|4.000|
3||lifespan||asgi3|318|4.000|5.000
4|WS|/ws|101|asgi3|318|4.000|5.000
"""


@pytest.fixture
def stage(settings: QSettings, qtbot: Any) -> Iterator[Stage]:
    stage = Stage(settings, FakeReader(list(ROWS)))
    qtbot.addWidget(stage.window)
    stage.show(qtbot)
    yield stage
    stage.window.leave()


def copied(stage: Stage, qtbot: Any, command: str) -> str:
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("before")
    stage.window.actions_[command].trigger()
    qtbot.waitUntil(lambda: clipboard.text() != "before")
    return clipboard.text()


def test_as_text_what_stands_on_screen(stage: Stage, qtbot: Any) -> None:
    stage.window.table.selectAll()
    stage.window.table.pick(1)
    stage.window.table.selectAll()
    lines, expected = copied(stage, qtbot, "exchange.copy_text").splitlines(), TEXT.splitlines()
    total = lines[2].split("4.0 ms")[1].strip()
    assert lines[2].split() == expected[2].replace("(.*)", total).split()
    for at in (0, 1, 3, 4):
        assert lines[at].split() == expected[at].split()
    starts = ("path", "/cart", "/a b", "lifespan", "/ws")
    assert len({line.index(word) for line, word in zip(lines, starts, strict=True)}) == 1
    assert stage.window.table.notice.text() == "Copied 4 exchanges as text"


def test_as_tsv_exact_figures(stage: Stage, qtbot: Any) -> None:
    stage.window.table.pick(1)
    stage.window.table.selectAll()
    assert copied(stage, qtbot, "exchange.copy_tsv") == TSV.replace("|", "\t")
    stage.window.table.header.show_column("started", on=True)
    stage.window.table.header.show_column("size", on=False)
    stage.window.table.pick(1)
    titles, line, *rest = copied(stage, qtbot, "exchange.copy_tsv").splitlines()
    assert titles.split("\t")[4:] == ["interface", "started (UTC)", "app (ms)", "total (ms)"]
    assert line.split("\t")[5] == "2025-03-09T06:00:00.010000+00:00"
    assert rest == []


def test_path_url_and_curl_one_on_a_line(stage: Stage, qtbot: Any) -> None:
    stage.window.table.pick(1)
    stage.window.table.selectAll()
    assert copied(stage, qtbot, "exchange.copy_path") == "/cart?x=1\n/a%20b%1B%09tab%E2%80%AE\n/ws"
    assert copied(stage, qtbot, "exchange.copy_url").splitlines()[::2] == [
        "http://127.0.0.1:8000/cart?x=1", "ws://127.0.0.1:8000/ws",
    ]  # fmt: skip
    assert copied(stage, qtbot, "exchange.copy_curl").splitlines() == [
        "curl -X POST 'http://127.0.0.1:8000/cart?x=1'", "curl http://127.0.0.1:8000/a%20b%1B%09tab%E2%80%AE",
        "curl http://127.0.0.1:8000/ws",
    ]  # fmt: skip
    assert stage.window.table.notice.text() == "Copied the first 3 of 4 exchanges as cURL: a lifespan has no request"


def test_curl_says_k_where_the_certificate_is_not_believed(stage: Stage, qtbot: Any) -> None:
    stage.reader.put(exchange(4, "/tea", scheme="https", host="localhost:8000"))
    stage.window.table.pick(4)
    assert copied(stage, qtbot, "exchange.copy_curl") == "curl -k https://localhost:8000/tea"
    detail = {"certificate": {"trusted": True, "names": ["localhost"]}}
    stage.reader.runs_ = [RunRow(1, 0, 0, None, 7, "3.13", "/py", "shop:app", "", [(1, "started", detail)])]
    assert copied(stage, qtbot, "exchange.copy_curl") == "curl https://localhost:8000/tea"


def test_as_json_what_show_says(stage: Stage, qtbot: Any) -> None:
    stage.window.table.pick(4)
    found = json.loads(copied(stage, qtbot, "exchange.copy_json"))
    assert found == exchange_object(stage.reader, 4, messages=False)  # type: ignore[arg-type]
    assert found["messages"] is None
    stage.window.table.selectAll()
    lines = copied(stage, qtbot, "exchange.copy_messages").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [1, 2, 3, 4]
    assert json.loads(lines[0])["messages"] == []


def test_ctrl_c_in_the_table_copies_the_rows(stage: Stage, qtbot: Any) -> None:
    stage.window.table.pick(4)
    QGuiApplication.clipboard().setText("before")
    QTest.keyClick(stage.window.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "1,048 msg" in QGuiApplication.clipboard().text())


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    path = tmp_path / "a.inspector"
    script = [it for number in range(1, 6) for it in hello(number, t0=number * 1000)]
    recorded(path, [lifespan(9), message(0, 0, "call", 5, exchange=9), *script])
    with Reader(path) as reader:
        yield reader


def order(form: Form, *ids: int, total: int = 0) -> Order:
    return Order(form, array("q", ids), max(total, len(ids)), SHOWN)


def test_credentials_are_redacted_in_json_and_stand_in_curl(reader: Reader) -> None:
    assert b"Cookie: id=secret" in GET
    for form in ("json", "messages"):
        text, count, _ = make(reader, order(form, 1))
        assert count == 1
        assert "secret" not in text
        assert REDACTED in text
        assert json.loads(text) == exchange_object(reader, 1, messages=form == "messages", redact=True)
    assert "id=secret" in make(reader, order("curl", 1))[0]


def test_what_is_gone_is_left_out(reader: Reader) -> None:
    for form in ("path", "json", "tsv"):
        assert make(reader, order(form, 1, 77, 2))[1] == 2


def test_the_bounds_are_kept_and_told(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = order("path", 1, 2, 3, total=98_312)
    text, count, remark = make(reader, asked)
    assert len(text.splitlines()) == 3
    assert told(asked, count, remark) == "Copied the first 3 of 98,312 exchanges by path: no more than 10,000 at once"
    monkeypatch.setattr(copies, "CHARACTERS", 20)
    asked = order("path", 1, 2, 3, 4, 5)
    text, count, remark = make(reader, asked)
    assert count == 2
    assert told(asked, count, remark).startswith("Copied the first 2 of 5 exchanges by path: no more than")
    asked = order("messages", 1)
    text, count, remark = make(reader, asked)
    assert json.loads(text)["messages"] is None
    assert "messages are left out" in told(asked, count, remark)


def test_a_large_body_is_cut_in_curl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = exchange(1, "/up", "POST")
    fake = FakeReader([row])
    monkeypatch.setattr(copies, "BODY", 10)
    monkeypatch.setattr(fake, "body_all", lambda *_: b"x" * 11)
    text, _, remark = make(fake, order("curl", 1))  # type: ignore[arg-type]
    assert text.endswith("--data-raw xxxxxxxxxx")
    assert "bodies are cut" in remark


def test_lone_surrogates_do_not_reach_the_clipboard() -> None:
    fake = FakeReader([exchange(1, "/\ud800")])
    text, _, _ = make(fake, order("text", 1))  # type: ignore[arg-type]
    text.encode()


def test_a_copy_that_is_overtaken_or_not_wanted_says_nothing(qtbot: Any) -> None:
    made: list[str] = []
    work = Copies()
    work.made.connect(lambda text, _: made.append(text))
    fake = FakeReader([exchange(1, "/1"), exchange(2, "/2")])
    work.ask(lambda: fake, order("path", 1))  # type: ignore[arg-type,return-value]
    work.ask(lambda: fake, order("path", 2))  # type: ignore[arg-type,return-value]
    qtbot.waitUntil(lambda: "/2" in made)
    fake.closed = False
    work.ask(lambda: fake, order("path", 1))  # type: ignore[arg-type,return-value]
    work.stop()
    assert fake.closed
    del work


@pytest.mark.logs_warnings
@pytest.mark.parametrize("error", [InspectorError("a.inspector is damaged"), OSError("no")])
def test_what_goes_wrong_is_told(qtbot: Any, error: Exception) -> None:
    def broken() -> Any:
        raise error

    work = Copies()
    with qtbot.waitSignal(work.failed) as failed:
        work.ask(broken, order("path", 1))
    assert isinstance(failed.args[0], InspectorError)
    work.stop()
