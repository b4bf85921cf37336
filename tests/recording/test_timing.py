"""Spans: figures of the row, pieces out of the messages, and nothing counted twice."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from inspector.recording.timing import KINDS, MARKS, client_ns, length_ns, marks, so_far, spans, wire_ns, worker_ns
from tests.support.sample_exchanges import MS, T0, Sample, chat, checkout, ms, row, waiting, wsgi_form


def pieces(sample: Sample) -> dict[str, list[tuple[float, float]]]:
    return {
        span.kind: [(round(begin / MS, 2), round(end / MS, 2)) for begin, end in span.pieces]
        for span in spans(sample.row, sample.messages)
    }


def test_the_client_is_waited_for_from_asking_to_answer_and_the_rest_is_the_apps() -> None:
    assert pieces(checkout()) == {
        "client": [(0.0, 0.2), (0.31, 0.71)],
        "app": [(0.3, 0.31), (0.71, 8.02)],  # up to the return
    }


def test_a_wsgi_call_waits_for_a_worker_and_back_pressure_lies_at_the_end() -> None:
    found = pieces(wsgi_form())
    assert found["worker"] == [(0.2, 12.3)]
    assert found["app"] == [(12.3, 12.8), (14.0, 23.6)]
    assert found["blocked"] == [(23.6, 30.0)]
    assert found["after"] == [(30.0, 32.5)]
    assert worker_ns(wsgi_form().row) == round(12.1 * MS)


def test_an_asgi_call_waits_for_no_worker() -> None:
    assert worker_ns(row(call_ns=ms(5))) == 0


def test_without_all_messages_the_figures_are_laid_end_to_end() -> None:
    sample = chat()
    found = spans(sample.row, sample.messages[:10])
    assert [span.kind for span in found] == ["client", "app"]
    assert found[0].pieces == ((0, client_ns(sample.row)),)
    assert found[1].pieces == ((client_ns(sample.row), client_ns(sample.row) + sample.row.app_ns),)


def test_a_live_exchange_lasts_until_now() -> None:
    live = row(end_ns=None, duration_ns=None, response_end_ns=None, response_ns=None, app_ns=MS)
    assert length_ns(live, ms(1_200)) == 1_200 * MS
    assert length_ns(live) == 1.2 * MS  # the head, and what is known of the app
    assert wire_ns(live) == 0


def test_a_receive_without_an_answer_is_not_the_apps_time() -> None:
    poll = waiting()
    for messages in ([], poll.messages):
        found = {span.kind: span.total_ns for span in spans(replace(poll.row, message_count=2), messages, ms(1_000))}
        assert found["open"] == round(999.3 * MS)
        assert found["app"] == round(0.4 * MS)
    pieces = {span.kind: span.pieces for span in spans(replace(poll.row, message_count=2), poll.messages, ms(1_000))}
    assert pieces["open"] == ((round(0.7 * MS), 1_000 * MS),)
    assert pieces["app"][-1][1] == round(0.7 * MS)


def test_a_body_that_does_not_come_is_the_clients_time() -> None:
    stuck = replace(waiting().row, doing="client", message_count=1)
    assert so_far(stuck, ms(100)).client_ns == round(99.3 * MS)
    found = {span.kind: span.pieces for span in spans(stuck, waiting().messages[:1], ms(100))}
    assert found["client"][-1] == (round(0.7 * MS), 100 * MS)
    assert found["app"] == ((round(0.3 * MS), round(0.7 * MS)),)


def test_figures_are_counted_up_to_now_once() -> None:
    at_work = replace(waiting().row, doing="app")
    once = so_far(at_work, ms(10))
    assert once.app_ns == round(0.4 * MS) + round(9.3 * MS)
    assert so_far(once, ms(10)) == once
    assert so_far(replace(at_work, doing="blocked"), ms(10)).blocked_ns == round(9.3 * MS)
    done = so_far(replace(at_work, response_end_ns=ms(2)), ms(10))
    assert (done.app_ns, done.after_ns) == (at_work.app_ns, 8 * MS)
    assert so_far(row(), ms(1_000)) == row()


def test_the_wire_has_what_nobody_else_has() -> None:
    plain = row()
    assert wire_ns(plain) == round(8.4 * MS) - round(0.2 * MS) - round(7.8 * MS)
    assert wire_ns(replace(plain, app_ns=90 * MS)) == 0


figures = st.integers(0, 10**12)


@given(st.lists(figures, min_size=6, max_size=6), figures, figures)
def test_any_figures_give_pieces_in_order(totals: list[int], call: int, end: int) -> None:
    worker, client, app, blocked, after, held = totals
    exchange = row(
        interface="wsgi", call_ns=ms(0.2) + worker, client_ns=client, app_ns=app, blocked_ns=blocked, after_ns=after,
        held_ns=held, end_ns=ms(0.2) + end, response_end_ns=ms(0.2) + min(call, end), message_count=1,
    )  # fmt: skip
    for messages in ([], checkout().messages):
        found = spans(exchange, messages)
        assert [span.kind for span in found] == [kind for kind in KINDS if kind in {span.kind for span in found}]
        for span in found:
            assert span.total_ns > 0
            assert span.pieces
            assert all(begin <= stop for begin, stop in span.pieces)
            assert all(stop <= begin for (_, stop), (begin, _) in zip(span.pieces, span.pieces[1:], strict=False))


def test_marks_stand_in_order() -> None:
    made = wsgi_form()
    found = marks(made.row, made.messages[-3:], T0 - 5 * MS)
    assert [(mark.kind, round(mark.t_ns / MS, 2)) for mark in found] == [
        ("accepted", -5.0), ("first_byte", 0.0), ("head", 0.2), ("called", 12.3), ("returned", 21.2),
        ("first_out", 22.0), ("last_out", 30.0), ("closed", 32.0), ("over", 32.5),
    ]  # fmt: skip
    assert {mark.kind for mark in marks(made.row, made.messages)} <= set(MARKS)
    live = row(end_ns=None, response_ns=None, response_end_ns=None, call_ns=None)
    assert [mark.kind for mark in marks(live)] == ["first_byte", "head"]
    assert marks(row(kind="lifespan"))[0].kind == "called"
