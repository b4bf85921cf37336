"""Any verbs on any holds, with clients that leave at random: at the end nothing is held, nothing of it is left behind,
and every exchange is on record to its end."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspector.recording.fold import Fold
from inspector.trace import records
from inspector.trace.records import ExchangeEnded, ExchangeStarted, MessageSeen
from inspector.trace.stepping import HOLD_VERBS, Held, Released
from tests.engine.gateway.test_stepping_http import asgi3, wsgi
from tests.support.serving import PATIENCE, Client, Serving
from tests.support.stepping import Steps, stepping_asgi, stepping_wsgi
from tests.support.waiting import eventually_async

POST = b"POST /held HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\n\r\nhello"
MESSAGES: list[dict[str, Any]] = [
    {"data": {"status": 404}},
    {"type": "http.response.body", "data": {"body": "x" * 9, "more_body": True}},
    {"type": "http.response.body", "data": {"body": ""}},
    {"type": "http.request", "data": {"body": "more", "more_body": True}},
    {"type": "http.disconnect"},
    {"type": "next", "data": {"body": "chunk"}},
    {"type": "write", "data": {"body": "chunk"}},
    {"type": "read", "data": {"body": "hi"}},
    {"type": "start_response", "data": {"status": "500 No", "headers": []}},
    {"nonsense": 1},
]
VERBS = [*HOLD_VERBS, "leave", "leave", "resume_all"]
scripts = st.lists(
    st.tuples(st.sampled_from(VERBS), st.integers(0, 5), st.sampled_from(MESSAGES), st.booleans(), st.booleans()),
    max_size=25,
)


async def play(running: Serving, steps: Steps, script: list[Any]) -> None:
    steps.break_("path:/held (point:call or point~.)")
    clients: list[Client] = []
    for _ in range(3):
        client = await running.connect()
        await client.send(POST)
        clients.append(client)
    await steps.held()
    for verb, which, message, before, illegal in script:
        await asyncio.sleep(0)
        holds = sorted(steps.board.holds)
        if verb == "leave":
            await clients[which % len(clients)].close()
        elif verb == "resume_all":
            steps.ask("resume_all")
        elif holds:
            facts: dict[str, Any] = {"hold": holds[which % len(holds)]}
            if verb in ("edit", "inject"):
                facts.update(message=message, where="before" if before else "after", illegal=illegal)
            steps.ask(verb, **facts)
    steps.do("breaking", on=False)
    ended = asyncio.ensure_future(running.ended(3))
    for client in clients:  # who waits for a request that was dropped hears that the client has gone
        await client.close()
    while not ended.done():
        steps.do("resume_all")
        await asyncio.wait([ended], timeout=0.01)
    await ended
    check(running, steps)


def check(running: Serving, steps: Steps) -> None:
    told = running.sink.records
    assert not steps.board.holds
    assert not steps.board.armed
    assert {one.hold for one in told if isinstance(one, Held)} == {
        one.hold for one in told if isinstance(one, Released)
    }
    fold = Fold(1)
    for record in told:
        fold.feed(record)
    rows = {row.id: row for row in fold.take().exchanges}
    assert fold.in_flight == 0
    for exchange in [one.exchange for one in told if isinstance(one, ExchangeStarted)]:
        seqs = [one.seq for one in running.of(exchange, MessageSeen)]
        assert seqs == list(range(len(seqs)))
        assert len(running.of(exchange, ExchangeEnded)) == 1
        types = [records.DIRECTIONS[one.direction] for one in running.of(exchange, MessageSeen)]
        assert types[0] == "call"
        assert (rows[exchange].held_ns > 0) == bool(running.of(exchange, Held))
        assert rows[exchange].outcome


async def run(interface: str, script: list[Any]) -> None:
    before = set(asyncio.all_tasks())
    opening: Callable[[Any], Any] = stepping_wsgi if interface == "wsgi" else stepping_asgi
    async with opening((wsgi if interface == "wsgi" else asgi3)([], False)) as (running, steps):
        with contextlib.suppress(ConnectionError):
            await asyncio.wait_for(play(running, steps, script), PATIENCE)
    await eventually_async(lambda: set(asyncio.all_tasks()) <= before)


@pytest.mark.parametrize("interface", ["asgi3", "wsgi"])
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(script=scripts)
def test_any_verbs_on_any_holds_end_with_nothing_held(interface: str, script: list[Any]) -> None:
    threads = threading.active_count()
    asyncio.run(run(interface, script))
    assert threading.active_count() <= threads


def test_a_long_random_script_of_each() -> None:
    rng = random.Random(7)
    for interface in ("asgi3", "wsgi"):
        script = [
            (rng.choice(VERBS), rng.randrange(6), rng.choice(MESSAGES), rng.random() < 0.5, rng.random() < 0.5)
            for _ in range(300)
        ]
        asyncio.run(run(interface, script))
