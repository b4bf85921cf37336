"""The gate and the board: what queues behind a hold, what ends it, which breakpoints stop, what an edit may be."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from inspector.engine.gateway import stepped
from inspector.engine.probe.recorder import Recorder
from inspector.trace import values
from inspector.trace.records import Logged, MessageSeen
from inspector.trace.stepping import Held, Hit
from tests.support.serving import PATIENCE, Sink, serving
from tests.support.stepping import Steps, originals, passed, stepping_asgi, stepping_wsgi
from tests.support.waiting import eventually_async

GET = b"GET %s HTTP/1.1\r\nHost: shop\r\n\r\n"
START = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
BODY = {"type": "http.response.body", "body": b"ok"}


async def plain(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send(START)
    await send(BODY)


async def test_send_stays_a_coroutine_function_and_nothing_is_armed() -> None:
    seen: list[bool] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(asyncio.iscoroutinefunction(send) and asyncio.iscoroutinefunction(receive))
        await plain(scope, receive, send)

    async with serving(app) as running:
        assert (await running.get(GET % b"/"))[1] == b"ok"
        assert not running.server.recorder.board.armed
    assert seen == [True]


async def test_concurrent_calls_queue_behind_a_hold_in_order_and_are_no_holds_of_their_own() -> None:
    order: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def listen() -> None:
            order.append((await receive())["type"])

        listening = asyncio.ensure_future(listen())
        sending = asyncio.ensure_future(send(START))
        await asyncio.sleep(0)
        await asyncio.gather(listening, sending)
        order.append("both")
        await send(BODY)

    async with stepping_asgi(app) as (running, steps):
        steps.break_("point:receive", once=True)
        steps.break_("point:send", once=True)
        asking = asyncio.ensure_future(running.get(GET % b"/"))
        first = await steps.held()
        assert first.point == "receive"
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(steps.board.holds) == 1
        assert order == []
        steps.do("continue", hold=first.hold)
        second = await steps.held()  # its turn has come: now it is looked at
        assert second.point == "send"
        assert order == ["http.request"]
        steps.do("continue", hold=second.hold)
        assert (await asking)[1] == b"ok"
    assert order == ["http.request", "both"]


@pytest.mark.parametrize("point", ["receive", "send"])
async def test_a_held_call_that_the_app_cancels_ends_its_hold(point: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        call = receive() if point == "receive" else send(START)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(call, 0.01)
        if point == "receive":
            assert (await receive())["type"] == "http.request"  # it is not lost
        await send(START)
        await send(BODY)

    async with stepping_asgi(app) as (running, steps):
        steps.break_(f"point:{point}", once=True)
        assert (await running.get(GET % b"/"))[1] == b"ok"
        held = await steps.held()
        assert await steps.released(held.hold) == "cancelled"
        await running.ended()
        told = passed(running, held.exchange)
        start = ["response.start-"] if point == "send" else ["request"]
        assert told == ["call", *start, "response.start", "response.body", "return"]
        assert not steps.board.armed


async def test_later_pipelined_requests_wait_for_a_held_one() -> None:
    async with stepping_asgi(plain) as (running, steps):
        steps.break_("path:/first point:call")
        client = await running.connect()
        await client.send(GET % b"/first" + GET % b"/second")
        held = await steps.held()
        assert (await running.get(GET % b"/other"))[1] == b"ok"
        assert len(running.of(held.exchange + 1, MessageSeen)) > 0
        assert sum(isinstance(one, MessageSeen) and one.type == "call" for one in running.sink.records) == 1
        steps.do("continue", hold=held.hold)
        assert [(await client.read_response())[1] for _ in range(2)] == [b"ok", b"ok"]


async def test_the_head_stays_back_while_its_body_is_held() -> None:
    async with stepping_asgi(plain) as (running, steps):
        steps.break_("point:send message.type:body")
        client = await running.connect()
        await client.send(GET % b"/")
        held = await steps.held()
        await running.get(b"BAD\r\n\r\n")  # some turns of the loop
        assert not client.reader._buffer  # type: ignore[attr-defined]
        steps.do("continue", hold=held.hold)
        assert (await client.read_response())[1] == b"ok"


async def test_a_client_that_leaves_while_held_is_told() -> None:
    async with stepping_asgi(plain) as (running, steps):
        steps.break_("point:send", once=True)
        client = await running.connect()
        await client.send(GET % b"/")
        held = await steps.held()
        assert not held.client_left
        await client.close()
        await running.sink.until(lambda all_: any(isinstance(one, Held) and one.client_left for one in all_))
        alone = next(one for one in running.sink.records if isinstance(one, Held) and one.client_left)
        assert "abort" in held.verbs
        assert "abort" not in alone.verbs
        assert alone.notes[0].startswith("The client has left")
        assert steps.refused("abort", hold=held.hold) == "abort: the client has left: there is no connection to reset"
        steps.do("continue", hold=held.hold)
        await running.ended()
        assert running.end(held.exchange).outcome == "client left"
        assert running.end(held.exchange).text.startswith("the client closed its side of the connection while")


async def test_a_call_whose_client_has_left_can_still_be_kept_from_the_app() -> None:
    called: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        called.append(scope["path"])

    async with stepping_asgi(app) as (running, steps):
        steps.break_("point:call", once=True)
        client = await running.connect()
        await client.send(GET % b"/")
        held = await steps.held()
        await client.close()
        await running.sink.until(lambda all_: any(isinstance(one, Held) and one.client_left for one in all_))
        steps.do("abort", hold=held.hold)
        await running.ended()
        assert called == []


async def test_where_no_other_worker_can_be_lent_it_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspector.engine.gateway.wsgi.MOST_LENT", 2)

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        return [b"ok"]

    def said(all_: list[Any]) -> list[str]:
        return [one.text for one in all_ if isinstance(one, Logged) and "workers are held" in one.text]

    async with stepping_wsgi(app, threads=1) as (running, steps):
        rule = steps.break_("path:/held point:call")
        asking = [asyncio.ensure_future(running.get(GET % b"/held")) for _ in range(3)]
        holds = [await steps.held() for _ in asking]
        await running.sink.until(said)
        waiting = asyncio.ensure_future(running.get(GET % b"/free"))
        await running.sink.until(lambda all_: sum(type(one).__name__ == "ExchangeStarted" for one in all_) == 4)
        assert not waiting.done()
        assert not any(isinstance(one, MessageSeen) and one.exchange == 4 for one in running.sink.records)
        steps.do("remove", breakpoint=rule)
        for hold in holds:
            steps.do("continue", hold=hold.hold)
        assert (await asyncio.wait_for(waiting, PATIENCE))[1] == b"ok"
        await asyncio.gather(*asking)
        assert said(running.sink.records) == ["2 workers are held: further requests wait until one is released"]


async def test_who_cannot_be_held_never_crosses_to_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    gates: list[str] = []
    made = stepped.Gate

    def gate(board: Any, exchange: Any, stream: Any, facts: Any, lend: Any) -> Any:
        gates.append(facts.request()["path"])
        return made(board, exchange, stream, facts, lend)

    monkeypatch.setattr(stepped, "Gate", gate)

    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        return [b"ok"]

    async with stepping_wsgi(app) as (running, steps):
        steps.break_("path:/held point:next")
        assert (await running.get(GET % b"/free"))[1] == b"ok"
        assert gates == []
        asking = asyncio.ensure_future(running.get(GET % b"/held"))
        held = await steps.held()
        assert gates == ["/held"]
        assert (await running.get(GET % b"/free"))[1] == b"ok"
        steps.break_("path:/free")  # from now on it can
        other = asyncio.ensure_future(running.get(GET % b"/free"))
        assert (await steps.held()).point == "call"
        assert gates == ["/held", "/free"]
        steps.do("breaking", on=False)
        steps.do("resume_all")
        assert held.point == "next"
        assert [(await one)[1] for one in (asking, other)] == [b"ok", b"ok"]


async def test_a_new_breakpoint_stops_what_is_on_its_way() -> None:
    go = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await go.wait()
        await send(BODY)

    async with stepping_asgi(app) as (running, steps):
        steps.break_("path:/other")
        asking = asyncio.ensure_future(running.get(GET % b"/mine"))
        await running.sink.until(lambda all_: any(isinstance(one, MessageSeen) and one.direction == 2 for one in all_))
        steps.break_("path:/mine")
        go.set()
        held = await steps.held()
        assert held.type == "http.response.body"
        steps.do("continue", hold=held.hold)
        assert (await asking)[1] == b"ok"


async def test_what_queued_behind_a_hold_goes_before_what_comes_after_it() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({**START, "headers": []})

        async def held() -> None:
            await receive()
            await send({"type": "http.response.body", "body": b"second", "more_body": True})

        async def queued() -> None:
            await asyncio.sleep(0)
            await send({"type": "http.response.body", "body": b"first ", "more_body": True})

        await asyncio.gather(held(), queued())
        await send({"type": "http.response.body"})

    async with stepping_asgi(app) as (running, steps):
        rule = steps.break_("point:receive")
        asking = asyncio.ensure_future(running.get(GET % b"/"))
        held = await steps.held()
        await running.get(b"BAD\r\n\r\n")  # some turns of the loop
        steps.do("remove", breakpoint=rule)
        steps.do("continue", hold=held.hold)
        assert b"first " in (await asking)[1].partition(b"second")[0]


async def test_a_held_worker_does_not_count_and_the_pool_shrinks_again() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        return [threading.current_thread().name.encode()]

    async with stepping_wsgi(app, threads=1) as (running, steps):
        rule = steps.break_("path:/held point:call")
        asking = [asyncio.ensure_future(running.get(GET % b"/held")) for _ in range(5)]
        holds = [await steps.held() for _ in range(5)]
        assert (await asyncio.wait_for(running.get(GET % b"/"), PATIENCE))[0].startswith(b"HTTP/1.1 200")
        steps.do("remove", breakpoint=rule)
        for hold in holds:
            steps.do("continue", hold=hold.hold)
        await asyncio.wait_for(asyncio.gather(*asking), PATIENCE)
        assert (await running.get(GET % b"/"))[0].startswith(b"HTTP/1.1 200")
        await eventually_async(lambda: sum("WSGI worker" in one.name for one in threading.enumerate()) <= 1)


async def test_others_go_on_while_fifty_are_held() -> None:
    async with stepping_asgi(plain) as (running, steps):
        steps.break_("path:/held")
        asking = [asyncio.ensure_future(running.get(GET % b"/held")) for _ in range(50)]
        holds = [await steps.held() for _ in asking]
        assert len({one.exchange for one in holds}) == 50
        for _ in range(100):
            assert (await running.get(GET % b"/free"))[1] == b"ok"
        steps.do("breaking", on=False)
        assert steps.do("resume_all") == {"released": 50}
        assert {(await one)[1] for one in asking} == {b"ok"}


async def test_others_go_on_while_fifty_workers_are_held() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        return [b"ok"]

    async with stepping_wsgi(app, threads=2) as (running, steps):
        steps.break_("path:/held point:start_response")
        asking = [asyncio.ensure_future(running.get(GET % b"/held")) for _ in range(50)]
        holds = [await steps.held() for _ in asking]
        assert len({one.exchange for one in holds}) == 50
        for _ in range(20):
            assert (await running.get(GET % b"/free"))[1] == b"ok"
        steps.do("breaking", on=False)
        assert steps.do("resume_all") == {"released": 50}
        assert {(await one)[1] for one in asking} == {b"ok"}


# Breakpoints.


async def stops(expression: str, **facts: Any) -> list[str]:
    """At which points of one exchange a breakpoint stops."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(START)
        await send(BODY)
        raise ValueError("late")

    async with stepping_asgi(app) as (running, steps):
        steps.break_(expression, **facts)
        asking = asyncio.ensure_future(running.get(GET % b"/cart"))
        ended = asyncio.ensure_future(running.ended())
        found = []
        while not ended.done():
            holding = asyncio.ensure_future(steps.held())
            await asyncio.wait([holding, ended], return_when=asyncio.FIRST_COMPLETED)
            if holding.done():
                found.append(f"{holding.result().point} {holding.result().type.rpartition('.')[2]}")
                steps.do("continue", hold=holding.result().hold)
            holding.cancel()
        await asking
        return found


