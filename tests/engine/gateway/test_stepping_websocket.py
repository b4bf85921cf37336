"""Each verb at each hook point of a WebSocket, and of a lifespan."""

# ruff: noqa: E501 - a table: one cell is one line

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from wsproto.events import CloseConnection, Ping, Pong, TextMessage

from inspector.engine.gateway.lifespan import Lifespan
from inspector.engine.probe.recorder import Recorder
from inspector.trace import clock, records
from inspector.trace.records import MessageSeen
from tests.engine.gateway.test_asgi_websocket import HANDSHAKE, Peer, opened
from tests.engine.gateway.test_stepping_http import FREE, Cell, Saw, passing, refusals
from tests.support.serving import PATIENCE, Serving, Sink
from tests.support.stepping import Steps, passed, stepping_asgi


def echo(saw: Saw, raises: bool) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
            await send({"type": "http.response.body", "body": b"free"})
            return
        saw.append(scope["path"])
        try:
            saw.append((await receive())["type"].partition(".")[2])
            await send({"type": "websocket.accept"})
            saw.append("sent")
            while (message := await receive())["type"] == "websocket.receive":
                saw.append(message["text"])
                if raises:
                    raise ValueError("no")
                await send({"type": "websocket.send", "text": f"{message['text']} back"})
                saw.append("sent")
                if message["text"] == "last":
                    await send({"type": "websocket.close", "code": 1000})
                    return
            saw.append(f"{message['type'].partition('.')[2]} {message['code']}")
        except OSError as error:
            saw.append(type(error).__name__)

    return app


def text(type_: str, words: str) -> dict[str, Any]:
    return {"message": {"type": f"websocket.{type_}", "data": {"text": words}}}


def ws_refusals(point: str, *verbs: str, **outcome: Any) -> list[Cell]:
    return refusals(point, *verbs, **{"client": "one back,last back 1000", "saw": SAW, **outcome})


SAW = "/chat connect sent one sent last sent"
TOLD = "call connect accept receive send receive send close return"
OK = "one back,last back 1000"
_WS = {"client": OK, "saw": SAW, "told": TOLD}
WEBSOCKET = [
    *passing("call", "receive", "send", **_WS),
    Cell("call", "edit", OK, SAW.replace("/chat", "/talk"), TOLD.replace("call", "call*"), {"scope": "/talk"}),
    *ws_refusals("call", "drop", "inject", "disconnect", "fail"),
    Cell("call", "abort", "reset", "", "call-"),
    *passing("receive message.type:connect", "send", "send", **_WS),
    Cell("receive message.type:connect", "drop", "left", "/chat disconnect sent disconnect 1006", "call connect- disconnect accept disconnect return", leaves=True),
    *refusals("receive message.type:connect", "fail", client=OK, saw=SAW),
    Cell("receive message.type:connect", "abort", "reset", "/chat disconnect ClientGone", "call connect- disconnect accept return"),
    Cell("receive message.type:connect", "disconnect", OK, "/chat disconnect sent one sent last sent", TOLD.replace("connect accept", "connect- disconnect+ accept")),
    *passing("send message.type:accept", "receive", "send", **_WS),
    Cell("send message.type:accept", "drop", "left", "/chat connect sent disconnect 1006", "call connect accept- disconnect return", leaves=True),
    Cell("send message.type:accept", "edit", "403", "/chat connect sent disconnect 1006", "call connect close* disconnect return", {"message": {"type": "websocket.close", "data": {}}}),
    Cell("send message.type:accept", "inject", "hi,one back,last back 1000", SAW, TOLD.replace("accept", "accept send+"), {"where": "after", **text("send", "hi")}),
    Cell("send message.type:accept", "abort", "reset", "/chat connect ClientGone", "call connect accept- return"),
    Cell("send message.type:accept", "fail", "500", "/chat connect OSError", "call connect accept- return"),
    *ws_refusals("send message.type:accept", "disconnect"),
    *passing("receive body~one", "send", "send", **_WS),
    Cell("receive body~one", "drop", "last back 1000", "/chat connect sent last sent", TOLD.replace("receive send receive", "receive- receive")),
    Cell("receive body~one", "edit", "1 back,last back 1000", SAW.replace("one", "1"), TOLD.replace("accept receive", "accept receive*"), text("receive", "1")),
    Cell("receive body~one", "inject", "0 back,one back,last back 1000", SAW.replace("one sent", "0 sent one sent"), TOLD.replace("accept", "accept receive+ send"), {"where": "before", **text("receive", "0")}),
    Cell("receive body~one", "inject", "one back,2 back,last back 1000", SAW.replace("one sent", "one sent 2 sent"), TOLD.replace("accept receive send", "accept receive send receive+ send"), {"where": "after", **text("receive", "2")}),
    Cell("receive body~one", "abort", "reset", "/chat connect sent disconnect 1006", "call connect accept receive- disconnect return"),
    Cell("receive body~one", "disconnect", " 1000", "/chat connect sent disconnect 1006", "call connect accept receive- disconnect+ return"),
    *passing("send body~one", "receive", "send", **_WS),
    Cell("send body~one", "drop", "last back 1000", SAW, TOLD.replace("send receive", "send- receive")),
    Cell("send body~one", "edit", "1,last back 1000", SAW, TOLD.replace("send receive", "send* receive"), text("send", "1")),
    Cell("send body~one", "inject", "0,one back,last back 1000", SAW, TOLD.replace("send receive", "send+ send receive"), {"where": "before", **text("send", "0")}),
    Cell("send body~one", "inject", "one back,2,last back 1000", SAW, TOLD.replace("send receive", "send send+ receive"), {"where": "after", **text("send", "2")}),
    Cell("send body~one", "inject", OK, SAW, TOLD, {"where": "before", "message": {"type": "websocket.close", "data": {}}}, refused="type: websocket.send cannot come here"),
    Cell("send body~one", "abort", "reset", "/chat connect sent one ClientGone", "call connect accept receive send- return"),
    Cell("send body~one", "fail", " 1000", "/chat connect sent one OSError", "call connect accept receive send- return"),
    *passing("send message.type:close", "return", "", **_WS),
    Cell("send message.type:close", "edit", "one back,last back 4001", SAW, TOLD.replace("close", "close*"), {"message": {"data": {"code": 4001, "reason": "so"}}}),
    Cell("send message.type:close", "drop", OK, SAW, TOLD.replace("close", "close-")),
    *passing("return", "", "", **_WS),
    *ws_refusals("return", "drop", "inject", "edit", "disconnect", "fail"),
    *passing("raise", "", "", client=" 1011", saw="/chat connect sent one", told="call connect accept receive raise"),
    Cell("raise", "abort", "reset", "/chat connect sent one", "call connect accept receive raise"),
]  # fmt: skip


