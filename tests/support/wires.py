"""What a wire makes of bytes, told so that it can be compared: with another split of them, and with h11 alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import h11

from inspector.engine.stream import BodyReceived, Refused, RequestHead, ResponseBody, ResponseHead
from inspector.engine.wire.http1 import HTTP1
from inspector.trace.scope import Headers


class Got(NamedTuple):
    """A request, as far as it came."""

    method: bytes
    target: bytes
    headers: Headers
    body: bytes
    complete: bool

    @property
    def words(self) -> bytes:
        return b"%s %s %s" % (self.method, self.target, self.body)


class Read(NamedTuple):
    """The requests of a connection, and what ended it: the status, section and offset of a refusal, or nothing."""

    requests: list[Got]
    refused: tuple[int, str, int | None] | None = None
    raw: bytes = b""
    closed: bool = False
    """No further request would have been served."""


def read(parts: Iterable[bytes]) -> Read:
    """Feed the parts to a wire of ours, answering each request with 200."""
    wire, requests = HTTP1(), []
    for t_ns, part in enumerate(parts, 1):
        wire.receive_data(part, t_ns)
        while (event := wire.next_event()) is not None:
            if isinstance(event, RequestHead):
                assert event.raw.endswith(b"\r\n\r\n")
                requests.append(Got(event.method.encode(), event.target, event.headers, b"", complete=False))
            elif isinstance(event, Refused):
                return Read(requests, (event.status, event.section, event.offset), event.excerpt or event.raw)
            else:
                assert isinstance(event, BodyReceived)
                last = requests[-1]
                requests[-1] = last._replace(body=last.body + event.data, complete=not event.more)
                if not event.more:
                    wire.send_head(wire.prepare(ResponseHead(200, [(b"content-length", b"0")])))
                    wire.send_body(ResponseBody(b"", False))
                    if not wire.reusable:
                        return Read(requests, closed=True)
                    wire.next_cycle()
    return Read(requests)


def read_by_h11(data: bytes) -> Read:
    """The same by h11 alone, all bytes at once. A refusal has its words in place of a section."""
    peer, requests = h11.Connection(h11.SERVER, max_incomplete_event_size=64 * 1024), []
    peer.receive_data(data)
    try:
        while True:
            event = peer.next_event()
            if event is h11.NEED_DATA or isinstance(event, h11.ConnectionClosed):
                return Read(requests)
            if isinstance(event, h11.Request):
                requests.append(Got(event.method, event.target, list(event.headers), b"", complete=False))
            elif isinstance(event, h11.Data):
                requests[-1] = requests[-1]._replace(body=requests[-1].body + bytes(event.data))
            elif event is h11.PAUSED or isinstance(event, h11.EndOfMessage):
                requests[-1] = requests[-1]._replace(complete=True)
                # Not 200, which would turn a CONNECT into a tunnel.
                peer.send(h11.Response(status_code=404, headers=[("content-length", "0")]))
                peer.send(h11.EndOfMessage())
                if peer.our_state is not h11.DONE:
                    return Read(requests, closed=True)
                if peer.their_state is h11.DONE:
                    peer.start_next_cycle()
    except h11.RemoteProtocolError as error:
        return Read(requests, (error.error_status_hint, str(error), None))