@pytest.mark.parametrize(
    ("expression", "points"),
    [
        ("path:/cart", "call call,send start,send body"),
        ("path:/shop", ""),
        ("path:/cart point:receive", "receive request"),
        ("point:raise", "raise raise"),
        ("point:raise exception:ValueError", "raise raise"),
        ("point:send status:200", "send body"),
        ("message.type:request", "receive request"),
        ("message.size:>1B", "send body"),
        ("body~ok", "send body"),
        ("not body~ok", "call call,send start"),
        ("point:call or body~ok", "call call,send body"),
        ("has:exception", ""),
    ],
)
async def test_where_a_breakpoint_stops(expression: str, points: str) -> None:
    assert ",".join(await stops(expression)) == points


async def test_once_nth_log_and_disabled() -> None:
    assert await stops("point:send", once=True) == ["send start"]
    assert await stops("point:send", nth=2) == ["send body"]
    assert await stops("point:send", nth=2, once=True) == ["send body"]
    assert await stops("point:send", log=True) == []
    assert await stops("point:send", enabled=False) == []


async def test_a_breakpoint_that_only_logs_is_a_line_of_its_exchange() -> None:
    async with stepping_asgi(plain) as (running, steps):
        steps.break_("point:send", log=True)
        await running.get(GET % b"/")
        (exchange,) = await running.ended()
        lines = [one.text for one in running.of(exchange, Logged)]
        assert lines == ["send: http.response.start", "send: http.response.body"]
        assert [(one.hits, one.held) for one in running.sink.records if isinstance(one, Hit)] == [
            (1, False),
            (2, False),
        ]


