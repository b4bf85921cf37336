"""The smallest ASGI app: a coroutine that takes the scope, receives the request's messages and sends the response's."""


async def app(scope, receive, send):
    assert scope["type"] == "http"
    body = b"Hello, world!\n"
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
