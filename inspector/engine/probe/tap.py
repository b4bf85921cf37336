"""The tap: one exchange's messages, told as the gateway sees them pass.

A gateway makes one `Exchange` for each stream, tells it every message *before* the other side gets it, and ends it.
The exchange numbers them, keeps the body cap, and lets what the wire has done ride on the next record.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from inspector.engine.probe import output, shapes
from inspector.engine.probe.failures import failure
from inspector.engine.probe.recorder import Recorder
from inspector.engine.probe.wire_tap import WireTap
from inspector.engine.stream import AppMistake, Refused, RequestHead
from inspector.trace import records, values
from inspector.trace.clock import now
from inspector.trace.frames import MAX_PART
from inspector.trace.records import BodyPart, ExchangeEnded, ExchangeStarted, MessageSeen, Wait, Wired
from inspector.trace.stepping import Original

if TYPE_CHECKING:
    from inspector.engine.probe.gate import Gate

CURRENT: ContextVar[int] = ContextVar("exchange", default=0)
"""The exchange that the running code works for; 0 is the run itself."""

NOTHING = values.encode({})
_MISFIT = re.compile(r"Content-Length|start_response\(\)|may come$|after the end$|is over$")
"""What a mistake says that may come of another message than the one in which it was found."""


class Exchange(WireTap):
    """The live side of an exchange's record. One thread at a time; `wired` may come from the loop's thread."""

    gate: Gate | None = None
    """Made when the first message comes that could be held (`gate`)."""
    kind = ""
    interface = ""
    first_byte_ns = 0
    _marks: tuple[int, dict[str, Any] | None] | None = None
    _misfit = ""
    # Not set for each exchange: hardly one is stepped.

    def __init__(self, recorder: Recorder) -> None:
        self.id = recorder.next_exchange()
        self.recorder = recorder
        self.ended = False
        self.refused: Refused | None = None
        """What the client sent that is no request, or no body of one; told with the end."""
        self._seq = 0
        self._first_out_ns = 0
        self._recorded = {records.RECEIVE: 0, records.SEND: 0}
        """Bytes of the request's and of the response's body that are recorded."""
        self._overruled: tuple[str, str, int] | None = None
        self._wired = self._told = (0, 0)

    def start(
        self,
        *,
        kind: str,
        interface: str,
        head: RequestHead | None = None,
        connection: int = 0,
        scheme: str = "",
        client: tuple[str, int] | None = None,
        server: tuple[str, int | None] | None = None,
        root_path: str = "",
        accepted_ns: int = 0,
        transport: dict[str, Any] | None = None,
    ) -> None:
        """Tell that the exchange exists. Before everything else."""
        t_ns = now()
        self.kind, self.interface = kind, interface
        self.first_byte_ns = head.first_byte_ns if head else t_ns
        self.recorder.write(
            ExchangeStarted(
                self.id,
                kind,
                interface,
                connection,
                head.http_version if head else "",
                scheme,
                client,
                server,
                root_path,
                head.raw if head else b"",
                accepted_ns,
                self.first_byte_ns,
                head.head_ns if head else t_ns,
                transport,
            )
        )

    def message(
        self,
        direction: int,
        type_: str,
        data: bytes = NOTHING,
        body_key: int = records.NO_BODY,
        body: bytes = b"",
        *,
        t_ns: int = 0,
        asked_ns: int = 0,
        wire_ns: int = 0,
        status: int = 0,
        more_body: bool = False,
        size: int = 0,
    ) -> int:
        """Tell one message and return its `seq`. `data` is encoded (`values.encode`). `size`: bytes that the message
        stands for without having them (pathsend).

        The body cap applies here: to the body of the request or response as a whole, to each WebSocket message.
        """
        seq = self._seq
        self._seq = seq + 1
        stored = min(len(body), self.recorder.body_cap)
        if body_key == records.BODY:
            stored = min(stored, self.recorder.body_cap - self._recorded[direction])
            self._recorded[direction] += stored
        flags = records.MORE_BODY if more_body else 0
        if stored < len(body):
            flags |= records.TRUNCATED
        if self._marks is not None:
            flags |= self._take_marks(seq)
        wired_seq, wired_ns = self._told = self._wired
        write = self.recorder.write
        write(
            MessageSeen(
                self.id,
                seq,
                t_ns or now(),
                asked_ns,
                wire_ns,
                wired_seq,
                wired_ns,
                direction,
                type_,
                data,
                body_key,
                body[: min(stored, MAX_PART)],
                size or len(body),
                stored,
                status if 0 <= status <= 0xFFFF else 0,
                flags,
            )
        )
        for at in range(MAX_PART, stored, MAX_PART):
            write(BodyPart(self.id, seq, at, body[at : min(at + MAX_PART, stored)]))
        return seq

    @property
    def next_seq(self) -> int:
        """That of the message that is told next."""
        return self._seq

    def mark(self, flags: int, original: dict[str, Any] | None = None) -> None:
        """The message that is told next was EDITED (it was `original`), DROPPED or INJECTED."""
        self._marks = (flags, original) if flags else None

    def _take_marks(self, seq: int) -> int:
        assert self._marks is not None
        (flags, original), self._marks = self._marks, None
        if original is not None:
            data, key, body, _status, _more = shapes.apart(original)
            size, body = len(body), body[: self.recorder.body_cap]
            if len(data) > values.MAX_TEXT:
                data = values.encode(values.Cut(f"{len(data):,} bytes, over the cap"))
            for at in range(0, len(body) or 1, MAX_PART):
                part = body[at : at + MAX_PART]
                self.recorder.write(
                    Original(self.id, seq, at, original["type"], data if not at else b"", key, size, part)
                )
        return flags

    def wired(self, seq: int, t_ns: int) -> None:
        """The messages sent up to `seq` were handed to the socket by `t_ns`; told with the next record."""
        if t_ns and seq >= self._wired[0]:
            self._wired = (seq, t_ns)
            self._first_out_ns = self._first_out_ns or t_ns

    def wired_alone(self, seq: int, t_ns: int) -> None:
        """As `wired`, told at once: a head went out, and nothing may follow for long."""
        self.wired(seq, t_ns)
        self._tell_wired()

    def _tell_wired(self) -> None:
        self.tell_wire()
        if self._wired != self._told:
            self._told = self._wired
            self.recorder.write(Wired(self.id, *self._wired))

    def waits(self, point: int, since_ns: int) -> None:
        """The app waits at `point` (records.RECEIVE or records.SEND); what is wired by now is told with it."""
        self._tell_wired()
        self.recorder.write(Wait(self.id, since_ns, point, False))

    def goes_on(self, point: int) -> None:
        """The wait told by `waits` is over, also by cancellation."""
        self.recorder.write(Wait(self.id, now(), point, True))

    def raised(self, error: BaseException, *, expected: bool = False) -> None:
        """The app let `error` out: the message `raise`, and the failure behind it unless it was to be `expected`."""
        told = failure(self.id, error)
        self.message(records.RAISE, "raise", values.encode({"exception": {"type": told.type, "message": told.message}}))
        if not expected and not self.misfits(error):
            self.recorder.write(told)

    def misfits(self, error: BaseException) -> bool:
        """`error` is that messages of the response do not fit one another, and the user has changed one of them: it is
        told as the user's doing, and is no failure of the app."""
        if self.gate is None or not self.gate.resent or not isinstance(error, AppMistake):
            return False
        if _MISFIT.search(str(error)):
            self._misfit = self._misfit or str(error)
        return bool(self._misfit)

    def refuse(self, refused: Refused) -> None:
        """The rest of the request was none, and the server has answered: whatever the app does, it ends as that."""
        self._overruled = ("refused", refused.told, refused.status)

    def overrule(self, outcome: str, text: str) -> None:
        """Whatever the app does from here on, the exchange ends as that."""
        self._overruled = self._overruled or (outcome, text, 0)

    def _tell_refused(self, refused: Refused) -> None:
        """The message `refused`: the bytes (`raw`, the first of them at `raw_offset`), and what is wrong with them."""
        told = {
            "message": refused.reason,
            "section": refused.section or None,
            "offset": refused.offset,
            "status": refused.status or None,
            "raw": refused.excerpt or refused.raw,
            "raw_offset": refused.excerpt_offset,
        }
        self.message(records.RECEIVE, "refused", values.encode(told), wire_ns=refused.t_ns, status=refused.status)

    def end(self, outcome: str = "done", text: str = "", status: int = 0) -> None:
        """Nothing more will come. `status` is one that we answered ourselves. Further calls do nothing."""
        if self.ended:
            return
        if self.refused is not None:
            self._tell_refused(self.refused)
        self.ended = True
        if self._overruled:
            outcome, text, status = self._overruled
        if self.gate is not None:
            if self.gate.left and self.kind == "http" and outcome == "done":
                outcome = "client left"
                text = "the client closed its side of the connection while a message was held, before its response"
            self.gate.over()
            if self._misfit and outcome in ("app raised", "broken"):
                _what, then, done = text.rpartition("; ")
                outcome, text = "broken", f"your change broke the transfer: {self._misfit}{then}{done if then else ''}"
            elif self.gate.touched and outcome in ("app raised", "broken") and not self._overruled:
                text = f"{text}; you had changed its messages"
        output.end_of(self.id)
        wired_seq, wired_ns = self._wired
        first, wire = self.take_wire(last=True)
        self.recorder.write(
            ExchangeEnded(
                self.id, now(), outcome, text, self._first_out_ns, wired_ns, wired_seq, wired_ns, status, first, wire
            )
        )