async def test_the_switch_releases_nothing_and_hold_next_holds_one_request() -> None:
    async with stepping_asgi(plain) as (running, steps):
        steps.do("hold_next")
        asking = asyncio.ensure_future(running.get(GET % b"/"))
        held = await steps.held()
        steps.do("breaking", on=False)
        assert held.hold in steps.board.holds
        steps.break_("point:call")
        assert (await running.get(GET % b"/"))[1] == b"ok"
        steps.do("continue", hold=held.hold)
        assert (await asking)[1] == b"ok"
        assert not steps.board.armed


# Edits.


class Thing:
    """An object of the app."""

    def __repr__(self) -> str:
        raise AssertionError("no code of the app runs")


async def test_what_an_edited_scope_leaves_untouched_is_the_same_object() -> None:
    thing = Thing()
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)
        await plain(scope, receive, send)

    async def around(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)

    async with stepping_asgi(around) as (running, steps):
        steps.break_("point:call")
        running.server.gateway._state = {"db": thing, "t": (1, b"2")}  # type: ignore[attr-defined]
        asking = asyncio.ensure_future(running.get(GET % b"/a"))
        held = await steps.held()
        text = steps.text(held)
        assert text["data"]["scope"]["state"]["db"]["$object"].endswith(".Thing")
        text["data"]["scope"]["path"] = "/b"
        text["data"]["scope"]["headers"].append(["x", "\xe4"])
        text["data"]["scope"]["state"]["t"] = [1, "3"]
        steps.do("edit", hold=held.hold, message=text)
        steps.do("continue", hold=held.hold)
        await asking
        scope = seen[0]
        assert scope["path"] == "/b"
        assert scope["headers"][-1] == (b"x", b"\xe4")
        assert scope["state"]["db"] is thing
        assert scope["state"]["t"] == (1, b"3")
        assert scope["client"] == tuple(scope["client"])
        first = running.of(held.exchange, MessageSeen)[0]
        assert values.decode(first.data)["path"] == "/b"
        assert originals(running, held.exchange)[0][0]["scope"]["path"] == "/a"


