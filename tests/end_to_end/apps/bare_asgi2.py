"""An ASGI 2 app without any framework: a class of one argument, whose instances are awaited with receive and send."""


class App:
    def __init__(self, scope):
        self.scope = scope

    async def __call__(self, receive, send):
        if self.scope["type"] == "websocket":
            await self.talk(receive, send)
            return
        body, more = b"", self.scope["method"] == "POST"
        while more:
            message = await receive()
            body += message["body"]
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": [[b"content-type", b"text/plain"]]})
        await send({"type": "http.response.body", "body": self.scope["path"].encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b" " + body})

    async def talk(self, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        message = await receive()
        while message["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"].upper()})
            message = await receive()


app = App
