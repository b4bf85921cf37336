"""What a trusted proxy says of its client: X-Forwarded-For and X-Forwarded-Proto, read as uvicorn reads them.

Off unless `--forwarded-allow-ips` names whom to believe: a list of addresses, networks (CIDR) and names, or `*`. Only a
connection from one of them may say so. Of the addresses in X-Forwarded-For, each proxy's own behind those it was told,
the client is the last that is not believed itself; where all are, the first. Its port is not known: 0.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Union

from inspector.trace.scope import Headers

SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
Address = tuple[str, int]
Origin = tuple[Union[Address, None], str, dict[str, Union[str, None]]]  # noqa: UP007 - evaluated at run time, on 3.10


class Trusted:
    """Whom to believe."""

    def __init__(self, allowed: str) -> None:
        """`allowed`: a list with commas."""
        names = [name.strip() for name in allowed.split(",") if name.strip()]
        self._everybody = "*" in names
        self._names = frozenset(names)
        self._networks = [network for name in names if (network := _network(name)) is not None]

    def __bool__(self) -> bool:
        return bool(self._names)

    def __contains__(self, host: str) -> bool:
        if self._everybody or host in self._names:
            return True
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks)

    def origin(self, client: Address | None, scheme: str, headers: Headers) -> Origin:
        """Client and scheme as the app is to see them; and what of the connection's own this replaces, for the
        record: `client` ("host:port", None: a Unix socket) and `scheme`."""
        if not self or (client[0] if client else "") not in self:
            return client, scheme, {}
        replaced: dict[str, str | None] = {}
        found = dict(headers)  # of several the last one
        named = SCHEMES.get(found.get(b"x-forwarded-proto", b"").decode("latin-1").strip())
        if named and named != scheme:
            replaced["scheme"] = scheme
        hosts = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
        told = self._client_of([_host(host) for host in hosts.split(",")])
        if told:
            replaced["client"] = f"{client[0]}:{client[1]}" if client else None
        return (told, 0) if told else client, named or scheme, replaced

    def _client_of(self, hosts: list[str]) -> str:
        if not self._everybody:
            for host in reversed(hosts):
                if host not in self:
                    return host
        return hosts[0]


def _network(name: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(name, strict=False)
    except ValueError:
        return None


def _host(text: str) -> str:
    """An entry of X-Forwarded-For without its port: "1.2.3.4:5", "[::1]:5"."""
    text = text.strip()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
