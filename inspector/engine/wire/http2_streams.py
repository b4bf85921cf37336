"""The state of one HTTP/2 connection: its streams, its h2, its budget, and the ways in which they end.

h2 has the state machines (RFC 9113, 5.1), the windows (5.2) and HPACK; `Open` what we count beside them. The limit of
streams is ours, so that one too many is refused and no more (5.1.2), and so is GOAWAY, because for h2 everything is
over with it, where what is under way is to go on (6.8).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Union

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import StreamClosedError
from h2.settings import SettingCodes, Settings

from inspector.engine.stream import BodyReceived, ClientGone, Disconnected, Refused, RequestHead
from inspector.engine.wire import calm, http2_frames, http2_head
from inspector.engine.wire.http2_frames import Broken
from inspector.engine.wire.http2_sending import Prepared, Sending, Turns
from inspector.engine.wire.refusal import MAX_RAW

MAX_STREAMS = 100
"""Requests of a client at once; it is announced."""
STREAM_WINDOW = 128 * 1024
"""Bytes of a body that a client may send before the app has taken any."""
CONNECTION_WINDOW = 1024 * 1024
NO_PRIORITIES = 0x9
"""SETTINGS_NO_RFC7540_PRIORITIES (RFC 9218, 2.1)."""

FromClient = Union[RequestHead, BodyReceived, Disconnected, Refused]  # noqa: UP007 - evaluated at run time, on 3.10


class _H2(H2Connection):
    MAX_CLOSED_STREAMS = 1024


@dataclass
class Open:
    """A request that is not over on both sides."""

    sending: Sending
    length: int | None
    """Of the request's body, where it is told."""
    received: int = 0
    due: int = 0
    """Bytes that the app has taken, and by which the window was not opened yet."""
    request_done: bool = False
    lingers: bool = False
    """A client's half that is still open when the response is over stays so (RFC 8441, 5)."""


class Streams:
    """What both directions of a connection share."""

    def __init__(self, scheme: str = "http", *, websockets: bool = False) -> None:
        self.over = False
        """A rule of the connection was broken; nothing more is read."""
        self.leaving = False
        """GOAWAY was sent: what is under way ends, nothing new begins."""
        self._scheme = scheme
        self._websockets = websockets
        self._reader = http2_frames.FrameReader()
        self._fields = http2_head.Fields()
        self._calm = calm.Calm()
        self._turns = Turns()
        self._streams: dict[int, Open] = {}
        self._running: set[int] = set()
        self._ghosts: set[int] = set()
        """Streams that were reset, and whose app still runs: resetting does not make room for more of them."""
        self._events: deque[tuple[int, FromClient]] = deque()
        self._wired: list[int] = []
        self._connection_due = 0
        self._client_leaves = False
        self._t_ns = self._since_ns = 0
        self._out = bytearray()
        """Frames that h2 does not make."""
        self._h2 = self._begin()

    def _begin(self) -> _H2:
        h2 = _H2(
            H2Configuration(
                client_side=False,
                validate_inbound_headers=False,
                normalize_inbound_headers=False,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        ours = {
            SettingCodes.MAX_CONCURRENT_STREAMS: MAX_STREAMS,
            SettingCodes.INITIAL_WINDOW_SIZE: STREAM_WINDOW,
            SettingCodes.MAX_HEADER_LIST_SIZE: http2_head.MAX_LIST,
        }
        if self._websockets:
            ours[SettingCodes.ENABLE_CONNECT_PROTOCOL] = 1
        h2.local_settings = Settings(client=False, initial_values=ours)
        h2.local_settings[NO_PRIORITIES] = 1
        h2.local_settings.acknowledge()
        h2.decoder = self._fields
        h2.max_inbound_frame_size = 2**24 - 1  # header blocks come in one piece
        h2.initiate_connection()
        h2.local_settings[SettingCodes.MAX_CONCURRENT_STREAMS] = 2**31 - 1  # counted here
        h2.local_settings.acknowledge()
        h2.increment_flow_control_window(CONNECTION_WINDOW - 65_535)
        h2.receive_data(http2_frames.PREFACE)
        return h2

    def _spend(self, cost: int, what: str) -> None:
        if not self._calm.spend(cost, self._t_ns):
            raise Broken(ErrorCodes.ENHANCE_YOUR_CALM, f"too many frames that ask for nothing, the last {what}", "10.5")

    def _is_idle(self, stream: int) -> bool:
        h2 = self._h2
        return stream > (h2.highest_inbound_stream_id if stream % 2 else h2.highest_outbound_stream_id)

    def _open(self, stream: int) -> Open:
        opened = self._streams.get(stream)
        if opened is None:
            raise ClientGone("the client has left")
        return opened

    def send_head(self, stream: int, head: Prepared, *, ends: bool = False, lingers: bool = False) -> None:
        """A response head; `ends`: no body follows."""
        fields = [(b":status", b"%d" % head.status), *head.headers]
        self._h2.send_headers(stream, fields, end_stream=ends)
        opened = self._streams.get(stream)
        if opened is not None:
            opened.sending.begin(head)
            opened.lingers = lingers
            if ends:
                opened.sending.ended = True
                self._sent_end(stream, opened)

    def _sent_end(self, stream: int, opened: Open) -> None:
        self._calm.earn(calm.ANSWERED)
        if opened.request_done:
            self._drop(stream)
        elif not opened.lingers:  # the rest of the request is of no use (RFC 9113, 8.1)
            self._drop(stream)
            self._h2.reset_stream(stream, ErrorCodes.NO_ERROR)

    def reset(self, stream: int, code: int) -> None:
        """RST_STREAM: what waits of the response is dropped."""
        if stream in self._streams:
            self._drop(stream)
            if stream in self._running:
                self._ghosts.add(stream)
            try:
                self._h2.reset_stream(stream, code)
            except StreamClosedError:
                pass

    def _lose(self, stream: int, reason: str) -> None:
        if stream in self._streams:
            self._drop(stream)
            if stream in self._running:
                self._ghosts.add(stream)
            self._events.append((stream, Disconnected(reason=reason, t_ns=self._t_ns)))

    def _drop(self, stream: int) -> None:
        self._streams.pop(stream, None)
        self._turns.drop(stream)

    def _took(self, stream: int, opened: Open, size: int) -> None:
        opened.due += size
        if opened.due >= STREAM_WINDOW // 2 and not opened.request_done:
            self._h2.increment_flow_control_window(opened.due, stream)
            opened.due = 0

    def end(self, broken: Broken) -> None:
        """End the connection: GOAWAY, and nothing more is read or sent. Its streams are told by the caller."""
        self.over = True
        ending = f"the connection was ended with {name_of(broken.code)}"
        raw = self._reader.raw[:MAX_RAW]
        refused = Refused(0, broken.reason, b"", self._t_ns, section=broken.section, excerpt=raw, ending=ending)
        self._events.append((0, refused))
        self._say_goodbye(broken.code, broken.reason)
        self._streams.clear()
        self._turns = Turns()

    def _say_goodbye(self, code: int, reason: str) -> None:
        last = self._h2.highest_inbound_stream_id
        self._out += self._h2.data_to_send()
        payload = last.to_bytes(4, "big") + code.to_bytes(4, "big") + reason.encode("utf-8", "replace")[:200]
        self._out += http2_frames.frame(http2_frames.GOAWAY, 0, 0, payload)


def name_of(code: object) -> str:
    """An error code by its name (RFC 9113, 7)."""
    try:
        return ErrorCodes(int(code)).name  # type: ignore[call-overload]
    except ValueError:
        return f"0x{code:x}"
