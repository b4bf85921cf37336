"""Holds made up, and the drawings' shop with one: POST /api/checkout, held at its body."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from inspector.errors import InspectorError
from inspector.recording.rows import HoldRow
from inspector.session.state import SessionState
from inspector.session.stepping import Refused, SteppingState
from inspector.trace import clock, records, values
from inspector.trace.stepping import Breakpoint, Held
from tests.support.fake_recording import MS
from tests.support.sample_shop import BUSY, ShopReader, shop, stretch

BODY = (
    b'{"order": 4711, "total": 129.90, "currency": "EUR", "lines": [{"sku": "lamp-01"}], "paid": false, "no": 1234567}'
)
"""112 bytes, as the head of the sample says."""
VERBS = ["continue", "step", "step_send", "finish", "drop", "inject", "edit", "abort", "fail"]
CHECKOUT = Breakpoint(1, "path:/api/checkout point:send", hits=3)
NOTE = "The server's timeouts stand still; those of the app and of the client run on."


def hold(exchange: int = 42, number: int = 1, **facts: Any) -> Held:
    """The last message of a response's body, unless `facts` say otherwise; `fields` are its data."""
    fields = facts.pop("fields", {"more_body": False})
    body = facts.pop("body", BODY)
    values_: dict[str, Any] = {
        "t_ns": clock.now(), "point": "send", "seq": 3, "type": "http.response.body", "data": values.encode(fields),
        "body_key": records.BODY, "body": body, "size": len(body), "breakpoint": 1, "edited": False,
        "client_left": False, "before": [], "after": [], "allowed": ["http.response.body"], "verbs": VERBS,
        "notes": [NOTE], "content_length": len(BODY), "sent": 0,
    }  # fmt: skip
    return Held(exchange=exchange, hold=number, **(values_ | facts))


def stepping(*holds: Held, **facts: Any) -> SteppingState:
    """A session that holds `holds`."""
    return SteppingState(holds=holds, **({"breakpoints": (CHECKOUT, Breakpoint(2, "status:5xx", log=True))} | facts))


def held_shop(seconds: float = 42.0) -> tuple[ShopReader, SessionState]:
    """The drawing: five messages, the last of them held."""
    reader, number = shop(), 98_310
    stretch(reader, number, (0.2, 0.7, 7.8, 7.84, 69))
    row = reader.rows_[number]
    since = clock.now() - int(seconds * 1000 * MS)
    shift = since - (row.t0_ns + int(7.84 * MS))
    t0 = row.t0_ns + shift
    messages = [replace(one, t_ns=one.t_ns + shift, wire_ns=None if one.direction == "send" else one.wire_ns)
                for one in reader.messages_[number][:3]]  # fmt: skip
    reader.messages_[number] = messages
    reader.put(
        replace(row, t0_ns=t0, head_ns=t0 + MS // 10, call_ns=t0 + MS // 5, status=201, response_ns=None,
                response_end_ns=None, end_ns=None, duration_ns=None, app_ns=int(7.14 * MS), client_ns=MS // 2,
                blocked_ns=0, after_ns=0, held_ns=0, message_count=3, outcome="",
                started_ns=row.started_ns)
    )  # fmt: skip
    held = hold(number, t_ns=since, seq=3)
    reader.holds_[number] = [HoldRow(1, 3, "send", since, None, "")]
    return reader, replace(BUSY, in_flight=4, stepping=stepping(held))


def forms(held: Held) -> list[Held]:
    """`held` as other messages: a call, a request's chunk, a response's head, its body, a WebSocket's close."""
    pairs = [(b"content-type", b"application/json"), (b"content-length", b"112"), (b"x-request-id", b"7f3a"),
             (b"set-cookie", b"session=eyJhbGciOiJIUzI1NiJ9; Path=/; HttpOnly; SameSite=Lax")]  # fmt: skip
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.5"}, "http_version": "1.1", "method": "POST",
        "scheme": "http", "path": "/api/checkout", "raw_path": b"/api/checkout", "query_string": b"", "root_path": "",
        "headers": [(b"host", b"127.0.0.1:8000"), (b"user-agent", b"curl/8.5.0")], "client": ("127.0.0.1", 51764),
    }  # fmt: skip

    def other(point: str, type_: str, data: Any, body: bytes | None = None, **facts: Any) -> Held:
        made: dict[str, Any] = {"point": point, "type": type_, "data": values.encode(data), "allowed": [type_]}
        made |= {"body": body or b"", "body_key": records.NO_BODY if body is None else records.BODY, "size": 0}
        return replace(held, **(made | facts))

    edit_only = ["continue", "step", "step_send", "finish", "edit", "abort"]
    return [
        other("call", "call", {"scope": scope}, verbs=edit_only, allowed=[]),
        other("receive", "http.request", {"more_body": False}, BODY, allowed=["http.request", "http.disconnect"]),
        other("send", "http.response.start", {"status": 201, "headers": pairs}),
        held,
        other("send", "websocket.close", {"code": 99, "reason": "done"}, allowed=["websocket.send", "websocket.close"]),
    ]


def mendable(held: Held) -> Held:
    """`held`, edited, with a head that is not out yet and says another length."""
    return replace(held, body=BODY[:-5] + b"}", edited=True, content_length=len(BODY), verbs=[*VERBS, "mend", "merge"])


class FakeStepping:
    """A session's stepping that writes down what it is asked; `refusal` refuses it."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.refusal = ""

    def do(
        self,
        work: Callable[[Any], Awaitable[Any]],
        then: Callable[[Any], object],
        refused: Callable[[InspectorError], object],
    ) -> None:
        """As `ui.source.Verbs.stepping`, at once."""
        waiting = work(self).__await__()
        try:
            next(waiting)
        except StopIteration as done:
            then(done.value)
        except InspectorError as error:
            refused(error)
        else:
            raise AssertionError("it waits")

    def __getattr__(self, name: str) -> Any:
        async def call(*given: Any, **named: Any) -> None:
            if self.refusal:
                raise Refused(self.refusal)
            self.calls.append((name, *given, *named.values()))

        return call

    async def resume_all(self) -> int:
        self.calls.append(("resume_all",))
        return 1

    async def hold_next(self) -> None:
        self.calls.append(("hold_next",))
