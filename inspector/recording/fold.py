"""Records of the link become exchanges: the records of a run are fed in order, batches for the writer are taken.

Pure: no clock, no file. What cannot be (a message of an exchange that never began, a sequence that goes back) is passed
over, so that no engine, however broken, can break the recorder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from inspector.recording.live import Asked, Live, parse_asked
from inspector.recording.lost import lost_message
from inspector.recording.rows import ExchangeRow
from inspector.recording.run_life import RunLife
from inspector.trace import records
from inspector.trace.records import ExchangeEnded, ExchangeStarted, MessageSeen, Record
from inspector.trace.stepping import Answered, Held, Hit, Original, Released

INLINE = 16 * 1024
"""Bytes of one chunk of a body that lie within its row; more go to the segments."""
PREVIEW = 256
"""Bytes of a larger chunk that stay in the row, for the line of a table."""
MAX_EXCHANGE = (1 << 31) - 1
_PARSED = 1024
"""Request heads of which the parse is remembered."""

ID, WIRE_NS = 0, 3
"""Of the columns of a message's row in `Batch.messages`, which are those of table `message`."""


def message_id(exchange: int, seq: int) -> int:
    """The key of a message: it grows with the exchange, then with the seq."""
    return exchange << 32 | seq


@dataclass
class Batch:
    """What changed since the last one was taken. `bool(batch)` tells whether anything did."""

    run_started: records.RunStarted | None = None
    run_ended: tuple[int, str] | None = None
    """When the run ended, and why."""
    states: list[records.StateChanged] = field(default_factory=list)
    started: dict[int, ExchangeStarted] = field(default_factory=dict)
    """Exchanges that are new in this batch."""
    exchanges: list[ExchangeRow] = field(default_factory=list)
    """Exchanges that are new or changed; `pinned` is always false here."""
    messages: list[list[Any]] = field(default_factory=list)
    wired: list[tuple[int, int]] = field(default_factory=list)
    """(wire_ns, message id) of sends in earlier batches."""
    cut: list[tuple[int, int]] = field(default_factory=list)
    """(stored, message id) where fewer parts of a body came than were promised."""
    parts: list[tuple[int, int, bytes]] = field(default_factory=list)
    """(message id, offset, bytes) of bodies beyond what lies in the message's row."""
    waits: dict[tuple[int, int], int | None] = field(default_factory=dict)
    """(exchange, point) -> since when the app waits there; None: no longer."""
    logs: list[records.Logged] = field(default_factory=list)
    failures: list[records.Failure] = field(default_factory=list)
    wire: list[tuple[int, bytes]] = field(default_factory=list)
    """Rows of table `wire`."""
    originals: list[tuple[Any, ...]] = field(default_factory=list)
    """Rows of table `original`."""
    held: dict[int, Held] = field(default_factory=dict)
    """Holds that are new or changed, the newest telling of each; they may be over by `released`."""
    released: list[Released] = field(default_factory=list)
    gate: list[Held | Released | Hit] = field(default_factory=list)
    """What happened at the gates, in order; for those who watch live."""
    hits: list[Hit] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)
    """For the session; not stored."""
    stalls: list[records.Stalled] = field(default_factory=list)
    """For those who watch live; what is stored of them is in `states`."""
    pulse: records.Pulse | None = None
    """The newest; for those who watch live, not stored."""

    @property
    def stepped(self) -> bool:
        """Something of it is about stepping."""
        return bool(self.held or self.released or self.hits or self.answers)

    def __bool__(self) -> bool:
        return any(vars(self).values())


