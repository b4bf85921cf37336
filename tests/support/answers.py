"""Answers of servers, made comparable: what differs by nature between two servers is taken out, and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx

_BY_NATURE = frozenset(("date", "server", "connection"))
"""What the server says of itself and of its connection."""
_SECRETS = re.compile(r"((?:csrftoken|sessionid|messages|expires)=|value=\")(?!\"\";)([^;\"]{20,}|\"[^\"]+\")")
"""Django's tokens and signatures, and when a cookie ends."""
_SIGNED = re.compile(r"(session=[^.;]+)\.[^;]+")
"""Flask's session: what is in it, then the second in which it was signed, and the signature."""


@dataclass(frozen=True)
class Answer:
    """A response as the app decided it: the address of the server is put down as HOST."""

    status: int
    headers: list[tuple[str, str]]
    """By name, those of one name in their order."""
    body: bytes


def answer(response: httpx.Response) -> Answer:
    host = response.request.url.netloc

    def shown(text: str) -> str:
        return _SIGNED.sub(r"\1.SIGNED", _SECRETS.sub(r"\1SECRET", text.replace(host.decode(), "HOST")))

    headers = [(name.decode().lower(), shown(value.decode("latin-1"))) for name, value in response.headers.raw]
    headers = [(name, "LATER" if name == "expires" else value) for name, value in headers]
    kept = sorted((pair for pair in headers if pair[0] not in _BY_NATURE), key=lambda pair: pair[0])
    return Answer(response.status_code, kept, shown(response.content.decode("latin-1")).encode("latin-1"))


def ask(url: str, method: str, path: str, **options: Any) -> Answer:
    """One request on a connection of its own; redirects are answers."""
    # Without `verify` certificates would be loaded each time, for nothing.
    with httpx.Client(base_url=url, trust_env=False, timeout=30.0, verify=False) as client:
        return answer(client.request(method, path, **options))
