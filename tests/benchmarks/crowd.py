"""Clients that take room and give no work: idle ones, and ones whose request never ends (slow-loris)."""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.servers import ServerFailed

DRIP = 0.2
"""Seconds between the bytes of a slow client."""
_RESET = struct.pack("ii", 1, 0)
"""They end by a reset: a half-closed one would be answered, and recorded as a request that was refused."""


@contextmanager
def crowd(port: int, idle: int, slow: int) -> Iterator[None]:
    """`idle` connections that carry nothing, and `slow` ones that send a byte of a head now and then. Raises
    `ServerFailed` where the server has closed one of them at the end."""
    over = threading.Event()
    everyone: list[socket.socket] = []
    try:
        for _ in range(idle + slow):
            everyone.append(socket.create_connection(("127.0.0.1", port), 10))
            everyone[-1].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        slow_ones = everyone[idle:]
        for one in slow_ones:
            one.sendall(b"GET / HTTP/1.1\r\nX: ")
        dripping = threading.Thread(target=_drip, args=(slow_ones, over), name="drip")
        dripping.start()
        try:
            yield
        finally:
            over.set()
            dripping.join()
        if gone := readable(everyone):
            raise ServerFailed(f"{gone:,} of {len(everyone):,} quiet connections were closed")
    finally:
        for one in everyone:
            one.close()


def _drip(slow: list[socket.socket], over: threading.Event) -> None:
    while not over.wait(DRIP):
        for one in slow:
            try:
                one.send(b"x")
            except OSError:
                return  # told by who looks at the end


def readable(everyone: list[socket.socket]) -> int:
    """How many were closed by the server, or answered."""
    poll = select.poll()
    for one in everyone:
        poll.register(one, select.POLLIN)
    return len(poll.poll(0))
