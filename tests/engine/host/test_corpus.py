"""The corpus over a real socket: the right answers, recorded; no hang; and the next connection is served."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import Any

import pytest

from inspector.trace.records import ExchangeEnded, ExchangeStarted
from tests.support.http_corpus import CASES, REFUSED, Case
from tests.support.mutants import frames, requests
from tests.support.serving import PATIENCE, Client, Serving, serving
from tests.support.websocket_corpus import DEFLATE, handshake

GET = b"GET /alive HTTP/1.1\r\nHost: shop\r\n\r\n"
HANDSHAKE = handshake(DEFLATE)
HTTP_INPUTS = 3000
WEBSOCKET_INPUTS = 2000
SEED = 7230


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the size of the body; a WebSocket gets its messages back."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({**message, "type": "websocket.send"})
        return
    read, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        read, more = read + len(message["body"]), message["more_body"]
    answer = b"%d" % read
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(answer))]})
    await send({"type": "http.response.body", "body": answer})


def statuses(answer: bytes) -> tuple[int, ...]:
    return tuple(int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer) if found != b"100")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
async def test_each_case_is_answered_and_recorded_and_the_next_client_served(case: Case) -> None:
    async with serving(echo) as running:
        client = await running.connect()
        client.writer.write(case.data)
        if case not in REFUSED:
            client.writer.write_eof()  # who is refused is shown out, the others have to go
        assert statuses(await client.read_all()) == case.answers
        # A body that breaks its framing belongs to the exchange of its head.
        ids = await running.ended(len(case.answers))
        ends = [running.end(exchange) for exchange in ids]
        assert [end.outcome for end in ends] == ["refused" if status != 200 else "done" for status in case.answers]
        if case in REFUSED:
            told = running.messages(ids[-1])[-1]
            assert told[:2] == ("receive", "refused")
            assert told[2]["status"] == ends[-1].status == case.answers[-1]
            assert (told[2]["section"], told[2]["offset"]) == (case.section, case.offset)
            assert told[2]["message"] in ends[-1].text
            assert told[2]["raw"]
            assert told[2]["raw"] in case.data
        assert (await running.get(GET))[0].startswith(b"HTTP/1.1 200 ")


async def test_the_engine_is_alive_after_whatever_http_is_sent_to_it() -> None:
    """`HTTP_INPUTS` mutants of the corpus, the same in each run, each on a connection of its own."""
    async with serving(echo) as running:
        for number, (data, cuts) in enumerate(requests(SEED, HTTP_INPUTS)):
            client = await running.connect()
            for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
                client.writer.write(data[start:end])
                await asyncio.sleep(0)
            await see_out(client)
            if number % 100 == 0:
                await alive(running)
        await alive(running)
        await everything_ended(running)


async def test_the_engine_is_alive_after_whatever_frames_are_sent_to_it() -> None:
    """`WEBSOCKET_INPUTS` inputs, the same in each run, each on a WebSocket of its own."""
    async with serving(echo) as running:
        for number, data in enumerate(frames(SEED, WEBSOCKET_INPUTS)):
            client = await running.connect()
            client.writer.write(HANDSHAKE)
            assert (await client.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
            client.writer.write(data)
            await see_out(client)
            if number % 100 == 0:
                await alive(running)
        await alive(running)
        await everything_ended(running)


async def see_out(client: Client) -> None:
    """Say that no more comes, and read to the end. That the server may have closed meanwhile is its right."""
    with contextlib.suppress(OSError):
        client.writer.write_eof()
        await client.read_all()
    await client.close()


async def alive(running: Serving) -> None:
    head, body = await asyncio.wait_for(running.get(GET), PATIENCE)
    assert (head[:13], body) == (b"HTTP/1.1 200 ", b"0")


async def everything_ended(running: Serving) -> None:
    """No exchange is left open, and none met a fault of ours."""
    ids = await running.ended(sum(isinstance(record, ExchangeStarted) for record in running.sink.records))
    ends = [record for record in running.sink.records if isinstance(record, ExchangeEnded)]
    assert ids
    assert sorted(end.exchange for end in ends) == sorted(ids)
    assert not [end.text for end in ends if "fault of Inspector" in end.text]
    assert running.server.in_flight == 0
