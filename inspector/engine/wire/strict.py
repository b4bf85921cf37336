"""The rules that a request head has to keep beyond what h11 asks for, each with the section that sets it.

A head is judged in two passes, both linear in its bytes:

    syntax    line by line, as the bytes come: `HeadReader.look`. The first byte that is wrong decides, so any split of
              the bytes gives the same violation, and what is plainly no HTTP is refused before its end
    meaning   once the head is whole: version, target, Host, and how long the body is: `HeadReader.judge`

Where RFC 9112 leaves a choice between refusing and repairing, we refuse: what is repaired here may be read otherwise by
the proxy in front (request smuggling, 11.2). So: bare LF, obs-fold, equal Content-Lengths, empty members of a
Transfer-Encoding. Where it asks to be tolerant and nothing can be misread we are: HTTP/1.2 is served as 1.1 (RFC 9110,
2.5), any octet from 0x80 may stand in a value, and leading zeros in a length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from inspector.engine.wire.authority import is_authority, is_host_and_port

MAX_HEAD = 64 * 1024
"""Bytes of a request head; a longer one is answered with 431, one whose first line alone is longer with 414."""
MAX_FIELDS = 1000
"""Field lines of a head, or of a trailer section; more are answered with 431."""
MAX_METHOD = 64
"""Bytes of a method; a longer one is answered with 501 (RFC 9112, 3)."""
MAX_BODY = 1 << 40
"""Bytes that a Content-Length may announce, or chunks may add up to; more is answered with 413."""

MAX_DIGITS = 20
"""Digits of a Content-Length, zeros in front included: h11 takes no more."""

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
FIELD = TOKEN + rb":[\t\x20-\x7e\x80-\xff]*"
"""A field line without its end; the blanks around the value belong to it (RFC 9112, 5)."""

_REQUEST_LINE = rb"(" + TOKEN + rb") ([\x21-\x7e]+) HTTP/([0-9])\.([0-9])"
_HEAD = re.compile(_REQUEST_LINE + rb"((?:\r\n" + FIELD + rb")*)\r\n\r\n")
_FIRST_LINE = re.compile(_REQUEST_LINE)
_FIELD_LINE = re.compile(FIELD)
_TOKEN = re.compile(TOKEN)
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n|\Z)|(?<!\r)\n")
_WEIGHTY = re.compile(
    rb"\r\n((?:[Hh][Oo][Ss]|[Cc][Oo][Nn][Tt]|[Tt][Rr][Aa][Nn][Ss]|[Uu][Pp][Gg]|[Cc][Oo][Nn][Nn])[\w-]*):([^\r]*)"
)
"""Field lines whose names begin as those that have a meaning here do."""
_NONE: tuple[re.Match[bytes], ...] = ()
_ABSOLUTE = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*)://([^/?]*)")


class Violation(NamedTuple):
    """What is wrong with a client's bytes."""

    status: int
    reason: str
    section: str
    """Of the specification that sets the rule, as "RFC 9112, 5.1"."""
    offset: int
    """Of the byte where it shows, from the request's first one."""


class Framing(NamedTuple):
    """What a head says of what follows it."""

    http_version: str
    """1.1 also where a later minor version was given."""
    chunked: bool
    length: int
    """Bytes of the body by Content-Length; 0 where there is none."""
    websocket: bool
    """Asks for a WebSocket by Connection and Upgrade (RFC 6455, 4.1; RFC 9110, 7.8)."""
    plain: bool
    """The target is a path: no other form that would change what Host says."""


class HeadReader:
    """Reads one head. Used again after `reset`."""

    def __init__(self, scheme: str = "http") -> None:
        self._scheme = scheme.encode("ascii")
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

    def judge(self, head: bytes) -> Framing | Violation:
        """The meaning of a whole head, or what is wrong with it."""
        found = _HEAD.fullmatch(head)
        if found is None or head.count(b"\n") > MAX_FIELDS + 2:
            self._line = self._seen = 0
            self._fields = -1
            return self.look(head) or Violation(400, "the head is malformed", "RFC 9112, 2.1", 0)
        method, target, major, minor, _ = found.groups()
        if major != b"1":
            version = f"HTTP/{major.decode()}.{minor.decode()}"
            return Violation(505, f"{version} is not spoken here", "RFC 9110, 15.6.6", found.start(3) - 5)
        if len(method) > MAX_METHOD:
            return Violation(501, f"the method is longer than {MAX_METHOD} bytes", "RFC 9112, 3", MAX_METHOD)
        old = minor == b"0"
        plain = target[0] == 0x2F
        if violation := _target(method, target, found.start(2), self._scheme, plain):
            return violation
        return _fields(head, found.start(5), old, plain, method == b"GET")


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


