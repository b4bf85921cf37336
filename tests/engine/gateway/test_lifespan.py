"""Lifespan: the messages in their place, and the verdict on each thing an app can do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from inspector.engine.gateway import lifespan as module
from inspector.engine.gateway.lifespan import Lifespan, LifespanFailed
from inspector.engine.probe.recorder import Recorder
from inspector.trace import records, values
from inspector.trace.records import ExchangeEnded, ExchangeStarted, MessageSeen
from tests.support.serving import PATIENCE, Sink

App = Callable[[Any, Any, Any], Awaitable[None]]


async def good(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "lifespan"
    assert scope["asgi"] == {"version": "3.0", "spec_version": "2.0"}
    assert await receive() == {"type": "lifespan.startup"}
    scope["state"]["db"] = "open"
    await send({"type": "lifespan.startup.complete"})
    assert await receive() == {"type": "lifespan.shutdown"}
    await send({"type": "lifespan.shutdown.complete"})


async def refuses(scope: Any, receive: Any, send: Any) -> None:
    raise ValueError("only http here")


async def raises(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    raise ValueError("no database")


async def cancels(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    raise asyncio.CancelledError


async def fails(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


async def returns(scope: Any, receive: Any, send: Any) -> None:
    pass


async def never(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await asyncio.Event().wait()


def make(app: App, *, required: bool = False) -> tuple[Lifespan, Sink, list[tuple[str, str]]]:
    sink = Sink()
    verdicts: list[tuple[str, str]] = []
    told = lambda verdict, text: verdicts.append((verdict, text))  # noqa: E731
    return Lifespan(app, "asgi3", Recorder(sink), told, required=required), sink, verdicts


async def test_each_message_is_told_in_its_place() -> None:
    lifespan, sink, verdicts = make(good)
    await lifespan.startup()
    assert lifespan.state == {"db": "open"}
    assert verdicts == [("supported", "")]
    await lifespan.shutdown(PATIENCE, asyncio.Event())
    (started,) = [r for r in sink.records if isinstance(r, ExchangeStarted)]
    assert started.kind == "lifespan"
    told = [r for r in sink.records if isinstance(r, MessageSeen)]
    assert [(records.DIRECTIONS[m.direction], m.type) for m in told] == [
        ("call", "call"),
        ("receive", "lifespan.startup"),
        ("send", "lifespan.startup.complete"),
        ("receive", "lifespan.shutdown"),
        ("send", "lifespan.shutdown.complete"),
        ("return", "return"),
    ]
    assert values.decode(told[0].data)["type"] == "lifespan"
    assert [r.outcome for r in sink.records if isinstance(r, ExchangeEnded)] == ["done"]


@pytest.mark.parametrize(
    ("app", "verdict", "text"),
    [
        (refuses, "unsupported", "only http here"),
        (raises, "raised", "no database"),
        (returns, "unsupported", "returned"),
    ],
)
async def test_an_app_without_lifespan_is_served_and_the_verdict_says_why(app: App, verdict: str, text: str) -> None:
    lifespan, _, verdicts = make(app)
    await lifespan.startup()
    ((found, why),) = verdicts
    assert found == verdict
    assert text in why
    await lifespan.shutdown(PATIENCE, asyncio.Event())


async def test_a_traceback_is_the_apps_own() -> None:
    lifespan, _, verdicts = make(raises)
    await lifespan.startup()
    assert "Traceback" in verdicts[0][1]
    assert "in raises" in verdicts[0][1]
    assert "inspector/engine" not in verdicts[0][1]


@pytest.mark.parametrize("app", [refuses, raises, returns])
async def test_where_lifespan_is_required_its_absence_is_a_failure(app: App) -> None:
    lifespan, _, _ = make(app, required=True)
    with pytest.raises(LifespanFailed, match="--lifespan on"):
        await lifespan.startup()


async def test_a_failed_startup_is_not_served() -> None:
    lifespan, _, verdicts = make(fails)
    with pytest.raises(LifespanFailed, match="no database"):
        await lifespan.startup()
    assert verdicts == [("failed", "no database")]


async def test_a_startup_that_does_not_end_is_called_hung_and_can_be_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HUNG", 0.01)
    lifespan, sink, verdicts = make(never)
    starting = asyncio.ensure_future(lifespan.startup())

    async def hung() -> None:
        while not verdicts:  # noqa: ASYNC110 - the verdict is told by a plain call
            await asyncio.sleep(0.005)

    await asyncio.wait_for(hung(), PATIENCE)
    assert verdicts[0][0] == "hung"
    starting.cancel()
    await lifespan.shutdown(PATIENCE, asyncio.Event())
    assert [r.outcome for r in sink.records if isinstance(r, ExchangeEnded)] == ["stopped"]


async def test_a_shutdown_that_does_not_end_is_cut_off() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.Event().wait()

    lifespan, sink, _ = make(app)
    await lifespan.startup()
    await asyncio.wait_for(lifespan.shutdown(0.01, asyncio.Event()), PATIENCE)
    assert [r.outcome for r in sink.records if isinstance(r, ExchangeEnded)] == ["stopped"]


async def test_a_hurry_ends_the_wait_for_a_shutdown() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        hurry.set()
        await asyncio.Event().wait()

    hurry = asyncio.Event()
    lifespan, sink, _ = make(app)
    await lifespan.startup()
    await asyncio.wait_for(lifespan.shutdown(2 * PATIENCE, hurry), PATIENCE)
    assert [r.outcome for r in sink.records if isinstance(r, ExchangeEnded)] == ["stopped"]


async def test_a_startup_under_way_is_cancelled_at_once() -> None:
    lifespan, sink, _ = make(never)
    starting = asyncio.ensure_future(lifespan.startup())
    await sink.until(lambda all_: any(isinstance(r, MessageSeen) and r.type == "lifespan.startup" for r in all_))
    starting.cancel()
    await asyncio.wait([starting])
    await asyncio.wait_for(lifespan.shutdown(2 * PATIENCE, asyncio.Event()), PATIENCE)
    assert [r.outcome for r in sink.records if isinstance(r, ExchangeEnded)] == ["stopped"]
