"""Requests that are held at a breakpoint, while the others are measured."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.crowd import readable
from tests.benchmarks.servers import Server, ServerFailed

PATH = "/held"
BREAKPOINT = f"path:{PATH} point:call"
PATIENCE = 20.0
_REQUEST = f"GET {PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n".encode()


@contextmanager
def holding(server: Server, count: int) -> Iterator[None]:
    """`count` requests held by a server with `--control` and `BREAKPOINT`, and let go at the end. Raises `ServerFailed`
    where one of them was not held, or not answered when it was let go."""
    held = []
    try:
        for _ in range(count):
            held.append(socket.create_connection(("127.0.0.1", server.port), PATIENCE))
            held[-1].sendall(_REQUEST)
        server.requests += count
        yield
        if early := readable(held):
            raise ServerFailed(f"{early:,} of {count:,} requests were not held")
        server.say({"id": 1, "verb": "resume_all"})
        until = time.monotonic() + PATIENCE
        for one in held:
            one.settimeout(max(until - time.monotonic(), 0.01))
            if not one.recv(1 << 16).startswith(b"HTTP/1.1 200 "):
                raise ServerFailed("a request that was let go got no 200")
    except OSError as error:
        raise ServerFailed(f"a held request: {error}") from None
    finally:
        for one in held:
            one.close()
