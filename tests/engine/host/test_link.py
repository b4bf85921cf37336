from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector.engine.host import link as link_module
from inspector.engine.host.link import Handlers, Link
from inspector.options import Options
from inspector.trace import ring, verbs
from inspector.trace.records import Pulse
from inspector.trace.ring import RingReader, RingWriter
from inspector.trace.verbs import Hurry, Start, Stop
from tests.support.waiting import eventually, eventually_async


class Ends:
    """A link in this process, and the window's ends of it."""

    def __init__(self, capacity: int = 4096) -> None:
        fd, path = ring.create(capacity)
        self.reader = RingReader(ring.attach(fd))
        self.window, theirs = socket.socketpair()
        self.link = Link(RingWriter(ring.attach(fd)), theirs)
        os.close(fd)
        Path(path).unlink()
        self.heard: list[object] = []
        self.looks = 0

    def attach(self) -> None:
        handlers = Handlers(
            lambda grace, _: self.heard.append(("stop", grace)),
            lambda: self.heard.append("hurry"),
            lambda: self.heard.append("close"),
            self.look,
        )
        self.link.attach(asyncio.get_running_loop(), handlers)

    def look(self) -> None:
        self.looks += 1


@pytest.fixture
def ends() -> Iterator[Ends]:
    ends = Ends()
    yield ends
    if not ends.link._closed:
        ends.link.close()
    ends.window.close()
    ends.reader.close()


def test_the_first_verb_is_start(ends: Ends) -> None:
    data = verbs.encode(Start(Options(app="shop:app")))
    ends.window.sendall(data[:10])
    threading.Timer(0.05, ends.window.sendall, [data[10:]]).start()
    start = ends.link.wait_for_start()
    assert start is not None
    assert start.options.app == "shop:app"


@pytest.mark.parametrize("data", [b"", b"nonsense\n", verbs.encode(Stop())])
def test_a_window_that_does_not_start_is_none(ends: Ends, data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    ends.window.sendall(data)
    ends.window.shutdown(socket.SHUT_WR)
    assert ends.link.wait_for_start() is None


async def test_verbs_reach_the_loop_in_order(ends: Ends) -> None:
    ends.attach()
    ends.window.sendall(verbs.encode(Stop(2.0)) + verbs.encode(Hurry()))
    await eventually_async(lambda: len(ends.heard) == 2)
    assert ends.heard == [("stop", 2.0), "hurry"]


async def test_verbs_that_came_with_the_start_are_not_lost(ends: Ends) -> None:
    ends.window.sendall(verbs.encode(Start(Options())) + verbs.encode(Stop(1.0)))
    assert ends.link.wait_for_start()
    ends.attach()
    await eventually_async(lambda: ends.heard == [("stop", 1.0)])


async def test_the_end_of_the_window_is_told_and_frees_who_waits_for_room(ends: Ends) -> None:
    ends.attach()

    def fill() -> None:
        while not ends.link.ring.dropped:
            ends.link.ring.write(Pulse(1, 0, 0, 0, 0))

    filling = threading.Thread(target=fill)
    filling.start()
    await eventually_async(lambda: ends.link.ring.congested)
    ends.window.shutdown(socket.SHUT_WR)
    await eventually_async(lambda: ends.heard == ["close"])
    filling.join(10)
    assert not filling.is_alive()


@pytest.mark.parametrize("nonsense", [b"nonsense\n", b"\xff" * 10 + b"\n"])
async def test_a_window_that_talks_nonsense_has_gone(ends: Ends, nonsense: bytes) -> None:
    ends.attach()
    ends.window.sendall(nonsense)
    await eventually_async(lambda: ends.heard == ["close"])


async def test_the_watch_goes_on_while_the_loop_is_blocked(ends: Ends) -> None:
    ends.attach()
    before = ends.looks
    eventually(lambda: ends.looks >= before + 3)  # in the loop's thread: nothing else runs


def test_verbs_after_the_loop_has_closed_harm_nothing(ends: Ends) -> None:
    async def attach() -> None:
        ends.attach()

    asyncio.run(attach())
    ends.window.sendall(verbs.encode(Stop(1.0)))
    ends.window.shutdown(socket.SHUT_WR)
    eventually(lambda: ends.link.ring._abandoned)
    ends.link.close()
    assert ends.heard == []


def test_what_main_raises_is_told_to_the_window(ends: Ends) -> None:
    def main(link: Link, options: Options, listener: socket.socket) -> int:
        raise RuntimeError("broken")

    ends.window.sendall(verbs.encode(Start(Options())))
    with pytest.raises(RuntimeError, match="broken"):
        link_module.run(ends.link, socket.socket(), main)
    refusal = verbs.decode_refusal(ends.window.recv(1 << 16))
    assert refusal is not None
    assert "RuntimeError: broken" in refusal.detail
