"""The details of an exchange: the right tabs with the right contents, kept in place while they grow."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from inspector.ui.models import timing_words
from inspector.ui.panels.details import (
    EXCEPTION,
    LOG,
    MESSAGE,
    REQUEST,
    RESPONSE,
    SCOPE,
    TIMING,
    DetailsPanel,
)
from inspector.ui.panels.scope import ScopeView, row_height
from inspector.ui.panels.timing import TimingView
from tests.support.sample_exchanges import (
    MS,
    FakeReader,
    Sample,
    chat,
    checkout,
    failing,
    many_headers,
    ms,
    row,
    scope,
    truncated,
    waiting,
    wsgi_form,
)

Show = Callable[[Sample], FakeReader]


@pytest.fixture
def show(panel: DetailsPanel) -> Show:
    def show(sample: Sample) -> FakeReader:
        reader = FakeReader([sample])
        panel.show_exchange(reader, sample.row.id)  # type: ignore[arg-type]
        panel.grab()
        return reader

    return show


def titles(panel: DetailsPanel) -> list[str]:
    return [panel.tabs.tabText(tab) for tab in range(panel.tabs.count()) if panel.tabs.isTabVisible(tab)]


def lines(view: ScopeView) -> dict[str, str]:
    tree, top = view.tree, QModelIndex()
    return {tree.index(at, 0, top).data(): tree.index(at, 1, top).data() for at in range(tree.rowCount())}


def said(panel: DetailsPanel) -> str:
    """The sentence in place of a page."""
    assert panel._pages.currentWidget() is panel._nothing
    label = panel._nothing.findChild(QLabel)
    assert isinstance(label, QLabel)
    return label.text()


def test_without_an_exchange_it_teaches(panel: DetailsPanel) -> None:
    assert said(panel) == "Select an exchange to see its scope, its bodies and its timing"
    assert not panel.tabs.isTabEnabled(SCOPE)


def test_the_tabs_of_each_kind(panel: DetailsPanel, show: Show) -> None:
    show(checkout())
    assert titles(panel) == ["Scope", "Request", "Response", "Message", "Timing", "Log 3"]
    show(wsgi_form())
    assert titles(panel)[0] == "Environ"
    show(failing())
    assert titles(panel)[-1] == "Exception"
    show(Sample(row(kind="lifespan", method="", path="", status=None)))
    assert titles(panel) == ["Scope", "Message", "Timing", "Log"]


def test_scope_and_timing_stand_together(panel: DetailsPanel, show: Show) -> None:
    show(checkout())
    assert panel.scope.objectName() == "scopeTree"
    assert lines(panel.scope)["path"] == '"/api/checkout"'
    assert [line[:2] for line in panel.brief.lines()] == [
        ("wire", "0.7 ms"), ("client sending", "0.6 ms"), ("app", "7.1 ms"), ("in all", "8.4 ms"),
    ]  # fmt: skip
    assert panel._summary.whole() == "app 7.1 ms   wire 0.7 ms"
    panel.resize(800, 200)
    panel.grab()
    assert panel.brief.isHidden()


def test_environ(panel: DetailsPanel, show: Show) -> None:
    show(wsgi_form())
    assert lines(panel.scope)["wsgi.version"] == "(1, 0)"
    assert lines(panel.scope)["wsgi.errors"] == "inspector.engine.gateway.wsgi.Errors"


def test_an_app_that_was_not_called(panel: DetailsPanel, show: Show) -> None:
    show(checkout())
    refused = row(status=400, call_ns=None, outcome="refused", outcome_text="the request line is no HTTP")
    show(Sample(refused))
    assert said(panel) == "The app was not called: the request line is no HTTP"
    panel.tabs.setCurrentIndex(RESPONSE)
    assert panel.response.line.whole() == "HTTP/1.1 400 Bad Request"


def test_the_scope_comes_when_the_app_is_called(panel: DetailsPanel, show: Show) -> None:
    show(checkout())
    sample = Sample(row(7, end_ns=None, call_ns=None, status=None))
    reader = show(sample)
    assert said(panel) == "The app has not been called yet"
    sample.add(1, "call", "call", scope(path="/late"))
    reader.samples[7] = sample
    panel.refresh()
    assert lines(panel.scope)["path"] == '"/late"'


def test_request_and_response(panel: DetailsPanel, show: Show, qtbot: QtBot) -> None:
    show(checkout())
    panel.tabs.setCurrentIndex(REQUEST)
    assert panel.request.line.whole() == "POST /api/checkout HTTP/1.1"
    assert lines(panel.request.headers)["content-type"] == "application/json"
    qtbot.waitUntil(lambda: '"Ada Lovelace"' in panel.request.body.text.toPlainText())
    panel.tabs.setCurrentIndex(RESPONSE)
    assert panel.response.line.whole() == "HTTP/1.1 201 Created"
    assert lines(panel.response.headers)["x-order"] == "4711"
    qtbot.waitUntil(lambda: '\n  "total": 129.90,' in panel.response.body.text.toPlainText())


def test_wsgi_status_and_headers_are_the_apps_own(panel: DetailsPanel, show: Show) -> None:
    show(wsgi_form())
    panel.tabs.setCurrentIndex(REQUEST)
    assert panel.request.line.whole() == "POST /contact?ref=footer HTTP/1.1"
    assert lines(panel.request.headers)["content-length"] == "58"
    panel.tabs.setCurrentIndex(RESPONSE)
    assert panel.response.line.whole() == "HTTP/1.1 200 OK"
    assert lines(panel.response.headers)["Content-Encoding"] == "gzip"


def test_a_file_that_was_sent_by_its_path_has_no_bytes_on_record(panel: DetailsPanel, show: Show) -> None:
    sample = checkout()
    sample.messages[3] = replace(
        sample.messages[3], type="http.response.pathsend", body_key="", stored=0, size=3_000_000
    )
    del sample.bodies[3]
    sample.row = replace(sample.row, response_bytes=3_000_000)
    show(sample)
    panel.tabs.setCurrentIndex(RESPONSE)
    words = [label.text() for label in panel.response.body.findChildren(QLabel)]
    assert any("3.0 MB of a file that the app sent by its path: they are not recorded" in text for text in words), words


def test_a_websocket_shows_its_handshake(panel: DetailsPanel, show: Show) -> None:
    show(chat())
    panel.tabs.setCurrentIndex(REQUEST)
    assert lines(panel.request.headers)["upgrade"] == "websocket"
    assert panel.request.body.isHidden()
    panel.tabs.setCurrentIndex(RESPONSE)
    assert panel.response.line.whole() == "HTTP/1.1 101 Switching Protocols"


def test_no_answer_says_why(panel: DetailsPanel, show: Show) -> None:
    show(waiting())
    panel.tabs.setCurrentIndex(RESPONSE)
    assert "The app has not answered yet" in {label.text() for label in panel.response.findChildren(QLabel)}


def test_a_response_that_grows_keeps_its_place(panel: DetailsPanel, show: Show, qtbot: QtBot) -> None:
    sample = Sample(row(status=200, end_ns=None, response_end_ns=None))
    sample.add(0, "call", "call", scope())
    sample.add(1, "send", "http.response.start", {"status": 200, "headers": [(b"content-type", b"text/plain")]})
    sample.add(2, "send", "http.response.body", {}, b"first line\n" * 200, more_body=True)
    show(sample)
    panel.tabs.setCurrentIndex(RESPONSE)
    text = panel.response.body.text
    qtbot.waitUntil(lambda: "first line" in text.toPlainText())
    panel.grab()
    text.verticalScrollBar().setValue(40)
    sample.add(3, "send", "http.response.body", {}, b"second chunk\n", more_body=True)
    panel.refresh()
    qtbot.waitUntil(lambda: text.toPlainText().endswith("second chunk\n"))
    assert text.verticalScrollBar().value() == 40


def test_the_tab_is_kept_from_exchange_to_exchange(panel: DetailsPanel, show: Show) -> None:
    show(failing())
    panel.tabs.setCurrentIndex(EXCEPTION)
    show(checkout())
    assert panel.tabs.currentIndex() == SCOPE
    show(failing())
    assert panel.tabs.currentIndex() == EXCEPTION


def test_a_message_turns_to_what_it_is_about(panel: DetailsPanel, show: Show, qtbot: QtBot) -> None:
    sample = failing()
    show(sample)
    panel.tabs.setCurrentIndex(TIMING)
    panel.show_message(1)
    assert panel.tabs.currentIndex() == MESSAGE
    assert lines(panel.message.keys) == {"type": '"http.request"', "more_body": "False", "body": 'b""'}
    panel.show_message(0)
    assert panel.tabs.currentIndex() == SCOPE
    panel.show_message(2)
    assert panel.tabs.currentIndex() == EXCEPTION
    panel.show_message(99)
    assert panel.tabs.currentIndex() == EXCEPTION
    show(checkout())
    assert panel.tabs.currentIndex() == TIMING  # what the user chose himself
    panel.show_message(3)
    qtbot.waitUntil(lambda: '"order": 4711' in panel.message.body.text.toPlainText())
    panel.show_exchange(FakeReader([sample]), sample.row.id)  # type: ignore[arg-type]
    panel.tabs.setCurrentIndex(MESSAGE)
    assert "Select a message to see its keys and its body" in {it.text() for it in panel.message.findChildren(QLabel)}


def test_a_frame_shows_its_text(panel: DetailsPanel, show: Show, qtbot: QtBot) -> None:
    show(chat())
    panel.show_message(3)
    assert lines(panel.message.keys)["text"] == '"hello, is the lamp still there?"'
    qtbot.waitUntil(lambda: panel.message.body.text.toPlainText() == "hello, is the lamp still there?")
    panel.show_message(45)
    assert lines(panel.message.keys)["bytes"].startswith('b"\\x89PNG')
    qtbot.waitUntil(lambda: panel.message.body.mode == "hex")


def test_timing_in_words(panel: DetailsPanel, show: Show) -> None:
    show(wsgi_form())
    panel.tabs.setCurrentIndex(TIMING)
    assert panel.timing.objectName() == "timingView"
    assert [line[0] for line in panel.timing.lines()] == [
        "wire", "waiting for worker", "client sending", "app", "back-pressure", "after response", "in all",
    ]  # fmt: skip
    assert all(sentence.endswith(".") for _, _, sentence in panel.timing.lines())
    show(chat())
    assert panel.timing.lines()[0][0] == "waiting for client"


def test_the_wire_has_a_bar_where_it_took_time(panel: DetailsPanel, show: Show) -> None:
    made = checkout()
    zero = made.row.t0_ns

    def bars(view: TimingView, **changes: int) -> dict[str, tuple[tuple[int, int], ...]]:
        view.show_row(replace(made.row, head_ns=zero, client_ns=0, message_count=9, **changes), [])
        return {span.kind: span.pieces for span in view._shown}

    slow = {"call_ns": ms(3), "app_ns": 6 * MS, "response_end_ns": ms(9), "end_ns": ms(9)}
    assert bars(panel.brief, **slow) == {"wire": ((6 * MS, 9 * MS),), "app": ((0, 6 * MS),)}
    heights = panel.brief.sizeHint().height()
    quick = {**slow, "app_ns": 9 * MS - MS // 10}
    assert list(bars(panel.brief, **quick)) == ["app"]
    assert panel.brief.sizeHint().height() < heights
    assert panel.brief.lines()[0][:2] == ("wire", "0.1 ms")  # it is told all the same
    assert list(bars(panel.timing, **quick)) == ["wire", "app"]


def test_the_wires_bar_fills_the_gap_before_the_call(panel: DetailsPanel) -> None:
    made = checkout()
    zero = made.row.t0_ns
    row = replace(made.row, head_ns=zero, client_ns=0, call_ns=ms(3))
    panel.brief.show_row(row, [replace(made.messages[0], seq=0)] * row.message_count)
    pieces = {span.kind: span.pieces for span in panel.brief._spans}
    assert pieces["wire"][0] == (0, 3 * MS)
    assert pieces["app"][0][0] == 3 * MS


@pytest.mark.parametrize("height", range(400, 424, 5))
def test_no_row_of_the_scope_is_cut_in_half(panel: DetailsPanel, show: Show, height: int) -> None:
    show(checkout())
    panel.resize(500, height)
    panel.grab()
    assert panel.scope.viewport().height() % row_height() == 0
    assert panel.scope.verticalScrollBar().maximum() % row_height() == 0
    assert panel.scope.verticalScrollBar().maximum() > 0


def test_values_end_at_the_edge_of_a_narrow_panel(panel: DetailsPanel, show: Show) -> None:
    show(checkout())
    panel.resize(240, 500)
    panel.grab()
    assert panel.scope.header().length() == panel.scope.viewport().width()


def test_live_timing_goes_on(panel: DetailsPanel, show: Show) -> None:
    show(waiting())
    panel.tabs.setCurrentIndex(TIMING)
    before = panel.timing._length
    panel.refresh()
    assert panel.timing._length > before
    assert panel.timing.lines()[-1][2] == "From the request's first byte until now."


def test_exceptions(panel: DetailsPanel, show: Show) -> None:
    show(failing())
    panel.tabs.setCurrentIndex(EXCEPTION)
    shown = panel.exception.text.toPlainText()
    assert "caused by\nKeyError: '2025-02'\n" in shown
    assert "3 frames in starlette" in shown


def test_logs_are_appended(panel: DetailsPanel, show: Show) -> None:
    sample = checkout()
    show(sample)
    panel.tabs.setCurrentIndex(LOG)
    assert panel.log.list.rowCount() == 3
    sample.log(7.0, "stdout", "", "", "done")
    panel.log.list.modelReset.connect(lambda: pytest.fail("the log was filled anew"))
    panel.refresh()
    assert [each.text for each in panel.log.list.rows][-1] == "done"
    assert titles(panel)[-1] == "Log 4"


def test_an_empty_log_says_so(panel: DetailsPanel, show: Show) -> None:
    sample = chat()
    show(sample)
    panel.tabs.setCurrentIndex(LOG)
    assert said(panel) == "The app logged nothing during this exchange"
    sample.log(7.0, "stdout", "", "", "done")
    panel.refresh()
    assert panel.log.isVisibleTo(panel)


def test_only_the_tab_in_sight_reads(panel: DetailsPanel, show: Show) -> None:
    class Bodiless(FakeReader):
        def body_all(self, *_: Any) -> bytes:
            pytest.fail("nobody looks at a body")

    sample = checkout()
    panel.show_exchange(Bodiless([sample]), sample.row.id)  # type: ignore[arg-type]
    sample.row = replace(sample.row, end_ns=ms(20))
    panel.refresh()
    panel.tabs.setCurrentIndex(LOG)


def test_thousands_of_headers(panel: DetailsPanel, show: Show) -> None:
    show(many_headers())
    panel.tabs.setCurrentIndex(REQUEST)
    assert panel.request.headers.tree.rowCount() == 5_014
    panel.grab()


def test_a_body_that_the_cap_cut(panel: DetailsPanel, show: Show, qtbot: QtBot) -> None:
    show(truncated())
    panel.tabs.setCurrentIndex(REQUEST)
    qtbot.waitUntil(lambda: panel.request.body.mode == "hex")
    assert panel.request.body._remarks.text() == "Recorded is the first 10.5 MB of 31.5 MB (the body cap)."
    assert panel.request.body._body.stored == 10 << 20


def test_a_hostile_recording_is_shown_all_the_same(panel: DetailsPanel, show: Show) -> None:
    sample = Sample(row(status=99_999, exception="\0", method="\u202e", log_count=3, http_version=""))
    sample.add(0, "call", "call", {"headers": [1, (2, 3), None], 7: b"", "asgi": []})
    sample.add(1, "send", "http.response.start", {"status": {}, "headers": {"a": 1}})
    sample.add(2, "send", "start_response", {"status": "\0" * 10_000, "headers": [("a\0", 7)]})
    sample.log(1, "\0", "\x1b", "l" * 10_000, "\u202e" * 100_000, "f" * 10_000, -7)
    show(sample)
    for tab in range(panel.tabs.count()):
        panel.tabs.setCurrentIndex(tab)
        panel.grab()
    for seq in range(3):
        panel.show_message(seq)
        panel.grab()


def test_what_grows_keeps_its_place_and_another_exchange_begins_at_its_top(panel: DetailsPanel, show: Show) -> None:
    sample = many_headers(count=200)
    sample.row = replace(sample.row, end_ns=None)
    for number in range(60):
        sample.log(1 + number, "stdout", "", "", f"line {number}")
    reader = show(sample)
    panel.show()
    panel.resize(500, 250)
    headers = next(
        index
        for at in range(panel.scope.tree.rowCount())
        if (index := panel.scope.tree.index(at, 0)).data() == "headers"
    )
    panel.scope.setExpanded(headers, True)
    bars = {
        SCOPE: panel.scope.verticalScrollBar(),
        TIMING: panel._timing_area.verticalScrollBar(),
        LOG: panel.log.view.verticalScrollBar(),
    }
    for tab, bar in bars.items():
        panel.tabs.setCurrentIndex(tab)
        panel.grab()
        bar.setValue(40)
    sample.add(70, "send", "http.response.body", {}, b"x", more_body=True)
    sample.log(71, "stdout", "", "", "one more")
    for tab, bar in bars.items():
        panel.tabs.setCurrentIndex(tab)
        panel.refresh()
        panel.grab()
        assert bar.value() == 40, tab
    other = many_headers(15, count=200)
    for number in range(60):
        other.log(1 + number, "stdout", "", "", f"line {number}")
    reader.samples[15] = other
    for tab, bar in bars.items():
        panel.tabs.setCurrentIndex(tab)
        panel.show_exchange(reader, 15)  # type: ignore[arg-type]
        panel.grab()
        assert panel.tabs.currentIndex() == tab
        assert bar.value() == 0, tab
        panel.show_exchange(reader, sample.row.id)  # type: ignore[arg-type]
        assert panel.tabs.currentIndex() == tab


def test_the_marks_have_figures_and_sentences(panel: DetailsPanel, show: Show) -> None:
    show(wsgi_form())
    panel.tabs.setCurrentIndex(TIMING)
    assert [line[:2] for line in panel.timing.mark_lines()] == [
        ("first byte", "0.00 ms"), ("head parsed", "0.20 ms"), ("app called", "12.30 ms"), ("app returned", "21.20 ms"),
        ("first byte out", "22.00 ms"), ("last byte out", "30.00 ms"), ("close() called", "32.00 ms"),
        ("over", "32.50 ms"),
    ]  # fmt: skip
    assert dict(line[::2] for line in panel.timing.mark_lines())["app returned"] == "The app returned its iterable."
    assert "last byte out 30.00 ms" in panel.timing.accessibleDescription()
    show(failing())
    marks = {line[0]: line[2] for line in panel.timing.mark_lines()}
    assert marks["app raised"] == "The app let an exception out."
    assert marks["over"] == "The app raised ReportFailed after 2 messages."


def test_timing_of_a_lifespan(panel: DetailsPanel, show: Show) -> None:
    lifespan = Sample(row(kind="lifespan", method="", path="", head_ns=ms(0), response_ns=None, response_end_ns=None,
                          call_ns=ms(0), client_ns=5 * MS, status=None))  # fmt: skip
    lifespan.add(0, "call", "call", {"type": "lifespan"})
    show(lifespan)
    panel.tabs.setCurrentIndex(TIMING)
    told = {line[0]: line[2] for line in panel.timing.lines()}
    assert list(told) == ["waiting in receive", "app", "in all"]
    assert told["app"].startswith("The app's own time: its startup")
    assert [line[0] for line in panel.timing.mark_lines()] == ["app called", "over"]


def test_sentences_wrap_where_it_is_narrow(panel: DetailsPanel, show: Show, qtbot: QtBot) -> None:
    show(wsgi_form())
    panel.tabs.setCurrentIndex(TIMING)
    panel.show()
    heights = []
    for width in (900, 320):
        panel.resize(width, 420)
        qtbot.waitUntil(lambda: panel.timing.height() >= panel.timing.heightForWidth(panel.timing.width()))
        heights.append(panel.timing.height())
    assert heights[1] > heights[0]


@pytest.mark.parametrize("length", [1, 999, 8_400_000, 32 * MS, 134_000 * MS, 10**18])
def test_ticks_are_round_and_few(length: int) -> None:
    found = timing_words.ticks(length)
    assert 1 <= len(found) <= 5
    assert found[0] == (0, "0")
    assert all(0 <= at <= length for at, _ in found)
    assert len({label for _, label in found}) == len(found) or length < 100_000


def test_ticks_in_words() -> None:
    assert timing_words.ticks(8_400_000) == [(n * MS, f"{n} ms" if n else "0") for n in (0, 2, 4, 6, 8)]
    assert [label for _, label in timing_words.ticks(134_000 * MS)] == ["0", "50 s", "100 s"]
    assert [label for _, label in timing_words.ticks(MS)] == ["0", "0.5 ms", "1.0 ms"]


def test_the_scope_is_copied_whatever_tab_is_in_sight(panel: DetailsPanel, show: Show) -> None:
    show(checkout())
    panel.tabs.setCurrentIndex(TIMING)
    panel.copy_scope()
    assert ast.literal_eval(QApplication.clipboard().text())["path"] == "/api/checkout"
    show(Sample(row(7, call_ns=None)))
    panel.copy_scope()
    assert QApplication.clipboard().text() == "{}"


def test_the_log_counts_what_is_shown_of_it(panel: DetailsPanel, show: Show) -> None:
    show(checkout())
    panel.tabs.setCurrentIndex(LOG)
    panel.grab()
    panel.log._buttons["WARNING"].click()
    assert titles(panel)[-1] == "Log 1 of 3"
    show(failing())  # has none of it: all are shown
    assert titles(panel)[-2] == "Log 3"
    show(checkout())
    assert titles(panel)[-1] == "Log 1 of 3"
    panel.log._buttons["WARNING"].click()
    assert titles(panel)[-1] == "Log 3"


def test_what_was_refused_did_not_go_to_the_app(panel: DetailsPanel, show: Show) -> None:
    sample = Sample(row(status=400, call_ns=None, outcome="refused", outcome_text="answered with 400: a second Host"))
    sample.add(0.3, "receive", "refused", {"message": "a second Host"})
    show(sample)
    panel.show_message(0)
    assert panel.message.facts.whole() == "from the client, refused by the server at 0.30 ms"


def test_an_answer_of_the_servers_own_is_not_denied(panel: DetailsPanel, show: Show) -> None:
    sample = Sample(
        row(status=500, outcome="app raised", outcome_text="the app raised ValueError; answered with 500", end_ns=ms(2))
    )
    sample.add(0.3, "call", "call", scope())
    sample.add(0.4, "raise", "raise", {"exception": {"type": "ValueError", "message": "no"}})
    show(sample)
    panel.tabs.setCurrentIndex(RESPONSE)
    assert "Inspector answered 500 for the app: it raised before it began its response" in said_in_response(panel)
    show(checkout())
    assert panel.response.line.whole() == "HTTP/1.1 201 Created"


def said_in_response(panel: DetailsPanel) -> str:
    return " ".join(label.text() for label in panel.response._nothing.findChildren(QLabel))
