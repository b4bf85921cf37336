"""The smallest WSGI app (PEP 3333): a callable that takes the environ, starts the response and returns the body."""


def app(environ, start_response):
    body = b"Hello, world!\n"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
