"""HTTP/2 that is wrong, over a real socket: the answer that the RFC demands, recorded; the next client is served."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from inspector.engine.wire import http2_frames
from inspector.engine.wire.http2_frames import frame
from inspector.trace import clock
from inspector.trace.records import ExchangeEnded, ExchangeStarted
from tests.support.http2_client import END_HEADERS, connect, data, get, headers, number
from tests.support.http2_corpus import CASES, FLOODS, Case
from tests.support.mutants import http2
from tests.support.serving import Serving, serving

INPUTS = 1000
SEED = 9113


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the size of the body."""
    read, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        read, more = read + len(message["body"]), message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"%d" % read})


async def alive(running: Serving) -> None:
    """Another client is served."""
    client = await connect(running)
    client.send(headers(1, get(b"/alive", b"POST"), END_HEADERS), data(1, b"hello"))
    assert await client.body(1) == ("200", b"5")
    await client.close()


async def test_each_case_gets_its_answer_and_is_recorded_and_the_next_client_is_served() -> None:
    async with serving(echo) as running:
        for case in CASES:
            await _one(running, case)
            await alive(running)


async def _one(running: Serving, case: Case) -> None:
    before = sum(isinstance(record, ExchangeStarted) for record in running.sink.records)
    client = await connect(running, case.bytes)
    kind, told = case.answer.split()
    got = await client.until(kind, None if kind == "GOAWAY" else 1)
    assert got.told == told, case.name
    if case.ends_connection:
        assert "GOAWAY" not in [one.kind for one in await client.rest()], case.name
        assert client.ended
    await client.close()
    own = 0 if case.requests and not case.ends_connection else 1
    ids = (await running.ended(before + case.requests + own))[before:]
    ends = [running.end(exchange) for exchange in ids]
    (refused,) = [end for end in ends if end.outcome == "refused"]
    assert refused.status == (int(told) if told.isdigit() else 0), case.name
    message = running.messages(refused.exchange)[-1]
    assert message[:2] == ("receive", "refused"), case.name
    assert message[2]["section"] == case.section, case.name
    assert message[2]["raw"], case.name
    assert f"{message[2]['message']} ({case.section})" in refused.text, case.name
    assert told in refused.text, case.name
    assert running.of(refused.exchange, ExchangeStarted)[0].http_version == "2", case.name


@pytest.mark.parametrize(("what", "one"), FLOODS, ids=[what for what, _ in FLOODS])
async def test_a_flood_is_answered_and_told_and_disturbs_no_other_client(what: str, one: bytes) -> None:
    async with serving(echo) as running:
        client = await connect(running)
        other = await connect(running)
        other.send(headers(1, get(method=b"POST"), END_HEADERS), data(1, b"part", 0))
        client.send(one * 5000)
        assert (await client.until("GOAWAY")).told == "ENHANCE_YOUR_CALM"
        await client.rest()
        other.send(data(1, b"rest"))
        assert await other.body(1) == ("200", b"8")
        ids = await running.ended(2)
        texts = [running.end(exchange).text for exchange in ids]
        assert sum("ENHANCE_YOUR_CALM: too many frames that ask for nothing" in text for text in texts) == 1
        await client.close()
        await other.close()


async def test_pings_of_a_client_that_does_not_read_are_no_longer_read_either() -> None:
    """Fifty a second are within the budget; their answers, unread, are not to pile up."""
    async with serving(echo) as running:
        client = await connect(running)
        await client.until("SETTINGS ACK")
        (connection,) = running.server._connections
        http2 = connection._http2  # type: ignore[attr-defined]
        connection.pause_writing()
        written = 0
        for second in range(1, 400):
            t_ns = clock.now() + second * 1_000_000_000
            http2.http.receive_data(frame(http2_frames.PING, 0, 0, bytes(8)) * 50, t_ns)
            http2.flush()
            written += 50 * 17
            if http2._deaf:
                break
        assert 256 * 1024 <= written < 300 * 1024
        connection.resume_writing()
        assert not http2._deaf
        await client.close()


async def test_rapid_reset_disturbs_no_other_client_and_runs_few_apps() -> None:
    running_apps = most = started = 0
    hold = asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal running_apps, most, started
        if scope["path"] == "/alive":
            await echo(scope, receive, send)
            return
        running_apps, started = running_apps + 1, started + 1
        most = max(most, running_apps)
        try:
            await hold.wait()
        finally:
            running_apps -= 1

    async with serving(app) as running:
        attacks = [await connect(running) for _ in range(4)]
        for client in attacks:
            for stream in range(1, 4001, 2):
                client.send(headers(stream, get()), frame(http2_frames.RST_STREAM, 0, stream, number(8)))
        for _ in range(10):
            await asyncio.wait_for(alive(running), 5)
        for client in attacks:
            assert (await client.until("GOAWAY")).told == "ENHANCE_YOUR_CALM"
            await client.close()
        assert most == started <= 400
        hold.set()
        await running.ended(started)
        left = [
            running.end(e).outcome for e in {r.exchange for r in running.sink.records if isinstance(r, ExchangeEnded)}
        ]
        assert left.count("client left") == 0
        assert left.count("broken") == started  # this app answers nobody


async def test_the_engine_is_alive_after_whatever_is_sent_to_it() -> None:
    """`INPUTS` mutants of the table and of good requests, the same in each run, each on a connection of its own."""
    async with serving(echo) as running:
        for count, (given, cuts) in enumerate(http2(SEED, INPUTS)):
            client = await running.connect()
            for start, end in zip([0, *cuts], [*cuts, len(given)], strict=True):
                client.writer.write(given[start:end])
                await asyncio.sleep(0)
            client.writer.write_eof()
            await client.read_all()
            await client.close()
            if count % 100 == 0:
                await alive(running)
        await alive(running)
        ids = await running.ended(sum(isinstance(record, ExchangeStarted) for record in running.sink.records))
        assert not [text for exchange in ids if "fault of Inspector" in (text := running.end(exchange).text)]
        assert running.server.in_flight == 0
