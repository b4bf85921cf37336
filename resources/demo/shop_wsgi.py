"""The tea shop as a WSGI app (PEP 3333), with nothing but the standard library.

A worker thread calls `app` with the environ. What `app` returns is iterated for the body, and closed at the end.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import hello_wsgi
import shop

Environ = dict[str, Any]
StartResponse = Callable[..., Callable[[bytes], object]]


def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    if path == "/hello":
        return hello_wsgi.app(environ, start_response)
    if path == "/shop.css":
        return style(environ, start_response)
    if path == "/prices.csv":
        return prices(start_response)
    if path == "/upload" and method == "POST":
        return send(start_response, upload(environ), method)
    if path == "/slow":
        time.sleep(shop.SLOW_SECONDS)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    reply = shop.answer(method, path, environ.get("QUERY_STRING", ""), environ.get("HTTP_COOKIE", ""), body)
    if reply.status == 404:
        print("not found:", path, file=environ["wsgi.errors"])
    return send(start_response, reply, method)


def send(start_response: StartResponse, reply: shop.Reply, method: str) -> list[bytes]:
    start_response(f"{reply.status} {shop.reason(reply.status)}", reply.headers)
    return [] if method == "HEAD" else [reply.body]


def style(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """A file: the server may have a faster way to send it than reading it here."""
    size = shop.STYLE.stat().st_size
    start_response("200 OK", [("content-type", "text/css"), ("content-length", str(size))])
    return environ["wsgi.file_wrapper"](shop.STYLE.open("rb"))


def prices(start_response: StartResponse) -> Iterator[bytes]:
    """A body of unknown length: one chunk at a time, as they come."""
    start_response("200 OK", [("content-type", "text/csv; charset=utf-8")])
    for line in shop.price_list():
        yield line.encode()
        time.sleep(shop.CHUNK_SECONDS)


def upload(environ: Environ) -> shop.Reply:
    """A body of any size, read piece by piece to its end."""
    size, digest = 0, hashlib.sha256()
    while piece := environ["wsgi.input"].read(65536):
        size += len(piece)
        digest.update(piece)
    return shop.received(size, digest.hexdigest())
