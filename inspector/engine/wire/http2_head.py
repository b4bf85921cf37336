"""What a header block means: a request head, a trailer section, or which rule it breaks (RFC 9113, 8).

h2 gets no fields (`Fields`): it would end the connection for a request that is malformed, where only the stream is to
be reset (8.1.1), and it lets through what RFC 9110 does not. What a request may be is the same as over HTTP/1.1
(`strict`, `head`); its head is written down in the form of HTTP/1.1, with the pseudo-header fields where they stand
there, so whoever reads a recording needs to know of one form only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import hpack.hpack
import hpack.table
from h2.errors import ErrorCodes
from hpack import Decoder, OversizedHeaderListError
from hpack.exceptions import HPACKError

from inspector.engine.wire.authority import is_authority, is_host_and_port
from inspector.engine.wire.head import MAX_BODY, MAX_DIGITS, MAX_METHOD
from inspector.engine.wire.http2_frames import Broken
from inspector.engine.wire.strict import MAX_FIELDS, TOKEN
from inspector.trace.scope import Headers

MAX_LIST = 64 * 1024
"""Bytes of a field list as RFC 9113, 6.5.2 counts them; a longer one is answered with 431. It is announced."""
MAX_UNPACKED = 128 * 1024
"""Bytes of a field list that are unpacked at all; what goes on beyond ends the connection."""
_UPDATES = re.compile(rb"(?:[\x20-\x3e]|\x3f[\x80-\xff]*[\x00-\x7f]){3}")
"""An encoder has no use for three (RFC 7541, 4.2), and hpack looks at each."""
_ENTRY = 32
"""What each field counts for beside its bytes."""

_LINE_END = re.compile(rb"[\r\n]+")
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
_VALUE = re.compile(rb"(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?")
_METHOD = re.compile(TOKEN)
_PATH = re.compile(rb"[\x21-\x7e]+")
_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]*")
_PSEUDO = frozenset({b":method", b":scheme", b":authority", b":path", b":protocol"})
_OF_CONNECTION = frozenset({b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade"})
_URGENCY = re.compile(rb"(?:^|,)[ \t]*u=([0-7])(?=[ \t]*(?:;|,|$))")


class _Silent:
    """In place of hpack's loggers: an app that sets `logging` to DEBUG is to see its own records, and no others."""

    def debug(self, *_: object) -> None:
        pass


for _module in (hpack.hpack, hpack.table):
    vars(_module)["log"] = _Silent()


class Fault(NamedTuple):
    """What is wrong with a request."""

    reason: str
    section: str
    status: int = 0
    """With which it is answered; 0: it is malformed, and its stream is reset."""


class Request(NamedTuple):
    """A request head that breaks no rule."""

    method: bytes
    target: bytes
    headers: Headers
    """Names in lower case; `host` first (asgiref specs/www.rst), cookies in one field (RFC 9113, 8.2.3)."""
    length: int | None
    """Bytes of the body by Content-Length; None where it has none."""
    protocol: bytes
    """Of an extended CONNECT (RFC 8441); else empty."""
    expects_continue: bool
    urgency: int
    """RFC 9218, 4.1: 0 is first, 3 the default, 7 last."""

    @property
    def raw(self) -> bytes:
        """The head in the form of HTTP/1.1."""
        return written(self.method, self.target, self.headers)


class Fields(Decoder):
    """Unpacks header blocks (RFC 7541) for us; h2, whose decoder this is, gets no field of them."""

    def __init__(self) -> None:
        super().__init__()
        self.max_header_list_size = MAX_UNPACKED
        self.found: Headers = []

    def decode(self, data: bytes, raw: bool = False) -> Iterable[Any]:  # noqa: ARG002 - h2 asks for bytes
        """Keeps the fields in `found`. Raises `Broken` for the connection, whose HPACK state is lost then."""
        if _UPDATES.match(data):
            reason = "a header block that begins with more than two changes of the table's size"
            raise Broken(ErrorCodes.COMPRESSION_ERROR, reason, "RFC 7541, 4.2")
        try:
            self.found = [(bytes(name), bytes(value)) for name, value in super().decode(data, raw=True)]
        except OversizedHeaderListError:
            reason = f"a field list of more than {MAX_UNPACKED:,} bytes"
            raise Broken(ErrorCodes.ENHANCE_YOUR_CALM, reason, "10.5.1") from None
        except (HPACKError, IndexError, ValueError) as error:
            why = str(error).partition(" from ")[0].partition(":")[0] or type(error).__name__
            reason = f"a header block that is none: {why}"
            raise Broken(ErrorCodes.COMPRESSION_ERROR, reason, "4.3") from None
        return []