class Fold:
    """One run's records, folded. `run` is the writer's id of the run."""

    def __init__(self, run: int) -> None:
        self.run = run
        self._batch = Batch()
        self._number = 0
        self._live: dict[int, Live] = {}
        self._changed: dict[int, Live] = {}
        self._wall_offset = 0
        self._ended = False
        self._parsed: dict[bytes, Asked] = {}
        self._life = RunLife(self._state)
        self._feeds: dict[type[Any], Callable[[Any], None]] = {
            records.RunStarted: self._run_started,
            records.StateChanged: self._state,
            ExchangeStarted: self._started,
            MessageSeen: self._message,
            records.BodyPart: self._part,
            records.Wait: self._wait,
            records.Wired: self._wired_alone,
            records.WireTold: lambda record: self._wire(record.exchange, record.first, record.pieces),
            ExchangeEnded: self._end,
            records.Failure: self._failure,
            records.Logged: self._logged,
            records.Stalled: self._stalled,
            records.Pulse: self._pulse,
            Held: self._hold,
            Released: self._release,
            Original: self._original,
            Hit: self._hit,
            Answered: self._answered,
        }

    @property
    def in_flight(self) -> int:
        return len(self._live)

    def feed(self, record: Record) -> None:
        """One more record of the run, in the order of the link."""
        self._feeds[type(record)](record)

    def take(self) -> Batch:
        """What changed since the last `take`."""
        batch = self._batch
        if self._changed:
            batch.exchanges = [live.row() for live in self._changed.values()]
            self._changed = {}
        self._batch = Batch()
        self._number += 1
        return batch

    def engine_died(self, text: str, t_ns: int, how: Mapping[str, Any] | None = None) -> None:
        """The engine is gone: what was in flight is lost, and `text` says why. A run that ended by itself stays so.
        `how` is told with the run as its state "ended" (`trace.records.STATES`)."""
        if how is not None:
            asked = [live.asked for live in self._live.values() if live.record.kind != "lifespan"]
            self._life.ended(t_ns, how, self._live, [f"{one.method} {one.path}" for one in asked])
        for live in self._live.values():
            if live.held is not None:
                self._lose_held(live.held, t_ns)
            live.lose(text, t_ns)
            self._over(live)
        self._live = {}
        if not self._ended:
            self._ended = True
            self._batch.run_ended = (t_ns, text)

    def _run_started(self, record: records.RunStarted) -> None:
        self._wall_offset = record.wall_ns - record.t_ns
        self._batch.run_started = record

    def _state(self, record: records.StateChanged) -> None:
        self._batch.states.append(record)
        if record.state == "stopped":
            self._ended = True
            self._batch.run_ended = (record.t_ns, str(record.detail.get("reason", "")))

    def _started(self, record: ExchangeStarted) -> None:
        exchange = record.exchange
        if not 0 < exchange <= MAX_EXCHANGE or exchange in self._live:
            return
        asked = self._parsed.get(record.head) or self._parse(record.head)
        live = Live(self.run, record, asked, (record.first_byte_ns or record.head_ns) + self._wall_offset)
        self._live[exchange] = self._changed[exchange] = live
        self._batch.started[exchange] = record

    def _parse(self, head: bytes) -> Asked:
        if len(self._parsed) >= _PARSED:
            self._parsed.clear()
        self._parsed[head] = asked = parse_asked(head)
        return asked

    def _message(self, record: MessageSeen) -> None:
        live = self._live.get(record.exchange)
        if live is None or record.seq < live.next_seq:
            return
        if record.wired_ns:
            self._wired(live, record.wired_seq, record.wired_ns)
        key = record.exchange << 32 | record.seq
        body = record.body
        if live.torn is not None:
            self._cut(live)
        if record.stored > len(body):
            live.torn = [record.seq, len(body), record.stored]
        if len(body) > INLINE:
            self._batch.parts.append((key, PREVIEW, body[PREVIEW:]))
            body = body[:PREVIEW]
        direction = record.direction
        row: list[Any] = [
            key,
            record.t_ns,
            record.asked_ns,
            record.wire_ns,
            direction,
            record.type,
            record.data,
            record.body_key,
            record.size,
            record.stored,
            record.status,
            record.flags,
            live.received,
            live.sent,
            body,
        ]
        self._batch.messages.append(row)
        if direction == records.SEND and not record.flags & records.DROPPED:
            live.unwired.append((self._number, row))
        waiting = live.receive_since
        had = bool(waiting)
        live.message(record)
        if had:
            self._batch.waits[record.exchange, records.RECEIVE] = waiting[0] if waiting else None
        if direction == records.CALL and not live.record.first_byte_ns and not live.record.head_ns:
            live.started_ns = record.t_ns + self._wall_offset
        self._changed[record.exchange] = live

    def _wired(self, live: Live, seq: int, t_ns: int) -> None:
        taken = 0
        for number, row in live.unwired:
            key = row[ID]
            if key & 0xFFFFFFFF > seq:  # type: ignore[operator]
                break
            taken += 1
            row[WIRE_NS] = t_ns
            if number != self._number:
                self._batch.wired.append((t_ns, key))  # type: ignore[arg-type]
        if taken:
            del live.unwired[:taken]
            live.wired(seq, t_ns)

    def _part(self, record: records.BodyPart) -> None:
        live = self._live.get(record.exchange)
        torn = live.torn if live else None
        if live is None or torn is None or torn[0] != record.seq or torn[1] != record.offset:
            return
        self._batch.parts.append((message_id(record.exchange, record.seq), record.offset, record.data))
        torn[1] += len(record.data)
        if torn[1] >= torn[2]:
            live.torn = None

    def _cut(self, live: Live) -> None:
        """Parts of a body that were promised did not come."""
        if live.torn is not None:
            seq, came, _promised = live.torn
            self._batch.cut.append((came, message_id(live.record.exchange, seq)))
            live.torn = None

    def _wait(self, record: records.Wait) -> None:
        live = self._live.get(record.exchange)
        if live is None:
            return
        live.wait(record.point, record.t_ns, record.done)
        waits = live.send_since if record.point == records.SEND else live.receive_since
        self._batch.waits[record.exchange, record.point] = waits[0] if waits else None
        self._changed[record.exchange] = live

    def _wired_alone(self, record: records.Wired) -> None:
        live = self._live.get(record.exchange)
        if live is not None:
            self._wired(live, record.seq, record.t_ns)
            self._changed[record.exchange] = live

    def _wire(self, exchange: int, first: int, pieces: bytes) -> None:
        if pieces and 0 < exchange <= MAX_EXCHANGE:
            self._batch.wire.append((message_id(exchange, first), pieces))

    def _end(self, record: ExchangeEnded) -> None:
        self._wire(record.exchange, record.wire_first, record.wire)
        live = self._live.pop(record.exchange, None)
        if live is None:
            return
        if record.wired_ns:
            self._wired(live, record.wired_seq, record.wired_ns)
        if live.receive_since or live.send_since:
            self._no_waits(record.exchange)
        live.end(record)
        self._over(live)

    def _over(self, live: Live) -> None:
        exchange = live.record.exchange
        self._cut(live)
        if live.outcome == "lost":
            self._no_waits(exchange)
        self._changed[exchange] = live

    def _no_waits(self, exchange: int) -> None:
        for point in (records.RECEIVE, records.SEND):
            self._batch.waits[exchange, point] = None

    def _hold(self, record: Held) -> None:
        self._batch.held[record.hold] = record
        self._batch.gate.append(record)
        if live := self._live.get(record.exchange):
            live.hold(record)
            self._changed[record.exchange] = live

    def _release(self, record: Released) -> None:
        self._batch.released.append(record)
        self._batch.gate.append(record)
        if live := self._live.get(record.exchange):
            live.release(record.t_ns)
            self._changed[record.exchange] = live

    def _hit(self, record: Hit) -> None:
        self._batch.hits.append(record)
        self._batch.gate.append(record)

    def _answered(self, record: Answered) -> None:
        self._batch.answers.append(record)

    def _original(self, record: Original) -> None:
        key = message_id(record.exchange, record.seq)
        live = self._live.get(record.exchange)
        if live is not None and record.seq >= live.next_seq:
            facts = (record.type, record.data, record.body_key, record.size, record.body)
            self._batch.originals.append((key, record.offset, *facts))

    def _lose_held(self, held: Held, t_ns: int) -> None:
        """The engine died while it held a message, which is on record nowhere else."""
        self._message(lost_message(held))
        self._release(Released(held.exchange, held.hold, max(t_ns, held.t_ns), "end"))

    def _failure(self, record: records.Failure) -> None:
        self._batch.failures.append(record)
        if live := self._live.get(record.exchange):
            live.exception = record.type
            self._changed[record.exchange] = live

    def _logged(self, record: records.Logged) -> None:
        self._batch.logs.append(record)
        self._life.logged(record)
        if live := self._live.get(record.exchange):
            live.log_count += 1
            self._changed[record.exchange] = live

    def _stalled(self, record: records.Stalled) -> None:
        self._batch.stalls.append(record)
        self._life.stalled(record)

    def _pulse(self, record: records.Pulse) -> None:
        self._batch.pulse = record
