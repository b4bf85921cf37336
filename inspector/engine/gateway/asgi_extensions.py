"""What the extensions of ASGI let an app send for an HTTP response (asgiref docs/extensions.rst), checked."""

from __future__ import annotations

import os
import stat
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from inspector.engine.gateway.asgi_messages import bytes_of, headers_of
from inspector.engine.stream import AppMistake, EarlyHint, ResponseTrailers, Stream
from inspector.trace import values

_PATH = "/?:@!$&'()*+,;="
"""What may stand in a path as it is; a query that an app has put behind it stays one."""


def push(stream: Stream, message: dict[str, Any]) -> None:
    """`http.response.push`. Does nothing where the client has said meanwhile that it wants none."""
    path = text_of(message, "path")
    if "http.response.push" in stream.extensions:
        stream.push(quote(path, _PATH).encode("ascii"), headers_of(message))


def hint_of(message: dict[str, Any]) -> EarlyHint:
    """`http.response.early_hint`."""
    try:
        return EarlyHint([bytes_of(link, "a link") for link in message.get("links") or ()])
    except TypeError:
        raise AppMistake(f'"links" is an iterable of bytes, not {values.type_name(message["links"])}') from None


def trailers_of(message: dict[str, Any], before: ResponseTrailers) -> ResponseTrailers:
    """`http.response.trailers`, behind those of messages `before`."""
    return ResponseTrailers([*before.headers, *headers_of(message)])


class OpenFile:
    """The file of `http.response.pathsend`; the head promises `length` bytes, if any number."""

    def __init__(self, message: dict[str, Any], length: int | None) -> None:
        """Raises `AppMistake` where there is none to send, or one of another length."""
        path = text_of(message, "path")
        if not PurePath(path).is_absolute():
            raise AppMistake(f'"path" is absolute, not {path[:200]!r}')
        try:
            self.fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
        except (OSError, ValueError) as error:
            what = (error.strerror or str(error)) if isinstance(error, OSError) else "it has a zero byte"
            raise AppMistake(f"{path[:200]} cannot be sent: {what.lower()}") from None
        facts = os.fstat(self.fd)
        self.size = facts.st_size
        problem = ""
        if not stat.S_ISREG(facts.st_mode):
            problem = f"{path[:200]} cannot be sent: it is no file"
        elif length not in (None, self.size):
            problem = f"the file has {self.size:,} bytes, and Content-Length says {length:,}"
        if problem:
            self.close()
            raise AppMistake(problem)

    def close(self) -> None:
        os.close(self.fd)


def text_of(message: dict[str, Any], key: str) -> str:
    found = message.get(key)
    if not isinstance(found, str):
        raise AppMistake(f'"{key}" is a str, not {values.type_name(found)}')
    return found
