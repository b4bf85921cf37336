"""What answers while there is no app: a 503 whose page says why, with the traceback."""

from __future__ import annotations

from html import escape

from inspector.engine.probe.tap import Exchange
from inspector.engine.stream import ClientGone, ResponseBody, ResponseHead, Stream
from inspector.trace.scope import Request

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>503: {title}</title>
<style>body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 60em; margin: 3em auto; padding: 0 1em }}
pre {{ overflow: auto; padding: 1em; border: 1px solid #8886; border-radius: 6px }}</style>
<h1>{title}</h1>
<p>{hint}</p>
<pre>{text}</pre>
<p>Inspector answers here because the app cannot. Save a file, or restart the app, and it is tried again.</p>
</html>
"""


class UnavailableGateway:
    """Answers each request with 503 (RFC 9110, 15.6.4)."""

    interface = ""
    speaks_websocket = False

    def __init__(self, title: str, hint: str, text: str) -> None:
        self._title = title
        self._page = _PAGE.format(title=escape(title), hint=escape(hint), text=escape(text)).encode("utf-8", "replace")

    async def serve(self, stream: Stream, exchange: Exchange, _request: Request, _websocket: bool) -> None:
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", b"%d" % len(self._page)),
            (b"cache-control", b"no-store"),
            (b"retry-after", b"1"),
        ]
        try:
            stream.put(ResponseHead(503, headers))
            stream.put(ResponseBody(self._page, False))
        except ClientGone:
            exchange.end("client left", "the client left before it was answered")
        else:
            exchange.end("refused", f"answered with 503: {self._title}", 503)
