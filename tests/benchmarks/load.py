"""The load: a process that sends one fixed request over and over, and checks each answer.

    python load.py {"port": 8000, "connections": 16, "warm": 0.5, "seconds": 2, "request": "GET / ...", "size": 14}

Each connection has one request under way; it is kept alive. Answers have to be 200 with a Content-Length of `size`
bytes. What is printed: a line of JSON, `Load`. The clock of `answered` runs for `seconds`, after `warm` seconds of the
same; a request that is under way when it stops is still waited for, and counted in `sent`. Standard library only.
"""

from __future__ import annotations

import gc
import json
import selectors
import socket
import sys
import time
from dataclasses import asdict, dataclass

PATIENCE = 10.0
"""Seconds without any answer after which the load gives up."""
_NS = 1_000_000_000


@dataclass(frozen=True)
class Load:
    """What a load has measured."""

    sent: int
    """Requests in all; each was answered."""
    answered: int
    """Answers while the clock ran."""
    seconds: float
    p50_us: float
    p99_us: float
    """Of the time from sending a request until the last byte of its answer, while the clock ran."""


class WrongAnswer(Exception):
    """The server answered with something else than what every peer answers."""


class Answer:
    """One answer as it comes in."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._head = b""
        self._left = -1
        """Bytes of the body that are to come; -1 while the head is."""

    def feed(self, data: bytes) -> bool:
        """True where the answer is whole now. Raises `WrongAnswer`."""
        if self._left < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return False
            _check(self._head[:end], self._size)
            self._left = self._size - (len(self._head) - end - 4)
        else:
            self._left -= len(data)
        if self._left < 0:
            raise WrongAnswer(f"{-self._left} bytes came behind the answer")
        return self._left == 0


def _check(head: bytes, size: int) -> None:
    if not head.startswith(b"HTTP/1.1 200 "):
        raise WrongAnswer(f"the answer begins with {head[:60]!r}")
    length = head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0].strip()
    if length != b"%d" % size:
        raise WrongAnswer(f"Content-Length is {length!r}, not {size}")


class _Connection:
    """A connection and the request that is under way on it."""

    def __init__(self, port: int, request: bytes, size: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = request
        self._size = size

    def ask(self) -> None:
        self._answer = Answer(self._size)
        self.asked_ns = time.perf_counter_ns()
        self.sock.sendall(self._request)

    def answered(self) -> bool:
        data = self.sock.recv(1 << 18)
        if not data:
            raise WrongAnswer("the connection was closed")
        return self._answer.feed(data)


def put(port: int, connections: int, warm: float, seconds: float, request: bytes, size: int) -> Load:
    """Put the load on the server at `port`. Raises `WrongAnswer`, and OSError."""
    selector = selectors.DefaultSelector()
    clients = [_Connection(port, request, size) for _ in range(connections)]
    took_ns: list[int] = []
    began_ns = time.perf_counter_ns() + int(warm * _NS)
    stop_ns = began_ns + int(seconds * _NS)
    under_way = sent = len(clients)
    for client in clients:
        selector.register(client.sock, selectors.EVENT_READ, client)
        client.ask()
    while under_way:
        ready = selector.select(PATIENCE)
        if not ready:
            raise WrongAnswer(f"{under_way} requests had no answer for {PATIENCE:.0f} s")
        for key, _ in ready:
            client = key.data
            if not client.answered():
                continue
            t_ns = time.perf_counter_ns()
            if began_ns <= t_ns < stop_ns:
                took_ns.append(t_ns - client.asked_ns)
            if t_ns < stop_ns:
                client.ask()
                sent += 1
            else:
                under_way -= 1
    for client in clients:
        client.sock.close()
    selector.close()
    took_ns.sort()
    return Load(sent, len(took_ns), seconds, *(_at(took_ns, share) / 1000 for share in (0.5, 0.99)))


def _at(ordered: list[int], share: float) -> int:
    if not ordered:
        raise WrongAnswer("no answer came while the clock ran")
    return ordered[int(share * (len(ordered) - 1))]


def main(argument: str) -> int:
    wanted = json.loads(argument)
    wanted["request"] = wanted["request"].encode("latin-1")
    gc.disable()
    try:
        print(json.dumps(asdict(put(**wanted))))
    except (WrongAnswer, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