EDITS = [
    ("http.response.start", {"status": "200"}, "status: must be a number from 200 to 999"),
    ("http.response.start", {"status": True}, "status: must be a number from 200 to 999"),
    ("http.response.start", {}, "status: http.response.start needs it"),
    ("http.response.start", {"status": 200, "headers": {}}, "headers: must be a list of pairs"),
    ("http.response.start", {"status": 200, "headers": [["a"]]}, "headers[0]: must be a pair"),
    ("http.response.start", {"status": 200, "headers": [["a", "b\r\nc: d"]]}, "headers[0]: a header has no line break"),
    ("http.response.start", {"status": 200, "headers": [["a", "\u20ac"]]}, "headers[0][1]: one character is one byte"),
    ("http.response.start", {"status": 200, "colour": "red"}, "colour: no field of http.response.start"),
    ("http.response.body", {"body": "x"}, "type: http.response.body cannot come here, only http.response.start"),
    ("http.response.stat", {}, "type: 'http.response.stat' is no message"),
    (["a"], {}, "type: ['a'] is no message"),
    ("http.response.start", [], "data: must be an object"),
]


@pytest.mark.parametrize(("type_", "data", "words"), EDITS, ids=lambda value: str(value)[:40])
async def test_an_edit_that_breaks_a_rule_is_refused_with_field_and_rule(type_: Any, data: Any, words: str) -> None:
    async with stepping_asgi(plain) as (running, steps):
        steps.break_("point:send", once=True)
        asking = asyncio.ensure_future(running.get(GET % b"/"))
        held = await steps.held()
        text = steps.refused("edit", hold=held.hold, message={"type": type_, "data": data})
        assert text.startswith(words)
        steps.do("continue", hold=held.hold)
        assert (await asking)[1] == b"ok"
        await running.ended()
        assert not any("*" in one for one in passed(running, held.exchange))


