"""Stepping through a session: verbs and their refusals, holds in its state, breakpoints from run to run; both homes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from inspector.options import Options
from inspector.recording.fold import Batch
from inspector.session.message_text import held_object
from inspector.session.stepping import Refused, Stepping
from inspector.trace.stepping import Held, Released
from tests.support.sessions import Watched, watched
from tests.support.waiting import DEADLINE, eventually_async

APP = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        raise ValueError
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b'{"size": 1}'})
"""
HOMES = pytest.mark.parametrize("in_process", [False, True], ids=["child", "in-process"])


def options(folder: Path, **more: object) -> Options:
    name = "stepped_" + "".join(filter(str.isalnum, folder.name))  # in-process, a module stays
    (folder / f"{name}.py").write_text(APP)
    return Options(app=f"{name}:app", app_dir=str(folder), port=0, **more)  # type: ignore[arg-type]


async def get(told: Watched) -> int:
    """The status of an answer that has to be whole."""
    url = told.session.state.url
    return (await asyncio.to_thread(httpx.get, url, trust_env=False, timeout=DEADLINE)).status_code


async def held(told: Watched, count: int = 1) -> tuple[Held, ...]:
    await eventually_async(lambda: len(told.session.state.stepping.holds) == count)
    return told.session.state.stepping.holds


@HOMES
async def test_a_message_is_held_edited_and_let_go(tmp_path: Path, in_process: bool) -> None:
    async with watched(options(tmp_path, in_process=in_process), tmp_path / "a.inspector") as told:
        await told.until("serving")
        stepping = told.session.stepping
        rule = await stepping.break_("point:send message.type:body")
        asking = asyncio.ensure_future(get(told))
        (one,) = await held(told)
        assert (one.point, one.breakpoint) == ("send", rule.id)
        assert held_object(one)["data"]["body"] == '{"size": 1}'
        with pytest.raises(Refused, match="colour: no field of"):
            await stepping.edit(one.hold, {"data": {"colour": "red"}})
        message = {"type": one.type, "data": {"body": "[" + '"x", ' * 100_000 + "1]"}}
        assert await stepping.edit(one.hold, message) == []
        await eventually_async(lambda: told.session.state.stepping.holds[0].edited)
        await stepping.continue_(one.hold)
        assert (await asyncio.wait_for(asking, DEADLINE)) == 200
        await held(told, 0)
        with pytest.raises(Refused, match="is not held"):
            await stepping.drop(one.hold)
        assert told.session.state.stepping.breakpoints[0].hits == 1


@HOMES
async def test_breakpoints_outlast_the_engine_and_a_stop_clears_the_holds(tmp_path: Path, in_process: bool) -> None:
    async with watched(options(tmp_path, in_process=in_process), tmp_path / "a.inspector") as told:
        await told.until("serving")
        stepping = told.session.stepping
        await stepping.break_("point:call kind:http")
        once = await stepping.break_("point:receive kind:http", once=True)
        asking = asyncio.ensure_future(get(told))
        (one,) = await held(told)
        await told.session.restart()  # what is held is released, and answered
        assert (await asyncio.wait_for(asking, DEADLINE)) == 200
        assert told.session.state.stepping.holds == ()
        assert (told.session.state.stepping.stopped, told.session.state.stepping.lost) == (1, 0)
        await told.until("serving")
        assert [one.id for one in told.session.state.stepping.breakpoints] == [1, once.id]
        asking = asyncio.ensure_future(get(told))
        (one,) = await held(told)
        assert one.point == "call"
        await stepping.remove(1)
        await stepping.step(one.hold)
        await eventually_async(lambda: [one.point for one in told.session.state.stepping.holds] == ["receive"])
        await stepping.resume_all()
        assert (await asyncio.wait_for(asking, DEADLINE)) == 200
        await stepping.breaking(False)
        assert await get(told) == 200


def test_holds_that_end_with_their_engine_are_counted() -> None:
    stepping = Stepping([], lambda: None)
    batch = Batch(released=[Released(1, hold, 9, by) for hold, by in enumerate(("end", "end", "stop", "continue"))])
    stepping.told(batch)
    assert (stepping.state.lost, stepping.state.stopped) == (2, 1)
    stepping.begin(lambda _: None)  # the next engine
    stepping.told(batch)
    assert (stepping.state.lost, stepping.lost) == (4, 2)


def test_what_is_no_breakpoint_is_refused() -> None:
    changes: list[int] = []
    with pytest.raises(Refused, match="unknown field"):
        Stepping(["colr:red"], lambda: None)
    stepping = Stepping(["point:send"], lambda: changes.append(1))

    async def main() -> None:
        with pytest.raises(Refused, match="this one is empty"):
            await stepping.break_(" ")
        with pytest.raises(Refused, match="There is no breakpoint 9"):
            await stepping.remove(9)
        deep: object = "x"
        for _ in range(900):
            deep = [deep]
        with pytest.raises(Refused, match="message: nested deeper than 64 levels"):
            await stepping.edit(1, {"data": {"body": deep}})
        with pytest.raises(Refused, match="bytes are more than a verb can carry"):
            await stepping.edit(1, {"data": {"body": "\xff" * (8 << 20)}})
        with pytest.raises(Refused, match="No app is being served"):
            await stepping.continue_(1)
        assert await stepping.resume_all() == 0
        await stepping.break_("point:call", log=True)

    asyncio.run(main())
    assert [one.id for one in stepping.state.breakpoints] == [1, 2]
    assert changes == [1]


CLOSING = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
"""


@HOMES
async def test_a_stop_waits_for_a_held_shutdown_and_a_second_one_does_not(tmp_path: Path, in_process: bool) -> None:
    made = options(tmp_path, in_process=in_process, breaks=("message.type=lifespan.shutdown",))
    (tmp_path / f"{made.app.partition(':')[0]}.py").write_text(CLOSING)
    async with watched(made, tmp_path / "a.inspector") as told:
        await told.until("serving")
        stopping = asyncio.ensure_future(told.session.restart(grace=0.0, stepped=True))
        (one,) = await held(told)
        assert (one.type, told.session.state.phase) == ("lifespan.shutdown", "stopping")
        await told.session.stepping.continue_(one.hold)
        await asyncio.wait_for(stopping, DEADLINE)
        await told.until("serving")
        stopping = asyncio.ensure_future(told.session.stop(grace=0.0, stepped=True))
        await held(told)
        told.session.hurry()
        await asyncio.wait_for(stopping, DEADLINE)
        assert told.session.state.stepping.holds == ()
        assert told.session.state.title == ""  # not by force