async def client(running: Serving, left: asyncio.Event) -> str:
    """What comes back, and the close code; or how it ended else."""
    one = await running.connect()
    await one.send(HANDSHAKE)
    heard: list[str] = []
    try:
        reading = asyncio.ensure_future(one.reader.readuntil(b"\r\n\r\n"))
        leaving = asyncio.ensure_future(left.wait())
        await asyncio.wait([reading, leaving], return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        if not reading.done():
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await one.close()
            return "left"
        head = reading.result()
        if b" 101 " not in head:
            return head.split()[1].decode()
        peer = Peer(one)
        await peer.send(TextMessage(data="one"), TextMessage(data="last"))
        while True:
            event = await peer.receive()
            if isinstance(event, TextMessage):
                heard.append(event.data)
            elif isinstance(event, CloseConnection):
                return f"{','.join(heard)} {event.code}"
            else:
                return "cut"
    except ConnectionResetError:
        return "reset"


@pytest.mark.parametrize("interface", ["asgi3"])
@pytest.mark.parametrize("cell", WEBSOCKET, ids=str)
async def test_each_verb_at_each_hook_point(interface: str, cell: Cell) -> None:
    saw: Saw = []
    async with stepping_asgi(echo(saw, cell.point == "raise"), interface) as (running, steps):
        steps.break_(f"kind:websocket point:{cell.point}", once=True)
        left = asyncio.Event()
        asking = asyncio.ensure_future(client(running, left))
        held = await steps.held()
        assert (await running.get(FREE))[1] == b"free"
        facts = dict(cell.given)
        if "scope" in facts:
            facts = {"message": steps.text(held)}
            facts["message"]["data"]["scope"]["path"] = cell.given["scope"]
        if cell.verb != "resume_all":
            facts["hold"] = held.hold
        if cell.refused:
            assert steps.refused(cell.verb, **facts).startswith(cell.refused)
        else:
            steps.do(cell.verb, **facts)
        if held.hold in steps.board.holds and not steps.board.holds[held.hold].over.done():
            steps.do("continue", hold=held.hold)
        if cell.then:
            assert (await steps.held()).point == cell.then
            steps.do("resume_all")
        if cell.leaves:
            left.set()
        assert await asyncio.wait_for(asking, PATIENCE) == cell.client
        await running.ended(2)
        assert " ".join(saw) == cell.saw
        if cell.told:
            assert " ".join(passed(running, held.exchange)).replace("websocket.", "") == cell.told
        assert not steps.board.holds
        assert not steps.board.armed


async def test_pings_are_answered_after_a_minute_held() -> None:
    saw: Saw = []
    async with stepping_asgi(echo(saw, False)) as (running, steps):
        steps.break_("point:receive body~one")
        peer, _ = await opened(running)
        await peer.send(TextMessage(data="one"))
        held = await steps.held()
        running.server.expire(clock.now() + 61_000_000_000)  # the server's own timeouts, a minute later
        await peer.send(Ping(payload=b"there?"))
        asked = await peer.receive()
        assert isinstance(asked, Ping)
        await peer.send(asked.response())
        assert await peer.receive() == Pong(payload=bytearray(b"there?"))
        steps.do("continue", hold=held.hold)
        assert await peer.receive() == TextMessage(data="one back")


async def test_held_time_is_not_counted_towards_hung() -> None:
    sink = Sink()
    recorder = Recorder(sink)
    steps = Steps(recorder.board, sink)
    steps.break_("kind:lifespan point:call")
    verdicts: list[str] = []
    lifespan = Lifespan(lifespan_app, "asgi3", recorder, lambda verdict, _: verdicts.append(verdict), required=False)
    starting = asyncio.ensure_future(lifespan.startup())
    held = await steps.held()
    for _ in range(3):  # as if the time that it has were over, and over again
        timer = lifespan._hung
        timer.cancel()
        lifespan._is_hung(0.0)
        assert verdicts == []
        assert lifespan._hung is not timer  # it has got more
    lifespan._hung.cancel()
    steps.do("continue", hold=held.hold)
    await starting
    assert verdicts == ["supported"]
    recorder.board.close()
    hurry = asyncio.Event()
    hurry.set()
    await lifespan.shutdown(1.0, hurry)


async def lifespan_app(scope: Any, receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        scope["state"].setdefault("saw", []).append(message["type"])
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


LIFESPAN = [
    *(Cell(point, verb, "supported", told=told)
      for point, told in (("call", "call"), ("receive", "startup"), ("send", "startup.complete"))
      for verb in ("continue", "step", "step_send", "finish", "resume_all")),
    Cell("receive", "drop", "hung", told="startup-"),
    Cell("receive", "edit", refused="type: lifespan.shutdown cannot come here", client="supported", given={"message": {"type": "lifespan.shutdown", "data": {}}}),
    Cell("receive", "inject", refused="type: lifespan.startup cannot come here", client="supported", given={"where": "after", "message": {"type": "lifespan.startup", "data": {}}}),
    Cell("send", "drop", "hung", told="startup.complete-"),
    Cell("send", "edit", "failed", told="startup.failed*", given={"message": {"type": "lifespan.startup.failed", "data": {"message": "no"}}}),
    Cell("send", "fail", "raised", told="raise"),
    *refusals("call", "drop", "inject", "abort", "disconnect", "fail", client="supported"),
    *refusals("receive", "abort", "disconnect", "fail", client="supported"),
    *refusals("send", "abort", "disconnect", client="supported"),
]  # fmt: skip


@pytest.mark.parametrize("cell", LIFESPAN, ids=str)
async def test_each_verb_at_each_hook_point_of_a_lifespan(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    sink = Sink()
    recorder = Recorder(sink)
    steps = Steps(recorder.board, sink)
    steps.break_(f"kind:lifespan point:{cell.point}", once=True)
    verdicts: list[str] = []
    told = asyncio.Event()

    def tell(verdict: str, _text: str) -> None:
        verdicts.append(verdict)
        told.set()

    if cell.client == "hung":
        monkeypatch.setattr("inspector.engine.gateway.lifespan.HUNG", 0.02)
    lifespan = Lifespan(lifespan_app, "asgi3", recorder, tell, required=False)
    starting = asyncio.ensure_future(lifespan.startup())
    held = await steps.held()
    assert held.point == cell.point
    facts = {**cell.given, "hold": held.hold}
    if cell.refused:
        assert steps.refused(cell.verb, **facts).startswith(cell.refused)
    else:
        steps.do(cell.verb, **(facts if cell.verb != "resume_all" else {}))
    if held.hold in steps.board.holds and not steps.board.holds[held.hold].over.done():
        steps.do("continue", hold=held.hold)
    if cell.verb in ("step", "step_send") and (cell.point, cell.verb) != ("send", "step_send"):
        following = asyncio.ensure_future(steps.held())
        await asyncio.wait([following, asyncio.ensure_future(told.wait())], return_when=asyncio.FIRST_COMPLETED)
        if following.done():
            steps.do("resume_all")
        else:
            following.cancel()
    await asyncio.wait_for(told.wait(), PATIENCE)
    assert verdicts[0] == cell.client
    if cell.client == "hung":
        starting.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await starting
    recorder.board.close()
    seen = [one for one in sink.records if isinstance(one, MessageSeen)]
    if cell.told:
        marks = {records.EDITED: "*", records.DROPPED: "-"}
        types = [
            one.type.removeprefix("lifespan.") + "".join(mark for flag, mark in marks.items() if one.flags & flag)
            for one in seen
        ]
        assert cell.told in types
    hurry = asyncio.Event()
    hurry.set()
    await lifespan.shutdown(1.0, hurry)
    assert not recorder.board.armed
