"""An exchange in flight: what the fold has heard of it, and the row that this makes.

Where the times of a row come from (all unions, so that waits which overlap count once):

    t0        first byte of the request; a lifespan has none: its head, or its call
    client    a receive or read was asked and not answered, while the request's body was not complete. A receive that
              listens for the disconnect after that (Starlette keeps one beside its responses) waits for nobody. The
              waits of a WebSocket and of a lifespan for their next message always count
    blocked   a send was called and the client's socket was full
    response  first bytes handed to the socket; end: those of the last send (ASGI: the one with `more_body` false or the
              close of a WebSocket; WSGI: of all, once the exchange has ended well)
    app       from the call until the response was complete or the app was done, whichever came first, less these waits
    held      a message was held at the gate; never counted as anything else
    after     from then until the app was done: it returned or raised, or in WSGI its close() was over
    duration  t0 until the response was complete; of a WebSocket, a lifespan and a broken response, until the end
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from inspector.recording.intervals import Union
from inspector.recording.rows import ExchangeRow
from inspector.trace import records
from inspector.trace.records import ExchangeEnded, ExchangeStarted, MessageSeen
from inspector.trace.scope import parse_head, split_target
from inspector.trace.stepping import Held

_STATUS_TYPES = frozenset(("http.response.start", "start_response", "websocket.http.response.start"))
_LAST_TYPES = frozenset(("http.response.body", "http.response.pathsend", "websocket.http.response.body"))


class Asked(NamedTuple):
    """What the exchange table needs of a request head."""

    method: str
    path: str
    query: str
    host: str
    body_size: int | None
    """Bytes of the body that the head announces; 0 where none follows, None where only its end tells."""


class Live:
    """The fold's own side of one exchange; `row` makes of it what is stored."""

    # fmt: off
    __slots__ = (
        "asked", "blocked_waits", "body_end_ns", "call_ns", "client_waits", "closed", "end_ns", "exception",
        "final_seq", "finished_ns", "held", "holds", "idle_waits", "last_ns", "log_count", "next_seq", "outcome",
        "outcome_text", "receive_since", "received", "record", "request_bytes", "response_bytes",
        "response_end_ns", "response_ns", "run", "send_since", "sends", "sent", "started_ns", "status",
        "t0_ns", "torn", "unwired",
    )
    # fmt: on

    def __init__(self, run: int, record: ExchangeStarted, asked: Asked, started_ns: int) -> None:
        self.run = run
        self.record = record
        self.asked = asked
        self.started_ns = started_ns
        self.t0_ns = record.first_byte_ns or record.head_ns
        self.last_ns = record.head_ns
        self.status: int | None = None
        self.call_ns: int | None = None
        self.response_ns: int | None = None
        self.response_end_ns: int | None = None
        self.finished_ns: int | None = None
        self.end_ns: int | None = None
        self.body_end_ns = record.head_ns if record.kind == "http" and asked.body_size == 0 else None
        self.request_bytes = self.response_bytes = self.next_seq = self.sends = self.log_count = 0
        self.received = self.sent = 0
        """Recorded bytes of the bodies so far; `request_bytes` and `response_bytes` count what a cap cut, too."""
        self.final_seq: int | None = None
        self.closed = False
        self.outcome = self.outcome_text = self.exception = ""
        self.receive_since: list[int] = []
        self.send_since: list[int] = []
        self.client_waits: Union | None = None
        self.blocked_waits: Union | None = None
        self.idle_waits: Union | None = None
        self.held: Held | None = None
        """What is held at this moment, as it was told last."""
        self.holds: list[tuple[int, int]] = []
        """When messages were held."""
        self.unwired: list[tuple[int, list[object]]] = []
        """Sends that the wire has not taken: number of the batch in which the message lies, and its row."""
        self.torn: list[int] | None = None
        """seq, recorded bytes so far and promised, of a body whose parts are still coming."""

    def message(self, record: MessageSeen) -> None:
        """One more message; what the wire did before it (`wired`) has been told."""
        t_ns = record.t_ns
        self.last_ns = max(self.last_ns, t_ns)
        self.next_seq = record.seq + 1
        direction = record.direction
        if record.flags & records.DROPPED and direction in (records.SEND, records.RECEIVE):
            return
        if direction == records.SEND:
            self.sends += 1
            self.sent += record.stored
            self.response_bytes += record.size
            self._sent(record)
        elif direction == records.RECEIVE:
            self.received += record.stored
            self.request_bytes += record.size
            if record.asked_ns:
                self._waited_for_client(record.asked_ns, t_ns)
            if self.receive_since:
                self._answered(record.asked_ns)
            if self.body_end_ns is None and self.record.kind == "http" and self._ends_body(record):
                self.body_end_ns = t_ns
        elif direction == records.CALL:
            self.call_ns = t_ns
            if not self.t0_ns:
                self.t0_ns = t_ns
        elif direction == records.CLOSE:
            self.closed = True
        elif direction == records.RAISE or self.record.interface != "wsgi":
            self.finished_ns = t_ns

    def hold(self, record: Held) -> None:
        """A message is held."""
        self.held = record
        self.last_ns = max(self.last_ns, record.t_ns)

    def release(self, t_ns: int) -> None:
        """It is not held any more."""
        if self.held is not None:
            self.holds.append((self.held.t_ns, t_ns))
            self._idle(self.held.t_ns, t_ns)
            self.held = None
            self.last_ns = max(self.last_ns, t_ns)

    def _free(self, since: int, t_ns: int) -> Iterator[tuple[int, int]]:
        """What holds leave of an interval: they are held time, and nothing else."""
        for begin, end in self.holds:
            if end > since and begin < t_ns:
                if begin > since:
                    yield since, begin
                since = end
        if t_ns > since:
            yield since, t_ns

    def _sent(self, record: MessageSeen) -> None:
        if record.type in _STATUS_TYPES:
            if not self.response_bytes:  # later ones are mistakes: the head is out
                self.status = record.status or None
        elif record.type in _LAST_TYPES:
            if self.final_seq is None and not record.flags & records.MORE_BODY:
                self.final_seq = record.seq
        elif record.type == "websocket.accept":
            self.status = self.status or 101
        elif record.type == "websocket.close":
            self.status = self.status or 403
            self.final_seq = record.seq

    def _ends_body(self, record: MessageSeen) -> bool:
        if record.type != "read":
            return not record.flags & records.MORE_BODY
        announced = self.asked.body_size
        return not record.size or (announced is not None and self.request_bytes >= announced)

    def _answered(self, asked_ns: int) -> None:
        """A wait that a message ended needs no `Wait` to end it: the first that began when or after it was asked."""
        since = next((since for since in self.receive_since if since >= asked_ns), self.receive_since[0])
        self.receive_since.remove(since)

    def wait(self, point: int, t_ns: int, done: bool) -> None:
        """The app waits at `point` since `t_ns`, or no longer."""
        self.last_ns = max(self.last_ns, t_ns)
        waits = self.send_since if point == records.SEND else self.receive_since
        if not done:
            waits.append(t_ns)
        elif waits:
            self._waited(point, waits.pop(0), t_ns)

    def _waited(self, point: int, since: int, t_ns: int) -> None:
        if point != records.SEND:
            self._waited_for_client(since, t_ns)
            return
        for begin, end in self._free(since, t_ns):
            if self.blocked_waits is None:
                self.blocked_waits = Union()
            self.blocked_waits.add(begin, end)
            self._idle(begin, end)

    def _waited_for_client(self, since: int, t_ns: int) -> None:
        if self.body_end_ns is not None:
            t_ns = min(t_ns, self.body_end_ns)
        for begin, end in self._free(since, t_ns):
            if self.client_waits is None:
                self.client_waits = Union()
            self.client_waits.add(begin, end)
            self._idle(begin, end)

    def _idle(self, since: int, t_ns: int) -> None:
        if self.idle_waits is None:
            self.idle_waits = Union()
        self.idle_waits.add(since, t_ns)

    def wired(self, seq: int, t_ns: int) -> None:
        """The wire had taken every send up to `seq` at `t_ns`."""
        if self.response_ns is None:
            self.response_ns = t_ns
        if self.final_seq is not None and seq >= self.final_seq and self.response_end_ns is None:
            self.response_end_ns = t_ns

    def end(self, record: ExchangeEnded) -> None:
        """Nothing more comes; what the wire did until then has been told."""
        self._stop(record.t_ns, record.outcome, record.text)
        self.status = self.status if record.status == 0 else record.status
        self.response_ns = record.first_out_ns or self.response_ns
        if self.closed and self.finished_ns is None:
            self.finished_ns = record.t_ns
        if self.response_end_ns is None and self.record.kind != "lifespan" and self._ended_well(record):
            self.response_end_ns = record.last_out_ns or record.wired_ns or None

    def _ended_well(self, record: ExchangeEnded) -> bool:
        if record.outcome == "app raised":  # before it answered, so that the server did; else the answer was cut short
            return not self.sends
        return record.outcome == "refused" or (record.outcome == "done" and self.record.kind == "http")

    def lose(self, text: str, t_ns: int) -> None:
        """The engine died under it, not before `t_ns`."""
        self._stop(max(t_ns, self.last_ns), "lost", text)

    def _stop(self, t_ns: int, outcome: str, text: str) -> None:
        self.release(t_ns)
        for point, waits in ((records.RECEIVE, self.receive_since), (records.SEND, self.send_since)):
            for since in waits:
                self._waited(point, since, t_ns)
            waits.clear()
        self.end_ns = self.last_ns = t_ns
        self.outcome = outcome
        self.outcome_text = text

    def _open_receive(self) -> int | None:
        """Since when the app waits for the client, as far as that counts."""
        since = self.receive_since[0] if self.receive_since else None
        return None if since is None or self.body_end_ns is not None else since

    def _times(self) -> tuple[int, int, int]:
        """app, client and blocked of the row."""
        call = self.call_ns
        if call is None:
            return 0, 0, 0
        receiving = self._open_receive()
        sending = self.send_since[0] if self.send_since else None
        client = _length(self.client_waits, self.last_ns, receiving)
        blocked = _length(self.blocked_waits, self.last_ns, sending)
        ends = [t_ns for t_ns in (self.response_end_ns, self.finished_ns) if t_ns is not None]
        until = min(ends) if ends else self.last_ns
        held = self.held.t_ns if self.held is not None else None
        waiting = min((since for since in (receiving, sending, held) if since is not None), default=None)
        idle = _length(self.idle_waits, until, waiting)
        return max(0, until - call - idle), client, blocked

    def row(self) -> ExchangeRow:
        """The exchange as it stands; its logs and its pin are the writer's to keep."""
        record, asked = self.record, self.asked
        app_ns, client_ns, blocked_ns = self._times()
        response_end, finished = self.response_end_ns, self.finished_ns
        over = response_end if record.kind == "http" and response_end is not None else self.end_ns
        client = record.client
        doing, since = self._doing()
        return ExchangeRow(
            record.exchange,
            self.run,
            record.kind,
            record.interface,
            record.http_version,
            asked.method,
            asked.path,
            asked.query,
            asked.host,
            record.scheme,
            self.status,
            f"{client[0]}:{client[1]}" if client else "",
            record.connection,
            self.started_ns,
            self.t0_ns,
            record.head_ns,
            self.call_ns,
            self.response_ns,
            response_end,
            self.end_ns,
            None if over is None else max(0, over - self.t0_ns),
            app_ns,
            client_ns,
            blocked_ns,
            max(0, finished - response_end) if finished is not None and response_end is not None else 0,
            sum(end - begin for begin, end in self.holds)
            + (max(0, self.last_ns - self.held.t_ns) if self.held is not None else 0),
            self.request_bytes,
            self.response_bytes,
            self.next_seq,
            self.outcome,
            self.outcome_text,
            self.exception,
            self.log_count,
            False,
            doing=doing,
            doing_ns=since,
            counted_ns=self.last_ns,
        )

    def _doing(self) -> tuple[str, int | None]:
        """What its time goes to at this moment, and since when."""
        if self.end_ns is not None:
            return "", None
        if self.held is not None:
            return "held", self.held.t_ns
        if self.call_ns is None:
            return "worker", self.record.head_ns
        if self.finished_ns is not None:
            return "", None
        if self.send_since:
            return "blocked", self.send_since[0]
        if self.receive_since:
            return "client" if self.body_end_ns is None else "open", self.receive_since[0]
        return "app", None


def _length(waits: Union | None, until: int, since: int | None) -> int:
    if waits is not None:
        return waits.length(until, since)
    return 0 if since is None else max(0, until - since)


def parse_asked(head: bytes) -> Asked:
    """What the exchange table shows of a request head as it stood on the wire; never raises."""
    method, target, _version, headers = parse_head(head)
    raw_path, query = split_target(target)
    host, body_size = "", 0 if head else None
    for name, value in headers:
        if name == b"host":
            host = value.decode("latin-1")
        elif name == b"transfer-encoding":
            body_size = None
        elif name == b"content-length" and body_size == 0:
            body_size = int(value) if value.isdigit() and len(value) < 19 else None
    path = unquote_to_bytes(raw_path).decode("utf-8", "replace")
    return Asked(method, path, query.decode("latin-1"), host, body_size)
