"""Hosts and ports as bytes (RFC 3986, 3.2): what may stand in Host, in an absolute target, and in that of CONNECT."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

_NAME = re.compile(rb"(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*(?::[0-9]*)?")
_LITERAL = re.compile(rb"\[([0-9A-Fa-f:.]+|v[0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+)\](?::[0-9]*)?", re.IGNORECASE)
_PORT = re.compile(rb":([0-9]{1,5})\Z")


def is_authority(value: bytes) -> bool:
    """`uri-host [ ":" port ]` (RFC 9110, 7.2): no user, no path; both may be empty."""
    if _NAME.fullmatch(value):
        return True
    literal = _LITERAL.fullmatch(value)
    if literal is None:
        return False
    if literal[1][:1] in b"vV":
        return True
    try:
        IPv6Address(literal[1].decode("ascii"))
    except AddressValueError:
        return False
    return True


def is_host_and_port(value: bytes) -> bool:
    """`uri-host ":" port` (RFC 9112, 3.2.3), with a host and a port that there can be."""
    port = _PORT.search(value)
    return port is not None and port.start() > 0 and 0 < int(port[1]) < 65_536 and is_authority(value)
