"""How a request head becomes an ASGI scope or a WSGI environ.

The engine builds the app's scope and environ here, and the reader unfolds a recorded head here, so what is shown is
what the app got. Pure functions of the head and of what the connection knows.
ASGI HTTP and WebSocket scope: asgiref specs/www.rst. Environ: PEP 3333, "environ Variables".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Request:
    """A request head taken apart, and the connection it came on."""

    method: str
    target: bytes
    http_version: str
    headers: Headers
    """Names in lower case, in the order of the wire."""
    scheme: str = "http"
    client: tuple[str, int] | None = None
    server: tuple[str, int | None] | None = None
    root_path: str = ""


def parse_head(raw: bytes) -> tuple[str, bytes, str, Headers]:
    """method, target, http_version and headers of a head that a strict parser has accepted (RFC 9112, 3 and 5).

    Whatever else is given comes back in some form too: nothing here raises.
    """
    lines = raw.replace(b"\r\n", b"\n").strip(b"\n").split(b"\n")
    method, _, rest = lines[0].partition(b" ")
    target, _, version = rest.rpartition(b" ")
    headers: Headers = []
    for line in lines[1:]:
        if line[:1] in (b" ", b"\t") and headers:  # obs-fold
            name, value = headers[-1]
            headers[-1] = (name, value + b" " + line.strip(b" \t"))
            continue
        name, _, value = line.partition(b":")
        headers.append((name.lower(), value.strip(b" \t")))
    headers = with_host_of(target, headers)
    return method.decode("latin-1"), target, version.rpartition(b"/")[2].decode("latin-1"), headers


def with_host_of(target: bytes, headers: Headers) -> Headers:
    """The headers that hold for `target`: an absolute-form sets aside what Host says (RFC 9112, 3.2.2)."""
    scheme, found, rest = target.partition(b"://")
    if not found or scheme.lower() not in (b"http", b"https"):
        return headers
    host = rest.partition(b"/")[0].partition(b"?")[0]
    if not any(name == b"host" for name, _ in headers):
        return [(b"host", host), *headers]
    return [(name, host if name == b"host" else value) for name, value in headers]


def split_target(target: bytes) -> tuple[bytes, bytes]:
    """The raw path and the query string of a request target; an absolute-form loses its authority (RFC 9112, 3.2)."""
    path, _, query = target.partition(b"?")
    if not path.startswith((b"/", b"*")) and b"://" in path:
        _, slash, tail = path.partition(b"://")[2].partition(b"/")
        path = slash + tail or b"/"
    return path, query.partition(b"#")[0]


def asgi_scope(request: Request, kind: str) -> dict[str, Any]:
    """The scope of an `http` or `websocket` connection, but for `asgi`, `extensions`, `state` (the run's own)."""
    raw_path, query = split_target(request.target)
    path = request.root_path + unquote_to_bytes(raw_path).decode("utf-8", "replace")
    scheme = request.scheme
    scope: dict[str, Any] = {
        "type": kind,
        "http_version": request.http_version,
        "server": request.server,
        "client": request.client,
        "scheme": scheme,
        "method": request.method,
        "root_path": request.root_path,
        "path": path,
        "raw_path": request.root_path.encode("utf-8") + raw_path,
        "query_string": query,
        "headers": request.headers,
    }
    if kind == "websocket":
        del scope["method"]
        scope["scheme"] = "wss" if scheme == "https" else "ws"
        scope["subprotocols"] = [
            part.strip().decode("latin-1")
            for name, value in request.headers
            if name == b"sec-websocket-protocol"
            for part in value.split(b",")
        ]
    return scope


def _named(request: Request) -> tuple[str, int]:
    """Host and port by the Host header; else localhost and the scheme's port."""
    given = next((value for name, value in request.headers if name == b"host"), b"").decode("latin-1")
    name, colon, port = given.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()):
        name, port = given, ""
    return name or "localhost", int(port[:5]) if port else 443 if request.scheme == "https" else 80


def wsgi_environ(request: Request) -> dict[str, Any]:
    """The CGI variables of PEP 3333 as native strings of latin-1; the `wsgi.*` keys are the run's own.

    A header whose name has an underscore is left out: it could not be told from one with a hyphen.
    """
    raw_path, query = split_target(request.target)
    path = unquote_to_bytes(raw_path).decode("latin-1")
    script = request.root_path.encode("utf-8").decode("latin-1")
    if script and (path == script or path.startswith(script + "/")):
        path = path[len(script) :]
    host, port = request.server or ("", None)
    unix = bool(host) and port is None
    if unix:  # a path is no name of a server: it goes by the one that the client used
        host, port = _named(request)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": script,
        "PATH_INFO": path,
        "QUERY_STRING": query.decode("latin-1"),
        "REQUEST_URI": request.target.decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": "" if port is None else str(port),
        "SERVER_PROTOCOL": f"HTTP/{request.http_version}",
    }
    if request.scheme == "https":
        environ["HTTPS"] = "on"
    if unix:
        environ["REMOTE_ADDR"] = ""
    if request.client:
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = request.client[0], str(request.client[1])
    for name, value in request.headers:
        if b"_" in name:
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = "HTTP_" + key
        text = value.decode("latin-1")
        if key in environ:
            text = environ[key] + ("; " if key == "HTTP_COOKIE" else ", ") + text
        environ[key] = text
    return environ
