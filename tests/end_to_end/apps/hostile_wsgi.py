"""A WSGI app that does what it should not."""

import os
import threading

PLAIN = [("Content-Type", "text/plain")]
never = threading.Event()


def app(environ, start_response):
    path = environ["PATH_INFO"]
    write = start_response("200 OK", PLAIN)
    if path == "/leave":
        write(b"nearly there")
        os._exit(3)
    if path == "/never":
        never.wait()
    if path.startswith("/stream"):
        return iter(lambda: b"data: again\n\n", None)
    return [b"ok"]
