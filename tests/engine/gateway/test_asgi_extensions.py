"""The extensions of ASGI that an HTTP response can have: announced where they work, sent as they should, on record."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from inspector.engine.stream import AppMistake
from inspector.engine.wire.http2_frames import WINDOW_UPDATE, frame
from inspector.trace.records import Failure, MessageSeen
from tests.support.certificates import secure_context, secured
from tests.support.http2_client import connect, get, headers
from tests.support.serving import Serving, serving
from tests.support.stepping import stepping_asgi

GET = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"
TRAILED = b"GET / HTTP/1.1\r\nHost: shop\r\nTE: gzip;q=0.5, Trailers\r\n\r\n"
OLD = b"GET / HTTP/1.0\r\nTE: trailers\r\n\r\n"
HEAD = b"HEAD / HTTP/1.1\r\nHost: shop\r\n\r\n"
START = {"type": "http.response.start", "status": 200, "headers": []}
BODY = {"type": "http.response.body", "body": b"tea"}
HINT = {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload", b"</b.js>; rel=preload"]}
TRAILERS = {"type": "http.response.trailers", "headers": [(b"x-sum", b"7")]}
HINTED = b"HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\nlink: </b.js>; rel=preload\r\n\r\n"


class Sends:
    """An app that sends these messages, and keeps its scope and what its sends raised."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.messages = messages
        self.scope: dict[str, Any] = {}
        self.raised: list[BaseException] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        for message in self.messages:
            try:
                await send(message)
            except AppMistake as error:
                self.raised.append(error)
                raise


