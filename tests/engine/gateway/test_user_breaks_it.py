"""A transfer that the user's change has broken is told as the user's doing, not as a failure of the app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from inspector.trace.records import Failure
from tests.support.stepping import stepping_asgi, stepping_wsgi

GET = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"


def iterating(_environ: Any, start_response: Any) -> Any:
    start_response("200 OK", [("Content-Length", "6")])
    return iter([b"one", b"two"])


def writing(_environ: Any, start_response: Any) -> Any:
    write = start_response("200 OK", [("Content-Length", "6")])
    write(b"one")
    write(b"two")
    return []


def wrong(_environ: Any, start_response: Any) -> Any:
    start_response("200 OK", [("Content-Length", "6")])
    return iter([b"one", "two"])


async def asgi(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"6")]})
    await send({"type": "http.response.body", "body": b"one", "more_body": True})
    await send({"type": "http.response.body", "body": b"two"})


SHORT = "the body is shorter than its Content-Length"
LONG = "the body is longer than its Content-Length"
EARLY = "a chunk came before start_response() was called"


def body(type_: str, text: str, **more: Any) -> dict[str, Any]:
    return {"message": {"type": type_, "data": {"body": text, **more}}}


@pytest.mark.parametrize(
    ("app", "point", "verb", "given", "why"),
    [
        pytest.param(iterating, "point:next", "edit", body("next", "1"), SHORT, id="wsgi shorter"),
        pytest.param(iterating, "point:next", "edit", body("next", "longer"), LONG, id="wsgi longer"),
        pytest.param(iterating, "point:next", "drop", {}, SHORT, id="wsgi dropped chunk"),
        pytest.param(iterating, "point:start_response", "drop", {}, EARLY, id="wsgi dropped head"),
        pytest.param(writing, "point:start_response", "drop", {}, EARLY, id="wsgi dropped head, and write"),
        pytest.param(
            asgi,
            "message.type:body",
            "edit",
            body("http.response.body", "1", more_body=True),
            SHORT,
            id="asgi shorter",
        ),
        pytest.param(
            asgi,
            "message.type:start",
            "drop",
            {},
            "'http.response.body' was sent where only 'http.response.start'",
            id="asgi dropped head",
        ),
    ],
)
async def test_it_is_the_users_doing(
    app: Callable[..., Any], point: str, verb: str, given: dict[str, Any], why: str
) -> None:
    opening = stepping_asgi(app) if app is asgi else stepping_wsgi(app)
    async with opening as (running, steps):
        steps.break_(point, once=True)
        client = await running.connect()
        await client.send(GET)
        held = await steps.held()
        steps.do(verb, hold=held.hold, **given)
        if verb == "edit":
            steps.do("continue", hold=held.hold)
        await running.ended()
        end = running.end(held.exchange)
        assert end.outcome == "broken"
        assert end.text.startswith(f"your change broke the transfer: {why}")
        assert end.text.endswith(("; answered with 500", "; the transfer was cut"))
        assert not running.of(held.exchange, Failure)


async def test_what_the_app_does_wrong_by_itself_stays_its_own() -> None:
    async with stepping_wsgi(wrong) as (running, steps):
        steps.break_("point:next", once=True)
        asking = asyncio.ensure_future(running.get(GET))
        held = await steps.held()
        steps.do("edit", hold=held.hold, **body("next", "ONE"))
        steps.do("continue", hold=held.hold)
        with pytest.raises(asyncio.IncompleteReadError):
            await asking
        await running.ended()
        end = running.end(held.exchange)
        assert (end.outcome, end.text) == (
            "broken",
            "the app yielded str; a chunk is bytes; the transfer was cut; you had changed its messages",
        )
        assert running.of(held.exchange, Failure)[0].type == "AppMistake"
