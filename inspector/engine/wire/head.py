"""What a whole request head means, or which rule it breaks: its version, target, Host, and how long its body is.

The parser of heads: h11 gets only what its state machine needs of them (`Head.skeleton`), and the tests hold every head
that passes here against h11's own reading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from inspector.engine.wire.authority import is_authority, is_host_and_port
from inspector.engine.wire.strict import FIELD, MAX_FIELDS, REQUEST_LINE, HeadReader, Violation
from inspector.trace.scope import Headers, with_host_of

MAX_METHOD = 64
"""Bytes of a method; a longer one is answered with 501 (RFC 9112, 3)."""
MAX_BODY = 1 << 40
"""Bytes that a Content-Length may announce, or chunks may add up to; more is answered with 413."""
MAX_DIGITS = 40
"""Digits of a Content-Length, zeros in front included."""

_HEAD = re.compile(REQUEST_LINE + rb"((?:\r\n" + FIELD + rb")*)\r\n\r\n")
_FIELDS = re.compile(rb"\r\n([^:\r]+):[\t ]*([^\r]*)")
_ABSOLUTE = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*)://([^/?]*)")
_HOST, _LENGTH, _CODINGS = b"host", b"content-length", b"transfer-encoding"
_CONNECTION, _UPGRADE, _EXPECT = b"connection", b"upgrade", b"expect"
_KEY = b"sec-websocket-key"
_WEIGHTY = frozenset({_HOST, _LENGTH, _CODINGS, _CONNECTION, _UPGRADE, _EXPECT})

_Weighty = dict[bytes, list[int]]
"""Where in the headers the fields stand that mean something here."""


class Head(NamedTuple):
    """A request head that breaks no rule."""

    method: bytes
    target: bytes
    http_version: str
    """1.1 also where a later minor version was given."""
    headers: Headers
    """Names in lower case. Host is that of the target, where it has one."""
    length: int
    """Bytes of the body by Content-Length; 0 where there is none."""
    chunked: bool
    close: bool
    """The client wants the connection closed after the response (RFC 9112, 9.6)."""
    expects_continue: bool
    """RFC 9110, 10.1.1."""
    websocket: bool
    """Asks for a WebSocket by Connection and Upgrade (RFC 6455, 4.1; RFC 9110, 7.8)."""

    @property
    def skeleton(self) -> bytes:
        """A head that has nothing but what decides about states and framing."""
        lines = [self.method + b" / HTTP/" + self.http_version.encode("ascii"), b"host:"]
        if self.chunked:
            lines.append(b"transfer-encoding: chunked")
        elif self.length:
            lines.append(b"content-length: %d" % self.length)
        if self.close:
            lines.append(b"connection: close")
        if self.expects_continue:
            lines.append(b"expect: 100-continue")
        return b"\r\n".join(lines) + b"\r\n\r\n"


def parse(head: bytes, scheme: str = "http") -> Head | Violation:
    """The meaning of a whole head that came on a connection of `scheme`, or what is wrong with it."""
    found = _HEAD.fullmatch(head)
    if found is None or head.count(b"\n") > MAX_FIELDS + 2:
        return HeadReader().look(head) or Violation(400, "the head is malformed", "RFC 9112, 2.1", 0)
    method, target, major, minor, _ = found.groups()
    if major != b"1":
        version = f"HTTP/{major.decode()}.{minor.decode()}"
        return Violation(505, f"{version} is not spoken here", "RFC 9110, 15.6.6", found.start(3) - 5)
    if len(method) > MAX_METHOD:
        return Violation(501, f"the method is longer than {MAX_METHOD} bytes", "RFC 9112, 3", MAX_METHOD)
    plain = target[:1] == b"/" and b"#" not in target and method != b"CONNECT"
    if not plain and (violation := _target(method, target, found.start(2), scheme)):
        return violation
    at = found.start(5)
    headers = [(name.lower(), value.rstrip(b" \t")) for name, value in _FIELDS.findall(head, at, len(head) - 4)]
    weighty: _Weighty = {}
    for place, (name, _) in enumerate(headers):
        if name in _WEIGHTY:
            weighty.setdefault(name, []).append(place)
    old = minor == b"0"
    broken = _host(headers, weighty, old) or _framing(headers, weighty, old)
    if broken:
        return _placed(broken, head, at)
    chunked = _CODINGS in weighty
    length = 0
    if not chunked and _LENGTH in weighty:
        digits = headers[weighty[_LENGTH][0]][1]
        length = int(digits)
        if length > MAX_BODY:
            text = f"a body of {length:,} bytes is announced; {MAX_BODY:,} is the limit"
            return _placed(_Broken(413, text, "RFC 9110, 15.5.14", weighty[_LENGTH][0]), head, at)
    return Head(
        method,
        target,
        "1.0" if old else "1.1",
        headers if plain else with_host_of(target, headers),
        length,
        chunked,
        _has(headers, weighty.get(_CONNECTION), b"close"),
        not old and _has(headers, weighty.get(_EXPECT), b"100-continue"),
        not old
        and _has(headers, weighty.get(_UPGRADE), b"websocket")
        and _has(headers, weighty.get(_CONNECTION), b"upgrade")
        and (method == b"GET" or any(name == _KEY for name, _ in headers)),
    )


class _Broken(NamedTuple):
    """A violation whose place is a field line, by number (-1: the end of the head)."""

    status: int
    reason: str
    section: str
    field: int
    value: bool = True
    """It shows at the value; else at the name."""


def _placed(broken: _Broken, head: bytes, at: int) -> Violation:
    offset = len(head) - 2
    if broken.field >= 0:
        line = list(_FIELDS.finditer(head, at, len(head) - 4))[broken.field]
        offset = line.start(2 if broken.value else 1)
    return Violation(broken.status, broken.reason, broken.section, offset)


def _target(method: bytes, target: bytes, at: int, scheme: str) -> Violation | None:
    """What is wrong with the form of the target (RFC 9112, 3.2)."""
    if method == b"CONNECT":
        if not is_host_and_port(target):
            return Violation(400, "the target of CONNECT is no host and port", "RFC 9110, 9.3.6", at)
        return Violation(501, "CONNECT is for proxies", "RFC 9110, 9.3.6", 0)
    if b"#" in target:
        return Violation(400, "a fragment in the target", "RFC 9112, 3.2", at + target.index(b"#"))
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
    if named == b"https" and scheme != "https":
        return Violation(421, "an https URL on a connection without TLS", "RFC 9110, 7.4", at)
    return None


def _host(headers: Headers, weighty: _Weighty, old: bool) -> _Broken | None:
    """What is wrong with Host (RFC 9112, 3.2)."""
    places = weighty.get(_HOST)
    if places is None:
        return None if old else _Broken(400, "no Host", "RFC 9112, 3.2", -1)
    if len(places) > 1:
        return _Broken(400, "a second Host", "RFC 9112, 3.2", places[1], value=False)
    if not is_authority(headers[places[0]][1]):
        return _Broken(400, "the value of Host is no host", "RFC 9112, 3.2", places[0])
    return None


def _framing(headers: Headers, weighty: _Weighty, old: bool) -> _Broken | None:
    """What makes the length of the body doubtful (RFC 9112, 6.3)."""
    codings, lengths = weighty.get(_CODINGS), weighty.get(_LENGTH)
    if codings is not None:
        if lengths is not None:
            return _Broken(400, "Transfer-Encoding and Content-Length", "RFC 9112, 6.3", max(codings[0], lengths[0]))
        return _codings(b",".join(headers[place][1] for place in codings), codings[0], old)
    if lengths is not None:
        if len(lengths) > 1:
            return _Broken(400, "a second Content-Length", "RFC 9112, 6.3", lengths[1], value=False)
        value = headers[lengths[0]][1]
        if not value.isdigit():
            return _Broken(400, "the value of Content-Length is no number", "RFC 9112, 6.3", lengths[0])
        if len(value) > MAX_DIGITS:
            text = f"the value of Content-Length has more than {MAX_DIGITS} digits"
            return _Broken(413, text, "RFC 9110, 8.6", lengths[0])
    return None


def _codings(value: bytes, place: int, old: bool) -> _Broken | None:
    """What is wrong with the Transfer-Encoding `value` (RFC 9112, 6.1 and 7)."""
    if old:
        return _Broken(400, "Transfer-Encoding in an HTTP/1.0 request", "RFC 9112, 6.1", place)
    names = [name.strip(b" \t").lower() for name in value.split(b",")]
    if names == [b"chunked"]:
        return None
    if names[-1] != b"chunked":
        return _Broken(400, "the last transfer coding is not chunked", "RFC 9112, 6.3", place)
    if b"chunked" in names[:-1]:
        return _Broken(400, "the body is chunked more than once", "RFC 9112, 6.1", place)
    if b"" in names:
        return _Broken(400, "an empty member in Transfer-Encoding", "RFC 9112, 6.1", place)
    coding = names[0][:40].decode("latin-1")
    return _Broken(501, f"the transfer coding {coding!r} is not understood", "RFC 9112, 6.1", place)


def _has(headers: Headers, places: Sequence[int] | None, member: bytes) -> bool:
    """`member` stands in the lists that are the values of the fields at `places`."""
    return places is not None and any(
        one.strip(b" \t").lower() == member for place in places for one in headers[place][1].split(b",")
    )
