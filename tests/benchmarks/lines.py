"""The lines of `make bench`, each a short entry: what, the figure to reach, who, how."""

from __future__ import annotations

from tests.benchmarks.apps import BODY
from tests.benchmarks.crowd import crowd
from tests.benchmarks.harness import Line, Measure, Pace, Reach, Sample
from tests.benchmarks.holding import BREAKPOINT, holding
from tests.benchmarks.servers import Peer, Server, inspector, uvicorn

_BROWSER = """\
connection: keep-alive
cache-control: max-age=0
sec-ch-ua: "Chromium";v="142", "Not_A Brand";v="99"
sec-ch-ua-mobile: ?0
sec-ch-ua-platform: "Linux"
upgrade-insecure-requests: 1
user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36
accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8
sec-fetch-site: same-origin
sec-fetch-mode: navigate
sec-fetch-dest: document
referer: http://127.0.0.1:8000/products/
accept-encoding: gzip, deflate, br, zstd
cookie: sessionid=3f1c9a8e7b6d5c4f3e2d1c0b; csrftoken=QmFzZTY0RW5jb2RlZFRva2VuVmFsdWU
"""


def get(more_headers: str = "") -> bytes:
    """A GET with a Host and `more_headers`, one per line."""
    return f"GET /hello?name=world HTTP/1.1\nhost: 127.0.0.1\n{more_headers}\n".replace("\n", "\r\n").encode()


def throughput(request: bytes, size: int, connections: int) -> Measure:
    """Requests per second; answers have `size` bytes."""

    def measure(server: Server, pace: Pace) -> Sample:
        before_ns = server.cpu_ns()
        load = server.load(connections=connections, warm=pace.warm, seconds=pace.seconds, request=request, size=size)
        behind_s = server.settle()
        cpu_us = (server.cpu_ns() - before_ns) / 1000 / load.sent
        return Sample(load.answered / load.seconds, cpu_us, load.p50_us, load.p99_us, behind_s)

    return measure


def crowded(idle: int, slow: int, measured: Measure) -> Measure:
    """As `measured`, while `idle` connections carry nothing and `slow` ones never end their requests."""

    def measure(server: Server, pace: Pace) -> Sample:
        with crowd(server.port, idle, slow):
            return measured(server, pace)

    return measure


def beside_held(count: int, measured: Measure) -> Measure:
    """As `measured`, while `count` requests are held where a breakpoint is set."""

    def measure(server: Server, pace: Pace) -> Sample:
        if BREAKPOINT not in server.peer.name:
            return measured(server, pace)
        with holding(server, count):
            return measured(server, pace)

    return measure


def held(app: str) -> tuple[Peer, Peer]:
    """The same program with a breakpoint and without one."""
    control = ("--control",)
    return inspector(*control, "--break", BREAKPOINT, app=app), inspector(*control, app=app)


_HELLO = (inspector(app="apps:hello"), uvicorn("--http", "h11", "--loop", "asyncio", app="apps:hello"))
_GATE = (
    inspector("--in-process", app="apps:hello"),
    inspector("--in-process", app="apps:hello", module="tests.benchmarks.ungated", name="the same without a gate"),
)

LINES = (
    Line("ASGI hello, 1 header, c=16", Reach(1.5), _HELLO, throughput(get(), len(BODY), 16)),
    Line("ASGI hello, 15 headers, c=16", Reach(1.5), _HELLO, throughput(get(_BROWSER), len(BODY), 16)),
    # No figure is asked of it: that nobody is refused, closed or answered wrongly is the point.
    Line(
        "ASGI beside 50 held, c=16", Reach(0.9), held("apps:hello"), beside_held(50, throughput(get(), len(BODY), 16))
    ),
    Line(
        "WSGI beside 50 held, c=16",
        Reach(0.9),
        held("apps:hello_wsgi"),
        beside_held(50, throughput(get(), len(BODY), 16)),
    ),
    Line("the gate, no breakpoint set, c=16", Reach(0.97), _GATE, throughput(get(), len(BODY), 16)),
    Line("c=100 beside 450 idle, 450 slow", Reach(0.0), _HELLO, crowded(450, 450, throughput(get(), len(BODY), 100))),
)
