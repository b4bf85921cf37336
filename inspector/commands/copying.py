"""Exchanges as text for the clipboard. `json` is the shape of `show --json`, and lies with it (`recording.export`)."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from urllib.parse import quote

from inspector.recording.rows import ExchangeRow

_BY_CURL = {"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "expect"}
"""Headers that curl writes by itself, and better."""
_AGENT_DEFAULT = ("accept", "*/*")


def is_unix(address: str) -> bool:
    """The address of a Unix socket, `unix:PATH`, as sessions tell it: no URL that a browser knows."""
    return address.startswith("unix:")


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


def curl(row: ExchangeRow, headers: list[tuple[str, str]], body: bytes, trusted: bool = True, socket: str = "") -> str:
    """A curl command that makes the same request, for a POSIX shell; with -k where the server's certificate is not
    `trusted`; by the Unix socket at the path `socket`, where there is one.

    A body that is no UTF-8 goes through printf, because an argument cannot carry a zero byte.
    """
    address = url(row).replace("ws", "http", 1) if row.kind == "websocket" else url(row)
    words = ["curl"] if trusted else ["curl", "-k"]
    if socket:
        words += ["--unix-socket", socket]
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


def aligned(titles: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> str:
    """A table to be read: columns as wide as what stands in them, two blanks apart; `right`: figures stand there."""
    lines = [titles, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    told = (
        "  ".join(
            text.rjust(width) if side else text.ljust(width)
            for text, width, side in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )
    return "\n".join(told) + "\n"


def tsv(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for a program: tabs between, titles first. No cell holds a tab or the end of a line."""
    return "".join("\t".join(line) + "\n" for line in [titles, *rows])