def _target(method: bytes, target: bytes, at: int, scheme: bytes, plain: bool) -> Violation | None:
    """What is wrong with the form of the target (RFC 9112, 3.2)."""
    if method == b"CONNECT":
        if not is_host_and_port(target):
            return Violation(400, "the target of CONNECT is no host and port", "RFC 9110, 9.3.6", at)
        return Violation(501, "CONNECT is for proxies", "RFC 9110, 9.3.6", 0)
    if b"#" in target:
        return Violation(400, "a fragment in the target", "RFC 9112, 3.2", at + target.index(b"#"))
    if plain:
        return None
    if target == b"*":
        if method != b"OPTIONS":
            return Violation(400, "the target * is for OPTIONS only", "RFC 9112, 3.2.4", at)
        return None
    absolute = _ABSOLUTE.match(target)
    if not absolute:
        return Violation(400, "the target is neither a path nor a URL", "RFC 9112, 3.2", at)
    named = absolute[1].lower()
    if named not in (b"http", b"https"):
        return Violation(400, "the target is a URL of a scheme that is not served", "RFC 9110, 7.4", at)
    if not absolute[2] or not is_authority(absolute[2]):
        return Violation(400, "the host in the target is none", "RFC 9110, 4.2", at + absolute.start(2))
    if named == b"https" and scheme != b"https":
        return Violation(421, "an https URL on a connection without TLS", "RFC 9110, 7.4", at)
    return None


def _fields(head: bytes, at: int, old: bool, plain: bool, get: bool) -> Framing | Violation:
    """Host, the framing of the body (RFC 9112, 6), and whether a WebSocket is wanted."""
    fields: dict[bytes, list[re.Match[bytes]]] = {}
    for found in _WEIGHTY.finditer(head, at):
        fields.setdefault(found[1].lower(), []).append(found)
    if violation := _host(fields.get(b"host", _NONE), old, len(head) - 2):
        return violation
    codings, lengths = fields.get(b"transfer-encoding"), fields.get(b"content-length")
    size = 0
    if codings:
        value = b",".join(one[2] for one in codings)
        if violation := _codings(value, codings[0].start(2), old, both=lengths is not None):
            return violation
    elif lengths:
        length = _length(lengths)
        if isinstance(length, Violation):
            return length
        size = length
    wanted = fields.get(b"upgrade") if get and not old else None
    websocket = wanted is not None and _has(wanted, b"websocket") and _has(fields.get(b"connection", _NONE), b"upgrade")
    return Framing("1.0" if old else "1.1", codings is not None, size, websocket, plain)


def _host(hosts: Sequence[re.Match[bytes]], old: bool, end: int) -> Violation | None:
    """What is wrong with Host (RFC 9112, 3.2); `end`: where it would have to stand at the latest."""
    if len(hosts) > 1:
        return Violation(400, "a second Host", "RFC 9112, 3.2", hosts[1].start(1))
    if hosts:
        if not is_authority(hosts[0][2].strip(b" \t")):
            return Violation(400, "the value of Host is no host", "RFC 9112, 3.2", hosts[0].start(2))
    elif not old:
        return Violation(400, "no Host", "RFC 9112, 3.2", end)
    return None


def _length(lengths: Sequence[re.Match[bytes]]) -> int | Violation:
    """Bytes of the body by Content-Length (RFC 9110, 8.6; RFC 9112, 6.3)."""
    if len(lengths) > 1:
        return Violation(400, "a second Content-Length", "RFC 9112, 6.3", lengths[1].start(1))
    value, at = lengths[0][2].strip(b" \t"), lengths[0].start(2)
    if not value.isdigit():
        return Violation(400, "the value of Content-Length is no number", "RFC 9112, 6.3", at)
    digits = value.lstrip(b"0")
    size = int(digits[:16] or b"0")
    if len(digits) > 16 or size > MAX_BODY:
        text = f"a body of {digits[:40].decode()} bytes is announced; {MAX_BODY:,} is the limit"
        return Violation(413, text, "RFC 9110, 15.5.14", at)
    if len(value) > MAX_DIGITS:
        return Violation(400, f"the value of Content-Length has more than {MAX_DIGITS} digits", "RFC 9110, 8.6", at)
    return size


def _codings(value: bytes, at: int, old: bool, both: bool) -> Violation | None:
    """What is wrong with the Transfer-Encoding `value` (RFC 9112, 6.1 and 7)."""
    if both:
        return Violation(400, "Transfer-Encoding and Content-Length", "RFC 9112, 6.3", at)
    if old:
        return Violation(400, "Transfer-Encoding in an HTTP/1.0 request", "RFC 9112, 6.1", at)
    names = [name.strip(b" \t").lower() for name in value.split(b",")]
    if names == [b"chunked"]:
        return None
    if names[-1] != b"chunked":
        return Violation(400, "the last transfer coding is not chunked", "RFC 9112, 6.3", at)
    if b"chunked" in names[:-1]:
        return Violation(400, "the body is chunked more than once", "RFC 9112, 6.1", at)
    if b"" in names:
        return Violation(400, "an empty member in Transfer-Encoding", "RFC 9112, 6.1", at)
    coding = names[0][:40].decode("latin-1")
    return Violation(501, f"the transfer coding {coding!r} is not understood", "RFC 9112, 6.1", at)


def _has(fields: Sequence[re.Match[bytes]], member: bytes) -> bool:
    """`member` stands in the lists that are the values of `fields`."""
    return any(one.strip(b" \t").lower() == member for field in fields for one in field[2].split(b","))