async def test_a_length_that_will_not_fit_is_warned_of_and_breaks_the_transfer_visibly() -> None:
    async with stepping_asgi(plain) as (running, steps):
        steps.break_("point:send message.type:body", once=True)
        client = await running.connect()
        await client.send(GET % b"/")
        held = await steps.held()
        message = {"type": "http.response.body", "data": {"body": "longer"}}
        detail = steps.do("edit", hold=held.hold, message=message)
        assert detail["warnings"][0].startswith("The body gets 4 bytes longer than its Content-Length")
        steps.do("continue", hold=held.hold)
        with pytest.raises(asyncio.IncompleteReadError):
            await client.read_response()
        await running.ended()
        end = running.end(held.exchange)
        assert end.outcome == "broken"
        assert end.text.startswith("your change broke the transfer: the body is longer than its Content-Length")
        assert originals(running, held.exchange) == {3: ({}, b"ok")}


async def test_an_illegal_message_goes_through_where_it_is_asked_for() -> None:
    async with stepping_asgi(plain) as (running, steps):
        steps.break_("point:receive", once=True)
        asking = asyncio.ensure_future(running.get(GET % b"/"))
        held = await steps.held()
        message = {"type": "websocket.receive", "data": {"text": "x"}}
        assert "cannot come here" in steps.refused("edit", hold=held.hold, message=message)
        steps.do("edit", hold=held.hold, message=message, illegal=True)
        steps.do("continue", hold=held.hold)
        assert (await asking)[1] == b"ok"
        await running.ended()
        assert "websocket.receive*" in passed(running, held.exchange)


def test_what_is_asked_wrongly_is_answered_and_nothing_stops() -> None:
    async def main() -> None:
        sink = Sink()
        board = Recorder(sink).board
        steps = Steps(board, sink)
        assert steps.refused("fly") == "verb: 'fly' is none"
        assert steps.refused("continue", hold=7) == "hold: 7 is not held (any more)"
        assert steps.refused("continue", hold=[7]).startswith("hold: [7] is not held")
        assert steps.refused("continue") == "hold: is missing"
        assert steps.refused("break", breakpoint={"id": 1, "expression": "point:"}).startswith("expression: point:")
        assert steps.refused("break", breakpoint={"id": "1", "expression": "x"}) == "id: takes int"
        assert not board.armed

    asyncio.run(main())
