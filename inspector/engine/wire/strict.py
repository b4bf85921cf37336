"""The syntax of a request head and of field lines (RFC 9112, 2 to 5), stricter than h11; each rule with its section.

A head is judged in two passes, both linear in its bytes:

    syntax    line by line, as the bytes come, here: `HeadReader.look`. The first byte that is wrong decides, so any
              split of the bytes gives the same violation, and what is plainly no HTTP is refused before its end
    meaning   once the head is whole: `head.parse`

Where RFC 9112 leaves a choice between refusing and repairing, we refuse: what is repaired here may be read otherwise by
the proxy in front (request smuggling, 11.2). So: bare LF, obs-fold, equal Content-Lengths, empty members of a
Transfer-Encoding. Where it asks to be tolerant and nothing can be misread we are: HTTP/1.2 is served as 1.1 (RFC 9110,
2.5), any octet from 0x80 may stand in a value, and leading zeros in a length.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_HEAD = 64 * 1024
"""Bytes of a request head; a longer one is answered with 431, one whose first line alone is longer with 414."""
MAX_FIELDS = 1000
"""Field lines of a head, or of a trailer section; more are answered with 431."""

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
FIELD = TOKEN + rb":[\t\x20-\x7e\x80-\xff]*"
"""A field line without its end; the blanks around the value belong to it (RFC 9112, 5)."""

REQUEST_LINE = rb"(" + TOKEN + rb") ([\x21-\x7e]+) HTTP/([0-9])\.([0-9])"
_FIRST_LINE = re.compile(REQUEST_LINE)
_FIELD_LINE = re.compile(FIELD)
_TOKEN = re.compile(TOKEN)
_NO_METHOD = re.compile(rb"[\t\x20-\x7e\x80-\xff](?<![!#$%&'*+\-.^_`|~0-9A-Za-z])")
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n|\Z)|(?<!\r)\n")


class Violation(NamedTuple):
    """What is wrong with a client's bytes."""

    status: int
    reason: str
    section: str
    """Of the specification that sets the rule, as "RFC 9112, 5.1"."""
    offset: int
    """Of the byte where it shows, from the request's first one."""


class HeadReader:
    """Watches one head come in. Used again after `reset`."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin with the next head."""
        self._line = 0
        """Where the line that is not complete begins; what is before it was looked at."""
        self._seen = 0
        """Up to here no forbidden byte stands in that line."""
        self._ended = 0
        self._fields = -1

    def end_in(self, data: bytearray) -> int:
        """Where the head ends, blank line included; 0 where the end is not here, or too far away."""
        at = data.find(b"\r\n\r\n", self._ended)
        if at < 0:
            self._ended = max(0, len(data) - 3)
            return 0
        return at + 4 if at + 4 <= MAX_HEAD else 0

    def look(self, data: bytes | bytearray) -> Violation | None:
        """What is wrong with the syntax of `data`, the head so far, or with its length; None: nothing until here."""
        if not self._seen and _NO_METHOD.match(data):  # not worth waiting for the rest of the line
            return _first_line(bytes(data[:1]), 0)
        limit = min(len(data), MAX_HEAD)
        while True:
            at = data.find(b"\n", max(self._line, self._seen), limit)
            end = limit if at < 0 else at + 1
            if violation := first_forbidden(data, max(self._line, self._seen), end, request_line=self._fields < 0):
                return violation
            if at < 0:
                break
            if violation := self._whole_line(data, at - 1):
                return violation
            self._line = self._seen = end
        self._seen = max(self._line, limit - (data[limit - 1 : limit] == b"\r"))
        if len(data) > MAX_HEAD:
            if self._fields < 0:
                return Violation(414, f"the request line is longer than {MAX_HEAD:,} bytes", "RFC 9112, 3", MAX_HEAD)
            return Violation(431, f"the head is longer than {MAX_HEAD:,} bytes", "RFC 6585, 5", MAX_HEAD)
        return None

    def _whole_line(self, data: bytes | bytearray, end: int) -> Violation | None:
        start, self._fields = self._line, self._fields + 1
        if not self._fields:
            return None if _FIRST_LINE.fullmatch(data, start, end) else _first_line(bytes(data[start:end]), start)
        if start == end or _FIELD_LINE.fullmatch(data, start, end):
            if self._fields > MAX_FIELDS and start != end:
                return Violation(431, f"the head has more than {MAX_FIELDS:,} field lines", "RFC 6585, 5", start)
            return None
        return field_line(bytes(data[start:end]), start, first=self._fields == 1)


def first_forbidden(data: bytes | bytearray, start: int, end: int, *, request_line: bool = False) -> Violation | None:
    """The first control byte in `data` from `start` to `end`, and the first CR or LF that does not end a line.

    Whether a CR at `end` does is not known.
    """
    found = _FORBIDDEN.search(data, start, end)
    if found is None:
        return None
    byte, offset = data[found.start()], found.start()
    if byte == 0x0A:
        return Violation(400, "a line ends with a bare LF", "RFC 9112, 2.2", offset)
    if byte == 0x0D:
        return Violation(400, "a bare CR, which is no end of a line", "RFC 9112, 2.2", offset)
    what = f"the control byte 0x{byte:02x}" if byte else "a NUL byte"
    if request_line:
        return Violation(400, f"{what} in the request line", "RFC 9112, 3", offset)
    return Violation(400, f"{what} in a line of the framing or of a field", "RFC 9110, 5.5", offset)


def _first_line(line: bytes, start: int) -> Violation:
    """`line` without its end is no request line: where it goes wrong (RFC 9112, 3)."""
    if not line:
        return Violation(400, "more empty lines than one expects before a request", "RFC 9112, 2.2", start)
    method = _TOKEN.match(line)
    at = method.end() if method else 0
    if line[at : at + 1] != b" " or not method:
        return Violation(400, "the request line does not begin with a method and a space", "RFC 9112, 3.1", start + at)
    target, space, version = line[at + 1 :].partition(b" ")
    at += 1
    if not target or b" " in version:
        at += len(target) + 1 + version.index(b" ") if target else 0
        return Violation(400, "the request line has a blank where none belongs", "RFC 9112, 3", start + at)
    for place, byte in enumerate(target):
        if not 0x21 <= byte <= 0x7E:
            text = f"the byte 0x{byte:02x} in the target, where it has to be percent-encoded"
            return Violation(400, text, "RFC 9112, 3.2", start + at + place)
    if not space:
        return Violation(400, "the request line has no HTTP version", "RFC 9112, 3", start + len(line))
    at += len(target) + 1
    return Violation(400, f"{version[:20].decode('latin-1')!r} is no HTTP version", "RFC 9112, 2.3", start + at)


def field_line(line: bytes, start: int, *, first: bool = False) -> Violation:
    """`line` without its end is no field line: where it goes wrong (RFC 9112, 5)."""
    if line[:1] in (b" ", b"\t"):
        if first:
            return Violation(400, "a blank before the first field line", "RFC 9112, 2.2", start)
        return Violation(400, "a field value goes on in a second line (obs-fold)", "RFC 9112, 5.2", start)
    name, colon, _ = line.partition(b":")
    if not colon:
        return Violation(400, "a field line without a colon", "RFC 9112, 5", start)
    if not name:
        return Violation(400, "a field line without a name", "RFC 9112, 5", start)
    good = _TOKEN.match(name)
    at = good.end() if good else 0
    if not name[at:].strip(b" \t"):
        return Violation(400, "a blank between a field name and its colon", "RFC 9112, 5.1", start + at)
    return Violation(400, f"the byte 0x{name[at]:02x} in a field name", "RFC 9110, 5.1", start + at)
