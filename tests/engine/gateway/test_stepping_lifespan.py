"""A lifespan stepped to its end: which breakpoints mean it, and a stop that waits for its hold."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from inspector.engine.gateway.lifespan import Lifespan
from inspector.engine.probe.recorder import Recorder
from inspector.trace.stepping import Held
from tests.support.serving import PATIENCE, Sink
from tests.support.stepping import Steps
from tests.support.waiting import eventually_async


async def app(scope: Any, receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def made() -> tuple[Lifespan, Steps]:
    sink = Sink()
    recorder = Recorder(sink)
    lifespan = Lifespan(app, "asgi3", recorder, lambda _verdict, _text: None, required=False)
    return lifespan, Steps(recorder.board, sink)


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("point:receive", False),
        ("point:call or has:exception", False),
        ("not point:return", False),
        ("kind:lifespan point:call", True),
        ("not kind:http", True),
        ("message.type:startup", True),
    ],
)
async def test_a_breakpoint_means_the_lifespan_where_it_names_a_kind_or_a_type(expression: str, holds: bool) -> None:
    lifespan, steps = made()
    steps.break_(expression, once=True)
    starting = asyncio.ensure_future(lifespan.startup())
    if holds:
        steps.do("continue", hold=(await steps.held()).hold)
    await asyncio.wait_for(starting, PATIENCE)
    assert any(isinstance(one, Held) for one in steps.sink.records) == holds
    steps.board.close()
    await lifespan.shutdown(PATIENCE, asyncio.Event())


async def test_a_stop_is_held_at_the_shutdown_and_held_time_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    real = asyncio.wait

    async def wait(futures: Any, *, timeout: float, return_when: str = asyncio.ALL_COMPLETED) -> Any:
        """The time that the app has is over three times; from then on it has as much as it needs."""
        waits.append(timeout)
        return await real(futures, timeout=0.01 if len(waits) <= 3 else PATIENCE, return_when=return_when)

    monkeypatch.setattr(asyncio, "wait", wait)
    lifespan, steps = made()
    steps.break_("message.type:shutdown")
    await lifespan.startup()
    steps.board.end_requests()
    stopping = asyncio.ensure_future(lifespan.shutdown(0.01, asyncio.Event()))
    held = await steps.held()
    assert (held.point, held.type) == ("receive", "lifespan.shutdown")
    await eventually_async(lambda: len(waits) > 3 or stopping.done())
    assert not stopping.done()
    assert all(seconds > 0 for seconds in waits)
    steps.do("step", hold=held.hold)
    held = await steps.held()
    assert held.type == "lifespan.shutdown.complete"
    steps.do("finish", hold=held.hold)
    await asyncio.wait_for(stopping, PATIENCE)
    assert steps.sink.records[-1].outcome == "done"


async def test_a_step_of_before_the_stop_holds_the_shutdown_too() -> None:
    lifespan, steps = made()
    steps.break_("message.type:startup.complete", once=True)
    starting = asyncio.ensure_future(lifespan.startup())
    held = await steps.held()
    steps.do("step", hold=held.hold)
    await starting
    steps.board.end_requests()
    stopping = asyncio.ensure_future(lifespan.shutdown(PATIENCE, asyncio.Event()))
    held = await steps.held()
    assert held.type == "lifespan.shutdown"
    steps.board.close()  # as a second stop does
    await asyncio.wait_for(stopping, PATIENCE)
    assert not steps.board.armed