async def asked(running: Serving, request: bytes, **options: Any) -> bytes:
    """The answer, to the end of the connection or of its last chunk."""
    client = await running.connect(**options)
    await client.send(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    return await client.read_all()


def sent(running: Serving, exchange: int) -> list[tuple[str, Any, int]]:
    told = [one for one in running.messages(exchange) if one[0] == "send"]
    sizes = [record.size for record in running.of(exchange, MessageSeen) if record.direction == 2]
    return [(type_, data, size) for (_, type_, data, _), size in zip(told, sizes, strict=True)]


@pytest.mark.parametrize(
    ("request_", "announced"),
    [
        (GET, ["http.response.early_hint", "http.response.pathsend"]),
        (TRAILED, ["http.response.early_hint", "http.response.pathsend", "http.response.trailers"]),
        (OLD, ["http.response.pathsend"]),
    ],
)
async def test_each_is_announced_only_where_it_works(request_: bytes, announced: list[str]) -> None:
    app = Sends(START, BODY)
    async with serving(app) as running:
        await asked(running, request_)
    assert sorted(app.scope["extensions"]) == announced
    assert all(value == {} for value in app.scope["extensions"].values())


async def test_the_state_of_the_lifespan_is_there_even_where_it_is_empty() -> None:
    app, state = Sends(START, BODY), {}  # type: ignore[var-annotated]
    async with serving(app, state=state) as running:
        await asked(running, GET)
        assert app.scope["state"] == {}
        assert app.scope["state"] is not state


# http.response.early_hint


@pytest.mark.parametrize("messages", [(HINT, START, BODY), (START, HINT, BODY)])
async def test_hints_go_out_before_the_head(messages: Any) -> None:
    async with serving(Sends(*messages)) as running:
        answer = await asked(running, GET)
        assert answer.startswith(HINTED + b"HTTP/1.1 200 OK\r\n")
        (exchange,) = await running.ended()
        assert running.end(exchange).outcome == "done"
        assert ("http.response.early_hint", {"links": HINT["links"]}, 0) in sent(running, exchange)


async def test_a_hint_behind_the_head_is_left_out() -> None:
    more = {**BODY, "more_body": True}
    async with serving(Sends(START, more, HINT, BODY)) as running:
        answer = await asked(running, GET)
        assert b"103" not in answer
        assert answer.endswith(b"3\r\ntea\r\n3\r\ntea\r\n0\r\n\r\n")


async def test_an_app_that_fails_after_a_hint_is_answered_for() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(HINT)
        raise ValueError("no")

    async with serving(app) as running:
        assert (await asked(running, GET)).startswith(HINTED + b"HTTP/1.1 500 ")


async def test_a_client_that_waits_for_100_gets_it_after_a_hint() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(HINT)
        body = (await receive())["body"]
        await send(START)
        await send({**BODY, "body": body})

    async with serving(app) as running:
        client = await running.connect()
        await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert await client.reader.readuntil(b"\r\n\r\n") == HINTED
        assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await client.send(b"ok")
        assert (await client.read_response())[1] == b"ok"


# http.response.trailers


@pytest.mark.parametrize(
    ("request_", "headers", "end"),
    [
        (TRAILED, [], b"3\r\ntea\r\n0\r\nx-sum: 7\r\nx-b: 1\r\n\r\n"),
        (GET, [], b"3\r\ntea\r\n0\r\n\r\n"),
        (TRAILED, [(b"content-length", b"3")], b"\r\n\r\ntea"),
        (TRAILED.replace(b"GET", b"HEAD"), [], b"\r\n\r\n"),
        (OLD, [], b"\r\n\r\ntea"),
    ],
    ids=["asked for", "not asked for", "a length", "HEAD", "HTTP/1.0"],
)
async def test_trailers_go_out_where_the_client_takes_them(request_: bytes, headers: Any, end: bytes) -> None:
    first = {**TRAILERS, "more_trailers": True}
    second = {**TRAILERS, "headers": [(b"x-b", b"1 ")]}
    app = Sends({**START, "headers": headers, "trailers": True}, BODY, first, second)
    async with serving(app) as running:
        answer = await asked(running, request_)
        assert answer.endswith(end)
        assert answer.count(b"x-sum") == (b"x-sum" in end)
        (exchange,) = await running.ended()
        assert (running.end(exchange).outcome, app.raised) == ("done", [])
        assert [type_ for type_, _, _ in sent(running, exchange)][-2:] == ["http.response.trailers"] * 2


async def test_a_connection_goes_on_after_trailers() -> None:
    async with serving(Sends({**START, "trailers": True}, BODY, TRAILERS)) as running:
        client = await running.connect()
        for _ in range(2):
            await client.send(TRAILED)
            head = await client.reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            assert await client.reader.readuntil(b"x-sum: 7\r\n\r\n") == b"3\r\ntea\r\n0\r\nx-sum: 7\r\n\r\n"


# http.response.pathsend


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tea.bin"
    path.write_bytes(bytes(range(256)) * 12_000)
    return path


def path_of(file: Path) -> dict[str, Any]:
    return {"type": "http.response.pathsend", "path": str(file)}


@pytest.mark.parametrize("request_", [GET, OLD, TRAILED], ids=["1.1", "1.0", "trailers"])
@pytest.mark.parametrize("length", [True, False], ids=["length", "no length"])
@pytest.mark.parametrize("secure", [True, False], ids=["TLS", "clear"])
async def test_a_file_goes_out_whole_and_is_recorded_as_path_and_size(
    file: Path, request_: bytes, length: bool, secure: bool
) -> None:
    size = file.stat().st_size
    start = {**START, "headers": [(b"content-length", b"%d" % size)] if length else []}
    trailed = request_ == TRAILED and not length
    messages = [start, path_of(file)] if not trailed else [{**start, "trailers": True}, path_of(file), TRAILERS]
    app = Sends(*messages)
    async with serving(app, secure=secure_context() if secure else None) as running:
        answer = await asked(running, request_, **(secured() if secure else {}))
        head, _, body = answer.partition(b"\r\n\r\n")
        if b"chunked" in head.lower():
            body, end = unchunked(body)
            assert end == (b"x-sum: 7\r\n\r\n" if trailed else b"\r\n")
        assert body == file.read_bytes()
        (exchange,) = await running.ended()
        assert (running.end(exchange).outcome, app.raised) == ("done", [])
        told = sent(running, exchange)
        assert told[1] == ("http.response.pathsend", {"path": str(file)}, size)
        (message,) = [one for one in running.of(exchange, MessageSeen) if one.type == "http.response.pathsend"]
        assert (message.body, message.stored, message.flags, message.body_key) == (b"", 0, 0, 0)


async def test_a_file_keeps_its_order_where_the_client_reads_slowly(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"".join(number.to_bytes(8, "big") for number in range(2_000_000)))
    async with serving(Sends(START, path_of(path))) as running:
        client = await running.connect(limit=1 << 14)
        await client.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        await running.sink.until(lambda _: any(not one.writable.is_set() for one in running.server._connections))
        answer = await client.read_all()
        assert unchunked(answer.partition(b"\r\n\r\n")[2])[0] == path.read_bytes()


def unchunked(data: bytes) -> tuple[bytes, bytes]:
    body = b""
    while True:
        size, _, data = data.partition(b"\r\n")
        if not int(size, 16):
            return body, data
        body, data = body + data[: int(size, 16)], data[int(size, 16) + 2 :]


async def test_many_files_one_after_the_other_on_one_connection(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "full").write_bytes(b"tea")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send(path_of(tmp_path / scope["path"][1:]))

    async with serving(app) as running:
        client = await running.connect()
        for name, body in (("empty", b""), ("full", b"tea"), ("empty", b""), ("full", b"tea")):
            await client.send(b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n" % name.encode())
            assert (await client.read_response())[1] == body
        await client.send(HEAD.replace(b"/ ", b"/full "))
        head = await client.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        await client.send(b"GET /full HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await client.read_response())[1] == b"tea"


def before() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (7, '"path" is a str, not int'),
        ("tea.bin", "\"path\" is absolute, not 'tea.bin'"),
        ("/there/is/none", "/there/is/none cannot be sent: no such file or directory"),
        ("/", "/ cannot be sent: it is no file"),
        ("/dev/zero", "/dev/zero cannot be sent: it is no file"),
        ("/a\0b", "cannot be sent: it has a zero byte"),
    ],
)
async def test_a_wrong_path_is_the_apps_mistake(path: Any, words: str) -> None:
    app = Sends(START, {"type": "http.response.pathsend", "path": path})
    async with serving(app) as running:
        answer = await asked(running, GET)
        assert answer.startswith(b"HTTP/1.1 500 ")
        (exchange,) = await running.ended()
        assert words in str(app.raised[0])
        assert running.of(exchange, Failure)[0].type == "AppMistake"
        assert sent(running, exchange)[1][0] == "http.response.pathsend"


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        (lambda file: [{**START, "headers": [(b"content-length", b"7")]}, file], "Content-Length says 7"),
        (lambda file: [START, {**BODY, "more_body": True}, file], "'http.response.pathsend' was sent where only"),
        (lambda file: [file], "'http.response.pathsend' was sent where only 'http.response.start' may come"),
        (lambda file: [START, file, file], "'http.response.pathsend' was sent after the end"),
        (lambda file: [START, file, BODY], "'http.response.body' was sent after the end"),
    ],
    ids=["length", "mixed", "no start", "twice", "body behind"],
)
async def test_a_file_at_the_wrong_place(file: Path, messages: Any, words: str) -> None:
    app = Sends(*messages(path_of(file)))
    async with serving(app) as running:
        await asked(running, GET)
        await running.ended()
    assert words in str(app.raised[0])


