"""Whether a WebSocket's client is still there (RFC 6455, 5.5.2), sans-IO: the caller brings the time.

A client that is silent is pinged; one that stays silent has gone. Whatever comes from it is a sign of life, not its
pong alone, because a pong waits behind the frame that is being sent.
"""

from __future__ import annotations

PING, GONE = "ping", "gone"


class KeepAlive:
    """`interval_ns` of silence until a ping (0: none is sent), `timeout_ns` after it until the client counts as gone
    (0: it never does)."""

    def __init__(self, interval_ns: int, timeout_ns: int, t_ns: int = 0) -> None:
        self._interval_ns = interval_ns
        self._timeout_ns = timeout_ns
        self._since_ns = t_ns
        self._pinged_ns = 0

    def heard(self, t_ns: int) -> None:
        """The client gave a sign of life at `t_ns`, or nobody has listened to it until then."""
        self._since_ns = t_ns
        self._pinged_ns = 0

    def due(self, now_ns: int) -> str:
        """What has to be done at `now_ns`: PING, GONE, or nothing; each is told once."""
        if not self._interval_ns:
            return ""
        if self._pinged_ns and self._timeout_ns and now_ns - self._pinged_ns >= self._timeout_ns:
            self._interval_ns = 0
            return GONE
        if self._pinged_ns and self._timeout_ns:
            return ""
        if now_ns - max(self._since_ns, self._pinged_ns) >= self._interval_ns:
            self._pinged_ns = now_ns
            return PING
        return ""
