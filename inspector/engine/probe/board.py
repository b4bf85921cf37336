"""The board: the engine's breakpoints and holds, and the window's verbs on them. See `gate` for the theory.

All of it on the loop's thread, but for `armed`, which WSGI's workers look at, too.
"""

from __future__ import annotations

import itertools
import json
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from inspector.engine.probe import shapes
from inspector.engine.probe.concern import possible
from inspector.engine.probe.facts import Facts, names_kind, names_point
from inspector.engine.probe.order import after
from inspector.engine.probe.shapes import Refused
from inspector.engine.probe.telling import fitting_length, told, verbs_of, warnings, why_not
from inspector.engine.stream import AppMistake
from inspector.trace.clock import now
from inspector.trace.filter.grammar import parse
from inspector.trace.filter.predicate import matches
from inspector.trace.filter.terms import FilterError
from inspector.trace.filter.tree import Node
from inspector.trace.records import Logged, Record
from inspector.trace.stepping import HOLD_VERBS, Answered, Breakpoint, Hit, Released
from inspector.trace.verbs import Ask

if TYPE_CHECKING:
    from inspector.engine.probe.gate import Gate, Hold, Point

_DEFAULT_POINTS = frozenset(("call", "send", "start_response", "next"))
MAX_INJECTED = 32
MAX_LENGTH = 1 << 40
"""Bytes that a mended Content-Length may say."""


class _Rule:
    """A breakpoint, ready to be asked."""

    def __init__(self, breakpoint_: Breakpoint, node: Node | None) -> None:
        self.breakpoint = breakpoint_
        self.node = node
        self.everywhere = node is not None and names_point(node)
        self.lifespan = node is not None and names_kind(node)

    def matches(self, point: Point, fields: dict[str, object]) -> bool:
        if not self.everywhere and point.name not in _DEFAULT_POINTS:
            return False
        if not self.lifespan and fields["kind"] == "lifespan":
            return False
        return self.node is None or matches(self.node, fields)

    def concerns(self, request: dict[str, object]) -> bool:
        """It could match a message of an exchange with these fields of its request."""
        if not self.breakpoint.enabled or (not self.lifespan and request["kind"] == "lifespan"):
            return False
        return self.node is None or possible(self.node, request) is not False


