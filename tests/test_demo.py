"""The demo's visitors: understood by a server that keeps to the rules, and put off by nothing that another does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn

from inspector import demo
from inspector.resources import resource
from tests.support.waiting import DEADLINE

Served = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(answer: Served) -> AsyncIterator[str]:
    """A server of raw bytes; gives its address."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except OSError:
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(demo, "VISIT_SECONDS", 0.2)


def test_the_shops_are_there() -> None:
    assert Path(demo.shop()).name == "shop_asgi.py"
    assert Path(demo.shop(wsgi=True)).is_file()


async def test_every_visit_ends_well_at_the_shop(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(demo, "VISIT_SECONDS", DEADLINE)
    monkeypatch.syspath_prepend(str(resource("demo")))
    caplog.set_level(logging.CRITICAL, "uvicorn")  # /fail fails, as it should
    config = uvicorn.Config("shop_asgi:app", port=0, http="h11", ws="wsproto", log_config=None)
    server = uvicorn.Server(config)
    served = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        assert await demo.drive(f"http://127.0.0.1:{port}", rounds=1, interval=0.0) == len(demo.VISITS)
    finally:
        server.should_exit = True
        await served


async def test_a_server_that_is_not_there(hurried: None, unused_tcp_port: int) -> None:
    assert await demo.drive(f"http://127.0.0.1:{unused_tcp_port}", rounds=2, interval=0.0) == 0


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\r\n\r\n",
        b"nonsense",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 OK 200\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000,
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x82\x7f\xff",
    ],
)
async def test_a_server_that_talks_nonsense(hurried: None, said: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()
        writer.write_eof()
        await reader.read()

    async with serving(answer) as url:
        await asyncio.wait_for(demo.drive(url, rounds=1, interval=0.0), DEADLINE)


async def test_a_server_that_never_answers(hurried: None) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(answer) as url:
        assert await asyncio.wait_for(demo.drive(url, rounds=1, interval=0.0), DEADLINE) == 0


async def test_cancelling_ends_every_visit() -> None:
    came = asyncio.Semaphore(0)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.release()
        await reader.read()

    async with serving(answer) as url:
        driven = asyncio.create_task(demo.drive(url, rounds=None, interval=0.0))
        for _ in range(5):
            await asyncio.wait_for(came.acquire(), DEADLINE)
        driven.cancel()
        with pytest.raises(asyncio.CancelledError):
            await driven
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("demo:")]


async def test_visitors_are_bounded() -> None:
    here = most = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal here, most
        here += 1
        most = max(most, here)
        if here >= demo.VISITORS:
            full.set()
        await reader.read()
        here -= 1

    full = asyncio.Event()
    async with serving(answer) as url:
        driven = asyncio.create_task(demo.drive(url, rounds=None, interval=0.0))
        await asyncio.wait_for(full.wait(), DEADLINE)
        _, pending = await asyncio.wait([driven], timeout=0.2)  # more may come, if they can
        driven.cancel()
        await asyncio.wait(pending)
    assert demo.VISITORS <= most <= 2 * demo.VISITORS  # a chat is two connections
