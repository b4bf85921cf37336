"""What a client may ask of an HTTP/2 connection for nothing in return (RFC 9113, 10.5): a budget, sans-IO.

Many frames cost the server work or memory and the client almost nothing: a PING, a SETTINGS, an empty DATA, a request
that is reset at once (CVE-2023-44487). Each of them is lawful, so only their number tells. They are paid for out of one
budget, which fills again with time and with what the connection is good for: requests that are answered, bytes that go
out. Who has spent it is asked to calm down (ENHANCE_YOUR_CALM), and the connection ends.
"""

from __future__ import annotations

FULL = 1000
PER_SECOND = 50

PING = 1
PRIORITY = 1
WINDOW_UPDATE = 1
UNKNOWN = 1
CONTINUATION = 2
EMPTY_DATA = 2
SETTINGS = 5
RESET = 5
"""A request that the client sent and does not want any more."""
MISTAKE = 10
"""A request that we had to reset (CVE-2025-8671), or a frame for a stream that is over."""

ANSWERED = 5
"""What a whole response gives back."""
DATA_SENT = 2
"""What a DATA frame gives back: the client will have to open its windows for it."""


class Calm:
    """One connection's budget."""

    def __init__(self) -> None:
        self._left = float(FULL)
        self._since_ns = 0

    def spend(self, cost: int, t_ns: int) -> bool:
        """Pay for a frame that came at `t_ns`. False: there is nothing left to pay with."""
        if t_ns > self._since_ns:
            if self._since_ns:
                self.earn((t_ns - self._since_ns) * PER_SECOND / 1e9)
            self._since_ns = t_ns
        self._left -= cost
        return self._left >= 0

    def earn(self, amount: float) -> None:
        self._left = min(FULL, self._left + amount)