class Board:
    """One engine's. `armed` is whether anything could stop anywhere: the one thing that gateways look at."""

    def __init__(self, write: Callable[[Record], None]) -> None:
        self.armed = False
        self.version = 1
        """Another one after every change of what could stop."""
        self.closed = False
        """The engine stops: nothing is held any more."""
        self.holds: dict[int, Hold] = {}
        self._write = write
        self._ending = False
        """It stops, and only the lifespan can still be held."""
        self._on = True
        self._next = False
        self._rules: dict[int, _Rule] = {}
        self._waiting: set[Gate] = set()
        self._ids = itertools.count(1)

    def begin(self, text: str) -> None:
        """Take the breakpoints of `Options.breaking`: a JSON object of `on` and `breakpoints`."""
        found = json.loads(text)
        self._on = bool(found["on"])
        for one in found["breakpoints"]:
            self._set(one)
        self._rules_changed()

    def close(self) -> None:
        """Release everything, and hold nothing any more."""
        self.closed = True
        self._release_all("stop")
        self._arm()

    def end_requests(self) -> None:
        """Release everything; from here on only the lifespan is held, as its shutdown comes."""
        self._ending = True
        for gate in list(self._waiting):
            if gate.stream is not None:
                gate.go_on("")
        for hold in list(self.holds.values()):
            self._release(hold, "stop")
        for gate in list(self._waiting):
            self.look_again(gate)

    # What gates ask and tell.

    def lets_pass(self, gate: Gate) -> bool:
        """Nothing of this exchange is held any more."""
        return self.closed or (self._ending and gate.stream is not None)

    def stops(self, gate: Gate, point: Point, facts: Facts) -> int | None:
        """The breakpoint at which this message stops, 0 for "hold the next request"; None where it passes."""
        if self._next and point.name == "call" and gate.stream is not None:
            self._next = False
            self._rules_changed()
            return 0
        if not self._on or not self._rules:
            return None
        fields = facts.at(point)
        stopped = None
        for rule in list(self._rules.values()):
            if stopped is None and rule.breakpoint.enabled and rule.matches(point, fields):
                stopped = self._hit(rule, gate, point)
        return stopped

    def concerns(self, request: dict[str, object]) -> bool:
        """Anything could stop an exchange with these fields of its request."""
        if self._next:
            return True
        return self._on and any(rule.concerns(request) for rule in list(self._rules.values()))

    def _rules_changed(self) -> None:
        self.version += 1
        self._arm()

    def _hit(self, rule: _Rule, gate: Gate, point: Point) -> int | None:
        hits = rule.breakpoint.hits + 1
        one = rule.breakpoint = replace(rule.breakpoint, hits=hits)
        held = not one.log and hits >= one.nth
        exchange, t_ns = gate.exchange.id, now()
        self._write(Hit(one.id, exchange, t_ns, point.name, hits, held))
        if one.log:
            text = f"{point.name}: {point.message['type']}"
            self._write(Logged(exchange, t_ns, "breakpoint", "", one.expression, text, "", 0))
        if held and one.once:
            del self._rules[one.id]
            self._rules_changed()
        return one.id if held else None

    def next_hold(self) -> int:
        return next(self._ids)

    def held(self, hold: Hold) -> None:
        self.holds[hold.id] = hold
        self.changed(hold)
        self.look_again(hold.gate)

    def changed(self, hold: Hold) -> None:
        """Tell the hold as it stands now."""
        self._write(told(hold))

    def released(self, hold: Hold) -> None:
        del self.holds[hold.id]
        self._write(Released(hold.gate.exchange.id, hold.id, now(), hold.by))
        self.look_again(hold.gate)

    def look_again(self, gate: Gate) -> None:
        """What `gate` waits for may have changed."""
        if gate.waiting and not gate.exchange.ended:
            self._waiting.add(gate)
        else:
            self._waiting.discard(gate)
        self._arm()

    def forget(self, gate: Gate) -> None:
        """Its exchange is over."""
        self._waiting.discard(gate)
        self._arm()

    def _arm(self) -> None:
        rules = self._on and any(rule.breakpoint.enabled for rule in self._rules.values())
        self.armed = bool(self._waiting) or (not self.closed and (rules or self._next))

    # The window's verbs.

    def ask(self, ask: Ask) -> None:
        """Do what the window asks, and answer. Nothing that it says can do harm."""
        try:
            detail = self._do(ask.what, ask.arguments)
        except Refused as error:
            self._write(Answered(ask.number, False, str(error), {}))
        except (KeyError, TypeError, ValueError, AppMistake) as error:
            words = f"{error.args[0]}: is missing" if isinstance(error, KeyError) else str(error)
            self._write(Answered(ask.number, False, words, {}))
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the loop's other work
            traceback.print_exc(file=sys.__stderr__)
            self._write(Answered(ask.number, False, f"a fault of Inspector: {error!r:.200}", {}))
        else:
            self._write(Answered(ask.number, True, "", detail))

    def _do(self, what: str, given: dict[str, Any]) -> dict[str, Any]:
        if what in HOLD_VERBS:
            return self._act(what, given)
        if what == "resume_all":
            return {"released": self._release_all("resume_all")}
        if what == "break":
            self._set(given["breakpoint"])
        elif what == "remove":
            self._rules.pop(given["breakpoint"], None)
        elif what == "breaking":
            self._on = bool(given["on"])
        elif what == "hold_next":
            self._next = bool(given.get("on", True))
        else:
            raise Refused(f"verb: {what!r:.40} is none")
        self._rules_changed()
        return {}

    def _set(self, plain: dict[str, Any]) -> None:
        one = Breakpoint.of(plain)
        before = self._rules.get(one.id)
        try:
            node = parse(one.expression, of_message=True)
        except FilterError as error:
            raise Refused(f"expression: {error.message}, at column {error.column + 1}") from None
        self._rules[one.id] = _Rule(replace(one, hits=before.breakpoint.hits if before else 0), node)

    def _release_all(self, by: str) -> int:
        for gate in list(self._waiting):
            gate.go_on("")
        holds = [hold for hold in self.holds.values() if not hold.over.done()]
        for hold in holds:
            self._release(hold, by)
        for gate in list(self._waiting):
            self.look_again(gate)
        return len(holds)

    def _release(self, hold: Hold, by: str) -> None:
        if not hold.over.done():
            hold.by = by
            hold.over.set_result(None)

    def _act(self, verb: str, given: dict[str, Any]) -> dict[str, Any]:
        number = given["hold"]
        hold = self.holds.get(number) if type(number) is int else None
        if hold is None or hold.over.done():
            raise Refused(f"hold: {number!r:.40} is not held (any more)")
        if verb not in verbs_of(hold):
            raise Refused(f"{verb}: {why_not(verb, hold)}")
        if verb in ("edit", "inject"):
            return self._change(hold, verb, given)
        if verb == "mend":
            return self._mend(hold, given)
        gate = hold.gate
        if verb == "merge":
            if hold.before or hold.after:
                raise Refused("merge: what was injected beside it would change its place")
            gate.carry = hold.message
            gate.go_on(verb)
        elif verb in ("step", "step_send", "finish"):
            gate.go_on(verb)
        elif verb == "abort":
            cut = gate.stream.resets if gate.stream is not None else "connection"
            gate.exchange.overrule("aborted", f"you reset the {cut} at {hold.point.name}")
            if gate.stream is not None:
                gate.stream.reset(f"reset at {hold.point.name}")
        self._release(hold, verb)
        return {}

    def _mend(self, hold: Hold, given: dict[str, Any]) -> dict[str, Any]:
        """Another Content-Length for the head that is not out yet: the one that fits, or `length`."""
        point = hold.point
        assert point.head is not None
        length = given.get("length", fitting_length(hold))
        if type(length) is not int or not point.sent <= length <= MAX_LENGTH:
            raise Refused(f"length: must be a number from {point.sent:,}")
        was = point.sent + (hold.left or 0)
        point.head.mend(length)
        hold.left = length - point.sent
        gate = hold.gate
        gate.touched = gate.resent = True
        if length != was:
            text = f"you mended Content-Length: {was:,} is {length:,} now"
            self._write(Logged(gate.exchange.id, now(), "breakpoint", "", "mend", text, "", 0))
        self.changed(hold)
        return {"content_length": length, "warnings": warnings(hold)}

    def _change(self, hold: Hold, verb: str, given: dict[str, Any]) -> dict[str, Any]:
        before, held, behind = list(hold.before), hold.message, list(hold.after)
        where = given.get("where", "after")
        if verb == "edit":
            held = shapes.message_of(given["message"], hold.message)
        elif where == "before":
            before.append(shapes.message_of(given["message"], hold.message, fresh=True))
        elif where == "after":
            behind.append(shapes.message_of(given["message"], hold.message, fresh=True))
        else:
            raise Refused("where: before or after")
        if len(before) + len(behind) > MAX_INJECTED:
            raise Refused(f"message: more than {MAX_INJECTED} beside one hold")
        place = hold.point.place
        if place is None and held["type"] != hold.message["type"]:
            raise Refused(f"type: stays {hold.message['type']}")
        if place is not None and not given.get("illegal", False):
            after(place, [*before, held, *behind])
        if held is not hold.message:
            hold.original = hold.original or hold.point.message
            if held == hold.original and held["type"] != "call":
                held, hold.original = hold.original, None
        hold.before, hold.message, hold.after = before, held, behind
        self.changed(hold)
        return {"warnings": warnings(hold)}