@pytest.mark.parametrize("secure", [True, False], ids=["TLS", "clear"])
async def test_a_file_that_shrinks_is_a_transfer_that_breaks(
    file: Path, secure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inspector.engine.host.file_sending._AT_ONCE", 1 << 16)
    monkeypatch.setattr("inspector.engine.host.file_sending.PIECE", 1 << 16)
    monkeypatch.setattr("inspector.engine.gateway.asgi_extensions.os.fstat", grown(file))
    app = Sends(START, path_of(file))
    async with serving(app, secure=secure_context() if secure else None) as running:
        answer = await asked(running, GET, **(secured() if secure else {}))
        assert not answer.endswith(b"0\r\n\r\n")
        (exchange,) = await running.ended()
        assert "the file has become shorter while it was sent" in str(app.raised[0])
        assert "the transfer was cut" in running.end(exchange).text


def grown(file: Path) -> Any:
    """As if the file had been longer when it was opened."""
    real = os.fstat

    def fstat(fd: int) -> os.stat_result:
        found = list(real(fd))
        found[6] += 1000
        return os.stat_result(found)

    return fstat


async def test_no_file_stays_open_whatever_happens(file: Path) -> None:
    there = before()
    for messages in ([START, path_of(file)], [{**START, "headers": [(b"content-length", b"7")]}, path_of(file)]):
        async with serving(Sends(*messages)) as running:
            await asked(running, GET)
            await running.ended()
    assert len(before()) <= len(there)


async def test_a_client_that_leaves_is_told_to_the_app(file: Path) -> None:
    with file.open("ab") as more:
        more.truncate(1 << 30)
    raised: list[BaseException] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        try:
            await send(path_of(file))
        except OSError as error:
            raised.append(error)
            raise

    async with serving(app) as running:
        client = await running.connect(limit=1 << 16)
        await client.send(GET)
        await client.reader.read(1000)
        await client.close()
        (exchange,) = await running.ended()
        assert running.end(exchange).outcome == "client left"
        assert type(raised[0]).__name__ == "ClientGone"


# The same over HTTP/2


async def test_hints_files_and_trailers_over_http2(file: Path) -> None:
    app = Sends(HINT, {**START, "trailers": True}, path_of(file), TRAILERS)
    async with serving(app) as running:
        client = await connect(running)
        client.send(headers(1, get(b"/", b"GET", (b"te", b"trailers"))), open_windows(file.stat().st_size))
        hint = await client.until("HEADERS", 1)
        assert hint.told == "103"
        assert client.reading.fields[1][1:] == [(b"link", link) for link in HINT["links"]]  # type: ignore[union-attr]
        assert (await client.until("HEADERS", 1)).told == "200"
        last = await client.until("HEADERS", 1)
        assert (last.ends, client.reading.fields[1]) == (True, [(b"x-sum", b"7")])
        body = b"".join(got.told for got in client.got if got.kind == "DATA" and isinstance(got.told, bytes))
        assert body == file.read_bytes()
        (exchange,) = await running.ended()
        assert (running.end(exchange).outcome, app.raised) == ("done", [])
        assert sent(running, exchange)[2] == ("http.response.pathsend", {"path": str(file)}, len(body))
        assert sorted(app.scope["extensions"]) == [
            "http.response.early_hint", "http.response.pathsend", "http.response.push", "http.response.trailers",
        ]  # fmt: skip
        await client.close()


async def test_trailers_over_http2_that_nobody_asked_for_only_end_the_response() -> None:
    app = Sends({**START, "trailers": True}, BODY, TRAILERS)
    async with serving(app) as running:
        client = await connect(running)
        client.send(headers(1, get()))
        assert await client.body(1) == ("200", b"tea")
        (exchange,) = await running.ended()
        assert (running.end(exchange).outcome, app.raised) == ("done", [])
        await client.close()


def open_windows(size: int) -> bytes:
    """For a body of that size."""
    return b"".join(frame(WINDOW_UPDATE, 0, stream, size.to_bytes(4, "big")) for stream in (0, 1))


# Held


async def test_a_held_file_can_be_another_one(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"another tea")
    async with stepping_asgi(Sends(START, path_of(file))) as (running, steps):
        steps.break_("message.type:pathsend")
        client = await running.connect()
        await client.send(GET)
        hold = (await steps.held()).hold
        steps.do("edit", hold=hold, message={"type": "http.response.pathsend", "data": {"path": str(other)}})
        steps.do("continue", hold=hold)
        assert (await client.read_response())[1] == b"another tea"
        (exchange,) = await running.ended()
        assert sent(running, exchange)[1] == ("http.response.pathsend", {"path": str(other)}, 11)


async def test_trailers_can_be_changed_and_put_in_only_where_they_are_due() -> None:
    app = Sends({**START, "trailers": True}, BODY, TRAILERS)
    async with stepping_asgi(app) as (running, steps):
        steps.break_("point:send")
        client = await running.connect()
        await client.send(TRAILED)
        changed = {"type": "http.response.trailers", "data": {"headers": [["x-sum", "8"]]}}
        first = (await steps.held()).hold
        assert "cannot come here" in steps.refused("inject", hold=first, where="before", message=changed)
        steps.do("continue", hold=first)
        steps.do("continue", hold=(await steps.held()).hold)
        last = (await steps.held()).hold
        steps.do("edit", hold=last, message=changed)
        steps.do("continue", hold=last)
        await client.reader.readuntil(b"\r\n\r\n")
        assert await client.reader.readuntil(b"\r\n\r\n") == b"3\r\ntea\r\n0\r\nx-sum: 8\r\n\r\n"
