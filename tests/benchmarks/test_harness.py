"""The arithmetic of the benchmarks and the load's check of answers; how fast anything is, no test asserts."""

from __future__ import annotations

import ast
import json
import socket
import threading
from pathlib import Path

import pytest

from inspector.engine import gateway
from tests.benchmarks.__main__ import table
from tests.benchmarks.crowd import crowd
from tests.benchmarks.harness import Line, Pace, Reach, Result, Sample, Spread, alternate
from tests.benchmarks.holding import holding
from tests.benchmarks.lines import LINES, get
from tests.benchmarks.load import Answer, WrongAnswer
from tests.benchmarks.servers import Peer, Server, ServerFailed
from tests.benchmarks.ungated import Cut
from tests.support.waiting import eventually

OURS, THEIRS = (Peer(name, lambda _port, _folder: []) for name in ("ours", "theirs"))


def sample(value: float, cpu_us: float = 1.0) -> Sample:
    return Sample(value, cpu_us, 0.0, 0.0, 0.0)


def never(_server: Server, _pace: Pace) -> Sample:
    raise AssertionError("nothing is measured here")


def result(*values: tuple[float, float], reach: Reach) -> Result:
    line = Line("a line", reach, (OURS, THEIRS), never)
    return Result(line, [(sample(ours), sample(theirs)) for ours, theirs in values])


def test_a_spread_is_five_values() -> None:
    assert Spread.of([5, 1, 4, 2, 3]) == Spread(1, 2, 3, 4, 5)
    assert Spread.of([1, 2]) == Spread(1, 1.25, 1.5, 1.75, 2)


def test_rounds_take_turns_at_being_first() -> None:
    order: list[int] = []

    def measured(which: int) -> Sample:
        order.append(which)
        return sample(which)

    pairs = alternate(measured, 3)
    assert order == [0, 1, 1, 0, 0, 1]
    assert [(ours.value, theirs.value) for ours, theirs in pairs] == [(0, 1)] * 3


def test_the_ratio_is_that_of_each_round() -> None:
    measured = result((10, 5), (40, 10), (300, 100), reach=Reach(3.0))
    assert measured.ratio == Spread(2, 2.5, 3, 3.5, 4)
    assert measured.medians(0)["value"] == 40


@pytest.mark.parametrize(
    ("ratios", "reach", "verdict"),
    [
        ((1.5, 1.6, 1.7), Reach(1.5), "reached"),
        ((1.0, 1.1, 1.2), Reach(1.5), "missed"),
        ((1.0, 1.5, 1.6), Reach(1.5), "reached, within the spread"),
        ((1.0, 1.4, 1.9), Reach(1.5), "missed, within the spread"),
        ((1.0, 1.05, 1.1), Reach(1.1, at_most=True), "reached"),
        ((1.2, 1.3, 1.4), Reach(1.1, at_most=True), "missed"),
    ],
)
def test_a_verdict_goes_by_the_median_and_owns_up_to_the_spread(
    ratios: tuple[float, ...], reach: Reach, verdict: str
) -> None:
    assert result(*[(ratio, 1.0) for ratio in ratios], reach=reach).verdict == verdict


def test_the_table_has_the_reach_beside_what_was_measured() -> None:
    lines = table([result((1, 2), (1, 2), reach=Reach(1.1, at_most=True))]).splitlines()
    assert lines[1].split() == ["a", "line", "1.10", "or", "less", "0.50", *["0.50"] * 4, "reached"]


def test_a_result_is_json_also_where_nobody_tells_cpu_time() -> None:
    line = Line("a line", Reach(1.0), (OURS, THEIRS), never)
    measured = Result(line, [(sample(1, 0.0), sample(2, 0.0))] * 2)
    told = json.loads(json.dumps(measured.to_json()))
    assert told["ratio"]["median"] == 0.5
    assert told["cpu_ratio"] is None
    assert told["rounds"][1]["theirs"]["value"] == 2


def test_requests_have_the_headers_that_their_line_says() -> None:
    assert get() == b"GET /hello?name=world HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
    assert [line.name for line in LINES[:2]] == ["ASGI hello, 1 header, c=16", "ASGI hello, 15 headers, c=16"]


def test_a_crowd_tells_who_was_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, crowd(listener.getsockname()[1], 2, 1):
        pass
    closed = pytest.raises(ServerFailed, match="1 of 3 quiet connections were closed")
    with socket.create_server(("127.0.0.1", 0)) as listener, closed, crowd(listener.getsockname()[1], 2, 1):
        listener.accept()[0].close()


def test_the_gate_is_cut_out_of_every_gateway() -> None:
    looks = {}
    for path in Path(gateway.__file__).parent.glob("*.py"):
        cut = Cut()
        assert ".armed" not in ast.unparse(cut.visit(ast.parse(path.read_text("utf-8"))))
        looks[path.name] = cut.looks
    assert all(looks[name] >= 3 for name in ("asgi_http.py", "asgi_websocket.py", "wsgi_call.py"))


def held_by(answer: bytes, at_once: bool) -> Server:
    """A server that answers all who wait when it is told to go on, or at once."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(OURS, listener.getsockname()[1], None)  # type: ignore[arg-type]
    clients: list[socket.socket] = []

    def go_on(_told: dict[str, object] | None = None) -> None:
        for client in clients:
            client.sendall(answer)
            client.close()
        listener.close()

    def accept() -> None:
        clients.extend(listener.accept()[0] for _ in range(2))
        if at_once:
            go_on()

    thread = threading.Thread(target=accept, name="held")
    thread.start()
    server.say = lambda told: (thread.join(), go_on(told))[1]  # type: ignore[method-assign]
    return server


def test_requests_are_held_as_long_as_they_should_be() -> None:
    server = held_by(ANSWER, at_once=False)
    with holding(server, 2):
        pass
    assert server.requests == 3
    with pytest.raises(ServerFailed, match="got no 200"), holding(held_by(b"HTTP/1.1 500 No\r\n\r\n", False), 2):
        pass
    early = held_by(ANSWER, at_once=True)
    with pytest.raises(ServerFailed, match="2 of 2 requests were not held"), holding(early, 2):
        eventually(lambda: not any(one.name == "held" for one in threading.enumerate()))


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@pytest.mark.parametrize("cut", range(1, len(ANSWER)))
def test_an_answer_may_come_in_pieces(cut: int) -> None:
    answer = Answer(5)
    assert not answer.feed(ANSWER[:cut])
    assert answer.feed(ANSWER[cut:])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (ANSWER.replace(b"200", b"503"), "begins with"),
        (ANSWER.replace(b": 5", b": 6"), "not 5"),
        (ANSWER.replace(b"Content-Length", b"X-Length"), "not 5"),
        (ANSWER + b"!", "behind the answer"),
    ],
)
def test_a_wrong_answer_is_told(data: bytes, why: str) -> None:
    with pytest.raises(WrongAnswer, match=why):
        Answer(5).feed(data)
