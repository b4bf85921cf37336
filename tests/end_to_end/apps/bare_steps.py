"""An ASGI app that prints, has a lifespan, and dies where it is told to."""

import os

print("imported")


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    print("asked", scope["path"])
    if scope["path"] == "/die":
        os._exit(7)
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-mine", b"1")]})
    await send({"type": "http.response.body", "body": b"said " + message["body"]})
