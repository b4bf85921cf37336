"""`make fuzz`: an engine of its own is sent what is nearly HTTP/1.1, HTTP/2, then WebSocket, and has to live.

`make fuzz SECONDS=600 SEED=7` takes longer, and other inputs; the same seed gives the same ones in the same order. Told
are the inputs of each protocol, how they ended, and the engine's memory. The exit code is 1 where a connection hung, an
exchange met a fault of ours, or the engine or its recording died; the input is in build/fuzz-failed.txt then.
"""

from __future__ import annotations

import asyncio
import collections
import itertools
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

from inspector.recording.reader import Reader
from tests.support.mutants import frames, http2, requests
from tests.support.websocket_corpus import DEFLATE, handshake

HERE = Path(__file__).parent
FAILED = Path("build") / "fuzz-failed.txt"
WORKERS = 8
PATIENCE = 15.0
"""Seconds that a connection may take after its client has said that it sends nothing more."""
GET = b"GET /alive HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
HANDSHAKE = handshake(DEFLATE)
Send = Callable[[int, Any], Coroutine[Any, Any, None]]


class Failed(Exception):
    """The server did what it must not."""


async def http(port: int, given: tuple[bytes, list[int]]) -> None:
    """One input on a connection of its own, in the pieces that belong to it."""
    data, cuts = given
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await _send(reader, writer, [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)])


async def websocket(port: int, data: bytes) -> None:
    """One input on a WebSocket of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HANDSHAKE)
    await reader.readuntil(b"\r\n\r\n")
    await _send(reader, writer, [data])


async def _send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, parts: list[bytes]) -> None:
    """Send, say that no more comes, read to the end. That the server may have closed meanwhile is its right."""
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        writer.write_eof()
        await reader.read()
    except OSError:
        pass
    finally:
        writer.close()


async def alive(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET)
    answer = await reader.read()
    writer.close()
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise Failed(f"a plain request was answered with {answer[:200]!r}")


async def send_for(seconds: float, port: int, inputs: Iterator[Any], send: Send) -> int:
    """Send inputs, `WORKERS` at a time; returns how many. Raises `Failed` with the input."""
    until = time.monotonic() + seconds
    sent = itertools.count()

    async def work() -> None:
        while time.monotonic() < until:
            given = next(inputs)
            try:
                await asyncio.wait_for(send(port, given), PATIENCE)
            except (OSError, TimeoutError, EOFError) as error:
                FAILED.parent.mkdir(exist_ok=True)
                FAILED.write_text(repr(given), "utf-8")
                raise Failed(f"{type(error).__name__} {error} at the input that {FAILED} has") from error
            if next(sent) % 200 == 0:
                await asyncio.wait_for(alive(port), PATIENCE)

    await asyncio.gather(*(work() for _ in range(WORKERS)))
    return next(sent)


def memory(pid: int) -> str:
    """MB of the process that records and of its child, the engine; empty where nobody tells."""
    found: dict[bool, float] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(") ")[2].split()
            itself = int(path.parent.name) == pid
            if itself or int(fields[1]) == pid:
                found[itself] = int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6
        except (OSError, ValueError):
            continue
    return f"engine {found[False]:.0f} MB, recorder {found[True]:.0f} MB" if len(found) == 2 else "not told"


def told(path: Path) -> str:
    """How the exchanges ended. Raises `Failed` where one met a fault of ours, or was lost."""
    with Reader(path) as reader:
        if len(reader.runs()) != 1:
            raise Failed(f"the engine began {len(reader.runs())} times")
        ids = reader.ids()
        outcomes: collections.Counter[str] = collections.Counter()
        for first in range(0, len(ids), 1000):
            for row in filter(None, reader.rows(ids[first : first + 1000])):
                outcomes[row.outcome] += 1
                if row.outcome == "lost" or "fault of Inspector" in row.outcome_text:
                    raise Failed(f"exchange {row.id}: {row.outcome}: {row.outcome_text}")
        return ", ".join(f"{count:,} {outcome or 'open'}" for outcome, count in outcomes.most_common())


def main() -> int:
    seconds, seed = float(os.environ.get("SECONDS") or 60), int(os.environ.get("SEED") or 1)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="inspector-fuzz-") as name:
        recording, output = Path(name) / "fuzz.inspector", Path(name) / "output"
        command = [sys.executable, "-m", "inspector", "serve", "app:app", "--app-dir", str(HERE), "--port", str(port)]
        with output.open("wb") as out:
            server = subprocess.Popen(
                [*command, "--quiet", "--record", str(recording)], stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        try:
            asyncio.run(fuzz(server, port, seconds / 3, seed))
            server.send_signal(signal.SIGTERM)
            if server.wait(60):
                raise Failed(f"the server ended with {server.returncode}")
            print(f"recorded: {told(recording)}")
        except Failed as error:
            print(f"FAILED, seed {seed}: {error}\n{output.read_text('utf-8', 'replace')[-4000:]}")
            return 1
        finally:
            if server.poll() is None:
                server.kill()
                server.wait()
    return 0


async def fuzz(server: subprocess.Popen[bytes], port: int, seconds: float, seed: int) -> None:
    for _ in range(200):
        try:
            await alive(port)
            break
        except OSError:
            await asyncio.sleep(0.1)
    many = 1 << 62
    protocols: tuple[tuple[str, Iterator[Any], Send], ...] = (
        ("HTTP/1.1", requests(seed, many), http),
        ("HTTP/2", http2(seed, many), http),
        ("WebSocket", frames(seed, many), websocket),
    )
    for protocol, inputs, send in protocols:
        before = memory(server.pid)
        count = await send_for(seconds, port, inputs, send)
        await asyncio.wait_for(alive(port), PATIENCE)
        if server.poll() is not None:
            raise Failed(f"the server ended with {server.returncode}")
        print(
            f"{protocol}: {count:,} inputs of seed {seed} in {seconds:.0f} s; "
            f"memory before: {before}; after: {memory(server.pid)}",
            flush=True,
        )


if __name__ == "__main__":
    raise SystemExit(main())