def written(method: bytes, target: bytes, headers: Headers) -> bytes:
    lines = [b"%s %s HTTP/2" % (method, target), *(b"%s: %s" % field for field in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def written_anyhow(fields: Headers) -> bytes:
    """As `written`, of fields that may be no request: what a refused one shows, pseudo-header fields included."""
    told = dict(fields)
    lines = [b"%s %s HTTP/2" % (told.get(b":method", b"?"), told.get(b":path", b"?"))]
    lines += [b"%s: %s" % field for field in fields]
    return b"\r\n".join(_LINE_END.sub(b" ", line) for line in lines) + b"\r\n\r\n"


def size_of(fields: Headers) -> int:
    """As SETTINGS_MAX_HEADER_LIST_SIZE counts (RFC 9113, 6.5.2)."""
    return sum(len(name) + len(value) + _ENTRY for name, value in fields)


def parse(fields: Headers, scheme: str, *, websockets: bool, ended: bool) -> Request | Fault:
    """The request that `fields` are, on a connection of `scheme`.

    `websockets`: extended CONNECT is announced. `ended`: no body follows.
    """
    if fault := _too_much(fields):
        return fault
    pseudo: dict[bytes, bytes] = {}
    regular = len(fields)
    for place, (name, value) in enumerate(fields):
        if name[:1] != b":":
            regular = place
            break
        if name not in _PSEUDO:
            return Fault(f"an unknown pseudo-header field {_shown(name)}", "RFC 9113, 8.3")
        if name in pseudo:
            return Fault(f"a second {_shown(name)}", "RFC 9113, 8.3")
        if not _VALUE.fullmatch(value):
            return _bad_value(name, value)
        pseudo[name] = value
    fault = _fields(fields[regular:]) or _pseudo(pseudo, scheme, websockets)
    if fault:
        return fault
    headers: Headers = []
    cookies = [value for name, value in fields if name == b"cookie"]
    for name, value in fields[regular:]:
        if name != b"cookie":
            headers.append((name, value))
        elif cookies:
            headers.append((name, b"; ".join(cookies)))
            cookies = []
    hosted = _host(pseudo.get(b":authority"), headers)
    if isinstance(hosted, Fault):
        return hosted
    length = _length(headers, ended)
    if isinstance(length, Fault):
        return length
    values = dict(headers)
    return Request(
        pseudo[b":method"],
        pseudo.get(b":path", b""),
        hosted,
        length,
        pseudo.get(b":protocol", b""),
        values.get(b"expect", b"").lower() == b"100-continue",
        urgency(values.get(b"priority", b"")),
    )


def trailers(fields: Headers) -> Fault | None:
    """What is wrong with a trailer section (RFC 9113, 8.1)."""
    if fault := _too_much(fields):
        return fault
    return _fields(fields)


def urgency(value: bytes) -> int:
    """That of a Priority field (RFC 9218, 5); what cannot be read is as if it were not there."""
    found = _URGENCY.findall(value)
    return int(found[-1]) if found else 3


def _too_much(fields: Headers) -> Fault | None:
    if len(fields) > MAX_FIELDS:
        return Fault(f"more than {MAX_FIELDS:,} fields", "RFC 6585, 5", 431)
    if size_of(fields) > MAX_LIST:
        return Fault(f"a field list of more than {MAX_LIST:,} bytes", "RFC 6585, 5", 431)
    return None


def _shown(name: bytes) -> str:
    return name[:60].decode("latin-1").encode("unicode_escape").decode("ascii")


def _bad_value(name: bytes, value: bytes) -> Fault:
    for byte in value:
        if (byte < 0x20 and byte != 0x09) or byte == 0x7F:
            return Fault(f"the byte 0x{byte:02x} in the value of {_shown(name)}", "RFC 9113, 8.2.1")
    return Fault(f"a blank around the value of {_shown(name)}", "RFC 9113, 8.2.1")


def _fields(fields: Headers) -> Fault | None:
    """What is wrong with regular fields (RFC 9113, 8.2)."""
    for name, value in fields:
        if not _NAME.fullmatch(name):
            if name[:1] == b":":
                return Fault(f"the pseudo-header field {_shown(name)} where none belongs", "RFC 9113, 8.3")
            what = "a field without a name" if not name else f"the field name {_shown(name)}"
            return Fault(what if name.islower() or not name else f"{what}, not in lower case", "RFC 9113, 8.2.1")
        if not _VALUE.fullmatch(value):
            return _bad_value(name, value)
        if name in _OF_CONNECTION:
            return Fault(f"the field {_shown(name)}, which is of a connection", "RFC 9113, 8.2.2")
        if name == b"te" and value.lower() != b"trailers":
            return Fault("a TE other than trailers", "RFC 9113, 8.2.2")
    return None


def _pseudo(pseudo: dict[bytes, bytes], scheme: str, websockets: bool) -> Fault | None:
    """What is wrong with the control data of a request (RFC 9113, 8.3.1 and 8.5; RFC 8441, 4)."""
    method = pseudo.get(b":method")
    if method is None:
        return Fault("no :method", "RFC 9113, 8.3.1")
    if not _METHOD.fullmatch(method):
        return Fault("a :method that is none", "RFC 9113, 8.3.1")
    if b":protocol" in pseudo and not (websockets and method == b"CONNECT"):
        why = "with another method than CONNECT" if websockets else "which was not announced"
        return Fault(f":protocol {why}", "RFC 8441, 4")
    if method == b"CONNECT" and b":protocol" not in pseudo:
        return _tunnel(pseudo)
    for name in (b":scheme", b":path"):
        if not pseudo.get(name):
            return Fault(f"no {name.decode()}", "RFC 9113, 8.3.1")
    if fault := _target(method, pseudo[b":path"]):
        return fault
    named = pseudo[b":scheme"].lower()
    if not _SCHEME.fullmatch(named):
        return Fault("a :scheme that is none", "RFC 9113, 8.3.1")
    if named not in (b"http", b"https"):
        return Fault("a :scheme that is not served", "RFC 9110, 7.4", 400)
    if named == b"https" and scheme != "https":
        return Fault("an https request on a connection without TLS", "RFC 9110, 7.4", 421)
    if len(method) > MAX_METHOD:
        return Fault(f"the method is longer than {MAX_METHOD} bytes", "RFC 9110, 9.1", 501)
    if pseudo.get(b":protocol", b"websocket") != b"websocket":
        return Fault(f"the protocol {_shown(pseudo[b':protocol'])} is not spoken here", "RFC 9220, 3", 501)
    return None


def _tunnel(pseudo: dict[bytes, bytes]) -> Fault:
    if b":scheme" in pseudo or b":path" in pseudo:
        return Fault("CONNECT with :scheme or :path", "RFC 9113, 8.5")
    if not is_host_and_port(pseudo.get(b":authority", b"")):
        return Fault("the :authority of CONNECT is no host and port", "RFC 9113, 8.5")
    return Fault("CONNECT is for proxies", "RFC 9110, 9.3.6", 501)


def _target(method: bytes, path: bytes) -> Fault | None:
    if path == b"*" and method == b"OPTIONS":
        return None
    if not path.startswith(b"/"):
        return Fault("a :path that does not begin with /", "RFC 9113, 8.3.1")
    if not _PATH.fullmatch(path) or b"#" in path:
        return Fault("a byte in :path that has to be percent-encoded", "RFC 9113, 8.3.1")
    return None


def _host(authority: bytes | None, headers: Headers) -> Headers | Fault:
    """The headers with the one that says which host is asked for in front."""
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1:
        return Fault("a second Host", "RFC 9110, 7.2")
    if authority is None and not hosts:
        return Fault("neither :authority nor Host", "RFC 9113, 8.3.1")
    host = hosts[0] if authority is None else authority
    if not is_authority(host):
        return Fault("the host that is asked for is none", "RFC 9113, 8.3.1")
    if hosts and hosts[0].lower() != host.lower():
        return Fault("a Host that differs from :authority", "RFC 9113, 8.3.1")
    return [(b"host", host), *(field for field in headers if field[0] != b"host")]


def _length(headers: Headers, ended: bool) -> int | Fault | None:
    """Bytes that the body has by its Content-Length (RFC 9113, 8.1.1)."""
    values = [value for name, value in headers if name == b"content-length"]
    if not values:
        return None
    if len(values) > 1:
        return Fault("a second Content-Length", "RFC 9110, 8.6")
    if not values[0].isdigit():
        return Fault("the value of Content-Length is no number", "RFC 9110, 8.6")
    if len(values[0]) > MAX_DIGITS or int(values[0]) > MAX_BODY:
        return Fault(f"a body of more than {MAX_BODY:,} bytes is announced", "RFC 9110, 15.5.14", 413)
    length = int(values[0])
    if ended and length:
        return Fault(f"a Content-Length of {length:,}, and no body", "RFC 9113, 8.1.1")
    return length
