"""The gateway to an ASGI app: http and websocket, with the lifespan's state."""

from __future__ import annotations

from typing import Any

from inspector.engine.gateway.asgi_http import serve_http
from inspector.engine.gateway.asgi_messages import OwnKeys
from inspector.engine.gateway.asgi_websocket import EXTENSIONS, serve_websocket
from inspector.engine.probe.tap import Exchange
from inspector.engine.stream import Stream
from inspector.trace.scope import Request


class ASGIGateway:
    """Calls an ASGI 3 (or 2) app. `state` is the dict that the lifespan could fill; None: there was no lifespan."""

    speaks_websocket = True

    def __init__(self, app: Any, interface: str, state: dict[str, Any] | None = None) -> None:
        self.interface = interface
        self._app = app
        self._state = state
        self._http: dict[frozenset[str], OwnKeys] = {}
        self._websocket = OwnKeys(EXTENSIONS, state)

    async def serve(self, stream: Stream, exchange: Exchange, request: Request, websocket: bool) -> None:
        if websocket:
            own = self._websocket.over(stream.security)
            await serve_websocket(self._app, self.interface, stream, exchange, request, own)
        else:
            extensions = stream.extensions
            if extensions not in self._http:
                self._http[extensions] = OwnKeys(sorted(extensions), self._state)
            own = self._http[extensions].over(stream.security)
            await serve_http(self._app, self.interface, stream, exchange, request, own)
