"""A WSGI app without any framework."""

from pathlib import Path
from wsgiref.validate import validator

PLAIN = [("Content-Type", "text/plain; charset=utf-8")]


def hello(environ, start_response):
    body = b"Hello from " + environ["PATH_INFO"].encode("latin-1")
    start_response("200 OK", [*PLAIN, ("Content-Length", str(len(body)))])
    return [body]


def stream(environ, start_response):
    start_response("200 OK", PLAIN)
    for number in range(3):
        yield f"line {number}\n".encode()


def echo(environ, start_response):
    data = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start_response(
        "201 Created",
        [("Content-Type", environ["CONTENT_TYPE"]), ("Content-Length", str(len(data))), ("X-Two", "1"), ("X-Two", "2")],
    )
    return [data]


def writes(environ, start_response):
    write = start_response("200 OK", PLAIN)
    write(b"written, ")
    return [b"then returned"]


def nothing(environ, start_response):
    start_response("204 No Content", [])
    return []


def file(environ, start_response):
    size = Path(__file__).stat().st_size
    start_response("200 OK", [*PLAIN, ("Content-Length", str(size))])
    return environ["wsgi.file_wrapper"](Path(__file__).open("rb"), 1024)


def told(environ, start_response):
    names = (
        "REQUEST_METHOD",
        "SCRIPT_NAME",
        "PATH_INFO",
        "QUERY_STRING",
        "SERVER_PROTOCOL",
        "HTTP_X_A",
        "wsgi.url_scheme",
    )
    body = "\n".join(f"{name}={environ.get(name)!r}" for name in names).encode()
    start_response("200 OK", [*PLAIN, ("Content-Length", str(len(body)))])
    return [body]


PAGES = {"/stream": stream, "/echo": echo, "/writes": writes, "/nothing": nothing, "/file": file, "/told": told}


def app(environ, start_response):
    return PAGES.get(environ["PATH_INFO"], hello)(environ, start_response)


validated = validator(app)
