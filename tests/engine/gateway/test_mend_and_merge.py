"""A Content-Length mended while its head waits, and chunks put together: what the client gets, and what is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from inspector.trace.records import Logged
from tests.support.serving import Serving
from tests.support.stepping import Steps, originals, passed, stepping_asgi, stepping_wsgi

GET = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"


def start(size: int) -> dict[str, Any]:
    return {"type": "http.response.start", "status": 200, "headers": [(b"Content-Length", b"%d" % size)]}


def chunk(data: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}


def answering(*messages: dict[str, Any]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)

    return app


def wsgi(environ: Any, start_response: Any) -> Any:
    start_response("200 OK", [("Content-Length", "6")])
    return iter([b"one", b"two"])


def edit(text: str, type_: str = "http.response.body", **more: Any) -> dict[str, Any]:
    return {"type": type_, "data": {"body": text, **more}}


async def ask(running: Serving, steps: Steps) -> tuple[Any, Any]:
    asking = asyncio.ensure_future(running.get(GET))
    return asking, await steps.held()


def logged(running: Serving) -> list[str]:
    return [one.text for one in running.sink.records if isinstance(one, Logged)]


async def test_a_head_that_is_not_out_gets_the_length_that_fits() -> None:
    async with stepping_asgi(answering(start(2), chunk(b"ok"))) as (running, steps):
        steps.break_("message.type:body")
        asking, held = await ask(running, steps)
        assert (held.content_length, held.sent) == (2, 0)
        assert "mend" in held.verbs
        assert steps.do("edit", hold=held.hold, message=edit("longer"))["warnings"]
        assert steps.do("mend", hold=held.hold) == {"content_length": 6, "warnings": []}
        assert logged(running) == ["you mended Content-Length: 2 is 6 now"]
        assert steps.refused("mend", hold=held.hold, length=-1) == "length: must be a number from 0"
        assert steps.refused("mend", hold=held.hold, length="6").startswith("length:")
        steps.do("continue", hold=held.hold)
        head, body = await asking
        assert b"content-length: 6\r\n" in head.lower()
        assert body == b"longer"


async def test_where_more_follows_the_length_changes_by_as_much_as_the_chunk_did() -> None:
    async with stepping_asgi(answering(start(6), chunk(b"one", True), chunk(b"two"))) as (running, steps):
        steps.break_("message.type:body", once=True)
        asking, held = await ask(running, steps)
        steps.do("edit", hold=held.hold, message=edit("first", more_body=True))
        assert steps.do("mend", hold=held.hold)["content_length"] == 8
        steps.do("continue", hold=held.hold)
        assert (await asking)[1] == b"firsttwo"


async def test_a_head_that_is_out_cannot_be_mended_and_the_reply_says_so() -> None:
    async with stepping_asgi(answering(start(6), chunk(b"one", True), chunk(b"two"))) as (running, steps):
        steps.break_("message.type:body body:two")
        asking, held = await ask(running, steps)
        assert "mend" not in held.verbs
        assert (held.content_length, held.sent) == (6, 3)
        assert steps.refused("mend", hold=held.hold).startswith("mend: The head is out already")
        told = steps.do("edit", hold=held.hold, message=edit("three"))["warnings"]
        assert told[0].startswith("The body gets 2 bytes longer")
        assert told[1].startswith("The head is out already")
        steps.do("edit", hold=held.hold, message=edit("two"))
        steps.do("continue", hold=held.hold)
        assert (await asking)[1] == b"onetwo"


async def test_a_response_without_a_length_has_none_to_mend() -> None:
    bare = {"type": "http.response.start", "status": 200}
    async with stepping_asgi(answering(bare, chunk(b"ok"))) as (running, steps):
        steps.break_("message.type:body")
        asking, held = await ask(running, steps)
        assert held.content_length == -1
        assert steps.refused("mend", hold=held.hold) == "mend: there is no Content-Length to be mended"
        steps.do("continue", hold=held.hold)
        assert (await asking)[1] == b"ok"


async def test_in_wsgi_the_head_waits_for_the_first_chunk() -> None:
    async with stepping_wsgi(wsgi) as (running, steps):
        steps.break_("point:next")
        asking, held = await ask(running, steps)
        steps.do("edit", hold=held.hold, message=edit("first", "next"))
        assert steps.do("mend", hold=held.hold)["content_length"] == 8
        steps.do("continue", hold=held.hold)
        held = await steps.held()
        assert "mend" not in held.verbs
        assert (held.content_length, held.sent) == (8, 5)
        steps.do("continue", hold=held.hold)
        head, body = await asking
        assert b"content-length: 8\r\n" in head.lower()
        assert body == b"firsttwo"


@pytest.mark.parametrize("resumed", [False, True])
async def test_a_chunk_is_put_before_the_next_one(resumed: bool) -> None:
    chunks = (chunk(b"one ", True), chunk(b"two ", True), chunk(b"three"))
    async with stepping_asgi(answering(start(13), *chunks)) as (running, steps):
        steps.break_("message.type:body", once=True)
        asking, held = await ask(running, steps)
        assert "merge" in held.verbs
        steps.do("merge", hold=held.hold)
        if resumed:
            steps.do("resume_all")
        else:
            joined = await steps.held()
            assert steps.text(joined)["data"]["body"] == "one two "
            assert joined.edited
            steps.do("continue", hold=joined.hold)
        assert (await asking)[1] == b"one two three"
        await running.ended()
        assert passed(running, held.exchange)[1:5] == [
            "response.start", "response.body-", "response.body*", "response.body",
        ]  # fmt: skip
        assert [body for _, body in originals(running, held.exchange).values()] == [b"two "]
        assert not steps.board.armed


async def test_a_last_chunk_or_one_with_messages_beside_it_is_not_merged() -> None:
    async with stepping_asgi(answering(start(6), chunk(b"one", True), chunk(b"two"))) as (running, steps):
        steps.break_("message.type:body")
        asking, held = await ask(running, steps)
        steps.do("inject", hold=held.hold, where="after", message=edit("", more_body=True))
        assert steps.refused("merge", hold=held.hold).startswith("merge: what was injected beside it")
        steps.do("continue", hold=held.hold)
        held = await steps.held()
        assert steps.refused("merge", hold=held.hold).startswith("merge: only a chunk with more_body true")
        steps.do("continue", hold=held.hold)
        assert (await asking)[1] == b"onetwo"


async def test_a_chunk_of_a_request_is_merged_with_what_comes_after_it() -> None:
    saw: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            saw.append(message["body"])
            more = message["more_body"]
        await send(start(2))
        await send(chunk(b"ok"))

    async with stepping_asgi(app) as (running, steps):
        steps.break_("message.type:http.request", once=True)
        client = await running.connect()
        await client.send(b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 6\r\n\r\none")
        held = await steps.held()
        steps.do("merge", hold=held.hold)
        await client.send(b"two")
        held = await steps.held()
        assert steps.text(held)["data"]["body"] == "onetwo"
        steps.do("continue", hold=held.hold)
        assert (await client.read_response())[1] == b"ok"
        assert saw == [b"onetwo"]
