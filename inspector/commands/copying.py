"""Exchanges as text for the clipboard."""

from __future__ import annotations

import shlex
from urllib.parse import quote

from inspector.recording.rows import ExchangeRow

_BY_CURL = {"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "expect"}
"""Headers that curl writes by itself, and better."""
_AGENT_DEFAULT = ("accept", "*/*")


def target(row: ExchangeRow) -> str:
    """Path and query as they can stand in a URL."""
    path = quote(row.path, safe="/%:@!$&'()*+,;=~-._")
    return f"{path}?{row.query}" if row.query else path


def url(row: ExchangeRow) -> str:
    """The absolute URL of the request."""
    scheme = row.scheme or "http"
    if row.kind == "websocket":
        scheme = {"http": "ws", "https": "wss"}.get(scheme, scheme)
    return f"{scheme}://{row.host}{target(row)}"


def curl(row: ExchangeRow, headers: list[tuple[str, str]], body: bytes) -> str:
    """A curl command that makes the same request, for a POSIX shell.

    A body that is no UTF-8 goes through printf, because an argument cannot carry a zero byte.
    """
    address = url(row).replace("ws", "http", 1) if row.kind == "websocket" else url(row)
    words = ["curl"]
    if set("[]{}").intersection(address):
        words.append("--globoff")
    if "/./" in f"{row.path}/" or "/../" in f"{row.path}/":
        words.append("--path-as-is")
    if row.method == "HEAD":
        words.append("--head")
    elif row.method != ("POST" if body else "GET"):
        words += ["-X", row.method]
    words.append(address)
    for name, value in headers:
        lowered = name.lower()
        if lowered not in _BY_CURL and (lowered, value) != _AGENT_DEFAULT:
            words += ["-H", f"{name}: {value}" if value else f"{name};"]
    if not body:
        return shlex.join(words)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" not in text:
        return shlex.join([*words, "--data-raw", text])
    octets = "".join(f"\\{octet:03o}" for octet in body)
    return f"printf '{octets}' | {shlex.join([*words, '--data-binary', '@-'])}"
